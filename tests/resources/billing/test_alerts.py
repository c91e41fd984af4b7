"""Billing alerts: they fire once for each customer whose usage crosses a line, or whose credits run low."""

from typing import Any

import pytest

from tests.conftest import Call

ALERTS = "/v1/billing/alerts"
GRANTS = "/v1/billing/credit_grants"
NEW_YEAR = 1_735_689_600
DAY = 86_400
GA = "2026-10-28.endive"
PREVIEW = "2026-10-28.preview"


def customer(call: Call, **params: Any) -> str:  # noqa: ANN401  a parameter of any kind
    created: str = call.create("/v1/customers", params)["id"]
    return created


def meter(call: Call, event_name: str = "calls", formula: str = "sum", **more: Any) -> str:  # noqa: ANN401  likewise
    params = {"display_name": "Calls", "event_name": event_name, "default_aggregation": {"formula": formula}} | more
    created: str = call.create("/v1/billing/meters", params)["id"]
    return created


def on_usage(meter_id: str, gte: int = 10, whose: str | None = None, title: str = "Too much") -> dict[str, Any]:
    threshold: dict[str, Any] = {"gte": gte, "meter": meter_id, "recurrence": "one_time"}
    if whose is not None:
        threshold["filters"] = [{"type": "customer", "customer": whose}]
    return {"alert_type": "usage_threshold", "title": title, "usage_threshold": threshold}


def on_credits(whose: str, lte: int = 100, **more: Any) -> dict[str, Any]:  # noqa: ANN401  a parameter of any kind
    threshold = {
        "filters": [{"type": "customer", "customer": whose} | more],
        "lte": {"balance_type": "monetary", "monetary": {"currency": "usd", "value": lte}},
    }
    return {"alert_type": "credit_balance_threshold", "title": "Too little", "credit_balance_threshold": threshold}


def send(call: Call, whose: str, value: object = 1, *, name: str = "calls", **more: Any) -> None:  # noqa: ANN401  likewise
    payload = {"stripe_customer_id": whose, "value": value}
    call.create("/v1/billing/meter_events", {"event_name": name, "payload": payload} | more)


def grant(call: Call, whose: str, value: int, **more: Any) -> str:  # noqa: ANN401  likewise
    params = {
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": value}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "customer": whose,
    }
    created: str = call.create(GRANTS, params | more)["id"]
    return created


def told(call: Call, kind: str = "billing.alert.triggered") -> list[dict[str, Any]]:
    """What the events of a type are about, oldest first."""
    events = call.get("/v1/events", {"type": kind, "limit": 100}).json["data"]
    return [event["data"]["object"] for event in reversed(events)]


def fired(call: Call) -> list[tuple[str, str, int]]:
    """Which alert fired for whom at what value."""
    return [(each["alert"]["id"], each["customer"], each["value"]) for each in told(call)]


# Create


def test_an_alert_watches_the_usage_of_everybody(call: Call) -> None:
    watched = meter(call)
    alert = call.create(ALERTS, on_usage(watched))
    assert alert["id"].startswith("alrt_test_")
    assert alert == {
        "id": alert["id"],
        "object": "billing.alert",
        "alert_type": "usage_threshold",
        "credit_balance_threshold": None,
        "livemode": False,
        "spend_threshold": None,
        "status": "active",
        "title": "Too much",
        "usage_threshold": {"filters": None, "gte": 10, "meter": watched, "recurrence": "one_time"},
    }
    assert call.get(f"{ALERTS}/{alert['id']}").json == alert


def test_an_alert_may_watch_one_customer(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), whose=ann))
    assert alert["usage_threshold"]["filters"] == [{"customer": ann, "type": "customer"}]


