"""The customer portal in a browser: a customer clicks through it, also by keyboard, on a phone and in the dark."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from fakestripe_meters import FakeStripe
from tests.browser.conftest import NewPage
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>"
Tree = dict[str, Any]


@pytest.fixture
def call() -> Iterator[Call]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield Call(DOORS["engine"], fake)


def configuration(call: Call, *offered: str, **features: object) -> str:
    """A configuration that offers some prices, and invoices a switch at once."""
    products = [{"product": call.get(f"/v1/prices/{each}").json["product"], "prices": [each]} for each in offered]
    switch = {
        "enabled": True,
        "default_allowed_updates": ["price", "quantity"],
        "proration_behavior": "always_invoice",
        "products": products,
    }
    enabled = {
        "customer_update": {"enabled": True, "allowed_updates": ["email", "name"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True},
        "subscription_update": switch,
    }
    created: str = call.create("/v1/billing_portal/configurations", {"features": enabled | features})["id"]
    return created


def entered(call: Call, page: Page, ada: str, **terms: object) -> None:
    """The page is in the portal."""
    page.goto(call.create("/v1/billing_portal/sessions", {"customer": ada, **terms})["url"])


def subscription_of(call: Call, subscription: str) -> Tree:
    found: Tree = call.get(f"/v1/subscriptions/{subscription}").json
    return found


def test_a_customer_switches_the_plan_looks_at_the_usage_and_cancels(call: Call, page: Page) -> None:
    ada = customer(call, name="Ada")
    basic, pro, usage = licensed(call, 1000, "Basic"), licensed(call, 4000, "Pro"), metered(call)
    plan, calls = subscribe(call, ada, basic)["id"], subscribe(call, ada, usage)["id"]
    call.clock.advance(DAY)
    use(call, ada, 1234)
    entered(call, page, ada, configuration=configuration(call, basic, pro), return_url=call.fake.url)

    metered_one = page.locator(f"[data-subscription={calls}]")
    expect(metered_one.locator("[data-usage=Calls]")).to_have_text("1234")
    expect(metered_one.locator("[data-next-amount]")).to_have_text("$12.34")
    expect(metered_one.get_by_role("button", name="Switch plan")).to_have_count(0)

    page.locator(f"[data-subscription={plan}]").get_by_role("button", name="Switch plan").click()
    page.get_by_role("radio", name="Pro").check()
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("2 × Pro", exact=True)).to_be_visible()
    due = page.locator("[data-due]").inner_text()
    page.locator("button[name=confirm]").click()
    expect(page.get_by_role("heading", name="2 × Pro")).to_be_visible()
    assert f"${invoices(call)[-1]['total'] / 100:.2f}" == due

    page.locator(f"[data-subscription={plan}]").locator("button[name=cancel]").click()
    expect(page.get_by_role("heading", name="Cancel your subscription?")).to_be_visible()
    page.get_by_role("link", name="Keep it").click()
    assert subscription_of(call, plan)["cancel_at"] is None
    page.locator(f"[data-subscription={calls}]").locator("button[name=cancel]").click()
    page.locator("button[name=confirm]").click()
    expect(page.locator(f"[data-subscription={calls}] [data-ends]")).to_have_text("Feb 1, 2025")
    assert subscription_of(call, calls)["cancel_at"] == FEBRUARY

    page.locator(f"[data-subscription={calls}]").get_by_role("button", name="Renew").click()
    expect(page.locator(f"[data-subscription={calls}] [data-ends]")).to_have_count(0)
    assert subscription_of(call, calls)["cancel_at"] is None
    assert page.locator("a[data-return]").get_attribute("href") == call.fake.url


def test_an_invoice_is_opened_and_paid_from_the_portal(call: Call, page: Page) -> None:
    ada = customer(call)
    terms = {"collection_method": "send_invoice", "days_until_due": 30}
    subscribe(call, ada, licensed(call), **terms)
    (draft,) = invoices(call)
    call.create(f"/v1/invoices/{draft['id']}/finalize")
    entered(call, page, ada)
    page.locator(f"[data-invoice={draft['id']}] a").click()
    expect(page.locator("[data-invoice-total]")).to_have_text("$10.00")
    page.locator("button[name=pay]").click()
    expect(page.locator("[data-status=paid]")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.locator(f"[data-invoice={draft['id']}]").get_by_text("to pay")).to_have_count(0)


def test_another_card_is_chosen(call: Call, page: Page) -> None:
    ada = customer(call)
    entered(call, page, ada)
    page.get_by_role("link", name="Change the payment method").click()
    page.get_by_label("Card").select_option("pm_card_visa_chargeDeclinedInsufficientFunds")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    page.get_by_label("Card").select_option("pm_card_mastercard")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-card]")).to_contain_text("Mastercard •••• 4444, 01/2026 default")
    assert types(call)[-2:] == ["payment_method.attached", "customer.updated"]


def test_a_deep_link_cancels_and_leads_back_to_the_app(call: Call, page: Page) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call))["id"]
    (paid,) = invoices(call)
    app = f"{call.fake.url}/_fakestripe/page/invoices/{paid['id']}"
    flow = {
        "type": "subscription_cancel",
        "subscription_cancel": {"subscription": subscription},
        "after_completion": {"type": "redirect", "redirect": {"return_url": app}},
    }
    entered(call, page, ada, flow_data=flow)
    page.locator("button[name=confirm]").click()
    page.wait_for_url(app)
    assert subscription_of(call, subscription)["cancel_at"] == FEBRUARY


def test_a_customer_gets_through_by_keyboard_alone(call: Call, page: Page) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call))["id"]
    cancel = {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["unused", "other"]}}
    basic, pro = licensed(call, 1000), licensed(call, 2000)
    entered(call, page, ada, configuration=configuration(call, basic, pro, subscription_cancel=cancel))
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "cancel":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Why do you cancel?")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "feedback":
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Bye")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-ends]")).to_be_visible()
    details = subscription_of(call, subscription)["cancellation_details"]
    assert (details["feedback"], details["comment"]) == ("other", "Bye")


def test_it_works_without_script_on_a_phone_and_in_the_dark(call: Call, new_page: NewPage) -> None:
    ada = customer(call, name=HOSTILE)
    basic, pro = licensed(call, 1000, HOSTILE), licensed(call, 2000, "Pro")
    subscription = subscribe(call, ada, basic, description=HOSTILE * 4)["id"]
    phone = new_page(
        viewport={"width": 390, "height": 844}, color_scheme="dark", java_script_enabled=False, has_touch=True
    )
    entered(call, phone, ada, configuration=configuration(call, basic, pro))
    expect(phone.get_by_role("heading", name=HOSTILE * 4)).to_be_visible()
    phone.locator("button[name=switch]").click()
    phone.get_by_label("Pro").check()
    phone.get_by_role("button", name="Continue").click()
    phone.locator("button[name=confirm]").click()
    expect(phone.locator("button[name=cancel]")).to_be_visible()
    assert subscription_of(call, subscription)["items"]["data"][0]["price"]["id"] == pro


@pytest.mark.parametrize("step", ["", "?cancel={}", "?switch={}", "?switch={}&price={}", "?method=1", "?details=1"])
def test_no_page_is_wider_than_a_phone(call: Call, phone: Page, step: str) -> None:
    ada = customer(call, name=HOSTILE, email=f"{'a' * 60}@cedar.test")
    basic, pro = licensed(call, 1000, HOSTILE), licensed(call, 2000, "Pro" * 40)
    subscription = subscribe(call, ada, basic)["id"]
    entered(call, phone, ada, configuration=configuration(call, basic, pro))
    phone.goto(phone.url + step.format(subscription, pro))
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.locator("h1").count() == 1
    unnamed = "[...document.querySelectorAll('input:not([type=hidden]), select')].filter(each => !each.labels.length)"
    assert phone.evaluate(f"{unnamed}.length") == 0


def test_an_expired_session_says_so(call: Call, page: Page) -> None:
    url = call.create("/v1/billing_portal/sessions", {"customer": customer(call)})["url"]
    call.clock.advance(DAY)
    page.goto(url)
    expect(page.get_by_role("heading", name="This link has expired")).to_be_visible()
