"""A person at a Checkout page: pays, is declined, authenticates, gives up, or comes too late."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.shop import HOSTILE
from tests.browser.shop import Shop
from tests.browser.shop import is_narrow
from tests.browser.shop import open_shop

CARD, PAY, REFUSAL = "select[name=payment_method]", "button[name=pay]", "[data-refusal]"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


def test_a_customer_pays_and_comes_back_to_the_app(shop: Shop, page: Page) -> None:
    session = shop.session(shop.flat())
    page.goto(session["url"])
    expect(page.get_by_role("heading", name="Subscribe to Platform")).to_be_visible()
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Name").fill("Ada")
    page.click(PAY)
    assert page.url == f"{shop.app_url}/done?session={session['id']}"
    done = shop.now(session)
    assert (done["status"], done["payment_status"], done["url"]) == ("complete", "paid", None)
    customer = shop.call.get(f"/v1/customers/{done['customer']}").json
    assert (customer["email"], customer["name"]) == ("ada@example.com", "Ada")
    assert shop.call.get(f"/v1/subscriptions/{done['subscription']}").json["status"] == "active"


def test_one_click_is_enough(shop: Shop, page: Page) -> None:
    page.goto(shop.session(shop.metered())["url"])
    page.click(PAY)
    assert page.url.startswith(f"{shop.app_url}/done")


def test_the_page_says_what_usage_costs(shop: Shop, page: Page) -> None:
    tiers = [{"up_to": 1000, "unit_amount": 0}, {"up_to": "inf", "unit_amount_decimal": "2.5"}]
    tiered = shop.metered(billing_scheme="tiered", tiers_mode="graduated", tiers=tiers)
    page.goto(shop.session(shop.flat(), tiered)["url"])
    text = page.inner_text("main")
    assert "$20.00 per month" in text
    assert "Priced in tiers, by usage each month" in text
    assert "1 to 1,000: $0.00 per call" in text
    assert "from 1,001: $0.025 per call" in text
    assert "then $20.00 per month, and what you use" in text


def test_a_price_per_unit_of_usage_is_in_words(shop: Shop, page: Page) -> None:
    page.goto(shop.session(shop.metered())["url"])
    text = page.inner_text("main")
    assert "$0.02 per call, billed by usage each month" in text
    assert "then what you use, billed per month" in text
    assert page.inner_text("[data-checkout-total]") == "$0.00"


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ("pm_card_visa_chargeDeclined", "Your card was declined."),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "Your card has insufficient funds."),
        ("pm_card_chargeDeclinedExpiredCard", "Your card has expired."),
    ],
)
def test_a_declined_card_leaves_the_session_open(shop: Shop, page: Page, card: str, sentence: str) -> None:
    session = shop.session(shop.flat())
    page.goto(session["url"])
    page.get_by_label("Name").fill("Ada Lovelace")
    page.select_option(CARD, card)
    page.click(PAY)
    assert page.inner_text(REFUSAL) == sentence
    assert (shop.now(session)["status"], shop.now(session)["subscription"]) == ("open", None)
    assert page.input_value(CARD) == card
    assert page.get_by_label("Name").input_value() == "Ada Lovelace"
    page.select_option(CARD, "pm_card_visa")
    page.click(PAY)
    assert page.url.startswith(f"{shop.app_url}/done")


def test_a_card_may_want_to_be_authenticated(shop: Shop, page: Page) -> None:
    session = shop.session(shop.flat())
    page.goto(session["url"])
    page.select_option(CARD, "pm_card_threeDSecure2Required")
    page.click(PAY)
    page.get_by_role("button", name="Fail").click()
    assert page.inner_text(REFUSAL).startswith("We are unable to authenticate your payment method.")
    assert shop.now(session)["status"] == "open"
    page.click(PAY)
    page.get_by_role("button", name="Authenticate").click()
    assert page.url == f"{shop.app_url}/done?session={session['id']}"
    assert shop.now(session)["status"] == "complete"


def test_a_customer_gives_up(shop: Shop, page: Page) -> None:
    session = shop.session(shop.flat())
    page.goto(session["url"])
    page.click("a[data-cancel]")
    assert page.url == f"{shop.app_url}/back"
    assert shop.now(session)["status"] == "open"


def test_a_session_that_is_over_says_so(shop: Shop, page: Page) -> None:
    complete, expired = (shop.session(shop.flat()) for _ in range(2))
    shop.fake.complete_checkout(complete["id"])
    shop.fake.expire_checkout(expired["id"])
    page.goto(complete["url"])
    expect(page.locator("[data-status=complete]")).to_contain_text("This session is complete.")
    page.click("[data-onward]")
    assert page.url == f"{shop.app_url}/done?session={complete['id']}"
    page.goto(expired["url"])
    expect(page.locator("[data-status=expired]")).to_contain_text("Nothing was charged.")
    assert page.locator(PAY).count() == 0
    page.click("[data-onward]")
    assert page.url == f"{shop.app_url}/back"


def test_a_page_that_was_left_open_too_long_cannot_pay(shop: Shop, page: Page) -> None:
    page.goto(shop.session(shop.flat())["url"])
    shop.fake.clock.advance(86_400)
    page.click(PAY)
    expect(page.locator("[data-status=expired]")).to_be_visible()


def test_paying_twice_pays_once(shop: Shop, new_page: NewPage) -> None:
    session = shop.session(shop.flat())
    first, second = new_page(), new_page()
    first.goto(session["url"])
    second.goto(session["url"])
    first.click(PAY)
    second.click(PAY)
    expect(second.locator("[data-status=complete]")).to_be_visible()
    assert len(shop.call.get("/v1/subscriptions").json["data"]) == 1


def test_a_known_customer_is_not_asked_for_an_email(shop: Shop, page: Page) -> None:
    customer = shop.call.create("/v1/customers", {"email": "grace@example.com", "name": "Grace"})["id"]
    method = shop.call.create("/v1/payment_methods/pm_card_mastercard/attach", {"customer": customer})["id"]
    session = shop.session(shop.flat(), customer=customer)
    page.goto(session["url"])
    assert "grace@example.com" in page.inner_text("main")
    assert page.locator("input[type=email]").count() == 0
    page.select_option(CARD, method)
    page.click(PAY)
    subscription = shop.call.get(f"/v1/subscriptions/{shop.now(session)['subscription']}").json
    assert (subscription["customer"], subscription["default_payment_method"]) == (customer, method)


def test_a_hostile_name_does_nothing(shop: Shop, page: Page) -> None:
    price = shop.flat(product_data={"name": HOSTILE})
    page.goto(shop.session(price)["url"])
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Subscribe to {HOSTILE}")
    assert page.locator("main b, main script").count() == 0


def test_the_keyboard_is_enough(shop: Shop, page: Page) -> None:
    page.goto(shop.session(shop.flat())["url"])
    focused = []
    for _ in range(5):
        page.keyboard.press("Tab")
        focused.append(page.evaluate("document.activeElement.name || document.activeElement.textContent"))
    assert focused == ["Cancel", "email", "name", "payment_method", "pay"]
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("Mas")
    assert page.input_value(CARD) == "pm_card_mastercard"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/done"))


def test_enter_in_a_field_pays(shop: Shop, page: Page) -> None:
    page.goto(shop.session(shop.flat())["url"])
    page.get_by_label("Name").press("Enter")
    page.wait_for_url(re.compile("/done"))


def test_no_script_is_needed(shop: Shop, new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(shop.session(shop.flat())["url"])
    page.click(PAY)
    assert page.url.startswith(f"{shop.app_url}/done")


def test_a_phone_need_not_scroll_sideways(shop: Shop, phone: Page) -> None:
    product = shop.call.create("/v1/products", {"name": "W" * 120, "description": "x" * 300})["id"]
    price = shop.flat(product=product)
    phone.goto(shop.session(price, shop.metered())["url"])
    assert is_narrow(phone)
    phone.select_option(CARD, "pm_card_threeDSecure2Required")
    phone.click(PAY)
    assert is_narrow(phone)


def test_it_is_dark_for_who_likes_it_dark(shop: Shop, page: Page, dark_page: Page) -> None:
    url = shop.session(shop.flat())["url"]
    backgrounds = []
    for each in (page, dark_page):
        each.goto(url)
        backgrounds.append(each.evaluate("getComputedStyle(document.body).backgroundColor"))
    light, dark = (int(re.findall(r"\d+", each)[0]) for each in backgrounds)
    assert dark < 50
    assert light > 200


def test_everything_has_a_name_for_who_does_not_see_it(shop: Shop, page: Page) -> None:
    page.goto(shop.session(shop.flat())["url"])
    for name in ("Email", "Name"):
        expect(page.get_by_role("textbox", name=name)).to_be_visible()
    expect(page.get_by_role("combobox", name=re.compile("Card"))).to_be_visible()
    page.select_option(CARD, "pm_card_visa_chargeDeclined")
    page.click(PAY)
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_success_page_may_redirect_within_this_machine(shop: Shop, page: Page, host: str) -> None:
    """Browsers check each redirect after a form against the page's Content-Security-Policy."""
    url = f"{shop.app_url.replace('127.0.0.1', host)}/done"
    page.goto(shop.session(shop.flat(), success_url=url)["url"])
    page.click(PAY)
    assert page.url == url
