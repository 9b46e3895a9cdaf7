"""Sessions of users and web identities, and messages that only the permitted can decode."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.enforcement.scenarios.world import Refused, Scenario, World, allow, deny, policy

__all__ = ["SCENARIOS"]

SESSION = "STS API GetSessionToken"
FEDERATION = "STS API GetFederationToken"
WEB = "STS API AssumeRoleWithWebIdentity"
DECODE = "STS API DecodeAuthorizationMessage"
COMPARED = "UserGuide id_credentials_sts-comparison"
ISSUER = "ci.example.com"
SUBJECT = "repo:octo-org/octo-repo:ref:refs/heads/main"


def session_token_despite_deny(world: World) -> None:
    made = world.user(deny("*")).client("sts").get_session_token()["Credentials"]
    world.of_answer(made).client("sts").get_caller_identity()


def _session_token(world: World, *statements: dict[str, Any]) -> Any:
    return world.of_answer(world.user(*statements).client("sts").get_session_token()["Credentials"])


def session_token_has_the_users_rights(world: World) -> None:
    _session_token(world, allow("ec2:DescribeInstances")).client("ec2").describe_instances()


def session_token_has_no_more(world: World) -> None:
    _session_token(world, allow("s3:*")).client("ec2").describe_instances()


def session_token_at_iam(world: World) -> None:
    _session_token(world, allow("*")).client("iam").list_users()


def session_token_again(world: World) -> None:
    _session_token(world, allow("*")).client("sts").get_session_token()


def _federated(world: World, *statements: dict[str, Any], by: dict[str, Any] | None = None) -> Any:
    extra = {"Policy": policy(*statements)} if statements else {}
    made = world.user(by or allow("*")).client("sts").get_federation_token(Name="bob", **extra)
    return world.of_answer(made["Credentials"])


def federation_needs_permission(world: World) -> None:
    _federated(world, by=allow("s3:*"))


def federated_shares(world: World) -> None:
    _federated(world, allow("ec2:Describe*")).client("ec2").describe_instances()


def federated_without_policy(world: World) -> None:
    _federated(world).client("ec2").describe_instances()


def federated_beyond_the_user(world: World) -> None:
    by = allow("sts:GetFederationToken")
    _federated(world, allow("ec2:*"), by=by).client("ec2").describe_instances()


def federated_at_iam(world: World) -> None:
    _federated(world, allow("*")).client("iam").list_users()


def role_session_wants_federation(world: World) -> None:
    world.session(role_policy=(allow("*"),)).client("sts").get_federation_token(Name="bob")


@cache
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})


def _web_identity(*, lasts: int = 300, **claims: Any) -> Callable[[World], None]:
    """A session of a role that trusts one branch, opened with a token of these claims, and used."""

    def call(world: World) -> None:
        iam, provider = world.admin("iam"), f"arn:aws:iam::{world.account}:oidc-provider/{ISSUER}"
        if ISSUER not in world.aws.environment.issuers:
            world.aws.environment.issuers[ISSUER] = KeySet([_key()]).as_dict(private=False)
            # An earlier world of this account may have left it.
            with suppress(iam.exceptions.EntityAlreadyExistsException):
                iam.create_open_id_connect_provider(
                    Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=[]
                )
        name, now = world.name("role"), int(world.aws.environment.clock().timestamp())
        trust = {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": provider},
            "Condition": {"StringEquals": {f"{ISSUER}:sub": SUBJECT, f"{ISSUER}:aud": "sts.amazonaws.com"}},
        }
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(allow("ec2:Describe*")))
        whole = {
            "iss": f"https://{ISSUER}",
            "aud": "sts.amazonaws.com",
            "sub": SUBJECT,
            "iat": now,
            "exp": now + lasts,
            **claims,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, whole, _key())
        made = world.credential(None, None).client("sts").assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="ci", WebIdentityToken=token
        )["Credentials"]  # fmt: skip
        world.of_answer(made).client("ec2").describe_instances()

    return call


def _encoded(world: World) -> str:
    try:
        world.user().client("ec2").describe_instances()
    except ClientError as error:
        return str(error.response["Error"]["Message"]).rpartition("message: ")[2]
    raise AssertionError("the call was not refused")


def message_is_decoded(world: World) -> None:
    sts = world.user(allow("sts:DecodeAuthorizationMessage")).client("sts")
    answer = sts.decode_authorization_message(EncodedMessage=_encoded(world))
    decoded = json.loads(answer["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, False)
    assert decoded["context"]["action"] == "ec2:DescribeInstances"


def decoding_is_not_permitted(world: World) -> None:
    world.user().client("sts").decode_authorization_message(EncodedMessage=_encoded(world))


def altered_message(world: World) -> None:
    sts = world.user(allow("sts:*")).client("sts")
    sts.decode_authorization_message(EncodedMessage=_encoded(world)[:-4] + "AAAA")


NOT_EC2 = Refused("UnauthorizedOperation", 403, ("Encoded authorization failure message",))
NOT_AT_IAM = Refused("InvalidClientTokenId", 403)
NOT_TRUSTED = Refused("AccessDenied", 403, ("Not authorized to perform sts:AssumeRoleWithWebIdentity",))
BY_SESSION = Refused("AccessDenied", 403, ("with session credentials",))

SCENARIOS = [
    Scenario("session-token-despite-deny", session_token_despite_deny, None, SESSION),
    Scenario("session-token-has-the-users-rights", session_token_has_the_users_rights, None, SESSION),
    Scenario("session-token-has-no-more", session_token_has_no_more, NOT_EC2, SESSION),
    Scenario("session-token-at-iam", session_token_at_iam, NOT_AT_IAM, COMPARED),
    Scenario("session-token-again", session_token_again, BY_SESSION, COMPARED),
    Scenario(
        "federation-needs-permission",
        federation_needs_permission,
        Refused("AccessDenied", 403, ("sts:GetFederationToken",)),
        FEDERATION,
    ),
    Scenario("federated-user-shares", federated_shares, None, FEDERATION),
    Scenario("federated-user-without-policy", federated_without_policy, NOT_EC2, FEDERATION),
    Scenario("federated-user-beyond-the-user", federated_beyond_the_user, NOT_EC2, FEDERATION),
    Scenario("federated-user-at-iam", federated_at_iam, NOT_AT_IAM, COMPARED),
    Scenario("role-session-wants-federation", role_session_wants_federation, BY_SESSION, COMPARED),
    Scenario("web-identity", _web_identity(), None, WEB),
    Scenario("web-identity-of-another-branch", _web_identity(sub=SUBJECT + "2"), NOT_TRUSTED, WEB),
    Scenario(
        "web-identity-for-others",
        _web_identity(aud="other"),
        Refused("InvalidIdentityToken", 400, ("Incorrect token audience",)),
        WEB,
    ),
    Scenario(
        "web-identity-expired",
        _web_identity(lasts=-600, iat=0),
        Refused("ExpiredTokenException", 400),
        WEB,
    ),
    Scenario("decode-message", message_is_decoded, None, DECODE),
    Scenario(
        "decode-needs-permission",
        decoding_is_not_permitted,
        Refused("AccessDenied", 403, ("sts:DecodeAuthorizationMessage",)),
        DECODE,
    ),
    Scenario(
        "decode-altered-message",
        altered_message,
        Refused("InvalidAuthorizationMessageException", 400),
        DECODE,
    ),
]
