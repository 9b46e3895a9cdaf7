"""The chain as the engine sees it: callers, their ways in, and decisions on what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rolecall.chains import OidcProvider, named_arn, real_arn, resource_of
from rolecall.iam import Decision, Policies, Policy, Request, evaluate, read_principal
from rolecall.iam.request_context import CallFacts, call_context, principal_context
from rolecall.iam.role_call_context import RoleCall, role_call_requests
from rolecall.iam.switches import Switches
from rolecall.iam.wildcards import has_wildcard
from rolecall.verdicts.assumed_policies import left_to_account
from rolecall.verdicts.callers import (
    ChainCaller,
    ManagedPolicies,
    organization_path,
    provider_caller,
    session_caller,
    stranger_caller,
    user_caller,
)

if TYPE_CHECKING:
    from rolecall.chains import Chain, Hop, Resource, Role
    from rolecall.iam.requests import ContextValue

__all__ = ["HopDecision", "World"]

_GLOBAL_SERVICES = frozenset({"iam", "organizations", "cloudfront", "route53"})
_CHAINED_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class HopDecision:
    """What the engine says of a hop: a decision for each action that it needs, or why STS refuses it.

    ``refusal`` is set for calls that STS turns down before or beside any policy (a duration beyond
    the limit): the error code and a sentence.
    """

    hop: Hop
    decisions: tuple[Decision, ...]
    refusal: tuple[str, str] | None = None

    @property
    def allowed(self) -> bool:
        """Whether the hop works."""
        return self.refusal is None and all(decision.allowed for decision in self.decisions)

    @property
    def deciding(self) -> Decision:
        """The first decision that stands in the way, else the first of all."""
        return next((d for d in self.decisions if not d.allowed), self.decisions[0])


@dataclass(frozen=True, slots=True)
class World:
    """A chain, the AWS managed policies that it names, a moment, and how to read what is contested."""

    chain: Chain
    managed: ManagedPolicies
    now: datetime
    switches: Switches = field(default_factory=Switches)
    source_ip: str | None = None
    """The address that the target sees its callers at, where that is known."""

    def caller(self, name: str, frm: str | None = None) -> ChainCaller:
        """A user, or the session of a role reached over its declared hops, or a provider's identity."""
        chain = self.chain
        if name.startswith("arn:"):
            return stranger_caller(name, read_principal(name))
        if name in chain.users:
            return user_caller(chain, chain.users[name], self.managed)
        way = chain.path_to(name, frm)
        if not way:
            hop = next(hop for hop in chain.hops if hop.frm == name)
            return provider_caller(chain, hop)
        return self.callers_along(way)[-1]

    def callers_along(self, way: tuple[Hop, ...]) -> tuple[ChainCaller, ...]:
        """Who calls after no hop, after one, … after all of them."""
        chain = self.chain
        start = way[0].frm
        if start in chain.users:
            callers = [user_caller(chain, chain.users[start], self.managed)]
        elif start in chain.roles:
            callers = [self.caller(start)]
        else:
            callers = [provider_caller(chain, way[0])]
        for hop in way:
            callers.append(session_caller(chain, hop, callers[-1], self.managed, self.now))
        return tuple(callers)

    def ask(
        self,
        caller: ChainCaller,
        action: str,
        resource: str = "*",
        when: Mapping[str, ContextValue] | None = None,
        *,
        resource_policy: Policy | None = None,
        resource_account: str | None = None,
    ) -> Decision:
        """Decide an action of a caller. ``when`` adds to the context that AWS itself provides."""
        seeded = resource_of(self.chain, resource)
        owner = resource_account or _account_in(resource) or self._owner(seeded) or caller.account
        context = principal_context(caller.facts, self.now)
        context.update(call_context(self._call_facts(action, owner, resource)))
        if seeded is not None:
            context.update(_resource_tags(seeded))
        context.update(when or {})
        held = caller.policies
        policies = Policies(
            identity=held.identity,
            resource=resource_policy or self._resource_policy(resource, seeded),
            boundary=held.boundary,
            session=held.session,
            scps=held.scps,
            rcps=self._rcps(owner),
        )
        met = real_arn(self.chain, action, resource)
        return evaluate(Request(caller.principal, action, met, owner, context), policies, self.switches)

    def declares(self, resource: str) -> bool:
        """Whether an ARN is that of a seeded resource, whose tags are known."""
        return resource_of(self.chain, named_arn(resource)) is not None

    def hop(self, hop: Hop, caller: ChainCaller) -> HopDecision:
        """Decide a hop of a caller."""
        role = self.chain.roles[hop.assume]
        arn = self.chain.arn_of(role.name)
        decisions = tuple(
            self.ask(caller, action, arn, context, resource_policy=role.trust.policy)
            for action, context in role_call_requests(self._call(hop, role, caller))
        )
        return HopDecision(hop, decisions, self._refusal(hop, role, caller))

    def _call(self, hop: Hop, role: Role, caller: ChainCaller) -> RoleCall:
        provider = self.chain.providers.get(hop.frm)
        if provider is None:
            return RoleCall(
                hop.session_name,
                hop.external_id,
                hop.tags,
                caller.transitive_tags,
                hop.transitive_tags,
                caller.facts.source_identity or hop.source_identity,
                hop.mfa and caller.has_mfa_device,
                role.tags,
                hop.source_identity is not None,
            )
        prefix, action = "saml", "sts:AssumeRoleWithSAML"
        if isinstance(provider, OidcProvider):
            prefix, action = provider.host, "sts:AssumeRoleWithWebIdentity"
        claims: dict[str, ContextValue] = {f"{prefix}:{name}": value for name, value in hop.claims.items()}
        return RoleCall(
            hop.session_name,
            role_tags=role.tags,
            action=action,
            claims={**claims, "aws:FederatedProvider": self.chain.arn_of(hop.frm)},
        )

    def _refusal(self, hop: Hop, role: Role, caller: ChainCaller) -> tuple[str, str] | None:
        """Why STS turns the call down before it asks any policy ("AssumeRole", STS API Reference)."""
        inherited = {key.lower() for key in caller.transitive_tags}
        for key in hop.tags:
            if key.lower() in inherited:
                return "InvalidParameterValue", f"the tag {key} is inherited from the calling session"
        held = caller.facts.source_identity
        if held is not None and hop.source_identity not in (None, held):
            return "ValidationError", f"the session's source identity is {held} and cannot be changed"
        if hop.duration is None:
            return None
        if caller.name in self.chain.roles and hop.duration > _CHAINED_SECONDS:
            return "ValidationError", "role chaining is limited to one hour"
        if hop.duration > role.max_session_duration:
            return "ValidationError", f"the role's maximum session duration is {role.max_session_duration} s"
        return None

    def _region(self, action: str, resource: str) -> str:
        """Where the call goes: to the resource's region, the service's only one, or the chain's."""
        fields = resource.split(":", 5)
        if len(fields) == 6 and fields[3] and not has_wildcard(fields[3]):
            return fields[3]
        return "us-east-1" if action.partition(":")[0].lower() in _GLOBAL_SERVICES else self.chain.region

    def _call_facts(self, action: str, owner: str, resource: str) -> CallFacts:
        organization = self.chain.organization
        path = organization_path(self.chain, owner)
        return CallFacts(
            self.now,
            self._region(action, resource),
            source_ip=self.source_ip,
            resource_account=owner,
            resource_organization_id=organization.id if organization and path else None,
            resource_organization_path=path,
        )

    def _resource_policy(self, resource: str, seeded: Resource | None) -> Policy | None:
        if seeded is not None:
            if seeded.policy is None and seeded.kind == "kms_key":
                return left_to_account(self.chain.accounts[seeded.account], "default key policy")
            return seeded.policy.policy if seeded.policy is not None else None
        if ":role/" in resource:
            for role in self.chain.roles.values():
                if self.chain.arn_of(role.name) == resource:
                    return role.trust.policy
        return None

    def _owner(self, seeded: Resource | None) -> str | None:
        return self.chain.accounts[seeded.account] if seeded is not None else None

    def _rcps(self, account: str) -> tuple[tuple[Policy, ...], ...]:
        for alias, levels in self.chain.rcps.items():
            if self.chain.accounts[alias] == account:
                return tuple(tuple(document.policy for document in level) for level in levels)
        return ()


def _resource_tags(resource: Resource) -> dict[str, ContextValue]:
    tags = dict(resource.tags)
    if resource.kind == "ec2_instance" and not resource.name.startswith("ec2_instance-"):
        tags["Name"] = resource.name
    service = {"ec2_instance": "ec2", "ssm_parameter": "ssm", "secret": "secretsmanager"}.get(resource.kind)
    context: dict[str, ContextValue] = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    if service is not None:
        word = "resourceTag" if service == "ssm" else "ResourceTag"
        context.update({f"{service}:{word}/{key}": value for key, value in tags.items()})
    return context


def _account_in(arn: str) -> str | None:
    fields = arn.split(":", 5)
    return fields[4] if len(fields) == 6 and fields[4].isdigit() else None
