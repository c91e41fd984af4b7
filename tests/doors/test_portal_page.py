"""What a customer does in the portal, by the forms of its pages."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.test import TestResponse

from fakestripe_meters import FakeStripe
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

CONFIGURATIONS = "/v1/billing_portal/configurations"
SESSIONS = "/v1/billing_portal/sessions"
RETURN = "https://cedar.test/account"
HOSTILE = "</title><script>alert(1)</script>\"'&"
MINUTE = 60
Tree = dict[str, Any]


class Portal:
    """A customer in front of the portal."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.client = Client(fake.wsgi_app, use_cookies=False)
        self.call = Call(DOORS["engine"], fake)
        self.path = ""

    def enter(self, ada: str, **terms: object) -> None:
        """Begin a session."""
        session = self.call.create(SESSIONS, {"customer": ada, "return_url": RETURN, **terms})
        self.path = f"/_fakestripe/portal/{session['id']}"

    def read(self, **query: str) -> str:
        response = self.client.get(self.path, query_string=query)
        assert response.status_code == 200, response.text
        return html.unescape(response.text)

    def send(self, **form: str) -> TestResponse:
        return self.client.post(self.path, data=form)

    def do(self, **form: str) -> None:
        """Send a form that is taken: one is led back to the portal."""
        response = self.send(**form)
        assert (response.status_code, refusal(response)) == (303, "")

    def subscription(self, subscription: str) -> Tree:
        found: Tree = self.call.get(f"/v1/subscriptions/{subscription}").json
        return found


def refusal(response: TestResponse) -> str:
    """What a page says in answer to a form that it does not take."""
    found = re.search(r"data-refusal>(.*?)</p>", response.text)
    return html.unescape(found[1]) if found else ""


def price_of(subscription: Tree) -> str:
    price: str = subscription["items"]["data"][0]["price"]["id"]
    return price


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake


@pytest.fixture
def portal(fake: FakeStripe) -> Portal:
    return Portal(fake)


@pytest.fixture
def call(portal: Portal) -> Call:
    return portal.call


def configuration(call: Call, *offered: str, cancel: Tree | None = None, **switch: object) -> str:
    """A configuration that enables everything, and offers some prices."""
    products = [{"product": call.get(f"/v1/prices/{each}").json["product"], "prices": [each]} for each in offered]
    features: Tree = {
        "customer_update": {"enabled": True, "allowed_updates": ["email", "address", "name"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, **(cancel or {})},
    }
    if offered:
        terms = {"enabled": True, "default_allowed_updates": ["price", "quantity"], "products": products}
        features["subscription_update"] = terms | switch
    created: str = call.create(CONFIGURATIONS, {"features": features})["id"]
    return created


def test_the_portal_shows_what_a_customer_has(portal: Portal, call: Call) -> None:
    ada = customer(call, name="Ada", email="ada@cedar.test")
    seat = licensed(call, 1500, "Seat")
    subscribe(call, ada, {"price": seat, "quantity": 3})
    portal.enter(ada)
    shown = portal.read()
    assert "3 × Seat" in shown
    assert "$15.00 per month" in shown
    assert "ada@cedar.test" in shown
    assert "data-next-amount>$45.00<" in shown
    (invoice,) = invoices(call)
    assert f'<a href="../page/invoices/{invoice["id"]}">Jan 1, 2025' in shown
    assert f'href="{RETURN}"' in shown


def test_the_usage_so_far_is_that_of_the_summaries(portal: Portal, call: Call) -> None:
    ada = customer(call)
    calls = meter(call)
    subscribe(call, ada, metered(call, calls))
    call.clock.advance(DAY)
    use(call, ada, 400)
    use(call, ada, "20.5")
    params = {"customer": ada, "start_time": NEW_YEAR, "end_time": FEBRUARY}
    (summary,) = call.get(f"/v1/billing/meters/{calls}/event_summaries", params).json["data"]
    portal.enter(ada)
    shown = portal.read()
    assert 'data-usage="Calls" value="420.5"' in shown
    assert summary["aggregated_value"] == 420.5
    call.clock.advance(31 * DAY)
    portal.enter(ada)
    assert 'data-usage="Calls" value="0"' in portal.read()


def test_canceling_is_asked_for_on_a_page_of_its_own_which_changes_nothing(portal: Portal, call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))
    portal.enter(ada)
    shown = portal.read(cancel=subscription["id"])
    assert '<button name="confirm" value="cancel"' in shown
    assert "Feb 1, 2025" in shown
    assert portal.subscription(subscription["id"]) == subscription


