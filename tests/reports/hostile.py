"""Evidence whose every text is an attempt to break out of the page."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_origin

from rolecall.reports import Evidence
from rolecall.reports.codec import field_types
from tests.reports.audited import audited

ATTACKS = (
    "</script><img src=x onerror=\"document.title='owned'\">",
    "<svg onload=document.title='owned'>",
    "\"' autofocus onfocus=document.title='owned' x=\"",
    "{{ 7 * 1910007 }}{% raw %}",
    "--><script>document.title='owned'</script><!--",
    "</style><style>*{display:none}</style>",
    "javascript:document.title='owned'",
    "a\u202egnp.exe\u2066\u200b\ufeff",
    "nul\x00 esc\x1b[31m cr\r\nnext line\u2028",
    "lone \ud800 surrogate \U000e0041",
    "long " + "x" * 20_000,
    "arn:aws:iam::278805249149:role/" + "a" * 10_000,
    "\u0645\u0631\u062d\u0628\u0627 right to left \u05e9\u05dc\u05d5\u05dd",
    "@octocat #1 https://evil.example/ www.evil.example evil@example.com octo/repo#2",
    "| a | b |\n| --- | --- |\n\n# heading\n\n```\nfence\n```\n- [ ] task <!-- --> ![x](y)",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07 \x9b2J \x08\x08\x08",
    "]]> & &amp; &lt;b&gt; | `code` [link](javascript:alert(1)) @everyone",
)


def hostile() -> Evidence:
    """The sample with every free text replaced; what refers to each other still does."""
    count = iter(range(1_000_000))
    renamed: dict[str, str] = {}

    def attack(text: str) -> str:
        if text not in renamed:
            number = next(count)
            renamed[text] = f"{ATTACKS[number % len(ATTACKS)]}#{number}"
        return renamed[text]

    def spoil(value: Any, kind: Any) -> Any:
        if isinstance(value, tuple):
            inner = get_args(kind)[0] if get_args(kind) else None
            return tuple(spoil(item, inner) for item in value)
        if isinstance(value, dict):
            return {attack(key): attack(item) for key, item in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            types_of = field_types(type(value))
            changes = {
                item.name: spoil(getattr(value, item.name), types_of[item.name]) for item in fields(value)
            }
            if "sha256" in changes:
                changes["sha256"] = hashlib.sha256(
                    changes["text"].encode("utf-8", "surrogatepass")
                ).hexdigest()
            return replace(value, **changes)
        if isinstance(value, str) and "Literal" not in str(get_origin(kind)):
            return attack(value)
        return value

    spoiled: Evidence = spoil(audited(), Evidence)
    return spoiled
