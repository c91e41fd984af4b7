"""A subscription is paused on request, and resumed: what is billed, given back, and never billed."""

from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import attached
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe

SUBSCRIPTIONS, INVOICES = "/v1/subscriptions", "/v1/invoices"
ENDIVE, DAHLIA = "2026-09-30.endive", "2026-08-26.dahlia"
PAUSED, RESUMED, CHANGED = (f"customer.subscription.{each}" for each in ("paused", "resumed", "updated"))
APPLIED, EXPIRED = (f"customer.subscription.pending_update_{each}" for each in ("applied", "expired"))
UNCHANGED = {"billing_cycle_anchor": {"type": "unchanged"}}
PATIENT = {"payment_behavior": "resume_on_payment_success"}
GOOD = "pm_card_visa"
KEEPING = {"bill_for": {"unused_time_from": {"type": "none"}}}
MIDDLE = NEW_YEAR + 10 * DAY
"""Of the 31 days of the period, 21 are left."""

Tree = dict[str, Any]


def post(call: Call, made: Tree, verb: str, **terms: object) -> Answer:
    return call.post(f"{SUBSCRIPTIONS}/{made['id']}/{verb}", terms)


def pause(call: Call, made: Tree, **terms: object) -> Tree:
    return call.create(f"{SUBSCRIPTIONS}/{made['id']}/pause", {"type": "subscription", **terms})


def resume(call: Call, made: Tree, **terms: object) -> Tree:
    return call.create(f"{SUBSCRIPTIONS}/{made['id']}/resume", terms)


def current(call: Call, made: Tree, **options: Any) -> Tree:  # noqa: ANN401  as `request`
    found: Tree = call.get(f"{SUBSCRIPTIONS}/{made['id']}", **options).json
    return found


def update(call: Call, made: Tree, **terms: object) -> Tree:
    return call.create(f"{SUBSCRIPTIONS}/{made['id']}", terms)


def waiting(call: Call) -> list[tuple[str, int]]:
    """The invoice items that are on no invoice yet, oldest first."""
    found = call.get("/v1/invoiceitems", {"pending": True}).json["data"][::-1]
    return [(each["description"], each["amount"]) for each in found]


def since(call: Call, instant: int, *kinds: str) -> list[str]:
    """The types of what happened since, without the steps of payments."""
    wanted = kinds or ("customer.subscription.*", "invoice.*", "invoiceitem.*")
    return [each["type"] for each in events(call, *wanted) if each["created"] >= instant]


