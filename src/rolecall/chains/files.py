"""Reading a user's file: regular, readable, of sensible size, UTF-8. Every refusal names the file."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from rolecall.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["decode", "read_bytes"]


def read_bytes(path: Path, *, most: int, what: str) -> bytes:
    """The content of a regular file of at most ``most`` bytes. Raises InputError for anything else."""
    file = str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"is a directory, not {what}", file=file)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"is not a regular file, so it cannot be {what}", file=file)
        if status.st_size > most:
            raise InputError(f"is {status.st_size:,} bytes long; {what} may have at most {most:,}", file=file)
        return path.read_bytes()
    except OSError as error:
        said = error.strerror or str(error)
        raise InputError(f"cannot be read: {said}", file=file) from None
    except ValueError:
        raise InputError("cannot be read: the path holds a NUL character", file=repr(file)) from None


def decode(data: bytes, file: str) -> str:
    """UTF-8 text without a byte-order mark. Raises InputError with the place of the first wrong byte."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("is UTF-16 text", file=file, line=1, column=1, hint="save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line_start = before.rfind(b"\n") + 1
        raise InputError(
            f"is not UTF-8 text: byte 0x{data[error.start]:02x}",
            file=file,
            line=before.count(b"\n") + 1,
            column=len(before[line_start:].decode("utf-8", "replace")) + 1,
            hint="save it as UTF-8",
        ) from None
    if text.startswith("\ufeff"):
        raise InputError(
            "starts with a byte-order mark",
            file=file,
            line=1,
            column=1,
            hint="save it as UTF-8 without a byte-order mark",
        )
    return text
