"""`cancel_at` by name: a subscription that ends with the period of an item."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import subscribe

SUBSCRIPTIONS = "/v1/subscriptions"
YEAR_END = NEW_YEAR + 365 * DAY


@pytest.mark.parametrize(("name", "end"), [("min_period_end", FEBRUARY), ("max_period_end", YEAR_END)])
def test_a_name_becomes_a_time_at_once(call: Call, name: str, end: int) -> None:
    prices = (metered(call), licensed(call, interval="year"))
    made = subscribe(call, customer(call), *prices, cancel_at=name)
    assert (made["cancel_at"], made["cancel_at_period_end"], made["canceled_at"]) == (end, False, NEW_YEAR)
    assert made["cancellation_details"]["reason"] == "cancellation_requested"
    later = subscribe(call, customer(call), *prices)
    call.clock.advance(DAY)
    changed = call.create(f"{SUBSCRIPTIONS}/{later['id']}", {"cancel_at": name})
    assert (changed["cancel_at"], changed["canceled_at"]) == (end, NEW_YEAR + DAY)


def test_the_time_stays_when_the_period_moves(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call), cancel_at="max_period_end")
    call.clock.advance(DAY)
    moved = call.create(f"{SUBSCRIPTIONS}/{made['id']}", {"billing_cycle_anchor": "now"})
    assert moved["cancel_at"] == FEBRUARY
    call.clock.freeze(MARCH)
    ended = call.get(f"{SUBSCRIPTIONS}/{made['id']}").json
    assert (ended["status"], ended["ended_at"]) == ("canceled", FEBRUARY)


def test_within_a_trial_every_period_ends_with_it(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call), trial_period_days=5, cancel_at="max_period_end")
    assert made["cancel_at"] == NEW_YEAR + 5 * DAY


def test_a_name_means_the_period_that_the_same_call_begins(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    call.clock.advance(DAY)
    terms = {"billing_cycle_anchor": "now", "cancel_at": "min_period_end"}
    moved = call.create(f"{SUBSCRIPTIONS}/{made['id']}", terms)
    assert moved["cancel_at"] == moved["items"]["data"][0]["current_period_end"] == FEBRUARY + DAY


def test_a_name_means_the_period_of_an_item_that_the_same_call_adds(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    terms = {"items": [{"price": licensed(call, interval="year")}], "cancel_at": "max_period_end"}
    assert call.create(f"{SUBSCRIPTIONS}/{made['id']}", terms)["cancel_at"] == YEAR_END
