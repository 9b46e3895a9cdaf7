"""``rolecall simulate``: one case a line, decided in order, in constant memory."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from rolecall.cli.standard_input import standard_input
from rolecall.errors import InputError
from rolecall.iam.simulation import decide_case

__all__ = ["configure"]

_EPILOG = """\
a case:
  {"id": "c1", "principal": "arn:aws:iam::111111111111:user/a", "action": "s3:GetObject",
   "resource": "arn:aws:s3:::b/k", "identity_policies": [{"Version": "2012-10-17", "Statement": [...]}]}
fields: id, principal, action, resource, resource_account, context, identity_policies, resource_policy (or
  trust_policy), permissions_boundary, session_policies, scps, rcps

examples:
  rolecall simulate < cases.jsonl
  rolecall simulate --no-detail cases.jsonl more.jsonl

exit codes: 0 every case was decided; 2 at least one was refused as malformed (the others are decided)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="JSON Lines files; standard input when none, or -"
    )
    parser.add_argument("--no-detail", action="store_true", help="print id and decision alone (faster)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Decide every line. Gives 0, or 2 when any was refused."""
    refused = False
    detail = not options.no_detail
    write, flush = sys.stdout.write, sys.stdout.flush
    for line in _lines(options.files or ["-"]):
        answer = _answer(line, detail)
        refused = refused or "error" in answer
        write(_line(answer))
        flush()
    return 2 if refused else 0


def _line(answer: dict[str, Any]) -> str:
    try:
        return json.dumps(answer, separators=(",", ":"), allow_nan=False) + "\n"
    except ValueError:  # only the id comes from outside
        return _line({**answer, "id": None})


def _lines(names: list[str]) -> Iterator[bytes]:
    for name in names:
        if name == "-":
            yield from _non_blank(standard_input())
            continue
        try:
            stream = open(name, "rb")  # noqa: SIM115 - closed by the with below
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", file=name) from None
        with stream:
            yield from _non_blank(stream)


def _non_blank(stream: BinaryIO) -> Iterator[bytes]:
    return (line for line in stream if not line.isspace())


def _answer(line: bytes, detail: bool) -> dict[str, Any]:
    try:
        case = json.loads(line, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer)
    except RecursionError:
        return _refused("is nested too deeply")
    except (ValueError, UnicodeDecodeError) as error:
        return _refused(f"is not a JSON line: {error}")
    if not isinstance(case, dict):
        return _refused("a case must be a JSON object")
    if _REPEATED in case:
        case_id = case.get("id")
        return {
            "id": case_id,
            "error": {
                "code": "MalformedPolicyDocument",
                "message": f'the key "{case[_REPEATED]}" is repeated',
            },
        }
    return decide_case(case, detail=detail)


_REPEATED = "\0repeated key"
_MAX_DIGITS = 4300  # what Python reads without an effort that grows with the square


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a repeated key in it or below it is handed up, so that the line keeps its id."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        found[_REPEATED] = next(name for name in names if names.count(name) > 1)
    for _, value in pairs:
        items = value if isinstance(value, list) else (value,)
        for item in items:
            if isinstance(item, dict) and _REPEATED in item:
                found[_REPEATED] = item[_REPEATED]
            elif isinstance(item, list):
                for deep in item:
                    if isinstance(deep, dict) and _REPEATED in deep:
                        found[_REPEATED] = deep[_REPEATED]
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number has more than {_MAX_DIGITS} digits")
    return int(digits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _refused(message: str) -> dict[str, Any]:
    return {"id": None, "error": {"code": "InvalidInput", "message": message}}
