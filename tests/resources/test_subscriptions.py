"""Subscriptions: how they begin, turn, change and end."""

import datetime as dt
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
from tests.resources.shop import lines
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

SUBSCRIPTIONS = "/v1/subscriptions"
LIFE = ("customer.subscription.*", "invoice.*")


def instant(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def period(subscription: dict[str, Any]) -> tuple[int, int]:
    item = subscription["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def current(call: Call, subscription: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = call.get(f"{SUBSCRIPTIONS}/{subscription['id']}").json
    return found


# Beginning


def test_a_metered_subscription_begins_without_an_invoice(call: Call) -> None:
    ada = customer(call)
    price = metered(call)
    created = subscribe(call, ada, price, description="Calls", metadata={"a": "1"})
    item = created["items"]["data"][0]
    assert created["id"].startswith("sub_")
    assert (created["status"], created["latest_invoice"], created["currency"]) == ("active", None, "usd")
    assert (created["created"], created["start_date"], created["billing_cycle_anchor"]) == (NEW_YEAR,) * 3
    assert (created["description"], created["metadata"]) == ("Calls", {"a": "1"})
    assert created["items"]["url"] == f"/v1/subscription_items?subscription={created['id']}"
    assert (item["price"]["id"], item["plan"]["id"], item["subscription"]) == (price, price, created["id"])
    assert "quantity" not in item
    assert period(created) == (NEW_YEAR, FEBRUARY)
    assert types(call, *LIFE) == ["customer.subscription.created"]
    assert call.get(f"/v1/customers/{ada}").json["currency"] == "usd"


def test_a_licensed_subscription_is_paid_in_advance(call: Call) -> None:
    seat = licensed(call, 1000)
    created = subscribe(call, customer(call), {"price": seat, "quantity": 3})
    assert created["items"]["data"][0]["quantity"] == 3
    (invoice,) = invoices(call)
    assert created["latest_invoice"] == invoice["id"]
    assert (invoice["status"], invoice["total"], invoice["billing_reason"]) == ("paid", 3000, "subscription_create")
    assert lines(invoice) == [("3 × Seat (at $10.00 / month)", 3000)]
    assert invoice["lines"]["data"][0]["period"] == {"start": NEW_YEAR, "end": FEBRUARY}
    assert (invoice["period_start"], invoice["period_end"]) == (NEW_YEAR, NEW_YEAR)
    assert types(call, *LIFE) == [
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_classic_billing_shows_a_metered_price_at_the_beginning(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call), billing_mode={"type": "classic"})
    assert created["billing_mode"]["type"] == "classic"
    (invoice,) = invoices(call)
    assert (invoice["status"], lines(invoice)) == ("paid", [("0 × Calls (at $0.01 / month)", 0)])


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"items": None}, "items"),
        ({"items": [{"quantity": 2}]}, "items[0]"),
        ({"items": [{"price": "invalid"}]}, "items[0][price]"),
        ({"items": [{"plan": "invalid"}]}, "plan"),
        ({"items": [{"price": "SEAT", "plan": "SEAT"}]}, "items[0][price]"),
        ({"items": [{"price": "ONCE"}]}, "items[0][price]"),
        ({"items": [{"price": "OLD"}]}, "items[0][price]"),
        ({"items": [{"price": "CALLS", "quantity": 1}]}, "items[0][quantity]"),
        ({"items": [{"price": "SEAT", "quantity": -1}]}, "items[0][quantity]"),
        ({"items": [{"price": "SEAT"}, {"price": "SEAT"}]}, "plan"),
        ({"items": [{"price": "SEAT"}, {"price": "EURO"}]}, "items[1][price]"),
        ({"items": [{"price": "SEAT"}, {"price": "WEEKLY"}]}, "items[1][price]"),
        ({"items": [{"price": "SEAT", "metadata": {"k" * 41: "v"}}]}, "items[0][metadata][" + "k" * 41 + "]"),
        ({"items": [{"price": "SEAT"}], "currency": "eur"}, "currency"),
        ({"items": [{"price": "SEAT"}], "trial_end": NEW_YEAR}, "trial_end"),
        ({"items": [{"price": "SEAT"}], "trial_end": NEW_YEAR + 731 * DAY}, "trial_end"),
        ({"items": [{"price": "SEAT"}], "trial_period_days": 0}, "trial_period_days"),
        ({"items": [{"price": "SEAT"}], "trial_period_days": 1, "trial_end": FEBRUARY}, "trial_end"),
        ({"items": [{"price": "SEAT"}], "trial_from_plan": True, "trial_period_days": 1}, None),
        ({"items": [{"price": "SEAT"}], "trial_from_plan": True, "trial_end": FEBRUARY}, None),
        ({"items": [{"price": "SEAT"}], "trial_from_plan": True, "trial_end": "now"}, None),
        ({"items": [{"price": "SEAT"}], "payment_behavior": "pending_if_incomplete"}, "payment_behavior"),
        (
            {"items": [{"price": "SEAT"}], "trial_period_days": 9, "billing_cycle_anchor": NEW_YEAR + DAY},
            "billing_cycle_anchor",
        ),
        ({"items": [{"price": "SEAT"}], "billing_cycle_anchor": NEW_YEAR - 1}, "billing_cycle_anchor"),
        ({"items": [{"price": "SEAT"}], "billing_cycle_anchor": FEBRUARY + 1}, "billing_cycle_anchor"),
        ({"items": [{"price": "SEAT"}], "cancel_at": NEW_YEAR}, "cancel_at"),
        ({"items": [{"price": "SEAT"}], "cancel_at": FEBRUARY, "cancel_at_period_end": True}, "cancel_at"),
        ({"items": [{"price": "SEAT"}], "collection_method": "send_invoice"}, None),
        ({"items": [{"price": "SEAT"}], "days_until_due": 7}, None),
        ({"items": [{"price": "SEAT"}], "billing_thresholds": {"amount_gte": 49}}, "billing_thresholds[amount_gte]"),
        ({"items": [{"price": "SEAT"}], "colour": "red"}, "colour"),
        (
            {"items": [{"price_data": {"currency": "usd", "product": "x", "recurring": {"interval": "day"}}}]},
            "items[0][price_data][product]",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_done(
    call: Call, terms: dict[str, Any], param: str | None
) -> None:
    euro = call.create(
        "/v1/prices",
        {"currency": "eur", "unit_amount": 1, "product": product(call), "recurring": {"interval": "month"}},
    )["id"]
    old = licensed(call)
    call.create(f"/v1/prices/{old}", {"active": False})
    names = {
        "SEAT": licensed(call),
        "CALLS": metered(call),
        "ONCE": one_time(call),
        "EURO": euro,
        "OLD": old,
        "WEEKLY": licensed(call, interval="week"),
    }
    sent = {"customer": customer(call), **terms}
    if sent["items"] is not None:
        sent["items"] = [{name: names.get(str(value), value) for name, value in item.items()} for item in sent["items"]]
    before = len(events(call))
    refused = call.post(SUBSCRIPTIONS, sent)
    assert (refused.status, refused.error["type"], refused.error.get("param")) == (400, "invalid_request_error", param)
    assert call.get(SUBSCRIPTIONS, {"status": "all"}).ids == []
    assert len(events(call)) == before


@pytest.mark.parametrize(
    ("name", "version", "param"),
    [("price", "2025-10-29.clover", "items[0][price]"), ("plan", "2020-08-27", "plan"), ("plan", None, "plan")],
)
def test_an_unknown_price_is_refused_as_recorded(call: Call, name: str, version: str | None, param: str) -> None:
    wanted = {"customer": customer(call), "items": [{name: "invalid"}]}
    refused = call.post(SUBSCRIPTIONS, wanted, version=version)
    assert (refused.status, refused.error["message"]) == (400, f"No such {name}: 'invalid'")
    assert (refused.error["code"], refused.error["param"]) == ("resource_missing", param)


def test_an_unknown_customer_is_not_found(call: Call) -> None:
    refused = call.post(SUBSCRIPTIONS, {"customer": "cus_x", "items": [{"price": licensed(call)}]})
    assert (refused.status, refused.error["message"]) == (404, "No such customer: 'cus_x'")
    assert (refused.error["code"], refused.error["param"]) == ("resource_missing", "customer")


def test_two_new_items_have_different_prices(call: Call) -> None:
    seat = licensed(call)
    refused = call.post(SUBSCRIPTIONS, {"customer": customer(call), "items": [{"price": seat}, {"price": seat}]})
    sentence = "Cannot create a Subscription with multiple Subscription Items with the same Price:"
    assert (refused.status, refused.error["message"]) == (400, f"{sentence} {seat}")
    assert "code" not in refused.error


@pytest.mark.parametrize("way", ["/v1/subscription_items", "items", "id"])
def test_a_price_that_is_there_is_not_added_again(call: Call, way: str) -> None:
    seat, calls = licensed(call), metered(call)
    created = subscribe(call, customer(call), seat, calls)
    first, second = (item["id"] for item in created["items"]["data"])
    if way.startswith("/"):
        refused = call.post(way, {"subscription": created["id"], "price": seat})
    else:
        item = {"price": seat} if way == "items" else {"id": second, "price": seat}
        refused = call.post(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [item]})
    assert refused.error["message"] == (
        f"A new item with Price {seat} can't be added to this Subscription because an existing Subscription Item "
        f"{first} is already using that Price. If you want to update the existing item (e.g., to adjust the "
        "quantity), pass the existing Subscription Item's `id` in your update request: "
        "https://stripe.com/docs/api/subscriptions/update#update_subscription-items-id"
    )
    assert (refused.status, refused.error["param"], "code" in refused.error) == (400, "plan", False)


