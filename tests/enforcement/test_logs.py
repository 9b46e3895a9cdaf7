"""No secret in the logs, at DEBUG, of a server and in process."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from rolecall.targets.moto import enforcing_moto
from rolecall.targets.sessions import SessionMaker
from tests.enforcement.conftest import allow, document, trusts

if TYPE_CHECKING:
    import boto3

PLANTED = "planted-secret-7f3b9c"
ACCOUNT = "111122223333"
# A server that logs everything, and whose moto fails over a secret with that secret in its words.
SERVER = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from moto.secretsmanager.models import SecretsManagerBackend
def fail(self, **more):
    raise RuntimeError(f"cannot store {more}")
SecretsManagerBackend.create_secret = fail
from rolecall.cli import main
sys.exit(main(["serve", "--account-id", sys.argv[1]]))
"""


def use(root: boto3.Session, maker: SessionMaker) -> list[str]:
    """Make calls that carry secrets, well and badly; the secrets."""
    iam = root.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="all", PolicyDocument=document(allow("sts:*", "ssm:*")))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(trusts(ACCOUNT)))
    ann = maker.session(key["AccessKeyId"], key["SecretAccessKey"], None, "us-east-1")
    made = ann.client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r", RoleSessionName="hop")
    made = made["Credentials"]
    hop = maker.session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], "us-east-1")
    ann.client("ssm").put_parameter(Name="/p", Value=PLANTED, Type="SecureString")
    no_retries = Config(retries={"total_max_attempts": 1})
    for call in (
        lambda: hop.client("secretsmanager", config=no_retries).create_secret(
            Name="denied", SecretString=PLANTED
        ),
        lambda: root.client("secretsmanager", config=no_retries).create_secret(
            Name="fails", SecretString=PLANTED
        ),
        lambda: hop.client("appflow").describe_connector_profiles(),
    ):
        with pytest.raises((ClientError, RuntimeError)):
            call()
    url = hop.client("s3", config=Config(signature_version="s3v4")).generate_presigned_url(
        "get_object", Params={"Bucket": "no-such-bucket", "Key": "x"}
    )
    if url.startswith("http://127.0.0.1"):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(url, timeout=10)  # noqa: S310
    return [PLANTED, key["SecretAccessKey"], made["SecretAccessKey"], made["SessionToken"]]


def test_a_server_logs_no_secret() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, ACCOUNT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            ready: dict[str, Any] = json.loads(server.stdout.readline())
            maker = SessionMaker(ready["endpoint_url"])
            root = maker.session(ready["access_key_id"], ready["secret_access_key"], None, "us-east-1")
            secrets = [*use(root, maker), ready["secret_access_key"]]
        finally:
            server.terminate()
            _, logged = server.communicate(timeout=30)
    assert "A request failed inside rolecall or moto: RuntimeError" in logged
    assert [secret for secret in secrets if secret in logged] == []


def test_in_process_rolecall_and_moto_log_no_secret(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.secretsmanager.models import SecretsManagerBackend

    def fail(_: Any, **more: Any) -> None:
        raise RuntimeError(f"cannot store {more}")

    monkeypatch.setattr(SecretsManagerBackend, "create_secret", fail)
    caplog.set_level(logging.DEBUG)
    with enforcing_moto(account_id=ACCOUNT) as aws:
        secrets = [*use(aws.root_session(), aws.sessions), aws.environment.root().secret_access_key]
        shown = repr(aws) + repr(aws.environment)
    # botocore's own records, of the client that user code made, hold what it sends.
    ours = [record for record in caplog.records if record.name.split(".")[0] in ("rolecall", "moto")]
    logged = "".join(caplog.handler.format(record) for record in ours) + shown
    assert [secret for secret in secrets if secret in logged] == []
