"""What a business may get wrong between usage and money: refused with the right `param`, and nothing half done."""

import json
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import use

Tree = dict[str, Any]
Names = Mapping[str, str]

PRICES, PLANS, PRODUCTS = "/v1/prices", "/v1/plans", "/v1/products"
SUBSCRIPTIONS, ITEMS = "/v1/subscriptions", "/v1/subscription_items"
INVOICES, INVOICE_ITEMS, PREVIEW = "/v1/invoices", "/v1/invoiceitems", "/v1/invoices/create_preview"
CLOCKS, EVENTS, GRANTS = "/v1/test_helpers/test_clocks", "/v1/billing/meter_events", "/v1/billing/credit_grants"
ALERTS, TRANSACTIONS = "/v1/billing/alerts", "/v1/billing/credit_balance_transactions"
NOUNS = {
    PRICES: "price",
    PLANS: "plan",
    PRODUCTS: "product",
    SUBSCRIPTIONS: "subscription",
    ITEMS: "subscription_item",
    INVOICES: "invoice",
    INVOICE_ITEMS: "invoiceitem",
    CLOCKS: "billingclock",
    "/v1/customers": "customer",
}
SENTENCES_OF_THEIR_OWN = {
    ITEMS: "Invalid subscription_item id: x",
    INVOICE_ITEMS: "No such Invoice Item: 'x'(livemode=false)",
}
MONTHLY: Tree = {"interval": "month"}
SEAT: Tree = {"currency": "usd", "unit_amount": 1, "product": "{PRODUCT}"}
CHOSEN: Tree = {"currency": "usd", "product": "{PRODUCT}"}
PLAN: Tree = {"currency": "usd", "amount": 1, "product": "{PRODUCT}", "interval": "month"}
TOO_FINE = "0.0000000000001"
"""Thirteen decimals."""
SENTENCES: Mapping[str, str] = json.loads(Path(__file__).with_name("sentences.json").read_text("utf-8"))
"""What is said to a request, by its path and its parameters."""
ENDLESS = {"up_to": "inf", "unit_amount": 1}
OF_REQUESTS: Tree = {"request_ids": 0, "request_state": []}
"""What a request changes in a snapshot even if it is refused."""
MEMBERS = {"customer": "{CUSTOMER}"}
SUB_ITEM = {"subscription": "{SUBSCRIPTION}"}
SEATED: Tree = MEMBERS | {"items": [{"price": "{SEAT}"}]}
METERS = "/v1/billing/meters"
METER: Tree = {"display_name": "A", "event_name": "a", "default_aggregation": {"formula": "sum"}}
SCOPE = "applicability_config[scope]"
GRANT: Tree = MEMBERS | {
    "category": "paid",
    "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1}},
}
THRESHOLD: Tree = {"gte": 1, "meter": "{METER}", "recurrence": "one_time"}
ALERT: Tree = {"title": "A", "alert_type": "usage_threshold"}


def scoped(**scope: object) -> Tree:
    return {"applicability_config": {"scope": scope}}


