"""AssumeRoleWithWebIdentity: real signed tokens of an issuer whose keys are pinned.

Sources: STS API Reference, AssumeRoleWithWebIdentity; IAM User Guide, "Create a role for OpenID Connect
federation" (the GitHub example).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from ..conftest import HOME, OTHER, STRANGE, allow, deny, refusal, trusts

if TYPE_CHECKING:
    from ..conftest import World

ISSUER = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{HOME}:oidc-provider/{ISSUER}"
MAIN = "repo:octo-org/octo-repo:ref:refs/heads/main"
TRUST = trusts(
    {"Federated": PROVIDER},
    "sts:AssumeRoleWithWebIdentity",
    StringEquals={f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": MAIN},
)


@dataclass
class TestIssuer:
    """Signs tokens; its public key is pinned in the environment."""

    __test__ = False

    world: World
    key: Any
    algorithm: str = "RS256"

    def token(self, *, key: Any = None, **claims: Any) -> str:
        now = int(self.world.clock().timestamp())
        whole = {
            "iss": f"https://{ISSUER}",
            "aud": "sts.amazonaws.com",
            "sub": MAIN,
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        header = {"alg": self.algorithm, "kid": self.key.kid}
        body = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(header, body, key or self.key, algorithms=[self.algorithm])


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def keys(request: pytest.FixtureRequest) -> tuple[Any, Any, str]:
    def new(kid: str) -> Any:
        if request.param == "RS256":
            return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})
        return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})

    return new("1"), new("1"), request.param


@pytest.fixture
def issuer(world: World, keys: tuple[Any, Any, str]) -> TestIssuer:
    key, _, algorithm = keys
    world.aws.environment.issuers[ISSUER] = KeySet([key]).as_dict(private=False)
    world.iam.create_open_id_connect_provider(
        Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=[]
    )
    return TestIssuer(world, key, algorithm)


def unsigned() -> Any:
    return boto3.client("sts", region_name="us-east-1", config=Config(signature_version=UNSIGNED))


def assume(role: str, token: str, **more: Any) -> Any:
    return unsigned().assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="ci", WebIdentityToken=token, **more
    )


def test_token_opens_the_role(world: World, issuer: TestIssuer) -> None:
    role = world.role("r", TRUST, allow("iam:ListUsers"))
    answer = assume(role, issuer.token())
    assert answer["SubjectFromWebIdentityToken"] == MAIN
    assert answer["Audience"] == "sts.amazonaws.com"
    assert answer["Provider"] == PROVIDER
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{HOME}:assumed-role/r/ci"
    session = world.session(answer)
    assert session.client("sts").get_caller_identity()["Arn"].endswith("assumed-role/r/ci")
    assert "Users" in session.client("iam").list_users()


# situation, claims, code, status, fragment
TOKENS: list[tuple[str, dict[str, Any], str, int, str]] = [
    ("another branch", {"sub": MAIN + "2"}, "AccessDenied", 403, "Not authorized to perform"),
    (
        "another repository",
        {"sub": "repo:o/other:ref:refs/heads/main"},
        "AccessDenied",
        403,
        "Not authorized",
    ),
    ("another audience", {"aud": "else"}, "InvalidIdentityToken", 400, "Incorrect token audience"),
    (
        "over",
        {"exp": 1700000000},
        "ExpiredTokenException",
        400,
        "must be before the expiration date/time 1700000000",
    ),
    ("not yet valid", {"nbf": 4000000000}, "InvalidIdentityToken", 400, "not valid yet"),
    ("no subject", {"sub": None}, "InvalidIdentityToken", 400, "sub"),
    ("no expiry", {"exp": None}, "InvalidIdentityToken", 400, "exp"),
    (
        "issuer without a provider",
        {"iss": "https://idp.example.com"},
        "InvalidIdentityToken",
        400,
        "No OpenIDConnect provider found in your account for https://idp.example.com",
    ),
]


@pytest.mark.parametrize(
    ("claims", "code", "status", "fragment"),
    [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in TOKENS],
)
def test_token_is_refused(
    world: World, issuer: TestIssuer, claims: dict[str, Any], code: str, status: int, fragment: str
) -> None:
    role = world.role("r", TRUST)
    found = refusal(assume, role=role, token=issuer.token(**claims))
    assert (found.code, found.status) == (code, status)
    assert fragment in found.message


def test_token_of_another_key_is_refused(
    world: World, issuer: TestIssuer, keys: tuple[Any, Any, str]
) -> None:
    role = world.role("r", TRUST)
    found = refusal(assume, role=role, token=issuer.token(key=keys[1]))
    assert (found.code, found.status) == ("InvalidIdentityToken", 400)


def test_altered_token_is_refused(world: World, issuer: TestIssuer) -> None:
    role = world.role("r", TRUST)
    header, body, signature = issuer.token(sub="repo:evil/evil").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "sub": MAIN}).encode()).rstrip(b"=").decode()
    found = refusal(assume, role=role, token=f"{header}.{forged}.{signature}")
    assert found.code == "InvalidIdentityToken"


def test_unsigned_token_is_refused(world: World, issuer: TestIssuer) -> None:
    role = world.role("r", TRUST)
    _, body, _ = issuer.token().split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    assert refusal(assume, role=role, token=f"{header}.{body}.").code == "InvalidIdentityToken"
    assert refusal(assume, role=role, token="no token at all").code == "InvalidIdentityToken"


def test_issuer_without_pinned_keys_cannot_be_reached(world: World, issuer: TestIssuer) -> None:
    role = world.role("r", TRUST)
    del world.aws.environment.issuers[ISSUER]
    found = refusal(assume, role=role, token=issuer.token())
    assert (found.code, found.status) == ("IDPCommunicationError", 400)


def test_provider_must_be_in_the_roles_account(world: World, issuer: TestIssuer) -> None:
    role = world.role("r", TRUST, account=OTHER)
    assert "No OpenIDConnect provider" in refusal(assume, role=role, token=issuer.token()).message
    strange = f"arn:aws:iam::{STRANGE}:role/r"
    assert refusal(assume, role=strange, token=issuer.token()).code == "InvalidIdentityToken"


def test_missing_role_is_denied_like_an_untrusting_one(world: World, issuer: TestIssuer) -> None:
    world.role("untrusting", trusts(HOME))
    for name in ("untrusting", "missing"):
        found = refusal(assume, role=f"arn:aws:iam::{HOME}:role/{name}", token=issuer.token())
        assert (found.code, found.status) == ("AccessDenied", 403)
        assert found.message == "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def test_deny_in_the_trust_is_honoured(world: World, issuer: TestIssuer) -> None:
    stop = {**TRUST, "Effect": "Deny"}
    role = world.role("r", [TRUST, stop])
    assert refusal(assume, role=role, token=issuer.token()).code == "AccessDenied"


def test_token_tags_and_source_identity_need_the_trusts_permission(world: World, issuer: TestIssuer) -> None:
    token = issuer.token(
        **{
            "https://aws.amazon.com/tags": {
                "principal_tags": {"Project": ["Automation"]},
                "transitive_tag_keys": ["Project"],
            },
            "https://aws.amazon.com/source_identity": "octocat",
        }
    )
    assert refusal(assume, role=world.role("plain", TRUST), token=token).message == (
        "Not authorized to perform sts:TagSession"
    )
    open_trust = {**TRUST, "Action": [*TRUST["Action"], "sts:TagSession", "sts:SetSourceIdentity"]}
    wants = {"StringEquals": {"aws:PrincipalTag/project": "Automation", "aws:SourceIdentity": "octocat"}}
    role = world.role("r", open_trust, allow("iam:ListUsers", Condition=wants))
    answer = assume(role, token)
    assert answer["SourceIdentity"] == "octocat"
    assert world.session(answer).client("iam").list_users()


def test_duration_is_limited_by_the_role(world: World, issuer: TestIssuer) -> None:
    role = world.role("r", TRUST)
    found = refusal(assume, role=role, token=issuer.token(), DurationSeconds=7200)
    assert "MaxSessionDuration" in found.message


def test_claims_are_gone_in_later_calls(world: World, issuer: TestIssuer) -> None:
    role = world.role(
        "r",
        TRUST,
        allow("iam:ListUsers"),
        deny("iam:ListUsers", Condition={"Null": {f"{ISSUER}:sub": "true"}}),
    )
    assert (
        refusal(world.session(assume(role, issuer.token())).client("iam").list_users).code == "AccessDenied"
    )