def test_an_item_can_keep_its_price_in_an_update(call: Call) -> None:
    seat = licensed(call)
    created = subscribe(call, customer(call), seat, metered(call))
    item = created["items"]["data"][0]["id"]
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"id": item, "price": seat, "quantity": 3}]})
    assert changed["items"]["data"][0]["quantity"] == 3


def test_the_trial_of_the_plan_and_another_exclude_each_other(call: Call) -> None:
    sentence = "You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`."
    wanted = {"customer": customer(call), "items": [{"price": licensed(call)}], "trial_from_plan": True}
    assert call.post(SUBSCRIPTIONS, wanted | {"trial_period_days": 3}).error["message"] == sentence
    created = call.create(SUBSCRIPTIONS, wanted)
    refused = call.post(f"{SUBSCRIPTIONS}/{created['id']}", {"trial_from_plan": True, "trial_end": FEBRUARY})
    assert (refused.status, refused.error["message"]) == (400, sentence)


def test_the_payment_behavior_of_an_update_is_none_of_a_creation(call: Call) -> None:
    wanted = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    refused = call.post(SUBSCRIPTIONS, wanted | {"payment_behavior": "pending_if_incomplete"})
    sentence = "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription."
    assert (refused.error["message"], "code" in refused.error) == (sentence, False)


def test_more_than_twenty_items_are_refused(call: Call) -> None:
    prices = [licensed(call) for _ in range(21)]
    refused = call.post(SUBSCRIPTIONS, {"customer": customer(call), "items": [{"price": each} for each in prices]})
    assert (refused.status, refused.error["param"]) == (400, "items")


def test_a_price_can_be_made_along(call: Call) -> None:
    data = {"currency": "usd", "product": product(call), "recurring": {"interval": "week"}, "unit_amount": 700}
    created = subscribe(call, customer(call), {"price_data": data})
    assert period(created) == (NEW_YEAR, NEW_YEAR + 7 * DAY)
    assert invoices(call)[0]["total"] == 700


def test_billing_thresholds_are_kept(call: Call) -> None:
    items = {"price": metered(call), "billing_thresholds": {"usage_gte": 1000}}
    created = subscribe(call, customer(call), items, billing_thresholds={"amount_gte": 5000})
    assert created["billing_thresholds"] == {"amount_gte": 5000, "reset_billing_cycle_anchor": None}
    assert created["items"]["data"][0]["billing_thresholds"] == {"usage_gte": 1000}
    cleared = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"billing_thresholds": ""})
    assert cleared["billing_thresholds"] is None


