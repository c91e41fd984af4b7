"""A metered price is replaced or removed within a period: what becomes of the usage before, by mode and behavior."""

from collections.abc import Callable
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from typing import NamedTuple

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import invoices
from tests.resources.shop import lines
from tests.resources.shop import use

LATE = "after its price was replaced or removed"
IN_CLASSIC = "replaced or removed in classic mode"
WITHOUT = "replaced or removed without prorations"
MIDDLE = NEW_YEAR + 15 * DAY


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Call(DOORS["engine"], fake)
        assert fake.engine.failures == []


class Shop:
    """A customer who subscribes to calls at 10 cents, which can become calls at 15 cents, and maybe to a free seat."""

    def __init__(self, call: Call, mode: str, *prices: str, **terms: object) -> None:
        self.call, self.ada = call, shop.customer(call)
        self.meter = shop.meter(call)
        self.a, self.b = (shop.metered(call, self.meter, unit_amount=amount) for amount in (10, 15))
        self.seat, self.desk = shop.licensed(call, 0), shop.licensed(call, 700, "Desk")
        wanted = [getattr(self, name) for name in prices or ("a", "seat")]
        made = shop.subscribe(call, self.ada, *wanted, billing_mode={"type": mode}, **terms)
        self.path, self.item = f"/v1/subscriptions/{made['id']}", made["items"]["data"][0]["id"]

    def use(self, value: int, at: int | None = None) -> None:
        identifier, payload = f"of {value}", {"stripe_customer_id": self.ada, "value": value}
        event = {"event_name": "calls", "identifier": identifier, "payload": payload}
        self.call.create("/v1/billing/meter_events", event | ({} if at is None else {"timestamp": at}))

    def change(self, *items: Tree, **terms: object) -> Tree:
        return self.call.create(self.path, {"items": list(items), **terms})

    def switch(self, **terms: object) -> Tree:
        return self.change({"id": self.item, "price": self.b}, **terms)

    def remove(self, **terms: object) -> Tree:
        return self.change({"id": self.item, "deleted": True}, **terms)

    @property
    def pending(self) -> list[Tree]:
        found: list[Tree] = self.call.get("/v1/invoiceitems", {"customer": self.ada, "pending": True}).json["data"]
        return found[::-1]

    @property
    def totals(self) -> list[int]:
        return [each["total"] for each in invoices(self.call, customer=self.ada) if each["total"]]

    @property
    def for_usage(self) -> int:
        """What all lines of the two prices come to."""
        listed = [line for each in invoices(self.call, customer=self.ada) for line in each["lines"]["data"]]
        return sum(line["amount"] for line in listed if line["pricing"]["price_details"]["price"] in {self.a, self.b})

    @property
    def reasons(self) -> dict[int, str]:
        explained = self.call.fake.explain_billing("calls", self.ada).events
        return {int(each.value): each.reason for each in explained if each.reason}

    def after_the_cycle(self) -> list[int]:
        self.call.clock.freeze(FEBRUARY + 2 * HOUR)
        return self.totals


@pytest.fixture
def open_shop(call: Call) -> Callable[..., Shop]:
    return lambda *args, **terms: Shop(call, *args, **terms)


Open = Callable[..., Shop]


class Row(NamedTuple):
    """A row of the table: what waits, what is invoiced at once, what the cycle bills, and why nothing is billed."""

    mode: str
    behavior: str
    pending: list[int]
    at_once: list[int]
    cycle: int
    reason: str = ""


TABLE = [
    Row("flexible", "create_prorations", [10_000], [], 10_000),
    Row("flexible", "always_invoice", [], [10_000], 0),
    Row("flexible", "none", [], [], 0, WITHOUT),
    Row("classic", "create_prorations", [], [], 0, IN_CLASSIC),
    Row("classic", "always_invoice", [], [], 0, IN_CLASSIC),
    Row("classic", "none", [], [], 0, IN_CLASSIC),
]


