"""Invoices with discounts, tax rates, credits and a balance come to what a clerk makes of them: random stories."""

from collections.abc import Iterator
from random import Random

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.money.adding.story import Story
from tests.money.conftest import one_for_all
from tests.resources.shop import NEW_YEAR


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    yield from one_for_all(NEW_YEAR, relaxed=True)


@pytest.mark.parametrize("seed", range(30))
def test_invoices_come_to_what_a_clerk_makes_of_them(fake: FakeStripe, seed: int) -> None:
    fake.reset()
    story = Story(Call(through_engine, fake), Random(seed))
    story.play(4)
    story.conclude()