def test_what_the_subscription_holds_can_be_expanded(call: Call) -> None:
    ada = customer(call, name="Ada")
    expand = ["customer", "latest_invoice.customer", "items.data.price.product", "items.data.plan.product"]
    created = subscribe(call, ada, licensed(call), expand=expand)
    assert (created["customer"]["name"], created["latest_invoice"]["customer"]["name"]) == ("Ada", "Ada")
    item = created["items"]["data"][0]
    assert (item["price"]["product"]["name"], item["plan"]["product"]["name"]) == ("Seat", "Seat")
    invoice = call.get(
        f"/v1/invoices/{created['latest_invoice']['id']}", {"expand": ["parent.subscription_details.subscription"]}
    ).json
    assert invoice["parent"]["subscription_details"]["subscription"]["id"] == created["id"]


# Paying


def test_a_first_invoice_that_cannot_be_paid_leaves_it_incomplete(call: Call) -> None:
    ada = customer(call, invoice_settings={"default_payment_method": DECLINING})
    created = subscribe(call, ada, licensed(call))
    assert created["status"] == "incomplete"
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["attempt_count"], invoice["attempted"]) == ("open", 1, True)
    assert types(call, "invoice.*")[-1] == "invoice.payment_failed"
    call.create(f"/v1/invoices/{invoice['id']}/pay", {"payment_method": "pm_card_visa"})
    assert current(call, created)["status"] == "active"


def test_an_incomplete_subscription_expires_after_23_hours(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call), default_payment_method=DECLINING)
    call.clock.advance(23 * HOUR)
    expired = current(call, created)
    assert (expired["status"], expired["ended_at"]) == ("incomplete_expired", NEW_YEAR + 23 * HOUR)
    assert invoices(call)[0]["status"] == "void"
    call.clock.freeze(MARCH)
    assert len(invoices(call)) == 1
    assert call.get(SUBSCRIPTIONS).ids == [created["id"]]
    assert call.get(SUBSCRIPTIONS, {"status": "ended"}).ids == [created["id"]]


def test_default_incomplete_waits_for_a_payment(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call), payment_behavior="default_incomplete")
    assert created["status"] == "incomplete"
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["attempted"]) == ("open", False)
    call.create(f"/v1/invoices/{invoice['id']}/pay")
    assert current(call, created)["status"] == "active"
    call.clock.advance(DAY)
    assert current(call, created)["status"] == "active"


def test_error_if_incomplete_makes_nothing(call: Call) -> None:
    ada = customer(call)
    terms = {"payment_behavior": "error_if_incomplete", "default_payment_method": DECLINING}
    refused = call.post(SUBSCRIPTIONS, {"customer": ada, "items": [{"price": licensed(call)}], **terms})
    assert (refused.status, refused.error["type"], refused.error["code"]) == (402, "card_error", "card_declined")
    assert (call.get(SUBSCRIPTIONS).ids, invoices(call)) == ([], [])


def test_a_cycle_that_cannot_be_paid_is_past_due_until_it_is(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"default_payment_method": DECLINING})
    use(call, ada, 50)
    call.clock.freeze(FEBRUARY + HOUR)
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["amount_remaining"]) == ("open", 50)
    assert current(call, created)["status"] == "past_due"
    assert call.get(f"/v1/customers/{ada}").json["delinquent"] is True
    assert types(call, *LIFE)[-3:] == ["invoice.updated", "invoice.payment_failed", "customer.subscription.updated"]
    call.create(f"/v1/invoices/{invoice['id']}/pay", {"paid_out_of_band": True})
    assert current(call, created)["status"] == "active"
    assert call.get(f"/v1/customers/{ada}").json["delinquent"] is False


def test_paying_an_older_invoice_leaves_it_past_due(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"default_payment_method": DECLINING})
    use(call, ada, 50)
    call.clock.freeze(FEBRUARY)
    use(call, ada, 70)
    call.clock.freeze(MARCH + HOUR)
    older, newer = invoices(call)
    assert [(each["status"], each["amount_remaining"]) for each in (older, newer)] == [("open", 50), ("open", 70)]
    call.create(f"/v1/invoices/{older['id']}/pay", {"paid_out_of_band": True})
    assert current(call, created)["status"] == "past_due"
    call.create(f"/v1/invoices/{newer['id']}/pay", {"paid_out_of_band": True})
    assert current(call, created)["status"] == "active"


def test_invoices_can_be_sent(call: Call) -> None:
    terms = {"collection_method": "send_invoice", "days_until_due": 14}
    created = subscribe(call, customer(call), licensed(call), **terms)
    assert (created["status"], created["days_until_due"]) == ("active", 14)
    (draft,) = invoices(call)
    assert (draft["status"], draft["automatically_finalizes_at"]) == ("draft", NEW_YEAR + HOUR)
    assert draft["next_payment_attempt"] is None
    call.clock.advance(HOUR)
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["due_date"]) == ("open", NEW_YEAR + 14 * DAY)
    assert types(call, "invoice.*")[-1] == "invoice.sent"
    refused = call.post(
        f"{SUBSCRIPTIONS}/{subscribe(call, customer(call), metered(call, meter(call, 'b')))['id']}",
        {"collection_method": "send_invoice"},
    )
    sentence = "If invoice collection method is 'send_invoice', you must specify 'days_until_due'."
    assert (refused.status, refused.error["message"]) == (400, sentence)


# Turning


@pytest.mark.parametrize(
    ("interval", "count", "start", "edges"),
    [
        ("day", 1, "2025-01-01T09:30:00", ["2025-01-02T09:30:00", "2025-01-03T09:30:00"]),
        ("day", 10, "2025-01-01T00:00:00", ["2025-01-11T00:00:00", "2025-01-21T00:00:00"]),
        ("week", 2, "2025-01-01T00:00:00", ["2025-01-15T00:00:00", "2025-01-29T00:00:00"]),
        ("month", 1, "2025-01-31T12:00:00", ["2025-02-28T12:00:00", "2025-03-31T12:00:00", "2025-04-30T12:00:00"]),
        ("month", 1, "2027-12-31T00:00:00", ["2028-01-31T00:00:00", "2028-02-29T00:00:00", "2028-03-31T00:00:00"]),
        ("month", 3, "2025-11-30T00:00:00", ["2026-02-28T00:00:00", "2026-05-30T00:00:00"]),
        ("year", 1, "2028-02-29T00:00:00", ["2029-02-28T00:00:00", "2030-02-28T00:00:00"]),
    ],
)
def test_periods_turn_on_the_calendar_of_their_anchor(
    call: Call, interval: str, count: int, start: str, edges: list[str]
) -> None:
    call.clock.freeze(f"{start}Z")
    seat = licensed(call, interval=interval, interval_count=count)
    created = subscribe(call, customer(call), seat)
    for began, ends in zip([start, *edges], edges, strict=False):
        assert period(current(call, created)) == (instant(began), instant(ends))
        call.clock.freeze(f"{ends}Z")
    assert [invoice["created"] for invoice in invoices(call)] == [instant(start), *map(instant, edges)]