def tiers(*table: Tree) -> Tree:
    return {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": list(table)}


def tiered(*table: Tree) -> Tree:
    return {"currency": "usd", "product": "{PRODUCT}", "recurring": MONTHLY, **tiers(*table)}


def usage(event_name: str, customer_id: str, value: object = 1) -> Tree:
    payload = {"stripe_customer_id": customer_id, "value": value}
    return {"event_name": event_name, "identifier": "1", "payload": payload}


def data(**terms: object) -> Tree:
    """A price that is made along the way."""
    return {"currency": "usd", "product": "{PRODUCT}", "recurring": MONTHLY, "unit_amount": 1, **terms}


@pytest.fixture(scope="module")
def business() -> tuple[Tree, Names]:
    """A snapshot of a world in which everything is there once, and the ids in it."""
    with FakeStripe(now=NOW, seed=1) as fake:
        call = Call(DOORS["engine"], fake)
        active, inactive = meter(call), meter(call, "old")
        seat, calls, old = licensed(call), metered(call, active), metered(call, inactive)
        call.create(f"/v1/billing/meters/{inactive}/deactivate")
        gone = product(call)
        call.delete(f"{PRODUCTS}/{gone}")
        ada = customer(call)
        subscription = subscribe(call, ada, seat, calls)
        use(call, ada, 7)
        clock = call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
        on_clock = customer(call, test_clock=clock)
        use(call, on_clock, 3)
        names = {
            "METER": active,
            "INACTIVE": inactive,
            "PRODUCT": product(call),
            "GONE": gone,
            "SEAT": seat,
            "CALLS": calls,
            "OLD": old,
            "ONCE": one_time(call),
            "OTHER": licensed(call, 5),
            "EURO": call.create(PRICES, data(currency="eur", product=product(call)))["id"],
            "EURO_ONCE": call.create(PRICES, data(currency="eur", product=product(call), recurring=None))["id"],
            "WEEKLY": licensed(call, interval="week"),
            "CUSTOMER": ada,
            "OTHER_CUSTOMER": customer(call),
            "SUBSCRIPTION": subscription["id"],
            "SEAT_ITEM": subscription["items"]["data"][0]["id"],
            "CALLS_ITEM": subscription["items"]["data"][1]["id"],
            "DRAFT": call.create(INVOICES, {"customer": ada})["id"],
            "INVOICE_ITEM": call.create(INVOICE_ITEMS, {"customer": ada, "amount": 5})["id"],
            "CLOCK": clock,
        }
        for path in (GRANTS, ALERTS, TRANSACTIONS):
            call.get(path)  # an account makes room for what it has none of when it is first asked
        return fake.snapshot(), names


@pytest.fixture
def names(call: Call, business: tuple[Tree, Names]) -> Iterator[Names]:
    """The ids of the business that `call` finds; after the test it must be as it was, down to the next id."""
    before, ids = business
    call.fake.restore(before)
    yield ids
    assert call.fake.snapshot() | OF_REQUESTS == before | OF_REQUESTS


def filled(tree: Any, names: Names) -> Any:  # noqa: ANN401  any JSON tree
    if isinstance(tree, dict):
        return {key: filled(value, names) for key, value in tree.items()}
    if isinstance(tree, list):
        return [filled(value, names) for value in tree]
    return tree.format_map(names) if isinstance(tree, str) else tree


def refused(call: Call, names: Names, path: str, params: Tree, param: str | None) -> Tree:
    answer = call.post(path.format_map(names), filled(params, names))
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert answer.error.get("param") == param
    assert answer.error["message"] == SENTENCES[f"{path} {json.dumps(params)}"].format_map(names)
    return answer.error


@pytest.mark.parametrize(
    ("path", "params", "param"),
    [
        (PRICES, SEAT | {"recurring": MONTHLY | {"usage_type": "metered", "meter": "{INACTIVE}"}}, "recurring[meter]"),
        (PLANS, PLAN | {"usage_type": "metered", "meter": "{INACTIVE}"}, "meter"),
        (
            PRODUCTS,
            {
                "name": "Calls",
                "default_price_data": {
                    "currency": "usd",
                    "unit_amount": 1,
                    "recurring": MONTHLY | {"usage_type": "metered", "meter": "{INACTIVE}"},
                },
            },
            "default_price_data[recurring][meter]",
        ),
    ],
)
def test_an_inactive_meter_takes_no_new_price(call: Call, names: Names, path: str, params: Tree, param: str) -> None:
    refused(call, names, path, params, param)


@pytest.mark.parametrize(
    ("path", "params", "param"),
    [
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}"}, {"price": "{EURO}"}]}, "items[1][price]"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}"}, {"plan": "{EURO}"}]}, "items[1][plan]"),
        (
            SUBSCRIPTIONS,
            MEMBERS | {"items": [{"price": "{SEAT}"}, {"price_data": data(currency="eur")}]},
            "items[1][price_data]",
        ),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}"}], "currency": "eur"}, "currency"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}"}], "currency": "euros"}, "currency"),
        ("/v1/subscriptions/{SUBSCRIPTION}", {"items": [{"price": "{EURO}"}]}, "items[0][price]"),
        ("/v1/subscriptions/{SUBSCRIPTION}", {"items": [{"id": "{SEAT_ITEM}", "price": "{EURO}"}]}, "items[0][price]"),
        (
            "/v1/subscriptions/{SUBSCRIPTION}",
            {"items": [{"id": "{SEAT_ITEM}", "deleted": True}, {"price": "{EURO}"}], "metadata": {"a": "1"}},
            "items[1][price]",
        ),
        (ITEMS, SUB_ITEM | {"price": "{EURO}"}, "price"),
        ("/v1/subscription_items/{SEAT_ITEM}", {"price": "{EURO}"}, "price"),
        (
            PREVIEW,
            SUB_ITEM | {"subscription_details": {"items": [{"price": "{EURO}"}]}},
            "subscription_details[items][0][price]",
        ),
        (PREVIEW, SUB_ITEM | {"currency": "eur"}, "currency"),
        (PREVIEW, SUB_ITEM | {"currency": "euros"}, "currency"),
        (
            PREVIEW,
            {
                "customer": "{OTHER_CUSTOMER}",
                "currency": "eur",
                "subscription_details": {"items": [{"price": "{SEAT}"}]},
            },
            "currency",
        ),
        (INVOICE_ITEMS, MEMBERS | {"invoice": "{DRAFT}", "amount": 5, "currency": "eur"}, "currency"),
        (INVOICE_ITEMS, MEMBERS | {"invoice": "{DRAFT}", "pricing": {"price": "{EURO_ONCE}"}}, "pricing[price]"),
        (INVOICE_ITEMS, MEMBERS | {"pricing": {"price": "{ONCE}"}, "currency": "eur"}, "currency"),
    ],
)
def test_currencies_do_not_mix(call: Call, names: Names, path: str, params: Tree, param: str) -> None:
    refused(call, names, path, params, param)


