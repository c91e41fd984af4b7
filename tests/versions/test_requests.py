"""Requests in the names of their time."""

from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call

ACACIA, BASIL = "2025-02-24.acacia", "2025-03-31.basil"
ITEMS, ALERTS, PRODUCTS = "/v1/invoiceitems", "/v1/billing/alerts", "/v1/products"
NO_THRESHOLDS = (
    "Starting with Stripe version `2025-03-31.basil`, subscriptions do not support the parameter billing_thresholds."
)
Json = dict[str, Any]


def once(call: Call) -> str:
    terms = {"currency": "usd", "unit_amount": 250, "product_data": {"name": "Setup"}}
    made: str = call.create("/v1/prices", terms)["id"]
    return made


def monthly(call: Call) -> str:
    terms = {"currency": "usd", "unit_amount": 700, "recurring": {"interval": "month"}}
    made: str = call.create("/v1/prices", terms | {"product_data": {"name": "Seats"}})["id"]
    return made


def said(answer: Answer) -> tuple[int, str, str]:
    return answer.status, answer.error["message"], answer.error["param"]


# Invoice items


@pytest.mark.parametrize("version", ["2020-08-27", "2024-06-20", ACACIA, "2025-03-30.preview"])
def test_an_invoice_item_takes_a_price_before_basil(call: Call, version: str) -> None:
    customer = call.create("/v1/customers")["id"]
    terms = {"customer": customer, "price": once(call), "quantity": 3}
    made = call.create(ITEMS, terms, version=version)
    assert made["amount"] == 750
    changed = call.create(f"{ITEMS}/{made['id']}", {"unit_amount": 100}, version=version)
    assert changed["amount"] == 300
    unknown = call.post(ITEMS, {"customer": customer, "pricing": {"price": terms["price"]}}, version=version)
    assert said(unknown) == (400, "Received unknown parameter: pricing", "pricing")


@pytest.mark.parametrize("version", [None, BASIL, "2025-03-31.preview", "2026-08-26.dahlia"])
@pytest.mark.parametrize("name", ["price", "unit_amount"])
def test_an_invoice_item_takes_pricing_since(call: Call, version: str | None, name: str) -> None:
    customer = call.create("/v1/customers")["id"]
    call.create(ITEMS, {"customer": customer, "pricing": {"price": once(call)}}, version=version)
    unknown = call.post(ITEMS, {"customer": customer, name: 5}, version=version)
    assert said(unknown) == (400, f"Received unknown parameter: {name}", name)


@pytest.mark.parametrize(
    ("terms", "sentence", "param"),
    [
        ({"price": "price_x"}, "No such price: 'price_x'", "price"),
        ({"amount": 1, "price": "x"}, "You may only specify one of these parameters: amount, price.", "amount"),
        ({"unit_amount": "1.5"}, "Invalid integer: 1.5", "unit_amount"),
        ({"unit_amount": "ten"}, "Invalid integer: ten", "unit_amount"),
        ({"unit_amount_decimal": "ten"}, "Invalid decimal: ten", "unit_amount_decimal"),
        ({"amount": 1, "quantity_decimal": "1"}, "Received unknown parameter: quantity_decimal", "quantity_decimal"),
    ],
)
def test_refusals_of_an_invoice_item_have_its_older_names(call: Call, terms: Json, sentence: str, param: str) -> None:
    customer = call.create("/v1/customers")["id"]
    assert said(call.post(ITEMS, {"customer": customer} | terms, version=ACACIA)) == (400, sentence, param)


@pytest.mark.parametrize("name", ["price", "unit_amount"])
def test_an_empty_older_name_is_refused_as_such(call: Call, name: str) -> None:
    customer = call.create("/v1/customers")["id"]
    refused = call.post(ITEMS, {"customer": customer, name: ""}, version=ACACIA)
    assert (refused.error["code"], refused.error["param"]) == ("parameter_invalid_empty", name)


