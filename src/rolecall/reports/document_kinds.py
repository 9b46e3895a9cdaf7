"""Every policy document of a chain, with the kind that it is used as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.iam import Policy
    from rolecall.reports.evidence import DocumentKind

__all__ = ["document_kinds"]


def document_kinds(chain: Chain) -> Iterator[tuple[Policy, DocumentKind]]:
    """(document, kind) for each use; a document that is used twice comes twice."""
    boundaries = {user.boundary for user in chain.users.values()}
    boundaries |= {role.boundary for role in chain.roles.values()}
    for policy in chain.policies.values():
        yield policy.policy, "boundary" if policy.name in boundaries else "identity"
    for user in chain.users.values():
        for document in user.inline.values():
            yield document.policy, "identity"
    for group in chain.groups.values():
        for document in group.inline.values():
            yield document.policy, "identity"
    for role in chain.roles.values():
        yield role.trust.policy, "trust"
        for document in role.inline.values():
            yield document.policy, "identity"
    for hop in chain.hops:
        if hop.session_policy is not None:
            yield hop.session_policy.policy, "session"
    for levels in chain.scps.values():
        for level in levels:
            for document in level:
                yield document.policy, "scp"
    for levels in chain.rcps.values():
        for level in levels:
            for document in level:
                yield document.policy, "rcp"
    for resource in chain.resources:
        if resource.policy is not None:
            yield resource.policy.policy, "resource"
