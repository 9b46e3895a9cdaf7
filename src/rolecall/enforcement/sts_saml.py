"""AssumeRoleWithSAML: a role for whoever holds an assertion of a provider that the role trusts.

Sources: STS API Reference, AssumeRoleWithSAML; IAM User Guide, "Configure SAML assertions for the
authentication response" and "IAM and AWS STS condition context keys".
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rolecall.enforcement.calls import ApiCall, ApiError
from rolecall.enforcement.sessions import SessionKind
from rolecall.enforcement.strict_iam.accounts import is_known_account
from rolecall.enforcement.sts_assume_role import check_duration
from rolecall.enforcement.sts_authorization import provider_caller, require_on_role
from rolecall.enforcement.sts_credentials import (
    assumed_role_user,
    credentials,
    issue,
    role_session_principal,
    token_size,
)
from rolecall.enforcement.sts_federated_claims import tags_from_attributes
from rolecall.enforcement.sts_roles import named_role
from rolecall.enforcement.sts_saml_assertion import Assertion, invalid, metadata_of, read_assertion
from rolecall.enforcement.sts_session_policies import (
    packed_size,
    read_session_policies,
    resolve_session_policies,
)
from rolecall.iam.role_call_context import RoleCall, role_call_requests

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["assume_role_with_saml"]

_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
_EDUPERSON = "urn:oid:1.3.6.1.4.1.5923.1.1.1."
_EDUPERSON_KEYS = (
    "affiliation", "nickname", "orgdn", "orgunitdn", "primaryaffiliation", "principalname", "entitlement",
    "primaryorgunitdn", "scopedaffiliation", "targetedid", "assurance",
)  # fmt: skip


def assume_role_with_saml(call: ApiCall, environment: Environment) -> dict[str, Any]:
    """The answer to AssumeRoleWithSAML, or the ApiError that AWS would answer."""
    params = call.params
    role = named_role(environment, params["RoleArn"])
    provider_arn: str = params["PrincipalArn"]
    policies = read_session_policies(params)
    assertion = _assertion(environment, provider_arn, params["SAMLAssertion"])
    _check_times(assertion, environment.clock())
    name = _one(assertion, "RoleSessionName")
    if name is None:
        raise invalid("RoleSessionName is required in AuthnResponse")
    pairs = [set(value.split(",")) for value in assertion.attributes.get(f"{_ATTRIBUTES}Role", ())]
    caller = provider_caller(provider_arn, role.account, role.partition)
    if {role.arn, provider_arn} not in pairs:
        raise ApiError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", 403)
    tags = tags_from_attributes(assertion.attributes)
    source_identity = _one(assertion, "SourceIdentity")

    saml = _saml_context(assertion, provider_arn)
    asked = RoleCall(
        name,
        tags=tags.passed,
        transitive_keys=tags.transitive_keys,
        source_identity=source_identity,
        role_tags=role.tags,
        action="sts:AssumeRoleWithSAML",
        claims={**saml, "aws:FederatedProvider": provider_arn},
    )
    for action, context in role_call_requests(asked):
        require_on_role(call, environment, caller, action, role, context)
    seconds = check_duration(_seconds(assertion, params.get("DurationSeconds")), role, None)

    size = packed_size(policies, tags.all)
    session = issue(
        environment,
        SessionKind.SAML,
        role_session_principal(role, name),
        seconds,
        smallest_token=params.get("MinimumSessionTokenSize"),
        role_arn=role.arn,
        role_id=role.id,
        tags=tags.all,
        transitive_tag_keys=tags.all_transitive_keys,
        source_identity=source_identity,
        session_policies=resolve_session_policies(environment, role.account, policies),
        federated_provider=provider_arn,
        federated_context={key: saml[key] for key in ("saml:sub", "saml:sub_type", "saml:namequalifier")},
    )
    answer: dict[str, Any] = {
        "Credentials": credentials(session),
        "AssumedRoleUser": assumed_role_user(session),
        **token_size(session),
        "Subject": assertion.subject,
        "SubjectType": saml["saml:sub_type"],
        "Issuer": assertion.issuer,
        "Audience": assertion.recipient,
        "NameQualifier": saml["saml:namequalifier"],
    }
    if size is not None:
        answer["PackedPolicySize"] = size
    if source_identity is not None:
        answer["SourceIdentity"] = source_identity
    return answer


def _assertion(environment: Environment, provider_arn: str, encoded: str) -> Assertion:
    account = (provider_arn.split(":") + [""] * 5)[4]
    known = is_known_account(environment, account)
    providers = environment.iam(account).saml_providers.values() if known else ()
    provider = next((one for one in providers if one.arn == provider_arn), None)
    if provider is None:
        raise invalid("Specified provider doesn't exist")
    entity_id, certificates = metadata_of(provider.saml_metadata_document or "")
    assertion = read_assertion(encoded, certificates)
    if assertion.issuer != entity_id:
        raise invalid("Issuer not present in specified provider")
    if not assertion.recipient.startswith("https://") or not assertion.recipient.endswith(
        "signin.aws.amazon.com/saml"
    ):
        raise invalid("Invalid recipient in SAML response")
    return assertion


def _check_times(assertion: Assertion, now: datetime) -> None:
    ends = [_moment(text) for text in assertion.not_on_or_after]
    if not ends or now >= min(ends):
        raise ApiError("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance", 400)
    if assertion.not_before is not None and now < _moment(assertion.not_before):
        raise invalid("SAML assertion is not valid yet")


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("Invalid time in SAML response") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _one(assertion: Assertion, name: str) -> str | None:
    values = assertion.attributes.get(f"{_ATTRIBUTES}{name}", ())
    return values[0] if values else None


def _seconds(assertion: Assertion, asked: int | None) -> int | None:
    """The shorter one of what the call and the assertion ask for."""
    said = _one(assertion, "SessionDuration")
    if said is None:
        return asked
    if not said.isdigit() or not 900 <= int(said) <= 43200:
        raise invalid("SessionDuration must be an integer between 900 and 43200")
    return int(said) if asked is None else min(int(said), asked)


def _saml_context(assertion: Assertion, provider_arn: str) -> dict[str, str | tuple[str, ...]]:
    name = provider_arn.rpartition("/")[2]
    owner = provider_arn.split(":")[4]
    kind = assertion.subject_format.rpartition(":")[2]
    qualifier = hashlib.sha1(f"{assertion.issuer}{owner}/{name}".encode(), usedforsecurity=False).digest()
    found: dict[str, str | tuple[str, ...]] = {
        "saml:iss": assertion.issuer,
        "saml:sub": assertion.subject,
        "saml:sub_type": kind if kind in ("persistent", "transient") else assertion.subject_format,
        "saml:namequalifier": base64.b64encode(qualifier).decode(),
        "saml:doc": f"{owner}/{name}",
        "saml:aud": assertion.recipient,
    }
    for number, key in enumerate(_EDUPERSON_KEYS, 1):
        values = assertion.attributes.get(f"{_EDUPERSON}{number}")
        if values:
            found[f"saml:eduperson{key}"] = tuple(values)
    return found
