"""Usage that is cancelled, corrected or overwritten around a bill; and what the ingestion lag hides from one."""

from collections.abc import Iterator
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.errors import Misuse
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe

RESET: Tree = {"billing_thresholds": {"amount_gte": 500, "reset_billing_cycle_anchor": True}}
NO_RESET: Tree = {"billing_thresholds": {"amount_gte": 500}}


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Call(DOORS["engine"], fake)
        assert fake.engine.failures == []


def subscribed(call: Call, formula: str = "sum", window: str | None = None, **terms: Any) -> tuple[str, str]:  # noqa: ANN401  parameters of any kind
    """A customer and the path of a subscription to calls at a cent."""
    pre_aggregated = {} if window is None else {"event_time_window": window}
    meter_terms = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": formula}}
    counter = call.create("/v1/billing/meters", meter_terms | pre_aggregated)["id"]
    ada = customer(call)
    return ada, f"/v1/subscriptions/{subscribe(call, ada, metered(call, counter), **terms)['id']}"


def use(call: Call, ada: str, value: int, identifier: str, at: int | None = None) -> None:
    payload = {"stripe_customer_id": ada, "value": value}
    event = {"event_name": "calls", "payload": payload, "identifier": identifier, "timestamp": at}
    call.create("/v1/billing/meter_events", event)


def cancel(call: Call, identifier: str) -> None:
    adjustment = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": identifier}}
    call.create("/v1/billing/meter_event_adjustments", adjustment)


def totals(call: Call, ada: str) -> list[int]:
    call.clock.advance(100 * DAY)
    return [each["subtotal"] for each in invoices(call, customer=ada) if each["subtotal"]]


def fates(call: Call, ada: str) -> dict[str, str]:
    """What becomes of each event: the place of its invoice among all, or the reason."""
    places = {each["id"]: f"invoice {place}" for place, each in enumerate(invoices(call, customer=ada), start=1)}
    found = {}
    for each in call.fake.explain_billing("calls", ada).events:
        back = f", back on {places[each.given_back]}" if each.given_back else ""
        found[each.identifier] = (places[each.invoice] if each.invoice else each.reason) + back
    return found


# Cancelled


def test_what_is_cancelled_after_a_threshold_with_reset_neither_frees_the_next_units_nor_is_given_back(
    call: Call,
) -> None:
    ada, _ = subscribed(call, **RESET)
    call.clock.advance(DAY)
    use(call, ada, 1000, "mistake")
    call.clock.advance(HOUR)
    cancel(call, "mistake")
    use(call, ada, 450, "good")
    assert totals(call, ada) == [1000, 450]
    assert fates(call, ada) == {"mistake": "invoice 1", "good": "invoice 2"}


def test_what_is_cancelled_after_a_threshold_without_reset_is_given_back_at_the_end_of_the_period(call: Call) -> None:
    ada, _ = subscribed(call, **NO_RESET)
    call.clock.advance(DAY)
    use(call, ada, 1000, "mistake")
    cancel(call, "mistake")
    use(call, ada, 450, "good")
    assert totals(call, ada) == [1000, -550]
    assert fates(call, ada) == {"mistake": "invoice 1, back on invoice 2", "good": "invoice 2"}


def test_a_threshold_counts_again_from_what_is_left_after_a_cancellation(call: Call) -> None:
    ada, _ = subscribed(call, **NO_RESET)
    use(call, ada, 1000, "mistake")
    cancel(call, "mistake")
    use(call, ada, 1499, "good")
    assert [each["total"] for each in invoices(call)] == [1000]
    use(call, ada, 1, "last")
    assert [each["total"] for each in invoices(call)] == [1000, 500]


def test_what_is_cancelled_after_an_act_does_not_change_what_follows(call: Call) -> None:
    ada, path = subscribed(call)
    use(call, ada, 1, "billed")
    call.create(path, {"billing_cycle_anchor": "now"})
    use(call, ada, 10, "next")
    cancel(call, "billed")
    use(call, ada, 100, "too")
    assert totals(call, ada) == [1, 110]