def period(made: Tree) -> tuple[int, int]:
    item = made["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def seat(call: Call, ada: str | None = None, **terms: object) -> Tree:
    """A subscription for 31.00 a month: a dollar a day in January."""
    return subscribe(call, ada or customer(call), licensed(call, 3100), **terms)


def calls(call: Call, ada: str, **terms: object) -> Tree:
    return subscribe(call, ada, metered(call, meter(call)), **terms)


def billed(call: Call, ada: str) -> dict[str, str]:
    """What became of each event, by its identifier."""
    return {each.identifier: each.reason or "billed" for each in call.fake.explain_billing("calls", ada).events}


def used(call: Call, ada: str, name: str, value: int, at: int | None = None) -> None:
    payload = {"stripe_customer_id": ada, "value": value}
    terms = {"event_name": "calls", "identifier": name, "payload": payload, "timestamp": at}
    assert call.post("/v1/billing/meter_events", terms).status == 200


# Pausing


def test_a_pause_ends_the_period_and_says_why(call: Call) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    paused = pause(call, made)
    assert (paused["status"], period(paused)) == ("paused", (NEW_YEAR, MIDDLE))
    assert paused["billing_cycle_anchor"] == NEW_YEAR
    reason = {"subscription": {"type": "pause_requested"}, "transitioned_at": MIDDLE, "type": "subscription"}
    assert current(call, made, version=ENDIVE)["status_details"] == {"paused": reason}
    assert since(call, MIDDLE) == ["invoiceitem.created", PAUSED, CHANGED]
    assert call.get(SUBSCRIPTIONS, {"status": "paused"}).ids == [made["id"]]


def test_a_paused_subscription_has_no_invoices(call: Call) -> None:
    ada = customer(call)
    made = seat(call, ada)
    call.clock.freeze(MIDDLE)
    paused = pause(call, made)
    call.create("/v1/invoiceitems", {"customer": ada, "currency": "usd", "amount": 500})
    call.clock.freeze(MARCH + 40 * DAY)
    assert current(call, made) == paused
    assert [each["total"] for each in invoices(call)] == [3100]


USAGE, UNUSED = ("700 × Calls (at $0.01 / month)", 700), ("Unused time on Seat after 11 Jan 2025", -2100)
BILLS: list[tuple[Tree, list[tuple[str, int]], str]] = [
    ({}, [USAGE, UNUSED], "billed"),
    ({"outstanding_usage_through": {"type": "now"}, "unused_time_from": {"type": "now"}}, [USAGE, UNUSED], "billed"),
    ({"outstanding_usage_through": {"type": "none"}}, [UNUSED], "paused without billing it"),
    ({"unused_time_from": {"type": "none"}}, [USAGE], "billed"),
    (
        {"unused_time_from": {"type": "item_current_period_start"}},
        [USAGE, ("Unused time on Seat after 01 Jan 2025", -3100)],
        "billed",
    ),
    (
        {"outstanding_usage_through": {"type": "none"}, "unused_time_from": {"type": "none"}},
        [],
        "paused without billing it",
    ),
]


@pytest.mark.parametrize("behavior", ["invoice", "pending_invoice_item"])
@pytest.mark.parametrize(("bill_for", "items", "fate"), BILLS)
def test_a_pause_bills_usage_and_gives_back_time_as_asked_for(
    call: Call, bill_for: Tree, items: list[tuple[str, int]], fate: str, behavior: str
) -> None:
    ada = customer(call)
    made = subscribe(call, ada, licensed(call, 3100), metered(call, meter(call)))
    used(call, ada, "one", 700)
    call.clock.freeze(MIDDLE)
    pause(call, made, bill_for=bill_for or None, invoicing_behavior=behavior)
    invoiced = behavior == "invoice" and bool(items)
    assert sorted(waiting(call)) == ([] if invoiced else sorted(items))
    assert len(invoices(call)) == (2 if invoiced else 1)
    if invoiced:
        invoice = invoices(call)[-1]
        assert (sorted(lines(invoice)), invoice["status"]) == (sorted(items), "paid")
    elif fate == "billed":
        fate = "not billed yet"
    assert billed(call, ada) == {"one": fate}


def test_the_invoice_of_a_pause_that_cannot_be_paid_leaves_it_paused(call: Call) -> None:
    ada = customer(call)
    made = calls(call, ada, default_payment_method=attached(call, ada))
    used(call, ada, "one", 700)
    update(call, made, default_payment_method=DECLINING)
    assert pause(call, made, invoicing_behavior="invoice")["status"] == "paused"
    [invoice] = invoices(call)
    assert (invoice["status"], invoice["attempted"]) == ("open", True)
    call.create(f"{INVOICES}/{invoice['id']}/pay", {"payment_method": GOOD})
    assert current(call, made)["status"] == "paused"


def test_an_open_invoice_goes_on_while_the_subscription_is_paused(call: Call) -> None:
    made = seat(call)
    call.clock.freeze(FEBRUARY)
    pause(call, made)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [each["status"] for each in invoices(call)] == ["paid", "paid"]
    assert current(call, made)["status"] == "paused"


def test_usage_that_was_billed_at_a_threshold_is_not_billed_again_by_a_pause(call: Call) -> None:
    ada = customer(call)
    made = calls(call, ada, billing_thresholds={"amount_gte": 500})
    used(call, ada, "one", 600)
    used(call, ada, "two", 30)
    pause(call, made, invoicing_behavior="invoice")
    used(call, ada, "three", 9_000)
    call.clock.advance(DAY)
    assert [each["total"] for each in invoices(call)] == [600, 30]
    assert billed(call, ada) == {"one": "billed", "two": "billed", "three": "while paused"}


def test_a_change_that_waits_for_its_payment_is_dropped_by_a_pause(call: Call) -> None:
    ada = customer(call)
    made = seat(call, ada, default_payment_method=attached(call, ada))
    update(call, made, default_payment_method=DECLINING)
    item = {"id": made["items"]["data"][0]["id"], "quantity": 2}
    terms = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}
    assert update(call, made, items=[item], **terms)["pending_update"] is not None
    paused = pause(call, made)
    assert (paused["status"], paused["pending_update"]) == ("paused", None)
    assert invoices(call)[-1]["status"] == "void"


