"""A manifest says which other accounts have the same owner: those of its organization are no third party."""

from __future__ import annotations

import json
from datetime import date

import pytest

from rolecall.chains import Chain, Role, document
from rolecall.chains.organizations import Organization
from rolecall.runs.chain_linting import ChainLinter

HOME, SIBLING, VENDOR = "111111111111", "222222222222", "333333333333"


def rules_told(trusted: str, organization: Organization | None) -> list[str]:
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": trusted}},
    }
    chain = Chain(
        name="c",
        accounts={"home": HOME, "sibling": SIBLING, "vendor": VENDOR},
        organization=organization,
        roles={"r": Role("r", "home", document(json.dumps(trust)))},
    )
    found = ChainLinter(date(2026, 11, 24)).lint_chain(chain)
    return [one.rule for findings in found.values() for one in findings]


@pytest.mark.parametrize(
    ("trusted", "members", "told"),
    [
        (SIBLING, ("home", "sibling"), False),
        (f"arn:aws:iam::{SIBLING}:role/x", ("home", "sibling"), False),
        (VENDOR, ("home", "sibling"), True),
        (SIBLING, ("sibling",), True),
        (SIBLING, None, True),
    ],
)
def test_trust_in_an_account_of_the_same_organization_is_no_external_trust(trusted, members, told):
    below = None if members is None else Organization("o-abcdefghij", dict.fromkeys(members, "r-ab12/"))
    assert ("external-trust" in rules_told(trusted, below)) is told
