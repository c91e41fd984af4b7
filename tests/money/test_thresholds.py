"""Billing thresholds: usage that crosses one is invoiced in mid-period, and tiers go on where they were."""

import math
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters.fake import FakeStripe
from tests.conftest import DOORS
from tests.conftest import Call

INVOICES = "/v1/invoices"
SUBSCRIPTIONS = "/v1/subscriptions"
CLOCKS = "/v1/test_helpers/test_clocks"
NEW_YEAR = 1_735_689_600
FEBRUARY = 1_738_368_000
HOUR = 3_600
DAY = 86_400
GRADUATED = [{"up_to": 100, "unit_amount": 10, "flat_amount": 50}, {"up_to": "inf", "unit_amount": 5}]


def customer(call: Call, **params: Any) -> str:  # noqa: ANN401  a parameter of any kind
    created: str = call.create("/v1/customers", params)["id"]
    return created


def metered_price(call: Call, name: str = "calls", formula: str = "sum", **more: Any) -> str:  # noqa: ANN401  likewise
    """A price of ten cents a unit of a meter of its own, unless said otherwise."""
    meter = {"display_name": name, "event_name": name, "default_aggregation": {"formula": formula}}
    recurring = {"interval": "month", "usage_type": "metered", "meter": call.create("/v1/billing/meters", meter)["id"]}
    params = {"currency": "usd", "product_data": {"name": name}, "recurring": recurring}
    created: str = call.create("/v1/prices", params | (more or {"unit_amount": 10}))["id"]
    return created


def tiered(call: Call, mode: str, tiers: list[Any]) -> str:
    return metered_price(call, billing_scheme="tiered", tiers_mode=mode, tiers=tiers)


def subscribe(call: Call, whose: str, price: str, usage_gte: int | None = None, **more: Any) -> str:  # noqa: ANN401  likewise
    """With a threshold on the item, or with others among `more`."""
    item: dict[str, Any] = {"price": price}
    if usage_gte is not None:
        item["billing_thresholds"] = {"usage_gte": usage_gte}
    created: str = call.create(SUBSCRIPTIONS, {"customer": whose, "items": [item], **more})["id"]
    return created


def use(call: Call, whose: str, units: object, name: str = "calls", **more: Any) -> None:  # noqa: ANN401  likewise
    payload = {"stripe_customer_id": whose, "value": units}
    call.create("/v1/billing/meter_events", {"event_name": name, "payload": payload} | more)


def invoices(call: Call, whose: str) -> list[dict[str, Any]]:
    """Oldest first."""
    found: list[dict[str, Any]] = call.get(INVOICES, {"customer": whose, "limit": 100}).json["data"]
    return found[::-1]


def lines(invoice: dict[str, Any]) -> list[tuple[int, int]]:
    """Quantities and amounts."""
    return [(line["quantity"], line["amount"]) for line in invoice["lines"]["data"]]


def amounts(call: Call, whose: str) -> list[int]:
    return [invoice["total"] for invoice in invoices(call, whose)]


# Crossing


def test_an_amount_that_is_reached_is_invoiced_at_once(call: Call) -> None:
    ann = customer(call)
    subscription = subscribe(call, ann, metered_price(call), billing_thresholds={"amount_gte": 1000})
    call.clock.advance(DAY)
    use(call, ann, 99)
    assert invoices(call, ann) == []
    use(call, ann, 6)
    [issued] = invoices(call, ann)
    assert issued["billing_reason"] == "subscription_threshold"
    assert issued["status"] == "paid"
    assert issued["threshold_reason"] == {"amount_gte": 1000, "item_reasons": []}
    assert lines(issued) == [(105, 1050)]
    assert (issued["period_start"], issued["period_end"]) == (NEW_YEAR, NEW_YEAR + DAY)
    shown = call.get(f"{SUBSCRIPTIONS}/{subscription}").json
    assert shown["latest_invoice"] == issued["id"]
    assert shown["items"]["data"][0]["current_period_end"] == FEBRUARY
    assert shown["billing_cycle_anchor"] == NEW_YEAR


