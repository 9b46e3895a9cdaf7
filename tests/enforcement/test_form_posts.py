"""Forms posted to S3: signature, policy, permissions, expiry (S3 API Reference, "Creating a POST Policy")."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.config import Config

from rolecall.targets.moto import EnforcedMoto, enforcing_moto
from rolecall.targets.server import enforcing_server
from tests.enforcement.conftest import allow, document

if TYPE_CHECKING:
    from collections.abc import Iterator

WAYS = {"in-process": enforcing_moto, "http": enforcing_server}
PATH_STYLE = Config(signature_version="s3v4", s3={"addressing_style": "path"})


@pytest.fixture(scope="module", params=list(WAYS))
def aws(request: pytest.FixtureRequest) -> Iterator[EnforcedMoto]:
    with WAYS[request.param](account_id="111122223333") as running:
        root = running.root_session()
        root.client("s3").create_bucket(Bucket="forms")
        iam = root.client("iam")
        for name, key in (("yes", "*"), ("no", "elsewhere/*")):
            iam.create_user(UserName=name)
            text = document(allow("s3:PutObject", on=f"arn:aws:s3:::forms/{key}"))
            iam.put_user_policy(UserName=name, PolicyName="put", PolicyDocument=text)
        yield running


def form(aws: EnforcedMoto, user: str = "yes", key: str = "up/${filename}", **more: Any) -> dict[str, Any]:
    made = aws.root_session().client("iam").create_access_key(UserName=user)["AccessKey"]
    s3 = aws.session(made["AccessKeyId"], made["SecretAccessKey"]).client("s3", config=PATH_STYLE)
    posted: dict[str, Any] = s3.generate_presigned_post("forms", key, **more)
    return posted


def post(made: dict[str, Any], content: bytes = b"content", **fields: str) -> tuple[int, str]:
    answer = requests.post(
        made["url"], data={**made["fields"], **fields}, files={"file": ("x.txt", content)}, timeout=10
    )
    return answer.status_code, answer.text


@pytest.fixture(autouse=True)
def _two_keys_at_most(aws: EnforcedMoto) -> Iterator[None]:
    yield
    iam = aws.root_session().client("iam")
    for name in ("yes", "no"):
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])


def test_a_form_within_its_policy_stores_the_object(aws: EnforcedMoto) -> None:
    assert post(form(aws))[0] == 204
    keys = aws.root_session().client("s3").list_objects_v2(Bucket="forms")["Contents"]
    assert [item["Key"] for item in keys] == ["up/x.txt"]


def test_the_signer_needs_permission(aws: EnforcedMoto) -> None:
    status, text = post(form(aws, "no"))
    assert (status, "<Code>AccessDenied</Code>" in text) == (403, True)
    assert "s3:PutObject" in text


def test_an_acl_in_the_form_needs_its_own_permission(aws: EnforcedMoto) -> None:
    made = form(aws, Fields={"acl": "public-read"}, Conditions=[{"acl": "public-read"}])
    status, text = post(made)
    assert (status, "s3:PutObjectAcl" in text) == (403, True)


def test_a_field_twice_is_refused(aws: EnforcedMoto) -> None:
    status, text = post(form(aws), Key="elsewhere/x")
    assert (status, "<Code>InvalidArgument</Code>" in text) == (400, True)


def test_an_altered_policy_or_signature_is_refused(aws: EnforcedMoto) -> None:
    made = form(aws)
    status, text = post(made, policy=made["fields"]["policy"][:-4] + "AAAA")
    assert (status, "SignatureDoesNotMatch" in text) == (403, True)
    status, text = post(made, **{"x-amz-signature": "0" * 64})
    assert (status, "SignatureDoesNotMatch" in text) == (403, True)
    made["fields"]["x-amz-credential"] = "AKIAAAAAAAAAAAAAAAAA/20260101/us-east-1/s3/aws4_request"
    assert "InvalidAccessKeyId" in post(made)[1]


def test_a_form_without_a_policy_is_anonymous(aws: EnforcedMoto) -> None:
    made = form(aws)
    status, text = post({"url": made["url"], "fields": {"key": "up/x"}})
    assert (status, "<Code>AccessDenied</Code>" in text) == (403, True)


def test_conditions_are_held(aws: EnforcedMoto) -> None:
    small = form(aws, Conditions=[["content-length-range", 1, 10], ["starts-with", "$x-amz-meta-a", "b"]])
    assert "EntityTooLarge" in post(small, b"x" * 11, **{"x-amz-meta-a": "bc"})[1]
    assert "Policy Condition failed" in post(small, b"x", **{"x-amz-meta-a": "c"})[1]
    status, text = post(small, b"x", **{"x-amz-meta-a": "bc", "x-amz-meta-z": "1"})
    assert (status, "Extra input fields: x-amz-meta-z" in text) == (403, True)
    assert post(small, b"x", **{"x-amz-meta-a": "bc"})[0] == 204
    assert "Policy Condition failed" in post(small, b"x", key="other", **{"x-amz-meta-a": "bc"})[1]


def test_a_policy_expires(aws: EnforcedMoto) -> None:
    made, before = form(aws, ExpiresIn=60), aws.environment.signing_clock
    aws.environment.signing_clock = lambda: before() + timedelta(seconds=61)
    try:
        status, text = post(made)
    finally:
        aws.environment.signing_clock = before
    assert (status, "Policy expired." in text) == (403, True)
