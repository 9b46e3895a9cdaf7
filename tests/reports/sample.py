"""Sample evidence: the assume-role chain with every verdict, three hops over accounts, and many rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from rolecall.reports import (
    Account,
    Call,
    Chain,
    Control,
    Coverage,
    CoverageGap,
    Document,
    Evidence,
    Expectation,
    Expected,
    Finding,
    Gate,
    Hop,
    NearestMiss,
    Observation,
    Prediction,
    Principal,
    ProvisioningStep,
    Run,
    StatementRef,
    Step,
    Waiver,
)

HOME = "278805249149"
USER = f"arn:aws:iam::{HOME}:user/assume-role-user"
ROLE = f"arn:aws:iam::{HOME}:role/assume-role-role"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/assume-role-role/assume-role-session"
EC2_FULL = "arn:aws:iam::aws:policy/AmazonEC2FullAccess"
SIMPLE_ALLOW = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n%s\n    }\n  ]\n}\n'


def document(key: str, name: str, kind: str, text: str, **more: object) -> Document:
    sha = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(key, name, kind, sha, text, **more)  # type: ignore[arg-type]


def _allow(*lines: str) -> str:
    return SIMPLE_ALLOW % ",\n".join(f"      {line}" for line in ('"Effect": "Allow"', *lines))


def _pretty(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2) + "\n"


_IDENTITY = document(
    "assume-role/assume-role-policy.json",
    "assume-role-policy",
    "identity",
    _allow('"Action": ["sts:AssumeRole"]', '"Resource": "*"'),
    file="policies/assume-role/assume-role-policy.json",
    findings=(
        Finding(
            "wildcard-assume-role",
            "warning",
            'sts:AssumeRole on "*" reaches every role that trusts this account',
            7,
            19,
            "Name the roles that are meant.",
        ),
    ),
)
_TRUST = document(
    "assume-role/assume-role-trust-relationship.json",
    "assume-role-role trust policy",
    "trust",
    _allow('"Action": "sts:AssumeRole"', '"Principal": {"AWS": "278805249149"}', '"Condition": {}'),
    file="policies/assume-role/assume-role-trust-relationship.json",
)
_EC2 = document(
    EC2_FULL,
    "AmazonEC2FullAccess",
    "identity",
    _pretty(
        {"Action": "ec2:*", "Effect": "Allow", "Resource": "*"},
        {"Effect": "Allow", "Action": "elasticloadbalancing:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "cloudwatch:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "autoscaling:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": "*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": ["autoscaling.amazonaws.com"]}},
        },
    ),
    arn=EC2_FULL,
)
S_IDENTITY = StatementRef(_IDENTITY.id, _IDENTITY.name, 0, "Allow", None, _IDENTITY.file, 4, 8)
S_TRUST = StatementRef(_TRUST.id, _TRUST.name, 0, "Allow", None, _TRUST.file, 4, 9)
S_EC2 = StatementRef(_EC2.id, _EC2.name, 0, "Allow")
LADDER = (
    Gate("identity_policies", "allowed", True, (S_IDENTITY,)),
    Gate("permissions_boundary", "absent"),
    Gate("session_policies", "absent"),
    Gate("scps", "absent"),
    Gate("rcps", "absent"),
    Gate("resource_policy", "allowed", True, (S_TRUST,), "the account is trusted as a whole"),
)
NO_POLICY = "no identity-based policy allows the ec2:DescribeInstances action"
CONTROLS = (
    Control(
        "NIST-800-53r5:AC-6",
        "Least privilege",
        "the named denials hold for this principal in this run",
        "that every permission of the principal is needed",
    ),
    Control(
        "CIS-AWS-7.0:2.14",
        "IAM users receive permissions only through groups or roles",
        "the base user holds no permission beyond assuming the role",
        "anything about users outside this chain",
    ),
)
LIMITS = (
    "It ran on moto with rolecall's own decision engine in front: AWS itself was not asked.",
    "Only the principals and documents of these chains are covered, nothing else in the account.",
    "Actions without a safe probe were decided by the engine and not called.",
)
_DENIED_TEXT = (
    f"You are not authorized to perform this operation. User: {USER} is not authorized to perform: "
    "ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action"
)


def _gates(state: str, *statements: StatementRef) -> tuple[Gate, ...]:
    return (
        Gate("identity_policies", state, True, statements),  # type: ignore[arg-type]
        *(Gate(stage, "absent") for stage in ("permissions_boundary", "session_policies", "scps")),
    )


def _assume_role() -> Chain:
    controls = ("NIST-800-53r5:AC-6", "CIS-AWS-7.0:2.14")
    file = "policies/assume-role/chain.yaml"
    denied = Prediction(
        "implicitDeny",
        "identity_policies",
        NO_POLICY,
        ("identity_policies",),
        (),
        NearestMiss(S_IDENTITY, "Action", ("sts:AssumeRole",), ("ec2:DescribeInstances",)),
        steps=(Step(USER, "ec2:DescribeInstances", "*", "implicitDeny", _gates("implicitDeny")),),
    )
    describe = "ec2 describe-instances"
    cannot = Expectation(
        "base-user-cannot-describe-ec2",
        "deny",
        "assume-role-user cannot ec2:DescribeInstances, because nothing allows it",
        "assume-role-user",
        "passed",
        "denied as promised, for the promised reason",
        Expected("denied", "implicit deny"),
        ("ec2:DescribeInstances",),
        ("*",),
        denied,
        Observation(
            "denied",
            NO_POLICY,
            (
                Call(
                    USER,
                    "ec2:DescribeInstances",
                    "*",
                    describe,
                    "denied",
                    403,
                    "UnauthorizedOperation",
                    "7a62c49f-347e-4fc4-9331-6e8e5a2d7e5b",
                    _DENIED_TEXT,
                    duration=0.021,
                    identity=USER,
                    decoded_denial='{"allowed": false, "explicitDeny": false, "matchedStatements": []}',
                ),
            ),
        ),
        0.024,
        controls,
        file=file,
        line=19,
    )
    reach_call = Call(
        USER,
        "sts:AssumeRole",
        ROLE,
        "sts assume-role --role-session-name assume-role-session",
        "allowed",
        200,
        request_id="c6104cbe-af31-11e0-8154-cbc7ccf896c7",
        answer=f"temporary credentials for {SESSION}, valid for 3600 s",
        duration=0.011,
        identity=USER,
    )
    reach = Expectation(
        "user-reaches-role",
        "reach",
        "assume-role-user reaches assume-role-role",
        "assume-role-user",
        "passed",
        "every hop was granted",
        Expected("allowed"),
        ("sts:AssumeRole",),
        (ROLE,),
        Prediction(
            "allowed",
            "resource_policy",
            "the identity policy allows it and the trust policy trusts the account",
            (),
            (S_IDENTITY, S_TRUST),
            steps=(Step(USER, "sts:AssumeRole", ROLE, "allowed", LADDER, "user-to-role"),),
        ),
        Observation("allowed", "temporary credentials were handed out", (reach_call,)),
        0.013,
        controls,
        "user-to-role",
        file,
        20,
    )

    def by_role(key: str, action: str, expected: str, verdict: str, line: int, **call: object) -> Expectation:
        answer: dict[str, object] = {
            "http_status": 200,
            "request_id": f"59dbff89-35bd-4eac-99ed-be587ed2{line:04d}",
            "answer": "1 instance (t2.micro)",
            "duration": 0.018,
            "identity": SESSION,
        } | call
        seen = str(answer.pop("outcome", "allowed"))
        why = {
            "passed": "allowed as promised",
            "failed": "promised denied, but AmazonEC2FullAccess allows it and the target allowed it",
            "waived": "promised denied, but allowed; waived until 2026-12-31",
            "inconclusive": "the target throttled every attempt, so nothing was shown",
        }[verdict]
        return Expectation(
            key,
            "allow" if expected == "allowed" else "deny",
            f"assume-role-role {'can' if expected == 'allowed' else 'cannot'} {action}",
            "assume-role-role",
            verdict,  # type: ignore[arg-type]
            why,
            Expected(expected),  # type: ignore[arg-type]
            (action,),
            ("*",),
            Prediction(
                "allowed",
                "identity_policies",
                "AmazonEC2FullAccess allows ec2:*",
                (),
                (S_EC2,),
                steps=(Step(SESSION, action, "*", "allowed", _gates("allowed", S_EC2)),),
            ),
            Observation(
                seen,  # type: ignore[arg-type]
                "throttled" if seen == "inconclusive" else "the call was answered",
                (Call(SESSION, action, "*", action.replace(":", " "), seen, **answer),),  # type: ignore[arg-type]
            ),
            0.019,
            controls,
            file=file,
            line=line,
        )

    dry = {"http_status": 412, "error_code": "DryRunOperation", "answer": "would have succeeded (dry run)"}
    expectations = (
        cannot,
        reach,
        by_role("role-describes-ec2", "ec2:DescribeInstances", "allowed", "passed", 21),
        by_role("role-cannot-terminate", "ec2:TerminateInstances", "denied", "failed", 22, **dry),
        by_role("role-cannot-make-keys", "ec2:CreateKeyPair", "denied", "waived", 23, **dry),
        by_role(
            "role-reads-prices",
            "ec2:DescribeSpotPriceHistory",
            "allowed",
            "inconclusive",
            24,
            outcome="inconclusive",
            http_status=503,
            error_code="RequestLimitExceeded",
            message="Request limit exceeded.",
            answer="",
            attempts=4,
            waits=(0.4, 0.9, 2.1),
            duration=3.61,
        ),
        replace(
            cannot,
            id="base-user-only-assumes",
            kind="only",
            title="assume-role-user can do nothing but sts:AssumeRole",
            expected=Expected("denied", "every action but sts:AssumeRole"),
            reason="of 20,431 known actions, only sts:AssumeRole is allowed",
            actions=("sts:AssumeRole",),
            predicted=replace(denied, examined=20431, reason="all other known actions are implicitly denied"),
            line=25,
        ),
        replace(
            reach,
            id="only-that-user-assumes",
            kind="assumers_of",
            title="Nobody but assume-role-user can assume assume-role-role",
            reason="of the principals tried, only assume-role-user was granted",
            expected=Expected("allowed", "exactly assume-role-user"),
            predicted=replace(reach.predicted, examined=14) if reach.predicted else None,
            line=26,
        ),
    )
    steps = (
        ("iam:CreatePolicy", "assume-role-policy", f"arn:aws:iam::{HOME}:policy/assume-role-policy"),
        ("iam:CreateUser", "assume-role-user", USER),
        ("iam:CreateAccessKey", "assume-role-user", "one access key"),
        ("iam:AttachUserPolicy", "assume-role-user", "assume-role-policy"),
        ("iam:CreateRole", "assume-role-role", ROLE),
        ("iam:AttachRolePolicy", "assume-role-role", EC2_FULL),
    )
    return Chain(
        "assume-role",
        "The base user can only assume the role; the role can use EC2",
        file,
        "ap-northeast-2",
        (Account("home", HOME, HOME),),
        (
            Principal("assume-role-user", "user", USER, "home", (_IDENTITY.id,)),
            Principal("assume-role-role", "role", ROLE, "home", (_TRUST.id, _EC2.id)),
        ),
        (
            Hop(
                "user-to-role",
                "assume-role-user",
                "assume-role-role",
                "assume-role-session",
                SESSION,
                "allowed",
                LADDER,
            ),
        ),
        expectations,
        tuple(
            ProvisioningStep(operation, subject, True, answer, 200, request_id=f"{i:08d}", duration=0.004)
            for i, (operation, subject, answer) in enumerate(steps)
        ),
        (
            Waiver(
                "role-cannot-make-keys",
                "Key pairs go away with the move to Session Manager",
                "dana@example.com",
                "2026-12-31",
                "active",
                "SEC-412",
            ),
            Waiver(
                "role-cannot-terminate",
                "Until the scoped policy is rolled out",
                "lee@example.com",
                "2026-06-30",
                "expired",
                "SEC-377",
            ),
        ),
        Coverage(9, 6, tuple(CoverageGap(replace(S_EC2, index=i), f"statement {i + 1}") for i in (1, 2, 3))),
    )


_HOPS = (
    ("111111111111", "ci-runner", "user"),
    ("111111111111", "build-gateway", "role"),
    ("222222222222", "security-hub", "role"),
    ("333333333333", "workload-reader", "role"),
)


def _three_hops() -> tuple[Chain, tuple[Document, ...]]:
    names = {"111111111111": "tooling", "222222222222": "security", "333333333333": "workload"}
    documents: list[Document] = []

    def keep(key: str, name: str, kind: str, text: str) -> StatementRef:
        file = f"policies/three-hops/{key}.json"
        documents.append(document(f"three-hops/{key}.json", name, kind, text, file=file))
        return StatementRef(f"three-hops/{key}.json", name, 0, "Allow", None, file, 4)

    principals: list[Principal] = []
    hops: list[Hop] = []
    last_policy: StatementRef | None = None
    everything = _allow('"Action": "*"', '"Resource": "*"')
    scp = keep("scp-full", "FullAWSAccess", "scp", everything)
    boundary = keep("boundary", "build boundary", "boundary", everything)
    for i, (account, name, kind) in enumerate(_HOPS):
        arn = f"arn:aws:iam::{account}:{kind}/{name}"
        own = []
        target = _HOPS[i + 1] if i + 1 < len(_HOPS) else None
        action = '"Action": "sts:AssumeRole"'
        identity = keep(
            f"{name}-policy",
            f"{name}-policy",
            "identity",
            _allow(action, f'"Resource": "arn:aws:iam::{target[0]}:role/{target[1]}"')
            if target
            else _allow('"Action": ["s3:GetObject", "s3:ListBucket"]', '"Resource": "*"'),
        )
        if kind == "role":
            source = _HOPS[i - 1]
            lines = [action, f'"Principal": {{"AWS": "arn:aws:iam::{source[0]}:{source[2]}/{source[1]}"}}']
            if i >= 2:
                lines.append('"Condition": {"StringEquals": {"sts:ExternalId": "7f3a-blue-heron"}}')
            trust = keep(f"{name}-trust", f"{name} trust policy", "trust", _allow(*lines))
            own.append(trust.document)
            refused = i == 3
            gates = (
                Gate("identity_policies", "allowed", not refused, (last_policy,) if last_policy else ()),
                Gate("permissions_boundary", "allowed", False, (boundary,)) if i == 2 else LADDER[1],
                Gate("session_policies", "absent"),
                Gate("scps", "allowed", False, (scp,)),
                Gate("rcps", "absent"),
                Gate(
                    "resource_policy",
                    "implicitDeny" if refused else "allowed",
                    True,
                    () if refused else (trust,),
                ),
            )
            hops.append(
                Hop(
                    f"{source[1]}-to-{name}",
                    source[1],
                    name,
                    f"hop-{i}",
                    f"arn:aws:sts::{account}:assumed-role/{name}/hop-{i}",
                    "implicitDeny" if refused else "allowed",
                    gates,
                    {"external id": "7f3a-blue-heron"} if i == 2 else {},
                )
            )
        principals.append(Principal(name, kind, arn, names[account], (*own, identity.document)))  # type: ignore[arg-type]
        last_policy = identity
    last = hops[-1]
    caller = hops[-2].session_arn
    reader = principals[-1].arn
    message = (
        f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {reader} because no "
        "resource-based policy allows the sts:AssumeRole action"
    )
    step = Step(caller, "sts:AssumeRole", reader, "implicitDeny", last.gates, last.id)
    earlier = tuple(
        Step(hop.source, "sts:AssumeRole", hop.role, "allowed", hop.gates, hop.id) for hop in hops[:-1]
    )
    failed = Expectation(
        "runner-reaches-reader",
        "reach",
        "ci-runner reaches workload-reader over three hops",
        "ci-runner",
        "failed",
        "hop 3 was refused: the trust policy of workload-reader wants an external id that the call lacks",
        Expected("allowed"),
        ("sts:AssumeRole",),
        (reader,),
        Prediction(
            "implicitDeny",
            "resource_policy",
            "no statement of the trust policy matches the caller",
            ("resource_policy",),
            (),
            NearestMiss(
                StatementRef(
                    principals[-1].documents[0],
                    "workload-reader trust policy",
                    0,
                    "Allow",
                    None,
                    "policies/three-hops/workload-reader-trust.json",
                    4,
                ),
                "Condition",
                ("7f3a-blue-heron",),
                None,
                "StringEquals",
                "sts:ExternalId",
            ),
            ("cross-account-boundary",),
            ("sts:ExternalId",),
            (*earlier, step),
        ),
        Observation(
            "denied",
            "no resource-based policy allows the sts:AssumeRole action",
            (
                Call(
                    caller,
                    "sts:AssumeRole",
                    reader,
                    "sts assume-role --role-session-name hop-3",
                    "denied",
                    403,
                    "AccessDenied",
                    "0c1f5a9e-5a0b-4d60-9d4e-7c1a3b0f8d21",
                    message,
                    duration=0.012,
                    identity=caller,
                ),
            ),
        ),
        0.041,
        ("NIST-800-53r5:AC-6",),
        last.id,
        "policies/three-hops/chain.yaml",
        31,
    )
    reached = replace(
        failed,
        id="runner-reaches-hub",
        title="ci-runner reaches security-hub over two hops",
        verdict="passed",
        reason="every hop was granted",
        predicted=Prediction(
            "allowed", "resource_policy", "both sides allow every hop", (), (), steps=earlier
        ),
        observed=Observation("allowed", "temporary credentials were handed out"),
        hop=hops[1].id,
        resources=(principals[2].arn,),
        line=30,
    )
    return Chain(
        "three-hops",
        "The CI runner reads the workload account through the security hub",
        "policies/three-hops/chain.yaml",
        "ap-northeast-2",
        tuple(Account(name, number, number) for number, name in names.items()),
        tuple(principals),
        tuple(hops),
        (reached, failed),
        coverage=Coverage(8, 8),
    ), tuple(documents)


RUN = Run(
    "2026-11-23T09-30-00Z-4f2a",
    "moto",
    HOME,
    "ap-northeast-2",
    "2026-11-23T09:30:00Z",
    3.412,
    {"rolecall": "0.1.0", "moto": "5.2.5", "boto3": "1.44.5", "python": "3.11.2"},
)


def sample() -> Evidence:
    """Both chains: five passed, two failed, one inconclusive, one waived."""
    chain, documents = _three_hops()
    return Evidence(RUN, (_assume_role(), chain), (_IDENTITY, _TRUST, _EC2, *documents), CONTROLS, LIMITS)


def earlier_sample() -> Evidence:
    """The run before: a narrower role policy, prices readable, one expectation not yet written."""
    now = sample()
    chain = now.chains[0]
    narrow = document(
        _EC2.id, _EC2.name, "identity", _EC2.text.replace("cloudwatch:*", "cloudwatch:Get*"), arn=EC2_FULL
    )
    changed = tuple(
        replace(item, verdict="passed", reason="denied as promised")
        if item.id == "role-cannot-terminate"
        else replace(
            item,
            reason="denied as promised, by an SCP",
            predicted=replace(item.predicted, stage="scps", blocked_by=("scps",)),
        )
        if item.id == "base-user-cannot-describe-ec2" and item.predicted
        else item
        for item in chain.expectations
        if item.id != "only-that-user-assumes"
    )
    return replace(
        now,
        run=replace(RUN, id="2026-11-20T09-30-00Z-11aa", started="2026-11-20T09:30:00Z"),
        chains=(replace(chain, expectations=changed), *now.chains[1:]),
        documents=tuple(narrow if item.id == _EC2.id else item for item in now.documents),
    )


def _numbered(item: Expectation, chain: str, n: int) -> Expectation:
    """An expectation about an action of its own, every text and id of it as in a real run."""
    action = f"service{n % 97}:Action{n}"
    (call,) = item.observed.calls if item.observed else ()
    digest = hashlib.sha256(action.encode()).hexdigest()
    request = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    text = call.message.replace("ec2:DescribeInstances", action)
    predicted, observed = item.predicted, item.observed
    assert predicted is not None
    assert observed is not None
    return replace(
        item,
        id=f"{chain}-promise-{n:05d}",
        title=f"assume-role-user cannot {action}, because nothing allows it",
        actions=(action,),
        line=19 + n % 50,
        duration=0.01 + n % 13 / 1000,
        predicted=replace(predicted, reason=predicted.reason.replace("ec2:DescribeInstances", action)),
        observed=replace(
            observed,
            reason=f"implicit deny (identity_policies): {text}" if text else observed.reason,
            calls=(
                replace(
                    call,
                    action=action,
                    call=f"service{n % 97} action-{n} --dry-run",
                    request_id=request,
                    message=text,
                ),
            ),
        ),
    )


def large(rows: int, *, per_chain: int = 50) -> Evidence:
    """Many chains of the assume-role shape; one row in 50 fails, every other row is passed."""
    first = sample().chains[0]
    good, bad = first.expectations[0], first.expectations[3]
    chains = []
    for start in range(0, rows, per_chain):
        name = f"chain-{start // per_chain:03d}"
        expectations = tuple(
            _numbered(bad if n % 50 == 7 else good, name, n)
            for n in range(start, min(start + per_chain, rows))
        )
        chains.append(replace(first, name=name, expectations=expectations, waivers=(), provisioning=()))
    return replace(sample(), chains=tuple(chains), documents=sample().documents[:3])
