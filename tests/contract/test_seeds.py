"""The commands of four documents about usage-based billing, run by curl as they are printed, with another host.

The documents are Stripe's guide to its analytics, the reference of the same call, a third party's how-to about
meter events, and Stripe's guide to configuring meters. Those of Stripe's were copied from web pages, which broke
the commands in two ways: a continued line reads ` \\ -d`, and the key stands on a line of its own.

`seed_sentences.py` has every sentence of the four about behaviour, with the tests that show it.
"""

import datetime as dt
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler
from urllib.request import Request
from urllib.request import build_opener

import pytest

from fakestripe_meters import FakeStripe
from tests.contract.seed_sentences import DOCUMENTS
from tests.contract.seed_sentences import Sentence
from tests.pages import ROOT

DOCS_KEY = "sk_test_BQokikJOvBiI2HlWgH4olfQ2"
OWN_KEY = "sk_test_of_the_reader"
START, END = 1735689600, 1738368000
DAY, HOUR = 86_400, 3_600

ANALYTICS = (
    'curl -G https://api.stripe.com/v1/billing/analytics/meter_usage \\ -u "\n'
    "sk_test_BQokikJOvBiI2HlWgH4olfQ2\n"
    ':"\n'
    r"\ -d start_time=1735689600 \ -d end_time=1738368000 \ -d customer={{CUSTOMER_ID}} "
)
ONE_METER = (
    ANALYTICS + r'\ -d "meters[0][meter_id]"={{METER_ID}} '
    r'\ -d value_grouping_window=day \ --data-urlencode timezone="America/New_York"'
)
FILTERED_AND_GROUPED = (
    ANALYTICS + r'\ -d "meters[0][meter_id]"={{METER_ID}} \ -d "meters[0][dimension_group_by_keys][0]"=model '
    r'\ -d "meters[0][dimension_filters][tier]"=premium \ -d value_grouping_window=day'
)
SEVERAL_METERS = (
    ANALYTICS + r'\ -d "meters[0][meter_id]"={{METER_ID_1}} \ -d "meters[0][dimension_group_by_keys][0]"=model '
    r'\ -d "meters[0][dimension_group_by_keys][1]"=tier \ -d "meters[1][meter_id]"={{METER_ID_2}} '
    r'\ -d "meters[1][dimension_filters][region]"=us-east \ -d value_grouping_window=day'
)
BY_MODEL = (
    ANALYTICS + r'\ -d "meters[0][meter_id]"={{METER_ID}} \ -d "meters[0][dimension_group_by_keys][0]"=model '
    r"\ -d value_grouping_window=day"
)
CANCEL = (
    'curl https://api.stripe.com/v1/billing/meter_event_adjustments \\ -u "\n'
    "sk_test_BQokikJOvBiI2HlWgH4olfQ2\n"
    ':"\n'
    r'\ -d type=cancel \ -d event_name=alpaca_ai_tokens \ -d "cancel[identifier]"={{METER_EVENT_IDENTIFIER}}'
)
CREATE_METER = r"""curl https://api.stripe.com/v1/billing/meters \
-u "$STRIPE_SECRET_KEY:" \
-d "display_name=API Requests" \
-d "event_name=api_request" \
-d "default_aggregation[formula]=sum" \
-d "value_settings[event_payload_key]=request_count"
"""
REPORT_EVENT = r"""curl https://api.stripe.com/v1/billing/meter_events \
-u "$STRIPE_SECRET_KEY:" \
-d "event_name=api_request" \
-d "payload[stripe_customer_id]=cus_xxx" \
-d "payload[request_count]=150" \
-d "timestamp=$(date +%s)"
"""
QUERY_SUMMARY = (
    'curl "https://api.stripe.com/v1/billing/meters/mtr_xxx/event_summaries?customer=cus_xxx'
    '&start_time=1709251200&end_time=1711929600&value_grouping_window=day" \\\n'
    '-u "$STRIPE_SECRET_KEY:"\n'
)

Json = Any

# Every sentence


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_sentence_is_shown_by_tests_that_are_there(document: str) -> None:
    assert [(each.says, missing) for each in DOCUMENTS[document] for missing in unwritten(each)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_sentence_is_named_once_and_has_a_test(document: str) -> None:
    sentences = DOCUMENTS[document]
    assert len({each.says for each in sentences}) == len(sentences)
    assert all(each.shown_by for each in sentences)


def unwritten(sentence: Sentence) -> list[str]:
    """The tests of a sentence that nobody has written, or that have another name by now."""
    named = (each.partition("::") for each in sentence.shown_by)
    return [
        f"{file}::{name}"
        for file, _, name in named
        if not re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE)
    ]


# The commands


