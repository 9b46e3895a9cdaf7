"""Where a folder is in its repository: code scanning wants paths from the repository's root."""

from __future__ import annotations

from pathlib import Path

__all__ = ["file_in_repository", "folder_in_repository"]


def folder_in_repository(folder: Path) -> str:
    """The folder as seen from the root of its git repository; empty for the root, or outside of one."""
    folder = folder.resolve()
    for root in (folder, *folder.parents):
        if (root / ".git").exists():  # a file in a worktree or a submodule
            return "" if root == folder else folder.relative_to(root).as_posix()
    return ""


def file_in_repository(file: str) -> str:
    """A file's name as seen from the root of its repository, as it is where there is none."""
    path = Path(file).absolute()
    for root in path.parents:
        if (root / ".git").exists():
            return path.relative_to(root).as_posix()
    return file
