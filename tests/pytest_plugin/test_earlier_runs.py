"""A run beside earlier ones: what changed, the history, and the summary on GitHub."""

from __future__ import annotations

from pathlib import Path

from tests.pytest_plugin.conftest import Suite


def broken_trust(suite: Suite) -> None:
    suite.trust.write_text(suite.trust.read_text().replace("278805249149", "111122223333"))


def test_baseline_shows_what_newly_fails_and_the_document_that_changed(suite: Suite) -> None:
    assert suite.run("--report-dir=before").code == 0
    broken_trust(suite)
    run = suite.run("--baseline=before/evidence.json", "--history=before")
    assert run.code == 1
    page = (suite.folder / "reports" / "index.html").read_text()
    assert "Compared with the run of" in page
    assert "Newly failing" in page
    assert "111122223333" in page
    summary = (suite.folder / "reports" / "summary.md").read_text()
    assert "user-reaches-role" in summary
    assert "document changed" in summary


def test_environment_names_the_baseline_as_well(suite: Suite) -> None:
    suite.run("--report-dir=before")
    suite.run(ROLECALL_BASELINE="before/evidence.json")
    assert "Compared with the run of" in (suite.folder / "reports" / "index.html").read_text()


def test_baseline_that_is_not_there_is_told_and_the_report_is_written_without_it(suite: Suite) -> None:
    run = suite.run("--baseline=nowhere.json")
    assert "nowhere.json" in run.out
    assert "Traceback" not in run.out
    assert (suite.folder / "reports" / "index.html").is_file()


def test_summary_is_added_to_the_page_of_the_run_on_github(suite: Suite, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    suite.run(GITHUB_STEP_SUMMARY=str(summary))
    assert summary.read_text().startswith("before\n## ")
    assert summary.read_text().endswith((suite.folder / "reports" / "summary.md").read_text())
