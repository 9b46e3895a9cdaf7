"""A credential of a chain: a user's access key, or the session of a role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.provisioning import Secret

__all__ = ["Credential"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential of the chain. ``identity`` is the ARN that it was made for, where known.

    ``ends``: when a session is over, in seconds since 1970. ``renewals``: how often there was one before it.
    """

    access_key_id: str = field(repr=False, compare=False)
    secret_access_key: Secret
    session_token: Secret | None = None
    identity: str | None = None
    ends: float | None = field(default=None, compare=False)
    renewals: int = field(default=0, compare=False)

    def environment(self) -> dict[str, str]:
        """The three environment variables that AWS tools read (two, for a long-term key)."""
        variables = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key.reveal(),
        }
        if self.session_token is not None:
            variables["AWS_SESSION_TOKEN"] = self.session_token.reveal()
        return variables