def test_a_quantity_that_is_reached_is_invoiced_at_once(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), usage_gte=100)
    use(call, ann, "99.5")
    assert invoices(call, ann) == []
    use(call, ann, "0.5")
    [issued] = invoices(call, ann)
    ids = [line["id"] for line in issued["lines"]["data"]]
    assert issued["threshold_reason"] == {
        "amount_gte": None,
        "item_reasons": [{"line_item_ids": ids, "usage_gte": 100}],
    }
    assert lines(issued) == [(100, 1000)]


def test_what_was_invoiced_is_not_invoiced_again(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), billing_thresholds={"amount_gte": 1000})
    for units in (120, 50, 60, 10):
        use(call, ann, units)
    assert amounts(call, ann) == [1200, 1100]
    call.clock.freeze(FEBRUARY + HOUR)
    assert amounts(call, ann) == [1200, 1100, 100]
    assert invoices(call, ann)[-1]["billing_reason"] == "subscription_cycle"
    use(call, ann, 99)
    assert amounts(call, ann) == [1200, 1100, 100]
    use(call, ann, 1)
    assert amounts(call, ann) == [1200, 1100, 100, 1000]


def test_a_period_without_further_usage_ends_with_an_invoice_of_nothing(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), usage_gte=100)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [lines(each) for each in invoices(call, ann)] == [[(100, 1000)], [(0, 0)]]


def test_a_preview_shows_what_is_left(call: Call) -> None:
    ann = customer(call)
    made = subscribe(call, ann, metered_price(call), usage_gte=100)
    use(call, ann, 100)
    use(call, ann, 5)
    assert lines(call.create(f"{INVOICES}/create_preview", {"subscription": made})) == [(5, 50)]


def test_usage_of_another_meter_or_customer_crosses_nothing(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    subscribe(call, ann, metered_price(call), usage_gte=100)
    metered_price(call, "bytes")
    use(call, ann, 100, "bytes")
    use(call, bob, 100)
    assert invoices(call, ann) == []


def test_usage_of_the_period_before_crosses_nothing(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), usage_gte=100)
    call.clock.freeze(FEBRUARY + 60)
    use(call, ann, 500, timestamp=FEBRUARY - 1)
    call.clock.freeze(FEBRUARY + HOUR)
    [cycle] = invoices(call, ann)
    assert (cycle["billing_reason"], lines(cycle)) == ("subscription_cycle", [(500, 5000)])


def test_a_trial_crosses_nothing(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), usage_gte=100, trial_period_days=7)
    use(call, ann, 100)
    assert all(each["billing_reason"] != "subscription_threshold" for each in invoices(call, ann))


def test_a_canceled_subscription_crosses_nothing(call: Call) -> None:
    ann = customer(call)
    subscription = subscribe(call, ann, metered_price(call), usage_gte=100)
    assert call.delete(f"{SUBSCRIPTIONS}/{subscription}").status == 200
    use(call, ann, 100)
    assert all(each["billing_reason"] != "subscription_threshold" for each in invoices(call, ann))


def test_what_the_lag_holds_back_crosses_when_it_is_seen(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), usage_gte=100)
    call.fake.control.set_lag(30)
    use(call, ann, 100)
    call.clock.advance(29)
    assert invoices(call, ann) == []
    call.clock.advance(1)
    assert amounts(call, ann) == [1000]
    assert invoices(call, ann)[0]["created"] == NEW_YEAR + 30


def test_the_stream_crosses_too(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), usage_gte=100)
    as_json = {"version": "2026-10-28.preview", "headers": {"Content-Type": "application/json"}}
    token = call.create("/v2/billing/meter_event_session", "{}", **as_json)["authentication_token"]
    event = f'{{"event_name": "calls", "payload": {{"stripe_customer_id": "{ann}", "value": "60"}}}}'
    body = f'{{"events": [{event}, {event}]}}'
    assert call.post("/v2/billing/meter_event_stream", body, key=token, **as_json).status == 200
    assert amounts(call, ann) == [1200]


