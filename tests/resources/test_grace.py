"""The grace period: which drafts wait for late usage, for how long, and which usage comes too late."""

from collections.abc import Mapping
from typing import Any

import pytest

from fakestripe_meters import Misuse
from tests.conftest import Call
from tests.resources.plans_ahead import month
from tests.resources.plans_ahead import planned
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

SUBSCRIPTIONS = "/v1/subscriptions"
SENT = {"collection_method": "send_invoice", "days_until_due": 7}
GRACE = 72 * HOUR


def begin(call: Call, **options: Any) -> None:  # noqa: ANN401  as `FakeStripe.begin`
    call.fake.begin(now=NEW_YEAR, **{"finalization_grace": GRACE, **options})


def wait(invoice: Mapping[str, Any]) -> int:
    """For how long a draft waits, in seconds."""
    assert invoice["status"] == "draft"
    return int(invoice["automatically_finalizes_at"] - invoice["created"])


def closing(call: Call, created: Tree) -> Tree:
    """The invoice of a cancellation at once."""
    call.delete(f"{SUBSCRIPTIONS}/{created['id']}", {"invoice_now": True})
    return invoices(call)[-1]


# Which invoices it covers


def test_the_invoice_of_a_period_waits_for_up_to_72_hours_and_bills_usage_until_then(call: Call) -> None:
    begin(call)
    ada = customer(call)
    subscribe(call, ada, metered(call))
    call.clock.freeze(FEBRUARY)
    (draft,) = invoices(call)
    assert wait(draft) == GRACE
    call.clock.advance(GRACE - 1)
    use(call, ada, 5, FEBRUARY - 1)
    call.clock.advance(1)
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["total"]) == ("paid", 5)


def test_the_last_invoice_of_a_subscription_that_ends_with_its_period_is_covered(call: Call) -> None:
    begin(call)
    subscribe(call, customer(call), metered(call), cancel_at_period_end=True)
    call.clock.freeze(FEBRUARY)
    assert wait(invoices(call)[-1]) == GRACE


@pytest.mark.parametrize("grace", [0, GRACE])
def test_the_invoice_of_a_cancellation_at_once_waits_for_an_hour_whatever_the_grace(call: Call, grace: int) -> None:
    begin(call, finalization_grace=grace)
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    use(call, ada, 5)
    assert wait(closing(call, created)) == HOUR
    call.clock.advance(HOUR)
    assert invoices(call)[-1]["status"] == "paid"


def test_usage_of_before_a_cancellation_at_once_that_becomes_visible_later_is_billed(call: Call) -> None:
    begin(call, lag=60)
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    use(call, ada, 5)
    draft = closing(call, created)
    assert draft["total"] == 0
    call.clock.advance(60)
    assert invoices(call)[-1]["total"] == 5


def test_usage_that_is_reported_after_a_cancellation_at_once_is_on_no_invoice(call: Call) -> None:
    begin(call)
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    call.clock.advance(DAY)
    closing(call, created)
    use(call, ada, 7, NEW_YEAR + HOUR)
    call.clock.freeze(MARCH)
    assert [each["total"] for each in invoices(call)] == [0]


def test_an_invoice_made_by_hand_waits_for_an_hour(call: Call) -> None:
    begin(call)
    ada = customer(call)
    created = subscribe(call, ada, metered(call))
    made = call.create("/v1/invoices", {"customer": ada, "subscription": created["id"], "auto_advance": True})
    assert wait(made) == HOUR


def test_the_first_invoice_is_finalized_at_once_if_it_is_charged_and_after_an_hour_if_it_is_sent(call: Call) -> None:
    begin(call)
    price = licensed(call)
    subscribe(call, customer(call), price)
    subscribe(call, customer(call), price, **SENT)
    charged, sent = invoices(call)
    assert (charged["status"], wait(sent)) == ("paid", HOUR)


