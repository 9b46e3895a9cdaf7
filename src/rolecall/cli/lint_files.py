"""Files and folders for the linter: what is read, in which order, and what cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from rolecall.cli.standard_input import standard_input
from rolecall.iam.catalog import load_catalog
from rolecall.iam.lint import Finding, KindOrAuto, Linter, Severity

__all__ = ["lint_paths"]

_JSON = frozenset({".json"})
_YAML = frozenset({".yaml", ".yml", ".template"})
_LEFT_OUT = frozenset({"node_modules", "__pycache__", "cdk.out"})
_STANDARD_INPUT = "-"
_LARGEST_FILE = 200_000_000


def lint_paths(
    paths: Iterable[str | Path],
    kind: KindOrAuto = "auto",
    severity: Severity = Severity.SUGGESTION,
    *,
    linter: Linter | None = None,
    skip_others: bool = False,
) -> Iterator[Finding]:
    """Findings of at least a severity about files, folders and standard input (``-``), file by file.

    In a folder, files of other kinds are passed over. A file that is named itself is a policy unless it
    turns out to be something that holds policies; with ``skip_others`` it is taken as in a folder. What
    cannot be read is a finding of the rule ``json``.
    """
    linter = linter or Linter.of(load_catalog())
    for name, named in _files(paths):
        for finding in _lint_file(linter, name, kind, named and not skip_others):
            if finding.severity.rank <= severity.rank:
                yield finding


def _files(paths: Iterable[str | Path]) -> Iterator[tuple[str, bool]]:
    for path in paths:
        if not os.path.isdir(path):
            yield str(path), True
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(one for one in folders if one not in _LEFT_OUT and not one.startswith("."))
            for name in sorted(names):
                if Path(name).suffix.lower() in _JSON | _YAML and not name.startswith("."):
                    yield os.path.join(folder, name), False


def _lint_file(linter: Linter, name: str, kind: KindOrAuto, named: bool) -> tuple[Finding, ...]:
    try:
        if name != _STANDARD_INPUT and os.path.getsize(name) > _LARGEST_FILE:
            return (_unreadable(name, f"is larger than {_LARGEST_FILE:,} bytes", kind),)
        source = standard_input().read() if name == _STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        return (_unreadable(name, f"cannot be read: {error.strerror or error}", kind),)
    is_yaml = _may_be_yaml(name, source) and not source.lstrip().startswith(b"{")
    found = linter.lint_file(source, kind, file=name, is_yaml=is_yaml)
    if found is None:
        if not named:
            return ()
        if is_yaml:
            return (_unreadable(name, "holds no policies: it is no CloudFormation template", kind),)
        return linter.lint_document(source, kind, file=name)
    if not named and not _is_about_policies(source) and any(one.rule == "json" for one in found):
        return ()  # settings files with comments and the like
    return found


def _may_be_yaml(name: str, source: bytes) -> bool:
    if name == _STANDARD_INPUT:
        return b"Resources:" in source  # what every CloudFormation template has
    return Path(name).suffix.lower() in _YAML


def _is_about_policies(source: bytes) -> bool:
    return any(
        word in source for word in (b"Statement", b"AWSTemplateFormatVersion", b"AWS::", b"PolicyDocument")
    )


def _unreadable(name: str, message: str, kind: str) -> Finding:
    return Finding(name, 1, 1, "json", Severity.ERROR, message, kind)
