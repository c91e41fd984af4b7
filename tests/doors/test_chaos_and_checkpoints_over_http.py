"""Checkpoints and chaos over the control plane."""

from collections.abc import Iterator
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.control.checkpoints import MOST
from fakestripe_meters.core.printing import mask
from tests.delivery.test_outbox import Receiver
from tests.delivery.test_outbox import receiving
from tests.delivery.test_outbox import reply
from tests.doors.test_control_plane import CUSTOMERS
from tests.doors.test_control_plane import FAULT
from tests.doors.test_control_plane import NEW_YEAR
from tests.doors.test_control_plane import Plane
from tests.doors.test_webhooks_over_http import customers
from tests.doors.test_webhooks_over_http import listed
from tests.doors.test_webhooks_over_http import listen

NONE: dict[str, Any] = {
    "seed": None,
    "rate": 0,
    "call": None,
    "statuses": [],
    "close": False,
    "after_commit": False,
    "met": 0,
}


@pytest.fixture
def plane() -> Iterator[Plane]:
    with FakeStripe(now=NEW_YEAR, seed=1, limits="off") as fake:
        yield Plane(fake)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def names(plane: Plane) -> list[str]:
    return [each["name"] for each in plane.api("GET", CUSTOMERS).get_json()["data"]]


def checkpoint(plane: Plane) -> str:
    taken: str = plane.ask("POST", "checkpoints")["id"]
    return taken


def test_a_checkpoint_brings_back_objects_clock_and_ids_as_often_as_you_like(plane: Plane) -> None:
    customers(plane, "Ada")
    taken = checkpoint(plane)
    made = []
    for _ in range(2):
        made.append(plane.api("POST", CUSTOMERS, name="Grace").get_json()["id"])
        plane.ask("POST", "clock", {"advance": 60})
        assert plane.ask("POST", f"checkpoints/{taken}/rewind") == {"id": taken, "at": NEW_YEAR}
        assert (names(plane), plane.ask("GET", "clock")["now"]) == (["Ada"], NEW_YEAR)
    assert made[0] == made[1]


def test_what_was_seen_and_planned_since_survives_a_rewind(plane: Plane) -> None:
    taken = checkpoint(plane)
    customers(plane, "Ada")
    plane.ask("POST", "faults", FAULT)
    plane.ask("POST", "stubs", {"method": "GET", "path": "/v1/quotes", "json": {}})
    plane.ask("POST", f"checkpoints/{taken}/rewind")
    assert [each["path"] for each in plane.ask("GET", "journal")["data"]] == [CUSTOMERS]
    assert len(plane.ask("GET", "faults")["data"]) == len(plane.ask("GET", "stubs")["data"]) == 1


def test_webhooks_after_a_rewind_have_only_their_own_tries(plane: Plane, receiver: Receiver) -> None:
    listen(plane, receiver.url)
    customers(plane, "Ada")
    plane.ask("POST", "webhooks/settle")
    taken = checkpoint(plane)
    receiver.otherwise = reply(500)
    customers(plane, "Grace")
    plane.ask("POST", "webhooks/settle")
    plane.ask("POST", f"checkpoints/{taken}/rewind")
    receiver.otherwise = reply(200)
    customers(plane, "Mary")
    plane.ask("POST", "webhooks/settle")
    assert [[tried["status"] for tried in each["tries"]] for each in listed(plane)] == [[200], [200]]
    assert len(plane.fake.webhooks.tries) == 3


def test_checkpoints_are_listed_deleted_and_forgotten_by_a_reset(plane: Plane) -> None:
    first, second = checkpoint(plane), checkpoint(plane)
    assert [each["id"] for each in plane.ask("GET", "checkpoints")["data"]] == [first, second]
    assert plane.ask("DELETE", f"checkpoints/{first}")["id"] == first
    plane.ask("PUT", "snapshot", plane.ask("GET", "snapshot"))
    assert [each["id"] for each in plane.ask("GET", "checkpoints")["data"]] == [second]
    plane.ask("POST", "reset")
    assert plane.ask("GET", "checkpoints") == {"data": []}
    assert plane.refusal("POST", f"checkpoints/{second}/rewind")[1] == "checkpoint"


