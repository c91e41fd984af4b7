"""RFC 3339 there and back."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core import instants
from fakestripe_meters.core.clock import LAST_SECOND

NOW_NS = 1_735_689_600_000_000_000


@pytest.mark.parametrize(
    ("text", "instant_ns"),
    [
        ("2025-01-01T00:00:00Z", NOW_NS),
        ("2025-01-01t00:00:00z", NOW_NS),
        ("2025-01-01T00:00:00.5Z", NOW_NS + 500_000_000),
        ("2025-01-01T00:00:00.000000001Z", NOW_NS + 1),
        ("2025-01-01T02:00:00+02:00", NOW_NS),
        ("2024-12-31T18:30:00.000-05:30", NOW_NS),
        ("2025-01-01T00:00:00-00:00", NOW_NS),
        ("2025-01-01T23:59:00+23:59", NOW_NS),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T14:00:00+14:00", 0),
        ("3000-01-01T00:00:00Z", LAST_SECOND * 10**9),
    ],
)
def test_instants_are_read(text: str, instant_ns: int) -> None:
    assert instants.parse(text) == instant_ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-01-01",
        "2025-01-01T00:00:00",
        "2025-01-01T00:00Z",
        "2025-01-01 00:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-01-01T24:00:00Z",
        "2025-01-01T00:60:00Z",
        "2025-01-01T00:00:60Z",
        "2025-01-01T00:00:0٣Z",
        "2025-01-01T00:00:00+2:00",
        "2025-01-01T00:00:00.Z",
        "2025-01-01T00:00:00.0000000001Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "3000-01-02T00:00:00Z",
        "3000-01-01T00:00:00.000000001Z",
        "3000-01-01T00:00:00-00:01",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2025-13-01T00:00:00Z",
        "2025-00-01T00:00:00Z",
        "2016-12-31T23:59:60Z",
        "2025-01-01T00:00:00+24:00",
        "2025-01-01T00:00:00-25:00",
        "2025-01-01T00:00:00+99:00",
        "2025-01-01T00:00:00+00:60",
        "2025-01-01T00:00:00+0100",
        "2025-01-01T00:00:00+01",
        "2025-01-01T00:00:00 Z",
        "2025-01-01T00:00:00,5Z",
        " 2025-01-01T00:00:00Z",
        "+2025-01-01T00:00:00Z",
        "2025-W01-1T00:00:00Z",
        "1735689600",
        "2025-01-01T00:00:00Z\n",
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        instants.parse(text)


@given(st.integers(0, LAST_SECOND * 1_000), st.sampled_from([-720, -210, 0, 1, 345, 840]))
def test_it_reads_what_python_writes(instant_ms: int, offset_minutes: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=offset_minutes))
    when = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=instant_ms)
    there = when.astimezone(zone)
    if there.year < 1970 or there.year >= 3000:
        return
    assert instants.parse(there.isoformat(timespec="milliseconds")) == instant_ms * 1_000_000
    assert instants.rfc3339(instant_ms * 1_000_000) == f"{when:%Y-%m-%dT%H:%M:%S}.{instant_ms % 1_000:03}Z"


@given(st.integers(0, 32_503_680_000 * 10**9))
def test_exact_instants_lose_nothing(instant_ns: int) -> None:
    assert instants.parse(instants.rfc3339_exact(instant_ns)) == instant_ns
    assert instants.parse(instants.rfc3339(instant_ns)) == instant_ns // 1_000_000 * 1_000_000
