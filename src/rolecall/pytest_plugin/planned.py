"""``--plan``: every call that would be made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rolecall.errors import RolecallError

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.pytest_plugin.options import Options

__all__ = ["planned_calls"]


def planned_calls(chains: tuple[Chain, ...], options: Options) -> Iterator[str]:
    """One line a call, chain by chain. Makes none: accounts are those of the options or the manifest."""
    from datetime import UTC, datetime

    from rolecall.chains import rebase
    from rolecall.provisioning import plan
    from rolecall.targets.namespace import Namespace
    from rolecall.targets.rails import read_sandbox_accounts

    remote = options.aws_target in ("endpoint", "account")
    ids, by_alias = read_sandbox_accounts(options.sandbox_accounts)
    if remote:
        capped = ", iam:GetPolicy for the boundary" if options.boundary_arn else ""
        yield (
            f"first: sts:GetCallerIdentity, iam:ListAccountAliases{capped}, sts:GetCallerIdentity in each "
            "region (nothing is written before they agree)"
        )
    for chain in chains:
        marks = None
        if remote:
            namespace = Namespace(options.run_id, datetime.now(UTC), options.worker)
            only = next(iter(ids)) if len(ids) == 1 else None
            accounts = {a: by_alias.get(a, only or own) for a, own in chain.accounts.items()}
            try:
                chain = rebase(chain, accounts, namespace.path, namespace.prefix(chain.name))
            except RolecallError as error:
                yield f"{chain.name}: {error}"
                continue
            marks = namespace.marks(chain.name)
        yield f"{chain.name}:"
        for step in plan(chain, marks=marks, boundary_arn=options.boundary_arn):
            if options.aws_target == "account" and step.service == "ec2":
                continue
            shown = {k: "•••" if k in step.secret else _plain(v) for k, v in step.params.items()}
            told = json.dumps(shown, ensure_ascii=False)
            yield f"  {step.account} {step.region} {step.service}:{step.operation} {told}"
        yield f"  then calls for each of {len(chain.expectations)} promises, and everything is removed"


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, list, dict, type(None))) else "(known later)"
