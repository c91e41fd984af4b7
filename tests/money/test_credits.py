"""Billing credits on invoices: which lines they pay for, which grants come first, and what is booked when."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters.fake import FakeStripe
from tests.conftest import DOORS
from tests.conftest import Call

GRANTS = "/v1/billing/credit_grants"
TRANSACTIONS = "/v1/billing/credit_balance_transactions"
INVOICES = "/v1/invoices"
CLOCKS = "/v1/test_helpers/test_clocks"
NEW_YEAR = 1_735_689_600
FEBRUARY = 1_738_368_000
MINUTE = 60
HOUR = 3_600
DAY = 86_400
LEAST = 50
"""The least that can be charged, in cents: less goes onto the customer's balance."""


def customer(call: Call, **params: Any) -> str:  # noqa: ANN401  a parameter of any kind
    created: str = call.create("/v1/customers", params)["id"]
    return created


def metered_price(call: Call, name: str = "calls", **more: Any) -> str:  # noqa: ANN401  likewise
    """A price of ten cents a unit of a meter of its own, unless said otherwise."""
    meter = {"display_name": name, "event_name": name, "default_aggregation": {"formula": "sum"}}
    recurring = {"interval": "month", "usage_type": "metered", "meter": call.create("/v1/billing/meters", meter)["id"]}
    params = {"currency": "usd", "product_data": {"name": name}, "recurring": recurring}
    created: str = call.create("/v1/prices", params | (more or {"unit_amount": 10}))["id"]
    return created


def subscribe(call: Call, whose: str, *prices: str, **more: Any) -> str:  # noqa: ANN401  likewise
    params = {"customer": whose, "items": [{"price": price} for price in prices]}
    created: str = call.create("/v1/subscriptions", params | more)["id"]
    return created


def use(call: Call, whose: str, units: int, name: str = "calls", **more: Any) -> None:  # noqa: ANN401  likewise
    payload = {"stripe_customer_id": whose, "value": units}
    call.create("/v1/billing/meter_events", {"event_name": name, "payload": payload} | more)


def grant(call: Call, whose: str, value: int, *prices: str, currency: str = "usd", **more: Any) -> str:  # noqa: ANN401  likewise
    scope: dict[str, Any] = {"prices": [{"id": price} for price in prices]} if prices else {"price_type": "metered"}
    params = {
        "amount": {"type": "monetary", "monetary": {"currency": currency, "value": value}},
        "applicability_config": {"scope": scope},
        "customer": whose,
    }
    created: str = call.create(GRANTS, params | more)["id"]
    return created


def invoice(call: Call, whose: str) -> dict[str, Any]:
    """A customer's only invoice."""
    [found] = call.get(INVOICES, {"customer": whose}).json["data"]
    only: dict[str, Any] = found
    return only


def balance(call: Call, whose: str, grant_id: str) -> int:
    params = {"customer": whose, "filter": {"type": "credit_grant", "credit_grant": grant_id}}
    [found] = call.get("/v1/billing/credit_balance_summary", params).json["balances"]
    booked: int = found["ledger_balance"]["monetary"]["value"]
    return booked


def bookings(call: Call, **wanted: str) -> list[tuple[str, str, int]]:
    """Transactions, oldest first: of which grant, of which kind, how much."""
    found = call.get(TRANSACTIONS, {"limit": 100, **wanted}).json["data"]
    return [_booking(each) for each in reversed(found)]


def _booking(transaction: dict[str, Any]) -> tuple[str, str, int]:
    side = transaction["credit"] or transaction["debit"]
    return transaction["credit_grant"], side["type"], side["amount"]["monetary"]["value"]


def credited(tree: dict[str, Any]) -> list[int]:
    """What credits pay of each line."""
    return [sum(each["amount"] for each in line["pretax_credit_amounts"]) for line in tree["lines"]["data"]]


def sums(tree: dict[str, Any]) -> tuple[int, int, int]:
    return tree["subtotal"], tree["total"], tree["amount_due"]


# Before anything is booked


