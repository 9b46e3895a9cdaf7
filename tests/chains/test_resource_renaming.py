"""Seeded resources under a run's prefix: every mention follows, and no pattern takes in more or less."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rolecall.chains import ActionExpectation, Chain, Resource, document, load_chain, rebase, resource_arn
from rolecall.errors import InputError
from rolecall.iam import Policies, Request, evaluate
from tests.account.targets import ROOT

BASE = replace(load_chain(ROOT / "policies" / "assume-role"), resources=())
USER = "assume-role-user"
PREFIX = "rc-0a1b2c3d-"
SEEDS = (
    Resource("s3_bucket", "example-reports", "home"),
    Resource("sqs_queue", "jobs.fifo", "home"),
    Resource("sns_topic", "alerts", "home"),
    Resource("dynamodb_table", "orders", "home"),
    Resource("secret", "app/database", "home"),
    Resource("ssm_parameter", "/app/flag", "home"),
    Resource("kms_key", "app", "home"),
    Resource("log_group", "/app/web", "home"),
)
ELSEWHERE = {
    "s3": "arn:aws:s3:::{}",
    "ssm": "arn:aws:ssm:ap-northeast-2:278805249149:parameter/{}",
    "table": "arn:aws:dynamodb:ap-northeast-2:278805249149:table/{}",
}


def chain_of(resource: str | list[str], *on: str, seeds: tuple[Resource, ...] = SEEDS) -> Chain:
    text = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": resource},
    }
    promise = ActionExpectation("it", USER, True, ("s3:GetObject",), on=on)
    user = replace(BASE.users[USER], policies=(), inline={"own": document(text, name="own.json")})
    return replace(BASE, users={USER: user}, resources=seeds, expectations=(promise,))


def moved(chain: Chain) -> Chain:
    return rebase(chain, {}, "/rolecall/run-1/", PREFIX)


def allowed(chain: Chain, arn: str) -> bool:
    policy = chain.users[USER].inline["own"].policy
    request = Request(chain.arn_of(USER), "s3:GetObject", arn, chain.accounts["home"], {"aws:username": "x"})
    return evaluate(request, Policies(identity=(policy,))).allowed


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.kind)
def test_a_seed_and_its_mention_get_the_same_name(seed: Resource) -> None:
    arn = resource_arn(chain_of("*"), seed)
    after = moved(chain_of(arn, arn))
    (renamed,) = (item for item in after.resources if item.kind == seed.kind)
    assert PREFIX in renamed.name
    assert renamed.name.startswith("/") is seed.name.startswith("/")
    assert after.expectations[0].on == (resource_arn(after, renamed),)  # type: ignore[union-attr]
    assert allowed(after, resource_arn(after, renamed))
    assert not allowed(after, arn)


@pytest.mark.parametrize(
    ("pattern", "arns"),
    [
        ("arn:aws:s3:::example-*", ["arn:aws:s3:::example-reports/a", "arn:aws:s3:::example-other/b"]),
        ("arn:aws:s3:::*-reports/*", ["arn:aws:s3:::example-reports/a", "arn:aws:s3:::example-other/b"]),
        ("arn:aws:s3:::?xample-reports", ["arn:aws:s3:::example-reports", "arn:aws:s3:::other"]),
        ("arn:aws:s3:::example-reports/y/*", ["arn:aws:s3:::example-reports/y/a", "arn:aws:s3:::x/y/a"]),
        ("arn:aws:s3:::example-r*/x", ["arn:aws:s3:::example-reports/x", "arn:aws:s3:::example-rest/x"]),
        ("arn:aws:s3:::examples*", ["arn:aws:s3:::example-reports", "arn:aws:s3:::examples-1"]),
        ("arn:aws:s3:::unseeded-*", ["arn:aws:s3:::example-reports", "arn:aws:s3:::unseeded-1"]),
        (ELSEWHERE["ssm"].format("app/*"), [ELSEWHERE["ssm"].format(n) for n in ("app/flag", "app/x", "b")]),
        (ELSEWHERE["ssm"].format("*"), [ELSEWHERE["ssm"].format(n) for n in ("app/flag", "b/x")]),
        (ELSEWHERE["table"].format("orders/index/*"), [ELSEWHERE["table"].format("orders/index/a")]),
        ("arn:aws:*:*:*:*", ["arn:aws:s3:::example-reports", ELSEWHERE["ssm"].format("app/flag")]),
        ("*", ["arn:aws:s3:::example-reports"]),
    ],
)  # fmt: skip
def test_a_pattern_takes_in_what_it_took_in_before(pattern: str, arns: list[str]) -> None:
    before = chain_of(pattern, *arns)
    after = moved(before)
    on = after.expectations[0].on  # type: ignore[union-attr]
    assert [allowed(after, arn) for arn in on] == [allowed(before, arn) for arn in arns]


def test_a_variable_in_front_gets_the_prefix_and_the_name_of_a_user_has_it() -> None:
    tagged = moved(chain_of("arn:aws:s3:::${aws:PrincipalTag/team}-reports"))
    own = moved(chain_of("arn:aws:s3:::${aws:username}-reports"))
    text = tagged.users[USER].inline["own"].text
    assert f"arn:aws:s3:::{PREFIX}${{aws:PrincipalTag/team}}-reports" in text
    assert '"arn:aws:s3:::${aws:username}-reports"' in own.users[USER].inline["own"].text


def test_names_keep_to_the_rules_of_s3_and_sqs() -> None:
    seeds = (
        Resource("s3_bucket", f"{'a' * 50}.b-{'c' * 11}", "home"),
        Resource("sqs_queue", f"{'q' * 75}.fifo", "home"),
    )
    bucket, queue = moved(chain_of("*", seeds=seeds)).resources
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket.name)
    assert not re.search(r"\.\.|\.-|-\.", bucket.name)
    assert len(queue.name) == 80
    assert queue.name.endswith(".fifo")


def test_a_pattern_that_a_cut_name_escapes_is_refused() -> None:
    seeds = (Resource("s3_bucket", f"data-{'a' * 55}-eu", "home"),)
    with pytest.raises(InputError, match="cannot be made to mean"):
        moved(chain_of("arn:aws:s3:::data-*-eu", seeds=seeds))


def test_plain_names_in_parameters_follow() -> None:
    chain = chain_of("*")
    given = {"Bucket": "example-reports", "Prefix": "example-reports", "Path": "/app"}
    promise = replace(chain.expectations[0], parameters=given)
    after = moved(replace(chain, expectations=(promise,))).expectations[0]
    assert after.parameters == {  # type: ignore[union-attr]
        "Bucket": f"{PREFIX}example-reports", "Prefix": "example-reports", "Path": f"/{PREFIX}app",
    }  # fmt: skip


def test_two_runs_never_name_a_bucket_alike() -> None:
    names = {rebase(chain_of("*"), {}, "/r/", f"rc-{n}-").resources[0].name for n in ("a", "b")}
    assert len(names) == 2


def test_what_is_called_like_a_user_follows_where_documents_speak_of_user_names() -> None:
    seed = (Resource("s3_bucket", "team", "home", {"objects": {f"home/{USER}/a": "x"}}),)
    arn = f"arn:aws:s3:::team/home/{USER}/a"
    after = moved(chain_of("arn:aws:s3:::team/home/${aws:username}/*", arn, seeds=seed))
    name = after.users[USER].aws_name
    assert after.expectations[0].on == (f"arn:aws:s3:::{PREFIX}team/home/{name}/a",)  # type: ignore[union-attr]
    assert list(after.resources[0].properties["objects"]) == [f"home/{name}/a"]
    plain = moved(chain_of("arn:aws:s3:::team/home/*", arn, seeds=seed))
    assert list(plain.resources[0].properties["objects"]) == [f"home/{USER}/a"]
