"""Seeded resources of every kind on a shared target: found again by ledger and by tag, others' left alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.chains import ActionExpectation, Resource, load_chain
from rolecall.provisioning import FileLedger
from rolecall.targets.ledgers import find_ledgers
from rolecall.targets.sweeping import find_left
from rolecall.verdicts import Status
from tests.account.conftest import ACCOUNT, ROOT, Served
from tests.account.targets import make_target, make_workshop

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = load_chain(ROOT / "policies" / "assume-role")
SEEDS = (
    Resource("ec2_instance", "web", "home", {"type": "t2.micro"}),
    Resource("s3_bucket", "data", "home", {"objects": {"a/b.txt": "hello", "c.txt": "x"}}),
    Resource("sqs_queue", "jobs", "home"),
    Resource("sns_topic", "alerts", "home"),
    Resource("dynamodb_table", "orders", "home"),
    Resource("secret", "app/database", "home"),
    Resource("ssm_parameter", "/app/flag", "home"),
    Resource("ssm_parameter", "flag", "home"),
    Resource("kms_key", "app", "home"),
    Resource("log_group", "/app/web", "home"),
)
CHAIN = replace(BASE, resources=SEEDS)
REGION = BASE.region


def things(served: Served) -> dict[str, frozenset[str]]:
    """What exists of every kind, by name; keys that are not to be deleted, instances that run."""
    session = served.session(REGION)

    def names(service: str, operation: str, key: str, name: str) -> frozenset[str]:
        items = getattr(session.client(service), operation)().get(key, [])
        return frozenset(item[name] if name else item for item in items)

    kms = session.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return {
        **served.inventory(),
        "buckets": names("s3", "list_buckets", "Buckets", "Name"),
        "queues": names("sqs", "list_queues", "QueueUrls", ""),
        "topics": names("sns", "list_topics", "Topics", "TopicArn"),
        "tables": names("dynamodb", "list_tables", "TableNames", ""),
        "secrets": names("secretsmanager", "list_secrets", "SecretList", "Name"),
        "parameters": names("ssm", "describe_parameters", "Parameters", "Name"),
        "groups of logs": names("logs", "describe_log_groups", "logGroups", "logGroupName"),
        "keys": frozenset(key["Description"] for key in keys if key["KeyState"] == "Enabled"),
        "aliases": names("kms", "list_aliases", "Aliases", "AliasName"),
    }


@pytest.fixture
def theirs(served: Served) -> Iterator[dict[str, frozenset[str]]]:
    """Resources of the same names that somebody else has, a tag of rolecall's without its value on one."""
    session = served.session(REGION)
    s3, sqs, ssm = session.client("s3"), session.client("sqs"), session.client("ssm")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
    tags = [{"Key": "rolecall:created-by", "Value": "somebody"}]
    s3.put_bucket_tagging(Bucket="data", Tagging={"TagSet": tags})
    s3.put_object(Bucket="data", Key="precious", Body=b"1")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    ssm.put_parameter(Name="flag", Value="theirs", Type="String")
    yield things(served)
    assert s3.get_bucket_tagging(Bucket="data")["TagSet"] == tags
    assert s3.get_object(Bucket="data", Key="precious")["Body"].read() == b"1"
    assert ssm.get_parameter(Name="flag")["Parameter"]["Value"] == "theirs"
    ssm.delete_parameter(Name="flag")
    sqs.delete_queue(QueueUrl=url)
    s3.delete_object(Bucket="data", Key="precious")
    s3.delete_bucket(Bucket="data")


def sweep(served: Served, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rolecall", "sweep", "--aws-endpoint-url", served.url, *words]
    return subprocess.run(
        [*command, "--aws-region", REGION], env=served.environment, capture_output=True, text=True, timeout=60
    )


def abandon(served: Served, ledgers: Path, run: str) -> None:
    """Provision, let versions gather in the bucket, and never remove it."""
    live = make_workshop(make_target(served.url, served.credential, ledgers, run)).live(CHAIN)
    (bucket,) = (item.name for item in live.chain.resources if item.kind == "s3_bucket")
    s3 = served.session(REGION).client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="c.txt", Body=b"second")
    assert isinstance(live.ledger, FileLedger)
    live.ledger.close()


def test_every_kind_is_swept_by_ledger(
    served: Served, tmp_path: Path, theirs: dict[str, frozenset[str]]
) -> None:
    abandon(served, tmp_path, "seeded-1")
    assert all(len(now) > len(theirs[kind]) for kind, now in things(served).items() if kind not in
               ("groups", "devices"))  # fmt: skip
    swept = sweep(served, "--ledger", str(find_ledgers(tmp_path)[0]))
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert things(served) == theirs
    assert find_ledgers(tmp_path) == ()


def test_every_kind_is_swept_by_tag_when_it_is_old_enough(
    served: Served, tmp_path: Path, theirs: dict[str, frozenset[str]]
) -> None:
    abandon(served, tmp_path, "seeded-2")
    full = things(served)
    now, told = datetime.now(UTC), list[str]()
    found = list(
        find_left(make_target(served.url, served.credential, tmp_path, "sweep"), ACCOUNT, REGION, told.append)
    )
    assert len(found) == len(SEEDS) + 3, "a policy, a user and a role beside them"
    for older, run in ((None, None), (timedelta(hours=1), None), (None, "another")):
        assert not any(one.due(now, older, run) for one in found)
    kept = sweep(served, "--older-than", "0s", "--dry-run")
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert things(served) == full
    swept = sweep(served, "--older-than", "0s")
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert "were not looked for" not in swept.stderr
    assert things(served) == theirs, swept.stdout


def test_two_runs_at_once_seed_the_same_names_and_see_their_own(
    served: Served, tmp_path: Path, theirs: dict[str, frozenset[str]]
) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["s3:ListBucket", "ssm:GetParameter"], "Resource": [
            "arn:aws:s3:::dat*", f"arn:aws:ssm:{REGION}:278805249149:parameter/app/*"]},
    }  # fmt: skip
    from rolecall.chains import document as read

    role = "assume-role-role"
    roles = {role: replace(BASE.roles[role], policies=(), inline={"own": read(document, name="own.json")})}
    parameter = f"arn:aws:ssm:{REGION}:278805249149:parameter"
    chain: Any = replace(
        CHAIN,
        roles=roles,
        expectations=(
            ActionExpectation("lists", role, True, ("s3:ListBucket",), on=("arn:aws:s3:::data",)),
            ActionExpectation("reads", role, True, ("ssm:GetParameter",), on=(f"{parameter}/app/flag",)),
            ActionExpectation("not-that", role, False, ("ssm:GetParameter",), on=(f"{parameter}/flag",)),
        ),
    )
    shops = [make_workshop(make_target(served.url, served.credential, tmp_path, run, worker=worker))
             for run, worker in (("twins-1", "gw0"), ("twins-1", "gw1"), ("twins-2", ""))]  # fmt: skip
    for shop in shops:
        shop.live(chain)
    for shop in shops:
        for one in chain.expectations:
            verdict = shop.verify(chain, one)
            assert verdict.status is Status.PASSED, verdict.reason
            assert verdict.observation.calls, "AWS was asked, not only the engine"
    for shop in shops:
        assert shop.close() == ()
    assert things(served) == theirs
