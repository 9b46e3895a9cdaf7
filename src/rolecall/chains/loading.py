"""From files to chains: find manifests, read, build, check. The room's only door to the disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.chains.building import Builder
from rolecall.chains.checking import check_chain
from rolecall.chains.document_store import DocumentStore
from rolecall.chains.files import decode, read_bytes
from rolecall.chains.manifest_fields import MANIFEST
from rolecall.chains.problems import Problems
from rolecall.chains.reading import Entry, read
from rolecall.errors import InputError, InputErrors
from rolecall.iam.yaml_nodes import MappingNode, ScalarNode, SequenceNode, compose_yaml, place_of_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.chains.model import Chain

__all__ = ["MANIFEST_NAMES", "find_chains", "load_chain", "load_chains"]

MANIFEST_NAMES = ("chain.yaml", "chain.yml")
MOST_BYTES = 5_000_000


def load_chain(path: str | Path) -> Chain:
    """The chain of a manifest, or of the folder that holds one.

    Raises InputError for one mistake, InputErrors (which is one, too) for several; every one has file,
    line and column as far as there are any. Nothing but the manifest and its documents is read.
    """
    file = _manifest(Path(path))
    text = decode(read_bytes(file, most=MOST_BYTES, what="a manifest"), str(file))
    root = compose_yaml(text, file=str(file))
    if root is None:
        raise InputError(
            "is empty", file=str(file), line=1, column=1, hint="a manifest starts with: version: 1"
        )
    problems = Problems(str(file))
    if not isinstance(root, MappingNode):
        problems.add(place_of_node(root), "a manifest must be a mapping", "it starts with: version: 1")
        problems.raise_if_any()
    manifest = read(root, MANIFEST, "", problems)
    if not isinstance(manifest, Entry):
        problems.raise_if_any()
        raise InputError("is not a manifest", file=str(file))
    store = DocumentStore(file.parent, problems)
    chain = Builder(manifest, store, problems).chain(str(file), str(file.parent))
    # A name whose declaration could not be read is not reported again wherever it is used.
    known = _written(root) if problems.found else frozenset()
    problems.found.extend(check_chain(chain, written=known))
    problems.raise_if_any()
    return chain


def find_chains(paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """The manifests that paths mean: a manifest itself, or every chain.yaml below a folder.

    In the order of the paths, sorted within a folder, each once. Hidden folders are left out. Raises
    InputError for a path that is not there and for a folder without any manifest.
    """
    found: dict[Path, Path] = {}
    for given in map(Path, paths):
        manifests = sorted(_below(given)) if given.is_dir() else [_manifest(given)]
        if not manifests:
            raise InputError("holds no chain.yaml, nor does any folder below it", file=str(given))
        for manifest in manifests:
            found.setdefault(manifest.resolve(), manifest)
    return tuple(found.values())


def load_chains(paths: Iterable[str | Path]) -> tuple[Chain, ...]:
    """The chains below paths. All mistakes of all manifests are told at once, as InputErrors.

    Two chains of one name are a mistake: their expectations could not be told apart.
    """
    problems = Problems(None)
    chains: dict[str, Chain] = {}
    for path in find_chains(paths):
        try:
            chain = load_chain(path)
        except InputError as error:
            problems.keep(error)
            continue
        first = chains.setdefault(chain.name, chain)
        if first is not chain:
            problems.keep(
                InputError(f'the chain "{chain.name}" is declared in {first.file} too', file=chain.file)
            )
    if problems.found:
        errors = problems.sorted()
        raise errors[0] if len(errors) == 1 else InputErrors(errors)
    return tuple(chains.values())


def _manifest(path: Path) -> Path:
    if path.is_dir():
        for name in MANIFEST_NAMES:
            if (path / name).exists():
                return path / name
        raise InputError("is a folder without chain.yaml", file=str(path))
    if not path.exists() and not path.is_symlink():
        raise InputError("there is no such file", file=str(path), hint="a chain.yaml, or a folder with one")
    return path


def _below(folder: Path) -> list[Path]:
    manifests: list[Path] = []
    for current, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        manifests.extend(Path(current, name) for name in MANIFEST_NAMES if name in files)
    return manifests


def _written(root: MappingNode) -> frozenset[str]:
    """Every name and id that the manifest declares, whether or not its declaration could be read."""
    names: set[str] = set()
    for key, value in root.value:
        if isinstance(value, MappingNode):
            names.update(str(name.value) for name, _ in value.value if isinstance(name, ScalarNode))
        elif key.value in ("expect", "hops") and isinstance(value, SequenceNode):
            for item in value.value:
                pairs = item.value if isinstance(item, MappingNode) else ()
                names.update(
                    str(found.value)
                    for field, found in pairs
                    if field.value in ("id", "name") and isinstance(found, ScalarNode)
                )
    return frozenset(names)
