"""The end of a trial that nothing can pay: the subscription goes on, is canceled, or is paused."""

from typing import Any

import pytest

from tests.conftest import Answer
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
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

SUBSCRIPTIONS, INVOICES, CLOCKS = "/v1/subscriptions", "/v1/invoices", "/v1/test_helpers/test_clocks"
PREVIEW = f"{INVOICES}/create_preview"
TRIAL_END = NEW_YEAR + 7 * DAY
GOOD = "pm_card_visa"
DELETED, PAUSED, CHANGED = (f"customer.subscription.{each}" for each in ("deleted", "paused", "updated"))
ENDIVE = "2026-09-30.endive"

Tree = dict[str, Any]


def behavior(what: str) -> Tree:
    return {"trial_settings": {"end_behavior": {"missing_payment_method": what}}}


def trial(call: Call, what: str, whose: str | None = None, **terms: object) -> Tree:
    """A subscription with a trial of a week."""
    everything = {"trial_period_days": 7, **behavior(what), **terms}
    return subscribe(call, whose or customer(call), licensed(call), **everything)


def current(call: Call, subscription: Tree, **options: Any) -> Tree:  # noqa: ANN401  as `request`
    found: Tree = call.get(f"{SUBSCRIPTIONS}/{subscription['id']}", **options).json
    return found


def update(call: Call, subscription: Tree, **terms: object) -> Tree:
    return call.create(f"{SUBSCRIPTIONS}/{subscription['id']}", terms)


def life(call: Call, since: int) -> list[str]:
    found = events(call, "customer.subscription.*", "invoice.*")
    return [each["type"] for each in found if each["created"] >= since]


def preview(call: Call, subscription: Tree, **details: object) -> tuple[int, str | None]:
    answer = call.post(PREVIEW, {"subscription": subscription["id"], "subscription_details": details or None})
    return answer.status, None if answer.status == 200 else answer.error["code"]


ENDS: list[tuple[str, str, list[str]]] = [
    ("cancel", "canceled", [DELETED]),
    ("pause", "paused", [PAUSED, CHANGED]),
    ("create_invoice", "active", ["invoice.created", CHANGED]),
]


@pytest.mark.parametrize(("what", "after", "told"), ENDS)
def test_the_end_of_a_trial_does_what_was_asked_for(call: Call, what: str, after: str, told: list[str]) -> None:
    made = trial(call, what)
    assert (made["status"], made["trial_settings"]["end_behavior"]["missing_payment_method"]) == ("trialing", what)
    call.clock.freeze(TRIAL_END - 1)
    assert current(call, made)["status"] == "trialing"
    call.clock.freeze(TRIAL_END)
    assert (current(call, made)["status"], life(call, TRIAL_END)) == (after, told)


WAYS_TO_PAY = ["subscription", "customer", "later", "by mail"]


@pytest.mark.parametrize("what", ["cancel", "pause"])
@pytest.mark.parametrize("way", WAYS_TO_PAY)
def test_a_subscription_that_can_be_paid_goes_on(call: Call, what: str, way: str) -> None:
    settings = {"invoice_settings": {"default_payment_method": GOOD}}
    terms: Tree = {"subscription": {"default_payment_method": GOOD}}.get(way, {})
    terms |= {"by mail": {"collection_method": "send_invoice", "days_until_due": 7}}.get(way, {})
    made = trial(call, what, customer(call, **(settings if way == "customer" else {})), **terms)
    call.clock.freeze(TRIAL_END - DAY)
    if way == "later":
        call.create(f"/v1/customers/{made['customer']}", settings)
    assert preview(call, made) == (200, None)
    call.clock.freeze(TRIAL_END + HOUR)
    assert current(call, made)["status"] == "active"
    assert [each["total"] for each in invoices(call)] == [0, 1000]


@pytest.mark.parametrize("early", [False, True])
def test_a_subscription_that_is_canceled_says_when_and_why(call: Call, *, early: bool) -> None:
    made = trial(call, "cancel")
    ends = NEW_YEAR + DAY if early else TRIAL_END
    call.clock.freeze(ends)
    if early:
        assert update(call, made, trial_end="now")["status"] == "canceled"
        assert life(call, ends) == [DELETED]
    ended = current(call, made)
    assert (ended["status"], ended["canceled_at"], ended["ended_at"]) == ("canceled", ends, ends)
    assert ended["cancellation_details"]["reason"] == "cancellation_requested"
    assert (ended["trial_end"], ended["cancel_at"]) == (ends, None)
    call.clock.freeze(MARCH)
    assert [each["total"] for each in invoices(call)] == [0]