@pytest.mark.parametrize(
    ("path", "params", "param"),
    [
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}"}, {"price": "{WEEKLY}"}]}, "items[1][price]"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}"}, {"plan": "{WEEKLY}"}]}, "items[1][plan]"),
        ("/v1/subscriptions/{SUBSCRIPTION}", {"items": [{"price": "{WEEKLY}"}]}, "items[0][price]"),
        (
            "/v1/subscriptions/{SUBSCRIPTION}",
            {"items": [{"id": "{CALLS_ITEM}", "price": "{WEEKLY}"}]},
            "items[0][price]",
        ),
        (ITEMS, SUB_ITEM | {"price": "{WEEKLY}"}, "price"),
        ("/v1/subscription_items/{SEAT_ITEM}", {"price": "{WEEKLY}", "quantity": 3}, "price"),
        (
            PREVIEW,
            SUB_ITEM | {"subscription_details": {"items": [{"price": "{WEEKLY}"}]}},
            "subscription_details[items][0][price]",
        ),
    ],
)
def test_intervals_that_are_no_multiple_of_the_shortest_do_not_mix(
    call: Call, names: Names, path: str, params: Tree, param: str
) -> None:
    refused(call, names, path, params, param)


@pytest.mark.parametrize(
    ("path", "params", "param"),
    [
        (PRICES, SEAT | {"product": "{GONE}"}, "product"),
        (PLANS, PLAN | {"product": "{GONE}"}, "product"),
        ("/v1/plans/{SEAT}", {"product": "{GONE}", "metadata": {"a": "1"}}, "product"),
        (
            SUBSCRIPTIONS,
            MEMBERS | {"items": [{"price_data": data(product="{GONE}")}]},
            "items[0][price_data][product]",
        ),
        (
            "/v1/subscriptions/{SUBSCRIPTION}",
            {"items": [{"id": "{SEAT_ITEM}", "deleted": True}, {"price_data": data(product="{GONE}")}]},
            "items[1][price_data][product]",
        ),
        (ITEMS, SUB_ITEM | {"price_data": data(product="{GONE}")}, "price_data[product]"),
    ],
)
def test_a_deleted_product_is_sold_no_more(call: Call, names: Names, path: str, params: Tree, param: str) -> None:
    error = refused(call, names, path, params, param)
    assert (error["message"], error["code"]) == (f"No such product: '{names['GONE']}'", "resource_missing")


