"""The HTTP way in: limits, concurrency, a clean end, the aws command line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.client import HTTPConnection
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from rolecall.errors import TargetError, UsageError
from rolecall.targets.server import enforcing_server
from tests.enforcement.scenarios.command_line import VERSIONS, aws_command

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "278805249149"}, "Condition": {}}
    ],
}
OWN_POLICY = "arn:aws:iam::278805249149:policy/p"
EC2_POLICY = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": "*"}],
}


def _post(url: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_listens_on_loopback_by_default() -> None:
    with enforcing_server() as aws:
        assert aws.endpoint_url is not None
        assert aws.endpoint_url.startswith("http://127.0.0.1:")


def test_body_above_the_limit_is_refused() -> None:
    with enforcing_server(body_limit=1000) as aws:
        asked = {"X-Amz-Target": "DynamoDB_20120810.PutItem"}
        status, text = _post(f"{aws.endpoint_url}/", b"x" * 1001, **asked)
        assert (status, json.loads(text)["__type"]) == (413, "RequestEntityTooLarge")
        status, text = _post(f"{aws.endpoint_url}/", b"x" * 1001)
        assert status == 413
        assert "<Code>RequestEntityTooLarge</Code>" in text
        # Below the limit the same body gets as far as authentication.
        assert _post(f"{aws.endpoint_url}/", b"x" * 999)[0] != 413


def test_a_body_whose_length_nobody_told_is_held_against_the_limit_too() -> None:
    with enforcing_server(body_limit=1000) as aws:
        host = str(aws.endpoint_url).removeprefix("http://")

        def put(size: int) -> int:
            connection = HTTPConnection(host, timeout=10)
            connection.request("PUT", "/b/k", iter([b"x" * size]), encode_chunked=True)
            return connection.getresponse().status

        assert put(1001) == 413
        assert put(1000) == 403


def test_failure_inside_moto_reaches_clients_of_every_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.dynamodb.models import DynamoDBBackend
    from moto.iam.models import IAMBackend

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(IAMBackend, "create_group", fail)
    monkeypatch.setattr(DynamoDBBackend, "list_tables", fail)
    once = Config(retries={"total_max_attempts": 1})
    with enforcing_server() as aws:
        iam, dynamodb = (aws.root_session().client(name, config=once) for name in ("iam", "dynamodb"))
        for call in (lambda: iam.create_group(GroupName="g"), dynamodb.list_tables):
            with pytest.raises(ClientError, match="InternalFailure") as caught:
                call()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


@pytest.mark.parametrize("path", ["/moto-api/reset", "/moto-api/data.json", "/", "/latest/meta-data/"])
def test_moto_has_no_back_door(path: str) -> None:
    with enforcing_server() as aws:
        aws.root_session().client("iam").create_user(UserName="kept")
        status, _ = _post(f"{aws.endpoint_url}{path}")
        assert status in (400, 403, 404, 405)
        assert len(aws.root_session().client("iam").list_users()["Users"]) == 1


def test_client_cannot_choose_the_account() -> None:
    with enforcing_server(account_id="111122223333") as aws:
        aws.root_session("444455556666").client("iam").create_user(UserName="other")
        iam = aws.root_session().client("iam")
        iam.meta.events.register(
            "before-call.iam",
            lambda params, **_: params["headers"].update({"x-moto-account-id": "444455556666"}),
        )
        assert iam.list_users()["Users"] == []


def test_altered_body_is_refused() -> None:
    with enforcing_server() as aws:
        iam = aws.root_session().client("iam")

        def alter(request: object, **_: object) -> None:
            request.body = request.body.replace("alice", "mallo")  # type: ignore[attr-defined]

        iam.meta.events.register("before-send.iam", alter)
        with pytest.raises(ClientError) as caught:
            iam.create_user(UserName="alice")
        assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def test_unsigned_requests_are_refused() -> None:
    with enforcing_server() as aws:
        body = b"Action=ListUsers&Version=2010-05-08"
        status, text = _post(
            f"{aws.endpoint_url}/", body, **{"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert status == 403
        assert "<Code>MissingAuthenticationToken</Code>" in text


def test_half_a_signature_is_refused() -> None:
    with enforcing_server() as aws:
        status, text = _post(
            f"{aws.endpoint_url}/",
            b"Action=ListUsers&Version=2010-05-08",
            **{
                "Content-Type": "application/x-www-form-urlencoded",
                "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/iam/aws4_request",
            },
        )
        assert (status, "<Code>IncompleteSignature</Code>" in text) == (400, True)


def test_presigned_url_works_and_expires() -> None:
    from datetime import timedelta

    with enforcing_server() as aws:
        s3 = aws.root_session().client("s3", config=Config(signature_version="s3v4"))
        s3.create_bucket(Bucket="presigned")
        s3.put_object(Bucket="presigned", Key="a b/c+d", Body=b"content")
        url = s3.generate_presigned_url(
            "get_object", Params={"Bucket": "presigned", "Key": "a b/c+d"}, ExpiresIn=60
        )
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            assert answer.read() == b"content"
        with pytest.raises(urllib.error.HTTPError) as altered:
            urllib.request.urlopen(url.replace("a%20b", "a%20x"), timeout=10)  # noqa: S310
        assert b"SignatureDoesNotMatch" in altered.value.read()
        before = aws.environment.signing_clock
        aws.environment.signing_clock = lambda: before() + timedelta(seconds=61)
        with pytest.raises(urllib.error.HTTPError) as expired:
            urllib.request.urlopen(url, timeout=10)  # noqa: S310
        assert b"Request has expired" in expired.value.read()


def test_presigned_url_with_a_content_type_for_the_answer_reaches_an_object_that_is_not_there() -> None:
    with enforcing_server() as aws:
        s3 = aws.root_session().client("s3", config=Config(signature_version="s3v4"))
        s3.create_bucket(Bucket="presigned")
        url = s3.generate_presigned_url(
            "get_object", Params={"Bucket": "presigned", "Key": "x", "ResponseContentType": "text/plain"}
        )
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(url, timeout=10)  # noqa: S310
        assert b"<Code>NoSuchKey</Code>" in missing.value.read()


def test_64_clients_at_once_each_get_their_own_answer() -> None:
    with enforcing_server() as aws:
        iam = aws.root_session().client("iam")
        iam.create_user(UserName="nobody")
        key = iam.create_access_key(UserName="nobody")["AccessKey"]
        nobody = aws.session(key["AccessKeyId"], key["SecretAccessKey"])
        config = Config(max_pool_connections=64, retries={"total_max_attempts": 1})
        clients = [who.client("iam", config=config) for who in (aws.root_session(), nobody)]
        start, outcomes = threading.Barrier(64), []

        def call(number: int) -> None:
            start.wait()
            try:
                found = str(len(clients[number % 2].list_users()["Users"]))
            except ClientError as error:
                found = error.response["Error"]["Code"]
            outcomes.append((number % 2, found))

        threads = [threading.Thread(target=call, args=(number,)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == [(0, "1")] * 32 + [(1, "AccessDenied")] * 32


def test_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(TargetError, match=f"127.0.0.1:{port}"), enforcing_server(port=port):
            pass


def test_slow_clients_keep_nobody_waiting(served: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    process, ready = served
    address = ("127.0.0.1", int(ready["endpoint_url"].rpartition(":")[2]))
    slow = [socket.create_connection(address) for _ in range(100)]
    for connection in slow:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert _post(ready["endpoint_url"], b"Action=ListUsers&Version=2010-05-08", **form)[0] == 403
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    for connection in slow:
        connection.close()


@pytest.mark.parametrize(
    ("host", "port", "says"),
    [("taken", "taken", "Address already in use"), ("192.0.2.1", "0", "Cannot assign requested address")],
)
def test_an_address_that_cannot_be_had_is_one_line(host: str, port: str, says: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = ["--host", "127.0.0.1", "--port", str(taken.getsockname()[1])]
        if host != "taken":
            words = ["--host", host, "--port", port]
        done = subprocess.run(
            [sys.executable, "-m", "rolecall", "serve", *words], capture_output=True, text=True, timeout=30
        )
    assert (done.returncode, done.stdout) == (3, "")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("rolecall: cannot listen on ")
    assert says in last
    # An address that others can reach is warned of before; nothing else is said.
    assert ("where others can reach it" in done.stderr) == (host != "taken")
    assert len(done.stderr.splitlines()) == (1 if host == "taken" else 2)


def test_account_id_has_twelve_digits() -> None:
    with pytest.raises(UsageError, match="twelve digits"), enforcing_server(account_id="12345"):
        pass


_PROGRAM = """
import json
from rolecall.targets.server import serve
serve(lambda line: print(json.dumps(line), flush=True), account_id="278805249149", region="ap-northeast-2")
"""


@pytest.fixture
def served() -> object:
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, json.loads(process.stdout.readline())
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_signal_ends_it_cleanly(
    served: tuple[subprocess.Popen[str], dict[str, str]], number: int
) -> None:
    process, ready = served
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    with pytest.raises(OSError):  # noqa: PT011
        urllib.request.urlopen(ready["endpoint_url"], timeout=2)  # noqa: S310


@pytest.mark.parametrize("version", VERSIONS)
def test_the_story_with_the_aws_command_line(
    served: tuple[subprocess.Popen[str], dict[str, str]], tmp_path: Path, version: int
) -> None:
    _, ready = served
    command = aws_command(version)
    if command is None:
        pytest.skip(f"version {version} of the aws command is not installed")

    def aws(*words: str, key: dict[str, str]) -> tuple[int, str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "AWS_DEFAULT_REGION": "ap-northeast-2",
            "AWS_PAGER": "",
            **key,
        }
        done = subprocess.run(
            [*command, "--endpoint-url", ready["endpoint_url"], "--output", "json", *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout or done.stderr

    root = {
        "AWS_ACCESS_KEY_ID": ready["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ready["secret_access_key"],
    }
    (tmp_path / "assume.json").write_text(json.dumps(ASSUME))
    (tmp_path / "trust.json").write_text(json.dumps(TRUST))
    steps = (
        ("iam", "create-policy", "--policy-name", "p", "--policy-document", "file://assume.json"),
        ("iam", "create-user", "--user-name", "u"),
        ("iam", "attach-user-policy", "--user-name", "u", "--policy-arn", OWN_POLICY),
        ("iam", "create-role", "--role-name", "r", "--assume-role-policy-document", "file://trust.json"),
        ("iam", "attach-role-policy", "--role-name", "r", "--policy-arn", EC2_POLICY),
        ("ec2", "run-instances", "--image-id", "ami-12345678", "--instance-type", "t2.micro"),
        ("s3", "mb", "s3://a-bucket"),
        ("s3", "cp", "trust.json", "s3://a-bucket/trust.json"),
    )  # fmt: skip
    for step in steps:
        code, text = aws(*step, key=root)
        assert code == 0, (step, text)
    _, text = aws("iam", "create-access-key", "--user-name", "u", key=root)
    made = json.loads(text)["AccessKey"]
    user = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    code, text = aws("ec2", "describe-instances", key=user)
    assert code != 0
    assert "(UnauthorizedOperation)" in text
    role = "arn:aws:iam::278805249149:role/r"
    code, text = aws("sts", "assume-role", "--role-arn", role, "--role-session-name", "s1", key=user)
    assert code == 0, text
    made = json.loads(text)["Credentials"]
    session = {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "AWS_SESSION_TOKEN": made["SessionToken"],
    }
    code, text = aws("ec2", "describe-instances", key=session)
    assert code == 0, text
    assert len(json.loads(text)["Reservations"]) == 1
    code, text = aws("s3", "ls", "s3://a-bucket", key=session)
    assert code != 0
    assert "(AccessDenied)" in text
