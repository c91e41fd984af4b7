"""The time zones Stripe takes."""

from datetime import UTC
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from fakestripe_meters.core.zones import names
from fakestripe_meters.core.zones import zone


def test_stripe_takes_599_names() -> None:
    assert len(names()) == 599


@pytest.mark.parametrize(
    "name",
    [
        "UTC",
        "Zulu",
        "GMT+0",
        "Etc/GMT-14",
        "US/Pacific",
        "America/New_York",
        "Asia/Kolkata",
        "PRC",
        "Factory",
        "America/Argentina/ComodRivadavia",
    ],
)
def test_a_name_gives_its_zone(name: str) -> None:
    found = zone(name)
    assert found is not None
    assert found.key == name


def test_every_name_gives_a_zone() -> None:
    noon = datetime(2025, 1, 1, 12, tzinfo=UTC)
    for name in names():
        found = zone(name)
        assert found is not None
        assert noon.astimezone(found).utcoffset() is not None


def test_a_name_that_the_database_dropped_is_still_a_link() -> None:
    assert zone("US/Pacific-New") == ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    "name",
    [
        "utc",
        "america/new_york",
        "Mars/Olympus",
        "New_York",
        "America",
        "America/",
        "/America/New_York",
        "../tzdata/zoneinfo/UTC",
        "zones",
        "localtime",
        "",
        "America/New_York\0",
        "America/New_York ",
        "x" * 100_000,
        "\ud800",
    ],
)
def test_any_other_name_gives_none(name: str) -> None:
    assert zone(name) is None
