"""The JSON Schema is generated, checked in, and agrees with the loader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import rolecall.chains
from rolecall.chains import load_chain
from rolecall.chains.schema import manifest_schema, schema_text
from rolecall.errors import InputError
from tests.chains.conftest import BASE, HEAD
from tests.chains.test_bad_manifests import CASES

Write = Callable[[str], Path]
CHECKED_IN = Path(rolecall.chains.__file__).with_name("chain.schema.json")
ROOT = Path(__file__).parents[2]

BY_THE_LOADER_ALONE = {
    # What a schema cannot say: names that exist, files, limits that hang together, and YAML itself.
    "missing document",
    "duplicate key",
    "duplicate top key",
    "unknown user in hops",
    "unknown role in hops",
    "as of nobody",
    "no hop leads there",
    "waiver of nothing",
    "id twice",
    "unknown account",
    "unknown policy",
    "duration beyond the role's",
    "no such day",
    "tab",
    "two documents",
    "unclosed",
    "merge key",
    "tag",
    "alias of itself",
    "unknown alias",
    "NUL",
    "outside",
    "absolute",
    "user without key",
    "claims of a user",
    "nothing to leave out",
    "same hop twice",
    "user and role of one name",
    "short account id",
}


class _Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: no days, and yes is a word."""


_Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":timestamp", ":bool"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Core.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), list("tf"))


def _accepts(text: str) -> bool:
    data = yaml.load(text, Loader=_Core)  # noqa: S506  a SafeLoader by descent
    return Draft7Validator(manifest_schema()).is_valid(data)


def test_checked_in_schema_is_what_the_definitions_give() -> None:
    assert CHECKED_IN.read_text(encoding="utf-8") == schema_text(), (
        "python -m rolecall.chains.schema > src/rolecall/chains/chain.schema.json"
    )


def test_schema_is_a_valid_draft_07_schema() -> None:
    Draft7Validator.check_schema(manifest_schema())


def _fields(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in [schema, *schema["definitions"].values()]:
        yield from part.get("properties", {}).items()


def test_every_field_has_title_and_description_and_valid_examples() -> None:
    schema = manifest_schema()
    for name, field in _fields(schema):
        assert field["title"], name
        assert field["description"], name
        for example in field.get("examples", ()):
            rules = {key: value for key, value in field.items() if key != "examples"}
            Draft7Validator({**rules, "definitions": schema["definitions"]}).validate(example)


GOOD = {
    "base": BASE,
    "head": HEAD,
    "unquoted": BASE.replace('"111111111111"', "012345670123").replace(
        "deploy}\n", "deploy, external_id: 0012}\n"
    ),
    "day": BASE + "suppressions: [{rule: R1, reason: r, until: 2027-02-28}]",
    "empty user": BASE.replace("roles:\n", "  idle:\nroles:\n"),
    "one or many": BASE
    + "expect: [{id: a, as: deploy, deny: [s3:*, ec2:*], on: '*'}, {id: b, as: alice, only: []}]",
    "because": BASE + "expect: [{id: a, as: deploy, deny: s3:*, because: {stage: trust, statement: 0}}]",
    "mutation": BASE + "expect: [{id: a, hop: deploy, with: {external_id: x1, duration: 900}}]",
    "resources": BASE + "resources: [{ec2_instance: }, {s3_bucket: {name: abc, objects: {a: b}}}]",
    "provider": BASE + "providers: {g: {url: 'https://a.example', client_ids: a}}",
    "scps": BASE + "scps: {home: [[FullAWSAccess], [allow.json]]}",
}


@pytest.mark.parametrize("case", GOOD)
def test_schema_and_loader_accept_the_same_manifests(manifest: Write, case: str) -> None:
    load_chain(manifest(GOOD[case]))
    assert _accepts(GOOD[case])


@pytest.mark.parametrize("case", sorted(set(CASES) - BY_THE_LOADER_ALONE))
def test_schema_and_loader_refuse_the_same_manifests(manifest: Write, case: str) -> None:
    text = CASES[case][0]
    with pytest.raises(InputError):
        load_chain(manifest(text))
    assert not _accepts(text)


@pytest.mark.parametrize("path", sorted((ROOT / "policies").rglob("chain.yaml")), ids=lambda p: p.parent.name)
def test_shipped_manifests_are_valid_in_editors(path: Path) -> None:
    assert _accepts(path.read_text(encoding="utf-8"))


MUTATIONS: tuple[tuple[str, Any], ...] = (
    ("version", 2),
    ("chain", "two words"),
    ("region", "Frankfurt"),
    ("accounts", {}),
    ("accounts", {"home": "12"}),
    ("users", {"a b": {}}),
    ("users", {"alice": {"access_key": "true"}}),
    ("users", {"alice": {"policies": 3.5, "groups": {}}}),
    ("roles", {"r": {}}),
    ("roles", {"r": {"trust": "trust.json", "max_session_duration": 60}}),
    ("roles", {"r": {"trust": "trust.json", "path": "ops"}}),
    ("hops", [{"from": "alice"}]),
    ("hops", {"from": "alice", "assume": "deploy"}),
    ("expect", [{"id": "a", "as": "deploy", "deny": "s3:*", "because": "accident"}]),
    ("expect", [{"id": "a", "as": "deploy", "deny": []}]),
    ("expect", [{"id": "a", "hop": "deploy"}]),
    ("expect", [{"id": "a", "reach": "deploy", "on": "*"}]),
    ("resources", [{"moon_base": {}}]),
    ("resources", [{"s3_bucket": {}}]),
    ("scps", {"home": ["allow.json"]}),
)


@pytest.mark.parametrize(("field", "value"), MUTATIONS, ids=lambda v: json.dumps(v)[:40])
def test_a_wrong_value_is_refused_by_both(manifest: Write, field: str, value: Any) -> None:
    data = {**yaml.safe_load(BASE), field: value}
    text = json.dumps(data)
    with pytest.raises(InputError):
        load_chain(manifest(text))
    assert not _accepts(text)
