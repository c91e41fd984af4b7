"""What each object says of what nobody has said: bare_objects.json, as one story makes them. More may be shown."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import Call
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

EXPECTED: Tree = json.loads(Path(__file__).with_name("bare_objects.json").read_text("utf-8"))
SERVER = re.compile(r"http://127\.0\.0\.1:\d+")
RANDOM = re.compile(r"\b([a-z]+(?:_(?:test|tmp|in))?_)([A-Za-z0-9]{14,})\b")
GRANT = {
    "category": "paid",
    "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
    "applicability_config": {"scope": {"price_type": "metered"}},
}


def told(call: Call) -> Iterator[tuple[str, object]]:
    """The objects, each made with no more than it needs, in the order of the story."""
    assert call.fake.url  # so that a server listens, which the links lead to
    ada, meter_id = customer(call), meter(call)
    yield "customer", call.get(f"/v1/customers/{ada}").json
    yield "meter", call.get(f"/v1/billing/meters/{meter_id}").json
    yield "product", call.create("/v1/products", {"name": "Calls"})
    usage = metered(call, meter_id)
    yield "metered price", call.get(f"/v1/prices/{usage}").json
    terms = {"currency": "usd", "amount": 5, "interval": "month", "product": {"name": "A"}}
    yield "plan", call.create("/v1/plans", terms)
    yield "subscription", subscribe(call, ada, usage, licensed(call))
    yield "first invoice", call.get("/v1/invoices").json["data"][0]
    yield "invoice item", call.create("/v1/invoiceitems", {"customer": ada, "amount": 5, "currency": "usd"})
    yield "invoice by hand", call.create("/v1/invoices", {"customer": ada})
    yield "test clock", call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})
    yield "credit grant", call.create("/v1/billing/credit_grants", {"customer": ada, **GRANT})
    alert = {"title": "Many", "alert_type": "usage_threshold"}
    threshold = {"gte": 5, "meter": meter_id, "recurrence": "one_time"}
    yield "alert", call.create("/v1/billing/alerts", {**alert, "usage_threshold": threshold})
    endpoint = {"url": "https://example.com/", "enabled_events": ["*"]}
    yield "webhook endpoint", call.create("/v1/webhook_endpoints", endpoint)
    use(call, ada, 5)
    yield "event", call.get("/v1/events").json["data"][0]
    call.clock.freeze(FEBRUARY)
    yield "cycle invoice", call.get("/v1/invoices").json["data"][0]
    call.clock.advance(HOUR)
    yield "paid invoice", call.get("/v1/invoices").json["data"][0]
    debit, credit = call.get("/v1/billing/credit_balance_transactions", {"customer": ada}).json["data"]
    yield "credit", credit
    yield "debit", debit
    (subscription,) = call.get("/v1/subscriptions", {"customer": ada}).ids
    yield "preview", call.create("/v1/invoices/create_preview", {"subscription": subscription})


def masked(tree: object) -> object:
    """With the length of the random part of ids in its place, and without the address of the server."""
    return json.loads(RANDOM.sub(lambda match: f"{match[1]}{len(match[2])}", SERVER.sub("…", json.dumps(tree))))


def shown(tree: object, expected: object) -> object:
    """A tree without the keys that `expected` does not have."""
    if isinstance(tree, dict) and isinstance(expected, dict):
        return {name: shown(tree[name], each) for name, each in expected.items() if name in tree}
    if isinstance(tree, list) and isinstance(expected, list) and len(tree) == len(expected):
        return [shown(*pair) for pair in zip(tree, expected, strict=True)]
    return tree


def test_what_nobody_has_said_is_empty_or_has_its_default(call: Call) -> None:
    found = {name: masked(tree) for name, tree in told(call)}
    assert shown(found, EXPECTED) == EXPECTED
