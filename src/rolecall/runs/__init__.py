"""A run: chains provisioned on a target, expectations verified, evidence gathered."""

from __future__ import annotations

from rolecall.runs.chain_linting import ChainLinter
from rolecall.runs.document_uses import DocumentUse, PolicyWarning, document_uses
from rolecall.runs.failure_text import failure_headline, failure_text
from rolecall.runs.principals import ChainPrincipal
from rolecall.runs.workshop import LiveChain, Workshop

__all__ = [
    "ChainLinter",
    "ChainPrincipal",
    "DocumentUse",
    "LiveChain",
    "PolicyWarning",
    "Workshop",
    "document_uses",
    "failure_headline",
    "failure_text",
]
