"""A person who follows a payment link."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.shop import Shop
from tests.browser.shop import open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


def test_a_customer_follows_a_link_and_pays(shop: Shop, page: Page) -> None:
    message = "See you <soon>"
    terms = {
        "line_items": [{"price": shop.flat(), "quantity": 1}],
        "restrictions": {"completed_sessions": {"limit": 1}},
        "after_completion": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": message}},
        "inactive_message": "Sold out",
    }
    link = shop.call.create("/v1/payment_links", terms)
    page.goto(f"{link['url']}?prefilled_email=ada@example.com&client_reference_id=user_1")
    expect(page.get_by_role("heading", name="Subscribe to Platform")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("ada@example.com")
    expect(page.locator("a[data-cancel]")).to_have_count(0)
    page.click("button[name=pay]")
    expect(page.locator("[data-status=complete]")).to_contain_text(message)
    [session] = shop.call.get("/v1/checkout/sessions", {"payment_link": link["id"]}).json["data"]
    assert (session["payment_status"], session["client_reference_id"]) == ("paid", "user_1")
    assert session["customer_details"]["email"] == "ada@example.com"
    page.goto(link["url"])
    expect(page.locator("[data-inactive]")).to_be_visible()
    expect(page.get_by_text("Sold out")).to_be_visible()


def test_a_link_leads_back_to_the_app(shop: Shop, page: Page) -> None:
    back = {"type": "redirect", "redirect": {"url": f"{shop.app_url}/done?session={{CHECKOUT_SESSION_ID}}"}}
    terms = {"line_items": [{"price": shop.flat(), "quantity": 1}], "after_completion": back}
    link = shop.call.create("/v1/payment_links", terms)
    page.goto(link["url"])
    page.click("button[name=pay]")
    [session] = shop.call.get("/v1/checkout/sessions", {"payment_link": link["id"]}).json["data"]
    assert page.url == f"{shop.app_url}/done?session={session['id']}"
