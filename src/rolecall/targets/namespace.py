"""Whose things are: the path, names and tags that everything of one run bears on a target that is shared."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rolecall.errors import UsageError
from rolecall.provisioning import Marks

__all__ = [
    "CREATED_BY",
    "NAMED",
    "PATH",
    "TAG_CHAIN",
    "TAG_CREATED_BY",
    "TAG_EXPIRES",
    "TAG_RUN",
    "Namespace",
    "started_at",
]

PATH = "/rolecall/"
TAG_RUN = "rolecall:run"
TAG_CHAIN = "rolecall:chain"
TAG_EXPIRES = "rolecall:expires"
TAG_CREATED_BY = "rolecall:created-by"
CREATED_BY = "rolecall"

NAMED = re.compile(r"rc-[0-9a-f]{8}-")
"""What every name of a run begins with."""

_RUN = re.compile(r"[A-Za-z0-9._-]{4,64}")


@dataclass(frozen=True, slots=True)
class Namespace:
    """One run, and the worker of it that creates things.

    ``run`` is unique (4 to 64 letters, digits, ``._-``); ``worker`` is xdist's (``gw0``), empty without.
    ``started`` is aware; what is still there ``lifetime`` later may be swept by anybody.
    """

    run: str
    started: datetime
    worker: str = ""
    lifetime: timedelta = timedelta(hours=2)

    def __post_init__(self) -> None:
        if not _RUN.fullmatch(self.run):
            raise UsageError(f'"{self.run}" is not a run id: 4 to 64 letters, digits and ._-')

    @property
    def path(self) -> str:
        """The IAM path of the run: ``/rolecall/<run>/``."""
        return f"{PATH}{self.run}/"

    def prefix(self, chain: str) -> str:
        """What names of a chain start with: names are unique in an account whatever their path.

        Chains of one run live side by side, and two of them may call a role alike.
        """
        digest = hashlib.sha256(f"{self.run} {self.worker} {chain}".encode()).hexdigest()
        return f"rc-{digest[:8]}-"

    @property
    def expires(self) -> str:
        """When it may be swept, as the tag holds it."""
        return (self.started + self.lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")

    def marks(self, chain: str) -> Marks:
        """Path and tags for the things of a chain."""
        return Marks(
            self.path,
            {
                TAG_RUN: self.run,
                TAG_CHAIN: _tag_value(chain),
                TAG_EXPIRES: self.expires,
                TAG_CREATED_BY: CREATED_BY,
            },
        )


def started_at(run: str) -> datetime | None:
    """When a run began, by its id (``20260131T101500Z-1a2b3c4d``); None where the id does not tell."""
    try:
        return datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _tag_value(text: str) -> str:
    """IAM's tag values: letters, digits, spaces and ``_.:/=+-@``, 256 at the most."""
    return re.sub(r"[^\w\s.:/=+\-@]", "-", text)[:256]