def test_its_meter_and_its_customer_can_be_expanded(call: Call) -> None:
    ann, watched = customer(call, name="Ann"), meter(call)
    expand = ["usage_threshold.meter", "usage_threshold.filters.customer"]
    alert = call.create(ALERTS, on_usage(watched, whose=ann) | {"expand": expand})
    assert alert["usage_threshold"]["meter"]["event_name"] == "calls"
    assert alert["usage_threshold"]["filters"][0]["customer"]["name"] == "Ann"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"title": None}, "title"),
        ({"title": "x" * 257}, "title"),
        ({"alert_type": None}, "alert_type"),
        ({"alert_type": "spend_threshold"}, "alert_type"),
        ({"usage_threshold": None}, "usage_threshold"),
        ({"alert_type": "credit_balance_threshold"}, "credit_balance_threshold"),
    ],
)
def test_what_is_wrong_with_an_alert_is_named(call: Call, change: dict[str, Any], param: str) -> None:
    answer = call.post(ALERTS, on_usage(meter(call)) | change)
    assert (answer.status, answer.error["param"]) == (400, param)
    assert call.get(ALERTS).ids == []


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"gte": 0}, "usage_threshold[gte]"),
        ({"gte": -1}, "usage_threshold[gte]"),
        ({"gte": "1.5"}, "usage_threshold[gte]"),
        ({"gte": None}, "usage_threshold[gte]"),
        ({"meter": "mtr_none"}, "usage_threshold[meter]"),
        ({"meter": None}, "usage_threshold[meter]"),
        ({"recurrence": None}, "usage_threshold[recurrence]"),
        ({"recurrence": "always"}, "usage_threshold[recurrence]"),
        ({"filters": [{"type": "tenant"}]}, "usage_threshold[filters][0][type]"),
        ({"filters": [{"type": "customer"}]}, "usage_threshold[filters][0][customer]"),
        ({"filters": [{"type": "customer", "customer": "cus_none"}]}, "usage_threshold[filters][0][customer]"),
        ({"filters": [{"type": "customer", "customer": "x"}] * 2}, "usage_threshold[filters]"),
    ],
)
def test_what_is_wrong_with_its_threshold_is_named(call: Call, change: dict[str, Any], param: str) -> None:
    params = on_usage(meter(call))
    answer = call.post(ALERTS, params | {"usage_threshold": params["usage_threshold"] | change})
    assert (answer.status, answer.error["param"]) == (400, param)
    assert call.get(ALERTS).ids == []


def test_an_alert_can_be_neither_changed_nor_deleted(call: Call) -> None:
    path = f"{ALERTS}/{call.create(ALERTS, on_usage(meter(call)))['id']}"
    assert call.post(path, {"title": "Other"}).status == 404
    assert call.delete(path).status == 404


def test_a_meter_and_a_customer_have_25_alerts_at_most(call: Call) -> None:
    watched, ann, bob = meter(call), customer(call), customer(call)
    ids = [call.create(ALERTS, on_usage(watched, gte, ann))["id"] for gte in range(1, 26)]
    answer = call.post(ALERTS, on_usage(watched, 26, ann))
    assert (answer.status, answer.error["param"]) == (400, "usage_threshold[meter]")
    assert len(call.get(ALERTS, {"limit": 100}).ids) == 25
    call.create(ALERTS, on_usage(watched, 26, bob))
    call.create(ALERTS, on_usage(watched, 26))
    call.create(ALERTS, on_usage(meter(call, "other"), 26, ann))
    call.create(f"{ALERTS}/{ids[0]}/archive")
    call.create(ALERTS, on_usage(watched, 26, ann))
    assert call.post(ALERTS, on_usage(watched, 27, ann)).status == 400


# Firing


def test_it_fires_when_usage_reaches_the_line(call: Call) -> None:
    ann, watched = customer(call), meter(call)
    alert = call.create(ALERTS, on_usage(watched, 10))
    send(call, ann, 9)
    assert told(call) == []
    call.clock.advance(5)
    send(call, ann, 1)
    assert told(call) == [
        {
            "object": "billing.alert_triggered",
            "alert": alert,
            "created": NEW_YEAR + 5,
            "currency": None,
            "custom_pricing_unit": None,
            "customer": ann,
            "external_customer_id": None,
            "livemode": False,
            "value": 10,
        }
    ]


