"""The example workflows: every command in them is run, in a shell as GitHub starts it.

``python`` is this interpreter; what would go to AWS goes to the server, and what would install is only noted.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.account.conftest import ACCOUNT, ROOT, Served
from tests.account.test_sessions import suite
from tests.pytest_plugin.conftest import named_plugin

__all__ = ["suite"]

FOLDER = ROOT / ".github" / "workflows"
SHIM = """\
#!/bin/sh
echo "$@" >> "$CALLED"
case "$*" in
  "-m pip install"*) exec test -f constraints.txt ;;
  *--aws-target=account*) shift 2; exec {python} -m pytest {plugin} --aws-target=endpoint \\
      --aws-endpoint-url={url} --patience=5 ;;
  "-m pytest"*) shift 2; exec {python} -m pytest {plugin} "$@" ;;
  "-m rolecall sweep"*) exec {python} "$@" --aws-endpoint-url {url} ;;
esac
exec {python} "$@"
"""


def workflow(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return loaded


class Machine:
    """Runs the ``run`` steps of a job in a checkout."""

    def __init__(self, served: Served, checkout: Path) -> None:
        self.checkout = checkout
        self.summary = checkout / "summary-of-the-page.md"
        self.called = checkout / "called.txt"
        shims = checkout / ".shims"
        shims.mkdir()
        (shims / "python").write_text(
            SHIM.format(python=sys.executable, plugin=" ".join(named_plugin()), url=served.url)
        )
        (shims / "python").chmod(0o755)
        path = f"{shims}:{served.environment['PATH']}"
        self.environment = {
            **served.environment, "PATH": path, "CALLED": str(self.called),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }  # fmt: skip

    def run(self, job: dict[str, Any], **values: str) -> None:
        for step in job["steps"]:
            if "run" not in step:
                continue
            given = {
                name: re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda found: values[found[1].split(".")[-1]], text)
                for name, text in step.get("env", {}).items()
            }
            assert "${{" not in step["run"], "what comes from outside is handed in by the environment"
            ended = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.checkout, env={**self.environment, **given}, text=True, timeout=90,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            assert ended.returncode == 0, f"{step['run']}\n{ended.stdout}"


@pytest.fixture
def machine(served: Served, suite: Path) -> Machine:
    (suite / "constraints.txt").write_text("")
    return Machine(served, suite)


def test_every_command_of_the_verification_works(served: Served, machine: Machine) -> None:
    before = served.inventory()
    jobs = workflow("verify.yml")["jobs"]
    for shard in jobs["moto"]["strategy"]["matrix"]["shard"]:
        machine.run(jobs["moto"], shard=str(shard))
        handed = machine.checkout / "shards" / f"evidence-moto-{shard}"
        handed.mkdir(parents=True)
        shutil.copy(machine.checkout / "reports" / str(shard) / "evidence.json", handed)
    machine.run(jobs["report"])
    assert (machine.checkout / "reports" / "rolecall.sarif").exists()
    assert "small" in machine.summary.read_text()
    machine.summary.unlink()
    machine.run(jobs["sandbox"], SANDBOX_ACCOUNT=ACCOUNT)
    assert served.inventory() == before
    assert machine.summary.read_text().count("# ") >= 1
    assert "--aws-target=account" in machine.called.read_text()


def test_the_step_after_a_cancelled_job_sweeps_what_its_ledgers_name_and_fails_for_what_stays(
    served: Served, machine: Machine
) -> None:
    from rolecall.chains import load_chain
    from rolecall.provisioning import FileLedger
    from tests.account.targets import make_target, make_workshop

    before = served.inventory()
    reports = machine.checkout / "reports"
    chain = load_chain(machine.checkout / "policies" / "small")
    for run in ("cancelled-1", "cancelled-2"):
        live = make_workshop(make_target(served.url, served.credential, reports, run)).live(chain)
        assert isinstance(live.ledger, FileLedger)
        live.ledger.close()
    (step,) = (one for one in workflow("verify.yml")["jobs"]["sandbox"]["steps"]
               if "sweep" in one.get("run", ""))  # fmt: skip
    assert step["if"] == "always()"
    machine.run({"steps": [step]}, SANDBOX_ACCOUNT=ACCOUNT)
    assert served.inventory() == before
    assert list(reports.glob("*.ledger.jsonl")) == []
    (reports / "torn.ledger.jsonl").write_text("not a ledger\n")
    with pytest.raises(AssertionError, match="not a line of a ledger"):
        machine.run({"steps": [step]}, SANDBOX_ACCOUNT=ACCOUNT)


def test_every_command_of_the_daily_sweep_works(machine: Machine) -> None:
    machine.run(workflow("sweep.yml")["jobs"]["sweep"], SANDBOX_ACCOUNT=ACCOUNT)
    called = machine.called.read_text()
    assert "-m rolecall sweep --older-than 2h --aws-region us-east-1" in called
    assert "-m rolecall sweep --older-than 2h --aws-region ap-northeast-2" in called


def test_the_action_takes_no_action_that_is_not_pinned() -> None:
    loaded = yaml.safe_load((ROOT / "action.yml").read_text())
    jobs = [job for name in ("verify.yml", "sweep.yml") for job in workflow(name)["jobs"].values()]
    pinned = {step["uses"] for job in jobs for step in job["steps"] if "uses" in step}
    used = [step["uses"] for step in loaded["runs"]["steps"] if "uses" in step]
    assert used
    assert set(used) <= pinned, "the commits of the workflows"


@pytest.mark.parametrize("name", ["verify.yml", "sweep.yml"])
def test_workflows_take_no_right_and_no_action_that_is_not_pinned(name: str) -> None:
    loaded = workflow(name)
    assert loaded["permissions"] == {}
    for job in loaded["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert "run" in step or re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", step["uses"])