def test_a_preview_and_a_draft_show_what_credits_would_pay(call: Call) -> None:
    ann = customer(call)
    made = subscribe(call, ann, metered_price(call))
    given_ = grant(call, ann, 300)
    use(call, ann, 100)
    call.clock.advance(DAY)
    preview = call.create(f"{INVOICES}/create_preview", {"subscription": made})
    assert (sums(preview), credited(preview)) == ((1000, 700, 700), [300])
    call.clock.freeze(FEBRUARY)
    draft = invoice(call, ann)
    assert (draft["status"], sums(draft), credited(draft)) == ("draft", (1000, 700, 700), [300])
    for shown in (preview, draft):
        [line] = shown["lines"]["data"]
        tentative = {"amount": 300, "credit_balance_transaction": None}
        assert line["amount"] == 1000
        assert line["pretax_credit_amounts"] == [tentative | {"type": "credit_balance_transaction"}]
        assert shown["total_pretax_credit_amounts"] == line["pretax_credit_amounts"]
    assert balance(call, ann, given_) == 300
    assert bookings(call) == [(given_, "credits_granted", 300)]


def test_a_draft_follows_the_grants(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call))
    given_ = grant(call, ann, 300)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY)
    grant(call, ann, 50, effective_at=FEBRUARY)
    grant(call, ann, 500, effective_at=FEBRUARY + 1)
    assert sums(invoice(call, ann)) == (1000, 650, 650)
    call.create(f"{GRANTS}/{given_}/void")
    assert sums(invoice(call, ann)) == (1000, 950, 950)


def test_a_preview_does_not_count_on_what_will_be_over_or_not_yet_be_by_the_end_of_the_period(call: Call) -> None:
    ann = customer(call)
    made = subscribe(call, ann, metered_price(call))
    grant(call, ann, 1, expires_at=FEBRUARY)
    grant(call, ann, 10, expires_at=FEBRUARY + 1)
    grant(call, ann, 100, effective_at=FEBRUARY)
    grant(call, ann, 500, effective_at=FEBRUARY + 1)
    use(call, ann, 100)
    assert credited(call.create(f"{INVOICES}/create_preview", {"subscription": made})) == [110]


def test_a_draft_that_is_deleted_with_nothing_booked_leaves_the_credits(call: Call) -> None:
    ann = customer(call)
    given_ = grant(call, ann, 300)
    draft = call.create(INVOICES, {"customer": ann})["id"]
    assert call.delete(f"{INVOICES}/{draft}").status == 200
    assert balance(call, ann, given_) == 300


# Finalization


def test_finalization_books_a_debit_for_each_line_and_grant(call: Call) -> None:
    ann = customer(call)
    tiers = [{"up_to": 50, "unit_amount": 10}, {"up_to": "inf", "unit_amount": 5}]
    subscribe(call, ann, metered_price(call, billing_scheme="tiered", tiers_mode="graduated", tiers=tiers))
    first, second = grant(call, ann, 300), grant(call, ann, 350)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    paid = invoice(call, ann)
    assert (paid["status"], sums(paid), credited(paid)) == ("paid", (750, 100, 100), [500, 150])
    draws = [(first, 300), (second, 200), (second, 150)]
    assert bookings(call)[2:] == [(each, "credits_applied", amount) for each, amount in draws]
    found = call.get(TRANSACTIONS).json["data"][2::-1]
    one, two = paid["lines"]["data"]
    assert [each["debit"]["credits_applied"] for each in found] == [
        {"invoice": paid["id"], "invoice_line_item": line["id"]} for line in (one, one, two)
    ]
    assert {each["created"] for each in found} == {FEBRUARY + HOUR}
    amounts = [*one["pretax_credit_amounts"], *two["pretax_credit_amounts"]]
    assert [each["credit_balance_transaction"] for each in amounts] == [each["id"] for each in found]
    assert paid["total_pretax_credit_amounts"] == amounts
    assert (balance(call, ann, first), balance(call, ann, second)) == (0, 0)
    told = call.get("/v1/events", {"type": "billing.credit_balance_transaction.created"}).json["data"]
    assert [each["data"]["object"] for each in told][2::-1] == found


def test_the_invoice_of_a_debit_can_be_expanded(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call))
    grant(call, ann, 300)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    expand = ["data.debit.credits_applied.invoice"]
    debit = call.get(TRANSACTIONS, {"expand": expand}).json["data"][0]["debit"]
    assert debit["credits_applied"]["invoice"]["object"] == "invoice"


def test_what_credits_pay_for_in_full_is_paid_at_once(call: Call) -> None:
    ann = customer(call, payment_method="pm_card_chargeCustomerFail")
    subscribe(call, ann, metered_price(call))
    given_ = grant(call, ann, 5000)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    paid = invoice(call, ann)
    assert (paid["status"], sums(paid)) == ("paid", (1000, 0, 0))
    assert balance(call, ann, given_) == 4000