@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice", "none"])
def test_the_draft_of_a_new_cycle_waits_for_an_hour(call: Call, behavior: str) -> None:
    begin(call)
    created = subscribe(call, customer(call), metered(call), licensed(call), **SENT)
    call.clock.advance(DAY)
    reset = {"billing_cycle_anchor": "now", "proration_behavior": behavior}
    call.create(f"{SUBSCRIPTIONS}/{created['id']}", reset)
    assert wait(invoices(call)[-1]) == HOUR


def test_the_invoice_of_a_phase_that_ends_with_a_period_is_covered_and_bills_usage_until_then(call: Call) -> None:
    begin(call)
    ada, mine = customer(call), meter(call)
    dear = metered(call, mine, unit_amount=100)
    planned(call, ada, month(metered(call, mine)), month(dear))
    use(call, ada, 4)
    call.clock.freeze(FEBRUARY)
    assert wait(invoices(call)[-1]) == GRACE
    use(call, ada, 3, FEBRUARY - DAY)
    assert invoices(call)[-1]["total"] == 7


def test_the_invoice_of_a_phase_within_a_period_is_covered_and_later_usage_belongs_to_the_next(call: Call) -> None:
    begin(call)
    ada, price = customer(call), metered(call)
    first = {"items": [{"price": price}], "end_date": NEW_YEAR + 15 * DAY}
    planned(call, ada, first, month(price, billing_cycle_anchor="phase_start"))
    use(call, ada, 4)
    call.clock.advance(15 * DAY)
    assert wait(invoices(call)[-1]) == GRACE
    use(call, ada, 3, NEW_YEAR + DAY)
    call.clock.freeze(NEW_YEAR + 46 * DAY)
    assert [each["total"] for each in invoices(call)[-2:]] == [4, 3]


def test_a_draft_that_advances_again_waits_as_long_as_before(call: Call) -> None:
    begin(call)
    created = subscribe(call, customer(call), metered(call))
    path = f"/v1/invoices/{closing(call, created)['id']}"
    call.create(path, {"auto_advance": False})
    assert wait(call.create(path, {"auto_advance": True})) == HOUR


# Only with a metered price


def test_a_rule_can_limit_the_grace_to_invoices_with_a_metered_price(call: Call) -> None:
    begin(call, grace_for="metered")
    seat, calls = licensed(call), metered(call)
    seats, usage, both = (subscribe(call, customer(call), *each)["id"] for each in ((seat,), (calls,), (seat, calls)))
    call.clock.freeze(FEBRUARY)
    waits = {each["parent"]["subscription_details"]["subscription"]: each for each in invoices(call)[-3:]}
    assert [wait(waits[each]) for each in (seats, usage, both)] == [HOUR, GRACE, GRACE]


def test_a_rule_for_metered_prices_can_let_the_others_wait_longer(call: Call) -> None:
    begin(call, grace_for="metered", finalization_grace=0)
    ada = customer(call)
    subscribe(call, ada, licensed(call))
    subscribe(call, ada, metered(call))
    call.clock.freeze(FEBRUARY)
    assert sorted(each["status"] for each in invoices(call)[-2:]) == ["draft", "paid"]


def test_the_rule_is_in_snapshots_and_those_of_older_releases_cover_all(call: Call) -> None:
    begin(call, grace_for="metered")
    snapshot = call.fake.snapshot()
    assert snapshot["settings"]["grace_for"] == "metered"
    with pytest.raises(Misuse, match="grace_for must be all or metered"):
        call.fake.restore({**snapshot, "settings": {**snapshot["settings"], "grace_for": "some"}})
    older = {name: value for name, value in snapshot["settings"].items() if name != "grace_for"}
    call.fake.restore({**snapshot, "settings": older})
    subscribe(call, customer(call), licensed(call))
    call.clock.freeze(FEBRUARY)
    assert wait(invoices(call)[-1]) == GRACE


# What comes too late


