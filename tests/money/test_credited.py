"""Credit notes of random invoices: what is previewed is what is done, and a clerk finds the same."""

from collections.abc import Iterator
from random import Random

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.money.conftest import one_for_all
from tests.money.conservation.money import check_money
from tests.money.crediting.story import Story
from tests.resources.shop import NEW_YEAR


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    yield from one_for_all(NEW_YEAR, relaxed=True)


@pytest.mark.parametrize("seed", range(60))
def test_a_preview_is_what_is_done_and_a_clerk_finds_the_same(fake: FakeStripe, seed: int) -> None:
    fake.reset()
    story = Story(Call(through_engine, fake), Random(seed))
    story.play(12)
    check_money(story.call, story.customer)
