"""pytest's hooks: thin. Heavy rooms are imported where they are used."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.pytest_plugin.home import CHAINS
from rolecall.pytest_plugin.options import add_options, read_options
from rolecall.pytest_plugin.state import EVIDENCE_PROPERTY, STATE, VERDICT, Promise, State

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.pytest_plugin.options import Options

__all__ = [
    "pytest_addoption",
    "pytest_collection",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_generate_tests",
    "pytest_report_header",
    "pytest_report_teststatus",
    "pytest_runtest_makereport",
    "pytest_runtestloop",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "pytest_xdist_make_scheduler",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options, ini keys."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings; nothing is loaded yet."""
    state = State(read_options(config), datetime.now(UTC), time.perf_counter())
    config.stash[STATE] = state
    config.pluginmanager.register(_Gatherer(state), "rolecall-gatherer")
    from rolecall.pytest_plugin.log_redaction import redact_logs

    config.add_cleanup(redact_logs())
    if state.options.aws_target in ("endpoint", "account"):
        from rolecall.pytest_plugin.signals import Ending

        state.ending = Ending()
        state.ending.install()
        config.add_cleanup(state.ending.restore)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist what run it belongs to."""
    state = node.config.stash[STATE]
    node.workerinput["rolecall_run"] = state.options.run_id
    if state.ending is not None:
        state.ending.watch(node)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker could not remove."""
    output = getattr(node, "workeroutput", None) or {}
    state = node.config.stash[STATE]
    state.left.extend(output.get("rolecall_left", ()))
    if "rolecall_teardowns" in output:
        from rolecall.reports.teardown_of import from_plain

        state.teardowns.append(from_plain(output["rolecall_teardowns"]))
    state.elsewhere = max(state.elsewhere, output.get("rolecall_elsewhere", 0))


