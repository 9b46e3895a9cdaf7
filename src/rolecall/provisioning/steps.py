"""One API call of a plan, and values in it that only an earlier answer or the clock can give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answer", "MfaCode", "Step", "Thing"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A value of an earlier step's answer: ``Answer("create-key app", ("KeyMetadata", "KeyId"))``."""

    step: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MfaCode:
    """A code of a user's MFA device, ``offset`` time steps of 30 s after now."""

    user: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """What a step brings into being and a teardown has to remove.

    ``identity`` is what finds it again and is known before the call. ``path`` and ``tags`` are marks of
    ownership that it carries from the moment it exists; both empty on a target that nobody shares.
    """

    kind: str
    account: str
    region: str
    identity: Mapping[str, str] = field(hash=False)
    path: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def label(self) -> str:
        """``role deploy``, for people."""
        return f"{self.kind.replace('_', ' ')} {next(iter(self.identity.values()), '')}"

    @property
    def marked(self) -> bool:
        """Whether it can be told apart from a thing of the same name that somebody else made."""
        return bool(self.path or self.tags)


@dataclass(frozen=True, slots=True)
class Step:
    """One API call.

    ``id`` is unique in a plan and reads as one would say it: ``create-role deploy``. ``account`` is the
    account's id. ``params`` are boto3's; they may hold Answer and MfaCode. ``about`` is the name in the
    manifest. ``secret`` names parameters that no evidence may show.
    """

    id: str
    account: str
    service: str
    operation: str
    params: Mapping[str, Any] = field(hash=False)
    about: str
    region: str
    creates: Thing | None = None
    secret: tuple[str, ...] = ()
