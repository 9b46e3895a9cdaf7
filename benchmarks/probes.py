"""How many of all known actions a safe call can show: as it is, and once its parameters are known."""

from __future__ import annotations

import functools
import sys
from collections import Counter
from pathlib import Path

import botocore.session

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from rolecall.iam.catalog import Catalog, load_catalog
from rolecall.probes import Probe, choose_probe

_SESSION = botocore.session.Session()


@functools.cache
def model(service: str) -> botocore.model.ServiceModel:
    return _SESSION.get_service_model(service)


def has_dry_run(action: str, catalog: Catalog) -> bool:
    for service, operation in catalog.operations_of(action):
        if service != "ec2":
            continue
        try:
            shape = model(service).operation_model(operation).input_shape
        except Exception:
            continue
        if shape is not None and "DryRun" in shape.members:
            return True
    return False


def kind(action: str, catalog: Catalog) -> str:
    found = choose_probe(action, "*", catalog, model)
    known = catalog.action(action)
    assert known is not None
    if isinstance(found, Probe):
        return "safe as it is"
    if "no API operation" in found.why:
        return "no operation of its own"
    if "the call needs" in found.why and (
        known.access_level in ("List", "Read") or has_dry_run(action, catalog)
    ):
        return "safe once the ARN or the manifest gives the parameters"
    return "changes something"


def main() -> None:
    catalog = load_catalog()
    counts = Counter(kind(action, catalog) for action in catalog.action_names)
    sources = f"catalog of {catalog.provenance.date}, botocore {botocore.__version__}"
    print(f"{sum(counts.values())} actions ({sources})")
    for name, number in counts.most_common():
        print(f"  {number:6} {name}")


if __name__ == "__main__":
    main()
