"""Subscription items by themselves."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

ITEMS = "/v1/subscription_items"


def first_item(subscription: Tree) -> str:
    item: str = subscription["items"]["data"][0]["id"]
    return item


def test_an_item_can_be_added(call: Call) -> None:
    subscription = subscribe(call, customer(call), metered(call))
    seat = licensed(call, 3100)
    call.clock.advance(10 * DAY)
    item = call.create(ITEMS, {"subscription": subscription["id"], "price": seat, "quantity": 2})
    assert item["id"].startswith("si_")
    assert item == {
        "id": item["id"],
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": NEW_YEAR + 10 * DAY,
        "current_period_end": FEBRUARY,
        "current_period_start": NEW_YEAR,
        "current_trial": None,
        "discounts": [],
        "metadata": {},
        "plan": call.get(f"/v1/plans/{seat}").json,
        "price": call.get(f"/v1/prices/{seat}").json,
        "quantity": 2,
        "subscription": subscription["id"],
        "tax_rates": [],
    }
    assert call.get(f"{ITEMS}/{item['id']}").json == item
    assert types(call)[-1] == "customer.subscription.updated"
    assert call.get(ITEMS, {"subscription": subscription["id"]}).ids == [first_item(subscription), item["id"]]
    call.clock.freeze(FEBRUARY)
    assert [amount for _, amount in lines(invoices(call)[-1])] == [4200, 0, 6200]


def test_an_item_can_be_changed(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call))
    path = f"{ITEMS}/{first_item(subscription)}"
    changed = call.create(
        path,
        {"quantity": 5, "metadata": {"a": "1"}, "billing_thresholds": {"usage_gte": 7}, "expand": ["price.product"]},
    )
    assert (changed["quantity"], changed["metadata"], changed["billing_thresholds"]) == (
        5,
        {"a": "1"},
        {"usage_gte": 7},
    )
    assert changed["price"]["product"]["name"] == "Seat"
    assert call.create(path, {"billing_thresholds": ""})["billing_thresholds"] is None


def test_a_metered_price_can_take_the_place_of_a_licensed_one_and_back(call: Call) -> None:
    seat, calls = licensed(call, 3100), metered(call)
    ada = customer(call)
    subscription = subscribe(call, ada, seat)
    path = f"{ITEMS}/{first_item(subscription)}"
    call.clock.advance(10 * DAY)
    assert "quantity" not in call.create(path, {"price": calls})
    use(call, ada, 8)
    call.clock.advance(10 * DAY)
    assert call.create(path, {"price": seat, "quantity": 2})["quantity"] == 2
    call.clock.freeze(FEBRUARY + HOUR)
    assert [amount for _, amount in lines(invoices(call)[-1])] == [2200, 8, -2100, 6200]


@pytest.mark.parametrize(("mode", "start"), [("flexible", NEW_YEAR), ("classic", NEW_YEAR + DAY)])
def test_an_item_on_another_interval_has_another_period(call: Call, mode: str, start: int) -> None:
    meter_id = meter(call)
    subscription = subscribe(call, customer(call), metered(call, meter_id), billing_mode={"type": mode})
    call.clock.advance(DAY)
    changed = call.create(f"{ITEMS}/{first_item(subscription)}", {"price": metered(call, meter_id, interval="year")})
    assert (changed["current_period_start"], changed["current_period_end"]) == (start, start + 365 * DAY)


def test_a_change_can_be_billed_at_once(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call, 3100))
    call.clock.advance(10 * DAY)
    terms = {"quantity": 2, "proration_behavior": "always_invoice"}
    call.create(f"{ITEMS}/{first_item(subscription)}", terms)
    assert (invoices(call)[-1]["total"], invoices(call)[-1]["status"]) == (2100, "paid")


def test_an_item_can_be_removed(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call), licensed(call))
    use(call, ada, 4)
    call.clock.advance(DAY)
    item = first_item(subscription)
    assert call.delete(f"{ITEMS}/{item}").json == {
        "id": item,
        "object": "subscription_item",
        "deleted": True,
    }
    assert call.get(f"{ITEMS}/{item}").error["message"] == f"Invalid subscription_item id: {item}"
    call.clock.freeze(FEBRUARY)
    assert [amount for _, amount in lines(invoices(call)[-1])] == [4, 1000]


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({}, "price"),
        ({"price": "price_x"}, "price"),
        ({"price": "SEAT"}, "plan"),
        ({"price": "CALLS", "quantity": 1}, "quantity"),
        ({"price": "CALLS", "subscription": "sub_x"}, "subscription"),
    ],
)
def test_a_wrong_item_is_refused_with_its_param(call: Call, terms: dict[str, object], param: str) -> None:
    seat = licensed(call)
    subscription = subscribe(call, customer(call), seat)
    names = {"SEAT": seat, "CALLS": metered(call)}
    sent = {"subscription": subscription["id"]} | {name: names.get(str(value), value) for name, value in terms.items()}
    refused = call.post(ITEMS, sent)
    assert (refused.status, refused.error["param"]) == (400, param)


def test_the_last_item_stays(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call))
    item = first_item(subscription)
    gone = [{"id": item, "deleted": True}]
    preview = {"subscription": subscription["id"], "subscription_details": {"items": gone}}
    for refused, param in (
        (call.delete(f"{ITEMS}/{item}"), None),
        (call.post(f"/v1/subscriptions/{subscription['id']}", {"items": gone}), "items"),
        (call.post("/v1/invoices/create_preview", preview), "subscription_details[items]"),
    ):
        assert refused.error["message"] == (
            "A subscription must have at least one active plan. To cancel a subscription, please use the cancel API "
            "endpoint on /v1/subscriptions."
        )
        assert (refused.status, refused.error.get("param")) == (400, param)
    assert call.get(f"{ITEMS}/{item}").status == 200


def test_a_subscription_has_room_for_twenty_items(call: Call) -> None:
    ada = customer(call)
    seats = [licensed(call) for _ in range(21)]
    subscription = subscribe(call, ada, *seats[:20])
    more = [{"price": seats[20]}]
    preview = {"subscription": subscription["id"], "subscription_details": {"items": more}}
    for refused, param in (
        (call.post(ITEMS, {"subscription": subscription["id"], "price": seats[20]}), None),
        (call.post(f"/v1/subscriptions/{subscription['id']}", {"items": more}), "items"),
        (call.post("/v1/invoices/create_preview", preview), "subscription_details[items]"),
        (call.post("/v1/subscriptions", {"customer": ada, "items": [{"price": seat} for seat in seats]}), "items"),
    ):
        assert refused.error["message"] == "You may specify at most 20 items."
        assert (refused.status, refused.error.get("param")) == (400, param)
    assert len(call.get(ITEMS, {"subscription": subscription["id"], "limit": 100}).ids) == 20


def test_items_of_a_canceled_subscription_stay_as_they_are(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call))
    call.delete(f"/v1/subscriptions/{subscription['id']}")
    changed = call.post(f"{ITEMS}/{first_item(subscription)}", {"quantity": 2})
    assert (changed.status, changed.error["code"]) == (400, "invalid_canceled_subscription_fields")
    added = call.post(ITEMS, {"subscription": subscription["id"], "price": licensed(call)})
    assert (added.status, added.error["code"], added.error["param"]) == (404, "resource_missing", "subscription")
    assert added.error["message"] == f"No such subscription: '{subscription['id']}'"


def test_items_are_listed_for_a_subscription_that_exists(call: Call) -> None:
    assert call.get(ITEMS).error["message"] == "Missing required param: subscription."
    refused = call.get(ITEMS, {"subscription": "sub_x"})
    assert (refused.status, refused.error["param"]) == (400, "subscription")


def test_items_are_listed_oldest_first_in_pages(call: Call) -> None:
    subscription = subscribe(call, customer(call), *(licensed(call) for _ in range(3)))
    ids = [item["id"] for item in subscription["items"]["data"]]
    whose = {"subscription": subscription["id"]}
    first = call.get(ITEMS, whose | {"limit": 2})
    assert (first.ids, first.json["has_more"]) == (ids[:2], True)
    assert first.json["url"] == f"{ITEMS}?subscription={subscription['id']}"
    assert call.get(ITEMS, whose | {"starting_after": ids[1]}).ids == ids[2:]
    assert call.get(ITEMS, whose | {"ending_before": ids[2]}).ids == ids[:2]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_item_is_not_found_without_a_code(call: Call, method: str) -> None:
    unknown = call.request(method, f"{ITEMS}/si_x")
    assert (unknown.status, unknown.error["message"]) == (404, "Invalid subscription_item id: si_x")
    assert unknown.error.keys() == {"message", "request_log_url", "type"}


def test_the_tax_behavior_of_a_price_that_is_created_with_an_item_is_kept(call: Call) -> None:
    product = call.create("/v1/products", {"name": "Seat"})["id"]
    data = {"currency": "usd", "product": product, "recurring": {"interval": "month"}, "unit_amount": 100}
    items = [{"price_data": data | {"tax_behavior": "exclusive"}}, {"price_data": data}]
    subscription = call.create("/v1/subscriptions", {"customer": call.create("/v1/customers")["id"], "items": items})
    shown = [each["price"]["tax_behavior"] for each in subscription["items"]["data"]]
    assert shown == ["exclusive", "unspecified"]


def test_another_price_sets_the_quantity_to_one_unless_it_is_given(call: Call) -> None:
    subscription = subscribe(call, customer(call), {"price": licensed(call), "quantity": 3})
    item, path = first_item(subscription), f"/v1/subscriptions/{subscription['id']}"
    assert call.create(f"{ITEMS}/{item}", {"price": licensed(call)})["quantity"] == 1
    assert call.create(f"{ITEMS}/{item}", {"price": licensed(call), "quantity": 3})["quantity"] == 3
    assert call.create(f"{ITEMS}/{item}", {"metadata": {"a": "1"}})["quantity"] == 3
    assert call.create(path, {"items": [{"id": item, "price": licensed(call)}]})["quantity"] == 1
