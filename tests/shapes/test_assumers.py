"""Who else gets into a role: whoever the trust policy picks, whatever they may choose for themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolecall.errors import InputError
from rolecall.verdicts import Status, Verdict

Verified = Callable[[Path], dict[str, Verdict]]
HOME, PARTNER = "606060606060", "707070707070"
MANIFEST = f"""\
version: 1
chain: assumers
region: eu-west-3
accounts: {{home: "{HOME}"}}
policies: {{assumes: assumes.json}}
users:
  ann: {{policies: [assumes], access_key: true}}
  bob: {{policies: [assumes], access_key: true}}
  carl: {{access_key: true}}
roles:
  target: {{trust: trust.json}}
  service: {{trust: service.json, policies: [assumes]}}
hops:
  - from: ann
    assume: target
    session_name: ann
    external_id: shared
    tags: {{team: blue}}
    source_identity: ann
"""


def trusts(principal: Any, **condition: Any) -> dict[str, Any]:
    actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    made = {"Effect": "Allow", "Action": actions, "Principal": {"AWS": principal}}
    return {**made, "Condition": condition} if condition else made


@pytest.fixture
def who(tmp_path: Path, verified: Verified) -> Callable[..., Verdict]:
    """A function from a trust policy's statement and a list of names to the verdict on exactly these."""

    def make(statement: dict[str, Any], *names: str) -> Verdict:
        documents = {
            "assumes": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
            "trust": statement,
            "service": {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
            },
        }
        for name, held in documents.items():
            (tmp_path / f"{name}.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": held}))
        line = f"  - {{id: it, assumers_of: target, exactly: {json.dumps(names)}}}\n"
        (tmp_path / "chain.yaml").write_text(f"{MANIFEST}expect:\n{line}")
        verdict = verified(tmp_path)["it"]
        assert verdict.disagreement == ""
        return verdict

    return make


