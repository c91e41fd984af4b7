"""The panel of usage: what it asks, and that picture, table and API have the same numbers."""

import gzip
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.printing import mask
from tests.clients.conftest import prepared
from tests.conftest import KEY
from tests.pages_.looking import HOSTILE
from tests.pages_.looking import PAGE
from tests.pages_.looking import Person
from tests.pages_.usages import DAY
from tests.pages_.usages import FEBRUARY
from tests.pages_.usages import HOUR
from tests.pages_.usages import JANUARY
from tests.pages_.usages import NOW
from tests.pages_.usages import Business
from tests.pages_.usages import bars
from tests.pages_.usages import number
from tests.pages_.usages import tables

BY_MODEL = {"dimension_group_by_keys": ["model"]}
CHANGES = {"spring": ("2025-03-30", 23), "autumn": ("2025-10-26", 25)}


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW) as fake:
        yield fake


@pytest.fixture
def business(fake: FakeStripe) -> Business:
    return Business(fake)


def in_words(rows: list[dict[str, Any]]) -> set[tuple[int, int, str, Decimal]]:
    return {
        (
            row["bucket_start_time"],
            row["bucket_end_time"],
            ", ".join((row["dimensions"] or {"": "total"}).values()),
            Decimal(str(row["bucket_value"])),
        )
        for row in rows
    }


def shown(page: Any) -> set[tuple[int, int, str, Decimal]]:  # noqa: ANN401  a page
    return {(bar.start, bar.end, bar.group, bar.value) for bar in bars(page)}


def test_picture_table_and_api_have_the_same_numbers(business: Business) -> None:
    business.month()
    page = business.usage()
    rows = business.rows(meter=BY_MODEL, value_grouping_window="day")
    assert len(rows) == 60
    assert shown(page) == in_words(rows)
    total = sum(Decimal(str(row["bucket_value"])) for row in rows)
    assert sum(bar.value for bar in bars(page)) == total
    assert number(page.part("table-total")) == number(page.part("usage-total")) == total
    head, *body, foot = tables(page)
    assert head[:4] == ["When", "large", "small", "Total"]
    assert len(body) == 30
    for row in body:
        assert number(row[1]) + number(row[2]) == number(row[3])
    assert sum(number(row[3]) for row in body) == number(foot[3]) == total


def test_it_opens_on_the_only_customer_and_meter_and_the_last_31_days(business: Business) -> None:
    business.use(JANUARY, 3)
    business.use(FEBRUARY - 1, 4)
    page = business.usage()
    assert "Tokens of Ada by model per day" in page.text
    assert "Wed, Jan 1, 2025 to Fri, Jan 31, 2025" in page.text
    assert [bar.value for bar in bars(page)] == [3, 4]


def test_it_opens_on_the_newest_usage_of_several(business: Business) -> None:
    bob, calls = business.buyer("Bob"), business.counter("calls", dimension_payload_keys=None)
    business.use(FEBRUARY - HOUR, 1)
    business.use(FEBRUARY - 2 * HOUR, 2, customer=bob)
    business.use(FEBRUARY - 1, 3, customer=bob, event_name="calls")
    assert "Calls of Bob per day" in business.usage().text
    assert "Tokens of Ada by model" in business.usage(customer=business.customer).text
    assert "Tokens of Ada by model" in business.usage(meter=business.meter).text
    assert "Calls of Ada" in business.usage(customer=business.customer, meter=calls).text
    assert "Tokens of Bob" in business.usage(customer=bob, meter="tokens").text


def test_usage_that_is_older_than_31_days_is_found(business: Business) -> None:
    business.use(FEBRUARY - DAY, 7)
    business.fake.clock.advance(100 * DAY)
    page = business.usage()
    assert [bar.value for bar in bars(page)] == [7]
    assert "Nothing was used in the last 31 days" in page.text


