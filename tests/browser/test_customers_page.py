"""A person at the panels of customers and credits: finds somebody, sees what was used, and lets time pass."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.shop import HOSTILE
from tests.browser.shop import Shop
from tests.browser.shop import open_shop
from tests.pages_.looking import PAGE

NEW_YEAR = 1735689600


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


def address(shop: Shop, path: str) -> str:
    return f"{shop.fake.url}{PAGE}{path}"


def on_clock(shop: Shop) -> str:
    """A customer on a test clock, who subscribes to usage and has used something."""
    clock = shop.call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR, "name": HOSTILE})["id"]
    terms = {"name": HOSTILE, "email": "ada@example.com", "test_clock": clock}
    customer: str = shop.call.create("/v1/customers", terms)["id"]
    method = shop.call.create("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})["id"]
    shop.call.create(f"/v1/customers/{customer}", {"invoice_settings": {"default_payment_method": method}})
    price = shop.metered()
    shop.call.create("/v1/subscriptions", {"customer": customer, "items": [{"price": price}]})
    usage = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": 1250}}
    shop.call.create("/v1/billing/meter_events", usage)
    return customer


def test_a_customer_is_found_and_opened(shop: Shop, page: Page) -> None:
    ada = on_clock(shop)
    shop.call.create("/v1/customers", {"name": "Bob"})
    page.goto(address(shop, "customers"))
    expect(page.locator("[data-customer]")).to_have_count(2)
    page.fill("input[name=q]", "ada@")
    page.keyboard.press("Enter")
    expect(page.locator("[data-customer]")).to_have_count(1)
    page.get_by_role("link", name=HOSTILE).click()
    expect(page.locator(f"h1[data-customer={ada}]")).to_have_text(HOSTILE)
    assert page.locator("main b, main script").count() == 0


def test_what_was_used_is_the_number_on_the_page_of_usage(shop: Shop, page: Page) -> None:
    page.goto(address(shop, f"customers/{on_clock(shop)}"))
    assert page.inner_text("[data-usage]") == "1,250"
    assert page.inner_text("[data-next-amount]") == "$25.00"
    page.click("[data-usage]")
    values = page.locator("[data-meter-chart] rect[data-value]").all()
    assert sum(float(each.get_attribute("data-value") or 0) for each in values) == 1250


def test_a_customer_lives_by_its_test_clock(shop: Shop, page: Page) -> None:
    page.goto(address(shop, f"customers/{on_clock(shop)}"))
    before = shop.fake.clock.now()
    clocks = page.locator("form[data-test-clock]")
    clocks.get_by_role("button", name="+1 month").click()
    expect(page.locator("[data-own-clock]")).to_have_text("Sat, Feb 1, 2025, 00:00:00 UTC")
    expect(page.locator("[data-invoice]").first).to_contain_text("draft")
    clocks.get_by_role("button", name="To what is due next").click()
    expect(page.locator("[data-invoice]").first).to_contain_text("was paid")
    page.locator("[data-invoice]").first.get_by_text("why?").click()
    expect(page.locator("[data-arithmetic]")).to_have_text("1,250 call × $0.02 = $25.00")
    assert shop.fake.clock.now() == before


def test_a_step_that_is_too_far_is_refused_in_a_sentence(shop: Shop, page: Page, complaints: list[str]) -> None:
    clock = shop.call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    customer = shop.call.create("/v1/customers", {"test_clock": clock})["id"]
    price = shop.flat(0, recurring={"interval": "day"})
    shop.call.create("/v1/subscriptions", {"customer": customer, "items": [{"price": price}]})
    page.goto(address(shop, f"customers/{customer}"))
    page.get_by_role("button", name="+1 month").first.click()
    expect(page.locator("[data-refusal]")).to_contain_text("two intervals")
    expect(page.locator("[data-own-clock]")).to_have_text("Wed, Jan 1, 2025, 00:00:00 UTC")
    assert len(complaints) == 1
    assert "400" in complaints.pop()


def test_the_keyboard_is_enough_to_turn_the_page(shop: Shop, page: Page) -> None:
    for number in range(51):
        shop.call.create("/v1/customers", {"name": f"Customer {number}"})
    page.goto(address(shop, "customers"))
    page.locator("a[rel=next]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-customer]")).to_have_count(1)
    expect(page.locator("[data-customer]")).to_contain_text("Customer 0")


def test_a_grant_leads_from_its_customer_to_its_bookings(shop: Shop, page: Page) -> None:
    ada = on_clock(shop)
    grant = {
        "customer": ada,
        "amount": {"type": "monetary", "monetary": {"value": 1000, "currency": "usd"}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "category": "paid",
        "name": HOSTILE,
    }
    shop.call.create("/v1/billing/credit_grants", grant)
    page.goto(address(shop, f"customers/{ada}"))
    page.locator("[data-grant]").get_by_role("link", name=HOSTILE).click()
    expect(page.locator("[data-booking]")).to_have_count(1)
    expect(page.locator("[data-booking] [data-amount]")).to_have_text("$10.00")
    expect(page.locator("[data-ledger-balance=usd]")).to_have_text("$10.00")
