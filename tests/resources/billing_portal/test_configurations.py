"""Portal configurations: what customers may do."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import events
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import types

PATH = "/v1/billing_portal/configurations"
SWITCH = "features[subscription_update]"
SOME = {"invoice_history": {"enabled": True}}
Tree = dict[str, Any]


def price_and_product(call: Call, unit_amount: int = 1000) -> tuple[str, str]:
    price = licensed(call, unit_amount)
    return price, call.get(f"/v1/prices/{price}").json["product"]


def switching(call: Call, **terms: object) -> Tree:
    """Features that let customers switch to one price."""
    price, of = price_and_product(call)
    switch = {
        "enabled": True,
        "default_allowed_updates": ["price"],
        "products": [{"product": of, "prices": [price]}],
    }
    return {"payment_method_update": {"enabled": True}, "subscription_update": switch | terms}


def test_what_a_configuration_does_not_enable_is_off(call: Call) -> None:
    created = call.create(PATH, {"features": {"invoice_history": {"enabled": True}}})
    assert created["id"].startswith("bpc_")
    assert list(created) == [
        "id",
        "object",
        "active",
        "application",
        "business_profile",
        "created",
        "default_return_url",
        "features",
        "is_default",
        "livemode",
        "login_page",
        "metadata",
        "name",
        "updated",
    ]
    assert created == {
        "id": created["id"],
        "object": "billing_portal.configuration",
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": NEW_YEAR,
        "default_return_url": None,
        "features": {
            "customer_update": {"allowed_updates": [], "enabled": False},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": False, "payment_method_configuration": None},
            "subscription_cancel": {
                "cancellation_reason": {
                    "enabled": False,
                    "feedback_options": None,
                    "options": ["too_expensive", "missing_features", "switched_service", "unused", "other"],
                },
                "enabled": False,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_pause": {
                "duration": {
                    "interval_options": [{"interval": "month", "interval_count": 1}],
                    "type": "interval_options",
                },
                "enabled": False,
            },
            "subscription_update": {
                "billing_cycle_anchor": "unchanged",
                "default_allowed_updates": [],
                "enabled": False,
                "proration_behavior": "none",
                "schedule_at_period_end": {"conditions": []},
                "trial_update_behavior": "end_trial",
            },
        },
        "is_default": False,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": NEW_YEAR,
    }
    assert call.get(f"{PATH}/{created['id']}").json == created
    assert types(call) == ["billing_portal.configuration.created"]


def test_an_account_has_a_default_configuration_that_lets_customers_cancel_and_not_switch(call: Call) -> None:
    (default,) = call.get(PATH).json["data"]
    assert (default["is_default"], default["active"]) == (True, True)
    features = default["features"]
    assert features["subscription_cancel"]["enabled"] is True
    assert features["subscription_update"]["enabled"] is False
    assert call.get(f"{PATH}/{default['id']}").json == default
    assert call.get(PATH, {"is_default": True}).json["data"] == [default]
    assert types(call) == []


def test_the_default_configuration_stays_the_oldest_one(call: Call) -> None:
    (default,) = call.get(PATH).ids
    own = call.create(PATH, {"features": SOME})["id"]
    assert call.get(PATH).ids == [own, default]
    assert call.get(PATH, {"is_default": False}).ids == [own]
    call.create(f"{PATH}/{own}", {"active": False})
    assert call.get(PATH, {"active": True}).ids == [default]
    assert call.get(PATH, {"starting_after": own}).ids == [default]


def test_the_default_configuration_can_be_changed(call: Call) -> None:
    (default,) = call.get(PATH).ids
    changed = call.create(f"{PATH}/{default}", {"name": "Everyone", "features": switching(call)})
    assert (changed["name"], changed["is_default"]) == ("Everyone", True)
    assert changed["features"]["subscription_update"]["enabled"] is True
    assert changed["features"]["subscription_cancel"]["enabled"] is True
    assert call.get(PATH).json["data"] == [changed]


def test_the_default_configuration_cannot_be_deactivated(call: Call) -> None:
    (default,) = call.get(PATH).ids
    refused = call.post(f"{PATH}/{default}", {"active": False})
    assert (refused.status, refused.error["param"]) == (400, "active")


def test_what_customers_may_switch_to_is_left_out_unless_it_is_expanded(call: Call) -> None:
    price, of = price_and_product(call)
    features = switching(call, products=[{"product": of, "prices": [price]}])
    created = call.create(PATH, {"features": features})
    assert "products" not in created["features"]["subscription_update"]
    expand = {"expand": ["features.subscription_update.products"]}
    found = call.get(f"{PATH}/{created['id']}", expand).json["features"]["subscription_update"]
    assert list(found) == [
        "billing_cycle_anchor",
        "default_allowed_updates",
        "enabled",
        "products",
        "proration_behavior",
        "schedule_at_period_end",
        "trial_update_behavior",
    ]
    assert found["products"] == [
        {
            "adjustable_quantity": {"enabled": True, "maximum": None, "minimum": 1},
            "prices": [price],
            "product": of,
        }
    ]
    listed = call.get(PATH, {"expand": ["data.features.subscription_update.products"]}).json["data"]
    assert [each["features"]["subscription_update"]["products"] for each in listed] == [found["products"], []]


def test_what_is_said_of_a_configuration_is_kept(call: Call) -> None:
    profile = {
        "headline": "Cedar pays here",
        "privacy_policy_url": "https://cedar.test/privacy",
        "terms_of_service_url": "https://cedar.test/terms",
    }
    cancel = {
        "enabled": True,
        "mode": "immediately",
        "proration_behavior": "create_prorations",
        "cancellation_reason": {"enabled": True, "options": ["unused", "other"]},
    }
    terms = {
        "business_profile": profile,
        "default_return_url": "https://cedar.test/account",
        "metadata": {"team": "growth"},
        "name": "Cedar",
    }
    customer_update = {"enabled": True, "allowed_updates": ["email", "address"]}
    switch = {
        "billing_cycle_anchor": "now",
        "proration_behavior": "always_invoice",
        "schedule_at_period_end": {"conditions": [{"type": "shortening_interval"}]},
        "trial_update_behavior": "continue_trial",
    }
    features = switching(call, **switch) | {"subscription_cancel": cancel, "customer_update": customer_update}
    created = call.create(PATH, {**terms, "features": features})
    assert {name: created[name] for name in terms} == terms
    shown = created["features"]
    assert shown["customer_update"] == customer_update
    reason = cancel["cancellation_reason"] | {"feedback_options": None}  # type: ignore[operator]
    assert shown["subscription_cancel"] == cancel | {"cancellation_reason": reason}
    assert {name: shown["subscription_update"][name] for name in switch} == switch


def test_a_change_leaves_the_rest_as_it_is(call: Call) -> None:
    features = switching(call)
    created = call.create(PATH, {"features": features | {"subscription_cancel": {"enabled": True}}})
    call.clock.advance(DAY)
    url = f"{PATH}/{created['id']}"
    changed = call.create(url, {"features": {"subscription_cancel": {"mode": "immediately"}}})
    cancel = created["features"]["subscription_cancel"]
    assert changed["features"] == created["features"] | {"subscription_cancel": cancel | {"mode": "immediately"}}
    assert (changed["created"], changed["updated"]) == (NEW_YEAR, NEW_YEAR + DAY)
    last = events(call, "billing_portal.*")[-1]
    assert last["type"] == "billing_portal.configuration.updated"
    assert last["data"]["previous_attributes"] == {"features": created["features"], "updated": NEW_YEAR}


def test_what_customers_may_switch_to_can_be_replaced(call: Call) -> None:
    created = call.create(PATH, {"features": switching(call)})
    price, of = price_and_product(call, 2500)
    adjustable = {"enabled": True, "minimum": 2, "maximum": 5}
    products = [{"product": of, "prices": [price], "adjustable_quantity": adjustable}]
    call.create(f"{PATH}/{created['id']}", {"features": {"subscription_update": {"products": products}}})
    expand = {"expand": ["features.subscription_update.products"]}
    found = call.get(f"{PATH}/{created['id']}", expand).json["features"]["subscription_update"]["products"]
    assert found == products
    assert types(call, "billing_portal.*")[-1] == "billing_portal.configuration.updated"


@pytest.mark.parametrize("name", ["default_allowed_updates", "products"])
def test_switching_needs_to_be_said_to_what(call: Call, name: str) -> None:
    features = switching(call)
    del features["subscription_update"][name]
    refused = call.post(PATH, {"features": features})
    assert (refused.status, refused.error["code"], refused.error["param"]) == (
        400,
        "parameter_missing",
        f"{SWITCH}[{name}]",
    )
    assert refused.error["message"] == f"Missing required param: {SWITCH}[{name}]."


def test_switching_needs_payment_methods_that_can_be_changed(call: Call) -> None:
    features = switching(call) | {"payment_method_update": {"enabled": False}}
    refused = call.post(PATH, {"features": features})
    sentence = "Cannot enable subscription updates while payment method update is disabled."
    assert (refused.status, refused.error["message"]) == (400, sentence)


def test_a_price_that_bills_usage_is_not_for_switching(call: Call) -> None:
    price = metered(call)
    of = call.get(f"/v1/prices/{price}").json["product"]
    refused = call.post(PATH, {"features": switching(call, products=[{"product": of, "prices": [price]}])})
    assert (refused.status, refused.error["param"]) == (400, f"{SWITCH}[products][0][prices][0]")
    assert "usage_type=metered" in refused.error["message"]


def test_products_and_prices_are_checked(call: Call) -> None:
    price, of = price_and_product(call)
    other, its = price_and_product(call)
    once = one_time(call)
    of_once = call.get(f"/v1/prices/{once}").json["product"]
    wrong = [
        ([{"product": "prod_none", "prices": [price]}], "[0][product]"),
        ([{"product": of, "prices": ["price_none"]}], "[0][prices][0]"),
        ([{"product": of, "prices": [other]}], "[0][prices][0]"),
        ([{"product": of, "prices": [price, price]}], "[0][prices][1]"),
        ([{"product": of_once, "prices": [once]}], "[0][prices][0]"),
        ([{"product": its, "prices": [other]}, {"product": its, "prices": [other]}], "[1][product]"),
        (
            [{"product": of, "prices": [price], "adjustable_quantity": {"enabled": True, "minimum": 3, "maximum": 2}}],
            "[0][adjustable_quantity][maximum]",
        ),
        ([{"product": of, "prices": [price]}] * 11, ""),
    ]
    for products, path in wrong:
        refused = call.post(PATH, {"features": switching(call, products=products)})
        assert (refused.status, refused.error["param"]) == (400, f"{SWITCH}[products]{path}"), products


@pytest.mark.parametrize(
    ("mode", "prorations"),
    [("at_period_end", "create_prorations"), ("at_period_end", "always_invoice"), ("immediately", "always_invoice")],
)
def test_only_a_cancellation_at_once_gives_time_back(call: Call, mode: str, prorations: str) -> None:
    cancel = {"enabled": True, "mode": mode, "proration_behavior": prorations}
    refused = call.post(PATH, {"features": {"subscription_cancel": cancel}})
    path = "features[subscription_cancel][proration_behavior]"
    assert (refused.status, refused.error["param"]) == (400, path)


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({}, "features"),
        ({"features": {"customer_update": {"enabled": True}}}, "features[customer_update][allowed_updates]"),
        ({"features": {"subscription_cancel": {"mode": "immediately"}}}, "features[subscription_cancel][enabled]"),
        ({"features": {"subscription_update": {"products": ""}}}, f"{SWITCH}[enabled]"),
        ({"features": SOME, "default_return_url": "cedar.test"}, "default_return_url"),
        (
            {"features": SOME, "business_profile": {"privacy_policy_url": "javascript:alert(1)"}},
            "business_profile[privacy_policy_url]",
        ),
        ({"features": SOME, "business_profile": {"headline": "x" * 61}}, "business_profile[headline]"),
        ({"features": SOME, "name": "x" * 257}, "name"),
        (
            {
                "features": {
                    "subscription_update": {"enabled": False, "schedule_at_period_end": {"conditions": [{"type": "x"}]}}
                }
            },
            f"{SWITCH}[schedule_at_period_end][conditions][0][type]",
        ),
    ],
)
def test_wrong_parameters_are_named(call: Call, terms: Tree, path: str) -> None:
    refused = call.post(PATH, terms)
    assert (refused.status, refused.error["param"]) == (400, path)


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        ({"features": {"subscription_pause": {"enabled": True}}}, "features[subscription_pause][enabled]"),
        ({"features": SOME, "login_page": {"enabled": True}}, "login_page[enabled]"),
        (
            {"features": {"payment_method_update": {"enabled": True, "payment_method_configuration": "pmc_1"}}},
            "features[payment_method_update][payment_method_configuration]",
        ),
    ],
)
def test_what_the_portal_of_the_fake_does_not_have_is_refused_as_such(call: Call, terms: Tree, path: str) -> None:
    refused = call.post(PATH, terms)
    assert (refused.status, refused.error["param"]) == (501, path)


def test_no_configuration_is_found_by_another_id(call: Call) -> None:
    refused = call.get(f"{PATH}/bpc_none")
    assert (refused.status, refused.error["message"]) == (404, "No such configuration: 'bpc_none'")


def test_an_older_version_shows_what_it_knew(call: Call) -> None:
    created = call.create(PATH, {"features": switching(call), "name": "New"})
    expand = {"expand": ["features.subscription_update.products"]}
    old = call.get(f"{PATH}/{created['id']}", expand, version="2024-06-20").json
    assert "name" not in old
    assert "subscription_pause" not in old["features"]
    assert list(old["features"]["subscription_update"]) == [
        "default_allowed_updates",
        "enabled",
        "products",
        "proration_behavior",
    ]
    assert [list(each) for each in old["features"]["subscription_update"]["products"]] == [["prices", "product"]]