def test_a_turn_tells_what_changed(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call))
    call.clock.freeze(FEBRUARY)
    (draft,) = invoices(call)
    updated = events(call, "customer.subscription.updated")[0]
    assert updated["created"] == FEBRUARY
    assert updated["request"] == {"id": None, "idempotency_key": None}
    assert updated["data"]["object"]["latest_invoice"] == draft["id"]
    assert updated["data"]["previous_attributes"]["latest_invoice"] is None
    old = updated["data"]["previous_attributes"]["items"]["data"][0]
    assert (old["current_period_start"], old["current_period_end"]) == (NEW_YEAR, FEBRUARY)
    assert period(current(call, created)) == (FEBRUARY, MARCH)


def test_an_anchor_in_the_future_shortens_the_first_period(call: Call) -> None:
    anchor = NEW_YEAR + 15 * DAY
    created = subscribe(call, customer(call), licensed(call, 3100), billing_cycle_anchor=anchor)
    assert (period(created), created["billing_cycle_anchor"]) == ((NEW_YEAR, anchor), anchor)
    assert invoices(call)[0]["total"] == 1500  # 15 of the 31 days up to the anchor
    call.clock.freeze(anchor)
    assert period(current(call, created)) == (anchor, anchor + 31 * DAY)
    assert invoices(call)[-1]["total"] == 3100


def test_without_prorations_the_time_up_to_the_anchor_is_free(call: Call) -> None:
    anchor = NEW_YEAR + 15 * DAY
    terms = {"billing_cycle_anchor": anchor, "proration_behavior": "none"}
    subscribe(call, customer(call), licensed(call, 3100), **terms)
    assert invoices(call) == []
    call.clock.freeze(anchor)
    assert [invoice["total"] for invoice in invoices(call)] == [3100]


# Trials


def test_a_trial_is_free_and_then_the_cycle_begins(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call), metered(call), trial_period_days=14)
    ends = NEW_YEAR + 14 * DAY
    assert (created["status"], created["trial_start"], created["trial_end"]) == ("trialing", NEW_YEAR, ends)
    assert (period(created), created["billing_cycle_anchor"]) == ((NEW_YEAR, ends), ends)
    (first,) = invoices(call)
    assert (first["status"], lines(first)) == ("paid", [("Free trial for 1 × Seat", 0)])
    use(call, ada, 1000)
    call.clock.freeze(ends - 3 * DAY)
    assert types(call, "customer.subscription.*")[-1] == "customer.subscription.trial_will_end"
    call.clock.freeze(ends)
    use(call, ada, 7)
    assert current(call, created)["status"] == "active"
    free = ("Free trial for 1000 × Calls", 0)
    assert lines(invoices(call)[-1]) == [free, ("1 × Seat (at $10.00 / month)", 1000)]
    call.clock.freeze(ends + 31 * DAY)
    assert [amount for _, amount in lines(invoices(call)[-1])] == [7, 1000]


def test_a_trial_without_prorations_has_its_line_as_well(call: Call) -> None:
    subscribe(call, customer(call), licensed(call), trial_period_days=14, proration_behavior="none")
    assert [lines(each) for each in invoices(call)] == [[("Free trial for 1 × Seat", 0)]]


@pytest.mark.parametrize(
    ("mode", "words"),
    [("flexible", "Free trial for 3 chair × Seat"), ("classic", "Trial period for Seat")],
)
def test_the_billing_mode_words_the_line_of_a_trial(call: Call, mode: str, words: str) -> None:
    product = call.create("/v1/products", {"name": "Seat", "unit_label": "chair"})["id"]
    terms = {"currency": "usd", "product": product, "recurring": {"interval": "month"}, "unit_amount": 5}
    seats = {"price": call.create("/v1/prices", terms)["id"], "quantity": 3}
    subscribe(call, customer(call), seats, trial_period_days=14, billing_mode={"type": mode})
    assert [lines(each) for each in invoices(call)] == [[(words, 0)]]


def test_a_trial_of_a_tiered_price_is_one_line(call: Call) -> None:
    tiers = [
        {"up_to": 2, "unit_amount": 100, "flat_amount": 50},
        {"up_to": "inf", "unit_amount": 80, "flat_amount": 30},
    ]
    terms = {
        "currency": "usd",
        "product_data": {"name": "Seat"},
        "recurring": {"interval": "month"},
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": tiers,
    }
    seat = call.create("/v1/prices", terms)["id"]
    subscribe(call, customer(call), {"price": seat, "quantity": 5}, trial_period_days=14)
    (first,) = invoices(call)
    assert lines(first) == [("Free trial for 5 × Seat", 0)]
    call.clock.advance(14 * DAY)
    assert sorted(amount for _, amount in lines(invoices(call)[-1])) == [30, 50, 200, 240]


def test_a_short_trial_is_announced_to_end_at_once(call: Call) -> None:
    subscribe(call, customer(call), metered(call), trial_end=NEW_YEAR + DAY)
    assert types(call, "customer.subscription.*") == [
        "customer.subscription.created",
        "customer.subscription.trial_will_end",
    ]
    assert invoices(call) == []


def test_the_end_of_a_trial_is_announced_once(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call), trial_end=NEW_YEAR + DAY)
    call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"description": "Short"})
    assert types(call, "customer.subscription.*") == [
        "customer.subscription.created",
        "customer.subscription.trial_will_end",
        "customer.subscription.updated",
    ]