def test_there_are_only_so_many_checkpoints(plane: Plane) -> None:
    taken = [checkpoint(plane) for _ in range(MOST)]
    message, _ = plane.refusal("POST", "checkpoints")
    assert message == f"there are {MOST} checkpoints already, the most that are kept: delete one first"
    plane.ask("DELETE", f"checkpoints/{taken[0]}")
    checkpoint(plane)


@pytest.mark.parametrize(("method", "call"), [("POST", "checkpoints/chk_none/rewind"), ("DELETE", "checkpoints/no")])
def test_an_unknown_checkpoint_is_refused_and_nothing_is_lost(plane: Plane, method: str, call: str) -> None:
    checkpoint(plane)
    customers(plane, "Ada")
    assert plane.refusal(method, call)[1] == "checkpoint"
    assert (names(plane), len(plane.ask("GET", "checkpoints")["data"])) == (["Ada"], 1)


def test_chaos_fails_requests_as_in_python_until_it_is_ended(plane: Plane) -> None:
    wish = {"seed": 7, "rate": 0.5, "call": "POST /v1/customers", "statuses": [500, 503]}
    assert plane.ask("GET", "chaos") == NONE
    assert plane.ask("POST", "chaos", wish) == {**NONE, **wish}
    over_http = [plane.api("POST", CUSTOMERS).status_code for _ in range(20)]
    assert plane.ask("GET", "chaos")["met"] == len([each for each in over_http if each != 200])
    assert set(over_http) == {200, 500, 503}
    assert plane.ask("DELETE", "chaos") == {}
    assert plane.ask("GET", "chaos") == NONE
    plane.fake.chaos(seed=7, rate=0.5, call="POST /v1/customers", statuses=[500, 503])
    assert [plane.api("POST", CUSTOMERS).status_code for _ in range(20)] == over_http


def test_a_rate_of_zero_ends_chaos_too(plane: Plane) -> None:
    plane.ask("POST", "chaos", {"seed": "a", "rate": 1, "close": True, "after_commit": True})
    assert plane.ask("POST", "chaos", {"seed": "a", "rate": 0}) == NONE
    assert plane.api("POST", CUSTOMERS).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"seed": None}, "seed"),
        ({"rate": 1.5}, "rate"),
        ({"rate": True}, "rate"),
        ({"rate": "often"}, "rate"),
        ({"call": "POST"}, "call"),
        ({"call": "POST /v1/custmers"}, "call"),
        ({"statuses": []}, "statuses"),
        ({"statuses": [200]}, "statuses"),
        ({"statuses": "500"}, "statuses"),
        ({"close": 1}, "close"),
        ({"after_commit": "yes"}, "after_commit"),
        ({"chance": 1}, "chance"),
    ],
)
def test_wrong_chaos_is_refused_and_the_old_one_stays(plane: Plane, wrong: dict[str, Any], param: str) -> None:
    before = plane.ask("POST", "chaos", {"seed": 1, "rate": 0.25})
    assert plane.refusal("POST", "chaos", {"seed": 2, "rate": 0.5, **wrong})[1] == param
    assert plane.ask("GET", "chaos") == before


def test_a_key_for_a_seed_is_masked(plane: Plane) -> None:
    key = "sk_test_51NotForAnybodysEyes"
    assert plane.ask("POST", "chaos", {"seed": key, "rate": 0.5})["seed"] == mask(key)
    assert plane.ask("GET", "chaos")["seed"] == mask(key)


@pytest.mark.parametrize("missing", ["seed", "rate"])
def test_chaos_needs_a_seed_and_a_rate(plane: Plane, missing: str) -> None:
    wish = {"seed": 1, "rate": 0.5}
    del wish[missing]
    assert plane.refusal("POST", "chaos", wish)[1] == missing


def test_a_paused_fake_takes_no_checkpoints_and_makes_no_chaos(plane: Plane) -> None:
    plane.fake.engine.pause("no test is running")
    assert plane.raw("POST", "checkpoints").status_code == plane.raw("POST", "chaos").status_code == 503
