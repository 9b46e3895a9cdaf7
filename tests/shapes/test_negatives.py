"""Automatic negatives: which there are, what they are called, and what must refuse them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.chains import HopExpectation, load_chain
from rolecall.iam import Stage
from rolecall.verdicts import Status, Verdict, negatives
from tests.shapes.conftest import POLICIES


def of(folder: Path | str) -> dict[str, HopExpectation]:
    found = negatives(load_chain(POLICIES / folder))
    made = {negative.id: negative for negative in found}
    assert len(made) == len(found)
    return made


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    return folder


def test_each_required_parameter_is_dropped_and_changed_and_its_key_must_refuse() -> None:
    made = of("external-id")

    assert made.keys() == {
        f"auto-vendor-app-vendor-access-{change}"
        for change in ("without-external_id", "other-external_id", "another-account", "duration-beyond-limit")
    }
    for change in ("without-external_id", "other-external_id"):
        because = made[f"auto-vendor-app-vendor-access-{change}"].because
        assert because is not None
        assert (because.stage, because.condition_key) == (Stage.RESOURCE, "sts:ExternalId")
    assert made["auto-vendor-app-vendor-access-without-external_id"].without == ("external_id",)
    assert all(not negative.allowed and negative.title.startswith("Automatic") for negative in made.values())


def test_tags_source_identity_and_session_name_have_negatives_of_their_own() -> None:
    made = of("role-chaining")

    assert {
        "auto-pipeline-build-without-source_identity",
        "auto-pipeline-build-other-tag-project",
        "auto-build-deploy-other-session_name",
        "auto-build-deploy-another-principal",
    } <= made.keys()
    # No condition of the trust policy is about the tag "stage".
    assert not [name for name in made if "stage" in name]
    because = made["auto-build-deploy-other-session_name"].because
    assert because is not None
    assert because.condition_key == "sts:RoleSessionName"


def test_the_duration_goes_one_second_beyond_the_limit_and_an_hour_is_the_limit_of_chained_hops() -> None:
    made = of("role-chaining")

    assert made["auto-pipeline-build-duration-beyond-limit"].changes == {"duration": 7201}
    assert made["auto-build-deploy-duration-beyond-limit"].changes == {"duration": 3601}


def test_claims_of_a_token_are_changed_one_at_a_time() -> None:
    made = of("github-actions")

    changed = made["auto-github-deploy-other-claim-sub"].changes["claims"]
    assert changed["aud"] == "sts.amazonaws.com"
    assert changed["sub"] != "repo:octo-org/octo-repo:ref:refs/heads/main"


def test_what_the_trust_policy_would_accept_makes_no_negative(copy: Callable[[str], Path]) -> None:
    folder = edited(copy("external-id"), "vendor-trust.json", '"StringEquals"', '"StringEqualsIfExists"')

    names = {name.rpartition("access-")[2] for name in of(folder)}

    assert names == {"other-external_id", "another-account", "duration-beyond-limit"}


def test_a_wildcard_principal_makes_no_negative_about_callers(copy: Callable[[str], Path]) -> None:
    folder = copy("external-id")
    trust = json.loads((folder / "vendor-trust.json").read_text())
    trust["Statement"][0]["Principal"] = "*"
    (folder / "vendor-trust.json").write_text(json.dumps(trust))

    assert not [name for name in of(folder) if "another" in name]


def test_a_hop_can_do_without_negatives(copy: Callable[[str], Path]) -> None:
    folder = edited(
        copy("mfa"), "chain.yaml", "operations, session_name: operator,", "operations, negatives: false,"
    )

    assert {name.split("-")[2] for name in of(folder)} == {"trapped"}


def test_hops_whose_names_run_together_keep_ids_apart(copy: Callable[[str], Path]) -> None:
    folder = copy("assume-role")
    manifest = """\
version: 1
chain: names
accounts: {home: "278805249149"}
users:
  a: {access_key: true}
  a-b: {access_key: true}
roles:
  b-c: {trust: assume-role-trust-relationship.json}
  c: {trust: assume-role-trust-relationship.json}
hops:
  - {from: a-b, assume: c}
  - {from: a, assume: b-c}
"""
    (folder / "chain.yaml").write_text(manifest)

    made = of(folder)

    assert len(made) == 4
    assert {(negative.frm, negative.role) for negative in made.values()} == {("a-b", "c"), ("a", "b-c")}


def test_an_account_that_nobody_holds_a_key_of_is_asked_of_the_engine_alone_and_the_verdict_says_so(
    verified: Callable[[Path], dict[str, Verdict]],
) -> None:
    verdict = verified(POLICIES / "assume-role")["auto-assume-role-user-assume-role-role-another-account"]

    assert verdict.status is Status.PASSED
    assert verdict.observation.calls == ()
    assert "decided by the engine alone" in verdict.reason
    assert "nobody whom this chain declares" in verdict.reason


def test_a_negative_that_is_refused_for_another_reason_fails_and_says_both(
    verified: Callable[[Path], dict[str, Verdict]], copy: Callable[[str], Path]
) -> None:
    folder = edited(copy("external-id"), "vendor-work.json", "role/vendor-access", "role/other")

    verdict = verified(folder)["auto-vendor-app-vendor-access-duration-beyond-limit"]

    assert verdict.status is Status.FAILED
    assert verdict.reason.startswith("promised the call itself, the target named the identity-based policies")


@pytest.mark.parametrize("waived", [True, False])
def test_an_automatic_negative_can_be_waived_by_its_id(
    waived: bool, verified: Callable[[Path], dict[str, Verdict]], copy: Callable[[str], Path]
) -> None:
    name = "auto-vendor-app-vendor-access-duration-beyond-limit"
    folder = edited(copy("external-id"), "vendor-work.json", "role/vendor-access", "role/other")
    if waived:
        with (folder / "chain.yaml").open("a") as manifest:
            manifest.write(
                f"waivers:\n  - {{expectation: {name}, reason: known, approved_by: me, until: 2099-01-01}}\n"
            )

    assert verified(folder)[name].status is (Status.WAIVED if waived else Status.FAILED)
