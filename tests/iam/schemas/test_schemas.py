"""What the schemas take and refuse, and that every way of asking gives the same answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rolecall.iam import parse_policy
from rolecall.iam.operators import BASE_OPERATORS, is_operator
from rolecall.iam.schemas import KINDS, schema, validate_document
from rolecall.iam.schemas.compiled import compile_schema, quick_check

POLICIES = Path(__file__).parents[3] / "policies" / "assume-role"


@pytest.mark.parametrize("kind", KINDS)
def test_bundled_schema_is_valid_self_contained_and_describes_itself(kind):
    bundle = schema(kind)
    Draft202012Validator.check_schema(bundle)
    text = json.dumps(bundle)
    assert "grammar.schema.json" not in text
    assert bundle["$id"] == f"urn:rolecall:schema:policy:{kind}"
    assert bundle["title"]
    assert bundle["description"]
    for example in bundle["examples"]:
        assert validate_document(json.dumps(example), kind) == ()


def test_schema_knows_exactly_the_operators_that_the_engine_knows():
    listed = set(schema("identity")["$defs"]["conditionOperator"]["enum"])
    possible = {
        f"{quantifier}{base}{suffix}"
        for quantifier in ("", "ForAllValues:", "ForAnyValue:")
        for base in BASE_OPERATORS
        for suffix in ("", "IfExists")
    }
    assert listed == {name for name in possible if is_operator(name)}


def test_unknown_kind_is_refused_by_name():
    with pytest.raises(ValueError, match='"idendity" is not a kind of policy'):
        schema("idendity")


def test_unknown_keyword_is_never_skipped_by_the_quick_check():
    with pytest.raises(ValueError, match='keyword "contains"'):
        compile_schema({"type": "array", "contains": {"const": 1}})


@pytest.mark.parametrize(
    ("name", "kind"),
    [("assume-role-policy", "identity"), ("assume-role-trust-relationship", "trust")],
)
def test_documents_of_the_first_chain_are_valid(name, kind):
    assert validate_document((POLICIES / f"{name}.json").read_bytes(), kind) == ()


def test_broken_copy_names_file_line_column_path_and_what_was_meant():
    broken = (POLICIES / "assume-role-trust-relationship.json").read_text().replace('"Allow"', '"allow"')
    (finding,) = validate_document(broken, "trust", file="policies/x.json")
    assert (finding.file, finding.line, finding.column, finding.rule) == ("policies/x.json", 5, 17, "schema")
    assert finding.message == 'Statement[0].Effect must be "Allow" or "Deny", not "allow"'
    assert finding.suggestion == 'did you mean "Allow"?'


ACTIONS = st.sampled_from(
    ["*", "s3:Get*", "EC2:describe?", "sts:AssumeRole", "*:*", "s3", "a:b:c", "", "s3:"]
)
NAMES = st.sampled_from(
    ["Effect", "effect", "Action", "NotAction", "Resource", "Principal", "NotPrincipal", "Sid"]
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**13), st.floats(-9, 9), ACTIONS,
    st.sampled_from(["Allow", "Deny", "2012-10-17", "arn:aws:s3:::b/*", "arn:aws:iam::111122223333:root",
                     "111122223333", "ec2.amazonaws.com", "arn:aws", "a\n", "Allow\n"]),
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
OPERATORS = st.sampled_from(["StringEquals", "ForAnyValue:ArnLikeIfExists", "Null", "NullIfExists", "bool"])
KEYS = st.sampled_from(
    ["aws:SourceIp", "aws:PrincipalTag/Cost Center", "oidc.eks.x/id/A:aud", "nokey", ":a", "a: "]
)
CONDITIONS = st.dictionaries(OPERATORS, st.dictionaries(KEYS, ANYTHING, max_size=2) | ANYTHING, max_size=2)
PRINCIPALS = st.one_of(
    st.just("*"), ANYTHING,
    st.dictionaries(st.sampled_from(["AWS", "Service", "Federated", "aws"]), ANYTHING, max_size=2),
)  # fmt: skip
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Effect": st.sampled_from(["Allow", "Deny", "allow"]),
        "Sid": st.sampled_from(["One", "", "a b"]) | ANYTHING,
        "Action": ACTIONS | st.lists(ACTIONS, max_size=2) | ANYTHING,
        "NotAction": ACTIONS,
        "Resource": st.sampled_from(["*", "arn:aws:s3:::b/*", "x"]) | ANYTHING,
        "Principal": PRINCIPALS,
        "NotPrincipal": PRINCIPALS,
        "Condition": CONDITIONS,
        "Extra": LEAVES,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"Statement": STATEMENTS | st.lists(STATEMENTS, max_size=2) | ANYTHING},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17", "2012"]) | ANYTHING, "Id": LEAVES},
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(DOCUMENTS | ANYTHING, st.sampled_from(KINDS))
def test_quick_check_and_jsonschema_agree_and_the_engine_reads_what_they_accept(document, kind):
    accepted = quick_check(kind)(document)
    assert accepted == Draft202012Validator(schema(kind)).is_valid(document)
    findings = validate_document(json.dumps(document), kind)
    if accepted:
        assert not [finding for finding in findings if finding.rule == "schema"]
        parse_policy(json.dumps(document))
    else:
        assert findings
        assert all("is not valid under any" not in finding.message for finding in findings)


VALID_STATEMENTS = st.builds(
    lambda effect, action, resource, condition, negate: {
        "Effect": effect, "NotAction" if negate[0] else "Action": action,
        "NotResource" if negate[1] else "Resource": resource, "Condition": condition,
    },
    st.sampled_from(["Allow", "Deny"]),
    st.from_regex(schema("identity")["$defs"]["action"]["pattern"]) | st.lists(st.from_regex(
        schema("identity")["$defs"]["action"]["pattern"]), min_size=1, max_size=2),
    st.sampled_from(["*", "arn:aws:s3:::b", ["arn:aws:iam::111122223333:role/*"]]),
    st.dictionaries(
        st.sampled_from(schema("identity")["$defs"]["conditionOperator"]["enum"]),
        st.dictionaries(
            st.from_regex(schema("identity")["$defs"]["conditionKey"]["pattern"]).filter(str.isprintable),
            st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
            | st.lists(st.text() | st.booleans(), max_size=2), max_size=2),
        max_size=2),
    st.tuples(st.booleans(), st.booleans()),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(VALID_STATEMENTS, min_size=1, max_size=2))
def test_whatever_the_grammar_generates_is_accepted_and_read_by_the_engine(statements):
    document = {"Version": "2012-10-17", "Statement": statements}
    assert quick_check("identity")(document)
    assert len(parse_policy(document).statements) == len(statements)


def test_aws_managed_policies_are_all_valid_and_both_checks_say_so():
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies = {name: entry["Document"] for name, entry in json.loads(aws_managed_policies_data).items()}
    assert len(policies) > 1500
    check = quick_check("identity")
    assert [name for name, document in policies.items() if not check(document)] == []
    reference = Draft202012Validator(schema("identity"))
    some = list(policies)[::40]
    assert [name for name in some if not reference.is_valid(policies[name])] == []
