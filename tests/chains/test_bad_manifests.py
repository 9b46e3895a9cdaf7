"""Every mistake is told with file, line, column, field and what to do; none gives a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.chains import load_chain
from rolecall.errors import InputError, InputErrors, MalformedPolicyDocument
from tests.chains.conftest import BASE, HEAD

Write = Callable[[str], Path]

CASES = {
    # name: (manifest, line, column, words that the error has)
    "unknown field": (
        BASE.replace("policies: [allow]", "polices: [allow]"),
        6,
        11,
        ["users.alice.polices", '"policies"'],
    ),
    "unknown top field": (BASE + "expects: []\n", 11, 1, ["expects", 'did you mean "expect"']),
    "missing document": (
        BASE.replace("trust.json", "trusty.json"),
        8,
        19,
        ["roles.deploy.trust", 'mean "trust.json"'],
    ),
    "duplicate top key": (
        BASE + "version: 1\n",
        11,
        1,
        [': manifest: the key "version" is repeated', "line 1"],
    ),
    "duplicate key": (
        BASE.replace("access_key: true", "policies: []"),
        6,
        30,
        ['"policies" is repeated', "line 6"],
    ),
    "unknown user in hops": (
        BASE.replace("from: alice", "from: alcie"),
        10,
        12,
        ["hops[0].from", 'mean "alice"'],
    ),
    "unknown role in hops": (
        BASE.replace("assume: deploy", "assume: deplyo"),
        10,
        27,
        ["assume", 'mean "deploy"'],
    ),
    "as of nobody": (BASE + "expect: [{id: a, as: bob, allow: 's3:*'}]", 11, 22, ["as: no user", '"bob"']),
    "no hop leads there": (
        BASE.replace("hops:\n  - {from: alice, assume: deploy}\n", "") + "expect: [{id: a, reach: deploy}]",
        9,
        25,
        ['no hop leads to "deploy"'],
    ),
    "waiver of nothing": (
        BASE
        + "expect: [{id: reach, reach: deploy}]\n"
        + "waivers: [{expectation: raech, reason: r, approved_by: a, until: 2027-01-31}]",
        12,
        25,
        ["waivers[0]", 'mean "reach"'],
    ),
    "id twice": (
        BASE + "expect:\n- {id: a, reach: deploy}\n- {id: a, reach: deploy}",
        13,
        8,
        ["used twice", "line 12"],
    ),
    "unknown account": (
        BASE.replace("access_key: true", "account: prod"),
        6,
        39,
        ["users.alice.account", "home"],
    ),
    "short account id": (
        BASE.replace("111111111111", "1111"),
        3,
        18,
        ["accounts.home", "12 digits", '"1111"'],
    ),
    "unknown policy": (BASE.replace("[allow]", "[alow]"), 6, 22, ["users.alice.policies", 'mean "allow"']),
    "duration too long": (BASE.replace("deploy}\n", "deploy, duration: 50000}\n"), 10, 45, ["900 to 43200"]),
    "duration beyond the role's": (
        BASE.replace("deploy}\n", "deploy, duration: 7200}\n"),
        10,
        5,
        ["7200", "3600"],
    ),
    "control without edition": (HEAD + "controls: [CIS-AWS:2.14]", 4, 12, ["controls[0]", "edition"]),
    "flag that is text": (
        BASE.replace("true", "yes"),
        6,
        42,
        ["users.alice.access_key", 'true or false, found "yes"'],
    ),
    "list instead of mapping": (HEAD + "users: [alice]", 4, 8, ["users", "expected a mapping, found a list"]),
    "nothing instead of text": (BASE + "title:\n", 11, 7, ["title", "found nothing"]),
    "expectation without a promise": (
        BASE + "expect: [{id: a, as: alice}]",
        11,
        10,
        ["one of hop, allow, deny"],
    ),
    "allow and deny": (
        BASE + "expect: [{id: a, as: alice, allow: 's3:*', deny: 's3:*'}]",
        11,
        10,
        ["exclude each other"],
    ),
    "not an action": (
        BASE + "expect: [{id: a, as: alice, allow: DescribeInstances}]",
        11,
        36,
        ["service:Name"],
    ),
    "missing field": (BASE + "waivers: [{expectation: a}]", 11, 11, ['"reason" is missing']),
    "no such day": (
        BASE + "suppressions: [{rule: r, reason: r, until: 2027-02-31}]",
        11,
        44,
        ["suppressions[0].until", "2027-02-31"],
    ),
    "tab": (HEAD + "users:\n\talice: {}\n", 5, 1, ["tab", "spaces"]),
    "two documents": (HEAD + "---\n" + HEAD, 4, 1, ["more than one YAML document"]),
    "unclosed": (HEAD + "users: {alice: {}", 5, 1, ["not valid YAML"]),
    "a list": ("- a\n", 1, 1, ["must be a mapping"]),
    "empty": ("", 1, 1, ["is empty"]),
    "only a comment": ("# nothing\n", 1, 1, ["is empty"]),
    "merge key": (HEAD + "users:\n  a: &a {access_key: true}\n  b: {<<: *a}\n", 6, 7, ["merge keys"]),
    "tag": (HEAD + "users: !!python/object:os.system {}\n", 4, 8, ["tag"]),
    "alias of itself": (HEAD + "users: &a {alice: *a}\n", 4, 8, ["contains itself"]),
    "unknown alias": (HEAD + "users: *a\n", 4, 8, ["alias"]),
    "NUL": (HEAD + "title: a\0b\n", 4, 9, ["U+0000"]),
    "outside": (BASE.replace("trust.json", "../../../etc/passwd"), 8, 19, ["outside of policies/"]),
    "absolute": (BASE.replace("trust.json", "/etc/passwd"), 8, 19, ["must be relative"]),
    "user without key": (
        BASE.replace(", access_key: true", ""),
        10,
        12,
        ["no access key", "access_key: true"],
    ),
    "claims of a user": (BASE.replace("deploy}\n", "deploy, claims: {sub: a}}\n"), 10, 5, ["not a provider"]),
    "nothing to leave out": (
        BASE + "expect: [{id: a, hop: deploy, without: external_id}]",
        11,
        40,
        ["no external_id"],
    ),
    "same hop twice": (BASE + "  - {from: alice, assume: deploy}\n", 11, 5, ["declared already", "name"]),
    "user and role of one name": (BASE.replace("deploy: {", "alice: {"), 8, 3, ["both a user and a role"]),
}


@pytest.mark.parametrize("case", CASES)
def test_mistake_is_told_with_its_place(manifest: Write, case: str) -> None:
    text, line, column, words = CASES[case]
    path = manifest(text)
    with pytest.raises(InputError) as caught:
        load_chain(path)
    errors = caught.value.errors if isinstance(caught.value, InputErrors) else (caught.value,)
    found = [error for error in errors if all(word in str(error) for word in words)]
    assert found, str(caught.value)
    assert (found[0].file, found[0].line, found[0].column) == (str(path), line, column), str(caught.value)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(manifest: Write) -> None:
    text = (
        BASE.replace("alice: {", "alice: {foo: 1, ").replace("assume: deploy", "assume: nobody") + "bar: 1\n"
    )
    with pytest.raises(InputErrors) as caught:
        load_chain(manifest(text))
    assert [error.line for error in caught.value.errors] == [6, 10, 11]
    assert len(str(caught.value).splitlines()) == 3


def test_a_broken_declaration_is_not_reported_again_where_it_is_used(manifest: Write) -> None:
    with pytest.raises(InputError) as caught:
        load_chain(manifest(BASE.replace("trust.json", "none.json") + "expect: [{id: a, reach: deploy}]"))
    assert not isinstance(caught.value, InputErrors), str(caught.value)


def test_malformed_policy_document_is_told_with_its_own_place(manifest: Write) -> None:
    path = manifest(BASE)
    (path.parent / "trust.json").write_text('{"Version": "2012-10-17",\n "Statement": [}')
    with pytest.raises(MalformedPolicyDocument) as caught:
        load_chain(path)
    assert caught.value.file == str(path.parent / "trust.json")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xef\xbb\xbfversion: 1\n", "byte-order mark"),
        (b"version: 1\nchain: caf\xe9\n", "0xe9"),
        ("version: 1\n".encode("utf-16"), "UTF-16"),
        (b"#" * 10_000_000, "10,000,000 bytes"),
    ],
)
def test_unusable_bytes_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "chain.yaml").write_bytes(content)
    with pytest.raises(InputError, match=words):
        load_chain(tmp_path)


def test_billion_laughs_are_refused_quickly(manifest: Write) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(InputError, match="too large"):
        load_chain(manifest("\n".join(lines)))


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_very_deep_nesting_is_refused(manifest: Write, opening: str) -> None:
    with pytest.raises(InputError):
        load_chain(manifest("version: " + opening * 100_000))


def test_deep_nesting_by_aliases_is_refused(manifest: Write) -> None:
    ladder = "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 2000))
    end = "expect: [{id: a, as: alice, allow: 's3:*', parameters: {x: *a1999}}]"
    with pytest.raises(InputError, match="nested more than"):
        load_chain(manifest("a0: &a0 [x]\n" + ladder + BASE + end))


def test_fifo_directory_and_missing_file_are_refused_without_waiting(tmp_path: Path, manifest: Write) -> None:
    fifo = tmp_path / "pipe.yaml"
    os.mkfifo(fifo)
    with pytest.raises(InputError, match="not a regular file"):
        load_chain(fifo)
    with pytest.raises(InputError, match=r"without chain\.yaml"):
        load_chain(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        load_chain(tmp_path / "none.yaml")
    path = manifest(BASE)
    (path.parent / "trust.json").unlink()
    os.mkfifo(path.parent / "trust.json")
    with pytest.raises(InputError, match="not a regular file"):
        load_chain(path)


def test_link_out_of_the_policies_folder_is_refused(tmp_path: Path, manifest: Write) -> None:
    path = manifest(BASE)
    outside = tmp_path / "outside.json"
    (path.parent / "trust.json").rename(outside)
    (path.parent / "trust.json").symlink_to(outside)
    with pytest.raises(InputError, match="outside of policies/"):
        load_chain(path)
