"""Which answers are tried again, how often and how long for: explicit, with one budget for a run.

botocore's own default changed with 1.44 (three tries in about a second); here it is switched off and this
stands in its place, so that a run behaves the same with every botocore.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config
from botocore.exceptions import ConnectionError as ConnectionFailed
from botocore.exceptions import HTTPClientError, ReadTimeoutError

from rolecall.targets.unreadable import with_readable_answers

__all__ = ["RetryBudget", "client_config", "with_retries"]

_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded", "EC2ThrottledException", "PriorRequestNotComplete", "RequestLimitExceeded",
        "RequestThrottled", "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling",
        "ThrottlingException", "TooManyRequestsException",
    }
)  # fmt: skip
_REMARKS = frozenset(
    {
        "DecodeAuthorizationMessage", "DescribeOrganization", "ListParents", "ListPoliciesForTarget",
        "SimulatePrincipalPolicy",
    }
)  # fmt: skip
"""No verdict depends on these: a run does not wait for them."""
_HURRIED = 1.0
_STATUSES = (429, 500, 502, 503, 504)


@dataclass(slots=True)
class RetryBudget:
    """Decides on each failed attempt. One object for all clients of a run.

    ``attempts`` for one call at most; ``seconds`` that all calls of the run may wait together. ``told``
    hears of each wait: operation, why, seconds. ``left``: seconds until the process has to be at its end,
    None as long as nobody asked for that.
    """

    sleep: Callable[[float], None]
    random: Callable[[], float]
    attempts: int = 9
    seconds: float = 300.0
    first: float = 0.4
    longest: float = 15.0
    told: Callable[[str, str, float], None] = lambda *_: None
    left: Callable[[], float | None] = lambda: None
    spent: float = field(default=0.0, init=False)

    def __call__(
        self,
        *,
        response: Any = None,
        attempts: int = 1,
        caught_exception: Exception | None = None,
        operation: Any = None,
        **_: Any,
    ) -> float | None:
        """botocore's ``needs-retry``: 0 to try again (the wait is over by then), None to leave it at that."""
        why = _why(response, caught_exception)
        name = getattr(operation, "name", "")
        if why is None or attempts >= self.attempts or name in _REMARKS:
            return None
        wait = min(self.first * 2 ** (attempts - 1), self.longest) * (0.5 + self.random() / 2)
        left = self.left()
        if left is not None:
            wait = min(wait, _HURRIED)
        if self.spent + wait > self.seconds or (left is not None and wait >= left):
            return None
        self.spent += wait
        self.told(name, why, wait)
        self.sleep(wait)
        return 0


def client_config(**more: Any) -> Config:
    """The configuration of every client: no retries of botocore's own, short timeouts."""
    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=10,
        read_timeout=30,
        ignore_configured_endpoint_urls=True,
        **more,
    )


def with_retries(session: Any, budget: RetryBudget, **more: Any) -> Any:
    """A boto3 session whose clients retry by the budget."""
    session._session.set_default_client_config(client_config(**more))
    with_readable_answers(session)
    session.events.register("needs-retry", budget)
    return session


def _why(response: Any, caught: Exception | None) -> str | None:
    if caught is not None:
        gone = isinstance(caught, (ConnectionFailed, ReadTimeoutError, HTTPClientError))
        return type(caught).__name__ if gone else None
    if response is None:
        return None
    http, parsed = response
    code = parsed.get("Error", {}).get("Code", "") if isinstance(parsed, dict) else ""
    if code in _THROTTLED:
        return str(code)
    return str(code or http.status_code) if http.status_code in _STATUSES else None
