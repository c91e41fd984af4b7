"""Subscription schedules: how they begin, go from phase to phase, and end."""

import stripe

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.resources import shop
from tests.resources.plans_ahead import APRIL
from tests.resources.plans_ahead import SCHEDULES
from tests.resources.plans_ahead import month
from tests.resources.plans_ahead import planned
from tests.resources.plans_ahead import subscription_of
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import lines


def test_a_schedule_bills_the_usage_of_each_phase_at_its_own_price() -> None:
    with FakeStripe(now="2025-01-01T00:00:00Z") as fake:
        client = stripe.StripeClient(fake.api_key, http_client=fake.http_client())
        meter = client.v1.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        product = client.v1.products.create({"name": "Calls"})
        cheap, dear = (
            client.v1.prices.create(
                {
                    "currency": "usd",
                    "product": product.id,
                    "unit_amount": amount,
                    "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
                }
            )
            for amount in (1, 3)
        )
        ada = client.v1.customers.create({"name": "Ada"})
        lasting: stripe.params.SubscriptionScheduleCreateParamsPhaseDuration = {"interval": "month"}
        schedule = client.v1.subscription_schedules.create(
            {
                "customer": ada.id,
                "start_date": "now",
                "phases": [
                    {"items": [{"price": cheap.id}], "duration": lasting},
                    {"items": [{"price": dear.id}], "duration": lasting},
                ],
            }
        )
        assert schedule.status == "active"

        def use(value: int) -> None:
            payload = {"stripe_customer_id": ada.id, "value": str(value)}
            client.v1.billing.meter_events.create({"event_name": "calls", "payload": payload})

        use(100)
        fake.clock.advance(31 * DAY + 2 * HOUR)
        use(10)
        fake.clock.advance(28 * DAY)
        paid = [(each.total, each.status) for each in client.v1.invoices.list().data]
        assert paid == [(30, "paid"), (100, "paid")]
        over = client.v1.subscription_schedules.retrieve(schedule.id)
        assert (over.status, over.subscription) == ("released", None)
        going_on = client.v1.subscriptions.retrieve(str(over.released_subscription))
        assert (going_on.status, going_on.schedule) == ("active", None)
        assert [item.price.id for item in going_on["items"].data] == [dear.id]


def test_a_new_schedule_is_shown_as_stripe_shows_it(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    schedule = planned(call, ada, month(seat, months=12, metadata={"plan": "gold"}), metadata={"deal": "7"})
    (phase,) = schedule.pop("phases")
    subscription = schedule["subscription"]
    assert schedule == {
        "id": schedule["id"],
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": NEW_YEAR,
        },
        "canceled_at": None,
        "completed_at": None,
        "created": NEW_YEAR,
        "current_phase": {"end_date": 1767225600, "start_date": NEW_YEAR},
        "customer": ada,
        "customer_account": None,
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": "charge_automatically",
            "default_payment_method": None,
            "description": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "days_until_due": None,
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": "release",
        "livemode": False,
        "metadata": {"deal": "7"},
        "pause_schedules": [],
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription,
        "test_clock": None,
    }
    assert phase == {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": "usd",
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": 1767225600,
        "invoice_settings": None,
        "items": [
            {
                "billing_thresholds": None,
                "discounts": [],
                "metadata": {},
                "plan": seat,
                "price": seat,
                "quantity": 1,
                "tax_rates": [],
            }
        ],
        "metadata": {"plan": "gold"},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": NEW_YEAR,
        "transfer_data": None,
        "trial_end": None,
    }
    made = call.get(f"/v1/subscriptions/{subscription}").json
    assert (made["schedule"], made["metadata"], made["status"]) == (schedule["id"], {"plan": "gold"}, "active")


def test_a_metered_item_of_a_phase_has_no_quantity(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.metered(call)))
    assert "quantity" not in schedule["phases"][0]["items"][0]


