"""From a chain to API calls: plan, create, write down, tear down."""

from __future__ import annotations

from rolecall.provisioning.connections import Connections, Sessions
from rolecall.provisioning.credentials import Credentials, MfaDevice, Secret
from rolecall.provisioning.execution import provision
from rolecall.provisioning.ledger import Entry, Ledger, MemoryLedger, State
from rolecall.provisioning.ledger_file import FileLedger, LedgerInUse, is_in_use, read_ledger, read_run
from rolecall.provisioning.ownership import device_tags
from rolecall.provisioning.planning import Marks, plan
from rolecall.provisioning.provisioned import Provisioned, ProvisioningFailed, StepResult
from rolecall.provisioning.steps import Answer, MfaCode, Step, Thing
from rolecall.provisioning.teardown import Left, TearDownResult, tear_down

__all__ = [
    "Answer",
    "Connections",
    "Credentials",
    "Entry",
    "FileLedger",
    "Ledger",
    "LedgerInUse",
    "Left",
    "Marks",
    "MemoryLedger",
    "MfaCode",
    "MfaDevice",
    "Provisioned",
    "ProvisioningFailed",
    "Secret",
    "Sessions",
    "State",
    "Step",
    "StepResult",
    "TearDownResult",
    "Thing",
    "device_tags",
    "is_in_use",
    "plan",
    "provision",
    "read_ledger",
    "read_run",
    "tear_down",
]
