"""What somebody's own typed program looks like: `check.py` has `mypy --strict` read this against the installed types.

An `assert_type` fails on Any, and an ignored error that is none fails too: both would tell of a missing `py.typed`.
"""

from typing import Any
from typing import assert_type

from fakestripe_meters import Clock
from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters import __version__
from fakestripe_meters_pytest import plugin

assert_type(__version__, str)
assert_type(plugin.MARKER, str)


def use(fake: FakeStripe) -> int:
    """Each kind of member once."""
    assert_type(fake.url, str)
    assert_type(fake.clock, Clock)
    assert_type(fake.clock.now(), int)
    assert_type(fake.snapshot(), dict[str, Any])
    assert_type([each.path for each in fake.journal], list[str])
    fake.fail_next("POST /v1/billing/meter_events", status=429)
    fake.clock.advance("a day")  # type: ignore[arg-type]
    with fake.intercept():
        return len(fake.dropped_events)


def begin() -> int:
    """Everything is by name, and names are known."""
    FakeStripe("2025-01-01")  # type: ignore[call-arg]
    try:
        with FakeStripe(now="2025-01-01T00:00:00Z", limits={"analytics": 5}, nwo=1) as fake:  # type: ignore[call-arg]
            return use(fake)
    except Misuse as misuse:
        assert_type(misuse.param, str | None)
        raise
