"""Which kind of file a text is, and the policies in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rolecall.iam.lint.kind_detection import KindOrAuto
from rolecall.iam.lint.sources.account_details import is_account_details, policies_of_account
from rolecall.iam.lint.sources.cloudformation import is_template, policies_of_template
from rolecall.iam.lint.sources.found import FoundPolicy, Outer
from rolecall.iam.lint.sources.terraform import is_plan, policies_of_plan
from rolecall.iam.lint.sources.yaml_nodes import read_yaml
from rolecall.iam.schemas.validation import locate_in
from rolecall.iam.strict_json import read_json

__all__ = ["policies_in"]


def policies_in(
    source: str | bytes, kind: KindOrAuto = "auto", *, file: str | None = None, is_yaml: bool = False
) -> Iterator[FoundPolicy] | None:
    """The policies in a file, in its order; None when it is a file of another kind.

    A JSON file with Statement is a policy, and so is every JSON file when a kind is asked for. Raises
    MalformedPolicyDocument for what cannot be read at all.
    """
    if is_yaml:
        value, locate = read_yaml(source, file=file)
        outer = Outer(value, locate)
        return policies_of_template(outer) if is_template(value) else None
    document = read_json(source, file=file)
    value = document.value
    outer = Outer(value, locate_in(document), document.text, tuple(document.text.split("\n")))
    if is_template(value):
        return policies_of_template(outer)
    if is_plan(value):
        return policies_of_plan(outer)
    if is_account_details(value):
        return policies_of_account(outer)
    if kind != "auto" or _is_policy(value):
        return iter([FoundPolicy(value, kind, outer.locate, document.text)])
    return None


def _is_policy(value: Any) -> bool:
    if isinstance(value, str):
        return '"Statement"' in value  # encoded twice
    return isinstance(value, dict) and "Statement" in value