@pytest.mark.parametrize("mode", ["graduated", "volume"])
@pytest.mark.parametrize(
    ("table", "param"),
    [
        ([{"up_to": 20, "unit_amount": 1}, {"up_to": 10, "unit_amount": 1}, ENDLESS], "tiers[1][up_to]"),
        ([{"up_to": 20, "unit_amount": 1}, {"up_to": 20, "unit_amount": 1}, ENDLESS], "tiers[1][up_to]"),
        ([{"up_to": 0, "unit_amount": 1}, ENDLESS], "tiers[0][up_to]"),
        ([{"up_to": -5, "unit_amount": 1}, ENDLESS], "tiers[0][up_to]"),
        ([ENDLESS, {"up_to": 10, "unit_amount": 1}], "tiers[0][up_to]"),
        ([{"up_to": 10, "unit_amount": 1}, {"up_to": 20, "unit_amount": 1}], "tiers[1][up_to]"),
        ([{"up_to": 10}, ENDLESS], "tiers[0][unit_amount]"),
        ([{"unit_amount": 1}, ENDLESS], "tiers[0][up_to]"),
        ([{"up_to": "10.5", "unit_amount": 1}, ENDLESS], "tiers[0][up_to]"),
    ],
)
def test_tiers_ascend_to_the_last(call: Call, names: Names, table: list[Tree], param: str, mode: str) -> None:
    refused(call, names, PRICES, tiered(*table) | {"tiers_mode": mode}, param)
    refused(call, names, PLANS, PLAN | {"amount": None, **tiers(*table), "tiers_mode": mode}, param)


@pytest.mark.parametrize(
    ("path", "params", "param"),
    [
        (PRICES, SEAT | {"unit_amount": None, "unit_amount_decimal": TOO_FINE}, "unit_amount_decimal"),
        (PRICES, SEAT | {"unit_amount": "0.5"}, "unit_amount"),
        (PRICES, tiered({"up_to": "inf", "unit_amount_decimal": TOO_FINE}), "tiers[0][unit_amount_decimal]"),
        (PRICES, tiered({"up_to": "inf", "flat_amount_decimal": TOO_FINE}), "tiers[0][flat_amount_decimal]"),
        (PRICES, tiered({"up_to": "inf", "flat_amount": "0.5"}), "tiers[0][flat_amount]"),
        (
            PRICES,
            SEAT | {"currency_options": {"eur": {"unit_amount_decimal": TOO_FINE}}},
            "currency_options[eur][unit_amount_decimal]",
        ),
        (
            "/v1/prices/{SEAT}",
            {"currency_options": {"eur": {"unit_amount_decimal": TOO_FINE}}, "active": False},
            "currency_options[eur][unit_amount_decimal]",
        ),
        (PLANS, PLAN | {"amount": None, "amount_decimal": TOO_FINE}, "amount_decimal"),
        (
            PRODUCTS,
            {"name": "Calls", "default_price_data": {"currency": "usd", "unit_amount_decimal": TOO_FINE}},
            "default_price_data[unit_amount_decimal]",
        ),
        (
            SUBSCRIPTIONS,
            MEMBERS | {"items": [{"price_data": data(unit_amount=None, unit_amount_decimal=TOO_FINE)}]},
            "items[0][price_data][unit_amount_decimal]",
        ),
        (INVOICE_ITEMS, MEMBERS | {"unit_amount_decimal": TOO_FINE}, "unit_amount_decimal"),
        (INVOICE_ITEMS, MEMBERS | {"unit_amount_decimal": f"-{TOO_FINE}"}, "unit_amount_decimal"),
        (INVOICE_ITEMS, MEMBERS | {"amount": "0.5"}, "amount"),
        (
            "/v1/invoiceitems/{INVOICE_ITEM}",
            {"unit_amount_decimal": TOO_FINE, "description": "x"},
            "unit_amount_decimal",
        ),
    ],
)
def test_amounts_have_twelve_decimals_at_most(call: Call, names: Names, path: str, params: Tree, param: str) -> None:
    refused(call, names, path, params, param)


@pytest.mark.parametrize("to", [0, NEW_YEAR - 1, NEW_YEAR, -1])
def test_a_test_clock_is_not_moved_backwards(call: Call, names: Names, to: int) -> None:
    refused(call, names, "/v1/test_helpers/test_clocks/{CLOCK}/advance", {"frozen_time": to}, "frozen_time")