def test_a_customer_of_a_test_clock_has_the_days_of_that_clock(business: Business) -> None:
    clock = business.call.create("/v1/test_helpers/test_clocks", {"frozen_time": FEBRUARY + 400 * DAY})["id"]
    business.customer = business.buyer("Tess", test_clock=clock)
    business.use(FEBRUARY + 390 * DAY, 9)
    page = business.usage()
    assert [bar.value for bar in bars(page)] == [9]
    assert "in the last 31 days" not in page.text


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"from": "2025-01-30"}, "Thu, Jan 30, 2025 to Sat, Mar 1, 2025"),
        ({"to": "2025-01-31"}, "Wed, Jan 1, 2025 to Fri, Jan 31, 2025"),
        ({"from": "2025-01-30", "to": "2025-01-30"}, "Thu, Jan 30, 2025 ·"),
    ],
)
def test_one_end_of_the_days_is_enough(business: Business, query: dict[str, str], days: str) -> None:
    business.use(FEBRUARY - 2 * DAY, 7)
    page = business.usage(**query)
    assert [bar.value for bar in bars(page)] == [7]
    assert days in page.text


@pytest.mark.parametrize("per", ["hour", "day", "week", "month", "all"])
def test_bars_are_as_long_as_one_wishes(business: Business, per: str) -> None:
    business.month()
    page = business.usage(per=per, timezone="Asia/Kolkata", **{"from": "2025-01-01", "to": "2025-01-31", "by": ""})
    window = {} if per == "all" else {"value_grouping_window": per}
    start, end = JANUARY - 19_800, FEBRUARY - 19_800
    rows = business.rows(start_time=start, end_time=end, timezone="Asia/Kolkata", **window)
    assert shown(page) == in_words(rows)
    assert len(rows) == {"hour": 90, "day": 30, "week": 5, "month": 1, "all": 1}[per]


def test_usage_is_split_by_two_dimensions_and_filtered_by_any(business: Business) -> None:
    business.month()
    both = business.usage(by="model", then="tier")
    keys = {"dimension_group_by_keys": ["model", "tier"]}
    assert shown(both) == in_words(business.rows(meter=keys, value_grouping_window="day"))
    assert {bar.group for bar in bars(both)} == {"large, free", "small, pro", "small, free"}
    only = business.usage(by="model", **{"where.tier": "free"})
    asked = {**BY_MODEL, "dimension_filters": {"tier": "free"}}
    assert shown(only) == in_words(business.rows(meter=asked, value_grouping_window="day"))
    assert '<option value="pro">pro</option>' in only.source
    assert '<option value="free" selected>free</option>' in only.source


@pytest.mark.parametrize("change", CHANGES)
def test_a_day_on_which_clocks_change_has_all_its_hours(change: str) -> None:
    day, hours = CHANGES[change]
    with FakeStripe(now=f"{day}T23:59:00Z", limits="off") as fake:
        business = Business(fake)
        end = fake.clock.now() - fake.clock.now() % DAY + 22 * HOUR + (HOUR if hours == 25 else 0)
        for hour in range(hours):
            business.use(end - (hour + 1) * HOUR, hour + 1)
        page = business.usage(per="hour", timezone="Europe/Berlin", **{"from": day, "to": day})
        found = business.check_bars(page)
        assert [bar.value for bar in found] == list(range(hours, 0, -1))
        assert len({bar.title for bar in found}) == hours
        (one,) = bars(business.usage(timezone="Europe/Berlin", **{"from": day, "to": day}))
        assert (one.end - one.start) // HOUR == hours
        assert number(business.why(one.href).part("why-value")) == one.value


