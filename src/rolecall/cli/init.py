"""``rolecall init DIR``: the suite's shape for a new repository, with one working chain."""

from __future__ import annotations

import argparse
import itertools
import shlex
import sys
from pathlib import Path

import rolecall
from rolecall.errors import InputError

__all__ = ["SUITE", "configure", "suite_files"]

SUITE = (
    "checks/test_assume_role_story.py",
    "checks/test_policy_documents.py",
    "checks/test_role_chains.py",
    "conftest.py",
    "fixtures/__init__.py",
    "fixtures/assume_role.py",
    "fixtures/principals.py",
    "policies/assume-role/assume-role-policy.json",
    "policies/assume-role/assume-role-trust-relationship.json",
    "policies/assume-role/chain.yaml",
)

_WRITTEN = {
    "pytest.ini": b"[pytest]\ntestpaths = checks\naddopts = --strict-markers\n",
    "reports/.gitignore": b"*\n!.gitignore\n",
}

_EPILOG = """\
lays down: conftest.py  checks/  fixtures/  policies/assume-role/  reports/  pytest.ini
then: cd DIR && pytest

examples:
  rolecall init .
  rolecall init compliance/roles
"""


_NEXT = """
Now: {cd}pytest
Then put a folder of your own beside policies/assume-role: chain.yaml and the policy documents that it
names. "rolecall validate" checks it; "rolecall schema chain" prints the schema of chain.yaml for editors.
Once your own chain is there, policies/assume-role, fixtures/assume_role.py with its line in conftest.py,
and checks/test_assume_role_story.py may go.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to lay it down; made if need be")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write every file that is not there yet. What is there is never overwritten: that is an error."""
    wanted = {options.folder / name: content for name, content in suite_files().items()}
    there = [path for path in wanted if path.exists()]
    if there:
        elsewhere = shlex.quote(str(_beside(options.folder)))
        raise InputError(
            "is there already; nothing was written",
            file=str(there[0]),
            hint=f"lay it down in a folder of its own: rolecall init {elsewhere}",
        )
    for path, content in wanted.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", file=str(path)) from None
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(_NEXT.format(cd=_cd(options.folder)))
    return 0


def _beside(folder: Path) -> Path:
    """A name that is free below the folder."""
    numbered = (folder / f"rolecall-suite{number or ''}" for number in itertools.count())
    return next(path for path in numbered if not path.exists())


def _cd(folder: Path) -> str:
    return "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "


def suite_files() -> dict[str, bytes]:
    """Relative path → content. The files are those of rolecall's own suite, packed into the wheel.

    In a checkout that is installed in place they are read from the checkout itself.
    """
    package = Path(rolecall.__file__).parent
    packed = package / "suite"
    source = packed if packed.is_dir() else package.parents[1]
    found = {name: (source / name).read_bytes() for name in SUITE}
    manifest = found["policies/assume-role/chain.yaml"]
    found["policies/assume-role/chain.yaml"] = b"".join(
        line for line in manifest.splitlines(keepends=True) if b"yaml-language-server" not in line
    )
    return {**found, **_WRITTEN}
