"""What enforcement costs: the same calls against moto alone and against the enforcing moto, in one run.

    python benchmarks/enforcement.py [--calls 300] [--users 1000]

Calls alternate between short rounds of both kinds, so that a busy machine slows both alike; the figure is
the median over rounds of the mean per call. The last table shows that finding an access key does not
depend on how many users there are.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from moto import mock_aws

from rolecall.targets.moto import enforcing_moto
from rolecall.targets.sessions import SessionMaker

REGION = "us-east-1"
HOSTS = "subdomain_based_buckets"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}],
    }
)
ALLOW = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ec2:Describe*", "s3:GetObject", "iam:List*", "sts:AssumeRole"],
                "Resource": "*",
            }
        ],
    }
)


def fill(session: Any, users: int) -> tuple[str, str]:
    """The content that calls need; gives the key of a user who may make them."""
    iam = session.client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
    s3 = session.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"x" * 1000)
    session.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
    for number in range(users):
        iam.create_user(UserName=f"user-{number:05}")
    iam.create_user(UserName="caller")
    iam.put_user_policy(UserName="caller", PolicyName="allow", PolicyDocument=ALLOW)
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def calls_of(session: Any) -> dict[str, Callable[[], Any]]:
    ec2, sts, s3, iam = (session.client(name) for name in ("ec2", "sts", "s3", "iam"))
    return {
        "describe_instances": ec2.describe_instances,
        "assume_role": lambda: sts.assume_role(
            RoleArn="arn:aws:iam::123456789012:role/role", RoleSessionName="session"
        ),
        "s3 get_object": lambda: s3.get_object(Bucket="bucket", Key="key")["Body"].read(),
        "list_users": lambda: iam.list_users(MaxItems=1000),
    }


def mean_ms(call: Callable[[], Any], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--users", type=int, default=1000)
    options = parser.parse_args()
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    rounds = 10
    measured: dict[str, dict[str, list[float]]] = {}
    # One state of moto for both: the plain calls are made while no gate is installed.
    with mock_aws():
        plain = calls_of(SessionMaker().session("AKIAPLAIN", "secret", None, REGION))
        began = time.perf_counter()
        with enforcing_moto() as aws:
            start = (time.perf_counter() - began) * 1000
            key, secret = fill(aws.root_session(), options.users)
            enforced = calls_of(aws.session(key, secret))
            from moto.core.models import botocore_stubber
            from moto.s3.responses import S3Response

            interceptor = botocore_stubber.__dict__["process_request"]
            remembering = S3Response.__dict__[HOSTS]
            ((_, _, motos_own),) = S3Response.__dict__["_rolecall_hosts"].originals
            for name in plain:
                times = max(1, options.calls // rounds // (10 if name == "list_users" else 1))
                enforced[name]()
                for _ in range(rounds):
                    del botocore_stubber.process_request
                    setattr(S3Response, HOSTS, motos_own)
                    without = mean_ms(plain[name], times)
                    botocore_stubber.process_request = interceptor
                    setattr(S3Response, HOSTS, remembering)
                    with_gate = mean_ms(enforced[name], times)
                    row = measured.setdefault(name, {"without": [], "with": []})
                    row["without"].append(without)
                    row["with"].append(with_gate)
    print(f"start of the environment: {start:.0f} ms\n")
    print("| call | moto alone, ms | enforced, ms | difference |")
    print("| --- | --- | --- | --- |")
    for name, row in measured.items():
        without, with_gate = statistics.median(row["without"]), statistics.median(row["with"])
        print(f"| {name} | {without:.2f} | {with_gate:.2f} | {(with_gate / without - 1) * 100:+.0f} % |")
    print("\n| users in the account | finding a key, µs |")
    print("| --- | --- |")
    for users in (10, 100, options.users):
        print(f"| {users} | {key_lookup_us(users):.1f} |")


def key_lookup_us(users: int) -> float:
    from rolecall.enforcement.access_keys import AccessKeys

    with enforcing_moto() as aws:
        iam = aws.root_session().client("iam")
        for number in range(users):
            iam.create_user(UserName=f"user-{number:05}")
        key = iam.create_access_key(UserName=f"user-{users - 1:05}")["AccessKey"]["AccessKeyId"]
        keys = AccessKeys(aws.environment)
        return mean_ms(lambda: keys.find(key), 2000) * 1000


if __name__ == "__main__":
    main()
