"""SARIF 2.1.0 (OASIS): what did not pass, at the line that decided it, the chain as a thread flow."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rolecall.reports.visible import visible
from rolecall.reports.words import (
    OUTCOMES,
    gate_name,
    miss_in_words,
    not_checked,
    ordered,
    place,
    unchecked,
)

if TYPE_CHECKING:
    from rolecall.reports.evidence import Chain, Evidence, Expectation, StatementRef

__all__ = ["render_sarif"]

_RULES = {
    "allow": ("promised-access", "A principal must be able to do this"),
    "deny": ("promised-denial", "A principal must not be able to do this"),
    "reach": ("promised-hop", "A principal must reach this role"),
    "only": ("closed-set", "A principal must be able to do nothing else"),
    "assumers_of": ("closed-assumers", "Nobody else may assume this role"),
    "mutation": ("changed-hop", "A changed call of a hop must be answered as promised"),
}
_LEVELS = {"failed": "error", "inconclusive": "warning", "waived": "note"}
"""All are of the kind ``fail``: viewers leave out ``review``, and what could not be shown must be seen."""
_ROOT = "%SRCROOT%"


def render_sarif(evidence: Evidence) -> str:
    """The SARIF log as JSON text. Fingerprints hold chain and expectation only: they stay."""
    used = [
        (chain, item) for chain in evidence.chains for item in chain.expectations if item.verdict != "passed"
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "rolecall",
                        "version": visible(evidence.run.versions.get("rolecall") or "unknown"),
                        "rules": [
                            {
                                "id": rule,
                                "shortDescription": {"text": text},
                                "defaultConfiguration": {"level": "error"},
                            }
                            for rule, text in _RULES.values()
                        ],
                    }
                },
                "automationDetails": {"id": f"rolecall/{visible(evidence.run.target)}/"},
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                "columnKind": "unicodeCodePoints",
                **_unchecked(evidence),
                "results": [_result(chain, item, evidence.run.folder) for chain, item in used],
            }
        ],
    }
    return json.dumps(log, indent=1) + "\n"


def _unchecked(evidence: Evidence) -> dict[str, Any]:
    """That promises were not come to, as a notification: results that are missing are not mended."""
    if not evidence.run.unchecked:
        return {}
    named = ", ".join(f"{len(ids)} of {name}" for name, ids in unchecked(evidence).items())
    told = {"level": "warning", "message": {"text": visible(f"{not_checked(evidence)}: {named}", 1000)}}
    return {"invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [told]}]}


def _result(chain: Chain, item: Expectation, folder: str) -> dict[str, Any]:
    rules = list(_RULES)
    message = f"{item.title}: {item.reason}"
    locations = _locations(chain, item, folder)
    result: dict[str, Any] = {
        "ruleId": _RULES[item.kind][0],
        "ruleIndex": rules.index(item.kind),
        "level": _LEVELS[item.verdict],
        "kind": "fail",
        "message": {"text": visible(message, 1000)},
        "locations": locations[:1],
        "partialFingerprints": {"rolecallExpectation/v1": _fingerprint(chain, item)},
        "properties": {"chain": visible(chain.name), "expectation": visible(item.id)},
    }
    if item.controls:
        result["properties"]["supportsEvidenceFor"] = [visible(control) for control in item.controls]
    related = [{"id": number, **place_} for number, place_ in enumerate(locations[1:], 1)]
    if related:
        result["relatedLocations"] = related
    flow = _flow(item, folder)
    if flow:
        result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    if item.verdict == "waived":
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": visible(waiver.reason)}
            for waiver in chain.waivers
            if waiver.expectation == item.id
        ]
    return result


def _fingerprint(chain: Chain, item: Expectation) -> str:
    return hashlib.sha256(f"{chain.name}\0{item.id}".encode("utf-8", "surrogatepass")).hexdigest()


def _locations(chain: Chain, item: Expectation, folder: str) -> list[dict[str, Any]]:
    """The deciding statements, else the nearest miss, then the promise in the manifest."""
    predicted = item.predicted
    statements: list[tuple[StatementRef, str]] = []
    if predicted is not None:
        statements = [(statement, "this statement decided") for statement in predicted.statements]
        if predicted.nearest_miss is not None:
            miss = predicted.nearest_miss
            statements.append((miss.statement, f"nearest miss: {miss_in_words(miss)}"))
    found = [_location(folder, s.file, s.line, s.end_line, text) for s, text in statements if s.file]
    found.append(_location(folder, item.file or chain.file, item.line, None, "promised here"))
    return found


def _location(folder: str, file: str, line: int | None, end: int | None, text: str) -> dict[str, Any]:
    whole = f"{folder}/{file}" if folder else file
    uri = quote(whole.replace("\\", "/").encode("utf-8", "replace"), safe="/")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}}
    if line is not None:
        physical["region"] = {"startLine": line, **({"endLine": end} if end is not None else {})}
    return {"physicalLocation": physical, "message": {"text": visible(text, 500)}}


def _flow(item: Expectation, folder: str) -> list[dict[str, Any]]:
    flow = []
    for step in item.predicted.steps if item.predicted is not None else ():
        for gate in ordered(step.gates):
            if gate.state in ("absent", "notReached"):
                continue
            hop = f"hop {step.hop}: " if step.hop else ""
            text = f"{hop}{step.principal}, {step.action}: {gate_name(step, gate)}: {OUTCOMES[gate.state]}"
            first = next((statement for statement in gate.statements if statement.file), None)
            if first is not None:
                location = _location(folder, first.file or "", first.line, first.end_line, text)
            else:
                named = [place(statement) for statement in gate.statements]
                location = {"message": {"text": visible(", ".join([text, *named]), 500)}}
            importance = "essential" if gate.decided else "unimportant"
            flow.append({"location": location, "importance": importance})
    return flow