def test_a_flexible_subscription_gets_the_time_at_which_it_ends(portal: Portal, call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))["id"]
    cancel = {"cancellation_reason": {"enabled": True, "options": ["unused", "other"]}}
    portal.enter(ada, configuration=configuration(call, cancel=cancel))
    assert 'value="unused"' in portal.read(cancel=subscription)
    before = len(events(call))
    portal.do(confirm="cancel", subscription=subscription, feedback="unused", comment="Bye")
    ended = portal.subscription(subscription)
    assert (ended["cancel_at_period_end"], ended["cancel_at"], ended["status"]) == (False, FEBRUARY, "active")
    assert ended["cancellation_details"]["reason"] == "cancellation_requested"
    assert (ended["cancellation_details"]["feedback"], ended["cancellation_details"]["comment"]) == ("unused", "Bye")
    assert [each["type"] for each in events(call)[before:]] == ["customer.subscription.updated"]
    assert "data-ends>Feb 1, 2025<" in portal.read()
    call.clock.advance(31 * DAY)
    assert portal.subscription(subscription)["status"] == "canceled"
    assert "customer.subscription.deleted" in types(call)


def test_a_classic_subscription_is_marked_to_end_with_its_period(portal: Portal, call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call), billing_mode={"type": "classic"})["id"]
    portal.enter(ada)
    portal.do(confirm="cancel", subscription=subscription)
    ended = portal.subscription(subscription)
    assert (ended["cancel_at_period_end"], ended["cancel_at"]) == (True, FEBRUARY)


@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_subscription_that_is_to_end_can_be_renewed(portal: Portal, call: Call, mode: str) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call), billing_mode={"type": mode})
    portal.enter(ada)
    portal.do(confirm="cancel", subscription=subscription["id"])
    assert f'name="renew" value="{subscription["id"]}"' in portal.read()
    before = len(events(call))
    portal.do(renew=subscription["id"])
    assert portal.subscription(subscription["id"]) == subscription
    assert [each["type"] for each in events(call)[before:]] == ["customer.subscription.updated"]


@pytest.mark.parametrize("prorations", ["none", "create_prorations"])
def test_a_configuration_can_end_subscriptions_at_once(portal: Portal, call: Call, prorations: str) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call, 3100))["id"]
    cancel = {"mode": "immediately", "proration_behavior": prorations}
    portal.enter(ada, configuration=configuration(call, cancel=cancel))
    call.clock.advance(MINUTE)
    portal.do(confirm="cancel", subscription=subscription)
    assert portal.subscription(subscription)["status"] == "canceled"
    assert "customer.subscription.deleted" in types(call)
    waiting = call.get("/v1/invoiceitems", {"customer": ada}).json["data"]
    assert len(waiting) == (prorations == "create_prorations")
    assert all(each["amount"] < 0 for each in waiting)


def test_what_a_customer_is_not_asked_is_not_stored(portal: Portal, call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))["id"]
    portal.enter(ada)
    portal.do(confirm="cancel", subscription=subscription, feedback="unused", comment="Bye")
    details = portal.subscription(subscription)["cancellation_details"]
    assert (details["feedback"], details["comment"]) == (None, None)


