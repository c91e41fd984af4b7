"""When a delivery is tried again, and which events somebody wants."""

import pytest

from fakestripe_meters.domain.events.deliveries import RETRIES_S
from fakestripe_meters.domain.events.destinations import matches

HOUR = 3_600


def test_retries_become_rarer_and_end_after_three_days() -> None:
    assert RETRIES_S[:6] == (300, 1_800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 22 * HOUR)
    assert RETRIES_S[-1] == 70 * HOUR
    assert len(RETRIES_S) == 10


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("*", True),
        ("billing.meter.created", True),
        ("billing.meter.*", True),
        ("billing.*", True),
        ("billing", False),
        ("billing.meter", False),
        ("customer.*", False),
        ("billing.met*", False),
    ],
)
def test_types_are_named_whole_or_by_group(pattern: str, *, wanted: bool) -> None:
    assert matches("billing.meter.created", [pattern]) is wanted