@pytest.mark.parametrize("formula", ["sum", "count", "last"])
@pytest.mark.parametrize("window", [None, "hour"])
def test_each_bar_leads_to_its_own_number(fake: FakeStripe, formula: str, window: str | None) -> None:
    business = Business(fake, default_aggregation={"formula": formula}, event_time_window=window)
    for n in range(40):
        at = FEBRUARY - 3 * DAY + n * HOUR
        business.use(at, n * 3 - 20, ("large", "small", "odd & even")[n % 3], ("free", "pro")[n % 2])
    assert len(business.check_bars(business.usage(by="model", then="tier", timezone="America/New_York"))) > 6
    assert len(business.check_bars(business.usage(by="tier", **{"where.model": "large"}))) == 4
    page = business.usage()
    for href in page.links("why?"):
        assert business.why(href).status == 200
    rows = re.findall(r"<td>([\d,.-]+)</td><td><a href=\"([^\"]*)\">why", page.source)
    assert len(rows) == 2
    if formula != "last":
        for value, href in rows:
            assert business.why(unescape(href)).part("why-value") == value
        assert business.why(page.links("why?")[0]).part("why-value") == page.part("usage-total")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"customer": "cus_none"}, "No such customer: 'cus_none'"),
        ({"meter": "mtr_none"}, "No such meter: 'mtr_none'"),
        ({"timezone": "Mars/Olympus"}, "is not a time zone"),
        ({"by": "colour"}, "colour"),
        ({"per": "minute"}, "must be one of"),
        ({"where.colour": "red"}, "colour"),
        ({"from": "2025-02-01", "to": "2025-01-01"}, "greater than"),
        ({"from": "yesterday"}, "'from' is a day such as 2025-01-31, and not 'yesterday'."),
        ({"to": "2025-02-30"}, "'to' is a day such as 2025-01-31"),
        ({"to": "9999-12-31"}, "These days are outside of the calendar."),
        ({"from": "0001-01-01", "to": "0001-01-02", "timezone": "Asia/Tokyo"}, "outside of the calendar"),
        ({"from": "0001-01-09", "to": "0001-01-09", "per": "week"}, "outside of the calendar"),
        ({"from": "1800-01-01", "to": "1800-01-02", "timezone": "Asia/Tokyo"}, "aligned with minute"),
    ],
)
def test_a_question_that_is_refused_says_why(business: Business, query: dict[str, str], sentence: str) -> None:
    business.use(FEBRUARY - DAY, 7)
    page = business.usage(**query)
    (refusal,) = page.parts("refusal")
    assert sentence in refusal
    assert bars(page) == []


def test_what_stripe_says_is_what_the_api_says(business: Business) -> None:
    page = business.usage(timezone="Mars/Olympus")
    query = {"customer": business.customer, "start_time": JANUARY, "end_time": FEBRUARY, "timezone": "Mars/Olympus"}
    assert page.part("refusal") == business.call.get("/v1/billing/analytics/meter_usage", query).error["message"]


def test_many_groups_are_put_together_and_still_add_up(business: Business) -> None:
    for n in range(12):
        business.use(FEBRUARY - DAY, 100 - n, f"model-{n:02}")
        business.use(FEBRUARY - 2 * DAY, 1, f"model-{n:02}")
    page = business.usage()
    found = bars(page)
    assert len({bar.group for bar in found}) == 8
    other = [bar.value for bar in found if bar.group == "5 other groups"]
    assert other == [5, 93 + 92 + 91 + 90 + 89]
    assert sum(bar.value for bar in found) == number(page.part("table-total")) == 1134 + 12
    assert {bar.href for bar in found if bar.group == "5 other groups"} == set(page.links("groups=all"))
    more = page.links("groups=all")[0]
    every = bars(business.why(more))
    assert len({bar.group for bar in every}) == 12
    assert sum(bar.value for bar in every) == 1134 + 12


def test_groups_that_look_alike_stay_apart(business: Business) -> None:
    for model, tier in (("a, b", "c"), ("a", "b, c"), ("", " ")):
        business.use(FEBRUARY - DAY, 1, model, tier)
    page = business.usage(by="model", then="tier")
    found = business.check_bars(page)
    assert len({bar.group for bar in found}) == 3


def test_more_bars_than_fit_are_not_drawn(business: Business) -> None:
    business.use(FEBRUARY - DAY, 7)
    page = business.usage(per="hour", **{"from": "2024-01-01", "to": "2025-01-31"})
    assert "about 9,5" in page.text
    assert bars(page) == []
    assert page.part("usage-total") == "7"


def test_a_month_of_hours_is_drawn(business: Business) -> None:
    business.month()
    page = business.usage(per="hour")
    assert len(business.rows(meter=BY_MODEL, value_grouping_window="hour")) == len(bars(page)) == 90


def test_usage_that_the_lag_hides_is_not_shown() -> None:
    with FakeStripe(now=NOW, lag=30) as fake:
        business = Business(fake)
        business.use(FEBRUARY - DAY, 7)
        page = business.usage()
        assert bars(page) == []
        assert "Usage of the last 30 s is not visible yet." in page.text
        assert f'data-refreshed-at="{FEBRUARY - 30}"' in page.source
        fake.flush()
        assert [bar.value for bar in bars(business.usage())] == [7]


