"""JUnit XML, with the evidence of every expectation as properties."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.reports.seen import called_in_part
from rolecall.reports.visible import visible
from rolecall.reports.words import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.reports.evidence import Chain, Evidence, Expectation

__all__ = ["junit_properties", "render_junit", "render_junit_properties"]

_ESCAPED = {ord(sign): f"&#{ord(sign)};" for sign in '&<>"\t\n\r'}
_SPECIAL = re.compile('[&<>"\t\n\r]')
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
    found += [("rolecall.when", f"{key}: {value}") for key, value in sorted(item.when.items())]
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
        if called_in_part(item):
            found.append(("rolecall.decided_by", f"{called_in_part(item)}, the engine alone told the rest"))
    elif item.by_engine_alone:
        found.append(("rolecall.decided_by", "the engine alone, no call was made"))
    found += [("rolecall.control", control) for control in item.controls]
    return tuple((name, _clean(value)) for name, value in found if value)


def render_junit(evidence: Evidence) -> str:
    """A whole ``junit.xml``: a suite a chain, a case an expectation.

    Waived ones are skipped, and inconclusive ones where the run did not fail for them. An error is what
    could not be verified at all, as where the chain could not be built: a run with such ends red.
    """
    counts = evidence.counts()
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    strict = evidence.run.fail_on_inconclusive
    tags = {chain.name: [_outcome(item, strict) for item in chain.expectations] for chain in evidence.chains}
    every = [tag for found in tags.values() for tag in found]
    whole = {"name": "rolecall", "tests": sum(counts.values())}
    whole |= {"failures": every.count("failure"), "errors": every.count("error")}
    lines.append(_tag("testsuites", **whole, time=f"{evidence.run.duration:.3f}"))
    for chain in evidence.chains:
        found = tags[chain.name]
        suite = {"name": chain.name, "tests": len(found), "failures": found.count("failure")}
        suite |= {"errors": found.count("error"), "skipped": found.count("skipped")}
        when = evidence.run.started.removesuffix("Z")
        lines.append(f"  {_tag('testsuite', **suite, timestamp=when)}")
        for item, tag in zip(chain.expectations, found, strict=True):
            lines += _case(chain, item, tag)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _outcome(item: Expectation, strict: bool) -> str:
    """The element that says what became of it, empty for what passed."""
    if item.verdict == "passed":
        return ""
    if item.unverified:
        return "error"
    return "failure" if item.verdict == "failed" or (strict and item.verdict == "inconclusive") else "skipped"


def _case(chain: Chain, item: Expectation, tag: str) -> Iterator[str]:
    # Written out line by line: to build elements, indent and serialize them takes three times as long.
    named = {"classname": chain.name, "name": item.id, "time": f"{item.duration:.3f}"}
    yield f"    {_tag('testcase', **named, **({'file': item.file} if item.file else {}))}"
    yield "      <properties>"
    for name, value in junit_properties(item):
        yield f'        <property name="{name}" value="{_quoted(value)}" />'
    yield "      </properties>"
    if tag:
        yield f'      <{tag} message="{_quoted(_clean(f"{item.verdict}: {item.reason}"))}" />'
    yield "    </testcase>"


def _tag(tag: str, /, **attributes: object) -> str:
    told = " ".join(f'{key}="{_quoted(_clean(str(value)))}"' for key, value in attributes.items())
    return f"<{tag} {told}>"


def _quoted(text: str) -> str:
    """Text as it stands in an attribute; XML turns unescaped line feeds and tabs there into blanks."""
    return text.translate(_ESCAPED) if _SPECIAL.search(text) else text


def _clean(text: str) -> str:
    shown = visible(text)
    return (
        shown if shown.isascii() else _NOT_XML.sub("\ufffd", shown)
    )  # visible() leaves nothing else in ASCII
