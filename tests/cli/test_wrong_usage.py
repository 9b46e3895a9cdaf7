"""Mistakes on the command line: what is wrong, what to write instead, the exit code; never a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Runner = Callable[..., "subprocess.CompletedProcess[str]"]

USER = ("explain", "--chain", "policies/assume-role", "--as", "assume-role-user")
MISTAKES = {  # the words, the exit code, what is told
    "command": (("explan", "x"), 4, ('no command "explan"', 'did you mean "explain"?')),
    "option": (
        (*USER, "--onn", "x", "s3:GetObject"),
        4,
        ("usage: rolecall explain [-h] [--chain CHAIN]", "does not take --onn"),
    ),
    "resource": (
        (*USER, "s3:GetObject", "arn:aws:s3:::b/k"),
        4,
        ("usage: rolecall explain", "--on arn:aws:s3:::b/k"),
    ),
    "resource that is no ARN": (
        (*USER, "s3:GetObject", "--on", "b/k"),
        4,
        ("--on takes an ARN, or a user or role of the chain", '"b/k"'),
    ),
    "region": (("serve", "--region", "eu-wset-1"), 4, ("--region", 'did you mean "eu-west-1"?')),
    "wildcard": ((*USER, "s3:*"), 4, ('"s3:*" is not one action',)),
    "action without a chain": (("explain", "s3:GetObject"), 4, ("--chain policies/CHAIN --as NAME",)),
    "name without a chain": (("explain", "--as", "x", "s3:GetObject"), 4, ("say which with --chain",)),
    "several chains": (
        ("explain", "--chain", "policies", "--as", "x", "s3:GetObject"),
        4,
        ("--chain takes one chain", "policies/assume-role, policies/boundaries"),
    ),
    "stranger": (
        ("explain", "--chain", "policies/assume-role", "--as", "assume-role-usr", "s3:GetObject"),
        2,
        ('did you mean "assume-role-user"?',),
    ),
    "policy for a case": (
        ("explain", "policies/assume-role/assume-role-policy.json"),
        2,
        ("assume-role-policy.json: is a policy, not a case",),
    ),
    "port": (("serve", "--port", "many"), 4, ("usage: rolecall serve", "from 0 to 65535, not 'many'")),
    "folder": (("init", "README.md"), 2, ("README.md/", "cannot be written")),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_told_with_what_to_write_instead(rolecall: Runner, name: str) -> None:
    words, code, told = MISTAKES[name]
    done = rolecall(*words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    for text in told:
        assert text in " ".join(done.stderr.split()), done.stderr
    assert done.stdout == ""


def test_resource_may_be_said_by_its_name_in_the_chain(rolecall: Runner) -> None:
    by_name = rolecall(*USER, "sts:AssumeRole", "--on", "assume-role-role")
    by_arn = rolecall(*USER, "sts:AssumeRole", "--on", "arn:aws:iam::278805249149:role/assume-role-role")
    assert by_name.returncode == 0
    assert by_name.stdout == by_arn.stdout


def test_unknown_action_is_explained_and_told_to_be_unknown(rolecall: Runner) -> None:
    done = rolecall(*USER, "s3:GetObjekt")
    assert done.returncode == 1
    assert "not known to have the action s3:GetObjekt; did you mean s3:GetObject?" in done.stderr


def test_init_names_a_free_folder_where_it_would_overwrite(rolecall: Runner, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").touch()
    (tmp_path / "rolecall-suite").mkdir()
    done = rolecall("init", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert "rolecall init rolecall-suite1" in done.stderr
    assert rolecall("init", "rolecall-suite1", cwd=tmp_path).returncode == 0


def test_init_tells_a_folder_with_spaces_as_a_shell_takes_it(rolecall: Runner, tmp_path: Path) -> None:
    done = rolecall("init", "my suite", cwd=tmp_path)
    assert "Now: cd 'my suite' && pytest\n" in done.stdout


def test_terminal_that_knows_ascii_alone_costs_no_command(rolecall: Runner, tmp_path: Path) -> None:
    for words in (("serve", "--help"), ("init", str(tmp_path / "größe"))):
        done = rolecall(*words, PYTHONIOENCODING="ascii:strict")
        assert done.returncode == 0, done.stderr
    assert "gr\\xf6\\xdfe" in done.stdout


CASE = '{"id": "c", "principal": "arn:aws:iam::111111111111:user/a", "action": "s3:GetObject"}'


@pytest.mark.parametrize("words", [("simulate",), ("explain", "-"), ("lint", "-")])
def test_closed_standard_input_is_told(words: tuple[str, ...]) -> None:
    ended = subprocess.run(
        f"{sys.executable} -m rolecall {' '.join(words)} <&-",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "standard input is closed" in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
@pytest.mark.parametrize("place", ["&-", "/dev/full"])
@pytest.mark.parametrize("words", ["simulate", "schema chain"])
def test_an_answer_that_cannot_be_written_is_told_and_is_no_success(words: str, place: str) -> None:
    ended = subprocess.run(
        f"{sys.executable} -m rolecall {words} >{place}",
        shell=True, input=CASE, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.startswith("rolecall: ")
    assert ended.stderr.count("\n") == 1
