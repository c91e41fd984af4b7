"""A person at the panel of usage files: uploads some, reads what became of them, and adds usage by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from fakestripe_meters import FakeStripe
from tests.browser.conftest import NewPage
from tests.browser.shop import Shop
from tests.browser.shop import is_narrow
from tests.browser.shop import open_shop

REFUSAL, TOLD, FILE = "[data-refusal]", "[data-told]", "#usage-file"
HEADER = "timestamp,event_name,payload_stripe_customer_id,payload_value"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        shop.metered()
        yield shop


@pytest.fixture
def customer(shop: Shop) -> str:
    made: str = shop.call.create("/v1/customers", {"name": "Ada"})["id"]
    return made


def address(shop: Shop) -> str:
    return f"{shop.fake.url}/_fakestripe/page/imports"


def upload(page: Page, path: Path) -> None:
    page.set_input_files(FILE, path)
    page.click("button[value=upload]")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_file_is_uploaded_and_its_errors_are_downloaded(
    shop: Shop, customer: str, new_page: NewPage, tmp_path: Path, *, scripts: bool
) -> None:
    now = shop.fake.clock.now()
    rows = [f"{now},calls,{customer},5", f"soon,calls,{customer},5", f"{now},calls,cus_nobody,5"]
    path = tmp_path / "usage.csv"
    path.write_text("\n".join([HEADER, *rows, ""]))
    page = new_page(java_script_enabled=scripts)
    page.goto(address(shop))
    upload(page, path)
    expect(page.locator(TOLD)).to_have_text("usage.csv: 1 counted, 1 refused, 1 dropped")
    row = page.locator("tr[data-import]")
    expect(row.locator("[data-status]")).to_have_text("succeeded with errors")
    assert (row.locator("[data-records]").inner_text(), row.locator("[data-errors]").inner_text()) == ("3", "1")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download the errors of usage.csv").click()
    assert "'soon'" in Path(download.value.path()).read_text("utf-8")
    assert shop.fake.usage("calls", customer) == 5


def test_a_file_that_fails_says_why(shop: Shop, customer: str, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_bytes(f"{HEADER}\n1,calls,{customer},5\n".encode("utf-16"))
    page.goto(address(shop))
    upload(page, path)
    expect(page.locator(TOLD)).to_have_text("usage.csv: The file is in UTF-16. Save it as UTF-8.")
    expect(page.locator("tr[data-import] [data-status]")).to_have_text("failed")


def test_a_form_without_a_file_is_told_beside_it(shop: Shop, page: Page, complaints: list[str]) -> None:
    page.goto(address(shop))
    page.click("button[value=upload]")
    expect(page.locator(f"#upload {REFUSAL}")).to_have_text("Choose a CSV file.")
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_usage_is_added_by_hand_and_seen_in_the_chart(shop: Shop, customer: str, page: Page) -> None:
    page.goto(address(shop))
    page.fill("#add input[name=customer]", customer)
    page.fill("#add input[name=value]", "42")
    page.click("button[value=add]")
    expect(page.locator("[data-usage-total]")).to_contain_text("42")
    assert shop.fake.usage("calls", customer) == 42


def test_usage_that_is_refused_stays_in_the_form(shop: Shop, customer: str, page: Page, complaints: list[str]) -> None:
    page.goto(address(shop))
    page.fill("#add input[name=customer]", customer)
    page.fill("#add input[name=value]", "many")
    page.click("button[value=add]")
    expect(page.locator(f"#add {REFUSAL}")).to_contain_text("many")
    assert page.input_value("#add input[name=customer]") == customer
    assert page.locator(REFUSAL).count() == 1
    expect(page.locator("#add")).to_be_in_viewport()
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


def test_the_keyboard_is_enough_to_add_usage(shop: Shop, customer: str, page: Page) -> None:
    page.goto(address(shop))
    page.focus("#add select[name=meter]")
    page.keyboard.press("Tab")
    page.keyboard.type(customer)
    page.keyboard.press("Tab")
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(page.locator("[data-usage-total]")).to_contain_text("8")


def test_a_new_import_appears_without_a_reload(shop: Shop, customer: str, page: Page) -> None:
    page.goto(address(shop))
    expect(page.locator("tr[data-import]")).to_have_count(0)
    content = f"{HEADER}\n{shop.fake.clock.now()},calls,{customer},5\n".encode()
    shop.fake.import_usage(content, filename="from-a-test.csv")
    expect(page.locator("tr[data-import]")).to_contain_text("from-a-test.csv")


def test_the_bucket_is_polled_by_the_button_to_what_is_due_next(page: Page, tmp_path: Path) -> None:
    (tmp_path / "usage.csv").write_text(HEADER)
    (tmp_path / "notes.txt").touch()
    with FakeStripe(now="2025-01-01T00:00:00Z", bucket=tmp_path) as fake:
        page.goto(f"{fake.url}/_fakestripe/page/imports")
        expect(page.locator("#due")).to_contain_text("bucket is polled")
        page.click("button[name=to]")
        expect(page.locator("tr[data-import]")).to_contain_text("usage.csv")
        expect(page.locator("tr[data-left]")).to_contain_text("notes.txt")
        expect(page.locator("[data-bucket-folder]")).to_have_text(str(tmp_path))
        expect(page.locator("[data-next-poll]")).to_have_attribute("data-next-poll", str(fake.clock.now() + 300))


def test_the_page_fits_a_phone(shop: Shop, customer: str, phone: Page) -> None:
    for name in (f"{'u' * 200}.csv", f"{'reports/' * 20}usage.csv", "usage.doc"):
        shop.fake.import_usage(f"{HEADER},{'x' * 90}\nsoon,calls,{customer},5,1\n".encode(), filename=name)
    phone.goto(address(shop))
    expect(phone.locator("tr[data-import]")).to_have_count(3)
    assert is_narrow(phone)
