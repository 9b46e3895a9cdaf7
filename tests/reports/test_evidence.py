"""The evidence model: nothing is lost, nothing foreign comes in, the schema says the same as the model."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rolecall.errors import InputError
from rolecall.reports import (
    Call,
    Chain,
    Control,
    Document,
    Evidence,
    Expectation,
    Hop,
    Principal,
    Run,
    evidence_schema,
)

_FINITE = st.floats(min_value=0, max_value=1e6)
st.register_type_strategy(float, _FINITE)
_SHA = st.text("0123456789abcdef", min_size=64, max_size=64)
_DOCUMENT = st.builds(Document, sha256=_SHA)
_CHAIN = st.builds(
    Chain,
    expectations=st.lists(st.from_type(Expectation), max_size=2).map(tuple),
    hops=st.lists(st.from_type(Hop), max_size=1).map(tuple),
    principals=st.lists(st.from_type(Principal), max_size=1).map(tuple),
)
_EVIDENCE = st.builds(
    Evidence,
    run=st.builds(Run, duration=_FINITE, shards=st.integers(1, 9)),
    chains=st.lists(_CHAIN, max_size=2).map(tuple),
    documents=st.lists(_DOCUMENT, max_size=2).map(tuple),
    controls=st.lists(st.from_type(Control), max_size=1).map(tuple),
    format=st.just(1),
)
_RUN = Run("r", "moto", "278805249149", "ap-northeast-2", "2026-01-02T03:04:05Z", 1.5)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(_EVIDENCE)
def test_evidence_survives_json_without_loss_and_fulfils_its_schema(evidence: Evidence) -> None:
    text = evidence.to_json()
    assert Evidence.from_json(text) == evidence
    assert Evidence.from_json(text).to_json() == text
    assert not list(Draft202012Validator(evidence_schema()).iter_errors(json.loads(text)))


def test_shipped_schema_is_the_schema_of_the_model() -> None:
    shipped = json.loads(files("rolecall.reports").joinpath("evidence.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(shipped)
    assert shipped == evidence_schema()


def test_versions_are_written_in_one_order_whatever_order_they_were_collected_in() -> None:
    def text(versions: dict[str, str]) -> str:
        return Evidence(Run("r", "moto", "1", "x", "t", 0.0, versions)).to_json()

    assert text({"b": "1", "a": "2"}) == text({"a": "2", "b": "1"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("run"), "not evidence of a run"),
        (lambda d: d.update(format=2), "format 2, this version reads 1"),
        (lambda d: d.update(extra=1), 'has no field "extra"'),
        (lambda d: d["run"].pop("target"), "evidence.run.target is missing"),
        (lambda d: d["run"].update(account=278805249149), "evidence.run.account must be a string"),
        (lambda d: d["run"].update(duration=float("inf")), "evidence.run.duration must be a finite"),
        (lambda d: d.update(chains={}), "evidence.chains must be a list"),
        (lambda d: d.update(chains=[7]), "evidence.chains[0] must be an object"),
    ],
)
def test_foreign_json_is_refused_with_the_place_in_it(change, words: str) -> None:
    data = json.loads(Evidence(_RUN).to_json())
    change(data)
    with pytest.raises(InputError, match=r"evidence\.json: ") as caught:
        Evidence.from_json(json.dumps(data), file="evidence.json")
    assert words in str(caught.value)


def test_broken_json_is_refused_with_line_and_column() -> None:
    with pytest.raises(InputError, match=r"^e\.json:2:1: is not valid JSON"):
        Evidence.from_json("{\n", file="e.json")


def test_a_call_defaults_to_one_attempt_without_waits() -> None:
    call = Call("arn", "ec2:DescribeInstances", "*", "ec2 describe-instances", "allowed")
    assert (call.attempts, call.waits) == (1, ())
