"""JSON Schema (2020-12) of every kind of policy, and its answers in plain sentences."""

from __future__ import annotations

from rolecall.iam.schemas.bundles import schema
from rolecall.iam.schemas.kinds import KINDS, PolicyKind
from rolecall.iam.schemas.sizes import StoredAs
from rolecall.iam.schemas.validation import schema_remarks, validate_document

__all__ = ["KINDS", "PolicyKind", "StoredAs", "schema", "schema_remarks", "validate_document"]
