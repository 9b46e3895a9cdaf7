"""When an environment ends, moto, boto3 and the process are what they were."""

from __future__ import annotations

import os
import threading

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.config import default_user_config
from moto.core.models import MockAWS, botocore_stubber
from moto.iam.access_control import IAMPolicy
from moto.kms import policy_validator
from moto.s3.responses import S3Response

from rolecall.targets.moto import enforcing_moto
from rolecall.targets.server import enforcing_server


@pytest.fixture(autouse=True)
def _untouched(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("AWS_PROFILE", "a-profile-that-does-not-exist")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://192.0.2.1:1")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    judge, judge_of_keys = IAMPolicy.is_action_permitted, policy_validator.check_statement
    judge_of_urls, hosts = S3Response._invalid_headers, S3Response.__dict__["subdomain_based_buckets"]
    variables, config = dict(os.environ), {**default_user_config}
    yield
    assert "process_request" not in botocore_stubber.__dict__
    assert botocore_stubber.enabled is False
    assert MockAWS._nested_count == 0
    assert IAMPolicy.is_action_permitted is judge
    assert policy_validator.check_statement is judge_of_keys
    assert S3Response._invalid_headers is judge_of_urls
    assert S3Response.__dict__["subdomain_based_buckets"] is hosts
    assert "_rolecall_hosts" not in S3Response.__dict__
    assert {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} == {
        name: value for name, value in variables.items() if not name.startswith("PYTEST")
    }
    assert {**default_user_config} == config


def _is_enforced(client: object) -> bool:
    try:
        client.list_users()  # type: ignore[attr-defined]
    except ClientError as error:
        return error.response["Error"]["Code"] == "InvalidClientTokenId"
    return False


def _stranger() -> boto3.Session:
    from rolecall.targets.sessions import SessionMaker

    return SessionMaker().session("AKIAIOSFODNN7EXAMPLE", "x" * 40, None, "us-east-1")


def test_no_patch_survives_a_plain_end() -> None:
    judge_of_urls = S3Response._invalid_headers
    with enforcing_moto():
        assert S3Response._invalid_headers is not judge_of_urls
        assert "process_request" in botocore_stubber.__dict__


def test_no_patch_survives_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), enforcing_moto():
        1 / 0  # noqa: B018


def test_plain_moto_works_again_afterwards() -> None:
    with enforcing_moto():
        assert _is_enforced(_stranger().client("iam"))
    with mock_aws():
        assert not _is_enforced(_stranger().client("iam"))


def test_clients_made_inside_are_not_enforced_outside() -> None:
    with enforcing_moto():
        client = _stranger().client("iam")
    with mock_aws():
        assert not _is_enforced(client)


def test_inside_plain_moto_enforcement_ends_with_its_block() -> None:
    with mock_aws():
        client = _stranger().client("iam")
        with enforcing_moto():
            assert _is_enforced(client)
        assert not _is_enforced(client)


def test_nested_environments_know_their_own_root_only() -> None:
    with enforcing_moto(account_id="111111111111") as outer:
        with enforcing_moto(account_id="222222222222") as inner:
            assert outer.root_session().client("sts").get_caller_identity()["Account"] == "111111111111"
            assert inner.root_session().client("sts").get_caller_identity()["Account"] == "222222222222"
        ended = inner.root_session().client("sts")
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            ended.get_caller_identity()
        assert outer.root_session().client("sts").get_caller_identity()["Account"] == "111111111111"


def test_environments_that_end_out_of_order_leave_nothing() -> None:
    first, second = enforcing_moto(account_id="111111111111"), enforcing_moto(account_id="222222222222")
    first.__enter__()
    inner = second.__enter__()
    first.__exit__(None, None, None)
    assert inner.root_session().client("sts").get_caller_identity()["Account"] == "222222222222"
    second.__exit__(None, None, None)


def test_threads_are_enforced_each_for_itself() -> None:
    with enforcing_moto() as aws:
        user = aws.root_session().client("iam")
        user.create_user(UserName="nobody")
        key = user.create_access_key(UserName="nobody")["AccessKey"]
        outcomes: list[str] = []

        def call(allowed: bool) -> None:
            session = (
                aws.root_session() if allowed else aws.session(key["AccessKeyId"], key["SecretAccessKey"])
            )
            iam = session.client("iam")
            for _ in range(5):
                try:
                    iam.list_users()
                    outcomes.append(f"{allowed}:allowed")
                except ClientError as error:
                    outcomes.append(f"{allowed}:{error.response['Error']['Code']}")

        threads = [threading.Thread(target=call, args=(number % 2 == 0,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(set(outcomes)) == ["False:AccessDenied", "True:allowed"]
    assert len(outcomes) == 40


def test_state_is_gone_when_the_environment_ends() -> None:
    with enforcing_moto() as aws:
        aws.root_session().client("iam").create_user(UserName="left-behind")
    with enforcing_moto() as aws:
        assert aws.root_session().client("iam").list_users()["Users"] == []


def test_a_root_credential_is_of_no_use_in_another_environment() -> None:
    with enforcing_moto() as aws:
        root = aws.environment.root()
    with enforcing_moto() as aws, pytest.raises(ClientError, match="InvalidClientTokenId"):
        aws.session(root.access_key_id, root.secret_access_key).client("iam").list_users()


def test_server_leaves_nothing() -> None:
    with enforcing_server() as aws:
        aws.root_session().client("iam").create_user(UserName="left-behind")
        assert "process_request" not in botocore_stubber.__dict__
    with enforcing_server() as aws:
        assert aws.root_session().client("iam").list_users()["Users"] == []