def test_what_the_configuration_does_not_enable_is_refused_to_a_forged_form(portal: Portal, call: Call) -> None:
    ada = customer(call, payment_method="pm_card_visa")
    small, large = licensed(call, 1000), licensed(call, 2000)
    subscription = subscribe(call, ada, small)
    off = call.create(CONFIGURATIONS, {"features": {"invoice_history": {"enabled": True}}})["id"]
    portal.enter(ada, configuration=off)
    shown = portal.read()
    for name in ("cancel", "switch", "renew", "remove"):
        assert f'name="{name}"' not in shown
    (card,) = call.get(f"/v1/customers/{ada}/payment_methods").ids
    forged = [
        {"confirm": "cancel", "subscription": subscription["id"]},
        {"confirm": "switch", "subscription": subscription["id"], "price": large},
        {"confirm": "method", "payment_method": "pm_card_visa"},
        {"confirm": "details", "email": "eve@cedar.test"},
        {"renew": subscription["id"]},
        {"keep": subscription["id"]},
        {"remove": card},
    ]
    before = types(call)
    for form in forged:
        assert "feature in the portal configuration is disabled" in refusal(portal.send(**form)), form
    assert portal.subscription(subscription["id"]) == subscription
    assert types(call) == before


def test_nobody_reaches_the_subscriptions_of_others(portal: Portal, call: Call) -> None:
    ada, bob = customer(call), customer(call, payment_method="pm_card_visa")
    small, large = licensed(call, 1000), licensed(call, 2000)
    subscription = subscribe(call, bob, small)
    (card,) = call.get(f"/v1/customers/{bob}/payment_methods").ids
    portal.enter(ada, configuration=configuration(call, small, large))
    for form in (
        {"confirm": "cancel", "subscription": subscription["id"]},
        {"confirm": "switch", "subscription": subscription["id"], "price": large},
        {"renew": subscription["id"]},
        {"keep": subscription["id"]},
        {"remove": card},
    ):
        assert refusal(portal.send(**form)), form
    assert portal.subscription(subscription["id"]) == subscription
    assert call.get(f"/v1/customers/{bob}/payment_methods").ids == [card]
    assert "No such subscription" in portal.read(cancel=subscription["id"])


def test_a_switch_is_shown_with_its_price_before_it_is_made(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000, "Basic"), licensed(call, 4000, "Pro")
    subscription = subscribe(call, ada, small)
    offer = configuration(call, small, large, proration_behavior="always_invoice")
    portal.enter(ada, configuration=offer)
    chosen = portal.read(switch=subscription["id"])
    assert f'value="{large}"' in chosen
    assert "Pro" in chosen
    asked = portal.read(switch=subscription["id"], price=large, quantity="2")
    assert "2 × Pro" in asked
    assert "data-due>$70.00<" in asked
    assert portal.subscription(subscription["id"]) == subscription
    portal.do(confirm="switch", subscription=subscription["id"], price=large, quantity="2")
    switched = portal.subscription(subscription["id"])
    assert (price_of(switched), switched["items"]["data"][0]["quantity"]) == (large, 2)
    assert [(each["total"], each["status"]) for each in invoices(call)] == [(1000, "paid"), (7000, "paid")]


def test_by_default_a_switch_is_not_prorated(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 4000)
    subscription = subscribe(call, ada, small)["id"]
    portal.enter(ada, configuration=configuration(call, small, large))
    portal.do(confirm="switch", subscription=subscription, price=large)
    assert price_of(portal.subscription(subscription)) == large
    assert len(invoices(call)) == 1
    assert call.get("/v1/invoiceitems").json["data"] == []


def test_a_switch_that_cannot_be_paid_changes_nothing(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 4000)
    subscription = subscribe(call, ada, small)["id"]
    call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}})
    before = portal.subscription(subscription)
    portal.enter(ada, configuration=configuration(call, small, large, proration_behavior="always_invoice"))
    kinds = types(call)
    response = portal.send(confirm="switch", subscription=subscription, price=large, quantity="1")
    assert (response.status_code, refusal(response)) == (200, "Your card was declined.")
    assert '<button name="confirm" value="switch"' in response.text
    assert portal.subscription(subscription) == before
    assert types(call) == kinds


