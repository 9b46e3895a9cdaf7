"""The pytest plugin: options, fixtures, one item per expectation, and the evidence at the end.

Nothing heavy is imported before a run needs it: the plugin is loaded by every pytest run of an environment.
"""

from __future__ import annotations

from rolecall.pytest_plugin.fixtures import chains, managed_policies, verify, workshop
from rolecall.pytest_plugin.hooks import (
    pytest_addoption,
    pytest_collection,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_configure_node,
    pytest_generate_tests,
    pytest_report_header,
    pytest_report_teststatus,
    pytest_runtest_makereport,
    pytest_runtestloop,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
    pytest_xdist_make_scheduler,
)

__all__ = [
    "chains",
    "managed_policies",
    "pytest_addoption",
    "pytest_collection",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_generate_tests",
    "pytest_report_header",
    "pytest_report_teststatus",
    "pytest_runtest_makereport",
    "pytest_runtestloop",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "pytest_xdist_make_scheduler",
    "verify",
    "workshop",
]
