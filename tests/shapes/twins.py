"""Every shape once more, broken on purpose: one edit, and which promises must break for which reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["TWINS", "Twin"]

_NOT_THE_LIMIT = "promised the call itself"
_TRUST = "no role trust policy allows the sts:AssumeRole action"
_IDENTITY = "no identity-based policy allows the sts:AssumeRole action"


@dataclass(frozen=True, slots=True)
class Twin:
    """A copy of a shape in which ``old`` of a file is ``new``.

    ``broken``: id of every expectation that fails, and a text that its reason must hold.
    """

    what: str
    shape: str
    file: str
    old: str
    new: str
    broken: Mapping[str, str]

    @property
    def id(self) -> str:
        return f"{self.shape}: {self.what}"


TWINS = (
    Twin(
        "role policy detached",
        "assume-role",
        "chain.yaml",
        'policies: ["arn:aws:iam::aws:policy/AmazonEC2FullAccess"]',
        "policies: []",
        {
            "role-describes-ec2": "no identity-based policy allows the ec2:DescribeInstances action",
        },
    ),
    Twin(
        "ec2 granted to the user",
        "assume-role",
        "chain.yaml",
        "{policies: [assume-role-policy],",
        '{policies: [assume-role-policy, "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"],',
        {
            "base-user-cannot-describe-ec2": "AmazonEC2ReadOnlyAccess statement 0",
            "base-user-only-assumes": "244 actions beyond the list allowed",
        },
    ),
    Twin(
        "trust names another account",
        "assume-role",
        "assume-role-trust-relationship.json",
        "278805249149",
        "111111111111",
        {
            "user-reaches-role": _TRUST,
            "role-describes-ec2": _TRUST,
            "only-that-user-assumes": "cannot get in: assume-role-user",
        },
    ),
    Twin(
        "explicit deny in the trust",
        "assume-role",
        "assume-role-trust-relationship.json",
        '"Effect": "Allow"',
        '"Effect": "Deny"',
        {
            "user-reaches-role": "with an explicit deny in the role trust policy",
            "role-describes-ec2": "with an explicit deny in the role trust policy",
            "only-that-user-assumes": "with an explicit deny in the role trust policy",
        },
    ),
    Twin(
        "the wrong reason promised",
        "assume-role",
        "chain.yaml",
        "because: implicit",
        "because: explicit",
        {
            "base-user-cannot-describe-ec2": "promised an explicit deny, the target answered an implicit one",
        },
    ),
    Twin(
        "trust without the deployer",
        "cross-account",
        "deploy-trust.json",
        '"arn:aws:iam::111122223333:user/deployer", ',
        "",
        {
            "deployer-reaches-production": _TRUST,
            "deploy-reads-the-version": _TRUST,
            "only-the-deployer-gets-in": "cannot get in: deployer",
        },
    ),
    Twin(
        "permission for another role",
        "cross-account",
        "may-assume-deploy.json",
        "role/deploy",
        "role/other",
        {
            "deployer-reaches-production": _IDENTITY,
            "deploy-reads-the-version": _IDENTITY,
            "auto-deployer-deploy-duration-beyond-limit": _NOT_THE_LIMIT,
            "only-the-deployer-gets-in": "cannot get in: deployer",
        },
    ),
    Twin(
        "the auditor is given permission",
        "cross-account",
        "chain.yaml",
        "auditor: {account: tools,",
        "auditor: {account: tools, policies: [may-assume-deploy],",
        {
            "trust-without-permission": 'statement 0 "AssumeDeploy"',
            "only-the-deployer-gets-in": "can get in as well: auditor",
        },
    ),
    Twin(
        "trust without the external id",
        "external-id",
        "vendor-trust.json",
        '"sts:ExternalId": "customer-0042"',
        '"aws:PrincipalAccount": "210987654321"',
        {
            "missing-external-id": 'statement 0 "VendorWithOurId"',
            "external-id-of-another-customer": 'statement 0 "VendorWithOurId"',
            "only-the-vendor": "can get in as well: 210987654321",
        },
    ),
    Twin(
        "external id of another customer",
        "external-id",
        "vendor-trust.json",
        "customer-0042",
        "customer-0043",
        {
            "vendor-reaches-us": "sts:ExternalId is customer-0042",
            "external-id-of-another-customer": "was allowed",
            "vendor-lists-users": _TRUST,
            "vendor-changes-nothing": _TRUST,
            "only-the-vendor": "cannot get in: vendor-app",
        },
    ),
    Twin(
        "BoolIfExists in place of Bool",
        "mfa",
        "trust-mfa.json",
        '"Bool"',
        '"BoolIfExists"',
        {
            "no-code-no-role": 'statement 0 "AccountWithMfa"',
            "guest-has-no-code": 'statement 0 "AccountWithMfa"',
            "only-the-operator-by-our-hop": "can get in as well: guest",
        },
    ),
    Twin(
        "the trap repaired",
        "mfa",
        "trust-if-exists.json",
        '"BoolIfExists"',
        '"Bool"',
        {
            "bool-if-exists-lets-a-bare-key-in": "aws:MultiFactorAuthPresent is absent",
            "bool-if-exists-lets-the-guest-in": "aws:MultiFactorAuthPresent is absent",
        },
    ),
    Twin(
        "last hop without TagSession",
        "role-chaining",
        "release-trust.json",
        ', "sts:TagSession"',
        "",
        {
            "three-hops": "no role trust policy allows the sts:TagSession action",
            "name-and-tag-went-along": "no role trust policy allows the sts:TagSession action",
            "other-tags-did-not-go-along": "no role trust policy allows the sts:TagSession action",
            "who-releases": "sts:TagSession",
        },
    ),
    Twin(
        "deploy without SetSourceIdentity",
        "role-chaining",
        "deploy-trust.json",
        '"sts:SetSourceIdentity", ',
        "",
        {
            "three-hops": "no role trust policy allows the sts:SetSourceIdentity action",
            "name-and-tag-went-along": "no role trust policy allows the sts:SetSourceIdentity action",
            "other-tags-did-not-go-along": "no role trust policy allows the sts:SetSourceIdentity action",
            "one-hour-when-chained": _NOT_THE_LIMIT,
            "who-releases": "cannot get in: build, pipeline",
        },
    ),
    Twin(
        "tag not handed on",
        "role-chaining",
        "chain.yaml",
        "    transitive_tags: [project]\n",
        "",
        {
            "name-and-tag-went-along": "aws:PrincipalTag/project is absent",
        },
    ),
    Twin(
        "boundary too wide",
        "boundaries",
        "application-boundary.json",
        '"Action": "ssm:*",\n      "Resource": "*"',
        '"Action": "*",\n      "Resource": "*"',
        {
            "boundary-caps-the-role": "was allowed; engine: allowed by arn:aws:iam::aws:policy/Admin",
        },
    ),
    Twin(
        "boundary of the user gone",
        "boundaries",
        "chain.yaml",
        " boundary: intern-boundary,",
        "",
        {
            "boundary-refuses-the-hop": 'statement 0 "TrustAccount"',
            "intern-in-all": "actions beyond the list allowed",
            "who-gets-in": "can get in as well: intern",
        },
    ),
    Twin(
        "session policy forgotten",
        "session-policy",
        "chain.yaml",
        ", session_policy: reports-only.json",
        "",
        {
            "reports-only-no-payroll": "AmazonS3FullAccess statement 0",
            "reports-only-no-overview": "AmazonS3FullAccess statement 0",
            "reports-only-in-all": "actions beyond the list allowed",
        },
    ),
    Twin(
        "session policy too narrow",
        "session-policy",
        "reports-only.json",
        "arn:aws:s3:::example-reports",
        "arn:aws:s3:::example-other",
        {
            "reports-only-reads-reports": "no statement of the session policies allows s3:ListBucket",
        },
    ),
    Twin(
        "any tag opens any instance",
        "session-tags",
        "own-project.json",
        '{"StringEquals": {"aws:ResourceTag/project": "${aws:PrincipalTag/project}"}}',
        '{"StringLike": {"aws:ResourceTag/project": "*"}}',
        {
            "blue-leaves-green-alone": 'statement 1 "OwnProject"',
        },
    ),
    Twin(
        "tags not demanded",
        "session-tags",
        "project-trust.json",
        '"StringEquals": {"aws:RequestTag/project"',
        '"StringEqualsIfExists": {"aws:RequestTag/project"',
        {
            "untagged-session": 'statement 0 "KnownProjects"',
        },
    ),
    Twin(
        "wildcard for the repository",
        "github-actions",
        "deploy-trust.json",
        ', "token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:ref:refs/heads/main"}',
        '}, "StringLike": {"token.actions.githubusercontent.com:sub": "repo:octo-org/*"}',
        {
            "other-branch": 'statement 0 "MainBranch"',
            "other-repository": 'statement 0 "MainBranch"',
            "pull-request": 'statement 0 "MainBranch"',
        },
    ),
    Twin(
        "another branch in the trust",
        "github-actions",
        "deploy-trust.json",
        "heads/main",
        "heads/release",
        {
            "main-branch-deploys": "token.actions.githubusercontent.com:sub is repo:octo-org/",
            "deploy-lists-buckets": "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            "only-github": "cannot get in: github",
        },
    ),
    Twin(
        "MFA not demanded",
        "break-glass",
        "break-glass-trust.json",
        '"Bool": {"aws:MultiFactorAuthPresent": "true"}, ',
        "",
        {
            "no-code": 'statement 0 "InOnesOwnNameWithMfa"',
        },
    ),
    Twin(
        "anybody's name will do",
        "break-glass",
        "break-glass-trust.json",
        '"${aws:username}"',
        '["alice", "bob"]',
        {
            "borrowed-name": 'statement 0 "InOnesOwnNameWithMfa"',
        },
    ),
    Twin(
        "waiver expired",
        "break-glass",
        "chain.yaml",
        "2099-12-31",
        "2020-01-31",
        {
            "audit-trail-cannot-be-stopped": "the waiver by security@example.com expired on 2020-01-31",
        },
    ),
    Twin(
        "waiver not needed",
        "break-glass",
        "chain.yaml",
        "expectation: audit-trail-cannot-be-stopped",
        "expectation: administrator-indeed",
        {
            "administrator-indeed": "the expectation passes: remove its waiver",
            "audit-trail-cannot-be-stopped": "AdministratorAccess statement 0",
        },
    ),
    Twin(
        "SCP for another region",
        "organization",
        "deny-other-regions.json",
        "eu-central-1",
        "us-west-2",
        {
            "our-region": "with an explicit deny in a service control policy",
            "scp-denies-another-region": "was allowed",
        },
    ),
    Twin(
        "RCP of another organization",
        "organization",
        "only-our-organization.json",
        "o-exampleorgid",
        "o-anotherorgid",
        {
            "our-own-get-in": "with an explicit deny in a resource control policy",
            "our-region": "with an explicit deny in a resource control policy",
            "scp-denies-another-region": "with an explicit deny in a resource control policy",
            "global-services-go-on": "with an explicit deny in a resource control policy",
            "auto-engineer-workload-duration-beyond-limit": _NOT_THE_LIMIT,
            "who-gets-in": "cannot get in: engineer",
        },
    ),
    Twin(
        "RCP forgotten",
        "organization",
        "chain.yaml",
        "rcps:\n  member: [[only-our-organization.json]]\n",
        "",
        {
            "rcp-keeps-the-partner-out": 'statement 0 "InvitesBoth"',
            "who-gets-in": "can get in as well: 404040404040, partner",
        },
    ),
    Twin(
        "not in the group",
        "groups-and-paths",
        "chain.yaml",
        "olga: {groups: [operators],",
        "olga: {",
        {
            "member-gets-in": _IDENTITY,
            "not-action-grants-the-rest": _IDENTITY,
            "not-action-spares-iam": _IDENTITY,
            "not-resource-grants-the-rest": _IDENTITY,
            "not-resource-spares-the-secret": _IDENTITY,
            "another-path": "promised assume-service-roles, found no statement",
            "olga-only-assumes": "listed but not allowed: sts:AssumeRole",
            "auto-olga-maintenance-duration-beyond-limit": _NOT_THE_LIMIT,
            "auto-olga-configuration-duration-beyond-limit": _NOT_THE_LIMIT,
            "who-maintains": "cannot get in: olga",
        },
    ),
    Twin(
        "NotAction spares nothing",
        "groups-and-paths",
        "almost-everything.json",
        '"iam:*", ',
        "",
        {
            "not-action-spares-iam": 'statement 0 "AllButAccess"',
        },
    ),
    Twin(
        "NotResource spares nothing",
        "groups-and-paths",
        "open-parameters.json",
        "parameter/secret/*",
        "parameter/secrets/*",
        {
            "not-resource-spares-the-secret": 'statement 0 "AllButSecrets"',
        },
    ),
)