def test_what_is_left_pays_for_the_next_period(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call))
    given_ = grant(call, ann, 1500)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + 28 * DAY + HOUR)
    march, february = call.get(INVOICES, {"customer": ann}).json["data"]
    assert (sums(february), sums(march)) == ((1000, 0, 0), (1000, 500, 500))
    assert balance(call, ann, given_) == 0


def test_the_customers_balance_comes_after_credits(call: Call) -> None:
    ann = customer(call, balance=-500)
    subscribe(call, ann, metered_price(call))
    grant(call, ann, 300)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    paid = invoice(call, ann)
    assert sums(paid) == (1000, 700, 200)
    assert (paid["starting_balance"], paid["ending_balance"]) == (-500, 0)


def test_credits_of_a_customer_on_a_test_clock_pay_in_its_time(call: Call) -> None:
    clock = call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
    ann = customer(call, test_clock=clock)
    subscribe(call, ann, metered_price(call))
    given_ = grant(call, ann, 300, expires_at=FEBRUARY + 2 * HOUR)
    use(call, ann, 100)
    call.create(f"{CLOCKS}/{clock}/advance", {"frozen_time": FEBRUARY + 3 * HOUR})
    paid = invoice(call, ann)
    assert (paid["status"], sums(paid)) == ("paid", (1000, 700, 700))
    assert bookings(call)[1:] == [(given_, "credits_applied", 300)]
    assert call.get(TRANSACTIONS).json["data"][0]["created"] == FEBRUARY + HOUR
    assert call.get(TRANSACTIONS).json["data"][0]["test_clock"] == clock


# What they pay for


def test_quantities_and_added_items_are_not_paid_with_credits(call: Call) -> None:
    ann = customer(call)
    seat = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Seat"}, "recurring": {"interval": "month"}}
    subscribe(call, ann, call.create("/v1/prices", seat)["id"], metered_price(call))
    grant(call, ann, 5000)
    use(call, ann, 10)
    call.create("/v1/invoiceitems", {"customer": ann, "amount": 60, "currency": "usd"})
    call.clock.freeze(FEBRUARY + HOUR)
    cycle = call.get(INVOICES, {"customer": ann}).json["data"][0]
    amounts = {line["amount"]: paid for line, paid in zip(cycle["lines"]["data"], credited(cycle), strict=True)}
    assert amounts == {700: 0, 60: 0, 100: 100}
    assert sums(cycle) == (860, 760, 760)


def test_a_scope_of_prices_pays_for_these_alone(call: Call) -> None:
    ann = customer(call)
    calls, bytes_ = metered_price(call), metered_price(call, "bytes")
    subscribe(call, ann, calls, bytes_)
    given_ = grant(call, ann, 5000, bytes_)
    use(call, ann, 10)
    use(call, ann, 20, "bytes")
    call.clock.freeze(FEBRUARY + HOUR)
    assert (sums(invoice(call, ann)), credited(invoice(call, ann))) == ((300, 100, 100), [0, 200])
    assert balance(call, ann, given_) == 4800


def test_the_first_lines_are_paid_for_first(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call), metered_price(call, "bytes"))
    grant(call, ann, 150)
    use(call, ann, 10)
    use(call, ann, 20, "bytes")
    call.clock.freeze(FEBRUARY + HOUR)
    assert credited(invoice(call, ann)) == [100, 50]


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "eur"},
        {"effective_at": FEBRUARY + 1},
        {"expires_at": FEBRUARY},
        {"expires_at": NEW_YEAR + DAY},
        {"expires_at": FEBRUARY + 30 * MINUTE},
    ],
)
def test_credits_of_another_currency_or_time_pay_for_nothing(call: Call, change: dict[str, Any]) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call))
    grant(call, ann, 300, **change)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    assert (sums(invoice(call, ann)), credited(invoice(call, ann))) == ((1000, 1000, 1000), [0])


@pytest.mark.parametrize("change", [{"effective_at": FEBRUARY}, {"expires_at": FEBRUARY + 2 * HOUR}])
def test_the_end_of_the_invoices_period_decides(call: Call, change: dict[str, Any]) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call))
    grant(call, ann, 300, **change)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    assert sums(invoice(call, ann)) == (1000, 700, 700)