@pytest.mark.parametrize("early", [False, True])
def test_a_subscription_that_is_paused_is_not_invoiced(call: Call, *, early: bool) -> None:
    made = trial(call, "pause")
    ends = NEW_YEAR + DAY if early else TRIAL_END
    call.clock.freeze(ends)
    if early:
        assert update(call, made, trial_end="now")["status"] == "paused"
        assert life(call, ends) == [PAUSED, CHANGED]
    paused = current(call, made)
    item = paused["items"]["data"][0]
    assert (paused["status"], paused["trial_end"], paused["billing_cycle_anchor"]) == ("paused", ends, ends)
    assert (item["current_period_start"], item["current_period_end"]) == (NEW_YEAR, ends)
    assert (paused["ended_at"], paused["latest_invoice"]) == (None, made["latest_invoice"])
    call.clock.freeze(MARCH)
    assert current(call, made) == paused
    assert [each["total"] for each in invoices(call)] == [0]
    assert call.get(SUBSCRIPTIONS, {"status": "paused"}).ids == [made["id"]]
    assert call.get(SUBSCRIPTIONS).ids == [made["id"]]


def test_the_newest_version_says_why_it_is_paused(call: Call) -> None:
    made = trial(call, "pause")
    assert current(call, made, version=ENDIVE)["status_details"] is None
    call.clock.freeze(TRIAL_END)
    reason = {"type": "trial_end_without_payment_method"}
    assert current(call, made, version=ENDIVE)["status_details"] == {
        "paused": {"subscription": reason, "transitioned_at": TRIAL_END, "type": "subscription"}
    }
    assert "status_details" not in current(call, made, version="2026-08-26.dahlia")


def test_a_payment_method_does_not_resume_it(call: Call) -> None:
    made = trial(call, "pause")
    call.clock.freeze(TRIAL_END)
    assert update(call, made, default_payment_method=GOOD)["status"] == "paused"
    call.clock.freeze(MARCH)
    assert (current(call, made)["status"], len(invoices(call))) == ("paused", 1)


def test_an_update_may_give_the_trial_a_payment_method_and_end_it(call: Call) -> None:
    made = trial(call, "pause")
    assert update(call, made, default_payment_method=GOOD, trial_end="now")["status"] == "active"
    assert [each["total"] for each in invoices(call)] == [0, 1000]


def test_an_update_may_change_what_the_end_does_and_end_it(call: Call) -> None:
    made = trial(call, "create_invoice")
    assert update(call, made, trial_end="now", **behavior("cancel"))["status"] == "canceled"


def test_an_item_may_change_in_the_update_that_ends_the_trial(call: Call) -> None:
    made = trial(call, "pause")
    item = made["items"]["data"][0]["id"]
    paused = update(call, made, trial_end="now", items=[{"id": item, "quantity": 3}])
    assert (paused["status"], paused["items"]["data"][0]["quantity"]) == ("paused", 3)
    assert [each["total"] for each in invoices(call)] == [0]


def test_a_new_anchor_ends_the_trial_too(call: Call) -> None:
    made = trial(call, "pause")
    call.clock.advance(DAY)
    assert update(call, made, billing_cycle_anchor="now")["status"] == "paused"


def test_a_trial_that_is_moved_goes_on(call: Call) -> None:
    made = trial(call, "cancel")
    assert update(call, made, trial_end=TRIAL_END + DAY)["status"] == "trialing"
    call.clock.freeze(TRIAL_END)
    assert current(call, made)["status"] == "trialing"
    call.clock.freeze(TRIAL_END + DAY)
    assert current(call, made)["status"] == "canceled"


def test_an_end_that_was_scheduled_before_cancels_it_as_ever(call: Call) -> None:
    made = trial(call, "pause", cancel_at_period_end=True)
    call.create("/v1/invoiceitems", {"customer": made["customer"], "pricing": {"price": one_time(call)}})
    assert preview(call, made) == (200, None)
    call.clock.freeze(TRIAL_END + HOUR)
    assert current(call, made)["status"] == "canceled"
    assert [each["total"] for each in invoices(call)] == [0, 500]


def test_trials_end_in_the_time_of_a_test_clock(call: Call) -> None:
    clock = call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
    made = trial(call, "pause", customer(call, test_clock=clock))
    call.clock.freeze(MARCH)
    assert current(call, made)["status"] == "trialing"
    call.create(f"{CLOCKS}/{clock}/advance", {"frozen_time": FEBRUARY})
    assert (current(call, made)["status"], current(call, made)["trial_end"]) == ("paused", TRIAL_END)