def test_it_fires_once_for_each_customer(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))["id"]
    for whose in (ann, bob, ann, bob):
        send(call, whose, 10)
    assert fired(call) == [(alert, ann, 10), (alert, bob, 10)]


def test_one_for_a_customer_does_not_look_at_others(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10, ann))["id"]
    send(call, bob, 10)
    send(call, ann, 10)
    assert fired(call) == [(alert, ann, 10)]


def test_usage_from_before_counts_but_only_new_usage_makes_it_fire(call: Call) -> None:
    ann, watched = customer(call), meter(call)
    send(call, ann, 50)
    alert = call.create(ALERTS, on_usage(watched, 10))["id"]
    assert told(call) == []
    send(call, ann, 1, timestamp=NEW_YEAR - 30 * DAY)
    assert fired(call) == [(alert, ann, 51)]


def test_usage_of_all_time_is_compared_not_that_of_a_period(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))["id"]
    for _ in range(10):
        call.clock.advance(90 * DAY)
        send(call, ann)
    assert fired(call) == [(alert, ann, 10)]


@pytest.mark.parametrize(
    ("formula", "values", "value"), [("sum", ["4.5", "5.75"], 10), ("count", ["1"] * 10, 10), ("last", ["3", "11"], 11)]
)
def test_the_meters_formula_says_what_is_compared(call: Call, formula: str, values: list[str], value: int) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call, formula=formula), 10))["id"]
    for each in values:
        assert told(call) == []
        send(call, ann, each)
    assert fired(call) == [(alert, ann, value)]


def test_what_a_fraction_short_of_the_line_is_does_not_fire_it(call: Call) -> None:
    ann = customer(call)
    call.create(ALERTS, on_usage(meter(call), 10))
    send(call, ann, "9.999999999")
    assert told(call) == []
    send(call, ann, "0.000000001")
    assert len(told(call)) == 1


def test_all_dimensions_count_together(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call, dimension_payload_keys=["model"]), 10))["id"]
    for model in ("a", "b"):
        payload = {"stripe_customer_id": ann, "value": 5, "model": model}
        call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})
    assert fired(call) == [(alert, ann, 10)]


def test_several_lines_crossed_at_once_fire_in_order_of_their_birth(call: Call) -> None:
    ann, watched = customer(call), meter(call)
    ids = [call.create(ALERTS, on_usage(watched, gte))["id"] for gte in (20, 5, 30, 10)]
    send(call, ann, 20)
    assert fired(call) == [(ids[0], ann, 20), (ids[1], ann, 20), (ids[3], ann, 20)]


def test_cancelled_usage_does_not_count(call: Call) -> None:
    ann = customer(call)
    call.create(ALERTS, on_usage(meter(call), 10))
    send(call, ann, 9, identifier="one")
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    call.create("/v1/billing/meter_event_adjustments", cancel)
    send(call, ann, 9)
    assert told(call) == []
    send(call, ann, 1)
    assert len(told(call)) == 1


def test_what_is_held_back_fires_when_it_is_seen(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))["id"]
    call.fake.control.set_lag(30)
    send(call, ann, 10)
    call.clock.advance(29)
    assert told(call) == []
    call.clock.advance(1)
    assert fired(call) == [(alert, ann, 10)]
    assert told(call)[0]["created"] == NEW_YEAR + 30


def test_usage_reported_before_fires_nothing_though_it_is_seen_after(call: Call) -> None:
    ann, watched = customer(call), meter(call)
    call.fake.control.set_lag(30)
    send(call, ann, 10)
    call.create(ALERTS, on_usage(watched, 10))
    call.clock.advance(30)
    assert told(call) == []


