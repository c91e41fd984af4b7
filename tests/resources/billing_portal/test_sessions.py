"""Portal sessions: a link to the portal for one customer, and what it leads to."""

from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types

CONFIGURATIONS = "/v1/billing_portal/configurations"
PATH = "/v1/billing_portal/sessions"
RETURN = "https://cedar.test/account"
Tree = dict[str, Any]


def offering(call: Call, *prices: str, allowed: tuple[str, ...] = ("price", "quantity"), **product: object) -> str:
    """A configuration that lets customers switch to some prices."""
    products = [
        {"product": call.get(f"/v1/prices/{price}").json["product"], "prices": [price], **product} for price in prices
    ]
    features = {
        "payment_method_update": {"enabled": True},
        "subscription_update": {"enabled": True, "default_allowed_updates": list(allowed), "products": products},
    }
    created: str = call.create(CONFIGURATIONS, {"features": features})["id"]
    return created


def confirm(subscription: Tree, **item: object) -> Tree:
    items = [{"id": subscription["items"]["data"][0]["id"], **item}]
    about = {"subscription": subscription["id"], "items": items}
    return {"type": "subscription_update_confirm", "subscription_update_confirm": about}


def opened(call: Call, ada: str, flow: Tree, **terms: object) -> Answer:
    return call.post(PATH, {"customer": ada, "flow_data": flow, **terms})


def test_a_session_is_a_customers_link_to_the_portal(call: Call) -> None:
    ada = customer(call)
    created = call.create(PATH, {"customer": ada, "return_url": RETURN})
    (default,) = call.get(CONFIGURATIONS).ids
    assert created["id"].startswith("bps_")
    assert list(created) == [
        "id",
        "object",
        "configuration",
        "created",
        "customer",
        "customer_account",
        "flow",
        "livemode",
        "locale",
        "on_behalf_of",
        "return_url",
        "url",
    ]
    assert created == {
        "id": created["id"],
        "object": "billing_portal.session",
        "configuration": default,
        "created": NEW_YEAR,
        "customer": ada,
        "customer_account": None,
        "flow": None,
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": RETURN,
        "url": created["url"],
    }
    (event,) = events(call, "billing_portal.*")
    assert (event["type"], event["data"]["object"]["id"]) == ("billing_portal.session.created", created["id"])


def test_a_session_cannot_be_read_again(call: Call) -> None:
    created = call.create(PATH, {"customer": customer(call)})
    assert call.get(f"{PATH}/{created['id']}").status == 404
    assert call.get(PATH).status == 404


def test_a_session_has_the_configuration_that_it_names_and_its_return_url(call: Call) -> None:
    terms = {"features": {"invoice_history": {"enabled": True}}, "default_return_url": RETURN}
    own = call.create(CONFIGURATIONS, terms)["id"]
    ada = customer(call)
    created = call.create(PATH, {"customer": ada, "configuration": own, "locale": "de", "expand": ["configuration"]})
    assert (created["configuration"]["id"], created["return_url"], created["locale"]) == (own, RETURN, "de")
    assert call.create(PATH, {"customer": ada})["return_url"] is None


@pytest.mark.parametrize(
    ("terms", "param", "message"),
    [
        ({}, "customer", "Missing required param: customer."),
        ({"customer": "cus_none"}, "customer", "No such customer: 'cus_none'"),
        ({"customer": "ada", "configuration": "bpc_none"}, "configuration", "No such configuration: 'bpc_none'"),
        ({"customer": "ada", "return_url": "account"}, "return_url", "Invalid URL: An explicit scheme (such as https)"),
        ({"customer": "ada", "return_url": "javascript:alert(1)"}, "return_url", "Invalid URL"),
        ({"customer": "ada", "locale": "xx"}, "locale", "Invalid locale: must be one of auto, bg, cs"),
        ({"customer": "ada", "flow_data": {"type": "x"}}, "flow_data[type]", "Invalid flow_data[type]: must be one of"),
    ],
)
def test_wrong_parameters_are_named(call: Call, terms: Tree, param: str, message: str) -> None:
    if terms.get("customer") == "ada":
        terms = terms | {"customer": customer(call)}
    refused = call.post(PATH, terms)
    assert (refused.status, refused.error["param"]) == (400, param)
    assert refused.error["message"].startswith(message)


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"customer_account": "acct_1"}, "customer_account"),
        ({"on_behalf_of": "acct_1"}, "on_behalf_of"),
        ({"flow_data": {"type": "subscription_pause"}}, "flow_data[type]"),
    ],
)
def test_what_the_fake_does_not_act_on_is_refused_as_such(call: Call, terms: Tree, param: str) -> None:
    refused = call.post(PATH, {"customer": customer(call), **terms})
    assert (refused.status, refused.error["param"]) == (501, param)