def test_the_first_invoice_is_a_draft_for_an_hour(call: Call) -> None:
    planned(call, shop.customer(call), month(shop.licensed(call)))
    (draft,) = shop.invoices(call)
    assert (draft["status"], draft["total"], draft["billing_reason"]) == ("draft", 1000, "subscription_create")
    assert shop.types(call, "customer.subscription.*", "invoice.*", "subscription_schedule.*") == [
        "customer.subscription.created",
        "invoice.created",
        "subscription_schedule.created",
    ]
    call.clock.advance(HOUR)
    (paid,) = shop.invoices(call)
    assert (paid["status"], paid["amount_paid"]) == ("paid", 1000)


def test_a_first_invoice_that_is_declined_makes_the_subscription_past_due(call: Call) -> None:
    ada = shop.customer(call)
    method = shop.attached(call, ada, "tok_chargeCustomerFail")
    schedule = planned(call, ada, month(shop.licensed(call), default_payment_method=method))
    call.clock.advance(HOUR)
    assert subscription_of(call, schedule)["status"] == "past_due"


def test_a_schedule_that_starts_later_has_no_subscription_yet(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    schedule = planned(call, ada, month(seat), start=FEBRUARY)
    assert (schedule["status"], schedule["subscription"], schedule["current_phase"]) == ("not_started", None, None)
    assert (schedule["phases"][0]["start_date"], schedule["phases"][0]["end_date"]) == (FEBRUARY, MARCH)
    assert call.get("/v1/subscriptions").ids == []
    call.clock.advance(31 * DAY)
    begun = call.get(f"{SCHEDULES}/{schedule['id']}").json
    assert (begun["status"], begun["current_phase"]) == ("active", {"end_date": MARCH, "start_date": FEBRUARY})
    subscription = subscription_of(call, begun)
    assert (subscription["created"], subscription["start_date"]) == (FEBRUARY, FEBRUARY)
    (updated,) = shop.events(call, "subscription_schedule.updated")
    assert updated["data"]["previous_attributes"] == {
        "current_phase": None,
        "status": "not_started",
        "subscription": None,
    }


def test_a_schedule_that_starts_in_the_past_makes_a_backdated_subscription(call: Call) -> None:
    start = NEW_YEAR - 5 * DAY
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)), start=start)
    subscription = subscription_of(call, schedule)
    assert (subscription["start_date"], subscription["created"]) == (start, NEW_YEAR)
    assert schedule["current_phase"]["start_date"] == start


def test_the_days_of_months_are_those_of_the_first_phase(call: Call) -> None:
    call.clock.advance(30 * DAY)
    schedule = planned(call, shop.customer(call), *[month(shop.licensed(call, name=str(each))) for each in range(3)])
    assert [phase["end_date"] for phase in schedule["phases"]] == [1740700800, 1743379200, 1745971200]


def test_a_last_phase_without_an_end_lasts_for_one_period(call: Call) -> None:
    weekly = shop.licensed(call, interval="week", interval_count=2)
    schedule = planned(call, shop.customer(call), {"items": [{"price": weekly}]})
    assert schedule["phases"][0]["end_date"] == NEW_YEAR + 14 * DAY


