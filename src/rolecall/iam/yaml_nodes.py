"""YAML text → nodes with places. libyaml parses; nothing is interpreted, so scalars stay as written.

Interpreting is what loses things: 012345670123 would become another number and 2012-10-17 a date. Nodes
also show repeated keys, and where everything stands.
"""

from __future__ import annotations

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rolecall.errors import InputError
from rolecall.iam.strict_json import Place

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "compose_yaml", "place_of_node"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_DEPTH = 100
MOST_NODES = 250_000
"""After aliases are expanded: a manifest of 2,000 expectations has 30,000."""


def compose_yaml(text: str, *, file: str | None) -> Node | None:
    """The root node of one YAML document, None when there is none.

    Raises InputError with line and column for anything else.

    Aliases are understood as long as they do not contain themselves and do not multiply into more than
    250,000 nodes.
    """
    try:
        _check_depth(text, file)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.reader.ReaderError as error:
        raise _unreadable_character(text, error, file) from None
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(text, error, file) from None
    if root is not None:
        _check_size(root, file)
    return root


def _check_depth(text: str, file: str | None) -> None:
    """Refuse deep nesting from the events, which need no stack: composing it would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > MOST_DEPTH:
                line, column = event.start_mark.line + 1, event.start_mark.column + 1
                raise InputError(
                    f"is nested more than {MOST_DEPTH} deep", file=file, line=line, column=column
                )
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def place_of_node(node: Node) -> Place:
    """Where a node starts, counted from 1."""
    mark = node.start_mark
    return Place(mark.line + 1, mark.column + 1)


def _not_yaml(text: str, error: yaml.MarkedYAMLError, file: str | None) -> InputError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.split("\n")
    at = lines[line - 1][column - 1 : column] if line <= len(lines) else ""
    if at == "\t":
        return InputError(
            "has a tab where YAML wants spaces",
            file=file,
            line=line,
            column=column,
            hint="indent with spaces",
        )
    said = f"{_began(error)}{error.problem or ''}"
    hint = None
    if "expected a single document" in said:
        said, hint = "holds more than one YAML document", "one document a file; remove the line ---"
        return InputError(said, file=file, line=line, column=column, hint=hint)
    if "scanning an a" in said:  # an alias or anchor that has no name: the mark is behind its character
        at = lines[line - 1][column - 2 : column - 1]
    if at in ("%", "@", "`", "*", "&", "!"):
        hint = f'a value that starts with "{at}" needs quotes'
    return InputError(f"is not valid YAML: {said}", file=file, line=line, column=column, hint=hint)


def _began(error: yaml.MarkedYAMLError) -> str:
    """What was being read, and where that began: an unclosed bracket is noticed many lines later."""
    if not error.context:
        return ""
    began, met = error.context_mark, error.problem_mark
    since = f" (from line {began.line + 1})" if began and met and began.line != met.line else ""
    return f"{error.context}{since} "


def _unreadable_character(text: str, error: yaml.reader.ReaderError, file: str | None) -> InputError:
    # The position counts bytes or characters, as the parser pleases; the character itself is certain.
    code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "\0")
    offset = max(text.find(chr(code)), 0)
    line_start = text.rfind("\n", 0, offset) + 1
    return InputError(
        f"holds a character that YAML does not allow: U+{code:04X}",
        file=file,
        line=text.count("\n", 0, offset) + 1,
        column=offset - line_start + 1,
    )


def _check_size(root: Node, file: str | None) -> None:
    """Refuse aliases that contain themselves, nest or multiply beyond reason; counts without expanding."""
    sizes: dict[int, int] = {}
    depths: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        key = id(node)
        children = _children(node)
        if done:
            open_nodes.discard(key)
            sizes[key] = 1 + sum(sizes[id(child)] for child in children)
            depths[key] = 1 + max(depths.get(id(child), 1) for child in children)
            if depths[key] > MOST_DEPTH:
                place = place_of_node(node)
                raise InputError(
                    f"is nested more than {MOST_DEPTH} deep", file=file, line=place.line, column=place.column
                )
            if sizes[key] > MOST_NODES:
                place = place_of_node(node)
                raise InputError(
                    f"is too large: aliases and all, more than {MOST_NODES:,} values",
                    file=file,
                    line=place.line,
                    column=place.column,
                )
            continue
        if key in sizes:
            continue
        if not children:
            sizes[key] = 1
            continue
        if key in open_nodes:
            continue
        open_nodes.add(key)
        stack.append((node, True))
        for child in children:
            if id(child) in open_nodes:
                place = place_of_node(child)
                raise InputError(
                    "has an alias that contains itself", file=file, line=place.line, column=place.column
                )
            if id(child) not in sizes:
                stack.append((child, False))


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    if isinstance(node, SequenceNode):
        return list(node.value)
    return []