class Reader:
    """Somebody who has read the documents, and pastes."""

    def __init__(self, fake: FakeStripe, key: str) -> None:
        self.fake = fake
        self.key = key

    def paste(self, command: str, **placeholders: str) -> Json:
        """Run a command with the host changed and its placeholders filled in; what it prints."""
        if shutil.which("curl") is None:
            pytest.skip("there is no curl")
        for name, value in placeholders.items():
            command = command.replace(f"{{{{{name}}}}}", value).replace(name, value)
        command = re.sub(r'-u "\s*(sk_\w+)\s*:"', r'-u "\1:"', command)
        command = re.sub(r"\s\\ -", " -", command)
        assert command.count("https://api.stripe.com/") == 1
        done = subprocess.run(
            ["sh", "-c", command.replace("https://api.stripe.com", self.fake.url)],
            capture_output=True,
            check=True,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "STRIPE_SECRET_KEY": self.key, "NO_PROXY": "*"},
        )
        return json.loads(done.stdout)

    def post(self, path: str, **params: object) -> Json:
        """What no document shows, done without curl."""
        request = Request(self.fake.url + path, urlencode(params).encode(), {"Authorization": f"Bearer {self.key}"})
        with build_opener(ProxyHandler({})).open(request, timeout=30) as response:
            return json.load(response)

    def customer(self) -> str:
        """A new customer's id."""
        return str(self.post("/v1/customers", name="Ada")["id"])

    def meter(self, event_name: str, *dimensions: str) -> str:
        """A new meter's id."""
        keys = {f"dimension_payload_keys[{index}]": key for index, key in enumerate(dimensions)}
        fields = {"display_name": event_name, "event_name": event_name, "default_aggregation[formula]": "sum"}
        return str(self.post("/v1/billing/meters", **fields, **keys)["id"])

    def use(self, event_name: str, **payload: object) -> None:
        """Send usage; `at` is its time and `customer` whose it is."""
        at, customer = payload.pop("at", None), payload.pop("customer")
        fields = {f"payload[{key}]": value for key, value in payload.items()}
        fields |= {"event_name": event_name, "payload[stripe_customer_id]": customer}
        self.post("/v1/billing/meter_events", **fields, **({} if at is None else {"timestamp": at}))


MakeReader = Callable[..., Reader]


@pytest.fixture
def make_reader() -> Iterator[MakeReader]:
    """Makes readers, each with a server."""
    fakes = []

    def make(key: str, now: str | None = None) -> Reader:
        fakes.append(FakeStripe(now=now))
        return Reader(fakes[-1], key)

    yield make
    for fake in fakes:
        fake.close()


# The guide to the analytics, and its reference


class Dashboard:
    """A month of usage by model and tier, and of traffic by region."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.customer = reader.customer()
        self.tokens = reader.meter("tokens", "model", "tier")
        self.traffic = reader.meter("traffic", "region")
        new_year, next_day = START + 3 * HOUR, START + DAY + 12 * HOUR
        for at, model, tier, value in [
            (new_year, "gpt-4", "premium", 1000),  # still the year before in New York
            (START + 12 * HOUR, "gpt-4", "standard", 500),
            (START + 12 * HOUR, "gpt-3.5-turbo", "standard", 800),
            (next_day, "gpt-4", "premium", 2100),
            (next_day, "gpt-3.5-turbo", "premium", 950),
        ]:
            reader.use("tokens", at=at, customer=self.customer, model=model, tier=tier, value=value)
        for region, value in [("us-east", 40), ("eu-west", 7)]:
            reader.use("traffic", at=new_year, customer=self.customer, region=region, value=value)

    def ask(self, command: str) -> Json:
        """Run one of the guide's commands."""
        ids = {"METER_ID_1": self.tokens, "METER_ID_2": self.traffic, "METER_ID": self.tokens}
        return self.reader.paste(command, CUSTOMER_ID=self.customer, **ids)

    def rows(self, command: str) -> list[tuple[int, int, int, object]]:
        """What it answers: (start, end, value, dimensions) of each row."""
        return [
            (row["bucket_start_time"], row["bucket_end_time"], row["bucket_value"], row["dimensions"])
            for row in self.ask(command)["data"]
        ]


@pytest.fixture
def dashboard(make_reader: MakeReader) -> Dashboard:
    return Dashboard(make_reader(DOCS_KEY, now="2025-02-01T00:00:00Z"))


def test_usage_of_a_single_meter_by_day_in_new_york(dashboard: Dashboard) -> None:
    midnight = START + 5 * HOUR
    assert dashboard.rows(ONE_METER) == [
        (START, midnight, 1000, None),
        (midnight, midnight + DAY, 1300, None),
        (midnight + DAY, midnight + 2 * DAY, 3050, None),
    ]


