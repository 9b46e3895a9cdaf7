"""A run: chains provisioned on a target, expectations verified, evidence gathered."""

from __future__ import annotations

from rolecall.runs.document_uses import DocumentUse, document_uses
from rolecall.runs.failure_text import failure_text
from rolecall.runs.principals import ChainPrincipal
from rolecall.runs.workshop import LiveChain, Workshop

__all__ = ["ChainPrincipal", "DocumentUse", "LiveChain", "Workshop", "document_uses", "failure_text"]