@pytest.mark.parametrize(
    ("path", "params", "param"),
    [
        (PRODUCTS, {"name": ""}, "name"),
        ("/v1/products/{PRODUCT}", {"default_price": "{SEAT}"}, "default_price"),
        (PRICES, {"currency": "usd", "product": "{PRODUCT}"}, None),
        (PRICES, {"currency": "usd", "unit_amount": 1}, None),
        (PRICES, tiers(ENDLESS) | {"currency": "usd", "product": "{PRODUCT}"}, "interval"),
        (PRICES, CHOSEN | {"custom_unit_amount": {"enabled": True, "maximum": -1}}, "custom_unit_amount[maximum]"),
        (PRICES, CHOSEN | {"custom_unit_amount": {"enabled": True, "minimum": -1}}, "custom_unit_amount[minimum]"),
        (PRICES, CHOSEN | {"custom_unit_amount": {"enabled": True, "preset": -1}}, "custom_unit_amount[preset]"),
        (PRICES, CHOSEN | {"unit_amount_decimal": "-0.5"}, "unit_amount_decimal"),
        (PRICES, SEAT | {"tiers_mode": "volume"}, "tiers_mode"),
        (PRICES, SEAT | {"tiers": [ENDLESS]}, "tiers"),
        (PRICES, tiered(ENDLESS) | {"unit_amount": 1}, "unit_amount"),
        (PRICES, tiered(ENDLESS) | {"unit_amount_decimal": "1"}, "unit_amount_decimal"),
        (PRICES, tiered(ENDLESS) | {"custom_unit_amount": {"enabled": True}}, "custom_unit_amount"),
        (PRICES, tiered(ENDLESS) | {"transform_quantity": {"divide_by": 2, "round": "up"}}, "transform_quantity"),
        (PRICES, tiered(ENDLESS) | {"tiers_mode": None}, "tiers_mode"),
        (PRICES, tiered(ENDLESS) | {"tiers": None}, "tiers"),
        (PRICES, SEAT | {"recurring": MONTHLY | {"meter": "{METER}"}}, "recurring[meter]"),
        (PRICES, SEAT | {"recurring": MONTHLY | {"usage_type": "metered"}}, None),
        (PRICES, SEAT | {"recurring": MONTHLY | {"interval_count": 37}}, "recurring[interval_count]"),
        (PRICES, SEAT | {"recurring": {"interval": "week", "interval_count": 157}}, "recurring[interval_count]"),
        (PRICES, SEAT | {"recurring": {"interval": "year", "interval_count": 4}}, "recurring[interval_count]"),
        (PRICES, SEAT | {"recurring": {"interval": "day", "interval_count": 1096}}, "recurring[interval_count]"),
        (PLANS, PLAN | {"amount": None}, None),
        (PLANS, PLAN | {"id": "{SEAT}"}, "id"),
        (SUBSCRIPTIONS, MEMBERS, "items"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"quantity": 1}]}, "items[0]"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{CALLS}", "quantity": 1}]}, "items[0][quantity]"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{ONCE}"}]}, "items[0][price]"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}"}, {"price": "{SEAT}"}]}, "plan"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}", "plan": "{SEAT}"}]}, "items[0][price]"),
        (SUBSCRIPTIONS, SEATED | {"collection_method": "send_invoice"}, None),
        (SUBSCRIPTIONS, SEATED | {"days_until_due": 3}, None),
        (SUBSCRIPTIONS, SEATED | {"billing_cycle_anchor": NEW_YEAR}, "billing_cycle_anchor"),
        (SUBSCRIPTIONS, SEATED | {"billing_cycle_anchor": FEBRUARY + 1}, "billing_cycle_anchor"),
        (SUBSCRIPTIONS, SEATED | {"trial_end": NEW_YEAR}, "trial_end"),
        (SUBSCRIPTIONS, SEATED | {"trial_end": NEW_YEAR + 730 * DAY + 1}, "trial_end"),
        (SUBSCRIPTIONS, SEATED | {"trial_end": FEBRUARY, "trial_period_days": 3}, "trial_end"),
        (SUBSCRIPTIONS, SEATED | {"cancel_at": NEW_YEAR}, "cancel_at"),
        (SUBSCRIPTIONS, SEATED | {"cancel_at": FEBRUARY, "cancel_at_period_end": True}, "cancel_at"),
        ("/v1/subscription_items/{CALLS_ITEM}", {"quantity": 1}, "quantity"),
        (ITEMS, SUB_ITEM, "price"),
        (PREVIEW, {}, None),
        (INVOICE_ITEMS, MEMBERS, "amount"),
        (INVOICE_ITEMS, MEMBERS | {"pricing": {"price": "{SEAT}"}}, "pricing[price]"),
        ("/v1/test_helpers/test_clocks/{CLOCK}/advance", {"frozen_time": NEW_YEAR + 3 * 366 * DAY}, "frozen_time"),
        (GRANTS, GRANT | scoped(prices=[{"id": "x"}]), f"{SCOPE}[prices][0][id]"),
        (GRANTS, GRANT | scoped(prices=[{"id": "{SEAT}"}]), f"{SCOPE}[prices][0][id]"),
        (GRANTS, GRANT | scoped(), "applicability_config"),
        (GRANTS, GRANT | scoped(price_type="metered", prices=[{"id": "{CALLS}"}]), f"{SCOPE}[price_type]"),
        (GRANTS, GRANT | scoped(prices=[{"id": "{CALLS}"}] * 21), f"{SCOPE}[prices]"),
        (GRANTS, GRANT | scoped(price_type="metered") | {"expires_at": NEW_YEAR}, "expires_at"),
        (ALERTS, ALERT | {"usage_threshold": THRESHOLD | {"meter": "x"}}, "usage_threshold[meter]"),
        ("/v1/customers", {"metadata": {"a": "b" * 501}}, "metadata[a]"),
        ("/v1/customers", {"metadata": {"a" * 41: "b"}}, f"metadata[{'a' * 41}]"),
        ("/v1/customers/{CUSTOMER}", {"metadata": {str(number): "b" for number in range(51)}}, "metadata"),
        ("/v1/customers", {"email": "x"}, "email"),
        ("/v1/webhook_endpoints", {"url": "x", "enabled_events": ["*"]}, "url"),
        ("/v1/webhook_endpoints", {"url": "https://", "enabled_events": ["*"]}, "url"),
        (
            "/v1/webhook_endpoints",
            {"url": "https://a.example/", "enabled_events": ["*"], "api_version": "x"},
            "api_version",
        ),
        (METERS, METER | {"default_aggregation": {"formula": "mean"}}, "default_aggregation[formula]"),
        (METERS, METER | {"event_name": "calls"}, None),
        (METERS, METER | {"dimension_payload_keys": ["a", "a"]}, "dimension_payload_keys[1]"),
        (EVENTS, usage("calls", "{CUSTOMER}") | {"timestamp": NEW_YEAR - 36 * DAY}, "timestamp"),
        (EVENTS, usage("calls", "{CUSTOMER}") | {"timestamp": NEW_YEAR + 301}, "timestamp"),
        (EVENTS, usage("calls", "{CUSTOMER}", "x"), "payload[value]"),
    ],
)
def test_what_makes_no_sense_is_said(call: Call, names: Names, path: str, params: Tree, param: str | None) -> None:
    refused(call, names, path, params, param)


