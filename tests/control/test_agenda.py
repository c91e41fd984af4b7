"""What is scheduled next, in plain words, and which accounts there are."""

from collections.abc import Iterator
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.control.agenda import TOLD
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.keys import own_account
from tests.conftest import DOORS
from tests.conftest import KEY
from tests.conftest import Call

NEW_YEAR = 1_735_689_600
FEBRUARY = 1_738_368_000
DAY = 86_400
HOUR = 3_600
METER = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, seed=1, payment_methods="required", retries=(3, 5)) as fake:
        yield Call(DOORS["engine"], fake)
        assert fake.engine.failures == []


def customer(call: Call, card: str = "pm_card_visa", **params: Any) -> str:  # noqa: ANN401  any parameter
    found: str = call.create("/v1/customers", params)["id"]
    method = call.create(f"/v1/payment_methods/{card}/attach", {"customer": found})["id"]
    call.create(f"/v1/customers/{found}", {"invoice_settings": {"default_payment_method": method}})
    return found


def subscribe(call: Call, whose: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401  likewise
    price = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Seat"}}
    price_id = call.create("/v1/prices", price | {"recurring": {"interval": "month"}})["id"]
    made: dict[str, Any] = call.create(
        "/v1/subscriptions", {"customer": whose, "items": [{"price": price_id}]} | params
    )
    return made


def meter(call: Call) -> str:
    found: str = call.create("/v1/billing/meters", METER)["id"]
    return found


def due(call: Call, **asked: Any) -> list[tuple[int, str, str]]:  # noqa: ANN401  likewise
    return [(each["at"], each["what"], each["object"]) for each in call.fake.agenda(**asked)]


def test_every_kind_of_work_has_words() -> None:
    assert set(TOLD) == set(Work)


def test_a_subscription_turns_then_its_invoice_is_finalized(call: Call) -> None:
    subscription = subscribe(call, customer(call))
    assert due(call) == [(FEBRUARY, "billing period ends", subscription["id"])]
    call.clock.freeze(FEBRUARY)
    (draft,) = call.get("/v1/invoices", {"status": "draft"}).json["data"]
    assert due(call, limit=1) == [(FEBRUARY + HOUR, "invoice is finalized", draft["id"])]
    call.create(f"/v1/invoices/{draft['id']}/finalize")
    assert [what for _, what, _ in due(call)] == ["billing period ends"]


def test_a_draft_that_is_deleted_or_does_not_advance_is_left_out(call: Call) -> None:
    whose = customer(call)
    for _ in range(2):
        call.create(
            "/v1/invoices", {"customer": whose, "auto_advance": True, "pending_invoice_items_behavior": "exclude"}
        )
    first, second = call.get("/v1/invoices").ids
    assert len(due(call)) == 2
    assert call.delete(f"/v1/invoices/{first}").status == 200
    call.create(f"/v1/invoices/{second}", {"auto_advance": False})
    assert due(call) == []


def test_a_subscription_that_was_canceled_or_is_to_end_says_so(call: Call) -> None:
    whose = customer(call)
    first, second = subscribe(call, whose), subscribe(call, whose)
    assert call.delete(f"/v1/subscriptions/{first['id']}").status == 200
    call.create(f"/v1/subscriptions/{second['id']}", {"cancel_at_period_end": True})
    assert due(call) == [(FEBRUARY, "subscription ends", second["id"])]


def test_a_trial_is_announced_and_ends(call: Call) -> None:
    subscription = subscribe(call, customer(call), trial_period_days=14)
    assert due(call) == [
        (NEW_YEAR + 11 * DAY, "trial is announced to end soon", subscription["id"]),
        (NEW_YEAR + 14 * DAY, "trial ends", subscription["id"]),
    ]


def test_a_payment_that_failed_is_tried_again_until_it_is_paid(call: Call) -> None:
    whose = customer(call)
    subscribe(call, whose)
    method = call.create("/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": whose})["id"]
    call.create(f"/v1/customers/{whose}", {"invoice_settings": {"default_payment_method": method}})
    call.clock.freeze(FEBRUARY + HOUR)
    (invoice,) = call.get("/v1/invoices", {"status": "open"}).ids
    assert due(call, limit=1) == [(FEBRUARY + HOUR + 3 * DAY, "payment of the invoice is tried again", invoice)]
    call.create(f"/v1/invoices/{invoice}/pay", {"paid_out_of_band": True})
    assert "payment of the invoice is tried again" not in [what for _, what, _ in due(call)]


