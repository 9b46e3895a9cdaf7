"""Credentials that are unknown, wrong, inactive, deleted, foreign or expired, service by service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.enforcement.scenarios.world import Refused, Scenario, World, allow

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SCENARIOS"]

CALLS: dict[str, Callable[[Any], Any]] = {
    "iam": lambda client: client.list_users(),
    "sts": lambda client: client.get_caller_identity(),
    "ec2": lambda client: client.describe_instances(),
    "s3": lambda client: client.list_buckets(),
    "dynamodb": lambda client: client.list_tables(),
    "lambda": lambda client: client.list_functions(),
    "sqs": lambda client: client.list_queues(),
    "sns": lambda client: client.list_topics(),
}
UNKNOWN = {
    "iam": Refused("InvalidClientTokenId", 403, ("The security token included in the request is invalid.",)),
    "sts": Refused("InvalidClientTokenId", 403),
    "ec2": Refused("AuthFailure", 401, ("AWS was not able to validate the provided access credentials",)),
    "s3": Refused("InvalidAccessKeyId", 403, ("does not exist in our records",)),
    "dynamodb": Refused("UnrecognizedClientException", 400),
    "lambda": Refused("UnrecognizedClientException", 403),
    "sqs": Refused("InvalidClientTokenId", 403),
    "sns": Refused("InvalidClientTokenId", 403),
}
WRONG_SECRET = {
    "iam": Refused("SignatureDoesNotMatch", 403),
    "sts": Refused("SignatureDoesNotMatch", 403),
    "ec2": Refused("AuthFailure", 401),
    "s3": Refused("SignatureDoesNotMatch", 403),
    "dynamodb": Refused("InvalidSignatureException", 400),
    "lambda": Refused("InvalidSignatureException", 403),
    "sqs": Refused("SignatureDoesNotMatch", 403),
}
EXPIRED = {
    "iam": Refused("ExpiredToken", 403, ("The security token included in the request is expired",)),
    "sts": Refused("ExpiredToken", 403),
    "ec2": Refused("RequestExpired", 400, ("Request has expired.",)),
    "s3": Refused("ExpiredToken", 400),
    "dynamodb": Refused("ExpiredTokenException", 400),
    "lambda": Refused("ExpiredTokenException", 403),
}
FOREIGN_TOKEN = {
    "iam": Refused("InvalidClientTokenId", 403),
    "ec2": Refused("AuthFailure", 401),
    "s3": Refused("InvalidToken", 400),
    "dynamodb": Refused("UnrecognizedClientException", 400),
}


def _unknown(service: str) -> Callable[[World], None]:
    def call(world: World) -> None:
        session = world.aws.session("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        CALLS[service](session.client(service))

    return call


def _wrong_secret(service: str) -> Callable[[World], None]:
    def call(world: World) -> None:
        user = world.user(allow("*"))
        CALLS[service](world.aws.session(user.key, user.secret[::-1]).client(service))

    return call


def _credentials(world: World) -> dict[str, Any]:
    user = world.user(allow("sts:AssumeRole"))
    made: dict[str, Any] = user.client("sts").assume_role(
        RoleArn=world.role(allow("*")), RoleSessionName="session"
    )["Credentials"]
    return made


def _expired(service: str) -> Callable[[World], None]:
    def call(world: World) -> None:
        made = _credentials(world)
        session = world.aws.session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        client = session.client(service)
        CALLS[service](client)
        environment = world.aws.environment
        before = environment.clock
        environment.clock = lambda: before() + timedelta(hours=1)
        try:
            CALLS[service](client)
        finally:
            environment.clock = before

    return call


def _foreign_token(service: str) -> Callable[[World], None]:
    def call(world: World) -> None:
        first, second = _credentials(world), _credentials(world)
        session = world.aws.session(first["AccessKeyId"], first["SecretAccessKey"], second["SessionToken"])
        CALLS[service](session.client(service))

    return call


def no_token(world: World) -> None:
    made = _credentials(world)
    world.aws.session(made["AccessKeyId"], made["SecretAccessKey"]).client("iam").list_users()


def token_with_user_key(world: World) -> None:
    user, made = world.user(allow("*")), _credentials(world)
    world.aws.session(user.key, user.secret, made["SessionToken"]).client("iam").list_users()


def inactive_key(world: World) -> None:
    user = world.user(allow("iam:ListUsers"))
    client = user.client("iam")
    client.list_users()
    world.admin("iam").update_access_key(UserName=user.name, AccessKeyId=user.key, Status="Inactive")
    client.list_users()


def key_activated_again(world: World) -> None:
    user, iam = world.user(allow("iam:ListUsers")), world.admin("iam")
    iam.update_access_key(UserName=user.name, AccessKeyId=user.key, Status="Inactive")
    iam.update_access_key(UserName=user.name, AccessKeyId=user.key, Status="Active")
    user.client("iam").list_users()


def deleted_key(world: World) -> None:
    user = world.user(allow("iam:ListUsers"))
    client = user.client("iam")
    client.list_users()
    world.admin("iam").delete_access_key(UserName=user.name, AccessKeyId=user.key)
    client.list_users()


def renamed_user(world: World) -> None:
    user = world.user(allow("iam:ListUsers"))
    client = user.client("iam")
    world.admin("iam").update_user(UserName=user.name, NewUserName=world.name("renamed"))
    client.list_users()


def _skewed(service: str, minutes: int) -> Callable[[World], None]:
    def call(world: World) -> None:
        client = world.user(allow("*")).client(service)
        environment = world.aws.environment
        before = environment.signing_clock
        environment.signing_clock = lambda: before() + timedelta(minutes=minutes)
        try:
            CALLS[service](client)
        finally:
            environment.signing_clock = before

    return call


SIGV4 = "General Reference signature-v4-troubleshooting"


def region_of_another_partition(world: World) -> None:
    user = world.user(allow("*"))
    world.aws.sessions.session(user.key, user.secret, None, "cn-north-1").client("iam").list_users()


SCENARIOS = [
    *(
        Scenario(f"unknown-key-{name}", _unknown(name), refused, "CommonErrors")
        for name, refused in UNKNOWN.items()
    ),
    *(
        Scenario(f"wrong-secret-{name}", _wrong_secret(name), refused, "CommonErrors")
        for name, refused in WRONG_SECRET.items()
    ),
    *(
        Scenario(f"expired-session-{name}", _expired(name), refused, "CommonErrors")
        for name, refused in EXPIRED.items()
    ),
    *(
        Scenario(f"foreign-token-{name}", _foreign_token(name), refused, "CommonErrors")
        for name, refused in FOREIGN_TOKEN.items()
    ),
    Scenario("session-key-without-token", no_token, Refused("InvalidClientTokenId", 403), "CommonErrors"),
    Scenario(
        "user-key-with-token", token_with_user_key, Refused("InvalidClientTokenId", 403), "CommonErrors"
    ),
    Scenario(
        "inactive-key",
        inactive_key,
        Refused("InvalidClientTokenId", 403),
        "UserGuide id_credentials_access-keys",
    ),
    Scenario(
        "region-of-another-partition",
        region_of_another_partition,
        Refused("InvalidClientTokenId", 403),
        "UserGuide reference-arns (partitions)",
    ),
    Scenario("key-activated-again", key_activated_again, None, "UserGuide id_credentials_access-keys"),
    Scenario(
        "deleted-key",
        deleted_key,
        Refused("InvalidClientTokenId", 403),
        "UserGuide id_credentials_access-keys",
    ),
    Scenario("renamed-user-keeps-keys", renamed_user, None, "UserGuide id_users_rename"),
    Scenario(
        "clock-six-minutes-off",
        _skewed("iam", 6),
        Refused("SignatureDoesNotMatch", 403, ("Signature expired", "5 min.")),
        SIGV4,
    ),
    Scenario("clock-four-minutes-off", _skewed("iam", 4), None, SIGV4),
    Scenario(
        "clock-in-the-future",
        _skewed("iam", -6),
        Refused("SignatureDoesNotMatch", 403, ("Signature not yet current",)),
        SIGV4,
    ),
    Scenario("clock-off-ec2", _skewed("ec2", 6), Refused("RequestExpired", 400), SIGV4),
    Scenario("clock-off-s3", _skewed("s3", 16), Refused("RequestTimeTooSkewed", 403), "S3 ErrorResponses"),
    Scenario("clock-ten-minutes-off-s3", _skewed("s3", 10), None, "S3 ErrorResponses"),
]
