"""What is encrypted with a key of the customer's: the caller has to be allowed to use the key as well."""

from __future__ import annotations

from typing import Any

from tests.enforcement.scenarios.world import Refused, Scenario, World, allow

__all__ = ["SCENARIOS"]

S3 = "S3 UsingKMSEncryption"
SECRETS = "SecretsManager security-encryption"
SSM = "SSM secure-string-parameter-kms-encryption"
SQS = "SQS sqs-key-management"
SNS = "SNS sns-key-management"
DENIED = Refused("AccessDenied", 403)
JSON_DENIED = Refused("AccessDeniedException", 400)


def new_key(world: World) -> str:
    arn: str = world.admin("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def own_bucket(world: World, key: str) -> str:
    bucket, s3 = world.bucket(), world.admin("s3")
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    s3.put_object(Bucket=bucket, Key="secret", Body=b"x")
    return bucket


def read_object(world: World, *more: dict[str, Any]) -> None:
    bucket = own_bucket(world, new_key(world))
    world.user(allow("s3:*"), *more).client("s3").get_object(Bucket=bucket, Key="secret")


def read_object_without_key(world: World) -> None:
    read_object(world)


def read_object_with_key(world: World) -> None:
    read_object(world, allow("kms:Decrypt"))


def read_object_by_way_of_s3(world: World) -> None:
    via = {"StringEquals": {"kms:ViaService": f"s3.{world.region}.amazonaws.com"}}
    read_object(world, allow("kms:Decrypt", Condition=via))


def read_object_by_way_of_another_service(world: World) -> None:
    via = {"StringEquals": {"kms:ViaService": f"sqs.{world.region}.amazonaws.com"}}
    read_object(world, allow("kms:Decrypt", Condition=via))


def read_object_in_its_context(world: World) -> None:
    context = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::*/secret"}}
    read_object(world, allow("kms:Decrypt", Condition=context))


def read_what_was_there_before(world: World) -> None:
    bucket = own_bucket(world, new_key(world))
    world.user(allow("s3:*")).client("s3").get_object(Bucket=bucket, Key="x")


def write_object_with_decrypt_alone(world: World) -> None:
    bucket = own_bucket(world, new_key(world))
    world.user(allow(["s3:*", "kms:Decrypt"])).client("s3").put_object(Bucket=bucket, Key="new", Body=b"x")


def write_object(world: World) -> None:
    bucket = own_bucket(world, new_key(world))
    user = world.user(allow(["s3:*", "kms:GenerateDataKey"]))
    user.client("s3").put_object(Bucket=bucket, Key="new", Body=b"x")


def write_object_with_another_encryption(world: World) -> None:
    bucket = own_bucket(world, new_key(world))
    s3 = world.user(allow("s3:*")).client("s3")
    s3.put_object(Bucket=bucket, Key="new", Body=b"x", ServerSideEncryption="AES256")


def copy_object_without_key(world: World) -> None:
    bucket, other = own_bucket(world, new_key(world)), world.bucket()
    s3 = world.user(allow("s3:*")).client("s3")
    s3.copy_object(Bucket=other, Key="copy", CopySource={"Bucket": bucket, "Key": "secret"})


def start_upload_without_key(world: World) -> None:
    bucket = own_bucket(world, new_key(world))
    world.user(allow("s3:*")).client("s3").create_multipart_upload(Bucket=bucket, Key="parts")


def read_secret(world: World, action: str = "secretsmanager:*") -> None:
    name = world.name("secret")
    world.admin("secretsmanager").create_secret(Name=name, SecretString="x", KmsKeyId=new_key(world))
    user = world.user(allow(["secretsmanager:*", action]))
    user.client("secretsmanager").get_secret_value(SecretId=name)


def read_secret_with_key(world: World) -> None:
    read_secret(world, "kms:Decrypt")


def read_secret_of_aws_key(world: World) -> None:
    name = world.name("secret")
    world.admin("secretsmanager").create_secret(Name=name, SecretString="x")
    world.user(allow("secretsmanager:*")).client("secretsmanager").get_secret_value(SecretId=name)


def read_parameter(world: World, *more: str, decrypted: bool = True) -> None:
    name = f"/{world.name('parameter')}"
    world.admin("ssm").put_parameter(Name=name, Value="x", Type="SecureString", KeyId=new_key(world))
    user = world.user(allow(["ssm:*", *more]))
    user.client("ssm").get_parameter(Name=name, WithDecryption=decrypted)


def read_parameter_with_key(world: World) -> None:
    read_parameter(world, "kms:Decrypt")


def read_parameter_as_it_is(world: World) -> None:
    read_parameter(world, decrypted=False)


def send(world: World, *more: str) -> None:
    attributes = {"KmsMasterKeyId": new_key(world)}
    url = world.admin("sqs").create_queue(QueueName=world.name("queue"), Attributes=attributes)["QueueUrl"]
    world.user(allow(["sqs:*", *more])).client("sqs").send_message(QueueUrl=url, MessageBody="x")


def send_with_key(world: World) -> None:
    send(world, "kms:GenerateDataKey", "kms:Decrypt")


def publish(world: World, *more: str) -> None:
    sns, attributes = world.admin("sns"), {"KmsMasterKeyId": new_key(world)}
    topic = sns.create_topic(Name=world.name("topic"), Attributes=attributes)["TopicArn"]
    world.user(allow(["sns:*", *more])).client("sns").publish(TopicArn=topic, Message="x")


def publish_with_key(world: World) -> None:
    publish(world, "kms:GenerateDataKey", "kms:Decrypt")


SCENARIOS = (
    Scenario("encrypted-object-without-key", read_object_without_key, DENIED, S3),
    Scenario("encrypted-object-with-key", read_object_with_key, None, S3),
    Scenario("encrypted-object-via-s3", read_object_by_way_of_s3, None, "KMS conditions-kms-via-service"),
    Scenario(
        "encrypted-object-via-other",
        read_object_by_way_of_another_service,
        DENIED,
        "KMS conditions-kms-via-service",
    ),
    Scenario("encrypted-object-context", read_object_in_its_context, None, "KMS services-s3"),
    Scenario("object-before-encryption", read_what_was_there_before, None, S3),
    Scenario("write-encrypted-decrypt-alone", write_object_with_decrypt_alone, DENIED, S3),
    Scenario("write-encrypted", write_object, None, S3),
    Scenario("write-other-encryption", write_object_with_another_encryption, None, S3),
    Scenario("copy-encrypted-without-key", copy_object_without_key, DENIED, S3),
    Scenario("upload-encrypted-without-key", start_upload_without_key, DENIED, "S3 mpuAndPermissions"),
    Scenario("encrypted-secret-without-key", read_secret, JSON_DENIED, SECRETS),
    Scenario("encrypted-secret-with-key", read_secret_with_key, None, SECRETS),
    Scenario("secret-of-aws-key", read_secret_of_aws_key, None, SECRETS),
    Scenario("secure-string-without-key", read_parameter, JSON_DENIED, SSM),
    Scenario("secure-string-with-key", read_parameter_with_key, None, SSM),
    Scenario("secure-string-not-decrypted", read_parameter_as_it_is, None, SSM),
    Scenario("encrypted-queue-without-key", send, Refused("KMS.AccessDeniedException", 400), SQS),
    Scenario("encrypted-queue-with-key", send_with_key, None, SQS),
    Scenario("encrypted-topic-without-key", publish, Refused("KMSAccessDenied", 400), SNS),
    Scenario("encrypted-topic-with-key", publish_with_key, None, SNS),
)
