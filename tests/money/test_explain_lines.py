"""`fake.explain_invoice` says why each line is there, and why the amount due is not the total."""

from collections.abc import Iterator
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

DAY = 86_400
NEW_YEAR = "2025-01-01T00:00:00Z"
SUBSCRIPTIONS = "/v1/subscriptions"


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, seed=1) as fake:
        yield Call(DOORS["engine"], fake)
        assert fake.engine.failures == []


def latest(call: Call) -> str:
    found: str = call.get("/v1/invoices", {"limit": 1}).ids[0]
    return found


def reasons(call: Call, invoice: str | None = None) -> list[str]:
    """The reasons for the lines of the latest invoice, without their times."""
    explained = call.fake.explain_invoice(invoice or latest(call))
    return [line.reason.rpartition(", from ")[0] for line in explained.lines]


def items_of(subscription: Tree) -> dict[str, str]:
    return {item["price"]["id"]: item["id"] for item in subscription["items"]["data"]}


def update(call: Call, subscription: Tree, **terms: Any) -> Tree:  # noqa: ANN401  parameters of any kind
    return call.create(f"{SUBSCRIPTIONS}/{subscription['id']}", terms)


def test_a_quantity_is_paid_in_advance(call: Call) -> None:
    subscribe(call, customer(call), licensed(call))
    explained = call.fake.explain_invoice(latest(call))
    (line,) = explained.lines
    assert line.reason == "a period, paid in advance, from 2025-01-01T00:00:00Z to 2025-02-01T00:00:00Z"
    assert str(explained).splitlines()[1:] == [
        "        $10.00  1 × Seat (at $10.00 / month)",
        f"                  {line.reason}",
    ]
    assert (explained.amount_due, explained.balance) == (1000, "")


def test_a_shorter_period_is_charged_in_part(call: Call) -> None:
    subscribe(call, customer(call), licensed(call), billing_cycle_anchor_config={"day_of_month": 15})
    assert reasons(call) == ["a part of a period, paid in advance"]


def test_a_start_in_the_past_is_paid_in_arrears(call: Call) -> None:
    start = call.clock.now() - 40 * DAY
    subscribe(call, customer(call), licensed(call), backdate_start_date=start)
    assert reasons(call) == ["a period, paid in arrears", "a period, paid in advance"]


@pytest.mark.parametrize(
    ("mode", "begin", "end"),
    [
        ("flexible", [], ["usage in a trial, which is free"]),
        ("classic", ["no usage yet: it is billed when the period is over"], ["usage in a trial, which is free"]),
    ],
)
def test_a_trial_is_free(call: Call, mode: str, begin: list[str], end: list[str]) -> None:
    whose, calls = customer(call), metered(call)
    terms = {"trial_end": call.clock.now() + DAY, "billing_mode": {"type": mode}}
    subscribe(call, whose, licensed(call), calls, **terms)
    assert reasons(call) == ["a trial, which is free", *begin]
    use(call, whose, 3)
    call.clock.advance(DAY)
    assert reasons(call) == [*end, "a period, paid in advance"]


def test_a_change_gives_back_and_charges(call: Call) -> None:
    whose, counter, seat = customer(call), meter(call), licensed(call)
    calls, dearer = metered(call, counter), metered(call, counter, unit_amount=2)
    subscription = subscribe(call, whose, calls, seat)
    first, items = latest(call), items_of(subscription)
    use(call, whose, 100)
    call.clock.advance(10 * DAY)
    swap = [{"id": items[calls], "price": dearer}, {"id": items[seat], "quantity": 2}]
    update(call, subscription, items=swap, proration_behavior="always_invoice")
    assert sorted(reasons(call)) == [
        "charges a share of a period",
        f"gives back time that {first} has charged",
        "usage, until its price was replaced or removed, or the subscription paused",
    ]
    assert "usage, until its price was replaced or removed, or the subscription paused, from" in str(
        call.fake.explain_invoice(latest(call))
    )


def test_a_credit_of_what_was_never_charged_gives_back_as_well(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call), billing_mode={"type": "classic"})
    added = call.create(
        "/v1/subscription_items",
        {"subscription": subscription["id"], "price": licensed(call, 500, "Desk"), "proration_behavior": "none"},
    )
    call.clock.advance(10 * DAY)
    update(call, subscription, items=[{"id": added["id"], "deleted": True}], proration_behavior="always_invoice")
    assert reasons(call) == ["gives back time that was not used"]


def test_a_cancellation_ends_the_usage(call: Call) -> None:
    whose = customer(call)
    subscription = subscribe(call, whose, metered(call))
    use(call, whose, 100)
    call.clock.advance(DAY)
    assert call.delete(f"{SUBSCRIPTIONS}/{subscription['id']}", {"invoice_now": True}).status == 200
    assert reasons(call) == ["usage until a change or the end"]


def test_an_invoice_item_is_one(call: Call) -> None:
    whose = customer(call)
    call.create("/v1/invoiceitems", {"customer": whose, "amount": 500, "currency": "usd"})
    terms = {"customer": whose, "pending_invoice_items_behavior": "include"}
    assert reasons(call, call.create("/v1/invoices", terms)["id"]) == ["an invoice item"]


@pytest.mark.parametrize(
    ("before", "amount", "due", "why"),
    [
        (0, 49, 0, "too small to be charged: it is added to the customer's balance"),
        (0, -40, 0, "a credit: it is added to the customer's balance"),
        (-400, 1000, 600, "paid from the customer's balance"),
        (70, 1000, 1070, "owed on the customer's balance"),
        (0, 1000, 1000, ""),
    ],
)
def test_the_amount_due_differs_from_the_total_for_a_reason(
    call: Call, before: int, amount: int, due: int, why: str
) -> None:
    whose = customer(call, balance=before)
    call.create("/v1/invoiceitems", {"customer": whose, "amount": amount, "currency": "usd"})
    invoice = call.create("/v1/invoices", {"customer": whose, "pending_invoice_items_behavior": "include"})["id"]
    call.create(f"/v1/invoices/{invoice}/finalize")
    explained = call.fake.explain_invoice(invoice)
    assert (explained.total, explained.amount_due, explained.balance) == (amount, due, why)
    assert str(explained).endswith(f"{why}\n{f'${due / 100:.2f}':>14}  due") is bool(why)


def test_usage_before_a_backdated_start_without_prorations_is_not_billed(call: Call) -> None:
    whose, calls = customer(call), metered(call)
    use(call, whose, 5)
    call.clock.advance(2 * DAY)
    start = call.clock.now() - 3 * DAY
    subscribe(call, whose, calls, backdate_start_date=start, proration_behavior="none")
    assert [each.reason for each in call.fake.explain_billing("calls", whose).events] == [
        "backdated without prorations"
    ]