def test_the_second_dialect_fires_too(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))["id"]
    body = f'{{"event_name": "calls", "payload": {{"stripe_customer_id": "{ann}", "value": "10"}}}}'
    call.create("/v2/billing/meter_events", body, version=PREVIEW, headers={"Content-Type": "application/json"})
    assert fired(call) == [(alert, ann, 10)]


def test_the_stream_fires_too(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))["id"]
    as_json = {"version": PREVIEW, "headers": {"Content-Type": "application/json"}}
    token = call.create("/v2/billing/meter_event_session", "{}", **as_json)["authentication_token"]
    body = f'{{"events": [{{"event_name": "calls", "payload": {{"stripe_customer_id": "{ann}", "value": "10"}}}}]}}'
    assert call.post("/v2/billing/meter_event_stream", body, key=token, **as_json).status == 200
    assert fired(call) == [(alert, ann, 10)]


def test_usage_that_is_refused_fires_nothing(call: Call) -> None:
    call.create(ALERTS, on_usage(meter(call), 1))
    payload = {"stripe_customer_id": "cus_none", "value": 10}
    assert call.post("/v1/billing/meter_events", {"event_name": "calls", "payload": payload}).status == 400
    assert told(call) == []


def test_a_customer_on_a_test_clock_never_fires_it(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    ann = customer(call, test_clock=clock)
    call.create(ALERTS, on_usage(meter(call), 10))
    send(call, ann, 10)
    assert told(call) == []


def test_the_thin_event_names_the_alert(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))["id"]
    send(call, ann, 10)
    params = {"types": ["v1.billing.alert.triggered"]}
    [thin] = call.get("/v2/core/events", params, version=PREVIEW).json["data"]
    assert thin["related_object"] == {"id": alert, "type": "billing.alert", "url": f"{ALERTS}/{alert}"}
    [snapshot] = call.get("/v1/events", {"type": "billing.alert.triggered"}).ids
    assert thin["snapshot_event"] == snapshot


# Activate, deactivate, archive


def test_an_inactive_alert_does_not_fire(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))
    assert call.create(f"{ALERTS}/{alert['id']}/deactivate") == alert | {"status": "inactive"}
    send(call, ann, 10)
    assert told(call) == []


def test_an_alert_that_is_activated_again_can_fire_again_at_the_next_usage(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))
    path = f"{ALERTS}/{alert['id']}"
    send(call, ann, 10)
    call.create(f"{path}/deactivate")
    send(call, ann, 10)
    assert call.create(f"{path}/activate") == alert
    assert len(told(call)) == 1
    send(call, ann, 1)
    send(call, ann, 1)
    assert fired(call) == [(alert["id"], ann, 10), (alert["id"], ann, 21)]


def test_activating_an_active_alert_does_not_let_it_fire_again(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))
    send(call, ann, 10)
    assert call.create(f"{ALERTS}/{alert['id']}/activate") == alert
    send(call, ann, 10)
    assert len(told(call)) == 1


def test_an_archived_alert_is_over(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))
    path = f"{ALERTS}/{alert['id']}"
    archived = call.create(f"{path}/archive")
    assert archived == alert | {"status": "archived"}
    assert call.create(f"{path}/archive") == archived
    for action in ("activate", "deactivate"):
        assert call.post(f"{path}/{action}").status == 400
    assert call.get(path).json == archived
    assert call.get(ALERTS).ids == []
    send(call, ann, 10)
    assert told(call) == []


def test_an_unknown_alert_is_not_found(call: Call) -> None:
    for method, suffix in (("GET", ""), ("POST", "/activate"), ("POST", "/deactivate"), ("POST", "/archive")):
        answer = call.request(method, f"{ALERTS}/alrt_none{suffix}")
        assert (answer.status, answer.error["message"]) == (404, "No such alert: 'alrt_none'")


def test_none_of_these_takes_parameters(call: Call) -> None:
    alert = call.create(ALERTS, on_usage(meter(call)))["id"]
    for action in ("activate", "deactivate", "archive"):
        error = call.post(f"{ALERTS}/{alert}/{action}", {"why": "x"}).error
        assert error["message"] == "Received unknown parameter: why"


