"""The options: command line before environment before ini, all in the same words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TARGETS", "Options", "add_options", "read_options"]

TARGETS = ("moto", "server", "endpoint", "account")


@dataclass(frozen=True, slots=True)
class _Option:
    flag: str
    help: str
    many: bool = False
    switch: bool = False
    choices: Sequence[str] | None = None

    @property
    def name(self) -> str:
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        return f"ROLECALL_{self.name.upper()}"


_OPTIONS = (
    _Option(
        "--aws-target",
        "where chains are provisioned: moto (in this process, the default), server (the same over HTTP), "
        "endpoint (anything that speaks AWS at --aws-endpoint-url), account (AWS itself)",
        choices=TARGETS,
    ),
    _Option("--aws-endpoint-url", "the address for --aws-target=endpoint"),
    _Option("--aws-region", "the region to use instead of the chains' own"),
    _Option("--aws-profile", "the AWS profile to provision with (endpoint and account)"),
    _Option("--sandbox-account", "an account that may be written to; may be repeated", many=True),
    _Option(
        "--chain",
        "a chain's folder or manifest, or a tree of them; may be repeated (default: policies)",
        many=True,
    ),
    _Option("--report-dir", "where the report goes (default: reports)"),
    _Option("--fail-on-inconclusive", "let the run fail when a verdict is inconclusive", switch=True),
)


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of a run."""

    aws_target: str
    aws_endpoint_url: str | None
    aws_region: str | None
    aws_profile: str | None
    sandbox_accounts: tuple[str, ...]
    chains: tuple[Path, ...]
    report_dir: Path
    fail_on_inconclusive: bool
    root: Path


def add_options(parser: pytest.Parser) -> None:
    """Tell pytest of the options and their ini keys."""
    group = parser.getgroup("rolecall", "rolecall: AWS role chains")
    for option in _OPTIONS:
        told = f"{option.help} [ini: {option.name}, environment: {option.variable}]"
        if option.switch:
            group.addoption(option.flag, dest=option.name, action="store_true", default=None, help=told)
        elif option.many:
            group.addoption(option.flag, dest=option.name, action="append", metavar="VALUE", help=told)
        elif option.choices:
            group.addoption(option.flag, dest=option.name, choices=option.choices, help=told)
        else:
            group.addoption(option.flag, dest=option.name, metavar="VALUE", help=told)
        kind: Any = "bool" if option.switch else "linelist" if option.many else "string"
        parser.addini(option.name, told, type=kind, default=None)


def read_options(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Options:
    """The settings of this run. Raises pytest.UsageError for a value that cannot be."""
    values = {option.name: _value(option, config, environ) for option in _OPTIONS}
    target = values["aws_target"] or "moto"
    if target not in TARGETS:
        raise pytest.UsageError(f"aws_target is one of {', '.join(TARGETS)}, not {target!r}")
    if target == "endpoint" and not values["aws_endpoint_url"]:
        raise pytest.UsageError("--aws-target=endpoint needs --aws-endpoint-url")
    root = config.rootpath
    chains = tuple(root / path for path in values["chain"] or ())
    return Options(
        aws_target=target,
        aws_endpoint_url=values["aws_endpoint_url"],
        aws_region=values["aws_region"],
        aws_profile=values["aws_profile"],
        sandbox_accounts=tuple(values["sandbox_account"] or ()),
        chains=chains,
        report_dir=root / (values["report_dir"] or "reports"),
        fail_on_inconclusive=bool(values["fail_on_inconclusive"]),
        root=root,
    )


def _value(option: _Option, config: pytest.Config, environ: Mapping[str, str]) -> Any:
    told = config.getoption(option.name, default=None)
    if told is not None:
        return told
    text = environ.get(option.variable)
    if text:
        if option.switch:
            return text.strip().lower() in ("1", "true", "yes", "on")
        return [part.strip() for part in text.split(",") if part.strip()] if option.many else text
    return config.getini(option.name) or None
