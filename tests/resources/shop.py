"""A small business to sell with: what the tests of prices, subscriptions and invoices begin from."""

from typing import Any

from tests.conftest import Answer
from tests.conftest import Call

NEW_YEAR = 1735689600
FEBRUARY = 1738368000
MARCH = 1740787200
HOUR = 3_600
DAY = 86_400
DECLINING = "pm_card_chargeCustomerFail"

Tree = dict[str, Any]


def meter(call: Call, event_name: str = "calls", formula: str = "sum") -> str:
    terms = {"display_name": "Calls", "event_name": event_name, "default_aggregation": {"formula": formula}}
    created: str = call.create("/v1/billing/meters", terms)["id"]
    return created


def product(call: Call, name: str = "Calls", **terms: object) -> str:
    created: str = call.create("/v1/products", {"name": name, **terms})["id"]
    return created


def metered(call: Call, meter_id: str | None = None, *, interval: str = "month", **terms: object) -> str:
    """A metered price: a cent a call unless its terms say otherwise."""
    recurring = {"interval": interval, "usage_type": "metered", "meter": meter_id or meter(call)}
    usual = {} if "billing_scheme" in terms or "unit_amount_decimal" in terms else {"unit_amount": 1}
    made_along = {} if "product" in terms else {"product_data": {"name": "Calls"}}
    everything = {"currency": "usd", "recurring": recurring, **usual, **made_along, **terms}
    created: str = call.create("/v1/prices", everything)["id"]
    return created


def attached(call: Call, ada: str, token: str = "tok_visa") -> str:
    """A payment method of a customer's, from a token."""
    method: str = call.create("/v1/payment_methods", {"type": "card", "card": {"token": token}})["id"]
    call.create(f"/v1/payment_methods/{method}/attach", {"customer": ada})
    return method


def licensed(call: Call, unit_amount: int = 1000, name: str = "Seat", **recurring: object) -> str:
    """A price per seat and month."""
    terms = {
        "currency": "usd",
        "unit_amount": unit_amount,
        "product_data": {"name": name},
        "recurring": {"interval": "month", **recurring},
    }
    created: str = call.create("/v1/prices", terms)["id"]
    return created


def one_time(call: Call, unit_amount: int = 500, name: str = "Set-up") -> str:
    terms = {"currency": "usd", "unit_amount": unit_amount, "product_data": {"name": name}}
    created: str = call.create("/v1/prices", terms)["id"]
    return created


def customer(call: Call, **terms: object) -> str:
    created: str = call.create("/v1/customers", terms)["id"]
    return created


def subscribe(call: Call, customer_id: str, *prices: str | Tree, **terms: object) -> Tree:
    items = [{"price": each} if isinstance(each, str) else each for each in prices]
    return call.create("/v1/subscriptions", {"customer": customer_id, "items": items, **terms})


def use(call: Call, customer_id: str, value: object, at: int | None = None, *, event_name: str = "calls") -> Answer:
    payload = {"stripe_customer_id": customer_id, "value": value}
    answer = call.post("/v1/billing/meter_events", {"event_name": event_name, "payload": payload, "timestamp": at})
    assert answer.status == 200, answer.body
    return answer


def invoices(call: Call, **where: object) -> list[Tree]:
    """Oldest first."""
    found: list[Tree] = call.get("/v1/invoices", {"limit": 100, **where}).json["data"]
    return found[::-1]


def lines(invoice: Tree) -> list[tuple[str, int]]:
    return [(line["description"], line["amount"]) for line in invoice["lines"]["data"]]


def events(call: Call, *kinds: str) -> list[Tree]:
    """Oldest first; of some groups of types, such as `invoice.*`, or all."""
    found: list[Tree] = call.get("/v1/events", {"limit": 100, **({"types": list(kinds)} if kinds else {})}).json["data"]
    return found[::-1]


def types(call: Call, *kinds: str) -> list[str]:
    return [event["type"] for event in events(call, *kinds)]
