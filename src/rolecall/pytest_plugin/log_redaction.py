"""Credentials kept out of log records: botocore writes whole requests and answers at DEBUG."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

__all__ = ["redact_logs", "without_credentials"]

_NAMED = re.compile(
    r"""((?:secret_?access_?key|session_?token|security-token)["']?\s*[=:>]+\s*b?["']?)[A-Za-z0-9+/=%]{16,}""",
    re.IGNORECASE,
)
_KEY_ID = re.compile(r"(AKIA|ASIA)[A-Z0-9]{12}([A-Z0-9]{4})")
_TALKATIVE = ("botocore", "boto3", "s3transfer", "urllib3", "moto", "werkzeug", "rolecall")


def without_credentials(text: str) -> str:
    """A text without what is named as a secret or a token; of access key ids the ends stay."""
    return _KEY_ID.sub(r"\1…\2", _NAMED.sub(r"\1[redacted]", text))


def redact_logs() -> Callable[[], None]:
    """From now on records of AWS's libraries hold no credential. Answers what undoes it.

    At the factory, not in a filter: filters of a parent logger do not see what its children hand up.
    """
    before = logging.getLogRecordFactory()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        if record.name.partition(".")[0] in _TALKATIVE:
            try:
                text = record.getMessage()
            except (TypeError, ValueError):
                return record  # logging itself tells of a record whose arguments do not fit
            record.msg, record.args = without_credentials(text), ()
        return record

    logging.setLogRecordFactory(make)
    return lambda: logging.setLogRecordFactory(before)
