"""Rules beyond grammar: names that do not exist, trust that is too wide, power that nobody meant to give."""

from __future__ import annotations

from rolecall.iam.findings import Finding, Severity
from rolecall.iam.lint.kind_detection import KindOrAuto, detect_kind
from rolecall.iam.lint.linting import Linter
from rolecall.iam.lint.rendering import FORMATS, Format, render, to_json
from rolecall.iam.lint.rule import Rule
from rolecall.iam.lint.rules import RULES
from rolecall.iam.lint.suppressions import Suppression, apply_suppressions
from rolecall.iam.lint.texts import RuleText, rule_texts

__all__ = [
    "FORMATS",
    "RULES",
    "Finding",
    "Format",
    "KindOrAuto",
    "Linter",
    "Rule",
    "RuleText",
    "Severity",
    "Suppression",
    "apply_suppressions",
    "detect_kind",
    "render",
    "rule_texts",
    "to_json",
]