def test_an_invoice_that_is_sent_becomes_overdue_unless_it_is_paid(call: Call) -> None:
    terms = {"collection_method": "send_invoice", "days_until_due": 5}
    whose = customer(call)
    invoice = call.create("/v1/invoices", {"customer": whose, **terms})["id"]
    call.create("/v1/invoiceitems", {"customer": whose, "invoice": invoice, "amount": 500, "currency": "usd"})
    call.create(f"/v1/invoices/{invoice}/finalize")
    assert due(call) == [(NEW_YEAR + 5 * DAY, "invoice becomes overdue", invoice)]
    call.create(f"/v1/invoices/{invoice}/pay", {"paid_out_of_band": True})
    assert due(call) == []


def test_usage_that_waits_is_one_row_a_second(call: Call) -> None:
    which, whose = meter(call), customer(call)
    call.fake.control.set_lag(30)
    for number in range(3):
        payload = {"stripe_customer_id": whose, "value": 1}
        call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload, "identifier": f"e{number}"})
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "e1"}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    words = "3 usage events become visible, 1 cancellation takes effect"
    assert due(call) == [(NEW_YEAR + 30, words, which)]
    call.fake.flush()
    assert due(call) == []


def test_a_grant_expires_unless_it_is_voided(call: Call) -> None:
    params = {
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 500}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "customer": customer(call),
        "expires_at": NEW_YEAR + DAY,
    }
    grant = call.create("/v1/billing/credit_grants", params)["id"]
    assert due(call) == [(NEW_YEAR + DAY, "credit grant expires", grant)]
    call.create(f"/v1/billing/credit_grants/{grant}/void")
    assert due(call) == []


def test_a_failed_webhook_is_sent_again(call: Call) -> None:
    answers = iter([500, 200])
    call.fake.webhooks.deliver_to(lambda _notification: next(answers), "customer.created")
    call.create("/v1/customers")
    ((at, what, which),) = due(call)
    assert (at, what, which[:4]) == (NEW_YEAR + 300, "webhook is sent again", "del_")
    call.clock.advance(300)
    assert due(call) == []
    assert len(call.fake.webhooks.failures) == 1
    call.fake.webhooks.failures.clear()


def test_a_draft_waits_for_a_receiver_that_fails_and_is_finalized_an_hour_after_it_works(call: Call) -> None:
    status = 200
    call.fake.webhooks.deliver_to(lambda _notification: status, "invoice.created")
    subscribe(call, customer(call))
    status = 500
    call.clock.freeze(FEBRUARY)
    (draft,) = call.get("/v1/invoices", {"status": "draft"}).ids
    assert of(call, draft) == [(FEBRUARY + HOUR, "invoice is finalized, or waits for a receiver of webhooks")]
    call.clock.freeze(FEBRUARY + HOUR)
    assert of(call, draft) == [(FEBRUARY + 72 * HOUR, "invoice is finalized")]
    status = 200
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert of(call, draft) == [(FEBRUARY + 3 * HOUR, "invoice is finalized")]
    call.clock.freeze(FEBRUARY + 3 * HOUR)
    assert call.get(f"/v1/invoices/{draft}").json["status"] == "paid"
    assert of(call, draft) == []
    call.fake.webhooks.failures.clear()


def of(call: Call, which: str) -> list[tuple[int, str]]:
    """What is due of one object."""
    return [(at, what) for at, what, about in due(call) if about == which]


def test_what_a_subscription_waits_for_is_told(call: Call) -> None:
    whose = customer(call)
    terms = {
        "pause_collection": {"behavior": "void", "resumes_at": NEW_YEAR + 2 * DAY},
        "pending_invoice_item_interval": {"interval": "week", "interval_count": 1},
    }
    first = subscribe(call, whose)["id"]
    call.create(f"/v1/subscriptions/{first}", terms)
    assert due(call, limit=2) == [
        (NEW_YEAR + 2 * DAY, "invoices are collected again", first),
        (NEW_YEAR + 7 * DAY, "waiting invoice items are invoiced", first),
    ]
    call.create(f"/v1/subscriptions/{first}", {"pause_collection": "", "pending_invoice_item_interval": ""})
    assert [what for _, what, _ in due(call)] == ["billing period ends"]


def test_a_subscription_whose_first_invoice_is_unpaid_expires(call: Call) -> None:
    whose = customer(call)
    method = call.create("/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": whose})["id"]
    call.create(f"/v1/customers/{whose}", {"invoice_settings": {"default_payment_method": method}})
    made = subscribe(call, whose, payment_behavior="allow_incomplete")
    assert made["status"] == "incomplete"
    assert due(call) == [(NEW_YEAR + 23 * HOUR, "subscription expires, as its first invoice is unpaid", made["id"])]


