"""A large import goes on in pieces: others are answered in between, it says how far it is, and it can be stopped."""

from threading import Thread

import pytest

from fakestripe_meters import Conflict
from fakestripe_meters import Progress
from tests.importing.files import HEADER
from tests.importing.files import Shop

RECORDS = 25_000


@pytest.fixture
def large(shop: Shop) -> bytes:
    return f"{HEADER}\n".encode() + f",1738281000,tokens,{shop.ann},1\n".encode() * RECORDS


def test_progress_is_in_bytes_where_reading_is_the_first_half(shop: Shop, large: bytes) -> None:
    told: list[Progress] = []
    shop.fake.import_usage(large, filename="a.csv", progress=told.append)
    done = [each.done for each in told]
    assert done == sorted(set(done))
    assert done[0] == 0
    assert len(large) in done
    assert done[-1] == told[0].total == 2 * len(large)
    assert {each.total for each in told} == {2 * len(large)}
    assert {each.now for each in told} == {shop.fake.clock.now()}


def test_a_file_that_is_refused_tells_that_it_is_over(shop: Shop, large: bytes) -> None:
    told: list[Progress] = []
    shop.fake.import_usage(large + b'"', filename="a.csv", progress=told.append)
    assert told[-1].done == told[-1].total


def test_others_are_answered_between_two_pieces(shop: Shop, large: bytes) -> None:
    seen: list[int] = []

    def other() -> None:
        customer = shop.client.v1.customers.retrieve(shop.ann)
        seen.append(int(shop.fake.usage("tokens", customer.id)))

    def told(_progress: Progress) -> None:
        thread = Thread(target=other)
        thread.start()
        thread.join(10)

    shop.fake.import_usage(large, filename="a.csv", progress=told)
    assert {0, 10_000, 20_000, RECORDS} == set(seen)


@pytest.mark.parametrize("half", [False, True], ids=["while it is read", "while it is counted"])
def test_a_reset_ends_the_import(shop: Shop, large: bytes, half: bool) -> None:
    def told(progress: Progress) -> None:
        if progress.done > (len(large) if half else 0):
            shop.fake.reset()

    with pytest.raises(Conflict, match="the import was stopped on its way: the fake was reset"):
        shop.fake.import_usage(large, filename="a.csv", progress=told)
    assert shop.fake.imports == []
    assert shop.fake.accounts == []


def test_the_end_of_a_fake_ends_the_import(shop: Shop, large: bytes) -> None:
    with pytest.raises(Conflict, match="the import was stopped on its way: this FakeStripe is closed"):
        shop.fake.import_usage(large, filename="a.csv", progress=lambda _progress: shop.fake.close())


def test_what_stops_the_caller_stops_the_import(shop: Shop, large: bytes) -> None:
    def told(progress: Progress) -> None:
        if progress.done > len(large):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.fake.import_usage(large, filename="a.csv", progress=told)
    (left,) = shop.fake.imports
    assert (left["status"], left["counted"]) == ("pending", shop.used)


def test_the_clock_may_move_between_two_pieces(shop: Shop, large: bytes) -> None:
    def told(progress: Progress) -> None:
        if progress.done == len(large):
            shop.fake.clock.advance(60)

    assert shop.fake.import_usage(large, filename="a.csv", progress=told)["counted"] == RECORDS


def test_an_alert_is_raised_in_the_midst_of_a_file(shop: Shop) -> None:
    inbox = shop.fake.webhooks.collect("billing.alert.triggered")
    shop.client.v1.billing.alerts.create(
        {
            "alert_type": "usage_threshold",
            "title": "Many",
            "usage_threshold": {
                "gte": 3,
                "meter": shop.meter,
                "recurrence": "one_time",
                "filters": [{"type": "customer", "customer": shop.ann}],
            },
        }
    )
    shop.lines([shop.record(1)] * 5)
    (told,) = inbox
    assert told.json["data"]["object"]["value"] == 3
