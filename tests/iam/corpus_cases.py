"""Reads tests/iam/corpus: every documented expectation as one case for any back end.

A back end is whatever answers a case in the shape of ``rolecall simulate``. Cases that need facts which
that shape cannot carry (``principal_facts``) or that set switches are for the Python API alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rolecall.iam import Policies, Request, Switches, parse_policy, read_principal

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FOLDER = Path(__file__).parent / "corpus"
CASE_FIELDS = (
    "principal",
    "action",
    "resource",
    "resource_account",
    "context",
    "identity_policies",
    "resource_policy",
    "permissions_boundary",
    "session_policies",
    "scps",
    "rcps",
)
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
UNRELATED = {"Effect": "Allow", "Action": "unrelated:Nothing", "Resource": "*"}


@dataclass(frozen=True)
class Expectation:
    """One documented expectation: the case, and what AWS answers."""

    id: str
    row: str
    source: str
    case: Mapping[str, Any]
    expect: str
    blocked_by: tuple[str, ...] = ()
    statements: tuple[Mapping[str, Any], ...] | None = None
    contested: tuple[str, ...] | None = None
    switches: Mapping[str, bool] = field(default_factory=dict)
    principal_facts: Mapping[str, str] = field(default_factory=dict)
    needs: str | None = None

    def accepts(self, verdict: str) -> bool:
        """Whether that verdict is what the page says; ``deny`` leaves the kind open."""
        if self.expect == "deny":
            return verdict in ("implicitDeny", "explicitDeny")
        return verdict == self.expect

    def request(self) -> Request:
        """The case's request, with what the principal's ARN alone does not tell."""
        case = self.case
        return Request(
            replace(read_principal(case["principal"]), **self.principal_facts),
            case["action"],
            case.get("resource") or "*",
            case.get("resource_account"),
            case.get("context") or {},
        )

    def policies(self) -> Policies:
        """The case's policies, parsed."""
        case = self.case

        def parsed(documents: Any) -> Any:
            return tuple(parse_policy(document) for document in documents)

        boundary, session, attached = (
            case.get(name) for name in ("permissions_boundary", "session_policies", "resource_policy")
        )
        return Policies(
            identity=parsed(case.get("identity_policies") or ()),
            resource=parse_policy(attached) if attached else None,
            boundary=parsed(boundary) if boundary else None,
            session=parsed(session) if session else None,
            scps=tuple(parsed(level) for level in case.get("scps") or ()),
            rcps=tuple(parsed(level) for level in case.get("rcps") or ()),
        )

    def chosen(self) -> Switches:
        """The switches that the case sets, the others at their defaults."""
        return Switches(**self.switches)


@cache
def expectations() -> tuple[Expectation, ...]:
    """Every expectation that policies decide, in the order of the files."""
    return tuple(
        found
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.name != "enforcement.yaml"
        for found in _read(path.name, _load(path))
    )


@cache
def enforcement_rows() -> tuple[Mapping[str, Any], ...]:
    """What only an enforcing target can show: setups and calls, as enforcement.yaml describes them."""
    return tuple(_load(FOLDER / "enforcement.yaml")["rows"])


def _load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # safe, and quick


def _read(name: str, data: Mapping[str, Any]) -> Iterator[Expectation]:
    if "forms" in data:
        for form in data["forms"].values():
            for row in form["rows"]:
                yield from _form(form, row)
    elif "missing_key" in data:
        yield from _operators(data)
    else:
        for row in data["rows"]:
            for item in row["cases"]:
                if "condition" in row:
                    yield from _condition(row, item)
                else:
                    yield _whole(row, item)


def _document(written: Any) -> Any:
    if isinstance(written, list):
        flat = [part for item in written for part in item.get("Statement", [item])]
        return {"Version": "2012-10-17", "Statement": flat}
    if isinstance(written, dict) and "Effect" in written:
        return {"Version": "2012-10-17", "Statement": [written]}
    return written


def _documents(written: Any) -> Any:
    return None if written is None else [_document(item) for item in written]


def _case(given: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**given, **item}
    case = {name: merged[name] for name in CASE_FIELDS if name in merged}
    for name in ("identity_policies", "session_policies"):
        if name in case:
            case[name] = _documents(case[name])
    if case.get("resource_policy") is not None:
        case["resource_policy"] = _document(case["resource_policy"])
    boundary = case.get("permissions_boundary")
    if boundary is not None:
        case["permissions_boundary"] = (
            _documents(boundary) if isinstance(boundary, list) else [_document(boundary)]
        )
    for name in ("scps", "rcps"):
        if name in case:
            case[name] = [_documents(level) for level in case[name]]
    return case


