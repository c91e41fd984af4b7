"""The journal with answers, and from one request on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.journal import LARGEST
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.journal import Journal
from tests.conftest import KEY
from tests.doors.test_control_plane import CUSTOMERS
from tests.doors.test_control_plane import NEW_YEAR
from tests.doors.test_control_plane import OTHER_KEY
from tests.doors.test_control_plane import Plane

ADDED = {"request_headers", "headers", "answer", "no_answer"}


@pytest.fixture
def plane() -> Iterator[Plane]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Plane(fake)


def journal(plane: Plane, query: str = "") -> list[dict[str, Any]]:
    noted: list[dict[str, Any]] = plane.ask("GET", "journal", query=query)["data"]
    return noted


def test_answers_and_headers_are_there_on_request(plane: Plane) -> None:
    made = plane.api("POST", CUSTOMERS, name="Ada")
    plane.api("POST", CUSTOMERS, email="no address")
    assert not ADDED & journal(plane)[0].keys()
    assert not ADDED & journal(plane, "answers=false")[0].keys()
    ada, refused = journal(plane, "answers=true")
    assert (ada["answer"], ada["no_answer"]) == (made.get_json(), None)
    assert ada["headers"]["Request-Id"] == ada["request_id"] == made.headers["Request-Id"]
    assert refused["answer"]["error"]["message"] == refused["error"]["message"]


def test_the_headers_of_a_request_are_kept_without_its_key(plane: Plane) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Stripe-Version": "2025-03-31.basil", "X-Trace": f"of {KEY}"}
    plane.client.get(CUSTOMERS, headers=headers)
    (only,) = journal(plane, "answers=true")
    sent = {name.lower(): value for name, value in only["request_headers"].items()}
    assert sent["stripe-version"] == "2025-03-31.basil"
    assert (sent["x-trace"], "authorization" in sent) == ("of sk_test_******ripe", False)
    assert KEY not in json.dumps(only)


def test_secrets_in_answers_are_masked(plane: Plane) -> None:
    url = {"url": "http://127.0.0.1:9/hooks", "enabled_events[0]": "*"}
    secret = plane.api("POST", "/v1/webhook_endpoints", **url).get_json()["secret"]
    (only,) = journal(plane, "answers=true")
    assert (secret in json.dumps(only), only["answer"]["secret"][-4:]) == (False, secret[-4:])


def test_one_request_is_shown_with_its_answer(plane: Plane) -> None:
    made = plane.api("POST", CUSTOMERS, name="Ada")
    shown = plane.ask("GET", f"journal/{made.headers['Request-Id']}")
    assert (shown["params"], shown["answer"]) == ({"name": "Ada"}, made.get_json())


def test_python_has_the_answers_too(plane: Plane) -> None:
    made = plane.api("POST", CUSTOMERS, name="Ada")
    (only,) = plane.fake.journal
    assert (only.answer, (only.headers or {})["Request-Id"]) == (made.get_json(), only.request_id)
    assert only.request_headers is not None
    assert KEY not in repr(only.request_headers)


def test_what_is_no_json_is_shown_as_text(plane: Plane) -> None:
    plane.fake.stub("GET /v1/quotes/*/pdf", json=None, status=204)
    plane.api("GET", "/v1/quotes/qt_1/pdf")
    assert journal(plane, "answers=true")[0]["answer"] == ""


def test_a_dropped_connection_has_no_answer(plane: Plane) -> None:
    plane.fake.fail_next("POST /v1/customers", close=True)
    with pytest.raises(ConnectionError):
        plane.api("POST", CUSTOMERS, name="Ada")
    (only,) = journal(plane, "answers=true")
    assert (only["answer"], only["headers"]) == (None, None)
    assert only["no_answer"] == "none was sent: a planned fault has dropped the connection"


def test_the_answer_of_a_request_without_a_key_is_kept(plane: Plane) -> None:
    plane.client.get(CUSTOMERS)
    (only,) = journal(plane, "answers=true")
    assert only["answer"]["error"]["type"] == "invalid_request_error"


def test_the_oldest_answers_give_way_and_the_entry_says_so() -> None:
    journal = Journal(largest=10_000)
    made = [Exchange(1, KEY, "GET", "/", status=200) for _ in range(4)]
    for each in made:
        journal.add(each)
        journal.keep(each, {}, {}, b'"%s"' % (b"x" * 2_000))
    assert [each.answer is None for each in made] == [True, True, False, False]
    assert made[0].no_answer == f"it is no longer kept: the journal has the newest {LARGEST // 2**20} MB of answers"
    assert len(journal) == 4


def test_the_answers_of_a_forgotten_account_make_room() -> None:
    journal = Journal(largest=10_000)
    mine, others, next_one = (Exchange(1, key, "GET", "/", status=200) for key in (KEY, OTHER_KEY, OTHER_KEY))
    for each in (mine, others):
        journal.add(each)
        journal.keep(each, {}, {}, b" " * 2_500)
    journal.forget(KEY)
    journal.add(next_one)
    journal.keep(next_one, {}, {}, b" " * 2_500)
    assert (mine.answer, others.no_answer, next_one.no_answer) == (None, None, None)


def test_a_cursor_shows_what_came_later(plane: Plane) -> None:
    for name in ("Ada", "Grace", "Mary"):
        plane.api("POST", CUSTOMERS, name=name)
    first, second, third = journal(plane)
    assert journal(plane, f"after={first['request_id']}") == [second, third]
    assert journal(plane, f"after={first['request_id']}&limit=1") == [second]
    assert journal(plane, f"after={third['request_id']}") == []
    assert journal(plane, "limit=1") == [third]


def test_the_cursor_may_be_of_a_request_that_is_not_selected(plane: Plane) -> None:
    other = plane.api("POST", CUSTOMERS, OTHER_KEY, name="Ada").headers["Request-Id"]
    mine = plane.api("GET", CUSTOMERS).headers["Request-Id"]
    assert [each["request_id"] for each in journal(plane, f"after={other}&account={KEY}")] == [mine]


def test_a_star_in_the_path_stands_for_anything(plane: Plane) -> None:
    made = plane.api("POST", CUSTOMERS, name="Ada").get_json()["id"]
    plane.api("GET", f"{CUSTOMERS}/{made}")
    assert [each["path"] for each in journal(plane, "path=/v1/customers/*")] == [f"{CUSTOMERS}/{made}"]


def test_a_connected_account_is_selected_by_its_id(plane: Plane) -> None:
    plane.api("GET", CUSTOMERS)
    plane.client.get(CUSTOMERS, headers={"Authorization": f"Bearer {KEY}", "Stripe-Account": "acct_connected1"})
    own = next(each.id for name, each in plane.fake.engine.world.accounts.items() if name.connected is None)
    first, second = journal(plane, f"account={KEY}")
    assert journal(plane, "account=acct_connected1") == [second]
    assert journal(plane, f"account={own}") == [first]


@pytest.mark.parametrize(
    ("call", "query", "param"),
    [
        ("journal", "after=req_none", "after"),
        ("journal", "after=", "after"),
        ("journal", "answers=yes", "answers"),
        ("journal", "answers=1", "answers"),
        ("journal", "limit=0", "limit"),
        ("journal", "account=acct_none", "account"),
        ("journal/req_none", "", "request_id"),
        ("journal/req_none", "request_id=req_1", "request_id"),
    ],
)
def test_wrong_questions_name_what_is_wrong(plane: Plane, call: str, query: str, param: str) -> None:
    plane.client.get(CUSTOMERS)  # has no id
    assert plane.refusal("GET", call, query=query)[1] == param
