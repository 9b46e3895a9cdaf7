"""The options: command line before environment before ini, all in the same words."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.errors import UsageError
from rolecall.pytest_plugin.home import home_of
from rolecall.pytest_plugin.misread_paths import refuse_misread_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TARGETS", "Options", "add_options", "read_options"]

TARGETS = ("moto", "server", "endpoint", "account")
_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")


@dataclass(frozen=True, slots=True)
class _Option:
    flag: str
    help: str
    many: bool = False
    switch: bool = False
    choices: Sequence[str] | None = None
    path: bool = False

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
    _Option(
        "--sandbox-account",
        "an account that may be written to: its id, or a chain's alias and the id that stands for it "
        "(home=111122223333); may be repeated",
        many=True,
    ),
    _Option("--sandbox-role", "the role to assume in sandbox accounts other than the credentials' own"),
    _Option(
        "--deny-alias",
        "a pattern of account aliases that are never written to; may be repeated (default: *prod*)",
        many=True,
    ),
    _Option("--boundary-arn", "the permissions boundary of every user and role that is created"),
    _Option("--patience", "seconds that a promise may take to come true on AWS (default: 120)"),
    _Option(
        "--ledger-dir", "where it is written down what was created (default: the report's folder)", path=True
    ),
    _Option("--plan", "print every call that would be made, and make none", switch=True),
    _Option("--shard", "run one part of several, chain by chain: 2/5 is the second of five"),
    _Option(
        "--chain",
        "a chain's folder or manifest, or a tree of them; may be repeated (default: policies)",
        many=True,
        path=True,
    ),
    _Option("--report-dir", "where the report goes (default: reports)", path=True),
    _Option(
        "--access-analyzer",
        "put what IAM Access Analyzer says about the documents into the report (endpoint and account)",
        switch=True,
    ),
    _Option("--baseline", "the evidence.json of an earlier run, to compare with", path=True),
    _Option("--history", "a folder of earlier evidence files, for the report's history", path=True),
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
    sandbox_role: str | None
    denied_aliases: tuple[str, ...]
    boundary_arn: str | None
    patience: float
    ledger_dir: Path
    plan: bool
    shard: tuple[int, int] | None
    run_id: str
    worker: str
    chains: tuple[Path, ...]
    report_dir: Path
    access_analyzer: bool
    baseline: Path | None
    history: Path | None
    fail_on_inconclusive: bool
    root: Path
    started_in: Path
    home: Path
    """The folder of the suite: what holds ``policies`` and, by default, ``reports``."""


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
    refuse_misread_paths(config, [option.flag for option in _OPTIONS if option.path])
    _refuse_misspelt(environ)
    values = {option.name: _value(option, config, environ) for option in _OPTIONS}
    target = values["aws_target"] or "moto"
    if target not in TARGETS:
        raise pytest.UsageError(f"aws_target is one of {', '.join(TARGETS)}, not {target!r}")
    if target == "endpoint" and not values["aws_endpoint_url"]:
        raise pytest.UsageError("--aws-target=endpoint needs --aws-endpoint-url")
    if target == "account" and config.getoption("aws_endpoint_url", default=None):
        raise pytest.UsageError("--aws-endpoint-url goes with --aws-target=endpoint: account is AWS itself")
    _refuse_malformed(values)
    root = config.rootpath
    home = home_of(config)
    report_dir = values["report_dir"] or home / "reports"
    worker = getattr(config, "workerinput", {})
    return Options(
        aws_target=target,
        aws_endpoint_url=values["aws_endpoint_url"],
        aws_region=values["aws_region"],
        aws_profile=values["aws_profile"],
        sandbox_accounts=tuple(values["sandbox_account"] or ()),
        sandbox_role=values["sandbox_role"],
        denied_aliases=tuple(values["deny_alias"] or ()),
        boundary_arn=_boundary(values["boundary_arn"]),
        patience=_seconds(values["patience"]),
        ledger_dir=values["ledger_dir"] or report_dir,
        plan=bool(values["plan"]),
        shard=_shard(values["shard"]),
        run_id=worker.get("rolecall_run") or _new_run_id(),
        worker=worker.get("workerid", ""),
        chains=tuple(values["chain"] or ()),
        report_dir=report_dir,
        access_analyzer=_analyzing(values["access_analyzer"], target),
        baseline=values["baseline"],
        history=values["history"],
        fail_on_inconclusive=bool(values["fail_on_inconclusive"]),
        root=root,
        started_in=config.invocation_params.dir,
        home=home,
    )


def _refuse_malformed(values: Mapping[str, Any]) -> None:
    """What can be seen to be wrong before anything starts, whichever target it is for."""
    region, url = values["aws_region"], values["aws_endpoint_url"]
    if region and not _REGION.fullmatch(region):
        raise pytest.UsageError(f"--aws-region is like eu-west-1, not {region!r}")
    if not all(pattern.strip() for pattern in values["deny_alias"] or ()):
        raise pytest.UsageError(
            "--deny-alias is empty: that would let every alias pass. Leave it out for *prod*"
        )
    accounts = values["sandbox_account"] or ()
    if not url and not accounts:
        return
    from rolecall.targets.rails import read_sandbox_accounts, refuse_aws

    try:
        if url:
            refuse_aws(url)
        read_sandbox_accounts(accounts)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or 120)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise pytest.UsageError(f"--patience is a number of seconds up to 3600, not {text!r}")
    return seconds


def _boundary(text: str | None) -> str | None:
    if text and not re.fullmatch(r"arn:aws[\w-]*:iam::(aws|[0-9]{12}):policy/[\x21-\x7e]+", text):
        raise pytest.UsageError(f"--boundary-arn is the ARN of a policy, not {text!r}")
    return text


def _shard(text: str | None) -> tuple[int, int] | None:
    if not text:
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", text)
    if match is None or int(match[1]) > int(match[2]):
        raise pytest.UsageError(f"--shard is like 2/5, the second of five, not {text!r}")
    return int(match[1]), int(match[2])


def _analyzing(wanted: Any, target: str) -> bool:
    if wanted and target not in ("endpoint", "account"):
        raise pytest.UsageError(f"--access-analyzer asks AWS: it needs --aws-target=account, not {target}")
    return bool(wanted)


def _new_run_id() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _value(option: _Option, config: pytest.Config, environ: Mapping[str, str]) -> Any:
    """A setting as it was told; paths are relative to where it was told: this folder, or the project's."""
    told = config.getoption(option.name, default=None)
    if told is None:
        told = _read_variable(option, environ.get(option.variable))
    if told is not None:
        return _placed(option, told, config.invocation_params.dir)
    told = config.getini(option.name)
    return _placed(option, told, config.rootpath) if told else None


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    """A variable that is all but the name of a setting would be passed over in silence."""
    known = [option.variable for option in _OPTIONS]
    for name in environ:
        if name.startswith("ROLECALL_") and name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.9)
            if near:
                raise pytest.UsageError(f"{name} is no setting of rolecall (did you mean {near[0]}?)")


def _read_variable(option: _Option, text: str | None) -> Any:
    if not text:
        return None
    if option.switch:
        said = text.strip().lower()
        if said not in _YES + _NO:
            raise pytest.UsageError(f"{option.variable} is one of {', '.join(_YES + _NO)}, not {text!r}")
        return said in _YES
    return [part.strip() for part in text.split(",") if part.strip()] if option.many else text


def _placed(option: _Option, told: Any, folder: Path) -> Any:
    if not option.path:
        return told
    return [folder / path for path in told] if option.many else folder / told