@pytest.mark.parametrize("act", ["switch", "remove"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.mode}-{row.behavior}")
def test_the_mode_and_the_behavior_say_what_is_billed_of_the_usage_before(open_shop: Open, act: str, row: Row) -> None:
    shop = open_shop(row.mode)
    shop.call.clock.freeze(NEW_YEAR + 4 * DAY)
    shop.use(1_000)
    shop.call.clock.freeze(MIDDLE)
    getattr(shop, act)(proration_behavior=row.behavior)
    assert [each["amount"] for each in shop.pending] == row.pending
    assert shop.totals == row.at_once
    shop.call.clock.freeze(MIDDLE + 5 * DAY)
    shop.use(500)
    shop.use(7, MIDDLE - 1)
    new = 7_500 if act == "switch" else 0
    assert sum(shop.after_the_cycle()) == sum(row.at_once) + row.cycle + new
    reasons = {7: row.reason or LATE}
    reasons |= {1_000: row.reason} if row.reason else {}
    assert shop.reasons == reasons | ({} if new else {500: "without a price"})
    assert shop.pending == []


def test_the_example_of_stripe_comes_to_what_it_says(open_shop: Open) -> None:
    found = {}
    for mode in ("classic", "flexible"):
        for behavior in ("create_prorations", "none"):
            shop = open_shop(mode)
            shop.call.clock.freeze(NEW_YEAR + 4 * DAY)
            shop.use(1_000)
            shop.call.clock.freeze(NEW_YEAR + 14 * DAY)
            shop.switch(proration_behavior=behavior)
            shop.call.clock.freeze(NEW_YEAR + 19 * DAY)
            shop.use(500)
            found[mode, behavior] = sum(shop.after_the_cycle())
            shop.call.fake.reset()
            shop.call.clock.freeze(NEW_YEAR)
    assert found == {
        ("classic", "create_prorations"): 7_500,
        ("classic", "none"): 7_500,
        ("flexible", "create_prorations"): 17_500,
        ("flexible", "none"): 7_500,
    }


def test_an_invoice_item_shows_the_usage_and_its_line_bills_it(open_shop: Open) -> None:
    shop = open_shop("flexible")
    shop.use(1_000)
    shop.call.clock.freeze(MIDDLE)
    shop.switch()
    [item] = shop.pending
    assert (item["description"], item["amount"], item["quantity"]) == ("1000 × Calls (at $0.10 / month)", 10_000, 1_000)
    assert item["period"] == {"start": NEW_YEAR, "end": MIDDLE}
    assert item["pricing"]["price_details"]["price"] == shop.a
    assert (item["pricing"]["unit_amount_decimal"], item["proration"]) == ("10", False)
    assert item["parent"]["subscription_details"]["subscription_item"] == shop.item
    shop.call.clock.freeze(MIDDLE + DAY)
    shop.use(2)
    shop.after_the_cycle()
    cycle = invoices(shop.call)[-1]
    assert lines(cycle) == [
        ("1000 × Calls (at $0.10 / month)", 10_000),
        ("2 × Calls (at $0.15 / month)", 30),
        ("1 × Seat (at $0.00 / month)", 0),
    ]
    old, new, _ = cycle["lines"]["data"]
    assert old["period"] == {"start": NEW_YEAR, "end": MIDDLE}
    assert new["period"] == {"start": MIDDLE, "end": FEBRUARY}
    details = old["parent"]["subscription_item_details"]
    assert (details["invoice_item"], details["subscription_item"]) == (item["id"], shop.item)
    explained = shop.call.fake.explain_invoice(cycle["id"]).lines
    told = [(line.used, [event.identifier for event in line.events]) for line in explained[:2]]
    assert told == [(Decimal(1_000), ["of 1000"]), (Decimal(2), ["of 2"])]


def test_each_line_of_a_tiered_price_is_an_item(call: Call) -> None:
    tiers = [{"up_to": 10, "unit_amount": 5, "flat_amount": 100}, {"up_to": "inf", "unit_amount": 2}]
    meter, ada = shop.meter(call), shop.customer(call)
    price = shop.metered(call, meter, billing_scheme="tiered", tiers_mode="graduated", tiers=tiers)
    made = shop.subscribe(call, ada, price)
    item = made["items"]["data"][0]["id"]
    use(call, ada, 25)
    call.clock.advance(DAY)
    call.create(f"/v1/subscription_items/{item}", {"price": shop.metered(call, meter)})
    pending = call.get("/v1/invoiceitems", {"pending": True}).json["data"][::-1]
    assert [(each["description"], each["amount"]) for each in pending] == [
        ("10 × Calls (Tier 1 at $0.05 / month)", 50),
        ("Calls (Tier 1 at $1.00 / month)", 100),
        ("15 × Calls (Tier 2 at $0.02 / month)", 30),
    ]
    call.clock.freeze(FEBRUARY)
    draft = invoices(call)[-1]
    first, fee, second, _ = call.fake.explain_invoice(draft["id"]).lines
    assert [line.tier for line in (first, fee, second)] == [1, 1, 2]
    assert first.events is fee.events is second.events


def test_the_first_tiers_fee_is_due_without_usage_and_nothing_else_is(call: Call) -> None:
    tiers = [{"up_to": "inf", "unit_amount": 5, "flat_amount": 100}]
    meter, ada = shop.meter(call), shop.customer(call)
    fee = shop.metered(call, meter, billing_scheme="tiered", tiers_mode="graduated", tiers=tiers)
    plain = shop.metered(call, meter)
    item = shop.subscribe(call, ada, fee)["items"]["data"][0]["id"]
    call.clock.advance(DAY)
    call.create(f"/v1/subscription_items/{item}", {"price": plain})
    amounts = [0, 100]
    assert [each["amount"] for each in call.get("/v1/invoiceitems").json["data"][::-1]] == amounts
    call.clock.advance(DAY)
    call.create(f"/v1/subscription_items/{item}", {"price": fee})
    assert len(call.get("/v1/invoiceitems").json["data"]) == len(amounts)


@pytest.mark.parametrize("mode", ["classic", "flexible"])
@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice", "none"])
def test_a_new_billing_cycle_bills_the_old_usage_at_the_old_price(open_shop: Open, mode: str, behavior: str) -> None:
    shop = open_shop(mode)
    shop.use(1_000)
    shop.call.clock.freeze(MIDDLE)
    shop.switch(proration_behavior=behavior, billing_cycle_anchor="now")
    assert (shop.totals, shop.pending) == ([10_000], [])
    shop.use(7, MIDDLE - 1)
    shop.use(3)
    shop.call.clock.advance(40 * DAY)
    assert (shop.totals, shop.reasons) == ([10_000, 45], {7: LATE})


@pytest.mark.parametrize(("mode", "totals"), [("classic", [7_000, 300]), ("flexible", [7_000, 2_300])])
def test_a_thresholds_invoice_stands_and_offsets_nothing_of_the_new_price(
    open_shop: Open, mode: str, totals: list[int]
) -> None:
    shop = open_shop(mode, billing_thresholds={"amount_gte": 7_000})
    shop.use(700)
    shop.use(200)
    shop.call.clock.freeze(MIDDLE)
    shop.change({"id": shop.item, "price": shop.b})
    shop.use(20)
    assert shop.after_the_cycle() == totals
    assert shop.reasons == ({200: IN_CLASSIC} if mode == "classic" else {})


@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_usage_in_a_trial_is_free_whatever_becomes_of_its_price(open_shop: Open, mode: str) -> None:
    shop = open_shop(mode, trial_period_days=10)
    shop.use(1)
    shop.call.clock.freeze(NEW_YEAR + DAY)
    shop.switch()
    shop.use(20)
    shop.use(300, NEW_YEAR + DAY - 1)
    shop.call.clock.freeze(NEW_YEAR + 11 * DAY)
    shop.use(4_000)
    shop.call.clock.freeze(FEBRUARY + 11 * DAY)
    assert shop.totals == [60_000]
    assert shop.reasons == dict.fromkeys((1, 20, 300), "in a trial")
    assert shop.pending == []


def test_what_the_lag_hides_at_the_change_is_lost_under_the_old_price(open_shop: Open) -> None:
    shop = open_shop("flexible")
    shop.use(1)
    shop.call.fake.control.set_lag(60)
    shop.use(20)
    shop.switch()
    assert [each["amount"] for each in shop.pending] == [10]
    shop.call.clock.advance(120)
    assert sum(shop.after_the_cycle()) == 10
    assert shop.reasons == {20: LATE}
    [line] = [each for each in shop.call.fake.explain_invoice(invoices(shop.call)[-1]["id"]).lines if each.events]
    assert {event.identifier: event.outcome for event in line.events} == {"of 1": "billed", "of 20": "late"}


def test_what_is_cancelled_after_the_change_stays_billed(open_shop: Open) -> None:
    shop = open_shop("flexible")
    shop.use(1)
    shop.use(20)
    shop.switch()
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "of 20"}}
    shop.call.create("/v1/billing/meter_event_adjustments", cancel)
    assert (sum(shop.after_the_cycle()), shop.reasons) == (210, {})


