"""Where the files of a run came from: its git checkout, and the CI job that runs it.

Only named variables of the environment are read. Sources: GitHub Actions, "Variables reference" (default
environment variables); GitLab CI/CD, "Predefined variables"; git-status(1), "Porcelain Format Version 1".
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rolecall.reports.circumstances import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["origin_of"]

_SECONDS = 2.0
_MOST_NAMED = 20
_UNTRACKED = ("--untracked-files=all", "--ignored")
_DOCUMENTS = (".json", ".yaml", ".yml")
"""What of the ignored files may be run; the rest (caches, what editors leave) is not."""
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def origin_of(root: Path, folders: Iterable[Path], environment: Mapping[str, str]) -> Origin | None:
    """The origin of what is run in ``root``, whose chains are in ``folders``; None where nothing is known.

    ``git`` is asked three times, for two seconds each at most. Without git or a repository there is
    no commit; without an answer in time it is not told whether the tree was dirty.
    """
    job = _job(environment)
    place = (_git(root, environment, "rev-parse", "HEAD", "--show-toplevel") or "").split("\n", 1)
    if len(place) < 2:
        return job
    commit, top = place[0], Path(place[1].removesuffix("\n")).resolve()
    # Whatever else lies about in a checkout was not run. A new manifest or document was.
    resolved = dict.fromkeys(folder.resolve() for folder in folders)
    here = [str(folder) for folder in resolved if folder.is_relative_to(top)]
    elsewhere = [f"{folder.name}/ (not in this repository)" for folder in resolved if str(folder) not in here]
    status = ("status", "--porcelain", "-z")
    known = _git(root, environment, *status, "--untracked-files=no")
    new = _git(root, environment, *status, *_UNTRACKED, "--", *here) if here else ""
    if known is None or new is None:
        return replace(job or Origin(), commit=commit)
    changed = [*elsewhere, *sorted({*_names(known), *_names(new)})]
    named = tuple(changed[:_MOST_NAMED])
    return replace(job or Origin(), commit=commit, dirty=bool(changed), changed=named)


def _git(root: Path, environment: Mapping[str, str], *words: str) -> str | None:
    """What git says; None where it fails, is not there or takes too long."""
    # A repository may name programs to run in its settings: a status needs none of them.
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(root), *words]
    try:
        done = subprocess.run(  # noqa: S603 (a fixed command; the folder is the suite's own)
            command,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**environment, **_QUIET},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return os.fsdecode(done.stdout) if done.returncode == 0 else None


def _names(status: str) -> Iterable[str]:
    entries = iter(status.split("\0"))
    for entry in entries:
        if entry and (entry[:2] != "!!" or entry.endswith(_DOCUMENTS)):
            yield entry[3:]
        if entry[:1] in ("R", "C"):
            next(entries, None)  # the name before it was renamed


def _job(environment: Mapping[str, str]) -> Origin | None:
    def said(name: str, otherwise: str = "") -> str:
        return environment.get(name) or otherwise

    if said("GITHUB_ACTIONS") == "true":
        where = (
            f"{said('GITHUB_SERVER_URL')}/{said('GITHUB_REPOSITORY')}/actions/runs/{said('GITHUB_RUN_ID')}"
        )
        attempt = said("GITHUB_RUN_ATTEMPT")
        return Origin(
            ci="GitHub Actions",
            ci_commit=said("GITHUB_SHA"),
            ref=said("GITHUB_REF"),
            workflow=said("GITHUB_WORKFLOW"),
            actor=said("GITHUB_TRIGGERING_ACTOR", said("GITHUB_ACTOR")),
            url=_plain_url(f"{where}/attempts/{attempt}" if attempt else where),
        )
    if said("GITLAB_CI") == "true":
        return Origin(
            ci="GitLab CI/CD",
            ci_commit=said("CI_COMMIT_SHA"),
            ref=said("CI_COMMIT_REF_NAME"),
            workflow=said("CI_PIPELINE_NAME", said("CI_JOB_NAME")),
            actor=said("GITLAB_USER_LOGIN"),
            url=_plain_url(said("CI_JOB_URL")),
        )
    return None


def _plain_url(url: str) -> str:
    """An address without a password in it; nothing for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else ""