def test_credits_of_another_customer_pay_for_nothing(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    subscribe(call, ann, metered_price(call))
    grant(call, bob, 300)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    assert sums(invoice(call, ann)) == (1000, 1000, 1000)


# Which come first

ORDERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"priority": 49}, {"expires_at": FEBRUARY + DAY}),
    ({"expires_at": FEBRUARY + DAY}, {"expires_at": FEBRUARY + 2 * DAY, "category": "promotional"}),
    ({"expires_at": FEBRUARY + DAY}, {"category": "promotional"}),
    ({"category": "promotional"}, {"category": "paid", "effective_at": NEW_YEAR - DAY}),
    ({"effective_at": NEW_YEAR - DAY}, {"effective_at": NEW_YEAR}),
]


@pytest.mark.parametrize(("sooner", "later"), ORDERS)
@pytest.mark.parametrize("swapped", [False, True])
def test_priority_then_expiry_then_category_then_effectiveness_decides(
    call: Call, sooner: dict[str, Any], later: dict[str, Any], *, swapped: bool
) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call))
    for more in (later, sooner) if swapped else (sooner, later):
        grant(call, ann, 700, **more, metadata={"first": str(more is sooner)})
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    left = {each["metadata"]["first"]: balance(call, ann, each["id"]) for each in call.get(GRANTS).json["data"]}
    assert left == {"True": 0, "False": 400}


def test_of_equals_the_elder_comes_first(call: Call) -> None:
    ann = customer(call)
    subscribe(call, ann, metered_price(call))
    elder, younger = grant(call, ann, 700), grant(call, ann, 700)
    use(call, ann, 100)
    call.clock.freeze(FEBRUARY + HOUR)
    assert (balance(call, ann, elder), balance(call, ann, younger)) == (0, 400)


# Void


def sent(call: Call, whose: str, *, worth: int = 300, units: int = 100, **more: Any) -> tuple[dict[str, Any], str]:  # noqa: ANN401  a parameter of any kind
    """An open invoice that a grant has paid a part of."""
    subscribe(call, whose, metered_price(call), collection_method="send_invoice", days_until_due=30)
    given_ = grant(call, whose, worth, **more)
    use(call, whose, units)
    call.clock.freeze(FEBRUARY + HOUR)
    return invoice(call, whose), given_


def test_voiding_an_invoice_gives_its_credits_back(call: Call) -> None:
    ann = customer(call)
    opened, given_ = sent(call, ann)
    assert (opened["status"], balance(call, ann, given_)) == ("open", 0)
    void = call.create(f"{INVOICES}/{opened['id']}/void")
    assert (void["status"], sums(void)) == ("void", (1000, 700, 700))
    assert bookings(call)[1:] == [
        (given_, "credits_applied", 300),
        (given_, "credits_application_invoice_voided", 300),
    ]
    latest = call.get(TRANSACTIONS).json["data"][0]
    line = opened["lines"]["data"][0]["id"]
    about = {"invoice": opened["id"], "invoice_line_item": line}
    assert (latest["type"], latest["debit"]) == ("credit", None)
    assert latest["credit"]["credits_application_invoice_voided"] == about
    assert balance(call, ann, given_) == 300


def test_what_is_given_back_after_its_expiry_expires_at_once(call: Call) -> None:
    ann = customer(call)
    opened, given_ = sent(call, ann, expires_at=FEBRUARY + DAY)
    call.clock.freeze(FEBRUARY + 2 * DAY)
    call.create(f"{INVOICES}/{opened['id']}/void")
    assert [kind for _, kind, _ in bookings(call)[1:]] == [
        "credits_applied",
        "credits_application_invoice_voided",
        "credits_expired",
    ]
    assert balance(call, ann, given_) == 0


@pytest.mark.parametrize("void", [False, True])
def test_what_was_ever_applied_cannot_be_voided(call: Call, *, void: bool) -> None:
    ann = customer(call)
    opened, given_ = sent(call, ann, worth=5000, units=1000)
    if void:
        call.create(f"{INVOICES}/{opened['id']}/void")
    before = bookings(call)
    answer = call.post(f"{GRANTS}/{given_}/void")
    assert answer.status == 400
    assert "applied" in answer.error["message"]
    assert call.get(f"{GRANTS}/{given_}").json["voided_at"] is None
    assert bookings(call) == before


