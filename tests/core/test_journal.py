"""What was asked and what was answered."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest

from fakestripe_meters.core.journal import LOOSE
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.journal import Exchanges
from fakestripe_meters.core.journal import Journal
from fakestripe_meters.core.runs import OF_HEADERS


def test_exchanges_are_kept_oldest_first() -> None:
    journal = Journal()
    for path in ("/a", "/b"):
        journal.add(Exchange(1, "sk_test_x", "GET", path))
    assert [exchange.path for exchange in journal] == ["/a", "/b"]
    assert len(journal) == 2


FORGERY = "/v1/x\n2099-01-01T00:00:00Z POST /v1/forged\u2028\x1b[31m\x9b1m\u202e"


def test_an_exchange_is_one_printable_line_whoever_sent_it() -> None:
    error = {"code": "a\nb", "message": f"no {FORGERY}"}
    exchange = Exchange(1, None, f"GET{FORGERY}", FORGERY, status=404, error=error, hint=FORGERY)
    assert str(exchange).isprintable()
    assert str(Exchanges([exchange, exchange])).splitlines() == [str(exchange)] * 2
    assert repr(exchange).isprintable()


def test_the_oldest_give_way_to_the_newest() -> None:
    journal = Journal(kept=2)
    for path in ("/a", "/b", "/c"):
        journal.add(Exchange(1, None, "GET", path))
    assert [exchange.path for exchange in journal] == ["/b", "/c"]


def test_what_one_account_asked_can_be_forgotten() -> None:
    journal = Journal(kept=3)
    for account in ("sk_test_a", None, "sk_test_b"):
        journal.add(Exchange(1, account, "GET", "/"))
    journal.forget("sk_test_a")
    assert [exchange.account for exchange in journal] == [None, "sk_test_b"]
    for _ in range(3):
        journal.add(Exchange(1, "sk_test_c", "GET", "/"))
    assert len(journal) == 3


def test_an_outcome_is_filled_in_when_it_is_known() -> None:
    journal, exchange = Journal(), Exchange(1, None, "GET", "/")
    journal.add(exchange)
    exchange.status = 200
    assert [each.status for each in journal] == [200]


@pytest.mark.usefixtures("eager_threads")
def test_it_can_be_read_while_requests_arrive() -> None:
    journal = Journal(kept=100)

    def work() -> None:
        for _ in range(5000):
            journal.add(Exchange(1, None, "GET", "/"))

    worker = Thread(target=work)
    worker.start()
    while worker.is_alive():
        assert len(list(journal)) <= 100
    worker.join()


# Hundreds of requests: those that are over are packed

LOOSE_ANSWERS = LOOSE // OF_HEADERS


def fill(journal: Journal, paths: Iterable[int], *, account: str | None = None) -> list[str]:
    """Add requests that are answered, and return their paths."""
    asked = [f"/{each}" for each in paths]
    for path in asked:
        exchange = Exchange(1, account, "GET", path)
        journal.add(exchange)
        exchange.status, exchange.params, exchange.ignored = 200, {"value": "1.5", "of": [path]}, ("a", "b")
        journal.keep(exchange, {"Host": "x", "Authorization": "secret"}, {"Request-Id": path}, b"{}")
    return asked


def test_hundreds_of_exchanges_are_read_as_they_were_noted() -> None:
    journal = Journal()
    paths = fill(journal, range(3 * LOOSE_ANSWERS))
    assert [each.path for each in journal] == paths
    assert [each.path for each in reversed(journal)] == paths[::-1]
    for each in journal:
        assert (each.status, each.params) == (200, {"value": "1.5", "of": [each.path]})
        assert each.ignored == ("a", "b")
        assert (each.answer, each.headers, each.no_answer) == ({}, {"Request-Id": each.path}, None)
        assert each.request_headers == {"Host": "x"}


def test_what_has_no_json_is_kept_among_hundreds() -> None:
    journal, odd = Journal(), Exchange(1, None, "POST", "/\ud800", {"value": Decimal("1.50")})
    journal.add(odd)
    sent: Any = {"X": b"\xff"}  # as `requests` takes it
    journal.keep(odd, sent, {}, b"\xff")
    fill(journal, range(2 * LOOSE_ANSWERS))
    first, second, *_ = journal
    assert (first.path, first.params) == ("/\ud800", {"value": Decimal("1.50")})
    assert (first.request_headers, first.answer, second.answer) == (sent, "\ufffd", {})


def test_the_oldest_of_hundreds_give_way_one_by_one() -> None:
    kept = 2 * LOOSE_ANSWERS
    journal, paths = Journal(kept=kept), list[str]()
    for count in (kept, 1, LOOSE_ANSWERS, LOOSE_ANSWERS + 1):
        paths += fill(journal, range(len(paths), len(paths) + count))
        assert [each.path for each in journal] == paths[-kept:]
        assert len(journal) == kept


def test_the_oldest_of_hundreds_of_answers_give_way_and_no_more_than_must() -> None:
    journal = Journal(largest=2 * LOOSE)
    fill(journal, range(6 * LOOSE_ANSWERS))
    kept = [each for each in journal if each.no_answer is None]
    assert 2 * LOOSE_ANSWERS <= len(kept) <= 3 * LOOSE_ANSWERS + 1
    assert [each.path for each in kept] == [each.path for each in journal][-len(kept) :]
    lost = next(iter(journal))
    assert (lost.answer, lost.headers, lost.request_headers) == (None, None, None)
    assert str(lost.no_answer).startswith("it is no longer kept")


def test_an_answer_that_was_not_sent_says_so_among_hundreds_that_have_given_way() -> None:
    journal, dropped = Journal(largest=LOOSE), Exchange(1, None, "GET", "/dropped")
    journal.add(dropped)
    journal.keep(dropped, {}, {}, None)
    fill(journal, range(4 * LOOSE_ANSWERS))
    first, second, *_ = journal
    assert str(first.no_answer).startswith("none was sent")
    assert str(second.no_answer).startswith("it is no longer kept")


def test_a_request_that_is_under_way_is_filled_in_while_hundreds_come_and_go() -> None:
    journal, slow = Journal(), Exchange(1, None, "GET", "/slow")
    journal.add(slow)
    paths = fill(journal, range(3 * LOOSE_ANSWERS))
    slow.status = 200
    first = next(iter(journal))
    assert (first.path, first.status) == ("/slow", 200)
    journal.keep(slow, {}, {}, b"[]")
    assert [each.path for each in journal] == ["/slow", *paths]
    assert next(iter(journal)).answer == []


def test_answers_are_limited_while_a_request_is_under_way() -> None:
    journal = Journal(largest=LOOSE)
    fill(journal, range(LOOSE_ANSWERS + 1))
    journal.add(Exchange(1, None, "GET", "/slow"))
    fill(journal, range(4 * LOOSE_ANSWERS))
    assert sum(each.no_answer is None for each in journal) <= LOOSE_ANSWERS


def test_one_account_of_hundreds_of_exchanges_can_be_forgotten() -> None:
    journal = Journal()
    for account in ("sk_test_a", "sk_test_b", "sk_test_a"):
        fill(journal, range(2 * LOOSE_ANSWERS), account=account)
    journal.forget("sk_test_a")
    assert {each.account for each in journal} == {"sk_test_b"}
    assert len(list(journal)) == len(journal) == 2 * LOOSE_ANSWERS
    assert all(each.answer == {} for each in journal)


def test_what_was_read_stays_as_it_was_when_its_answer_gives_way() -> None:
    journal = Journal(largest=2 * LOOSE)
    fill(journal, range(2 * LOOSE_ANSWERS))
    first = next(iter(journal))
    fill(journal, range(4 * LOOSE_ANSWERS))
    assert first.answer == {}


@pytest.mark.usefixtures("eager_threads")
def test_hundreds_are_read_in_order_while_requests_are_answered() -> None:
    journal = Journal(kept=1_000)
    worker = Thread(target=fill, args=(journal, range(5_000)))
    worker.start()
    while worker.is_alive():
        seen = [int(each.path[1:]) for each in journal]
        assert {later - earlier for earlier, later in pairwise(seen)} <= {1}
        assert len(seen) <= 1_000
    worker.join()
    assert len(list(journal)) == 1_000
