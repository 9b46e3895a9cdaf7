"""A verdict that turns with the caller's address is no verdict until the promise says where it calls from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolecall.verdicts import Status, Verdict

Verified = Callable[[Path], dict[str, Verdict]]
HOME = "616161616161"
OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
LOOPBACK = {"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1"]}}
NOT_OFFICE = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
ENDPOINT = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
LIST, REMOVE = "s3:ListAllMyBuckets", "s3:DeleteBucket"
MANIFEST: dict[str, Any] = {
    "version": 1,
    "chain": "whereabouts",
    "accounts": {"home": HOME},
    "users": {
        "here": {"inline": {"p": "here.json"}, "access_key": True},
        "office": {"inline": {"p": "office.json"}, "access_key": True},
        "kept": {"inline": {"p": "kept.json"}, "access_key": True},
        "wired": {"inline": {"p": "wired.json"}, "access_key": True},
    },
    "roles": {"r": {"trust": "trust.json"}},
    "hops": [{"from": "kept", "assume": "r"}],
}


def policy(effect: str, actions: list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": "*", **more}


DOCUMENTS = {
    "here": [policy("Allow", [LIST, REMOVE], Condition=LOOPBACK)],
    "office": [policy("Allow", [LIST, REMOVE], Condition=OFFICE)],
    "kept": [policy("Allow", ["*"]), policy("Deny", ["iam:*"]), policy("Deny", ["*"], Condition=NOT_OFFICE)],
    "wired": [policy("Allow", ["*"]), policy("Deny", ["s3:*"], Condition=ENDPOINT)],
    "trust": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": HOME}, "Condition": OFFICE},
    ],
}
FROM_OFFICE = {"when": {"aws:SourceIp": "203.0.113.9"}}
FROM_HOME = {"when": {"aws:SourceIp": "198.51.100.9"}}
OVER_ADDRESS = {"because": {"condition_key": "aws:SourceIp"}}
PASSED, FAILED, INCONCLUSIVE = Status.PASSED, Status.FAILED, Status.INCONCLUSIVE
PROMISES: dict[str, tuple[dict[str, Any], Status]] = {
    "asked-and-refused-here": ({"as": "office", "deny": LIST}, INCONCLUSIVE),
    "by-the-engine-alone": ({"as": "office", "deny": REMOVE}, INCONCLUSIVE),
    "denied-unless-elsewhere": ({"as": "kept", "deny": LIST}, INCONCLUSIVE),
    "denied-unless-elsewhere-alone": ({"as": "kept", "deny": REMOVE}, INCONCLUSIVE),
    "by-another-network": ({"as": "wired", "deny": REMOVE}, INCONCLUSIVE),
    "allowed-from-elsewhere": ({"as": "office", "allow": LIST}, INCONCLUSIVE),
    "reached-from-elsewhere": ({"reach": "r"}, INCONCLUSIVE),
    "reason-is-the-address": ({"as": "office", "deny": LIST, **OVER_ADDRESS}, PASSED),
    "allowed-by-the-address-told": ({"as": "office", "allow": LIST, **FROM_OFFICE}, PASSED),
    "denied-by-the-address-told": ({"as": "office", "deny": LIST, **FROM_HOME}, PASSED),
    "not-kept-from-the-address-told": ({"as": "office", "deny": LIST, **FROM_OFFICE}, FAILED),
    "allowed-here": ({"as": "here", "allow": LIST}, PASSED),
    "not-denied-here": ({"as": "here", "deny": LIST}, FAILED),
    "denied-wherever": ({"as": "kept", "deny": "iam:ListUsers"}, PASSED),
    "never-granted": ({"as": "office", "deny": "iam:ListUsers"}, PASSED),
    "nobody-gets-in-from-anywhere": ({"assumers_of": "r", "exactly": []}, FAILED),
}


@pytest.fixture
def verdicts(tmp_path: Path, verified: Verified) -> dict[str, Verdict]:
    for name, statements in DOCUMENTS.items():
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        (tmp_path / f"{name}.json").write_text(text)
    expect = [{"id": name, **promise} for name, (promise, _) in PROMISES.items()]
    (tmp_path / "chain.yaml").write_text(json.dumps({**MANIFEST, "expect": expect}))
    return verified(tmp_path)


def test_a_verdict_that_turns_with_the_address_is_inconclusive(verdicts: dict[str, Verdict]) -> None:
    assert {name: verdicts[name].status for name in PROMISES} == {
        name: status for name, (_, status) in PROMISES.items()
    }
    assert all(verdict.disagreement == "" for verdict in verdicts.values())


def test_it_says_what_it_hangs_on_and_how_to_say_more(verdicts: dict[str, Verdict]) -> None:
    assert verdicts["by-the-engine-alone"].reason.startswith("this hangs on aws:SourceIp, which")
    assert "under when:" in verdicts["by-the-engine-alone"].reason
    assert "hangs on aws:SourceVpce" in verdicts["by-another-network"].reason
    assert "can get in as well: kept" in verdicts["nobody-gets-in-from-anywhere"].reason