def test_usage_that_arrives_after_finalization_is_on_neither_this_nor_the_next_invoice(call: Call) -> None:
    begin(call)
    ada = customer(call)
    subscribe(call, ada, metered(call))
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY + GRACE)
    use(call, ada, 70, FEBRUARY - 1)
    call.clock.freeze(MARCH + GRACE)
    assert [each["total"] for each in invoices(call)] == [5, 0]


@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice"])
def test_a_change_of_price_within_the_period_drops_late_usage_of_the_old_price_only(call: Call, behavior: str) -> None:
    begin(call)
    ada, mine = customer(call), meter(call)
    old, new = metered(call, mine), metered(call, mine, unit_amount=100)
    created = subscribe(call, ada, old, billing_mode={"type": "flexible"})
    use(call, ada, 5)
    call.clock.advance(15 * DAY)
    item = created["items"]["data"][0]["id"]
    call.create(f"/v1/subscription_items/{item}", {"price": new, "proration_behavior": behavior})
    call.clock.freeze(FEBRUARY)
    use(call, ada, 70, NEW_YEAR + DAY)
    use(call, ada, 2, FEBRUARY - DAY)
    call.clock.freeze(MARCH + GRACE)
    assert sum(each["total"] for each in invoices(call)) == 5 + 2 * 100


# The draft of a new cycle


def reset(call: Call, created: Tree) -> Tree:
    call.create(f"{SUBSCRIPTIONS}/{created['id']}", {"billing_cycle_anchor": "now"})
    return invoices(call)[-1]


def test_the_draft_of_a_new_cycle_does_not_follow_usage_that_becomes_visible_later(call: Call) -> None:
    begin(call, lag=60)
    ada = customer(call)
    created = subscribe(call, ada, metered(call), **SENT)
    use(call, ada, 5)
    call.clock.advance(DAY)
    use(call, ada, 70)
    draft = reset(call, created)
    assert lines(draft)[0][1] == 5
    call.clock.advance(60)
    assert lines(invoices(call)[-1]) == lines(draft)
    call.clock.advance(HOUR)
    assert (invoices(call)[-1]["status"], invoices(call)[-1]["total"]) == ("paid", 5)
    call.clock.advance(31 * DAY)
    assert invoices(call)[-1]["total"] == 0


def test_the_draft_of_a_new_cycle_does_not_follow_a_cancellation_of_usage(call: Call) -> None:
    begin(call)
    ada = customer(call)
    created = subscribe(call, ada, metered(call), **SENT)
    identifier = use(call, ada, 5).json["identifier"]
    call.clock.advance(HOUR)
    reset(call, created)
    cancel = {"type": "cancel", "event_name": "calls", "cancel": {"identifier": identifier}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    assert invoices(call)[-1]["total"] == 5


def test_what_the_draft_of_a_new_cycle_leaves_out_is_explained(call: Call) -> None:
    begin(call, lag=60)
    ada = customer(call)
    created = subscribe(call, ada, metered(call), **SENT)
    use(call, ada, 5)
    call.clock.advance(DAY)
    late = use(call, ada, 70).json["identifier"]
    draft = reset(call, created)
    for status in ("draft", "paid"):
        assert call.get(f"/v1/invoices/{draft['id']}").json["status"] == status
        explained = call.fake.explain_invoice(draft["id"])
        assert (explained.total, "late" in str(explained)) == (5, True)
        told = {each.identifier: (each.invoice, each.reason) for each in call.fake.explain_billing("calls", ada).events}
        assert told[late] == (None, "after finalization")
        call.clock.advance(2 * HOUR)


def test_items_that_are_added_to_the_draft_of_a_new_cycle_are_on_it(call: Call) -> None:
    begin(call)
    ada = customer(call)
    created = subscribe(call, ada, metered(call), **SENT)
    use(call, ada, 5)
    call.clock.advance(HOUR)
    draft = reset(call, created)
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 100, "currency": "usd", "invoice": draft["id"]})
    assert invoices(call)[-1]["total"] == 105
