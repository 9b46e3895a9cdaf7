"""Shapes that many fields of the manifest share. Limits: IAM and STS API references, parameters."""

from __future__ import annotations

from rolecall.chains.shapes import Field, Keyed, Many, String

__all__ = [
    "ACCOUNT_ID",
    "ACTION",
    "ACTIONS",
    "ARN",
    "AWS_NAME",
    "CONTEXT",
    "CONTROLS",
    "DAY",
    "FILE",
    "IAM_PATH",
    "NAME",
    "PLAIN",
    "STATEMENT",
    "TAGS",
    "TITLE",
]

_IAM_CHARACTERS = r"[A-Za-z0-9_+=,.@-]"

PLAIN = String()
NAME = String("a name of letters, digits and +=,.@_-", rf"{_IAM_CHARACTERS}+", most=128, loose=True)
AWS_NAME = String("an IAM name (letters, digits and +=,.@_-)", rf"{_IAM_CHARACTERS}+", most=128, loose=True)
ACCOUNT_ID = String("an account id of 12 digits", r"[0-9]{12}", loose=True)
FILE = String("the path of a file, relative to the manifest", most=1024)
IAM_PATH = String("an IAM path: / or /…/", r"/([!-~]+/)?", most=512)
ARN = String("an ARN", r"(arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|\*)", most=2048)
DAY = String("a day, as 2027-01-31", r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ACTION = String('an action, "service:Name" (wildcards allowed)', r"([A-Za-z0-9-]+:[A-Za-z0-9*?]+|\*)")
ACTIONS = Many(ACTION, least=1, single=True)
STATEMENT = String("a Sid, or the number of a statement counted from 0", r"[A-Za-z0-9]+", loose=True)
TAGS = Keyed(String("a tag key", most=128, loose=True), String("a tag value", least=0, most=256, loose=True))
CONTEXT = Keyed(
    String("a condition key", r"[^:\s]+:\S.*"),
    Many(String("a value", least=0, loose=True), single=True),
)
CONTROLS = Field(
    "controls",
    Many(
        String(
            "a control with its framework and edition, as NIST-800-53r5:AC-6",
            r"[A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*:[A-Za-z0-9][A-Za-z0-9._()-]*",
        ),
        single=True,
    ),
    "Controls that this supports evidence for",
    "FRAMEWORK-EDITION:CONTROL. The edition is part of it: frameworks renumber.",
    ["NIST-800-53r5:AC-6", "CIS-AWS-7.0:2.14"],
)
TITLE = Field(
    "title", String(most=300), "One line for people", "Shown in the report.", "The role can use EC2"
)