@pytest.mark.parametrize(("behavior", "status"), [("end_trial", "active"), ("continue_trial", "trialing")])
def test_a_switch_ends_a_trial_unless_it_is_to_go_on(portal: Portal, call: Call, behavior: str, status: str) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 4000)
    subscription = subscribe(call, ada, small, trial_period_days=14)["id"]
    portal.enter(ada, configuration=configuration(call, small, large, trial_update_behavior=behavior))
    portal.do(confirm="switch", subscription=subscription, price=large)
    switched = portal.subscription(subscription)
    assert (price_of(switched), switched["status"]) == (large, status)


def test_a_switch_can_begin_a_new_cycle(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 4000)
    subscription = subscribe(call, ada, small)["id"]
    offer = configuration(call, small, large, billing_cycle_anchor="now")
    call.clock.advance(DAY)
    portal.enter(ada, configuration=offer)
    portal.do(confirm="switch", subscription=subscription, price=large)
    assert portal.subscription(subscription)["billing_cycle_anchor"] == NEW_YEAR + DAY


def test_a_switch_to_less_can_wait_for_the_end_of_the_period(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000, "Basic"), licensed(call, 4000, "Pro")
    subscription = subscribe(call, ada, large)["id"]
    later = {"conditions": [{"type": "decreasing_item_amount"}]}
    portal.enter(ada, configuration=configuration(call, small, large, schedule_at_period_end=later))
    assert "data-waits" in portal.read(switch=subscription, price=small)
    portal.do(confirm="switch", subscription=subscription, price=small)
    waiting = portal.subscription(subscription)
    assert (price_of(waiting), waiting["cancel_at"]) == (large, None)
    schedule = call.get(f"/v1/subscription_schedules/{waiting['schedule']}").json
    first, second = schedule["phases"]
    assert (first["items"][0]["price"], second["items"][0]["price"]) == (large, small)
    assert (first["end_date"], second["start_date"], second["end_date"]) == (FEBRUARY, FEBRUARY, FEBRUARY + 28 * DAY)
    assert types(call, "subscription_schedule.*")[0] == "subscription_schedule.created"
    shown = portal.read()
    assert "data-then>Basic, $10.00 per month<" in shown
    assert 'name="cancel"' not in shown
    assert 'name="switch"' not in shown
    call.clock.advance(31 * DAY + HOUR)
    assert price_of(portal.subscription(subscription)) == small
    assert [each["total"] for each in invoices(call)] == [4000, 1000]
    call.clock.advance(28 * DAY)
    assert portal.subscription(subscription)["schedule"] is None


def test_a_switch_that_waits_can_be_taken_back(portal: Portal, call: Call) -> None:
    ada = customer(call)
    month, year = licensed(call, 1000, "Basic"), licensed(call, 9000, "Basic, yearly", interval="year")
    subscription = subscribe(call, ada, year)["id"]
    later = {"conditions": [{"type": "shortening_interval"}]}
    portal.enter(ada, configuration=configuration(call, month, year, schedule_at_period_end=later))
    portal.do(confirm="switch", subscription=subscription, price=month)
    assert f'name="keep" value="{subscription}"' in portal.read()
    portal.do(keep=subscription)
    kept = portal.subscription(subscription)
    assert (price_of(kept), kept["schedule"]) == (year, None)
    assert types(call)[-1] == "subscription_schedule.released"
    assert f'name="cancel" value="{subscription}"' in portal.read()


def test_a_switch_to_more_does_not_wait(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 4000)
    subscription = subscribe(call, ada, small)["id"]
    later = {"conditions": [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]}
    portal.enter(ada, configuration=configuration(call, small, large, schedule_at_period_end=later))
    portal.do(confirm="switch", subscription=subscription, price=large)
    assert price_of(portal.subscription(subscription)) == large


