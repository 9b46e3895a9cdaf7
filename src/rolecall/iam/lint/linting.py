"""One document through JSON, size, schema and every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rolecall.errors import MalformedPolicyDocument
from rolecall.iam.catalog import Catalog
from rolecall.iam.findings import Finding, Remark, Severity, place_remarks
from rolecall.iam.lint.kind_detection import KindOrAuto, detect_kind
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import Rule
from rolecall.iam.lint.rules import RULES
from rolecall.iam.lint.sources import FoundPolicy, policies_in
from rolecall.iam.lint.subjects import read_subject
from rolecall.iam.lint.texts import severity_of
from rolecall.iam.schemas.kinds import PolicyKind
from rolecall.iam.schemas.sizes import StoredAs
from rolecall.iam.schemas.validation import document_remarks, json_finding, locate_in
from rolecall.iam.strict_json import JsonPath, read_json

__all__ = ["Linter"]


@dataclass(frozen=True, slots=True)
class Linter:
    """The rules with what they know. Make one with ``Linter.of(catalog)`` and use it for many documents."""

    knowledge: Knowledge
    rules: tuple[Rule, ...] = RULES

    @classmethod
    def of(cls, catalog: Catalog) -> Linter:
        """All rules, with a catalog."""
        return cls(Knowledge(catalog))

    def lint_document(
        self,
        source: str | bytes,
        kind: KindOrAuto = "auto",
        *,
        file: str | None = None,
        stored_as: StoredAs | None = None,
        account: str | None = None,
        own_accounts: frozenset[str] = frozenset(),
    ) -> tuple[Finding, ...]:
        """Findings about one policy document, in its order. Never raises for what the text holds.

        ``account`` is the account that the document lives in: rules about other accounts need it, and spare
        ``own_accounts``, which belong to the same owner.
        """
        try:
            document = read_json(source, file=file)
        except MalformedPolicyDocument as error:
            return (json_finding(error, kind),)
        settled = detect_kind(document.value) if kind == "auto" else kind
        remarks = self.remarks(document.value, settled, document.text, stored_as, account, own_accounts)
        return place_remarks(remarks, locate_in(document), file=file, kind=settled, severity_of=severity_of)

    def lint_file(
        self,
        source: str | bytes,
        kind: KindOrAuto = "auto",
        *,
        file: str | None = None,
        is_yaml: bool = False,
    ) -> tuple[Finding, ...] | None:
        """Findings about every policy in a file: a policy, a CloudFormation template, a Terraform plan, or
        account authorization details. None for a file of another kind. Places are those of the file.
        """
        try:
            found = policies_in(source, kind, file=file, is_yaml=is_yaml)
            if found is None:
                return None
            return tuple(finding for one in found for finding in self._lint_found(one, file))
        except MalformedPolicyDocument as error:
            return (json_finding(error, kind),)

    def _lint_found(self, found: FoundPolicy, file: str | None) -> tuple[Finding, ...]:
        if found.error is not None:
            place = found.locate((), False)
            kind = found.kind if found.kind != "auto" else "identity"
            message = f"the policy in this text {found.error.message}"
            return (
                Finding(
                    file, place.line, place.column, "json", Severity.ERROR, message, kind, found.error.hint
                ),
            )
        settled = detect_kind(found.value) if found.kind == "auto" else found.kind
        remarks = self.remarks(found.value, settled, found.text, found.stored_as, found.account)
        told = [
            remark for remark in remarks if not any(remark.path[: len(path)] == path for path in found.opaque)
        ]
        return place_remarks(told, found.locate, file=file, kind=settled, severity_of=severity_of)

    def remarks(
        self,
        value: Any,
        kind: PolicyKind,
        text: str | None = None,
        stored_as: StoredAs | None = None,
        account: str | None = None,
        own_accounts: frozenset[str] = frozenset(),
    ) -> list[Remark]:
        """What there is to say about a document that was read already, by path."""
        remarks = document_remarks(value, kind, text, stored_as)
        if not isinstance(value, dict) or any(
            remark.path == () and remark.rule == "schema" for remark in remarks
        ):
            return remarks
        if any(remark.rule == "size" and remark.severity is Severity.ERROR for remark in remarks):
            return remarks
        broken = frozenset(_statements(remark.path for remark in remarks))
        subject = read_subject(value, kind, account=account, own_accounts=own_accounts, broken=broken)
        for one in self.rules:
            remarks.extend(one.check(subject, self.knowledge))
        return remarks


def _statements(paths: Iterable[JsonPath]) -> Iterator[JsonPath]:
    """The statements that paths lead into: ("Statement", 3), or ("Statement",) for a single one."""
    for path in paths:
        if path[:1] == ("Statement",):
            yield path[:2] if len(path) > 1 and isinstance(path[1], int) else path[:1]