@pytest.mark.parametrize(
    ("path", "params", "param"),
    [
        (PRICES, SEAT | {"product": "x"}, "product"),
        (PRICES, SEAT | {"recurring": MONTHLY | {"usage_type": "metered", "meter": "x"}}, "recurring[meter]"),
        (PLANS, PLAN | {"product": "x"}, "product"),
        (PLANS, PLAN | {"usage_type": "metered", "meter": "x"}, "meter"),
        ("/v1/plans/{SEAT}", {"product": "x"}, "product"),
        ("/v1/products/{PRODUCT}", {"default_price": "x", "name": "y"}, "default_price"),
        (CLOCKS, {"frozen_time": NEW_YEAR, "customer": "x"}, "customer"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price": "{SEAT}"}, {"price": "x"}]}, "items[1][price]"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"plan": "x"}]}, "plan"),
        (SUBSCRIPTIONS, MEMBERS | {"items": [{"price_data": data(product="x")}]}, "items[0][price_data][product]"),
        ("/v1/subscriptions/{SUBSCRIPTION}", {"items": [{"id": "x", "deleted": True}]}, "items[0][id]"),
        (
            "/v1/subscriptions/{SUBSCRIPTION}",
            {"items": [{"id": "{SEAT_ITEM}", "quantity": 9}, {"price": "x"}], "description": "y"},
            "items[1][price]",
        ),
        (ITEMS, {"subscription": "x", "price": "{OTHER}"}, "subscription"),
        (ITEMS, SUB_ITEM | {"price": "x"}, "price"),
        ("/v1/subscription_items/{SEAT_ITEM}", {"price": "x", "quantity": 9}, "price"),
        (INVOICES, {"customer": "x"}, "customer"),
        (INVOICES, MEMBERS | {"subscription": "x"}, "subscription"),
        (INVOICES, {"customer": "{OTHER_CUSTOMER}", **SUB_ITEM}, "subscription"),
        (INVOICE_ITEMS, {"customer": "x", "amount": 5}, "customer"),
        (INVOICE_ITEMS, MEMBERS | {"invoice": "x", "amount": 5}, "invoice"),
        (INVOICE_ITEMS, {"customer": "{OTHER_CUSTOMER}", "invoice": "{DRAFT}", "amount": 5}, "invoice"),
        (INVOICE_ITEMS, MEMBERS | {"subscription": "x", "amount": 5}, "subscription"),
        (INVOICE_ITEMS, MEMBERS | {"pricing": {"price": "x"}}, "pricing[price]"),
        ("/v1/invoiceitems/{INVOICE_ITEM}", {"pricing": {"price": "x"}, "description": "y"}, "pricing[price]"),
        (PREVIEW, {"customer": "x", "invoice_items": [{"amount": 1}]}, "customer"),
        (PREVIEW, {"subscription": "x"}, "subscription"),
        (PREVIEW, {"customer": "{OTHER_CUSTOMER}", **SUB_ITEM}, "customer"),
        (
            PREVIEW,
            SUB_ITEM | {"subscription_details": {"items": [{"id": "x"}]}},
            "subscription_details[items][0][id]",
        ),
        (
            PREVIEW,
            MEMBERS | {"subscription_details": {"items": [{"price": "x"}]}},
            "subscription_details[items][0][price]",
        ),
        (EVENTS, usage("calls", "x"), "payload[stripe_customer_id]"),
        (EVENTS, usage("x", "{CUSTOMER}"), None),
        (EVENTS, usage("old", "{CUSTOMER}"), None),
    ],
)
def test_an_id_that_a_parameter_names_must_exist(
    call: Call, names: Names, path: str, params: Tree, param: str | None
) -> None:
    refused(call, names, path, params, param)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [f"{each}/x" for each in (PRODUCTS, PLANS, SUBSCRIPTIONS, ITEMS, INVOICES, INVOICE_ITEMS)]
    + [f"{PRICES}/x", f"{CLOCKS}/x", "/v1/customers/x"],
)
def test_an_id_in_the_path_must_exist(call: Call, names: Names, path: str, method: str) -> None:
    assert names
    answer = call.request(method, path)
    assert (answer.status, answer.error["type"]) == (404, "invalid_request_error")
    if (method, path) in {("DELETE", f"{PRICES}/x"), ("POST", f"{CLOCKS}/x")}:  # which are no endpoints
        return
    resource = path.removesuffix("/x")
    sentence = SENTENCES_OF_THEIR_OWN.get(resource) or f"No such {NOUNS[resource]}: 'x'"
    by_name = resource == PRICES or (resource == INVOICES and method != "POST")
    missing = {} if resource == ITEMS else {"code": "resource_missing", "param": NOUNS[resource] if by_name else "id"}
    assert answer.error["message"] == sentence
    assert {name: answer.error[name] for name in ("code", "param") if name in answer.error} == missing