# List


def test_alerts_are_listed_newest_first_by_meter_type_and_customer(call: Call) -> None:
    ann, bob, one, two = customer(call), customer(call), meter(call), meter(call, "other")
    first = call.create(ALERTS, on_usage(one))["id"]
    second = call.create(ALERTS, on_usage(two, whose=ann))["id"]
    third = call.create(ALERTS, on_credits(bob))["id"]
    assert call.get(ALERTS).ids == [third, second, first]
    assert call.get(ALERTS, {"limit": 1, "starting_after": third}).ids == [second]
    assert call.get(ALERTS, {"meter": one}).ids == [first]
    assert call.get(ALERTS, {"meter": "mtr_none"}).error["param"] == "meter"
    assert call.get(ALERTS, {"alert_type": "usage_threshold"}).ids == [second, first]
    assert call.get(ALERTS, {"alert_type": "credit_balance_threshold"}).ids == [third]
    assert call.get(ALERTS, {"customer": ann}).ids == [second]
    assert call.get(ALERTS, {"starting_after": "alrt_none"}).error["param"] == "starting_after"


# Credit balances, in previews


def test_an_alert_may_watch_a_customers_credits(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_credits(ann), version=PREVIEW)
    assert alert["alert_type"] == "credit_balance_threshold"
    assert alert["usage_threshold"] is None
    monetary = {"currency": "usd", "value": 100}
    assert alert["credit_balance_threshold"] == {
        "filters": [{"customer": ann, "type": "customer"}],
        "lte": {"balance_type": "monetary", "custom_pricing_unit": None, "monetary": monetary},
    }


def test_it_fires_when_credits_run_low_and_recovers_when_there_are_more(call: Call) -> None:
    ann = customer(call)
    first = grant(call, ann, 500)
    alert = call.create(ALERTS, on_credits(ann, 100))
    second = grant(call, ann, 100)
    assert told(call) == []
    call.create(f"{GRANTS}/{first}/void")
    [low] = told(call)
    assert (low["alert"], low["customer"], low["currency"], low["value"]) == (alert, ann, "usd", 100)
    call.create(f"{GRANTS}/{second}/expire")
    assert len(told(call)) == 1
    grant(call, ann, 101)
    [recovered] = told(call, "billing.alert.recovered")
    assert (recovered["object"], recovered["value"]) == ("billing.alert_recovered", 101)


def test_credits_that_expire_by_themselves_fire_it_at_that_instant(call: Call) -> None:
    ann = customer(call)
    grant(call, ann, 500, expires_at=NEW_YEAR + 60)
    call.create(ALERTS, on_credits(ann, 100))
    call.clock.advance(3600)
    [low] = told(call)
    assert (low["value"], low["created"]) == (0, NEW_YEAR + 60)


def test_credits_of_another_currency_or_customer_do_not_count(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    euros = {"type": "monetary", "monetary": {"currency": "eur", "value": 500}}
    call.create(ALERTS, on_credits(ann, 100))
    grant(call, ann, 500)
    for each in (grant(call, ann, 1, amount=euros), grant(call, bob, 500)):
        call.create(f"{GRANTS}/{each}/void")
    assert told(call) == []


def test_it_may_watch_the_credits_of_some_prices_only(call: Call) -> None:
    ann = customer(call)
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter(call)}
    params = {"currency": "usd", "unit_amount": 1, "product_data": {"name": "Calls"}, "recurring": recurring}
    one, two = (call.create("/v1/prices", params)["id"] for _ in range(2))
    scopes = [{"scope": {"prices": [{"id": price}]}} for price in (one, two)]
    call.create(ALERTS, on_credits(ann, 100, credit_grants={"applicability_config": scopes[0]}))
    grants = [grant(call, ann, 500, applicability_config=scope) for scope in scopes]
    call.create(f"{GRANTS}/{grants[1]}/void")
    assert told(call) == []
    call.create(f"{GRANTS}/{grants[0]}/void")
    assert [each["value"] for each in told(call)] == [0]
    unknown = {"applicability_config": {"scope": {"prices": [{"id": "price_none"}]}}}
    answer = call.post(ALERTS, on_credits(ann, 100, credit_grants=unknown))
    path = "credit_balance_threshold[filters][0][credit_grants][applicability_config][scope][prices][0][id]"
    assert (answer.status, answer.error["param"]) == (400, path)


