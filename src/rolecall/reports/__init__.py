"""One evidence model; page, junit properties, SARIF, Markdown and terminal summary are views of it."""

from __future__ import annotations

from rolecall.reports.comparison import Change, Comparison, DocumentChange, diff
from rolecall.reports.evidence import (
    FORMAT,
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
    OpenQuestion,
    Origin,
    Prediction,
    Principal,
    ProvisioningStep,
    Remnant,
    Run,
    StatementRef,
    Step,
    Teardown,
    Waiver,
)
from rolecall.reports.junit import junit_properties, render_junit, render_junit_properties
from rolecall.reports.markdown import render_markdown
from rolecall.reports.merging import merge
from rolecall.reports.page import render_html
from rolecall.reports.redaction import redacted
from rolecall.reports.sarif import render_sarif
from rolecall.reports.schema import evidence_schema
from rolecall.reports.terminal import render_terminal
from rolecall.reports.writing import write_reports

__all__ = [
    "FORMAT",
    "Account",
    "Call",
    "Chain",
    "Change",
    "Comparison",
    "Control",
    "Coverage",
    "CoverageGap",
    "Document",
    "DocumentChange",
    "Evidence",
    "Expectation",
    "Expected",
    "Finding",
    "Gate",
    "Hop",
    "NearestMiss",
    "Observation",
    "OpenQuestion",
    "Origin",
    "Prediction",
    "Principal",
    "ProvisioningStep",
    "Remnant",
    "Run",
    "StatementRef",
    "Step",
    "Teardown",
    "Waiver",
    "diff",
    "evidence_schema",
    "junit_properties",
    "merge",
    "redacted",
    "render_html",
    "render_junit",
    "render_junit_properties",
    "render_markdown",
    "render_sarif",
    "render_terminal",
    "write_reports",
]
