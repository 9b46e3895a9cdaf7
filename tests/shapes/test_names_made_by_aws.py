"""A secret is meant by its declared name; policies meet its ARN, with the six characters of AWS's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.verdicts import Status, Verdict

Verified = Callable[[Path], dict[str, Verdict]]
HOME, REGION = "626262626262", "eu-west-3"
SECRET = f"arn:aws:secretsmanager:{REGION}:{HOME}:secret:"
READ = "secretsmanager:GetSecretValue"
DESCRIBE = "secretsmanager:DescribeSecret"
PASSED, FAILED = Status.PASSED, Status.FAILED
PROMISES = {  # what is promised of whom, and what comes of it
    "granted-and-denied-alone": ("ann", "deny", READ, "app", FAILED),
    "granted-alone": ("ann", "allow", READ, "app", PASSED),
    "granted-and-seen": ("ann", "allow", DESCRIBE, "app", PASSED),
    "granted-of-six-letters": ("ann", "deny", READ, "my-secret", FAILED),
    "granted-undeclared": ("ann", "deny", READ, "elsewhere", FAILED),
    "granted-undeclared-in-full": ("ann", "deny", READ, "elsewhere-A1b2C3", FAILED),
    "name-alone-grants-nothing": ("bob", "deny", READ, "app", PASSED),
    "name-alone-is-seen-to-grant-nothing": ("bob", "deny", DESCRIBE, "app", PASSED),
    "name-alone-undeclared": ("bob", "allow", READ, "elsewhere", FAILED),
}


@pytest.fixture
def verdicts(tmp_path: Path, verified: Verified) -> dict[str, Verdict]:
    for name, end in (("ann", "-??????"), ("bob", "")):
        resources = [f"{SECRET}{secret}{end}" for secret in ("app", "my-secret", "elsewhere")]
        held = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": resources}
        (tmp_path / f"{name}.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": held}))
    manifest = {
        "version": 1,
        "chain": "made-by-aws",
        "region": REGION,
        "accounts": {"home": HOME},
        "users": {who: {"inline": {"p": f"{who}.json"}, "access_key": True} for who in ("ann", "bob")},
        "resources": [{"secret": {"name": "app"}}, {"secret": {"name": "my-secret"}}],
        "expect": [
            {"id": name, "as": who, kind: action, "on": f"{SECRET}{secret}"}
            for name, (who, kind, action, secret, _) in PROMISES.items()
        ],
    }
    (tmp_path / "chain.yaml").write_text(json.dumps(manifest))
    return verified(tmp_path)


def test_a_grant_on_a_secret_is_found_by_its_declared_name(verdicts: dict[str, Verdict]) -> None:
    assert {name: verdicts[name].status for name in PROMISES} == {
        name: promise[-1] for name, promise in PROMISES.items()
    }
    assert all(verdict.disagreement == "" for verdict in verdicts.values())
    assert len(verdicts["granted-and-seen"].observation.calls) == 1
