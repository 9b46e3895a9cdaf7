"""Long-term access keys, looked up in moto's IAM state in constant time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.enforcement.environment import Environment

__all__ = ["AccessKeys", "UserKey"]


@dataclass(frozen=True, slots=True)
class UserKey:
    """An active access key of a user, with moto's object of that user."""

    account: str
    user: Any = field(repr=False)
    secret_access_key: str = field(repr=False)


class AccessKeys:
    """The users behind access key ids.

    moto finds a key's user by trying every user. Here an index remembers the user object, and each use
    proves it again: the key must still be there, be active, and belong to that very user, so that a
    deleted key, a renamed user or a new user of an old name are seen at once.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._users: dict[str, tuple[str, Any]] = {}

    def find(self, access_key_id: str) -> UserKey | None:
        """The key, or None when it is unknown, deleted or inactive."""
        from moto.iam.models import iam_backends

        partition = self._environment.partition
        known = self._users.get(access_key_id)
        accounts = [known[0]] if known and known[0] in iam_backends else list(iam_backends)
        for account in accounts:
            backend = iam_backends[account][partition]
            key = backend.access_keys.get(access_key_id)
            if key is None or key.user_name is None:
                continue
            user = self._owner(backend, key, known[1] if known else None)
            if user is None or key.status != "Active":
                return None
            self._users[access_key_id] = (account, user)
            return UserKey(account, user, key.secret_access_key)
        self._users.pop(access_key_id, None)
        return None

    @staticmethod
    def _owner(backend: Any, key: Any, remembered: Any) -> Any:
        for user in (remembered, backend.users.get(key.user_name)):
            if user is not None and backend.users.get(user.name) is user and _holds(user, key):
                return user
        # A renamed user: moto leaves the old name on the key.
        return next((user for user in backend.users.values() if _holds(user, key)), None)


def _holds(user: Any, key: Any) -> bool:
    return any(held is key for held in user.access_keys)