def refused(call: Call, made: Tree, message: str) -> None:
    before = current(call, made)
    answer = post(call, made, "pause", type="subscription")
    assert (answer.status, answer.error["message"]) == (400, message)
    assert current(call, made) == before


def test_a_subscription_is_not_paused_in_classic_mode(call: Call) -> None:
    made = seat(call, billing_mode={"type": "classic"})
    refused(call, made, "Pausing is only supported for subscriptions with `billing_mode.type=flexible`.")


def test_a_subscription_is_not_paused_whose_invoices_are_sent(call: Call) -> None:
    made = seat(call, collection_method="send_invoice", days_until_due=7)
    message = "You can only pause a subscription if its `collection_method` is `charge_automatically`."
    refused(call, made, message)


def test_a_subscription_is_not_paused_whose_collection_is_paused(call: Call) -> None:
    made = seat(call)
    update(call, made, pause_collection={"behavior": "void"})
    refused(call, made, "You cannot pause a subscription while `pause_collection` is set. Unset it first.")


def test_a_subscription_is_not_paused_that_a_schedule_manages(call: Call) -> None:
    made = seat(call)
    schedule = call.create("/v1/subscription_schedules", {"from_subscription": made["id"]})["id"]
    refused(call, made, f"You cannot pause a subscription that is attached to a schedule: `{schedule}`.")


@pytest.mark.parametrize("status", ["incomplete", "paused", "trialing"])
def test_a_subscription_is_not_paused_that_is_not_running(call: Call, status: str) -> None:
    terms: dict[str, Tree] = {
        "incomplete": {"payment_behavior": "default_incomplete"},
        "trialing": {"trial_period_days": 7},
    }
    made = seat(call, **terms.get(status, {}))
    if status == "paused":
        pause(call, made)
    refused(call, made, f"You cannot pause a subscription that is `{status}`.")


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_subscription_that_has_ended_is_not_found(call: Call, verb: str) -> None:
    made = seat(call)
    call.delete(f"{SUBSCRIPTIONS}/{made['id']}")
    answer = post(call, made, verb, **({"type": "subscription"} if verb == "pause" else {}))
    assert (answer.status, answer.error["code"], answer.error["param"]) == (404, "resource_missing", "id")


def test_a_subscription_that_ends_with_its_period_is_not_paused_here(call: Call) -> None:
    made = seat(call, cancel_at_period_end=True)
    answer = post(call, made, "pause", type="subscription")
    assert (answer.status, answer.error["code"]) == (501, "fakestripe_not_served")


def test_a_pause_takes_what_is_declared(call: Call) -> None:
    made = seat(call)
    for terms, param in (
        ({"type": "collection"}, "type"),
        ({"type": "subscription", "invoicing_behavior": "later"}, "invoicing_behavior"),
        (
            {"type": "subscription", "bill_for": {"unused_time_from": {"type": "then"}}},
            "bill_for[unused_time_from][type]",
        ),
    ):
        answer = post(call, made, "pause", **terms)
        assert (answer.status, answer.error["param"]) == (400, param)
    assert current(call, made) == made
    assert call.create(f"{SUBSCRIPTIONS}/{made['id']}/pause")["status"] == "paused"


@pytest.mark.parametrize(
    ("version", "status"),
    [
        (ENDIVE, 200),
        ("2026-05-27.preview", 200),
        ("2026-09-30.preview", 200),
        (None, 200),
        (DAHLIA, 404),
        ("2026-04-22.preview", 404),
        ("2024-06-20", 404),
    ],
)
def test_older_versions_know_no_pause(call: Call, version: str | None, status: int) -> None:
    made = seat(call)
    answer = call.post(f"{SUBSCRIPTIONS}/{made['id']}/pause", {"type": "subscription"}, version=version)
    assert answer.status == status
    if status == 404:
        assert answer.error["message"].startswith(f"Unrecognized request URL (POST: {SUBSCRIPTIONS}/{made['id']}/pause")
        assert current(call, made) == made


