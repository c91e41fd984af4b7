"""Changes whose bills are known: one story recorded of Stripe, and the examples that its documentation works out.

- A sandbox's recording in onetimesecret/onetimesecret: five changes of a flexible subscription, and its next invoice.
- https://docs.stripe.com/billing/subscriptions/prorations and …/billing-mode/compare, copies of April 2026.
- https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing-setup, copy of May 2026.
- https://docs.stripe.com/billing/subscriptions/backdating.
- Recordings of September 2026 in Kiln-AI/stripe_world, of a flexible sandbox: half a cent, a cancellation after a
  change without prorations, a new anchor.
"""

from collections.abc import Iterator

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import Tree

MARCH = 1803859200
"""2027-03-01."""
APRIL, MAY = 1775589264, 1778181264
"""2026-04-07 and 2026-05-07, both at 19:14:24."""
MODES = ("classic", "flexible")


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=APRIL, seed=1, limits="off") as fake:
        yield Call(through_engine, fake)
        assert fake.engine.failures == []


class Plan:
    """A new customer's subscription of a mode."""

    def __init__(self, call: Call, mode: str, *prices: str, customer: str = "", **terms: object) -> None:
        self.call, self.customer = call, customer or shop.customer(call)
        made = shop.subscribe(call, self.customer, *prices, billing_mode={"type": mode}, **terms)
        self.path = f"/v1/subscriptions/{made['id']}"
        self.item = made["items"]["data"][0]["id"]

    def swap(self, price: str, **terms: object) -> Tree:
        return self.call.create(self.path, {"items": [{"id": self.item, "price": price}], **terms})

    def use(self, value: int) -> None:
        shop.use(self.call, self.customer, value)

    def invoices(self) -> list[Tree]:
        return shop.invoices(self.call, customer=self.customer)

    def last_invoice(self) -> Tree:
        return self.invoices()[-1]

    def pending(self) -> list[Tree]:
        where = {"customer": self.customer, "pending": "true", "limit": 100}
        found: list[Tree] = self.call.get("/v1/invoiceitems", where).json["data"]
        return found


def amounts(invoice: Tree) -> list[int]:
    return [line["amount"] for line in invoice["lines"]["data"]]


def all_amounts(call: Call, invoice: Tree) -> list[int]:
    """An invoice shows ten lines; there may be more."""
    found = call.get(f"/v1/invoices/{invoice['id']}/lines", {"limit": 100}).json["data"]
    return [line["amount"] for line in found]


# Five changes, as they were recorded


CHANGES = (
    ("2026-04-07T19:37:57Z", "identity", (-8495, 3498), MAY),
    ("2026-04-07T19:39:16Z", "team a year", (-3498, 84996), 1807125264),
    ("2026-04-07T22:57:51Z", "identity", (-84964, 3482), MAY),
    ("2026-04-07T22:58:10Z", "team", (-3482, 8456), MAY),
    ("2026-04-10T04:55:34Z", "identity", (-7819, 3220), MAY),
)
"""When, to which price, what is credited and debited, and until when the new price is paid for."""


@pytest.fixture
def teams(call: Call) -> Plan:
    """A subscription of the mode that the recorded one had, changed as it was changed."""
    prices = {
        "team": shop.licensed(call, 8500, "Team"),
        "identity": shop.licensed(call, 3500, "Identity"),
        "team a year": shop.licensed(call, 85000, "Team", interval="year"),
    }
    plan = Plan(call, "flexible", prices["team"])
    for instant, price, _, end in CHANGES:
        call.clock.freeze(instant)
        plan.swap(prices[price])
        [item] = call.get(plan.path).json["items"]["data"]
        assert (item["current_period_start"], item["current_period_end"]) == (APRIL, end)
    return plan


def test_each_of_the_recorded_changes_has_its_two_amounts(teams: Plan) -> None:
    newest_first = [each["amount"] for each in teams.pending()]
    assert sorted(newest_first) == sorted(amount for change in CHANGES for amount in change[2])


def test_none_of_the_recorded_changes_is_invoiced_at_once_or_moves_the_anchor(teams: Plan) -> None:
    assert [each["total"] for each in teams.invoices()] == [8500]
    assert teams.call.get(teams.path).json["billing_cycle_anchor"] == APRIL


