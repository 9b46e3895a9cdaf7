"""A second evaluator, to hold the engine against: slow, plain, written from AWS's pages alone.

It reads the JSON of a case directly and shares nothing with the engine: no parser, no patterns, no
indexes. Every function is one table or rule of the IAM User Guide. It decides what random_cases.py asks.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

__all__ = ["PlainCase", "verdict"]

Token = tuple[str, str]


def verdict(case: Mapping[str, Any]) -> str:
    """allowed, implicitDeny or explicitDeny for a case of ``rolecall simulate``."""
    return PlainCase(case).verdict()


class PlainCase:
    """A case, and one method for each rule. Subclasses may change a rule, to say what another engine does."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.principal: str = case["principal"]
        self.action: str = case["action"]
        self.resource: str = case.get("resource") or "*"
        self.context = {key.lower(): value for key, value in case.get("context", {}).items()}
        self.account = self.principal.split(":")[4] if self.principal.startswith("arn:") else None
        self.resource_account = case.get("resource_account") or self.account
        self.identity = case.get("identity_policies") or []
        self.attached = [case["resource_policy"]] if case.get("resource_policy") else []
        self.boundary = case.get("permissions_boundary") or None
        self.session = case.get("session_policies") or None
        self.scps = case.get("scps") or []
        self.rcps = case.get("rcps") or []

    def verdict(self) -> str:
        """reference_policies_evaluation-logic: a Deny anywhere, then what must allow."""
        if self.barred():
            return "implicitDeny"
        has_scps = self.account is not None and bool(self.scps)
        scp_documents = [document for level in self.scps for document in level] if has_scps else []
        rcp_documents = [document for level in self.rcps for document in level]
        mine = [*self.identity, *(self.boundary or []), *(self.session or []), *scp_documents]
        if self.any("Deny", mine) or self.any_for_me("Deny", [*self.attached, *rcp_documents]):
            return "explicitDeny"
        if has_scps and not all(self.any("Allow", level) for level in self.scps):
            return "implicitDeny"
        return "allowed" if self.granted() else "implicitDeny"

    def barred(self) -> bool:
        """Calls that the credentials cannot make at all, whatever the policies say.

        STS-API:GetFederationToken (no IAM, nothing of STS but GetCallerIdentity);
        id_roles_terms-and-concepts (root assumes no roles).
        """
        if ":federated-user/" in self.principal:
            return self.action.split(":")[0] in ("iam", "sts")
        return self.principal.endswith(":root") and self.action == "sts:AssumeRole"

    def granted(self) -> bool:
        forms = self.granting_forms()
        if self.account is None:  # a service or nobody: only the resource's policy can say yes
            return "direct" in forms
        root = self.principal.endswith(":root")
        identity = root or self.any("Allow", self.identity)
        boundary = self.boundary is None or self.any("Allow", self.boundary)
        session = self.session_allows()
        mine = identity and boundary and session
        if self.account != self.resource_account:
            return mine and bool(forms)
        if "direct" in forms or ("entity" in forms and boundary and session):
            return True
        if self.action in ("sts:AssumeRole", "kms:Decrypt"):
            return "account" in forms and mine
        return mine

    def session_allows(self) -> bool:
        """No session policy: a role session keeps all that the role has, a federated user has nothing."""
        if self.session is None:
            return ":federated-user/" not in self.principal
        return self.any("Allow", self.session)

    def granting_forms(self) -> set[str]:
        """How the resource's policy names the caller where it allows: the table of principal forms."""
        found: set[str] = set()
        for document in self.attached:
            for statement in _list(document["Statement"]):
                if statement["Effect"] == "Allow" and self.applies(statement, document):
                    found |= self.forms(statement["Principal"])
        return found

    def forms(self, principal: Any) -> set[str]:
        if principal == "*":
            return {"direct"}
        found: set[str] = set()
        if self.principal in _list(principal.get("Service", [])):
            found.add("direct")
        for entry in _list(principal.get("AWS", [])):
            if entry in ("*", self.principal) and not entry.endswith(":root"):
                found.add("direct")
            elif self.account and entry in (self.account, f"arn:aws:iam::{self.account}:root"):
                found.add("account")
            elif ":assumed-role/" in self.principal:
                role = self.principal.split("/")[1]
                if entry == f"arn:aws:iam::{self.account}:role/{role}":
                    found.add("entity")
        return found

    def any(self, effect: str, documents: list[Any]) -> bool:
        return any(
            statement["Effect"] == effect and self.applies(statement, document)
            for document in documents
            for statement in _list(document["Statement"])
        )

    def any_for_me(self, effect: str, documents: list[Any]) -> bool:
        return any(
            statement["Effect"] == effect and self.names_me(statement) and self.applies(statement, document)
            for document in documents
            for statement in _list(document["Statement"])
        )

    def names_me(self, statement: Mapping[str, Any]) -> bool:
        if "Principal" in statement:
            return bool(self.forms(statement["Principal"]))
        # NotPrincipal spares whoever is listed together with all that contains it: session, role, account
        if self.boundary is not None or self.account is None:
            return True
        listed = _list(statement["NotPrincipal"]["AWS"])
        needed = [[self.account, f"arn:aws:iam::{self.account}:root"]]
        if not self.principal.endswith(":root"):
            needed.append([self.principal])
        if ":assumed-role/" in self.principal:
            needed.append([f"arn:aws:iam::{self.account}:role/{self.principal.split('/')[1]}"])
        return not all(any(name in listed for name in names) for names in needed)

    def applies(self, statement: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
        new = document.get("Version") == "2012-10-17"
        if "Action" in statement:
            acts = any(self.acts(pattern) for pattern in _list(statement["Action"]))
        else:
            acts = not any(self.acts(pattern) for pattern in _list(statement["NotAction"]))
        if not acts:
            return False
        if "Resource" in statement:
            if not any(self.is_on(pattern, new) for pattern in _list(statement["Resource"])):
                return False
        elif "NotResource" in statement and any(
            self.spares(pattern, new) for pattern in _list(statement["NotResource"])
        ):
            return False
        return all(
            self.holds(operator, key, [_text(value) for value in _list(values)], new)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )

    def acts(self, pattern: str) -> bool:
        return _glob(_wildcards(pattern.lower()), self.action.lower())

    def is_on(self, pattern: str, new: bool) -> bool:
        tokens = self.tokens(pattern, new)
        return tokens is not None and _glob(tokens, self.resource)

    def spares(self, pattern: str, new: bool) -> bool:
        return self.is_on(pattern, new)

    def tokens(self, pattern: str, new: bool) -> tuple[Token, ...] | None:
        """reference_policies_variables. None: a variable has no value and no default."""
        if not new:
            return _wildcards(pattern)
        tokens: list[Token] = []
        position = 0
        for found in re.finditer(r"\$\{(\*|\?|\$|[^,}]+)(?:, '([^']*)')?\}", pattern):
            tokens += _wildcards(pattern[position : found.start()])
            position = found.end()
            name, default = found.groups()
            if name in "*?$":
                tokens.append(("is", name))
                continue
            value = self.context.get(name.lower())
            if isinstance(value, (list, tuple)):
                value = None
            value = default if value is None else _text(value)
            if value is None:
                return None
            tokens += [("is", letter) for letter in value]
        return (*tokens, *_wildcards(pattern[position:]))

    def holds(self, operator: str, key: str, wanted: list[str], new: bool) -> bool:
        """reference_policies_elements_condition_operators and …_condition-single-vs-multi-valued…"""
        quantifier, _, rest = operator.rpartition(":")
        if_exists = rest.endswith("IfExists")
        base = rest.removesuffix("IfExists")
        found = self.context.get(key.lower())
        values = None if found is None else [_text(item) for item in _list(found)]
        if base == "Null":
            if quantifier:
                return quantifier == "ForAllValues"
            is_null = values is None or all(value == "" for value in values)
            return is_null == (wanted[0].lower() == "true")
        if not values:
            if if_exists:
                return True  # "if the key is not present … evaluate the condition element as true"
            return quantifier == "ForAllValues" if quantifier else "Not" in base
        negated = "Not" in base
        positive = base.replace("Not", "")

        def one(value: str) -> bool:
            return any(self.compare(positive, value, item, new) for item in wanted)

        hits = [one(value) for value in values]
        if quantifier == "ForAllValues":
            return not any(hits) if negated else all(hits)
        if quantifier == "ForAnyValue":
            return not all(hits) if negated else any(hits)
        return not any(hits) if negated else any(hits)

    def compare(self, operator: str, value: str, wanted: str, new: bool) -> bool:
        if operator.startswith(("String", "Arn")):
            tokens = self.tokens(wanted, new)
            if tokens is None:
                return False
            if operator.startswith("Arn"):
                return _arn(tokens, value)
            if operator == "StringLike":
                return _glob(tokens, value)
            # wildcards mean nothing here: read them as letters
            text = "".join(letter if kind == "is" else kind for kind, letter in tokens)
            if operator == "StringEqualsIgnoreCase":
                return text.lower() == value.lower()
            return text == value
        if operator.startswith("Numeric"):
            return _ordered(operator[7:], _number(value), _number(wanted))
        if operator.startswith("Date"):
            return _ordered(operator[4:], _date(value), _date(wanted))
        if operator == "Bool":
            return value.lower() == wanted.lower() and wanted.lower() in ("true", "false")
        if operator == "IpAddress":
            return self.inside(value, wanted)
        raise AssertionError(operator)

    def inside(self, value: str, wanted: str) -> bool:
        try:
            address, network = ipaddress.ip_address(value), ipaddress.ip_network(wanted, strict=False)
        except ValueError:
            return False
        return address.version == network.version and address in network


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _wildcards(text: str) -> tuple[Token, ...]:
    return tuple((letter, "") if letter in "*?" else ("is", letter) for letter in text)


def _glob(tokens: tuple[Token, ...], text: str) -> bool:
    @cache
    def match(at: int, position: int) -> bool:
        if at == len(tokens):
            return position == len(text)
        kind, letter = tokens[at]
        if kind == "*":
            return match(at + 1, position) or (position < len(text) and match(at, position + 1))
        if position == len(text):
            return False
        return (kind == "?" or letter == text[position]) and match(at + 1, position + 1)

    return match(0, 0)


def _arn(tokens: tuple[Token, ...], value: str) -> bool:
    fields: list[list[Token]] = [[]]
    for token in tokens:
        if token == ("is", ":") and len(fields) < 6:
            fields.append([])
        else:
            fields[-1].append(token)
    parts = value.split(":", 5)
    if len(fields) != 6 or len(parts) != 6 or parts[0] != "arn":
        return False
    return all(_glob(tuple(field), part) for field, part in zip(fields, parts, strict=True))


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(text: str) -> datetime | None:
    if re.fullmatch(r"\d{5,}", text):
        return datetime.fromtimestamp(int(text), UTC)
    found = re.fullmatch(
        r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?", text
    )
    if found is None:
        return None
    numbers = [int(part) if part else None for part in found.groups()[:6]]
    zone = found.group(7)
    offset = timedelta(0)
    if zone and zone != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])) * (1 if zone[0] == "+" else -1)
    year, month, day, hour, minute, second = numbers
    return datetime(
        year or 1, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=timezone(offset)
    )


def _ordered(comparison: str, value: Any, wanted: Any) -> bool:
    if value is None or wanted is None:
        return False
    return {
        "Equals": value == wanted,
        "LessThan": value < wanted,
        "LessThanEquals": value <= wanted,
        "GreaterThan": value > wanted,
        "GreaterThanEquals": value >= wanted,
    }[comparison]
