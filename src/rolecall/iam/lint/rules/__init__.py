"""Every rule, one file each. The order is that of the names."""

from __future__ import annotations

from rolecall.iam.lint.rule import Rule
from rolecall.iam.lint.rules.allow_not_action import allow_not_action
from rolecall.iam.lint.rules.allow_not_principal import allow_not_principal
from rolecall.iam.lint.rules.allow_not_resource import allow_not_resource
from rolecall.iam.lint.rules.arn_form import arn_form
from rolecall.iam.lint.rules.confused_deputy import confused_deputy
from rolecall.iam.lint.rules.empty_condition import empty_condition
from rolecall.iam.lint.rules.empty_wildcard import empty_wildcard
from rolecall.iam.lint.rules.external_trust import external_trust
from rolecall.iam.lint.rules.full_admin import full_admin
from rolecall.iam.lint.rules.malformed_value import malformed_value
from rolecall.iam.lint.rules.mfa_bool import mfa_bool
from rolecall.iam.lint.rules.mfa_if_exists import mfa_if_exists
from rolecall.iam.lint.rules.missing_set_operator import missing_set_operator
from rolecall.iam.lint.rules.missing_version import missing_version
from rolecall.iam.lint.rules.never_matches import never_matches
from rolecall.iam.lint.rules.no_resource_level import no_resource_level
from rolecall.iam.lint.rules.oidc_audience import oidc_audience
from rolecall.iam.lint.rules.oidc_subject import oidc_subject
from rolecall.iam.lint.rules.operator_type import operator_type
from rolecall.iam.lint.rules.partition import partition
from rolecall.iam.lint.rules.pass_role import pass_role
from rolecall.iam.lint.rules.policy_variable_form import policy_variable_form
from rolecall.iam.lint.rules.policy_variable_place import policy_variable_place
from rolecall.iam.lint.rules.policy_variable_version import policy_variable_version
from rolecall.iam.lint.rules.private_address import private_address
from rolecall.iam.lint.rules.privilege_escalation import privilege_escalation
from rolecall.iam.lint.rules.public_resource import public_resource
from rolecall.iam.lint.rules.public_trust import public_trust
from rolecall.iam.lint.rules.rcp_service import rcp_service
from rolecall.iam.lint.rules.redundant_entry import redundant_entry
from rolecall.iam.lint.rules.redundant_statement import redundant_statement
from rolecall.iam.lint.rules.repeated_condition_key import repeated_condition_key
from rolecall.iam.lint.rules.service_principal import service_principal
from rolecall.iam.lint.rules.service_wildcard import service_wildcard
from rolecall.iam.lint.rules.set_operator_on_single_value import set_operator_on_single_value
from rolecall.iam.lint.rules.shadowed_allow import shadowed_allow
from rolecall.iam.lint.rules.trust_action import trust_action
from rolecall.iam.lint.rules.trust_action_principal import trust_action_principal
from rolecall.iam.lint.rules.trust_star import trust_star
from rolecall.iam.lint.rules.unique_sid import unique_sid
from rolecall.iam.lint.rules.unknown_action import unknown_action
from rolecall.iam.lint.rules.unknown_condition_key import unknown_condition_key
from rolecall.iam.lint.rules.unknown_resource_type import unknown_resource_type
from rolecall.iam.lint.rules.unknown_service import unknown_service
from rolecall.iam.lint.rules.unsupported_condition_key import unsupported_condition_key
from rolecall.iam.lint.rules.unsupported_resource import unsupported_resource
from rolecall.iam.lint.rules.wildcard_without_like import wildcard_without_like

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    allow_not_action,
    allow_not_principal,
    allow_not_resource,
    arn_form,
    confused_deputy,
    empty_condition,
    empty_wildcard,
    external_trust,
    full_admin,
    malformed_value,
    mfa_bool,
    mfa_if_exists,
    missing_set_operator,
    missing_version,
    never_matches,
    no_resource_level,
    oidc_audience,
    oidc_subject,
    operator_type,
    partition,
    pass_role,
    policy_variable_form,
    policy_variable_place,
    policy_variable_version,
    private_address,
    privilege_escalation,
    public_resource,
    public_trust,
    rcp_service,
    redundant_entry,
    redundant_statement,
    repeated_condition_key,
    service_principal,
    service_wildcard,
    set_operator_on_single_value,
    shadowed_allow,
    trust_action,
    trust_action_principal,
    trust_star,
    unique_sid,
    unknown_action,
    unknown_condition_key,
    unknown_resource_type,
    unknown_service,
    unsupported_condition_key,
    unsupported_resource,
    wildcard_without_like,
)
"""All rules of the linter."""
