"""What a change within a period closes, and what it leaves to what begins: within one second as over several."""

from collections.abc import Callable
from collections.abc import Iterator

import pytest

from fakestripe_meters import FakeStripe
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

EARLY, BEFORE, AHEAD, AFTER, LATE = 10_000, 1, 100, 10, 1_000
"""Used half a day before the act; just before it; before it, with a timestamp 100 s ahead; after it; after it, with a
timestamp before it."""
CLOSED = EARLY + BEFORE
TOO_LATE = "after its price was replaced or removed"
LEFT = AHEAD + AFTER + LATE


class Shop:
    """A customer who subscribes to calls, at a cent each, and to a seat that costs nothing."""

    def __init__(self, call: Call, gap: int) -> None:
        self.call, self.gap = call, gap
        self.meter = meter(call)
        self.seat, self.calls = licensed(call, 0), metered(call, self.meter)
        self.ada = customer(call)

    def begin(self, *, metered_too: bool = True, **terms: object) -> None:
        prices = [self.calls, self.seat] if metered_too else [self.seat]
        self.path = f"/v1/subscriptions/{subscribe(self.call, self.ada, *prices, **terms)['id']}"

    def use(self, value: int, shift: int = 0, event_name: str = "calls") -> None:
        payload = {"stripe_customer_id": self.ada, "value": value}
        at = self.call.clock.now() + shift
        event = {"event_name": event_name, "payload": payload, "identifier": f"of {value}", "timestamp": at}
        self.call.create("/v1/billing/meter_events", event)
        self.call.clock.advance(self.gap)

    def change(self, **terms: object) -> None:
        self.call.create(self.path, terms)
        self.call.clock.advance(self.gap)

    @property
    def item(self) -> str:
        """The item of the calls."""
        items = self.call.get(self.path).json["items"]["data"]
        found: str = next(each["id"] for each in items if each["price"]["id"] == self.calls)
        return found

    def usage_around(self, act: Callable[["Shop"], object]) -> None:
        self.call.clock.advance(DAY // 2)
        self.use(EARLY)
        self.call.clock.advance(DAY // 2)
        self.use(AHEAD, 100)
        self.use(BEFORE)
        act(self)
        self.use(AFTER)
        self.use(LATE, -100)

    @property
    def totals(self) -> list[int]:
        """Of all invoices that are not empty, after some cycles."""
        self.call.clock.advance(100 * DAY)
        return [each["total"] for each in invoices(self.call, customer=self.ada) if each["total"]]

    def reasons(self) -> dict[int, str]:
        """Why usage is not billed."""
        explained = self.call.fake.explain_billing("calls", self.ada).events
        return {int(each.value): each.reason for each in explained if each.reason}


@pytest.fixture(params=[0, 1], ids=["in one second", "a second apart"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Shop(Call(DOORS["engine"], fake), request.param)
        assert fake.engine.failures == []


def anchor_now(shop: Shop) -> None:
    shop.change(billing_cycle_anchor="now")


def test_an_anchor_of_now_bills_what_came_before_it_and_leaves_the_rest(shop: Shop) -> None:
    shop.begin()
    shop.usage_around(anchor_now)
    assert shop.totals == [CLOSED, LEFT]


def test_two_anchors_share_out_what_comes_between_them(shop: Shop) -> None:
    shop.begin()
    shop.usage_around(anchor_now)
    anchor_now(shop)
    assert shop.totals == [CLOSED, AFTER + LATE, AHEAD]


def test_another_interval_bills_what_came_before_it_and_leaves_the_rest_but_for_late_usage(shop: Shop) -> None:
    weekly, seat = metered(shop.call, shop.meter, interval="week"), licensed(shop.call, 0, interval="week")
    shop.begin()
    items = shop.call.get(shop.path).json["items"]["data"]
    change = [{"id": each["id"], "price": price} for each, price in zip(items, (weekly, seat), strict=True)]
    shop.usage_around(lambda shop: shop.change(items=change))
    assert shop.totals == [CLOSED + AHEAD + AFTER]
    assert shop.reasons() == {LATE: TOO_LATE}


def test_another_price_of_the_meter_bills_what_the_first_one_leaves_but_for_late_usage(shop: Shop) -> None:
    twice = metered(shop.call, shop.meter, unit_amount=2)
    shop.begin()
    shop.usage_around(lambda shop: shop.change(items=[{"id": shop.item, "price": twice}]))
    assert shop.totals == [CLOSED + 2 * (AHEAD + AFTER)]
    assert shop.reasons() == {LATE: TOO_LATE}


def test_it_does_not_matter_whether_a_price_is_replaced_or_removed_and_another_added(shop: Shop) -> None:
    twice = metered(shop.call, shop.meter, unit_amount=2)
    shop.begin()
    shop.usage_around(lambda shop: shop.change(items=[{"price": twice}, {"id": shop.item, "deleted": True}]))
    assert shop.totals == [CLOSED + 2 * (AHEAD + AFTER)]
    assert shop.reasons() == {LATE: TOO_LATE}


def test_a_price_of_another_meter_leaves_the_rest_to_none(shop: Shop) -> None:
    other = metered(shop.call, meter(shop.call, "bytes"))
    shop.begin()
    shop.use(7, event_name="bytes")
    shop.usage_around(lambda shop: shop.change(items=[{"id": shop.item, "price": other}]))
    shop.use(3, event_name="bytes")
    shop.use(5, -HOUR, event_name="bytes")
    assert shop.totals == [CLOSED + 3]
    assert shop.reasons() == {AHEAD: "without a price", AFTER: "without a price", LATE: TOO_LATE}


def test_an_item_that_is_removed_leaves_the_rest_to_none(shop: Shop) -> None:
    shop.begin()
    shop.usage_around(lambda shop: shop.call.delete(f"/v1/subscription_items/{shop.item}"))
    assert shop.totals == [CLOSED]
    assert shop.reasons() == {AHEAD: "without a price", AFTER: "without a price", LATE: TOO_LATE}


def test_an_item_that_is_added_counts_what_comes_after_it(shop: Shop) -> None:
    shop.begin(metered_too=False)
    shop.usage_around(lambda shop: shop.change(items=[{"price": shop.calls}]))
    assert shop.totals == [AHEAD + AFTER]
    assert shop.reasons() == dict.fromkeys((EARLY, BEFORE, LATE), "without a price")


def test_an_item_that_comes_back_does_not_count_what_was_used_without_it(shop: Shop) -> None:
    shop.begin()
    shop.use(1)
    shop.change(items=[{"id": shop.item, "deleted": True}])
    shop.use(10)
    shop.change(items=[{"price": shop.calls}])
    shop.use(100)
    assert shop.totals == [101]


def test_a_subscription_counts_what_comes_after_it(shop: Shop) -> None:
    shop.usage_around(lambda shop: shop.begin())
    assert shop.totals == [AHEAD + AFTER]
    assert shop.reasons() == dict.fromkeys((EARLY, BEFORE, LATE), "before the subscription began")


def test_late_usage_alone_is_enough_for_a_bill(shop: Shop) -> None:
    shop.begin()
    shop.call.clock.advance(DAY)
    anchor_now(shop)
    shop.use(LATE, -100)
    anchor_now(shop)
    assert shop.totals == [LATE]
    billed = [each for each in invoices(shop.call, customer=shop.ada) if each["total"]]
    assert billed[0]["created"] <= NEW_YEAR + DAY + 2


def test_of_several_prices_that_go_none_has_late_usage(shop: Shop) -> None:
    twice, thrice = (metered(shop.call, shop.meter, unit_amount=amount) for amount in (2, 3))
    shop.begin()
    shop.call.clock.advance(DAY)
    shop.change(items=[{"price": twice}])
    first, _, second = (each["id"] for each in shop.call.get(shop.path).json["items"]["data"])
    going = [{"id": each, "deleted": True} for each in (first, second)]
    shop.change(items=[*going, {"price": thrice}])
    shop.use(10, -DAY // 2)
    shop.use(1)
    assert (shop.totals, shop.reasons()) == ([3], {10: TOO_LATE})


def test_the_lines_of_a_threshold_show_the_whole_period(shop: Shop) -> None:
    shop.begin(billing_thresholds={"amount_gte": 500})
    shop.use(500)
    lines = invoices(shop.call)[-1]["lines"]["data"]
    assert [line["period"] for line in lines] == [{"start": NEW_YEAR, "end": FEBRUARY}]


@pytest.mark.parametrize("reset", [True, False])
def test_a_threshold_bills_what_came_before_it_and_leaves_the_rest(shop: Shop, reset: bool) -> None:
    shop.begin(billing_thresholds={"amount_gte": CLOSED, "reset_billing_cycle_anchor": reset})
    shop.usage_around(lambda _: None)
    assert shop.totals == [CLOSED, LEFT]


def test_a_trial_that_is_ended_frees_what_came_before_it_and_all_that_was_used_in_it(shop: Shop) -> None:
    shop.begin(trial_period_days=10)
    shop.usage_around(lambda shop: shop.change(trial_end="now"))
    assert shop.totals == [AHEAD + AFTER]
    assert shop.reasons() == dict.fromkeys((EARLY, BEFORE, LATE), "in a trial")


def test_a_trial_that_is_begun_bills_what_came_before_it(shop: Shop) -> None:
    shop.begin()
    shop.usage_around(lambda shop: shop.change(trial_end=shop.call.clock.now() + DAY))
    assert shop.totals == [CLOSED]
    assert shop.reasons() == dict.fromkeys((AHEAD, AFTER, LATE), "in a trial")


def test_a_cancellation_bills_what_came_before_it_and_the_rest_never(shop: Shop) -> None:
    shop.begin()
    shop.usage_around(lambda shop: shop.call.delete(shop.path, {"invoice_now": True}))
    assert shop.totals == [CLOSED]
    assert shop.reasons() == dict.fromkeys((AHEAD, AFTER, LATE), "after the subscription ended")


def test_a_cancellation_without_an_invoice_bills_nothing(shop: Shop) -> None:
    shop.begin()
    shop.usage_around(lambda shop: shop.call.delete(shop.path))
    assert shop.totals == []
    assert shop.reasons() == {
        EARLY: "ended without an invoice",
        BEFORE: "ended without an invoice",
        **dict.fromkeys((AHEAD, AFTER, LATE), "after the subscription ended"),
    }


def test_what_a_replaced_price_has_counted_waits_after_a_cancellation_without_an_invoice(shop: Shop) -> None:
    shop.begin()
    shop.use(1)
    shop.change(items=[{"id": shop.item, "deleted": True}])
    shop.call.delete(shop.path)
    assert (shop.totals, shop.reasons()) == ([], {1: "not billed yet"})


def test_a_trial_that_is_cancelled_frees_its_usage(shop: Shop) -> None:
    shop.begin(trial_period_days=10)
    shop.usage_around(lambda shop: shop.call.delete(shop.path, {"invoice_now": True}))
    assert shop.totals == []
    freed = dict.fromkeys((EARLY, BEFORE, LATE), "in a trial")
    assert shop.reasons() == freed | dict.fromkeys((AHEAD, AFTER), "after the subscription ended")


def test_a_threshold_with_reset_then_an_anchor_bill_everything_once(shop: Shop) -> None:
    shop.begin(billing_thresholds={"amount_gte": CLOSED, "reset_billing_cycle_anchor": True})
    shop.usage_around(anchor_now)
    assert shop.totals == [CLOSED, LEFT]


def test_a_threshold_without_reset_then_a_cancellation_bill_everything_once(shop: Shop) -> None:
    shop.begin(billing_thresholds={"amount_gte": EARLY})
    shop.usage_around(lambda shop: shop.call.delete(shop.path, {"invoice_now": True}))
    assert shop.totals == [EARLY, BEFORE]


def test_a_natural_edge_goes_by_the_timestamp_alone(shop: Shop) -> None:
    shop.begin()
    shop.call.clock.freeze(FEBRUARY - 1)
    shop.use(1)
    shop.use(10, FEBRUARY - shop.call.clock.now())
    shop.call.clock.freeze(FEBRUARY + 60)
    shop.use(100, FEBRUARY - 1 - shop.call.clock.now())
    shop.use(1_000, FEBRUARY - shop.call.clock.now())
    anchor_now(shop)
    shop.use(10_000, FEBRUARY - 1 - shop.call.clock.now())
    shop.use(100_000, FEBRUARY - shop.call.clock.now())
    shop.call.clock.advance(HOUR)
    shop.use(1_000_000, FEBRUARY - 1 - shop.call.clock.now())
    assert shop.totals == [10_101, 1_010, 100_000]
    assert shop.reasons() == {1_000_000: "after finalization"}


def test_usage_ahead_of_time_crosses_a_threshold_when_its_time_has_come(shop: Shop) -> None:
    shop.begin(billing_thresholds={"amount_gte": 500, "reset_billing_cycle_anchor": True})
    shop.use(600, 300)
    shop.call.clock.freeze(NEW_YEAR + 299)
    assert [each["total"] for each in invoices(shop.call)] == [0]
    shop.call.clock.freeze(NEW_YEAR + 300)
    issued = invoices(shop.call)[1]
    assert (issued["billing_reason"], issued["total"]) == ("subscription_threshold", 600)
    assert issued["created"] == NEW_YEAR + 300


def test_usage_ahead_of_time_crosses_no_threshold_of_a_subscription_that_has_ended(shop: Shop) -> None:
    shop.begin(billing_thresholds={"amount_gte": 500})
    shop.use(600, 300)
    shop.call.delete(shop.path)
    assert shop.totals == []


def test_a_second_of_changes_bills_each_use_under_the_price_of_its_time(shop: Shop) -> None:
    twice = metered(shop.call, shop.meter, unit_amount=2)
    shop.begin()
    item = shop.item
    for value, price in ((1, twice), (10, shop.calls), (100, twice)):
        shop.use(value)
        shop.change(items=[{"id": item, "price": price}])
    shop.use(1_000)
    [cycle] = [each for each in _after_a_month(shop) if each["total"]]
    lines = [line for line in cycle["lines"]["data"] if line["amount"]]
    assert sorted(line["amount"] for line in lines) == [1, 20, 100, 2_000]
    assert len({line["id"] for line in cycle["lines"]["data"]}) == len(cycle["lines"]["data"])
    explained = [line for line in shop.call.fake.explain_invoice(cycle["id"]).lines if line.amount]
    assert sorted((line.amount, [int(event.value) for event in line.events]) for line in explained) == [
        (1, [1]),
        (20, [10]),
        (100, [100]),
        (2_000, [1_000]),
    ]


def _after_a_month(shop: Shop) -> list[Tree]:
    shop.call.clock.freeze(FEBRUARY + 2 * HOUR)
    return invoices(shop.call, customer=shop.ada)
