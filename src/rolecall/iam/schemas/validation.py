"""Is this text a policy of that kind? Strict JSON first, then size and characters, then the schema."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from rolecall.errors import MalformedPolicyDocument
from rolecall.iam.findings import Finding, Remark, Severity, place_remarks
from rolecall.iam.schemas.bundles import schema
from rolecall.iam.schemas.characters import character_remarks
from rolecall.iam.schemas.compiled import quick_check
from rolecall.iam.schemas.sizes import LARGEST_DOCUMENT, StoredAs, size_remarks
from rolecall.iam.strict_json import JsonDocument, JsonPath, Place, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema.protocols import Validator

    from rolecall.iam.schemas.kinds import PolicyKind

__all__ = ["document_remarks", "json_finding", "locate_in", "schema_remarks", "validate_document"]

_MOST_ERRORS = 300  # nobody reads more, and every one costs a search for the nearest name


def validate_document(
    source: str | bytes, kind: PolicyKind, *, file: str | None = None, stored_as: StoredAs | None = None
) -> tuple[Finding, ...]:
    """Everything that keeps a text from being a policy of that kind; nothing where it is one.

    Never raises for what the text holds. Rules of the findings: ``json``, ``size``, ``schema``.
    """
    try:
        document = read_json(source, file=file)
    except MalformedPolicyDocument as error:
        return (json_finding(error, kind),)
    remarks = document_remarks(document.value, kind, document.text, stored_as)
    return _placed(remarks, document, kind)


def json_finding(error: MalformedPolicyDocument, kind: str) -> Finding:
    """What could not be read as JSON, as a finding of the rule ``json``."""
    return Finding(
        error.file,
        error.line or 1,
        error.column or 1,
        "json",
        Severity.ERROR,
        error.message,
        kind,
        error.hint,
    )


def document_remarks(
    value: Any, kind: PolicyKind, text: str | None = None, stored_as: StoredAs | None = None
) -> list[Remark]:
    """Size, characters and schema of a document that was read as JSON."""
    remarks = list(size_remarks(value, text, kind, stored_as))
    if text is not None and len(text) > LARGEST_DOCUMENT:
        return remarks or [Remark("size", (), f"the text has {len(text):,} characters; AWS takes 131,072")]
    return [*remarks, *character_remarks(value, kind, text), *schema_remarks(value, kind)]


def schema_remarks(value: Any, kind: PolicyKind) -> list[Remark]:
    """What the schema of the kind has against a JSON value, in sentences, by path."""
    if quick_check(kind)(value):
        return []
    from rolecall.iam.schemas.sentences import sentences

    return list(
        _unique(
            remark
            for error in islice(_validator(kind).iter_errors(value), _MOST_ERRORS)
            for remark in sentences(error, kind)
        )
    )


def locate_in(document: JsonDocument) -> _Locator:
    """A function from paths to places that reads the places of a document at most once."""
    return _Locator(document)


class _Locator:
    def __init__(self, document: JsonDocument) -> None:
        self._document = document
        self._places: tuple[dict[JsonPath, Place], dict[JsonPath, Place]] | None = None

    def __call__(self, path: JsonPath, of_key: bool = False) -> Place:
        if not path:
            before = self._document.text[: len(self._document.text) - len(self._document.text.lstrip())]
            return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        if self._places is None:
            self._places = self._document.all_places()
        values, keys = self._places
        if of_key and path in keys:
            return keys[path]
        while path and path not in values:
            path = path[:-1]
        return values.get(path, Place(1, 1))


@cache
def _validator(kind: PolicyKind) -> Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema(kind))


def _placed(remarks: Iterable[Remark], document: JsonDocument, kind: PolicyKind) -> tuple[Finding, ...]:
    return place_remarks(
        remarks, locate_in(document), file=document.file, kind=kind, severity_of=lambda _: Severity.ERROR
    )


def _unique(remarks: Iterable[Remark]) -> Iterator[Remark]:
    return iter(dict.fromkeys(remarks))
