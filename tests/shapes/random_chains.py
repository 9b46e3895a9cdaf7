"""Chains at random: two accounts, users, roles, groups, boundaries, hops of all kinds, policies on resources.

Nothing about them is sensible. What they are for: whatever they promise, prediction and observation must say
the same, since one reads the chain's documents and the other asks the provisioned chain.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["write_chain"]

HOME, OTHER, REGION = "111122223333", "444455556666", "us-east-1"
ARN = {
    "bucket": "arn:aws:s3:::data-bucket",
    "object": "arn:aws:s3:::data-bucket/a",
    "other_bucket": "arn:aws:s3:::web-bucket",
    "queue": f"arn:aws:sqs:{REGION}:{HOME}:jobs",
    "topic": f"arn:aws:sns:{REGION}:{HOME}:news",
    "table": f"arn:aws:dynamodb:{REGION}:{HOME}:table/items",
    "parameter": f"arn:aws:ssm:{REGION}:{HOME}:parameter/app/v",
    "key": f"arn:aws:kms:{REGION}:{HOME}:key/k",
    "secret": f"arn:aws:secretsmanager:{REGION}:{HOME}:secret:sec",
    "user": f"arn:aws:iam::{HOME}:user/u0",
    "role": f"arn:aws:iam::{HOME}:role/r0",
}
ASKED: dict[str, list[str]] = {
    "ec2:DescribeInstances": [],
    "ec2:DescribeVpcs": [],
    "s3:ListAllMyBuckets": [],
    "s3:ListBucket": [ARN["bucket"]],
    "s3:GetBucketLocation": [ARN["bucket"]],
    "s3:GetObject": [ARN["object"]],
    "sqs:GetQueueAttributes": [ARN["queue"]],
    "sqs:GetQueueUrl": [ARN["queue"]],
    "sns:GetTopicAttributes": [ARN["topic"]],
    "dynamodb:GetItem": [ARN["table"]],
    "dynamodb:DescribeTable": [ARN["table"]],
    "ssm:GetParameter": [ARN["parameter"]],
    "ssm:DescribeParameters": [],
    "kms:DescribeKey": [ARN["key"]],
    "kms:ListKeys": [],
    "secretsmanager:DescribeSecret": [ARN["secret"]],
    "secretsmanager:ListSecrets": [],
    "iam:ListUsers": [],
    "iam:ListRoles": [],
    "iam:GetUser": [ARN["user"]],
    "iam:GetRole": [ARN["role"]],
    "logs:DescribeLogGroups": [],
    "lambda:ListFunctions": [],
}
PATTERNS = ("*", "s3:*", "ec2:Describe*", "s3:Get*", "s3:List*", "iam:*", "iam:Get*", "sqs:*", "ssm:Get*",
            "dynamodb:*", "sns:*", "kms:*", "*:List*", "secretsmanager:*")  # fmt: skip
RESOURCES = ("*", "*", "*", ARN["bucket"], f"{ARN['bucket']}/*", "arn:aws:s3:::data*", ARN["queue"],
             ARN["table"], f"arn:aws:iam::{HOME}:user/*", "arn:aws:iam::*:user/${aws:username}", ARN["topic"],
             "arn:aws:ssm:*:*:parameter/*", "arn:aws:s3:::${aws:PrincipalTag/team}-bucket",
             f"{ARN['secret']}-*", "arn:aws:s3:::${aws:PrincipalTag/Team, 'data'}-b?cket*")  # fmt: skip
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"aws:RequestedRegion": REGION}},
    {"StringNotEquals": {"aws:RequestedRegion": REGION}},
    {"StringEquals": {"aws:PrincipalTag/team": "data"}},
    {"StringEqualsIfExists": {"aws:PrincipalTag/team": "web"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": ["data"]}},
    {"Null": {"aws:TokenIssueTime": "true"}},
    {"Null": {"aws:TokenIssueTime": "false"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HOME}:user/u*"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HOME}:role/r*"}},
    {"StringEquals": {"aws:PrincipalAccount": OTHER}},
    {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
    {"StringEquals": {"aws:ResourceAccount": HOME}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/*"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}},
    {"StringEquals": {"aws:SourceIdentity": "someone"}},
    {"StringNotEqualsIfExists": {"aws:SourceIdentity": "someone"}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"StringNotEquals": {"aws:ResourceTag/Team": "${aws:PrincipalTag/team, 'web'}"}},
    {"Null": {"aws:ResourceTag/team": "true"}},
    {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
    {"StringLike": {"aws:userid": "*:sess*"}},
    {"StringEquals": {"aws:PrincipalTag/team": "data"}, "Null": {"aws:TokenIssueTime": "false"}},
)
TRUST_CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"sts:ExternalId": "x1"}},
    {"StringNotEquals": {"sts:ExternalId": "x2"}},
    {"StringEqualsIfExists": {"sts:ExternalId": "x1"}},
    {"StringEquals": {"aws:RequestTag/team": "data"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    {"StringLike": {"sts:RoleSessionName": "sess*"}},
    {"StringEquals": {"aws:PrincipalTag/team": "web"}},
    {"StringEquals": {"aws:username": "u1"}},
    {"StringEquals": {"sts:SourceIdentity": "someone"}},
    {"Null": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringLike": {"sts:RoleSessionName": "${aws:username}*"}},
    {"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team"]}},
    {"Null": {"sts:SourceIdentity": "false"}},
)
ROLE_CALLS = (
    ["sts:AssumeRole", "sts:TagSession"],
    ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
)
SESSION = f"arn:aws:sts::{HOME}:assumed-role/r0/sess"
USERS = (f"arn:aws:iam::{HOME}:user/u0", f"arn:aws:iam::{HOME}:user/u1", f"arn:aws:iam::{OTHER}:user/u2")


@dataclass
class _Author:
    """Writes one chain into a folder."""

    chance: random.Random
    folder: Path
    documents: int = field(default=0)

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def document(self, *statements: dict[str, Any]) -> str:
        self.documents += 1
        name = f"document-{self.documents}.json"
        (self.folder / name).write_text(
            json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=1)
        )
        return name

    def statement(self, deny: float = 0.2) -> dict[str, Any]:
        effect = "Deny" if self.often(deny) else "Allow"
        pool = PATTERNS[1:] if effect == "Deny" else PATTERNS
        names = pool if self.often(0.5) else tuple(ASKED)
        made: dict[str, Any] = {"Effect": effect}
        made["NotAction" if self.often(0.1) else "Action"] = self.chance.sample(
            names, self.chance.randint(1, 3)
        )
        if self.often(0.1):
            made["NotResource"] = [ARN["bucket"], f"{ARN['bucket']}/*"]
        else:
            made["Resource"] = self.chance.sample(RESOURCES, self.chance.randint(1, 2))
        if self.often(0.25):
            made["Condition"] = self.chance.choice(CONDITIONS)
        return made

    def policy(self, *, assume: float = 1.0, deny: float = 0.2) -> str:
        made = [self.statement(deny) for _ in range(self.chance.randint(1, 3))]
        if self.often(assume):
            made.append(
                {"Effect": "Allow", "Action": "sts:*", "Resource": self.chance.choice(["*", ARN["role"]])}
            )
        return self.document(*made)

    def trust(self) -> str:
        made = []
        for _ in range(self.chance.randint(1, 2)):
            statement: dict[str, Any] = {
                "Effect": "Deny" if self.often(0.05) else "Allow",
                "Principal": {
                    "AWS": self.chance.choice([HOME, OTHER, "*", SESSION, *USERS, list(USERS[:2])])
                },
                "Action": self.chance.choice(ROLE_CALLS),
            }
            if self.often(0.3):
                statement["Condition"] = self.chance.choice(TRUST_CONDITIONS)
            made.append(statement)
        return self.document(*made)

    def resource_policy(self, actions: list[str], resource: Any, *also: dict[str, Any]) -> dict[str, str]:
        """Nothing, or a policy that never denies the account itself."""
        if self.often(0.4):
            return {}
        made = list(also)
        for _ in range(self.chance.randint(1, 2)):
            deny = self.often(0.3)
            whom: Any = (
                [USERS[0], ARN["role"]]
                if deny
                else self.chance.choice([HOME, OTHER, "*", SESSION, *USERS, ARN["role"]])
            )
            made.append(
                {
                    "Effect": "Deny" if deny else "Allow",
                    "Principal": {"AWS": whom},
                    "Action": actions,
                    "Resource": resource,
                }
            )
        return {"policy": self.document(*made)}


def write_chain(seed: int, folder: Path) -> Path:
    """Write the chain of a seed into a folder; gives its manifest."""
    author = _Author(random.Random(seed), folder)  # noqa: S311 - no secret hangs on it
    chance, often = author.chance, author.often
    manifest: dict[str, Any] = {
        "version": 1,
        "chain": f"random-{seed}",
        "region": REGION,
        "accounts": {"home": HOME, "other": OTHER},
        "policies": {name: {"file": author.policy(), "account": "home"} for name in ("p0", "p1", "p2")},
        "groups": {"g": {"account": "home", "policies": ["p2"]}},
        "users": {},
        "roles": {},
        "hops": [],
        "resources": _resources(author),
        "expect": [],
    }
    manifest["policies"]["q"] = {"file": author.policy(), "account": "other"}
    manifest["policies"]["b"] = {"file": author.policy(assume=0.7, deny=0.1), "account": "home"}
    for kind, letter in (("users", "u"), ("roles", "r")):
        for number in range(3):
            home = number < 2
            held: dict[str, Any] = {"account": "home" if home else "other"}
            held["policies"] = chance.sample(["p0", "p1"], chance.randint(0, 2)) if home else ["q"]
            held.update({"access_key": True} if kind == "users" else {"trust": author.trust()})
            if home and often(0.3):
                held["boundary"] = "b"
            if home and kind == "users" and often(0.4):
                held["groups"] = ["g"]
            if often(0.4):
                held["inline"] = {"own": author.policy()}
            if often(0.4):
                held["tags"] = {"team": chance.choice(["data", "web"])}
            manifest[kind][f"{letter}{number}"] = held
    names: list[str] = []
    for number in range(5):
        source = chance.choice(["u0", "u1", "u2"] if number < 3 else names)
        manifest["hops"].append(_hop(author, f"h{number}", source))
        names.append(f"h{number}")
    if often(0.4):
        manifest["scps"] = {"home": [["FullAWSAccess"], [author.policy(deny=0.5), "FullAWSAccess"]]}
    if often(0.3):
        denied = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": chance.choice(["s3:*", "sqs:*", "sts:*"]),
            "Resource": "*",
        }
        manifest["rcps"] = {"home": [[author.document({**denied, "Condition": chance.choice(CONDITIONS)})]]}
    for who in ("u0", "u1", "u2", *names):
        for action in chance.sample(list(ASKED), 5):
            promise: dict[str, Any] = {"id": f"e{len(manifest['expect'])}", "as": who}
            promise[chance.choice(["allow", "deny"])] = action
            if ASKED[action]:
                promise["on"] = ASKED[action]
            manifest["expect"].append(promise)
    manifest["expect"].extend({"id": f"reach-{name}", "reach": name} for name in names)
    path = folder / "chain.yaml"
    path.write_text(json.dumps(manifest, indent=1))
    return path


def _hop(author: _Author, name: str, source: str) -> dict[str, Any]:
    chance, often = author.chance, author.often
    made: dict[str, Any] = {"name": name, "from": source, "assume": chance.choice(["r0", "r1", "r2"])}
    made["session_name"] = chance.choice(["sess", "sess-a", "other"])
    if often(0.4):
        made["external_id"] = chance.choice(["x1", "x2"])
    if often(0.25):
        made["tags"] = {"team": chance.choice(["data", "web"])}
        made["transitive_tags"] = ["team"] if often(0.4) else []
    if often(0.25):
        made["source_identity"] = "someone"
    if often(0.3):
        made["session_policy"] = author.policy(assume=0.5, deny=0.1)
    if often(0.2):
        made["session_policy_arns"] = ["q" if made["assume"] == "r2" else chance.choice(["p0", "p1"])]
    return made


def _resources(author: _Author) -> list[dict[str, Any]]:
    bucket = author.resource_policy(["s3:ListBucket", "s3:GetObject"], [ARN["bucket"], f"{ARN['bucket']}/*"])
    queue = author.resource_policy(["sqs:*"], ARN["queue"])
    topic = author.resource_policy(["sns:Publish", "sns:GetTopicAttributes"], ARN["topic"])
    own = {"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "kms:*", "Resource": "*"}
    key = author.resource_policy(["kms:*"], "*", own)
    found: dict[str, dict[str, Any]] = {
        "s3_bucket": {"name": "data-bucket", "objects": {"a": "text"}, **bucket},
        "sqs_queue": {"name": "jobs", **queue, **_tags(author)},
        "sns_topic": {"name": "news", **topic},
        "dynamodb_table": {"name": "items", **_tags(author)},
        "ssm_parameter": {"name": "/app/v", "value": "1", **_tags(author)},
        "kms_key": {"name": "k", **key},
        "secret": {"name": "sec", "value": "v", **_tags(author)},
    }
    made = [{kind: {"account": "home", **held}} for kind, held in found.items()]
    return [*made, {"s3_bucket": {"account": "home", "name": "web-bucket"}}]


def _tags(author: _Author) -> dict[str, Any]:
    return {"tags": {"team": author.chance.choice(["data", "web"])}} if author.often(0.5) else {}
