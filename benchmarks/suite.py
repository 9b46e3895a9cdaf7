"""The wall time of a whole ``pytest`` run, beside the same chain written by hand with moto's ``mock_aws``.

Both are processes of their own, in turns (A B A B …), both cold, in one run:

    python benchmarks/suite.py [--chains 1 50] [--runs 3]

By hand means: one test per chain, each in ``mock_aws`` with moto's IAM authentication switched on, that
creates the user, its key, the role and the policies, assumes the role, and makes the refused and the
permitted call. The trust names the user's ARN there, since moto refuses an account id. Here every chain has
its five expectations and two automatic negatives.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]

BY_HAND = """
import json

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": "*"}]}
EC2 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
REGION = "ap-northeast-2"


@set_initial_no_auth_action_count(8)
def chain():
    iam = boto3.client("iam", region_name=REGION)
    ec2 = boto3.client("ec2", region_name=REGION)
    ec2.run_instances(ImageId="ami-0abcdef1234567890", InstanceType="t2.micro", MinCount=1, MaxCount=1)
    arn = iam.create_policy(PolicyName="assume", PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"]
    user = iam.create_user(UserName="user")["User"]
    key = iam.create_access_key(UserName="user")["AccessKey"]
    iam.attach_user_policy(UserName="user", PolicyArn=arn)
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": user["Arn"]}}]}
    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    ec2_arn = iam.create_policy(PolicyName="ec2", PolicyDocument=json.dumps(EC2))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="role", PolicyArn=ec2_arn)
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    with pytest.raises(ClientError):
        boto3.client("ec2", region_name=REGION, **keys).describe_instances()
    given = boto3.client("sts", region_name=REGION, **keys).assume_role(
        RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    found = boto3.client(
        "ec2", region_name=REGION, aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given["SessionToken"],
    ).describe_instances()
    assert len(found["Reservations"]) == 1


@pytest.mark.parametrize("number", range(CHAINS))
@mock_aws
def test_chain(number):
    chain()
"""


def by_hand(folder: Path, chains: int) -> list[str]:
    """Write the tests by hand; the command that runs them."""
    (folder / "test_chain.py").write_text(BY_HAND.replace("CHAINS", str(chains)))
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:rolecall", str(folder)]


def with_rolecall(folder: Path, chains: int) -> list[str]:
    """Lay down a suite with that many chains, each in an account of its own; the command that runs it."""
    (folder / "checks").mkdir()
    shutil.copy(ROOT / "checks" / "test_role_chains.py", folder / "checks")
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = checks\n")
    for number in range(chains):
        there = folder / "policies" / f"chain-{number:02}"
        shutil.copytree(ROOT / "policies" / "assume-role", there)
        for file in there.iterdir():
            text = file.read_text().replace("278805249149", f"2788052491{number:02}")
            text = text.replace("chain: assume-role\n", f"chain: chain-{number:02}\n")
            file.write_text(text)
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder)]


def timed(command: list[str], folder: Path) -> float:
    """Seconds of one run. A run that does not pass is an error: a fast wrong answer is no figure."""
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    # Installed packages come compiled; so is this one after its first run, unless told otherwise.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chains", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{'chains':>7} {'by hand':>9} {'rolecall':>9} {'ratio':>6}   medians of {options.runs}, seconds")
    for chains in options.chains:
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            hand, ours = by_hand(Path(one), chains), with_rolecall(Path(two), chains)
            timed(hand, Path(one))
            timed(ours, Path(two))
            pairs = [(timed(hand, Path(one)), timed(ours, Path(two))) for _ in range(options.runs)]
        a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{chains:>7} {a:>9.2f} {b:>9.2f} {a / b:>6.1f}")


if __name__ == "__main__":
    main()
