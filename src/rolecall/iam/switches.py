"""What AWS's own pages leave open, or say twice and differently: each a switch with a safe default.

Safe means: access is rather reported than overlooked, since a "denied" that AWS would allow is the
error that a verification suite must not make. An explanation marks a decision that hangs on one of
these as contested.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Switches"]


@dataclass(frozen=True, slots=True)
class Switches:
    """Behaviours to choose. The defaults are what ``docs/switches.md`` explains."""

    boundary_limits_direct_trust: bool = False
    """Same account, a trust policy that names the user: must the user's boundary allow sts:AssumeRole?

    "Update a role trust policy" says it may have to; the evaluation logic says it need not.
    """

    federated_session_without_policy_allows: bool = False
    """GetFederationToken without a session policy: does the session hold the user's permissions?

    The API reference says it holds none; the evaluation page speaks of a default session policy.
    """

    variables_in_bool: bool = False
    """Policy variables in the values of Bool: the operators page says yes, the variables page no."""

    plain_operator_needs_single_value: bool = False
    """A multivalued key under an operator without ForAllValues or ForAnyValue: never matches?

    Undocumented. By default one matching value is enough, and a negated operator is its opposite.
    """

    negated_empty_values_match: bool = True
    """A negated operator with an empty list of values: matches? Undocumented."""

    variables_anywhere_in_arn: bool = False
    """Policy variables before the fifth colon of a Resource (the account, say): filled in?

    The variables page says they are not; one AWS managed policy relies on it.
    """
