"""Where the peer departs from AWS, each with the page that decides.

A departure is written as a changed rule of the plain evaluator (tests/iam/plain_evaluator.py). A
difference is explained only when the plain evaluator gives our verdict with AWS's rules and the peer's
verdict with the departures: the list cannot hide a defect that merely stands beside one of them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from plain_evaluator import PlainCase, verdict

__all__ = ["DEPARTURES", "explain"]


class RootAssumesRoles(PlainCase):
    """STS refuses AssumeRole by the root user, whatever policies say; the peer only reads policies.

    id_roles_terms-and-concepts; STS answers "Roles may not be assumed by root accounts."
    """

    def barred(self) -> bool:
        return not self.principal.endswith(":root") and super().barred()


class FederatedUsersCallIamAndSts(PlainCase):
    """GetFederationToken credentials cannot call IAM, nor STS but for GetCallerIdentity.

    STS API Reference, GetFederationToken.
    """

    def barred(self) -> bool:
        return ":federated-user/" not in self.principal and super().barred()


class FederatedUsersNeedNoSessionPolicy(PlainCase):
    """Without a session policy a federated user has only what a resource's policy gives the session.

    STS API Reference, GetFederationToken; id_credentials_temp_control-access_getfederationtoken.
    (Contested: reference_policies_evaluation-logic_policy-eval-denyallow speaks of a default policy;
    see the switch federated_session_without_policy_allows.)
    """

    def session_allows(self) -> bool:
        return self.session is None or super().session_allows()


class SessionPoliciesLimitEveryGrant(PlainCase):
    """A resource's policy that names the session ARN, or everybody, is not limited by the session policy.

    access_policies#policies_session; reference_policies_evaluation-logic_policy-eval-denyallow.
    """

    def granted(self) -> bool:
        return super().granted() and (self.session is None or self.session_allows())


class ZeroPrefixIsOneAddress(PlainCase):
    """0.0.0.0/0 is every IPv4 address.

    reference_policies_elements_condition_operators, IP address: CIDR notation of RFC 4632.
    """

    def inside(self, value: str, wanted: str) -> bool:
        return wanted != "0.0.0.0/0" and super().inside(value, wanted)


class UnresolvedNotResourceExcludesAll(PlainCase):
    """A NotResource entry whose variable has no value excludes nothing.

    reference_policies_variables#policy-vars-no-value.
    """

    def spares(self, pattern: str, new: bool) -> bool:
        return self.tokens(pattern, new) is None or super().spares(pattern, new)


class UnresolvedVariableNeverMatches(PlainCase):
    """A variable without value does not match, and so a negated operator does.

    reference_policies_variables#policy-vars-no-value.
    """

    def holds(self, operator: str, key: str, wanted: list[str], new: bool) -> bool:
        texts = operator.split(":")[-1].startswith(("String", "Arn"))
        negated = "Not" in operator and key.lower() in self.context
        if texts and negated and any(self.tokens(value, new) is None for value in wanted):
            return False
        return super().holds(operator, key, wanted, new)


class OtherFamilyIsNotOutside(PlainCase):
    """An IPv6 address is in no IPv4 range, and so NotIpAddress matches.

    reference_policies_elements_condition_operators, IP address: NotIpAddress is every address but the range.
    """

    def holds(self, operator: str, key: str, wanted: list[str], new: bool) -> bool:
        value = self.context.get(key.lower())
        if "NotIpAddress" in operator and isinstance(value, str):
            version = ipaddress.ip_address(value).version
            if any(ipaddress.ip_network(item, strict=False).version != version for item in wanted):
                return False
        return super().holds(operator, key, wanted, new)


class EscapesOnlyInPatterns(PlainCase):
    """${*}, ${?} and ${$} stand for the character wherever variables do, under StringEquals as well.

    reference_policies_variables#policy-vars-specialchars: predefined variables with fixed values.
    """

    def compare(self, operator: str, value: str, wanted: str, new: bool) -> bool:
        if operator.startswith("StringEquals") and any(mark in wanted for mark in ("${*}", "${?}", "${$}")):
            return value == wanted
        return super().compare(operator, value, wanted, new)


DEPARTURES: tuple[type[PlainCase], ...] = (
    RootAssumesRoles,
    FederatedUsersCallIamAndSts,
    FederatedUsersNeedNoSessionPolicy,
    SessionPoliciesLimitEveryGrant,
    ZeroPrefixIsOneAddress,
    UnresolvedNotResourceExcludesAll,
    UnresolvedVariableNeverMatches,
    OtherFamilyIsNotOutside,
    EscapesOnlyInPatterns,
)


def explain(case: Mapping[str, Any], ours: str, theirs: str) -> tuple[str, ...]:
    """The fewest departures that turn our verdict into theirs; empty when none do."""
    if verdict(case) != ours:
        return ()
    for size in (1, 2, 3):
        for chosen in combinations(DEPARTURES, size):
            if type("Departed", chosen, {})(case).verdict() == theirs:
                return tuple(kind.__name__ for kind in chosen)
    return ()
