"""What a price costs, in the words of a Checkout page."""

from html import unescape
from typing import Any

import pytest
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call

LICENSED = {"interval": "month"}
QUARTERLY = {"interval": "month", "interval_count": 3}
GRADUATED = {"billing_scheme": "tiered", "tiers_mode": "graduated"}
VOLUME = {"billing_scheme": "tiered", "tiers_mode": "volume"}
TIERS = [{"up_to": 10, "unit_amount": 100, "flat_amount": 500}, {"up_to": "inf", "unit_amount_decimal": "0.5"}]


def page(terms: dict[str, Any], *, usage: bool = False) -> str:
    """The text of the page that sells a price."""
    with FakeStripe(now=NOW, public_url="http://localhost") as fake:
        call = Call(DOORS["engine"], fake)
        product = {"name": "Calls", "unit_label": "call"}
        recurring = dict(terms.pop("recurring"))
        if usage:
            meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
            recurring |= {"usage_type": "metered", "meter": call.create("/v1/billing/meters", meter)["id"]}
        given = {"currency": "usd", "product_data": product, "recurring": recurring, **terms}
        price = call.create("/v1/prices", given)["id"]
        line = {"price": price} if usage else {"price": price, "quantity": 3}
        session = {"mode": "subscription", "line_items": [line], "success_url": "http://localhost/"}
        made = call.create("/v1/checkout/sessions", session)["id"]
        text = Client(fake.wsgi_app).get(f"/_fakestripe/checkout/{made}").text
        fake.check()
    return unescape(text)


@pytest.mark.parametrize(
    ("terms", "usage", "parts"),
    [
        ({"recurring": LICENSED, "unit_amount": 2000}, False, ["3 × $20.00 per month", "then $60.00 per month"]),
        ({"recurring": QUARTERLY, "unit_amount": 2000}, False, ["3 × $20.00 every 3 months"]),
        ({"recurring": LICENSED, "unit_amount_decimal": "0.5"}, True, ["$0.005 per call, billed by usage each month"]),
        ({"recurring": QUARTERLY, "unit_amount": 2}, True, ["billed by usage every 3 months"]),
        (
            {"recurring": LICENSED, "unit_amount": 500, "transform_quantity": {"divide_by": 1000, "round": "up"}},
            True,
            ["$5.00 per 1,000 × call, rounded up, billed by usage each month"],
        ),
        (
            {"recurring": LICENSED, "tiers": TIERS, **GRADUATED},
            True,
            [
                "Priced in tiers, by usage each month",
                "1 to 10: $1.00 per call, plus $5.00",
                "from 11: $0.005 per call",
            ],
        ),
        (
            {"recurring": LICENSED, "tiers": TIERS, **VOLUME},
            False,
            [
                "Priced by the tier that is reached, by quantity each month",
                "more: $0.005 per call",
                "up to 10: $1.00 per call, plus $5.00",
            ],
        ),
    ],
)
def test_a_price_is_in_words(terms: dict[str, Any], usage: bool, parts: list[str]) -> None:
    text = page(dict(terms), usage=usage)
    for part in parts:
        assert part in text
