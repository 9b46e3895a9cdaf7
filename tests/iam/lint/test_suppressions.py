"""A suppression hides what it names, as long as it says, and is told when it hides nothing."""

from __future__ import annotations

from datetime import date

import pytest

from rolecall.iam.lint import Suppression, apply_suppressions

TODAY = date(2026, 11, 23)
ADMIN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def suppression(rule="full-admin", place="admin.json", until=TODAY):
    return Suppression(rule, (place,), "break-glass role", until, "chain.yaml", 9, 5)


@pytest.fixture
def findings(linter):
    found = linter.lint_document(ADMIN, file="policies/ops/admin.json")
    assert [one.path for one in found] == ["Statement[0].Action"]
    return found


@pytest.mark.parametrize(
    "place",
    [
        "admin.json",
        "ops/admin.json",
        "./ops/admin.json",
        "admin.json#Statement[0]",
        "admin.json#Statement[0].Action",
    ],
)
def test_suppressed_finding_is_gone(findings, place):
    assert apply_suppressions(findings, [suppression(place=place)], TODAY) == ()


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("pass-role", "admin.json"),
        ("full-admin", "min.json"),
        ("full-admin", "other.json"),
        ("full-admin", "admin.json#Statement[1]"),
        ("full-admin", "admin.json#Statement[0].Act"),
    ],
)
def test_suppression_that_fits_nothing_is_a_finding_where_it_stands(findings, rule, place):
    left = apply_suppressions(findings, [suppression(rule, place)], TODAY)
    assert [one.rule for one in left] == ["full-admin", "unused-suppression"]
    assert (left[1].file, left[1].line, left[1].column) == ("chain.yaml", 9, 5)


def test_expired_suppression_hides_nothing_and_is_an_error(findings):
    left = apply_suppressions(findings, [suppression(until=date(2026, 11, 22))], TODAY)
    assert [(one.rule, one.severity) for one in left] == [
        ("full-admin", "security"),
        ("expired-suppression", "error"),
    ]


def test_suppression_without_a_last_day_does_not_end(findings):
    assert apply_suppressions(findings, [suppression(until=None)], date(2999, 1, 1)) == ()


def test_one_place_of_several_is_enough_to_be_in_use(findings):
    several = Suppression("full-admin", ("other.json", "admin.json"), "break-glass role")
    assert apply_suppressions(findings, [several], TODAY) == ()


def test_what_cannot_be_read_cannot_be_suppressed(linter):
    (broken,) = linter.lint_document("{", file="admin.json")
    left = apply_suppressions([broken], [suppression("json")], TODAY)
    assert [one.rule for one in left] == ["json", "unused-suppression"]
