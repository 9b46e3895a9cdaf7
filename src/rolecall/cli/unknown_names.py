"""Names in a manifest that AWS is not known to have, and reasons of promises that the chain does not have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches

from rolecall.chains import Chain
from rolecall.chains.because_checks import impossible_reasons
from rolecall.chains.expectations import ActionExpectation, OnlyExpectation
from rolecall.chains.places import place_of
from rolecall.enforcement.managed_policies import aws_managed_document, aws_managed_paths
from rolecall.errors import InputError
from rolecall.iam.catalog import load_catalog

__all__ = ["unknown_names"]


def unknown_names(chain: Chain) -> Iterator[InputError]:
    """What the catalog, the shipped AWS managed policies and the chain's documents do not know."""
    for ref, owner in _managed_policies(chain):
        head, managed, path = ref.partition(":iam::aws:policy")
        name = path.rpartition("/")[2]
        if managed and not _is_known(name, path):
            paths = aws_managed_paths()
            near = get_close_matches(name, paths, n=1, cutoff=0.8)
            hint = f'did you mean "{head}{managed}{paths[near[0]]}"?' if near else None
            yield _told(chain, f'no AWS managed policy "{ref}" is known', hint, ref, owner)
    catalog = load_catalog()
    for expectation in chain.expectations:
        if not isinstance(expectation, ActionExpectation | OnlyExpectation):
            continue
        for pattern in expectation.actions:
            if not catalog.expand(pattern):
                near_action = catalog.nearest_action(pattern)
                hint = f'did you mean "{near_action}"?' if near_action else None
                said = f'expect ({expectation.id}): AWS is not known to have an action "{pattern}"'
                yield _told(chain, said, hint, pattern, expectation)
    yield from impossible_reasons(chain)


def _is_known(name: str, path: str) -> bool:
    entry = aws_managed_document(name)
    return entry is not None and json.loads(entry).get("Path", "/") + name == path


def _managed_policies(chain: Chain) -> Iterator[tuple[str, object]]:
    for user in chain.users.values():
        yield from ((ref, user) for ref in (*user.policies, user.boundary) if ref is not None)
    for role in chain.roles.values():
        yield from ((ref, role) for ref in (*role.policies, role.boundary) if ref is not None)
    for group in chain.groups.values():
        yield from ((ref, group) for ref in group.policies)
    for hop in chain.hops:
        yield from ((ref, hop) for ref in hop.session_policy_arns)


def _told(chain: Chain, message: str, hint: str | None, *places: object) -> InputError:
    place = place_of(*places)
    line, column = (place.line, place.column) if place else (None, None)
    return InputError(message, file=chain.file, line=line, column=column, hint=hint)