def test_a_trial_can_come_from_the_plan(call: Call) -> None:
    seat = licensed(call, trial_period_days=7)
    assert subscribe(call, customer(call), seat)["status"] == "active"
    created = subscribe(call, customer(call), seat, trial_from_plan=True)
    assert created["trial_end"] == NEW_YEAR + 7 * DAY
    assert subscribe(call, customer(call), seat, trial_end="now")["status"] == "active"


def test_an_update_may_begin_the_trial_of_a_plan(call: Call) -> None:
    tried, plain = licensed(call, trial_period_days=7), licensed(call, 500)
    created = subscribe(call, customer(call), plain)
    path, item = f"{SUBSCRIPTIONS}/{created['id']}", created["items"]["data"][0]["id"]
    call.clock.advance(DAY)
    unchanged = call.create(path, {"trial_from_plan": True})
    assert (unchanged["status"], unchanged["trial_end"]) == ("active", None)
    changed = call.create(path, {"items": [{"id": item, "price": tried}], "trial_from_plan": True})
    assert (changed["status"], changed["trial_end"]) == ("trialing", NEW_YEAR + 8 * DAY)
    assert changed["items"]["data"][0]["current_period_end"] == NEW_YEAR + 8 * DAY
    other = subscribe(call, customer(call), tried)
    assert other["status"] == "active"
    assert call.create(f"{SUBSCRIPTIONS}/{other['id']}", {"items": [{"price": plain}]})["status"] == "active"
    begun = call.create(f"{SUBSCRIPTIONS}/{other['id']}", {"trial_from_plan": True})
    assert (begun["status"], begun["trial_end"]) == ("trialing", NEW_YEAR + 8 * DAY)


def test_a_trial_before_an_anchor_is_followed_by_a_prorated_period(call: Call) -> None:
    trial_end, anchor = NEW_YEAR + 10 * DAY, NEW_YEAR + 20 * DAY
    created = subscribe(call, customer(call), licensed(call, 3100), trial_end=trial_end, billing_cycle_anchor=anchor)
    call.clock.freeze(trial_end)
    assert period(current(call, created)) == (trial_end, anchor)
    assert invoices(call)[-1]["total"] == 1000  # 10 of 31 days


def test_a_trial_can_be_ended_now(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call), trial_period_days=14)
    call.clock.advance(DAY)
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"trial_end": "now"})
    assert (changed["status"], changed["trial_end"]) == ("active", NEW_YEAR + DAY)
    assert (period(changed)[0], changed["billing_cycle_anchor"]) == (NEW_YEAR + DAY, NEW_YEAR + DAY)
    assert (invoices(call)[-1]["status"], invoices(call)[-1]["total"]) == ("paid", 1000)
    call.clock.advance(13 * DAY)
    assert len(invoices(call)) == 2
    again = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"trial_end": "now"})
    assert again["trial_end"] == NEW_YEAR + DAY


def test_a_trial_can_be_extended(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call), trial_period_days=14)
    later = NEW_YEAR + 30 * DAY
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"trial_end": later})
    assert (changed["status"], changed["trial_start"], changed["trial_end"]) == ("trialing", NEW_YEAR, later)
    call.clock.freeze(NEW_YEAR + 14 * DAY)
    assert current(call, created)["status"] == "trialing"
    assert "customer.subscription.trial_will_end" not in types(call)
    call.clock.freeze(later)
    assert types(call).count("customer.subscription.trial_will_end") == 1
    assert invoices(call)[-1]["total"] == 1000


# Changing


def test_an_update_changes_what_is_given(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call), metadata={"a": "1"}, description="Old")
    changed = call.create(
        f"{SUBSCRIPTIONS}/{created['id']}",
        {
            "metadata": {"b": "2"},
            "description": "",
            "payment_settings": {
                "payment_method_types": ["card"],
                "save_default_payment_method": "on_subscription",
            },
            "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
            "cancellation_details": {"comment": "Too dear", "feedback": "too_expensive"},
        },
    )
    assert (changed["metadata"], changed["description"]) == ({"a": "1", "b": "2"}, None)
    assert changed["payment_settings"]["payment_method_types"] == ["card"]
    assert changed["trial_settings"]["end_behavior"]["missing_payment_method"] == "create_invoice"
    assert changed["cancellation_details"]["feedback"] == "too_expensive"
    assert types(call)[-1] == "customer.subscription.updated"
    cleared = call.create(
        f"{SUBSCRIPTIONS}/{created['id']}", {"metadata": "", "payment_settings": {"payment_method_types": ""}}
    )
    assert (cleared["metadata"], cleared["payment_settings"]["payment_method_types"]) == ({}, None)


def test_an_update_without_change_tells_nothing(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call))
    before = types(call)
    call.create(f"{SUBSCRIPTIONS}/{created['id']}")
    assert types(call) == before


def test_a_replaced_metered_price_bills_the_usage_that_it_counted(call: Call) -> None:
    """Documented for flexible billing: usage is billed at the price at the time it was reported for."""
    ada, meter_id = customer(call), meter(call)
    cheap, dear = metered(call, meter_id), metered(call, meter_id, unit_amount=10)
    created = subscribe(call, ada, cheap)
    use(call, ada, 100)
    call.clock.advance(10 * DAY)
    item = created["items"]["data"][0]["id"]
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"id": item, "price": dear}]})
    assert changed["items"]["data"][0]["price"]["id"] == dear
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY + HOUR)
    (invoice,) = invoices(call)
    assert lines(invoice) == [("100 × Calls (at $0.01 / month)", 100), ("5 × Calls (at $0.10 / month)", 50)]
    first, second = (line["period"] for line in invoice["lines"]["data"])
    assert (first["end"], second["start"]) == (NEW_YEAR + 10 * DAY, NEW_YEAR + 10 * DAY)


def test_the_usage_of_a_replaced_price_is_billed_once(call: Call) -> None:
    ada, meter_id = customer(call), meter(call)
    created = subscribe(call, ada, metered(call, meter_id))
    use(call, ada, 700)
    call.clock.advance(10 * DAY)
    item, dear = created["items"]["data"][0]["id"], metered(call, meter_id, unit_amount=10)
    call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"id": item, "price": dear}]})
    for months_later in (FEBRUARY, MARCH, MARCH + 31 * DAY):
        call.clock.freeze(months_later + HOUR)
    assert [invoice["total"] for invoice in invoices(call)] == [700, 0, 0]


