"""Every accepted event is billed exactly once, or never for a named reason: random stories, read off their invoices."""

from collections.abc import Iterator
from random import Random

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.money.conftest import one_for_all
from tests.money.conservation.comparison import check
from tests.money.conservation.scene import Scene
from tests.resources.shop import NEW_YEAR


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    yield from one_for_all(NEW_YEAR, relaxed=True)


@pytest.mark.parametrize("seed", range(60))
def test_every_event_is_billed_once_or_never_for_a_reason(fake: FakeStripe, seed: int) -> None:
    fake.reset()
    scene = Scene(Call(through_engine, fake), Random(seed))
    scene.play(14)
    check(scene)
