"""Random cases in the shape of ``rolecall simulate``: a small world, so that statements often match.

Seeded: the same seed gives the same cases. ``shared=True`` keeps to what another engine can be asked as
well: no contested behaviour, no operator on a value of another type, no caller it does not know.
"""

from __future__ import annotations

import random
from typing import Any

A, B = "111111111111", "222222222222"
USERS = [f"arn:aws:iam::{A}:user/U", f"arn:aws:iam::{A}:user/team/V", f"arn:aws:iam::{B}:user/U"]
SESSIONS = [
    f"arn:aws:sts::{A}:assumed-role/R/S",
    f"arn:aws:sts::{A}:assumed-role/R/T",
    f"arn:aws:sts::{B}:assumed-role/R/S",
]
FEDERATED = [f"arn:aws:sts::{A}:federated-user/F"]
ROOTS = [f"arn:aws:iam::{A}:root", f"arn:aws:iam::{B}:root"]
SERVICE = "ec2.amazonaws.com"
PRINCIPAL_ENTRIES = [
    *USERS,
    *SESSIONS,
    *FEDERATED,
    *ROOTS,
    f"arn:aws:iam::{A}:role/R",
    f"arn:aws:iam::{B}:role/R",
    A,
    B,
    "*",
]
ASKED = [
    ("s3:GetObject", "arn:aws:s3:::bucket/home/U/x"),
    ("s3:GetObject", "arn:aws:s3:::bucket/blue/x"),
    ("s3:PutObject", "arn:aws:s3:::other/x"),
    ("s3:ListBucket", "arn:aws:s3:::bucket"),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{A}:q"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{A}:table/T"),
    ("iam:CreateUser", f"arn:aws:iam::{A}:user/new"),
    ("sts:AssumeRole", f"arn:aws:iam::{A}:role/Target"),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{A}:key/k"),
    ("ec2:DescribeInstances", "*"),
]
ACTIONS = [
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:?utObject",
    "sqs:SendMessage",
    "sqs:*",
    "dynamodb:*Item",
]
ACTIONS += [
    "iam:*User",
    "sts:*",
    "sts:AssumeRole",
    "kms:*",
    "kms:Decrypt",
    "ec2:Describe*",
    "ec2:*",
    "s3:List*",
]
RESOURCES = [
    "*",
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::b?cket/*",
]
RESOURCES += [
    "arn:aws:s3:::bucket/home/${aws:username}/*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'blue'}/*",
    "arn:aws:s3:::*/${aws:PrincipalTag/team}/x",
    f"arn:aws:sqs:us-east-1:{A}:*",
    f"arn:aws:dynamodb:*:{A}:table/T",
    f"arn:aws:iam::{A}:user/*",
    f"arn:aws:iam::{A}:role/T?rget",
    f"arn:aws:kms:*:{A}:key/*",
]
POOLS: dict[str, list[Any]] = {
    "aws:username": ["U", "u", "X"],
    "aws:PrincipalTag/team": ["blue", "red", "Blue", "*"],
    "aws:RequestedRegion": ["us-east-1", "eu-west-1"],
    "aws:PrincipalAccount": [A, B],
    "aws:SourceIp": ["203.0.113.5", "198.51.100.7", "2001:db8::1"],
    "aws:CurrentTime": ["2024-01-01T00:00:00Z", "2024-06-30T23:59:59Z", "2025-01-01T00:00:00Z"],
    "aws:MultiFactorAuthAge": ["10", "3600", "7200"],
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:SecureTransport": ["true", "false"],
    "aws:SourceArn": [
        f"arn:aws:sns:us-east-1:{A}:t",
        f"arn:aws:sns:us-east-1:{B}:t:sub",
        "arn:aws:s3:::bucket",
    ],
}
MULTI: dict[str, list[str]] = {
    "aws:TagKeys": ["K1", "K2", "k1", "other"],
    "aws:PrincipalOrgPaths": ["o-1/r-1/ou-1/", "o-1/r-1/ou-2/", "o-2/r-9/"],
}
STRINGS = ["aws:username", "aws:PrincipalTag/team", "aws:RequestedRegion", "aws:PrincipalAccount"]
STRING_VALUES = ["U", "u", "blue", "red", "b*", "?", "*", "us-east-1", "us-*", A, "${aws:username}"]
STRING_VALUES += ["${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'blue'}", "${*}"]
ARNS = [f"arn:aws:sns:*:{A}:*", f"arn:aws:sns:us-east-1:{B}:t", "arn:aws:s3:::b*", "arn:aws:*:*:*:*"]
NETS = ["203.0.113.0/24", "198.51.100.7", "2001:db8::/32", "0.0.0.0/0", "203.0.113.77/30"]
DATES = ["2024-01-01T00:00:00Z", "2024-06-30T23:59:59Z", "2024-07-01T00:00:00Z"]
MORE_DATES = ["2024-01-01", "2024", "1704067200", "2024-01-01T02:00:00+02:00", "tomorrow"]
COMPARISONS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
TEXT = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]
TEXT += ["StringLike", "StringNotLike"]