def test_what_was_applied_can_still_be_let_expire(call: Call) -> None:
    ann = customer(call)
    _, given_ = sent(call, ann, worth=5000)
    call.create(f"{GRANTS}/{given_}/expire")
    assert bookings(call)[-1] == (given_, "credits_expired", 4000)


def test_a_snapshot_carries_a_draft_with_its_credits_and_what_was_drawn(call: Call) -> None:
    ann = customer(call)
    opened, given_ = sent(call, ann)
    call.fake.restore(call.fake.snapshot())
    assert invoice(call, ann) == opened
    call.create(f"{INVOICES}/{opened['id']}/void")
    assert balance(call, ann, given_) == 300


# The whole of it, against a calculation that knows nothing of the code


@dataclass(frozen=True)
class Given:
    """A grant as a test draws it."""

    value: int
    priority: int
    category: str
    effective_at: int
    expires_at: int | None
    scoped: bool
    """Whether it pays for the tiered price only."""


@dataclass(frozen=True)
class Month:
    """What happens in January, and what each unit costs, in hundredths of a cent."""

    usage: dict[str, list[tuple[int, int]]]
    """By meter: when, and how many units."""
    tiers: tuple[tuple[int | None, int], ...]
    flat: int
    grants: tuple[Given, Given]


INSTANTS = st.integers(NEW_YEAR, FEBRUARY + 2 * DAY)
USAGE = st.lists(st.tuples(INSTANTS, st.integers(-20, 120)), min_size=1, max_size=4)
LASTING = [None, FEBRUARY + 2 * HOUR, FEBRUARY + 20 * DAY]
OVER = [NEW_YEAR + 20 * DAY, FEBRUARY, FEBRUARY + 1]
GIVEN = st.builds(
    Given,
    value=st.integers(1, 900),
    priority=st.sampled_from([50, 50, 50, 49]),
    category=st.sampled_from(["paid", "promotional"]),
    effective_at=st.sampled_from([NEW_YEAR, NEW_YEAR, NEW_YEAR - DAY, FEBRUARY, FEBRUARY + 1]),
    expires_at=st.sampled_from([None, None, *LASTING, *OVER]),
    scoped=st.booleans(),
).filter(lambda each: each.expires_at is None or each.expires_at > each.effective_at)
MONTHS = st.builds(
    Month,
    usage=st.fixed_dictionaries({"calls": USAGE, "bytes": USAGE}),
    tiers=st.builds(
        lambda bounds, prices: tuple(zip([*sorted(bounds), None], prices, strict=False)),
        st.sets(st.integers(1, 150), min_size=2, max_size=2),
        st.tuples(*[st.integers(0, 999)] * 3),
    ),
    flat=st.integers(0, 200),
    grants=st.tuples(GIVEN, GIVEN),
)


def rounded(hundredths: int) -> int:
    """Cents, half a cent up."""
    return math.floor(Fraction(hundredths, 100) + Fraction(1, 2))


def expected_lines(month: Month) -> list[tuple[str, int]]:
    """Unit by unit: each line's meter and its amount; first `calls` in tiers, then `bytes` at 1.5 cents."""
    in_january = {
        meter: max(0, sum(units for at, units in usage if at < FEBRUARY)) for meter, usage in month.usage.items()
    }
    by_tier: Counter[int] = Counter()
    reached = {0}
    for unit in range(1, in_january["calls"] + 1):
        tier = next(index for index, (top, _) in enumerate(month.tiers) if top is None or unit <= top)
        by_tier[tier] += month.tiers[tier][1]
        reached.add(tier)
    lines = []
    for tier in sorted(reached):
        lines.append(("calls", rounded(by_tier[tier])))
        if tier == 0:
            lines.append(("calls", month.flat))
    return [*lines, ("bytes", rounded(150 * in_january["bytes"]))]


