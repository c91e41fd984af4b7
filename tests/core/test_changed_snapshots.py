"""Snapshots in the middle of a change: a restored world goes on as the first one does, and none is spoiled later."""

import json
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from tests.conftest import Call
from tests.conftest import through_engine
from tests.core.restoring import is_restored
from tests.fuzz.wishes import tries
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

NEWEST = "2026-10-28.endive"
UNSERVED = 501
OPTIONS: dict[str, Any] = {"limits": "off", "retries": (3, 5), "after_retries": "unpaid", "seed": 1}


def seats_and_calls(call: Call, **terms: object) -> Tree:
    flexible = {"billing_mode": {"type": "flexible"}}
    subscription = subscribe(call, customer(call), licensed(call), metered(call), **flexible, **terms)
    use(call, subscription["customer"], 30)
    call.clock.advance(DAY)
    return subscription


def change(call: Call, subscription: Tree, **terms: object) -> Tree:
    return call.create(f"/v1/subscriptions/{subscription['id']}", terms)


def ids(subscription: Tree) -> list[str]:
    return [each["id"] for each in subscription["items"]["data"]]


def waits_for_its_payment(call: Call) -> Tree:
    subscription = seats_and_calls(call)
    change(call, subscription, default_payment_method=DECLINING)
    seats, _ = ids(subscription)
    yearly = licensed(call, interval="year")
    items = [{"id": seats, "quantity": 5}, {"price": yearly}]
    paid = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}
    waits = change(call, subscription, items=items, cancel_at_period_end="true", **paid)
    assert waits["pending_update"]
    return subscription


def is_paused(call: Call) -> Tree:
    pause = {"trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
    subscription = subscribe(call, customer(call), licensed(call), trial_period_days=3, **pause)
    call.clock.advance(4 * DAY)
    return subscription


def is_tried_again(call: Call) -> Tree:
    subscription = seats_and_calls(call)
    change(call, subscription, default_payment_method=DECLINING)
    call.clock.advance(31 * DAY)
    return subscription


def is_unpaid(call: Call) -> Tree:
    subscription = is_tried_again(call)
    call.clock.advance(9 * DAY)
    return subscription


def closes(call: Call) -> Tree:
    subscription = seats_and_calls(call)
    call.delete(f"/v1/subscriptions/{subscription['id']}", {"invoice_now": "true", "prorate": "true"})
    return subscription


def was_swapped(call: Call) -> Tree:
    subscription = seats_and_calls(call, pending_invoice_item_interval={"interval": "week"})
    seats, calls = ids(subscription)
    more = metered(call, call.get("/v1/billing/meters").ids[0], unit_amount=3)
    change(call, subscription, items=[{"id": seats, "quantity": 4}, {"id": calls, "price": more}])
    return subscription


def has_several_intervals(call: Call) -> Tree:
    subscription = seats_and_calls(call, backdate_start_date=NEW_YEAR - 20 * DAY)
    meter = call.get("/v1/billing/meters").ids[0]
    yearly = [{"price": licensed(call, interval="year")}, {"price": metered(call, meter, interval="year")}]
    change(call, subscription, items=yearly, cancel_at="max_period_end")
    return subscription


def is_owed(call: Call) -> Tree:
    subscription = seats_and_calls(call, collection_method="send_invoice", days_until_due=5)
    path = f"/v1/customers/{subscription['customer']}/balance_transactions"
    call.create(path, {"amount": -300, "currency": "usd"})
    draft = {"customer": subscription["customer"], "auto_advance": "true"}
    later = call.create("/v1/invoices", {**draft, "automatically_finalizes_at": call.clock.now() + 9 * DAY})
    call.create(f"/v1/invoices/{later['id']}/add_lines", {"lines": [{"amount": 310}, {"amount": 20}]})
    return subscription


STATES: list[Callable[[Call], Tree]] = [
    waits_for_its_payment,
    is_paused,
    is_tried_again,
    is_unpaid,
    closes,
    was_swapped,
    has_several_intervals,
    is_owed,
]


@pytest.fixture
def first() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, **OPTIONS) as fake:
        yield Call(through_engine, fake)


@pytest.fixture
def second() -> Iterator[Call]:
    with FakeStripe(**OPTIONS) as fake:
        yield Call(through_engine, fake)


def go_on(call: Call, subscription: Tree) -> str:
    """What becomes of it: it is changed, previewed and paid for, then time goes by."""
    terms = {"default_payment_method": "pm_card_visa", "pending_invoice_item_interval": {"interval": "month"}}
    call.clock.advance(2 * HOUR)
    said = [call.post("/v1/invoices/create_preview", {"subscription": subscription["id"]}, version=NEWEST)]
    said.append(call.post(f"/v1/subscriptions/{subscription['id']}", terms))
    newest = invoices(call, customer=subscription["customer"])[-1]["id"]
    said.append(call.post(f"/v1/invoices/{newest}/pay"))
    found = call.get(f"/v1/subscriptions/{subscription['id']}").json
    again = {"items": [{"id": ids(found)[0], "quantity": 2}], "proration_behavior": "always_invoice"}
    said.append(call.post(f"/v1/subscriptions/{subscription['id']}", again))
    for days in (3, 10, 50):
        call.clock.advance(days * DAY)
    said.append(call.delete(f"/v1/subscriptions/{subscription['id']}", {"invoice_now": "true", "prorate": "true"}))
    call.clock.advance(DAY)
    assert all(each.status < 500 or each.status == UNSERVED for each in said), said
    assert call.fake.engine.failures == []
    return json.dumps(call.fake.snapshot()["accounts"])


