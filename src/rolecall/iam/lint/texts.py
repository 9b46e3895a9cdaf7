"""The texts of the rules: title, severity, why, how to mend, AWS page, a wrong and a right example."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rolecall.iam.findings import Severity

__all__ = ["RuleText", "rule_texts", "severity_of"]


@dataclass(frozen=True, slots=True)
class RuleText:
    """What people read about a rule. ``wrong`` and ``right`` are documents of the kind ``kind``."""

    id: str
    title: str
    severity: Severity
    why: str
    mend: str
    page: str
    kind: str
    wrong: str
    right: str
    account: str | None = None


@cache
def rule_texts() -> dict[str, RuleText]:
    """The texts by rule id, sorted."""
    data = tomllib.loads((files(__package__) / "rules.toml").read_text(encoding="utf-8"))
    return {
        name: RuleText(
            name,
            entry["title"],
            Severity(entry["severity"]),
            " ".join(entry["why"].split()),
            " ".join(entry["mend"].split()),
            entry["page"],
            entry.get("kind", "identity"),
            entry["wrong"].strip("\n"),
            entry["right"].strip("\n"),
            entry.get("account"),
        )
        for name, entry in sorted(data.items())
    }


def severity_of(rule: str) -> Severity:
    """How bad findings of a rule are unless they say otherwise."""
    texts = rule_texts()
    return texts[rule].severity if rule in texts else Severity.ERROR