def test_what_cannot_be_switched_is_only_canceled(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, usage = licensed(call, 1000), metered(call)
    for prices in ((usage,), (small, usage)):
        subscribe(call, ada, *prices)
    portal.enter(ada, configuration=configuration(call, small, licensed(call, 2000)))
    shown = portal.read()
    assert shown.count('name="cancel"') == 2
    assert 'name="switch"' not in shown


def test_a_promotion_code_can_be_redeemed_with_a_switch(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 4000)
    call.create("/v1/coupons", {"id": "HALF", "percent_off": 50, "duration": "forever"})
    call.create("/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": "HALF"}, "code": "Spring"})
    subscription = subscribe(call, ada, small)["id"]
    offer = configuration(call, small, large, default_allowed_updates=["price", "promotion_code"])
    portal.enter(ada, configuration=offer)
    wrong = portal.send(confirm="switch", subscription=subscription, price=large, code="autumn")
    assert refusal(wrong) == "This promotion code is invalid: autumn"
    portal.do(confirm="switch", subscription=subscription, price=large, code="SPRING")
    assert len(portal.subscription(subscription)["discounts"]) == 1


@pytest.mark.parametrize("quantity", ["x", "-1", "1.5", "1" * 10, "²"])
def test_a_quantity_is_a_whole_number(portal: Portal, call: Call, quantity: str) -> None:
    ada = customer(call)
    small = licensed(call, 1000)
    subscription = subscribe(call, ada, small)
    portal.enter(ada, configuration=configuration(call, small))
    response = portal.send(confirm="switch", subscription=subscription["id"], price=small, quantity=quantity)
    assert refusal(response) == "Enter a whole number as the quantity."
    assert portal.subscription(subscription["id"]) == subscription


