"""What surrounds the verdicts: read at the rim, kept through merging and comparing, and free of secrets."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from rolecall.errors import InputError
from rolecall.reports import (
    Document,
    Evidence,
    Origin,
    Remnant,
    Teardown,
    diff,
    merge,
    redacted,
    render_markdown,
    render_terminal,
)
from rolecall.reports.controls import controls_of
from rolecall.reports.open_questions import open_questions_of
from rolecall.reports.origin_of import origin_of
from rolecall.reports.teardown_of import add_up, from_plain, to_plain
from tests.reports.audited import audited
from tests.reports.sample import sample

ROOT = Path(__file__).parents[2]
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "octo/app",
    "GITHUB_RUN_ID": "42",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_SHA": "0" * 40,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_WORKFLOW": "verify",
    "GITHUB_ACTOR": "octocat",
    "GITHUB_TOKEN": "ghs_notToBeSeenAnywhere",
    "MY_PASSWORD": "notToBeSeenEither",
}


def git(folder: Path, *words: str) -> str:
    names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *names, "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "policies" / "assume-role", folder / "policies" / "assume-role")
    (folder / "checks").mkdir()
    shutil.copy(ROOT / "checks" / "test_role_chains.py", folder / "checks")
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = checks\n", encoding="utf-8")
    git(tmp_path, "init", "-q", str(folder))
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def plain_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def test_commit_is_read_and_a_clean_tree_is_clean_whatever_else_lies_about(checkout: Path) -> None:
    (checkout / "reports").mkdir()
    (checkout / "reports" / "index.html").write_text("not of the promises", encoding="utf-8")
    found = origin_of(checkout, [checkout / "policies" / "assume-role"], plain_environment())
    assert found == Origin(git(checkout, "rev-parse", "HEAD"), False)


@pytest.mark.parametrize("what", ["changed", "new", "renamed", "ignored", "elsewhere"])
def test_a_document_that_is_not_as_committed_makes_the_tree_dirty(checkout: Path, what: str) -> None:
    folder = checkout / "policies" / "assume-role"
    policy = folder / "assume-role-policy.json"
    if what == "changed":
        policy.write_text("{}", encoding="utf-8")
    if what == "new":
        (folder / "more policy.json").write_text("{}", encoding="utf-8")
    if what == "renamed":
        git(checkout, "mv", "policies/assume-role/assume-role-policy.json", "moved.json")
    if what == "ignored":
        (checkout / ".gitignore").write_text("*.log\nown/\n", encoding="utf-8")
        git(checkout, "add", ".gitignore")
        git(checkout, "commit", "-qm", "ignore")
        (folder / "some.log").write_text("no document", encoding="utf-8")
        folder = checkout / "policies" / "own"
        shutil.copytree(checkout / "policies" / "assume-role", folder)
    if what == "elsewhere":
        folder = checkout.parent / "mine"
        folder.mkdir()
    found = origin_of(checkout, [folder, checkout / "policies" / "assume-role"], plain_environment())
    assert found is not None
    assert found.dirty is True
    expected = {
        "changed": ("policies/assume-role/assume-role-policy.json",),
        "new": ("policies/assume-role/more policy.json",),
        "ignored": tuple(
            f"policies/own/{name}"
            for name in (
                "assume-role-policy.json",
                "assume-role-trust-relationship.json",
                "chain.yaml",
            )
        ),
        "elsewhere": ("mine/ (not in this repository)",),
        "renamed": ("moved.json", "policies/assume-role/assume-role-policy.json"),
    }
    assert found.changed == expected[what]


def test_without_repository_or_git_nothing_is_told_and_nothing_fails(checkout: Path, tmp_path: Path) -> None:
    outside = {**plain_environment(), "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    (tmp_path / "elsewhere").mkdir()
    assert origin_of(tmp_path / "elsewhere", [], outside) is None
    assert origin_of(checkout, [], {"PATH": str(tmp_path)}) is None


def test_a_job_is_told_by_named_variables_alone(tmp_path: Path) -> None:
    found = origin_of(tmp_path, [], {"PATH": str(tmp_path), **GITHUB})
    assert found == Origin(
        ci="GitHub Actions",
        ci_commit="0" * 40,
        ref="refs/heads/main",
        workflow="verify",
        actor="octocat",
        url="https://github.com/octo/app/actions/runs/42/attempts/2",
    )
    gitlab = {"GITLAB_CI": "true", "CI_JOB_URL": "https://user:secret@gitlab.example/-/jobs/1"}
    other = origin_of(tmp_path, [], {"PATH": str(tmp_path), **gitlab})
    assert other == Origin(ci="GitLab CI/CD")


def test_a_run_leaves_commit_job_manifest_and_teardown_and_no_secret(checkout: Path) -> None:
    manifest = checkout / "policies" / "assume-role" / "chain.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    installed = any(point.name == "rolecall" for point in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "rolecall.pytest_plugin"]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin],
        cwd=checkout,
        env={**os.environ, **GITHUB, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        timeout=120,
        check=True,
    )
    text = (checkout / "reports" / "evidence.json").read_text(encoding="utf-8")
    evidence = Evidence.from_json(text)
    (chain,) = evidence.chains
    assert evidence.run.origin is not None
    assert evidence.run.origin.commit == git(checkout, "rev-parse", "HEAD")
    assert evidence.run.origin.changed == ("policies/assume-role/chain.yaml",)
    assert evidence.run.origin.url.endswith("/runs/42/attempts/2")
    (promises,) = (item for item in evidence.documents if item.kind == "manifest")
    assert chain.manifest == promises.id
    assert promises.sha256 == hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert chain.teardown is not None
    assert "role assume-role-role in account 278805249149" in chain.teardown.removed
    assert (chain.teardown.left, chain.teardown.vanished) == ((), True)
    assert evidence.by_engine_alone() == sum(item.observed is None for item in chain.expectations)
    alone = next(item for item in chain.expectations if item.by_engine_alone)
    assert alone.not_called
    for file in (checkout / "reports").iterdir():
        assert b"notToBeSeen" not in file.read_bytes(), file.name


def test_comparison_shows_a_changed_manifest_as_a_diff() -> None:
    after = audited()
    old = after.documents[-1]
    text = old.text.replace("reach: assume-role-role", "reach: other-role")
    before_manifest = replace(old, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
    before = replace(after, documents=(*after.documents[:-1], before_manifest))
    (change,) = diff(before, after).documents
    assert (change.kind, change.document) == ("changed", "manifest:assume-role")
    assert "-  - {id: user-reaches-role, reach: other-role}" in change.lines
    assert "+  - {id: user-reaches-role, reach: assume-role-role}" in change.lines


def test_credentials_in_a_manifest_are_hidden_and_its_digest_stays_that_of_the_file() -> None:
    text = "secret_access_key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
    manifest = Document("manifest:x", "x", "manifest", hashlib.sha256(text.encode()).hexdigest(), text)
    (clean,) = redacted(replace(sample(), documents=(manifest,))).documents
    assert "wJalr" not in clean.text
    assert clean.sha256 == manifest.sha256


def test_what_is_left_is_added_up_over_processes_until_it_is_swept() -> None:
    one = Teardown(("user a in account 1",), (Remnant("role r", "1", "no"), Remnant("role r", "2", "no")))
    other = Teardown(("user b in account 1",))
    both = add_up([one, other])
    assert both is not None
    assert both.removed == ("user a in account 1", "user b in account 1")
    assert len(both.left) == 2
    swept = add_up([one, other], {("role r", "1")})
    assert swept is not None
    assert [left.account for left in swept.left] == ["2"]
    assert "role r in account 1" in swept.removed
    assert from_plain(json.loads(json.dumps(to_plain({"c": one})))) == {"c": one}
    assert add_up([]) is None


def test_shards_of_one_commit_merge_and_those_of_two_do_not() -> None:
    whole = audited()
    first, second = (
        replace(whole, chains=(chain,), run=replace(whole.run, id=f"run-{n}"))
        for n, chain in enumerate(whole.chains)
    )
    merged = merge([first, second])
    assert merged.run.origin == whole.run.origin
    assert merged.run.runner == whole.run.runner
    assert merged.run.left == whole.run.left
    assert merged.open_questions == whole.open_questions
    assert whole.run.origin is not None
    moved = replace(second.run, origin=replace(whole.run.origin, commit="f" * 40))
    with pytest.raises(InputError, match="different commits"):
        merge([first, replace(second, run=moved)])


def test_every_control_of_our_own_chains_is_known_and_a_misspelt_one_is_answered_with_the_nearest() -> None:
    import re

    named = {
        name
        for file in sorted((ROOT / "policies").glob("*/chain.yaml"))
        for name in re.findall(r'"([A-Z][A-Za-z0-9.-]+:[^"]+)"', file.read_text(encoding="utf-8"))
        if name.startswith(("NIST", "CIS", "ISO", "SOC", "PCI"))
    }
    chain = sample().chains[0]

    def notes(names: set[str]) -> dict[str, str]:
        item = replace(chain.expectations[0], controls=tuple(sorted(names)))
        return {c.id: c.note for c in controls_of([replace(chain, expectations=(item,))])}

    assert {"NIST-800-53r5:AC-6(1)", "NIST-800-53r5:AU-10", "NIST-800-53r5:IA-9"} < named
    assert set(notes(named).values()) == {""}
    assert "is NIST-800-53r5:AC-6(1) meant?" in notes({"NIST-800-53r5:AC-6(11)"})["NIST-800-53r5:AC-6(11)"]


def test_a_prediction_that_hangs_on_a_switch_brings_its_question_along() -> None:
    chain = sample().chains[0]
    item = chain.expectations[0]
    assert item.predicted is not None
    hangs = replace(item, predicted=replace(item.predicted, contested=("boundary_limits_direct_trust",)))
    (question,) = open_questions_of([replace(chain, expectations=(hangs,))])
    assert "permissions boundary" in question.question
    assert question.decided == "It need not."
    assert open_questions_of([chain]) == ()


def test_every_switch_has_its_question() -> None:
    from dataclasses import fields

    from rolecall.iam import Switches

    chain = sample().chains[0]
    item = chain.expectations[0]
    assert item.predicted is not None
    names = tuple(switch.name for switch in fields(Switches))
    hangs = replace(item, predicted=replace(item.predicted, contested=names))
    assert {one.switch for one in open_questions_of([replace(chain, expectations=(hangs,))])} == set(names)


def test_markdown_and_terminal_tell_it_too() -> None:
    told = render_markdown(audited())
    assert "1 of those checked predicted only" in told
    assert "**Still there**" in told
    assert "4f0c1d2e3b4a" in told
    assert "rolecall knows no" in told
    assert "1 of those checked by the engine alone, without a call." in render_terminal(audited())
    assert "engine alone" not in render_terminal(sample())
