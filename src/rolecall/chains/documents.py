"""Policy documents as a chain refers to them: the file, and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rolecall.iam.documents import Policy, parse_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.iam.strict_json import Place

__all__ = ["FULL_AWS_ACCESS", "Document", "PolicyDocument", "document"]


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document that is attached to one thing: a trust, inline, session or resource policy, an SCP.

    ``path`` is relative to the manifest's folder; ``policy.file`` is the path to open.
    """

    path: str
    policy: Policy
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The document as it is deployed: the file's own text, else JSON of the parsed policy."""
        return self.policy.text if self.policy.text is not None else json.dumps(self.policy.to_json())


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A customer managed policy.

    ``name`` is what the manifest calls it, ``aws_name`` its name in IAM, ``document`` what it says,
    ``account`` the alias of the account that owns it, ``path`` its IAM path.
    """

    name: str
    document: Document
    account: str
    aws_name: str = ""
    path: str = "/"
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.aws_name:
            object.__setattr__(self, "aws_name", self.name)

    @property
    def policy(self) -> Policy:
        """The parsed document."""
        return self.document.policy

    @property
    def text(self) -> str:
        """The document as it is deployed."""
        return self.document.text


def document(source: str | Mapping[str, Any], *, name: str = "policy") -> Document:
    """A Document from JSON text or JSON data, for chains that are written in Python."""
    text = source if isinstance(source, str) else json.dumps(source)
    return Document(name, parse_policy(text, name=name))


_FULL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'

FULL_AWS_ACCESS = Document("FullAWSAccess", parse_policy(_FULL, name="FullAWSAccess"))
"""The policy that AWS Organizations attaches everywhere by default; a manifest may name it."""