def test_a_choice_that_is_impossible_is_offered_again(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small = licensed(call, 1000)
    subscription = subscribe(call, ada, small)["id"]
    portal.enter(ada, configuration=configuration(call, small))
    shown = portal.read(switch=subscription, price=small, quantity="1")
    assert "Cannot update the subscription because there are no changes to confirm." in shown
    assert "Continue</button>" in shown


def test_another_card_becomes_the_default(portal: Portal, call: Call) -> None:
    ada = customer(call)
    portal.enter(ada)
    portal.do(confirm="method", payment_method="pm_card_mastercard")
    (card,) = call.get(f"/v1/customers/{ada}/payment_methods").json["data"]
    assert card["card"]["brand"] == "mastercard"
    assert call.get(f"/v1/customers/{ada}").json["invoice_settings"]["default_payment_method"] == card["id"]
    assert types(call)[-2:] == ["payment_method.attached", "customer.updated"]
    assert "Mastercard •••• 4444" in portal.read()


def test_a_card_that_cannot_be_saved_is_refused(portal: Portal, call: Call) -> None:
    ada = customer(call)
    portal.enter(ada)
    response = portal.send(confirm="method", payment_method="pm_card_visa_chargeDeclined")
    assert refusal(response) == "Your card was declined."
    assert '<button name="confirm" value="method"' in response.text
    assert call.get(f"/v1/customers/{ada}/payment_methods").json["data"] == []


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_subscription_with_a_card_of_its_own_follows_if_the_customer_wants(
    portal: Portal, call: Call, everywhere: bool
) -> None:
    ada = customer(call, payment_method="pm_card_visa")
    (own,) = call.get(f"/v1/customers/{ada}/payment_methods").ids
    subscription = subscribe(call, ada, licensed(call), default_payment_method=own)["id"]
    portal.enter(ada)
    assert 'name="everywhere"' in portal.read(method="1")
    portal.do(confirm="method", payment_method="pm_card_mastercard", **({"everywhere": "1"} if everywhere else {}))
    assert portal.subscription(subscription)["default_payment_method"] == (None if everywhere else own)


def test_the_card_that_pays_stays(portal: Portal, call: Call) -> None:
    ada = customer(call, payment_method="pm_card_visa")
    (card,) = call.get(f"/v1/customers/{ada}/payment_methods").ids
    call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": card}})
    subscribe(call, ada, licensed(call))
    portal.enter(ada)
    assert 'name="remove"' not in portal.read()
    assert "pays for a subscription" in refusal(portal.send(remove=card))
    portal.do(confirm="method", payment_method="pm_card_mastercard")
    assert f'name="remove" value="{card}"' in portal.read()
    portal.do(remove=card)
    assert card not in call.get(f"/v1/customers/{ada}/payment_methods").ids


def test_a_customer_changes_what_it_may(portal: Portal, call: Call) -> None:
    ada = customer(call, name="Ada", phone="+44 20")
    portal.enter(ada, configuration=configuration(call))
    assert 'name="phone"' not in portal.read(details="1")
    form = {"name": "Ada L.", "email": "ada@cedar.test", "phone": "1", "line1": "1 High St", "country": "GB"}
    portal.do(confirm="details", **form)
    changed = call.get(f"/v1/customers/{ada}").json
    assert (changed["name"], changed["email"], changed["phone"]) == ("Ada L.", "ada@cedar.test", "+44 20")
    assert changed["address"]["line1"] == "1 High St"
    assert types(call)[-1] == "customer.updated"
    portal.do(confirm="details", name="Ada L.", email="", line1="", country="")
    cleared = call.get(f"/v1/customers/{ada}").json
    assert (cleared["email"], cleared["address"]) == (None, None)


def test_wrong_data_is_refused_and_still_in_the_form(portal: Portal, call: Call) -> None:
    ada = customer(call, name="Ada")
    portal.enter(ada, configuration=configuration(call))
    response = portal.send(confirm="details", name="Bob", email="nowhere")
    assert refusal(response) == "Invalid email address: nowhere"
    assert 'name="name" value="Bob"' in response.text
    assert call.get(f"/v1/customers/{ada}").json["name"] == "Ada"


AFTER = {
    "redirect": {"type": "redirect", "redirect": {"return_url": "https://cedar.test/done"}},
    "confirmation": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Bye"}},
    "home": {"type": "portal_homepage"},
}


@pytest.mark.parametrize("after", AFTER)
def test_a_flow_begins_with_its_step_and_ends_as_it_says(portal: Portal, call: Call, after: str) -> None:
    ada = customer(call)
    subscription, other = (subscribe(call, ada, metered(call, meter(call, name)))["id"] for name in ("a", "b"))
    about = {"subscription_cancel": {"subscription": subscription}, "after_completion": AFTER[after]}
    portal.enter(ada, flow_data={"type": "subscription_cancel", **about})
    for query in ({}, {"cancel": other}, {"method": "1"}):
        shown = portal.read(**query)
        assert f'name="subscription" value="{subscription}"' in shown
        assert '<button name="confirm" value="cancel"' in shown
    response = portal.send(confirm="cancel", subscription=subscription)
    assert response.status_code == 303
    assert portal.subscription(subscription)["cancel_at"] == FEBRUARY
    if after == "redirect":
        assert response.headers["Location"] == "https://cedar.test/done"
    elif after == "confirmation":
        assert response.headers["Location"].endswith("?done=1")
        assert "data-done>Bye<" in portal.read(done="1")
    assert f'name="cancel" value="{other}"' in portal.read()


def test_a_flow_lets_its_form_lead_to_the_app(portal: Portal, call: Call) -> None:
    portal.enter(customer(call), flow_data={"type": "payment_method_update", "after_completion": AFTER["redirect"]})
    policy = portal.client.get(portal.path).headers["Content-Security-Policy"]
    assert "form-action 'self' https://cedar.test" in policy


def test_a_flow_confirms_a_switch(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000, "Basic"), licensed(call, 4000, "Pro")
    call.create("/v1/coupons", {"id": "HALF", "percent_off": 50, "duration": "forever"})
    subscription = subscribe(call, ada, small)
    item = subscription["items"]["data"][0]["id"]
    confirm = {
        "subscription": subscription["id"],
        "items": [{"id": item, "price": large, "quantity": 1}],
        "discounts": [{"coupon": "HALF"}],
    }
    flow = {"type": "subscription_update_confirm", "subscription_update_confirm": confirm}
    portal.enter(ada, configuration=configuration(call, small, large), flow_data=flow)
    shown = portal.read()
    assert "Pro" in shown
    assert f'name="price" value="{large}"' in shown
    portal.do(confirm="switch", subscription=subscription["id"], price=large, quantity="1")
    switched = portal.subscription(subscription["id"])
    assert (price_of(switched), len(switched["discounts"])) == (large, 1)


def test_a_flow_that_cannot_be_done_any_more_says_why(portal: Portal, call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))["id"]
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription}}
    portal.enter(ada, flow_data=flow)
    call.create(f"/v1/subscriptions/{subscription}", {"cancel_at_period_end": True})
    assert f"The subscription {subscription} is already set to be canceled at period end." in portal.read()


