"""Products."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import licensed
from tests.resources.shop import product
from tests.resources.shop import types

PRODUCTS = "/v1/products"


def test_a_product_needs_a_name(call: Call) -> None:
    created = call.create(PRODUCTS, {"name": "Tokens"})
    assert created["id"].startswith("prod_")
    assert created == {
        "id": created["id"],
        "object": "product",
        "active": True,
        "attributes": [],
        "created": NEW_YEAR,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": "Tokens",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "tax_details": None,
        "type": "service",
        "unit_label": None,
        "updated": NEW_YEAR,
        "url": None,
    }
    assert call.post(PRODUCTS).error["message"] == "Missing required param: name."


def test_what_is_said_of_a_product_is_kept(call: Call) -> None:
    terms = {
        "name": "Tokens",
        "id": "tokens",
        "active": False,
        "description": "By the thousand.",
        "images": ["https://example.com/t.png"],
        "marketing_features": [{"name": "Fast"}],
        "metadata": {"team": "llm"},
        "package_dimensions": {"height": "1.5", "length": 2, "weight": 3, "width": 4},
        "shippable": True,
        "statement_descriptor": "TOKENS",
        "tax_code": "txcd_10000000",
        "tax_details": {"tax_code": "txcd_10000000"},
        "type": "good",
        "unit_label": "token",
        "url": "https://example.com",
    }
    created = call.create(PRODUCTS, terms)
    assert created["package_dimensions"] == {"height": 1.5, "length": 2, "weight": 3, "width": 4}
    assert created["tax_details"] == {"performance_location": None, "tax_code": "txcd_10000000"}
    others = set(terms) - {"package_dimensions", "tax_details"}
    assert {name: created[name] for name in others} == {name: terms[name] for name in others}
    assert call.get(f"{PRODUCTS}/tokens").json == created


def test_an_id_of_ones_own_is_taken_once(call: Call) -> None:
    product(call, id="tokens")
    refused = call.post(PRODUCTS, {"name": "Again", "id": "tokens"})
    assert (refused.status, refused.error["code"], refused.error["param"]) == (400, "resource_already_exists", "id")


def test_a_default_price_can_be_made_along(call: Call) -> None:
    created = call.create(
        PRODUCTS,
        {
            "name": "Seat",
            "default_price_data": {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}},
            "expand": ["default_price"],
        },
    )
    price = created["default_price"]
    assert (price["object"], price["product"], price["unit_amount"]) == ("price", created["id"], 500)
    assert types(call) == ["product.created", "plan.created", "price.created"]


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({"currency": "usd", "unit_amount": 1, "unit_amount_decimal": "1"}, "default_price_data[unit_amount]"),
        (
            {"currency": "usd", "unit_amount": 1, "recurring": {"interval": "year", "interval_count": 4}},
            "default_price_data[recurring][interval_count]",
        ),
        ({"currency": "usd"}, None),
    ],
)
def test_a_wrong_default_price_makes_no_product(call: Call, data: dict[str, object], param: str | None) -> None:
    refused = call.post(PRODUCTS, {"name": "Seat", "default_price_data": data})
    assert (refused.status, refused.error.get("param")) == (400, param)
    assert call.get(PRODUCTS).json["data"] == []


def test_an_update_changes_what_is_given_and_empty_strings_clear(call: Call) -> None:
    product_id = product(call, description="Old", unit_label="call", metadata={"a": "1"})
    call.clock.advance(DAY)
    changed = call.create(
        f"{PRODUCTS}/{product_id}", {"name": "New", "description": "", "unit_label": "", "metadata": {"b": "2"}}
    )
    assert (changed["name"], changed["description"], changed["unit_label"]) == ("New", None, None)
    assert (changed["metadata"], changed["updated"]) == ({"a": "1", "b": "2"}, NEW_YEAR + DAY)
    assert types(call)[-1] == "product.updated"


def test_the_default_price_must_be_one_of_the_product(call: Call) -> None:
    product_id = product(call)
    own = call.create("/v1/prices", {"currency": "usd", "unit_amount": 5, "product": product_id})["id"]
    assert call.create(f"{PRODUCTS}/{product_id}", {"default_price": own})["default_price"] == own
    for wrong in (licensed(call), "price_x"):
        refused = call.post(f"{PRODUCTS}/{product_id}", {"default_price": wrong})
        assert (refused.status, refused.error["param"]) == (400, "default_price")


def test_products_are_listed_newest_first_and_filtered(call: Call) -> None:
    first = product(call, url="https://a.example", shippable=True)
    call.clock.advance(1)
    second = product(call, active=False, type="good")
    assert call.get(PRODUCTS).ids == [second, first]
    assert call.get(PRODUCTS, {"active": True}).ids == [first]
    assert call.get(PRODUCTS, {"ids": [second]}).ids == [second]
    assert call.get(PRODUCTS, {"url": "https://a.example"}).ids == [first]
    assert call.get(PRODUCTS, {"shippable": True}).ids == [first]
    assert call.get(PRODUCTS, {"type": "good"}).ids == [second]
    assert call.get(PRODUCTS, {"created": {"gt": NEW_YEAR}}).ids == [second]
    assert call.get(PRODUCTS, {"starting_after": second}).ids == [first]


def test_a_deleted_product_is_gone(call: Call) -> None:
    product_id = product(call)
    deleted = call.delete(f"{PRODUCTS}/{product_id}").json
    assert deleted == {"id": product_id, "object": "product", "deleted": True}
    assert call.get(f"{PRODUCTS}/{product_id}").error["message"] == f"No such product: '{product_id}'"
    assert call.get(PRODUCTS).ids == []
    assert types(call)[-1] == "product.deleted"
    refused = call.post(PRODUCTS, {"name": "Again", "id": product_id})
    assert refused.status == 400


def test_a_product_with_prices_cannot_be_deleted(call: Call) -> None:
    price = call.get(f"/v1/prices/{licensed(call)}").json
    refused = call.delete(f"{PRODUCTS}/{price['product']}")
    assert refused.status == 400
    assert refused.error["message"] == "This product cannot be deleted because it has one or more user-created prices."
    call.delete(f"/v1/plans/{price['id']}")
    assert call.delete(f"{PRODUCTS}/{price['product']}").status == 200


def test_an_unknown_product_is_not_found(call: Call) -> None:
    for answer in (call.get(f"{PRODUCTS}/x"), call.post(f"{PRODUCTS}/x"), call.delete(f"{PRODUCTS}/x")):
        assert (answer.status, answer.error["code"]) == (404, "resource_missing")