class _Gatherer:
    """Collects what items leave; the controller of xdist sees the same reports as a serial run."""

    def __init__(self, state: State) -> None:
        self._state = state

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        texts = [str(value) for name, value in report.user_properties if name == EVIDENCE_PROPERTY]
        if report.when == "call" and texts:
            from rolecall.reports.handover import unpack

            self._state.evidence.extend(unpack(text) for text in texts)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Load the chains: what is wrong in a manifest is told before anything is provisioned (exit code 4)."""
    from rolecall.errors import InputError

    state = session.config.stash[STATE]
    try:
        state.chains = _load(state.options)
        _refuse_unknown_regions(state)
    except InputError as error:
        raise pytest.UsageError(str(error)) from None
    if state.chains and not hasattr(session.config, "workerinput"):
        from rolecall.reports.manifests import read_manifests
        from rolecall.reports.origin_of import origin_of

        state.manifests = read_manifests(state.chains)
        folders = (Path(chain.folder) for chain in state.chains if chain.folder)
        state.origin = origin_of(state.options.root, folders, os.environ)


def _refuse_unknown_regions(state: State) -> None:
    """An emulator has the regions that botocore knows; what an account has, AWS knows."""
    if not state.chains or state.options.aws_target not in ("moto", "server"):
        return
    from rolecall.chains.places import place_of
    from rolecall.errors import InputError
    from rolecall.targets.regions import unknown_region

    for chain in state.chains:
        why = unknown_region(chain.region)
        if why and state.options.aws_region is not None:
            raise pytest.UsageError(f"--aws-region: {why}")
        if why:
            place = place_of(chain.region)
            line, column = (place.line, place.column) if place is not None else (None, None)
            raise InputError(f"region: {why}", file=chain.file, line=line, column=column)


def _load(options: Options) -> tuple[Chain, ...]:
    paths = options.chains
    if not paths:
        default = options.home / CHAINS
        if not default.is_dir():
            return ()
        paths = (default,)
    from rolecall.chains import find_chains, load_chains

    found = find_chains(paths)
    if not found and not options.chains:
        return ()
    chains = load_chains(found)
    if options.aws_region is None:
        return chains
    return tuple(replace(chain, region=options.aws_region) for chain in chains)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the other shards' items to them, of those that -k, -m and others chose."""
    state = config.stash[STATE]
    shard = state.options.shard
    if shard is None:
        return
    from rolecall.pytest_plugin.sharding import in_shard, scope_of

    others = [item for item in items if not in_shard(scope_of(item), shard)]
    if others:
        state.elsewhere = len(others)
        config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if in_shard(scope_of(item), shard)]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """With --plan: print the calls and make none."""
    state = session.config.stash[STATE]
    if not state.options.plan or hasattr(session.config, "workerinput"):
        return None
    from rolecall.pytest_plugin.planned import planned_calls

    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    for line in planned_calls(state.chains or (), state.options):
        if terminal is not None:
            terminal.write_line(line)
    return True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that ask for ``expectation`` or ``document_use`` run once for each of every chain."""
    from rolecall.pytest_plugin.asking import asks_for, refuse_without_chains

    state = metafunc.config.stash[STATE]
    if asks_for(metafunc, "document_use"):
        from rolecall.runs import document_uses

        refuse_without_chains(state)
        uses = document_uses(state.chains or (), state.linter)
        metafunc.parametrize("document_use", uses, ids=[use.id for use in uses])
    if not asks_for(metafunc, "expectation"):
        return
    refuse_without_chains(state)
    if state.promises is None:
        from rolecall.verdicts import negatives

        state.promises = tuple(
            Promise(chain, found)
            for chain in state.chains or ()
            for found in (*chain.expectations, *negatives(chain))
        )
    promises = state.promises
    metafunc.parametrize("expectation", promises, ids=[promise.id for promise in promises])


def pytest_report_header(config: pytest.Config) -> str | None:
    """Where chains will run."""
    state = config.stash[STATE]
    there = state.options.chains or (state.options.home / CHAINS).is_dir()
    return f"rolecall: target {state.options.aws_target}" if there else None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Mark the report of an item that left evidence with its verdict."""
    outcome: Any = yield
    report: pytest.TestReport = outcome.get_result()
    if call.excinfo is not None:
        from rolecall.errors import TargetError
        from rolecall.pytest_plugin.broken_promise import BrokenPromise

        if isinstance(call.excinfo.value, TargetError):
            report.longrepr = str(call.excinfo.value)  # no line of any test is to blame
        elif isinstance(call.excinfo.value, BrokenPromise):
            call.excinfo.value.place(report)
    if report.when != "call":
        return
    verdict = item.stash.get(VERDICT, None)
    if verdict is not None:
        report.rolecall_verdict = verdict  # type: ignore[attr-defined]


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Inconclusive and waived verdicts are neither passed nor skipped."""
    if report.when != "call":
        return None
    verdict = getattr(report, "rolecall_verdict", None)
    if verdict == "inconclusive" and report.outcome == "skipped":
        return "inconclusive", "?", "INCONCLUSIVE"
    if verdict == "waived" and report.outcome == "passed":
        return "waived", "w", "WAIVED"
    return None


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep every chain on one worker (large ones on few), unless --dist says otherwise."""
    if config.getoption("dist", "no") not in ("load", "no"):
        return None
    from rolecall.pytest_plugin.scheduling import ChainScheduling

    own_targets = config.stash[STATE].options.aws_target in ("moto", "server")
    return ChainScheduling(config, log, divides=own_targets)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report, on the controller only."""
    config = session.config
    state = config.stash.get(STATE, None)
    if state is None or config.option.collectonly:
        return
    if hasattr(config, "workerinput"):
        if state.workshop is not None:
            from rolecall.reports.teardown_of import to_plain

            config.workeroutput["rolecall_teardowns"] = to_plain(state.workshop.teardowns)  # type: ignore[attr-defined]
        config.workeroutput["rolecall_left"] = list(state.left)  # type: ignore[attr-defined]
        config.workeroutput["rolecall_elsewhere"] = state.elsewhere  # type: ignore[attr-defined]
        return
    if state.workshop is not None:
        state.teardowns.append(state.workshop.teardowns)
    if state.ending is not None and not state.options.plan:
        from rolecall.pytest_plugin.leftovers import remove_leftovers

        with state.ending.undisturbed():
            remove_leftovers(state)
        if state.left and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if state.options.plan and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK  # the controller of xdist collects nothing
    # A machine whose shard is empty has done its part, and leaves evidence to merge.
    empty = bool(state.elsewhere) and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
    if empty:
        session.exitstatus = pytest.ExitCode.OK
    if not state.evidence and not empty:
        return
    from rolecall.pytest_plugin.reporting import write

    write(state)
    if empty and state.options.shard is not None:
        part, parts = state.options.shard
        state.summary = f"Nothing is in shard {part}/{parts}: its {state.elsewhere} items are in others."


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Who could do what, who could not, and where the report is."""
    state = config.stash.get(STATE, None)
    if state is None or config.option.collectonly or not (state.summary or state.left or state.orphans):
        return
    terminalreporter.section("rolecall")
    if state.summary:
        terminalreporter.write_line(state.summary)
    for left in state.left:
        terminalreporter.write_line(f"still there: {left}", red=True)
    if state.ledgers or state.orphans:
        from rolecall.pytest_plugin.leftovers import sweep_command

        for path in state.ledgers:
            terminalreporter.write_line(f"remove it with: {sweep_command(state.options, path)}", red=True)
        for path in state.orphans:
            terminalreporter.write_line(
                f"an earlier run was killed; remove what it left with: {sweep_command(state.options, path)}"
            )
    if state.report_error:
        terminalreporter.write_line(state.report_error, red=True)
