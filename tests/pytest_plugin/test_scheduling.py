"""How a large chain is spread over workers."""

from __future__ import annotations

import pytest

from rolecall.pytest_plugin.scheduling import ChainScheduling

pytest_plugins = ["pytester"]

FILE = "checks/test_role_chains.py::test_expectation"
SMALL = [f"{FILE}[small/e{n}]" for n in range(10)]
LARGE = [f"{FILE}[large/e{n}]" for n in range(500)]


@pytest.mark.parametrize(("divides", "parts"), [(True, 2), (False, 1)])
def test_a_large_chain_is_divided_only_where_every_worker_has_a_target_of_its_own(
    divides: bool, parts: int, pytester: pytest.Pytester
) -> None:
    config = pytester.parseconfig("-n", "2")
    config.option.tx = ["2*popen"]
    scheduling = ChainScheduling(config, divides=divides)
    scheduling.collection = [*SMALL, *LARGE, "checks/test_story.py::test_a[x]"]
    scheduling.assigned_work = {object(): {}, object(): {}}

    scopes = [scheduling._split_scope(nodeid) for nodeid in scheduling.collection]

    assert len(set(scopes[:10])) == 1
    assert len(set(scopes[10:510])) == parts
    assert scopes[10:510] == sorted(scopes[10:510])
    assert scopes[-1] == "checks/test_story.py"
