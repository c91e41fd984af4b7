"""The page behind a bar: which events are in the number, and why others are not."""

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from tests.pages_.looking import Page
from tests.pages_.looking import Person
from tests.pages_.usages import DAY
from tests.pages_.usages import FEBRUARY
from tests.pages_.usages import HOUR
from tests.pages_.usages import NOW
from tests.pages_.usages import Business
from tests.pages_.usages import bars

YESTERDAY = FEBRUARY - DAY


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW) as fake:
        yield fake


@pytest.fixture
def business(fake: FakeStripe) -> Business:
    return Business(fake)


def why(business: Business, **more: Any) -> Page:  # noqa: ANN401  anything that a query says
    query = {"customer": business.customer, "meter": "tokens", "start": YESTERDAY, "end": FEBRUARY, **more}
    return business.look("why", **query)


def events(page: Page) -> list[list[str]]:
    """The cells of each event."""
    table = page.source.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    return [[_text(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows]


def _text(cell: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", cell).split()))


def test_it_lists_the_events_that_are_the_number(business: Business) -> None:
    business.use(YESTERDAY + 10 * HOUR, 1500)
    business.use(YESTERDAY + 11 * HOUR, 800, "small", "pro")
    business.use(YESTERDAY - 1, 5)
    page = why(business)
    assert page.part("why-value") == "2,300"
    assert "the sum of 2 events: Tokens of Ada." in page.text
    assert "Fri, Jan 31, 2025 · UTC" in page.text
    first, second = events(page)
    assert first[:6] == ["10:00:00", "1,500", "counts late", "large", "free", "event-1"]
    assert second[:6] == ["11:00:00", "800", "counts late", "small", "pro", "event-2"]


def test_usage_on_a_test_clock_is_not_late_by_the_clock_of_the_fake(business: Business) -> None:
    clock = business.call.create("/v1/test_helpers/test_clocks", {"frozen_time": YESTERDAY})["id"]
    business.customer = business.buyer("Grace", test_clock=clock)
    business.use(YESTERDAY, 7)
    page = why(business)
    assert page.part("why-value") == "7"
    assert [row[2] for row in events(page)] == ["counts"]


def test_each_event_leads_to_its_request(business: Business) -> None:
    business.use(YESTERDAY, 1)
    request = business.fake.journal[-1].request_id
    page = why(business)
    assert events(page)[0][-1] == "request"
    (link,) = page.links(f"/page/requests/{request}")
    assert "account=acct_" in link


def test_it_has_the_range_the_zone_and_the_filters_of_the_bar(business: Business) -> None:
    business.use(YESTERDAY - 30 * 60, 5, "small")
    business.use(YESTERDAY + 30 * 60, 7, "small")
    business.use(YESTERDAY + 30 * 60, 100, "large")
    page = business.usage(timezone="Europe/Berlin", **{"where.tier": "free"})
    small = next(bar for bar in bars(page) if bar.group == "small" and bar.value == 12)
    shown = business.why(small.href)
    assert shown.part("why-value") == "12"
    assert "Fri, Jan 31, 2025 · Europe/Berlin" in shown.text
    assert "tier free, model small" in shown.text
    assert [row[0] for row in events(shown)] == ["00:30:00", "01:30:00"]


def test_a_number_leads_to_each_of_its_parts(business: Business) -> None:
    business.use(YESTERDAY, 1500, "large", "free")
    business.use(YESTERDAY + 1, 800, "small", "pro")
    business.use(YESTERDAY + 2, 5, "large", "pro")
    page = why(business, timezone="Europe/Berlin")
    assert page.parts("split") == ["By model: large 1,505, small 800.", "By tier: free 1,500, pro 805."]
    links = page.links("where.")
    assert [business.why(link).part("why-value") for link in links] == ["1,505", "800", "1,500", "805"]
    large = business.why(links[0])
    assert large.parts("split") == ["By tier: free 1,500, pro 5."]
    pro = business.why(large.links("where.tier=pro")[0])
    assert (pro.part("why-value"), pro.parts("split")) == ("5", [])


def test_a_range_that_the_api_does_not_take_is_explained_without_parts(business: Business) -> None:
    business.use(YESTERDAY + 1, 7)
    page = why(business, start=YESTERDAY + 1)
    assert (page.part("why-value"), page.parts("split")) == ("7", [])


def test_what_does_not_count_is_there_with_the_reason(business: Business) -> None:
    business.use(YESTERDAY, 1)
    cancelled = business.use(YESTERDAY + 1, 2)
    adjustment = {"event_name": "tokens", "type": "cancel", "cancel": {"identifier": cancelled}}
    business.call.create("/v1/billing/meter_event_adjustments", adjustment)
    page = why(business)
    assert page.part("why-value") == "1"
    assert [row[2] for row in events(page)] == ["counts late", "does not count: it was cancelled late"]
    assert "the sum of 1 event:" in page.text


def test_of_the_events_in_a_window_only_the_last_counts() -> None:
    with FakeStripe(now=NOW) as fake:
        business = Business(fake, event_time_window="hour")
        business.use(YESTERDAY, 1)
        business.use(YESTERDAY + 1, 2)
        page = why(business)
        assert page.part("why-value") == "2"
        assert "a later event took its place by event-2" in events(page)[0][2]


def test_usage_that_the_lag_hides_is_named() -> None:
    with FakeStripe(now=NOW, lag=30) as fake:
        business = Business(fake)
        business.use(YESTERDAY, 1)
        page = why(business)
        assert page.part("why-value") == "0"
        assert "hidden by the lag" in events(page)[0][2]
        assert "visible in 30 s" in events(page)[0][2]


def test_usage_that_was_dropped_is_named() -> None:
    with FakeStripe(now=NOW, async_validation=True) as fake:
        business = Business(fake)
        business.use(YESTERDAY, "many")
        page = why(business)
        assert "dropped" in events(page)[0][2]
        assert "it must be a number" in events(page)[0][2]


def test_what_was_refused_is_named_with_what_its_request_was_told(business: Business) -> None:
    first = business.use(YESTERDAY, 1)
    payload = {"stripe_customer_id": business.customer, "value": "5", "model": "large", "tier": "free"}
    again = {"event_name": "tokens", "identifier": first, "timestamp": YESTERDAY + 1, "payload": payload}
    assert business.call.post("/v1/billing/meter_events", again).status == 400
    broken = {"event_name": "tokens", "timestamp": YESTERDAY + 2, "payload": {**payload, "value": "many"}}
    assert business.call.post("/v1/billing/meter_events", broken).status == 400
    page = why(business)
    assert page.part("why-value") == "1"
    counted, duplicate, wrong = events(page)
    assert "it was refused" in duplicate[2]
    assert f"An event already exists with identifier {first}." in duplicate[2]
    assert "it must be a number" in wrong[2]
    assert (counted[1], duplicate[1], wrong[1]) == ("1", "5", "many")
    assert all(row[-1] == "request" for row in events(page))


def test_it_is_the_same_number_as_that_of_the_control_plane(business: Business) -> None:
    business.month()
    for bar in bars(business.usage(timezone="America/New_York"))[:6]:
        query = {"customer": business.customer, "meter": "tokens", "start": bar.start, "end": bar.end}
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        path = f"/_fakestripe/explain?{asked}&timezone=America/New_York&dimension_filters[model]={bar.group}"
        explained = business.client.get(path).json
        assert explained is not None
        assert Decimal(str(explained["value"])) == bar.value
        assert explained["events_total"] == len(events(business.why(bar.href)))


def test_usage_elsewhere_is_counted_and_not_listed(business: Business) -> None:
    for n in range(3):
        business.use(YESTERDAY - HOUR * (n + 1), 1)
    bob = business.buyer("Bob")
    business.use(YESTERDAY, 1, customer=bob)
    page = why(business)
    assert "No event of this customer has its time in this range." in page.text
    assert "3 events at other times" in page.text
    assert "1 event of other customers" in page.text


@pytest.mark.parametrize(("formula", "words"), [("count", "the number of 3 events"), ("last", "the last of 1 event")])
def test_it_says_how_the_number_is_made(formula: str, words: str) -> None:
    with FakeStripe(now=NOW) as fake:
        business = Business(fake, default_aggregation={"formula": formula})
        for n in (1, 2, 3):
            business.use(YESTERDAY + n, n)
        page = why(business)
        assert page.part("why-value") == "3"
        assert words in page.text


def test_long_lists_have_pages(business: Business) -> None:
    for n in range(205):
        business.use(YESTERDAY + n, 1)
    page = why(business)
    assert len(events(page)) == 200
    assert "and 5 more" in page.text
    assert page.part("why-value") == "205"
    (after,) = page.links("page=2")
    second = business.why(after)
    assert [row[5] for row in events(second)] == [f"event-{n}" for n in range(201, 206)]
    assert second.part("why-value") == "205"
    (before,) = second.links("page=1")
    assert events(business.why(before)) == events(page)
    assert events(why(business, page="99")) == events(second)
    assert events(why(business, page="x")) == events(page)


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ({"start": "soon"}, 400, "'start' is a time in Unix seconds, and not 'soon'"),
        ({"start": "0" * 30 + "9" * 5_000}, 400, "'start' is a time in Unix seconds"),
        ({"end": "9" * 30}, 400, "'end' is a time in Unix seconds"),
        ({"start": ""}, 400, "'start' is a time in Unix seconds"),
        ({"start": FEBRUARY, "end": YESTERDAY}, 400, "before"),
        ({"timezone": "Mars/Olympus"}, 400, "Mars/Olympus"),
        ({"where.colour": "red"}, 400, "colour"),
        ({"customer": "cus_none"}, 404, "There is no customer cus_none."),
        ({"meter": "<b>"}, 404, "There is no meter <b>."),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    business: Business, query: dict[str, Any], status: int, sentence: str
) -> None:
    asked = {"customer": business.customer, "meter": "tokens", "start": YESTERDAY, "end": FEBRUARY, **query}
    page = business.ask("why", **asked)
    assert page.status == status
    assert sentence in page.text


def test_an_account_without_anything_has_no_numbers(fake: FakeStripe) -> None:
    assert Person(fake).ask("why").status == 404


def test_it_leads_back_to_the_usage_of_these_days(business: Business) -> None:
    business.use(YESTERDAY, 1)
    (back,) = [each for each in why(business, timezone="Europe/Berlin").links("/page/usage?") if "from=" in each]
    assert "from=2025-01-31&to=2025-02-01" in back
    assert [bar.value for bar in bars(business.why(back))] == [1]


def test_looking_changes_nothing(business: Business) -> None:
    business.use(YESTERDAY, 1)
    before, requests = business.fake.snapshot(), len(business.fake.journal)
    why(business)
    assert business.fake.snapshot() == before
    assert len(business.fake.journal) == requests