def test_a_paused_subscription_is_paused_after_a_restore(call: Call) -> None:
    made = trial(call, "pause")
    call.clock.freeze(TRIAL_END)
    paused, snapshot = current(call, made), call.fake.snapshot()
    call.fake.restore(snapshot)
    call.clock.freeze(MARCH)
    assert current(call, made) == paused


# Previews


@pytest.mark.parametrize("what", ["cancel", "pause"])
def test_there_is_no_preview_of_an_invoice_that_will_not_be(call: Call, what: str) -> None:
    made = trial(call, what)
    none = (400, "invoice_upcoming_none")
    assert preview(call, made) == none
    assert preview(call, made, trial_end="now") == none
    assert preview(call, made, trial_end=TRIAL_END + DAY) == none
    assert preview(call, made, items=[{"id": made["items"]["data"][0]["id"], "quantity": 2}]) == none
    update(call, made, default_payment_method=GOOD)
    assert preview(call, made) == (200, None)
    assert current(call, made)["status"] == "trialing"


def test_there_is_no_preview_while_it_is_paused(call: Call) -> None:
    made = trial(call, "pause")
    call.clock.freeze(TRIAL_END)
    update(call, made, default_payment_method=GOOD)
    assert preview(call, made) == (400, "invoice_upcoming_none")

    def upcoming() -> Answer:
        return call.get(f"{INVOICES}/upcoming", {"customer": made["customer"]}, version="2025-02-24.acacia")

    assert (upcoming().status, upcoming().error["code"]) == (404, "invoice_upcoming_none")
    running = subscribe(call, made["customer"], licensed(call, 500))
    assert upcoming().json["subscription"] == running["id"]


# While it is paused


def paused(call: Call) -> Tree:
    made = trial(call, "pause")
    call.clock.freeze(TRIAL_END)
    return current(call, made)


@pytest.mark.parametrize(
    "terms", [{}, {"prorate": True}, {"invoice_now": True}, {"invoice_now": True, "prorate": True}]
)
def test_a_paused_subscription_can_be_canceled(call: Call, terms: Tree) -> None:
    made = paused(call)
    call.clock.advance(DAY)
    ended = call.delete(f"{SUBSCRIPTIONS}/{made['id']}", terms).json
    assert (ended["status"], ended["ended_at"]) == ("canceled", TRIAL_END + DAY)
    assert [each["total"] for each in invoices(call)] == [0]
    assert call.get("/v1/invoiceitems").ids == []
    assert life(call, TRIAL_END + DAY) == [DELETED]


def test_a_paused_subscription_can_be_canceled_later(call: Call) -> None:
    made = paused(call)
    update(call, made, cancel_at=FEBRUARY)
    call.create("/v1/invoiceitems", {"customer": made["customer"], "pricing": {"price": one_time(call)}})
    call.clock.freeze(FEBRUARY - 1)
    assert (current(call, made)["status"], current(call, made)["cancel_at"]) == ("paused", FEBRUARY)
    call.clock.freeze(FEBRUARY)
    assert (current(call, made)["status"], len(invoices(call))) == ("canceled", 1)


def test_the_end_of_a_paused_subscription_can_be_taken_back(call: Call) -> None:
    made = paused(call)
    update(call, made, cancel_at=FEBRUARY)
    update(call, made, cancel_at="")
    call.clock.freeze(MARCH)
    assert current(call, made)["status"] == "paused"


def test_its_other_invoices_change_nothing(call: Call) -> None:
    made = paused(call)
    wanted = {"customer": made["customer"], "subscription": made["id"]}
    call.create("/v1/invoiceitems", {**wanted, "pricing": {"price": one_time(call)}})
    by_hand = call.create(INVOICES, wanted)
    for what in ("finalize", "pay"):
        call.create(f"{INVOICES}/{by_hand['id']}/{what}")
    assert current(call, made)["status"] == "paused"


