"""Eight threads on two accounts: everything counts once, whatever goes wrong on the way; and memory has an end."""

import json
import pickle
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.client import HTTPException
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core import journal
from fakestripe_meters.core import replays
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests.conftest import encoded

NOW = 1_735_689_600
DAY = 86_400
ACCOUNTS = ("sk_test_firstfirst", "sk_test_secondsecond")
THREADS = 8
EVENTS = 40
MOST_TRIES = 50
METER = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
Json = Any


class LostError(Exception):
    """The connection was dropped."""


Send = Callable[[str, str, bytes, dict[str, str]], tuple[int, bytes]]


@dataclass
class Caller:
    """A program that uses the API like an SDK: the same idempotency key for all tries of a call."""

    send: Send
    key: str

    def call(self, method: str, path: str, params: dict[str, Any] | None = None) -> Json:
        body = encoded(params)
        query = f"?{body.decode()}" if method == "GET" else ""
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(uuid4())}
        for _ in range(MOST_TRIES):
            try:
                status, answer = self.send(method, path + query, body if method == "POST" else b"", headers)
            except LostError:
                continue
            if status == 200:
                return json.loads(answer)
            assert status in (409, 429, 500, 503), answer
        pytest.fail(f"{method} {path} has failed {MOST_TRIES} times")


def through_engine(fake: FakeStripe) -> Send:
    def send(method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        path, _, query = target.partition("?")
        response = fake.engine.handle(Request(method, path, query, Headers(headers), body))
        if response.close:
            raise LostError
        return response.status, response.body

    return send


@contextmanager
def engine(fake: FakeStripe) -> Iterator[Send]:
    yield through_engine(fake)


@contextmanager
def socket(fake: FakeStripe) -> Iterator[Send]:
    connection = HTTPConnection(urlsplit(fake.url).netloc, timeout=30)

    def send(method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (HTTPException, OSError):
            connection.close()
            raise LostError from None

    yield send
    connection.close()


Door = Callable[[FakeStripe], AbstractContextManager[Send]]
DOORS: dict[str, Door] = {"engine": engine, "socket": socket}


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, limits="off", seed=1) as fake:
        yield fake
        assert fake.engine.failures == []


def meter_and_customer(fake: FakeStripe, key: str) -> tuple[str, str]:
    caller = Caller(through_engine(fake), key)
    meter = caller.call("POST", "/v1/billing/meters", METER)["id"]
    return meter, caller.call("POST", "/v1/customers")["id"]


def together(work: Callable[[int], None]) -> None:
    """Let eight threads begin at once; whatever one of them raises is raised."""
    start = Barrier(THREADS)

    def begin(number: int) -> None:
        start.wait()
        work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(begin, range(THREADS)))


def used(fake: FakeStripe, key: str, meter: str, customer: str) -> int:
    span = {"customer": customer, "start_time": NOW - DAY, "end_time": NOW + DAY}
    caller = Caller(through_engine(fake), key)
    [summary] = caller.call("GET", f"/v1/billing/meters/{meter}/event_summaries", span)["data"]
    total: int = summary["aggregated_value"]
    return total


def count_together(fake: FakeStripe, door: Door, *, wrong: Callable[[], None]) -> None:
    """Each thread sends events to one of two accounts, reads in between, and cancels each fifth of its own."""
    known = {key: meter_and_customer(fake, key) for key in ACCOUNTS}

    def work(number: int) -> None:
        key = ACCOUNTS[number % len(ACCOUNTS)]
        with door(fake) as send:
            report(Caller(send, key), number, *known[key])

    def report(caller: Caller, number: int, meter: str, customer: str) -> None:
        for index in range(EVENTS):
            identifier = f"{number}-{index}"
            payload = {"stripe_customer_id": customer, "value": str(index + 1)}
            event = {"event_name": "calls", "payload": payload, "identifier": identifier, "timestamp": NOW - index}
            caller.call("POST", "/v1/billing/meter_events", event)
            if index % 5 == 0:
                cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": identifier}}
                caller.call("POST", "/v1/billing/meter_event_adjustments", cancel)
            if index % 10 == 0:
                wrong()
                caller.call("GET", f"/v1/billing/meters/{meter}")

    together(work)
    fake.control.clear_faults()
    expected = sum(index + 1 for index in range(EVENTS) if index % 5) * THREADS // len(ACCOUNTS)
    assert [used(fake, key, *known[key]) for key in ACCOUNTS] == [expected] * len(ACCOUNTS)
    assert fake.dropped_events == []


@pytest.mark.usefixtures("eager_threads")
@pytest.mark.parametrize("door", DOORS)
def test_eight_threads_on_two_accounts_count_everything_once(fake: FakeStripe, door: str) -> None:
    count_together(fake, DOORS[door], wrong=lambda: None)


