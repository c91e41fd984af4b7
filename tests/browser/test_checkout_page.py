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


def test_a_customer_buys_more_of_it(shop: Shop, page: Page) -> None:
    adjustable = {"enabled": True, "minimum": 1, "maximum": 5}
    lines = [{"price": shop.flat(), "quantity": 1, "adjustable_quantity": adjustable}]
    session = shop.session(line_items=lines)
    page.goto(session["url"])
    quantity = page.get_by_label(re.compile("Quantity"))
    quantity.fill("3")
    page.get_by_role("button", name="Update").click()
    assert page.inner_text("[data-checkout-total]") == "$60.00"
    assert shop.now(session)["amount_total"] == 6000
    quantity.fill("4")
    page.click(PAY)
    done = shop.now(session)
    subscription = shop.call.get(f"/v1/subscriptions/{done['subscription']}").json
    assert (done["amount_total"], subscription["items"]["data"][0]["quantity"]) == (8000, 4)


@pytest.mark.parametrize("quantity", ["0", "6", "x"])
def test_a_quantity_out_of_bounds_is_refused(shop: Shop, new_page: NewPage, quantity: str) -> None:
    adjustable = {"enabled": True, "minimum": 1, "maximum": 5}
    session = shop.session(line_items=[{"price": shop.flat(), "quantity": 2, "adjustable_quantity": adjustable}])
    page = new_page()
    page.goto(session["url"])
    before = shop.fake.snapshot()
    page.evaluate("document.querySelector('input[type=number]').type = 'text'; document.forms[0].noValidate = true")
    page.get_by_label(re.compile("Quantity")).fill(quantity)
    page.click(PAY)
    expect(page.locator(REFUSAL)).to_contain_text("quantity", ignore_case=True)
    assert shop.fake.snapshot() == before


def test_a_promotion_code_lowers_the_total(shop: Shop, page: Page) -> None:
    coupon = shop.call.create("/v1/coupons", {"percent_off": 25, "duration": "once", "name": "Launch"})["id"]
    code = shop.call.create(
        "/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": coupon}, "code": "LAUNCH"}
    )
    session = shop.session(shop.flat(), allow_promotion_codes=True)
    page.goto(session["url"])
    entry = page.get_by_label("Promotion code")
    entry.fill("NOTHING")
    page.get_by_role("button", name="Apply").click()
    assert page.inner_text(REFUSAL) == "There is no active promotion code 'NOTHING'."
    entry.fill("launch")
    entry.press("Enter")
    expect(page.locator("[data-promotion-code]")).to_have_text("LAUNCH")
    assert page.inner_text("[data-checkout-total]") == "$15.00"
    assert "Launch (25% off)" in page.inner_text("main")
    page.get_by_role("button", name="Remove").click()
    assert page.inner_text("[data-checkout-total]") == "$20.00"
    entry.fill("LAUNCH")
    page.click(PAY)
    done = shop.now(session)
    assert (done["amount_total"], done["discounts"][0]["promotion_code"]) == (1500, code["id"])
    assert shop.call.get(f"/v1/invoices/{done['invoice']}").json["amount_paid"] == 1500


def test_a_customer_adds_what_is_offered(shop: Shop, page: Page) -> None:
    extra = shop.call.create("/v1/products", {"name": "Support"})["id"]
    session = shop.session(shop.flat(), optional_items=[{"price": shop.flat(500, product=extra), "quantity": 1}])
    page.goto(session["url"])
    page.get_by_role("button", name="Add Support").click()
    assert page.inner_text("[data-checkout-total]") == "$25.00"
    page.get_by_role("button", name="Remove Support").click()
    assert page.inner_text("[data-checkout-total]") == "$20.00"
    page.get_by_role("button", name="Add Support").click()
    page.click(PAY)
    assert shop.now(session)["amount_total"] == 2500


def test_a_payment_of_once_has_a_customer_only_if_it_needs_one(shop: Shop, page: Page) -> None:
    price = shop.call.create("/v1/prices", {"currency": "eur", "unit_amount": 999, "product_data": {"name": "Report"}})[
        "id"
    ]
    session = shop.session(price, mode="payment")
    page.goto(session["url"])
    expect(page.locator(PAY)).to_have_text("Pay €9.99")
    page.click(PAY)
    done = shop.now(session)
    assert (done["payment_status"], done["customer"]) == ("paid", None)
    assert shop.call.get(f"/v1/payment_intents/{done['payment_intent']}").json["amount_received"] == 999


def test_a_card_is_saved(shop: Shop, page: Page) -> None:
    customer = shop.call.create("/v1/customers", {"email": "grace@example.com"})["id"]
    session = shop.session(line_items=[], mode="setup", currency="usd", customer=customer)
    page.goto(session["url"])
    expect(page.get_by_role("heading", name="Save a card for Fakestripe")).to_be_visible()
    page.get_by_role("button", name="Save card").click()
    assert page.url.startswith(f"{shop.app_url}/done")
    saved = shop.call.get(f"/v1/customers/{customer}/payment_methods").json["data"]
    assert [each["card"]["last4"] for each in saved] == ["4242"]


def test_a_trial_says_when_it_ends(shop: Shop, page: Page) -> None:
    session = shop.session(shop.flat(), subscription_data={"trial_period_days": 14})
    page.goto(session["url"])
    assert "Free for 14 days, until Jan 15, 2025; then $20.00 per month" in page.inner_text("main")
    page.get_by_role("button", name="Start trial").click()
    assert shop.call.get(f"/v1/subscriptions/{shop.now(session)['subscription']}").json["status"] == "trialing"


def test_a_trial_without_a_card_asks_for_none(shop: Shop, page: Page) -> None:
    data = {"trial_period_days": 14, "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}}}
    session = shop.session(shop.flat(), subscription_data=data, payment_method_collection="if_required")
    page.goto(session["url"])
    assert page.locator(CARD).count() == 0
    page.click(PAY)
    assert shop.now(session)["status"] == "complete"


def test_taxes_are_shown(shop: Shop, page: Page) -> None:
    rate = {"display_name": "VAT", "percentage": 20, "inclusive": False}
    vat = shop.call.create("/v1/tax_rates", rate)["id"]
    page.goto(shop.session(line_items=[{"price": shop.flat(), "quantity": 1, "tax_rates": [vat]}])["url"])
    assert re.search(r"Subtotal\s+\$20\.00\s+VAT 20%\s+\$4\.00\s+Due now\s+\$24\.00", page.inner_text("main"))


def test_an_address_is_asked_for_if_the_app_wants_one(shop: Shop, page: Page) -> None:
    session = shop.session(shop.flat(), billing_address_collection="required")
    page.goto(session["url"])
    page.get_by_label("City").fill("Boston")
    page.click(PAY)
    assert shop.now(session)["customer_details"]["address"]["city"] == "Boston"
