"""The corpus through the command: one process, JSON Lines in and out."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.iam.corpus_cases import expectations

ASKED = [
    item for item in expectations() if item.needs is None and not item.principal_facts and not item.switches
]


def test_the_command_answers_the_whole_corpus_in_order() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import sys; from rolecall.cli import main; sys.exit(main())", "simulate"],
        input="".join(json.dumps({"id": item.id, **item.case}) + "\n" for item in ASKED),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [item.id for item in ASKED]
    wrong = [
        (item.id, item.expect, answer)
        for item, answer in zip(ASKED, answers, strict=True)
        if not item.accepts(answer.get("decision", "error"))
    ]
    assert wrong == []
