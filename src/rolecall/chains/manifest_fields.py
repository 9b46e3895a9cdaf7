"""The fields of the manifest: the one table that the reader and the JSON Schema both come from."""

from __future__ import annotations

from rolecall.chains.common_fields import (
    ACCOUNT_ID,
    AWS_NAME,
    CONTROLS,
    FILE,
    IAM_PATH,
    NAME,
    TAGS,
    TITLE,
)
from rolecall.chains.expectation_fields import EXPECTATION, SUPPRESSION, WAIVER
from rolecall.chains.hop_fields import HOP
from rolecall.chains.resource_fields import RESOURCE
from rolecall.chains.shapes import Either, Field, Flag, Keyed, Many, Number, Record, String, Variants

__all__ = ["MANIFEST"]

_ACCOUNT = Field(
    "account",
    NAME,
    "Alias of the account",
    "Needed where several accounts are declared and none is home.",
    "prod",
)
_AWS_NAME = Field("name", AWS_NAME, "Name in IAM", "Without it: the key.", "deploy")
_PATH = Field("path", IAM_PATH, "IAM path", example="/teams/blue/")
_TAGS = Field("tags", TAGS, "Tags", "At most 50.", {"project": "blue"})
_POLICY_REF = String("a declared policy or the ARN of a managed policy", most=2048)
_POLICIES = Field(
    "policies",
    Many(_POLICY_REF, single=True),
    "Attached managed policies",
    "Names under policies, or ARNs.",
    ["assume-role-policy", "arn:aws:iam::aws:policy/AmazonEC2FullAccess"],
)
_INLINE = Field("inline", Keyed(NAME, FILE), "Inline policies, by name", example={"extra": "extra.json"})
_BOUNDARY = Field("boundary", _POLICY_REF, "Permissions boundary", example="developer-boundary")

POLICY = Either(
    FILE,
    Record(
        "policy",
        (
            Field("file", FILE, "The document", example="assume-role-policy.json", required=True),
            _AWS_NAME,
            _PATH,
            Field("description", String(most=1000), "Description", example="Lets engineers assume roles"),
            _ACCOUNT,
            _TAGS,
        ),
    ),
)
USER = Record(
    "user",
    (
        _POLICIES,
        _INLINE,
        Field("groups", Many(NAME, single=True), "Groups it is in", example=["engineers"]),
        _BOUNDARY,
        Field("access_key", Flag(), "Has an access key", "Needed to make calls as the user.", True),
        Field("mfa", Flag(), "Has a virtual MFA device", example=True),
        _AWS_NAME,
        _PATH,
        _ACCOUNT,
        _TAGS,
    ),
    optional=True,
)
GROUP = Record("group", (_POLICIES, _INLINE, _AWS_NAME, _PATH, _ACCOUNT), optional=True)
ROLE = Record(
    "role",
    (
        Field("trust", FILE, "Trust policy", "Who may assume the role.", "trust.json", required=True),
        _POLICIES,
        _INLINE,
        _BOUNDARY,
        Field(
            "max_session_duration",
            Number(3600, 43200, "seconds, 3600 to 43200"),
            "Longest session, in seconds",
            example=3600,
        ),
        Field("description", String(most=1000), "Description", example="Deploys the application"),
        _AWS_NAME,
        _PATH,
        _ACCOUNT,
        _TAGS,
    ),
)
PROVIDER = Variants(
    "provider",
    (
        (
            "url",
            Record(
                "oidc_provider",
                (
                    Field(
                        "url",
                        String("an https URL", r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[!-~]*)?", most=255),
                        "Issuer (OpenID Connect)",
                        example="https://token.actions.githubusercontent.com",
                        required=True,
                    ),
                    Field(
                        "client_ids", Many(String(), single=True), "Audiences", example=["sts.amazonaws.com"]
                    ),
                    Field(
                        "thumbprints",
                        Many(
                            String("a SHA-1 thumbprint of 40 hex digits", r"[0-9A-Fa-f]{40}", loose=True),
                            most=5,
                        ),
                        "Thumbprints of the certificate",
                        example=["6938fd4d98bab03faadb97b34396831e3780aea1"],
                    ),
                    _ACCOUNT,
                    _TAGS,
                ),
            ),
        ),
        (
            "metadata",
            Record(
                "saml_provider",
                (
                    Field("metadata", FILE, "Metadata document (SAML 2.0)", example="idp.xml", required=True),
                    _AWS_NAME,
                    _ACCOUNT,
                    _TAGS,
                ),
            ),
        ),
    ),
)
_LEVELS = Keyed(NAME, Many(Many(FILE, least=1), least=1))