def test_values_may_be_negative_and_decimal(business: Business) -> None:
    business.use(FEBRUARY - DAY, "-2.50", "large")
    business.use(FEBRUARY - DAY, "0.000000000001", "small")
    page = business.usage()
    assert {bar.group: bar.value for bar in bars(page)} == {
        "large": Decimal("-2.5"),
        "small": Decimal("0.000000000001"),
    }
    assert page.part("table-total") == "-2.499999999999"


def program(page: Any, name: str) -> str:  # noqa: ANN401  a page
    """A program of the page, with the key in its place."""
    (text,) = re.findall(rf'<code data-program="{name}">(.*?)</code>', page.source, re.DOTALL)
    assert KEY not in text
    return unescape(text).replace("sk_test_…", KEY)


@pytest.fixture
def questions(business: Business) -> dict[str, Any]:
    """A question that needs every parameter, and what the API answers to it."""
    assert business.fake.url
    business.month()
    business.use(FEBRUARY - DAY, 7, 'it\'s "large" & $HOME', "pro")
    query = {"by": "model", "timezone": "America/New_York", "where.tier": "pro", "per": "week"}
    return query | {"from": "2025-01-06", "to": "2025-01-31"}


def expected(business: Business) -> list[dict[str, Any]]:
    return business.rows(
        start_time=JANUARY + 5 * DAY + 5 * HOUR,
        end_time=FEBRUARY + 5 * HOUR,
        timezone="America/New_York",
        value_grouping_window="week",
        meter={**BY_MODEL, "dimension_filters": {"tier": "pro"}},
    )


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_question_is_a_command_that_works(business: Business, questions: dict[str, Any]) -> None:
    text = program(business.usage(**questions), "curl")
    done = subprocess.run(["sh", "-c", f"{text} -s"], capture_output=True, check=True)
    assert json.loads(done.stdout)["data"] == expected(business)
    assert shlex.split(text)[0] == "curl"


def test_the_question_is_a_python_program_that_works(business: Business, questions: dict[str, Any]) -> None:
    text = program(business.usage(**questions), "python")
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    rows = expected(business)
    assert done.stdout.splitlines() == [
        f"{row['bucket_start_time']} {row['dimensions'] or {}} {row['bucket_value']}" for row in rows
    ]
    assert len(rows) > 3


def test_the_question_is_a_node_module_that_works(
    business: Business, questions: dict[str, Any], tmp_path: Path
) -> None:
    modules = prepared("stripe").parent
    node = shutil.which("node") or pytest.skip("there is no node")
    (tmp_path / "node_modules").symlink_to(modules)
    file = tmp_path / "ask.mjs"
    file.write_text(program(business.usage(**questions), "node"), "utf-8")
    done = subprocess.run([node, file], capture_output=True, text=True, check=True)
    for row in expected(business):
        assert str(row["bucket_start_time"]) in done.stdout


def test_a_hostile_value_stays_a_value_in_a_program(business: Business) -> None:
    assert business.fake.url
    value = "'; echo bad #`id`${x}\\\""
    business.use(FEBRUARY - DAY, 7, value)
    page = business.usage(by="", **{"where.model": value})
    assert [bar.value for bar in bars(page)] == [7]
    text = program(page, "python")
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == f"{FEBRUARY - DAY} {{}} 7\n"


def test_hostile_names_do_nothing(business: Business) -> None:
    business.customer = business.buyer(HOSTILE)
    business.meter = business.counter("hostile", display_name=HOSTILE)
    business.use(FEBRUARY - DAY, 7, HOSTILE, HOSTILE, event_name="hostile")
    page = business.usage(by="model", then="tier")
    assert "<script>alert" not in page.source
    assert "<img" not in page.source
    assert "\x1b" not in page.text
    assert page.text.count("<script>alert(1)</script>") > 4
    (bar,) = business.check_bars(page)
    assert "<script>alert(1)" in bar.group
    assert "<script>alert" not in business.why(bar.href).source


