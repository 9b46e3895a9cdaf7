"""Shards of one run become one evidence, whatever order they come in; what is not of one run is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rolecall.errors import InputError
from rolecall.reports import Coverage, Evidence, merge
from rolecall.reports.merging import missing_parts
from tests.reports.sample import sample


def shards() -> tuple[Evidence, Evidence]:
    whole = sample()
    chain = whole.chains[0]
    assert chain.coverage is not None
    first = replace(chain, expectations=chain.expectations[:3])
    second = replace(
        chain,
        expectations=chain.expectations[3:],
        coverage=Coverage(9, 8, chain.coverage.gaps[1:2]),
    )
    later = replace(whole.run, id="w2", started="2026-11-23T09:30:01Z", duration=9.0)
    return replace(whole, chains=(first,)), replace(whole, run=later, chains=(second, whole.chains[1]))


def test_merged_shards_hold_every_expectation_once_in_any_order() -> None:
    one, other = shards()
    merged = merge([one, other])
    assert merged == merge([other, one])
    assert merged.counts() == sample().counts()
    assert [item.id for item in merged.chains[0].expectations] == [
        item.id for item in sample().chains[0].expectations
    ]
    assert (merged.run.shards, merged.run.duration) == (2, 9.0)


def test_a_gap_stays_only_where_no_shard_exercised_it() -> None:
    coverage = merge(shards()).chains[0].coverage
    assert coverage is not None
    assert (coverage.total, coverage.exercised, len(coverage.gaps)) == (9, 8, 1)


def test_overlapping_shards_are_refused() -> None:
    with pytest.raises(InputError, match="base-user-cannot-describe-ec2 is in more than one"):
        merge([sample(), sample()])


def test_shards_that_saw_different_documents_are_refused() -> None:
    one, other = shards()
    changed = replace(other.documents[0], sha256="0" * 64)
    with pytest.raises(InputError, match=r"assume-role-policy\.json differs"):
        merge([one, replace(other, documents=(changed, *other.documents[1:]))])


def test_shards_of_different_accounts_are_refused() -> None:
    one, other = shards()
    chain = other.chains[1]
    moved = replace(chain, accounts=tuple(replace(a, actual="999999999999") for a in chain.accounts))
    last = replace(one, chains=(*one.chains, replace(chain, name="third", expectations=())))
    with pytest.raises(InputError, match="999999999999 in run w2, and"):
        merge([last, replace(other, chains=(moved,))])


def test_accounts_and_regions_of_the_shards_are_put_together() -> None:
    one, other = shards()
    run = replace(other.run, account="999999999999", region="eu-west-1")
    merged = merge([one, replace(other, run=run)]).run
    assert merged.account.split(", ") == sorted([*one.run.account.split(", "), "999999999999"])
    assert merged.region.split(", ") == sorted([*one.run.region.split(", "), "eu-west-1"])


def test_nothing_to_merge_is_said_so() -> None:
    with pytest.raises(InputError, match="no evidence to merge"):
        merge([])


def test_a_shard_that_is_missing_is_told_first_and_shards_of_different_cuts_are_refused() -> None:
    first, second = shards()

    def part(evidence: Evidence, name: str) -> Evidence:
        return replace(evidence, run=replace(evidence.run, parts=(name,)))

    whole = merge([part(second, "2/2"), part(first, "1/2")])
    assert (whole.run.parts, missing_parts(whole.run)) == (("1/2", "2/2"), ())
    assert "shard" not in whole.limits[0]
    for some in ([part(first, "1/3"), part(second, "3/3")], [part(first, "1/2")]):
        merged = merge(some)
        missing = "2/3" if len(some) == 2 else "2/2"
        assert missing_parts(merged.run) == (missing,)
        assert merged.limits[0].startswith(f"ATTENTION: shard {missing} is not in this report")
    with pytest.raises(InputError, match=r"different cuts \(1/2, 3/3\)"):
        merge([part(first, "1/2"), part(second, "3/3")])
    with pytest.raises(InputError, match="shard 1/2 is there twice"):
        merge([part(first, "1/2"), part(second, "1/2")])
