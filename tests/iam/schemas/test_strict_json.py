"""Text that is no JSON, or that IAM would not take, is answered with one finding in the right place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.iam.schemas import validate_document
from rolecall.iam.strict_json import JsonDocument, read_json

REFUSED = {
    "empty": ("", 1, 1, "is empty"),
    "blank": (" \n ", 2, 2, "is empty"),
    "trailing comma": ('{\n "a": 1,\n}', 3, 1, "a comma after the last member"),
    "trailing comma in a list": ('{"a": [1,]}', 1, 10, "a comma after the last member"),
    "comment": ("{\n // no\n}", 2, 2, "JSON has no comments"),
    "single quotes": ("{'a': 1}", 1, 2, "a string in single quotes"),
    "nan": ('{"a": "NaN", "b": NaN}', 1, 19, "NaN is not a JSON number"),
    "infinite": ('{"b": 1e999}', 1, 7, "a number is too large"),
    "five thousand digits": ('{"a":\n' + "9" * 5000 + "}", 2, 1, "a number is too large"),
    "two documents": ("{} {}", 1, 4, "something follows the document"),
    "cut off": ('{"a": [', 1, 8, "it ends too early"),
    "repeated key": ('{"a": {"b": 1,\n "b": 2}}', 2, 2, 'repeats the key "b"'),
    "repeated key, escaped": ('{"a": 1, "\\u0061": 2}', 1, 10, 'repeats the key "a"'),
    "byte-order mark": ("\ufeff{}", 1, 1, "starts with a byte-order mark"),
    "byte-order mark in bytes": (b"\xef\xbb\xbf{}", 1, 1, "starts with a byte-order mark"),
    "utf-16": ("{}".encode("utf-16"), 1, 1, "is not UTF-8 text: byte 0xff"),
    "latin-1": (b'{\n"\xe9": 1}', 2, 2, "is not UTF-8 text: byte 0xe9"),
    "half a surrogate pair": ('{"a": "\\ud800"}', 1, 7, "half of a surrogate pair"),
    "half a surrogate pair, raw": ('{"a": "\ud800"}', 1, 8, "half of a surrogate pair"),
    "raw nul": ('{"a": "\x00"}', 1, 8, "the control character U+0000 inside a string"),
    "escaped nul": ('{"a": "\\u0000"}', 1, 7, "the character U+0000, which AWS refuses"),
    "line break in a string": ('{"a": "b\nc"}', 1, 9, "a line break inside a string"),
    "beyond latin-1": ('{"a": "\u20ac"}', 1, 7, "the character U+20AC, which AWS refuses"),
    "1,000 levels": ("[" * 1000 + "]" * 1000, 1, 65, "is nested more than 64 levels deep"),
    "100,000 levels, cut off": ('{"a":' * 100_000, 1, 321, "is nested more than 64 levels deep"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_text_is_one_json_finding_at_its_place(name):
    source, line, column, said = REFUSED[name]
    findings = [one for one in validate_document(source, "identity", file="x.json") if one.rule == "json"]
    assert [(one.line, one.column) for one in findings] == [(line, column)]
    assert said in findings[0].message
    assert findings[0].severity == "error"


def test_encoded_twice_and_lists_are_told_apart_from_syntax_errors():
    (twice,) = validate_document(json.dumps("{}"), "identity")
    assert (twice.rule, twice.suggestion) == ("schema", "it was encoded twice")
    (listed,) = validate_document("[]", "identity")
    assert listed.message == "the document must be an object, not a list"


def test_ten_megabytes_are_answered_with_a_finding():
    statement = '{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}'
    text = f'{{"Version":"2012-10-17","Statement":[{",".join([statement] * 200_000)}]}}'
    (finding,) = validate_document(text, "identity")
    assert finding.rule == "size"
    assert "10,240" in finding.message
    (blank,) = validate_document(" " * 10_000_000 + '{"Statement": []}', "resource")
    assert blank.rule == "size"
    (unclosed,) = validate_document('{"Statement": "' + "\\" * 10_000_000, "identity")
    assert unclosed.rule == "json"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=120, deadline=None)
@given(JSON_VALUES, st.sampled_from([None, 1]), st.booleans())
def test_every_value_is_found_where_it_stands(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    try:
        document = read_json(text)
    except Exception as error:
        pytest.fail(f"{error!r} for {text!r}")
    lines = text.split("\n")
    values, keys = document.all_places()
    for path, place in values.items():
        here = document.value
        for part in path:
            here = here[part]
        rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
        assert json.JSONDecoder().raw_decode(rest)[0] == here
    for path, place in keys.items():
        rest = lines[place.line - 1][place.column - 1 :]
        assert json.JSONDecoder().raw_decode(rest)[0] == path[-1]
    assert JsonDocument(value, text).places() == values


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_arbitrary_input_never_raises(source):
    for finding in validate_document(source, "trust"):
        assert finding.line >= 1
        assert finding.column >= 1


def test_no_end_of_mistakes_is_answered_with_the_first_ones():
    operators = {f"StringEqualz{number}": {} for number in range(20_000)}
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": operators}
    findings = validate_document(json.dumps({"Version": "2012-10-17", "Statement": statement}), "identity")
    assert 100 < len(findings) < 1000
