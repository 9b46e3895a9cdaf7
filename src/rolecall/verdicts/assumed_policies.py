"""Policies that nobody declares and that hold all the same."""

from __future__ import annotations

from functools import cache

from rolecall.iam import Policy, parse_policy

__all__ = ["left_to_account"]


@cache
def left_to_account(account: str, name: str) -> Policy:
    """A policy on a resource that leaves everything to the identity-based policies of an account.

    KMS Developer Guide, "Default key policy": a key that is created without a policy has this one.
    """
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, name=name)
