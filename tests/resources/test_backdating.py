"""`backdate_start_date`: subscriptions that have begun before they are created."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import HOUR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

SUBSCRIPTIONS = "/v1/subscriptions"
MODES = ("classic", "flexible")
Tree = dict[str, Any]
GIGABYTES: Tree = {"unit_amount": 1000, "transform_quantity": {"divide_by": 10, "round": "up"}}


def instant(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def backdated(call: Call, price: str, start: str, mode: str = "flexible", **terms: Any) -> Tree:  # noqa: ANN401  any
    ada = terms.pop("customer", None) or customer(call)
    times = {"backdate_start_date": instant(start)}
    return subscribe(call, ada, price, billing_mode={"type": mode}, **times, **terms)


def spans(invoice: Tree) -> list[tuple[int, str, str]]:
    """What each line charges, and for which days."""
    return [
        (line["amount"], day(line["period"]["start"]), day(line["period"]["end"])) for line in invoice["lines"]["data"]
    ]


def day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def period(subscription: Tree) -> tuple[str, str]:
    item = subscription["items"]["data"][0]
    return day(item["current_period_start"]), day(item["current_period_end"])


def storage(call: Call, mode: str, **terms: Any) -> Tree:  # noqa: ANN401  as above
    """100 GB in March and 150 GB in April, and on 1 May a subscription from 1 March on."""
    ada = customer(call)
    price = metered(call, **GIGABYTES)
    for month, gigabytes in (("2025-03-10", 100), ("2025-04-10", 150)):
        call.clock.freeze(month)
        use(call, ada, gigabytes)
    call.clock.freeze("2025-05-01")
    return backdated(call, price, "2025-03-01", mode, customer=ada, **terms)


def test_flexible_mode_bills_the_usage_of_each_natural_period_at_once(call: Call) -> None:
    made = storage(call, "flexible")
    (invoice,) = invoices(call, subscription=made["id"])
    assert spans(invoice) == [(10_000, "2025-03-01", "2025-04-01"), (15_000, "2025-04-01", "2025-05-01")]
    assert (invoice["billing_reason"], invoice["status"]) == ("subscription_create", "paid")
    assert (made["start_date"], made["created"]) == (instant("2025-03-01"), instant("2025-05-01"))
    assert (day(made["billing_cycle_anchor"]), period(made)) == ("2025-03-01", ("2025-05-01", "2025-06-01"))
    use(call, made["customer"], 10)
    call.clock.freeze("2025-06-01")
    assert spans(invoices(call, subscription=made["id"])[-1]) == [(1000, "2025-05-01", "2025-06-01")]


def test_classic_mode_bills_it_with_the_first_period(call: Call) -> None:
    made = storage(call, "classic")
    assert [each["total"] for each in invoices(call, subscription=made["id"])] == [0]
    assert made["start_date"] == instant("2025-03-01")
    assert (day(made["billing_cycle_anchor"]), period(made)) == ("2025-05-01", ("2025-05-01", "2025-06-01"))
    call.clock.freeze("2025-06-01")
    assert spans(invoices(call, subscription=made["id"])[-1]) == [(25_000, "2025-03-01", "2025-06-01")]
    use(call, made["customer"], 10)
    call.clock.freeze("2025-07-01")
    assert spans(invoices(call, subscription=made["id"])[-1]) == [(1000, "2025-06-01", "2025-07-01")]


@pytest.mark.parametrize("mode", MODES)
def test_without_proration_the_usage_before_is_never_billed(call: Call, mode: str) -> None:
    made = storage(call, mode, proration_behavior="none")
    assert made["start_date"] == instant("2025-03-01")
    use(call, made["customer"], 10)
    call.clock.freeze("2025-08-01")
    assert sum(each["total"] for each in invoices(call, subscription=made["id"])) == 1000


def test_the_usage_of_a_period_that_is_not_over_waits_for_its_end(call: Call) -> None:
    ada, price = customer(call), metered(call)
    call.clock.freeze("2025-03-10")
    use(call, ada, 100)
    call.clock.freeze("2025-03-20")
    made = backdated(call, price, "2025-03-01", customer=ada)
    assert (made["latest_invoice"], period(made)) == (None, ("2025-03-01", "2025-04-01"))
    call.clock.freeze("2025-04-01")
    assert spans(invoices(call, subscription=made["id"])[-1]) == [(100, "2025-03-01", "2025-04-01")]


def test_flexible_mode_charges_each_period_that_has_begun(call: Call) -> None:
    call.clock.freeze("2025-03-20")
    made = backdated(call, licensed(call), "2025-01-15")
    (invoice,) = invoices(call, subscription=made["id"])
    assert spans(invoice) == [
        (1000, "2025-01-15", "2025-02-15"),
        (1000, "2025-02-15", "2025-03-15"),
        (1000, "2025-03-15", "2025-04-15"),
    ]
    assert {description for description, _ in lines(invoice)} == {"1 × Seat (at $10.00 / month)"}
    call.clock.freeze("2025-04-15")
    assert spans(invoices(call, subscription=made["id"])[-1]) == [(1000, "2025-04-15", "2025-05-15")]


def test_classic_mode_charges_the_time_before_as_a_part_of_an_imagined_interval(call: Call) -> None:
    call.clock.freeze("2025-03-01")
    made = backdated(call, licensed(call), "2025-02-15", "classic")
    (invoice,) = invoices(call, subscription=made["id"])
    assert spans(invoice) == [(500, "2025-02-15", "2025-03-01"), (1000, "2025-03-01", "2025-04-01")]
    time, _ = invoice["lines"]["data"]
    assert time["description"] == "Time on Seat from 15 Feb 2025 until 01 Mar 2025"
    assert time["parent"]["subscription_item_details"]["proration"]
    assert (day(made["billing_cycle_anchor"]), day(made["start_date"])) == ("2025-03-01", "2025-02-15")


@pytest.mark.parametrize(("start", "amount"), [("2025-02-15", 1400), ("2025-01-15", 2800 + 1400)])
def test_up_to_an_anchor_classic_mode_makes_one_proration(call: Call, start: str, amount: int) -> None:
    call.clock.freeze("2025-02-20")
    made = backdated(call, licensed(call, 2800), start, "classic", billing_cycle_anchor=instant("2025-03-01"))
    (invoice,) = invoices(call, subscription=made["id"])
    assert spans(invoice) == [(amount, start, "2025-03-01")]
    assert period(made) == ("2025-02-20", "2025-03-01")


def test_a_credit_names_the_proration_by_which_the_time_was_paid(call: Call) -> None:
    call.clock.freeze("2025-02-20")
    anchor = {"billing_cycle_anchor": instant("2025-03-01")}
    made = backdated(call, licensed(call, 2800), "2025-02-15", "classic", **anchor)
    (line,) = invoices(call, subscription=made["id"])[0]["lines"]["data"]
    changed = {"items": [{"id": made["items"]["data"][0]["id"], "quantity": 0}]}
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", changed)
    unused = [each for each in call.get("/v1/invoiceitems", {"pending": True}).json["data"] if each["amount"]]
    assert [each["amount"] for each in unused] == [-900]
    origin = unused[0]["proration_details"]["credited_items"]["invoice_line_item_details"]
    assert origin == {"invoice": made["latest_invoice"], "invoice_line_items": [line["id"]]}


def test_a_part_of_a_longer_imagined_month_costs_less(call: Call) -> None:
    call.clock.freeze("2025-01-20")
    made = backdated(call, licensed(call, 3100), "2025-01-15", "classic", billing_cycle_anchor=instant("2025-02-01"))
    assert [each["total"] for each in invoices(call, subscription=made["id"])] == [1700]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("classic", [(2000, "2024-09-01", "2024-11-01")]),
        ("flexible", [(1000, "2024-09-01", "2024-10-01"), (1000, "2024-10-01", "2024-11-01")]),
    ],
)
def test_an_anchor_sets_when_the_next_invoice_comes(
    call: Call, mode: str, expected: list[tuple[int, str, str]]
) -> None:
    call.clock.freeze("2024-10-15")
    made = backdated(call, licensed(call), "2024-09-01", mode, billing_cycle_anchor=instant("2024-11-01"))
    assert [spans(each) for each in invoices(call, subscription=made["id"])] == [expected]
    assert day(made["start_date"]) == "2024-09-01"
    call.clock.freeze("2024-11-01")
    assert spans(invoices(call, subscription=made["id"])[-1]) == [(1000, "2024-11-01", "2024-12-01")]


def test_natural_periods_are_counted_from_the_anchor(call: Call) -> None:
    call.clock.freeze("2025-03-05")
    made = backdated(call, licensed(call, 3100), "2025-01-15", billing_cycle_anchor=instant("2025-04-01"))
    (invoice,) = invoices(call, subscription=made["id"])
    assert spans(invoice) == [
        (1700, "2025-01-15", "2025-02-01"),
        (3100, "2025-02-01", "2025-03-01"),
        (3100, "2025-03-01", "2025-04-01"),
    ]


@pytest.mark.parametrize(("mode", "totals"), [("classic", [1000, 1000]), ("flexible", [1000])])
def test_without_proration_the_time_before_is_free(call: Call, mode: str, totals: list[int]) -> None:
    """In classic mode the first period begins now; in flexible mode it began before, so it is free as well."""
    call.clock.freeze("2025-01-20")
    made = backdated(call, licensed(call), "2025-01-15", mode, proration_behavior="none")
    call.clock.freeze("2025-03-01")
    assert [each["total"] for each in invoices(call, subscription=made["id"])] == totals


def test_a_day_of_the_month_may_be_the_anchor(call: Call) -> None:
    call.clock.freeze("2025-01-20")
    made = backdated(call, licensed(call, 3100), "2025-01-15", billing_cycle_anchor_config={"day_of_month": 1})
    assert (day(made["billing_cycle_anchor"]), period(made)) == ("2025-02-01", ("2025-01-15", "2025-02-01"))
    assert [each["total"] for each in invoices(call, subscription=made["id"])] == [1700]


def test_late_usage_of_a_period_that_was_billed_is_lost(call: Call) -> None:
    made = storage(call, "flexible")
    use(call, made["customer"], 30, instant("2025-04-20"))
    call.clock.freeze("2025-07-01")
    assert [each["total"] for each in invoices(call, subscription=made["id"])] == [25_000, 0, 0]


def test_the_present_second_is_no_backdating(call: Call) -> None:
    made = backdated(call, licensed(call), "2025-01-01")
    assert made["start_date"] == made["created"]
    assert [each["total"] for each in invoices(call, subscription=made["id"])] == [1000]


@pytest.mark.parametrize(
    ("terms", "status"),
    [
        ({"backdate_start_date": instant("2025-01-02")}, 400),
        ({"backdate_start_date": -1}, 400),
        ({"trial_period_days": 3}, 501),
        ({"trial_end": instant("2025-02-01")}, 501),
    ],
)
def test_what_cannot_be_is_refused(call: Call, terms: Tree, status: int) -> None:
    new = {
        "customer": customer(call),
        "items": [{"price": licensed(call)}],
        "backdate_start_date": instant("2024-12-01"),
    }
    refused = call.post(SUBSCRIPTIONS, new | terms)
    assert (refused.status, refused.error["param"]) == (status, "backdate_start_date")


def test_a_change_as_of_a_time_before_the_first_period_is_not_served(call: Call) -> None:
    call.clock.freeze("2025-05-11")
    made = backdated(call, licensed(call, 3100), "2025-03-15")
    item = {"items": [{"id": made["items"]["data"][0]["id"], "quantity": 2}]}
    before = call.get(f"{SUBSCRIPTIONS}/{made['id']}").json
    dates = ("2025-03-14", "2025-03-15", "2025-04-14", "2025-04-15")
    assert before["items"]["data"][0]["current_period_start"] == instant(dates[-1])
    answers = []
    for date in dates:
        details = item | {"proration_date": instant(date)}
        preview = call.post(
            "/v1/invoices/create_preview", {"subscription": made["id"], "subscription_details": details}
        )
        answers.append(preview.status)
        if preview.status == 501:
            assert preview.error["param"] == "subscription_details[proration_date]"
            refused = call.post(f"{SUBSCRIPTIONS}/{made['id']}", details)
            assert (refused.status, refused.error["param"]) == (501, "proration_date")
    assert answers == [400, 501, 501, 200]
    assert call.get(f"{SUBSCRIPTIONS}/{made['id']}").json == before
    call.clock.freeze("2025-05-16")
    late = call.post(f"{SUBSCRIPTIONS}/{made['id']}", item | {"proration_date": instant("2025-04-20")})
    assert (late.status, late.error["param"]) == (400, "proration_date")


def test_a_first_invoice_has_at_most_250_lines(call: Call) -> None:
    daily = licensed(call, 1, interval="day")
    call.clock.freeze("2025-09-08")
    made = backdated(call, daily, "2025-01-02")
    (invoice,) = invoices(call, subscription=made["id"])
    assert (invoice["lines"]["total_count"], invoice["total"]) == (250, 250)
    new = {"customer": customer(call), "items": [{"price": daily}], "backdate_start_date": instant("2025-01-01")}
    refused = call.post(SUBSCRIPTIONS, new)
    assert (refused.status, refused.error["param"]) == (400, "backdate_start_date")
    assert call.create(SUBSCRIPTIONS, new | {"billing_mode": {"type": "classic"}})["status"] == "active"
    made = call.create(SUBSCRIPTIONS, new | {"proration_behavior": "none"})
    assert [spans(each) for each in invoices(call, subscription=made["id"])] == [[(1, "2025-09-08", "2025-09-09")]]


def test_lines_of_tiers_count_as_well(call: Call) -> None:
    tiers = [{"up_to": 1, "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}]
    terms = {
        "currency": "usd",
        "product_data": {"name": "Seat"},
        "recurring": {"interval": "day"},
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": tiers,
    }
    price = call.create("/v1/prices", terms)["id"]
    call.clock.freeze("2025-05-06")
    new = {"customer": customer(call), "items": [{"price": price, "quantity": 2}]}
    refused = call.post(SUBSCRIPTIONS, new | {"backdate_start_date": instant("2025-01-01")})
    assert (refused.status, refused.error["param"]) == (400, "backdate_start_date")
    assert call.create(SUBSCRIPTIONS, new | {"backdate_start_date": instant("2025-01-02")})["status"] == "active"


def test_what_is_due_for_a_sent_invoice_is_a_draft_first(call: Call) -> None:
    ada, price = customer(call), metered(call)
    call.clock.freeze("2025-01-20")
    use(call, ada, 5)
    call.clock.freeze("2025-02-10")
    sent: Tree = {"collection_method": "send_invoice", "days_until_due": 30}
    made = backdated(call, price, "2025-01-05", customer=ada, **sent)
    use(call, ada, 7, instant("2025-01-30"))
    call.clock.advance(2 * HOUR)
    assert [each["total"] for each in invoices(call, subscription=made["id"])] == [12]


def fates(call: Call) -> list[tuple[int, bool, str]]:
    """Each event's value, whether an invoice bills it, and otherwise the reason."""
    found = call.fake.explain_billing("calls", call.get("/v1/customers").ids[0]).events
    return [(int(each.value), each.invoice is not None, each.reason) for each in found]


