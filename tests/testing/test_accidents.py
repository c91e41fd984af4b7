"""Things that go wrong on purpose, and a block that leaves no trace."""

import time
from collections.abc import Iterator

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse

NOW = 1735689600
AUTH = ("sk_test_app", "")
CUSTOMERS = "https://api.stripe.com/v1/customers"


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake, fake.intercept():
        yield fake


def ask() -> int:
    return requests.get(CUSTOMERS, auth=AUTH, timeout=5).status_code


def statuses(fake: FakeStripe, seed: int, rate: float) -> list[int]:
    fake.reset()
    fake.chaos(seed=seed, rate=rate)
    return [ask() for _ in range(40)]


def test_equal_seeds_give_equal_failures_and_others_do_not(fake: FakeStripe) -> None:
    first = statuses(fake, 7, 0.3)
    assert first == statuses(fake, 7, 0.3) != statuses(fake, 8, 0.3)
    assert {200} < set(first) <= {200, 429, 500, 503}


def test_chaos_of_rate_one_spares_nobody_and_of_zero_everybody(fake: FakeStripe) -> None:
    assert 200 not in statuses(fake, 1, 1)
    assert set(statuses(fake, 1, 0)) == {200}


@pytest.mark.parametrize(
    "options", [{"rate": 2}, {"rate": "often"}, {"rate": 0.5, "statuses": [200]}, {"rate": 0.5, "statuses": []}]
)
def test_chaos_that_makes_no_sense_is_a_misuse(fake: FakeStripe, options: dict[str, object]) -> None:
    with pytest.raises(Misuse):
        fake.chaos(seed=1, **options)  # type: ignore[arg-type]


def test_a_checkpoint_rewinds_objects_clock_and_ids(fake: FakeStripe) -> None:
    kept = requests.post(CUSTOMERS, auth=AUTH, timeout=5).json()["id"]
    made = []
    for _ in range(2):
        with fake.checkpoint():
            made.append(requests.post(CUSTOMERS, auth=AUTH, timeout=5).json()["id"])
            fake.clock.advance(3600)
    assert made[0] == made[1]
    assert fake.clock.now() == NOW
    assert [each["id"] for each in requests.get(CUSTOMERS, auth=AUTH, timeout=5).json()["data"]] == [kept]


def test_a_checkpoint_rewinds_after_an_exception_too(fake: FakeStripe) -> None:
    fake.fail_next("POST /v1/customers", close=True, after_commit=True)
    with pytest.raises(requests.ConnectionError), fake.checkpoint():
        requests.post(CUSTOMERS, auth=AUTH, timeout=5)
    assert requests.get(CUSTOMERS, auth=AUTH, timeout=5).json()["data"] == []


def test_a_planned_fault_that_can_never_strike_is_a_misuse(fake: FakeStripe) -> None:
    with pytest.raises(Misuse, match="customers"):
        fake.fail_next("POST /v1/custmers", status=429)


def test_a_dropped_connection_looks_like_one(fake: FakeStripe) -> None:
    fake.fail_next("GET /v1/customers", close=True)
    with pytest.raises(requests.ConnectionError):
        ask()
    assert ask() == 200


def test_the_answer_can_be_lost_after_the_work_was_done(fake: FakeStripe) -> None:
    fake.fail_next("POST /v1/customers", status=500, after_commit=True)
    headers = {"Idempotency-Key": "once"}
    lost, found = (requests.post(CUSTOMERS, auth=AUTH, headers=headers, timeout=5) for _ in range(2))
    assert (lost.status_code, found.status_code) == (500, 200)
    assert found.headers["Idempotent-Replayed"] == "true"
    assert len(requests.get(CUSTOMERS, auth=AUTH, timeout=5).json()["data"]) == 1


def test_a_clock_does_not_advance_backwards(fake: FakeStripe) -> None:
    with pytest.raises(Misuse):
        fake.clock.advance(-1)


def test_an_exception_inside_is_raised_once_with_its_own_traceback(
    fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(fake.engine, "_choose_version", broken)
        with pytest.raises(ZeroDivisionError):
            ask()
    with pytest.raises(ZeroDivisionError):
        fake.check()
    fake.check()


def test_the_process_is_frozen_with_the_clock_and_freed_again(fake: FakeStripe) -> None:
    before = time.time()
    with fake.freeze_process():
        fake.clock.advance(60)
        assert time.time() == NOW + 60
    assert time.time() >= before
