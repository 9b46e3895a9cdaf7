"""What moto lacks: authenticated and authorized all the same, then refused in words that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rolecall.probes.answers import Seen, classify
from rolecall.targets.moto import EnforcedMoto, enforcing_moto
from rolecall.targets.server import enforcing_server
from tests.enforcement.conftest import Refusal, allow, document, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3

WAYS = {"in-process": enforcing_moto, "http": enforcing_server}
ALLOWED = "is not implemented by moto; the caller is allowed to make the call."
# The boto3 service and method, parameters, and the code of a denial.
GAPS = [
    pytest.param("appflow", "describe_connector_profiles", {}, "AccessDeniedException", id="rest-json"),
    pytest.param("lightsail", "get_instances", {}, "AccessDeniedException", id="json"),
    pytest.param("cloudsearch", "list_domain_names", {}, "AccessDenied", id="query"),
    pytest.param("gamelift", "list_fleets", {}, "AccessDeniedException", id="cbor"),
    pytest.param("greengrassv2", "list_components", {}, "AccessDeniedException", id="shared-signing-name"),
    pytest.param("lambda", "list_capacity_providers", {}, "AccessDeniedException", id="no-such-url"),
    pytest.param("ec2", "describe_client_vpn_endpoints", {}, "UnauthorizedOperation", id="ec2"),
    pytest.param(
        "iam",
        "list_policies_granting_service_access",
        {"Arn": "arn:aws:iam::111122223333:user/yes", "ServiceNamespaces": ["s3"]},
        "AccessDenied",
        id="iam",
    ),
    pytest.param(
        "sqs",
        "start_message_move_task",
        {"SourceArn": "arn:aws:sqs:us-east-1:111122223333:q"},
        "AccessDenied",
        id="sqs",
    ),
]


@pytest.fixture(scope="module", params=list(WAYS))
def aws(request: pytest.FixtureRequest) -> Iterator[EnforcedMoto]:
    with WAYS[request.param](account_id="111122223333") as running:
        iam = running.root_session().client("iam")
        for name in ("yes", "no"):
            iam.create_user(UserName=name)
        iam.put_user_policy(UserName="yes", PolicyName="all", PolicyDocument=document(allow("*")))
        yield running


def session(aws: EnforcedMoto, name: str) -> boto3.Session:
    key = aws.root_session().client("iam").create_access_key(UserName=name)["AccessKey"]
    return aws.session(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.fixture(scope="module")
def sessions(aws: EnforcedMoto) -> dict[str, boto3.Session]:
    return {name: session(aws, name) for name in ("yes", "no")}


def seen(refused: Refusal) -> Seen:
    return classify(refused.code, refused.message, authorizes_first=True)


@pytest.mark.parametrize(("service", "method", "params", "denied"), GAPS)
def test_who_may_is_told_that_moto_lacks_it_and_who_may_not_is_denied(
    service: str, method: str, params: dict[str, Any], denied: str, sessions: dict[str, boto3.Session]
) -> None:
    admitted = refusal(getattr(sessions["yes"].client(service), method), **params)
    assert (admitted.code, admitted.status) == ("NotImplemented", 501)
    assert ALLOWED in admitted.message
    assert seen(admitted) is Seen.ALLOWED

    refused = refusal(getattr(sessions["no"].client(service), method), **params)
    assert refused.code == denied
    assert "is not authorized to perform" in refused.message
    assert seen(refused) is Seen.DENIED


def test_a_service_that_moto_lacks_authenticates_too(aws: EnforcedMoto) -> None:
    stranger = aws.session("AKIAAAAAAAAAAAAAAAAA", "secret").client("appflow")
    assert refusal(stranger.describe_connector_profiles).code == "UnrecognizedClientException"
    mistaken = aws.session(aws.environment.root().access_key_id, "wrong").client("lightsail")
    assert refusal(mistaken.get_instances).code == "InvalidSignatureException"


def test_a_service_that_nobody_knows_is_authenticated_and_nothing_is_decided(
    aws: EnforcedMoto, sessions: dict[str, boto3.Session]
) -> None:
    def rename(params: Any, **_: object) -> None:
        params["context"]["signing"] = {"signing_name": "quantumtoaster", "region": "us-east-1"}

    for name in ("yes", "no"):
        client = sessions[name].client("appflow")
        client.meta.events.register("before-call.appflow", rename)
        refused = refusal(client.describe_connector_profiles)
        assert (refused.code, refused.status) == ("NotImplemented", 501)
        assert "nothing was decided about permission" in refused.message
        assert seen(refused) is Seen.INCONCLUSIVE
    client = aws.session("AKIAAAAAAAAAAAAAAAAA", "secret").client("appflow")
    client.meta.events.register("before-call.appflow", rename)
    assert refusal(client.describe_connector_profiles).code == "UnrecognizedClientException"


def test_an_operation_that_botocore_does_not_know_is_not_decided(sessions: dict[str, boto3.Session]) -> None:
    client = sessions["yes"].client("lightsail")

    def rename(params: Any, **_: object) -> None:
        params["headers"]["X-Amz-Target"] = "Lightsail_20161128.GetRainbows"

    client.meta.events.register("before-call.lightsail", rename)
    refused = refusal(client.get_instances)
    assert refused.code == "NotImplemented"
    assert "nothing was decided about permission" in refused.message
    assert seen(refused) is Seen.INCONCLUSIVE


@pytest.mark.parametrize(
    ("code", "message", "shown"),
    [
        ("NotImplemented", "A header you provided implies functionality.", Seen.INCONCLUSIVE),
        ("UnknownOperationException", "", Seen.INCONCLUSIVE),
        ("404", "Not yet implemented", Seen.INCONCLUSIVE),
        ("404", "Not Found", Seen.ALLOWED),
        ("NoSuchBucket", "", Seen.ALLOWED),
    ],
)
def test_what_a_probe_reads_from_it(code: str, message: str, shown: Seen) -> None:
    assert classify(code, message, authorizes_first=True) is shown


def test_elsewhere_a_missing_operation_shows_nothing() -> None:
    assert classify("NotImplemented", ALLOWED, authorizes_first=False) is Seen.INCONCLUSIVE