def test_a_session_that_is_not_used_expires_after_five_minutes(portal: Portal, call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))["id"]
    portal.enter(ada)
    call.clock.advance(5 * MINUTE - 1)
    assert "data-expired" not in portal.read()
    portal.enter(ada)
    call.clock.advance(5 * MINUTE)
    assert "data-expired" in portal.read()
    response = portal.send(confirm="cancel", subscription=subscription)
    assert "data-expired" in response.text
    assert portal.subscription(subscription)["cancel_at"] is None


def test_a_session_is_open_for_an_hour_after_each_use_and_for_two_hours_at_most(portal: Portal, call: Call) -> None:
    portal.enter(customer(call))
    for _ in range(3):
        assert "data-expired" not in portal.read()
        call.clock.advance(HOUR - 30 * MINUTE + 1)
    assert "data-expired" not in portal.read()
    call.clock.advance(30 * MINUTE)
    assert "data-expired" in portal.read()
    portal.enter(customer(call))
    assert "data-expired" not in portal.read()
    call.clock.advance(HOUR)
    assert "data-expired" in portal.read()


def test_there_is_no_session_by_another_id(portal: Portal) -> None:
    response = portal.client.get("/_fakestripe/portal/bps_none")
    assert (response.status_code, "There is no portal session bps_none." in response.text) == (404, True)


def test_hostile_names_are_shown_and_do_nothing(portal: Portal, call: Call) -> None:
    ada = customer(call, name=HOSTILE, description=HOSTILE)
    seat = licensed(call, 1000, HOSTILE)
    other = licensed(call, 2000, HOSTILE)
    subscription = subscribe(call, ada, seat, description=HOSTILE)["id"]
    portal.enter(ada, configuration=configuration(call, seat, other))
    for query in (
        "",
        f"?cancel={subscription}",
        f"?switch={subscription}",
        "?details=1",
        f"?cancel={HOSTILE}",
        f"?switch={subscription}&price={other}",
    ):
        text = portal.client.get(portal.path + query).text
        assert "<script" not in text
        assert "&lt;script&gt;" in text


def test_forms_of_other_sites_are_refused(portal: Portal, call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))["id"]
    portal.enter(ada)
    form = {"confirm": "cancel", "subscription": subscription}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert portal.client.post(portal.path, data=form, headers=headers).status_code == 403
    assert portal.subscription(subscription)["cancel_at"] is None


def test_a_form_without_a_known_button_changes_nothing(portal: Portal, call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))
    portal.enter(ada)
    before = types(call)
    portal.do(confirm="x", subscription=subscription["id"])
    assert types(call) == before


