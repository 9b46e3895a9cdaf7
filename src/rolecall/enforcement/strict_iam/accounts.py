"""Which accounts an environment holds. Of others, nothing can be looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["is_known_account", "known_accounts"]


def is_known_account(environment: Environment, account: str) -> bool:
    """Whether the environment holds that account: its own, one whose root was asked for, one moto has."""
    return account in known_accounts(environment)


def known_accounts(environment: Environment) -> set[str]:
    """The accounts of the environment."""
    from moto.iam.models import iam_backends

    return {environment.account_id, *environment.roots, *iam_backends}
