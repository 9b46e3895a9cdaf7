"""The organization that accounts of a chain belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.iam.strict_json import Place

__all__ = ["Organization"]


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization. ``accounts``: alias → the path below the organization (``r-ab12/ou-ab12-11111111/``).

    Declared accounts that are not in ``accounts`` are outside of it.
    """

    id: str
    accounts: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False, repr=False)

    def path_of(self, alias: str) -> str | None:
        """The path as ``aws:PrincipalOrgPaths`` spells it (``o-…/r-…/ou-…/``); None for an outsider."""
        below = self.accounts.get(alias)
        return None if below is None else f"{self.id}/{below}"
