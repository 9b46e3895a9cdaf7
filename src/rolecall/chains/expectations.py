"""What must hold: one line of promise each. A closed set of frozen classes.

Common to all: ``id`` (unique in a chain: the pytest id, the deep link, the key of a waiver), ``title``
(empty: none was given) and ``controls``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.iam.policy_sets import Stage
    from rolecall.iam.strict_json import Place

__all__ = [
    "ActionExpectation",
    "AssumersExpectation",
    "Because",
    "Expectation",
    "HopExpectation",
    "OnlyExpectation",
    "ReachExpectation",
]

DenyKind = Literal["implicit", "explicit"]


@dataclass(frozen=True, slots=True)
class Because:
    """Why a denial must come. None or empty: anything will do.

    ``statement`` is a Sid, or the number of a statement counted from 0. ``policy`` is the name or the
    file of the deciding document. ``condition_key`` is the key of the condition that does not match
    (implicit) or does (explicit).
    """

    kind: DenyKind | None = None
    stage: Stage | None = None
    statement: str | int | None = None
    condition_key: str | None = None
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class ActionExpectation:
    """A principal may, or may not, do these actions on each of these resources.

    ``as_`` is a user, a role (reached over its hops, from ``frm`` where several lead there) or a
    provider. ``on`` holds ARNs, empty: ``*``. ``when`` is request context that the caller can bring about.
    ``parameters`` go into the probe's API call. ``unsafe`` lets a mutating probe run on moto.
    """

    id: str
    as_: str
    allowed: bool
    actions: tuple[str, ...]
    on: tuple[str, ...] = ()
    when: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, hash=False)
    because: Because | None = None
    frm: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    unsafe: bool = False
    title: str = ""
    controls: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ReachExpectation:
    """The whole path to ``role`` works, hop by hop (from ``frm``, where several paths lead there)."""

    id: str
    role: str
    frm: str | None = None
    title: str = ""
    controls: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OnlyExpectation:
    """The closure: over every known action, ``as_`` is allowed exactly ``actions`` (wildcards allowed)."""

    id: str
    as_: str
    actions: tuple[str, ...]
    frm: str | None = None
    when: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, hash=False)
    title: str = ""
    controls: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AssumersExpectation:
    """Exactly these can get into ``role``, in one hop or many.

    An entry of ``exactly`` is a declared name, or a principal: an ARN, an account id, a service, ``*``.
    """

    id: str
    role: str
    exactly: tuple[str, ...]
    title: str = ""
    controls: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class HopExpectation:
    """The hop into ``role``, with some parameters left out or changed, is refused (or still works).

    ``frm`` tells which hop where several lead to the role. ``without`` and the keys of ``changes`` are
    parameters of Hop (``from`` in ``changes`` is another caller). ``Chain.mutated(expectation)`` gives
    the changed Hop.
    """

    id: str
    role: str
    without: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    allowed: bool = False
    because: Because | None = None
    frm: str | None = None
    title: str = ""
    controls: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


Expectation = ActionExpectation | ReachExpectation | OnlyExpectation | AssumersExpectation | HopExpectation
