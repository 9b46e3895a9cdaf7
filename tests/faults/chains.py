"""The base chain, and the same broken on purpose, each with promises that only the settled chain tells."""

from __future__ import annotations

from dataclasses import replace

from rolecall.chains import ActionExpectation, Because, Chain, Document, HopExpectation, document, load_chain
from tests.account.targets import ROOT

__all__ = ["CHAINS"]

BASE = load_chain(ROOT / "policies" / "assume-role")
BASE = replace(BASE, resources=())
USER, ROLE = "assume-role-user", "assume-role-role"
EC2 = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
HOME = BASE.accounts["home"]


def statement(effect: str, action: str) -> Document:
    text = {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": action, "Resource": "*"}}
    return document(text, name=f"{effect}.json".lower())


def trust(principal: str, condition: dict[str, object] | None = None) -> Document:
    one: dict[str, object] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    if condition:
        one["Condition"] = condition
    return document({"Version": "2012-10-17", "Statement": one}, name="trust.json")


def with_user(chain: Chain, **changes: object) -> Chain:
    return replace(chain, users={USER: replace(chain.users[USER], **changes)})  # type: ignore[arg-type]


def with_role(chain: Chain, **changes: object) -> Chain:
    return replace(chain, roles={ROLE: replace(chain.roles[ROLE], **changes)})  # type: ignore[arg-type]


def promising(chain: Chain, *more: ActionExpectation | HopExpectation) -> Chain:
    return replace(chain, expectations=(*chain.expectations, *more))


NO_BUCKETS = ActionExpectation("role-lists-no-buckets", ROLE, False, ("s3:ListAllMyBuckets",))
NO_INSTANCES = ActionExpectation(
    "role-sees-no-instances", ROLE, False, ("ec2:DescribeInstances",), because=Because(kind="explicit")
)
NO_KEYS = ActionExpectation(
    "role-lists-no-keys", ROLE, False, ("kms:ListKeys",), because=Because(kind="explicit")
)
WITHOUT_ID = HopExpectation("not-without-id", ROLE, allowed=False, without=("external_id",))
SECRET_ID = replace(BASE, hops=(replace(BASE.hops[0], external_id="kept-between-us"),))

CHAINS = {
    "base": promising(BASE, NO_BUCKETS),
    "user sees too much": with_user(BASE, policies=("assume-role-policy", EC2)),
    "role sees nothing": with_role(BASE, policies=()),
    "trusts another account": with_role(BASE, trust=trust("999988887777")),
    "trusts the user by name": with_role(BASE, trust=trust(f"arn:aws:iam::{HOME}:user/{USER}")),
    "user may not assume": with_user(BASE, policies=()),
    "denied after all": with_role(BASE, inline={"no": statement("Deny", "ec2:*")}),
    "deny beside all": promising(
        with_role(BASE, policies=(ADMIN,), inline={"no": statement("Deny", "ec2:*")}), NO_INSTANCES
    ),
    "a grant too many": promising(
        with_role(BASE, policies=(EC2,), inline={"more": statement("Allow", "s3:ListAllMyBuckets")}),
        NO_BUCKETS,
    ),
    "external id": promising(
        with_role(SECRET_ID, trust=trust(HOME, {"StringEquals": {"sts:ExternalId": "kept-between-us"}})),
        WITHOUT_ID,
    ),
    "external id forgotten": promising(with_role(SECRET_ID, trust=trust(HOME)), WITHOUT_ID),
}
