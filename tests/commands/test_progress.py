"""The line in the terminal of `serve`, which says how far long work is."""

import io
import os
import sys
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fakestripe_meters import Progress
from fakestripe_meters.commands import progress
from fakestripe_meters.commands.flags import RUN_DIFFERS
from fakestripe_meters.commands.flags import SERVE_ONLY
from fakestripe_meters.commands.progress import Line
from fakestripe_meters.commands.serving import serving
from fakestripe_meters.core.progress import Watch

NOW = 1_735_689_600
CUSTOMERS = """{"fixtures": [
    {"name": "a", "path": "/v1/customers", "method": "post"}, {"name": "b", "path": "/v1/customers", "method": "post"}
]}"""


@pytest.fixture
def line() -> Callable[[float, int], str]:
    """What is written when so many of 2,000 pieces are done, so many seconds after the start."""
    clock, out = [0.0], io.StringIO()
    line = Line(out, lambda: clock[0])

    def tell(second: float, done: int) -> str:
        clock[0] = second
        before = len(out.getvalue())
        line(Progress(done, 2_000, NOW))
        return out.getvalue()[before:]

    return tell


def test_work_that_is_short_has_no_line(line: Callable[[float, int], str]) -> None:
    assert [line(0, 0), line(0.5, 100), line(0.9, 1_900), line(1.2, 2_000)] == ["", "", "", ""]


def test_a_line_is_written_over_itself_ten_times_a_second_at_most_and_erased_at_the_end(
    line: Callable[[float, int], str],
) -> None:
    assert line(7, 0) == ""
    assert line(8, 1_020) == "\r51%: 1,020 of 2,000 done, the clock is at 2025-01-01T00:00:00Z"
    assert line(8.05, 1_040) == ""
    assert line(8.1, 1_060) == "\r53%: 1,060 of 2,000 done, the clock is at 2025-01-01T00:00:00Z"
    assert line(8.2, 2_000) == f"\r{' ' * 62}\r"
    assert line(9, 0) == ""
    assert line(9.5, 2_000) == ""


def test_a_terminal_that_is_gone_is_no_reason_to_fail() -> None:
    gone = io.StringIO()
    line = Line(gone, iter([0.0, 2.0, 3.0]).__next__)
    gone.close()
    for done in (0, 1, 2):
        line(Progress(done, 2, NOW))


def test_where_stderr_is_no_terminal_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    watch = Watch()
    progress.show(watch)
    assert watch.told is None


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], str]]:
    """What a terminal shows while a file is loaded that makes two customers, and served with these flags."""
    pytest.importorskip("termios", reason="this system has no such terminals")
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    path = tmp_path / "two.json"
    path.write_text(CUSTOMERS, "utf-8")
    ours, theirs = os.openpty()

    def read() -> Iterator[bytes]:
        with suppress(OSError):  # how Linux says that the other end is closed
            while piece := os.read(ours, 4_096):
                yield piece

    def show(flags: dict[str, Any]) -> str:
        with ThreadPoolExecutor() as pool, os.fdopen(theirs, "w", encoding="utf-8") as stderr:
            all_of_it = pool.submit(lambda: b"".join(read()))
            monkeypatch.setattr(sys, "stderr", stderr)
            with serving({"port": 0, "fixtures": [str(path)], "now": NOW}, flags):
                stderr.close()
                return all_of_it.result().decode()

    yield show
    os.close(ours)


def test_serve_in_a_terminal_shows_how_far_its_fixtures_are(shown: Callable[[dict[str, Any]], str]) -> None:
    assert shown(SERVE_ONLY) == f"\r50%: 1 of 2 done, the clock is at 2025-01-01T00:00:00Z\r{' ' * 54}\r"


def test_run_leaves_the_terminal_to_its_command(shown: Callable[[dict[str, Any]], str]) -> None:
    assert shown(SERVE_ONLY | RUN_DIFFERS) == ""