def test_a_customer_on_a_test_clock_is_invoiced_in_its_time(call: Call) -> None:
    clock = call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
    ann = customer(call, test_clock=clock)
    subscribe(call, ann, metered_price(call), usage_gte=100)
    call.create(f"{CLOCKS}/{clock}/advance", {"frozen_time": NEW_YEAR + DAY})
    use(call, ann, 100)
    [issued] = invoices(call, ann)
    assert (issued["created"], issued["test_clock"], issued["total"]) == (NEW_YEAR + DAY, clock, 1000)


def test_a_payment_that_is_declined_keeps_the_usage_and_the_next_crossing(call: Call) -> None:
    ann = customer(call, payment_method="pm_card_chargeCustomerFail")
    default = {"default_payment_method": "pm_card_chargeCustomerFail"}
    subscription = subscribe(call, ann, metered_price(call), usage_gte=100, **default)
    use(call, ann, 100)
    assert call.get(f"{SUBSCRIPTIONS}/{subscription}").json["status"] == "past_due"
    use(call, ann, 110)
    assert [(each["status"], each["amount_due"]) for each in invoices(call, ann)] == [("open", 1000), ("open", 1100)]


def test_a_threshold_that_is_cleared_crosses_no_more(call: Call) -> None:
    ann = customer(call)
    subscription = subscribe(call, ann, metered_price(call), billing_thresholds={"amount_gte": 1000})
    call.create(f"{SUBSCRIPTIONS}/{subscription}", {"billing_thresholds": ""})
    use(call, ann, 100)
    assert invoices(call, ann) == []


def test_an_invoice_that_is_sent_is_finalized_at_once_too(call: Call) -> None:
    ann = customer(call)
    more = {"collection_method": "send_invoice", "days_until_due": 30}
    subscribe(call, ann, metered_price(call), usage_gte=100, **more)
    use(call, ann, 100)
    [issued] = invoices(call, ann)
    assert (issued["status"], issued["amount_due"]) == ("open", 1000)
    use(call, ann, 5)
    assert lines(invoices(call, ann)[0]) == [(100, 1000)]


def test_credits_pay_for_it_but_do_not_keep_it_from_being_issued(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), billing_thresholds={"amount_gte": 1000})
    grant = {
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 900}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "customer": ann,
    }
    call.create("/v1/billing/credit_grants", grant)
    use(call, ann, 100)
    [issued] = invoices(call, ann)
    assert (issued["subtotal"], issued["total"], issued["status"]) == (1000, 100, "paid")


def test_amounts_below_50_are_refused(call: Call) -> None:
    item = [{"price": metered_price(call)}]
    answer = call.post(
        SUBSCRIPTIONS, {"customer": customer(call), "items": item, "billing_thresholds": {"amount_gte": 49}}
    )
    assert (answer.status, answer.error["param"]) == (400, "billing_thresholds[amount_gte]")


def test_events_tell_of_it(call: Call) -> None:
    ann = customer(call)
    subscription = subscribe(call, ann, metered_price(call), usage_gte=100)
    use(call, ann, 100)
    [issued] = invoices(call, ann)
    kinds = [each["type"] for each in reversed(call.get("/v1/events", {"limit": 100}).json["data"])]
    assert kinds[-10:] == [
        "invoice.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]
    [event] = call.get("/v1/events", {"type": "customer.subscription.updated"}).json["data"]
    assert event["data"]["object"]["id"] == subscription
    assert event["data"]["object"]["latest_invoice"] == issued["id"]


# Tiers


def test_graduated_tiers_go_on_where_they_were(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, tiered(call, "graduated", GRADUATED), billing_thresholds={"amount_gte": 500})
    use(call, ann, 60)
    use(call, ann, 80)
    use(call, ann, 10)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [lines(each) for each in invoices(call, ann)] == [
        [(60, 600), (0, 50)],
        [(40, 400), (40, 200)],
        [(10, 50)],
    ]


def test_volume_tiers_take_back_what_was_billed_before(call: Call) -> None:
    ann = customer(call)
    subscribe(
        call,
        ann,
        tiered(call, "volume", [{"up_to": 100, "unit_amount": 10}, {"up_to": "inf", "unit_amount": 5}]),
        usage_gte=100,
    )
    use(call, ann, 100)
    use(call, ann, 20)
    call.clock.freeze(FEBRUARY + HOUR)
    first, last = invoices(call, ann)
    assert lines(first) == [(100, 1000)]
    assert lines(last) == [(120, 600), (0, -1000)]
    assert "previously billed" in last["lines"]["data"][1]["description"]
    assert (last["total"], last["amount_due"], last["ending_balance"]) == (-400, 0, -400)


def test_credits_pay_for_a_volume_price_no_more_than_is_left_of_it(call: Call) -> None:
    ann = customer(call)
    price = tiered(call, "volume", [{"up_to": 100, "unit_amount": 10}, {"up_to": "inf", "unit_amount": 9}])
    subscribe(call, ann, price, usage_gte=100)
    use(call, ann, 100)
    grant = {
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 5000}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "customer": ann,
    }
    call.create("/v1/billing/credit_grants", grant)
    use(call, ann, 50)
    call.clock.freeze(FEBRUARY + HOUR)
    last = invoices(call, ann)[-1]
    assert lines(last) == [(150, 1350), (0, -1000)]
    assert (last["subtotal"], last["total"]) == (350, 0)


