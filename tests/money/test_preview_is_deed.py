"""What was previewed is what is then billed, whatever is changed: the preview of a change, then the change itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from tests.conftest import Answer
from tests.conftest import Call
from tests.conftest import through_engine
from tests.fuzz.wishes import tries
from tests.money.conftest import one_for_all
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

MONTHLY, YEARLY, METERED = ("seat", "desk"), ("seat a year", "desk a year"), ("calls", "calls at twice the price")


@dataclass(frozen=True, slots=True)
class Act:
    """A change in words, before there are ids: an item is named by its place. The last one may be to cancel."""

    removes: bool
    quantity: int | None
    price: str | None
    adds: str | None
    timing: Tree
    days: int
    used: int


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


timings = st.fixed_dictionaries(
    {"proration_behavior": st.sampled_from(["none", "create_prorations", "always_invoice"])},
    optional={
        "trial_end": st.just("now") | st.integers(1, 40),
        "cancel_at_period_end": st.booleans(),
        "cancel_at": st.integers(1, 60),
        "billing_cycle_anchor": st.sampled_from(["now", "unchanged"]),
    },
)
acts = st.builds(
    Act,
    removes=st.booleans(),
    quantity=optional(st.integers(0, 4)),
    price=optional(st.sampled_from([*MONTHLY, *YEARLY, *METERED])),
    adds=optional(st.sampled_from([*MONTHLY, *YEARLY, *METERED])),
    timing=timings,
    days=st.integers(0, 40),
    used=st.integers(0, 50),
)


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    yield from one_for_all(NEW_YEAR)


def price_list(call: Call) -> dict[str, str]:
    calls = meter(call)
    return {
        "seat": licensed(call, 3100),
        "desk": licensed(call, 6200, name="Desk"),
        "seat a year": licensed(call, 36500, interval="year"),
        "desk a year": licensed(call, 73000, name="Desk", interval="year"),
        "calls": metered(call, calls),
        "calls at twice the price": metered(call, calls, unit_amount=2),
    }


def wish(call: Call, act: Act, subscription: Tree, prices: dict[str, str]) -> Tree:
    """An act as the parameters that an update and a preview have in common."""
    now = call.fake.clock.now()
    first = call.get(f"/v1/subscriptions/{subscription['id']}").json["items"]["data"][0]
    items: list[Tree] = []
    if act.removes:
        items.append({"id": first["id"], "deleted": True})
    elif act.price is not None or act.quantity is not None:
        named = {"price": prices[act.price]} if act.price else {}
        quantity = {"quantity": act.quantity} if act.quantity is not None else {}
        items.append({"id": first["id"], **named, **quantity})
    if act.adds is not None:
        items.append({"price": prices[act.adds]})
    timing = {
        name: now + value * DAY if name in ("trial_end", "cancel_at") and value != "now" else value
        for name, value in act.timing.items()
    }
    return timing | ({"items": items} if items else {})


def seen(invoice: Tree) -> Tree:
    """What a preview and an invoice must have in common: all but ids and what only one that exists has."""
    lines = [
        {name: line[name] for name in ("amount", "description", "period", "quantity", "pricing")}
        for line in invoice["lines"]["data"]
    ]
    names = ("created", "currency", "period_start", "period_end", "subtotal", "total")
    return {name: invoice[name] for name in names} | {"lines": sorted(lines, key=repr)}


def kept(fake: FakeStripe) -> list[Tree]:
    """All that the accounts hold. A part that is only looked at comes into being, and stays empty."""
    accounts: list[Tree] = fake.snapshot()["accounts"]
    return [
        account | {"parts": {name: part for name, part in account["parts"].items() if any(part.values())}}
        for account in accounts
    ]


def refusal(answer: Answer) -> tuple[int, str]:
    """The status, and the parameter by its last name: a preview has it within `subscription_details`."""
    return answer.status, answer.error.get("param", "").rpartition("[")[2].rstrip("]")


def billed_next(call: Call, ada: str, known: set[str], instant: int) -> Tree | None:
    """The first invoice that was not known; if there is none, that of an instant to come."""
    for wait in (0, max(0, instant - call.fake.clock.now())):
        call.fake.clock.advance(wait)
        new = [each for each in invoices(call, customer=ada) if each["id"] not in known]
        if new:
            return new[0]
    return None


@dataclass(frozen=True, slots=True)
class Story:
    """A subscription, what happens to it, each act held to its preview, and whether it is canceled in the end."""

    begins_with: str
    is_metered_too: bool
    trial: int | None
    mode: str
    acts: list[Act]
    prorates_its_end: bool | None


stories = st.builds(
    Story,
    begins_with=st.sampled_from([*MONTHLY, *YEARLY]),
    is_metered_too=st.booleans(),
    trial=optional(st.integers(1, 40)),
    mode=st.sampled_from(["classic", "flexible"]),
    acts=st.lists(acts, min_size=1, max_size=4),
    prorates_its_end=optional(st.booleans()),
)


@tries(80)
@given(stories)
def test_what_was_previewed_is_what_is_then_billed(fake: FakeStripe, story: Story) -> None:
    fake.reset()
    call = Call(through_engine, fake)
    prices = price_list(call)
    ada = customer(call)
    also = [prices["calls"]] if story.is_metered_too and story.begins_with in MONTHLY else []
    trial = {} if story.trial is None else {"trial_period_days": story.trial}
    mode = {"billing_mode": {"type": story.mode}}
    subscription = subscribe(call, ada, prices[story.begins_with], *also, **trial, **mode)
    for act in story.acts:
        use(call, ada, act.used)
        fake.clock.advance(act.days * DAY)
        use(call, ada, act.used)
        if call.get(f"/v1/subscriptions/{subscription['id']}").json["status"] == "canceled":
            return
        held_to_its_preview(call, subscription, wish(call, act, subscription, prices))
    if story.prorates_its_end is not None:
        ended_as_previewed(call, subscription, prorate=story.prorates_its_end)


def held_to_its_preview(call: Call, subscription: Tree, asked: Tree) -> None:
    shown = previewed(call, subscription, asked)
    known = {invoice["id"] for invoice in invoices(call, customer=subscription["customer"])}
    done = call.post(f"/v1/subscriptions/{subscription['id']}", asked)
    if done.status != 200:
        assert refusal(shown) == refusal(done)
        return
    before = call.fake.snapshot()
    compare(shown, billed_next(call, subscription["customer"], known, next_turn(done.json)))
    call.fake.restore(before)


def next_turn(subscription: Tree) -> int:
    """When the first period of an item ends, or the subscription itself."""
    ends: list[int] = [item["current_period_end"] for item in subscription["items"]["data"]]
    return min(ends if subscription["cancel_at"] is None else [*ends, subscription["cancel_at"]])


def ended_as_previewed(call: Call, subscription: Tree, *, prorate: bool) -> None:
    """A cancellation with an invoice, and its preview."""
    behavior = "create_prorations" if prorate else "none"
    shown = previewed(call, subscription, {"cancel_now": True, "proration_behavior": behavior})
    known = {invoice["id"] for invoice in invoices(call, customer=subscription["customer"])}
    path = f"/v1/subscriptions/{subscription['id']}"
    assert call.delete(path, {"invoice_now": True, "prorate": prorate}).status == 200
    compare(shown, billed_next(call, subscription["customer"], known, call.fake.clock.now()))


def previewed(call: Call, subscription: Tree, asked: Tree) -> Answer:
    """What a preview answers; it changes nothing."""
    state = kept(call.fake)
    about = {"subscription": subscription["id"], "subscription_details": asked}
    shown = call.post("/v1/invoices/create_preview", about)
    assert kept(call.fake) == state
    return shown


def compare(shown: Answer, bill: Tree | None) -> None:
    if bill is None:
        assert (shown.status, shown.error["code"]) == (400, "invoice_upcoming_none")
    else:
        assert shown.status == 200, shown.body
        assert seen(shown.json) == seen(bill)