def test_a_draft_forgets_what_is_cancelled_and_a_finalized_invoice_does_not(call: Call) -> None:
    ada, _ = subscribed(call)
    call.clock.freeze(FEBRUARY - 60)
    for value, identifier in ((1, "kept"), (10, "in time"), (100, "too late")):
        use(call, ada, value, identifier)
    call.clock.freeze(FEBRUARY + 60)
    cancel(call, "in time")
    call.clock.freeze(FEBRUARY + HOUR)
    cancel(call, "too late")
    assert totals(call, ada) == [101]
    assert fates(call, ada) == {"kept": "invoice 1", "in time": "cancelled", "too late": "invoice 1"}
    [line] = call.fake.explain_invoice(invoices(call)[0]["id"]).lines
    assert {each.identifier: each.outcome for each in line.events} == {
        "kept": "billed",
        "in time": "cancelled",
        "too late": "billed",
    }


def test_what_a_replaced_price_has_counted_can_be_cancelled_until_it_is_replaced(call: Call) -> None:
    ada, path = subscribed(call)
    use(call, ada, 1, "kept")
    use(call, ada, 10, "in time")
    use(call, ada, 100, "too late")
    item = call.get(path).json["items"]["data"][0]["id"]
    cancel(call, "in time")
    call.create(path, {"items": [{"id": item, "price": licensed(call, 0)}]})
    cancel(call, "too late")
    assert fates(call, ada) == {"kept": "not billed yet", "in time": "cancelled", "too late": "not billed yet"}
    assert totals(call, ada) == [101]
    assert fates(call, ada) == {"kept": "invoice 1", "in time": "cancelled", "too late": "invoice 1"}


def test_a_correction_after_a_threshold_with_reset_lowers_what_follows(call: Call) -> None:
    ada, _ = subscribed(call, **RESET)
    use(call, ada, 1000, "one")
    use(call, ada, -50, "correction")
    use(call, ada, 450, "two")
    assert totals(call, ada) == [1000, 400]


def test_what_a_threshold_has_billed_is_given_back_even_if_nothing_else_happened_in_that_second(call: Call) -> None:
    ada, path = subscribed(call, **NO_RESET)
    use(call, ada, 1000, "mistake")
    cancel(call, "mistake")
    call.delete(path, {"invoice_now": True})
    assert totals(call, ada) == [1000, -1000]


# Overwritten


def test_what_overwrites_usage_that_an_act_has_billed_adds_the_difference(call: Call) -> None:
    ada, path = subscribed(call, window="hour")
    use(call, ada, 5, "first")
    call.create(path, {"billing_cycle_anchor": "now"})
    use(call, ada, 12, "second")
    assert totals(call, ada) == [5, 7]
    assert fates(call, ada) == {"first": "invoice 1", "second": "invoice 2"}


def test_what_overwrites_usage_that_a_threshold_has_billed_takes_its_place(call: Call) -> None:
    ada, _ = subscribed(call, window="hour", **NO_RESET)
    use(call, ada, 600, "first")
    use(call, ada, 700, "second")
    assert totals(call, ada) == [600, 100]
    assert fates(call, ada) == {"first": "invoice 1, back on invoice 2", "second": "invoice 2"}


def test_what_lies_before_a_subscription_overwrites_nothing_that_an_act_has_closed(call: Call) -> None:
    call.clock.advance(1800)
    ada, path = subscribed(call, window="hour")
    call.clock.advance(60)
    use(call, ada, 5, "within")
    use(call, ada, 12, "before", NEW_YEAR + 60)
    call.create(path, {"billing_cycle_anchor": "now"})
    assert totals(call, ada) == [5]
    assert fates(call, ada) == {"within": "invoice 1", "before": "before the subscription began"}


def test_the_last_value_of_each_stretch_is_billed(call: Call) -> None:
    ada, path = subscribed(call, formula="last")
    use(call, ada, 4, "first")
    use(call, ada, 5, "second")
    call.create(path, {"billing_cycle_anchor": "now"})
    use(call, ada, 7, "third")
    use(call, ada, 6, "fourth")
    assert totals(call, ada) == [5, 6]
    assert fates(call, ada) == {
        "first": "overwritten",
        "second": "invoice 1",
        "third": "overwritten",
        "fourth": "invoice 2",
    }


