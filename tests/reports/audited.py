"""The sample with what an auditor asks beside the verdicts: origin, runner, promises, teardown."""

from __future__ import annotations

from dataclasses import replace

from rolecall.reports import Control, Evidence, OpenQuestion, Origin, Remnant, Teardown
from tests.reports.sample import HOME, document, sample

COMMIT = "4f0c1d2e3b4a59687786a5b4c3d2e1f001122334"
MANIFEST = "version: 1\nchain: assume-role\nexpect:\n  - {id: user-reaches-role, reach: assume-role-role}\n"


def audited() -> Evidence:
    """Beside the sample: one expectation is predicted only, one control unknown, one thing left behind."""
    whole = sample()
    first, second = whole.chains
    hub = replace(second.expectations[0], observed=None, not_called="the account of the hub is not ours")
    left = Remnant("role assume-role-role", HOME, "AccessDenied: not authorized to perform iam:DeleteRole")
    manifest = document(
        "manifest:assume-role", "assume-role", "manifest", MANIFEST, file="policies/assume-role/chain.yaml"
    )
    unknown = Control(
        "NIST-800-53r5:AC-66", "NIST-800-53r5:AC-66", "?", "?", "rolecall knows no such control"
    )
    return replace(
        whole,
        run=replace(
            whole.run,
            target="account",
            runner=f"arn:aws:sts::{HOME}:assumed-role/rolecall-runner/ci",
            unchecked=("assume-role/late", "other/never"),
            left=(f"role assume-role-role in account {HOME}: AccessDenied",),
            origin=Origin(
                COMMIT,
                True,
                ("policies/assume-role/chain.yaml",),
                "GitHub Actions",
                "00112233445566778899aabbccddeeff00112233",
                "refs/pull/7/merge",
                "verify",
                "octocat",
                "https://github.com/octo/app/actions/runs/42/attempts/2",
            ),
        ),
        chains=(
            replace(
                first,
                expectations=(
                    replace(first.expectations[0], when={"aws:RequestedRegion": "us-west-2"}),
                    *first.expectations[1:],
                ),
                manifest=manifest.id,
                teardown=Teardown(("user assume-role-user in account 1",), (left,), ("policy shared",)),
            ),
            replace(
                second,
                expectations=(hub, *second.expectations[1:]),
                teardown=Teardown(("role hub in account 2",), vanished=True),
            ),
        ),
        documents=(*whole.documents, manifest),
        controls=(*whole.controls, unknown),
        open_questions=(
            OpenQuestion("cross-account-boundary", "Must the boundary allow it?", "It need not."),
        ),
    )
