"""Webhooks over the control plane: each with its state, held, released in order, repeated and dropped."""

import json
from collections.abc import Iterator
from threading import Event
from threading import Thread
from typing import Any

import pytest
import stripe

from fakestripe_meters import FakeStripe
from fakestripe_meters.delivery import traffic
from tests.conftest import KEY
from tests.delivery.test_outbox import Handler
from tests.delivery.test_outbox import Receiver
from tests.delivery.test_outbox import receiving
from tests.delivery.test_outbox import reply
from tests.delivery.test_outbox import reply_after
from tests.doors.test_control_plane import CUSTOMERS
from tests.doors.test_control_plane import NEW_YEAR
from tests.doors.test_control_plane import OTHER_KEY
from tests.doors.test_control_plane import Plane

ENDPOINTS = "/v1/webhook_endpoints"
CREATED = "customer.created"
FIVE_MINUTES = 300


@pytest.fixture
def plane() -> Iterator[Plane]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Plane(fake)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def listen(plane: Plane, url: str, *types: str, key: str = KEY) -> Any:  # noqa: ANN401  any JSON tree
    wanted = {f"enabled_events[{index}]": kind for index, kind in enumerate(types or (CREATED,))}
    return plane.api("POST", ENDPOINTS, key, url=url, **wanted).get_json()


def customers(plane: Plane, *names: str, key: str = KEY) -> None:
    for name in names:
        assert plane.api("POST", CUSTOMERS, key, name=name).status_code == 200


