"""The fields of what is seeded, kind by kind. A new kind is a row here and one in provisioning.seeds."""

from __future__ import annotations

from rolecall.chains.common_fields import FILE, NAME, TAGS
from rolecall.chains.shapes import Field, Keyed, Number, Record, Shape, String, Variants

__all__ = ["RESOURCE", "RESOURCE_KINDS"]

_COMMON = (
    Field("account", NAME, "Alias of the account", example="prod"),
    Field("tags", TAGS, "Tags", example={"project": "blue"}),
)
_POLICY = Field("policy", FILE, "Resource-based policy", example="bucket-policy.json")


def _named(pattern: str, most: int, example: str) -> Field:
    return Field(
        "name", String("a name", pattern, most=most, loose=True), "Name", example=example, required=True
    )


_VALUE = Field("value", String(loose=True), "Content", "Never a real secret.", "example")

RESOURCE_KINDS: dict[str, Record] = {
    kind: Record(kind, (*fields, *_COMMON), optional=kind == "ec2_instance")
    for kind, fields in {
        "ec2_instance": (
            Field(
                "type",
                String("an instance type", r"[a-z0-9-]+\.[a-z0-9-]+"),
                "Instance type",
                example="t2.micro",
            ),
            Field("count", Number(1, 20, "1 to 20"), "How many", example=1),
            Field("name", String(most=256, loose=True), "Value of the Name tag", example="web"),
        ),
        "s3_bucket": (
            _named(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", 63, "data-bucket"),
            Field(
                "objects",
                Keyed(String("an object key", most=1024, loose=True), String(least=0, loose=True)),
                "Objects: key and text",
                example={"reports/a.txt": "hello"},
            ),
            _POLICY,
        ),
        "sqs_queue": (_named(r"[A-Za-z0-9_-]+(\.fifo)?", 80, "jobs"), _POLICY),
        "sns_topic": (_named(r"[A-Za-z0-9_-]+(\.fifo)?", 256, "alerts"), _POLICY),
        "dynamodb_table": (
            _named(r"[A-Za-z0-9_.-]{3,255}", 255, "orders"),
            Field("key", String(most=255), "Partition key (a string)", "Without it: id.", "id"),
        ),
        "secret": (_named(r"[A-Za-z0-9/_+=.@-]+", 512, "app/database"), _VALUE, _POLICY),
        "ssm_parameter": (_named(r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", 1011, "/app/flag"), _VALUE),
        "kms_key": (_named(r"[A-Za-z0-9/_-]+", 250, "app"), _POLICY),
        "log_group": (_named(r"[A-Za-z0-9_/.#-]+", 512, "/app/web"),),
    }.items()
}

_CASES: tuple[tuple[str, Record], ...] = tuple(
    (kind, Record(f"{kind}_resource", (Field(kind, record, kind.replace("_", " "), required=True),)))
    for kind, record in RESOURCE_KINDS.items()
)
RESOURCE: Shape = Variants("resource", _CASES)
