"""Account ids and IAM names in a text → those of a rebased chain.

ARN forms: IAM User Guide, "IAM identifiers" (reference_identifiers). A wildcard or policy variable
stays what it is; a pattern that matched declared names is changed so that it matches their new forms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rolecall.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Renaming", "Rewriter"]

_ARN = re.compile(
    r"^arn:(?P<partition>[^:]*):(?P<service>iam|sts):(?P<region>[^:]*):(?P<account>[^:]*):"
    r"(?P<kind>user|role|group|policy|mfa|saml-provider|assumed-role)/(?P<rest>.+)$",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_WILD = re.compile(r"[*?\x00]")


@dataclass(frozen=True, slots=True)
class Renaming:
    """One declared name: kind and account as they were, then what stands in ARNs before and after.

    ``old`` and ``new`` are path and name without the first slash (``teams/blue/deploy``).
    """

    kind: str
    account: str
    old: str
    new: str


@dataclass(frozen=True)
class Rewriter:
    """Rewrites strings. ``accounts``: old id → new id. ``path`` and ``name``: the prefixes."""

    accounts: Mapping[str, str]
    renamings: tuple[Renaming, ...]
    path: str
    name: str

    @cached_property
    def _ids(self) -> re.Pattern[str]:
        return re.compile(r"(?<!\d)(?:" + "|".join(map(re.escape, self.accounts)) + r")(?!\d)")

    def text(self, value: str) -> str:
        """A string of a document or a manifest: an ARN, an account id, or anything else."""
        match = _ARN.match(value)
        if match is not None:
            rest = self._rest(match["kind"], match["account"], match["rest"], value)
            value = value[: match.start("rest")] + rest
        return self._ids.sub(lambda found: self.accounts[found.group()], value)

    def user_name(self, value: str) -> str:
        """A value that is compared with a user's name (``aws:username``)."""
        masked, variables = _mask(value)
        return _unmask(self._pattern("user", "*", masked, value, bare=True), variables)

    def _rest(self, kind: str, account: str, rest: str, whole: str) -> str:
        masked, variables = _mask(rest)
        if kind == "assumed-role":
            role, slash, session = masked.partition("/")
            changed = self._pattern("role", account, role, whole, bare=True) + slash + session
        else:
            changed = self._pattern(kind, account, masked, whole, bare=kind == "saml-provider")
        return _unmask(changed, variables)

    def _pattern(self, kind: str, account: str, pattern: str, whole: str, *, bare: bool) -> str:
        """``bare``: the name stands there without its path."""
        wanted = _as_regex(pattern)
        in_account = _as_regex(account)
        met = [
            (_bare(item.old) if bare else item.old, _bare(item.new) if bare else item.new)
            for item in self.renamings
            if item.kind == kind and in_account.match(item.account)
        ]
        met = [(old, new) for old, new in met if wanted.match(old)]
        if not met:
            self._stay_apart(kind, in_account, pattern, whole, bare=bare)
        if not met or pattern == "*":
            return pattern
        if not _WILD.search(pattern):
            if len({new for _, new in met}) > 1:
                raise InputError(f'"{whole}" cannot be rebased: it means more than one of the chain\'s names')
            return met[0][1]
        folder, slash, last = pattern.rpartition("/")
        if not last.startswith(("*", "\x00")):
            last = self.name + last
        front = "" if bare or folder.startswith("*") else self.path.strip("/")
        changed = "/".join(part for part in (front, folder) if part) + ("/" if front or slash else "") + last
        if pattern.startswith("*"):
            changed = pattern  # a leading wildcard takes in the path and the prefix
        regex = _as_regex(changed)
        lost = [new for _, new in met if not regex.match(new)]
        if lost:
            raise InputError(
                f'"{whole}" cannot be rebased: no pattern takes its place for {lost[0]}',
                hint="shorten the names that it matches, or use a shorter prefix",
            )
        return changed

    def _stay_apart(
        self, kind: str, account: re.Pattern[str], pattern: str, whole: str, *, bare: bool
    ) -> None:
        """Raises InputError where a pattern that took in no declared name takes in a new one (``role/r*``).

        One that speaks of the path itself means what is there.
        """
        literal = _WILD.split(pattern, maxsplit=1)[0]
        if literal.endswith("/") and self.path[1:].startswith(literal):
            return
        for item in self.renamings:
            new = _bare(item.new) if bare else item.new
            if item.kind == kind and account.match(item.account) and _as_regex(pattern).match(new):
                raise InputError(
                    f'"{whole}" cannot be rebased: it would take in {new}',
                    hint="end the pattern later, or use another prefix",
                )


def _bare(name: str) -> str:
    return name.rpartition("/")[2]


def _mask(text: str) -> tuple[str, list[str]]:
    """Policy variables as single characters: they may hold slashes."""
    return _VARIABLE.sub("\x00", text), _VARIABLE.findall(text)


def _unmask(text: str, variables: list[str]) -> str:
    waiting = iter(variables)
    return re.sub("\x00", lambda _: next(waiting), text)


def _as_regex(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "\x00": ".*", "?": "."}
    body = "".join(parts.get(character, re.escape(character)) for character in pattern)
    return re.compile(f"^{body}$", re.DOTALL)