def test_a_value_that_is_a_key_is_masked_and_in_no_address(business: Business) -> None:
    key, event_name = "sk_test_51NotForAnybodysEyes", "sk_test_51NotForEyesEither"
    business.meter = business.counter(event_name)
    business.use(FEBRUARY - DAY, 7, key, event_name=event_name)
    business.use(FEBRUARY - DAY, 5, "large", event_name=event_name)
    page = business.usage(by="model", meter=business.meter)
    assert key not in page.source
    assert event_name not in page.source
    (bar,) = business.check_bars(page)  # that of the key leads nowhere
    assert bar.group == "large"
    assert re.findall("data-group=([^ ]*) data-value=7>", page.source) == [f'"{mask(key)}"']
    of_all = [each for each in page.links("why?") if "where." not in each]
    assert {business.why(each).part("why-value") for each in of_all} == {"12"}
    assert key not in business.usage(**{"where.model": key}).source
    assert key not in business.usage(customer=key, meter=key, timezone=key).source


def test_looking_is_neither_in_the_journal_nor_counts_against_limits(business: Business) -> None:
    business.month()
    before = business.fake.snapshot()
    requests = len(business.fake.journal)
    for _ in range(3):
        business.usage()
    assert len(business.fake.journal) == requests
    assert business.fake.snapshot() == before


def test_accounts_do_not_mix(business: Business) -> None:
    business.use(FEBRUARY - DAY, 7)
    other = {"Stripe-Account": "acct_connected"}
    customer = business.call.create("/v1/customers", {"name": "Bob"}, headers=other)["id"]
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    business.call.create("/v1/billing/meters", meter, headers=other)
    event = {"event_name": "calls", "payload": {"stripe_customer_id": customer, "value": 3}}
    business.call.create("/v1/billing/meter_events", {**event, "timestamp": FEBRUARY - DAY}, headers=other)
    assert [bar.value for bar in bars(business.usage())] == [7]
    page = business.usage(account="acct_connected")
    assert "Calls of Bob" in page.text
    (bar,) = business.check_bars(page)
    assert bar.value == 3
    assert "Stripe-Account: acct_connected" in program(page, "curl")
    assert "Ada" not in page.text


def test_who_has_no_analytics_sees_usage_and_is_told_that_programs_do_not() -> None:
    with FakeStripe(now=NOW, analytics=False) as fake:
        business = Business(fake)
        business.use(FEBRUARY - DAY, 7)
        page = business.usage()
        assert [bar.value for bar in bars(page)] == [7]
        assert "without the preview of the analytics" in page.text


def test_an_account_without_anything_says_so(fake: FakeStripe) -> None:
    person = Person(fake)
    assert "Nothing was created in this account yet." in person.look("usage").text
    person.call.create("/v1/customers", {"name": "Ada"})
    assert "This account has no meter yet." in person.look("usage").text
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    person.call.create("/v1/billing/meters", meter)
    assert "There is no usage here." in person.look("usage").text


def test_many_customers_can_be_typed(business: Business) -> None:
    for n in range(101):
        business.buyer(f"Customer {n}")
    business.use(FEBRUARY - DAY, 7)
    page = business.usage()
    assert f'<input name="customer" value="{business.customer}"' in page.source
    assert [bar.value for bar in bars(page)] == [7]


WORDS = st.sampled_from(
    [
        *("", "x", "\0", "<script>alert(1)</script>", "9" * 40, "-1", "²", "\uff11"),
        *("0001-01-01", "9999-12-31", "2025-01-01", "2025-01-31", "2025-W01-1", "20250101"),
        *("1735689600", "1738368000", "253370764799", "UTC", "Europe/Berlin", "posixrules"),
        *("hour", "day", "week", "month", "all", "model", "tier", "large", "free", "tokens"),
    ]
)
FIELDS = st.sampled_from(
    [
        *("customer", "meter", "by", "then", "per", "timezone", "from", "to", "groups"),
        *("where.model", "where.", "where.colour", "start", "end", "page", "account"),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(path=st.sampled_from(["usage", "why"]), query=st.dictionaries(FIELDS, WORDS))
def test_whatever_is_asked_is_answered_or_refused(fake: FakeStripe, path: str, query: dict[str, str]) -> None:
    person = Person(fake)
    if not fake.journal:
        Business(fake).month()
    page = person.ask(path, **query)
    assert page.status in (200, 400, 404)
    assert "<script>alert" not in page.source


def test_a_long_page_is_compressed_for_who_can_read_that(business: Business) -> None:
    business.month()
    response = business.client.get(f"{PAGE}usage", headers={"Accept-Encoding": "gzip, br"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data).decode() == business.usage().source
    assert len(response.data) < 30_000
