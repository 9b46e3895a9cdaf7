"""An action or resource that another one of the same statement covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import At, PolicySubject
from rolecall.iam.wildcards import compile_glob

__all__ = ["redundant_entry"]

_MOST_COMPARISONS = 500_000  # no real policy comes near


@rule("redundant-entry")
def redundant_entry(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An action or resource that another one of the same statement covers."""
    for statement in document.statements:
        yield from _covered(statement.actions, fold=True)
        yield from _covered(statement.resources, fold=False)


def _covered(entries: tuple[At, ...], *, fold: bool) -> Iterator[Remark]:
    if len(entries) < 2:
        return
    texts = [one.text.lower() if fold else one.text for one in entries]
    first = {text: index for index, text in reversed(list(enumerate(texts)))}
    patterns: dict[str, list[tuple[int, str, Callable[[str], bool]]]] = {}
    for text, index in first.items():
        if "*" in text and "?" not in text:
            patterns.setdefault(_key(text), []).append((index, text, compile_glob(text)))
    if len(entries) * max(map(len, patterns.values()), default=0) > _MOST_COMPARISONS:
        patterns = {}
    for index, (one, text) in enumerate(zip(entries, texts, strict=True)):
        if first[text] != index:
            yield Remark("redundant-entry", one.path, f'{one.where} "{one.text}" stands there twice')
            continue
        possible = [*patterns.get("", ()), *(patterns.get(_key(text), ()) if _key(text) else ())]
        cover = next((at for at, pattern, covers in possible if pattern != text and covers(text)), None)
        if cover is not None:
            message = f'{one.where} "{one.text}" is covered by "{entries[cover].text}"'
            yield Remark("redundant-entry", one.path, message)


def _key(text: str) -> str:
    """What a pattern and all that it covers have in common: the service, or nothing."""
    service = (
        text.split(":", 3)[2] if text.startswith("arn:") and text.count(":") > 2 else text.partition(":")[0]
    )
    return "" if "*" in service or "*" in text[:4] else service
