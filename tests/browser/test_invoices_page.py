"""A person at the panel of invoices: a month passes, an invoice appears, and says why it comes to what it does."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect
from pypdf import PdfReader

from fakestripe_meters.core.keys import own_account
from tests.browser.shop import HOSTILE
from tests.browser.shop import Shop
from tests.browser.shop import is_narrow
from tests.browser.shop import open_shop
from tests.pages_.looking import PAGE
from tests.pages_.looking import amount

DAY, HOUR = 86_400, 3_600
TOTAL, LEFT = "[data-invoice-total]", "[data-invoice-due]"
OTHER = "sk_test_other"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop(retries=(3,)) as shop:
        yield shop


def address(shop: Shop, path: str) -> str:
    return f"{shop.fake.url}{PAGE}{path}"


def subscribed(shop: Shop, name: str = "Ada", calls: int = 1500) -> str:
    """A customer with a flat price and one of usage, who has used something."""
    session = shop.session(shop.metered(), shop.flat())
    customer: str = shop.fake.complete_checkout(session["id"], name=name)["customer"]
    shop.call.create(f"/v1/customers/{customer}", {"name": name})
    usage = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": calls}}
    shop.call.create("/v1/billing/meter_events", usage)
    return customer


def go_to(page: Page, instant: str) -> None:
    """Move the clock with the form on top of each panel."""
    page.get_by_text("Time, save, load, reset").click()
    page.fill("#instant", instant)
    page.keyboard.press("Enter")


def newest(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = shop.call.get("/v1/invoices").json["data"][0]
    return found


def test_a_month_later_there_is_an_invoice_that_says_why(shop: Shop, page: Page) -> None:
    subscribed(shop)
    page.goto(address(shop, "invoices"))
    expect(page.locator("[data-invoice]")).to_have_count(1)
    go_to(page, "2025-02-01T01:00:00Z")
    expect(page.locator("[data-invoice]")).to_have_count(2)
    invoice = newest(shop)
    page.locator(f"[data-invoice={invoice['id']}]").get_by_role("link", name=invoice["number"], exact=True).click()
    assert page.inner_text(TOTAL) == "$50.00"
    page.get_by_role("link", name="Why?").click()
    lines = page.locator("[data-line-amount]").all_inner_texts()
    assert sum(map(amount, lines)) == amount(page.inner_text(TOTAL)) == invoice["total"] / 100
    assert page.locator("[data-arithmetic]").all_inner_texts() == [
        "1,500 call × $0.02 = $30.00",
        "1 × $20.00 = $20.00",
    ]
    assert page.inner_text(LEFT) == "$0.00"


def test_an_invoice_appears_on_a_page_that_is_open(shop: Shop, page: Page) -> None:
    subscribed(shop)
    page.goto(address(shop, "invoices"))
    shop.fake.clock.advance(31 * DAY + HOUR)
    expect(page.locator("[data-invoice]")).to_have_count(2)


def test_the_events_of_a_line_are_opened_and_lead_to_their_own_page(shop: Shop, page: Page) -> None:
    subscribed(shop)
    shop.fake.clock.advance(31 * DAY + HOUR)
    page.goto(address(shop, f"invoices/{newest(shop)['id']}/why"))
    event = page.locator("[data-event]")
    expect(event).not_to_be_visible()
    page.locator("[data-used]").focus()
    page.keyboard.press("Enter")
    expect(event).to_be_visible()
    expect(event).to_contain_text("1,500")
    page.locator("[data-usage-why]").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1,500")


def test_what_is_open_stays_open_while_the_page_follows(shop: Shop, page: Page) -> None:
    subscribed(shop)
    shop.fake.clock.advance(31 * DAY + HOUR)
    page.goto(address(shop, f"invoices/{newest(shop)['id']}/why"))
    page.locator("[data-used]").click()
    shop.fake.clock.advance(60)
    expect(page.locator("time[data-clock-now]")).to_contain_text("01:01:00 UTC")
    expect(page.locator("[data-event]")).to_be_visible()


def test_invoices_are_filtered_by_status_and_customer(shop: Shop, page: Page) -> None:
    first = shop.invoice()
    shop.call.create(f"/v1/invoices/{first['id']}/void")
    shop.invoice()
    page.goto(address(shop, "invoices"))
    expect(page.locator("[data-invoice]")).to_have_count(2)
    page.select_option("select[name=status]", "void")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-invoice]")).to_have_count(1)
    expect(page.locator("[data-invoice]")).to_contain_text("was voided")
    page.fill("input[name=customer]", "nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No invoice is like that.")).to_be_visible()


def test_a_payment_that_fails_is_told_with_its_code_and_the_next_try(shop: Shop, page: Page) -> None:
    customer = subscribed(shop)
    bad = shop.call.create("/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": customer})["id"]
    shop.call.create(f"/v1/customers/{customer}", {"invoice_settings": {"default_payment_method": bad}})
    (subscription,) = shop.call.get("/v1/subscriptions").json["data"]
    shop.call.create(f"/v1/subscriptions/{subscription['id']}", {"default_payment_method": bad})
    shop.fake.clock.advance(31 * DAY + HOUR)
    page.goto(address(shop, f"invoices/{newest(shop)['id']}/why"))
    expect(page.locator("[data-try]")).to_contain_text("generic_decline")
    expect(page.locator("[data-follows]")).to_have_text("It is charged again, Tue, Feb 4, 2025, 01:00:00 UTC.")
    expect(page.locator("[data-happening]").filter(has_text="invoice.payment_failed")).to_be_visible()


def test_what_is_printed_has_the_lines_and_the_total(shop: Shop, page: Page) -> None:
    subscribed(shop)
    shop.fake.clock.advance(31 * DAY + HOUR)
    invoice = newest(shop)
    for path in (f"invoices/{invoice['id']}", f"invoices/{invoice['id']}/why"):
        page.goto(address(shop, path))
        page.emulate_media(media="print")
        expect(page.locator("nav.panels")).not_to_be_visible()
        printed = "".join(each.extract_text() for each in PdfReader(io.BytesIO(page.pdf())).pages)
        said = re.sub(r"\s+", " ", printed)
        assert "Total $50.00" in said
        assert "1500 call × API calls" in said
        assert "a fake: no money moves" in said
        page.emulate_media(media="screen")


def test_hostile_names_do_nothing(shop: Shop, page: Page) -> None:
    invoice = shop.invoice(description=HOSTILE, footer=HOSTILE)
    for path in ("invoices", f"invoices/{invoice['id']}/why"):
        page.goto(address(shop, path))
        assert HOSTILE in page.inner_text("main")
        assert page.locator("main b, main script").count() == 0


@pytest.mark.parametrize("path", ["invoices", "invoices/{}/why", "credits", "customers", "customers/{customer}"])
def test_a_phone_need_not_scroll_sideways(shop: Shop, phone: Page, path: str) -> None:
    customer = subscribed(shop, name="W" * 200)
    grant = {
        "customer": customer,
        "amount": {"type": "monetary", "monetary": {"value": 123_456_789, "currency": "usd"}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "category": "paid",
        "name": "N" * 90,
    }
    shop.call.create("/v1/billing/credit_grants", grant)
    shop.fake.clock.advance(31 * DAY + HOUR)
    phone.goto(address(shop, path.format(newest(shop)["id"], customer=customer)))
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    for each in phone.locator("main details").all():
        each.locator("summary").first.click()
    assert is_narrow(phone)


def test_the_dark_is_dark(shop: Shop, page: Page, dark_page: Page) -> None:
    subscribed(shop)
    shades = []
    for each in (page, dark_page):
        each.goto(address(shop, f"invoices/{newest(shop)['id']}/why"))
        ink = each.evaluate("getComputedStyle(document.querySelector('[data-line-amount]')).color")
        paper = each.evaluate("getComputedStyle(document.querySelector('main .sheet')).backgroundColor")
        shades.append([sum(map(int, re.findall(r"\d+", shade)[:3])) for shade in (ink, paper)])
    (ink, paper), (dark_ink, dark_paper) = shades
    assert ink + 300 < paper
    assert dark_paper + 300 < dark_ink


def test_the_keyboard_is_enough_to_get_from_an_invoice_to_its_reasons(shop: Shop, page: Page) -> None:
    invoice = shop.invoice()
    page.goto(address(shop, "invoices"))
    page.locator("input[name=customer]").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if "why?" in page.evaluate("document.activeElement.innerText"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/invoices/{invoice['id']}/why*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Why is it $12.34?")


def test_two_accounts_do_not_mix(shop: Shop, page: Page) -> None:
    shop.invoice()
    other = shop.call.post("/v1/customers", {"name": "Eve"}, key=OTHER).json["id"]
    shop.call.post("/v1/invoices", {"customer": other}, key=OTHER)
    page.goto(address(shop, "invoices"))
    page.get_by_text("Account acct_").click()
    page.get_by_role("link", name=own_account(OTHER)).click()
    expect(page.locator("[data-invoice]")).to_have_count(1)
    expect(page.locator("[data-invoice]")).to_contain_text("Eve")
    page.locator("[data-invoice] a").first.click()
    assert "account=" in page.url
    page.goto(address(shop, "credits"))
    expect(page.get_by_text("There is no credit grant yet.")).to_be_visible()


def test_an_unknown_invoice_is_said_to_be_none(shop: Shop, page: Page, complaints: list[str]) -> None:
    page.goto(address(shop, "invoices/in_1/why"))
    expect(page.get_by_text("There is no invoice in_1.")).to_be_visible()
    assert len(complaints) == 1
    assert "404" in complaints.pop()