def listed(plane: Plane, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plane.ask("GET", "webhooks", query="&".join(f"{k}={v}" for k, v in query.items()))[
        "data"
    ]
    return found


def ids(plane: Plane, **query: str) -> list[str]:
    return [each["id"] for each in listed(plane, **query)]


def names(receiver: Receiver) -> list[str]:
    return [json.loads(body)["data"]["object"]["name"] for _, body, _ in receiver.received]


def decide(plane: Plane, act: str, *chosen: str) -> list[tuple[str, str]]:
    done = plane.ask("POST", f"webhooks/{act}", {"ids": chosen} if chosen else {})["data"]
    return [(each["id"], each["state"]) for each in done]


def test_a_delivery_is_listed_with_its_event_its_receiver_and_its_tries(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url)
    customers(plane, "Ada")
    plane.ask("POST", "webhooks/settle")
    (only,) = listed(plane)
    (event,) = plane.api("GET", "/v1/events").get_json()["data"]
    assert only == {
        "id": only["id"],
        "event": event["id"],
        "type": CREATED,
        "url": receiver.url,
        "account": "sk_test_******ripe",
        "state": "delivered",
        "tries": [{"at": NEW_YEAR, "status": 200, "error": None}],
        "next_try": None,
    }


def test_a_failed_delivery_says_when_it_is_tried_again_and_is_delivered_then(plane: Plane, receiver: Receiver) -> None:
    receiver.acts = [reply(500)]
    listen(plane, receiver.url)
    customers(plane, "Ada")
    plane.ask("POST", "flush")
    (failed,) = listed(plane, state="failed")
    assert (failed["tries"][0]["status"], failed["next_try"]) == (500, NEW_YEAR + FIVE_MINUTES)
    plane.ask("POST", "clock", {"advance": FIVE_MINUTES})
    (done,) = listed(plane)
    assert [each["status"] for each in done["tries"]] == [500, 200]
    assert (done["state"], done["next_try"], listed(plane, state="failed")) == ("delivered", None, [])


def test_a_delivery_that_fails_for_three_days_is_given_up_and_can_still_be_repeated(
    plane: Plane, receiver: Receiver
) -> None:
    receiver.otherwise = reply(500)
    listen(plane, receiver.url)
    customers(plane, "Ada")
    plane.ask("POST", "clock", {"advance": 4 * 86_400})
    (given_up,) = listed(plane)
    assert (given_up["state"], given_up["next_try"]) == ("failed", None)
    receiver.otherwise = reply(200)
    assert decide(plane, "repeat", given_up["id"]) == [(given_up["id"], "delivered")]
    (event,) = plane.api("GET", "/v1/events").get_json()["data"]
    assert event["pending_webhooks"] == 0


def test_a_delivery_under_way_is_waiting(plane: Plane, receiver: Receiver) -> None:
    gate = Event()
    receiver.acts = [reply_after(gate)]
    listen(plane, receiver.url)
    customers(plane, "Ada")
    assert [each["tries"] for each in listed(plane, state="waiting")] == [[]]
    gate.set()
    plane.ask("POST", "webhooks/settle")
    assert listed(plane, state="waiting") == []


def test_one_delivery_shows_what_was_sent_and_what_was_answered(plane: Plane, receiver: Receiver) -> None:
    endpoint = listen(plane, receiver.url)
    customers(plane, "Ada")
    plane.ask("POST", "webhooks/settle")
    (identifier,) = ids(plane)
    shown = plane.ask("GET", f"webhooks/{identifier}")
    assert shown["state"] == "delivered"
    assert shown["headers"]["Stripe-Signature"] == shown["signature"]
    assert shown["answer"] == {"status": 200, "body": "", "error": None}
    (_, body, headers) = receiver.received[0]
    assert (shown["body"].encode(), shown["signature"]) == (body, headers["Stripe-Signature"])
    verified = stripe.Webhook.construct_event(shown["body"], shown["signature"], endpoint["secret"])
    assert verified["data"]["object"]["name"] == "Ada"
    assert endpoint["secret"] not in json.dumps(shown)


def test_what_was_not_sent_yet_has_a_body_and_no_signature(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url)
    plane.ask("POST", "webhooks/hold")
    customers(plane, "Ada")
    (identifier,) = ids(plane)
    shown = plane.ask("GET", f"webhooks/{identifier}")
    assert json.loads(shown["body"])["type"] == CREATED
    assert (shown["signature"], shown["answer"], "Stripe-Signature" in shown["headers"]) == (None, None, False)


def test_a_receivers_password_is_not_shown(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url.replace("http://", "http://ada:secret@") + "?tenant=1")
    customers(plane, "Ada")
    plane.ask("POST", "webhooks/settle")
    (only,) = listed(plane)
    shown = plane.ask("GET", f"webhooks/{only['id']}")
    assert only["url"] == f"{receiver.url}?tenant=1"
    assert (shown["headers"]["Authorization"], "secret" in json.dumps(shown)) == ("(left out)", False)


def test_held_deliveries_are_released_in_the_given_order(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url)
    assert plane.ask("POST", "webhooks/hold") == {"data": []}
    customers(plane, "Ada", "Grace", "Mary")
    ada, grace, mary = ids(plane, state="held")
    assert receiver.received == []
    assert decide(plane, "release", mary, ada) == [(mary, "delivered"), (ada, "delivered")]
    assert (names(receiver), ids(plane, state="held")) == (["Mary", "Ada"], [grace])
    customers(plane, "Jean")
    assert len(ids(plane, state="held")) == 2
    assert [state for _, state in decide(plane, "release")] == ["delivered"] * 2
    customers(plane, "Edith")
    plane.ask("POST", "webhooks/settle")
    assert names(receiver) == ["Mary", "Ada", "Grace", "Jean", "Edith"]


def test_a_release_waits_for_failures_too(plane: Plane, receiver: Receiver) -> None:
    receiver.acts = [reply(503)]
    listen(plane, receiver.url)
    plane.ask("POST", "webhooks/hold")
    customers(plane, "Ada")
    assert [state for _, state in decide(plane, "release")] == ["failed"]


def test_only_some_types_are_held_and_a_further_hold_adds_to_them(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url, "*")
    plane.ask("POST", "webhooks/hold", {"types": ["product.*"]})
    customers(plane, "Ada")
    plane.api("POST", "/v1/products", name="Tea")
    plane.ask("POST", "webhooks/settle")
    assert [each["type"] for each in listed(plane, state="held")] == ["product.created"]
    assert names(receiver) == ["Ada"]
    assert plane.ask("GET", "webhooks/settings")["types"] == ["product.*"]
    held = plane.ask("POST", "webhooks/hold", {"types": ["customer.created", "v1.billing.meter.no_meter_found"]})
    assert [each["type"] for each in held["data"]] == ["product.created"]
    customers(plane, "Grace")
    assert [each["type"] for each in listed(plane, state="held")] == ["product.created", CREATED]


def test_python_holds_types_too(plane: Plane) -> None:
    inbox = plane.fake.webhooks.collect("customer.*", "product.*")
    plane.fake.webhooks.hold("product.*")
    plane.api("POST", "/v1/products", name="Tea")
    customers(plane, "Ada")
    assert inbox.types == [CREATED]
    (held,) = plane.fake.webhooks.held
    assert ids(plane, state="held") == [held.id]
    plane.fake.webhooks.release()
    assert inbox.types == [CREATED, "product.created"]


def test_a_dropped_delivery_is_never_sent_and_stays_listed(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url)
    plane.ask("POST", "webhooks/hold")
    customers(plane, "Ada", "Grace")
    ada, grace = ids(plane)
    assert decide(plane, "drop", ada) == [(ada, "dropped")]
    decide(plane, "release")
    plane.ask("POST", "clock", {"advance": 4 * 86_400})
    assert [(each["id"], each["state"]) for each in listed(plane)] == [(ada, "dropped"), (grace, "delivered")]
    assert names(receiver) == ["Grace"]
    assert decide(plane, "repeat", ada) == [(ada, "delivered")]


def test_repeated_deliveries_are_sent_again_in_order_and_may_be_named_twice(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url)
    customers(plane, "Ada", "Grace")
    plane.ask("POST", "webhooks/settle")
    ada, grace = ids(plane)
    assert decide(plane, "repeat", grace, ada, ada) == [(grace, "delivered"), (ada, "delivered")]
    assert names(receiver) == ["Ada", "Grace", "Grace", "Ada", "Ada"]
    assert [len(each["tries"]) for each in listed(plane)] == [3, 2]


def test_deliveries_to_handlers_in_this_process_are_listed_with_the_url_of_their_inbox(plane: Plane) -> None:
    inbox = plane.fake.webhooks.collect(CREATED)
    customers(plane, "Ada")
    (only,) = listed(plane)
    assert (only["url"], only["state"]) == (inbox.url, "delivered")


def test_deliveries_are_selected_by_account_and_the_newest_are_kept(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url)
    listen(plane, receiver.url, key=OTHER_KEY)
    customers(plane, "Ada", "Grace")
    customers(plane, "Mary", key=OTHER_KEY)
    plane.ask("POST", "webhooks/settle")
    (mary,) = ids(plane, account=OTHER_KEY)
    assert len(ids(plane)) == 3
    (other,) = [each for each in plane.fake.engine.world.accounts.values() if each.name.key == OTHER_KEY]
    assert ids(plane, account=other.id) == [mary]
    assert ids(plane, account=KEY, limit="1") == ids(plane, account=KEY)[-1:]


def test_a_restored_world_knows_what_has_become_of_its_webhooks(plane: Plane, receiver: Receiver) -> None:
    receiver.acts = [reply(500)]
    listen(plane, receiver.url)
    customers(plane, "failed", "delivered")
    plane.ask("POST", "webhooks/settle")
    plane.ask("POST", "webhooks/hold")
    customers(plane, "dropped", "held")
    decide(plane, "drop", ids(plane)[2])
    before = [(each["id"], each["state"], each["next_try"]) for each in listed(plane)]
    plane.ask("PUT", "snapshot", plane.ask("GET", "snapshot"))
    assert [(each["id"], each["state"], each["next_try"]) for each in listed(plane)] == before
    assert [state for _, state, _ in before] == ["failed", "delivered", "dropped", "held"]
    assert decide(plane, "release", before[3][0]) == [(before[3][0], "delivered")]
    assert decide(plane, "repeat", before[0][0]) == [(before[0][0], "delivered")]


def test_a_reset_forgets_the_webhooks_and_ends_the_holding(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url)
    plane.ask("POST", "webhooks/hold")
    customers(plane, "Ada")
    plane.ask("POST", "reset")
    assert listed(plane) == []
    assert plane.ask("GET", "webhooks/settings")["held"] is False


def test_settings_are_shown_and_changed(plane: Plane) -> None:
    assert plane.ask("GET", "webhooks/settings") == {"held": False, "types": [], "timeout": 10.0, "hosts": []}
    assert plane.ask("PUT", "webhooks/timeout", {"seconds": 2})["timeout"] == plane.fake.webhooks.timeout == 2.0
    assert plane.ask("POST", "webhooks/allow", {"hosts": ["Hooks.internal"]})["hosts"] == ["hooks.internal"]


def test_events_that_nobody_heard_are_listed(plane: Plane) -> None:
    customers(plane, "Ada", "Grace")
    (only,) = plane.ask("GET", "webhooks/unheard")["data"]
    assert only == {"type": CREATED, "account": "sk_test_******ripe", "count": 2, "thin": False}


@pytest.mark.parametrize("act", ["release", "drop", "repeat"])
@pytest.mark.parametrize("wrong", [["del_none"], "del_none", [], [1], {"id": "del_1"}, 1])
def test_wrong_ids_are_refused_and_nothing_is_done(plane: Plane, receiver: Receiver, act: str, wrong: object) -> None:
    listen(plane, receiver.url)
    plane.ask("POST", "webhooks/hold")
    customers(plane, "Ada")
    (held,) = ids(plane)
    given = [held, *wrong] if wrong and isinstance(wrong, list) else wrong
    assert plane.refusal("POST", f"webhooks/{act}", {"ids": given})[1] == "ids"
    assert (ids(plane, state="held"), receiver.received) == ([held], [])


@pytest.mark.parametrize("act", ["drop", "repeat"])
def test_ids_must_be_given_to_drop_and_to_repeat(plane: Plane, act: str) -> None:
    assert plane.refusal("POST", f"webhooks/{act}", {}) == ("missing parameter 'ids'", "ids")


@pytest.mark.parametrize("act", ["release", "drop"])
def test_what_is_not_held_is_neither_released_nor_dropped(plane: Plane, receiver: Receiver, act: str) -> None:
    listen(plane, receiver.url)
    customers(plane, "Ada")
    plane.ask("POST", "webhooks/settle")
    (sent,) = ids(plane)
    message, param = plane.refusal("POST", f"webhooks/{act}", {"ids": [sent]})
    assert (message, param) == (f"the webhook {sent} is not held", "ids")


def test_what_has_no_receiver_any_more_is_not_repeated(plane: Plane, receiver: Receiver) -> None:
    endpoint = listen(plane, receiver.url)
    plane.ask("POST", "webhooks/hold")
    customers(plane, "Ada")
    (held,) = ids(plane)
    decide(plane, "drop", held)
    plane.api("DELETE", f"{ENDPOINTS}/{endpoint['id']}")
    assert plane.refusal("POST", "webhooks/repeat", {"ids": [held]})[1] == "ids"
    assert listed(plane)[0]["url"] == ""


WRONG = [
    ("POST", "webhooks/hold", {"types": []}, "types"),
    ("POST", "webhooks/hold", {"types": "customer.created"}, "types"),
    ("POST", "webhooks/hold", {"types": ["customer.creatd"]}, "types"),
    ("POST", "webhooks/hold", {"types": [None]}, "types"),
    ("POST", "webhooks/hold", {"type": ["*"]}, "type"),
    ("GET", "webhooks", "state=lost", "state"),
    ("GET", "webhooks", "limit=0", "limit"),
    ("GET", "webhooks", "account=acct_none", "account"),
    ("GET", "webhooks", "account=sk_live_mine", "account"),
    ("GET", "webhooks/del_none", "", "delivery"),
    ("GET", "webhooks/unheard", "account=me", "account"),
    ("PUT", "webhooks/timeout", {"seconds": 0}, "seconds"),
    ("PUT", "webhooks/timeout", {"seconds": "10"}, "seconds"),
    ("POST", "webhooks/allow", {"hosts": "hooks.internal"}, "hosts"),
    ("POST", "webhooks/allow", {"hosts": ["http://hooks.internal"]}, "hosts"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_other_wrong_calls_name_what_is_wrong(plane: Plane, wrong: tuple[str, str, str | dict[str, Any], str]) -> None:
    method, call, given, param = wrong
    before = plane.ask("GET", "webhooks/settings")
    body, query = (None, given) if isinstance(given, str) else (given, "")
    assert plane.refusal(method, call, body, query)[1] == param
    assert plane.ask("GET", "webhooks/settings") == before


def test_a_paused_fake_answers_nothing_about_webhooks(plane: Plane) -> None:
    plane.fake.engine.pause("no test is running")
    assert plane.raw("GET", "webhooks").status_code == 503
    assert plane.raw("POST", "webhooks/hold").status_code == 503


def test_a_receiver_may_ask_about_webhooks_while_a_release_waits_for_it(plane: Plane, receiver: Receiver) -> None:
    states: list[str] = []

    def look(handler: Handler) -> None:
        states.extend(each["state"] for each in listed(plane))
        reply(200)(handler)

    receiver.acts = [look]
    listen(plane, receiver.url)
    plane.ask("POST", "webhooks/hold")
    customers(plane, "Ada")
    assert [state for _, state in decide(plane, "release")] == ["delivered"]
    assert states == ["waiting"]


def test_a_receiver_that_releases_while_a_release_waits_for_it_gets_409(
    plane: Plane, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "SHORT_PATIENCE_S", 0.05)
    statuses: list[int] = []

    def release(handler: Handler) -> None:
        statuses.append(plane.raw("POST", "webhooks/release").status_code)
        reply(200)(handler)

    receiver.acts = [release]
    listen(plane, receiver.url)
    plane.ask("POST", "webhooks/hold")
    customers(plane, "Ada", "Grace")
    worker = Thread(target=decide, args=(plane, "release", ids(plane)[0]))
    worker.start()
    worker.join()
    assert statuses == [409]
    assert len(ids(plane, state="held")) == 1
