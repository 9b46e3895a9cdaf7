"""The exceptions of rolecall: one small tree, each carrying its data.

RolecallError
├── InputError                   a file or a line that cannot be used (exit code 2)
│   ├── MalformedPolicyDocument  a policy that IAM itself would refuse
│   └── InputErrors              several of these at once
├── TargetError                  the place to run in cannot be used (exit code 3)
└── UsageError                   wrong options (exit code 4)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "InputError",
    "InputErrors",
    "MalformedPolicyDocument",
    "RolecallError",
    "TargetError",
    "UsageError",
]


class RolecallError(Exception):
    """Something a user can mend. ``exit_code`` is what the command line answers."""

    exit_code = 2


class InputError(RolecallError):
    """Input that cannot be used.

    In: what is wrong, and as far as known the file, the 1-based line and column, and what to do.
    ``str()`` gives ``file:line:column: message. hint``.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.hint = hint

    @property
    def place(self) -> str:
        """``file:line:column`` as far as known, else an empty string."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} ({self.hint})" if self.hint else text


class MalformedPolicyDocument(InputError):
    """A document that is not a policy. IAM answers the code ``MalformedPolicyDocument``."""

    code = "MalformedPolicyDocument"


class InputErrors(InputError):
    """Everything that is wrong with an input, so that it can be mended in one go.

    ``errors`` holds at least one InputError, in the order of the file; ``str()`` lists one a line.
    """

    def __init__(self, errors: Iterable[InputError]) -> None:
        self.errors: tuple[InputError, ...] = tuple(errors)
        first = self.errors[0]
        super().__init__(
            first.message, file=first.file, line=first.line, column=first.column, hint=first.hint
        )

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class TargetError(RolecallError):
    """The target cannot be used: not reachable, not the account that was meant, no credentials."""

    exit_code = 3


class UsageError(RolecallError):
    """Options that make no sense together, or name what does not exist."""

    exit_code = 4