def test_an_inactive_one_does_not_fire_and_fires_again_when_active(call: Call) -> None:
    ann = customer(call)
    alert = call.create(ALERTS, on_credits(ann, 100))["id"]
    grant(call, ann, 10)
    assert len(told(call)) == 1
    call.create(f"{ALERTS}/{alert}/deactivate")
    grant(call, ann, 10)
    call.create(f"{ALERTS}/{alert}/activate")
    grant(call, ann, 10)
    assert fired(call) == [(alert, ann, 10), (alert, ann, 30)]
    call.create(f"{ALERTS}/{alert}/archive")
    grant(call, ann, 1000)
    assert told(call, "billing.alert.recovered") == []


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"filters": None}, "credit_balance_threshold[filters]"),
        ({"filters": [{"type": "customer"}]}, "credit_balance_threshold[filters][0][customer]"),
        ({"lte": None}, "credit_balance_threshold[lte]"),
        ({"lte": {"balance_type": "monetary"}}, "credit_balance_threshold[lte][monetary]"),
        ({"lte": {"balance_type": "custom_pricing_unit"}}, "credit_balance_threshold[lte][balance_type]"),
        (
            {"lte": {"balance_type": "monetary", "monetary": {"currency": "usd", "value": -1}}},
            "credit_balance_threshold[lte][monetary][value]",
        ),
    ],
)
def test_what_is_wrong_with_its_line_is_named(call: Call, change: dict[str, Any], param: str) -> None:
    params = on_credits(customer(call))
    threshold = params["credit_balance_threshold"] | change
    answer = call.post(ALERTS, params | {"credit_balance_threshold": threshold})
    assert (answer.status, answer.error["param"]) == (400, param)


def test_an_alert_has_one_threshold(call: Call) -> None:
    both = on_usage(meter(call)) | {"credit_balance_threshold": on_credits(customer(call))["credit_balance_threshold"]}
    answer = call.post(ALERTS, both)
    assert (answer.status, answer.error["param"]) == (400, "credit_balance_threshold")


def test_versions_for_general_availability_know_nothing_of_it(call: Call) -> None:
    ann = customer(call)
    error = call.post(ALERTS, on_credits(ann), version=GA).error
    assert error["message"] == "Received unknown parameter: credit_balance_threshold"
    assert call.get(ALERTS, {"customer": ann}, version=GA).error["message"] == "Received unknown parameter: customer"
    call.fake.webhooks.hold()
    hook = {"url": "http://127.0.0.1:9/hook", "enabled_events": ["billing.alert.triggered"], "api_version": GA}
    call.create("/v1/webhook_endpoints", hook)
    alert = call.create(ALERTS, on_usage(meter(call), 10), version=GA)
    assert set(alert) == {"id", "object", "alert_type", "livemode", "status", "title", "usage_threshold"}
    send(call, ann, 10)
    [held] = call.fake.webhooks.held
    triggered = held.json["data"]["object"]
    assert set(triggered) == {"object", "alert", "created", "customer", "livemode", "value"}
    assert triggered["alert"] == alert


# Across a snapshot


def test_a_snapshot_remembers_what_fired(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    alert = call.create(ALERTS, on_usage(meter(call), 10))["id"]
    call.create(ALERTS, on_credits(ann))
    send(call, ann, 10)
    call.fake.restore(call.fake.snapshot())
    send(call, ann, 10)
    send(call, bob, 10)
    assert fired(call) == [(alert, ann, 10), (alert, bob, 10)]