def test_a_phase_can_have_an_end_date(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    schedule = planned(call, ada, {"items": [{"price": seat}], "end_date": NEW_YEAR + 10 * DAY}, month(seat))
    assert [(each["start_date"], each["end_date"]) for each in schedule["phases"]] == [
        (NEW_YEAR, NEW_YEAR + 10 * DAY),
        (NEW_YEAR + 10 * DAY, 1739232000),
    ]


def test_a_schedule_releases_its_subscription_after_its_last_phase(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    call.clock.advance(31 * DAY)
    over = call.get(f"{SCHEDULES}/{schedule['id']}").json
    assert (over["status"], over["released_at"], over["current_phase"]) == ("released", FEBRUARY, None)
    assert (over["subscription"], over["released_subscription"]) == (None, schedule["subscription"])
    subscription = call.get(f"/v1/subscriptions/{schedule['subscription']}").json
    assert (subscription["schedule"], subscription["status"]) == (None, "active")
    assert [invoice["billing_reason"] for invoice in shop.invoices(call)][1:] == ["subscription_cycle"]
    call.clock.advance(28 * DAY)
    assert len(shop.invoices(call)) == 3


def test_a_schedule_can_cancel_its_subscription_after_its_last_phase(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    schedule = planned(call, ada, month(calls), month(calls), end_behavior="cancel")
    assert subscription_of(call, schedule)["cancel_at"] is None
    call.clock.advance(31 * DAY)
    assert subscription_of(call, schedule)["cancel_at"] == MARCH
    shop.use(call, ada, 7)
    call.clock.advance(28 * DAY)
    over = call.get(f"{SCHEDULES}/{schedule['id']}").json
    assert (over["status"], over["completed_at"], over["released_at"]) == ("completed", MARCH, None)
    assert subscription_of(call, over)["status"] == "canceled"
    call.clock.advance(HOUR)
    assert shop.invoices(call)[-1]["total"] == 7
    ends = shop.types(call, "customer.subscription.deleted", "subscription_schedule.completed")
    assert ends == ["customer.subscription.deleted", "subscription_schedule.completed"]


def test_a_schedule_can_end_within_a_period(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    end = NEW_YEAR + 10 * DAY
    planned(call, ada, {"items": [{"price": calls}], "end_date": end}, end_behavior="cancel")
    shop.use(call, ada, 5)
    call.clock.advance(10 * DAY + HOUR)
    assert [(each["total"], each["status"]) for each in shop.invoices(call)] == [(5, "paid")]


def test_a_schedule_can_repeat_its_last_phase(call: Call) -> None:
    ada = shop.customer(call)
    gold, iron = shop.licensed(call, 5000, "Gold"), shop.licensed(call, 1000, "Iron")
    schedule = planned(call, ada, month(gold), month(iron), end_behavior="renew")
    call.clock.advance((31 + 28 + 31) * DAY)
    renewed = call.get(f"{SCHEDULES}/{schedule['id']}").json
    assert (renewed["status"], renewed["current_phase"]) == (
        "active",
        {"end_date": 1746057600, "start_date": APRIL},
    )
    assert [each["total"] for each in shop.invoices(call)] == [5000, 1000, 1000, 1000]


def test_the_end_of_a_schedule_is_announced_a_week_before(call: Call) -> None:
    seat = shop.licensed(call)
    planned(call, shop.customer(call), month(seat), month(seat, items=[{"price": seat, "quantity": 2}]))
    call.clock.advance((31 + 21) * DAY - 1)
    assert shop.types(call, "subscription_schedule.expiring") == []
    call.clock.advance(1)
    (announced,) = shop.events(call, "subscription_schedule.expiring")
    assert announced["data"]["object"]["current_phase"]["end_date"] == MARCH
    call.clock.advance(20 * DAY)
    assert len(shop.types(call, "subscription_schedule.expiring")) == 1


def test_an_end_that_was_moved_is_not_announced(call: Call) -> None:
    seat = shop.licensed(call)
    schedule = planned(call, shop.customer(call), month(seat))
    longer = month(seat, months=2, start_date=NEW_YEAR)
    call.create(f"{SCHEDULES}/{schedule['id']}", {"phases": [longer]})
    call.clock.advance(31 * DAY)
    assert shop.types(call, "subscription_schedule.expiring") == []
    call.clock.advance(21 * DAY)
    assert shop.types(call, "subscription_schedule.expiring") == ["subscription_schedule.expiring"]


def test_releasing_leaves_the_subscription_without_the_end_that_was_set(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)), end_behavior="cancel")
    assert subscription_of(call, schedule)["cancel_at"] == FEBRUARY
    before = len(shop.events(call))
    released = call.create(f"{SCHEDULES}/{schedule['id']}/release")
    assert (released["status"], released["released_at"]) == ("released", NEW_YEAR)
    assert shop.types(call)[before:] == [
        "subscription_schedule.updated",
        "customer.subscription.updated",
        "subscription_schedule.released",
    ]
    subscription = call.get(f"/v1/subscriptions/{schedule['subscription']}").json
    assert (subscription["cancel_at"], subscription["canceled_at"], subscription["schedule"]) == (None, None, None)
    call.clock.advance(31 * DAY)
    assert call.get(f"/v1/subscriptions/{schedule['subscription']}").json["status"] == "active"


def test_releasing_can_keep_the_end_that_was_set(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)), end_behavior="cancel")
    call.create(f"{SCHEDULES}/{schedule['id']}/release", {"preserve_cancel_date": True})
    assert call.get(f"/v1/subscriptions/{schedule['subscription']}").json["cancel_at"] == FEBRUARY