def test_an_older_name_may_hold_a_hash_by_mistake(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    for name in ("price", "unit_amount"):
        refused = call.post(ITEMS, {"customer": customer, name: {"a": "b"}}, version=ACACIA)
        assert (refused.status, refused.error["param"]) == (400, name)


# Thresholds


def thresholds(call: Call) -> dict[str, Json]:
    """Paths, and what sets thresholds there."""
    customer = call.create("/v1/customers")["id"]
    made = call.create("/v1/subscriptions", {"customer": customer, "items": [{"price": monthly(call)}]})
    item = made["items"]["data"][0]["id"]
    whole, part = {"billing_thresholds": {"amount_gte": 4_000}}, {"billing_thresholds": {"usage_gte": 5}}
    new = {"price": monthly(call)} | part
    return {
        "/v1/subscriptions": {"customer": customer, "items": [{"price": monthly(call)}]} | whole,
        f"/v1/subscriptions/{made['id']}": whole,
        "/v1/subscription_items": {"subscription": made["id"]} | new,
        f"/v1/subscription_items/{item}": part,
        "/v1/invoices/create_preview": {"customer": customer, "subscription_details": {"items": [new]}},
    }


@pytest.mark.parametrize("version", [BASIL, "2025-04-30.basil", "2025-05-27.preview"])
def test_the_first_versions_of_basil_have_no_thresholds(call: Call, version: str) -> None:
    for path, terms in thresholds(call).items():
        status, message, param = said(call.post(path, terms, version=version))
        assert (status, message) == (400, NO_THRESHOLDS), path
        assert param.endswith("billing_thresholds]") or param == "billing_thresholds"


def test_the_items_of_a_subscription_have_none_either(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    items = [{"price": monthly(call)}, {"price": monthly(call), "billing_thresholds": ""}]
    refused = call.post("/v1/subscriptions", {"customer": customer, "items": items}, version=BASIL)
    assert said(refused) == (400, NO_THRESHOLDS, "items[1][billing_thresholds]")


@pytest.mark.parametrize("version", [None, "2020-08-27", ACACIA, "2025-05-28.basil", "2026-08-26.dahlia"])
def test_all_other_versions_have_thresholds(call: Call, version: str | None) -> None:
    for path, terms in thresholds(call).items():
        assert call.post(path, terms, version=version).status == 200, path


# Alerts and products


def alert(call: Call, **terms: Any) -> Json:  # noqa: ANN401  parameters of any kind
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    threshold = {"gte": 5, "meter": call.create("/v1/billing/meters", meter)["id"], "recurrence": "one_time"}
    return {"alert_type": "usage_threshold", "title": "Many", "usage_threshold_config": threshold} | terms


def test_an_alert_has_a_config_and_a_filter_before_acacia(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    terms = alert(call, filter={"customer": customer})
    made = call.create(ALERTS, terms, version="2024-06-20")
    assert made["usage_threshold_config"] == terms["usage_threshold_config"]
    assert made["filter"] == {"customer": customer}
    assert "usage_threshold" not in made
    fields = list(made)
    assert fields == ["id", "object", *sorted(fields[2:])]
    newer = call.get(f"{ALERTS}/{made['id']}", version="2024-09-30.acacia").json
    assert newer["usage_threshold"]["filters"] == [{"customer": customer, "type": "customer"}]
    assert not {"filter", "usage_threshold_config"} & newer.keys()
    assert call.get(ALERTS, version="2024-06-20").json["data"] == [made]


def test_an_alert_without_a_filter_shows_none(call: Call) -> None:
    assert call.create(ALERTS, alert(call), version="2024-06-20")["filter"] is None


@pytest.mark.parametrize(
    ("terms", "sentence", "param"),
    [
        ({"filter": {"customer": "cus_x"}}, "No such customer: 'cus_x'", "filter[customer]"),
        ({"filter": {"team": "x"}}, "Received unknown parameter: filter[team]", "filter[team]"),
        ({"filter": "x"}, "Invalid object", "filter"),
        ({"usage_threshold_config": "x"}, "Invalid object", "usage_threshold_config"),
        ({"usage_threshold_config": {}}, "Missing required param: usage_threshold_config.", "usage_threshold_config"),
        (
            {"usage_threshold_config": {"gte": "x"}},
            "Missing required param: usage_threshold_config[meter].",
            "usage_threshold_config[meter]",
        ),
        ({"usage_threshold": {"gte": 1}}, "Received unknown parameter: usage_threshold", "usage_threshold"),
    ],
)
def test_refusals_of_an_alert_have_its_older_names(call: Call, terms: Json, sentence: str, param: str) -> None:
    assert said(call.post(ALERTS, alert(call) | terms, version="2024-06-20")) == (400, sentence, param)


def test_an_alert_has_no_older_names_since(call: Call) -> None:
    refused = call.post(ALERTS, alert(call), version="2024-09-30.acacia")
    assert said(refused)[1] == "Received unknown parameter: usage_threshold_config"


def test_a_product_has_features_before_2024_04_10(call: Call) -> None:
    terms = {"name": "Boat", "features": [{"name": "fast"}]}
    made = call.create(PRODUCTS, terms, version="2023-10-16")
    assert made["features"] == [{"name": "fast"}]
    assert "marketing_features" not in made
    changed = call.create(f"{PRODUCTS}/{made['id']}", {"features": [{"name": "safe"}]}, version="2023-10-16")
    assert changed["features"] == [{"name": "safe"}]
    assert call.get(f"{PRODUCTS}/{made['id']}", version="2024-04-10").json["marketing_features"] == [{"name": "safe"}]
    newer = {"name": "Boat", "marketing_features": [{"name": "fast"}]}
    assert said(call.post(PRODUCTS, newer, version="2023-10-16"))[2] == "marketing_features"
    assert said(call.post(PRODUCTS, terms, version="2024-04-10"))[2] == "features"
    wrong = call.post(PRODUCTS, {"name": "Boat", "features": [{"nme": "x"}]}, version="2023-10-16")
    assert said(wrong)[2] == "features[0][nme]"


def test_a_deleted_product_has_no_features(call: Call) -> None:
    made = call.create(PRODUCTS, {"name": "Boat"}, version="2023-10-16")["id"]
    assert call.delete(f"{PRODUCTS}/{made}", version="2023-10-16").json.keys() == {"id", "object", "deleted"}


# The end of a subscription


def subscribed(call: Call) -> str:
    customer = call.create("/v1/customers")["id"]
    made: str = call.create("/v1/subscriptions", {"customer": customer, "items": [{"price": monthly(call)}]})["id"]
    return made


@pytest.mark.parametrize("version", ["2024-06-20", "2025-06-30.basil", "2025-04-30.preview", "2025-05-27.preview"])
@pytest.mark.parametrize("word", ["min_period_end", "max_period_end", "max_billed_until"])
def test_a_subscription_ended_at_a_timestamp_only(call: Call, version: str, word: str) -> None:
    made = subscribed(call)
    new = {"customer": call.create("/v1/customers")["id"], "items": [{"price": monthly(call)}]}
    details = {"subscription": made, "subscription_details": {"cancel_at": word}}
    for path, terms, param in (
        ("/v1/subscriptions", {**new, "cancel_at": word}, "cancel_at"),
        (f"/v1/subscriptions/{made}", {"cancel_at": word}, "cancel_at"),
        ("/v1/invoices/create_preview", details, "subscription_details[cancel_at]"),
    ):
        assert said(call.post(path, terms, version=version)) == (400, f"Invalid integer: {word}", param)


@pytest.mark.parametrize("version", [None, "2025-07-30.basil", "2025-05-28.preview", "2025-06-30.preview"])
def test_a_subscription_may_end_with_a_period_since(call: Call, version: str | None) -> None:
    path = f"/v1/subscriptions/{subscribed(call)}"
    assert call.post(path, {"cancel_at": "min_period_end"}, version=version).status == 200
    refused = call.post(path, {"cancel_at": "max_billed_until"}, version=version)
    assert (refused.status, refused.error["param"]) == (501, "cancel_at")
