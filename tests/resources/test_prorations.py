"""What a change within the period gives back and charges: amounts, origins, order, and the day that they count from."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import subscribe
from tests.resources.shop import use

SUBSCRIPTIONS = "/v1/subscriptions"
ITEMS = "/v1/subscription_items"
PREVIEW = "/v1/invoices/create_preview"
HALF = NEW_YEAR + 31 * DAY // 2
MODES = ("flexible", "classic")


def begun(call: Call, *prices: str | Tree, mode: str = "flexible", **terms: object) -> Tree:
    return subscribe(call, customer(call), *prices, billing_mode={"type": mode}, **terms)


def item_of(subscription: Tree, number: int = 0) -> str:
    item: str = subscription["items"]["data"][number]["id"]
    return item


def change(call: Call, subscription: Tree, behavior: str | None = None, **terms: object) -> Tree:
    """Change the first item; by default, as Stripe does by default."""
    given = terms if behavior is None else {"proration_behavior": behavior, **terms}
    return call.create(f"{ITEMS}/{item_of(subscription)}", given)


def update(call: Call, subscription: Tree, **terms: object) -> Tree:
    return call.create(f"{SUBSCRIPTIONS}/{subscription['id']}", terms)


def pending(call: Call) -> list[tuple[str, int]]:
    """The description and amount of what waits for an invoice, oldest first."""
    found = call.get("/v1/invoiceitems", {"pending": True, "limit": 100}).json["data"]
    return [(each["description"], each["amount"]) for each in found][::-1]


def amounts(invoice: Tree) -> list[int]:
    return [amount for _, amount in lines(invoice)]


def credited(call: Call, number: int = 0) -> object:
    """What the newest pending item, or an older one, names as given back."""
    item = call.get("/v1/invoiceitems", {"pending": True}).json["data"][number]
    return item["proration_details"]["credited_items"]


# What a credit gives back


def test_a_story_of_five_changes_comes_out_as_recorded(call: Call) -> None:
    call.clock.freeze("2026-04-07T19:14:24Z")
    team, yearly = licensed(call, 8500, "Team"), licensed(call, 85000, "Team", interval="year")
    identity = licensed(call, 3500, "Identity")
    subscription = begun(call, team)
    for instant, price in (
        ("2026-04-07T19:37:57Z", identity),
        ("2026-04-07T19:39:16Z", yearly),
        ("2026-04-07T22:57:51Z", identity),
        ("2026-04-07T22:58:10Z", team),
        ("2026-04-10T04:55:34Z", identity),
    ):
        call.clock.freeze(instant)
        change(call, subscription, price=price)
    assert len(invoices(call)) == 1
    call.clock.freeze("2026-05-07T20:14:24Z")
    cycle = invoices(call)[-1]
    shown = call.get(f"/v1/invoices/{cycle['id']}/lines", {"limit": 100}).json["data"]
    assert [line["amount"] for line in shown] == [
        *(-7819, 3220, -3482, 8456, -84964, 3482, -3498, 84996, -8495, 3498),
        3500,
    ]
    assert cycle["total"] == -1106
    assert [line["description"].split(" after")[0] for line in cycle["lines"]["data"][:4]] == [
        "Unused time on Team",
        "Remaining time on Identity",
        "Unused time on Identity",
        "Remaining time on Team",
    ]


@pytest.mark.parametrize(("mode", "total"), [("flexible", 0), ("classic", -334)])
def test_what_was_raised_without_prorations_was_not_debited(call: Call, mode: str, total: int) -> None:
    call.clock.freeze("2025-04-01T00:00:00Z")
    ten, twenty = licensed(call, 1000), licensed(call, 2000)
    subscription = begun(call, ten, mode=mode)
    call.clock.freeze("2025-04-11T00:00:00Z")
    change(call, subscription, "none", price=twenty)
    assert pending(call) == []
    call.clock.freeze("2025-04-21T00:00:00Z")
    change(call, subscription, "always_invoice", price=ten)
    assert amounts(invoices(call)[-1]) == [total - 333, 333]


@pytest.mark.parametrize(("mode", "total"), [("flexible", -1600), ("classic", -3200)])
def test_a_cancellation_gives_back_what_was_debited(call: Call, mode: str, total: int) -> None:
    subscription = begun(call, licensed(call, 3100), mode=mode)
    call.clock.advance(15 * DAY)
    change(call, subscription, "none", price=licensed(call, 6200, "Double seat"))
    call.delete(f"{SUBSCRIPTIONS}/{subscription['id']}", {"prorate": True, "invoice_now": True})
    (line,) = lines(invoices(call)[-1])
    name = "Seat" if mode == "flexible" else "Double seat"
    assert line == (f"Unused time on {name} after 16 Jan 2025", total)


@pytest.mark.parametrize(("mode", "found"), [("flexible", []), ("classic", [-1600])])
def test_what_was_added_without_prorations_is_not_given_back(call: Call, mode: str, found: list[int]) -> None:
    subscription = begun(call, licensed(call, 1000), mode=mode)
    call.clock.advance(10 * DAY)
    more = {"subscription": subscription["id"], "price": licensed(call, 3100), "proration_behavior": "none"}
    added = call.create(ITEMS, more)
    call.clock.advance(5 * DAY)
    call.delete(f"{ITEMS}/{added['id']}")
    assert [amount for _, amount in pending(call)] == found


def test_time_that_was_debited_twice_is_given_back_twice(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(10 * DAY)
    update(call, subscription, billing_cycle_anchor="now", proration_behavior="none")
    assert amounts(invoices(call)[-1]) == [3100]
    call.clock.advance(10 * DAY)
    call.delete(f"{SUBSCRIPTIONS}/{subscription['id']}", {"prorate": True})
    assert pending(call) == [
        ("Unused time on Seat after 21 Jan 2025", -1100),
        ("Unused time on Seat after 21 Jan 2025", -2100),
    ]


def test_time_is_given_back_once(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.freeze(HALF)
    change(call, subscription, quantity=2)
    change(call, subscription, quantity=2)
    change(call, subscription, "none", quantity=7)
    call.delete(f"{SUBSCRIPTIONS}/{subscription['id']}", {"prorate": True})
    assert [amount for _, amount in pending(call)] == [-1550, 3100, -3100]


def test_a_quantity_is_given_back_as_a_whole(call: Call) -> None:
    subscription = begun(call, {"price": licensed(call, 3100), "quantity": 2})
    call.clock.freeze(HALF)
    change(call, subscription, quantity=3)
    assert pending(call) == [
        ("Unused time on 2 × Seat after 16 Jan 2025", -3100),
        ("Remaining time on 3 × Seat after 16 Jan 2025", 4650),
    ]


def test_half_a_cent_is_rounded_down(call: Call) -> None:
    call.clock.freeze("2025-04-01T00:00:00Z")  # a month of 2,592,000 seconds
    ten, eighteen = licensed(call, 1000), licensed(call, 1800)
    subscription = begun(call, ten)
    call.clock.freeze("2025-04-30T22:12:00Z")
    change(call, subscription, "always_invoice", price=eighteen)
    assert amounts(invoices(call)[-1]) == [-3, 4]
    change(call, subscription, "always_invoice", price=ten, quantity=3)
    assert amounts(invoices(call)[-1]) == [-4, 7]


def test_a_tiered_price_is_given_back_as_it_was_charged(call: Call) -> None:
    tiers = [{"up_to": 1, "unit_amount": 1000, "flat_amount": 50}, {"up_to": "inf", "unit_amount": 500}]
    terms = {"currency": "usd", "product_data": {"name": "Seat"}, "recurring": {"interval": "month"}}
    tiered = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers}
    price = call.create("/v1/prices", {**terms, **tiered})["id"]
    subscription = begun(call, {"price": price, "quantity": 3})
    call.clock.freeze(HALF)
    change(call, subscription, quantity=1)
    assert [amount for _, amount in pending(call)] == [-1025, 525]


def test_the_first_period_gives_back_a_part_of_its_part(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100), billing_cycle_anchor=NEW_YEAR + 20 * DAY)
    assert amounts(invoices(call)[-1]) == [2000]
    call.clock.advance(10 * DAY)
    change(call, subscription, quantity=2)
    assert [amount for _, amount in pending(call)] == [-1000, 2000]


def test_nothing_is_given_back_of_an_invoice_that_was_voided(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100), collection_method="send_invoice", days_until_due=5)
    (first,) = invoices(call)
    call.create(f"/v1/invoices/{first['id']}/finalize")
    call.create(f"/v1/invoices/{first['id']}/void")
    call.clock.freeze(HALF)
    change(call, subscription, quantity=2)
    assert [amount for _, amount in pending(call)] == [3100]


def test_nothing_is_given_back_of_a_charge_that_was_deleted_before_it_was_invoiced(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.freeze(HALF)
    change(call, subscription, quantity=2)
    charge = call.get("/v1/invoiceitems").json["data"][0]
    assert charge["amount"] == 3100
    call.delete(f"/v1/invoiceitems/{charge['id']}")
    change(call, subscription, quantity=1)
    assert [amount for _, amount in pending(call)] == [-1550, 1550]


# What a credit names


def test_a_credit_names_the_charge_that_still_waits_and_later_its_line(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.freeze(HALF)
    change(call, subscription, quantity=2)
    charge = call.get("/v1/invoiceitems").json["data"][0]
    call.clock.advance(HOUR)
    change(call, subscription, quantity=3)
    assert credited(call, 1) == {"invoice_item": charge["id"], "type": "invoice_item"}
    assert credited(call) is None
    preview = call.create(PREVIEW, {"subscription": subscription["id"]})
    call.clock.freeze(FEBRUARY + HOUR)
    for invoice in (preview, invoices(call)[-1]):
        shown = invoice["lines"]["data"]
        named = shown[0]["parent"]["subscription_item_details"]["proration_details"]["credited_items"]
        assert named == {"invoice": invoice["id"], "invoice_line_items": [shown[3]["id"]]}
        assert shown[3]["parent"]["subscription_item_details"]["invoice_item"] == charge["id"]
    credit = call.get("/v1/invoiceitems").json["data"][1]
    details = {"invoice_line_item_details": named, "type": "invoice_line_items"}
    assert credit["proration_details"]["credited_items"] == details


def test_a_proration_has_frozen_fields(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    change(call, subscription, quantity=2)
    for each in call.get("/v1/invoiceitems").json["data"]:
        assert each["frozen_fields"] == ["pricing", "quantity", "discounts"]


def test_debits_are_in_a_snapshot(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(10 * DAY)
    change(call, subscription, "none", quantity=9)
    call.fake.restore(call.fake.snapshot())
    change(call, subscription, quantity=1)
    assert [amount for _, amount in pending(call)] == [-2100, 2100]


# The order of lines


def test_an_invoice_shows_the_newest_change_first(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.freeze(HALF)
    change(call, subscription, quantity=2)
    call.create("/v1/invoiceitems", {"customer": subscription["customer"], "amount": 7, "currency": "usd"})
    change(call, subscription, quantity=4)
    preview = call.create(PREVIEW, {"subscription": subscription["id"]})
    call.clock.freeze(FEBRUARY)
    cycle = invoices(call)[-1]
    assert amounts(preview) == amounts(cycle) == [-3100, 6200, 7, -1550, 3100, 12400]


# The anchor


@pytest.mark.parametrize(("before", "after"), [("month", "year"), ("year", "month"), ("week", "month")])
def test_another_interval_keeps_the_anchor_in_flexible_billing(call: Call, before: str, after: str) -> None:
    prices = {"week": 700, "month": 3100, "year": 36500}
    old, new = (licensed(call, prices[each], interval=each) for each in (before, after))
    spans = {"week": 7, "month": 31, "year": 365}
    subscription = begun(call, old)
    call.clock.advance(3 * DAY)
    changed = update(call, subscription, items=[{"id": item_of(subscription), "price": new}])
    (item,) = changed["items"]["data"]
    assert changed["billing_cycle_anchor"] == NEW_YEAR
    assert (item["current_period_start"], item["current_period_end"]) == (NEW_YEAR, NEW_YEAR + spans[after] * DAY)
    assert len(invoices(call)) == 1
    assert pending(call) == [
        ("Unused time on Seat after 04 Jan 2025", -prices[before] * (spans[before] - 3) // spans[before]),
        ("Remaining time on Seat after 04 Jan 2025", prices[after] * (spans[after] - 3) // spans[after]),
    ]
    call.clock.freeze(NEW_YEAR + spans[after] * DAY + HOUR)
    assert lines(invoices(call)[-1])[-1][1] == prices[after]


def test_a_year_is_that_of_the_anchor(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.freeze("2025-03-11T00:00:00Z")
    changed = change(call, subscription, price=licensed(call, 36500, interval="year"))
    assert changed["current_period_start"] == NEW_YEAR
    assert changed["current_period_end"] == NEW_YEAR + 365 * DAY
    assert [amount for _, amount in pending(call)] == [-2100, 29600]


def test_another_interval_moves_the_anchor_in_classic_billing(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100), mode="classic")
    call.clock.advance(10 * DAY)
    yearly = licensed(call, 36500, interval="year")
    changed = update(call, subscription, items=[{"id": item_of(subscription), "price": yearly}])
    assert changed["billing_cycle_anchor"] == NEW_YEAR + 10 * DAY
    assert lines(invoices(call)[-1]) == [
        ("Unused time on Seat after 11 Jan 2025", -2100),
        ("1 × Seat (at $365.00 / year)", 36500),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_first_price_that_costs_moves_the_anchor_in_classic_billing(call: Call, mode: str) -> None:
    subscription = begun(call, licensed(call, 0), mode=mode)
    call.clock.advance(10 * DAY)
    now = NEW_YEAR + 10 * DAY
    changed = update(call, subscription, items=[{"id": item_of(subscription), "price": licensed(call, 3100)}])
    assert changed["billing_cycle_anchor"] == (now if mode == "classic" else NEW_YEAR)
    if mode == "classic":
        assert amounts(invoices(call)[-1]) == [0, 3100]
    else:
        assert [amount for _, amount in pending(call)] == [0, 2100]


@pytest.mark.parametrize("quantity", [0, 2])
def test_a_quantity_of_zero_is_no_price_of_zero(call: Call, quantity: int) -> None:
    subscription = begun(call, {"price": licensed(call, 3100), "quantity": quantity}, mode="classic")
    call.clock.advance(10 * DAY)
    changed = update(call, subscription, items=[{"id": item_of(subscription), "quantity": 1}])
    assert changed["billing_cycle_anchor"] == NEW_YEAR


def test_a_tier_that_costs_is_no_price_of_zero(call: Call) -> None:
    tiers = [{"up_to": 5, "unit_amount": 0}, {"up_to": "inf", "unit_amount": 500}]
    terms = {"currency": "usd", "product_data": {"name": "Seat"}, "recurring": {"interval": "month"}}
    price = call.create("/v1/prices", {**terms, "billing_scheme": "tiered", "tiers_mode": "volume", "tiers": tiers})
    subscription = begun(call, price["id"], mode="classic")
    call.clock.advance(10 * DAY)
    changed = update(call, subscription, items=[{"id": item_of(subscription), "price": licensed(call, 3100)}])
    assert changed["billing_cycle_anchor"] == NEW_YEAR


def test_an_anchor_of_now_charges_what_is_not_paid_yet(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(10 * DAY)
    changed = update(call, subscription, billing_cycle_anchor="now")
    assert changed["items"]["data"][0]["current_period_end"] == NEW_YEAR + 41 * DAY
    assert changed["latest_invoice"] == subscription["latest_invoice"]
    (item,) = call.get("/v1/invoiceitems").json["data"]
    assert (item["description"], item["amount"]) == ("Remaining time on Seat after 01 Feb 2025", 1000)
    assert item["period"] == {"start": FEBRUARY, "end": NEW_YEAR + 41 * DAY}
    assert item["proration_details"]["credited_items"] is None
    call.clock.freeze(NEW_YEAR + 41 * DAY + HOUR)
    assert amounts(invoices(call)[-1]) == [1000, 3100]


def test_an_anchor_of_now_in_the_second_of_the_period_charges_nothing(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    changed = update(call, subscription, billing_cycle_anchor="now", proration_behavior="always_invoice")
    assert (changed["latest_invoice"], pending(call)) == (subscription["latest_invoice"], [])


def test_what_was_paid_of_a_period_that_was_prolonged_is_given_back(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(10 * DAY)
    update(call, subscription, billing_cycle_anchor="now", proration_behavior="always_invoice")
    assert amounts(invoices(call)[-1]) == [1000]
    call.delete(f"{SUBSCRIPTIONS}/{subscription['id']}", {"prorate": True})
    assert pending(call) == [
        ("Unused time on Seat after 11 Jan 2025", -2100),
        ("Unused time on Seat after 01 Feb 2025", -1000),
    ]


def test_an_anchor_of_now_charges_a_changed_item_for_a_whole_period(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(10 * DAY)
    now, yearly = NEW_YEAR + 10 * DAY, licensed(call, 36500, interval="year")
    items = [{"id": item_of(subscription), "price": yearly}]
    update(call, subscription, items=items, billing_cycle_anchor="now", proration_behavior="always_invoice")
    invoice = invoices(call)[-1]
    assert lines(invoice) == [
        ("Unused time on Seat after 11 Jan 2025", -2100),
        ("1 × Seat (at $365.00 / year)", 36500),
    ]
    assert (invoice["period_start"], invoice["period_end"]) == (now, now)


def test_an_anchor_of_now_gives_back_and_charges_anew_in_classic_billing(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100), mode="classic")
    call.clock.advance(10 * DAY)
    update(call, subscription, billing_cycle_anchor="now")
    assert amounts(invoices(call)[-1]) == [-2100, 3100]


@pytest.mark.parametrize(
    ("mode", "behavior", "joins"),
    [
        ("flexible", "always_invoice", True),
        ("flexible", "create_prorations", True),
        ("classic", "create_prorations", True),
        ("classic", "none", True),
        ("classic", "always_invoice", False),
    ],
)
def test_what_waits_joins_the_invoice_of_a_new_anchor(call: Call, mode: str, behavior: str, *, joins: bool) -> None:
    subscription = begun(call, licensed(call, 3100), metered(call), mode=mode)
    call.create("/v1/invoiceitems", {"customer": subscription["customer"], "amount": 7, "currency": "usd"})
    call.clock.advance(10 * DAY)
    terms = {"billing_cycle_anchor": "now", "proration_behavior": behavior}
    details = {"proration_behavior": behavior, "items": []}
    call.create(PREVIEW, {"subscription": subscription["id"], "subscription_details": details})
    update(call, subscription, **terms)
    assert (7 in amounts(invoices(call)[-1])) == joins
    assert bool(pending(call)) != joins


def test_without_an_anchor_an_invoice_at_once_shows_the_period_so_far(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(10 * DAY)
    change(call, subscription, "always_invoice", quantity=2)
    invoice = invoices(call)[-1]
    assert (invoice["period_start"], invoice["period_end"]) == (NEW_YEAR, NEW_YEAR + 10 * DAY)


@pytest.mark.parametrize("mode", MODES)
def test_the_end_of_a_trial_that_there_is_not_moves_no_anchor(call: Call, mode: str) -> None:
    subscription = begun(call, licensed(call, 3100), mode=mode)
    call.clock.advance(10 * DAY)
    changed = update(call, subscription, trial_end="now")
    assert (changed["billing_cycle_anchor"], len(invoices(call))) == (NEW_YEAR, 1)


def test_a_draft_of_a_new_anchor_does_not_follow_later_usage(call: Call) -> None:
    ada = customer(call)
    terms = {"collection_method": "send_invoice", "days_until_due": 5}
    subscription = subscribe(call, ada, metered(call), **terms)
    call.clock.advance(DAY)
    use(call, ada, 40)
    update(call, subscription, billing_cycle_anchor="now")
    use(call, ada, 100, NEW_YEAR + HOUR)
    draft = invoices(call)[-1]
    assert (draft["status"], draft["total"]) == ("draft", 40)


# A date to prorate as of


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("date", [NEW_YEAR + 10 * DAY, NEW_YEAR + 20 * DAY], ids=["before now", "ahead of now"])
def test_a_change_is_prorated_as_of_a_date(call: Call, mode: str, date: int) -> None:
    subscription = begun(call, licensed(call, 3100), mode=mode)
    call.clock.advance(15 * DAY)
    change(call, subscription, quantity=2, proration_date=date)
    left = (FEBRUARY - date) // DAY * 100
    day = "11 Jan 2025" if date < HALF else "21 Jan 2025"
    assert pending(call) == [
        (f"Unused time on Seat after {day}", -left),
        (f"Remaining time on 2 × Seat after {day}", 2 * left),
    ]
    (credit, _) = call.get("/v1/invoiceitems").json["data"]
    assert (credit["period"], credit["date"]) == ({"start": date, "end": FEBRUARY}, NEW_YEAR + 15 * DAY)


def test_a_preview_as_of_a_date_is_what_the_update_then_charges(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(15 * DAY)
    date = NEW_YEAR + 10 * DAY
    terms = {
        "items": [{"id": item_of(subscription), "quantity": 2}],
        "proration_behavior": "always_invoice",
        "proration_date": date,
    }
    preview = call.create(PREVIEW, {"subscription": subscription["id"], "subscription_details": terms})
    assert preview["parent"]["subscription_details"]["subscription_proration_date"] == date
    call.clock.advance(DAY)
    update(call, subscription, **terms)
    invoice = invoices(call)[-1]
    assert lines(preview) == lines(invoice)
    assert "subscription_proration_date" not in invoice["parent"]["subscription_details"]


def test_items_are_added_and_removed_as_of_a_date(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100), licensed(call, 6200, "Desk"))
    call.clock.advance(15 * DAY)
    date = NEW_YEAR + 10 * DAY
    more = {"subscription": subscription["id"], "price": licensed(call, 9300, "Room"), "proration_date": date}
    call.create(ITEMS, more)
    call.delete(f"{ITEMS}/{item_of(subscription, 1)}", {"proration_date": date})
    assert pending(call) == [
        ("Remaining time on Room after 11 Jan 2025", 6300),
        ("Unused time on Desk after 11 Jan 2025", -4200),
    ]


def test_usage_is_cut_now_whatever_the_date(call: Call) -> None:
    ada, calls = customer(call), metered(call)
    subscription = subscribe(call, ada, calls, licensed(call, 3100))
    call.clock.advance(15 * DAY)
    use(call, ada, 40)
    twice = metered(call, call.get(f"/v1/prices/{calls}").json["recurring"]["meter"], unit_amount=2)
    change(call, subscription, price=twice, proration_date=NEW_YEAR + DAY)
    use(call, ada, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    assert sum(amounts(invoices(call)[-1])) == 40 + 200 + 3100


@pytest.mark.parametrize("date", [NEW_YEAR, FEBRUARY])
def test_both_ends_of_the_period_are_dates_to_prorate_as_of(call: Call, date: int) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(DAY)
    change(call, subscription, quantity=2, proration_date=date)
    assert [amount for _, amount in pending(call)] == ([-3100, 6200] if date == NEW_YEAR else [])


@pytest.mark.parametrize("date", [0, NEW_YEAR - 1, FEBRUARY + 1, 10**10])
def test_a_date_outside_of_the_period_is_refused(call: Call, date: int) -> None:
    subscription = begun(call, licensed(call, 3100), licensed(call, 6200, "Desk"))
    call.clock.advance(DAY)
    item, details = item_of(subscription), "subscription_details"
    items = [{"id": item, "quantity": 2}]
    new = {"subscription": subscription["id"], "price": licensed(call, 1)}
    previewed = {"subscription": subscription["id"], details: {"items": items, "proration_date": date}}
    for answer, param in (
        (call.post(f"{SUBSCRIPTIONS}/{subscription['id']}", {"items": items, "proration_date": date}), None),
        (call.post(f"{ITEMS}/{item}", {"quantity": 2, "proration_date": date}), None),
        (call.post(ITEMS, {**new, "proration_date": date}), None),
        (call.delete(f"{ITEMS}/{item}", {"proration_date": date}), None),
        (call.post(PREVIEW, previewed), f"{details}[proration_date]"),
    ):
        assert (answer.status, answer.error["param"]) == (400, param or "proration_date")
        sentence = "Cannot specify proration date outside of current subscription period or current phase"
        assert answer.error["message"] == sentence
    assert pending(call) == []


def test_a_date_and_a_new_anchor_exclude_each_other(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(DAY)
    terms = {"billing_cycle_anchor": "now", "proration_date": NEW_YEAR + DAY}
    error = call.post(f"{SUBSCRIPTIONS}/{subscription['id']}", terms).error
    assert error["message"] == "You cannot specify `proration_date` when `billing_cycle_anchor=now`"
    kept = update(call, subscription, **terms | {"billing_cycle_anchor": "unchanged"})
    assert kept["billing_cycle_anchor"] == NEW_YEAR


def test_a_trial_is_not_prorated_as_of_any_date(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100), trial_period_days=10)
    call.clock.advance(5 * DAY)
    change(call, subscription, quantity=2, proration_date=NEW_YEAR + DAY)
    assert pending(call) == []
    answer = call.post(f"{ITEMS}/{item_of(subscription)}", {"quantity": 3, "proration_date": NEW_YEAR + 11 * DAY})
    assert (answer.status, answer.error["param"]) == (400, "proration_date")


def test_a_date_by_itself_prorates_nothing(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(5 * DAY)
    update(call, subscription, proration_date=NEW_YEAR + DAY, metadata={"a": "1"})
    assert pending(call) == []


def test_one_time_prices_are_no_part_of_it(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    item = {"customer": subscription["customer"], "pricing": {"price": one_time(call)}}
    assert call.create("/v1/invoiceitems", item)["frozen_fields"] == []


def test_another_interval_within_a_trial_keeps_the_start_of_the_trial(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100), trial_period_days=10)
    call.clock.advance(5 * DAY)
    changed = change(call, subscription, price=licensed(call, 36500, interval="year"))
    trial = (NEW_YEAR, NEW_YEAR + 10 * DAY)
    assert (changed["current_period_start"], changed["current_period_end"]) == trial


def test_an_item_that_takes_the_place_of_all_others_has_the_period_of_the_anchor(call: Call) -> None:
    subscription = begun(call, licensed(call, 3100))
    call.clock.advance(10 * DAY)
    items = [{"id": item_of(subscription), "deleted": True}, {"price": licensed(call, 700, interval="week")}]
    changed = update(call, subscription, items=items)
    week = (NEW_YEAR + 7 * DAY, NEW_YEAR + 14 * DAY)
    (item,) = changed["items"]["data"]
    assert (item["current_period_start"], item["current_period_end"]) == week
    assert [amount for _, amount in pending(call)] == [-2100, 400]