def test_a_count_is_shared_out_too(call: Call) -> None:
    ada, path = subscribed(call, formula="count")
    use(call, ada, 4, "first")
    use(call, ada, 5, "second")
    call.create(path, {"billing_cycle_anchor": "now"})
    use(call, ada, 7, "third")
    assert totals(call, ada) == [2, 1]


# Hidden by the lag


def test_what_the_lag_hides_from_an_invoice_that_is_finalized_at_once_is_never_billed(call: Call) -> None:
    ada, path = subscribed(call)
    use(call, ada, 1, "seen")
    call.fake.control.set_lag(30)
    use(call, ada, 10, "hidden")
    call.create(path, {"billing_cycle_anchor": "now"})
    use(call, ada, 100, "next")
    assert fates(call, ada) == {"seen": "invoice 1", "hidden": "after finalization", "next": "not visible yet"}
    assert totals(call, ada) == [1, 100]
    assert fates(call, ada) == {"seen": "invoice 1", "hidden": "after finalization", "next": "invoice 2"}


def test_what_the_lag_hides_from_the_draft_of_a_new_cycle_is_not_on_it_when_it_is_finalized(call: Call) -> None:
    ada, path = subscribed(call, collection_method="send_invoice", days_until_due=7)
    call.fake.control.set_lag(30)
    use(call, ada, 10, "hidden")
    call.create(path, {"billing_cycle_anchor": "now"})
    use(call, ada, 100, "next")
    assert totals(call, ada) == [100]
    assert fates(call, ada) == {"hidden": "after finalization", "next": "invoice 2"}


def test_hidden_usage_makes_an_invoice_and_that_of_others_does_not(call: Call) -> None:
    ada, path = subscribed(call, collection_method="send_invoice", days_until_due=7)
    bytes_used = {"event_name": "bytes", "payload": {"stripe_customer_id": ada, "value": 1}}
    meter(call, "bytes")
    call.fake.control.set_lag(30)
    use(call, customer(call), 1, "of another customer")
    call.create("/v1/billing/meter_events", bytes_used)
    call.create(path, {"billing_cycle_anchor": "now"})
    assert invoices(call, customer=ada) == []
    use(call, ada, 1, "hidden")
    call.create(path, {"billing_cycle_anchor": "now"})
    assert [each["status"] for each in invoices(call, customer=ada)] == ["draft"]


def test_a_cancellation_that_the_lag_hides_comes_too_late_as_well(call: Call) -> None:
    ada, path = subscribed(call)
    use(call, ada, 1, "one")
    call.fake.control.set_lag(30)
    cancel(call, "one")
    call.create(path, {"billing_cycle_anchor": "now"})
    assert totals(call, ada) == [1]
    assert fates(call, ada) == {"one": "invoice 1"}


# Explained


def test_an_open_period_and_a_draft_are_named(call: Call) -> None:
    ada, _ = subscribed(call)
    use(call, ada, 1, "one")
    assert fates(call, ada) == {"one": "not billed yet"}
    call.clock.freeze(FEBRUARY)
    use(call, ada, 2, "two")
    assert fates(call, ada) == {"one": "invoice 1", "two": "not billed yet"}


def test_each_subscription_and_each_item_bills_for_itself(call: Call) -> None:
    counter, ada = meter(call), customer(call)
    once, twice = metered(call, counter), metered(call, counter, unit_amount=2)
    both = subscribe(call, ada, once, twice)
    subscribe(call, ada, licensed(call))
    call.clock.advance(DAY)
    use(call, ada, 1, "one")
    call.clock.advance(DAY)
    later = subscribe(call, ada, once)
    found = [(each.subscription, each.price, each.reason) for each in call.fake.explain_billing("calls", ada).of("one")]
    assert found == [
        (both["id"], once, "not billed yet"),
        (both["id"], twice, "not billed yet"),
        (later["id"], None, "before the subscription began"),
    ]


