"""Usage records, which were there before there were meters: Stripe refuses them, and names what replaces them."""

import pytest

from tests.conftest import Call

ACACIA, BASIL, CLOVER = "2025-02-24.acacia", "2025-03-31.basil", "2025-10-29.clover"


def item_of(call: Call, **recurring: str) -> str:
    """Return the id of the item of a new subscription."""
    price = call.post("/v1/prices", priced(call, **recurring)).json
    customer = call.post("/v1/customers").json
    subscribed = {"customer": customer["id"], "items": [{"price": price["id"]}]}
    item: str = call.post("/v1/subscriptions", subscribed).json["items"]["data"][0]["id"]
    return item


def priced(call: Call, **recurring: str) -> dict[str, object]:
    """Return the parameters of a monthly price, of a new meter's if it is metered."""
    if recurring:
        named = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
        recurring["meter"] = call.post("/v1/billing/meters", named).json["id"]
    product = {"name": "Tokens"}
    return {
        "currency": "usd",
        "unit_amount": 5,
        "product_data": product,
        "recurring": {"interval": "month"} | recurring,
    }


@pytest.mark.parametrize("recurring", [{"usage_type": "metered"}, {}])
@pytest.mark.parametrize("more", [{}, {"timestamp": 1, "action": "set"}, {"timestamp": "now"}])
def test_a_usage_record_is_refused_and_the_refusal_names_the_call_that_replaces_it(
    call: Call, recurring: dict[str, str], more: dict[str, object]
) -> None:
    item = item_of(call, **recurring)
    refused = call.post(f"/v1/subscription_items/{item}/usage_records", {"quantity": 1} | more, version=ACACIA)
    assert (refused.status, refused.error) == (
        400,
        {
            "message": f"Cannot create a usage record for '{item}' because it is not on the legacy metered billing "
            "system. Call /v1/billing/meter_events instead.",
            "request_log_url": refused.error["request_log_url"],
            "type": "invalid_request_error",
        },
    )


def test_a_usage_record_needs_a_quantity(call: Call) -> None:
    refused = call.post(f"/v1/subscription_items/{item_of(call)}/usage_records", version=ACACIA)
    assert (refused.status, refused.error["param"]) == (400, "quantity")


def test_an_unknown_item_is_not_found(call: Call) -> None:
    refused = call.post("/v1/subscription_items/si_x/usage_records", {"quantity": 1}, version=ACACIA)
    assert (refused.status, refused.error["message"]) == (404, "Invalid subscription_item id: si_x")


@pytest.mark.parametrize("version", [BASIL, CLOVER, None])
def test_the_url_is_unknown_from_basil_on(call: Call, version: str | None) -> None:
    path = f"/v1/subscription_items/{item_of(call)}/usage_records"
    refused = call.post(path, {"quantity": 1}, version=version)
    assert refused.status == 404
    assert refused.error["message"].startswith(f"Unrecognized request URL (POST: {path}).")