class Cases:
    """A stream of random cases."""

    def __init__(self, seed: int, *, shared: bool = False) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.shared = shared

    def case(self) -> dict[str, Any]:
        """One case."""
        pick, chance = self.random.choice, self.random.random
        kinds = [*USERS, *USERS, *SESSIONS, *SESSIONS, *FEDERATED, *ROOTS]
        principal = pick(kinds if self.shared else [*kinds, SERVICE, "anonymous"])
        action, resource = pick(ASKED)
        session = principal in SESSIONS or principal in FEDERATED
        account_caller = principal in USERS or session
        case: dict[str, Any] = {
            "principal": principal,
            "action": action,
            "resource": resource,
            "resource_account": A if resource != "*" or principal in (SERVICE, "anonymous") else None,
            "context": self.context(),
        }
        if resource == "*" and case["resource_account"] is None:
            case["resource_account"] = principal.split(":")[4]
        if account_caller:
            case["identity_policies"] = [self.policy() for _ in range(pick([0, 1, 1, 2]))]
            if chance() < 0.25:
                case["permissions_boundary"] = [self.policy()]
        if session and chance() < 0.4:
            case["session_policies"] = [self.policy()]
        must_have = self.shared and action in ("sts:AssumeRole", "kms:Decrypt")
        if must_have or (resource != "*" and action != "iam:CreateUser" and chance() < 0.65):
            case["resource_policy"] = self.policy(kind="trust" if action == "sts:AssumeRole" else "resource")
        if (account_caller or principal in ROOTS) and chance() < 0.2:
            case["scps"] = [
                [self.policy(generous=True) for _ in range(pick([1, 1, 2]))] for _ in range(pick([1, 2]))
            ]
        if resource != "*" and chance() < 0.15:
            case["rcps"] = [[self.policy(kind="rcp")] for _ in range(pick([1, 2]))]
        return case

    def context(self) -> dict[str, Any]:
        pick, chance = self.random.choice, self.random.random
        found: dict[str, Any] = {key: pick(pool) for key, pool in POOLS.items() if chance() < 0.55}
        for key, pool in MULTI.items():
            if chance() < 0.6:
                found[key] = self.random.sample(pool, pick([1, 1, 2, 3] if self.shared else [0, 1, 1, 2, 3]))
        return found

    def policy(self, kind: str = "identity", *, generous: bool = False) -> dict[str, Any]:
        version = "2012-10-17" if self.shared or self.random.random() < 0.85 else "2008-10-17"
        statements = [self.statement(kind) for _ in range(self.random.choice([1, 1, 2, 3]))]
        if generous and self.random.random() < 0.75:
            statements.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
        document: dict[str, Any] = {"Version": version, "Statement": statements}
        if not self.shared and self.random.random() < 0.1:
            del document["Version"]
        return document

    def statement(self, kind: str) -> dict[str, Any]:
        pick, chance = self.random.choice, self.random.random
        deny = kind == "rcp" or chance() < 0.25
        statement: dict[str, Any] = {"Effect": "Deny" if deny else "Allow"}
        if kind in ("resource", "trust"):
            not_principal = deny and not self.shared and kind == "resource" and chance() < 0.25
            statement["NotPrincipal" if not_principal else "Principal"] = self.principal(not_principal)
        elif kind == "rcp":
            statement["Principal"] = "*"
        actions = ["sts:AssumeRole", "sts:*"] if kind == "trust" else ACTIONS
        if kind == "rcp":
            actions = [action for action in ACTIONS if action != "*"]
        name = "NotAction" if kind not in ("trust", "rcp") and chance() < 0.1 else "Action"
        statement[name] = self.some(actions, 3) if kind != "trust" else pick(actions)
        if kind != "trust":
            name = "NotResource" if kind != "rcp" and chance() < 0.1 else "Resource"
            statement[name] = self.some(RESOURCES, 3)
        if chance() < 0.45:
            statement["Condition"] = self.conditions()
        return statement

    def principal(self, not_principal: bool) -> Any:
        pick, chance = self.random.choice, self.random.random
        if not_principal:
            spared = pick([*USERS, *SESSIONS, *ROOTS])
            account = spared.split(":")[4]
            listed = [
                spared,
                pick([account, f"arn:aws:iam::{account}:root"]),
                f"arn:aws:iam::{account}:role/R",
            ]
            return {"AWS": listed if chance() < 0.7 else self.some(listed, 2)}
        if chance() < 0.2:
            return "*" if self.shared or chance() < 0.5 else {"AWS": "*"}
        if not self.shared and chance() < 0.15:
            return {"Service": [SERVICE, "lambda.amazonaws.com"], "AWS": pick(PRINCIPAL_ENTRIES)}
        return {"AWS": self.some(PRINCIPAL_ENTRIES, 3)}

    def some(self, pool: list[str], most: int) -> Any:
        chosen = self.random.sample(pool, self.random.randint(1, most))
        return chosen[0] if len(chosen) == 1 and self.random.random() < 0.5 else chosen

    def conditions(self) -> dict[str, dict[str, Any]]:
        block: dict[str, dict[str, Any]] = {}
        for _ in range(self.random.choice([1, 1, 2])):
            operator, key, values = self.condition()
            block.setdefault(operator, {})[key] = values
        return block

    def condition(self) -> tuple[str, str, Any]:
        pick, chance = self.random.choice, self.random.random
        kind = pick(["text", "text", "text", "number", "date", "bool", "ip", "arn", "null", "set", "set"])
        if kind == "set":
            key = pick(list(MULTI))
            operator = f"{pick(['ForAllValues', 'ForAnyValue'])}:{pick(TEXT)}"
            if not self.shared and chance() < 0.15:
                operator += "IfExists"
            return operator, key, self.some([*MULTI[key], "*1*", "o-1/*"], 3)
        if kind == "text":
            operator, key, values = pick(TEXT), pick(STRINGS), self.some(STRING_VALUES, 3)
        elif kind == "number":
            operator, key = f"Numeric{pick(COMPARISONS)}", "aws:MultiFactorAuthAge"
            values = self.some(["10", "3600", "5000"] if self.shared else ["10", "3600.0", "5e3", "x"], 2)
        elif kind == "date":
            operator, key = f"Date{pick(COMPARISONS)}", "aws:CurrentTime"
            values = self.some(DATES if self.shared else DATES + MORE_DATES, 2)
        elif kind == "bool":
            operator, values = "Bool", pick(["true", "false"])
            key = pick(["aws:MultiFactorAuthPresent", "aws:SecureTransport"])
        elif kind == "ip":
            operator, key, values = pick(["IpAddress", "NotIpAddress"]), "aws:SourceIp", self.some(NETS, 2)
        elif kind == "arn":
            operator, key = f"Arn{pick(['Equals', 'NotEquals', 'Like', 'NotLike'])}", "aws:SourceArn"
            values = self.some(ARNS, 2)
        else:
            return "Null", pick([*POOLS, *MULTI]), pick(["true", "false"])
        if chance() < 0.2:
            operator += "IfExists"
        if not self.shared and chance() < 0.1:
            operator = f"{pick(['ForAllValues', 'ForAnyValue'])}:{operator}"
        if not self.shared and chance() < 0.08:
            key = pick([*POOLS, *MULTI])
        if not self.shared and chance() < 0.1:
            key = key.upper()
        return operator, key, values
