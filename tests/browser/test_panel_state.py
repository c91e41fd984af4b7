"""A person at the top of a panel: chooses an account, saves and loads the state, and resets it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from fakestripe_meters import FakeStripe
from tests.browser.conftest import NewPage
from tests.browser.shop import HOSTILE
from tests.browser.shop import Shop
from tests.browser.shop import open_shop
from tests.conftest import DOORS
from tests.conftest import KEY
from tests.conftest import Call

ACCOUNTS, STATE, RESET, REFUSAL = "#accounts > summary", "#state > summary", "#reset > summary", "[data-refusal]"
OTHER = "sk_test_another_shop"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


def limits(shop: Shop) -> str:
    return f"{shop.fake.url}/_fakestripe/page/limits"


def customers(shop: Shop, key: str = KEY) -> int:
    return len(shop.call.get("/v1/customers", key=key).json["data"])


def own_id(shop: Shop, key: str = KEY) -> str:
    found: str = shop.call.get("/v1/account", key=key).json["id"]
    return found


def save(page: Page, folder: Path) -> Path:
    page.click(STATE)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the state").click()
    kept = folder / download.value.suggested_filename
    download.value.save_as(kept)
    return kept


def load(page: Page, path: Path) -> None:
    if page.locator("#state[open]").count() == 0:
        page.click(STATE)
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Load", exact=True).click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_state_is_saved_as_a_file_and_loaded_again(
    shop: Shop, new_page: NewPage, tmp_path: Path, *, scripts: bool
) -> None:
    shop.call.create("/v1/customers", {"name": HOSTILE})
    page = new_page(java_script_enabled=scripts)
    page.goto(limits(shop))
    kept = save(page, tmp_path)
    assert kept.name == "fakestripe-meters.json"
    shop.call.create("/v1/customers")
    shop.fake.clock.advance(3600)
    page.goto(limits(shop))
    load(page, kept)
    assert page.url == f"{shop.fake.url}/_fakestripe/"
    assert customers(shop) == 1
    assert page.get_attribute("[data-clock-now]", "data-clock-now") == "1735689600"


def test_a_state_of_several_megabytes_is_loaded(shop: Shop, page: Page, tmp_path: Path) -> None:
    with FakeStripe(now="2025-01-01T00:00:00Z") as other:
        call = Call(DOORS["engine"], other)
        for number in range(60):
            fields = {f"field{each}": f"{number}" * 250 for each in range(50)}
            call.create("/v1/customers", {"metadata": fields})
        (tmp_path / "large.json").write_text(json.dumps(other.snapshot(), indent=1))
    assert (tmp_path / "large.json").stat().st_size > 1_048_576
    page.goto(limits(shop))
    load(page, tmp_path / "large.json")
    expect(page.locator("[data-clock-now]")).to_be_visible()
    assert len(shop.call.get("/v1/customers", {"limit": 100}).json["data"]) == 60


def test_a_state_is_remembered_and_come_back_to(shop: Shop, page: Page) -> None:
    shop.call.create("/v1/customers")
    page.goto(limits(shop))
    page.click(STATE)
    page.get_by_role("button", name="Remember this state").click()
    shop.call.create("/v1/customers")
    shop.fake.clock.advance(3600)
    page.goto(limits(shop))
    page.click(STATE)
    page.get_by_role("button", name="Go back to Wed, Jan 1, 2025, 00:00:00 UTC").click()
    assert page.url == f"{shop.fake.url}/_fakestripe/"
    assert page.get_attribute("[data-clock-now]", "data-clock-now") == "1735689600"
    assert customers(shop) == 1
    page.click(STATE)
    page.get_by_role("button", name="Forget Wed, Jan 1").click()
    expect(page.locator("[data-checkpoint]")).to_have_count(0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Choose a file"),
        ("{", "The file is not valid JSON"),
        ("[]", "Snapshot must be an object"),
        ('{"version": -1}', "Snapshot"),
    ],
)
def test_a_file_that_is_no_state_is_told_and_changes_nothing(
    shop: Shop, page: Page, complaints: list[str], tmp_path: Path, *, text: str, message: str
) -> None:
    shop.call.create("/v1/customers")
    (tmp_path / "wrong.json").write_text(text)
    page.goto(limits(shop))
    before = shop.fake.snapshot()
    load(page, tmp_path / "wrong.json")
    assert page.inner_text(REFUSAL).startswith(message)
    assert page.inner_text("h1") == "Limits & faults"
    assert shop.fake.snapshot() == before
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_one_account_is_reset_and_others_stay(shop: Shop, page: Page) -> None:
    shop.call.create("/v1/customers")
    shop.call.create("/v1/customers", key=OTHER)
    page.goto(f"{limits(shop)}?account={own_id(shop, OTHER)}")
    page.click(STATE)
    expect(page.get_by_role("button", name="Reset this account")).to_be_hidden()
    page.click(RESET)
    page.get_by_role("button", name="Reset this account").click()
    assert (customers(shop), customers(shop, OTHER)) == (1, 0)


def test_everything_is_reset(shop: Shop, page: Page) -> None:
    shop.call.create("/v1/customers")
    shop.call.create("/v1/customers", key=OTHER)
    shop.fake.clock.advance(3600)
    page.goto(limits(shop))
    page.click(STATE)
    page.click(RESET)
    page.get_by_role("button", name="Reset everything").click()
    assert page.url == f"{shop.fake.url}/_fakestripe/"
    assert page.get_attribute("[data-clock-now]", "data-clock-now") == "1735689600"
    assert (customers(shop), customers(shop, OTHER)) == (0, 0)


def test_an_account_is_chosen_among_those_with_something_in_them(shop: Shop, page: Page) -> None:
    shop.call.create("/v1/customers")
    shop.call.create("/v1/customers", key=OTHER)
    shop.call.create("/v1/customers", key=OTHER, headers={"Stripe-Account": "acct_connected"})
    page.goto(limits(shop))
    own, other = own_id(shop), own_id(shop, OTHER)
    expect(page.locator(ACCOUNTS)).to_have_text(f"Account {own}")
    page.click(ACCOUNTS)
    rows = page.locator("#accounts li")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("sk_test_********shop")
    expect(rows.nth(2)).to_contain_text("connected")
    page.get_by_role("link", name=other).click()
    expect(page.locator(ACCOUNTS)).to_have_text(f"Account {other}")
    assert page.url == f"{limits(shop)}?account={other}"
    for link in page.locator("nav a").all():
        assert f"account={other}" in (link.get_attribute("href") or "")
    page.select_option("select[name=profile]", "sandbox")
    page.select_option("select[name=for] >> nth=0", "account")
    page.click("button[value=profile]")
    assert page.url == f"{limits(shop)}?account={other}#settings"
    assert page.inner_text("[data-bucket=global] [data-left]") == "25 of 25"
    page.goto(f"{limits(shop)}?account={own}")
    expect(page.locator("[data-bucket=global]")).to_contain_text("no limit")


def test_a_page_opens_on_the_account_of_the_latest_request_if_the_first_is_empty(shop: Shop, page: Page) -> None:
    shop.call.create("/v1/customers", key=OTHER)
    shop.call.create("/v1/customers", key="sk_test_third")
    page.goto(limits(shop))
    expect(page.locator(ACCOUNTS)).to_have_text(f"Account {own_id(shop, 'sk_test_third')}")


def test_an_account_that_is_gone_is_named(shop: Shop, page: Page) -> None:
    page.goto(f"{limits(shop)}?account=acct_gone<b>")
    assert page.inner_text("[data-missing]").startswith("There is no account acct_gone<b>. This is acct_")
