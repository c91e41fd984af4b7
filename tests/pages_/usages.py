"""A business whose usage is looked at: customers, meters, and events that are sent by the API."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Any

from fakestripe_meters import FakeStripe
from tests.pages_.looking import PAGE
from tests.pages_.looking import Page
from tests.pages_.looking import Person

NOW = "2025-02-01T00:00:00Z"
JANUARY, FEBRUARY = 1_735_689_600, 1_738_368_000
HOUR, DAY = 3_600, 86_400
ANALYTICS = "/v1/billing/analytics/meter_usage"
BAR = re.compile(
    r'<a href="(?P<href>[^"]*)" tabindex=-1><rect [^>]*?data-start=(?P<start>\d+) data-end=(?P<end>\d+) '
    r'data-group=(?P<group>"[^"]*"|[^ >]+) data-value=(?P<value>[\d.-]+)><title>(?P<title>[^<]*)</title>'
)


@dataclass(frozen=True)
class Bar:
    """A bar of the chart."""

    start: int
    end: int
    group: str
    value: Decimal
    title: str
    href: str


def bars(page: Page) -> list[Bar]:
    return [
        Bar(
            int(each["start"]),
            int(each["end"]),
            unescape(each["group"].strip('"')),
            Decimal(each["value"]),
            unescape(each["title"]),
            unescape(each["href"]),
        )
        for each in BAR.finditer(page.source)
    ]


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


class Business(Person):
    """A customer, and a meter of tokens by model and tier."""

    def __init__(self, fake: FakeStripe, **meter: Any) -> None:  # noqa: ANN401  parameters
        super().__init__(fake)
        self.customer = self.buyer("Ada")
        self.meter = self.counter("tokens", **meter)
        self.sent = 0

    def buyer(self, name: str, **more: Any) -> str:  # noqa: ANN401  parameters
        made: str = self.call.create("/v1/customers", {"name": name, **more})["id"]
        return made

    def counter(self, event_name: str, **more: Any) -> str:  # noqa: ANN401  parameters
        terms = {
            "display_name": event_name.title(),
            "event_name": event_name,
            "default_aggregation": {"formula": "sum"},
            "dimension_payload_keys": ["model", "tier"],
            **more,
        }
        made: str = self.call.create("/v1/billing/meters", {k: v for k, v in terms.items() if v is not None})["id"]
        return made

    def use(self, at: int, value: object, model: str = "large", tier: str = "free", **more: Any) -> str:  # noqa: ANN401
        """Send an event, and return its identifier."""
        self.sent += 1
        payload = {"stripe_customer_id": self.customer, "value": str(value), "model": model, "tier": tier}
        event = {"event_name": "tokens", "timestamp": at, "identifier": f"event-{self.sent}", "payload": payload}
        event |= {name: each for name, each in more.items() if name != "customer"}
        payload["stripe_customer_id"] = more.get("customer", self.customer)
        made: str = self.call.create("/v1/billing/meter_events", event)["identifier"]
        return made

    def month(self) -> None:
        """Send a month's usage: two models, two tiers, a day without any."""
        for day in range(31):
            if day != 12:
                self.use(JANUARY + day * DAY + 9 * HOUR, 100 + day, "large", "free")
                self.use(JANUARY + day * DAY + 10 * HOUR, Decimal(day) / 8, "small", "pro")
                self.use(JANUARY + day * DAY + 11 * HOUR, 5, "small", "free")

    def rows(self, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401  parameters
        """What the API answers."""
        meter = {"meter_id": self.meter, **asked.pop("meter", {})}
        query = {"customer": self.customer, "meters": [meter], "start_time": JANUARY, "end_time": FEBRUARY, **asked}
        answer = self.call.get(ANALYTICS, query)
        assert answer.status == 200, answer.body
        data: list[dict[str, Any]] = answer.json["data"]
        return data

    def usage(self, **query: Any) -> Page:  # noqa: ANN401  anything that a query says
        return self.look("usage", **query)

    def why(self, href: str) -> Page:
        """The page behind a link of the usage page."""
        target = href if href.startswith("/") else f"{PAGE}{href}"
        response = self.client.get(target, headers={"Accept": "text/html"})
        return Page(response.status_code, response.text)

    def check_bars(self, page: Page) -> list[Bar]:
        """Each bar is as high as the page behind it says; return the bars."""
        found = bars(page)
        for bar in found:
            assert number(self.why(bar.href).part("why-value")) == bar.value, bar
        return found


def tables(page: Page) -> Iterator[list[str]]:
    """The cells of each row of the table."""
    table = page.source.partition('<table class="usage-rows">')[2].partition("</table>")[0]
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL):
        yield [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