def test_the_recorded_changes_are_on_the_cycle_invoice_newest_first(teams: Plan) -> None:
    teams.call.clock.freeze(MAY + HOUR)
    invoice = teams.last_invoice()
    newest_first = [amount for change in reversed(CHANGES) for amount in change[2]]
    assert all_amounts(teams.call, invoice) == [*newest_first, 3500]
    assert (invoice["period_start"], invoice["period_end"]) == (APRIL, MAY)


def test_the_cycle_invoice_of_the_recorded_changes_leaves_a_credit(teams: Plan) -> None:
    teams.call.clock.freeze(MAY + HOUR)
    invoice = teams.last_invoice()
    money = ("status", "total", "amount_due", "amount_paid", "ending_balance")
    assert [invoice[name] for name in money] == ["paid", -1106, 0, 0, -1106]
    assert teams.call.get(f"/v1/customers/{teams.customer}").json["balance"] == -1106


# Credits


@pytest.mark.parametrize(("mode", "credit", "total"), [("classic", -667, -334), ("flexible", -333, 0)])
def test_a_credit_after_a_change_without_prorations(call: Call, mode: str, credit: int, total: int) -> None:
    ten, twenty = shop.licensed(call, 1000), shop.licensed(call, 2000)
    call.clock.freeze("2026-06-01T00:00:00Z")
    plan = Plan(call, mode, ten)
    call.clock.freeze("2026-06-11T00:00:00Z")
    plan.swap(twenty, proration_behavior="none")
    call.clock.freeze("2026-06-21T00:00:00Z")
    plan.swap(ten, proration_behavior="always_invoice")
    invoice = plan.last_invoice()
    assert (amounts(invoice), invoice["total"]) == ([credit, 333], total)


@pytest.mark.parametrize(("mode", "total"), [("classic", -3200), ("flexible", -1600)])
def test_a_cancellation_after_a_change_without_prorations(call: Call, mode: str, total: int) -> None:
    call.clock.freeze("2026-07-01T00:00:00Z")
    plan = Plan(call, mode, shop.licensed(call, 3100))
    call.clock.advance(15 * DAY)
    plan.swap(shop.licensed(call, 6200), proration_behavior="none")
    call.delete(plan.path, {"prorate": True, "invoice_now": True})
    assert plan.last_invoice()["total"] == total


def test_an_upgrade_in_the_middle_of_the_month_costs_half_of_the_difference(call: Call) -> None:
    call.clock.freeze("2026-06-01T00:00:00Z")
    plan = Plan(call, "flexible", shop.licensed(call, 1000))
    call.clock.advance(15 * DAY)
    plan.swap(shop.licensed(call, 2000), proration_behavior="always_invoice")
    assert amounts(plan.last_invoice()) == [-500, 1000]


