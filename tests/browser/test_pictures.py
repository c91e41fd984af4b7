"""The pictures of the documentation: pages of ready-made worlds, as a browser shows them.

With `FAKESTRIPE_PICTURES=1` this test takes them again. Without it, they must be there.
"""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from fakestripe_meters import FakeStripe
from fakestripe_meters import fixtures
from tests.browser.conftest import NewPage

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
NOW = "2025-02-01T00:00:00Z"
SIZE = {"width": 1100, "height": 880}
LARGEST = 80_000
COLOURS = 64
PNG = b"\x89PNG"
BAR = "[data-meter-chart] rect[data-value]"
TAKES = os.environ.get("FAKESTRIPE_PICTURES") == "1"


def usage(page: Page, url: str) -> None:
    page.goto(f"{url}/_fakestripe/page/usage")


def why(page: Page, url: str) -> None:
    usage(page, url)
    page.locator(BAR).nth(2).click()
    page.wait_for_selector("[data-why-value]")


def customer(page: Page, url: str) -> None:
    page.goto(f"{url}/_fakestripe/page/customers")
    page.get_by_role("link", name="Swift Couriers").click()
    page.wait_for_selector("[data-own-clock]")


def invoice(page: Page, url: str) -> None:
    page.goto(f"{url}/_fakestripe/page/invoices")
    page.locator("[data-invoice]", has_text="Lakeview Council").first.get_by_text("why?").click()
    page.wait_for_selector("[data-line]")


def limits(page: Page, url: str) -> None:
    page.goto(f"{url}/_fakestripe/page/limits")
    page.select_option("select[name=profile]", "documented")
    page.click("button[value=profile]")
    page.wait_for_selector("[data-bucket=stream] meter")


def imports(page: Page, url: str) -> None:
    """Three files: one that counts, one with records that do not, and one that is only half written."""
    page.goto(f"{url}/_fakestripe/page/imports")
    customer = page.locator("datalist option").first.get_attribute("value")
    header = "timestamp,event_name,payload_stripe_customer_id,payload_tokens,payload_model,payload_tier"
    good = f"2025-01-31,llm_tokens,{customer},120,gpt-4,standard"
    for name, rows in {
        "january.csv": [header, *[good] * 40],
        "february.csv": [header, good, good.replace("2025-01-31", "soon"), good.replace("120", "many"), good],
        "half.csv": [header, f"{good}\n2025-01-31,llm_to"],
    }.items():
        file = {"name": name, "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
        page.set_input_files("#usage-file", file)  # type: ignore[arg-type]  # as Playwright's own type is written
        page.click("button[value=upload]")
        page.wait_for_selector("[data-told]")
    page.goto(f"{url}/_fakestripe/page/imports")


PICTURES = {
    "customer": ("metered_business", customer),
    "invoice": ("metered_business", invoice),
    "usage": ("llm_tokens", usage),
    "why": ("llm_tokens", why),
    "limits": ("metered_business", limits),
    "imports": ("llm_tokens", imports),
}
"""The name of a picture → the world that it is of, and how one comes to the page."""


@pytest.fixture(params=PICTURES)
def picture(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def url(picture: str) -> Iterator[str]:
    """The address of a server with the world of a picture, which is the same each time."""
    world, _ = PICTURES[picture]
    with FakeStripe(now=NOW, seed="pictures") as fake:
        fixtures.load(fake, ROOT / "fixtures" / "worlds" / f"{world}.json")
        yield fake.url


def test_a_picture_is_there_small_and_of_a_page_that_is_there(picture: str, url: str, new_page: NewPage) -> None:
    page = new_page(viewport=SIZE)
    PICTURES[picture][1](page, url)
    file = FOLDER / f"{picture}.png"
    if TAKES:
        FOLDER.mkdir(exist_ok=True)
        page.evaluate("scrollTo(0, 0)")
        taken = page.screenshot(animations="disabled", caret="hide")
        Image.open(BytesIO(taken)).quantize(COLOURS).save(file, optimize=True)
    assert file.read_bytes().startswith(PNG)
    assert file.stat().st_size < LARGEST


def test_the_documentation_shows_each_picture_and_no_other() -> None:
    shown = {
        name
        for path in (ROOT / "docs").glob("*.md")
        for name in re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+)\.png\)", path.read_text("utf-8"))
    }
    assert shown == set(PICTURES)
    assert {path.stem for path in FOLDER.glob("*.png")} == set(PICTURES)