def test_a_paused_subscription_is_canceled_when_it_was_to_be(call: Call) -> None:
    made = seat(call, cancel_at=MARCH)
    call.clock.freeze(MIDDLE)
    pause(call, made)
    call.clock.freeze(MARCH - 1)
    assert current(call, made)["status"] == "paused"
    call.clock.freeze(MARCH)
    assert current(call, made)["status"] == "canceled"


def test_a_paused_subscription_that_is_canceled_bills_no_usage_of_the_pause(call: Call) -> None:
    ada = customer(call)
    made = calls(call, ada)
    used(call, ada, "one", 700)
    pause(call, made)
    used(call, ada, "two", 9_000)
    call.delete(f"{SUBSCRIPTIONS}/{made['id']}", {"invoice_now": True})
    call.clock.advance(DAY)
    assert [each["total"] for each in invoices(call)] == [700]
    assert billed(call, ada) == {"one": "billed", "two": "while paused"}


# Resuming


def test_a_resumption_waits_for_its_payment(call: Call) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    paused = pause(call, made, **KEEPING)
    call.clock.freeze(MARCH)
    waits = resume(call, made)
    [first, invoice] = invoices(call)
    assert (invoice["status"], invoice["attempted"], invoice["auto_advance"]) == ("open", False, False)
    assert lines(invoice) == [("1 × Seat (at $31.00 / month)", 3100)]
    awaited = dict.fromkeys(
        (
            "cancel_at_period_end",
            "discount",
            "discounts",
            "metadata",
            "subscription_items",
            "trial_end",
            "trial_from_plan",
        )
    )
    awaited |= {"billing_cycle_anchor": MARCH, "expires_at": MARCH + 23 * HOUR}
    assert waits == paused | {"latest_invoice": invoice["id"], "pending_update": awaited}
    assert since(call, MARCH) == ["invoice.created", "invoice.finalized", CHANGED]
    assert first["status"] == "paid"


def test_a_resumption_that_is_paid_begins_a_billing_cycle(call: Call) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    pause(call, made)
    call.clock.freeze(MARCH)
    resume(call, made)
    call.clock.advance(HOUR)
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/pay")
    resumed = current(call, made, version=ENDIVE)
    assert (resumed["status"], resumed["status_details"], resumed["pending_update"]) == ("active", None, None)
    assert (resumed["billing_cycle_anchor"], period(resumed)) == (MARCH, (MARCH, MARCH + 31 * DAY))
    told = since(call, MARCH + HOUR, "customer.subscription.*", "invoice.*")
    assert told == ["invoice.updated", "invoice.paid", "invoice.payment_succeeded", RESUMED, CHANGED, APPLIED]
    call.clock.freeze(MARCH + 31 * DAY + HOUR)
    assert [(each["total"], each["status"]) for each in invoices(call)][2:] == [(3100, "paid")]


def test_what_waits_since_the_pause_is_on_the_invoice_of_the_resumption(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, licensed(call, 3100), metered(call, meter(call)))
    used(call, ada, "one", 700)
    call.clock.freeze(MIDDLE)
    pause(call, made)
    call.clock.freeze(MARCH)
    resume(call, made)
    assert sorted(lines(invoices(call)[-1])) == sorted([USAGE, UNUSED, ("1 × Seat (at $31.00 / month)", 3100)])
    assert billed(call, ada) == {"one": "billed"}


def test_a_subscription_to_usage_alone_is_resumed_at_once(call: Call) -> None:
    ada = customer(call)
    made = calls(call, ada)
    call.clock.freeze(MIDDLE)
    pause(call, made)
    used(call, ada, "paused", 9_000)
    call.clock.freeze(MARCH)
    resumed = resume(call, made)
    assert (resumed["status"], resumed["billing_cycle_anchor"], resumed["pending_update"]) == ("active", MARCH, None)
    assert since(call, MARCH) == [RESUMED, CHANGED]
    used(call, ada, "late", 500, MARCH - DAY)
    used(call, ada, "running", 30)
    call.clock.freeze(MARCH + 31 * DAY + HOUR)
    assert [each["total"] for each in invoices(call)] == [30]
    assert billed(call, ada) == {"paused": "while paused", "late": "while paused", "running": "billed"}