def test_the_portal_acts_at_the_time_of_a_test_clock(portal: Portal, call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": FEBRUARY})["id"]
    ada = customer(call, test_clock=clock)
    subscription = subscribe(call, ada, metered(call))["id"]
    portal.enter(ada)
    assert "Feb 1, 2025 to Mar 1, 2025" in portal.read()
    portal.do(confirm="cancel", subscription=subscription)
    assert portal.subscription(subscription)["canceled_at"] == FEBRUARY
    assert events(call)[-1]["created"] == FEBRUARY


def test_neither_the_journal_nor_the_rate_limits_see_the_portal(portal: Portal, call: Call, fake: FakeStripe) -> None:
    portal.enter(customer(call))
    before = len(fake.journal)
    portal.read()
    portal.send(confirm="x")
    assert len(fake.journal) == before


def test_a_session_survives_a_snapshot(portal: Portal, call: Call, fake: FakeStripe) -> None:
    ada = customer(call)
    portal.enter(ada, flow_data={"type": "payment_method_update"})
    shown = portal.read()
    fake.restore(fake.snapshot())
    assert portal.read() == shown


def test_a_schedule_of_the_app_is_not_taken_back_by_the_customer(portal: Portal, call: Call) -> None:
    ada = customer(call)
    small, large = licensed(call, 1000), licensed(call, 4000)
    subscription = subscribe(call, ada, large)["id"]
    schedule = call.create("/v1/subscription_schedules", {"from_subscription": subscription})
    first = schedule["phases"][0]
    now = {"items": [{"price": large}], "start_date": first["start_date"], "end_date": first["end_date"]}
    then = {"items": [{"price": small}]}
    call.create(f"/v1/subscription_schedules/{schedule['id']}", {"phases": [now, then]})
    portal.enter(ada, configuration=configuration(call, small, large))
    shown = portal.read()
    assert "data-then" in shown
    assert 'name="keep"' not in shown
    assert "no change waits" in refusal(portal.send(keep=subscription))
    assert call.get(f"/v1/subscription_schedules/{schedule['id']}").json["status"] == "active"


def test_a_session_that_leads_to_one_thing_does_nothing_else(portal: Portal, call: Call) -> None:
    ada = customer(call, payment_method="pm_card_visa")
    small, large = licensed(call, 1000), licensed(call, 4000)
    first, second = subscribe(call, ada, small), subscribe(call, ada, small)
    offer = configuration(call, small, large)
    item = {"id": first["items"]["data"][0]["id"], "price": large, "quantity": 1}
    flows: list[Tree] = [
        {"type": "payment_method_update"},
        {"type": "subscription_cancel", "subscription_cancel": {"subscription": first["id"]}},
        {"type": "subscription_update", "subscription_update": {"subscription": first["id"]}},
        {
            "type": "subscription_update_confirm",
            "subscription_update_confirm": {"subscription": first["id"], "items": [item]},
        },
    ]
    forged = [
        {"confirm": "cancel", "subscription": second["id"]},
        {"confirm": "switch", "subscription": second["id"], "price": large},
        {"confirm": "details", "email": "eve@cedar.test"},
        {"renew": first["id"]},
    ]
    for flow in flows:
        portal.enter(ada, configuration=offer, flow_data=flow)
        told = types(call)
        for form in forged:
            portal.send(**form)
        assert types(call) == told
    portal.send(confirm="switch", subscription=first["id"], price=large, quantity="7")
    assert portal.subscription(first["id"]) == first
    assert portal.subscription(second["id"]) == second
    portal.send(confirm="switch", subscription=first["id"], price=large, quantity="1")
    assert price_of(portal.subscription(first["id"])) == large


def test_a_form_that_is_not_utf_8_changes_nothing(portal: Portal, call: Call) -> None:
    ada = customer(call, name="Ada")
    allowed = {"enabled": True, "allowed_updates": ["name"]}
    offer = call.create(CONFIGURATIONS, {"features": {"customer_update": allowed}})["id"]
    portal.enter(ada, configuration=offer)
    for body in (b"confirm=details&name=%ff", b"confirm=details&name=\xff"):
        sent = portal.client.post(portal.path, data=body, content_type="application/x-www-form-urlencoded")
        assert sent.status_code == 400
    assert call.get(f"/v1/customers/{ada}").json["name"] == "Ada"
