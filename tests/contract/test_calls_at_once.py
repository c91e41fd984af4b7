"""Eight threads and the receivers of webhooks make every call at the same time: no call is stuck or fails."""

from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from itertools import count
from itertools import cycle
from threading import Thread

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters.core import clock
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.delivery import outbox
from fakestripe_meters.delivery import traffic
from fakestripe_meters.delivery.notification import Notification
from tests.conftest import DOORS
from tests.conftest import Call
from tests.delivery.test_outbox import Handler
from tests.delivery.test_outbox import Receiver
from tests.delivery.test_outbox import receiving
from tests.delivery.test_outbox import reply

NOW = 1_735_689_600
DAY = 86_400
THREADS = 8
ROUNDS = 10
MOST_BACK = 80
"""How often receivers call back, so that webhooks which cause webhooks have an end."""
IN_TIME_S = 60
KEYS = ("sk_test_firstfirst", "sk_test_secondsecond")
SEAT = {"currency": "usd", "unit_amount": 100, "product_data": {"name": "Seat"}, "recurring": {"interval": "day"}}
Act = Callable[[], object]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    monkeypatch.setattr(outbox, "TIMEOUT_S", 5 * IN_TIME_S)  # whoever waits for it is late; a reset restores it
    monkeypatch.setattr(clock, "PATIENCE_S", 0.01)
    monkeypatch.setattr(traffic, "PATIENCE_S", 0.02)
    monkeypatch.setattr(traffic, "SHORT_PATIENCE_S", 0.01)
    with FakeStripe(now=NOW, limits="off", seed=1, async_clocks=True, lag=5) as fake:
        yield fake
        assert fake.engine.failures == []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


class EveryCall:
    """Every call, in Python and over HTTP, from threads and from receivers, with their outcomes."""

    def __init__(self, fake: FakeStripe, receiver: Receiver) -> None:
        self.fake = fake
        self.receiver = receiver
        self.call = Call(DOORS["engine"], fake)
        self.numbers = count()
        self.left = list(range(MOST_BACK))
        self.statuses: list[int] = []
        self.refused: list[Conflict] = []
        self.raised: list[Exception] = []
        self.in_python: list[Act] = [
            partial(fake.clock.advance, DAY),
            fake.snapshot,
            fake.flush,
            fake.clock.freeze,
            lambda: fake.journal,
            partial(fake.clock.advance, DAY / 2),
            fake.webhooks.settle,
            fake.clock.resume,
            partial(fake.restore, fake.snapshot()),
            partial(fake.clock.advance, 3 * DAY),
            lambda: fake.dropped_events,
            partial(fake.control.reset, KEYS[1]),
            fake.reset,
        ]
        self.over_http: list[Act] = [
            partial(self.ask, "POST", "flush", {}),
            partial(self.ask, "POST", "clock", {"advance": DAY}),
            partial(self.ask, "GET", "snapshot"),
            partial(self.ask, "POST", "clock", {"resume": True}),
            partial(self.ask, "GET", "journal"),
            partial(self.ask, "POST", "faults", {"method": "GET", "path": "/v1/plans", "status": 500}),
            partial(self.ask, "DELETE", "faults"),
            partial(self.ask, "PUT", "snapshot", fake.snapshot()),
            partial(self.ask, "POST", "clock", {"advance": DAY / 2}),
            partial(self.ask, "POST", "reset", {"account": KEYS[0]}),
            partial(self.ask, "POST", "reset", {}),
            *(partial(self.look, key) for key in KEYS),
        ]
        self.back_in_python = cycle(self.in_python)
        self.back_over_http = cycle(self.over_http)

    def ask(self, method: str, path: str, body: object = None) -> None:
        """Make a call of the control plane."""
        answer = requests.request(method, f"{self.fake.url}/_fakestripe/{path}", json=body, timeout=IN_TIME_S)
        self.statuses.append(answer.status_code)

    def sell(self, key: str) -> None:
        """Make a subscription that is due each day, and receivers of each kind.

        A reset may come in between: then another thread may make an object with the same id.
        """
        url = f"{self.receiver.url}/{next(self.numbers)}"
        self.call.create("/v1/webhook_endpoints", {"url": url, "enabled_events": ["*"]}, key=key)
        self.fake.webhooks.deliver_to(self.handle, "invoice.created", key=key)
        price = self.call.create("/v1/prices", SEAT, key=key)["id"]
        customer = self.call.create("/v1/customers", key=key)["id"]
        self.test_clock(key, price)
        wanted = {"customer": customer, "items": [{"price": price}]}
        assert self.call.post("/v1/subscriptions", wanted, key=key).status in (200, 400, 404, 429)

    def test_clock(self, key: str, price: str) -> None:
        """Advance a test clock by some days, and change its customer meanwhile. A reset may come in between."""
        clocks = "/v1/test_helpers/test_clocks"
        clock = self.call.create(clocks, {"frozen_time": NOW}, key=key)["id"]
        customer = self.call.post("/v1/customers", {"test_clock": clock}, key=key).json.get("id")
        wanted = {"customer": customer, "items": [{"price": price}]}
        path, target = f"{clocks}/{clock}/advance", {"frozen_time": NOW + 3 * DAY}
        asked = [("/v1/subscriptions", wanted), (path, target), (f"/v1/customers/{customer}", {"name": "Eve"})]
        for url, params in asked:
            assert self.call.post(url, params, key=key).status in (200, 400, 404, 429)

    def look(self, key: str) -> None:
        """Read what there is."""
        assert self.call.get("/v1/invoices", key=key).status == 200
        assert self.call.get("/v1/events", key=key).status == 200
        assert self.call.get("/v1/test_helpers/test_clocks", key=key).status == 200
        assert self.call.get("/v1/accounts", key=key).status == 200
        assert self.call.get("/v1/customers", {"expand": ["data.subscriptions"]}, key=key).status == 200
        assert self.call.get("/v1/invoices/search", {"query": "total>0"}, key=key).status == 200

    def handle(self, _told: Notification) -> None:
        """Call back, from a handler in this process."""
        if self.left:
            self.left.pop()
            self.attempt(next(self.back_in_python))

    def receive(self, handler: Handler) -> None:
        """Call back over HTTP, and then answer."""
        if self.left:
            self.left.pop()
            self.attempt(next(self.back_over_http))
        reply(200)(handler)

    def attempt(self, act: Act) -> None:
        """Do one thing, and keep what it raises."""
        try:
            act()
        except Conflict as conflict:
            self.refused.append(conflict)
        except Exception as error:  # noqa: BLE001  it is looked at
            self.raised.append(error)

    def work(self, number: int) -> None:
        """Do some of everything, in another order than the other threads."""
        acts = self.in_python + self.over_http
        for index in range(ROUNDS):
            key = KEYS[(number + index) % len(KEYS)]
            self.attempt(partial(self.sell, key))
            self.attempt(partial(self.look, key))
            self.attempt(acts[(5 * number + index) % len(acts)])
            self.attempt(partial(self.fake.clock.advance, DAY))


@pytest.mark.usefixtures("eager_threads")
def test_every_call_is_answered_while_others_are_made(fake: FakeStripe, receiver: Receiver) -> None:
    every = EveryCall(fake, receiver)
    receiver.otherwise = every.receive
    threads = [Thread(target=every.work, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(IN_TIME_S)
    assert not any(thread.is_alive() for thread in threads)
    assert every.raised == []
    assert set(every.statuses) <= {200, 409}
    assert every.refused
    assert every.left == []
    fake.flush()
    fake.webhooks.raise_failures()
