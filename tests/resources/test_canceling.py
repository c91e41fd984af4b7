"""Canceling a subscription at once: its closing invoice, what is given back, and what is dropped."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

SUBSCRIPTIONS = "/v1/subscriptions"
FROZEN = ["pricing", "quantity", "discounts"]
AT_ONCE: Tree = {"invoice_now": True}


def cancel(call: Call, subscription: Tree, **terms: object) -> Tree:
    canceled = call.delete(f"{SUBSCRIPTIONS}/{subscription['id']}", terms)
    assert canceled.status == 200, canceled.body
    tree: Tree = canceled.json
    return tree


def pending(call: Call, customer_id: str) -> list[Tree]:
    found: list[Tree] = call.get("/v1/invoiceitems", {"customer": customer_id, "pending": True}).json["data"]
    return found


# The closing invoice


def test_the_closing_invoice_is_a_draft_that_is_finalized_an_hour_later(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    use(call, ada, 5)
    call.clock.advance(DAY)
    canceled = cancel(call, created, invoice_now=True)
    (draft,) = invoices(call)
    assert canceled["latest_invoice"] == draft["id"]
    assert (draft["status"], draft["auto_advance"], draft["billing_reason"]) == ("draft", True, "subscription_cycle")
    assert (draft["automatically_finalizes_at"], draft["total"]) == (NEW_YEAR + DAY + HOUR, 5)
    assert (draft["period_start"], draft["period_end"]) == (NEW_YEAR, NEW_YEAR + DAY)
    call.clock.advance(HOUR - 1)
    assert invoices(call)[0]["status"] == "draft"
    call.clock.advance(1)
    (last,) = invoices(call)
    assert (last["status"], last["status_transitions"]["finalized_at"]) == ("paid", NEW_YEAR + DAY + HOUR)
    assert lines(last) == [("5 × Calls (at $0.01 / month)", 5)]


def test_the_closing_invoice_can_be_finalized_and_paid_by_hand(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    use(call, ada, 5)
    path = f"/v1/invoices/{cancel(call, created, invoice_now=True)['latest_invoice']}"
    assert call.create(f"{path}/pay")["status"] == "paid"
    call.clock.advance(DAY)
    assert call.get(path).json["status_transitions"]["finalized_at"] == NEW_YEAR


def test_the_closing_invoice_takes_usage_that_was_accepted_before_the_cancellation_and_becomes_visible_later(
    call: Call,
) -> None:
    call.fake.engine.world.settings.lag_ns = 60 * 10**9
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    use(call, ada, 13)
    cancel(call, created, invoice_now=True)
    assert invoices(call)[0]["total"] == 0
    use(call, ada, 100)
    call.clock.advance(60)
    assert invoices(call)[0]["total"] == 13
    call.clock.advance(HOUR)
    (last,) = invoices(call)
    assert (last["status"], last["total"]) == ("paid", 13)


def test_the_closing_invoice_bills_no_usage_that_is_reported_after_the_cancellation(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    call.clock.advance(DAY)
    use(call, ada, 5)
    cancel(call, created, invoice_now=True)
    use(call, ada, 7, NEW_YEAR + HOUR)
    call.clock.advance(HOUR)
    assert invoices(call)[0]["total"] == 5


def test_without_any_usage_the_closing_invoice_is_a_draft_of_zero(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call))
    cancel(call, created, invoice_now=True)
    (draft,) = invoices(call)
    assert (draft["status"], draft["total"]) == ("draft", 0)
    call.clock.advance(HOUR)
    assert invoices(call)[0]["status"] == "paid"


def test_a_trial_that_is_canceled_with_an_invoice_has_one_of_zero(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call), trial_period_days=30)
    use(call, ada, 1000)
    call.clock.advance(DAY)
    canceled = cancel(call, created, invoice_now=True)
    assert canceled["latest_invoice"] not in (None, created["latest_invoice"])
    last = invoices(call)[-1]
    assert (last["id"], last["status"], last["total"]) == (canceled["latest_invoice"], "draft", 0)


def test_a_closing_invoice_with_nothing_on_it_is_not_made(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call))
    assert cancel(call, created, invoice_now=True)["latest_invoice"] == created["latest_invoice"]
    assert len(invoices(call)) == 1


def test_a_closing_invoice_that_cannot_be_paid_stays_open_and_the_subscription_canceled(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call), default_payment_method=DECLINING)
    use(call, ada, 500)
    call.clock.advance(DAY)
    cancel(call, created, invoice_now=True)
    call.clock.advance(HOUR)
    (last,) = invoices(call)
    assert (last["status"], last["attempt_count"]) == ("open", 1)
    assert call.get(f"{SUBSCRIPTIONS}/{created['id']}").json["status"] == "canceled"


def test_a_closing_invoice_that_is_sent_is_sent_an_hour_later(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call), collection_method="send_invoice", days_until_due=7)
    use(call, ada, 500)
    cancel(call, created, invoice_now=True)
    assert invoices(call)[0]["status"] == "draft"
    call.clock.advance(HOUR)
    (last,) = invoices(call)
    assert (last["status"], last["due_date"]) == ("open", NEW_YEAR + 7 * DAY)
    assert "invoice.sent" in types(call)


def test_a_subscription_that_ends_with_its_period_leaves_a_draft_with_the_grace_of_a_cycle(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call), cancel_at_period_end=True)
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY)
    (draft,) = invoices(call)
    assert (draft["status"], draft["billing_reason"], draft["total"]) == ("draft", "subscription_cycle", 5)
    assert call.get(f"{SUBSCRIPTIONS}/{created['id']}").json["latest_invoice"] == draft["id"]
    use(call, ada, 7, FEBRUARY - 1)
    call.clock.advance(HOUR)
    (last,) = invoices(call)
    assert (last["status"], last["total"]) == ("paid", 12)


# What is given back, and what is dropped


def changed(call: Call) -> tuple[str, Tree]:
    """A customer and a subscription with a pending proration, and another item that waits."""
    ada = customer(call)
    created = subscribe(call, ada, licensed(call, 3100))
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 700, "currency": "usd"})
    call.clock.advance(DAY)
    call.create(f"/v1/subscription_items/{created['items']['data'][0]['id']}", {"quantity": 2})
    return ada, created


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        ({}, [700]),
        ({"invoice_now": False, "prorate": False}, [700]),
        ({"prorate": True}, [-6000, 6000, -3000, 700]),
        ({"invoice_now": True}, []),
        ({"invoice_now": True, "prorate": True}, []),
    ],
)
def test_pending_prorations_are_removed_unless_something_is_invoiced_or_prorated(
    call: Call, terms: dict[str, Any], left: list[int]
) -> None:
    ada, created = changed(call)
    cancel(call, created, **terms)
    assert sorted(item["amount"] for item in pending(call, ada)) == sorted(left)


def test_what_is_removed_is_published_as_deleted(call: Call) -> None:
    _, created = changed(call)
    cancel(call, created)
    assert types(call)[-3:] == ["invoiceitem.deleted", "invoiceitem.deleted", "customer.subscription.deleted"]


def test_prorations_of_another_subscription_stay(call: Call) -> None:
    ada, _ = changed(call)
    cancel(call, subscribe(call, ada, licensed(call)))
    assert sorted(item["amount"] for item in pending(call, ada)) == [-3000, 6000]


def test_the_closing_invoice_takes_pending_prorations_and_other_pending_items(call: Call) -> None:
    _, created = changed(call)
    cancel(call, created, invoice_now=True)
    assert sorted(line["amount"] for line in invoices(call)[-1]["lines"]["data"]) == [-3000, 700, 6000]


def test_unused_time_is_given_back_on_the_closing_invoice(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call, 3100))
    call.clock.advance(DAY)
    cancel(call, created, prorate=True, invoice_now=True)
    assert (invoices(call)[-1]["status"], invoices(call)[-1]["total"]) == ("draft", -3000)
    call.clock.advance(HOUR)
    assert (invoices(call)[-1]["status"], invoices(call)[-1]["ending_balance"]) == ("paid", -3000)
    assert call.get(f"/v1/customers/{ada}").json["balance"] == -3000


def test_unused_time_that_is_not_invoiced_waits_for_the_customers_next_invoice(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call, 3100))
    call.clock.advance(DAY)
    cancel(call, created, prorate=True)
    assert [item["amount"] for item in pending(call, ada)] == [-3000]
    made = call.create("/v1/invoices", {"customer": ada, "pending_invoice_items_behavior": "include"})
    assert made["total"] == -3000


def test_what_waits_after_a_cancellation_is_on_the_next_invoice_of_another_subscription(call: Call) -> None:
    ada = customer(call)
    kept = subscribe(call, ada, licensed(call, 500, "Desk"))
    created = subscribe(call, ada, licensed(call, 3100))
    own = {"customer": ada, "amount": 70, "currency": "usd", "subscription": created["id"]}
    call.create("/v1/invoiceitems", own)
    call.clock.advance(DAY)
    cancel(call, created, prorate=True)
    credit, mine = pending(call, ada)
    assert (credit["parent"], credit["proration"], credit["frozen_fields"]) == (None, True, FROZEN)
    assert "proration_details" not in credit
    assert (mine["parent"], mine["amount"]) == (None, 70)
    call.clock.freeze(FEBRUARY + HOUR)
    (cycle,) = invoices(call, subscription=kept["id"])[1:]
    assert [line["amount"] for line in cycle["lines"]["data"]] == [-3000, 70, 500]
    assert pending(call, ada) == []


# Customers that are deleted


def test_a_deleted_customers_subscriptions_are_canceled_as_at_once_and_without_an_invoice(call: Call) -> None:
    ada, created = changed(call)
    call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"cancel_at_period_end": True})
    call.delete(f"/v1/customers/{ada}")
    ended = call.get(f"{SUBSCRIPTIONS}/{created['id']}").json
    assert (ended["status"], ended["cancel_at"], ended["cancel_at_period_end"]) == ("canceled", None, False)
    assert ended["cancellation_details"]["reason"] == "cancellation_requested"
    assert types(call).count("invoiceitem.deleted") == 2
    call.clock.freeze(MARCH)
    assert len(invoices(call)) == 1


# Changes of what has ended


@pytest.mark.parametrize(
    "change",
    [
        {"cancel_at_period_end": True},
        {"description": "Later"},
        {"billing_cycle_anchor": "now"},
        {"trial_end": "now"},
        {"proration_behavior": "none"},
        {"metadata": {"a": "1"}, "description": "Later"},
    ],
)
def test_what_is_canceled_changes_in_its_metadata_and_reasons_only(call: Call, change: Tree) -> None:
    created = subscribe(call, customer(call), metered(call))
    cancel(call, created)
    refused = call.post(f"{SUBSCRIPTIONS}/{created['id']}", change)
    assert refused.status == 400
    assert refused.error["code"] == "invalid_canceled_subscription_fields"
    assert refused.error["message"] == "A canceled subscription can only update its cancellation_details and metadata."
    kept = {"metadata": {"a": "1"}, "cancellation_details": {"comment": "Bye", "feedback": "unused"}}
    after = call.create(f"{SUBSCRIPTIONS}/{created['id']}", kept)
    assert (after["metadata"], after["cancellation_details"]["comment"]) == ({"a": "1"}, "Bye")


def test_an_item_is_not_added_to_what_is_canceled(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call))
    cancel(call, created)
    refused = call.post("/v1/subscription_items", {"subscription": created["id"], "price": licensed(call)})
    assert (refused.status, refused.error["param"]) == (404, "subscription")
    assert refused.error["message"] == f"No such subscription: '{created['id']}'"
