"""The rooms and which may import which: arrows run from the outer rooms to the inner ones."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "rolecall"

MAY_IMPORT = {
    "errors": set(),
    "iam": {"errors"},
    "chains": {"errors", "iam"},
    "provisioning": {"chains", "errors", "iam"},
    "probes": {"chains", "errors", "iam", "provisioning"},
    "verdicts": {"chains", "errors", "iam", "probes"},
    "reports": {"chains", "errors", "iam", "probes", "provisioning", "verdicts"},
    "runs": {"chains", "errors", "iam", "probes", "provisioning", "reports", "verdicts"},
    "enforcement": {"errors", "iam"},
    "targets": {"chains", "enforcement", "errors", "iam", "probes", "provisioning"},
}
"""What a room may import when it runs. A protocol of ``targets`` may be named for type checking anywhere."""

FILES = sorted(path for path in PACKAGE.rglob("*.py"))
LONGEST = 400
MEDIAN = 150


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, bool, int]]:
    """(room that is imported, only for type checking, line)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    checked = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module] if node.module != "rolecall" else [f"rolecall.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "rolecall" and len(parts) > 1:
                yield parts[1], id(node) in checked, node.lineno


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_inwards_only(room: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {target}"
        for path in FILES
        if room_of(path) == room
        for target, checking, line in imports(path)
        if target != room and target not in MAY_IMPORT[room] and not (checking and target == "targets")
    ]
    assert wrong == []


def test_iam_is_pure() -> None:
    """No I/O, no boto3, no pytest, no clock: what it needs is handed in."""
    forbidden = {"boto3", "botocore", "moto", "os", "pytest", "random", "socket", "subprocess", "time"}
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in FILES
        if room_of(path) == "iam"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if name.partition(".")[0] in forbidden
    ]
    assert wrong == []


def test_files_stay_small() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert [f"{path.name}: {length}" for path, length in lengths.items() if length > LONGEST] == []
    assert statistics.median(lengths.values()) < MEDIAN


@pytest.mark.parametrize("room", [room for room in MAY_IMPORT if (PACKAGE / room).is_dir()])
def test_the_facade_of_a_room_is_sorted(room: str) -> None:
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    names = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    )
    assert names == sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_no_file_is_named_for_nothing() -> None:
    vague = {"helpers", "manager", "misc", "util", "utils", "common"}
    assert [path for path in FILES if path.stem in vague] == []