def test_usage_between_a_resumption_and_its_payment_is_billed(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, licensed(call, 3100), metered(call, meter(call)))
    pause(call, made, **KEEPING)
    call.clock.freeze(MARCH)
    used(call, ada, "before", 1)
    resume(call, made)
    call.clock.advance(HOUR)
    used(call, ada, "waiting", 20)
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/pay")
    used(call, ada, "after", 300)
    call.clock.freeze(MARCH + 31 * DAY + HOUR)
    assert invoices(call)[-1]["total"] == 3100 + 320
    assert billed(call, ada) == {"before": "while paused", "waiting": "billed", "after": "billed"}


def test_a_resumption_whose_payment_fails_is_past_due_and_is_not_charged_again(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, retries=(1, 1))
    ada = customer(call)
    made = seat(call, ada, default_payment_method=attached(call, ada))
    pause(call, made, **KEEPING)
    update(call, made, default_payment_method=DECLINING)
    call.clock.freeze(MARCH)
    resume(call, made)
    invoice = invoices(call)[-1]["id"]
    assert call.post(f"{INVOICES}/{invoice}/pay").status == 402
    resumed = current(call, made)
    assert (resumed["status"], resumed["pending_update"], period(resumed)[0]) == ("past_due", None, MARCH)
    told = since(call, MARCH, "customer.subscription.*")
    assert told == [CHANGED, RESUMED, CHANGED, APPLIED]
    call.clock.freeze(MARCH + 10 * DAY)
    assert call.get(f"{INVOICES}/{invoice}").json["attempt_count"] == 1
    call.create(f"{INVOICES}/{invoice}/pay", {"payment_method": GOOD})
    assert current(call, made)["status"] == "active"


def test_a_resumption_whose_invoice_is_given_up_is_active(call: Call) -> None:
    made = seat(call)
    pause(call, made, **KEEPING)
    call.clock.freeze(MARCH)
    resume(call, made)
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/mark_uncollectible")
    assert current(call, made)["status"] == "active"


@pytest.mark.parametrize("by", ["a request", "time"])
def test_a_resumption_whose_invoice_is_void_stays_paused(call: Call, by: str) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    paused = pause(call, made)
    call.clock.freeze(MARCH)
    resume(call, made)
    invoice = invoices(call)[-1]["id"]
    if by == "a request":
        call.create(f"{INVOICES}/{invoice}/void")
    else:
        call.clock.freeze(MARCH + 23 * HOUR)
    assert call.get(f"{INVOICES}/{invoice}").json["status"] == "void"
    assert current(call, made) == paused | {"latest_invoice": invoice}
    assert since(call, MARCH, "customer.subscription.*") == [CHANGED, EXPIRED]
    call.clock.advance(DAY)
    resume(call, made)
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/pay")
    assert current(call, made)["status"] == "active"


def test_usage_on_the_void_invoice_of_a_resumption_is_not_billed(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, licensed(call, 3100), metered(call, meter(call)))
    used(call, ada, "one", 700)
    pause(call, made, **KEEPING)
    resume(call, made)
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/void")
    assert billed(call, ada) == {"one": "on a pending update's void invoice"}


def test_a_second_resumption_takes_the_place_of_the_first(call: Call) -> None:
    made = seat(call)
    pause(call, made, **KEEPING)
    call.clock.freeze(MARCH)
    resume(call, made)
    call.clock.advance(HOUR)
    assert resume(call, made)["pending_update"]["expires_at"] == MARCH + 24 * HOUR
    assert [each["status"] for each in invoices(call)] == ["paid", "void", "open"]


def test_a_free_invoice_resumes_at_once(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call, 0))
    pause(call, made)
    call.clock.freeze(MARCH)
    assert (resume(call, made)["status"], invoices(call)[-1]["status"]) == ("active", "paid")


def test_a_resumption_that_is_to_succeed_is_charged_at_once(call: Call) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    pause(call, made)
    call.clock.freeze(MARCH)
    resumed = resume(call, made, **PATIENT)
    assert (resumed["status"], period(resumed)) == ("active", (MARCH, MARCH + 31 * DAY))
    assert invoices(call)[-1]["status"] == "paid"
    told = [each for each in since(call, MARCH, "customer.subscription.*", "invoice.*") if "payment" not in each]
    assert told == ["invoice.created", "invoice.finalized", "invoice.updated", "invoice.paid", RESUMED, CHANGED]


