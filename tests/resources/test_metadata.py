"""Metadata of every object that has some: set, kept by other changes, merged and cleared."""

import pytest

from tests.conftest import Call
from tests.conftest import encoded
from tests.resources.shop import FEBRUARY
from tests.resources.shop import MARCH
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import subscribe

METADATA = {"a": "1", "b": "2"}
GRANT = {
    "category": "paid",
    "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
    "applicability_config": {"scope": {"price_type": "metered"}},
    "expires_at": FEBRUARY,
}


def made(call: Call, path: str) -> Tree:
    """An object of the kind that is found at `path`, with metadata."""
    if path == "/v1/subscriptions":
        return subscribe(call, customer(call), licensed(call), metadata=METADATA)
    if path == "/v1/subscription_items":
        items = subscribe(call, customer(call), {"price": licensed(call), "metadata": METADATA})["items"]
        item: Tree = items["data"][0]
        return item
    price = {"currency": "usd", "unit_amount": 5, "product_data": {"name": "Seat"}}
    terms: dict[str, Tree] = {
        "/v1/customers": {},
        "/v1/products": {"name": "Calls"},
        "/v1/prices": price,
        "/v1/plans": {"currency": "usd", "amount": 5, "interval": "month", "product": {"name": "Calls"}},
        "/v1/invoices": {"customer": customer(call)},
        "/v1/invoiceitems": {"customer": customer(call), "amount": 5},
        "/v1/billing/credit_grants": {"customer": customer(call), **GRANT},
        "/v1/webhook_endpoints": {"url": "https://example.com/", "enabled_events": ["*"]},
    }
    return call.create(path, {**terms[path], "metadata": METADATA})


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/v1/customers", {"name": "Ada"}),
        ("/v1/products", {"name": "Other"}),
        ("/v1/prices", {"nickname": "Other"}),
        ("/v1/plans", {"nickname": "Other"}),
        ("/v1/subscriptions", {"description": "Other"}),
        ("/v1/subscription_items", {"quantity": 2}),
        ("/v1/invoices", {"description": "Other"}),
        ("/v1/invoiceitems", {"description": "Other"}),
        ("/v1/billing/credit_grants", {"expires_at": MARCH}),
        ("/v1/webhook_endpoints", {"url": "https://example.com/other"}),
    ],
)
def test_metadata_changes_only_where_it_is_given(call: Call, path: str, change: Tree) -> None:
    each = made(call, path)
    own = f"{path}/{each['id']}"
    assert each["metadata"] == METADATA
    assert call.create(own, change)["metadata"] == METADATA
    assert call.create(own, {"metadata": {"a": "", "c": "3"}})["metadata"] == {"b": "2", "c": "3"}
    assert call.create(own, "metadata=")["metadata"] == {}


@pytest.mark.parametrize(
    ("path", "params", "within"),
    [
        ("/v1/customers", {}, "metadata"),
        ("/v1/prices", {"currency": "usd", "unit_amount": 5}, "product_data[metadata]"),
        ("/v1/plans", {"currency": "usd", "amount": 5, "interval": "month"}, "product[metadata]"),
        ("/v1/subscriptions", {}, "items[1][metadata]"),
    ],
)
def test_too_many_keys_are_refused_with_the_path_of_the_metadata(
    call: Call, path: str, params: Tree, within: str
) -> None:
    if path == "/v1/subscriptions":
        params = {"customer": customer(call), "items": [{"price": licensed(call)}, {"price": licensed(call)}]}
    product = {within.partition("[")[0]: {"name": "Seat"}} if "product" in within else {}
    keys = "".join(f"&{within}[k{number}]=1" for number in range(51))
    refused = call.post(path, encoded(params | product).decode() + keys)
    assert (refused.status, refused.error["param"]) == (400, within)
