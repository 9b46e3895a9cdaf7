"""Who takes part in a chain: users, groups, roles and identity providers.

``name`` is the key in the manifest, what hops and expectations say; ``aws_name`` is the name in IAM.
They differ when the manifest says so or when the chain was rebased. ``account`` is an alias of
``Chain.accounts``. An entry of ``policies`` or ``boundary`` is a declared policy's name or the ARN of
a managed policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.chains.documents import Document
    from rolecall.iam.strict_json import Place

__all__ = ["Group", "OidcProvider", "Provider", "Role", "SamlProvider", "User"]


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user. ``mfa``: has a virtual MFA device. ``inline``: inline policies by name."""

    name: str
    account: str
    aws_name: str = ""
    path: str = "/"
    policies: tuple[str, ...] = ()
    inline: Mapping[str, Document] = field(default_factory=dict, hash=False)
    groups: tuple[str, ...] = ()
    boundary: str | None = None
    access_key: bool = False
    mfa: bool = False
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.aws_name:
            object.__setattr__(self, "aws_name", self.name)


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM group; users name the groups that they are members of."""

    name: str
    account: str
    aws_name: str = ""
    path: str = "/"
    policies: tuple[str, ...] = ()
    inline: Mapping[str, Document] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.aws_name:
            object.__setattr__(self, "aws_name", self.name)


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role. ``max_session_duration`` in seconds, 3,600 to 43,200."""

    name: str
    account: str
    trust: Document
    aws_name: str = ""
    path: str = "/"
    policies: tuple[str, ...] = ()
    inline: Mapping[str, Document] = field(default_factory=dict, hash=False)
    boundary: str | None = None
    max_session_duration: int = 3600
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.aws_name:
            object.__setattr__(self, "aws_name", self.name)


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect provider. ``url`` starts with ``https://``; ``client_ids`` are audiences."""

    name: str
    account: str
    url: str
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def host(self) -> str:
        """The URL without its scheme: the name in ARNs, and the prefix of its condition keys."""
        return self.url.removeprefix("https://").rstrip("/")


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """A SAML 2.0 provider. ``metadata`` is the text of its metadata document, ``path`` its file."""

    name: str
    account: str
    metadata: str = field(repr=False)
    path: str = ""
    aws_name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.aws_name:
            object.__setattr__(self, "aws_name", self.name)


Provider = OidcProvider | SamlProvider