INSIDERS = ("ann", "bob", "service", "lambda.amazonaws.com")
OPEN = {  # a statement, and whom it lets in besides the declared insiders
    "everyone": (trusts("*"), "another account"),
    "organization": (trusts("*", StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}), "o-abcdefghij"),
    "unit": (
        trusts("*", **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/r-ab12/*"}}),
        "o-abcdefghij/r-ab12/*",
    ),
    "role-of-any-account": (
        trusts("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/deploy-*"}),
        "arn:aws:iam::*:role/deploy-*",
    ),
    "account": (trusts("*", StringEquals={"aws:PrincipalAccount": [HOME, PARTNER]}), PARTNER),
    "account-and-name": (
        trusts(
            "*", StringEquals={"aws:PrincipalAccount": PARTNER}, StringLike={"sts:RoleSessionName": "x-*"}
        ),
        PARTNER,
    ),
    "named-account": (trusts([HOME, PARTNER]), PARTNER),
}


IN_THEIR_HANDS: dict[str, dict[str, Any]] = {  # what every account gives to its own principals
    "tag": {"StringEquals": {"aws:PrincipalTag/team": "data"}},
    "any-tag": {"Null": {"aws:PrincipalTag/team": "false"}},
    "name": {"StringLike": {"aws:username": "ops-*"}},
    "mfa": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    "mfa-age": {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    "source-identity-of-the-session": {"StringEquals": {"aws:SourceIdentity": "alice"}},
    "own-name-and-mfa": {
        "StringLike": {"sts:SourceIdentity": "${aws:username}"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    },
    "session": {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
    "temporary-credentials": {"DateGreaterThan": {"aws:TokenIssueTime": "2021-01-01T00:00:00Z"}},
}


@pytest.mark.parametrize("name", IN_THEIR_HANDS)
@pytest.mark.parametrize(("trusted", "shown"), [(PARTNER, PARTNER), ("*", "another account")])
def test_what_another_account_gives_its_own_keeps_nobody_of_it_out(
    name: str, trusted: str, shown: str, who: Callable[..., Verdict]
) -> None:
    verdict = who(trusts(trusted, **IN_THEIR_HANDS[name]))
    assert verdict.status is Status.FAILED, verdict.reason
    assert shown in verdict.reason


def test_a_denial_unless_they_have_something_is_escaped_like_a_condition(who: Callable[..., Verdict]) -> None:
    wanted = {"StringNotEquals": {"aws:PrincipalTag/team": "data"}, "Null": {"sts:RoleSessionName": "true"}}
    unless = {**trusts("*", **wanted), "Effect": "Deny"}
    verdict = who([trusts(PARTNER), unless])  # type: ignore[arg-type]
    assert f"can get in as well: {PARTNER}" in verdict.reason
    unless = {**trusts("*", StringNotEquals={"sts:RoleSessionName": "ann"}), "Effect": "Deny"}
    verdict = who([trusts(HOME), unless], "ann")  # type: ignore[arg-type]
    assert "can get in as well: bob" in verdict.reason


def test_what_a_role_or_an_organization_of_theirs_lacks_keeps_it_out(who: Callable[..., Verdict]) -> None:
    role = f"arn:aws:iam::{PARTNER}:role/deploy"
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "data"}}
    assert role in who(trusts(role, **tagged)).reason
    assert who(trusts(role, StringEquals={"aws:PrincipalType": "User"})).status is Status.PASSED
    ours = {"StringEquals": {"aws:PrincipalTag/team": "data", "aws:PrincipalOrgID": "o-abcdefghij"}}
    assert "can get in as well: o-abcdefghij" in who(trusts("*", **ours)).reason


@pytest.mark.parametrize("name", OPEN)
def test_whoever_fits_the_conditions_gets_in(name: str, who: Callable[..., Verdict]) -> None:
    statement, stranger = OPEN[name]
    verdict = who(statement, "ann")
    assert verdict.status is Status.FAILED
    assert "can get in as well" in verdict.reason
    assert stranger in verdict.reason


def test_strangers_can_be_expected_by_what_picks_them(who: Callable[..., Verdict]) -> None:
    statement = trusts("*", StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"})
    verdict = who(statement, "o-abcdefghij")
    assert verdict.status is Status.PASSED, verdict.reason


CHOSEN = {
    "tag": {"StringEquals": {"aws:RequestTag/team": ["blue", "green"]}},
    "session-name": {"StringEquals": {"sts:RoleSessionName": "ann"}},
    "source-identity": {"StringLike": {"sts:SourceIdentity": "a*"}},
    "external-id": {"StringEquals": {"sts:ExternalId": "shared"}},
}


@pytest.mark.parametrize("name", CHOSEN)
def test_what_a_caller_may_choose_keeps_no_declared_principal_out(
    name: str, who: Callable[..., Verdict]
) -> None:
    verdict = who(trusts(HOME, **CHOSEN[name]), "ann")
    assert verdict.status is Status.FAILED
    assert "can get in as well: bob, lambda.amazonaws.com, service" in verdict.reason
    assert who(trusts(HOME, **CHOSEN[name]), *INSIDERS).status is Status.PASSED


def test_what_a_caller_may_not_choose_keeps_others_out(who: Callable[..., Verdict]) -> None:
    assert who(trusts(HOME, StringEquals={"aws:username": "ann"}), "ann").status is Status.PASSED


def test_an_external_id_is_no_secret(who: Callable[..., Verdict]) -> None:
    statement = trusts(PARTNER, StringEquals={"sts:ExternalId": "shared"})
    verdict = who(statement)
    assert verdict.status is Status.FAILED
    assert f"can get in as well: {PARTNER}" in verdict.reason
    assert who(statement, PARTNER).status is Status.PASSED
    everybody = who(trusts("*", StringEquals={"sts:ExternalId": "shared"}), *INSIDERS)
    assert everybody.status is Status.FAILED
    assert "another account" in everybody.reason


def test_a_role_that_only_a_service_starts_may_go_on(who: Callable[..., Verdict]) -> None:
    verdict = who(trusts(f"arn:aws:iam::{HOME}:role/service"))
    assert verdict.status is Status.FAILED
    assert "can get in as well: lambda.amazonaws.com, service" in verdict.reason


WAYS = {  # a trust policy's statement, and how bob and the service's role get in beside the declared caller
    "choice": (
        trusts(HOME, StringEquals={"sts:ExternalId": "shared", "aws:RequestTag/team": "blue"}),
        ("bob with the external id and tag team=blue", "starts with the external id and tag team=blue"),
    ),
    "another role": (
        trusts(f"arn:aws:iam::{HOME}:role/service"),
        ("lambda.amazonaws.com over service, service in a session that no declared hop starts)",),
    ),
    "elsewhere": (
        trusts(HOME, IpAddress={"aws:SourceIp": "192.0.2.0/24"}),
        ("bob with another aws:SourceIp",),
    ),
    "nothing": (trusts(f"arn:aws:iam::{HOME}:user/bob"), ("can get in as well: bob;",)),
}


@pytest.mark.parametrize("name", WAYS)
def test_how_they_get_in_is_told_where_to_ask_is_not_enough(name: str, who: Callable[..., Verdict]) -> None:
    statement, shown = WAYS[name]
    verdict = who(statement, "ann")
    for words in shown:
        assert words in verdict.reason


def test_a_name_that_nobody_can_have_is_refused(who: Callable[..., Verdict]) -> None:
    with pytest.raises(InputError, match="neither declared nor a principal"):
        who(trusts(HOME), "o-short")


def test_decision_on_who_gets_in_against_the_promise_comes_first(who: Callable[..., Verdict]) -> None:
    found = who(trusts(HOME), *(name for name in INSIDERS if name != "bob")).prediction
    assert found.reason == "can get in as well: bob"
    assert found.deciding is not None
    assert found.deciding.request.principal.arn == f"arn:aws:iam::{HOME}:user/bob"


def test_workflow_that_its_subject_keeps_out_is_told_by_that_condition(
    copy: Callable[[str], Path], verified: Verified
) -> None:
    folder = copy("github-actions")
    trust = folder / "deploy-trust.json"
    trust.write_text(trust.read_text().replace('"repo:', '"repoo:'))
    verdict = verified(folder)["only-github"]
    assert verdict.reason.startswith("cannot get in: github")
    assert verdict.prediction.deciding is not None
    miss = verdict.prediction.deciding.nearest_miss
    assert miss is not None
    assert (miss.element, miss.key) == ("Condition", "token.actions.githubusercontent.com:sub")


def test_who_cannot_come_by_way_of_a_role_is_told_by_the_declared_hop(
    tmp_path: Path, verified: Verified
) -> None:
    documents = {
        "assumes": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
        "target": trusts(f"arn:aws:iam::{HOME}:role/middle"),
        "middle": trusts(f"arn:aws:iam::{HOME}:user/ann", StringEquals={"sts:ExternalId": "other"}),
    }
    for name, held in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": held}))
    (tmp_path / "chain.yaml").write_text(f"""\
version: 1
chain: by-way-of
region: eu-west-3
accounts: {{home: "{HOME}"}}
policies: {{assumes: assumes.json}}
users:
  ann: {{policies: [assumes], access_key: true}}
roles:
  middle: {{trust: middle.json, policies: [assumes]}}
  target: {{trust: target.json}}
hops:
  - {{from: ann, assume: middle, session_name: ann, external_id: mine}}
  - {{from: middle, assume: target, session_name: middle}}
expect:
  - {{id: it, assumers_of: target, exactly: [ann, middle]}}
""")
    verdict = verified(tmp_path)["it"]
    assert verdict.prediction.reason == "cannot get in: ann"
    assert verdict.prediction.deciding is not None
    assert verdict.prediction.deciding.request.resource == f"arn:aws:iam::{HOME}:role/middle"
