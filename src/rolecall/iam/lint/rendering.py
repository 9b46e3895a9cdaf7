"""Findings as text, JSON Lines, SARIF 2.1.0, or annotations of GitHub Actions."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Literal
from urllib.parse import quote

from rolecall.iam.findings import Finding, Severity
from rolecall.iam.lint.texts import rule_texts

__all__ = ["FORMATS", "Format", "render", "to_json"]

Format = Literal["text", "json", "sarif", "github"]
FORMATS: tuple[Format, ...] = ("text", "json", "sarif", "github")

_ROOT = "%SRCROOT%"
_LEVELS = {
    Severity.ERROR: ("error", "error"),
    Severity.SECURITY: ("warning", "warning"),
    Severity.WARNING: ("warning", "warning"),
    Severity.SUGGESTION: ("note", "notice"),
}


def render(findings: Iterable[Finding], format: Format = "text", *, version: str = "") -> str:  # noqa: A002
    """Findings in a format, each line ended; empty for no findings, except SARIF, which is one document.

    ``version`` is that of the tool, for SARIF.
    """
    if format == "sarif":
        return json.dumps(_sarif(list(findings), version), indent=2, ensure_ascii=False) + "\n"
    lines: dict[str, Callable[[Finding], str]] = {"text": str, "json": _json_line, "github": _annotation}
    line = lines[format]
    return "".join(f"{line(finding)}\n" for finding in findings)


def to_json(finding: Finding) -> dict[str, Any]:
    """A finding as the data of one JSON line; the suggestion is part of the message."""
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": _message(finding),
        "kind": finding.kind,
    }


def _message(finding: Finding) -> str:
    return f"{finding.message} ({finding.suggestion})" if finding.suggestion else finding.message


def _json_line(finding: Finding) -> str:
    return json.dumps(to_json(finding), ensure_ascii=False)


def _annotation(finding: Finding) -> str:
    level = _LEVELS[finding.severity][1]
    place = f"file={_property(finding.file or '')},line={finding.line},col={finding.column}"
    return f"::{level} {place},title={_property(finding.rule)}::{_data(_message(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(findings: list[Finding], version: str) -> dict[str, Any]:
    texts = rule_texts()
    used = sorted({finding.rule for finding in findings})
    rules = [
        {
            "id": name,
            "shortDescription": {"text": texts[name].title},
            "fullDescription": {"text": texts[name].why},
            "help": {"text": texts[name].mend},
            "helpUri": texts[name].page,
            "defaultConfiguration": {"level": _LEVELS[texts[name].severity][0]},
        }
        if name in texts
        else {"id": name}
        for name in used
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "rolecall", "version": version or "0", "rules": rules}},
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(finding, used.index(finding.rule), mark)
                    for finding, mark in zip(findings, _fingerprints(findings), strict=True)
                ],
            }
        ],
    }


def _uri(file: str) -> str:
    return quote(file.replace("\\", "/").encode("utf-8", "surrogateescape"), safe="/")


def _fingerprints(findings: Iterable[Finding]) -> Iterable[str]:
    """What tells findings apart and stays when lines move: rule, file, message, and a number for twins."""
    twins: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        key = (finding.rule, _uri(finding.file or ""), finding.message)
        twins[key] += 1
        text = "\0".join((*key, str(twins[key])))
        yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _artifact(file: str) -> dict[str, str]:
    relative = not (PurePosixPath(file).is_absolute() or PureWindowsPath(file).is_absolute())
    return {"uri": _uri(file), **({"uriBaseId": _ROOT} if relative else {})}


def _result(finding: Finding, rule_index: int, fingerprint: str) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity][0],
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(finding.file or ""),
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
        "partialFingerprints": {"rolecallFinding/v1": fingerprint},
        "properties": {"severity": finding.severity.value, "kind": finding.kind},
    }
