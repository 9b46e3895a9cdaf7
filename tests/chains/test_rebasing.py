"""The same chain elsewhere: every mention of an account or a name follows, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rolecall.chains import (
    ActionExpectation,
    AssumersExpectation,
    Chain,
    Document,
    Hop,
    PolicyDocument,
    Role,
    User,
    check_chain,
    document,
    load_chain,
    rebase,
)
from rolecall.errors import InputError

OLD, NEW = "111111111111", "999999999999"
STS = f"arn:aws:sts::{NEW}"
ROOT = Path(__file__).parents[2]


def policy(resource: object, condition: object = None, **more: Any) -> Document:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource, **more}
    if condition:
        statement["Condition"] = condition
    return document({"Version": "2012-10-17", "Statement": [statement]}, name="doc.json")


def trust(principal: object, condition: object = None) -> Document:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    if condition:
        statement["Condition"] = condition
    return document({"Version": "2012-10-17", "Statement": [statement]}, name="trust.json")


def chain_with(text: Document, **more: Any) -> Chain:
    return Chain(
        "c",
        {"home": OLD},
        policies={"p": PolicyDocument("p", text, "home")},
        users={"alice": User("alice", "home", path="/team/")},
        roles={
            "deploy": Role("deploy", "home", trust({"AWS": OLD})),
            "deploy-2": Role("deploy-2", "home", trust("*")),
        },
        **more,
    )


def resource_after(resource: str, condition: object = None) -> Any:
    rebased = rebase(chain_with(policy(resource, condition)), {OLD: NEW}, "/rc/r1/", "r1-")
    return json.loads(rebased.policies["p"].text)["Statement"][0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*", "*"),
        (OLD, NEW),
        (f"arn:aws:iam::{OLD}:root", f"arn:aws:iam::{NEW}:root"),
        (f"arn:aws:iam::{OLD}:role/deploy", f"arn:aws:iam::{NEW}:role/rc/r1/r1-deploy"),
        (f"arn:aws:iam::{OLD}:user/team/alice", f"arn:aws:iam::{NEW}:user/rc/r1/team/r1-alice"),
        (f"arn:aws:iam::{OLD}:policy/p", f"arn:aws:iam::{NEW}:policy/rc/r1/r1-p"),
        (f"arn:aws:sts::{OLD}:assumed-role/deploy/s", f"arn:aws:sts::{NEW}:assumed-role/r1-deploy/s"),
        (f"arn:aws:sts::{OLD}:assumed-role/deploy/*", f"arn:aws:sts::{NEW}:assumed-role/r1-deploy/*"),
        (f"arn:aws:iam::{OLD}:role/*", f"arn:aws:iam::{NEW}:role/*"),
        (f"arn:aws:iam::{OLD}:role/dep*", f"arn:aws:iam::{NEW}:role/rc/r1/r1-dep*"),
        (f"arn:aws:iam::{OLD}:role/*-2", f"arn:aws:iam::{NEW}:role/*-2"),
        (f"arn:aws:iam::{OLD}:user/team/*", f"arn:aws:iam::{NEW}:user/rc/r1/team/*"),
        (
            f"arn:aws:iam::{OLD}:user/team/${{aws:username}}",
            f"arn:aws:iam::{NEW}:user/rc/r1/team/${{aws:username}}",
        ),
        ("arn:aws:iam::*:role/deploy", "arn:aws:iam::*:role/rc/r1/r1-deploy"),
        (f"arn:aws:iam::{OLD}:mfa/team/alice", f"arn:aws:iam::{NEW}:mfa/rc/r1/team/r1-alice"),
        (f"arn:aws:iam::{OLD}:role/somebody-else", f"arn:aws:iam::{NEW}:role/somebody-else"),
        ("arn:aws:iam::222222222222:role/deploy", "arn:aws:iam::222222222222:role/deploy"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        (f"arn:aws:s3:::logs-{OLD}/*", f"arn:aws:s3:::logs-{NEW}/*"),
        (f"1{OLD}", f"1{OLD}"),
    ],
)
def test_a_mention_in_a_document_follows(before: str, after: str) -> None:
    assert resource_after(before)["Resource"] == after


def test_condition_values_follow() -> None:
    condition = {
        "ArnLike": {"aws:PrincipalArn": [f"arn:aws:iam::{OLD}:role/deploy"]},
        "StringEquals": {
            "aws:username": "alice",
            "aws:PrincipalTag/role": "deploy",
            "aws:SourceAccount": OLD,
        },
        "StringLike": {"aws:username": ["ali*", "bob"]},
    }
    assert resource_after("*", condition)["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": [f"arn:aws:iam::{NEW}:role/rc/r1/r1-deploy"]},
        "StringEquals": {
            "aws:username": "r1-alice",
            "aws:PrincipalTag/role": "deploy",
            "aws:SourceAccount": NEW,
        },
        "StringLike": {"aws:username": ["r1-ali*", "bob"]},
    }


def test_layout_and_lines_of_a_document_stay() -> None:
    chain = load_chain(ROOT / "policies" / "assume-role")
    rebased = rebase(chain, {"home": NEW}, "/rc/", "x-")
    old, new = chain.roles["assume-role-role"].trust, rebased.roles["assume-role-role"].trust
    assert new.text == old.text.replace("278805249149", NEW)
    assert new.policy.file == old.policy.file
    assert rebased.policies["assume-role-policy"].document is not None
    assert rebased.policies["assume-role-policy"].text == chain.policies["assume-role-policy"].text


def test_names_of_the_manifest_stay_and_arns_follow() -> None:
    chain = load_chain(ROOT / "policies" / "assume-role")
    rebased = rebase(chain, {"278805249149": NEW}, "/rolecall/r1/", "r1-")
    assert rebased.arn_of("assume-role-role") == f"arn:aws:iam::{NEW}:role/rolecall/r1/r1-assume-role-role"
    assert rebased.session_arn(rebased.hops[0]).startswith(
        f"arn:aws:sts::{NEW}:assumed-role/r1-assume-role-role/"
    )
    assert rebased.policy_arn("assume-role-policy").endswith(":policy/rolecall/r1/r1-assume-role-policy")
    assert [e.id for e in rebased.expectations] == [e.id for e in chain.expectations]
    assert rebased.hops == chain.hops
    assert check_chain(rebased) == ()


def test_without_change_the_chain_itself_comes_back() -> None:
    chain = load_chain(ROOT / "policies" / "assume-role")
    assert rebase(chain) is chain
    assert rebase(chain, {"278805249149": "278805249149"}, "/", "") is chain


def test_accounts_that_change_places_are_not_mixed_up() -> None:
    two = "222222222222"
    text = policy([f"arn:aws:iam::{OLD}:root", f"arn:aws:iam::{two}:root"])
    chain = Chain("c", {"a": OLD, "b": two}, policies={"p": PolicyDocument("p", text, "a")})
    statement = json.loads(rebase(chain, {OLD: two, two: OLD}).policies["p"].text)["Statement"][0]
    assert statement["Resource"] == [f"arn:aws:iam::{two}:root", f"arn:aws:iam::{OLD}:root"]


def test_two_accounts_that_become_one_keep_their_roles_apart() -> None:
    two = "222222222222"
    chain = Chain(
        "c",
        {"a": OLD, "b": two},
        roles={
            "x": Role("x", "a", trust({"AWS": f"arn:aws:iam::{two}:role/shared"}), aws_name="shared"),
            "y": Role("y", "b", trust({"AWS": f"arn:aws:iam::{OLD}:role/shared"}), aws_name="shared"),
        },
    )
    rebased = rebase(chain, {"a": NEW, "b": NEW})
    assert rebased.arn_of("x") != rebased.arn_of("y")
    assert rebased.arn_of("y") in rebased.roles["x"].trust.text
    assert rebased.arn_of("x") in rebased.roles["y"].trust.text


def test_long_names_are_cut_with_a_hash_and_stay_different() -> None:
    first, second = "r" * 60 + "-one", "r" * 60 + "-two"
    chain = Chain(
        "c",
        {"home": OLD},
        roles={
            first: Role(first, "home", trust({"AWS": f"arn:aws:iam::{OLD}:role/{second}"})),
            second: Role(second, "home", trust("*")),
        },
    )
    rebased = rebase(chain, None, "/rc/", "run-1-")
    names = {role.aws_name for role in rebased.roles.values()}
    assert len(names) == 2
    assert {len(name) for name in names} == {64}
    assert rebased.arn_of(second) in rebased.roles[first].trust.text
    assert check_chain(rebased) == ()
    with pytest.raises(InputError, match="no room"):
        rebase(chain, None, None, "p" * 60)


def test_a_pattern_that_cannot_mean_the_same_is_refused() -> None:
    name = "r" * 60 + "-one"
    text = policy(f"arn:aws:iam::{OLD}:role/r*-one")
    chain = Chain(
        "c",
        {"home": OLD},
        policies={"p": PolicyDocument("p", text, "home")},
        roles={name: Role(name, "home", trust("*"))},
    )
    with pytest.raises(InputError, match="cannot be rebased"):
        rebase(chain, None, None, "run-1-")


def test_manifest_arns_follow_too() -> None:
    arn = f"arn:aws:iam::{OLD}:role/deploy"
    chain = chain_with(
        policy("*"),
        hops=(Hop("alice", "deploy", session_policy=policy(arn), session_policy_arns=("p",)),),
        expectations=(
            ActionExpectation(
                "a",
                "alice",
                True,
                ("iam:GetRole",),
                on=(arn,),
                when={"aws:x": (arn, "y")},
                parameters={"A": [arn]},
            ),
            AssumersExpectation("b", "deploy", (arn, "alice", OLD)),
        ),
        scps={"home": ((policy(arn),),)},
    )
    rebased = rebase(chain, {OLD: NEW}, "/rc/", "r1-")
    new = f"arn:aws:iam::{NEW}:role/rc/r1-deploy"
    action, assumers = rebased.expectations
    assert isinstance(action, ActionExpectation)
    assert isinstance(assumers, AssumersExpectation)
    assert (action.on, action.when, action.parameters) == ((new,), {"aws:x": (new, "y")}, {"A": [new]})
    assert assumers.exactly == (new, "alice", NEW)
    assert rebased.hops[0].session_policy is not None
    assert new in rebased.hops[0].session_policy.text
    assert new in rebased.scps["home"][0][0].text


@pytest.mark.parametrize("pattern", ["role/r*", "role/*/*", "role/rol?call/*"])
def test_a_pattern_that_would_take_in_what_it_did_not_is_refused(pattern: str) -> None:
    chain = chain_with(policy(f"arn:aws:iam::{OLD}:{pattern}"))
    with pytest.raises(InputError, match="it would take in rolecall/r1/"):
        rebase(chain, {OLD: NEW}, "/rolecall/r1/", "rc-1-")


def test_a_pattern_about_the_path_itself_stays() -> None:
    chain = chain_with(policy(f"arn:aws:iam::{OLD}:role/rolecall/*"))
    rebased = rebase(chain, {OLD: NEW}, "/rolecall/r1/", "rc-1-")
    assert f"arn:aws:iam::{NEW}:role/rolecall/*" in rebased.policies["p"].document.text
