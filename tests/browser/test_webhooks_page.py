"""A person at the panels of webhooks and requests: sends one again, decides about order and fate, reads a refusal."""

from collections.abc import Iterator

import pytest
import requests as http
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.shop import Shop
from tests.browser.shop import is_narrow
from tests.browser.shop import open_shop
from tests.delivery.test_outbox import Receiver
from tests.delivery.test_outbox import receiving
from tests.delivery.test_outbox import reply
from tests.pages_.looking import HOSTILE
from tests.pages_.test_webhooks_and_requests import names

ROW, HELD, REQUEST, REFUSAL = "[data-delivery-id]", "[data-held-id]", "[data-request-id]", "[data-refusal]"

LONG_S = 60


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def shop(receiver: Receiver) -> Iterator[Shop]:
    with open_shop() as shop:
        shop.call.create("/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["customer.created"]})
        yield shop


def webhooks(shop: Shop) -> str:
    return f"{shop.fake.url}/_fakestripe/page/webhooks"


def requests(shop: Shop) -> str:
    return f"{shop.fake.url}/_fakestripe/page/requests"


def customers(shop: Shop, *names: str) -> None:
    for name in names:
        shop.call.create("/v1/customers", {"name": name})
    shop.fake.flush()


def test_a_failed_webhook_is_sent_again_and_is_delivered(shop: Shop, receiver: Receiver, page: Page) -> None:
    receiver.acts = [reply(500)]
    customers(shop, "Ada")
    page.goto(webhooks(shop))
    row = page.locator(ROW)
    expect(row).to_contain_text("failed")
    expect(row).to_contain_text("again")
    row.locator("button[name=repeat]").click()
    expect(row).to_contain_text("delivered")
    assert names(receiver) == ["Ada", "Ada"]


def test_held_webhooks_arrive_in_the_order_of_the_numbers_beside_them(
    shop: Shop, receiver: Receiver, page: Page
) -> None:
    page.goto(webhooks(shop))
    page.fill("input[name=types]", "customer.*")
    page.click("button[name=hold]")
    customers(shop, "Ada", "Grace", "Mary")
    expect(page.locator(HELD)).to_have_count(3)
    for place, row in zip((3, 1, 2), page.locator(HELD).all(), strict=True):
        row.locator("input[type=checkbox]").check()
        row.locator("input[type=number]").fill(str(place))
    page.click("button[value=release]")
    expect(page.locator(HELD)).to_have_count(0)
    assert names(receiver) == ["Grace", "Mary", "Ada"]


def test_one_webhook_is_dropped_one_is_sent_twice_and_holding_ends(shop: Shop, receiver: Receiver, page: Page) -> None:
    shop.fake.webhooks.hold()
    customers(shop, "Ada", "Grace", "Mary")
    page.goto(webhooks(shop))
    page.locator(HELD).nth(0).locator("input[type=checkbox]").check()
    page.click("button[value=drop]")
    page.locator(HELD).nth(0).locator("input[type=checkbox]").check()
    page.click("button[value=twice]")
    page.click("button[name=stop]")
    expect(page.locator(HELD)).to_have_count(0)
    expect(page.locator("[data-status=dropped]")).to_have_count(1)
    assert names(receiver) == ["Grace", "Grace", "Mary"]


def test_what_cannot_be_held_is_told_and_what_was_typed_stays(shop: Shop, page: Page, complaints: list[str]) -> None:
    page.goto(webhooks(shop))
    page.fill("input[name=types]", "customer.creatd")
    page.click("button[name=hold]")
    assert "did you mean 'customer.created'" in page.inner_text(REFUSAL)
    assert page.input_value("input[name=types]") == "customer.creatd"
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_from_a_webhook_to_the_request_that_caused_it_and_to_its_customer(shop: Shop, page: Page) -> None:
    customers(shop, "Ada")
    page.goto(webhooks(shop))
    page.locator(ROW).get_by_role("link").first.click()
    assert '"name": "Ada"' in page.inner_text("[data-body]")
    assert "t=" in page.inner_text(".headers")
    page.get_by_role("link", name="req_").click()
    assert '"name": "Ada"' in page.inner_text("[data-params]")
    page.locator("[data-events]").get_by_role("link", name="cus_").click()
    expect(page.locator("h1")).to_contain_text("Ada")


def test_a_refused_request_can_be_read(shop: Shop, page: Page) -> None:
    http.get(f"{shop.fake.url}/_fakestripe/fidelity?about=customers", timeout=LONG_S)  # the first answer takes long
    shop.call.get("/v1/customers/cus_none")
    page.goto(requests(shop))
    row = page.locator(REQUEST).first
    expect(row).to_contain_text("No such customer: 'cus_none'")
    row.get_by_role("link").click()
    expect(page.locator("[data-error]")).to_contain_text("No such customer: 'cus_none'")
    assert "resource_missing" in page.inner_text("[data-answer]")
    page.get_by_role("link", name="Where this behaviour is known from").click()
    expect(page.locator("[data-how]")).to_contain_text("core/errors/")


def test_requests_are_found_and_followed(shop: Shop, page: Page) -> None:
    customers(shop, "Ada")
    page.goto(requests(shop))
    page.fill("input[name=path]", "customers")
    page.select_option("select[name=status]", "2xx")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(REQUEST)).to_have_count(1)
    page.locator("h1").click()
    shop.call.create("/v1/customers", {"name": "Grace"})
    expect(page.locator(REQUEST)).to_have_count(2)


def test_the_panels_need_no_script(shop: Shop, receiver: Receiver, new_page: NewPage) -> None:
    shop.fake.webhooks.hold()
    customers(shop, "Ada")
    page = new_page(java_script_enabled=False)
    page.goto(webhooks(shop))
    page.check("input[name=chosen]")
    page.click("button[value=release]")
    assert names(receiver) == ["Ada"]


@pytest.mark.parametrize("which", [webhooks, requests])
def test_hostile_names_do_nothing_and_the_panels_fit_a_phone(shop: Shop, phone: Page, which: object) -> None:
    shop.fake.webhooks.hold("product.created")
    customers(shop, HOSTILE, "x" * 256)
    shop.call.get("/v1/" + "y" * 300)
    assert callable(which)
    phone.goto(which(shop))
    assert is_narrow(phone)
    phone.locator(f"{ROW}, {REQUEST}").first.get_by_role("link").first.click()
    expect(phone.locator("h2").first).to_be_visible()
    assert is_narrow(phone)


def test_a_webhook_is_repeated_with_the_keyboard_alone(shop: Shop, receiver: Receiver, page: Page) -> None:
    customers(shop, "Ada")
    page.goto(webhooks(shop))
    page.locator(ROW).get_by_role("link").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"{ROW} td[data-label=Tries] time")).to_have_count(2)
    assert names(receiver) == ["Ada", "Ada"]
