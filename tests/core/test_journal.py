"""What was asked and what was answered."""

from threading import Thread

import pytest

from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.journal import Exchanges
from fakestripe_meters.core.journal import Journal


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