def test_an_item_whose_price_stays_counts_on(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    use(call, ada, 100)
    call.clock.advance(10 * DAY)
    item = created["items"]["data"][0]
    terms = {"items": [{"id": item["id"], "price": item["price"]["id"], "metadata": {"a": "b"}}]}
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", terms)
    assert changed["items"]["data"][0]["metadata"] == {"a": "b"}
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY + HOUR)
    (invoice,) = invoices(call)
    assert lines(invoice) == [("105 × Calls (at $0.01 / month)", 105)]


def test_a_removed_metered_item_bills_the_usage_that_it_counted(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call), metered(call))
    use(call, ada, 100)
    call.clock.advance(10 * DAY)
    use(call, ada, 900)
    call.clock.advance(DAY)
    item = created["items"]["data"][1]["id"]
    terms = {"items": [{"id": item, "deleted": True}]}
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", terms)
    assert len(changed["items"]["data"]) == 1
    use(call, ada, 50_000)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [amount for _, amount in lines(invoices(call)[-1])] == [1000, 1000]


def test_an_added_metered_item_counts_from_then_on(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call))
    calls = metered(call)
    use(call, ada, 1000)
    call.clock.advance(DAY)
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"price": calls, "metadata": {"a": "1"}}]})
    assert changed["items"]["data"][1]["metadata"] == {"a": "1"}
    use(call, ada, 3)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [amount for _, amount in lines(invoices(call)[-1])] == [3, 1000]


def test_another_quantity_is_prorated(call: Call) -> None:
    seat = licensed(call, 3100)
    created = subscribe(call, customer(call), seat)
    call.clock.advance(10 * DAY)
    item = created["items"]["data"][0]["id"]
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"id": item, "quantity": 2}]})
    assert changed["items"]["data"][0]["quantity"] == 2
    call.clock.freeze(FEBRUARY + HOUR)
    assert lines(invoices(call)[-1]) == [
        ("Unused time on Seat after 11 Jan 2025", -2100),
        ("Remaining time on 2 × Seat after 11 Jan 2025", 4200),
        ("2 × Seat (at $31.00 / month)", 6200),
    ]
    credit = invoices(call)[-1]["lines"]["data"][0]
    assert credit["parent"]["subscription_item_details"]["proration"] is True
    assert credit["period"] == {"start": NEW_YEAR + 10 * DAY, "end": FEBRUARY}


def test_prorations_can_be_billed_at_once_or_left_out(call: Call) -> None:
    seat = licensed(call, 3100)
    created = subscribe(call, customer(call), seat)
    path, item = f"{SUBSCRIPTIONS}/{created['id']}", created["items"]["data"][0]["id"]
    call.clock.advance(10 * DAY)
    call.create(path, {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"})
    billed = invoices(call)[-1]
    assert (billed["status"], billed["total"], billed["billing_reason"]) == ("paid", 2100, "subscription_update")
    call.create(path, {"items": [{"id": item, "quantity": 1}], "proration_behavior": "none"})
    call.clock.freeze(FEBRUARY)
    assert lines(invoices(call)[-1]) == [("1 × Seat (at $31.00 / month)", 3100)]


def test_a_proration_names_its_day(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call, interval="year"))
    path, item = f"{SUBSCRIPTIONS}/{created['id']}", created["items"]["data"][0]["id"]
    for month in range(1, 13):
        call.clock.freeze(f"2025-{month:02}-{month + 8:02}T12:00:00Z")
        call.create(path, {"items": [{"id": item, "quantity": month + 1}]})
    found = call.get("/v1/invoiceitems", {"limit": 100}).json["data"]
    days = {each["description"].partition(" after ")[2] for each in found}
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    assert days == {f"{number + 9:02} {name} 2025" for number, name in enumerate(names)}


def test_reasons_to_cancel_change_one_by_one(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call))
    path = f"{SUBSCRIPTIONS}/{created['id']}"
    call.create(path, {"cancellation_details": {"comment": "Too dear", "feedback": "too_expensive"}})
    for change, comment, feedback in (
        ({"feedback": "unused"}, "Too dear", "unused"),
        ({"comment": "Never used"}, "Never used", "unused"),
        ({"comment": ""}, None, "unused"),
    ):
        found = call.create(path, {"cancellation_details": change})["cancellation_details"]
        assert (found["comment"], found["feedback"]) == (comment, feedback)


def test_a_trial_has_nothing_to_prorate(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call), trial_period_days=10)
    item = created["items"]["data"][0]["id"]
    call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"id": item, "quantity": 9}]})
    assert call.get("/v1/invoiceitems").ids == []


def test_another_interval_begins_a_new_cycle_in_classic_billing(call: Call) -> None:
    ada, meter_id = customer(call), meter(call)
    monthly, yearly = metered(call, meter_id), metered(call, meter_id, interval="year")
    created = subscribe(call, ada, monthly, billing_mode={"type": "classic"})
    use(call, ada, 40)
    call.clock.advance(10 * DAY)
    item = created["items"]["data"][0]["id"]
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"id": item, "price": yearly}]})
    now = NEW_YEAR + 10 * DAY
    assert (changed["billing_cycle_anchor"], period(changed)) == (now, (now, now + 365 * DAY))
    invoice = invoices(call)[-1]
    assert (invoice["status"], lines(invoice)) == ("paid", [("40 × Calls (at $0.01 / month)", 40)])


def test_another_interval_within_a_trial_leaves_the_trial(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call), trial_period_days=10)
    item, yearly = created["items"]["data"][0]["id"], licensed(call, 9000, interval="year")
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"id": item, "price": yearly}]})
    assert (changed["status"], period(changed)) == ("trialing", (NEW_YEAR, NEW_YEAR + 10 * DAY))
    call.clock.advance(10 * DAY)
    assert period(current(call, created)) == (NEW_YEAR + 10 * DAY, NEW_YEAR + 375 * DAY)


