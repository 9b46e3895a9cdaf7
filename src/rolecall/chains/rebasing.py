"""The same chain in other accounts, under a path and with other names; every mention follows.

Documents keep their layout: only strings that change are written anew, so lines stay where they are.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from rolecall.chains.arn_rewriting import Renaming, Rewriter
from rolecall.chains.documents import Document
from rolecall.chains.expectations import (
    ActionExpectation,
    AssumersExpectation,
    Expectation,
    HopExpectation,
    OnlyExpectation,
)
from rolecall.chains.principals import OidcProvider, Provider
from rolecall.chains.resource_renaming import ResourceRenaming
from rolecall.errors import InputError
from rolecall.iam.documents import parse_policy
from rolecall.iam.strict_json import JsonDocument

if TYPE_CHECKING:
    from rolecall.chains.model import Chain, Levels

__all__ = ["rebase"]

_LONGEST = {"user": 64, "role": 64, "group": 128, "policy": 128, "saml-provider": 128}
_PATH_LIMIT = 512
T = TypeVar("T")


def rebase(
    chain: Chain,
    accounts: Mapping[str, str] | None = None,
    path_prefix: str | None = None,
    name_prefix: str | None = None,
) -> Chain:
    """The chain as a target runs it.

    ``accounts``: declared account id, or alias, → the id to run in; others stay. ``path_prefix`` (``/…/``)
    goes before the path of users, roles, groups and policies, ``name_prefix`` before their names (and
    those of SAML providers and of seeded resources, instances excepted). A name that AWS would find too
    long is cut and gets a hash. The manifest's own names, expectations and hops stay as they are; ARNs
    and account ids in them follow. Without any change the chain itself comes back, its documents verbatim.

    Raises InputError where a wildcard cannot be made to mean the same.
    """
    given = accounts or {}
    new_ids = {alias: given.get(alias, given.get(old, old)) for alias, old in chain.accounts.items()}
    path, name = path_prefix or "/", name_prefix or ""
    if new_ids == dict(chain.accounts) and path == "/" and not name:
        return chain
    if not (path.startswith("/") and path.endswith("/")):
        raise InputError(f'"{path}" is not an IAM path', hint="it starts and ends with /")
    return _Rebase(chain, new_ids, path, name).chain()


class _Rebase:
    def __init__(self, old: Chain, new_ids: Mapping[str, str], path: str, name: str) -> None:
        self.old = old
        self.new_ids = new_ids
        self.path = path
        self.prefix = name
        self.merged = Counter(new_ids.values())
        renamings = []
        for kind, items in (
            ("user", old.users),
            ("role", old.roles),
            ("group", old.groups),
            ("policy", old.policies),
        ):
            for item in items.values():
                now = self.placed(kind, item)
                new = (now.path + now.aws_name)[1:]
                account = old.accounts[item.account]
                renamings.append(Renaming(kind, account, (item.path + item.aws_name)[1:], new))
                if kind == "user":
                    renamings.append(Renaming("mfa", account, (item.path + item.aws_name)[1:], new))
        for provider in old.providers.values():
            if not isinstance(provider, OidcProvider):
                new = self.renamed("saml-provider", provider.aws_name, provider.account)
                account = old.accounts[provider.account]
                renamings.append(Renaming("saml-provider", account, provider.aws_name, new))
        ids = {old.accounts[alias]: new for alias, new in new_ids.items()}
        self.rewriter = Rewriter(ids, tuple(renamings), path, name)
        self.documents: dict[int, Document] = {}
        users = {
            user.aws_name: self.renamed("user", user.aws_name, user.account) for user in old.users.values()
        }
        self.seeds = ResourceRenaming(old, name, _mentions(old), users)

    def text(self, value: str) -> str:
        """Any string of a document or a manifest."""
        return self.rewriter.text(self.seeds.text(value))

    def chain(self) -> Chain:
        old, text = self.old, self.text
        return replace(
            old,
            accounts=dict(self.new_ids),
            policies={
                key: replace(self.placed("policy", item), document=self.document(item.document))
                for key, item in old.policies.items()
            },
            users={
                key: replace(
                    self.placed("user", item),
                    policies=tuple(map(text, item.policies)),
                    inline=self.each(item.inline),
                    boundary=text(item.boundary) if item.boundary else None,
                )
                for key, item in old.users.items()
            },
            groups={
                key: replace(
                    self.placed("group", item),
                    policies=tuple(map(text, item.policies)),
                    inline=self.each(item.inline),
                )
                for key, item in old.groups.items()
            },
            roles={
                key: replace(
                    self.placed("role", item),
                    trust=self.document(item.trust),
                    policies=tuple(map(text, item.policies)),
                    inline=self.each(item.inline),
                    boundary=text(item.boundary) if item.boundary else None,
                )
                for key, item in old.roles.items()
            },
            providers={key: self.provider(item) for key, item in old.providers.items()},
            hops=tuple(
                replace(
                    hop,
                    # What conditions compare with ${aws:username} follows the user's new name.
                    session_name=self.same_user(hop.session_name),
                    source_identity=self.same_user(hop.source_identity) if hop.source_identity else None,
                    session_policy=self.document(hop.session_policy) if hop.session_policy else None,
                    session_policy_arns=tuple(map(text, hop.session_policy_arns)),
                )
                for hop in old.hops
            ),
            expectations=tuple(map(self.expectation, old.expectations)),
            scps={key: self.levels(levels) for key, levels in old.scps.items()},
            rcps={key: self.levels(levels) for key, levels in old.rcps.items()},
            resources=tuple(
                replace(self.seeds.resource(item), policy=self.document(item.policy) if item.policy else None)
                for item in old.resources
            ),
        )

    def same_user(self, value: str) -> str:
        """A declared user's name as it is now; any other text as it stands."""
        for user in self.old.users.values():
            if value == user.aws_name:
                return self.renamed("user", user.aws_name, user.account)
        return value

    def renamed(self, kind: str, name: str, account: str) -> str:
        """The new IAM name; with the account's alias where two accounts become one."""
        alias = f"{account}-" if self.merged[self.new_ids[account]] > 1 else ""
        longest = _LONGEST[kind]
        whole = f"{self.prefix}{alias}{name}"
        if len(whole) <= longest:
            return whole
        room = longest - len(self.prefix) - 9
        if room < 1:
            raise InputError(
                f'the name prefix "{self.prefix}" leaves no room for names',
                hint=f"IAM allows {longest} characters",
            )
        digest = hashlib.sha256(f"{alias}{name}".encode()).hexdigest()[:8]
        return f"{self.prefix}{(alias + name)[:room]}-{digest}"

    def placed(self, kind: str, item: T) -> T:
        """A user, role, group or policy with its new name and path."""
        known: Any = item
        path = self.path.rstrip("/") + known.path
        if len(path) > _PATH_LIMIT:
            raise InputError(f'the path of "{known.name}" would have {len(path)} characters; IAM allows 512')
        placed: T = replace(known, path=path, aws_name=self.renamed(kind, known.aws_name, known.account))
        return placed

    def provider(self, provider: Provider) -> Provider:
        if isinstance(provider, OidcProvider):
            return provider
        return replace(provider, aws_name=self.renamed("saml-provider", provider.aws_name, provider.account))

    def document(self, document: Document) -> Document:
        """The document with every mention changed; the same document gives the same result."""
        key = id(document.policy)
        if key not in self.documents:
            policy = document.policy
            text = self.json_text(document.text)
            if text == document.text:
                self.documents[key] = document
            else:
                rebased = parse_policy(text, name=policy.name, file=policy.file)
                self.documents[key] = replace(document, policy=rebased)
        return replace(self.documents[key], path=document.path, place=document.place)

    def json_text(self, text: str) -> str:
        """JSON text with its string values rewritten, everything else as it stands."""
        decoder = json.JSONDecoder()
        starts = [0]
        for line in text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        edits: list[tuple[int, int, str]] = []
        for path, place in JsonDocument(None, text).places().items():
            at = starts[place.line - 1] + place.column - 1
            if text[at] != '"':
                continue
            value, end = decoder.raw_decode(text, at)
            keys = [part.lower() for part in path if isinstance(part, str)]
            by_name = len(keys) > 1 and "condition" in keys and keys[-1] == "aws:username"
            new = self.rewriter.user_name(value) if by_name else self.text(value)
            if new != value:
                edits.append((at, end, json.dumps(new, ensure_ascii=False)))
        for at, end, new in sorted(edits, reverse=True):
            text = text[:at] + new + text[end:]
        return text

    def each(self, documents: Mapping[str, Document]) -> dict[str, Document]:
        return {name: self.document(item) for name, item in documents.items()}

    def levels(self, levels: Levels) -> Levels:
        return tuple(tuple(map(self.document, level)) for level in levels)

    def data(self, value: Any) -> Any:
        """Any data of the manifest, its strings rewritten."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.data(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.data(item) for item in value)
        return self.document(value) if isinstance(value, Document) else value

    def expectation(self, expectation: Expectation) -> Expectation:
        text = self.text
        match expectation:
            case ActionExpectation():
                return replace(
                    expectation,
                    on=tuple(map(text, expectation.on)),
                    when=self.data(expectation.when),
                    parameters=self.data(self.seeds.data(expectation.parameters)),
                )
            case OnlyExpectation():
                return replace(expectation, when=self.data(expectation.when))
            case AssumersExpectation():
                return replace(expectation, exactly=tuple(map(text, expectation.exactly)))
            case HopExpectation():
                changes = {
                    key: self.same_user(value)
                    if key in ("session_name", "source_identity") and isinstance(value, str)
                    else self.data(value)
                    for key, value in expectation.changes.items()
                }
                return replace(expectation, changes=changes)
        return expectation


def _mentions(chain: Chain) -> Iterator[str]:
    """Every string of the documents and expectations."""
    for document in {id(one.policy): one for one in chain.documents()}.values():
        yield from _strings(document.policy.to_json())
    for expectation in chain.expectations:
        for name in ("on", "when", "parameters", "changes"):
            yield from _strings(getattr(expectation, name, ()))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)