def test_nobody_is_kept_from_canceling_by_a_coupon(call: Call) -> None:
    ada = customer(call)
    call.create("/v1/coupons", {"id": "TEN", "percent_off": 10})
    offer = {"type": "coupon_offer", "coupon_offer": {"coupon": "TEN"}}
    about = {"subscription": subscribe(call, ada, metered(call))["id"], "retention": offer}
    refused = opened(call, ada, {"type": "subscription_cancel", "subscription_cancel": about})
    assert (refused.status, refused.error["param"]) == (501, "flow_data[subscription_cancel][retention][type]")


def test_an_inactive_configuration_is_refused(call: Call) -> None:
    own = call.create(CONFIGURATIONS, {"features": {"invoice_history": {"enabled": True}}})["id"]
    call.create(f"{CONFIGURATIONS}/{own}", {"active": False})
    refused = call.post(PATH, {"customer": customer(call), "configuration": own})
    assert (refused.status, refused.error["param"]) == (400, "configuration")


def test_a_flow_leads_to_the_cancellation(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))["id"]
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription}}
    assert opened(call, ada, flow).json["flow"] == {
        "after_completion": {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"},
        "customer_update": None,
        "subscription_cancel": {"retention": None, "subscription": subscription},
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": "subscription_cancel",
    }


@pytest.mark.parametrize(
    ("after", "shown"),
    [
        (
            {"type": "redirect", "redirect": {"return_url": RETURN}},
            {"hosted_confirmation": None, "redirect": {"return_url": RETURN}, "type": "redirect"},
        ),
        (
            {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Bye"}},
            {"hosted_confirmation": {"custom_message": "Bye"}, "redirect": None, "type": "hosted_confirmation"},
        ),
        (
            {"type": "hosted_confirmation"},
            {"hosted_confirmation": {"custom_message": None}, "redirect": None, "type": "hosted_confirmation"},
        ),
    ],
)
def test_a_flow_says_what_comes_after_it(call: Call, after: Tree, shown: Tree) -> None:
    flow = {"type": "payment_method_update", "after_completion": after}
    assert opened(call, customer(call), flow).json["flow"]["after_completion"] == shown


@pytest.mark.parametrize(
    ("after", "param"),
    [
        ({"type": "redirect"}, "flow_data[after_completion][redirect]"),
        ({"type": "redirect", "redirect": {"return_url": "x"}}, "flow_data[after_completion][redirect][return_url]"),
        (
            {"type": "portal_homepage", "redirect": {"return_url": RETURN}},
            "flow_data[after_completion][redirect]",
        ),
    ],
)
def test_what_comes_after_a_flow_is_checked(call: Call, after: Tree, param: str) -> None:
    refused = opened(call, customer(call), {"type": "payment_method_update", "after_completion": after})
    assert (refused.status, refused.error["param"]) == (400, param)


def test_a_flow_leads_to_the_customers_data(call: Call) -> None:
    assert opened(call, customer(call), {"type": "customer_update"}).json["flow"]["customer_update"] == {}


@pytest.mark.parametrize("kind", ["subscription_cancel", "subscription_update", "subscription_update_confirm"])
def test_a_flow_names_its_subscription(call: Call, kind: str) -> None:
    refused = opened(call, customer(call), {"type": kind})
    assert (refused.status, refused.error["param"]) == (400, f"flow_data[{kind}]")


def test_a_flow_is_about_a_subscription_of_the_customer_that_goes_on(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    subscription = subscribe(call, bob, metered(call))["id"]
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription}}
    path = "flow_data[subscription_cancel][subscription]"
    assert opened(call, ada, flow).error["param"] == path
    unknown = {"type": "subscription_cancel", "subscription_cancel": {"subscription": "sub_none"}}
    refused = opened(call, ada, unknown)
    assert (refused.status, refused.error["message"]) == (400, "No such subscription: 'sub_none'")
    call.delete(f"/v1/subscriptions/{subscription}")
    assert (opened(call, bob, flow).status, opened(call, bob, flow).error["param"]) == (400, path)


def test_what_is_canceled_already_is_not_canceled_again(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))["id"]
    call.create(f"/v1/subscriptions/{subscription}", {"cancel_at_period_end": True})
    refused = opened(call, ada, {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription}})
    sentence = f"The subscription {subscription} is already set to be canceled at period end."
    assert (refused.status, refused.error["message"]) == (400, sentence)


@pytest.mark.parametrize("kind", ["subscription_update", "subscription_update_confirm"])
def test_the_default_configuration_lets_nobody_switch(call: Call, kind: str) -> None:
    ada = customer(call)
    seat = licensed(call)
    subscription = subscribe(call, ada, seat)
    flow = confirm(subscription, price=licensed(call, 2000))
    if kind == "subscription_update":
        flow = {"type": kind, kind: {"subscription": subscription["id"]}}
    refused = opened(call, ada, flow)
    assert refused.status == 400
    assert refused.error["message"] == (
        "This subscription cannot be updated because the subscription update feature in the portal configuration is "
        "disabled."
    )


