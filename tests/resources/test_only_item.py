"""`plan` and `quantity` of a subscription itself: the only item's, as before subscriptions had items."""

from typing import Any

import pytest

from tests.conftest import Call

SUBSCRIPTIONS = "/v1/subscriptions"
VERSIONS = (None, "2020-08-27", "2023-08-16", "2025-02-24.acacia")


def planned(call: Call, amount: int = 300, **terms: Any) -> str:  # noqa: ANN401  parameters of any kind
    plan = {"currency": "usd", "interval": "month", "product": {"name": "Seats"}} | ({"amount": amount} | terms)
    made: str = call.create("/v1/plans", plan)["id"]
    return made


def metered(call: Call) -> str:
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    return planned(call, usage_type="metered", meter=call.create("/v1/billing/meters", meter)["id"])


def subscribed(call: Call, **terms: Any) -> dict[str, Any]:  # noqa: ANN401  parameters of any kind
    return call.create(SUBSCRIPTIONS, {"customer": call.create("/v1/customers")["id"]} | terms)


def items(subscription: dict[str, Any]) -> list[tuple[str, int | None]]:
    return [(each["plan"]["id"], each.get("quantity")) for each in subscription["items"]["data"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_subscription_is_created_with_a_plan(call: Call, version: str | None) -> None:
    plan, customer = planned(call), call.create("/v1/customers")["id"]
    made = call.create(SUBSCRIPTIONS, {"customer": customer, "plan": plan}, version=version)
    assert items(made) == [(plan, 1)]
    several = call.create(SUBSCRIPTIONS, {"customer": customer, "plan": plan, "quantity": 4}, version=version)
    assert items(several) == [(plan, 4)]


def test_its_only_item_is_changed(call: Call) -> None:
    plan, other = planned(call), planned(call, 500)
    made = subscribed(call, plan=plan, quantity=4)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    assert items(call.create(path, {"quantity": 7})) == [(plan, 7)]
    assert items(call.create(path, {"plan": plan})) == [(plan, 7)]
    changed = call.create(path, {"plan": other})
    assert items(changed) == [(other, 1)]
    assert items(call.create(path, {"plan": plan, "quantity": 3})) == [(plan, 3)]
    assert [each["id"] for each in changed["items"]["data"]] == [each["id"] for each in made["items"]["data"]]
    assert items(call.create(path, {"description": "red"})) == [(plan, 3)]


def test_what_changes_is_prorated_as_with_items(call: Call) -> None:
    plan, other = planned(call), planned(call, 500)
    made, likewise = subscribed(call, plan=plan), subscribed(call, plan=plan)
    call.clock.advance(864_000)
    call.create(f"{SUBSCRIPTIONS}/{made['id']}", {"plan": other})
    item = {"id": likewise["items"]["data"][0]["id"], "plan": other}
    call.create(f"{SUBSCRIPTIONS}/{likewise['id']}", {"items": [item]})
    waiting = call.get("/v1/invoiceitems").json["data"]
    assert len(waiting) == 4
    assert [each["amount"] for each in waiting[:2]] == [each["amount"] for each in waiting[2:]]


def test_a_metered_plan_has_no_quantity(call: Call) -> None:
    plan = metered(call)
    made = subscribed(call, plan=planned(call), quantity=4)
    changed = call.create(f"{SUBSCRIPTIONS}/{made['id']}", {"plan": plan})
    assert items(changed) == [(plan, None)]
    refused = call.post(SUBSCRIPTIONS, {"customer": made["customer"], "plan": plan, "quantity": 2})
    assert (refused.status, refused.error["param"]) == (400, "quantity")


@pytest.mark.parametrize("name", ["plan", "quantity"])
def test_of_several_items_none_is_meant(call: Call, name: str) -> None:
    made = subscribed(call, items=[{"plan": planned(call)}, {"plan": planned(call)}])
    refused = call.post(f"{SUBSCRIPTIONS}/{made['id']}", {name: 1})
    assert (refused.status, refused.error["param"]) == (400, name)
    assert items(call.get(f"{SUBSCRIPTIONS}/{made['id']}").json) == items(made)


@pytest.mark.parametrize("name", ["plan", "quantity"])
def test_items_cannot_be_given_as_well(call: Call, name: str) -> None:
    made = subscribed(call, plan=planned(call))
    for path in (SUBSCRIPTIONS, f"{SUBSCRIPTIONS}/{made['id']}"):
        terms = {"customer": made["customer"]} if path == SUBSCRIPTIONS else {}
        error = call.post(path, terms | {"items": [{"plan": planned(call)}], name: 1}).error
        assert error["message"] == f"Received both items and {name} parameters. Please pass in only one."
        assert not {"code", "param"} & error.keys()


def test_a_plan_that_is_none(call: Call) -> None:
    made = subscribed(call, plan=planned(call))
    for path in (SUBSCRIPTIONS, f"{SUBSCRIPTIONS}/{made['id']}"):
        terms = {"customer": made["customer"]} if path == SUBSCRIPTIONS else {}
        refused = call.post(path, terms | {"plan": "x"})
        error = refused.error
        assert (refused.status, error["message"], error["param"]) == (400, "No such plan: 'x'", "plan")


def test_a_subscription_needs_items_or_a_plan(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    for terms in ({}, {"quantity": 2}):
        missing = call.post(SUBSCRIPTIONS, {"customer": customer} | terms).error
        assert (missing["message"], missing["param"]) == ("Missing required param: items.", "items")
