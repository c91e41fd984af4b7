"""A plugin for pytest (`-p tests.mutation.picking`): runs the tests of a list, in its order, each against an alarm.

The list is a JSON object in the file that MUTATION_TESTS names: node id → seconds after which the process is to die.
"""

import json
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

MOST_MEMORY = 4 << 30
"""Bytes of addresses, so that a list which grows for ever ends the test and not the machine."""

LONGEST_S = 60.0
"""For tests that no list names."""

limits: dict[str, float] = json.loads(Path(os.environ["MUTATION_TESTS"]).read_text("utf-8"))
order = {node_id: place for place, node_id in enumerate(limits)}
resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.RLIM_INFINITY))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing but what is on the list, unless it is empty."""
    if not order:
        return
    items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """The signal is not handled: an endless loop gives Python no chance to."""
    signal.setitimer(signal.ITIMER_REAL, limits.get(item.nodeid, LONGEST_S))
    result = yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    return result
