"""The fields of a hop. Limits: STS API reference, AssumeRole."""

from __future__ import annotations

from rolecall.chains.common_fields import FILE, NAME, TAGS
from rolecall.chains.hops import HOP_PARAMETERS
from rolecall.chains.shapes import Field, Flag, Keyed, Many, Number, Record, String

__all__ = ["HOP", "HOP_CHANGES", "HOP_PARAMETER"]

_STS_NAME = r"[A-Za-z0-9_+=,.@-]*"

_PARAMETERS = (
    Field(
        "session_name",
        String("a session name (2 to 64 letters, digits, =,.@_-)", _STS_NAME, 2, 64, loose=True),
        "Role session name",
        example="assume-role-session",
    ),
    Field(
        "external_id",
        String(
            "an external id (2 to 1,224 letters, digits, =,.@:/-)",
            r"[A-Za-z0-9_+=,.@:/-]*",
            2,
            1224,
            loose=True,
        ),
        "External id",
        "What a third party is told; kept as it is written, also without quotes.",
        "0012",
    ),
    Field("session_policy", FILE, "Inline session policy", example="session.json"),
    Field(
        "session_policy_arns",
        Many(String("a declared policy or the ARN of a managed policy"), most=10),
        "Managed session policies",
        example=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    ),
    Field("duration", Number(900, 43200, "seconds, 900 to 43200"), "DurationSeconds", example=3600),
    Field("tags", TAGS, "Session tags", example={"project": "blue"}),
    Field(
        "transitive_tags",
        Many(String("a tag key", most=128, loose=True), most=50),
        "Keys of the tags that further hops carry along",
        example=["project"],
    ),
    Field(
        "source_identity",
        String("a source identity (2 to 64 letters, digits, =,.@_-)", _STS_NAME, 2, 64, loose=True),
        "Source identity",
        example="alice",
    ),
    Field("mfa", Flag(), "Send an MFA code", "From the user's device (mfa: true on the user).", True),
    Field(
        "claims",
        Keyed(String("a claim"), Many(String("a value", loose=True), single=True)),
        "Claims of the token",
        "When the hop starts at a provider.",
        {"sub": "repo:octo/app:ref:refs/heads/main", "aud": "sts.amazonaws.com"},
    ),
)

HOP = Record(
    "hop",
    (
        Field(
            "from", NAME, "Who assumes", "A user, a role or a provider.", "assume-role-user", required=True
        ),
        Field("assume", NAME, "The role", example="assume-role-role", required=True),
        *_PARAMETERS,
        Field(
            "name",
            NAME,
            "Name of the hop",
            "Where two hops lead from one principal to the same role; may be said in place of the role.",
            "narrowed",
        ),
        Field("negatives", Flag(), "Make automatic negative expectations", "The default is true.", False),
    ),
)
HOP_CHANGES = Record("hop_changes", (Field("from", NAME, "Another caller", example="mallory"), *_PARAMETERS))
HOP_PARAMETER = String("a parameter of the hop", choices=HOP_PARAMETERS)
