"""How long a test waits for its invoices: months and years of subscriptions, and a preview over 1,000,000 events.

python -m benchmarks.invoices
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from resource import getpagesize
from time import perf_counter

from benchmarks import bars
from benchmarks.business import CUSTOMERS
from benchmarks.business import DAY_S
from benchmarks.business import EVENTS
from benchmarks.business import START
from benchmarks.business import Business
from benchmarks.business import Usage
from benchmarks.business import event_of
from benchmarks.business import form
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import Work
from benchmarks.figures import compare
from benchmarks.figures import compare_prepared
from benchmarks.figures import show
from fakestripe_meters import Progress

TARGET = START + (31 + 365) * DAY_S + 2 * DAY_S
MONTHS = 13
CLOCKS = "/v1/test_helpers/test_clocks"
USAGE = "/v1/billing/analytics/meter_usage"
PAGE_SIZE = getpagesize()


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    yield from thirteen_months(size)
    yield from paid_by_card(size)
    yield from daily(size)
    yield from preview(size)


def thirteen_months(size: Size) -> Iterator[Figure]:
    """All subscriptions moved by thirteen months at once, on either clock."""
    subscriptions = size.pick(100, 5)
    done: list[Business] = []

    def account_clock() -> Work:
        done.append(subscribed(subscriptions))
        return partial(done[-1].fake.clock.advance, TARGET - START)

    def test_clock() -> Work:
        done.append(business := Business(relaxed=True))
        clock = business.post(CLOCKS, {"frozen_time": START})["id"]
        subscribe(business, subscriptions, test_clock=clock)
        return partial(business.post, f"{CLOCKS}/{clock}/advance", {"frozen_time": TARGET})

    took = compare_prepared({"account": account_clock, "test": test_clock}, rounds=size.pick(3, 1))
    for business in done:
        assert paid(business) == subscriptions * MONTHS
    yield bars.ADVANCE.measured(took["account"] / 1e6)
    yield bars.ADVANCE_TEST_CLOCK.measured(took["test"] / 1e6)


def paid_by_card(size: Size) -> Iterator[Figure]:
    """The same, where each customer has a card; and where each subscription also has a coupon and a tax rate."""
    subscriptions = size.pick(100, 5)
    done: list[Business] = []

    def moved(*, card: bool, lowered: bool) -> Work:
        done.append(business := Business(relaxed=True))
        terms: dict[str, object] = {}
        if lowered:
            coupon = business.post("/v1/coupons", {"percent_off": 10, "duration": "forever"})["id"]
            rate = {"display_name": "VAT", "inclusive": "false", "percentage": 19}
            rate_id = business.post("/v1/tax_rates", rate)["id"]
            terms = {"discounts": [{"coupon": coupon}], "default_tax_rates": [rate_id]}
        subscribe(business, subscriptions, **({"payment_method": "pm_card_visa"} if card else {}), terms=terms)
        return partial(business.fake.clock.advance, TARGET - START)

    contenders: dict[str, Callable[[], Work]] = {
        "none": partial(moved, card=False, lowered=False),
        "card": partial(moved, card=True, lowered=False),
        "lowered": partial(moved, card=True, lowered=True),
    }
    took = compare_prepared(contenders, rounds=size.pick(3, 1))
    for business in done:
        assert paid(business) == subscriptions * MONTHS
    yield bars.ADVANCE_WITH_CARDS.ratio(took["card"], took["none"])
    yield bars.ADVANCE_WITH_DISCOUNTS.ratio(took["lowered"], took["none"])


def daily(size: Size) -> Iterator[Figure]:
    """A year of subscriptions that are renewed every day, and ten years of fewer ones."""
    subscriptions, days = size.pick(100, 5), size.pick(365, 3)
    cycles = subscriptions * days
    told: list[Progress] = []
    business = Business(relaxed=True)
    renew(business, subscriptions)
    business.fake.clock.advance(31 * DAY_S)  # from then on, as many events are dropped as are published
    before = resident_bytes()
    took = seconds(partial(business.fake.clock.advance, days * DAY_S, progress=told.append))
    assert told[-1].done == told[-1].total >= cycles
    yield bars.YEAR.measured(took, f"told {len(told)} times")
    yield bars.CYCLE.measured(took / cycles * 1e3)
    yield bars.CYCLE_MEMORY.measured((resident_bytes() - before) / cycles / 1_000)
    yield bars.YEAR_TEST_CLOCK.measured(on_test_clock(subscriptions, days))
    yield in_the_tenth_year(size.pick(10, 1), days)


def on_test_clock(subscriptions: int, days: int) -> float:
    """How many seconds such a year takes on a test clock."""
    business = Business(relaxed=True)
    clock = business.post(CLOCKS, {"frozen_time": START})["id"]
    renew(business, subscriptions, test_clock=clock)
    target = {"frozen_time": START + days * DAY_S}
    return seconds(partial(business.post, f"{CLOCKS}/{clock}/advance", target))


def in_the_tenth_year(subscriptions: int, days: int) -> Figure:
    """How much longer a cycle takes after nine years."""
    business = Business(relaxed=True)
    renew(business, subscriptions)
    took = [seconds(partial(business.fake.clock.advance, days * DAY_S)) * 1e6 for _ in range(10)]
    cycles = subscriptions * days
    return bars.CYCLE_GROWTH.ratio(took[-1] / cycles, took[0] / cycles)


def renew(business: Business, subscriptions: int, **customers: str) -> None:
    """So many customers, each with a subscription that is renewed every day for ten dollars."""
    recurring = {"interval": "day"}
    price = {"currency": "usd", "unit_amount": 1_000, "product_data": {"name": "Seat"}, "recurring": recurring}
    made = business.post("/v1/prices", price)["id"]
    for _ in range(subscriptions):
        customer = business.post(CUSTOMERS, customers)["id"]
        business.post("/v1/subscriptions", {"customer": customer, "items": [{"price": made}]})


def seconds(work: Work) -> float:
    """How long work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def resident_bytes() -> int:
    """How much memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_SIZE


def subscribed(subscriptions: int) -> Business:
    """A business with so many subscriptions."""
    business = Business(relaxed=True)
    subscribe(business, subscriptions)
    return business


def subscribe(
    business: Business,
    subscriptions: int,
    *,
    terms: Mapping[str, object] | None = None,
    payment_method: str | None = None,
    **customers: str,
) -> None:
    """So many customers, each with a subscription and some usage; the payment method is the default, if given."""
    if payment_method is not None:
        customers |= {"payment_method": payment_method}
    for _ in range(subscriptions):
        customer = business.post(CUSTOMERS, customers)["id"]
        if payment_method is not None:
            methods = business.get("/v1/payment_methods", {"customer": customer})["data"]
            settings = {"default_payment_method": methods[0]["id"]}
            business.post(f"{CUSTOMERS}/{customer}", {"invoice_settings": settings})
        business.subscribe(customer, **(terms or {}))
        event = event_of(customer)
        event["payload"]["value"] = 1031
        business.post(EVENTS, event)


def paid(business: Business) -> int:
    """How many invoices were paid."""
    count, page = 0, {"limit": 100, "status": "paid"}
    while found := business.get("/v1/invoices", page)["data"]:
        count += len(found)
        page["starting_after"] = found[-1]["id"]
    return count


def preview(size: Size) -> Iterator[Figure]:
    """A preview, and two analytics queries over the same usage."""
    events = size.pick(1_000_000, 10_000)
    business = Business()
    subscription = business.subscribe(business.customer)
    business.use(Usage(business.meter, START + number % (30 * DAY_S), 1, ("large",)) for number in range(events))
    usage = {"customer": business.customer, "starts_at": START, "ends_at": START + 31 * DAY_S}
    single = form({**usage, "meters": [{"meter": business.meter}]})
    asked = {"meter": business.meter, "dimension_group_by_keys": ["model"], "dimension_filters": {"model": "large"}}
    daily = form({**usage, "meters": [asked], "timezone": "America/New_York", "value_grouping_window": "day"})
    wanted = {"subscription": subscription}
    lines = business.post("/v1/invoices/create_preview", wanted)["lines"]["data"]
    assert lines[0]["quantity"] + lines[2]["quantity"] == events
    contenders: dict[str, Work] = {
        "preview": partial(business.ask, "POST", "/v1/invoices/create_preview", body=form(wanted).encode()),
        "daily": partial(business.ask, "GET", USAGE, query=daily),
        "single": partial(business.ask, "GET", USAGE, query=single),
    }
    took = compare(contenders, rounds=size.pick(50, 3))
    yield bars.PREVIEW.ratio(took["preview"], took["daily"])
    yield bars.PREVIEW_TO_ONE.ratio(took["preview"], took["single"])


if __name__ == "__main__":
    show(measure)
