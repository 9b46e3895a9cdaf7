"""Action names, patterns and details. Patterns: IAM User Guide, reference_policies_elements_action."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.iam.catalog import Catalog, load_catalog


def test_names_are_sorted_unique_and_as_many_as_the_provenance_says(catalog: Catalog) -> None:
    names = catalog.action_names
    lowered = [name.lower() for name in names]
    assert lowered == sorted(set(lowered))
    assert len(names) == catalog.provenance.counts["actions"] > 20_000
    assert len(catalog.services) == catalog.provenance.counts["services"]
    assert catalog.provenance.license == "MIT"
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", catalog.provenance.date)


def test_an_action_is_found_in_any_case_and_keeps_the_spelling_of_aws(catalog: Catalog) -> None:
    action = catalog.action("EC2:describeinstances")
    assert action is not None
    assert action.name == "ec2:DescribeInstances"
    assert action.service == "ec2"
    assert action.access_level == "List"
    assert action.resources == ()
    assert "ec2:Region" in action.condition_keys


def test_an_action_tells_its_resources_and_their_keys(catalog: Catalog) -> None:
    run = catalog.action("ec2:RunInstances")
    assert run is not None
    uses = {use.type: use for use in run.resources}
    assert uses["image"].required
    assert not uses["key-pair"].required
    assert "ec2:InstanceType" in uses["instance"].condition_keys
    assert "ec2:InstanceType" in run.all_condition_keys
    assert run.dependent_actions == ()


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("s3:GetObject", "Read"),
        ("s3:PutObject", "Write"),
        ("iam:ListUsers", "List"),
        ("iam:PutRolePolicy", "Permissions management"),
        ("ec2:CreateTags", "Tagging"),
    ],
)
def test_access_levels_are_the_five_of_the_reference(catalog: Catalog, name: str, level: str) -> None:
    action = catalog.action(name)
    assert action is not None
    assert action.access_level == level


@pytest.mark.parametrize("name", ["ec2:Nope", "nope:DescribeInstances", "ec2", "", ":", "ec2:", "ec2:*"])
def test_what_is_no_known_action_is_none(catalog: Catalog, name: str) -> None:
    assert catalog.action(name) is None
    assert catalog.action_name(name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("iam:PassRole", True),
        ("sts:TagSession", True),
        ("sts:SetSourceIdentity", True),
        ("sts:AssumeRole", False),
        ("sts:GetCallerIdentity", False),
        ("s3:ListBucket", False),
        ("s3-outposts:GetBucket", False),
    ],
)
def test_permission_only_means_that_no_call_has_this_base_action(
    catalog: Catalog, name: str, expected: bool
) -> None:
    action = catalog.action(name)
    assert action is not None
    assert action.is_permission_only is expected


def test_permission_only_is_unknown_where_the_sdk_lacks_the_service(catalog: Catalog) -> None:
    action = catalog.action("a4b:ApproveSkill")
    assert action is not None
    assert action.is_permission_only is None


def test_a_star_covers_everything_and_a_name_itself(catalog: Catalog) -> None:
    assert catalog.expand("*") == catalog.action_names
    assert catalog.expand("*:*") == catalog.action_names
    assert catalog.expand("EC2:RUNINSTANCES") == ("ec2:RunInstances",)
    assert catalog.expand("sqs:*") == catalog.actions_of("sqs")
    assert len(catalog.expand("sqs:*")) == 20


@pytest.mark.parametrize("pattern", ["", "ec2", "nope:*", "ec2:Nope", "ec2:*Nope*", "ec2:RunInstances:x"])
def test_a_pattern_that_covers_nothing_expands_to_nothing(catalog: Catalog, pattern: str) -> None:
    assert catalog.expand(pattern) == ()


def _by_matching_every_name(catalog: Catalog, pattern: str) -> tuple[str, ...]:
    regex = re.compile(
        "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in re.sub(r"\*+", "*", pattern)),
        re.IGNORECASE,
    )
    return tuple(name for name in catalog.action_names if regex.fullmatch(name))


@pytest.mark.parametrize(
    ("pattern", "some"),
    [
        ("s3:Get*", "s3:GetObject"),
        ("S3:GETOBJECT*", "s3:GetObject"),
        ("iam:*AccessKey*", "iam:ListAccessKeys"),
        ("ec2:Describe?nstances", "ec2:DescribeInstances"),
        ("ec2:D*b*I*s", "ec2:DescribeInstances"),
        ("ec2:*a*a*a*s", "ec2:DescribeNatGateways"),
        ("sqs:*e", "sqs:SendMessage"),
        ("code*:list*", "codebuild:ListBuilds"),
        ("s?s:Publish", "sns:Publish"),
        ("*:TagResource", "sqs:TagQueue"),
    ],
)
def test_a_pattern_covers_what_aws_says_it_covers(catalog: Catalog, pattern: str, some: str) -> None:
    found = catalog.expand(pattern)
    assert found == _by_matching_every_name(catalog, pattern)
    assert (some in found) == (some != "sqs:TagQueue")


_PIECES = st.sampled_from(["*", "?", "Get", "List", "a", "e", "Object", "instance", "Describe", "S", "", "."])


@settings(deadline=None)  # the reference walks all names with a plain regular expression
@given(st.sampled_from(["s3", "ec2", "sts", "s?", "*", "IAM", "?qs"]), st.lists(_PIECES, max_size=6))
def test_expansion_is_what_matching_every_name_gives(service: str, pieces: list[str]) -> None:
    catalog = load_catalog()
    pattern = f"{service}:{''.join(pieces)}"
    assert catalog.expand(pattern) == _by_matching_every_name(catalog, pattern)


def test_a_pattern_of_many_stars_does_not_hang(catalog: Catalog) -> None:
    assert catalog.expand("ec2:" + "*e" * 60 + "*zz") == ()
    assert catalog.expand("*:" + "*e" * 60 + "*zz") == ()


def test_the_nearest_name_is_offered(catalog: Catalog) -> None:
    assert catalog.nearest_action("ec2:DescribeInstance") == "ec2:DescribeInstances"
    assert catalog.nearest_action("ecc2:DescribeInstances") == "ec2:DescribeInstances"
    assert catalog.nearest_action("S3:GetObjekt") == "s3:GetObject"
    assert catalog.nearest_action("qqqqqqqqqqqq:Zzzz") is None
    assert catalog.nearest_service("dynamdb") == "dynamodb"
    assert catalog.nearest_service("zzzzzzzzz") is None


def test_rcp_services_are_those_that_the_data_lists(catalog: Catalog) -> None:
    assert {"s3", "sts", "kms", "sqs", "secretsmanager"} <= set(catalog.rcp_services)
    assert "ec2" not in catalog.rcp_services
    assert "iam" not in catalog.rcp_services
