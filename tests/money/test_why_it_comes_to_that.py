"""The reasons that an invoice gives for its amounts add up: over random invoices with tiers, discounts and taxes."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings

from fakestripe_meters import FakeStripe
from tests.conftest import Call
from tests.conftest import through_engine
from tests.money.adding.story import Story
from tests.money.conftest import one_for_all
from tests.money.test_random_prices import EDGES
from tests.money.test_random_prices import Usage
from tests.money.test_random_prices import live
from tests.money.test_random_prices import opened
from tests.money.test_random_prices import prices
from tests.money.test_random_prices import usages
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import metered
from tests.resources.shop import subscribe


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStripe]:
    yield from one_for_all(NEW_YEAR, relaxed=True)


def explained(fake: FakeStripe, invoice: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON
    answer = fake.wsgi_app.test_client().get(f"/_fakestripe/invoices/{invoice['id']}/explain")
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def check(call: Call, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    """What an explanation says agrees with the invoice and with itself; return its lines."""
    why = explained(call.fake, invoice)
    shown = call.get(f"/v1/invoices/{invoice['id']}").json
    every = call.get(f"/v1/invoices/{invoice['id']}/lines", {"limit": 100}).json["data"]
    assert [(each["id"], each["amount"]) for each in why["lines"]] == [(each["id"], each["amount"]) for each in every]
    same = ("status", "currency", "subtotal", "total", "amount_due")
    assert [why[name] for name in same] == [shown[name] for name in same]
    own = sum(taken["amount"] for line in why["lines"] for taken in line["discounts"] if taken["own"])
    assert sum(line["amount"] for line in why["lines"]) - own == why["subtotal"]
    assert sum(step["amount"] for step in why["steps"]) == why["amount_due"]
    assert all(step["what"] and step["amount"] for step in why["steps"])
    for line in why["lines"]:
        assert line["because"]
        if line["exact"] is not None:
            exact, rounding = Decimal(line["exact"]), Decimal(line["rounding"])
            assert exact + rounding == line["amount"]
            assert line["amount"] == int(exact.to_integral_value(ROUND_HALF_UP))
    return list(why["lines"])


@pytest.mark.parametrize("seed", range(12))
def test_discounts_credits_and_taxes_lead_to_what_is_due(fake: FakeStripe, seed: int) -> None:
    fake.reset()
    call = Call(through_engine, fake)
    Story(call, Random(seed)).play(4)
    made = call.get("/v1/invoices", {"limit": 100}).json["data"]
    assert made
    for invoice in made:
        check(call, invoice)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(terms=prices(), usage=usages)
def test_usage_and_price_make_the_amount_before_it_is_rounded(
    fake: FakeStripe, terms: dict[str, Any], usage: Usage
) -> None:
    call = opened(fake)
    subscribe(call, customer(call), metered(call, **terms))
    live(call, usage, until=EDGES[3] + HOUR)
    billed = [each for each in invoices(call) if each["billing_reason"] == "subscription_cycle"]
    for invoice, start, end in zip(billed, EDGES, EDGES[1:], strict=False):
        lines = check(call, invoice)
        total = sum((Fraction(value) for at, value in usage if start <= at < end), Fraction(0))
        counted = [each["value"] for each in lines[0]["events"] if each["outcome"] == "billed"]
        assert Decimal(str(lines[0]["used"])) == Decimal(total.numerator) / Decimal(total.denominator)
        assert sum((Decimal(str(each)) for each in counted), Decimal(0)) == Decimal(str(lines[0]["used"]))
        assert all(line["exact"] is not None or "flat fee" in line["because"] for line in lines)


def test_an_invoice_that_is_not_there_is_refused_with_its_parameter(fake: FakeStripe) -> None:
    answer = fake.wsgi_app.test_client().get("/_fakestripe/invoices/in_none/explain")
    assert (answer.status_code, answer.get_json()["error"]["param"]) == (400, "invoice")


def test_a_line_says_in_words_how_its_tier_and_its_price_make_its_amount(fake: FakeStripe) -> None:
    call = opened(fake)
    tiers = [{"up_to": 100, "unit_amount": 0}, {"up_to": "inf", "unit_amount_decimal": "2.55"}]
    price = metered(call, billing_scheme="tiered", tiers_mode="graduated", tiers=tiers)
    subscribe(call, customer(call), price)
    live(call, [(EDGES[0] + 5, Decimal(1001))], until=EDGES[1] + HOUR)
    (invoice,) = [each for each in invoices(call) if each["billing_reason"] == "subscription_cycle"]
    first, second = check(call, invoice)
    assert first["because"].endswith("Tier 1, from 1 to 100: 100 × $0.00 = $0.00")
    assert second["because"].startswith("usage of a period, from ")
    assert second["because"].endswith("Tier 2, from 101 on: 901 × $0.0255 = $22.9755, rounded to $22.98")
    assert (second["exact"], second["rounding"], second["quantity"]) == ("2297.55", "0.45", 901)
    short = fake.wsgi_app.test_client().get(f"/_fakestripe/invoices/{invoice['id']}/explain?limit=0").get_json()
    assert [(each["events"], each["events_total"]) for each in short["lines"]] == [([], 1), ([], 1)]
