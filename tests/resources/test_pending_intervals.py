"""`pending_invoice_item_interval`: waiting invoice items are invoiced more often than the subscription."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import subscribe

SUBSCRIPTIONS = "/v1/subscriptions"
WEEK = {"interval": "week", "interval_count": 1}
REASON = "automatic_pending_invoice_item_invoice"
Tree = dict[str, Any]


def shown(subscription: Tree) -> tuple[Tree | None, int | None]:
    return subscription["pending_invoice_item_interval"], subscription["next_pending_invoice_item_invoice"]


def weekly(call: Call) -> Tree:
    return subscribe(call, customer(call), licensed(call), pending_invoice_item_interval={"interval": "week"})


def charge(call: Call, subscription: Tree, amount: int) -> str:
    terms = {"customer": subscription["customer"], "subscription": subscription["id"], "amount": amount}
    made: str = call.create("/v1/invoiceitems", {**terms, "currency": "usd"})["id"]
    return made


def test_an_interval_is_shown_with_its_next_time(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    assert shown(made) == (None, None)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    call.clock.advance(DAY)
    assert shown(call.create(path, {"pending_invoice_item_interval": {"interval": "week"}})) == (
        WEEK,
        NEW_YEAR + 8 * DAY,
    )
    every = {"interval": "month", "interval_count": 2}
    assert shown(call.create(path, {"pending_invoice_item_interval": every})) == (every, MARCH + DAY)
    assert shown(call.create(path, {"description": "x"})) == (every, MARCH + DAY)
    assert shown(call.create(path, {"pending_invoice_item_interval": ""})) == (None, None)


def test_waiting_items_are_invoiced_at_the_interval(call: Call) -> None:
    made = weekly(call)
    charge(call, made, 100)
    call.clock.freeze(NEW_YEAR + 7 * DAY)
    first, second = invoices(call)
    assert (first["billing_reason"], second["billing_reason"]) == ("subscription_create", REASON)
    assert (second["status"], second["total"], second["created"]) == ("draft", 100, NEW_YEAR + 7 * DAY)
    assert (second["period_start"], second["period_end"]) == (NEW_YEAR, NEW_YEAR + 7 * DAY)
    subscription = call.get(f"{SUBSCRIPTIONS}/{made['id']}").json
    assert subscription["latest_invoice"] == second["id"]
    assert shown(subscription) == (WEEK, NEW_YEAR + 14 * DAY)
    assert events(call, "customer.subscription.updated")[-1]["data"]["previous_attributes"] == {
        "latest_invoice": first["id"],
        "next_pending_invoice_item_invoice": NEW_YEAR + 7 * DAY,
    }
    call.clock.advance(HOUR)
    assert invoices(call)[1]["status"] == "paid"


def test_without_waiting_items_nothing_is_invoiced(call: Call) -> None:
    made = weekly(call)
    call.clock.freeze(NEW_YEAR + 21 * DAY)
    assert len(invoices(call)) == 1
    charge(call, made, 100)
    call.clock.freeze(FEBRUARY - 1)
    assert [each["created"] for each in invoices(call)] == [NEW_YEAR, NEW_YEAR + 28 * DAY]


def test_an_interval_that_was_changed_or_cleared_invoices_nothing_at_the_old_time(call: Call) -> None:
    made = weekly(call)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    charge(call, made, 100)
    call.clock.advance(DAY)
    call.create(path, {"pending_invoice_item_interval": {"interval": "day", "interval_count": 10}})
    call.clock.freeze(NEW_YEAR + 11 * DAY - 1)
    assert len(invoices(call)) == 1
    call.create(path, {"pending_invoice_item_interval": ""})
    call.clock.freeze(FEBRUARY - 1)
    assert len(invoices(call)) == 1


def test_a_canceled_subscription_invoices_nothing_at_the_interval(call: Call) -> None:
    made = weekly(call)
    charge(call, made, 100)
    assert shown(call.delete(f"{SUBSCRIPTIONS}/{made['id']}").json) == (WEEK, None)
    call.clock.freeze(MARCH)
    assert len(invoices(call)) == 1


def test_a_test_clock_does_it_too(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    every = {"interval": "day", "interval_count": 5}
    ada = customer(call, test_clock=clock)
    made = subscribe(call, ada, licensed(call), pending_invoice_item_interval=every)
    charge(call, made, 100)
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": NEW_YEAR + 11 * DAY})
    assert [each["created"] for each in invoices(call, customer=ada)] == [NEW_YEAR, NEW_YEAR + 5 * DAY]
    assert shown(call.get(f"{SUBSCRIPTIONS}/{made['id']}").json) == (every, NEW_YEAR + 15 * DAY)


@pytest.mark.parametrize(("interval", "most"), [("day", 365), ("week", 52), ("month", 12), ("year", 1)])
def test_an_interval_is_at_most_a_year(call: Call, interval: str, most: int) -> None:
    made = subscribe(call, customer(call), licensed(call))
    new = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    for path, terms in ((SUBSCRIPTIONS, new), (f"{SUBSCRIPTIONS}/{made['id']}", {})):
        every = {"interval": interval, "interval_count": most + 1}
        refused = call.post(path, {**terms, "pending_invoice_item_interval": every})
        assert (refused.status, refused.error["param"]) == (400, "pending_invoice_item_interval[interval_count]")
        every["interval_count"] = most
        assert call.create(path, {**terms, "pending_invoice_item_interval": every})["status"] == "active"