def test_usage_filtered_by_tier_and_grouped_by_model(dashboard: Dashboard) -> None:
    first, second, third = START, START + DAY, START + 2 * DAY
    assert dashboard.rows(FILTERED_AND_GROUPED) == [
        (first, second, 1000, {"model": "gpt-4"}),
        (second, third, 950, {"model": "gpt-3.5-turbo"}),
        (second, third, 2100, {"model": "gpt-4"}),
    ]


def test_usage_across_several_meters_with_filters_and_groups_of_their_own(dashboard: Dashboard) -> None:
    data = dashboard.ask(SEVERAL_METERS)["data"]
    assert [(row["meter_id"], row["bucket_value"], row["dimensions"]) for row in data] == [
        (dashboard.tokens, 800, {"model": "gpt-3.5-turbo", "tier": "standard"}),
        (dashboard.tokens, 1000, {"model": "gpt-4", "tier": "premium"}),
        (dashboard.tokens, 500, {"model": "gpt-4", "tier": "standard"}),
        (dashboard.traffic, 40, None),
        (dashboard.tokens, 950, {"model": "gpt-3.5-turbo", "tier": "premium"}),
        (dashboard.tokens, 2100, {"model": "gpt-4", "tier": "premium"}),
    ]


def test_usage_by_model_is_the_guides_example(dashboard: Dashboard) -> None:
    first, second, third = START, START + DAY, START + 2 * DAY
    assert dashboard.rows(BY_MODEL) == [
        (first, second, 800, {"model": "gpt-3.5-turbo"}),
        (first, second, 1500, {"model": "gpt-4"}),
        (second, third, 950, {"model": "gpt-3.5-turbo"}),
        (second, third, 2100, {"model": "gpt-4"}),
    ]


def test_the_answer_has_the_fields_of_the_reference(dashboard: Dashboard) -> None:
    answer = dashboard.ask(BY_MODEL)
    assert answer.keys() == {"object", "data_refreshed_at", "livemode", "data"}
    assert answer["object"] == "billing.analytics.meter_usage"
    assert answer["livemode"] is False
    assert answer["data_refreshed_at"] == END
    shown = {"object", "bucket_start_time", "bucket_end_time", "meter_id", "bucket_value", "dimensions"}
    for row in answer["data"]:
        assert shown <= row.keys() <= shown | {"id"}
        assert row["object"] == "billing.analytics.meter_usage_row"
        assert row["meter_id"] == dashboard.tokens


def test_the_guides_code_for_a_stacked_chart_understands_the_answer(dashboard: Dashboard) -> None:
    assert chart_data(dashboard.ask(BY_MODEL)["data"]) == [
        {
            "date": "2025-01-01",
            "gpt-3.5-turbo_start": 0,
            "gpt-3.5-turbo_end": 800,
            "gpt-3.5-turbo": 800,
            "gpt-4_start": 800,
            "gpt-4_end": 2300,
            "gpt-4": 1500,
        },
        {
            "date": "2025-01-02",
            "gpt-3.5-turbo_start": 0,
            "gpt-3.5-turbo_end": 950,
            "gpt-3.5-turbo": 950,
            "gpt-4_start": 950,
            "gpt-4_end": 3050,
            "gpt-4": 2100,
        },
    ]


def chart_data(data: list[Json]) -> list[dict[str, object]]:
    """The guide's back end, from JavaScript: by date and model, and for each model where its block begins and ends."""
    processed: dict[str, dict[str, int]] = {}
    for point in data:
        date = dt.datetime.fromtimestamp(point["bucket_start_time"], dt.UTC).date().isoformat()
        processed.setdefault(date, {})[point["dimensions"]["model"]] = point["bucket_value"]
    models = sorted({point["dimensions"]["model"] for point in data})
    chart = []
    for date in sorted(processed):
        data_point: dict[str, object] = {"date": date}
        cumulative = 0
        for model in models:
            value = processed[date].get(model, 0)
            data_point |= {f"{model}_start": cumulative, f"{model}_end": cumulative + value, model: value}
            cumulative += value
        chart.append(data_point)
    return chart


def test_without_meters_and_window_there_is_one_row_for_everything(dashboard: Dashboard) -> None:
    assert dashboard.rows(ANALYTICS.strip()) == [(START, END, 1000 + 500 + 800 + 2100 + 950 + 47, None)]


def test_a_time_range_that_ends_before_it_starts_gets_the_guides_error(dashboard: Dashboard) -> None:
    error = dashboard.ask(BY_MODEL.replace("1738368000", "1735689540"))["error"]
    assert error["type"] == "invalid_request_error"
    assert error["code"] == "invalid_time_range"
    assert error["message"] == "Param start_time should not be greater than end_time"


