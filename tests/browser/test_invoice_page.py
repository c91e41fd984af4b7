"""A person at the page of an invoice: reads it, pays it, prints it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.shop import HOSTILE
from tests.browser.shop import Shop
from tests.browser.shop import is_narrow
from tests.browser.shop import open_shop

CARD, PAY, REFUSAL, STATUS = "select[name=payment_method]", "button[name=pay]", "[data-refusal]", "[data-status]"
TOTAL = "[data-invoice-total]"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


def test_an_open_invoice_is_paid_with_a_test_card(shop: Shop, page: Page) -> None:
    invoice = shop.invoice()
    page.goto(invoice["hosted_invoice_url"])
    assert page.inner_text(TOTAL) == "$12.34"
    assert page.inner_text(STATUS) == "open"
    expect(page.locator(PAY)).to_have_text("Pay $12.34")
    page.click(PAY)
    assert page.url == invoice["hosted_invoice_url"]
    assert page.inner_text(STATUS) == "paid"
    assert page.inner_text("[data-invoice-due]") == "$0.00"
    assert page.locator(PAY).count() == 0
    paid = shop.call.get(f"/v1/invoices/{invoice['id']}").json
    assert (paid["status"], paid["amount_paid"], paid["attempt_count"]) == ("paid", 1234, 1)


def test_a_declined_card_counts_as_a_try(shop: Shop, page: Page) -> None:
    invoice = shop.invoice()
    page.goto(invoice["hosted_invoice_url"])
    page.select_option(CARD, "pm_card_visa_chargeDeclined")
    page.click(PAY)
    assert page.inner_text(REFUSAL) == "Your card was declined."
    assert page.input_value(CARD) == "pm_card_visa_chargeDeclined"
    tried = shop.call.get(f"/v1/invoices/{invoice['id']}").json
    assert (tried["status"], tried["attempted"]) == ("open", True)
    events = [each["type"] for each in shop.call.get("/v1/events").json["data"]]
    assert {"charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"} <= set(events)


def test_a_card_may_want_to_be_authenticated(shop: Shop, page: Page) -> None:
    page.goto(shop.invoice()["hosted_invoice_url"])
    page.select_option(CARD, "pm_card_threeDSecure2Required")
    page.click(PAY)
    page.get_by_role("button", name="Fail").click()
    assert "failed authentication" in page.inner_text(REFUSAL)
    page.select_option(CARD, "pm_card_threeDSecure2Required")
    page.click(PAY)
    page.reload()
    page.get_by_role("button", name="Authenticate").click()
    assert page.inner_text(STATUS) == "paid"


def test_a_void_invoice_cannot_be_paid(shop: Shop, page: Page) -> None:
    invoice = shop.invoice()
    page.goto(invoice["hosted_invoice_url"])
    shop.call.create(f"/v1/invoices/{invoice['id']}/void")
    page.click(PAY)
    assert page.inner_text(REFUSAL)
    assert page.inner_text(STATUS) == "void"
    assert page.locator(PAY).count() == 0


def test_the_lines_of_usage_have_their_period(shop: Shop, page: Page) -> None:
    session = shop.session(shop.metered(), shop.flat())
    done = shop.fake.complete_checkout(session["id"])
    usage = {"event_name": "calls", "payload": {"stripe_customer_id": done["customer"], "value": 1500}}
    shop.call.create("/v1/billing/meter_events", usage)
    shop.fake.clock.advance(31 * 86_400 + 3_600)
    invoice = shop.call.get("/v1/invoices").json["data"][0]
    page.goto(invoice["hosted_invoice_url"])
    text = page.inner_text("article")
    assert "1500 call × API calls (at $0.02 / month)" in text
    assert "Jan 1, 2025 to Feb 1, 2025 · usage" in text
    assert page.inner_text(TOTAL) == "$50.00"
    assert page.inner_text(STATUS) == "paid"


def test_a_hostile_name_does_nothing(shop: Shop, page: Page) -> None:
    page.goto(shop.invoice()["hosted_invoice_url"])
    assert page.inner_text("article").count(HOSTILE) == 2
    assert page.locator("main b, main script").count() == 0


def test_what_is_printed_has_the_total_and_no_form(shop: Shop, page: Page) -> None:
    page.goto(shop.invoice()["hosted_invoice_url"])
    page.emulate_media(media="print")
    expect(page.locator(TOTAL)).to_be_visible()
    expect(page.locator(PAY)).not_to_be_visible()
    expect(page.get_by_text("a fake: no money moves")).to_be_visible()
    assert page.pdf().startswith(b"%PDF-")


def test_the_pdf_is_a_link(shop: Shop, page: Page) -> None:
    invoice = shop.invoice()
    page.goto(invoice["hosted_invoice_url"])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    assert download.value.url == invoice["invoice_pdf"]
    assert download.value.suggested_filename == f"{invoice['id']}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_a_phone_need_not_scroll_sideways(shop: Shop, phone: Page) -> None:
    phone.goto(shop.invoice(footer="x" * 400, description="W" * 300)["hosted_invoice_url"])
    assert is_narrow(phone)


def test_the_keyboard_is_enough(shop: Shop, page: Page) -> None:
    page.goto(shop.invoice()["hosted_invoice_url"])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "pay"
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-status=paid]")
