"""A policy made ready for many questions: statements indexed by action, patterns and conditions prepared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rolecall.iam.conditions import CompiledCondition, compile_condition
from rolecall.iam.documents import Effect
from rolecall.iam.grants import CompiledPrincipal
from rolecall.iam.variables import Template, read_template
from rolecall.iam.wildcards import Matcher, compile_glob, has_wildcard, tokenize

if TYPE_CHECKING:
    from rolecall.iam.documents import Policy, Statement
    from rolecall.iam.policy_sets import Policies
    from rolecall.iam.requests import NormalValue
    from rolecall.iam.switches import Switches

__all__ = [
    "CompiledGroup",
    "CompiledPolicy",
    "CompiledStatement",
    "compiled",
    "compiled_identity",
    "completed",
]

_COST = {"Null": 0, "Bool": 1, "String": 2, "Numeric": 3, "Ip": 4, "Date": 5, "Arn": 6, "Binary": 7}
_REMEMBERED = 64
"""For how many actions a policy remembers which of its statements speak of them."""


class CompiledStatement:
    """One statement made ready."""

    __slots__ = (
        "_action_globs",
        "_exact_actions",
        "_exact_resources",
        "_resource_globs",
        "_resource_prefixes",
        "_resource_templates",
        "_tests",
        "any_action",
        "any_resource",
        "conditions",
        "not_action",
        "not_resource",
        "principal",
        "statement",
    )

    def __init__(self, statement: Statement, *, variables: bool, switches: Switches) -> None:
        self.statement = statement
        actions = [action.lower() for action in statement.actions]
        self.not_action = statement.not_action
        self.any_action = "*" in actions
        self._exact_actions = frozenset(action for action in actions if not has_wildcard(action))
        self._action_globs = [compile_glob(action) for action in actions if has_wildcard(action)]
        self.not_resource = statement.not_resource
        self.any_resource = statement.resources is None or "*" in statement.resources
        self._exact_resources: set[str] = set()
        self._resource_prefixes: tuple[str, ...] = ()
        self._resource_globs: list[Matcher] = []
        self._resource_templates: list[Template] = []
        if not self.any_resource:
            for resource in statement.resources or ():
                self._add_resource(resource, variables, switches)
        self.conditions: list[CompiledCondition] = [
            compile_condition(condition, variables=variables, switches=switches)
            for condition in statement.conditions
        ]
        self._tests = [c.test for c in sorted(self.conditions, key=_cost)]
        self.principal = CompiledPrincipal(statement.principal) if statement.principal else None

    def _add_resource(self, resource: str, variables: bool, switches: Switches) -> None:
        complete = completed(resource)
        pattern: str | Template = complete
        if variables and "${" in complete:
            pattern = _resource_template(complete, everywhere=switches.variables_anywhere_in_arn)
        if isinstance(pattern, Template):
            self._resource_templates.append(pattern)
        elif pattern.endswith("*") and not has_wildcard(pattern[:-1]):
            self._resource_prefixes = (*self._resource_prefixes, pattern[:-1])
        elif has_wildcard(pattern):
            self._resource_globs.append(compile_glob(pattern))
        else:
            self._exact_resources.add(pattern)

    def matches_action(self, action: str) -> bool:
        """Whether Action or NotAction matches an action in lower case."""
        listed = (
            self.any_action
            or action in self._exact_actions
            or any(glob(action) for glob in self._action_globs)
        )
        return listed is not self.not_action

    def matches_resource(self, resource: str, context: Mapping[str, NormalValue]) -> bool:
        """Whether Resource or NotResource matches; a statement without either matches its own resource."""
        if self.any_resource:
            return not self.not_resource
        return self._lists(resource, context) is not self.not_resource

    def _lists(self, resource: str, context: Mapping[str, NormalValue]) -> bool:
        if resource in self._exact_resources or resource.startswith(self._resource_prefixes):
            return True
        for glob in self._resource_globs:
            if glob(resource):
                return True
        templates = self._resource_templates
        return bool(templates) and any(template.matches(resource, context) for template in templates)

    def matches_conditions(self, context: Mapping[str, NormalValue]) -> bool:
        """Whether every condition holds."""
        # cheap ones first; a loop, for this is where decisions spend their time
        for test in self._tests:  # noqa: SIM110
            if not test(context):
                return False
        return True

    @property
    def resource_reads(self) -> tuple[str, ...]:
        """Context keys that the variables of Resource need."""
        return tuple(key for template in self._resource_templates for key in template.keys)


class _ActionIndex:
    """The statements of one effect, found by action without looking at all of them."""

    __slots__ = ("_by_action", "_by_service", "_known", "_rest")

    def __init__(self, statements: list[CompiledStatement]) -> None:
        self._by_action: dict[str, list[CompiledStatement]] = {}
        self._by_service: dict[str, list[CompiledStatement]] = {}
        self._rest: list[CompiledStatement] = []
        self._known: dict[str, tuple[CompiledStatement, ...]] = {}
        for statement in statements:
            if statement.not_action or statement.any_action:
                self._rest.append(statement)
                continue
            services: set[str] = set()
            for action in statement.statement.actions:
                lowered = action.lower()
                if not has_wildcard(lowered):
                    found = self._by_action.setdefault(lowered, [])
                    if statement not in found:
                        found.append(statement)
                    continue
                service = lowered.partition(":")[0]
                services.add("*" if has_wildcard(service) else service)
            if "*" in services:
                self._rest.append(statement)
            else:
                for service in services:
                    self._by_service.setdefault(service, []).append(statement)

    def candidates(self, action: str) -> tuple[CompiledStatement, ...]:
        """Statements whose Action element matches."""
        found = self._known.get(action)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[action] = tuple(dict.fromkeys(self._find(action)))
        return found

    def _find(self, action: str) -> Iterator[CompiledStatement]:
        exact = self._by_action.get(action)
        if exact is not None:
            yield from exact
        if self._by_service:
            for statement in self._by_service.get(action.partition(":")[0], ()):
                if statement.matches_action(action):
                    yield statement
        for statement in self._rest:
            if statement.matches_action(action):
                yield statement


class CompiledPolicy:
    """A policy made ready, under one setting of the switches."""

    __slots__ = ("allows", "denies", "policy", "statements")

    def __init__(self, policy: Policy, switches: Switches) -> None:
        variables = policy.version == "2012-10-17"
        self.policy = policy
        self.statements = [
            CompiledStatement(statement, variables=variables, switches=switches)
            for statement in policy.statements
        ]
        self.denies = _ActionIndex([s for s in self.statements if s.statement.effect is Effect.DENY])
        self.allows = _ActionIndex([s for s in self.statements if s.statement.effect is Effect.ALLOW])

    def denies_request(self, action: str, resource: str, context: Mapping[str, NormalValue]) -> bool:
        """Whether a Deny statement matches; Principal elements are not looked at."""
        return _any_matches(self.denies.candidates(action), resource, context)

    def allows_request(self, action: str, resource: str, context: Mapping[str, NormalValue]) -> bool:
        """Whether an Allow statement matches; Principal elements are not looked at."""
        return _any_matches(self.allows.candidates(action), resource, context)


class CompiledGroup:
    """Several policies of one type in one index: a question costs the same for ten policies as for one."""

    __slots__ = ("allows", "denies")

    def __init__(self, forms: Sequence[CompiledPolicy]) -> None:
        statements = [statement for form in forms for statement in form.statements]
        self.denies = _ActionIndex([s for s in statements if s.statement.effect is Effect.DENY])
        self.allows = _ActionIndex([s for s in statements if s.statement.effect is Effect.ALLOW])

    def denies_request(self, action: str, resource: str, context: Mapping[str, NormalValue]) -> bool:
        """Whether a Deny statement of any policy matches."""
        return _any_matches(self.denies.candidates(action), resource, context)

    def allows_request(self, action: str, resource: str, context: Mapping[str, NormalValue]) -> bool:
        """Whether an Allow statement of any policy matches."""
        return _any_matches(self.allows.candidates(action), resource, context)


def compiled_identity(policies: Policies, switches: Switches) -> Sequence[CompiledPolicy | CompiledGroup]:
    """The identity policies made ready; as one group from the second question to the same set on."""
    if len(policies.identity) < 2:
        return [compiled(policy, switches) for policy in policies.identity]
    memo = policies.memo
    if memo and memo[0] is switches:
        if len(memo) == 1:
            memo.append((CompiledGroup([compiled(policy, switches) for policy in policies.identity]),))
        return memo[1]  # type: ignore[no-any-return]
    memo[:] = [switches]
    return [compiled(policy, switches) for policy in policies.identity]


def _cost(condition: CompiledCondition) -> tuple[int, bool]:
    return _COST[condition.operator.family], condition.operator.comparison == "like"


def _any_matches(
    statements: tuple[CompiledStatement, ...], resource: str, context: Mapping[str, NormalValue]
) -> bool:
    for statement in statements:  # a generator would cost more than what it asks
        if statement.matches_resource(resource, context) and statement.matches_conditions(context):
            return True
    return False


def compiled(policy: Policy, switches: Switches) -> CompiledPolicy:
    """The compiled form of a policy, made once for a setting of the switches and kept with the policy."""
    for made_for, form in policy.memo:
        if made_for is switches:
            return form  # type: ignore[no-any-return]
    for made_for, form in policy.memo:
        if _read_alike(made_for, switches):
            return form  # type: ignore[no-any-return]
    form = CompiledPolicy(policy, switches)
    policy.memo.append((switches, form))
    return form


def _read_alike(one: Switches, other: Switches) -> bool:
    """Whether both settings give a policy the same compiled form; the other switches act later."""
    return (
        one.variables_in_bool is other.variables_in_bool
        and one.variables_anywhere_in_arn is other.variables_anywhere_in_arn
        and one.plain_operator_needs_single_value is other.plain_operator_needs_single_value
        and one.negated_empty_values_match is other.negated_empty_values_match
    )


def completed(resource: str) -> str:
    """An ARN of fewer than six fields stands for one completed with ``*`` (grammar page)."""
    if not resource.startswith("arn:"):
        return resource
    missing = 5 - resource.count(":")
    return resource + ":*" * missing if missing > 0 else resource


def _resource_template(resource: str, *, everywhere: bool) -> Template | str:
    if everywhere or not resource.startswith("arn:"):
        return read_template(resource, wildcards=True)
    head, tail = _split_after_fifth_colon(resource)
    rest = read_template(tail, wildcards=True)
    if isinstance(rest, str):
        return resource
    return Template((*tokenize(head), *rest.parts))


def _split_after_fifth_colon(resource: str) -> tuple[str, str]:
    """Cut an ARN after its fifth colon; a colon inside ``${…}`` separates nothing."""
    depth = colons = 0
    for at, character in enumerate(resource):
        if character == "{" and resource[at - 1] == "$":
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        elif character == ":" and not depth:
            colons += 1
            if colons == 5:
                return resource[: at + 1], resource[at + 1 :]
    return resource, ""
