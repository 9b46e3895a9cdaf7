"""``evaluate(request, policies) → Decision``: allowed, explicitly denied or implicitly denied, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.iam.decisions import Decision
from rolecall.iam.formula import decide
from rolecall.iam.switches import Switches

if TYPE_CHECKING:
    from rolecall.iam.policy_sets import Policies
    from rolecall.iam.requests import Request

__all__ = ["evaluate"]

_DEFAULT = Switches()


def evaluate(request: Request, policies: Policies, switches: Switches = _DEFAULT) -> Decision:
    """Decide a request.

    In: the request, the policies that apply to it by type, and how to read what AWS leaves open. Out: a
    Decision, whose explanation is computed only when asked for. Never raises for parsed policies.
    """
    return Decision(decide(request, policies, switches), request, policies, switches)
