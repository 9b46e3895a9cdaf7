"""Values of a manifest → the frozen chain. What the form cannot say (references, dates) is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from rolecall.chains.documents import Document, PolicyDocument
from rolecall.chains.expectation_building import build_expectation, build_suppression, build_waiver
from rolecall.chains.hops import Hop
from rolecall.chains.model import Chain, Levels
from rolecall.chains.organizations import Organization
from rolecall.chains.places import Text
from rolecall.chains.principals import Group, OidcProvider, Provider, Role, SamlProvider, User
from rolecall.chains.resources import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rolecall.chains.document_store import DocumentStore
    from rolecall.chains.problems import Problems
    from rolecall.chains.reading import Entry

__all__ = ["Builder"]

T = TypeVar("T")


class Builder:
    """Builds one chain; notes what it cannot build and leaves it out."""

    def __init__(self, manifest: Entry, store: DocumentStore, problems: Problems) -> None:
        self.manifest = manifest
        self.store = store
        self.problems = problems
        self.accounts: dict[str, str] = manifest.get("accounts") or {}

    def chain(self, file: str, folder: str) -> Chain:
        """The chain of the manifest, as far as it could be read."""
        get = self.manifest.get
        return Chain(
            name=get("chain", ""),
            title=get("title", ""),
            region=get("region", "us-east-1"),
            controls=tuple(get("controls", ())),
            accounts=self.accounts,
            policies=self.each("policies", self.policy),
            users=self.each("users", self.user),
            groups=self.each("groups", self.group),
            roles=self.each("roles", self.role),
            providers=self.each("providers", self.provider),
            hops=self.list_of("hops", self.hop),
            expectations=self.list_of(
                "expect",
                lambda where, e: build_expectation(e, self.hop_values(where + ".with", e.get("with"))),
            ),
            waivers=self.list_of("waivers", lambda where, e: build_waiver(e, where, self.problems)),
            suppressions=self.list_of(
                "suppressions", lambda where, e: build_suppression(e, where, self.problems)
            ),
            scps=self.levels("scps"),
            rcps=self.levels("rcps"),
            resources=tuple(
                resource
                for i, entry in enumerate(get("resources", ()))
                for resource in self.resource(f"resources[{i}]", entry, i)
            ),
            organization=self.organization(),
            file=file,
            folder=folder,
        )

    def each(self, field: str, build: Callable[[str, Text, Any], T | None]) -> dict[str, T]:
        found = {}
        for name, value in self.manifest.get(field, {}).items():
            made = build(f"{field}.{name}", name, value)
            if made is not None:
                found[name] = made
        return found

    def list_of(self, field: str, build: Callable[[str, Entry], T | None]) -> tuple[T, ...]:
        made = (build(f"{field}[{i}]", entry) for i, entry in enumerate(self.manifest.get(field, ())))
        return tuple(item for item in made if item is not None)

    def account(self, entry: Mapping[str, Any]) -> str:
        """The alias that an element names, else home, else the only one, else "" (noted by the checks)."""
        if "account" in entry:
            return str(entry["account"]) if not isinstance(entry["account"], Text) else entry["account"]
        if "home" in self.accounts:
            return "home"
        return next(iter(self.accounts)) if len(self.accounts) == 1 else ""

    def documents(self, where: str, files: Mapping[str, Text]) -> dict[str, Document]:
        read = {name: self.store.document(path, f"{where}.{name}") for name, path in files.items()}
        return {name: found for name, found in read.items() if found is not None}

    def policy(self, where: str, name: Text, value: Text | Entry) -> PolicyDocument | None:
        entry: Mapping[str, Any] = {"file": value} if isinstance(value, Text) else value
        document = self.store.document(entry["file"], where)
        if document is None:
            return None
        return PolicyDocument(
            name=name,
            document=document,
            account=self.account(entry),
            aws_name=entry.get("name", name),
            path=entry.get("path", "/"),
            description=entry.get("description", ""),
            tags=entry.get("tags", {}),
            place=name.place,
        )

    def user(self, where: str, name: Text, entry: Entry) -> User:
        return User(
            name=name,
            account=self.account(entry),
            aws_name=entry.get("name", name),
            path=entry.get("path", "/"),
            policies=tuple(entry.get("policies", ())),
            inline=self.documents(f"{where}.inline", entry.get("inline", {})),
            groups=tuple(entry.get("groups", ())),
            boundary=entry.get("boundary"),
            access_key=entry.get("access_key", False),
            mfa=entry.get("mfa", False),
            tags=entry.get("tags", {}),
            place=name.place,
        )

    def group(self, where: str, name: Text, entry: Entry) -> Group:
        return Group(
            name=name,
            account=self.account(entry),
            aws_name=entry.get("name", name),
            path=entry.get("path", "/"),
            policies=tuple(entry.get("policies", ())),
            inline=self.documents(f"{where}.inline", entry.get("inline", {})),
            place=name.place,
        )

    def role(self, where: str, name: Text, entry: Entry) -> Role | None:
        trust = self.store.document(entry["trust"], f"{where}.trust")
        inline = self.documents(f"{where}.inline", entry.get("inline", {}))
        if trust is None:
            return None
        return Role(
            name=name,
            account=self.account(entry),
            trust=trust,
            aws_name=entry.get("name", name),
            path=entry.get("path", "/"),
            policies=tuple(entry.get("policies", ())),
            inline=inline,
            boundary=entry.get("boundary"),
            max_session_duration=entry.get("max_session_duration", 3600),
            description=entry.get("description", ""),
            tags=entry.get("tags", {}),
            place=name.place,
        )

    def provider(self, where: str, name: Text, entry: Entry) -> Provider | None:
        account, tags = self.account(entry), entry.get("tags", {})
        if entry.variant == "url":
            clients = tuple(entry.get("client_ids", ()))
            thumbprints = tuple(entry.get("thumbprints", ()))
            return OidcProvider(name, account, entry["url"], clients, thumbprints, tags, name.place)
        text = self.store.text(entry["metadata"], f"{where}.metadata")
        if text is None:
            return None
        return SamlProvider(name, account, text, entry["metadata"], entry.get("name", name), tags, name.place)

    def hop_values(self, where: str, entry: Entry | None) -> dict[str, Any]:
        """The parameters of a hop that an entry gives, as Hop holds them."""
        values: dict[str, Any] = {}
        for name, value in (entry or {}).items():
            if name == "session_policy":
                found = self.store.document(value, f"{where}.session_policy")
                if found is not None:
                    values[name] = found
            elif name == "claims":
                values[name] = {key: one_or_many(items) for key, items in value.items()}
            else:
                values[name] = tuple(value) if isinstance(value, list) else value
        return values

    def hop(self, where: str, entry: Entry) -> Hop:
        values = self.hop_values(where, entry)
        return Hop(frm=values.pop("from"), place=entry.place, **values)

    def levels(self, field: str) -> dict[str, Levels]:
        return {
            alias: tuple(
                tuple(
                    found
                    for j, path in enumerate(level)
                    if (found := self.store.organization_document(path, f"{field}.{alias}[{i}][{j}]"))
                )
                for i, level in enumerate(levels)
            )
            for alias, levels in self.manifest.get(field, {}).items()
        }

    def organization(self) -> Organization | None:
        entry = self.manifest.get("organization")
        return None if entry is None else Organization(entry["id"], entry["accounts"], entry.place)

    def resource(self, where: str, entry: Entry, index: int) -> list[Resource]:
        kind = entry.variant
        values: Entry = entry[kind]
        properties = {k: v for k, v in values.items() if k not in ("name", "account", "policy", "tags")}
        policy = self.store.document(values["policy"], f"{where}.policy") if "policy" in values else None
        name = values.get("name", f"{kind}-{index}")
        account = self.account(values)
        return [Resource(kind, name, account, properties, policy, values.get("tags", {}), values.place)]


def one_or_many(items: list[Text]) -> Text | tuple[Text, ...]:
    """A single value as itself, several as a tuple."""
    return items[0] if len(items) == 1 else tuple(items)
