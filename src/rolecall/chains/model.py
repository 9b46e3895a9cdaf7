"""The chain: everything that is declared, frozen. YAML builds it; Python can build it too."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rolecall.chains.documents import Document, PolicyDocument
from rolecall.chains.principals import Group, OidcProvider, Provider, Role, User
from rolecall.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rolecall.chains.expectations import Expectation, HopExpectation
    from rolecall.chains.hops import Hop
    from rolecall.chains.organizations import Organization
    from rolecall.chains.resources import Resource
    from rolecall.chains.waivers import Suppression, Waiver

__all__ = ["Chain", "Levels"]

Levels = tuple[tuple[Document, ...], ...]
"""Policies of an organization, level by level from its root to the account."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything that one manifest declares. Names are keys of the mappings, in the manifest's order.

    ``accounts``: alias → account id. ``scps`` and ``rcps``: account alias → levels. ``file`` and
    ``folder`` are paths as they were given, None for a chain that was built in Python.
    """

    name: str
    accounts: Mapping[str, str] = field(hash=False)
    title: str = ""
    region: str = "us-east-1"
    controls: tuple[str, ...] = ()
    policies: Mapping[str, PolicyDocument] = field(default_factory=dict, hash=False)
    users: Mapping[str, User] = field(default_factory=dict, hash=False)
    groups: Mapping[str, Group] = field(default_factory=dict, hash=False)
    roles: Mapping[str, Role] = field(default_factory=dict, hash=False)
    providers: Mapping[str, Provider] = field(default_factory=dict, hash=False)
    hops: tuple[Hop, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    scps: Mapping[str, Levels] = field(default_factory=dict, hash=False)
    rcps: Mapping[str, Levels] = field(default_factory=dict, hash=False)
    resources: tuple[Resource, ...] = ()
    organization: Organization | None = None
    file: str | None = field(default=None, compare=False)
    folder: str | None = field(default=None, compare=False)

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``, from the region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def principal(self, name: str) -> User | Role | Provider:
        """The user, role or provider of that name. Raises InputError for a name that is not declared."""
        for group in (self.users, self.roles, self.providers):
            found = group.get(name)
            if found is not None:
                return found
        raise InputError(
            f'no user, role or provider "{name}" is declared in chain {self.name}', file=self.file
        )

    def account_of(self, name: str) -> str:
        """The account id of a user, role, provider, group or policy."""
        return self.accounts[self._element(name).account]

    def arn_of(self, name: str) -> str:
        """The ARN of a user, role, provider, group or policy by its name; an ARN answers itself.

        A name that a policy or group shares with a user or role means the user or role: ask
        ``policy_arn`` for policies. Raises InputError for a name that is not declared.
        """
        if name.startswith("arn:"):
            return name
        element = self._element(name)
        head = f"arn:{self.partition}:iam::{self.accounts[element.account]}"
        if isinstance(element, OidcProvider):
            return f"{head}:oidc-provider/{element.host}"
        kinds = {User: "user", Role: "role", Group: "group", PolicyDocument: "policy"}
        kind = kinds.get(type(element))
        if kind is None:
            return f"{head}:saml-provider/{element.aws_name}"
        return f"{head}:{kind}{element.path}{element.aws_name}"

    def policy_arn(self, ref: str) -> str:
        """The ARN of an entry of ``policies`` or ``boundary``: a declared name, or already an ARN."""
        if ref.startswith("arn:"):
            return ref
        found = self.policies[ref]
        return f"arn:{self.partition}:iam::{self.accounts[found.account]}:policy{found.path}{found.aws_name}"

    def session_arn(self, hop: Hop) -> str:
        """The ARN of the session that a hop makes: the role's name without its path."""
        role = self.roles[hop.assume]
        head = f"arn:{self.partition}:sts::{self.accounts[role.account]}"
        return f"{head}:assumed-role/{role.aws_name}/{hop.session_name}"

    def caller_arn(self, hop: Hop) -> str:
        """The ARN of who makes a hop; the role's, where another hop leads to its session."""
        before = next((other for other in self.hops if other.name == hop.frm), None)
        return self.arn_of(before.assume if before is not None else hop.frm)

    def hops_into(self, name: str, frm: str | None = None) -> tuple[Hop, ...]:
        """The declared hops that end in a role, or the one hop of that name; all, or those from ``frm``."""
        return tuple(
            hop for hop in self.hops if name in (hop.assume, hop.name) and (frm is None or frm == hop.frm)
        )

    def role_of(self, name: str) -> Role:
        """The role of that name, or the role that the hop of that name assumes. Raises InputError."""
        if name in self.roles:
            return self.roles[name]
        for hop in self.hops:
            if hop.name == name:
                return self.roles[hop.assume]
        raise InputError(f'no role or hop "{name}" is declared in chain {self.name}', file=self.file)

    def path_to(self, name: str, frm: str | None = None) -> tuple[Hop, ...] | None:
        """The shortest way to a role or to the end of a named hop, from a user or provider or ``frm``.

        Hops in order; ``()`` for a user or provider itself, None where no hop leads there. Of two ways
        that are equally short, the one that is declared first.
        """
        if name in self.users or name in self.providers or name == frm:
            return ()
        waiting: deque[tuple[Hop, ...]] = deque((hop,) for hop in self.hops_into(name))
        seen: set[str] = {name}
        while waiting:
            way = waiting.popleft()
            start = way[0].frm
            if start == frm:
                return way
            if start in self.users or start in self.providers:
                if frm is None:
                    return way
            elif start not in seen:
                seen.add(start)
                waiting.extend((hop, *way) for hop in self.hops_into(start))
        return None

    def mutated(self, expectation: HopExpectation) -> Hop:
        """The hop that a HopExpectation is about, with its changes made."""
        hop = self.hops_into(expectation.role, expectation.frm)[0]
        return hop.changed(expectation.without, expectation.changes)

    def expectation(self, expectation_id: str) -> Expectation:
        """The expectation of that id. Raises InputError where there is none."""
        for found in self.expectations:
            if found.id == expectation_id:
                return found
        raise InputError(f'chain {self.name} has no expectation "{expectation_id}"', file=self.file)

    def documents(self) -> Iterator[Document]:
        """Every document that the chain refers to, in the manifest's order; one file may come twice."""
        for policy in self.policies.values():
            yield policy.document
        holders: tuple[User | Group | Role, ...] = (
            *self.users.values(),
            *self.groups.values(),
            *self.roles.values(),
        )
        for holder in holders:
            if isinstance(holder, Role):
                yield holder.trust
            yield from holder.inline.values()
        yield from (hop.session_policy for hop in self.hops if hop.session_policy is not None)
        for levels in (*self.scps.values(), *self.rcps.values()):
            for level in levels:
                yield from level
        yield from (item.policy for item in self.resources if item.policy is not None)

    def _element(self, name: str) -> User | Role | Provider | Group | PolicyDocument:
        for group in (self.users, self.roles, self.providers, self.groups, self.policies):
            found = group.get(name)
            if found is not None:
                return found
        raise InputError(f'nothing called "{name}" is declared in chain {self.name}', file=self.file)
