"""Evidence → one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rolecall.reports import words
from rolecall.reports.comparison import diff
from rolecall.reports.history import history_of
from rolecall.reports.page.listing import Listing, listings
from rolecall.reports.page.matrix import matrix
from rolecall.reports.page.negatives import negatives
from rolecall.reports.page.picture import picture
from rolecall.reports.page.stories import stories
from rolecall.reports.page.template_cache import TemplateCache
from rolecall.reports.seen import called_in_part, not_called_in_full
from rolecall.reports.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rolecall.reports.evidence import Chain, Evidence, StatementRef

__all__ = ["BRIEF_FROM", "FULL_FAILURES", "render_html"]

_SPACE = re.compile(r"\s")
_PLAIN = re.compile(r"[A-Za-z0-9/:@._-]+")
BRIEF_FROM = 1000
"""Above so many expectations, passed ones leave ladders and decoded denials to evidence.json."""
FULL_FAILURES = 100
"""So many that did not pass are shown with all that there is, any more of them in short form."""


def render_html(
    evidence: Evidence, *, baseline: Evidence | None = None, history: Sequence[Evidence] = ()
) -> str:
    """The page as text: one file, its own styles and script inlined, nothing fetched.

    ``baseline`` is the earlier run to compare with, ``history`` other runs in any order. The same
    arguments give the same text.
    """
    comparison = diff(baseline, evidence) if baseline is not None else None
    changes = {change.key: change.kind for change in comparison.changes} if comparison else {}
    found = listings(evidence)
    past = history_of(evidence, history) if history else None
    counts = evidence.counts()
    style, script = _asset("page.css"), _asset("page.js")
    template = _environment().get_template("page.html.j2")
    return template.render(
        evidence=evidence,
        run=evidence.run,
        counts=counts,
        brief=sum(counts.values()) > BRIEF_FROM,
        style=Markup(style),  # noqa: S704 (the package's own file)
        script=Markup(script),  # noqa: S704
        style_hash=_digest(style),
        script_hash=_digest(script),
        comparison=comparison,
        changes=changes,
        changed_here=sum(
            f"{chain.name}/{item.id}" in changes for chain in evidence.chains for item in chain.expectations
        ),
        alone=evidence.by_engine_alone(),
        in_part=sum(not_called_in_full(item) for chain in evidence.chains for item in chain.expectations),
        shortened=_shortened(evidence),
        full_failures=FULL_FAILURES,
        listings=found,
        controls={control.id: control for control in evidence.controls},
        past=past,
        trends={trend.key: trend for trend in past.eventful} if past else {},
        link=partial(_link, found),
        words=words,
        near=words.near,
    )


def _shortened(evidence: Evidence) -> frozenset[tuple[str, str]]:
    """Chain and id of those that did not pass and are too many to show in full; failed ones go first."""
    bad = [
        (chain.name, item.id)
        for verdict in ("failed", "inconclusive", "waived")
        for chain in evidence.chains
        for item in chain.expectations
        if item.verdict == verdict
    ]
    return frozenset(bad[FULL_FAILURES:])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("rolecall.reports.page", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        bytecode_cache=TemplateCache(),
    )
    environment.filters.update(anchor=_anchor, fragment=_fragment, seconds=words.seconds, place=words.place)
    environment.globals.update(picture=picture, matrix=matrix, negatives=negatives, stories=stories)
    environment.globals.update(common_controls=_common_controls, called_in_part=called_in_part)
    return environment


def _finalize(value: object) -> object:
    """What every ``{{ }}`` passes through before it is escaped: text without hiding characters."""
    return visible(value) if type(value) is str else value


def _common_controls(chain: Chain) -> tuple[str, ...]:
    """The controls of every expectation, where all of them have the same: said once then."""
    found = {item.controls for item in chain.expectations}
    return found.pop() if len(found) == 1 else ()


def _anchor(chain: str, expectation: str = "") -> str:
    """The deep link of an expectation (``chain/id``) or of a chain (``chain/``), usable as an id."""
    return _SPACE.sub("_", visible(f"{chain}/{expectation}"))


def _fragment(anchor: str) -> str:
    return f"#{anchor}" if _PLAIN.fullmatch(anchor) else "#" + quote(anchor, safe="/:@._-")


def _link(found: dict[str, Listing], statement: StatementRef) -> str | None:
    """Where the page shows a statement; None where it does not."""
    listing = found.get(statement.document)
    if listing is None:
        return None
    if statement.index in listing.statements:
        return f"#{listing.anchor}-s{statement.index}"
    return f"#{listing.anchor}"


def _asset(name: str) -> str:
    return files("rolecall.reports.page").joinpath(name).read_text("utf-8").strip()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
