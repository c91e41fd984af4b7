"""Accounts that hold nothing come and go; none that holds something is ever dropped."""

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import resources
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.accounts import MOST_BLANK
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests.conftest import KEY
from tests.conftest import NOW
from tests.conftest import Call

CUSTOMERS = "/v1/customers"
SESSION = "/v2/billing/meter_event_session"
STREAM = "/v2/billing/meter_event_stream"
NUMBERS = count()


@pytest.fixture
def fake() -> FakeStripe:
    return FakeStripe(now=NOW, seed=1)


def send(fake: FakeStripe, method: str, path: str, key: str = KEY, body: Any = None, **headers: str) -> tuple[int, Any]:  # noqa: ANN401  any JSON
    """One request, and the status and JSON of its answer."""
    bearer = {"Authorization": f"Bearer {key}"} | {name.replace("_", "-"): each for name, each in headers.items()}
    content = json.dumps(body).encode() if path.startswith("/v2/") else b""
    response = fake.engine.handle(Request(method, path, "", Headers(bearer), content))
    return response.status, json.loads(response.body)


def use_new_keys(fake: FakeStripe, number: int = MOST_BLANK + 1, **headers: str) -> None:
    """Make one GET request with each of that many new keys."""
    for _ in range(number):
        assert send(fake, "GET", CUSTOMERS, f"sk_test_{next(NUMBERS)}", **headers)[0] == 200


def accounts(fake: FakeStripe) -> dict[Any, Account]:
    return fake.engine.world.accounts


def test_unknown_keys_leave_no_more_than_a_thousand_accounts(fake: FakeStripe) -> None:
    use_new_keys(fake, 3 * MOST_BLANK)
    assert len(accounts(fake)) == MOST_BLANK


def test_unknown_connected_accounts_leave_no_more_either(fake: FakeStripe) -> None:
    for number in range(2 * MOST_BLANK):
        assert send(fake, "GET", CUSTOMERS, Stripe_Account=f"acct_{number}")[0] == 200
    assert len(accounts(fake)) == MOST_BLANK


def test_an_account_that_only_made_get_requests_is_dropped(fake: FakeStripe) -> None:
    for endpoint in resources.registry().endpoints():
        if endpoint.method == "GET":
            send(fake, "GET", endpoint.rule, "sk_test_curious")
    use_new_keys(fake)
    assert ("sk_test_curious", None) not in accounts(fake)


def test_a_new_part_holds_nothing(fake: FakeStripe) -> None:
    account = fake.engine.world.account(KEY)
    ours = [kind for kind in Part.kinds.values() if not kind.__module__.startswith("tests")]
    assert len(ours) > 10
    for kind in ours:
        account.part(kind)
        assert account.blank, kind


def test_an_account_that_holds_something_stays(fake: FakeStripe) -> None:
    _, made = send(fake, "POST", CUSTOMERS)
    use_new_keys(fake, 2 * MOST_BLANK)
    assert send(fake, "GET", CUSTOMERS)[1]["data"][0]["id"] == made["id"]


def test_an_account_that_only_dropped_usage_stays(fake: FakeStripe) -> None:
    bearer = {"Authorization": f"Bearer {send(fake, 'POST', SESSION, body={})[1]['authentication_token']}"}
    usage = {"event_name": "nothing counts it", "payload": {}, "identifier": "one"}
    send(fake, "POST", STREAM, body={"events": [usage]}, **bearer)
    use_new_keys(fake, 2 * MOST_BLANK)
    assert [each.event["identifier"] for each in fake.dropped_events] == ["one"]


def test_a_key_that_is_over_its_limit_stays_over_it(fake: FakeStripe) -> None:
    fake.control.set_limits({"profile": "sandbox"})
    statuses = [send(fake, "GET", CUSTOMERS)[0] for _ in range(26)]
    assert statuses == [200] * 25 + [429]
    use_new_keys(fake, 2 * MOST_BLANK)
    assert send(fake, "GET", CUSTOMERS)[0] == 429
    fake.clock.advance(1)
    use_new_keys(fake, 2 * MOST_BLANK)
    assert (KEY, None) not in accounts(fake)


def test_who_found_an_account_before_it_was_dropped_changes_the_one_that_takes_its_place(fake: FakeStripe) -> None:
    world = fake.engine.world
    found = world.account(KEY)
    use_new_keys(fake)
    assert found.forgotten
    locked = world.lock(found)
    locked.ids.new("x")
    locked.lock.release()
    assert not found.ids.counts
    assert world.account(KEY) is locked


def test_an_account_in_use_is_not_dropped(fake: FakeStripe) -> None:
    world = fake.engine.world
    found = world.lock(world.account(KEY))
    with ThreadPoolExecutor(1) as other:
        other.submit(use_new_keys, fake).result()
    assert not found.forgotten
    found.lock.release()
    use_new_keys(fake)
    assert found.forgotten


@pytest.mark.usefixtures("eager_threads")
def test_no_write_is_lost_while_accounts_come_and_go(fake: FakeStripe) -> None:
    def work(worker: int) -> None:
        for number in range(60):
            key = f"sk_test_{worker}x{number}"
            use_new_keys(fake, 20)
            assert send(fake, "GET", CUSTOMERS, key)[0] == 200
            use_new_keys(fake, 20)
            _, made = send(fake, "POST", CUSTOMERS, key)
            assert send(fake, "GET", f"{CUSTOMERS}/{made['id']}", key) == (200, made)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert sum(not each.blank for each in accounts(fake).values()) == 240


# Sessions, which are found by their tokens alone


def opened(call: Call, key: str = KEY) -> str:
    token: str = call.post(SESSION, "{}", key=key, headers={"Content-Type": "application/json"}).json[
        "authentication_token"
    ]
    return token


def status(call: Call, token: str) -> int:
    body = json.dumps({"events": [{"event_name": "x", "payload": {}}]})
    return call.post(STREAM, body, key=token, headers={"Content-Type": "application/json"}).status


def test_a_session_is_still_open_after_a_restore(call: Call) -> None:
    token = opened(call)
    snapshot = call.fake.snapshot()
    later = opened(call)
    call.fake.restore(snapshot)
    assert (status(call, token), status(call, later)) == (200, 401)


def test_a_reset_closes_sessions(call: Call) -> None:
    mine, others = opened(call), opened(call, "sk_test_other")
    call.fake.control.reset("sk_test_other")
    assert (status(call, mine), status(call, others)) == (200, 401)
    call.fake.reset()
    assert status(call, mine) == 401


def test_expired_sessions_are_forgotten(fake: FakeStripe) -> None:
    for _ in range(10):
        send(fake, "POST", SESSION, body={})
        fake.clock.advance(500)
    assert len(fake.engine.world.accounts.tokens) == 2
