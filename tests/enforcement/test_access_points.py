"""S3 access points: their policy and the bucket's both decide, however a call names the access point."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from rolecall.targets.server import enforcing_server
from tests.enforcement.conftest import HOME, OTHER, World, allow, deny, document, refusal
from tests.enforcement.scenarios.resources import resolved

POINT = f"arn:aws:s3:us-east-1:{HOME}:accesspoint/point"
OBJECTS = f"{POINT}/object/*"
BUCKET = "arn:aws:s3:::bucket"


def _permits(principal: Any, on: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": on, **more}


DELEGATES = _permits("*", f"{BUCKET}/*", Condition={"StringEquals": {"s3:DataAccessPointAccount": HOME}})


@pytest.fixture
def point(world: World) -> str:
    """The alias of an access point to a bucket that holds ``x``."""
    s3, control = world.root.client("s3"), world.root.client("s3control")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a/x", Body=b"content")
    alias: str = control.create_access_point(AccountId=HOME, Name="point", Bucket="bucket")["Alias"]
    return alias


def _policy(world: World, *statements: dict[str, Any]) -> None:
    control = world.root.client("s3control")
    control.put_access_point_policy(AccountId=HOME, Name="point", Policy=document(*statements))


def _bucket_policy(world: World, *statements: dict[str, Any]) -> None:
    world.root.client("s3").put_bucket_policy(Bucket="bucket", Policy=document(*statements))


def test_what_names_the_bucket_alone_does_not_permit_a_call_through_it(world: World, point: str) -> None:
    beside = world.user("beside", allow("s3:GetObject", on=f"{BUCKET}/*")).client("s3")
    refused = refusal(beside.get_object, Bucket=POINT, Key="a/x")
    assert refused.code == "AccessDenied"
    assert OBJECTS.replace("*", "a/x") in refused.message


@pytest.mark.parametrize("named", ["arn", "alias"])
def test_a_bucket_that_delegates_leaves_it_to_the_access_point(world: World, point: str, named: str) -> None:
    _bucket_policy(world, DELEGATES)
    through = world.user("through").client("s3")
    asked = {"Bucket": POINT if named == "arn" else point, "Key": "a/x"}
    assert refusal(through.get_object, **asked).code == "AccessDenied"
    _policy(world, _permits({"AWS": f"arn:aws:iam::{HOME}:user/through"}, f"{POINT}/object/a/*"))
    assert through.get_object(**asked)["Body"].read() == b"content"


def test_the_policies_of_both_can_deny(world: World, point: str) -> None:
    session = world.user("any", allow("s3:*")).client("s3")
    assert session.get_object(Bucket=POINT, Key="a/x")["ResponseMetadata"]["HTTPStatusCode"] == 200
    _policy(world, _permits("*", OBJECTS, "Deny"))
    refused = refusal(session.get_object, Bucket=point, Key="a/x")
    assert "explicit deny in a resource-based policy" in refused.message
    _policy(world, _permits("*", OBJECTS))
    _bucket_policy(world, _permits("*", f"{BUCKET}/*", "Deny"))
    assert "explicit deny" in refusal(session.get_object, Bucket=POINT, Key="a/x").message


def test_whether_the_bucket_has_to_permit_in_one_account_is_not_guessed(world: World, point: str) -> None:
    through = world.user("through", allow("s3:GetObject", on=OBJECTS)).client("s3")
    assert "not derived" in refusal(through.get_object, Bucket=POINT, Key="a/x").message
    _bucket_policy(world, DELEGATES)
    assert through.get_object(Bucket=POINT, Key="a/x")["Body"].read() == b"content"


def test_another_account_needs_the_access_point_the_bucket_and_its_own_policy(
    world: World, point: str
) -> None:
    stranger = world.user("stranger", allow("s3:GetObject"), account=OTHER)
    poor = world.user("poor", account=OTHER)
    asked = {"Bucket": POINT, "Key": "a/x"}
    everybody = _permits({"AWS": f"arn:aws:iam::{OTHER}:root"}, OBJECTS)
    assert refusal(stranger.client("s3").get_object, **asked).code == "AccessDenied"
    _policy(world, everybody)
    assert refusal(stranger.client("s3").get_object, **asked).code == "AccessDenied"
    _bucket_policy(world, DELEGATES)
    assert stranger.client("s3").get_object(**asked)["Body"].read() == b"content"
    assert refusal(poor.client("s3").get_object, **asked).code == "AccessDenied"


def test_writing_listing_and_deleting_go_through_as_well(world: World, point: str) -> None:
    session = world.user("any", allow("s3:*"), deny("s3:DeleteObject", on=f"{POINT}/object/kept/*")).client(
        "s3"
    )
    session.put_object(Bucket=point, Key="kept/y", Body=b"1")
    session.put_object(Bucket=POINT, Key="gone/z", Body=b"2")
    keys = [entry["Key"] for entry in session.list_objects_v2(Bucket=point)["Contents"]]
    assert keys == ["a/x", "gone/z", "kept/y"]
    answer = session.delete_objects(Bucket=POINT, Delete={"Objects": [{"Key": "kept/y"}, {"Key": "gone/z"}]})
    assert [entry["Key"] for entry in answer["Deleted"]] == ["gone/z"]
    assert [entry["Code"] for entry in answer["Errors"]] == ["AccessDenied"]


def test_over_http_an_alias_and_a_host_name_access_points() -> None:
    with enforcing_server(account_id=HOME) as aws:
        root = aws.root_session()
        s3, control = root.client("s3"), resolved(root.client("s3control"))
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="a/x", Body=b"content")
        alias = control.create_access_point(AccountId=HOME, Name="point", Bucket="bucket")["Alias"]
        assert s3.get_object(Bucket=alias, Key="a/x")["Body"].read() == b"content"
        assert _by_host(root, aws.endpoint_url or "") == (200, b"content")
        denied = document(_permits("*", OBJECTS, "Deny"))
        control.put_access_point_policy(AccountId=HOME, Name="point", Policy=denied)
        assert "explicit deny" in refusal(s3.get_object, Bucket=alias, Key="a/x").message
        assert _by_host(root, aws.endpoint_url or "")[0] == 403
        assert s3.get_object(Bucket="bucket", Key="a/x")["Body"].read() == b"content"


def _by_host(session: Any, url: str) -> tuple[int, bytes]:
    """The object, asked for as clients do by an access point's ARN at an endpoint called localhost."""
    host = f"point-{HOME}.localhost:{urlsplit(url).port}"
    request = AWSRequest("GET", f"http://{host}/a/x")
    S3SigV4Auth(session.get_credentials(), "s3", "us-east-1").add_auth(request)
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", "/a/x", headers={**dict(request.headers), "Host": host})
    answer = connection.getresponse()
    return answer.status, answer.read()