@pytest.mark.parametrize(
    ("price", "quantity", "recorded"),
    [(1800, 1, [-3, 4]), (1000, 3, [-3, 7])],
    ids=["another price: -2.5 and 4.5", "another quantity: -2.5 and 7.5"],
)
def test_half_a_cent_is_rounded_down(call: Call, price: int, quantity: int, recorded: list[int]) -> None:
    ten, other = shop.licensed(call, 1000), shop.licensed(call, price)
    plan = Plan(call, "flexible", ten)
    item = {"id": plan.item, "price": ten if price == 1000 else other, "quantity": quantity}
    call.create(plan.path, {"items": [item], "proration_date": MAY - (MAY - APRIL) // 400})
    assert sorted(each["amount"] for each in plan.pending()) == recorded


def test_a_cancellation_gives_back_what_was_debited_at_the_price_of_that(call: Call) -> None:
    ten = shop.licensed(call, 1000)
    plan = Plan(call, "flexible", ten)
    call.clock.advance(1)
    plan.swap(shop.licensed(call, 1800), proration_behavior="none")
    call.clock.advance(7)
    call.delete(plan.path, {"prorate": True})
    [credit] = plan.pending()
    assert (credit["amount"], credit["pricing"]["price_details"]["price"]) == (-1000, ten)
    assert credit["period"] == {"start": APRIL + 8, "end": MAY}


def test_a_new_anchor_charges_what_is_not_paid_yet_with_the_next_invoice(call: Call) -> None:
    plan = Plan(call, "flexible", shop.licensed(call, 1000))
    call.clock.advance(DAY)
    after = call.create(plan.path, {"billing_cycle_anchor": "now"})
    assert after["billing_cycle_anchor"] == APRIL + DAY
    assert [each["total"] for each in plan.invoices()] == [1000]
    [rest] = plan.pending()
    assert rest["description"].startswith("Remaining time on ")
    assert (rest["amount"], rest["period"]) == (33, {"start": MAY, "end": MAY + DAY})


# Usage


@pytest.fixture
def per_hundred(call: Call) -> dict[str, str]:
    """Price A: £0.10 per 100 calls. Price B: £0.15 per 100 calls."""
    meter = shop.meter(call)
    terms = {"currency": "gbp"}
    return {
        "A": shop.metered(call, meter, unit_amount_decimal="0.1", **terms),
        "B": shop.metered(call, meter, unit_amount_decimal="0.15", **terms),
    }


SWITCHES = [
    ("classic", "create_prorations", [75]),
    ("classic", "always_invoice", [75]),
    ("classic", "none", [75]),
    ("flexible", "create_prorations", [175]),
    ("flexible", "always_invoice", [100, 75]),
    ("flexible", "none", [75]),
]
"""Mode, proration behavior, and the invoices of January, in pounds: the last one is the cycle's."""


@pytest.mark.parametrize(("mode", "behavior", "billed"), SWITCHES)
def test_a_switch_of_a_metered_price(
    call: Call, per_hundred: dict[str, str], mode: str, behavior: str, billed: list[int]
) -> None:
    call.clock.freeze("2027-01-01T00:00:00Z")
    plan = Plan(call, mode, per_hundred["A"])
    call.clock.freeze("2027-01-05T00:00:00Z")
    plan.use(100_000)
    call.clock.freeze("2027-01-15T00:00:00Z")
    plan.swap(per_hundred["B"], proration_behavior=behavior)
    call.clock.freeze("2027-01-20T00:00:00Z")
    plan.use(50_000)
    call.clock.freeze("2027-02-01T02:00:00Z")
    assert [each["total"] for each in plan.invoices() if each["total"]] == [each * 100 for each in billed]


@pytest.mark.parametrize("mode", MODES)
def test_a_metered_price_that_is_added_bills_what_is_used_from_then_on(call: Call, mode: str) -> None:
    call.clock.freeze("2027-01-01T00:00:00Z")
    calls = shop.metered(call)
    plan = Plan(call, mode, shop.licensed(call, 1000))
    plan.use(700)
    call.clock.freeze("2027-01-16T00:00:00Z")
    call.create("/v1/subscription_items", {"subscription": plan.path.rpartition("/")[2], "price": calls})
    plan.use(300)
    call.clock.freeze("2027-02-01T02:00:00Z")
    assert amounts(plan.last_invoice()) == [300, 1000]


# A subscription that began before it was made


def backdated(call: Call, mode: str) -> Plan:
    """100 GB in March, 150 GB in April; £10 for 10 GB; made on the first of May."""
    storage = shop.metered(call, unit_amount=1000, currency="gbp", transform_quantity={"divide_by": 10, "round": "up"})
    customer = shop.customer(call)
    for day, used in (("2027-03-15T00:00:00Z", 100), ("2027-04-15T00:00:00Z", 150)):
        call.clock.freeze(day)
        shop.use(call, customer, used)
    call.clock.freeze("2027-05-01T00:00:00Z")
    return Plan(call, mode, storage, customer=customer, backdate_start_date=MARCH)


def test_a_flexible_backdated_subscription_bills_each_period_at_once(call: Call) -> None:
    plan = backdated(call, "flexible")
    [invoice] = plan.invoices()
    assert [amount for amount in amounts(invoice) if amount] == [10_000, 15_000]
    assert call.get(plan.path).json["billing_cycle_anchor"] == MARCH


def test_a_classic_backdated_subscription_bills_all_usage_with_its_first_cycle(call: Call) -> None:
    plan = backdated(call, "classic")
    assert [each["total"] for each in plan.invoices()] == [0]
    call.clock.freeze("2027-06-01T02:00:00Z")
    assert [amount for amount in amounts(plan.last_invoice()) if amount] == [25_000]


# A balance


def test_an_amount_below_the_least_charge_waits_on_the_balance(call: Call) -> None:
    plan = Plan(call, "flexible", shop.licensed(call, 49))
    [small] = plan.invoices()
    money = ("status", "total", "amount_due", "attempted", "attempt_count")
    assert [small[name] for name in money] == ["paid", 49, 0, True, 0]
    assert call.get(f"/v1/customers/{plan.customer}").json["balance"] == 49
    call.clock.freeze(MAY + HOUR)
    next_one = plan.last_invoice()
    assert (next_one["starting_balance"], next_one["amount_due"], next_one["ending_balance"]) == (49, 98, 0)