def test_what_waits_for_an_invoice_waits_while_it_is_paused(call: Call) -> None:
    made = trial(call, "pause", pending_invoice_item_interval={"interval": "week"}, billing_mode={"type": "classic"})
    call.clock.freeze(TRIAL_END)
    wanted = {"customer": made["customer"], "subscription": made["id"]}
    call.create("/v1/invoiceitems", {**wanted, "pricing": {"price": one_time(call)}})
    added = {"add_invoice_items": [{"price": one_time(call)}], "proration_behavior": "always_invoice"}
    assert update(call, made, **added)["status"] == "paused"
    call.clock.freeze(MARCH)
    assert (current(call, made)["status"], len(invoices(call))) == ("paused", 1)
    assert [each["invoice"] for each in call.get("/v1/invoiceitems").json["data"]] == [None, None]


@pytest.mark.parametrize(
    "terms",
    [
        {"metadata": {"a": "1"}},
        {"description": "waits"},
        {"cancel_at_period_end": False},
        {"billing_cycle_anchor": "unchanged"},
        behavior("cancel"),
    ],
)
def test_what_is_not_billed_can_be_changed(call: Call, terms: Tree) -> None:
    assert update(call, paused(call), **terms)["status"] == "paused"


def test_a_paused_subscription_takes_no_trial(call: Call) -> None:
    made = paused(call)
    sentence = (
        "You cannot set `trial_end` while a subscription is `paused`. Resume the subscription first before setting "
        "`trial_end`."
    )
    for trial_end in (FEBRUARY, "now"):
        refused = call.post(f"{SUBSCRIPTIONS}/{made['id']}", {"trial_end": trial_end})
        assert (refused.status, refused.error["message"]) == (400, sentence)
        assert refused.error.keys().isdisjoint({"code", "param"})


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"billing_cycle_anchor": "now"}, "billing_cycle_anchor"),
        ({"cancel_at": "min_period_end"}, "cancel_at"),
        ({"cancel_at_period_end": True}, "cancel_at_period_end"),
        ({"items": [{"quantity": 2}]}, "items"),
        ({"quantity": 2}, "quantity"),
    ],
)
def test_what_would_be_billed_cannot_be_changed_yet(call: Call, terms: Tree, param: str) -> None:
    made = paused(call)
    if "items" in terms:
        terms = {"items": [{"id": made["items"]["data"][0]["id"], "quantity": 2}]}
    refused = call.post(f"{SUBSCRIPTIONS}/{made['id']}", terms)
    assert (refused.status, refused.error["param"]) == (501, param)
    assert current(call, made) == made


def test_its_items_cannot_be_changed_yet(call: Call) -> None:
    made = paused(call)
    item = f"/v1/subscription_items/{made['items']['data'][0]['id']}"
    answers = [
        call.post("/v1/subscription_items", {"subscription": made["id"], "price": licensed(call)}),
        call.post(item, {"quantity": 2}),
        call.delete(item),
    ]
    assert [each.status for each in answers] == [501, 501, 501]
    assert all("paused" in each.error["message"] for each in answers[:2])
    assert current(call, made) == made


# Metered prices


def test_a_metered_price_and_a_pause_do_not_go_together(call: Call) -> None:
    refused = call.post(
        SUBSCRIPTIONS, {"customer": customer(call), "items": [{"price": metered(call)}], **behavior("pause")}
    )
    assert (refused.status, refused.error["param"]) == (400, "trial_settings[end_behavior][missing_payment_method]")
    assert call.get(SUBSCRIPTIONS).ids == []


def test_neither_do_they_after_a_change(call: Call) -> None:
    calls = metered(call)
    pausing, counting = trial(call, "pause"), subscribe(call, customer(call), calls, trial_period_days=7)
    answers = [
        call.post(f"{SUBSCRIPTIONS}/{pausing['id']}", {"items": [{"price": calls}]}),
        call.post(f"{SUBSCRIPTIONS}/{counting['id']}", behavior("pause")),
        call.post("/v1/subscription_items", {"subscription": pausing["id"], "price": calls}),
    ]
    assert [each.status for each in answers] == [400, 400, 400]
    assert (current(call, pausing), current(call, counting)) == (pausing, counting)
    seats = {"items": [{"id": counting["items"]["data"][0]["id"], "deleted": True}, {"price": licensed(call)}]}
    assert update(call, counting, **seats, **behavior("pause"))["status"] == "trialing"


def test_the_usage_of_a_trial_that_ends_with_a_cancellation_is_free(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, metered(call, meter(call)), trial_period_days=7, **behavior("cancel"))
    use(call, ada, 5)
    call.clock.freeze(TRIAL_END)
    assert current(call, made)["status"] == "canceled"
    assert "5  in a trial" in str(call.fake.explain_billing("calls", ada))
    assert types(call, "invoice.*") == []
