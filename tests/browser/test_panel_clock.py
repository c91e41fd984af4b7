"""A person at the top of a panel: moves the clock, and is told what is wrong."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.shop import Shop
from tests.browser.shop import is_narrow
from tests.browser.shop import open_shop

NOW, REFUSAL, INSTANT = "[data-clock-now]", "[data-refusal]", "#instant"
START = 1735689600
DAY = 86_400


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


def home(shop: Shop) -> str:
    return f"{shop.fake.url}/_fakestripe/"


def limits(shop: Shop) -> str:
    return f"{home(shop)}page/limits"


def shown(page: Page) -> int:
    return int(page.get_attribute(NOW, "data-clock-now") or 0)


def test_the_root_of_the_server_leads_a_browser_to_the_page(shop: Shop, page: Page) -> None:
    page.goto(shop.fake.url)
    assert page.url == home(shop)
    expect(page.locator(NOW)).to_have_text("Wed, Jan 1, 2025, 00:00:00 UTC")


def test_buttons_advance_the_clock_by_an_hour_and_by_a_day(shop: Shop, page: Page) -> None:
    page.goto(limits(shop))
    page.click("button[name=advance][value='86400']")
    assert page.url.startswith(limits(shop))
    assert shown(page) == shop.fake.clock.now() == START + DAY
    page.click("button[name=advance][value='3600']")
    assert shown(page) == shop.fake.clock.now() == START + DAY + 3600


@pytest.mark.parametrize(
    "typed", ["2025-03-01T00:00:00Z", "2025-03-01T00:00", "2025-03-01 00:00:00", "2025-03-01T01:00+01:00", "1740787200"]
)
def test_the_clock_moves_to_an_instant_that_is_typed(shop: Shop, page: Page, typed: str) -> None:
    page.goto(limits(shop))
    page.click("#state > summary")
    page.fill(INSTANT, typed)
    page.get_by_role("button", name="Move").click()
    assert shown(page) == shop.fake.clock.now() == 1740787200


def test_what_is_no_instant_is_told_on_the_page_that_it_was_typed_on(
    shop: Shop, page: Page, complaints: list[str]
) -> None:
    page.goto(limits(shop))
    page.click("#state > summary")
    page.fill(INSTANT, "tomorrow")
    page.get_by_role("button", name="Move").click()
    assert page.inner_text(REFUSAL).startswith("A time must be ISO 8601 or Unix seconds, not 'tomorrow'")
    assert page.inner_text("h1") == "Limits & faults"
    assert page.input_value(INSTANT) == "tomorrow"
    assert shop.fake.clock.now() == START
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_the_clock_runs_and_is_frozen_again(shop: Shop, page: Page) -> None:
    page.goto(limits(shop))
    page.get_by_role("button", name="Run").click()
    assert shop.fake.control.clock()["frozen"] is False
    expect(page.locator(".world .tag")).to_have_text("running")
    page.get_by_role("button", name="Freeze").click()
    assert shop.fake.control.clock()["frozen"] is True
    expect(page.locator(".world .tag")).to_have_text("frozen")


def test_work_that_came_due_is_done_before_the_page_is_shown(shop: Shop, page: Page) -> None:
    customer = shop.call.create("/v1/customers")["id"]
    terms = {"customer": customer, "collection_method": "send_invoice", "days_until_due": 14, "trial_period_days": 7}
    shop.call.create("/v1/subscriptions", {**terms, "items": [{"price": shop.flat()}]})
    page.goto(limits(shop))
    for _ in range(8):
        page.click("button[name=advance][value='86400']")
    newest = shop.call.get("/v1/invoices").json["data"][0]
    assert newest["total"] == 2000


def test_the_clock_is_moved_with_the_keyboard_alone(shop: Shop, page: Page) -> None:
    page.goto(limits(shop))
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "86400":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(NOW)).to_have_attribute("data-clock-now", str(START + DAY))


def test_the_clock_needs_no_script(shop: Shop, new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(home(shop))
    page.click("button[name=advance][value='3600']")
    expect(page.locator(NOW)).to_have_attribute("data-clock-now", str(START + 3600))


def test_the_frame_fits_a_phone_and_the_dark(shop: Shop, phone: Page, dark_page: Page) -> None:
    phone.goto(limits(shop))
    assert is_narrow(phone)
    phone.click("#accounts > summary")
    phone.click("#state > summary")
    phone.click("#reset > summary")
    assert is_narrow(phone)
    dark_page.goto(limits(shop))
    assert dark_page.evaluate("getComputedStyle(document.querySelector('.world')).backgroundColor") == "rgb(24, 31, 28)"


def test_the_clock_moves_to_what_is_due_next(shop: Shop, page: Page) -> None:
    customer = shop.call.create("/v1/customers")["id"]
    item = {"customer": customer, "amount": 1234, "currency": "usd"}
    shop.call.create("/v1/invoiceitems", item)
    invoice = shop.call.create("/v1/invoices", {"customer": customer, "auto_advance": True})["id"]
    page.goto(limits(shop))
    due = page.locator("#due")
    expect(due).to_contain_text(f"{invoice}")
    expect(due).to_contain_text("Wed, Jan 1, 2025, 01:00:00 UTC")
    page.get_by_role("button", name="To what is due next").click()
    assert shown(page) == START + 3600
    assert shop.call.get(f"/v1/invoices/{invoice}").json["status"] == "paid"
    assert shop.fake.clock.frozen


def test_a_clock_that_runs_goes_on_from_what_is_due_next(shop: Shop, page: Page) -> None:
    customer = shop.call.create("/v1/customers")["id"]
    shop.call.create("/v1/invoiceitems", {"customer": customer, "amount": 1234, "currency": "usd"})
    shop.call.create("/v1/invoices", {"customer": customer, "auto_advance": True})
    page.goto(limits(shop))
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="To what is due next").click()
    expect(page.locator(".world .tag")).to_have_text("running")
    assert START + 3600 <= shown(page) < START + 7200


def test_a_test_clock_has_buttons_of_its_own(shop: Shop, page: Page) -> None:
    clock = shop.call.create("/v1/test_helpers/test_clocks", {"frozen_time": START, "name": "A <b>year</b>"})["id"]
    customer = shop.call.create("/v1/customers", {"test_clock": clock})["id"]
    terms = {"customer": customer, "collection_method": "send_invoice", "days_until_due": 14}
    shop.call.create("/v1/subscriptions", {**terms, "items": [{"price": shop.flat()}]})
    page.goto(limits(shop))
    form = page.locator(f"form[data-test-clock={clock}]")
    expect(form).to_contain_text("Test clock A <b>year</b>: Wed, Jan 1, 2025, 00:00:00 UTC")
    expect(form.locator("[data-due]")).to_contain_text("Due next: invoice is finalized in_")
    expect(page.locator("#due")).to_have_text("Nothing is due. Test clocks have their own times.")
    form.get_by_role("button", name="+1 month").click()
    expect(form).to_contain_text("Sat, Feb 1, 2025, 00:00:00 UTC")
    expect(form.locator("[data-due]")).to_contain_text("Feb 1, 2025, 01:00:00 UTC")
    assert len(shop.call.get("/v1/invoices", {"customer": customer}).json["data"]) == 2
    form.get_by_role("button", name="To what is due next").click()
    expect(form).to_contain_text("Sat, Feb 1, 2025, 01:00:00 UTC")
    assert shown(page) == START


def test_only_the_newest_test_clocks_are_on_top(shop: Shop, page: Page) -> None:
    clocks = [shop.call.create("/v1/test_helpers/test_clocks", {"frozen_time": START})["id"] for _ in range(5)]
    page.goto(limits(shop))
    shown_clocks = [each.get_attribute("data-test-clock") for each in page.locator("form[data-test-clock]").all()]
    assert shown_clocks == clocks[2:]
    expect(page.locator(".world")).to_contain_text("2 more test clocks: see the customers.")


def test_the_keyboard_skips_the_top_of_a_panel(shop: Shop, page: Page) -> None:
    page.goto(limits(shop))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip the clock")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
