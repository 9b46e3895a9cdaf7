"""How single values are read before they are compared: numbers, dates, addresses, booleans, bytes.

Each reader gives None for what it cannot read; such a value matches nothing. A request's value is read
again for every condition on its key, so the slow readers remember the last ones.
Source: IAM User Guide, "IAM JSON policy elements: Condition operators"; dates are W3C NOTE-datetime.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from decimal import Decimal
from functools import lru_cache

__all__ = ["Network", "read_address", "read_bool", "read_bytes", "read_date", "read_network", "read_number"]

_NUMBER = re.compile(r"[+-]?(?:\d{1,4300}(?:\.\d{0,4300})?|\.\d{1,4300})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(
    r"(?P<year>[+-]?\d{4,9})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d{1,30})?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d))?)?)?",
    re.ASCII,
)
_EPOCH = re.compile(r"(?:\d{1,3}|\d{5,19})(?:\.\d{1,9})?", re.ASCII)

Network = tuple[int, int, int]
"""IP version, network address, mask."""


@lru_cache(maxsize=256)
def read_number(text: str) -> Decimal | None:
    """An integer or decimal."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_bool(text: str) -> bool | None:
    """``true`` or ``false`` in any case."""
    lowered = text.lower()
    return True if lowered == "true" else False if lowered == "false" else None


def read_bytes(text: str) -> bytes | None:
    """Base64 as bytes."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(maxsize=256)
def read_date(text: str) -> Decimal | None:
    """Seconds since 1970-01-01T00:00:00Z, from ISO 8601 (W3C profile) or epoch seconds.

    Four digits alone are a year, fewer or more digits alone are epoch seconds.
    """
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = int(match["year"])
    month, day = int(match["month"] or 1), int(match["day"] or 1)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if (
        not (1 <= month <= 12 and 1 <= day <= _days_in(year, month))
        or hour > 24
        or minute > 59
        or second > 60
    ):
        return None
    offset = 0
    zone = match["zone"]
    if zone and zone != "Z":
        digits = zone[1:].replace(":", "")
        offset = (int(digits[:2]) * 60 + int(digits[2:])) * 60 * (1 if zone[0] == "+" else -1)
    whole = _days_from_epoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
    return Decimal(whole) + Decimal(match["fraction"] or 0)


def read_network(text: str) -> Network | None:
    """A CIDR block; an address alone is a block of one. Bits beyond the prefix are ignored."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return network.version, int(network.network_address), int(network.netmask)


@lru_cache(maxsize=256)
def read_address(text: str) -> tuple[int, int] | None:
    """IP version and address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.version, int(address)


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _days_from_epoch(year: int, month: int, day: int) -> int:
    """Days in the proleptic Gregorian calendar; IAM takes years that datetime does not."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468