def test_packages_go_on_where_they_were(call: Call) -> None:
    ann = customer(call)
    package = {"divide_by": 10, "round": "up"}
    subscribe(call, ann, metered_price(call, unit_amount=100, transform_quantity=package), usage_gte=10)
    use(call, ann, 15)
    use(call, ann, 5)
    use(call, ann, 1)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [lines(each) for each in invoices(call, ann)] == [[(15, 200)], [(6, 100)]]


def test_usage_that_is_cancelled_after_it_was_billed_is_given_back(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), usage_gte=100)
    use(call, ann, 30, identifier="one")
    use(call, ann, 70)
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [lines(each) for each in invoices(call, ann)] == [[(100, 1000)], [(-30, -300)]]


def test_half_a_cent_is_given_back_as_it_was_asked_for(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call, unit_amount_decimal="12.5"), usage_gte=3)
    use(call, ann, 1, identifier="one")
    use(call, ann, 2)
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [lines(each) for each in invoices(call, ann)] == [[(3, 38)], [(-1, -13)]]


def test_a_price_that_is_replaced_takes_along_what_it_billed(call: Call) -> None:
    ann = customer(call)
    old = metered_price(call)
    subscription = subscribe(call, ann, old, usage_gte=100)
    use(call, ann, 110)
    call.clock.advance(DAY)
    use(call, ann, 7, timestamp=NEW_YEAR + DAY - 1)
    item = call.get(f"{SUBSCRIPTIONS}/{subscription}").json["items"]["data"][0]["id"]
    new = metered_price(call, "bytes", unit_amount=1)
    call.create(f"{SUBSCRIPTIONS}/{subscription}", {"items": [{"id": item, "price": new}]})
    use(call, ann, 50, "bytes")
    call.clock.freeze(FEBRUARY + HOUR)
    assert [lines(each) for each in invoices(call, ann)] == [[(110, 1100)], [(7, 70), (50, 50)]]


def test_a_snapshot_remembers_what_was_billed(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, tiered(call, "graduated", GRADUATED), billing_thresholds={"amount_gte": 500})
    use(call, ann, 90)
    before = invoices(call, ann)
    call.fake.restore(call.fake.snapshot())
    assert invoices(call, ann) == before
    use(call, ann, 20)
    call.clock.freeze(FEBRUARY + HOUR)
    assert lines(invoices(call, ann)[-1]) == [(10, 100), (10, 50)]


# Beginning anew


def test_the_cycle_may_begin_anew(call: Call) -> None:
    ann = customer(call)
    thresholds = {"amount_gte": 500, "reset_billing_cycle_anchor": True}
    subscription = subscribe(call, ann, tiered(call, "graduated", GRADUATED), billing_thresholds=thresholds)
    call.clock.freeze(NEW_YEAR + 10 * DAY)
    use(call, ann, 60)
    shown = call.get(f"{SUBSCRIPTIONS}/{subscription}").json
    item = shown["items"]["data"][0]
    assert shown["billing_cycle_anchor"] == NEW_YEAR + 10 * DAY
    assert (item["current_period_start"], item["current_period_end"]) == (NEW_YEAR + 10 * DAY, FEBRUARY + 10 * DAY)
    use(call, ann, 20)
    assert len(invoices(call, ann)) == 1
    call.clock.freeze(FEBRUARY + HOUR)
    assert len(invoices(call, ann)) == 1
    call.clock.freeze(FEBRUARY + 10 * DAY + HOUR)
    assert [lines(each) for each in invoices(call, ann)] == [[(60, 600), (0, 50)], [(20, 200), (0, 50)]]


