"""An action with resources of types that it does not take."""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.iam.catalog import ResourceUse
from rolecall.iam.findings import Remark
from rolecall.iam.lint.knowledge import Knowledge
from rolecall.iam.lint.rule import rule
from rolecall.iam.lint.subjects import PolicySubject

__all__ = ["unsupported_resource"]


@rule("unsupported-resource")
def unsupported_resource(document: PolicySubject, knowledge: Knowledge) -> Iterator[Remark]:
    """An action with resources of types that it does not take."""
    for statement in document.statements:
        if (
            not statement.resources
            or statement.not_resource
            or statement.not_action
            or statement.on_everything
        ):
            continue
        arns = [one.text for one in statement.resources]
        if any(not arn.startswith("arn:") or len(arn.split(":", 5)) < 6 for arn in arns):
            continue
        known = [
            (action, knowledge.expand(action.text)) for action in statement.actions if action.text != "*"
        ]
        for action, names in known:
            if (
                names
                and all(knowledge.shapes(name) for name in names)
                and not any(knowledge.takes(name, arns) for name in names)
            ):
                wanted = ", ".join(sorted({use.type for use in _uses(knowledge, names)})[:4])
                message = (
                    f'{action.where} "{action.text}" takes none of the resources listed; it takes {wanted}'
                )
                yield Remark("unsupported-resource", action.path, message)
        if len(known) < len(statement.actions) or any(not names for _, names in known):
            continue
        everything = [name for _, names in known for name in names]
        if len(everything) > 2000:
            continue
        if not any(knowledge.shapes(name) for name in everything):
            continue
        for resource in statement.resources:
            service = resource.text.split(":")[2]
            if knowledge.is_known_type(service, resource.text) and not any(
                knowledge.takes(name, [resource.text]) for name in everything
            ):
                message = f'{resource.where} "{resource.text}" is taken by none of the actions listed'
                yield Remark("unsupported-resource", resource.path, message)


def _uses(knowledge: Knowledge, names: tuple[str, ...]) -> Iterator[ResourceUse]:
    for name in names:
        action = knowledge.catalog.action(name)
        if action is not None:
            yield from action.resources
