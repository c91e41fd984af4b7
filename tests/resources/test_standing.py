"""What the end of an invoice, or a failed payment, means for its subscription and its customer."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import one_time
from tests.resources.shop import subscribe
from tests.resources.shop import types

SUBSCRIPTIONS, INVOICES = "/v1/subscriptions", "/v1/invoices"
APRIL = MARCH + 31 * DAY
OUT_OF_BAND = {"paid_out_of_band": True}
GOOD = {"payment_method": "pm_card_visa"}
CHANGED = "customer.subscription.updated"

Tree = dict[str, Any]


def declining(call: Call, **terms: object) -> str:
    """A subscription whose first invoice is paid, and no later one."""
    made: str = subscribe(call, customer(call), licensed(call), **terms)["id"]
    call.create(f"{SUBSCRIPTIONS}/{made}", {"default_payment_method": DECLINING})
    return made


def status(call: Call, subscription: str) -> str:
    found: str = call.get(f"{SUBSCRIPTIONS}/{subscription}").json["status"]
    return found


def act(call: Call, invoice: Tree, what: str, params: Tree | None = None) -> int:
    return call.post(f"{INVOICES}/{invoice['id']}/{what}", params).status


def since(call: Call, seen: list[str]) -> list[str]:
    """The types of the events of subscriptions and invoices after those that were seen."""
    return types(call, "customer.subscription.*", "invoice.*")[len(seen) :]


PAID = ["invoice.updated", "invoice.paid", "invoice.payment_succeeded"]
VOIDED = ["invoice.updated", "invoice.voided"]
GIVEN_UP = ["invoice.updated", "invoice.marked_uncollectible"]
PAST_DUE_AFTER_ONE: list[tuple[str, Tree | None, str, list[str]]] = [
    ("pay", GOOD, "active", [*PAID, CHANGED]),
    ("pay", OUT_OF_BAND, "active", [*PAID, CHANGED]),
    ("void", None, "active", [*VOIDED, CHANGED]),
    ("mark_uncollectible", None, "active", [*GIVEN_UP, CHANGED]),
]


@pytest.mark.parametrize(("what", "params", "after", "told"), PAST_DUE_AFTER_ONE)
def test_the_end_of_the_failed_invoice_makes_a_past_due_subscription_active(
    call: Call, what: str, params: Tree | None, after: str, told: list[str]
) -> None:
    subscription = declining(call)
    call.clock.freeze(FEBRUARY + HOUR)
    failed = invoices(call)[-1]
    assert (failed["status"], status(call, subscription)) == ("open", "past_due")
    seen = types(call, "customer.subscription.*", "invoice.*")
    assert act(call, failed, what, params) == 200
    assert (status(call, subscription), since(call, seen)) == (after, told)


TWO_FAILED: list[tuple[str, list[tuple[int, str, Tree | None]], list[str]]] = [
    ("the older is paid, then the newer", [(0, "pay", GOOD), (1, "pay", GOOD)], ["past_due", "active"]),
    ("the older is voided, then the newer", [(0, "void", None), (1, "void", None)], ["past_due", "active"]),
    ("the newer is paid", [(1, "pay", OUT_OF_BAND)], ["active"]),
    ("the newer is given up", [(1, "mark_uncollectible", None)], ["active"]),
    ("the newer is voided: now the older is the newest", [(1, "void", None)], ["past_due"]),
    ("the newer is voided, then the older paid", [(1, "void", None), (0, "pay", GOOD)], ["past_due", "active"]),
    ("what was given up is voided", [(1, "mark_uncollectible", None), (1, "void", None)], ["active", "past_due"]),
    ("the older fails again while the newer is paid", [(1, "pay", GOOD), (0, "pay", None)], ["active", "active"]),
    ("the older is voided while the newer is paid", [(1, "pay", GOOD), (0, "void", None)], ["active", "active"]),
]


@pytest.mark.parametrize(("acts", "after"), [row[1:] for row in TWO_FAILED], ids=[row[0] for row in TWO_FAILED])
def test_of_two_failed_invoices_the_newest_that_is_not_void_counts(
    call: Call, acts: list[tuple[int, str, Tree | None]], after: list[str]
) -> None:
    subscription = declining(call)
    call.clock.freeze(MARCH + HOUR)
    failed = invoices(call)[1:]
    found = []
    for which, what, params in acts:
        act(call, failed[which], what, params)
        found.append(status(call, subscription))
    assert found == after


def test_a_draft_does_not_count_yet(call: Call) -> None:
    subscription = declining(call)
    call.clock.freeze(MARCH)
    failed, draft = invoices(call)[1:]
    assert draft["status"] == "draft"
    act(call, failed, "pay", GOOD)
    assert status(call, subscription) == "active"
    call.clock.advance(HOUR)
    assert status(call, subscription) == "past_due"


def test_an_invoice_made_by_hand_does_not_count(call: Call) -> None:
    subscription = declining(call)
    call.clock.freeze(FEBRUARY + HOUR)
    whose = call.get(f"{SUBSCRIPTIONS}/{subscription}").json["customer"]
    by_hand = call.create(INVOICES, {"customer": whose, "subscription": subscription})
    act(call, by_hand, "pay")
    assert status(call, subscription) == "past_due"
    other = call.create(INVOICES, {"customer": whose, "subscription": subscription})
    assert call.delete(f"{INVOICES}/{other['id']}").status == 200
    act(call, invoices(call)[1], "void")
    assert status(call, subscription) == "active"


def test_an_invoice_whose_payment_was_not_tried_changes_nothing(call: Call) -> None:
    subscription = declining(call)
    call.clock.freeze(MARCH)
    failed, draft = invoices(call)[1:]
    call.create(f"{INVOICES}/{draft['id']}/finalize", {"auto_advance": False})
    act(call, failed, "pay", GOOD)
    assert status(call, subscription) == "past_due"


@pytest.mark.parametrize("params", [GOOD, OUT_OF_BAND])
def test_paying_the_first_invoice_activates_the_subscription(call: Call, params: Tree) -> None:
    made = subscribe(call, customer(call), licensed(call), default_payment_method=DECLINING)
    assert made["status"] == "incomplete"
    seen = types(call, "customer.subscription.*", "invoice.*")
    act(call, invoices(call)[0], "pay", params)
    assert (status(call, made["id"]), since(call, seen)) == ("active", [*PAID, CHANGED])


def test_voiding_the_first_invoice_activates_nothing(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call), default_payment_method=DECLINING)
    (first,) = invoices(call)
    act(call, first, "mark_uncollectible")
    assert status(call, made["id"]) == "incomplete"
    act(call, first, "void")
    assert status(call, made["id"]) == "incomplete"
    call.clock.advance(DAY)
    assert status(call, made["id"]) == "incomplete_expired"


def test_a_trial_goes_on_whatever_becomes_of_its_invoices(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, licensed(call), trial_period_days=14, default_payment_method=DECLINING)
    call.create("/v1/invoiceitems", {"customer": ada, "pricing": {"price": one_time(call)}})
    item = made["items"]["data"][0]["id"]
    wanted = {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"}
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", wanted)
    failed = invoices(call)[-1]
    assert (failed["attempted"], status(call, made["id"])) == (True, "trialing")
    act(call, failed, "void")
    assert status(call, made["id"]) == "trialing"


@pytest.mark.parametrize("what", ["pay", "void", "mark_uncollectible"])
def test_a_canceled_subscription_stays_canceled(call: Call, what: str) -> None:
    subscription = declining(call)
    call.clock.freeze(FEBRUARY + HOUR)
    assert call.delete(f"{SUBSCRIPTIONS}/{subscription}").json["status"] == "canceled"
    act(call, invoices(call)[-1], what, GOOD if what == "pay" else None)
    assert status(call, subscription) == "canceled"


@pytest.mark.parametrize("now", [False, True])
def test_a_cancellation_stops_the_collection_of_all_but_its_own_invoice(call: Call, *, now: bool) -> None:
    subscription = declining(call)
    call.clock.freeze(MARCH)
    failed, draft = invoices(call)[1:]
    assert (failed["auto_advance"], draft["auto_advance"], draft["status"]) == (True, True, "draft")
    call.create("/v1/invoiceitems", {"customer": failed["customer"], "pricing": {"price": one_time(call)}})
    seen = len(events(call))
    call.delete(f"{SUBSCRIPTIONS}/{subscription}", {"invoice_now": now})
    told = events(call)[seen:]
    stopped = {each["data"]["object"]["id"] for each in told if each["type"] == "invoice.updated"}
    assert stopped >= {failed["id"], draft["id"]}
    assert told[-1]["type"] == "customer.subscription.deleted"
    failed, draft, *own = invoices(call)[1:]
    assert (failed["auto_advance"], draft["auto_advance"]) == (False, False)
    assert (draft["automatically_finalizes_at"], draft["next_payment_attempt"]) == (None, None)
    assert [each["auto_advance"] for each in own] == ([True] if now else [])
    call.clock.advance(DAY)
    assert [each["status"] for each in invoices(call)[1:3]] == ["open", "draft"]


def test_an_end_in_the_time_of_a_test_clock_counts_too(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    made = subscribe(call, customer(call, test_clock=clock), licensed(call))
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", {"default_payment_method": DECLINING})
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": FEBRUARY + HOUR})
    assert status(call, made["id"]) == "past_due"
    act(call, invoices(call)[-1], "void")
    assert status(call, made["id"]) == "active"


def test_the_customer_is_delinquent_until_an_invoice_is_paid_or_given_up(call: Call) -> None:
    subscription = declining(call)
    whose = call.get(f"{SUBSCRIPTIONS}/{subscription}").json["customer"]

    def delinquent() -> bool:
        found: bool = call.get(f"/v1/customers/{whose}").json["delinquent"]
        return found

    assert delinquent() is False
    call.clock.freeze(MARCH + HOUR)
    failed = invoices(call)[1:]
    assert delinquent() is True
    act(call, failed[0], "void")
    assert delinquent() is True
    act(call, failed[1], "mark_uncollectible")
    assert delinquent() is False


def test_the_invoices_of_an_older_snapshot_count(call: Call) -> None:
    subscription = declining(call)
    call.clock.freeze(FEBRUARY + HOUR)
    snapshot = call.fake.snapshot()
    for account in snapshot["accounts"]:
        if "invoices" in account["parts"]:
            del account["parts"]["invoices"]["by_subscription"]
    call.fake.restore(snapshot)
    act(call, invoices(call)[-1], "void")
    assert status(call, subscription) == "active"