def test_usage_goes_with_the_invoice_item_that_bills_it(open_shop: Open) -> None:
    shop = open_shop("flexible")
    shop.use(1)
    shop.switch()
    assert shop.reasons == {1: "not billed yet"}
    shop.call.delete(f"/v1/invoiceitems/{shop.pending[0]['id']}")
    assert shop.reasons == {1: "its invoice item was deleted"}
    assert shop.after_the_cycle() == []


def test_an_item_for_usage_keeps_its_price_when_its_amount_is_changed(open_shop: Open) -> None:
    shop = open_shop("flexible")
    shop.use(1)
    shop.switch()
    [item] = shop.pending
    changed = shop.call.create(f"/v1/invoiceitems/{item['id']}", {"amount": 3})
    assert (changed["amount"], changed["pricing"]["price_details"]["price"]) == (3, shop.a)
    assert shop.after_the_cycle() == [3]


@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_metered_price_becomes_a_licensed_one_and_back(open_shop: Open, mode: str) -> None:
    shop = open_shop(mode, "a")
    shop.use(1_000)
    shop.call.clock.freeze(MIDDLE)
    licensed = shop.change({"id": shop.item, "price": shop.desk})["items"]["data"][0]
    assert (licensed["id"], licensed["quantity"]) == (shop.item, 1)
    shop.use(20)
    shop.call.clock.freeze(MIDDLE + DAY)
    again = shop.change({"id": shop.item, "price": shop.b})["items"]["data"][0]
    assert "quantity" not in again
    shop.use(3)
    old = 0 if mode == "classic" else 10_000
    shop.after_the_cycle()
    assert shop.for_usage == old + 45
    assert shop.reasons == {20: "without a price"} | ({1_000: IN_CLASSIC} if mode == "classic" else {})


