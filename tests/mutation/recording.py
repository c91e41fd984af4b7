"""A plugin for pytest (`-p tests.mutation.recording`): which test runs which line, and how long each test takes.

What is made for the tests of one file is written down for all of them, and what is made for every test for none. Lines
that only a subprocess runs are not written down: it may not import the copy that is measured.
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
from tests.mutation.covering import all_of

FOLDER = Path(os.environ["MUTATION_RECORDS"])
SOURCES = ["src/fakestripe_meters"]

measured = coverage.Coverage(FOLDER / "lines", data_suffix=True, source=SOURCES, config_file=False, messages=False)
measured.start()
contexts = [NO_TEST]
"""The one that is being recorded."""
durations: dict[str, float] = defaultdict(float)
failed: set[str] = set()


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
    _switch(NO_TEST if fixturedef.scope == "session" else all_of(test))
    try:
        return (yield)
    finally:
        _switch(test)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """What a file works out when it is imported, its tests share."""
    _switch(all_of(collector.nodeid))
    result = yield
    _switch(NO_TEST)
    return result


def _switch(test: str) -> None:
    contexts[:] = [test]
    measured.switch_context(test)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Set-up and tear-down take their time, too."""
    durations[report.nodeid] += report.duration
    if report.failed:
        failed.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The workers of xdist keep the lines, and their controller the times."""
    measured.stop()
    measured.save()
    if not hasattr(session.config, "workerinput"):
        (FOLDER / "told.json").write_text(json.dumps({"durations": durations, "failed": sorted(failed)}), "utf-8")
