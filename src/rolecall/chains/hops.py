"""A hop: one call of sts:AssumeRole (or its web identity and SAML relatives) with its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.chains.documents import Document
    from rolecall.iam.strict_json import Place

__all__ = ["HOP_PARAMETERS", "Hop"]


@dataclass(frozen=True, slots=True)
class Hop:
    """From a user, a provider or a role's session (the name of the role or of a hop) into a role.

    ``frm`` and ``assume`` are names of the manifest. ``duration`` in seconds (None: the API's default).
    ``claims`` are those of the token or assertion when ``frm`` is a provider, without the provider's
    prefix (``sub``, ``aud``). ``name`` tells two hops between the same principals apart: hops and
    expectations may say it in place of the role. ``mfa``: send the user's serial number
    and code. ``negatives``: make the automatic negative expectations for this hop.
    """

    frm: str
    assume: str
    session_name: str = "rolecall"
    external_id: str | None = None
    session_policy: Document | None = None
    session_policy_arns: tuple[str, ...] = ()
    duration: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    transitive_tags: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa: bool = False
    claims: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, hash=False)
    negatives: bool = True
    name: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def label(self) -> str:
        """The name, else ``from→role``: for people."""
        return self.name or f"{self.frm}→{self.assume}"

    def changed(self, without: tuple[str, ...], changes: Mapping[str, object]) -> Hop:
        """This hop with some parameters left out and others set; names are those of the manifest."""
        blank = Hop("", "")
        values = {name: getattr(blank, name) for name in without}
        values.update({"frm" if name == "from" else name: value for name, value in changes.items()})
        return replace(self, **values)


HOP_PARAMETERS = tuple(
    f.name for f in fields(Hop) if f.name not in ("frm", "assume", "negatives", "name", "place")
)
"""What ``without`` and ``with`` of an expectation may name (``with`` takes ``from`` too)."""
