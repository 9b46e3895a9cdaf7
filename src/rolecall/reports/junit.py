"""JUnit XML, with the evidence of every expectation as properties."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from rolecall.reports.visible import visible
from rolecall.reports.words import place

if TYPE_CHECKING:
    from rolecall.reports.evidence import Evidence, Expectation

__all__ = ["junit_properties", "render_junit", "render_junit_properties"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit_properties(evidence: Evidence) -> dict[str, tuple[tuple[str, str], ...]]:
    """The properties of every expectation, by ``chain/id``."""
    return {
        f"{chain.name}/{item.id}": junit_properties(item)
        for chain in evidence.chains
        for item in chain.expectations
    }


def junit_properties(item: Expectation) -> tuple[tuple[str, str], ...]:
    """One expectation as (name, value) pairs that any XML can hold; empty values are left out."""
    found = [
        ("rolecall.verdict", item.verdict),
        ("rolecall.reason", item.reason),
        ("rolecall.expected", item.expected.outcome),
        ("rolecall.expected.reason", item.expected.reason),
    ]
    if item.predicted is not None:
        found += [
            ("rolecall.predicted", item.predicted.outcome),
            ("rolecall.predicted.stage", item.predicted.stage),
            ("rolecall.predicted.reason", item.predicted.reason),
        ]
        found += [("rolecall.statement", place(statement)) for statement in item.predicted.statements]
    if item.observed is not None:
        found += [
            ("rolecall.observed", item.observed.outcome),
            ("rolecall.observed.reason", item.observed.reason),
        ]
        for call in item.observed.calls:
            answer = " ".join(
                str(part) for part in (call.http_status, call.error_code, call.request_id) if part is not None
            )
            found.append(("rolecall.call", f"{call.call}: {answer or call.outcome}"))
    found += [("rolecall.control", control) for control in item.controls]
    return tuple((name, _clean(value)) for name, value in found if value)


def render_junit(evidence: Evidence) -> str:
    """A whole ``junit.xml``: a suite a chain, a case an expectation; inconclusive and waived are skipped."""
    counts = evidence.counts()
    root = ET.Element("testsuites", name="rolecall", tests=str(sum(counts.values())))
    root.set("failures", str(counts["failed"]))
    root.set("time", f"{evidence.run.duration:.3f}")
    for chain in evidence.chains:
        verdicts = [item.verdict for item in chain.expectations]
        suite = ET.SubElement(root, "testsuite", name=_clean(chain.name), tests=str(len(verdicts)))
        suite.set("failures", str(verdicts.count("failed")))
        suite.set("skipped", str(verdicts.count("inconclusive") + verdicts.count("waived")))
        suite.set("timestamp", _clean(evidence.run.started.removesuffix("Z")))
        for item in chain.expectations:
            case = ET.SubElement(suite, "testcase", classname=_clean(chain.name), name=_clean(item.id))
            case.set("time", f"{item.duration:.3f}")
            if item.file:
                case.set("file", _clean(item.file))
            properties = ET.SubElement(case, "properties")
            for name, value in junit_properties(item):
                ET.SubElement(properties, "property", name=name, value=value)
            if item.verdict != "passed":
                tag = "failure" if item.verdict == "failed" else "skipped"
                ET.SubElement(case, tag, message=_clean(f"{item.verdict}: {item.reason}"))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _clean(text: str) -> str:
    shown = visible(text)
    return (
        shown if shown.isascii() else _NOT_XML.sub("\ufffd", shown)
    )  # visible() leaves nothing else in ASCII
