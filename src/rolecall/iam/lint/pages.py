"""The pages about the rules, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from rolecall.iam.lint.texts import RuleText

__all__ = ["pages"]

_INTRODUCTION = """\
# Lint rules

`rolecall lint PATH…` reads policy documents, CloudFormation templates, Terraform plans and account
authorization details. Every document is read strictly (rule `json`), measured (`size`) and held against the
JSON Schema of its kind (`schema`); then the rules below look at what the grammar lets pass.

Severities: **error** — AWS refuses it, or it can never work; **security** — it opens more than it seems to;
**warning** — it probably does not do what it says; **suggestion** — it could be simpler or narrower.

| rule | severity | about |
| --- | --- | --- |
"""
_SUPPRESSIONS = """
## Suppressions

A finding that is meant to be is suppressed in the chain's manifest, by rule, place, reason and the last day
on which it counts. The place is a document, or a path in it (`policy.json#Statement[0].Action`). A
suppression that fits no finding is itself a finding (`unused-suppression`), and so is one that is out of date
(`expired-suppression`). What cannot be read (`json`) cannot be suppressed.
"""


def pages(texts: Iterable[RuleText]) -> dict[str, str]:
    """The text of every page by its file name; ``README.md`` lists the rules."""
    ordered = sorted(texts, key=lambda text: text.id)
    rows = "".join(f"| [{text.id}]({text.id}.md) | {text.severity} | {text.title} |\n" for text in ordered)
    return {
        "README.md": _INTRODUCTION + rows + _SUPPRESSIONS,
        **{f"{text.id}.md": _page(text) for text in ordered},
    }


def _page(text: RuleText) -> str:
    account = f" (in account {text.account})" if text.account else ""
    return (
        f"# {text.title}\n\n`{text.id}` · {text.severity}\n\n{text.why}\n\n{text.mend}\n\n"
        f"Wrong, as a policy of kind `{text.kind}`{account}:\n\n```json\n{text.wrong}\n```\n\n"
        f"Right:\n\n```json\n{text.right}\n```\n\nAWS: <{text.page}>\n"
    )
