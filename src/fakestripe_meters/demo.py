"""A demonstration on a server that it starts: a customer, a meter, usage, a mistake, a chart, and the rate limit."""

import datetime as dt
import json
import shlex
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any
from typing import TextIO
from urllib.parse import urlencode
from urllib.parse import urlsplit

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.fake import FakeStripe

NOW = "2025-01-08T00:00:00Z"
SEED = "demo"
FIRST_DAY = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
DAYS = 7
DAY = dt.timedelta(days=1)
PERCENT = (100, 112, 121, 48, 40, 118, 134)
"""The usage of each day, in percent of `TOKENS`."""
TOKENS = {
    ("gpt-4", "premium"): 9_000,
    ("gpt-4", "standard"): 2_500,
    ("gpt-3.5-turbo", "premium"): 5_500,
    ("gpt-3.5-turbo", "standard"): 11_000,
    ("embeddings", "premium"): 3_000,
    ("embeddings", "standard"): 4_500,
}
EVENTS = "/v1/billing/meter_events"
ANALYTICS = "/v1/billing/analytics/meter_usage"
BAR = 52
BLOCKS = "█▒░"
ASCII = "#=."
RULE = "-" * 80

Fields = Sequence[tuple[str, str]]


def run(out: TextIO) -> None:
    """Print the demonstration, with calls as curl commands. The output is always the same, apart from the port."""
    with FakeStripe(now=NOW, seed=SEED) as fake:
        connection = HTTPConnection(urlsplit(fake.url).netloc, timeout=30)
        try:
            _tell(Story(out, connection, fake.url, fake.api_key))
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one call."""

    status: int
    headers: Mapping[str, str]
    tree: dict[str, Any]

    @property
    def outcome(self) -> str:
        """The status line: `200 OK`."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


@dataclass(frozen=True, slots=True)
class Story:
    """Where the demonstration is printed, and the server that it calls."""

    out: TextIO
    connection: HTTPConnection
    url: str
    key: str

    def say(self, *lines: str) -> None:
        """Print lines, indented unless empty."""
        for line in lines:
            print(f"  {line}" if line else "", file=self.out)

    def chapter(self, title: str) -> None:
        """Print the title of the next part."""
        print(f"\n{RULE}\n{title}\n", file=self.out)

    def send(self, method: str, path: str, fields: Fields | str = ()) -> Answer:
        """Make a call without printing it. A string is sent as JSON, for the control plane."""
        body = fields if isinstance(fields, str) else urlencode(fields)
        target = f"{path}?{body}" if method == "GET" else path
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, target, None if method == "GET" else body, headers)
        response = self.connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), json.loads(response.read()))

    def call(self, method: str, path: str, fields: Fields | str = (), *, show: Sequence[str] = ()) -> Answer:
        """Make a call, and print it with some members of its answer."""
        self.say(*_curl(method, f"{self.url}{path}", self.key, fields), "")
        answer = self.send(method, path, fields)
        shown = {name: answer.tree[name] for name in show}
        self.say(f"{answer.outcome}  {json.dumps(shown) if shown else ''}".rstrip())
        return answer


def _curl(method: str, url: str, key: str, fields: Fields | str) -> Iterator[str]:
    """Yield the lines of a call as a shell command."""
    if isinstance(fields, str):
        yield f"curl {url} -d {shlex.quote(fields)}"
        return
    yield f"curl {'-G ' if method == 'GET' else ''}{url} \\"
    options = [f"-u {key}:", *(f"-d {shlex.quote(f'{name}={value}')}" for name, value in fields)]
    yield from (f"  {option} \\" for option in options[:-1])
    yield f"  {options[-1]}"


# The chapters


def _tell(story: Story) -> None:
    print(f"A fake Stripe at {story.url}. Its clock is frozen at {NOW}.", file=story.out)
    customer = _customer(story)
    meter = _meter(story)
    _usage(story, customer)
    _mistake(story, customer)
    question = _question(customer, meter)
    rows = _by_day_and_model(story, question)
    _chart(story, rows)
    _limit(story, question)
    _end(story)


def _customer(story: Story) -> str:
    story.chapter("1. A customer")
    answer = story.call("POST", "/v1/customers", [("name", "Quill Works")], show=["id", "object", "name"])
    return str(answer.tree["id"])


def _meter(story: Story) -> str:
    story.chapter("2. A meter that adds up tokens, by model and tier")
    fields = [
        ("display_name", "LLM tokens"),
        ("event_name", "llm_tokens"),
        ("default_aggregation[formula]", "sum"),
        ("value_settings[event_payload_key]", "tokens"),
        ("dimension_payload_keys[0]", "model"),
        ("dimension_payload_keys[1]", "tier"),
    ]
    answer = story.call("POST", "/v1/billing/meters", fields, show=["id", "object", "status"])
    return str(answer.tree["id"])


def _usage(story: Story, customer: str) -> None:
    story.chapter(f"3. A week of usage: {DAYS * len(TOKENS)} events, of which this is the first")
    first, *others = _events(customer)
    story.call("POST", EVENTS, first, show=["object", "identifier", "timestamp"])
    statuses = [story.send("POST", EVENTS, each).status for each in others]
    story.say(f"and {statuses.count(HTTPStatus.OK)} more times 200 OK")