@pytest.mark.usefixtures("eager_threads")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 409},
        {"status": 429},
        {"status": 503, "after_commit": True},
        {"close": True},
        {"close": True, "after_commit": True},
    ],
    ids=str,
)
def test_planned_faults_and_retries_with_the_same_key_count_everything_once(
    fake: FakeStripe, door: str, fault: dict[str, Any]
) -> None:
    def wrong() -> None:
        for path in ("/v1/billing/meter_events", "/v1/billing/meter_event_adjustments"):
            fake.control.plan_fault(method="POST", path=path, times=3, **fault)

    count_together(fake, DOORS[door], wrong=wrong)


@pytest.mark.usefixtures("eager_threads")
def test_of_eight_threads_with_one_identifier_one_counts(fake: FakeStripe) -> None:
    known = {key: meter_and_customer(fake, key) for key in ACCOUNTS}
    answers: list[int] = []

    def work(number: int) -> None:
        key = ACCOUNTS[number % len(ACCOUNTS)]
        payload = {"stripe_customer_id": known[key][1], "value": "1"}
        body = encoded({"event_name": "calls", "payload": payload, "identifier": "the one"})
        headers = {"Authorization": f"Bearer {key}"}
        answers.append(through_engine(fake)("POST", "/v1/billing/meter_events", body, headers)[0])

    together(work)
    assert sorted(answers) == [200] * len(ACCOUNTS) + [400] * (THREADS - len(ACCOUNTS))
    assert [used(fake, key, *known[key]) for key in ACCOUNTS] == [1, 1]


@pytest.mark.usefixtures("eager_threads")
def test_of_eight_threads_with_one_idempotency_key_all_get_the_one_answer(fake: FakeStripe) -> None:
    answers: set[bytes] = set()

    def work(_number: int) -> None:
        headers = {"Authorization": f"Bearer {ACCOUNTS[0]}", "Idempotency-Key": "the one"}
        answers.add(through_engine(fake)("POST", "/v1/customers", b"name=Ada", headers)[1])

    together(work)
    assert len(answers) == 1
    assert len(Caller(through_engine(fake), ACCOUNTS[0]).call("GET", "/v1/customers")["data"]) == 1


@pytest.mark.usefixtures("eager_threads")
def test_the_clock_moves_snapshots_are_taken_and_resets_happen_while_others_work(fake: FakeStripe) -> None:
    def work(number: int) -> None:
        caller = Caller(through_engine(fake), ACCOUNTS[number % len(ACCOUNTS)])
        for index in range(EVENTS):
            caller.call("POST", "/v1/customers", {"name": str(index)})
            fake.clock.advance(1)
            if index % 10 == number:
                fake.snapshot()
            if index % 20 == number:
                fake.control.reset(ACCOUNTS[0])

    together(work)
    assert fake.clock.now() == NOW + THREADS * EVENTS
    kept = Caller(through_engine(fake), ACCOUNTS[1]).call("GET", "/v1/customers", {"limit": 100})
    assert kept["has_more"]


# Memory


def test_the_journal_keeps_the_last_exchanges_only(fake: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    assert journal.KEPT <= 10_000
    kept = journal.Journal(kept=3)
    monkeypatch.setattr(fake.engine.world, "journal", kept)
    caller = Caller(through_engine(fake), ACCOUNTS[0])
    for index in range(5):
        caller.call("POST", "/v1/customers", {"name": str(index)})
    assert [each.params for each in kept] == [{"name": "2"}, {"name": "3"}, {"name": "4"}]


def test_the_oldest_idempotency_keys_are_forgotten_when_there_are_too_many() -> None:
    assert replays.KEPT <= 10_000
    kept: replays.Replays[str] = replays.Replays(kept=3)
    for index in range(5):
        kept.store(str(index), "POST", "answer", now_ns=index, kept_ns=DAY)
    assert len(kept) == 3
    assert [kept.lookup(str(index), 5) is not None for index in range(5)] == [False, False, True, True, True]


def test_a_key_that_is_used_again_is_the_newest() -> None:
    kept: replays.Replays[str] = replays.Replays(kept=2)
    for now, key in enumerate(["one", "two", "one", "three"]):
        kept.store(key, "POST", "answer", now_ns=now, kept_ns=DAY)
    assert [kept.lookup(key, 4) is not None for key in ("one", "two", "three")] == [True, False, True]


def test_keys_that_are_forgotten_early_leave_nothing_behind() -> None:
    kept: replays.Replays[bytes] = replays.Replays(kept=10)
    for index in range(1_000):
        kept.store(str(index), "POST", b"answer", now_ns=0, kept_ns=DAY)
    assert len(pickle.dumps(kept)) < 10_000