@pytest.mark.parametrize("anchor", ["now", {"type": "now"}])
def test_the_cycle_can_begin_anew(call: Call, anchor: object) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call, 3100), metered(call))
    use(call, ada, 40)
    call.clock.advance(10 * DAY)
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"billing_cycle_anchor": anchor})
    now = NEW_YEAR + 10 * DAY
    assert (changed["billing_cycle_anchor"], period(changed)) == (now, (now, now + 31 * DAY))
    invoice = invoices(call)[-1]
    assert lines(invoice) == [
        ("Remaining time on Seat after 01 Feb 2025", 1000),
        ("40 × Calls (at $0.01 / month)", 40),
    ]
    assert (invoice["period_start"], invoice["period_end"]) == (now, now)
    call.clock.freeze(FEBRUARY)
    assert len(invoices(call)) == 2
    assert call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"billing_cycle_anchor": "unchanged"}) == current(
        call, created
    )


@pytest.mark.parametrize(
    ("items", "param"),
    [
        ([{"id": "si_x", "quantity": 2}], "items[0][id]"),
        ([{"id": "SEAT_ITEM", "deleted": True}, {"id": "CALLS_ITEM", "deleted": True}], "items"),
        ([{"id": "CALLS_ITEM", "quantity": 2}], "items[0][quantity]"),
        ([{"id": "SEAT_ITEM", "price": "WEEKLY"}], "items[0][price]"),
        ([{"price": "SEAT"}], "plan"),
        ([{"id": "CALLS_ITEM", "deleted": True}, {"price": "price_x"}], "items[1][price]"),
        ([{"quantity": 2}], "items[0]"),
    ],
)
def test_a_wrong_change_changes_nothing(call: Call, items: list[dict[str, Any]], param: str) -> None:
    seat, calls = licensed(call), metered(call)
    created = subscribe(call, customer(call), seat, calls)
    names = {
        "SEAT": seat,
        "WEEKLY": licensed(call, interval="week"),
        "SEAT_ITEM": created["items"]["data"][0]["id"],
        "CALLS_ITEM": created["items"]["data"][1]["id"],
    }
    sent = [{name: names.get(str(value), value) for name, value in item.items()} for item in items]
    refused = call.post(f"{SUBSCRIPTIONS}/{created['id']}", {"items": sent, "metadata": {"a": "1"}})
    assert (refused.status, refused.error["param"]) == (400, param)
    assert current(call, created) == created


def test_items_can_change_places_in_one_update(call: Call) -> None:
    seat, calls = licensed(call), metered(call)
    created = subscribe(call, customer(call), seat)
    item = created["items"]["data"][0]["id"]
    changed = call.create(
        f"{SUBSCRIPTIONS}/{created['id']}", {"items": [{"id": item, "deleted": True}, {"price": calls}]}
    )
    assert [each["price"]["id"] for each in changed["items"]["data"]] == [calls]


# Ending


def test_canceling_at_once_bills_no_usage_unless_told_to(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    use(call, ada, 5)
    call.clock.advance(DAY)
    details = {"cancellation_details": {"comment": "Bye", "feedback": "unused"}}
    canceled = call.delete(f"{SUBSCRIPTIONS}/{created['id']}", details).json
    now = NEW_YEAR + DAY
    assert (canceled["status"], canceled["canceled_at"], canceled["ended_at"]) == ("canceled", now, now)
    assert canceled["cancellation_details"] == {
        "comment": "Bye",
        "feedback": "unused",
        "feedback_option": None,
        "reason": "cancellation_requested",
    }
    assert types(call, *LIFE)[-1] == "customer.subscription.deleted"
    call.clock.freeze(MARCH)
    assert invoices(call) == []


def test_canceling_with_invoice_now_bills_the_usage_so_far(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    use(call, ada, 5)
    call.clock.advance(DAY)
    call.delete(f"{SUBSCRIPTIONS}/{created['id']}", {"invoice_now": True})
    (invoice,) = invoices(call)
    assert (invoice["status"], lines(invoice)) == ("draft", [("5 × Calls (at $0.01 / month)", 5)])
    assert types(call, *LIFE)[-1] == "customer.subscription.deleted"


def test_canceling_can_give_back_what_is_unused(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call, 3100))
    call.clock.advance(DAY)
    call.delete(f"{SUBSCRIPTIONS}/{created['id']}", {"prorate": True, "invoice_now": True})
    call.clock.advance(HOUR)
    credit = invoices(call)[-1]
    assert (credit["status"], credit["total"], credit["amount_due"]) == ("paid", -3000, 0)
    assert (credit["ending_balance"], call.get(f"/v1/customers/{ada}").json["balance"]) == (-3000, -3000)
    subscribe(call, ada, licensed(call, 1000))
    next_one = invoices(call)[-1]
    assert (next_one["total"], next_one["amount_due"], next_one["starting_balance"]) == (1000, 0, -3000)
    assert call.get(f"/v1/customers/{ada}").json["balance"] == -2000


def test_what_is_canceled_is_canceled(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call))
    call.delete(f"{SUBSCRIPTIONS}/{created['id']}")
    again = call.delete(f"{SUBSCRIPTIONS}/{created['id']}")
    assert (again.status, again.error["message"]) == (404, f"No such subscription: '{created['id']}'")
    assert call.post(f"{SUBSCRIPTIONS}/{created['id']}", {"cancel_at_period_end": True}).status == 400
    assert call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"metadata": {"a": "1"}})["metadata"] == {"a": "1"}


def test_canceling_at_the_periods_end_bills_its_usage_and_nothing_ahead(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, licensed(call), metered(call))
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"cancel_at_period_end": True})
    assert (changed["status"], changed["cancel_at"], changed["canceled_at"]) == ("active", FEBRUARY, NEW_YEAR)
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY)
    ended = current(call, created)
    assert (ended["status"], ended["ended_at"], ended["canceled_at"]) == ("canceled", FEBRUARY, NEW_YEAR)
    call.clock.freeze(MARCH)
    last = invoices(call)[-1]
    assert (len(invoices(call)), last["status"], lines(last)) == (2, "paid", [("5 × Calls (at $0.01 / month)", 5)])


@pytest.mark.parametrize("terms", [{"cancel_at_period_end": True}, {"cancel_at": NEW_YEAR + 5 * DAY}])
def test_what_was_to_end_later_and_ends_now_has_no_later_end_any_more(call: Call, terms: dict[str, Any]) -> None:
    created = subscribe(call, customer(call), licensed(call), **terms)
    call.clock.advance(DAY)
    ended = call.delete(f"{SUBSCRIPTIONS}/{created['id']}").json
    assert (ended["cancel_at"], ended["cancel_at_period_end"]) == (None, False)
    assert (ended["canceled_at"], ended["ended_at"]) == (NEW_YEAR, NEW_YEAR + DAY)


