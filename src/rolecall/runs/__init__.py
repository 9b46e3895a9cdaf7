"""A run: chains provisioned on a target, expectations verified, evidence gathered."""

from __future__ import annotations

from rolecall.runs.workshop import LiveChain, Workshop

__all__ = ["LiveChain", "Workshop"]