def test_what_a_configuration_does_not_enable_no_flow_leads_to(call: Call) -> None:
    off = call.create(CONFIGURATIONS, {"features": {"invoice_history": {"enabled": True}}})["id"]
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))["id"]
    flows: list[Tree] = [
        {"type": "customer_update"},
        {"type": "payment_method_update"},
        {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription}},
    ]
    for flow in flows:
        refused = opened(call, ada, flow, configuration=off)
        assert refused.status == 400
        assert refused.error["message"].endswith("feature in the portal configuration is disabled.")


def test_a_flow_leads_to_a_switch(call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 2000)
    subscription = subscribe(call, ada, small)
    offer = offering(call, small, large)
    flow = {"type": "subscription_update", "subscription_update": {"subscription": subscription["id"]}}
    shown = opened(call, ada, flow, configuration=offer).json["flow"]
    assert shown["subscription_update"] == {"subscription": subscription["id"]}
    confirmed = opened(call, ada, confirm(subscription, price=large, quantity=3), configuration=offer).json["flow"]
    assert confirmed["subscription_update_confirm"] == {
        "discounts": None,
        "items": [{"id": subscription["items"]["data"][0]["id"], "price": large, "quantity": 3}],
        "subscription": subscription["id"],
    }


def test_a_price_that_is_not_offered_is_refused(call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 2000)
    subscription = subscribe(call, ada, small)
    offer = offering(call, small)
    refused = opened(call, ada, confirm(subscription, price=large), configuration=offer)
    item = subscription["items"]["data"][0]["id"]
    assert refused.status == 400
    assert refused.error["message"] == (
        f"The item `{item}` cannot be updated to price `{large}` because the configuration `{offer}` does not include "
        "the price in its `features[subscription_update][products]`."
    )


def test_a_switch_to_what_is_there_is_refused(call: Call) -> None:
    ada = customer(call)
    small = licensed(call, 1000)
    subscription = subscribe(call, ada, small)
    refused = opened(call, ada, confirm(subscription, price=small, quantity=1), configuration=offering(call, small))
    sentence = "Cannot update the subscription because there are no changes to confirm."
    assert (refused.status, refused.error["message"]) == (400, sentence)


def test_a_switch_needs_something_to_switch_to(call: Call) -> None:
    ada = customer(call)
    small = licensed(call, 1000)
    subscription = subscribe(call, ada, small)
    flow = {"type": "subscription_update", "subscription_update": {"subscription": subscription["id"]}}
    refused = opened(call, ada, flow, configuration=offering(call, small, allowed=("price",)))
    assert refused.status == 400
    assert "no price in the portal configuration available to change to" in refused.error["message"]


def test_a_subscription_that_bills_usage_cannot_be_switched(call: Call) -> None:
    ada = customer(call)
    small, usage = licensed(call), metered(call)
    offer = offering(call, small)
    for prices, reason in (((usage,), "usage-based billing"), ((small, usage), "multiple `items`")):
        subscription = subscribe(call, ada, *prices)
        flow = {"type": "subscription_update", "subscription_update": {"subscription": subscription["id"]}}
        refused = opened(call, ada, flow, configuration=offer)
        assert (refused.status, reason in refused.error["message"]) == (400, True)


def test_only_allowed_changes_can_be_confirmed(call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 2000)
    subscription = subscribe(call, ada, small)
    adjustable = {"enabled": True, "minimum": 2, "maximum": 4}
    by_price = offering(call, small, large, allowed=("price",))
    by_quantity = offering(call, small, large, allowed=("quantity",), adjustable_quantity=adjustable)
    refused = [
        opened(call, ada, confirm(subscription, quantity=3), configuration=by_price),
        opened(call, ada, confirm(subscription, price=large), configuration=by_quantity),
        opened(call, ada, confirm(subscription, quantity=5), configuration=by_quantity),
        opened(call, ada, confirm({**subscription, "items": {"data": [{"id": "si_x"}]}}), configuration=by_quantity),
    ]
    assert [each.status for each in refused] == [400] * 4
    assert opened(call, ada, confirm(subscription, quantity=4), configuration=by_quantity).status == 200


def test_a_refused_session_is_no_event(call: Call) -> None:
    opened(call, customer(call), {"type": "subscription_cancel"})
    assert types(call, "billing_portal.*") == []


def test_an_older_session_shows_what_it_knew(call: Call) -> None:
    terms = {"customer": customer(call), "flow_data": {"type": "payment_method_update"}}
    old = call.post(PATH, terms, version="2024-06-20").json
    assert "customer_account" not in old
    assert "customer_update" not in old["flow"]
