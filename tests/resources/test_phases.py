"""What the phases of a schedule bill: each use once, and the same as changes by hand at the same instants."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
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
from tests.resources.shop import Tree
from tests.resources.shop import lines

MID = NEW_YEAR + 15 * DAY
MODES = ("classic", "flexible")


def until(*prices: str | Tree, end: int, **terms: Any) -> Tree:  # noqa: ANN401  any parameters
    return month(*prices, **terms) | {"duration": None, "end_date": end}


def in_mode(mode: str) -> Tree:
    return {"billing_mode": {"type": mode}}


def bills(call: Call) -> list[tuple[str, list[tuple[str, int]]]]:
    """What each invoice but the first is for, oldest first."""
    return [(each["billing_reason"], lines(each)) for each in shop.invoices(call)[1:]]


def test_a_phase_that_begins_with_a_period_is_on_one_invoice_with_the_usage_before(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    iron, gold = shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    planned(call, ada, month(calls, iron), month(calls, gold))
    shop.use(call, ada, 12)
    call.clock.advance(31 * DAY)
    assert bills(call) == [
        ("subscription_cycle", [("12 × Calls (at $0.01 / month)", 12), ("1 × Gold (at $50.00 / month)", 5000)])
    ]
    assert call.get("/v1/invoiceitems").ids == []


def test_in_classic_mode_the_usage_before_has_an_invoice_of_its_own(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    iron, gold = shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    schedule = planned(call, ada, month(calls, iron), month(calls, gold), **in_mode("classic"))
    shop.use(call, ada, 12)
    call.clock.advance(31 * DAY)
    assert bills(call) == [
        ("subscription_cycle", [("12 × Calls (at $0.01 / month)", 12)]),
        ("subscription_cycle", [("1 × Gold (at $50.00 / month)", 5000)]),
    ]
    assert subscription_of(call, schedule)["latest_invoice"] == shop.invoices(call)[-1]["id"]


@pytest.mark.parametrize("mode", MODES)
def test_usage_of_a_price_that_goes_with_its_period_is_billed_and_late_usage_as_well(call: Call, mode: str) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    planned(call, ada, month(calls), month(shop.licensed(call)), **in_mode(mode))
    shop.use(call, ada, 12)
    call.clock.advance(31 * DAY)
    shop.use(call, ada, 3, FEBRUARY - 60)
    call.clock.advance(2 * HOUR)
    usage = next(each for each in shop.invoices(call) if each["billing_reason"] == "subscription_cycle")
    assert usage["status"] == "paid"
    assert lines(usage)[0] == ("15 × Calls (at $0.01 / month)", 15)


def test_an_invoice_of_a_phase_with_usage_waits_as_long_as_that_of_a_period() -> None:
    with FakeStripe(now="2025-01-01T00:00:00Z", finalization_grace=3 * 3600) as fake:
        call = Call(through_engine, fake)
        ada, calls = shop.customer(call), shop.metered(call)
        planned(call, ada, until(calls, end=MID), month(calls, billing_cycle_anchor="phase_start"))
        shop.use(call, ada, 4)
        call.clock.advance(15 * DAY)
        (draft,) = shop.invoices(call)
        assert (draft["status"], draft["automatically_finalizes_at"]) == ("draft", MID + 3 * HOUR)


@pytest.mark.parametrize(
    ("behavior", "now", "later"),
    [
        ("create_prorations", [], [("12 × Calls (at $0.01 / month)", 12)]),
        ("always_invoice", [("12 × Calls (at $0.01 / month)", 12)], []),
        ("none", [], []),
    ],
)
def test_usage_of_a_price_that_goes_in_mid_period_follows_the_phase_that_comes(
    call: Call, behavior: str, now: Sequence[Any], later: Sequence[Any]
) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    dear = shop.metered(call, shop.meter(call, "more"), unit_amount=3)
    planned(call, ada, until(calls, end=MID), month(dear, proration_behavior=behavior))
    shop.use(call, ada, 12)
    call.clock.advance(15 * DAY)
    assert [line for each in shop.invoices(call) for line in lines(each)] == list(now)
    call.clock.advance(17 * DAY)
    found = [line for each in shop.invoices(call)[len(now) :] for line in lines(each)]
    assert found == [*later, ("0 × Calls (at $0.03 / month)", 0)]


def test_in_classic_mode_usage_of_a_price_that_goes_in_mid_period_has_an_invoice(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    iron, gold = shop.licensed(call, 3100, "Iron"), shop.licensed(call, 6200, "Gold")
    planned(call, ada, until(calls, iron, end=MID), month(gold), **in_mode("classic"))
    shop.use(call, ada, 12)
    call.clock.advance(15 * DAY)
    assert bills(call) == [("subscription_cycle", [("12 × Calls (at $0.01 / month)", 12)])]
    assert sorted(each["amount"] for each in call.get("/v1/invoiceitems").json["data"]) == [-1600, 3200]


@pytest.mark.parametrize(
    ("behavior", "totals", "waiting"),
    [("create_prorations", [3100], 2), ("always_invoice", [3100, 1600], 0), ("none", [3100], 0)],
)
def test_prorations_of_a_phase_wait_are_invoiced_or_are_none(
    call: Call, behavior: str, totals: Sequence[int], waiting: int
) -> None:
    ada, iron, gold = shop.customer(call), shop.licensed(call, 3100, "Iron"), shop.licensed(call, 6200, "Gold")
    planned(call, ada, until(iron, end=MID), month(gold, proration_behavior=behavior))
    call.clock.advance(15 * DAY)
    assert [each["total"] for each in shop.invoices(call)] == totals
    assert len(call.get("/v1/invoiceitems", {"pending": True}).ids) == waiting


def test_an_invoice_of_prorations_alone_is_a_draft_that_is_finalized(call: Call) -> None:
    iron, gold = shop.licensed(call, 3100, "Iron"), shop.licensed(call, 6200, "Gold")
    planned(call, shop.customer(call), until(iron, end=MID), month(gold, proration_behavior="always_invoice"))
    call.clock.advance(15 * DAY)
    invoice = shop.invoices(call)[-1]
    assert (invoice["billing_reason"], invoice["status"]) == ("subscription_update", "draft")
    call.clock.advance(HOUR)
    assert shop.invoices(call)[-1]["status"] == "paid"


def test_a_phase_can_begin_the_billing_cycle_anew(call: Call) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call), shop.licensed(call, 3100)
    gold = shop.licensed(call, 6200, "Gold")
    schedule = planned(call, ada, until(calls, seat, end=MID), month(calls, gold, billing_cycle_anchor="phase_start"))
    shop.use(call, ada, 8)
    call.clock.advance(15 * DAY)
    assert subscription_of(call, schedule)["billing_cycle_anchor"] == MID
    ((reason, found),) = bills(call)
    assert reason == "subscription_cycle"
    assert sorted(amount for _, amount in found) == [-1600, 8, 6200]
    shop.use(call, ada, 5)
    call.clock.advance(31 * DAY)
    assert lines(shop.invoices(call)[-1])[0] == ("5 × Calls (at $0.01 / month)", 5)


@pytest.mark.parametrize("mode", MODES)
def test_a_phase_can_be_a_trial(call: Call, mode: str) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call), shop.licensed(call)
    schedule = planned(call, ada, month(calls, seat, trial=True), month(calls, seat), **in_mode(mode))
    assert schedule["phases"][0]["trial_end"] == FEBRUARY
    assert subscription_of(call, schedule)["status"] == "trialing"
    shop.use(call, ada, 50)
    call.clock.advance(31 * DAY)
    subscription = subscription_of(call, schedule)
    assert (subscription["status"], subscription["trial_end"]) == ("active", FEBRUARY)
    assert sum(each["total"] for each in shop.invoices(call)) == 1000
    shop.use(call, ada, 6)
    call.clock.advance(28 * DAY)
    assert sum(each["total"] for each in shop.invoices(call)) == 2006


def test_a_trial_can_be_a_part_of_a_phase(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    schedule = planned(call, ada, month(seat, months=2, trial_end=MID), month(seat))
    call.clock.advance(15 * DAY)
    assert subscription_of(call, schedule)["status"] == "active"
    assert shop.invoices(call)[-1]["total"] == 1000


def test_a_later_phase_can_be_a_trial(call: Call) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call), shop.licensed(call)
    schedule = planned(call, ada, month(calls, seat), month(calls, seat, trial=True), month(calls, seat))
    shop.use(call, ada, 50)
    call.clock.advance(31 * DAY)
    subscription = subscription_of(call, schedule)
    assert (subscription["status"], subscription["trial_end"]) == ("trialing", MARCH)
    assert sum(each["total"] for each in shop.invoices(call)) == 1050
    shop.use(call, ada, 6)
    call.clock.advance(28 * DAY)
    assert subscription_of(call, schedule)["status"] == "active"
    assert sum(each["total"] for each in shop.invoices(call)) == 2050


def test_a_coupon_ends_with_its_phase(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    half = call.create("/v1/coupons", {"percent_off": 50, "duration": "forever"})["id"]
    schedule = planned(call, ada, month(seat, months=2, discounts=[{"coupon": half}]), month(seat))
    assert schedule["phases"][0]["discounts"] == [{"coupon": half, "discount": None, "promotion_code": None}]
    call.clock.advance(59 * DAY)
    assert [each["total"] for each in shop.invoices(call)] == [500, 500, 1000]
    assert subscription_of(call, schedule)["discounts"] == []


def test_a_coupon_that_the_next_phase_has_as_well_keeps_its_discount(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    half = call.create("/v1/coupons", {"percent_off": 50, "duration": "repeating", "duration_in_months": 2})["id"]
    phase = month(seat, discounts=[{"coupon": half}])
    schedule = planned(call, ada, phase, phase, phase)
    (first,) = subscription_of(call, schedule)["discounts"]
    call.clock.advance(31 * DAY)
    assert subscription_of(call, schedule)["discounts"] == [first]
    call.clock.advance(28 * DAY)
    assert call.get(f"/v1/coupons/{half}").json["times_redeemed"] == 2


def test_a_coupon_that_is_gone_when_a_phase_begins_is_left_out(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    half = call.create("/v1/coupons", {"percent_off": 50, "duration": "forever"})["id"]
    schedule = planned(call, ada, month(seat), month(seat, discounts=[{"coupon": half}]))
    assert call.delete(f"/v1/coupons/{half}").status == 200
    call.clock.advance(31 * DAY)
    assert subscription_of(call, schedule)["discounts"] == []


@pytest.mark.parametrize("mode", MODES)
def test_usage_has_the_discounts_of_the_phase_before(call: Call, mode: str) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call, unit_amount=100), shop.licensed(call)
    half = call.create("/v1/coupons", {"percent_off": 50, "duration": "forever"})["id"]
    planned(call, ada, month(calls, seat, discounts=[{"coupon": half}]), month(calls, seat), **in_mode(mode))
    shop.use(call, ada, 10)
    call.clock.advance(31 * DAY)
    assert [each["total"] for each in shop.invoices(call)[1:]] == [500, 1000]


def test_tax_rates_change_with_the_phase(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call, unit_amount=100)
    low, high = (
        call.create("/v1/tax_rates", {"display_name": "VAT", "percentage": each, "inclusive": False})["id"]
        for each in (10, 20)
    )
    planned(call, ada, month(calls, default_tax_rates=[low]), month(calls, default_tax_rates=[high]))
    shop.use(call, ada, 10)
    call.clock.advance(31 * DAY)
    assert shop.invoices(call)[-1]["total"] == 1200


def test_metadata_of_phases_is_merged_and_an_empty_value_takes_a_key_away(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    first = {"channel": "self-serve", "region": "apac", "upsell-products": "alpha"}
    second = {"channel": "sales", "churn-risk": "high", "upsell-products": ""}
    schedule = planned(call, ada, month(seat, metadata=first), month(seat, metadata=second))
    assert subscription_of(call, schedule)["metadata"] == first
    assert schedule["phases"][1]["metadata"] == second
    call.clock.advance(31 * DAY)
    assert subscription_of(call, schedule)["metadata"] == {"channel": "sales", "churn-risk": "high", "region": "apac"}


def test_what_a_phase_says_counts_before_what_the_schedule_says_by_default(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    card, other = shop.attached(call, ada), shop.attached(call, ada, "tok_mastercard")
    defaults = {
        "default_payment_method": card,
        "description": "Standard",
        "invoice_settings": {"footer": "Thanks", "days_until_due": 10},
        "collection_method": "send_invoice",
    }
    own: Tree = {
        "default_payment_method": other,
        "description": "Special",
        "invoice_settings": {"footer": "Welcome", "days_until_due": 5},
    }
    schedule = planned(call, ada, month(seat), month(seat, **own), month(seat), default_settings=defaults)

    def told() -> tuple[object, ...]:
        shown = subscription_of(call, schedule)
        settings = shown["invoice_settings"]
        return (
            shown["default_payment_method"],
            shown["description"],
            settings["footer"],
            shown["collection_method"],
            shown["days_until_due"],
        )

    assert told() == (card, "Standard", "Thanks", "send_invoice", 10)
    call.clock.advance(31 * DAY)
    assert told() == (other, "Special", "Welcome", "send_invoice", 5)
    call.clock.advance(28 * DAY)
    assert told() == (card, "Standard", "Thanks", "send_invoice", 10)


def test_a_phase_bills_something_once(call: Call) -> None:
    ada, seat, fee = shop.customer(call), shop.licensed(call), shop.one_time(call, 500)
    period = {"start": {"type": "phase_start"}, "end": {"type": "phase_end"}}
    schedule = planned(
        call,
        ada,
        month(seat, add_invoice_items=[{"price": fee}]),
        month(seat, months=2, add_invoice_items=[{"price": fee, "quantity": 2, "period": period}]),
    )
    assert schedule["phases"][0]["add_invoice_items"] == [
        {
            "discountable": True,
            "discounts": [],
            "metadata": {},
            "period": {"end": {"type": "min_item_period_end"}, "start": {"type": "max_item_period_start"}},
            "price": fee,
            "quantity": 1,
            "tax_rates": [],
        }
    ]
    call.clock.advance(59 * DAY)
    assert [each["total"] for each in shop.invoices(call)] == [1500, 2000, 1000]
    second = shop.invoices(call)[1]["lines"]["data"][0]
    assert (second["amount"], second["period"]) == (1000, {"start": FEBRUARY, "end": APRIL})


def test_another_quantity_keeps_the_item_and_another_price_is_another_item(call: Call) -> None:
    ada, iron, gold = shop.customer(call), shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    schedule = planned(call, ada, month(iron), month({"price": iron, "quantity": 3}), month(gold))
    (first,) = subscription_of(call, schedule)["items"]["data"]
    call.clock.advance(31 * DAY)
    (second,) = subscription_of(call, schedule)["items"]["data"]
    assert (second["id"], second["quantity"]) == (first["id"], 3)
    call.clock.advance(28 * DAY)
    (third,) = subscription_of(call, schedule)["items"]["data"]
    assert (third["id"] != first["id"], third["price"]["id"]) == (True, gold)


def test_a_price_that_is_archived_meanwhile_is_used_nevertheless(call: Call) -> None:
    ada, iron, gold = shop.customer(call), shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    planned(call, ada, month(iron), month(gold))
    call.create(f"/v1/prices/{gold}", {"active": False})
    call.clock.advance(31 * DAY)
    assert lines(shop.invoices(call)[-1]) == [("1 × Gold (at $50.00 / month)", 5000)]


def test_a_phase_can_make_its_price_along(call: Call) -> None:
    made = {"currency": "usd", "product": shop.product(call, "Gold"), "recurring": {"interval": "month"}}
    schedule = planned(call, shop.customer(call), month({"price_data": made | {"unit_amount": 700}}))
    price = schedule["phases"][0]["items"][0]["price"]
    assert call.get(f"/v1/prices/{price}").json["unit_amount"] == 700


def test_the_events_of_a_phase_begin_with_those_of_schedule_and_subscription(call: Call) -> None:
    ada, iron, gold = shop.customer(call), shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    planned(call, ada, month(iron), month(gold))
    call.clock.advance(31 * DAY)
    found = [each for each in shop.events(call) if each["created"] == FEBRUARY]
    assert [each["type"] for each in found] == [
        "subscription_schedule.updated",
        "customer.subscription.updated",
        "invoice.created",
    ]
    assert found[0]["data"]["previous_attributes"] == {"current_phase": {"end_date": FEBRUARY, "start_date": NEW_YEAR}}


def test_a_yearly_and_a_monthly_price_can_share_a_phase(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    yearly = shop.licensed(call, 12000, "Base", interval="year")
    dear = shop.metered(call, shop.meter(call, "more"), unit_amount=3)
    schedule = planned(call, ada, month(calls, yearly), month(dear, yearly, months=11))
    shop.use(call, ada, 7)
    call.clock.advance(31 * DAY)
    assert bills(call) == [("subscription_cycle", [("7 × Calls (at $0.01 / month)", 7)])]
    shop.use(call, ada, 2, event_name="more")
    call.clock.advance(28 * DAY)
    assert lines(shop.invoices(call)[-1]) == [("2 × Calls (at $0.03 / month)", 6)]
    assert subscription_of(call, schedule)["status"] == "active"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("behavior", ["always_invoice", "create_prorations", "none"])
def test_phases_in_mid_period_bill_what_changes_by_hand_do(mode: str, behavior: str) -> None:
    """In classic mode, a phase bills usage that a change by hand does not: there, metered prices stay."""
    moments = [NEW_YEAR + days * DAY + 7 for days in (9, 14, 40, 71)]

    def played(*, by_hand: bool) -> list[int]:
        with FakeStripe(now="2025-01-01T00:00:00Z", seed=3) as fake:
            call = Call(through_engine, fake)
            ada, calls = shop.customer(call), shop.metered(call)
            more = shop.metered(call, shop.meter(call, "more"), unit_amount=3)
            kept = calls if mode == "classic" else None
            iron, gold = shop.licensed(call, 3100, "Iron"), shop.licensed(call, 6200, "Gold")
            contents: list[list[Tree]] = [
                [{"price": calls}, {"price": iron}],
                [{"price": kept or more}, {"price": iron, "quantity": 3}],
                [{"price": kept or more}, {"price": gold}],
                [{"price": calls}, {"price": gold, "quantity": 2}],
                [{"price": calls}, {"price": iron}],
            ]
            if by_hand:
                subscription = shop.subscribe(call, ada, *contents[0], **in_mode(mode))["id"]
            else:
                ends = [*moments, NEW_YEAR + 365 * DAY]
                phases = [
                    {"items": items, "end_date": end, "proration_behavior": behavior}
                    for items, end in zip(contents, ends, strict=True)
                ]
                planned(call, ada, *phases, **in_mode(mode))
            dice = random.Random(5)
            for moment, items in zip([*moments, NEW_YEAR + 130 * DAY], [*contents[1:], None], strict=True):
                for _ in range(2):
                    shop.use(call, ada, dice.randint(1, 9))
                    shop.use(call, ada, dice.randint(1, 9), event_name="more")
                    call.clock.advance((moment - call.clock.now()) // 2)
                call.clock.advance(moment - call.clock.now())
                if by_hand and items:
                    present = call.get(f"/v1/subscriptions/{subscription}").json["items"]["data"]
                    ids = {item["price"]["id"]: item["id"] for item in present}
                    wanted = {item["price"] for item in items}
                    changes: list[Tree] = [
                        {
                            "id": ids[item["price"]],
                            "quantity": item.get("quantity", None if item["price"] in (calls, more) else 1),
                        }
                        if item["price"] in ids
                        else item
                        for item in items
                    ]
                    changes += [{"id": ids[price], "deleted": True} for price in ids if price not in wanted]
                    terms = {"items": changes, "proration_behavior": behavior}
                    call.create(f"/v1/subscriptions/{subscription}", terms)
            call.clock.advance(40 * DAY)
            return [each["total"] for each in shop.invoices(call)]

    assert played(by_hand=False) == played(by_hand=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(3))
def test_usage_is_billed_exactly_once_over_any_number_of_phases(mode: str, seed: int) -> None:
    """Every unit costs a cent, whatever the price: so the invoices come to what was used."""
    dice = random.Random(seed)
    with FakeStripe(now="2025-01-01T00:00:00Z", seed=seed) as fake:
        call = Call(through_engine, fake)
        ada, meter = shop.customer(call), shop.meter(call)
        prices = [shop.metered(call, meter) for _ in range(4)]
        start, phases = NEW_YEAR, []
        for _ in range(8):
            start += dice.choice([31 * DAY, 7 * DAY, dice.randint(1, 40 * DAY)])
            anchor = dice.choice(["automatic", "phase_start"])
            phases.append(
                {"items": [{"price": dice.choice(prices)}], "end_date": start, "billing_cycle_anchor": anchor}
            )
        schedule = planned(call, ada, *phases, end_behavior="cancel", **in_mode(mode))
        used = 0
        while call.clock.now() < start - DAY:
            value = dice.randint(1, 99)
            used += value
            shop.use(call, ada, value)
            call.clock.advance(min(dice.randint(1, 3 * DAY), start - 1 - call.clock.now()))
        call.clock.advance(start + 3 * DAY - call.clock.now())
        assert call.get(f"{SCHEDULES}/{schedule['id']}").json["status"] == "completed"
        assert sum(each["total"] for each in shop.invoices(call)) == used


def test_the_last_phase_charges_what_it_begins_with_up_to_the_end_that_it_sets(call: Call) -> None:
    ada = shop.customer(call)
    iron, gold = shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    last = until({"price": iron, "quantity": 1}, gold, end=NEW_YEAR + 7 * DAY)
    planned(call, ada, until({"price": iron, "quantity": 3}, end=NEW_YEAR + 4 * DAY), last, end_behavior="cancel")
    call.clock.advance(31 * DAY)
    assert bills(call) == [
        (
            "subscription_cycle",
            [
                ("Unused time on 3 × Iron after 05 Jan 2025", -2613),
                ("Remaining time on Iron after 05 Jan 2025", 97),
                ("Remaining time on Gold after 05 Jan 2025", 484),
            ],
        )
    ]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_change_charges_nothing_for_the_time_after_an_end_that_comes_with_it(call: Call, restarts: bool) -> None:
    iron, gold = shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    made = shop.subscribe(call, shop.customer(call), iron, **in_mode("flexible"))
    call.clock.advance(4 * DAY)
    change = {"items": [{"price": gold}], "cancel_at": NEW_YEAR + 7 * DAY}
    anchor = {"billing_cycle_anchor": "now"} if restarts else {}
    call.create(f"/v1/subscriptions/{made['id']}", change | anchor)
    call.clock.advance(31 * DAY)
    charged = sum(amount for _, found in bills(call) for _, amount in found)
    assert charged == round(5000 * 3 / 31) - round(1000 * 24 / 31)
    assert call.get("/v1/invoiceitems", {"pending": True}).ids == []