def test_usage_of_a_customer_without_a_subscription_has_no_price(call: Call) -> None:
    meter(call)
    ada = customer(call)
    use(call, ada, 1, "one")
    [fate] = call.fake.explain_billing("calls", ada).events
    assert (fate.subscription, fate.invoice, fate.reason) == (None, None, "without a price")


def test_usage_without_a_price_is_named_for_each_subscription(call: Call) -> None:
    meter(call)
    ada = customer(call)
    use(call, ada, 1, "before")
    subscription = subscribe(call, ada, licensed(call))
    use(call, ada, 1, "within")
    found = [(each.subscription, each.reason) for each in call.fake.explain_billing("calls", ada).events]
    assert found == [
        (subscription["id"], "before the subscription began"),
        (subscription["id"], "without a price"),
    ]


def test_only_usage_of_that_customer_and_that_meter_is_explained(call: Call) -> None:
    ada, _ = subscribed(call)
    meter(call, "bytes")
    use(call, ada, 1, "one")
    use(call, customer(call), 1, "of another")
    call.fake.control.set_lag(30)
    call.create("/v1/billing/meter_events", {"event_name": "bytes", "payload": {"stripe_customer_id": ada, "value": 1}})
    use(call, ada, 1, "hidden")
    assert fates(call, ada) == {"one": "not billed yet", "hidden": "not visible yet"}


def test_a_subscription_that_ends_with_its_period_says_so(call: Call) -> None:
    ada, path = subscribed(call)
    call.create(path, {"cancel_at_period_end": True})
    call.clock.freeze(FEBRUARY - 60)
    use(call, ada, 1, "one")
    use(call, ada, 2, "after", FEBRUARY)
    assert fates(call, ada) == {"one": "not billed yet", "after": "after the subscription ended"}
    assert totals(call, ada) == [1]
    assert fates(call, ada) == {"one": "invoice 1", "after": "after the subscription ended"}


def test_a_subscription_whose_first_invoice_is_never_paid_bills_no_usage(call: Call) -> None:
    counter, ada = meter(call), customer(call)
    terms = {"payment_behavior": "default_incomplete"}
    subscribe(call, ada, licensed(call), metered(call, counter), **terms)
    use(call, ada, 1, "one")
    call.clock.advance(DAY)
    use(call, ada, 2, "two")
    assert fates(call, ada) == {"one": "ended without an invoice", "two": "after the subscription ended"}


def test_printed_it_is_a_table(call: Call) -> None:
    ada, _ = subscribed(call, **NO_RESET)
    use(call, ada, 1000, "mistake")
    cancel(call, "mistake")
    use(call, ada, 450, "good")
    call.clock.freeze(FEBRUARY)
    use(call, ada, 3, "early", NEW_YEAR - 1)
    first, second = (each["id"] for each in invoices(call))
    assert str(call.fake.explain_billing("calls", ada)).splitlines() == [
        f"calls of {ada}",
        "  2024-12-31T23:59:59Z         3  before the subscription began  [early]",
        f"  2025-01-01T00:00:00Z      1000  on {first}, given back on {second}  [mistake]",
        f"  2025-01-01T00:00:00Z       450  on {second}  [good]",
    ]


def test_an_unknown_meter_is_a_misuse(call: Call) -> None:
    ada, _ = subscribed(call)
    with pytest.raises(Misuse, match="unknown meter 'bytes'"):
        call.fake.explain_billing("bytes", ada)


def test_a_restored_world_bills_what_the_first_would_have(call: Call) -> None:
    ada, path = subscribed(call, **RESET)
    use(call, ada, 600, "one")
    use(call, ada, 30, "two")
    call.create(path, {"trial_end": call.clock.now() + DAY})
    use(call, ada, 5, "three")
    call.fake.restore(call.fake.snapshot())
    call.clock.advance(2 * DAY)
    use(call, ada, 7, "four")
    assert totals(call, ada) == [600, 30, 7]
    assert fates(call, ada)["three"] == "in a trial"