def expected_draws(month: Month, lines: list[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Cent by cent: for each cent that a credit pays, the line and the grant it comes from, by number."""
    left = [each.value for each in month.grants]

    def first(number: int) -> tuple[int, float, bool, int, int]:
        each = month.grants[number]
        expires_at = math.inf if each.expires_at is None else each.expires_at
        return each.priority, expires_at, each.category == "paid", each.effective_at, number

    def alive(number: int) -> bool:
        each = month.grants[number]
        lasts = each.expires_at is None or each.expires_at > FEBRUARY + HOUR
        return lasts and each.effective_at <= FEBRUARY and left[number] > 0

    for line, (meter, amount) in enumerate(lines):
        for _ in range(amount):
            able = [
                number
                for number, each in enumerate(month.grants)
                if alive(number) and (meter == "calls" or not each.scoped)
            ]
            if able:
                number = min(able, key=first)
                left[number] -= 1
                yield line, number


def run(month: Month, order: list[int]) -> tuple[Call, str, list[str]]:
    """Run the month on a new fake, with the events in that order; return the call, the customer and the grants."""
    call = Call(DOORS["engine"], FakeStripe(now=NEW_YEAR, limits="off", seed=1))
    ann = customer(call)
    bounds = [(top or "inf", price) for top, price in month.tiers]
    tiers = [{"up_to": top, "unit_amount_decimal": f"{price / 100:.2f}"} for top, price in bounds]
    tiers[0]["flat_amount"] = month.flat
    calls = metered_price(call, billing_scheme="tiered", tiers_mode="graduated", tiers=tiers)
    subscribe(call, ann, calls, metered_price(call, "bytes", unit_amount_decimal="1.5"))
    grants = [
        grant(
            call,
            ann,
            each.value,
            *([calls] if each.scoped else []),
            priority=each.priority,
            category=each.category,
            effective_at=each.effective_at,
            expires_at=each.expires_at,
        )
        for each in month.grants
    ]
    events = [(meter, at, units) for meter, usage in month.usage.items() for at, units in usage]
    arriving = [events[number] for number in order]
    call.clock.freeze(FEBRUARY - 1)
    for meter, at, units in arriving[::2]:
        use(call, ann, units, meter, timestamp=min(at, FEBRUARY + 4 * MINUTE))
    call.clock.freeze(FEBRUARY + HOUR - 1)
    for meter, at, units in arriving[1::2]:
        use(call, ann, units, meter, timestamp=min(at, FEBRUARY + HOUR))
    call.clock.freeze(FEBRUARY + HOUR)
    return call, ann, grants


@settings(max_examples=100)
@given(month=MONTHS, data=st.data())
def test_a_month_is_billed_as_by_hand_in_whatever_order_its_usage_arrives(month: Month, data: st.DataObject) -> None:
    count = sum(len(usage) for usage in month.usage.values())
    order = data.draw(st.permutations(range(count)))
    call, ann, grants = run(month, order)
    lines = expected_lines(month)
    cents = Counter(expected_draws(month, lines))

    [shown] = call.get(INVOICES, {"customer": ann}).json["data"]
    subtotal = sum(amount for _, amount in lines)
    total = subtotal - cents.total()
    assert [line["amount"] for line in shown["lines"]["data"]] == [amount for _, amount in lines]
    assert credited(shown) == [
        sum(amount for (line, _), amount in cents.items() if line == number) for number in range(len(lines))
    ]
    charged = total if total >= LEAST else 0
    assert (shown["status"], sums(shown)) == ("paid", (subtotal, total, charged))
    assert shown["ending_balance"] == total - charged

    names = dict(enumerate(grants))
    booked = [each for each in bookings(call) if each[1] == "credits_applied"]
    assert sorted(booked) == sorted((names[which], "credits_applied", amount) for (_, which), amount in cents.items())
    expired = {
        names[number]
        for number, each in enumerate(month.grants)
        if each.expires_at is not None and each.expires_at <= FEBRUARY + HOUR
    }
    assert {each[0] for each in bookings(call) if each[1] == "credits_expired"} == expired
    for number, each in enumerate(month.grants):
        drawn = sum(amount for (_, which), amount in cents.items() if which == number)
        gone = names[number] in expired
        assert balance(call, ann, names[number]) == (0 if gone else each.value - drawn)


@settings(max_examples=25)
@given(month=MONTHS, data=st.data())
def test_two_orders_of_the_same_events_give_the_same_invoice_and_bookings(month: Month, data: st.DataObject) -> None:
    count = sum(len(usage) for usage in month.usage.values())
    outcomes = []
    for _ in range(2):
        call, ann, _grants = run(month, data.draw(st.permutations(range(count))))
        lines = [
            (line["id"], line["description"], line["amount"], line["pretax_credit_amounts"])
            for line in invoice(call, ann)["lines"]["data"]
        ]
        outcomes.append((lines, bookings(call)))
    assert outcomes[0] == outcomes[1]