@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_deleted_item_is_billed_as_the_mode_says(open_shop: Open, mode: str) -> None:
    shop = open_shop(mode)
    shop.use(1_000)
    shop.call.clock.freeze(MIDDLE)
    clearing = {"clear_usage": True} if mode == "classic" else {}
    gone = shop.call.delete(f"/v1/subscription_items/{shop.item}", {"proration_behavior": "always_invoice", **clearing})
    assert gone.status == 200
    assert shop.totals == ([] if mode == "classic" else [10_000])
    assert shop.reasons == ({1_000: IN_CLASSIC} if mode == "classic" else {})


@pytest.mark.parametrize("mode", ["classic", "flexible"])
@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice", "none"])
@pytest.mark.parametrize("act", ["switch", "remove"])
def test_a_preview_of_the_change_is_what_it_does(open_shop: Open, mode: str, behavior: str, act: str) -> None:
    shop = open_shop(mode)
    shop.use(1_000)
    shop.call.clock.freeze(MIDDLE)
    item: dict[str, Any] = {"id": shop.item, **({"price": shop.b} if act == "switch" else {"deleted": True})}
    details = {"items": [item], "proration_behavior": behavior}
    preview = shop.call.create(
        "/v1/invoices/create_preview", {"subscription": shop.path.rpartition("/")[2], "subscription_details": details}
    )
    assert shop.pending == []
    shop.change(item, proration_behavior=behavior)
    billed = [each for each in invoices(shop.call) if each["billing_reason"] == "subscription_update"]
    if not billed:
        shop.call.clock.freeze(FEBRUARY)
        billed = invoices(shop.call)[-1:]
    assert lines(preview) == lines(billed[0])