def test_beginning_anew_bills_the_next_quantities_too(call: Call) -> None:
    ann = customer(call)
    seat = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Seat"}, "recurring": {"interval": "month"}}
    items = [{"price": metered_price(call)}, {"price": call.create("/v1/prices", seat)["id"]}]
    thresholds = {"amount_gte": 500, "reset_billing_cycle_anchor": True}
    call.create(SUBSCRIPTIONS, {"customer": ann, "items": items, "billing_thresholds": thresholds})
    call.clock.advance(DAY)
    use(call, ann, 60)
    assert [lines(each) for each in invoices(call, ann)] == [[(1, 700)], [(60, 600), (1, 700)]]


# The whole of it, against a calculation that knows nothing of the code


def charged(units: int, tiers: list[tuple[int | None, int]]) -> int:
    """Unit by unit, each tier's sum of hundredths of a cent rounded to cents."""
    sums = [0] * len(tiers)
    for unit in range(1, units + 1):
        tier = next(index for index, (top, _) in enumerate(tiers) if top is None or unit <= top)
        sums[tier] += tiers[tier][1]
    return sum(math.floor(Fraction(each, 100) + Fraction(1, 2)) for each in sums)


@settings(max_examples=40)
@given(
    usage=st.lists(st.integers(0, 80), min_size=1, max_size=12),
    bounds=st.sets(st.integers(1, 200), min_size=1, max_size=2),
    prices=st.tuples(*[st.integers(0, 999)] * 3),
    gte=st.integers(50, 900),
)
def test_all_invoices_of_a_period_add_up_to_what_one_would_be(
    usage: list[int], bounds: set[int], prices: tuple[int, int, int], gte: int
) -> None:
    tiers = list(zip([*sorted(bounds), None], prices, strict=False))
    call = Call(DOORS["engine"], FakeStripe(now=NEW_YEAR, limits="off", seed=1))
    ann = customer(call)
    shown = [{"up_to": top or "inf", "unit_amount_decimal": f"{price / 100:.2f}"} for top, price in tiers]
    subscribe(call, ann, tiered(call, "graduated", shown), billing_thresholds={"amount_gte": gte})
    expected, billed, sent = [], 0, 0
    for units in usage:
        use(call, ann, units)
        sent += units
        if charged(sent, tiers) - billed >= gte:
            expected.append(charged(sent, tiers) - billed)
            billed = charged(sent, tiers)
    call.clock.freeze(FEBRUARY + HOUR)
    assert amounts(call, ann) == [*expected, charged(sent, tiers) - billed]


def test_usage_of_the_second_in_which_a_subscription_ends_crosses_nothing(call: Call) -> None:
    ada = customer(call)
    plan = subscribe(call, ada, metered_price(call), billing_thresholds={"amount_gte": 50})
    use(call, ada, 90, timestamp=NEW_YEAR + 60)
    call.create(f"{SUBSCRIPTIONS}/{plan}", {"cancel_at": NEW_YEAR + 60})
    call.clock.advance(2 * HOUR)
    assert [invoice["total"] for invoice in invoices(call, ada)] == [0]


def test_usage_of_the_second_in_which_a_period_ends_crosses_the_threshold_of_the_next(call: Call) -> None:
    ada = customer(call)
    call.clock.freeze(FEBRUARY - 60)
    subscribe(call, ada, metered_price(call), billing_thresholds={"amount_gte": 50}, billing_cycle_anchor=FEBRUARY)
    use(call, ada, 90, timestamp=FEBRUARY)
    call.clock.advance(2 * HOUR)
    found = [(invoice["billing_reason"], invoice["total"]) for invoice in invoices(call, ada)]
    assert sorted(found) == [("subscription_cycle", 0), ("subscription_threshold", 900)]
