"""A policy without the current Version."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rolecall.iam.findings import Remark, Severity
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["missing_version"]


@rule("missing-version")
def missing_version(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """A policy without the current Version."""
    if document.version == "2012-10-17":
        return
    refused = document.kind in ("identity", "boundary")
    severity = Severity.ERROR if refused else Severity.WARNING
    if document.version is None:
        message = "the document has no Version and is read as 2008-10-17"
        yield Remark("missing-version", (), message, severity, 'add "Version": "2012-10-17"')
    else:
        message = f"Version is {json.dumps(document.version)}, which is out of date"
        yield Remark("missing-version", ("Version",), message, severity, 'use "2012-10-17"')