def test_a_resumption_that_is_to_succeed_stays_paused_while_its_payment_fails(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, retries=(3, 5), after_retries="cancel")
    ada = customer(call)
    made = seat(call, ada, default_payment_method=attached(call, ada))
    pause(call, made, **KEEPING)
    update(call, made, default_payment_method=DECLINING)
    call.clock.freeze(MARCH)
    waits = resume(call, made, **PATIENT)
    invoice = invoices(call)[-1]
    assert (waits["status"], invoice["status"], invoice["attempt_count"]) == ("paused", "open", 1)
    assert waits["pending_update"]["expires_at"] == MARCH + 365 * DAY
    call.clock.freeze(MARCH + 3 * DAY + HOUR)
    assert call.get(f"{INVOICES}/{invoice['id']}").json["attempt_count"] == 2
    update(call, made, default_payment_method=attached(call, ada))
    call.clock.freeze(MARCH + 8 * DAY + HOUR)
    resumed = current(call, made)
    assert (resumed["status"], period(resumed)) == ("active", (MARCH, MARCH + 31 * DAY))


def test_a_resumption_that_is_never_paid_expires_after_a_year(call: Call) -> None:
    ada = customer(call)
    made = seat(call, ada, default_payment_method=attached(call, ada))
    pause(call, made, **KEEPING)
    update(call, made, default_payment_method=DECLINING)
    call.clock.freeze(MARCH)
    resume(call, made, **PATIENT)
    call.clock.freeze(MARCH + 365 * DAY)
    assert (current(call, made)["status"], invoices(call)[-1]["status"]) == ("paused", "void")


def test_periods_that_were_over_when_a_resumption_was_paid_are_billed_one_by_one(call: Call) -> None:
    ada = customer(call)
    made = subscribe(
        call, ada, licensed(call, 3100), metered(call, meter(call)), default_payment_method=attached(call, ada)
    )
    pause(call, made, **KEEPING)
    update(call, made, default_payment_method=DECLINING)
    call.clock.freeze(FEBRUARY)
    resume(call, made, **PATIENT)
    used(call, ada, "first", 1)
    call.clock.freeze(MARCH + DAY)
    used(call, ada, "second", 20)
    call.clock.freeze(MARCH + 32 * DAY)
    used(call, ada, "third", 300)
    update(call, made, default_payment_method=attached(call, ada))
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/pay")
    call.clock.advance(HOUR)
    assert [each["total"] for each in invoices(call)][2:] == [3101, 3120]
    assert period(current(call, made))[0] == MARCH + 31 * DAY
    assert billed(call, ada) == {"first": "billed", "second": "billed", "third": "not billed yet"}


REST: list[tuple[str, list[tuple[str, int]], list[int]]] = [
    ("create_prorations", [("Unused time on Seat after 11 Jan 2025", -2100), ("R", 1100)], [3100]),
    ("always_invoice", [], [3100, -1000]),
    ("none", [("Unused time on Seat after 11 Jan 2025", -2100)], [3100]),
]


@pytest.mark.parametrize(("behavior", "left", "totals"), REST)
def test_a_resumption_that_keeps_the_billing_cycle_charges_the_rest_of_the_period(
    call: Call, behavior: str, left: list[tuple[str, int]], totals: list[int]
) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    pause(call, made)
    call.clock.freeze(NEW_YEAR + 20 * DAY)
    resumed = resume(call, made, proration_behavior=behavior, **UNCHANGED)
    assert (resumed["status"], resumed["billing_cycle_anchor"]) == ("active", NEW_YEAR)
    assert period(resumed) == (NEW_YEAR + 20 * DAY, FEBRUARY)
    rest = {"R": "Remaining time on Seat after 21 Jan 2025"}
    assert waiting(call) == [(rest.get(name, name), amount) for name, amount in left]
    assert [each["total"] for each in invoices(call)] == totals
    call.clock.freeze(FEBRUARY + HOUR)
    assert invoices(call)[-1]["period_end"] == FEBRUARY


def test_time_that_was_paid_and_not_given_back_is_not_charged_again_if_the_cycle_is_unchanged(call: Call) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    pause(call, made, **KEEPING)
    call.clock.freeze(NEW_YEAR + 20 * DAY)
    resume(call, made, **UNCHANGED)
    assert waiting(call) == []
    call.clock.freeze(FEBRUARY + HOUR)
    assert [each["total"] for each in invoices(call)] == [3100, 3100]


