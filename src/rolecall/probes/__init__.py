"""From an action to a call that is safe to make, and from its answer to what it shows."""

from __future__ import annotations

from rolecall.probes.answers import Answer, Seen, classify
from rolecall.probes.calling import call
from rolecall.probes.choosing import NoProbe, Probe, choose_probe

__all__ = ["Answer", "NoProbe", "Probe", "Seen", "call", "choose_probe", "classify"]
