"""Where a suite lives: the project's root, or a folder of its own in a larger project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["CHAINS", "home_of"]

CHAINS = "policies"


def home_of(config: pytest.Config) -> Path:
    """The folder whose ``policies`` are meant when nobody says which.

    That is pytest's root, unless chains lie only in a folder below it: one on the way to what is run, or one
    directly in it. Where several do, it is for the user to say, and the root is answered.
    """
    root = config.rootpath
    if (root / CHAINS).is_dir():
        return root
    found: set[Path] = set()
    for argument in config.args:
        path = Path(config.invocation_params.dir, argument.partition("::")[0]).resolve()
        above = [folder for folder in (path, *path.parents) if folder.is_relative_to(root)]
        on_the_way = next((folder for folder in above if _holds_chains(folder)), None)
        if on_the_way is not None:
            found.add(on_the_way)
        elif path.is_dir():
            found.update(folder for folder in path.iterdir() if _holds_chains(folder))
    return found.pop() if len(found) == 1 else root


def _holds_chains(folder: Path) -> bool:
    return any((folder / CHAINS).glob("*/chain.yaml"))
