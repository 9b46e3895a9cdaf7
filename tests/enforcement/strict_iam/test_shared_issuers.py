"""Trust policies for issuers that many share (IAM User Guide, identity-provider controls)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import HOME, document, refusal, trusts

if TYPE_CHECKING:
    from ..conftest import World

GITHUB = "token.actions.githubusercontent.com"
COGNITO = "cognito-identity.amazonaws.com"
OWN = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"


def trust(issuer: str, **conditions: Any) -> str:
    name = issuer if issuer == COGNITO else f"arn:aws:iam::{HOME}:oidc-provider/{issuer}"
    return document(trusts({"Federated": name}, "sts:AssumeRoleWithWebIdentity", **conditions))


# situation, document, accepted?
ROWS: list[tuple[str, str, bool]] = [
    ("GitHub with a repository", trust(GITHUB, StringLike={f"{GITHUB}:sub": "repo:octo/*"}), True),
    ("GitHub without a condition", trust(GITHUB), False),
    (
        "GitHub with its audience only",
        trust(GITHUB, StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com"}),
        False,
    ),
    ("GitHub with every subject", trust(GITHUB, StringLike={f"{GITHUB}:sub": "*"}), False),
    ("GitHub with one subject excluded", trust(GITHUB, StringNotEquals={f"{GITHUB}:sub": "repo:a/b"}), False),
    ("Cognito without a condition", trust(COGNITO), False),
    ("Cognito with its pool", trust(COGNITO, StringEquals={f"{COGNITO}:aud": "eu-west-1:pool"}), True),
    ("an issuer of one's own", trust(OWN), True),
]


@pytest.mark.parametrize(
    ("text", "accepted"), [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in ROWS]
)
def test_trust_in_a_shared_issuer_names_the_tenant(world: World, text: str, accepted: bool) -> None:
    call = {"RoleName": "r", "AssumeRolePolicyDocument": text}
    if accepted:
        assert world.iam.create_role(**call)["Role"]["RoleName"] == "r"
    else:
        found = refusal(world.iam.create_role, **call)
        assert (found.code, found.status) == ("MalformedPolicyDocument", 400)
