"""Ids that look like Stripe's."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.ids import tail


def test_an_id_has_its_prefix_and_a_tail_of_letters_and_digits() -> None:
    assert re.fullmatch("cus_[0-9A-Za-z]{14}", Ids("seed").new("cus_"))
    assert re.fullmatch("mtr_test_[0-9A-Za-z]{32}", Ids("seed").new("mtr_test_", 32))


def test_equal_seeds_give_equal_ids_and_others_do_not() -> None:
    first, second, other = Ids("1"), Ids("1"), Ids("2")
    ids = [first.new("x_") for _ in range(100)]
    assert [second.new("x_") for _ in range(100)] == ids
    assert {other.new("x_") for _ in range(100)}.isdisjoint(ids)
    assert len(set(ids)) == 100


def test_a_count_continues_where_another_stopped() -> None:
    first = Ids("seed")
    first.new("x_")
    first.uuid()
    assert Ids("seed", first.counts).new("x_") == first.new("x_")


def test_an_id_does_not_hang_on_how_many_of_another_kind_came_before() -> None:
    first, second = Ids("seed"), Ids("seed")
    first.new("evt_")
    assert first.new("cus_") == second.new("cus_")


def test_a_uuid_is_a_version_4_uuid_that_the_seed_decides() -> None:
    uuid = Ids("seed").uuid()
    assert str(UUID(uuid)) == uuid
    assert UUID(uuid).version == 4
    assert Ids("seed").uuid() == uuid


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 64))
def test_a_tail_is_a_function_of_its_text(text: str, length: int) -> None:
    assert tail(text, length) == tail(text, length)
    assert len(tail(text, length)) == length


@pytest.mark.usefixtures("eager_threads")
def test_threads_never_get_the_same_id() -> None:
    ids = Ids("seed")
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: [ids.new("x_") for _ in range(1000)], range(8)))
    assert len({each for batch in made for each in batch}) == 8000