def _whole(row: Mapping[str, Any], item: Mapping[str, Any]) -> Expectation:
    given = row.get("given", {})
    return Expectation(
        id=item["id"],
        row=row["row"],
        source=item.get("source", row["source"]),
        case=_case(given, item),
        expect=item["expect"],
        blocked_by=tuple(item.get("blocked_by", ())),
        statements=tuple(item["statements"]) if "statements" in item else None,
        contested=tuple(item["contested"]) if "contested" in item else None,
        switches=item.get("switches", {}),
        principal_facts=item.get("principal_facts", given.get("principal_facts", {})),
        needs=item.get("needs"),
    )


def _condition(row: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[Expectation]:
    yield from _both_effects(
        item["id"], row["row"], row["source"], row["condition"], item.get("context", {}), item["match"]
    )


def _both_effects(
    name: str, row: str, source: str, condition: Any, context: Mapping[str, Any], match: bool
) -> Iterator[Expectation]:
    asked = {
        "principal": "arn:aws:iam::111122223333:user/u",
        "action": "svc:Do",
        "resource": "*",
        "context": context,
    }
    allow = {**EVERYTHING, "Condition": condition}
    deny = {**allow, "Effect": "Deny"}
    yield Expectation(
        f"{name}-allow",
        row,
        source,
        {**asked, "identity_policies": [_document(allow)]},
        "allowed" if match else "implicitDeny",
    )
    yield Expectation(
        f"{name}-deny",
        row,
        source,
        {**asked, "identity_policies": [_document([EVERYTHING, deny])]},
        "explicitDeny" if match else "allowed",
    )


def _operators(data: Mapping[str, Any]) -> Iterator[Expectation]:
    missing = data["missing_key"]
    for operator, (value, plain) in missing["operators"].items():
        for written, match in (
            (operator, plain),
            (f"{operator}IfExists", True),
            (f"ForAllValues:{operator}", True),
            (f"ForAllValues:{operator}IfExists", True),
            (f"ForAnyValue:{operator}", False),
            (f"ForAnyValue:{operator}IfExists", True),
        ):
            name = f"missing-{written.replace(':', '-')}"
            yield from _both_effects(
                name, "missing-key", missing["source"], {written: {"svc:key": value}}, {}, match
            )
    for value, match in (("true", True), ("false", False)):
        yield from _both_effects(
            f"missing-Null-{value}", "missing-key", missing["source"], {"Null": {"svc:key": value}}, {}, match
        )
        for quantifier, always in (("ForAllValues", True), ("ForAnyValue", False)):
            yield from _both_effects(
                f"missing-{quantifier}-Null-{value}",
                "missing-key",
                "UG:access-analyzer-reference-policy-checks",
                {f"{quantifier}:Null": {"svc:key": value}},
                {},
                always,
            )
    for part in ("values", "sets"):
        for number, (operator, values, found, match) in enumerate(data[part]["rows"], 1):
            yield from _both_effects(
                f"{operator.replace(':', '-')}-{part}{number:03}",
                part,
                data[part]["source"],
                {operator: {"svc:key": values}},
                {"svc:key": found},
                match,
            )


def _form(form: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Expectation]:
    statement = {"Effect": "Allow", "Principal": row["principal"], "Action": form["action"]}
    if form["action"] != "sts:AssumeRole":
        statement["Resource"] = "*"
    if "condition" in row:
        statement["Condition"] = row["condition"]
    cells = {name: row[name] for name in ("identity", "boundary", "session") if row[name] != "-"}
    lacking = {"nothing": (), **{name: (name,) for name in cells}, "all-of-them": tuple(cells)}
    for label, absent in lacking.items():
        case = {
            "principal": row["caller"],
            "action": form["action"],
            "resource": form["resource"],
            "resource_account": form["resource_account"],
            "context": row.get("context", {}),
            "identity_policies": [_document(UNRELATED if "identity" in absent else EVERYTHING)],
            "resource_policy": _document(statement),
            "permissions_boundary": [_document(UNRELATED if "boundary" in absent else EVERYTHING)],
        }
        if "session" in cells:
            case["session_policies"] = [_document(UNRELATED if "session" in absent else EVERYTHING)]
        blocks = any(cells[name] == "blocks" for name in absent)
        yield Expectation(
            f"form-{row['id']}-without-{label}",
            f"form-{row['id']}",
            form["source"],
            case,
            "implicitDeny" if blocks else "allowed",
            switches=row.get("switches", {}),
            principal_facts=row.get("facts", {}),
        )