def test_the_phases_of_a_schedule_are_told(call: Call) -> None:
    whose = customer(call)
    price = {
        "currency": "usd",
        "unit_amount": 700,
        "product_data": {"name": "Seat"},
        "recurring": {"interval": "month"},
    }
    phase = {"items": [{"price": call.create("/v1/prices", price)["id"]}], "duration": {"interval": "month"}}
    terms = {"customer": whose, "start_date": NEW_YEAR + DAY, "end_behavior": "release", "phases": [phase, phase]}
    schedule = call.create("/v1/subscription_schedules", terms)["id"]
    assert due(call) == [(NEW_YEAR + DAY, "schedule begins its subscription", schedule)]
    call.clock.freeze(NEW_YEAR + 2 * DAY)
    assert (FEBRUARY + DAY, "next phase of the schedule begins", schedule) in due(call)
    call.clock.freeze(FEBRUARY + 2 * DAY)
    told = [(what, which) for _, what, which in due(call)]
    assert ("schedule is announced to end soon", schedule) in told
    assert ("schedule ends", schedule) in told
    call.create(f"/v1/subscription_schedules/{schedule}/release")
    assert schedule not in [which for _, _, which in due(call)]


def test_discounts_end_unless_they_are_gone(call: Call) -> None:
    coupon = {"percent_off": 10, "duration": "repeating", "duration_in_months": 1}
    whose = customer(call)
    call.create(f"/v1/customers/{whose}", {"coupon": call.create("/v1/coupons", coupon)["id"]}, version="2024-04-10")
    ((at, what, which),) = due(call)
    assert (at, what, which[:3]) == (FEBRUARY, "discount ends", "di_")
    assert call.delete(f"/v1/customers/{whose}/discount").status == 200
    assert due(call) == []


def test_an_open_checkout_session_expires(call: Call) -> None:
    terms = {"mode": "setup", "currency": "usd", "success_url": "https://example.com"}
    session = call.create("/v1/checkout/sessions", terms)["id"]
    assert due(call) == [(NEW_YEAR + DAY, "Checkout session expires", session)]
    call.fake.expire_checkout(session)
    assert due(call) == []


def test_dropped_usage_is_reported(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, async_validation=True)
    which = meter(call)
    payload = {"stripe_customer_id": "cus_nobody", "value": 1}
    call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})
    ((at, what, about),) = due(call)
    assert (what, about) == ("dropped usage is reported", which)
    call.clock.freeze(at)
    assert due(call) == []


def test_a_test_clock_that_advances_becomes_ready(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, async_clocks=60)
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": NEW_YEAR + DAY})
    assert due(call) == [(NEW_YEAR + 60, "test clock is ready", clock)]
    call.clock.advance(60)
    assert due(call) == []


def test_what_happens_on_a_test_clock_is_told_if_it_is_asked_for(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    subscription = subscribe(call, customer(call, test_clock=clock))
    assert due(call) == []
    assert due(call, test_clock=clock) == [(FEBRUARY, "billing period ends", subscription["id"])]
    with pytest.raises(Misuse, match="there is no test clock 'clock_none'") as raised:
        call.fake.agenda(test_clock="clock_none")
    assert raised.value.param == "test_clock"


def test_the_agenda_is_of_one_account_or_of_all(call: Call) -> None:
    call.fake.control.set_lag(30)
    for key in (KEY, "sk_test_somebodyelse"):
        call.create("/v1/billing/meters", METER, key=key)
        payload = {"stripe_customer_id": call.create("/v1/customers", key=key)["id"], "value": 1}
        call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload}, key=key)
        call.clock.advance(1)
    rows = call.fake.agenda()
    assert [each["account"] for each in rows] == ["sk_test_******ripe", "sk_test_********else"]
    assert [each["at"] for each in rows] == [NEW_YEAR + 30, NEW_YEAR + 31]
    assert [each["account_id"] for each in call.fake.agenda(own_account(KEY))] == [own_account(KEY)]
    assert call.fake.agenda("sk_test_somebodyelse") == rows[1:]
    assert call.fake.agenda(limit=1) == rows[:1]


@pytest.mark.parametrize("limit", [0, -1, True, "1", 10_001])
def test_a_limit_that_makes_no_sense_is_refused(call: Call, limit: Any) -> None:  # noqa: ANN401  wrong on purpose
    with pytest.raises(Misuse) as raised:
        call.fake.agenda(limit=limit)
    assert raised.value.param == "limit"


def test_accounts_are_listed_with_what_is_in_them(call: Call) -> None:
    which, whose = meter(call), customer(call)
    assert which
    for identifier in ("a", "b"):
        payload = {"stripe_customer_id": whose, "value": 1}
        call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload, "identifier": identifier})
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "a"}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    call.post("/v1/customers", headers={"Stripe-Account": "acct_connected"})
    own, connected = call.fake.accounts
    assert own == {
        "account": "sk_test_******ripe",
        "id": own_account(KEY),
        "connected": False,
        "customers": 1,
        "meters": 1,
        "usage_events": 2,
        "requests": len(call.fake.journal) - 1,
    }
    assert (connected["id"], connected["connected"], connected["customers"]) == ("acct_connected", True, 1)
    assert connected["requests"] == 1
