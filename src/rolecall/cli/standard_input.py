"""Standard input, which whoever started us may have closed."""

from __future__ import annotations

import sys
from typing import BinaryIO

from rolecall.errors import InputError

__all__ = ["standard_input"]


def standard_input() -> BinaryIO:
    """The bytes that come in. Raises InputError where it is closed."""
    if sys.stdin is None:
        raise InputError("standard input is closed; give a file, or something on standard input")
    return sys.stdin.buffer
