"""AWS managed policies as documents, from the copy that moto ships."""

from __future__ import annotations

import json
from functools import lru_cache

from rolecall.iam import Policy, parse_policy

__all__ = ["shipped_policy"]


@lru_cache(maxsize=256)
def shipped_policy(arn: str) -> Policy | None:
    """The AWS managed policy of that ARN, None where the copy does not know it. ``name`` is the ARN."""
    from rolecall.enforcement.managed_policies import aws_managed_document

    head, _, path = arn.partition(":policy/")
    if not head.endswith(":iam::aws"):
        return None
    entry = aws_managed_document(path.rpartition("/")[2])
    if entry is None:
        return None
    return parse_policy(json.dumps(json.loads(entry)["Document"], indent=2) + "\n", name=arn)