def test_credits_pay_for_the_usage_of_a_replaced_price(open_shop: Open) -> None:
    shop = open_shop("flexible")
    grant = {
        "customer": shop.ada,
        "category": "paid",
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 4_000}},
        "applicability_config": {"scope": {"price_type": "metered"}},
    }
    shop.call.create("/v1/billing/credit_grants", grant)
    shop.use(1_000)
    shop.switch(proration_behavior="always_invoice")
    billed = invoices(shop.call)[-1]
    assert (billed["subtotal"], billed["total"]) == (10_000, 6_000)


def test_two_changes_at_once_bill_each_usage_once(open_shop: Open) -> None:
    shop = open_shop("flexible")
    shop.use(1)
    shop.change({"id": shop.item, "price": shop.b}, {"id": shop.item, "deleted": True})
    assert [each["amount"] for each in shop.pending] == [10]
    assert sum(shop.after_the_cycle()) == 10


def test_a_subscription_that_ends_leaves_what_waits_to_an_invoice_by_hand(open_shop: Open) -> None:
    shop = open_shop("flexible")
    shop.use(1)
    shop.remove()
    shop.call.delete(shop.path)
    assert (shop.totals, shop.reasons) == ([], {1: "not billed yet"})


# Adding a metered price


@pytest.mark.parametrize(("mode", "expected"), [("classic", [("0 × Calls (at $0.10 / month)", 0)]), ("flexible", [])])
def test_a_metered_price_that_is_added_has_a_line_of_nothing_in_classic_mode(
    open_shop: Open, mode: str, expected: list[tuple[str, int]]
) -> None:
    shop = open_shop(mode, "desk")
    count = len(invoices(shop.call))
    shop.call.clock.freeze(MIDDLE)
    shop.change({"price": shop.a}, proration_behavior="create_prorations")
    assert len(invoices(shop.call)) == count
    item = shop.call.get(shop.path).json["items"]["data"][1]["id"]
    shop.change({"id": item, "deleted": True}, proration_behavior="none")
    shop.change({"price": shop.a}, proration_behavior="always_invoice")
    assert [lines(each) for each in invoices(shop.call)[count:]] == ([expected] if expected else [])
    shop.use(5)
    shop.after_the_cycle()
    assert shop.for_usage == 50


def test_the_first_invoice_in_classic_mode_shows_metered_prices_of_zero_too(call: Call) -> None:
    meter = shop.meter(call)
    prices = [shop.metered(call, meter, unit_amount=0), shop.metered(call, shop.meter(call, "bytes"))]
    shop.subscribe(call, shop.customer(call), *prices, billing_mode={"type": "classic"})
    [first] = invoices(call)
    assert lines(first) == [("0 × Calls (at $0.00 / month)", 0), ("0 × Calls (at $0.01 / month)", 0)]
    assert (first["status"], first["total"], first["billing_reason"]) == ("paid", 0, "subscription_create")


def test_what_is_migrated_is_billed_in_the_new_mode(open_shop: Open) -> None:
    shop = open_shop("classic")
    shop.use(1_000)
    shop.switch()
    shop.call.create(f"{shop.path}/migrate", {"billing_mode": {"type": "flexible"}})
    shop.call.clock.freeze(MIDDLE)
    shop.use(20)
    shop.call.clock.advance(1)
    shop.change({"id": shop.item, "price": shop.a})
    assert [each["amount"] for each in shop.pending] == [300]
    assert (sum(shop.after_the_cycle()), shop.reasons) == (300, {1_000: IN_CLASSIC})


def test_a_snapshot_keeps_what_was_settled_and_waived(open_shop: Open) -> None:
    for mode in ("flexible", "classic"):
        shop = open_shop(mode)
        shop.use(1)
        shop.switch()
        reasons = shop.reasons
        shop.call.fake.restore(shop.call.fake.snapshot())
        assert shop.reasons == reasons
        shop.call.fake.reset()
        shop.call.clock.freeze(NEW_YEAR)
