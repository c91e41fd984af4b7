"""A plugin for pytest (`-p tests.mutation.recording`): which test runs which line, and how long each test takes.

What is imported, cached or made for more than one test belongs to no test, and is written down without one. So are the
lines that a subprocess runs: the covering tests are those that run a line in their own process.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

from tests.mutation.covering import NO_TEST

FOLDER = Path(os.environ["MUTATION_RECORDS"])
SOURCES = ["src/fakestripe_meters"]

measured = coverage.Coverage(FOLDER / "lines", data_suffix=True, source=SOURCES, config_file=False, messages=False)
measured.start()
contexts = [NO_TEST]
"""The one that is being recorded."""
durations: dict[str, float] = defaultdict(float)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What runs from here on belongs to this test."""
    _switch(item.nodeid)
    result = yield
    _switch(NO_TEST)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """But not what other tests share: whoever comes first would seem to be the only one."""
    if fixturedef.scope == "function":
        return (yield)
    test = contexts[-1]
    _switch(NO_TEST)
    try:
        return (yield)
    finally:
        _switch(test)


def _switch(test: str) -> None:
    contexts[:] = [test]
    measured.switch_context(test)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Set-up and tear-down take their time, too."""
    durations[report.nodeid] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The workers of xdist keep the lines, and their controller the times."""
    measured.stop()
    measured.save()
    if not hasattr(session.config, "workerinput"):
        (FOLDER / "durations.json").write_text(json.dumps(durations), "utf-8")
