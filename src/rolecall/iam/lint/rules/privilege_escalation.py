"""Permissions that let their bearer give itself more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject, StatementSubject
from rolecall.iam.wildcards import compile_glob

__all__ = ["privilege_escalation"]

_WAYS = (
    (("iam:CreatePolicyVersion",), "may write a new version of a policy that it has"),
    (("iam:SetDefaultPolicyVersion",), "may switch a policy to another of its versions"),
    (("iam:AttachUserPolicy",), "may attach any policy to a user"),
    (("iam:AttachGroupPolicy",), "may attach any policy to a group"),
    (("iam:AttachRolePolicy", "sts:AssumeRole"), "may attach any policy to a role and assume it"),
    (("iam:PutUserPolicy",), "may write an inline policy of a user"),
    (("iam:PutGroupPolicy",), "may write an inline policy of a group"),
    (("iam:PutRolePolicy", "sts:AssumeRole"), "may write an inline policy of a role and assume it"),
    (("iam:AddUserToGroup",), "may join any group"),
    (("iam:CreateAccessKey",), "may make access keys of other users"),
    (("iam:CreateLoginProfile",), "may set the console password of other users"),
    (("iam:UpdateLoginProfile",), "may change the console password of other users"),
    (("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"), "may make any role trust it and assume it"),
    (("iam:DeleteUserPermissionsBoundary",), "may take away permissions boundaries of users"),
    (("iam:DeleteRolePermissionsBoundary",), "may take away permissions boundaries of roles"),
    (("iam:PassRole", "ec2:RunInstances"), "may start an instance with any role"),
    (("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"), "may run a function with any role"),
    (("iam:PassRole", "cloudformation:CreateStack"), "may make a stack with any role"),
    (("iam:PassRole", "glue:CreateDevEndpoint"), "may make a Glue endpoint with any role"),
    (("iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"),
     "may run a pipeline with any role"),
    (("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"), "may run a build with any role"),
    (("iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
     "may open a notebook with any role"),
)  # fmt: skip

_SERVICES = {"*", *(need.partition(":")[0] for needs, _ in _WAYS for need in needs)}


@rule("privilege-escalation")
def privilege_escalation(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """Permissions that let their bearer give itself more."""
    if document.kind != "identity":
        return
    granted = [
        action
        for statement in document.statements
        if statement.allows and not statement.not_action and not statement.conditions and _wide(statement)
        for action in statement.actions
    ]
    if not any(action.text[:4].lower() in ("iam:", "*:*", "*") for action in granted):
        return  # every way begins with an action of IAM
    grants = [
        (action, compile_glob(action.text.lower()))
        for action in granted
        if action.text.partition(":")[0].lower() in _SERVICES
    ]
    if any(action.text.strip("*") in ("", ":") for action, _ in grants):
        return  # an administrator needs no escalation
    denied = [
        compile_glob(action.text.lower())
        for statement in document.statements
        if not statement.allows and not statement.conditions and statement.on_everything
        and not statement.not_action
        for action in statement.actions
    ]  # fmt: skip
    for needs, result in _WAYS:
        granting = [next((a for a, covers in grants if covers(need.lower())), None) for need in needs]
        first = granting[0]
        if (
            first is None
            or None in granting
            or any(covers(need.lower()) for need in needs for covers in denied)
        ):
            continue
        message = f"{first.where} with {' and '.join(needs)} on every resource its bearer {result}"
        yield Remark("privilege-escalation", first.path, message)


def _wide(statement: StatementSubject) -> bool:
    if statement.not_resource:
        return True
    return any(
        one.text.strip("*") == "" or re.search(r":(\*|(user|role|group|policy)/\*)$", one.text) is not None
        for one in statement.resources
    )