def test_a_schedule_that_has_not_begun_can_be_released(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)), start=FEBRUARY)
    released = call.create(f"{SCHEDULES}/{schedule['id']}/release")
    assert (released["status"], released["released_subscription"]) == ("released", None)
    call.clock.advance(31 * DAY)
    assert call.get("/v1/subscriptions").ids == []


def test_canceling_a_schedule_bills_the_usage_so_far(call: Call) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call), shop.licensed(call, 3100)
    schedule = planned(call, ada, month(calls, seat))
    shop.use(call, ada, 9)
    call.clock.advance(DAY)
    before = len(shop.events(call))
    canceled = call.create(f"{SCHEDULES}/{schedule['id']}/cancel")
    assert (canceled["status"], canceled["canceled_at"]) == ("canceled", NEW_YEAR + DAY)
    assert (canceled["subscription"], canceled["current_phase"]) == (schedule["subscription"], None)
    assert shop.types(call)[before:] == [
        "invoiceitem.created",
        "invoice.created",
        "customer.subscription.deleted",
        "subscription_schedule.canceled",
    ]
    closing = shop.invoices(call)[-1]
    assert sorted(line["amount"] for line in closing["lines"]["data"]) == [-3000, 9]


def test_canceling_a_schedule_can_leave_everything_unbilled(call: Call) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call), shop.licensed(call, 3100)
    schedule = planned(call, ada, month(calls, seat))
    call.clock.advance(DAY)
    call.create(f"{SCHEDULES}/{schedule['id']}/cancel", {"invoice_now": False, "prorate": False})
    assert [each["total"] for each in shop.invoices(call)] == [3100]
    assert call.get("/v1/invoiceitems").ids == []


def test_canceling_a_schedule_that_has_not_begun(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)), start=FEBRUARY)
    call.create(f"{SCHEDULES}/{schedule['id']}/cancel")
    (canceled,) = shop.events(call, "subscription_schedule.canceled")
    assert canceled["data"]["previous_attributes"] == {"canceled_at": None, "status": "not_started"}
    call.clock.advance(31 * DAY)
    assert call.get("/v1/subscriptions").ids == []


