"""A page that is left open: it shows what happens elsewhere, and does not get in the way of who uses it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.shop import Shop
from tests.browser.shop import open_shop

FAULT, NEWS, NOW = "[data-fault]", "[data-news]", "[data-clock-now]"
CALL = "POST /v1/billing/meter_events"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@pytest.fixture
def open_page(shop: Shop, page: Page) -> Page:
    """The panel of limits, which knows if it was loaded again."""
    page.goto(f"{shop.fake.url}/_fakestripe/page/limits")
    page.evaluate("window.same = true")
    return page


def test_a_page_shows_what_has_happened_without_being_loaded_again(shop: Shop, open_page: Page) -> None:
    expect(open_page.locator(FAULT)).to_have_count(0)
    shop.fake.fail_next(CALL, status=429)
    expect(open_page.locator(FAULT)).to_have_count(1)
    shop.fake.clock.advance(3600)
    expect(open_page.locator(NOW)).to_have_text("Wed, Jan 1, 2025, 01:00:00 UTC")
    assert open_page.evaluate("window.same") is True


def test_focus_scrolling_and_what_is_unfolded_stay_as_they_are(shop: Shop, open_page: Page) -> None:
    open_page.set_viewport_size({"width": 390, "height": 500})
    open_page.click("#state > summary")
    open_page.click("#reset > summary")
    open_page.locator("button[value=plan_stub]").focus()
    scrolled = open_page.evaluate("scrollY")
    assert scrolled > 0
    shop.fake.clock.advance(3600)
    expect(open_page.locator(NOW)).to_have_text("Wed, Jan 1, 2025, 01:00:00 UTC")
    assert open_page.evaluate("document.activeElement.value") == "plan_stub"
    assert open_page.evaluate("scrollY") == scrolled
    assert open_page.locator("#state[open] #reset[open]").count() == 1
    assert open_page.evaluate("window.same") is True


def test_a_form_that_is_half_filled_in_stays_and_a_notice_says_that_there_is_news(shop: Shop, open_page: Page) -> None:
    path = open_page.locator("#faults input[name=path]")
    path.fill("/v1/customers")
    open_page.locator("h1").click()  # focus goes elsewhere
    shop.fake.clock.advance(3600)
    expect(open_page.locator(NEWS)).to_be_visible()
    assert path.input_value() == "/v1/customers"
    path.fill("")
    open_page.locator("h1").click()
    expect(open_page.locator(NOW)).to_have_text("Wed, Jan 1, 2025, 01:00:00 UTC")
    expect(open_page.locator(NEWS)).to_be_hidden()


def test_the_notice_leads_to_the_news(shop: Shop, open_page: Page) -> None:
    open_page.locator("#stubs input[name=path]").focus()
    shop.fake.fail_next(CALL, status=429)
    open_page.locator(NEWS).get_by_role("link").click()
    expect(open_page.locator(FAULT)).to_have_count(1)


def test_a_refusal_stays_to_be_read(shop: Shop, open_page: Page, complaints: list[str]) -> None:
    open_page.click("button[value=plan_fault]")
    refusal = open_page.inner_text("[data-refusal]")
    shop.fake.clock.advance(3600)
    expect(open_page.locator(NEWS)).to_be_visible()
    assert open_page.inner_text("[data-refusal]") == refusal
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_what_a_page_asks_is_in_no_journal_and_against_no_limit(shop: Shop, page: Page) -> None:
    shop.fake.control.set_limits({"profile": "sandbox"})
    before = shop.fake.control.limits(shop.fake.api_key)
    with page.expect_response("**/page/changes"):
        page.goto(f"{shop.fake.url}/_fakestripe/page/limits")
    with page.expect_response("**/page/changes") as asked:
        pass
    assert asked.value.status == 200
    assert len(shop.fake.journal) == 0
    assert shop.fake.control.limits(shop.fake.api_key) == before


def test_without_scripts_a_page_is_whole_and_stays_as_it_is(shop: Shop, new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{shop.fake.url}/_fakestripe/page/limits")
    expect(page.locator(NEWS)).to_be_hidden()
    shop.fake.fail_next(CALL, status=429)
    page.reload()
    expect(page.locator(FAULT)).to_have_count(1)
