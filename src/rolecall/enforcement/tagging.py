"""Condition keys of tags: those that a request brings and those that a resource has.

Source: IAM User Guide, "AWS global condition context keys": aws:RequestTag, aws:TagKeys, aws:ResourceTag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rolecall.enforcement.calls import ApiCall
    from rolecall.iam.requests import ContextValue

__all__ = ["request_tags", "tag_context", "tags_in_request"]

_LISTS = ("Tags", "tags", "TagList", "tagList", "TagSet", "AddTags")
_KEYS = ("TagKeys", "tagKeys", "TagKeyList", "RemoveTags")


def request_tags(call: ApiCall) -> dict[str, ContextValue]:
    """``aws:RequestTag/…`` and ``aws:TagKeys`` of a call; empty where it brings no tags."""
    if call.service == "s3":
        # S3 has keys of its own for the tags of objects.
        made = call.params.get("CreateBucketConfiguration") or {}
        return tags_in_request(dict(_pairs(made.get("Tags"))))
    tags = dict(_tags(call.params))
    keys: list[str] = []
    for name in _KEYS:
        value = call.params.get(name)
        if isinstance(value, list):
            keys.extend(item for item in value if isinstance(item, str))
    return tags_in_request(tags, keys)


def tags_in_request(tags: Mapping[str, str], keys: Iterable[str] = ()) -> dict[str, ContextValue]:
    """The same keys for these tags, and for tag keys without a value."""
    names = tuple(dict.fromkeys((*tags, *keys)))
    if not names:
        return {}
    context: dict[str, ContextValue] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    context["aws:TagKeys"] = names
    return context


def tag_context(tags: Mapping[str, str]) -> dict[str, ContextValue]:
    """``aws:ResourceTag/…`` of a resource's tags."""
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}


def _tags(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _LISTS:
        yield from _pairs(params.get(name))
    for specification in params.get("TagSpecifications") or ():
        if isinstance(specification, dict):
            yield from _pairs(specification.get("Tags"))
    tagging = params.get("Tagging")
    if isinstance(tagging, str):
        yield from parse_qsl(tagging, keep_blank_values=True)
    elif isinstance(tagging, dict):
        yield from _pairs(tagging.get("TagSet"))


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((str(key), str(item)) for key, item in value.items())
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            key = item.get("Key", item.get("key", item.get("TagKey")))
            if key is not None:
                yield str(key), str(item.get("Value", item.get("value", item.get("TagValue"))) or "")
