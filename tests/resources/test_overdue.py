"""An invoice that was sent and is not paid by its due date."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import subscribe
from tests.resources.shop import types

SENT = {"collection_method": "send_invoice", "days_until_due": 7}
DUE = NEW_YEAR + 7 * DAY
CHANGED = "customer.subscription.updated"

Tree = dict[str, Any]


def sent(call: Call, days: int = 7) -> Tree:
    """A subscription whose first invoice was sent, an hour after it was made."""
    made = subscribe(call, customer(call), licensed(call), **SENT | {"days_until_due": days})
    call.clock.freeze(NEW_YEAR + HOUR)
    [invoice] = invoices(call)
    assert (invoice["status"], invoice["due_date"]) == ("open", NEW_YEAR + days * DAY)
    return made


def status(call: Call, subscription: Tree) -> str:
    found: str = call.get(f"/v1/subscriptions/{subscription['id']}").json["status"]
    return found


def delinquent(call: Call, subscription: Tree) -> bool:
    found: bool = call.get(f"/v1/customers/{subscription['customer']}").json["delinquent"]
    return found


def test_a_subscription_becomes_past_due_at_the_due_date_of_its_open_invoice(call: Call) -> None:
    subscription = sent(call)
    call.clock.freeze(DUE - 1)
    seen = types(call)
    assert (status(call, subscription), delinquent(call, subscription)) == ("active", False)
    call.clock.advance(1)
    assert (status(call, subscription), delinquent(call, subscription)) == ("past_due", True)
    assert types(call)[len(seen) :] == [CHANGED]
    [invoice] = invoices(call)
    assert (invoice["status"], invoice["attempted"], invoice["attempt_count"]) == ("open", False, 0)


@pytest.mark.parametrize(
    ("what", "params"),
    [
        ("pay", {}),
        ("pay", {"paid_out_of_band": True}),
        ("mark_uncollectible", {}),
        ("void", {}),
    ],
)
def test_the_end_of_an_overdue_invoice_heals_its_subscription(call: Call, what: str, params: Tree) -> None:
    subscription = sent(call)
    call.clock.freeze(DUE + DAY)
    assert status(call, subscription) == "past_due"
    call.create(f"/v1/invoices/{invoices(call)[0]['id']}/{what}", params)
    assert status(call, subscription) == "active"
    assert delinquent(call, subscription) is (what == "void")


@pytest.mark.parametrize("what", ["pay", "mark_uncollectible", "void"])
def test_what_ended_before_its_due_date_is_never_overdue(call: Call, what: str) -> None:
    subscription = sent(call)
    call.create(f"/v1/invoices/{invoices(call)[0]['id']}/{what}")
    call.clock.freeze(DUE + DAY)
    assert (status(call, subscription), delinquent(call, subscription)) == ("active", False)


def test_only_the_newest_invoice_makes_a_subscription_past_due(call: Call) -> None:
    subscription = sent(call, days=40)
    call.clock.freeze(NEW_YEAR + 40 * DAY)
    assert (status(call, subscription), delinquent(call, subscription)) == ("active", True)
    call.create(f"/v1/invoices/{invoices(call)[1]['id']}/void")
    assert status(call, subscription) == "past_due"


def test_an_invoice_that_is_due_at_once_is_overdue_when_it_is_finalized(call: Call) -> None:
    subscription = sent(call, days=0)
    assert status(call, subscription) == "past_due"


def test_a_draft_is_not_overdue(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call), **SENT)
    [draft] = invoices(call)
    call.create(f"/v1/invoices/{draft['id']}", {"auto_advance": False})
    call.clock.freeze(DUE + DAY)
    assert status(call, subscription) == "active"
    call.create(f"/v1/invoices/{draft['id']}/finalize")
    call.clock.advance(0)
    assert status(call, subscription) == "past_due"


def test_an_invoice_without_a_subscription_makes_its_customer_delinquent(call: Call) -> None:
    ada = customer(call)
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 500, "currency": "usd"})
    made = call.create("/v1/invoices", {"customer": ada, "pending_invoice_items_behavior": "include", **SENT})
    call.create(f"/v1/invoices/{made['id']}/finalize")
    call.clock.freeze(DUE)
    assert call.get(f"/v1/customers/{ada}").json["delinquent"] is True


def test_a_canceled_subscription_stays_so(call: Call) -> None:
    subscription = sent(call)
    call.delete(f"/v1/subscriptions/{subscription['id']}")
    call.clock.freeze(DUE)
    assert status(call, subscription) == "canceled"


def test_a_test_clock_has_due_dates(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    subscription = subscribe(call, customer(call, test_clock=clock), licensed(call), **SENT)
    path = f"/v1/test_helpers/test_clocks/{clock}/advance"
    call.create(path, {"frozen_time": DUE - 1})
    assert status(call, subscription) == "active"
    call.create(path, {"frozen_time": DUE})
    assert status(call, subscription) == "past_due"


def test_a_snapshot_carries_due_dates(call: Call) -> None:
    subscription = sent(call)
    call.fake.restore(call.fake.snapshot())
    call.clock.freeze(DUE)
    assert status(call, subscription) == "past_due"


def test_a_subscription_past_due_is_billed_again(call: Call) -> None:
    subscription = sent(call)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [each["status"] for each in invoices(call)] == ["open", "open"]
    assert status(call, subscription) == "past_due"
    call.create(f"/v1/invoices/{invoices(call)[1]['id']}/pay")
    assert status(call, subscription) == "active"