def test_a_licensed_subscription_ends_without_another_invoice(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call), cancel_at_period_end=True)
    call.clock.freeze(FEBRUARY)
    assert current(call, created)["status"] == "canceled"
    assert len(invoices(call)) == 1


def test_a_subscription_may_go_on_after_all(call: Call) -> None:
    created = subscribe(call, customer(call), metered(call), cancel_at_period_end=True)
    changed = call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"cancel_at_period_end": False})
    assert (changed["cancel_at"], changed["canceled_at"]) == (None, None)
    assert changed["cancellation_details"]["reason"] is None
    call.clock.freeze(FEBRUARY)
    assert current(call, created)["status"] == "active"


def test_a_subscription_may_end_at_an_instant(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    at = NEW_YEAR + 10 * DAY
    assert call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"cancel_at": at})["cancel_at"] == at
    use(call, ada, 5)
    call.clock.freeze(MARCH)
    (invoice,) = invoices(call)
    assert (invoice["period_end"], invoice["total"]) == (at, 5)
    assert current(call, created)["ended_at"] == at


@pytest.mark.parametrize("word", ["min_period_end", "max_period_end"])
def test_a_subscription_may_end_with_its_period_by_name(call: Call, word: str) -> None:
    created = subscribe(call, customer(call), metered(call), cancel_at=word)
    assert created["cancel_at"] == FEBRUARY
    assert call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"cancel_at": ""})["cancel_at"] is None


def test_a_trial_that_is_canceled_at_its_end_is_never_billed(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call), trial_period_days=10, cancel_at_period_end=True)
    use(call, ada, 5)
    call.clock.freeze(MARCH)
    assert (current(call, created)["status"], invoices(call)) == ("canceled", [])


def test_deleting_the_customer_cancels_its_subscriptions(call: Call) -> None:
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    call.delete(f"/v1/customers/{ada}")
    assert current(call, created)["status"] == "canceled"
    assert types(call)[-2:] == ["customer.subscription.deleted", "customer.deleted"]


# Usage


def test_usage_before_the_subscription_is_not_billed(call: Call) -> None:
    ada, price = customer(call), metered(call)
    use(call, ada, 1000)
    call.clock.advance(DAY)
    subscribe(call, ada, price)
    use(call, ada, 1)
    use(call, ada, 500, NEW_YEAR + DAY - 1)
    call.clock.advance(32 * DAY)
    assert [invoice["total"] for invoice in invoices(call)] == [1]


def test_two_subscriptions_on_one_meter_each_bill_their_own_period(call: Call) -> None:
    ada, meter_id = customer(call), meter(call)
    first = subscribe(call, ada, metered(call, meter_id))
    use(call, ada, 10)
    call.clock.freeze(NEW_YEAR + 14 * DAY)
    second = subscribe(call, ada, metered(call, meter_id, unit_amount=2))
    use(call, ada, 1)
    call.clock.freeze(MARCH)
    totals = {
        each["id"]: [invoice["total"] for invoice in invoices(call, subscription=each["id"])]
        for each in (first, second)
    }
    assert totals == {first["id"]: [11, 0], second["id"]: [2]}


@pytest.mark.parametrize(("formula", "total"), [("sum", 9), ("count", 3), ("last", 4)])
def test_a_period_is_billed_by_the_meters_formula(call: Call, formula: str, total: int) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call, meter(call, formula=formula)))
    for value in (2, 3, 4):
        use(call, ada, value)
        call.clock.advance(1)
    call.clock.freeze(FEBRUARY + HOUR)
    assert invoices(call)[0]["total"] == total


# List


def test_subscriptions_are_listed_newest_first_without_canceled_ones(call: Call) -> None:
    ada, price = customer(call), metered(call)
    first = subscribe(call, ada, price)["id"]
    call.clock.advance(1)
    second = subscribe(call, ada, licensed(call), trial_period_days=5)["id"]
    third = subscribe(call, customer(call), price, collection_method="send_invoice", days_until_due=1)["id"]
    call.delete(f"{SUBSCRIPTIONS}/{first}")
    assert call.get(SUBSCRIPTIONS).ids == [third, second]
    assert call.get(SUBSCRIPTIONS, {"status": "all"}).ids == [third, second, first]
    assert call.get(SUBSCRIPTIONS, {"status": "canceled"}).ids == [first]
    assert call.get(SUBSCRIPTIONS, {"status": "trialing"}).ids == [second]
    assert call.get(SUBSCRIPTIONS, {"customer": ada}).ids == [second]
    assert call.get(SUBSCRIPTIONS, {"price": price}).ids == [third]
    assert call.get(SUBSCRIPTIONS, {"plan": price, "status": "ended"}).ids == [first]
    assert call.get(SUBSCRIPTIONS, {"collection_method": "send_invoice"}).ids == [third]
    assert call.get(SUBSCRIPTIONS, {"created": {"lt": NEW_YEAR + 1}, "status": "all"}).ids == [first]
    assert call.get(SUBSCRIPTIONS, {"current_period_start": NEW_YEAR + 1}).ids == [third, second]
    assert call.get(SUBSCRIPTIONS, {"current_period_end": {"lt": FEBRUARY}}).ids == [second]


def test_an_unknown_subscription_is_not_found(call: Call) -> None:
    path = f"{SUBSCRIPTIONS}/sub_x"
    for answer in (call.get(path), call.post(path), call.delete(path)):
        assert (answer.status, answer.error["message"]) == (404, "No such subscription: 'sub_x'")


def test_no_subscription_is_listed_as_one_with_automatic_taxes(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    assert call.get(SUBSCRIPTIONS, {"automatic_tax": {"enabled": "false"}}).ids == [made["id"]]
    assert call.get(SUBSCRIPTIONS, {"automatic_tax": {"enabled": "true"}}).ids == []
    assert call.get(SUBSCRIPTIONS, "automatic_tax=true").error["param"] == "automatic_tax"