def test_a_resumption_is_prorated_as_of_a_date(call: Call) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    pause(call, made)
    call.clock.freeze(NEW_YEAR + 20 * DAY)
    resume(call, made, proration_date=NEW_YEAR + 18 * DAY, **UNCHANGED)
    assert waiting(call)[-1] == ("Remaining time on Seat after 19 Jan 2025", 1300)


@pytest.mark.parametrize(
    "terms",
    [
        {"proration_date": MIDDLE},
        UNCHANGED | {"proration_date": MIDDLE - 1},
        UNCHANGED | {"proration_date": FEBRUARY + 1},
    ],
)
def test_a_date_that_makes_no_sense_is_refused(call: Call, terms: Tree) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    paused = pause(call, made)
    call.clock.freeze(NEW_YEAR + 20 * DAY)
    answer = post(call, made, "resume", **terms)
    assert (answer.status, answer.error["param"]) == (400, "proration_date")
    assert current(call, made) == paused


def test_only_a_paused_subscription_is_resumed(call: Call) -> None:
    made = seat(call)
    answer = post(call, made, "resume")
    message = "You can only resume a subscription if it is `paused`."
    assert (answer.status, answer.error["message"], "param" in answer.error) == (400, message, False)


def test_a_resumption_that_is_to_succeed_needs_a_payment_method(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, payment_methods="required")
    ada = customer(call)
    card = attached(call, ada)
    made = seat(call, ada, default_payment_method=card)
    pause(call, made, **KEEPING)
    paused = update(call, made, default_payment_method="")
    call.clock.freeze(MARCH)
    answer = post(call, made, "resume", **PATIENT)
    assert (answer.status, answer.error["code"]) == (400, "resource_missing")
    assert current(call, made) == paused
    assert len(invoices(call)) == 1


def stopped(call: Call, **terms: Any) -> Tree:  # noqa: ANN401  any parameters
    """A subscription that the end of its trial has paused."""
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    made = seat(call, trial_period_days=7, trial_settings=settings, **terms)
    call.clock.freeze(NEW_YEAR + 7 * DAY)
    assert current(call, made)["status"] == "paused"
    return made


@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_subscription_that_its_trial_has_paused_is_resumed(call: Call, mode: str) -> None:
    made = stopped(call, billing_mode={"type": mode})
    call.clock.freeze(FEBRUARY)
    assert resume(call, made)["status"] == "paused"
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/pay", {"payment_method": GOOD})
    resumed = current(call, made)
    assert (resumed["status"], period(resumed)) == ("active", (FEBRUARY, MARCH))
    assert resumed["trial_end"] == NEW_YEAR + 7 * DAY
    assert [each["total"] for each in invoices(call)] == [0, 3100]


def test_classic_mode_knows_no_resumption_that_is_to_succeed(call: Call) -> None:
    made = stopped(call, billing_mode={"type": "classic"})
    answer = post(call, made, "resume", **PATIENT)
    assert (answer.status, answer.error["param"]) == (400, "payment_behavior")


@pytest.mark.parametrize(
    ("version", "terms", "param"),
    [
        (ENDIVE, UNCHANGED | PATIENT, None),
        ("2026-05-27.preview", {"billing_cycle_anchor": "unchanged"} | PATIENT, None),
        (DAHLIA, {"billing_cycle_anchor": "unchanged"}, None),
        (DAHLIA, PATIENT, "payment_behavior"),
        ("2026-04-22.preview", PATIENT, "payment_behavior"),
        (DAHLIA, UNCHANGED, "billing_cycle_anchor"),
        (ENDIVE, {"billing_cycle_anchor": "unchanged"}, "billing_cycle_anchor"),
        (DAHLIA, {"billing_cycle_anchor": "then"}, "billing_cycle_anchor"),
    ],
)
def test_a_resumption_takes_what_its_version_has(call: Call, version: str, terms: Tree, param: str | None) -> None:
    made = seat(call)
    call.clock.freeze(MIDDLE)
    pause(call, made)
    answer = call.post(f"{SUBSCRIPTIONS}/{made['id']}/resume", terms, version=version)
    found = answer.error["param"] if answer.status == 400 else None
    assert (answer.status, found) == (400 if param else 200, param)
