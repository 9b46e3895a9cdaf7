"""The fields of an expectation, of waivers and of suppressions."""

from __future__ import annotations

from rolecall.chains.common_fields import ACTIONS, ARN, CONTEXT, CONTROLS, DAY, FILE, NAME, STATEMENT, TITLE
from rolecall.chains.hop_fields import HOP_CHANGES, HOP_PARAMETER
from rolecall.chains.shapes import Either, Field, Flag, Json, Keyed, Many, Record, String, Variants

__all__ = ["EXPECTATION", "STAGES", "SUPPRESSION", "WAIVER"]

STAGES = {
    "identity": "identity_policies",
    "trust": "resource_policy",
    "resource": "resource_policy",
    "boundary": "permissions_boundary",
    "session": "session_policies",
    "scp": "scps",
    "rcp": "rcps",
    "call": "call",
}
"""How the manifest calls a stage → how the engine does. The engine's own words are understood too."""

_ID = Field(
    "id",
    String("an id of letters, digits and ._-", r"[A-Za-z0-9][A-Za-z0-9._-]*", most=128, loose=True),
    "Id, unique in the chain",
    "The pytest id, the deep link in the report and the key of a waiver.",
    "role-describes-ec2",
    required=True,
)
_KIND = String("implicit or explicit", choices=("implicit", "explicit"))
BECAUSE = Either(
    _KIND,
    Record(
        "because",
        (
            Field(
                "kind",
                _KIND,
                "Implicit or explicit",
                "implicit: nothing allows it. explicit: a Deny matches.",
            ),
            Field(
                "stage",
                String("a stage", choices=(*STAGES, *sorted(set(STAGES.values()) - {"call"}))),
                "The stage that refuses",
                "trust for a role's trust policy.",
                "boundary",
            ),
            Field(
                "statement", STATEMENT, "The deciding statement", "Its Sid, or its number counted from 0.", 0
            ),
            Field("condition_key", String(), "The condition key that decides", example="sts:ExternalId"),
            Field(
                "policy",
                String(),
                "The deciding document",
                "Its declared name, or its file.",
                "deny-region.json",
            ),
        ),
        some_of=("kind", "stage", "statement", "condition_key", "policy"),
    ),
)
_BECAUSE = Field(
    "because",
    BECAUSE,
    "Why it must be refused",
    "A denial that comes for another reason fails.",
    "implicit",
)
_AS = Field(
    "as",
    NAME,
    "Who",
    "A user; or a role or a named hop: reached over its hops.",
    "assume-role-role",
    required=True,
)
_FROM = Field("from", NAME, "Where the path starts", "Only needed where several lead there.", "alice")
_WHEN = Field(
    "when",
    CONTEXT,
    "Request context",
    "Condition keys that the caller can bring about.",
    {"aws:SourceIp": "10.0.0.1"},
)
_ACTION = (
    _ID,
    _AS,
    Field("allow", ACTIONS, "Actions that must be allowed", example="ec2:DescribeInstances"),
    Field("deny", ACTIONS, "Actions that must be refused", example=["iam:*", "s3:PutObject"]),
    Field("on", Many(ARN, least=1, single=True), "Resources", "ARNs; without it: *.", "arn:aws:s3:::data/*"),
    _WHEN,
    _BECAUSE,
    _FROM,
    Field(
        "parameters", Keyed(String(), Json()), "Parameters of the probe's call", example={"Bucket": "data"}
    ),
    Field("unsafe", Flag(), "Let a probe change something", "On moto only; never on an account.", True),
    TITLE,
    CONTROLS,
)
_REACH = (
    _ID,
    Field(
        "reach",
        NAME,
        "A role (or a named hop) that can be reached, hop by hop",
        example="assume-role-role",
        required=True,
    ),
    _FROM,
    TITLE,
    CONTROLS,
)
_ONLY = (
    _ID,
    _AS,
    Field(
        "only",
        Many(ACTIONS.item, single=True),
        "Exactly the actions that are allowed, of all that AWS knows",
        example=["sts:AssumeRole"],
        required=True,
    ),
    _WHEN,
    _FROM,
    TITLE,
    CONTROLS,
)
_ASSUMERS = (
    _ID,
    Field("assumers_of", NAME, "A role", example="assume-role-role", required=True),
    Field(
        "exactly",
        Many(String("a declared name or a principal", loose=True), single=True),
        "Who can get in, and nobody else",
        "Declared names, ARNs, account ids, services or *.",
        ["assume-role-user"],
        required=True,
    ),
    TITLE,
    CONTROLS,
)
_STS = String(
    "an STS action",
    choices=("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"),
)
_HOP = (
    _ID,
    Field(
        "hop", NAME, "The role that the hop assumes, or the hop's name", example="partner-role", required=True
    ),
    _FROM,
    Field(
        "without",
        Many(HOP_PARAMETER, least=1, single=True),
        "Parameters to leave out",
        example=["external_id"],
    ),
    Field("with", HOP_CHANGES, "Parameters to change", example={"external_id": "wrong"}),
    Field("deny", _STS, "The hop must be refused", "The default.", "sts:AssumeRole"),
    Field("allow", _STS, "The hop must still work", example="sts:AssumeRole"),
    _BECAUSE,
    TITLE,
    CONTROLS,
)

_APART = (("allow", "deny"), ("allow", "because"))

EXPECTATION = Variants(
    "expectation",
    (
        ("hop", Record("hop_expectation", _HOP, apart=_APART, some_of=("without", "with"))),
        ("allow", Record("action_expectation", _ACTION, apart=_APART)),
        ("deny", Record("action_expectation", _ACTION, apart=_APART)),
        ("reach", Record("reach_expectation", _REACH)),
        ("only", Record("only_expectation", _ONLY)),
        ("assumers_of", Record("assumers_expectation", _ASSUMERS)),
    ),
)

_SAID = String(pattern=r"\s*\S[\s\S]*", most=2000)

WAIVER = Record(
    "waiver",
    (
        Field("expectation", NAME, "The id of the expectation", example="no-external-id", required=True),
        Field(
            "reason",
            _SAID,
            "Why this is accepted",
            example="Vendor moves in March",
            required=True,
        ),
        Field("approved_by", _SAID, "Who accepted it", example="security@example.com", required=True),
        Field("ticket", String(most=300, loose=True), "Where it is tracked", example="SEC-123"),
        Field("until", DAY, "The last day it holds (UTC)", example="2027-01-31", required=True),
    ),
)

SUPPRESSION = Record(
    "suppression",
    (
        Field(
            "rule",
            String("the id of a lint rule", loose=True),
            "Lint rule",
            example="full-admin",
            required=True,
        ),
        Field(
            "reason",
            _SAID,
            "Why",
            example="Reviewed: the role is meant to be broad",
            required=True,
        ),
        Field("file", FILE, "The document; without it: all of the chain", example="admin-policy.json"),
        Field("statement", STATEMENT, "Its Sid, or its number counted from 0", example=0),
        Field("until", DAY, "The last day it holds (UTC)", example="2027-01-31"),
    ),
)
