"""A person at the panel of usage: sees the bars, asks why one is what it is, and changes the question."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from fakestripe_meters import FakeStripe
from tests.browser.conftest import NewPage
from tests.browser.shop import HOSTILE
from tests.browser.shop import is_narrow
from tests.pages_.usages import DAY
from tests.pages_.usages import FEBRUARY
from tests.pages_.usages import HOUR
from tests.pages_.usages import NOW
from tests.pages_.usages import Business
from tests.pages_.usages import number

BARS = "[data-meter-chart] rect[data-start][data-group][data-value]"
WHY, TOTAL, TABLE_TOTAL = "[data-why-value]", "[data-usage-total]", "[data-table-total]"
READABLE_PX = 10
"""How high a line of text is at least."""


@pytest.fixture
def business() -> Iterator[Business]:
    with FakeStripe(now=NOW, seed="usage") as fake:
        yield Business(fake)
        fake.check()


def address(business: Business, path: str = "", query: str = "") -> str:
    return f"{business.fake.url}/_fakestripe/{path}{query}"


def read(page: Page) -> list[dict[str, Any]]:
    """The bars, as a script would read them, with their boxes."""
    found: list[dict[str, Any]] = page.eval_on_selector_all(
        BARS,
        "(all) => all.map((it) => ({...it.dataset, box: it.getBoundingClientRect().toJSON(),"
        " title: it.querySelector('title').textContent, fill: getComputedStyle(it).fill}))",
    )
    return found


def values(page: Page) -> list[Decimal]:
    return [Decimal(bar["value"]) for bar in read(page)]


def test_picture_table_and_api_add_up_to_the_same(business: Business, page: Page) -> None:
    business.month()
    page.goto(address(business))
    rows = business.rows(meter={"dimension_group_by_keys": ["model"]}, value_grouping_window="day")
    total = sum(Decimal(str(row["bucket_value"])) for row in rows)
    assert sum(values(page)) == total
    assert len(read(page)) == len(rows)
    assert number(page.inner_text(TABLE_TOTAL)) == number(page.inner_text(TOTAL)) == total
    expect(page.get_by_role("img", name=re.compile("Tokens of Ada by model per day"))).to_be_visible()


def test_the_bars_of_a_day_stand_on_each_other(business: Business, page: Page) -> None:
    business.month()
    business.use(FEBRUARY - 2 * DAY, "40.5", "middle")
    page.goto(address(business))
    stacks: dict[str, list[dict[str, Any]]] = {}
    for bar in read(page):
        stacks.setdefault(bar["start"], []).append(bar)
    assert max(map(len, stacks.values())) == 3
    for stack in stacks.values():
        boxes = [bar["box"] for bar in stack]
        assert len({(round(box["left"], 3), round(box["right"], 3)) for box in boxes}) == 1
        for lower, upper in pairwise(boxes):
            assert lower["top"] == pytest.approx(upper["bottom"], abs=0.01)
        heights = [
            box["height"] / float(bar["value"]) for box, bar in zip(boxes, stack, strict=True) if bar["value"] != "0"
        ]
        assert max(heights) - min(heights) < 0.2
    tops = [stack[-1]["box"]["left"] for _, stack in sorted(stacks.items())]
    assert tops == sorted(tops)


def test_a_click_on_a_bar_says_why_it_is_what_it_is(business: Business, page: Page) -> None:
    business.month()
    page.goto(address(business))
    bar = page.locator(f"{BARS}[data-group=large]").nth(4)
    value = bar.get_attribute("data-value")
    bar.click()
    assert page.inner_text(WHY) == value
    assert page.locator("table.events tbody tr").count() == 1
    page.get_by_role("link", name="Usage of these days").click()
    assert len(read(page)) == 2
    page.go_back()
    page.go_back()
    page.get_by_role("link", name="why?").first.click()
    assert page.inner_text(WHY) == "105"


def test_the_form_asks_another_question_whose_address_can_be_sent_to_somebody(
    business: Business, page: Page, new_page: NewPage
) -> None:
    business.month()
    page.goto(address(business))
    page.locator("select[name=then]").select_option("tier")
    page.locator("select[name=per]").select_option("week")
    page.get_by_role("combobox", name="Time zone").fill("Europe/Berlin")
    page.locator("input[name=from]").fill("2025-01-06")
    page.get_by_label("Only model").select_option("small")
    page.get_by_role("button", name="Show", exact=True).click()
    bars = read(page)
    assert {bar["group"] for bar in bars} == {"small, pro", "small, free"}
    assert len({bar["start"] for bar in bars}) == 4
    assert "Week of Jan 6" in bars[0]["title"]
    other = new_page()
    other.goto(page.url)
    assert [each["value"] for each in read(other)] == [each["value"] for each in bars]
    assert other.input_value("[name=timezone]") == "Europe/Berlin"


def test_a_question_that_stripe_refuses_is_a_sentence_and_keeps_the_form(business: Business, page: Page) -> None:
    business.month()
    page.goto(address(business))
    page.get_by_role("combobox", name="Time zone").fill("Mars/Olympus")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "Mars/Olympus" in page.inner_text("[data-refusal]")
    assert page.input_value("[name=timezone]") == "Mars/Olympus"
    assert page.locator(BARS).count() == 0


def test_a_day_of_23_hours_has_23_bars(page: Page) -> None:
    with FakeStripe(now="2025-03-30T23:00:00Z", limits="off") as fake:
        business = Business(fake)
        for hour in range(23):
            business.use(fake.clock.now() - (hour + 2) * HOUR, hour + 1)
        page.goto(address(business, "page/usage", "?per=hour&timezone=Europe/Berlin&from=2025-03-30&to=2025-03-30"))
        bars = read(page)
        assert len(bars) == 23
        assert not any("02:00" in bar["title"] for bar in bars)


def test_a_hostile_name_does_nothing(business: Business, page: Page) -> None:
    business.customer = business.buyer(HOSTILE)
    business.meter = business.counter("hostile", display_name=HOSTILE)
    business.use(FEBRUARY - DAY, 7, HOSTILE, HOSTILE, event_name="hostile")
    page.goto(address(business))
    assert HOSTILE in page.inner_text("h1")
    (bar,) = read(page)
    assert bar["group"] == HOSTILE
    page.click(BARS)
    assert page.inner_text(WHY) == "7"
    assert HOSTILE in page.inner_text("main")
    assert page.locator("main b").count() == 0


def test_a_phone_need_not_scroll_sideways(business: Business, phone: Page) -> None:
    business.month()
    business.use(FEBRUARY - DAY, 7, "a-model-with-a-name-that-is-as-long-as-a-name-can-be-" * 3)
    phone.goto(address(business))
    assert is_narrow(phone)
    phone.get_by_role("link", name="why?").last.click()
    assert is_narrow(phone)


def test_the_numbers_of_the_chart_can_be_read_on_a_phone(business: Business, phone: Page) -> None:
    business.month()
    phone.goto(address(business))
    heights = phone.locator(".chart text").evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert heights
    assert min(heights) >= READABLE_PX


def luminance(colour: str) -> float:
    channels = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_colour_can_be_told_from_the_paper(business: Business, new_page: NewPage, scheme: str) -> None:
    for n in range(9):
        business.use(FEBRUARY - DAY, 9 - n, f"model-{n}")
    page = new_page(color_scheme=scheme)
    page.goto(address(business))
    paper = page.eval_on_selector("[data-meter-chart]", "(it) => getComputedStyle(it).backgroundColor")
    colours = [bar["fill"] for bar in read(page)]
    assert len(set(colours)) == 8
    assert min(contrast(colour, paper) for colour in colours) >= 3
    assert min(contrast(one, other) for one, other in pairwise(colours)) >= 1.9


def test_the_keyboard_is_enough(business: Business, page: Page) -> None:
    business.use(FEBRUARY - DAY, 7)
    page.goto(address(business))
    page.focus("[data-usage-total]")
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
        if reached[-1] == "why?":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(WHY)
    assert page.inner_text(WHY) == "7"


def test_what_is_told_of_a_bar_is_told_in_the_legend_in_the_same_order(business: Business, page: Page) -> None:
    business.month()
    page.goto(address(business))
    assert page.locator(".legend li").all_inner_texts() == ["small", "large"]
    swatches = page.eval_on_selector_all(".legend rect", "(all) => all.map((it) => getComputedStyle(it).fill)")
    fills = {bar["group"]: bar["fill"] for bar in read(page)}
    assert swatches == [fills["small"], fills["large"]]