@pytest.mark.parametrize("mode", MODES)
def test_usage_since_the_start_is_explained(call: Call, mode: str) -> None:
    made = storage(call, mode)
    use(call, made["customer"], 10)
    waits = "not billed yet"
    first = [(100, True, ""), (150, True, "")] if mode == "flexible" else [(100, False, waits), (150, False, waits)]
    assert fates(call) == [*first, (10, False, waits)]
    call.clock.freeze("2025-06-01")
    assert fates(call) == [(100, True, ""), (150, True, ""), (10, True, "")]


@pytest.mark.parametrize("mode", MODES)
def test_usage_from_before_that_is_not_billed_has_a_reason(call: Call, mode: str) -> None:
    made = storage(call, mode, proration_behavior="none")
    use(call, made["customer"], 10)
    call.clock.freeze("2025-06-01")
    before = "backdated without prorations"
    assert fates(call) == [(100, False, before), (150, False, before), (10, True, "")]


def test_usage_from_before_the_start_is_not_billed(call: Call) -> None:
    ada, price = customer(call), metered(call)
    for date, value in (("2025-02-28", 1), ("2025-03-01", 2)):
        call.clock.freeze(date)
        use(call, ada, value)
    call.clock.freeze("2025-03-20")
    backdated(call, price, "2025-03-01", customer=ada)
    call.clock.freeze("2025-04-01")
    assert fates(call) == [(1, False, "before the subscription began"), (2, True, "")]


def test_late_usage_of_a_period_that_was_billed_is_explained(call: Call) -> None:
    made = storage(call, "flexible")
    use(call, made["customer"], 30, instant("2025-04-20"))
    assert fates(call)[-1] == (30, False, "after finalization")
