"""Signed requests over real HTTP: what AWS's pages on Signature Version 4 say of the odd ones."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config

from rolecall.targets.server import RunningServer, enforcing_server

EMPTY = hashlib.sha256(b"").hexdigest()
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
LIST_USERS = b"Action=ListUsers&Version=2010-05-08"
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
CHUNKED = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "10"}
SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Wire:
    """A client that signs by hand, so that it can sign wrongly."""

    aws: RunningServer
    key: str = ""
    secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        root = self.aws.environment.root()
        self.key, self.secret = self.key or root.access_key_id, self.secret or root.secret_access_key
        self.stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")

    def hmac_of(self, text: str, service: str, region: str) -> str:
        key = f"AWS4{self.secret}".encode()
        for part in (self.stamp[:8], region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def headers(
        self, method: str, path: str, said: str, service: str, region: str, more: dict[str, str]
    ) -> dict[str, str]:
        assert self.aws.endpoint_url is not None
        host = self.aws.endpoint_url.removeprefix("http://")
        signed = {"host": host, "x-amz-content-sha256": said, "x-amz-date": self.stamp, **more}
        names = ";".join(sorted(signed))
        lines = [f"{name}:{signed[name]}" for name in sorted(signed)]
        canonical = "\n".join([method, path, "", *lines, "", names, said])
        scope = f"{self.stamp[:8]}/{region}/{service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{self.stamp}\n{scope}\n{_hash(canonical.encode())}"
        value = self.hmac_of(text, service, region)
        credential = f"Credential={self.key}/{scope}, SignedHeaders={names}, Signature={value}"
        return {**signed, "Authorization": f"AWS4-HMAC-SHA256 {credential}"}

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        said: str | None = None,
        service: str = "s3",
        region: str = "us-east-1",
        unsigned: dict[str, str] | None = None,
        **more: str,
    ) -> tuple[int, str]:
        names = {name.replace("_", "-"): value for name, value in more.items()}
        headers = self.headers(method, path, said or _hash(body), service, region, names)
        return fetch(f"{self.aws.endpoint_url}{path}", method, body, {**headers, **(unsigned or {})})

    def in_chunks(self, *parts: bytes, trailer: bytes = b"", forged: int | None = None) -> tuple[int, str]:
        """A PUT of signed chunks; the chunk of number ``forged`` is altered after signing."""
        said = f"{SIGNED_CHUNKS}-TRAILER" if trailer else SIGNED_CHUNKS
        more = {**CHUNKED, **({"x-amz-trailer": "x-amz-checksum-crc32"} if trailer else {})}
        headers = self.headers("PUT", "/bucket/chunked", said, "s3", "us-east-1", more)
        before = headers["Authorization"].rpartition("=")[2]
        scope = f"{self.stamp[:8]}/us-east-1/s3/aws4_request"
        body = b""
        for number, part in enumerate([*parts, b""]):
            text = f"AWS4-HMAC-SHA256-PAYLOAD\n{self.stamp}\n{scope}\n{before}\n{EMPTY}\n{_hash(part)}"
            before = self.hmac_of(text, "s3", "us-east-1")
            sent = part.swapcase() if number == forged else part
            body += b"%x;chunk-signature=%s\r\n%s" % (len(part), before.encode(), sent)
            body += b"\r\n" if part else b""
        if trailer:
            named = _hash(trailer + b"\n")
            text = f"AWS4-HMAC-SHA256-TRAILER\n{self.stamp}\n{scope}\n{before}\n{named}"
            value = self.hmac_of(text, "s3", "us-east-1")
            shown = trailer.swapcase() if forged == -1 else trailer
            body += shown + b"\r\nx-amz-trailer-signature:" + value.encode() + b"\r\n"
        return fetch(f"{self.aws.endpoint_url}/bucket/chunked", "PUT", body + b"\r\n", headers)


def fetch(
    url: str, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, str]:
    request = urllib.request.Request(url, data=body or None, headers=headers or {}, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def code(answer: tuple[int, str]) -> tuple[int, str]:
    status, text = answer
    if text.startswith("{"):
        return status, json.loads(text)["__type"]
    found = re.search(r"<Code>(\w+)</Code>", text)
    return status, found[1] if found else text


@pytest.fixture(scope="module")
def aws() -> Iterator[RunningServer]:
    with enforcing_server(account_id="111122223333") as running:
        s3 = running.root_session().client("s3")
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"content")
        yield running


@pytest.fixture
def wire(aws: RunningServer) -> Wire:
    return Wire(aws)


def _stored(aws: RunningServer, key: str) -> bytes:
    body: bytes = aws.root_session().client("s3").get_object(Bucket="bucket", Key=key)["Body"].read()
    return body


# S3 API Reference, "Error responses"


def test_body_that_is_not_the_signed_one_is_named(wire: Wire) -> None:
    assert code(wire.call("PUT", "/bucket/z", b"abc", said=_hash(b"other"))) == (
        400,
        "XAmzContentSHA256Mismatch",
    )


def test_unsigned_payload_is_stored(wire: Wire, aws: RunningServer) -> None:
    assert wire.call("PUT", "/bucket/unsigned", b"abc", said="UNSIGNED-PAYLOAD")[0] == 200
    assert _stored(aws, "unsigned") == b"abc"


# S3 API Reference, "Signature calculations … transferring payload in multiple chunks"


def test_signed_chunks_are_put_together(wire: Wire, aws: RunningServer) -> None:
    assert wire.in_chunks(b"hello", b"world")[0] == 200
    assert _stored(aws, "chunked") == b"helloworld"


@pytest.mark.parametrize("number", [0, 1])
def test_an_altered_chunk_is_refused(wire: Wire, number: int) -> None:
    assert code(wire.in_chunks(b"hello", b"world", forged=number)) == (403, "SignatureDoesNotMatch")


def test_signed_trailer_is_checked(wire: Wire, aws: RunningServer) -> None:
    assert wire.in_chunks(b"hello", b"there", trailer=b"x-amz-checksum-crc32:AAAAAA==")[0] == 200
    assert _stored(aws, "chunked") == b"hellothere"
    forged = wire.in_chunks(b"hello", b"there", trailer=b"x-amz-checksum-crc32:AAAAAA==", forged=-1)
    assert code(forged) == (403, "SignatureDoesNotMatch")


def test_unsigned_chunks_with_a_trailer_are_put_together(wire: Wire, aws: RunningServer) -> None:
    body = b"5\r\nhello\r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    said = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    more = {**CHUNKED, "x-amz-trailer": "x-amz-checksum-crc32"}
    assert wire.call("PUT", "/bucket/trailer", body, said=said, **more)[0] == 200
    assert _stored(aws, "trailer") == b"helloworld"
    assert code(wire.call("PUT", "/bucket/short", body[:9], said=said, **more)) == (400, "IncompleteBody")


# General Reference, "Troubleshoot Signature Version 4 signing": the credential scope


def test_iam_takes_the_region_of_the_profile_where_the_endpoint_is_not_one_of_aws(wire: Wire) -> None:
    assert wire.call("POST", "/", LIST_USERS, service="iam", region="ap-northeast-2", **FORM)[0] == 200
    answer = wire.call("POST", "/", LIST_USERS, service="iam", region="mars", **FORM)
    assert code(answer) == (403, "SignatureDoesNotMatch")
    assert "Credential should be scoped to a valid region, not 'mars'." in answer[1]


def test_regions_have_to_look_like_one(wire: Wire) -> None:
    assert code(wire.call("POST", "/", WHO, service="sts", region="mars", **FORM)) == (
        403,
        "SignatureDoesNotMatch",
    )
    assert code(wire.call("GET", "/bucket/k", region="mars")) == (400, "AuthorizationHeaderMalformed")
    assert wire.call("POST", "/", WHO, service="sts", region="eu-west-1", **FORM)[0] == 200


def test_signature_for_another_service_is_of_no_use(wire: Wire) -> None:
    answer = wire.call("POST", "/", LIST_USERS, service="sts", **FORM)
    assert code(answer) == (403, "SignatureDoesNotMatch")
    assert "Credential should be scoped to correct service" in answer[1]


# Signing by other means


@pytest.mark.parametrize("where", ["header", "query"])
def test_version_4a_is_refused_in_clear_words(aws: RunningServer, where: str) -> None:
    scope = "AKIAIOSFODNN7EXAMPLE/20260101/s3/aws4_request"
    if where == "header":
        value = f"AWS4-ECDSA-P256-SHA256 Credential={scope}, SignedHeaders=host, Signature=ab"
        status, text = fetch(f"{aws.endpoint_url}/bucket/k", headers={"Authorization": value})
    else:
        query = f"X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential={scope}&X-Amz-Signature=ab"
        status, text = fetch(f"{aws.endpoint_url}/bucket/k?{query}")
    assert status == 400
    assert "Signature Version 4A" in text


@pytest.mark.parametrize("query", ["", "?AWSAccessKeyId=A&Signature=x&Expires=99999999999"])
def test_version_2_is_refused_with_the_code_of_s3(aws: RunningServer, query: str) -> None:
    headers = {} if query else {"Authorization": "AWS AKIA:abc="}
    answer = fetch(f"{aws.endpoint_url}/bucket/k{query}", headers=headers)
    assert code(answer) == (400, "InvalidRequest")
    assert "Please use AWS4-HMAC-SHA256" in answer[1]


# S3 API Reference, "Authenticating Requests: Using Query Parameters"


@pytest.fixture
def presigned(aws: RunningServer) -> str:
    s3 = aws.root_session().client("s3", config=Config(signature_version="s3v4"))
    url: str = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}, ExpiresIn=60)
    return url


@pytest.mark.parametrize(
    ("life", "says"),
    [
        ("&X-Amz-Expires=604801", "less than a week"),
        ("&X-Amz-Expires=-1", "must be non-negative"),
        ("&X-Amz-Expires=soon", "should be a number"),
        ("", "and X-Amz-Expires parameters"),
    ],
)
def test_life_of_a_presigned_url_is_checked(presigned: str, life: str, says: str) -> None:
    answer = fetch(presigned.replace("&X-Amz-Expires=60", life))
    assert code(answer) == (400, "AuthorizationQueryParametersError")
    assert says in answer[1]


def test_one_signature_is_enough(presigned: str, wire: Wire) -> None:
    assert fetch(presigned) == (200, "content")
    headers = wire.headers("GET", "/bucket/k", EMPTY, "s3", "us-east-1", {})
    assert code(fetch(presigned, headers=headers)) == (400, "InvalidArgument")


def test_presigned_call_of_sts_works_and_expires(aws: RunningServer) -> None:
    sts = aws.root_session().client("sts")
    url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    assert fetch(url)[0] == 200
    before = aws.environment.signing_clock
    aws.environment.signing_clock = lambda: before() + timedelta(seconds=61)
    try:
        assert code(fetch(url)) == (403, "SignatureDoesNotMatch")
    finally:
        aws.environment.signing_clock = before


# The age of a signature: 15 minutes at S3, 5 elsewhere


@pytest.mark.parametrize("minutes", [-16, 16])
@pytest.mark.parametrize(
    ("service", "path", "body", "more", "refused"),
    [
        ("s3", "/bucket/k", b"", {}, (403, "RequestTimeTooSkewed")),
        ("iam", "/", LIST_USERS, FORM, (403, "SignatureDoesNotMatch")),
        ("ec2", "/", b"Action=DescribeInstances&Version=2016-11-15", FORM, (400, "RequestExpired")),
        (
            "dynamodb",
            "/",
            b"{}",
            {"x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0"},
            (400, "InvalidSignatureException"),
        ),
    ],
    ids=["s3", "iam", "ec2", "dynamodb"],
)
def test_clocks_apart_get_the_code_of_the_service(
    wire: Wire, service: str, path: str, body: bytes, more: dict[str, str], refused: Any, minutes: int
) -> None:
    environment = wire.aws.environment
    before = environment.signing_clock
    environment.signing_clock = lambda: before() + timedelta(minutes=minutes)
    try:
        answer = wire.call("POST" if body else "GET", path, body, service=service, **more)
    finally:
        environment.signing_clock = before
    assert code(answer) == refused


# Tokens of temporary credentials


def test_a_token_belongs_to_its_key_and_stands_in_its_place(aws: RunningServer) -> None:
    sts = aws.root_session().client("sts")
    mine, other = (sts.get_session_token()["Credentials"] for _ in range(2))
    wire = Wire(aws, mine["AccessKeyId"], mine["SecretAccessKey"])

    def call(path: str = "/", **more: str) -> tuple[int, str]:
        return code(wire.call("POST", path, WHO, service="sts", **FORM, **more))

    assert call(x_amz_security_token=mine["SessionToken"])[0] == 200
    refused = (403, "InvalidClientTokenId")
    assert call(x_amz_security_token=other["SessionToken"]) == refused
    assert call() == refused
    # In the query it counts for presigned URLs only.
    token = urllib.parse.quote(mine["SessionToken"], safe="")
    headers = wire.headers("POST", "/", _hash(WHO), "sts", "us-east-1", FORM)
    url = f"{aws.endpoint_url}/?X-Amz-Security-Token={token}"
    assert code(fetch(url, "POST", WHO, headers)) == refused
