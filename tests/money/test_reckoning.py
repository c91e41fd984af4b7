"""What a changed subscription is billed is what the documented rules make of it: random stories, reckoned by hand."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.fuzz.wishes import tries
from tests.money.conftest import one_for_all
from tests.money.reckoning.story import EARLY
from tests.money.reckoning.story import Story


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    yield from one_for_all(EARLY, relaxed=True)


@pytest.mark.parametrize("mode", ["classic", "flexible"])
@given(random=st.randoms(use_true_random=False))
@tries(25)
def test_a_changed_subscription_is_billed_as_the_rules_say(fake: FakeStripe, mode: str, random: Random) -> None:
    fake.reset()
    Story(Call(through_engine, fake), random, mode).play(6)


@pytest.mark.parametrize("mode", ["classic", "flexible"])
@pytest.mark.parametrize("seed", range(10))
def test_a_longer_story_is_billed_as_the_rules_say(fake: FakeStripe, mode: str, seed: int) -> None:
    fake.reset()
    Story(Call(through_engine, fake), Random(seed), mode).play(12)
