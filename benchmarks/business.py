"""A business to measure: one customer, one meter and its usage, asked through the engine."""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from typing import NamedTuple
from urllib.parse import quote

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.usage_event import Origin
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

START = 1_735_689_600
"""1 January 2025, UTC."""
DAY_S = 86_400
NOW = "2025-01-01T00:00:00Z"
KEY = "sk_test_fakestripe"
CUSTOMERS = "/v1/customers"
METERS = "/v1/billing/meters"
EVENTS = "/v1/billing/meter_events"
FORM = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-www-form-urlencoded"}
METER: dict[str, Any] = {
    "display_name": "Tokens",
    "event_name": "tokens",
    "default_aggregation": {"formula": "sum"},
}


class Usage(NamedTuple):
    """One event, as every contender is given it."""

    meter: str
    timestamp: int
    value: int
    dimensions: tuple[str, ...]


class Business:
    """A customer and a meter in a world of their own."""

    def __init__(self, *, relaxed: bool = False) -> None:
        self.fake = FakeStripe(now=START, limits="off", seed=1, relaxed=relaxed)
        self.customer: str = self.post(CUSTOMERS, {"name": "Ada"})["id"]
        self.meter: str = self.post(METERS, METER | {"dimension_payload_keys": ["model"]})["id"]
        self.body = form(event_of(self.customer)).encode()

    def ask(self, method: str, path: str, query: str = "", body: bytes = b"") -> bytes:
        """The body of the answer to one request; it must succeed."""
        response = self.fake.engine.handle(Request(method, path, query, Headers(FORM), body))
        assert response.status == 200, response.body
        return response.body

    def get(self, path: str, params: object) -> dict[str, Any]:
        """The answer to a GET."""
        answer: dict[str, Any] = json.loads(self.ask("GET", path, query=form(params)))
        return answer

    def post(self, path: str, params: object) -> dict[str, Any]:
        """The answer to a POST."""
        answer: dict[str, Any] = json.loads(self.ask("POST", path, body=form(params).encode()))
        return answer

    def send(self) -> None:
        """Send one meter event."""
        self.ask("POST", EVENTS, body=self.body)

    def use(self, usages: Iterable[Usage]) -> None:
        """Take in usage that was found good, without the requests that would bring it."""
        account = self.fake.engine.world.account(KEY)
        intake = account.part(Intake)
        for number, usage in enumerate(usages):
            origin = Origin(self.customer, usage.dimensions, usage.meter)
            intake.accept(account, origin, str(number), usage.timestamp, usage.value)

    @cached_property
    def price(self) -> str:
        """A price of the meter, in two tiers."""
        terms = {
            "currency": "usd",
            "product_data": {"name": "Tokens"},
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": [
                {"up_to": 1000, "flat_amount": 900, "unit_amount": 0},
                {"up_to": "inf", "unit_amount_decimal": "3.6"},
            ],
            "recurring": {"interval": "month", "usage_type": "metered", "meter": self.meter},
        }
        made: str = self.post("/v1/prices", terms)["id"]
        return made

    def subscribe(self, customer: str, **terms: object) -> str:
        """The id of a new subscription to the price."""
        items = {"customer": customer, "items": [{"price": self.price}], **terms}
        made: str = self.post("/v1/subscriptions", items)["id"]
        return made


def event_of(customer: str) -> dict[str, Any]:
    """The parameters of a meter event."""
    return {"event_name": "tokens", "payload": {"stripe_customer_id": customer, "value": 25, "model": "large"}}


def form(params: object) -> str:
    """Parameters as the official SDK writes them."""
    return "&".join(f"{quote(name, safe='[]')}={quote(str(value))}" for name, value in _flat("", params))


def _flat(path: str, value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [pair for name, each in value.items() for pair in _flat(f"{path}[{name}]" if path else name, each)]
    if isinstance(value, list):
        return [pair for index, each in enumerate(value) for pair in _flat(f"{path}[{index}]", each)]
    return [(path, value)]