@pytest.mark.parametrize(
    ("kind", "most"), [("dimension_group_by_keys", 2), ("dimension_filters", 10), ("tenant_filters", 3)]
)
def test_there_is_a_limit_to_the_keys_per_meter(dashboard: Dashboard, kind: str, most: int) -> None:
    extra = " ".join(f'-d "meters[0][{kind}][{number}]"=x' for number in range(most + 1))
    error = dashboard.ask(f"{ONE_METER} {extra}")["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"] == f"meters[0][{kind}]"


# The how-to


def test_a_meter_is_created_and_its_id_can_be_stored(make_reader: MakeReader) -> None:
    meter = make_reader(OWN_KEY).paste(CREATE_METER)
    assert meter["object"] == "billing.meter"
    assert meter["id"].startswith("mtr_")
    assert meter["display_name"] == "API Requests"
    assert meter["default_aggregation"] == {"formula": "sum"}
    assert meter["value_settings"] == {"event_payload_key": "request_count"}


def test_an_event_of_this_moment_is_in_todays_summary(make_reader: MakeReader) -> None:
    reader = make_reader(OWN_KEY)
    ids = {"mtr_xxx": reader.paste(CREATE_METER)["id"], "cus_xxx": reader.customer()}
    event = reader.paste(REPORT_EVENT, **ids)
    assert event["object"] == "billing.meter_event"
    assert event["payload"] == {"stripe_customer_id": ids["cus_xxx"], "request_count": "150"}
    assert abs(event["timestamp"] - reader.fake.clock.now()) < 300
    assert reader.paste(QUERY_SUMMARY, **ids)["data"] == []

    today = event["timestamp"] // DAY * DAY
    this_day = QUERY_SUMMARY.replace("1709251200", str(today)).replace("1711929600", str(today + DAY))
    (summary,) = reader.paste(this_day, **ids)["data"]
    assert summary["object"] == "billing.meter_event_summary"
    assert summary["aggregated_value"] == 150


def test_the_summary_of_march_2024_is_daily_and_by_customer(make_reader: MakeReader) -> None:
    reader = make_reader(OWN_KEY, now="2024-03-20T00:00:00Z")
    ids = {"mtr_xxx": reader.paste(CREATE_METER)["id"], "cus_xxx": reader.customer()}
    march = 1709251200
    for day, count in [(0, 150), (0, 50), (3, 7)]:
        reader.use("api_request", at=march + day * DAY + HOUR, customer=ids["cus_xxx"], request_count=count)
    reader.use("api_request", at=march, customer=reader.customer(), request_count=1)
    answer = reader.paste(QUERY_SUMMARY, **ids)
    assert answer["object"] == "list"
    assert [(each["start_time"], each["end_time"], each["aggregated_value"]) for each in answer["data"]] == [
        (march + 3 * DAY, march + 4 * DAY, 7),
        (march, march + DAY, 200),
    ]


@pytest.mark.parametrize("shift", [-36 * DAY, 2 * HOUR])
def test_events_of_the_far_past_and_of_the_future_are_rejected(make_reader: MakeReader, shift: int) -> None:
    reader = make_reader(OWN_KEY)
    reader.paste(CREATE_METER)
    shifted = REPORT_EVENT.replace("$(date +%s)", f"$(($(date +%s) + {shift}))")
    error = reader.paste(shifted, cus_xxx=reader.customer())["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"] == "timestamp"


def test_a_meter_that_does_not_exist_is_a_resource_missing(make_reader: MakeReader) -> None:
    assert make_reader(OWN_KEY).paste(QUERY_SUMMARY)["error"]["code"] == "resource_missing"


# The guide to configuring meters


def test_an_event_is_cancelled_by_its_identifier(make_reader: MakeReader) -> None:
    reader = make_reader(DOCS_KEY, now="2025-02-01T00:00:00Z")
    customer, meter = reader.customer(), reader.meter("alpaca_ai_tokens")
    fields = {"event_name": "alpaca_ai_tokens", "payload[stripe_customer_id]": customer}
    for identifier, value in [("right", 5), ("wrong", 5000)]:
        reader.post("/v1/billing/meter_events", **fields, identifier=identifier, **{"payload[value]": value})
    adjustment = reader.paste(CANCEL, METER_EVENT_IDENTIFIER="wrong")
    assert adjustment == {
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": "wrong"},
        "event_name": "alpaca_ai_tokens",
        "livemode": False,
        "status": "pending",
        "type": "cancel",
    }
    question = ANALYTICS.replace("end_time=1738368000", "end_time=1738454400").strip()
    (row,) = reader.paste(question, CUSTOMER_ID=customer, METER_ID=meter)["data"]
    assert row["bucket_value"] == 5