def test_deleting_the_subscription_cancels_the_schedule(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    assert call.delete(f"/v1/subscriptions/{schedule['subscription']}").status == 200
    assert call.get(f"{SCHEDULES}/{schedule['id']}").json["status"] == "canceled"
    assert shop.types(call)[-2:] == ["customer.subscription.deleted", "subscription_schedule.canceled"]


def test_deleting_the_customer_cancels_all_schedules(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    running = planned(call, ada, month(seat))
    waiting = planned(call, ada, month(seat), start=FEBRUARY)
    assert call.delete(f"/v1/customers/{ada}").status == 200
    for schedule in (running, waiting):
        assert call.get(f"{SCHEDULES}/{schedule['id']}").json["status"] == "canceled"
    call.clock.advance(60 * DAY)
    assert call.get("/v1/subscriptions").ids == []


def test_a_schedule_is_aborted_if_its_subscription_is_given_up() -> None:
    with FakeStripe(now="2025-01-01T00:00:00Z", after_retries="cancel") as fake:
        client = stripe.StripeClient(fake.api_key, http_client=fake.http_client())
        product = client.v1.products.create({"name": "Seat"})
        price = client.v1.prices.create(
            {"currency": "usd", "product": product.id, "unit_amount": 1000, "recurring": {"interval": "year"}}
        )
        method = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_chargeCustomerFail"}})
        ada = client.v1.customers.create()
        client.v1.payment_methods.attach(method.id, {"customer": ada.id})
        schedule = client.v1.subscription_schedules.create(
            {
                "customer": ada.id,
                "start_date": "now",
                "phases": [{"items": [{"price": price.id}], "default_payment_method": method.id}],
            }
        )
        fake.clock.advance(29 * DAY)
        assert client.v1.subscription_schedules.retrieve(schedule.id).status == "canceled"
        events = client.v1.events.list({"type": "subscription_schedule.*"})
        assert [event.type for event in events.data] == [
            "subscription_schedule.aborted",
            "subscription_schedule.created",
        ]


def test_a_schedule_whose_subscription_cannot_be_created_is_aborted(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    schedule = planned(call, ada, month(seat), start=FEBRUARY)
    call.create(f"/v1/prices/{seat}", {"active": False})
    call.clock.advance(31 * DAY)
    assert call.get(f"{SCHEDULES}/{schedule['id']}").json["status"] == "canceled"
    assert shop.types(call)[-1] == "subscription_schedule.aborted"
    assert call.get("/v1/subscriptions").ids == []


def test_schedules_are_listed_newest_first(call: Call) -> None:
    ada, bob, seat = shop.customer(call), shop.customer(call), shop.licensed(call)
    first = planned(call, ada, month(seat))["id"]
    call.clock.advance(1)
    later = planned(call, ada, month(seat), start=FEBRUARY)["id"]
    ended = planned(call, bob, month(seat))["id"]
    call.create(f"{SCHEDULES}/{ended}/cancel")
    gone = planned(call, bob, month(seat))["id"]
    call.create(f"{SCHEDULES}/{gone}/release")

    def listed(**where: object) -> list[str]:
        return call.get(SCHEDULES, where).ids

    assert listed() == [gone, ended, later, first]
    assert listed(customer=ada) == [later, first]
    assert listed(scheduled=True) == [later]
    assert listed(scheduled=False) == [gone, ended, later, first]
    assert listed(canceled_at=NEW_YEAR + 1) == [ended]
    assert listed(released_at={"gte": NEW_YEAR}) == [gone]
    assert listed(completed_at={"gte": 0}) == []
    assert listed(created={"lt": NEW_YEAR + 1}) == [first]


def test_a_schedule_can_be_expanded(call: Call) -> None:
    schedule = planned(call, shop.customer(call, name="Ada"), month(shop.licensed(call)))
    subscription = call.get(f"/v1/subscriptions/{schedule['subscription']}", {"expand": ["schedule"]}).json
    assert subscription["schedule"] == schedule
    shown = call.get(f"{SCHEDULES}/{schedule['id']}", {"expand": ["customer", "phases.items.price"]}).json
    assert shown["customer"]["name"] == "Ada"
    assert shown["phases"][0]["items"][0]["price"]["unit_amount"] == 1000


def test_a_schedule_follows_the_clock_of_its_customer(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR + 400 * DAY})["id"]
    ada, calls = shop.customer(call, test_clock=clock), shop.metered(call)
    dear = shop.metered(call, shop.meter(call, "more"), unit_amount=3)
    schedule = planned(call, ada, month(calls), month(dear))
    assert (schedule["test_clock"], schedule["created"]) == (clock, NEW_YEAR + 400 * DAY)
    call.create(
        f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": schedule["phases"][0]["end_date"] + HOUR}
    )
    assert subscription_of(call, schedule)["items"]["data"][0]["price"]["id"] == dear
    assert (
        call.create(f"{SCHEDULES}/{schedule['id']}/release")["released_at"] == schedule["phases"][0]["end_date"] + HOUR
    )


def test_a_snapshot_carries_schedules(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    dear = shop.licensed(call, 700)
    schedule = planned(call, ada, month(calls, description="x"), month(dear, metadata={"a": ""}))
    call.fake.restore(call.fake.snapshot())
    assert call.get(f"{SCHEDULES}/{schedule['id']}").json == schedule
    call.clock.advance(31 * DAY + HOUR)
    assert lines(shop.invoices(call)[-1]) == [("0 × Calls (at $0.01 / month)", 0), ("1 × Seat (at $7.00 / month)", 700)]