@pytest.mark.parametrize("state", STATES)
def test_a_world_that_is_saved_within_a_change_goes_on_as_without(
    first: Call, second: Call, state: Callable[[Call], Tree]
) -> None:
    subscription = state(first)
    second.fake.restore(json.loads(json.dumps(first.fake.snapshot())))
    assert go_on(second, subscription) == go_on(first, subscription)


def saved(state: Callable[[Call], Tree]) -> str:
    with FakeStripe(now=NEW_YEAR, **OPTIONS) as fake:
        state(Call(through_engine, fake))
        return json.dumps(fake.snapshot())


ONLY = ("subscriptions", "table", 0)


@pytest.mark.parametrize(
    ("state", "path", "value", "said"),
    [
        (was_swapped, ("items",), [], "has no items"),
        (was_swapped, ("items", 0, "interval_count"), 0, "interval_count must be at least 1"),
        (was_swapped, ("items", 0, "interval_count"), 10**12, "at most 1095"),
        (was_swapped, ("items", 0, "period_end"), NEW_YEAR - 1, "a period ends before it begins"),
        (was_swapped, ("items", 0, "period_end"), 10**12, "lies outside the years"),
        (was_swapped, ("items", 0, "debits", 0, "end"), NEW_YEAR - 1, "a period ends before it begins"),
        (was_swapped, ("items", 0, "debits", 0, "start"), -(10**12), "lies outside the years"),
        (was_swapped, ("items", 0, "debits", 0, "whole"), 0, "whole must be at least 1"),
        (was_swapped, ("items", 0, "debits", 0, "price"), "nobody", "names 'nobody'"),
        (was_swapped, ("settled", 0, "charge", "price"), "nobody", "names 'nobody'"),
        (was_swapped, ("pending_interval", "interval_count"), 0, "interval_count must be at least 1"),
        (was_swapped, ("pending_interval", "since"), 10**12, "lies outside the years"),
        (waits_for_its_payment, ("pending_update", "items"), [], "pending_update has no items"),
        (waits_for_its_payment, ("pending_update", "items", 0, "price"), "nobody", "names 'nobody'"),
        (waits_for_its_payment, ("pending_update", "items", 0, "period_end"), 1, "a period ends before it begins"),
    ],
)
def test_a_change_in_a_snapshot_that_makes_no_sense(
    second: Call, state: Callable[[Call], Tree], path: tuple[str | int, ...], value: object, said: str
) -> None:
    tree = json.loads(saved(state))
    here = tree["accounts"][0]["parts"]
    for step in (*ONLY, *path[:-1]):
        here = here[step]
    here[path[-1]] = value
    before = second.fake.snapshot()
    with pytest.raises(Misuse, match=said) as caught:
        second.fake.restore(tree)
    assert str(caught.value.param).startswith("snapshot.accounts[0].parts.subscriptions")
    assert second.fake.snapshot() == before


VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.sampled_from([10**12, NEW_YEAR, NEW_YEAR + 900 * DAY, [], {}, "x"])
)


@pytest.mark.parametrize("state", [waits_for_its_payment, was_swapped, has_several_intervals])
def test_any_value_in_a_changed_subscription_is_a_world_or_misuse(second: Call, state: Callable[[Call], Tree]) -> None:
    text = saved(state)

    @tries(25)
    @given(st.data())
    def spoil(data: st.DataObject) -> None:
        tree = json.loads(text)
        here: Any = tree["accounts"][0]["parts"]["subscriptions"]["table"][0]
        subscription, parent, key = dict(here), here, "items"
        while isinstance(here, dict | list) and here and data.draw(st.integers(0, 9)):
            parent, key = here, data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
            here = parent[key]
        parent[key] = data.draw(VALUES)
        if is_restored(second.fake, tree):
            asked(second, subscription["id"])

    spoil()


def asked(call: Call, subscription: str) -> None:
    """Whatever was restored: it is shown, previewed, changed and canceled, and time goes on."""
    path = f"/v1/subscriptions/{subscription}"
    answers = [
        call.get(path),
        call.post("/v1/invoices/create_preview", {"subscription": subscription}),
        call.post(path, {"proration_behavior": "always_invoice", "trial_end": "now"}),
    ]
    call.clock.advance(40 * DAY)
    answers += [call.delete(path, {"invoice_now": "true", "prorate": "true"}), call.get("/v1/events", {"limit": 100})]
    assert [each.body for each in answers if each.status >= 500 and each.status != UNSERVED] == []
    assert call.fake.engine.failures == []
