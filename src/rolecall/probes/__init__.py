"""From an action to a call that is safe to make, and from its answer to what it shows."""

from __future__ import annotations

from rolecall.probes.access import Access, HopResult
from rolecall.probes.answers import UNKNOWN_CREDENTIAL, Answer, Seen, classify
from rolecall.probes.calling import call
from rolecall.probes.choosing import NoProbe, Probe, choose_probe
from rolecall.probes.chosen_hops import chosen_hops
from rolecall.probes.credentials import Credential
from rolecall.probes.decoding import DenialReader
from rolecall.probes.observations import Observation, Observed, promised_access
from rolecall.probes.observing import lets_all_through, observe
from rolecall.probes.simulating import Simulated, Simulator
from rolecall.probes.speakers import Speakers
from rolecall.probes.wishes import wishes_of

__all__ = [
    "UNKNOWN_CREDENTIAL",
    "Access",
    "Answer",
    "Credential",
    "DenialReader",
    "HopResult",
    "NoProbe",
    "Observation",
    "Observed",
    "Probe",
    "Seen",
    "Simulated",
    "Simulator",
    "Speakers",
    "call",
    "choose_probe",
    "chosen_hops",
    "classify",
    "lets_all_through",
    "observe",
    "promised_access",
    "wishes_of",
]
