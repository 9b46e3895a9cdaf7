"""Names of seeded resources under a run's prefix; ARNs and patterns that speak of them follow.

A name or pattern gets the prefix where it can mean a seeded resource. A name that nobody seeds gets it too
where a changed pattern took it in, so that each pattern takes in what it did before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rolecall.chains.resource_arns import resource_arn
from rolecall.errors import InputError

if TYPE_CHECKING:
    from rolecall.chains.model import Chain
    from rolecall.chains.resources import Resource

__all__ = ["ResourceRenaming"]

_SPOKEN = {
    # kind: service, what stands before the name in an ARN, what may follow it, the longest name
    "s3_bucket": ("s3", "", "/", 63),
    "sqs_queue": ("sqs", "", "", 80),
    "sns_topic": ("sns", "", ":", 256),
    "dynamodb_table": ("dynamodb", "table/", "/", 255),
    "secret": ("secretsmanager", "secret:", "-", 512),
    "ssm_parameter": ("ssm", "parameter/", "/", 1011),
    "kms_key": ("kms", "key/", "", 250),
    "log_group": ("logs", "log-group:", ":", 512),
}
"""Of an instance, AWS chooses the id; its Name tag is nobody's alone."""

_PARAMETERS = {
    "Bucket": "s3_bucket", "QueueName": "sqs_queue", "TableName": "dynamodb_table", "SecretId": "secret",
    "Name": "ssm_parameter", "Path": "ssm_parameter", "KeyId": "kms_key", "logGroupName": "log_group",
}  # fmt: skip
_QUEUE_URL = re.compile(r"(?P<head>https?://[^/]+/[0-9]{12}/)(?P<name>[^/]+)")
_TAKES_IN_THE_PREFIX = ("*", "${aws:username}")
"""A leading wildcard does; a user's own name has the same prefix."""
_WILD = re.compile(r"[*?]|\$\{[^}]*\}")


