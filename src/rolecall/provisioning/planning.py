"""From a chain to the API calls that make it real, in an order in which each can succeed. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rolecall.chains import Chain, Group, OidcProvider, Role, User
from rolecall.provisioning.seeds import plan_resource
from rolecall.provisioning.steps import Answer, MfaCode, Step, Thing
from rolecall.provisioning.trust_order import roles_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rolecall.chains import PolicyDocument, Provider

__all__ = ["MOTO_IMAGE", "Marks", "plan"]

MOTO_IMAGE = "ami-0abcdef1234567890"


@dataclass(frozen=True, slots=True)
class Marks:
    """What everything of one run carries: a path (put there by ``rebase``) and tags."""

    path: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)


def plan(
    chain: Chain, *, marks: Marks | None = None, boundary_arn: str | None = None, image_id: str = MOTO_IMAGE
) -> tuple[Step, ...]:
    """Every call for the whole chain: providers, policies, groups, users, roles, then what is seeded.

    ``marks`` go onto everything that can bear them. ``boundary_arn`` becomes the permissions boundary of
    users and roles that declare none. ``image_id`` is for EC2 instances. SCPs and RCPs are no API calls
    of an account: no step is made for them. Documents are sent verbatim.
    """
    return tuple(_Plan(chain, marks or Marks(), boundary_arn, image_id).steps())


class _Plan:
    def __init__(self, chain: Chain, marks: Marks, boundary_arn: str | None, image_id: str) -> None:
        self.chain = chain
        self.marks = marks
        self.boundary_arn = boundary_arn
        self.image_id = image_id

    def steps(self) -> Iterator[Step]:
        chain = self.chain
        for provider in chain.providers.values():
            yield self.provider(provider)
        for policy in chain.policies.values():
            yield self.policy(policy)
        for group in chain.groups.values():
            yield from self.group(group)
        for user in chain.users.values():
            yield from self.user(user)
        roles, late = roles_in_order(chain)
        for role in roles:
            yield from self.role(role, placeholder=role.name in late)
        for role in roles:
            if role.name in late:
                params = {"RoleName": role.aws_name, "PolicyDocument": role.trust.text}
                yield self.iam("update-assume-role-policy", role, "UpdateAssumeRolePolicy", params)
        for resource in chain.resources:
            account = chain.accounts[resource.account]
            yield from plan_resource(resource, chain, account, self.marks.tags, self.image_id)

    def iam(
        self,
        verb: str,
        about: User | Group | Role | Provider | PolicyDocument,
        operation: str,
        params: Mapping[str, Any],
        *,
        detail: str = "",
        creates: Thing | None = None,
        secret: tuple[str, ...] = (),
    ) -> Step:
        step_id = f"{verb} {about.name}" + (f" {detail}" if detail else "")
        account = self.chain.accounts[about.account]
        region = self.chain.region
        return Step(step_id, account, "iam", operation, params, about.name, region, creates, secret)

    def thing(self, kind: str, about: Any, *, path: bool = True, tags: bool = True, **identity: str) -> Thing:
        account = self.chain.accounts[about.account]
        own_path = self.marks.path if path else ""
        return Thing(kind, account, self.chain.region, identity, own_path, self.marks.tags if tags else {})

    def tags(self, own: Mapping[str, str]) -> dict[str, Any]:
        every = {**own, **self.marks.tags}
        return {"Tags": [{"Key": str(k), "Value": str(v)} for k, v in every.items()]} if every else {}

    def provider(self, provider: Provider) -> Step:
        arn = self.chain.arn_of(provider.name)
        if isinstance(provider, OidcProvider):
            params: dict[str, Any] = {"Url": provider.url}
            if provider.client_ids:
                params["ClientIDList"] = list(provider.client_ids)
            if provider.thumbprints:
                params["ThumbprintList"] = list(provider.thumbprints)
            creates = self.thing("oidc_provider", provider, path=False, OpenIDConnectProviderArn=arn)
            operation, verb = "CreateOpenIDConnectProvider", "create-open-id-connect-provider"
        else:
            params = {"Name": provider.aws_name, "SAMLMetadataDocument": provider.metadata}
            creates = self.thing("saml_provider", provider, path=False, SAMLProviderArn=arn)
            operation, verb = "CreateSAMLProvider", "create-saml-provider"
        return self.iam(verb, provider, operation, {**params, **self.tags(provider.tags)}, creates=creates)

    def policy(self, policy: PolicyDocument) -> Step:
        params = {"PolicyName": policy.aws_name, **_path(policy.path), "PolicyDocument": policy.text}
        if policy.description:
            params["Description"] = policy.description
        creates = self.thing("policy", policy, PolicyArn=self.chain.policy_arn(policy.name))
        params.update(self.tags(policy.tags))
        return self.iam("create-policy", policy, "CreatePolicy", params, creates=creates)

    def group(self, group: Group) -> Iterator[Step]:
        creates = self.thing("group", group, tags=False, GroupName=group.aws_name)
        params = {"GroupName": group.aws_name, **_path(group.path)}
        yield self.iam("create-group", group, "CreateGroup", params, creates=creates)
        yield from self.attachments(group, "Group")

    def user(self, user: User) -> Iterator[Step]:
        name = {"UserName": user.aws_name}
        params = {**name, **_path(user.path), **self.boundary(user.boundary), **self.tags(user.tags)}
        creates = self.thing("user", user, UserName=user.aws_name)
        yield self.iam("create-user", user, "CreateUser", params, creates=creates)
        if user.access_key:
            yield self.iam("create-access-key", user, "CreateAccessKey", name)
        yield from self.attachments(user, "User")
        for group in user.groups:
            params = {"GroupName": self.chain.groups[group].aws_name, **name}
            yield self.iam("add-user-to-group", user, "AddUserToGroup", params, detail=group)
        if user.mfa:
            yield from self.mfa(user)

    def mfa(self, user: User) -> Iterator[Step]:
        account = self.chain.accounts[user.account]
        serial = f"arn:{self.chain.partition}:iam::{account}:mfa{user.path}{user.aws_name}"
        params = {"VirtualMFADeviceName": user.aws_name, **_path(user.path), **self.tags({})}
        creates = self.thing("mfa_device", user, SerialNumber=serial)
        create = self.iam(
            "create-virtual-mfa-device", user, "CreateVirtualMFADevice", params, creates=creates
        )
        yield create
        enable = {
            "UserName": user.aws_name,
            "SerialNumber": Answer(create.id, ("VirtualMFADevice", "SerialNumber")),
            "AuthenticationCode1": MfaCode(user.name, -1),
            "AuthenticationCode2": MfaCode(user.name, 0),
        }
        hidden = ("AuthenticationCode1", "AuthenticationCode2")
        yield self.iam("enable-mfa-device", user, "EnableMFADevice", enable, secret=hidden)

    def role(self, role: Role, *, placeholder: bool) -> Iterator[Step]:
        params: dict[str, Any] = {
            "RoleName": role.aws_name,
            **_path(role.path),
            "AssumeRolePolicyDocument": _trusting_nobody() if placeholder else role.trust.text,
            **self.boundary(role.boundary),
            **self.tags(role.tags),
        }
        if role.max_session_duration != 3600:
            params["MaxSessionDuration"] = role.max_session_duration
        if role.description:
            params["Description"] = role.description
        creates = self.thing("role", role, RoleName=role.aws_name)
        yield self.iam("create-role", role, "CreateRole", params, creates=creates)
        yield from self.attachments(role, "Role")

    def attachments(self, holder: User | Group | Role, kind: str) -> Iterator[Step]:
        name = {f"{kind}Name": holder.aws_name}
        for ref in holder.policies:
            params = {**name, "PolicyArn": self.chain.policy_arn(ref)}
            yield self.iam(f"attach-{kind.lower()}-policy", holder, f"Attach{kind}Policy", params, detail=ref)
        for inline, document in holder.inline.items():
            params = {**name, "PolicyName": str(inline), "PolicyDocument": document.text}
            yield self.iam(f"put-{kind.lower()}-policy", holder, f"Put{kind}Policy", params, detail=inline)

    def boundary(self, ref: str | None) -> dict[str, str]:
        arn = self.chain.policy_arn(ref) if ref is not None else self.boundary_arn
        return {"PermissionsBoundary": arn} if arn else {}


def _path(path: str) -> dict[str, str]:
    return {"Path": path} if path != "/" else {}


def _trusting_nobody() -> str:
    """Nobody of the chain, and without a word that a denial could name: the role's own trust comes later."""
    statement = {"Effect": "Deny", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
