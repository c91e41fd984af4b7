"""A person at the panel of limits and faults: plans what goes wrong, and sees it strike."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.shop import Shop
from tests.browser.shop import is_narrow
from tests.browser.shop import open_shop

FAULTS, STUBS, SETTINGS, REFUSAL = "#faults", "#stubs", "#settings", "[data-refusal]"
BUSY = {"error": {"message": "later"}}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


def address(shop: Shop) -> str:
    return f"{shop.fake.url}/_fakestripe/page/limits"


def left(page: Page, bucket: str) -> str:
    return page.inner_text(f"[data-bucket='{bucket}'] [data-left]")


def test_a_fault_that_is_planned_on_the_page_strikes(shop: Shop, page: Page) -> None:
    page.goto(address(shop))
    page.fill(f"{FAULTS} input[name=path]", "/v1/customers")
    page.fill(f"{FAULTS} input[name=status]", "503")
    page.fill(f"{FAULTS} input[name=times]", "2")
    page.click("button[value=plan_fault]")
    row = page.locator("[data-fault]")
    expect(row).to_contain_text("POST /v1/customers → 503")
    expect(row).to_contain_text("2 of 2")
    assert shop.call.post("/v1/customers").status == 503
    expect(row).to_contain_text("1 of 2")
    assert shop.call.post("/v1/customers").status == 503
    expect(page.locator("[data-fault]")).to_have_count(0)
    assert shop.call.post("/v1/customers").status == 200


def test_a_fault_can_be_for_this_account_and_after_the_work(shop: Shop, page: Page) -> None:
    shop.call.create("/v1/customers")
    page.goto(address(shop))
    page.fill(f"{FAULTS} input[name=path]", "/v1/customers")
    page.select_option(f"{FAULTS} select[name=for]", "account")
    page.check(f"{FAULTS} input[name=after_commit]")
    page.click("button[value=plan_fault]")
    expect(page.locator("[data-fault]")).to_contain_text("sk_test_******ripe")
    assert shop.call.post("/v1/customers", key="sk_test_another").status == 200
    assert shop.call.post("/v1/customers").status == 429
    assert len(shop.call.get("/v1/customers").json["data"]) == 2


def test_a_fault_that_can_strike_nothing_is_told_beside_its_form(shop: Shop, page: Page, complaints: list[str]) -> None:
    page.goto(address(shop))
    page.fill(f"{FAULTS} input[name=path]", "/v1/custommers")
    page.select_option(f"{FAULTS} select[name=method]", "GET")
    page.click("button[value=plan_fault]")
    assert "/v1/customers" in page.inner_text(f"{FAULTS} {REFUSAL}")
    assert page.locator(REFUSAL).count() == 1
    assert page.input_value(f"{FAULTS} input[name=path]") == "/v1/custommers"
    assert page.input_value(f"{FAULTS} select[name=method]") == "GET"
    assert page.input_value(f"{STUBS} input[name=path]") == ""
    expect(page.locator(FAULTS)).to_be_in_viewport()
    assert shop.fake.control.faults() == []
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_faults_are_forgotten(shop: Shop, page: Page) -> None:
    shop.fake.fail_next("POST /v1/customers", status=500)
    page.goto(address(shop))
    page.click("button[value=forget_faults]")
    expect(page.locator("[data-fault]")).to_have_count(0)
    assert shop.fake.control.faults() == []


def test_what_is_left_of_a_limit_is_shown_in_a_picture_and_in_words(shop: Shop, page: Page) -> None:
    shop.fake.control.set_limits({"profile": "sandbox"})
    for _ in range(3):
        shop.call.create("/v1/customers")
    page.goto(address(shop))
    assert left(page, "global") == "22 of 25"
    meter = page.get_by_role("meter", name="Left: Everything else")
    assert (meter.get_attribute("value"), meter.get_attribute("max")) == ("22", "25")
    expect(page.locator("[data-bucket=stream]")).to_contain_text("counts as everything else")
    page.click("button[name=advance][value='3600']")
    assert left(page, "global") == "25 of 25"


def test_a_profile_and_single_limits_are_set_for_all_or_for_one_account(shop: Shop, page: Page) -> None:
    shop.call.create("/v1/customers")
    page.goto(address(shop))
    page.select_option("select[name=profile]", "sandbox")
    page.click("button[value=profile]")
    assert left(page, "global") == "25 of 25"
    assert page.input_value("select[name=profile]") == "sandbox"
    assert shop.fake.control.limits()["global"] == 25
    form = page.locator("form", has=page.locator("button[value=limits]"))
    form.locator("input[name=global]").fill("7")
    form.locator("select[name=for]").select_option("account")
    page.click("button[value=limits]")
    assert left(page, "global") == "7 of 7"
    assert page.input_value("select[name=profile]") == ""
    assert shop.fake.control.limits()["global"] == 25
    assert shop.fake.control.limits(shop.fake.api_key)["global"] == 7
    form.locator("input[name=global]").fill("")
    page.click("button[value=limits]")
    assert shop.fake.control.limits()["global"] is None


@pytest.mark.parametrize("typed", ["0", "many", "1.5", "-3"])
def test_what_is_no_limit_is_told(shop: Shop, page: Page, complaints: list[str], typed: str) -> None:
    page.goto(address(shop))
    before = shop.fake.control.limits()
    page.fill("input[name=analytics]", typed)
    page.click("button[value=limits]")
    assert page.inner_text(f"{SETTINGS} {REFUSAL}").startswith("Analytics must be calls per second from 1 to 1000000")
    assert page.input_value("input[name=analytics]") == typed
    assert shop.fake.control.limits() == before
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_usage_is_hidden_by_the_lag_and_shown_at_once(shop: Shop, page: Page) -> None:
    shop.metered()
    customer = shop.call.create("/v1/customers")["id"]
    page.goto(address(shop))
    page.fill("input[name=seconds]", "60")
    page.click("button[value=lag]")
    event = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": "5"}}
    shop.call.create("/v1/billing/meter_events", event)
    expect(page.locator("[data-counts]")).to_contain_text("1 event hidden by the lag")
    assert shop.fake.usage("calls", customer) == 0
    page.click("button[value=flush]")
    expect(page.locator("[data-counts]")).to_contain_text("0 events hidden by the lag")
    assert shop.fake.usage("calls", customer) == 5


def test_requests_fail_at_random_until_that_ends(shop: Shop, page: Page) -> None:
    page.goto(address(shop))
    page.fill("#chaos input[name=rate]", "1")
    page.fill("#chaos input[name=statuses]", "503, 429")
    page.click("button[value=start_chaos]")
    expect(page.locator("[data-chaos]")).to_contain_text("About 100 % of the requests * * fail, chosen by the seed 1.")
    assert shop.call.get("/v1/customers").status in (429, 503)
    expect(page.locator("[data-chaos]")).to_contain_text("1 has failed so far.")
    page.click("button[value=end_chaos]")
    expect(page.locator("[data-chaos]")).to_have_count(0)
    assert shop.call.get("/v1/customers").status == 200


def test_a_stub_that_is_planned_on_the_page_answers(shop: Shop, page: Page) -> None:
    page.goto(address(shop))
    page.fill(f"{STUBS} input[name=path]", "/v1/quotes")
    page.fill("textarea[name=json]", '{"id": "qt_<script>alert(1)</script>"}')
    page.fill("textarea[name=headers]", '{"X-Told": "yes"}')
    page.click("button[value=plan_stub]")
    expect(page.locator("[data-stub]")).to_contain_text("POST /v1/quotes → 200")
    answer = shop.call.post("/v1/quotes")
    assert (answer.status, answer.json) == (200, {"id": "qt_<script>alert(1)</script>"})
    expect(page.locator("[data-stub] .num")).to_have_text("1")
    page.click("button[value=forget_stubs]")
    expect(page.locator("[data-stub]")).to_have_count(0)
    assert shop.call.post("/v1/quotes").status == 501


def test_a_stub_whose_answer_is_no_json_is_told(shop: Shop, page: Page, complaints: list[str]) -> None:
    page.goto(address(shop))
    page.fill(f"{STUBS} input[name=path]", "/v1/quotes")
    page.fill("textarea[name=json]", "{")
    page.click("button[value=plan_stub]")
    assert page.inner_text(f"{STUBS} {REFUSAL}").startswith("Json must be valid JSON")
    assert page.input_value("textarea[name=json]") == "{"
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_the_panel_needs_no_script(shop: Shop, new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(address(shop))
    page.fill(f"{FAULTS} input[name=path]", "/v1/customers")
    page.click("button[value=plan_fault]")
    expect(page.locator("[data-fault]")).to_have_count(1)
    assert shop.call.post("/v1/customers").status == 429


def test_the_panel_fits_a_phone(shop: Shop, phone: Page) -> None:
    shop.fake.fail_next("POST /v1/billing/meter_events", status=429)
    shop.fake.stub("POST /v1/quotes", json={"text": "x" * 300})
    phone.goto(address(shop))
    assert is_narrow(phone)