MANIFEST = Record(
    "manifest",
    (
        Field("version", Number(1, 1, "1"), "Version of the manifest's format", example=1, required=True),
        Field(
            "chain",
            String("a name of letters, digits and ._-", r"[A-Za-z0-9][A-Za-z0-9._-]*", most=64, loose=True),
            "Name of the chain",
            example="assume-role",
            required=True,
        ),
        TITLE,
        Field(
            "region",
            String("a region", r"[a-z]{2}(-[a-z]+)+-[0-9]+"),
            "Region of the calls",
            "Without it: us-east-1.",
            "ap-northeast-2",
        ),
        CONTROLS,
        Field(
            "accounts",
            Keyed(NAME, ACCOUNT_ID, least=1),
            "Account ids by alias",
            "What names no account is in home, or in the only one.",
            {"home": "278805249149"},
            required=True,
        ),
        Field("policies", Keyed(NAME, POLICY), "Customer managed policies, by name", example={"p": "p.json"}),
        Field("users", Keyed(NAME, USER), "IAM users, by name", example={"alice": {"access_key": True}}),
        Field("groups", Keyed(NAME, GROUP), "IAM groups, by name", example={"devs": {"policies": ["p"]}}),
        Field("roles", Keyed(NAME, ROLE), "IAM roles, by name", example={"deploy": {"trust": "trust.json"}}),
        Field(
            "providers",
            Keyed(NAME, PROVIDER),
            "Identity providers, by name",
            example={"github": {"url": "https://token.actions.githubusercontent.com"}},
        ),
        Field("hops", Many(HOP), "Who assumes what", example=[{"from": "alice", "assume": "deploy"}]),
        Field(
            "organization",
            Record(
                "organization",
                (
                    Field(
                        "id",
                        String("an organization's id", r"o-[a-z0-9]{10,32}"),
                        "Id",
                        "What aws:PrincipalOrgID says of its accounts.",
                        "o-exampleorgid",
                        required=True,
                    ),
                    Field(
                        "accounts",
                        Keyed(
                            NAME,
                            String("a path below the organization", r"r-[a-z0-9]{4,32}/(ou-[a-z0-9-]+/)*"),
                            least=1,
                        ),
                        "Accounts that belong to it, with their path",
                        example={"prod": "r-ab12/ou-ab12-11111111/"},
                        required=True,
                    ),
                ),
            ),
            "The organization",
            "Declared accounts that it does not name are outside of it.",
            {"id": "o-exampleorgid", "accounts": {"prod": "r-ab12/"}},
        ),
        Field(
            "scps",
            _LEVELS,
            "Service control policies, by account",
            "A list of levels from the organization's root to the account; each level a list of files. "
            "FullAWSAccess is known by name.",
            {"prod": [["FullAWSAccess"], ["FullAWSAccess", "deny-regions.json"]]},
        ),
        Field(
            "rcps",
            _LEVELS,
            "Resource control policies, by account",
            "Levels as in scps. RCPFullAWSAccess is at every level without being listed.",
            {"prod": [["only-our-organization.json"]]},
        ),
        Field(
            "resources",
            Many(RESOURCE),
            "What exists beforehand",
            example=[{"ec2_instance": {"type": "t2.micro"}}],
        ),
        Field("expect", Many(EXPECTATION), "What must hold", example=[{"id": "reach", "reach": "deploy"}]),
        Field("waivers", Many(WAIVER), "Accepted failures"),
        Field("suppressions", Many(SUPPRESSION), "Lint findings that are accepted"),
    ),
)
