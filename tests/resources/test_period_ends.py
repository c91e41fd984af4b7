"""`cancel_at` by name: a subscription that ends with the period of an item."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
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


# What an end within a period costs


def spans(call: Call, made: Tree) -> list[list[tuple[int, int, int]]]:
    """What each invoice charges, and for which days since New Year."""
    found = invoices(call, subscription=made["id"])
    return [[_span(line) for line in invoice["lines"]["data"]] for invoice in found]


def waiting(call: Call) -> list[tuple[int, int, int]]:
    return [_span(item) for item in call.get("/v1/invoiceitems", {"pending": True}).json["data"]]


def _span(line: Tree) -> tuple[int, int, int]:
    return line["amount"], (line["period"]["start"] - NEW_YEAR) // DAY, (line["period"]["end"] - NEW_YEAR) // DAY


@pytest.mark.parametrize(
    ("mode", "behavior", "line"),
    [
        ("classic", "create_prorations", (2000, 0, 20)),
        ("classic", "none", (2000, 0, 20)),
        ("flexible", "create_prorations", (2000, 0, 20)),
        ("flexible", "none", (3100, 0, 31)),
    ],
)
def test_a_first_period_is_charged_up_to_the_end(
    call: Call, mode: str, behavior: str, line: tuple[int, int, int]
) -> None:
    terms = {"cancel_at": NEW_YEAR + 20 * DAY, "proration_behavior": behavior, "billing_mode": {"type": mode}}
    assert spans(call, subscribe(call, customer(call), licensed(call, 3100), **terms)) == [[line]]


@pytest.mark.parametrize("mode", ["classic", "flexible"])
@pytest.mark.parametrize(
    ("behavior", "invoiced", "pending"),
    [
        ("create_prorations", [], [(-1100, 20, 31)]),
        ("always_invoice", [[(-1100, 20, 31)]], []),
        ("none", [], []),
    ],
)
def test_an_update_gives_back_the_time_after_the_end(
    call: Call, mode: str, behavior: str, invoiced: list[object], pending: list[object]
) -> None:
    made = subscribe(call, customer(call), licensed(call, 3100), billing_mode={"type": mode})
    call.clock.advance(DAY)
    terms = {"cancel_at": NEW_YEAR + 20 * DAY, "proration_behavior": behavior}
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", terms)
    assert (spans(call, made), waiting(call)) == ([[(3100, 0, 31)], *invoiced], pending)


@pytest.mark.parametrize("behavior", ["create_prorations", "none"])
def test_a_later_period_is_always_charged_up_to_the_end(call: Call, behavior: str) -> None:
    terms = {"cancel_at": NEW_YEAR + 45 * DAY, "proration_behavior": behavior}
    made = subscribe(call, customer(call), licensed(call, 2800), **terms)
    call.clock.freeze(MARCH)
    assert spans(call, made)[:2] == [[(2800, 0, 31)], [(1400, 31, 45)]]


def test_an_end_that_is_moved_or_taken_back_is_charged_again(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call, 3100), cancel_at=NEW_YEAR + 20 * DAY)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    call.create(path, {"cancel_at": NEW_YEAR + 25 * DAY})
    call.create(path, {"cancel_at": ""})
    assert sorted(waiting(call)) == [(500, 20, 25), (600, 25, 31)]


def test_time_that_was_paid_is_not_charged_again(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call, 3100))
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    call.create(path, {"cancel_at": NEW_YEAR + 20 * DAY, "proration_behavior": "none"})
    call.create(path, {"cancel_at": ""})
    assert waiting(call) == []


@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_change_before_the_end_is_prorated_up_to_it(call: Call, mode: str) -> None:
    terms = {"cancel_at": NEW_YEAR + 20 * DAY, "billing_mode": {"type": mode}}
    made = subscribe(call, customer(call), licensed(call, 3100), **terms)
    call.clock.advance(10 * DAY)
    changed = [{"id": made["items"]["data"][0]["id"], "quantity": 2}]
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", {"items": changed})
    assert sorted(waiting(call)) == [(-1000, 10, 20), (2000, 10, 20)]


def charged(call: Call, made: Tree) -> int:
    """All that was charged for a subscription, or waits to be."""
    pending = call.get("/v1/invoiceitems", {"customer": made["customer"], "pending": True}).json["data"]
    billed: list[int] = [invoice["total"] for invoice in invoices(call, subscription=made["id"])]
    waits: list[int] = [item["amount"] for item in pending]
    return sum(billed) + sum(waits)


@pytest.mark.parametrize("mode", ["flexible", "classic"])
@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice"])
def test_an_end_within_the_period_that_the_same_call_begins_is_charged_up_to_then(
    call: Call, mode: str, behavior: str
) -> None:
    made = subscribe(call, customer(call), licensed(call, 3100), billing_mode={"type": mode})
    call.clock.advance(10 * DAY)
    terms = {"billing_cycle_anchor": "now", "cancel_at": NEW_YEAR + 20 * DAY, "proration_behavior": behavior}
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", terms)
    assert charged(call, made) == 2000
    later = {"billing_cycle_anchor": "now", "cancel_at": "", "proration_behavior": behavior}
    moved = call.create(f"{SUBSCRIPTIONS}/{made['id']}", later)
    assert moved["items"]["data"][0]["current_period_end"] == FEBRUARY + 10 * DAY
    assert charged(call, made) == 4100


def test_longer_items_are_charged_up_to_the_named_end_of_the_period_that_the_same_call_begins(call: Call) -> None:
    prices = (licensed(call, 3100), licensed(call, 36500, "Year", interval="year"))
    made = subscribe(call, customer(call), *prices)
    call.clock.advance(10 * DAY)
    terms = {"billing_cycle_anchor": "now", "cancel_at": "min_period_end"}
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", terms)
    assert charged(call, made) == 41 * 100 + 41 * 100