class ResourceRenaming:
    """Of a chain's seeds to a prefix. ``mentioned``: every text of the chain that may speak of them.

    ``users``: names of users and what they become. Where a document says ``${aws:username}``, parts of
    ARNs and names that are a user's name follow it. Raises InputError where a
    pattern cannot be made to mean the same.
    """

    def __init__(
        self, chain: Chain, prefix: str, mentioned: Iterable[str], users: Mapping[str, str] | None = None
    ) -> None:
        self._prefix = prefix
        texts = tuple(dict.fromkeys(mentioned))
        spoken = any("${aws:username}" in text.lower() for text in texts)
        self._users = dict(users or {}) if spoken else {}
        self._seeds = {
            kind: tuple(item.name.removeprefix("/") for item in chain.resources if item.kind == kind)
            for kind in _SPOKEN
            if prefix
        }
        if not any(self._seeds.values()):
            self._seeds = {}
            return
        self._stems = self._stems_of(texts)
        self._check(chain, texts)

    def resource(self, resource: Resource) -> Resource:
        """A seeded resource under its new name."""
        if "objects" in resource.properties:
            objects = {self._own(key): text for key, text in resource.properties["objects"].items()}
            resource = replace(resource, properties={**resource.properties, "objects": objects})
        if resource.kind not in self._seeds:
            return resource
        slash = "/" if resource.name.startswith("/") else ""
        return replace(resource, name=slash + self._named(resource.kind, resource.name.removeprefix("/")))

    def text(self, value: str) -> str:
        """An ARN or a key's alias with the name that it speaks of; any other text as it stands."""
        if value.startswith("alias/") and self._seeds.get("kms_key"):
            return "alias/" + self._tail("kms_key", value.removeprefix("alias/"))
        found = self._spoken_of(value)
        if found is None:
            return self._own(value) if _is_resource(value) else value
        kind, at = found
        return value[:at] + self._own(self._tail(kind, value[at:]))

    def parameter(self, name: str, value: str) -> str:
        """A call's parameter: a plain name, or what any text may be."""
        if name in ("Key", "Prefix", "Path", "Name"):
            value = self._own(value)
        kind = _PARAMETERS.get(name)
        if kind in self._seeds and not value.startswith("arn:"):
            bare = value.removeprefix("/")
            if bare in self._seeds[kind]:
                return value[: len(value) - len(bare)] + self._named(kind, bare)
            if name == "Path" and any(seed.startswith(f"{bare}/") for seed in self._seeds[kind]):
                return f"/{self._prefix}{bare}"
        queue = _QUEUE_URL.fullmatch(value) if name == "QueueUrl" else None
        if queue is not None and queue["name"] in self._seeds.get("sqs_queue", ()):
            return queue["head"] + self._named("sqs_queue", queue["name"])
        return self.text(value)

    def data(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """A call's parameters; lists and maps in them are rewritten elsewhere."""
        return {k: self.parameter(k, v) if isinstance(v, str) else v for k, v in value.items()}

    def _spoken_of(self, value: str) -> tuple[str, int] | None:
        """The kind, and where in an ARN the name begins."""
        fields = value.split(":", 5)
        if len(fields) < 6 or fields[0] != "arn":
            return None
        start = len(value) - len(fields[5])
        for kind, (service, before, _, _) in _SPOKEN.items():
            heads = (before, "alias/") if kind == "kms_key" else (before,)
            for head in heads:
                if fields[2] == service and self._seeds.get(kind) and fields[5].startswith(head):
                    return kind, start + len(head)
        return None

    def _tail(self, kind: str, tail: str) -> str:
        if tail.startswith("/"):
            return "/" + self._tail(kind, tail[1:])
        if tail.startswith(_TAKES_IN_THE_PREFIX):
            return tail
        literal, wild = _literal(tail)
        name = self._seed_of(kind, literal)
        if name is not None:
            return self._named(kind, name) + tail[len(name) :]
        if any(literal.startswith(stem) for stem in self._stems[kind]):
            return self._prefix + tail
        # A pattern of an expectation that was not among the texts.
        if wild and any(seed.startswith(literal) for seed in self._seeds[kind]):
            return self._prefix + tail
        return tail

    def _seed_of(self, kind: str, literal: str) -> str | None:
        """The seed whose name a text begins with, if that ends there."""
        after = _SPOKEN[kind][2]
        for name in sorted(self._seeds[kind], key=len, reverse=True):
            if literal == name or (literal.startswith(name) and after and literal[len(name)] in after):
                return name
        return None

    def _stems_of(self, texts: Sequence[str]) -> dict[str, set[str]]:
        """What patterns begin with that can take in a seed, or whatever such a pattern can take in."""
        found = (self._spoken_of(text) for text in texts)
        spoken = [
            (one[0], text[one[1] :].removeprefix("/"))
            for one, text in zip(found, texts, strict=True)
            if one is not None
        ]
        begins = {
            (kind, _literal(tail)[0])
            for kind, tail in spoken
            if _literal(tail)[1] and not tail.startswith(_TAKES_IN_THE_PREFIX)
        }
        stems: dict[str, set[str]] = {
            kind: {
                literal
                for of, literal in begins
                if of == kind and any(seed.startswith(literal) for seed in seeds)
            }
            for kind, seeds in self._seeds.items()
        }
        for kind, literal in begins:
            if any(stem.startswith(literal) for stem in stems[kind]):
                stems[kind].add(literal)
        return stems

    def _check(self, chain: Chain, texts: Iterable[str]) -> None:
        """Each pattern takes in the seeds that it took in, and no other."""
        for item in chain.resources:
            if item.kind not in self._seeds:
                continue
            old, new = resource_arn(chain, item), resource_arn(chain, self.resource(item))
            ends = ("", "/") if item.kind == "s3_bucket" else ("",)
            for text in texts:
                if not _WILD.search(text) or text == "*":
                    continue
                before, after = _regex(text), _regex(self.text(text))
                if any(bool(before.match(old + end)) is not bool(after.match(new + end)) for end in ends):
                    named = self.resource(item).name
                    raise InputError(
                        f'"{text}" cannot be made to mean {item.name} under another name, {named}',
                        hint="name the resource in full, or end the pattern earlier",
                    )

    def _own(self, value: str) -> str:
        """Parts that are a user's name."""
        if not self._users:
            return value
        parts = re.split(r"([/:])", value)
        return "".join(self._users.get(part, part) for part in parts)

    def _named(self, kind: str, name: str) -> str:
        longest = _SPOKEN[kind][3]
        whole = self._prefix + self._own(name)
        if len(whole) <= longest:
            return whole
        end = ".fifo" if name.endswith(".fifo") else ""
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        room = longest - 9 - len(end)
        return f"{whole[:room].rstrip('.-/')}-{digest}{end}"


def _is_resource(value: str) -> bool:
    """Whether it is an ARN, of no principal."""
    return value.startswith("arn:") and value.split(":", 3)[2:3] not in (["iam"], ["sts"])


def _literal(tail: str) -> tuple[str, bool]:
    """What stands before the first wildcard or variable, and whether there is one."""
    found = _WILD.search(tail)
    return (tail, False) if found is None else (tail[: found.start()], True)


def _regex(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\$\{[^}]*\}|[*?])", pattern)
    body = "".join("." if p == "?" else ".*" if i % 2 else re.escape(p) for i, p in enumerate(parts))
    return re.compile(f"^{body}$", re.DOTALL)
