"""What IAM Access Analyzer says about the documents, beside schema and linter.

Source: IAM Access Analyzer API Reference, "ValidatePolicy".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from rolecall.reports.evidence import Finding

if TYPE_CHECKING:
    from rolecall.reports.evidence import Document, DocumentKind, Evidence

__all__ = ["with_analyzer_findings"]

_TYPES: Mapping[DocumentKind, Mapping[str, str]] = {
    "identity": {"policyType": "IDENTITY_POLICY"},
    "session": {"policyType": "IDENTITY_POLICY"},
    "boundary": {"policyType": "IDENTITY_POLICY"},
    "trust": {
        "policyType": "RESOURCE_POLICY",
        "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument",
    },
    "resource": {"policyType": "RESOURCE_POLICY"},
    "scp": {"policyType": "SERVICE_CONTROL_POLICY"},
    "rcp": {"policyType": "RESOURCE_CONTROL_POLICY"},
}
_LEVELS: Mapping[str, Literal["error", "security", "warning", "suggestion"]] = {
    "ERROR": "error",
    "SECURITY_WARNING": "security",
    "WARNING": "warning",
    "SUGGESTION": "suggestion",
}


def with_analyzer_findings(evidence: Evidence, client: Any) -> Evidence:
    """The evidence with Access Analyzer's findings on every document that has a file (AWS's own have none).

    ``client`` is boto3's for ``accessanalyzer``. Where it does not answer, that is a limit of the evidence.
    """
    documents = list(evidence.documents)
    for number, document in enumerate(documents):
        if document.file is None or document.kind not in _TYPES:
            continue
        try:
            found = _findings(client, document)
        except (ClientError, BotoCoreError) as error:
            limit = f"IAM Access Analyzer was to look at the documents and could not: {error}"
            return replace(evidence, documents=tuple(documents), limits=(*evidence.limits, limit))
        documents[number] = replace(document, findings=(*document.findings, *found))
    return replace(evidence, documents=tuple(documents))


def _findings(client: Any, document: Document) -> tuple[Finding, ...]:
    pages = client.get_paginator("validate_policy").paginate(
        policyDocument=document.text, **_TYPES[document.kind]
    )
    return tuple(_finding(one) for page in pages for one in page["findings"])


def _finding(one: Mapping[str, Any]) -> Finding:
    places: Sequence[Mapping[str, Any]] = one.get("locations") or ({},)
    start = places[0].get("span", {}).get("start", {})
    column = start.get("column")
    return Finding(
        rule=f"access-analyzer/{one['issueCode']}",
        level=_LEVELS.get(one["findingType"], "warning"),
        message=str(one["findingDetails"]),
        line=start.get("line"),
        # Access Analyzer counts columns from 0.
        column=None if column is None else column + 1,
        advice=str(one.get("learnMoreLink", "")),
    )
