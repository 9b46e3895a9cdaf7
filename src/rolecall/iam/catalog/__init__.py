"""Service authorization data: what actions, resource types and condition keys AWS has, and what calls need.

``load_catalog()`` gives a Catalog that reads lazily from the package; ``docs/catalog.md`` tells where the
data comes from and how to refresh it.
"""

from __future__ import annotations

from rolecall.iam.catalog.catalog import Catalog, load_catalog
from rolecall.iam.catalog.entries import (
    AccessLevel,
    Action,
    ConditionKey,
    Operation,
    Provenance,
    ResourceType,
    ResourceUse,
)

__all__ = [
    "AccessLevel",
    "Action",
    "Catalog",
    "ConditionKey",
    "Operation",
    "Provenance",
    "ResourceType",
    "ResourceUse",
    "load_catalog",
]