@pytest.mark.parametrize(
    "path",
    [
        *(f"{INVOICES}/x/{action}" for action in ("finalize", "pay", "send", "void", "mark_uncollectible")),
        f"{CLOCKS}/x/advance",
        "/v1/billing/meters/x/deactivate",
        "/v1/billing/meters/x/reactivate",
    ],
)
def test_nothing_is_done_to_what_is_not_there(call: Call, names: Names, path: str) -> None:
    assert names
    answer = call.post(path, {"frozen_time": FEBRUARY} if path.startswith(CLOCKS) else {})
    param = "invoice" if path.endswith("/send") else "id"
    assert (answer.status, answer.error["code"], answer.error["param"]) == (404, "resource_missing", param)


@pytest.mark.parametrize(
    ("path", "param"),
    [
        (INVOICES, "customer"),
        (INVOICES, "subscription"),
        (INVOICE_ITEMS, "customer"),
        (INVOICE_ITEMS, "invoice"),
        (SUBSCRIPTIONS, "customer"),
        (SUBSCRIPTIONS, "price"),
        (SUBSCRIPTIONS, "plan"),
        (ITEMS, "subscription"),
        (PRICES, "product"),
        (PLANS, "product"),
        (GRANTS, "customer"),
        (TRANSACTIONS, "customer"),
        (TRANSACTIONS, "credit_grant"),
        (ALERTS, "meter"),
    ],
)
def test_a_list_is_not_of_somebody_unknown(call: Call, names: Names, path: str, param: str) -> None:
    assert names
    answer = call.get(path, {param: "x"})
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "resource_missing", param)
    assert answer.error["message"] == f"No such {param.replace('_', ' ')}: 'x'"
