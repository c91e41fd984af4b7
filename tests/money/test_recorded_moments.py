"""When what was recorded began, ended and was billed: the moments that a replay of the recordings cannot compare.

The recordings are these cassettes of pay-rails/pay: `test_can_swap_a_subscription`,
`test_stripe_can_swap_a_subscription`, the same with `_and_reset_billing_cycle`, `test_stripe_trial_period_options`,
`test_stripe_subscription_and_one_time_charge` and `test_cancel_now_when_scheduled_for_cancellation`.
"""

from collections.abc import Iterator

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.resources import shop
from tests.resources.shop import Tree

CLOVER = "2025-10-29.clover"
Line = tuple[str, int, int, int]


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=1617990028, seed=1) as fake:
        yield Call(through_engine, fake)
        assert fake.engine.failures == []


class Recorded:
    """A subscription of a version, as it was recorded; a unit of the product is a user."""

    def __init__(self, call: Call, at: int, version: str) -> None:
        self.call, self.version = call, version
        call.clock.freeze(at)
        self.product = shop.product(call, "Test Subscription", unit_label="user")
        self.customer = shop.customer(call)

    def price(self, amount: int, interval: str = "month") -> str:
        terms = {"currency": "usd", "product": self.product, "recurring": {"interval": interval}}
        made: str = self.call.create("/v1/prices", {"unit_amount": amount, **terms})["id"]
        return made

    def begin(self, price: str, **terms: object) -> Tree:
        form = {"customer": self.customer, "items": [{"price": price}], **terms}
        self.subscription = self.call.create("/v1/subscriptions", form, version=self.version)
        return self.subscription

    def change(self, at: int, **terms: object) -> Tree:
        self.call.clock.freeze(at)
        path = f"/v1/subscriptions/{self.subscription['id']}"
        return self.call.create(path, {"expand": ["latest_invoice"], **terms}, version=self.version)

    def swap(self, at: int, price: str, **terms: object) -> Tree:
        [item] = self.subscription["items"]["data"]
        return self.change(at, items=[{"id": item["id"], "price": price, "quantity": 1}], trial_end="now", **terms)


def lines(invoice: Tree) -> list[Line]:
    found = invoice["lines"]["data"]
    return [(each["description"], each["amount"], each["period"]["start"], each["period"]["end"]) for each in found]


def period(each: Tree) -> tuple[int, int]:
    """The period of an item or of an invoice."""
    name = "current_period" if each["object"] == "subscription_item" else "period"
    return each[f"{name}_start"], each[f"{name}_end"]


def test_a_month_that_becomes_a_year_keeps_its_beginning(call: Call) -> None:
    began, changed = 1762799351, 1762799355
    story = Recorded(call, began, CLOVER)
    story.begin(story.price(2500))
    after = story.swap(changed, story.price(25000, "year"), proration_behavior="always_invoice")
    [item], invoice = after["items"]["data"], after["latest_invoice"]
    assert (after["billing_cycle_anchor"], period(item)) == (began, (began, 1794335351))
    assert (invoice["billing_reason"], invoice["status"], period(invoice)) == (
        "subscription_update",
        "paid",
        (began, changed),
    )
    assert lines(invoice) == [
        ("Unused time on Test Subscription after 10 Nov 2025", -2500, changed, 1765391351),
        ("Remaining time on Test Subscription after 10 Nov 2025", 25000, changed, 1794335351),
    ]


def test_a_month_that_becomes_a_year_with_a_new_anchor_begins_now(call: Call) -> None:
    began, changed = 1762799253, 1762799256
    story = Recorded(call, began, CLOVER)
    story.begin(story.price(2500))
    timing = {"proration_behavior": "always_invoice", "billing_cycle_anchor": "now"}
    after = story.swap(changed, story.price(25000, "year"), **timing)
    [item], invoice = after["items"]["data"], after["latest_invoice"]
    assert (after["billing_cycle_anchor"], period(item)) == (changed, (changed, 1794335256))
    assert (invoice["billing_reason"], period(invoice)) == ("subscription_update", (changed, changed))
    assert lines(invoice) == [
        ("Unused time on Test Subscription after 10 Nov 2025", -2500, changed, 1765391253),
        ("1 user × Test Subscription (at $250.00 / year)", 25000, changed, 1794335256),
    ]


def test_a_month_that_becomes_a_year_begins_now_where_classic_was_the_only_mode(call: Call) -> None:
    began, changed = 1617990028, 1617990030
    story = Recorded(call, began, "2020-08-27")
    story.begin(story.price(2500))
    after = story.swap(changed, story.price(25000, "year"), proration_behavior="create_prorations")
    assert after["billing_cycle_anchor"] == changed
    assert (after["current_period_start"], after["current_period_end"]) == (changed, 1649526030)


def test_an_item_of_the_first_invoice_is_of_its_period(call: Call) -> None:
    began, ends = 1762799267, 1765391267
    story = Recorded(call, began, CLOVER)
    shirt = shop.one_time(call, 1500, "T-Shirt")
    made = story.begin(story.price(1000), add_invoice_items=[{"price": shirt}], expand=["latest_invoice"])
    invoice = made["latest_invoice"]
    assert (invoice["total"], period(invoice)) == (2500, (began, began))
    assert lines(invoice) == [
        ("T-Shirt", 1500, began, ends),
        ("1 user × Test Subscription (at $10.00 / month)", 1000, began, ends),
    ]
    assert [each["parent"]["type"] for each in invoice["lines"]["data"]] == [
        "invoice_item_details",
        "subscription_item_details",
    ]


def test_a_trial_is_a_line_of_nothing_until_its_end(call: Call) -> None:
    began, ends = 1774905677, 1776201677
    story = Recorded(call, began, "2026-03-25.dahlia")
    made = story.begin(story.price(2500), trial_period_days=15, expand=["latest_invoice"])
    [item], invoice = made["items"]["data"], made["latest_invoice"]
    assert (made["billing_cycle_anchor"], made["trial_end"], period(item)) == (ends, ends, (began, ends))
    assert lines(invoice) == [("Free trial for 1 user × Test Subscription", 0, began, ends)]


def test_a_cancellation_forgets_that_one_was_scheduled(call: Call) -> None:
    began, scheduled, canceled = 1762799293, 1762799297, 1762799298
    story = Recorded(call, began, CLOVER)
    story.begin(story.price(1000))
    after = story.change(scheduled, cancel_at_period_end=True)
    assert (after["cancel_at"], after["canceled_at"]) == (1765391293, scheduled)
    call.clock.freeze(canceled)
    gone = call.delete(f"/v1/subscriptions/{after['id']}", version=CLOVER).json
    names = ("status", "cancel_at", "cancel_at_period_end", "canceled_at", "ended_at")
    assert [gone[name] for name in names] == ["canceled", None, False, scheduled, canceled]