def _events(customer: str) -> Iterator[Fields]:
    for number, percent in enumerate(PERCENT):
        for hour, ((model, tier), tokens) in enumerate(TOKENS.items(), 9):
            instant = FIRST_DAY + number * DAY + dt.timedelta(hours=hour)
            payload = {"tokens": str(tokens * percent // 100), "model": model, "tier": tier}
            yield _event(f"{instant:%b%d}-{model}-{tier}".lower(), instant, customer, payload)


def _event(identifier: str, instant: dt.datetime, customer: str, payload: Mapping[str, str]) -> Fields:
    return [
        ("event_name", "llm_tokens"),
        ("identifier", identifier),
        ("timestamp", f"{instant.timestamp():.0f}"),
        ("payload[stripe_customer_id]", customer),
        *((f"payload[{key}]", value) for key, value in payload.items()),
    ]


def _mistake(story: Story, customer: str) -> None:
    story.chapter("4. A mistake (three zeros too many), and its cancellation")
    instant = FIRST_DAY + 6 * DAY + dt.timedelta(hours=18)
    payload = {"tokens": "9000000", "model": "gpt-4", "tier": "premium"}
    mistake = _event("oops", instant, customer, payload)
    story.call("POST", EVENTS, mistake, show=["object", "identifier"])
    story.say("")
    cancellation = [("type", "cancel"), ("event_name", "llm_tokens"), ("cancel[identifier]", "oops")]
    story.call("POST", "/v1/billing/meter_event_adjustments", cancellation, show=["object", "status", "cancel"])


def _question(customer: str, meter: str) -> Fields:
    return [
        ("customer", customer),
        ("start_time", f"{FIRST_DAY.timestamp():.0f}"),
        ("end_time", f"{(FIRST_DAY + DAYS * DAY).timestamp():.0f}"),
        ("meters[0][meter_id]", meter),
        ("meters[0][dimension_group_by_keys][0]", "model"),
        ("value_grouping_window", "day"),
    ]


def _by_day_and_model(story: Story, question: Fields) -> list[dict[str, Any]]:
    story.chapter("5. Usage by day and model")
    answer = story.call("GET", ANALYTICS, question, show=["object", "data_refreshed_at"])
    rows: list[dict[str, Any]] = answer.tree["data"]
    story.say("", f"{'bucket_start_time':<31}{'dimensions[model]':<20}{'bucket_value':>12}")
    previous = None
    for row in rows:
        start = row["bucket_start_time"]
        when = "" if start == previous else f"{start}  {_day(start)}"
        story.say(f"{when:<31}{row['dimensions']['model']:<20}{row['bucket_value']:>12,}")
        previous = start
    return rows


def _chart(story: Story, rows: list[dict[str, Any]]) -> None:
    models = sorted({row["dimensions"]["model"] for row in rows})
    fills = dict(zip(models, _fills(story.out), strict=True))
    story.chapter("6. The same as a stacked bar chart")
    story.say("   ".join(f"{fill * 2} {model}" for model, fill in fills.items()), "")
    days: dict[int, dict[str, int]] = {}
    for row in rows:
        days.setdefault(row["bucket_start_time"], {})[row["dimensions"]["model"]] = row["bucket_value"]
    highest = max(sum(day.values()) for day in days.values())
    for start, day in days.items():
        bar = _bar([(fills[model], day.get(model, 0)) for model in models], highest)
        story.say(f"{_day(start)} |{bar:<{BAR}} {sum(day.values()):>7,}")


def _fills(out: TextIO) -> str:
    """Return the characters for the bars: blocks, if the output's encoding has them."""
    try:
        BLOCKS.encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        return ASCII
    return BLOCKS


def _bar(parts: Sequence[tuple[str, int]], highest: int) -> str:
    """Return a bar of several parts. Each ends at the rounded sum so far, so that rounding errors do not add up."""
    bar, total = "", 0
    for fill, value in parts:
        total += value
        bar = bar.ljust(round(total * BAR / highest), fill)
    return bar


def _day(start: int) -> str:
    return f"{dt.datetime.fromtimestamp(start, dt.UTC):%a %d %b}"


def _limit(story: Story, question: Fields) -> None:
    story.chapter("7. The rate limit: 100 calls of analytics a second")
    asked = 1
    answer = story.send("GET", ANALYTICS, question)
    while answer.status == HTTPStatus.OK:
        asked += 1
        answer = story.send("GET", ANALYTICS, question)
    story.say(f"The call of part 5 again and again: {asked} times 200 OK, and then", "")
    story.say(f"{answer.outcome}")
    reason = "Stripe-Rate-Limited-Reason"
    story.say(f"{reason}: {answer.headers[reason]}", *json.dumps(answer.tree, indent=2).splitlines())
    story.say("", "You do not have to wait: advance the clock by a second.", "")
    story.call("POST", "/_fakestripe/clock", '{"advance": 1}', show=["now", "frozen"])
    answer = story.send("GET", ANALYTICS, question)
    story.say("", f"The same call: {answer.outcome}")


def _end(story: Story) -> None:
    story.chapter("Now you")
    story.say(
        "The server of this demo has stopped. Start one that gives the same ids,",
        "",
        f"fakestripe-meters serve --now {NOW} --seed {SEED}",
        "",
        "and paste the commands above, with the address http://127.0.0.1:12111.",
    )
