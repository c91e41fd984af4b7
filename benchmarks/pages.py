"""What the page of usage costs over a million events.

python -m benchmarks.pages
"""

import gzip
import random
from collections.abc import Iterator
from itertools import product

from werkzeug.test import Client

from benchmarks import bars
from benchmarks.business import DAY_S
from benchmarks.business import METER
from benchmarks.business import METERS
from benchmarks.business import START
from benchmarks.business import Business
from benchmarks.business import Usage
from benchmarks.figures import Figure
from benchmarks.figures import Size
from benchmarks.figures import compare
from benchmarks.figures import show

USAGE = "/_fakestripe/page/usage?by=model"
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip"}
DAYS = 31
KEYS = ("model", "tier", "region")
MODELS = ("opus", "sonnet", "haiku", "nano")
SERIES = tuple(product(MODELS, ("free", "pro", "team"), ("eu", "us", "ap")))
KB = 1_000


def month_of_usage(meter: str, events: int) -> Iterator[Usage]:
    """Yield a month's events of four models in order of time."""
    chance = random.Random(events)
    for number in range(events):
        yield Usage(meter, START + number * DAYS * DAY_S // events, chance.randrange(5000), chance.choice(SERIES))


def measure(size: Size) -> Iterator[Figure]:
    """Yield every figure."""
    business = Business()
    terms = METER | {"event_name": "used_tokens", "dimension_payload_keys": list(KEYS)}
    meter = business.post(METERS, terms)["id"]
    business.use(month_of_usage(meter, size.pick(1_000_000, 20_000)))
    business.fake.clock.advance(DAYS * DAY_S)
    client = Client(business.fake.wsgi_app, use_cookies=False)

    def page() -> bytes:
        response = client.get(USAGE, headers=BROWSER)
        assert response.status_code == 200, response.status
        data: bytes = response.data
        return data

    sent = page()  # the first one loads the templates
    html = gzip.decompress(sent)
    assert html.count(b"data-value=") == DAYS * len(MODELS), html.count(b"data-value=")
    took = compare({"page": page}, rounds=size.pick(21, 3))
    yield bars.USAGE_PAGE.measured(took["page"] / 1_000)
    yield bars.USAGE_PAGE_SIZE.measured(len(sent) / KB, f"{len(html) / KB:,.0f} KB before it is compressed")


if __name__ == "__main__":
    show(measure)
