"""A world as plain JSON: what comes back, what is refused, and what a refusal leaves alone."""

import json
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from threading import Event
from threading import Thread
from typing import Any
from typing import Literal

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core import snapshot
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.codec import decoder
from fakestripe_meters.core.encoding import encode
from fakestripe_meters.core.table import Table
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests.conftest import FORM
from tests.conftest import KEY
from tests.conftest import NOW
from tests.conftest import Call
from tests.conftest import encoded
from tests.conftest import through_engine
from tests.core.restoring import KINDS
from tests.core.restoring import is_restored
from tests.resources.shop import DAY
from tests.resources.shop import invoices
from tests.resources.shop import lines

NEW_YEAR = 1735689600
HOUR = 3_600
CUSTOMERS = "/v1/customers"
METERS = "/v1/billing/meters"
EVENTS = "/v1/billing/meter_events"
OLD = Path(__file__).parent / "snapshots" / "of_november_2026.json"
"""Written before Stripe's objects had floors of their own, with everything in it that waits for its time."""
CLOCK = "clock_cJIA96z8e2d3QYNksDtcU7AR"
"""The test clock in it."""


def send(fake: FakeStripe, method: str, path: str, key: str = KEY, **params: Any) -> Any:  # noqa: ANN401  any JSON tree
    """One request that must succeed, and its answer; a `Stripe-Account` may follow the key behind a slash."""
    headers = {"Authorization": f"Bearer {key.partition('/')[0]}", "Content-Type": FORM}
    if connected := key.partition("/")[2]:
        headers["Stripe-Account"] = connected
    body = encoded(params)
    query, body = ("", body) if method == "POST" else (body.decode(), b"")
    response = fake.engine.handle(Request(method, path, query, Headers(headers), body))
    assert response.status == 200, response.body
    return json.loads(response.body)


def populate(fake: FakeStripe, key: str = KEY) -> None:
    """Customers, meters and usage: seen, held back by the lag, and cancelled."""
    ada = send(fake, "POST", CUSTOMERS, key, name="Ada", metadata={"a": "1"}, address={"city": "Zürich"})["id"]
    gone = send(fake, "POST", CUSTOMERS, key)["id"]
    send(fake, "DELETE", f"{CUSTOMERS}/{gone}", key)
    for name, formula in (("tokens", "sum"), ("peak", "last")):
        send(
            fake,
            "POST",
            METERS,
            key,
            display_name=name,
            event_name=name,
            default_aggregation={"formula": formula},
            dimension_payload_keys=["model"],
        )
    for number, value in enumerate(("0.1", "0.2", "-3")):
        use(fake, ada, f"event_{number}", value, key)
    adjust = {"type": "cancel", "event_name": "tokens", "cancel": {"identifier": "event_2"}}
    send(fake, "POST", "/v1/billing/meter_event_adjustments", key, **adjust)
    fake.control.set_lag(60)
    use(fake, ada, "late", "100", key)


def use(fake: FakeStripe, customer: str, identifier: str, value: str, key: str = KEY) -> None:
    payload = {"stripe_customer_id": customer, "value": value, "model": "large"}
    send(fake, "POST", EVENTS, key, event_name="tokens", identifier=identifier, payload=payload)


def seen(fake: FakeStripe, key: str = KEY) -> list[Any]:
    """All that can be asked about what `populate` made."""
    customers = send(fake, "GET", CUSTOMERS, key)
    meters = send(fake, "GET", METERS, key)
    window = {"start_time": NEW_YEAR - HOUR, "end_time": NEW_YEAR + HOUR}
    usage = [
        send(fake, "GET", f"{METERS}/{meter['id']}/event_summaries", key, customer=customer["id"], **window)
        for meter in meters["data"]
        for customer in customers["data"]
    ]
    return [customers, meters, usage, send(fake, "GET", "/v1/events", key, limit=100)]


def copied(tree: Any) -> Any:  # noqa: ANN401  any JSON tree
    return json.loads(json.dumps(tree))


@pytest.fixture(scope="module")
def places(dumped: Any) -> list[tuple[str | int, ...]]:  # noqa: ANN401  any JSON tree
    """All that can be changed in it."""
    return list(paths(dumped))


@pytest.fixture(scope="module")
def dumped() -> Any:  # noqa: ANN401  any JSON tree
    fake = FakeStripe(now=NOW, seed=1)
    populate(fake)
    return copied(fake.snapshot())


# There and back


def test_a_world_comes_back_as_it_was() -> None:
    fake, other = FakeStripe(now=NOW, seed=1), FakeStripe()
    populate(fake)
    other.restore(copied(fake.snapshot()))
    assert seen(other) == seen(fake)
    assert other.snapshot() == fake.snapshot()


def test_a_snapshot_is_plain_json() -> None:
    fake = FakeStripe(now=NOW)
    populate(fake)
    assert copied(fake.snapshot()) == fake.snapshot()


def test_a_snapshot_does_not_change_with_the_world_it_was_taken_from_or_put_into() -> None:
    fake, other = FakeStripe(now=NOW), FakeStripe()
    populate(fake)
    taken = fake.snapshot()
    kept = copied(taken)
    other.restore(taken)
    for each in (fake, other):
        use(each, send(each, "POST", CUSTOMERS)["id"], "more", "1")
        each.clock.advance(HOUR)
        send(each, "GET", CUSTOMERS)
    assert taken == kept


def test_usage_that_was_held_back_appears_when_its_lag_is_over() -> None:
    fake, other = FakeStripe(now=NOW), FakeStripe()
    populate(fake)
    other.restore(copied(fake.snapshot()))
    before = seen(other)
    other.clock.advance(60)
    fake.clock.advance(60)
    assert seen(other) == seen(fake)
    assert seen(other) != before


def test_identifiers_stay_taken() -> None:
    fake = FakeStripe(now=NOW)
    populate(fake)
    fake.restore(copied(fake.snapshot()))
    customer = send(fake, "GET", CUSTOMERS)["data"][0]["id"]
    with pytest.raises(AssertionError, match="already exists"):
        use(fake, customer, "event_0", "1")


def test_ids_go_on_where_they_were() -> None:
    fake, other = FakeStripe(now=NOW), FakeStripe(seed=2)
    populate(fake)
    other.restore(copied(fake.snapshot()))
    assert send(other, "POST", CUSTOMERS) == send(fake, "POST", CUSTOMERS)
    assert other.journal[-1].request_id == fake.journal[-1].request_id
    assert send(other, "POST", CUSTOMERS, "sk_test_new") == send(fake, "POST", CUSTOMERS, "sk_test_new")


def test_accounts_and_connected_ones_stay_apart() -> None:
    fake, other = FakeStripe(now=NOW), FakeStripe()
    keys = [KEY, "rk_test_other", f"{KEY}/acct_1"]
    for key in keys:
        populate(fake, key)
        fake.control.set_lag(0)
    other.restore(copied(fake.snapshot()))
    assert [seen(other, key) for key in keys] == [seen(fake, key) for key in keys]


def test_settings_come_back() -> None:
    fake, other = FakeStripe(limits="sandbox", lag=2.5, async_validation=True, relaxed=True), FakeStripe()
    other.restore(copied(fake.snapshot()))
    assert other.control.limits() == fake.control.limits()
    assert other.control.lag() == {"seconds": 2.5}
    assert other.engine.world.settings == fake.engine.world.settings


def test_a_snapshot_from_before_there_was_an_option_has_its_default() -> None:
    fake = FakeStripe(lag=2.5, relaxed=True)
    older = copied(fake.snapshot())
    del older["settings"]["relaxed"]
    fake.restore(older)
    settings = fake.engine.world.settings
    assert (settings.relaxed, settings.lag_ns) == (False, 2_500_000_000)


def test_a_snapshot_does_not_change_which_hosts_get_webhooks() -> None:
    fake, other = FakeStripe(webhook_hosts=["ours.example"]), FakeStripe(webhook_hosts=["stranger.example"])
    fake.restore(other.snapshot())
    assert hosts(fake) == ["ours.example"]
    fake.webhooks.allow("more.example")
    fake.restore(FakeStripe().snapshot())
    assert hosts(fake) == ["ours.example", "more.example"]


def hosts(fake: FakeStripe) -> list[str]:
    return list(fake.engine.world.settings.webhook_hosts)


def test_a_new_inbox_gets_nothing_that_is_for_one_of_the_restored_world() -> None:
    fake, other = FakeStripe(now=NOW), FakeStripe()
    fake.webhooks.collect("customer.created")
    fake.webhooks.hold()
    send(fake, "POST", CUSTOMERS)
    other.restore(copied(fake.snapshot()))
    inbox = other.webhooks.collect()
    other.flush()
    assert (inbox.types, other.webhooks.tries) == ([], [])


def test_webhooks_that_were_under_way_are_sent_again() -> None:
    fake, other = FakeStripe(now=NOW), FakeStripe()
    send(fake, "POST", "/v1/webhook_endpoints", url="http://shop.example/", **{"enabled_events[]": "customer.created"})
    fake.webhooks.stand_in("http://", lambda _each: 200)
    fake.webhooks.hold()
    for name in ("dropped", "held", "held too"):
        send(fake, "POST", CUSTOMERS, name=name)
    fake.webhooks.drop(fake.webhooks.held[0])
    other.restore(copied(fake.snapshot()))
    names: list[str] = []
    other.webhooks.stand_in("http://", lambda each: names.append(each.json["data"]["object"]["name"]))
    other.flush()
    assert names == ["held", "held too"]
    fake.webhooks.release()
    fake.flush()
    assert other.snapshot() == fake.snapshot()


def test_a_frozen_clock_stands_where_it_stood_even_if_that_is_earlier() -> None:
    fake = FakeStripe(now=NOW)
    taken = fake.snapshot()
    fake.clock.advance(HOUR)
    fake.restore(taken)
    assert (fake.clock.now(), fake.clock.frozen) == (NEW_YEAR, True)


def test_a_running_clock_keeps_its_distance_from_the_process() -> None:
    fake, other = FakeStripe(), FakeStripe(now=NOW)
    fake.clock.advance(HOUR)
    other.restore(fake.snapshot())
    assert not other.clock.frozen
    before, there, after = fake.clock.now_ns(), other.clock.now_ns(), fake.clock.now_ns()
    assert before <= there <= after


def test_what_was_there_is_gone_with_its_journal_faults_limits_and_answers() -> None:
    fake = FakeStripe(now=NOW, limits={"global": 3})
    empty = fake.snapshot()
    key = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "once"}
    once = Request("POST", CUSTOMERS, "", Headers(key), b"name=Ada")
    first = fake.engine.handle(once)
    send(fake, "POST", CUSTOMERS)
    fake.fail_next("* *", status=500)
    fake.restore(empty)
    assert fake.journal == []
    assert fake.control.faults() == []
    assert send(fake, "GET", CUSTOMERS)["data"] == []
    again = fake.engine.handle(once)
    assert "Idempotent-Replayed" not in again.headers
    assert again.status == first.status == 200


def test_answers_are_remembered_and_limits_used_up_as_they_were() -> None:
    fake, other = FakeStripe(now=NOW, limits={"global": 3}), FakeStripe()
    key = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "once"}
    once = Request("POST", CUSTOMERS, "", Headers(key), "name=Zoë".encode())
    first = fake.engine.handle(once)
    send(fake, "POST", CUSTOMERS)
    other.restore(copied(fake.snapshot()))
    again = other.engine.handle(once)
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert other.engine.handle(once).status == 429
    other.clock.advance(24 * HOUR)
    assert "Idempotent-Replayed" not in other.engine.handle(once).headers


def test_an_idempotency_key_is_still_taken_by_its_first_request() -> None:
    fake, other = FakeStripe(now=NOW), FakeStripe()
    key = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "once", "Content-Type": "application/json"}
    path, session = "/v2/billing/meter_event_session", b"{}"
    assert fake.engine.handle(Request("POST", path, "", Headers(key), session)).status == 200
    other.restore(copied(fake.snapshot()))
    changed = Request("POST", CUSTOMERS, "", Headers(key | {"Content-Type": FORM}), b"")
    assert other.engine.handle(changed).status == 400
    assert "Idempotent-Replayed" in other.engine.handle(Request("POST", path, "", Headers(key), session)).headers


def test_a_reset_goes_back_to_before_the_restored_world() -> None:
    fake = FakeStripe(now=NOW)
    other = FakeStripe(limits="off")
    populate(other)
    fake.restore(other.snapshot())
    fake.reset()
    assert (fake.clock.now(), fake.control.limits()["analytics"]) == (NEW_YEAR, 100)
    assert send(fake, "GET", CUSTOMERS)["data"] == []


def test_another_process_can_read_it(dumped: Any) -> None:  # noqa: ANN401  any JSON tree
    code = (
        "import json, sys; from fakestripe_meters import FakeStripe; fake = FakeStripe();"
        "fake.restore(json.load(sys.stdin)); json.dump(fake.snapshot(), sys.stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(dumped), capture_output=True, check=True, text=True
    )
    assert json.loads(done.stdout) == dumped


def test_no_request_is_half_done_in_a_snapshot() -> None:
    fake, stop = FakeStripe(now=NOW, limits="off"), Event()
    send(fake, "POST", CUSTOMERS)

    def work() -> None:
        while not stop.is_set():
            send(fake, "POST", CUSTOMERS)

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(20):
        parts = fake.snapshot()["accounts"][0]["parts"]
        created = [each for each in parts["events"]["table"] if each["type"] == "customer.created"]
        assert len(created) == len(parts["customers"]["table"])
    stop.set()
    for worker in workers:
        worker.join()


# Every kind of state


@pytest.mark.parametrize("kind", [pytest.param(kind, id=name) for name, kind in sorted(Part.kinds.items())])
def test_every_kind_of_state_can_be_carried(kind: type[Part]) -> None:
    if hasattr(kind, "dump"):
        part: Any = kind()
        part.load(copied(part.dump()), kind.name)
    else:
        assert encode(decoder(kind)(copied(encode(kind())), kind.name)) == encode(kind())


@dataclass(frozen=True)
class Inner:
    id: str
    amount: Decimal | None


@dataclass
class Later:
    """A record to which a release has added a field."""

    id: str
    added: int = 7
    more: list[str] = field(default_factory=list)


@dataclass
class Everything:
    number: int
    text: str | int
    truth: bool
    choice: Literal["a", "b"] | None
    exact: Decimal
    pair: tuple[int, str]
    row: tuple[int, ...]
    names: list[str]
    by_name: dict[str, Inner]
    by_number: dict[int, list[Inner]]
    by_pair: dict[tuple[str, int], bool]
    records: Table[Inner]
    free: Any


EVERYTHING = Everything(
    number=-(10**30),
    text=7,
    truth=True,
    choice="b",
    exact=Decimal("1E+3"),
    pair=(1, "x"),
    row=(1, 2, 3),
    names=["\ud800", ""],
    by_name={"x": Inner("1", None)},
    by_number={1: [Inner("2", Decimal("0.10"))]},
    by_pair={("a", 1): True},
    records=Table([Inner("3", None), Inner("4", Decimal(1))]),
    free={"a": [1, 10.0, None, "b", {"c": True}, Decimal("2.50"), {"$decimal": "2.5"}, {"$$decimal": {"$decimal": 1}}]},
)


def test_values_of_every_type_come_back() -> None:
    back = decoder(Everything)(copied(encode(EVERYTHING)), "it")
    assert list(back.records) == list(EVERYTHING.records)
    assert vars(back) | {"records": None} == vars(EVERYTHING) | {"records": None}
    assert str(back.exact) == "1E+3"


def test_what_was_removed_from_a_table_stays_a_cursor_in_its_place() -> None:
    table = Table(Later(name) for name in "abcd")
    for gone in "acd":
        table.remove(gone)
    back: Table[Later] = decoder(Table[Later])(copied(encode(table)), "it")
    assert [back.knows(name) for name in "abcde"] == [True, True, True, True, False]
    for cursor in "abcd":
        assert back.page(9, after=cursor) == table.page(9, after=cursor)
        assert back.page(9, before=cursor) == table.page(9, before=cursor)
    assert encode(back) == encode(table)


def test_a_field_that_is_newer_than_the_snapshot_has_its_default() -> None:
    one, two = (decoder(Later)({"id": name}, "it") for name in "ab")
    assert (one, two) == (Later("a", 7, []), Later("b", 7, []))
    assert one.more is not two.more


def test_what_only_a_newer_release_knows_is_refused_by_name() -> None:
    with pytest.raises(Misuse) as caught:
        decoder(Later)({"id": "a", "colour": "red"}, "it")
    said = "it.colour: this release does not know the member 'colour'; a newer one wrote the snapshot"
    assert str(caught.value) == said
    assert caught.value.param == "it.colour"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("colour",), "red"),
        (("settings", "colour"), "red"),
        (("accounts", 0, "colour"), "red"),
        (("accounts", 0, "parts", "colours"), {}),
        (("accounts", 0, "parts", "customers", "table", 0, "colour"), "red"),
        (("accounts", 0, "agenda", 0, 1), "colour.fade"),
        (("request_state", 0, "colour"), "red"),
    ],
)
def test_a_snapshot_of_a_newer_release_is_refused_as_such(
    dumped: Any,  # noqa: ANN401  any JSON tree
    path: tuple[str | int, ...],
    value: object,
) -> None:
    with pytest.raises(Misuse, match=r"colour.*a newer one wrote the snapshot"):
        FakeStripe().restore(changed(dumped, path, value))


@pytest.mark.parametrize(
    "change",
    [
        {"number": True},
        {"number": 1.0},
        {"number": "1"},
        {"text": None},
        {"truth": 1},
        {"choice": "c"},
        {"choice": ["a"]},
        {"exact": 1},
        {"exact": "x"},
        {"exact": "NaN"},
        {"exact": "sNaN"},
        {"exact": "Infinity"},
        {"exact": "1E+999999999"},
        {"exact": "1E-999999999"},
        {"pair": [1]},
        {"pair": [1, "x", 2]},
        {"pair": "1x"},
        {"row": [1, "2"]},
        {"names": {}},
        {"by_name": {"x": {"id": "1"}}},
        {"by_name": {"x": {"id": "1", "amount": None, "more": 1}}},
        {"by_name": None},
        {"by_number": [[1]]},
        {"by_number": [["1", []]]},
        {"by_number": {"1": []}},
        {"by_pair": [[["a"], True]]},
        {"records": [{"id": "3", "amount": None}, {"id": "3", "amount": None}]},
        {"records": [None]},
        {"free": float("nan")},
        {"free": [float("inf")]},
        {"free": {"$decimal": "much"}},
        {"free": {"$decimal": 2.5}},
        {"records": ["3", {"id": "3", "amount": None}]},
        {"records": ["3", "3"]},
        {"more": 1},
    ],
)
def test_values_of_another_type_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Misuse) as caught:
        decoder(Everything)(copied(encode(EVERYTHING)) | change, "it")
    assert caught.value.param is not None
    assert caught.value.param.startswith("it")


def test_two_records_with_the_same_id_are_refused() -> None:
    with pytest.raises(Misuse, match=r"^it\[1\] must be records with different ids, not 'a'$"):
        decoder(Table[Later])([{"id": "a"}, {"id": "a"}], "it")


@pytest.mark.parametrize("around", [lambda each: [each], lambda each: {"a": each}], ids=["arrays", "objects"])
def test_whatever_json_there_is_has_at_most_64_levels(around: Callable[[Any], Any]) -> None:
    tree: Any = []
    for _ in range(63):
        tree = around(tree)
    assert decoder(Any)(tree, "it") == tree
    with pytest.raises(Misuse, match="must be nested at most 64 levels deep, not 'deeper'"):
        decoder(Any)(around(tree), "it")


@pytest.mark.parametrize("value", [1.5, {1, 2}, b"x", object()])
def test_what_json_has_no_word_for_is_not_carried(value: object) -> None:
    with pytest.raises(TypeError, match="cannot carry"):
        encode([value])


@pytest.mark.parametrize("hint", [float, set[str], bytes, object])
def test_hints_that_json_has_no_word_for_are_refused_at_once(hint: Any) -> None:  # noqa: ANN401  any hint
    with pytest.raises(TypeError, match="cannot carry"):
        decoder(hint)


# What is no snapshot


def paths(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401  any JSON tree
    """Every place in a tree."""
    yield path
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, each in members:
        yield from paths(each, (*path, name))


def changed(tree: Any, path: tuple[str | int, ...], value: Any) -> Any:  # noqa: ANN401  any JSON tree
    """A copy with another value in one place."""
    if not path:
        return value
    copy = copied(tree)
    here = copy
    for name in path[:-1]:
        here = here[name]
    here[path[-1]] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), None),
        ((), []),
        ((), {}),
        (("format",), "fakestripe-meters/0"),
        (("format",), ["x"]),
        (("more",), 1),
        (("clock",), 7),
        (("clock", "frozen_ns"), -1),
        (("clock", "frozen_ns"), 10**30),
        (("clock", "frozen_ns"), "now"),
        (("clock", "shift_ns"), None),
        (("clock", "shift_ns"), 10**30),
        (("seed",), 7),
        (("request_ids",), -1),
        (("request_ids",), True),
        (("settings",), []),
        (("settings", "unicorns"), 1),
        (("settings", "lag_ns"), -1),
        (("settings", "tick_ns"), -1),
        (("settings", "limits", "analytics"), 0),
        (("settings", "limits", "analytics"), "100"),
        (("accounts",), {}),
        (("accounts", 0, "key"), "sk_live_x"),
        (("accounts", 0, "key"), "nobody"),
        (("accounts", 0, "connected"), "me"),
        (("accounts", 0, "connected"), 7),
        (("accounts", 0, "ids"), {}),
        (("accounts", 0, "ids", "counts"), []),
        (("accounts", 0, "ids", "counts", "cus_"), -1),
        (("accounts", 0, "agenda"), [[1, "unicorn", ""]]),
        (("accounts", 0, "agenda"), [[1, "usage.visible"]]),
        (("accounts", 0, "parts"), []),
        (("accounts", 0, "parts", "unicorns"), {}),
        (("accounts", 0, "parts", "customers"), []),
        (("accounts", 0, "parts", "customers", "table", 0, "created"), "now"),
        (("accounts", 0, "parts", "usage"), []),
        (("accounts", 0, "parts", "usage", "events"), [[]]),
        (("accounts", 0, "parts", "usage", "events", "number", 0), "1"),
        (("accounts", 0, "parts", "usage", "events", "number"), []),
        (("accounts", 0, "parts", "usage", "events", "value", 0), "much"),
        (("accounts", 0, "parts", "usage", "events", "origin", 0), -1),
        (("accounts", 0, "parts", "usage", "events", "origins", 0, 2), "mtr_unheard_of"),
        (("accounts", 0, "parts", "usage", "waiting"), [[1, 1, 999, False]]),
        (("request_state",), []),
        (("request_state", 0, "limits"), {"analytics": [1, 2]}),
        (("request_state", 0, "answers"), [{}]),
    ],
)
def test_a_snapshot_that_is_none_changes_nothing(dumped: Any, path: tuple[str | int, ...], value: Any) -> None:  # noqa: ANN401  any JSON tree
    fake = FakeStripe(now=NOW)
    send(fake, "POST", CUSTOMERS)
    before = fake.snapshot()
    with pytest.raises(Misuse):
        fake.restore(changed(dumped, path, value))
    assert fake.snapshot() == before
    assert len(fake.journal) == 1


def test_an_account_comes_once(dumped: Any) -> None:  # noqa: ANN401  any JSON tree
    with pytest.raises(Misuse, match=r"accounts\[1\]") as caught:
        FakeStripe().restore(changed(dumped, ("accounts",), dumped["accounts"] * 2))
    assert KEY not in str(caught.value)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-2, 2),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.lists(st.integers() | st.text(max_size=3), max_size=10),
    st.dictionaries(st.text(max_size=5), st.none(), max_size=2),
)


@pytest.fixture(scope="module")
def fake() -> FakeStripe:
    """One for all changes: a reset costs less than a new one."""
    return FakeStripe(now=NOW, seed=2)


def ask(fake: FakeStripe) -> None:
    """Whatever was restored, some answer comes."""
    lists = [CUSTOMERS, METERS, "/v1/events"]
    for path in lists:
        headers = Headers({"Authorization": f"Bearer {KEY}"})
        assert fake.engine.handle(Request("GET", path, "", headers)).status < 500


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 10_000), value=VALUES)
def test_any_change_to_a_snapshot_is_a_world_or_misuse(
    fake: FakeStripe,
    dumped: Any,  # noqa: ANN401  any JSON tree
    places: list[tuple[str | int, ...]],
    number: int,
    value: Any,  # noqa: ANN401  any JSON tree
) -> None:
    if is_restored(fake, changed(dumped, places[number % len(places)], value)):
        json.dumps(fake.snapshot())
        fake.clock.advance(60)
        ask(fake)


def test_the_format_has_a_name() -> None:
    assert FakeStripe().snapshot()["format"] == snapshot.FORMAT == "fakestripe-meters/1"


def test_the_kinds_of_state_keep_the_names_that_they_have_in_that_format() -> None:
    """A release reads every snapshot of its format, also one that another release has taken."""
    assert Part.kinds.keys() >= KINDS
    assert {*Work} >= {
        "billing.error_report",
        "credit_grant.expires",
        "delivery.retry",
        "invoice.finalize",
        "subscription.expire",
        "subscription.trial_will_end",
        "subscription.turn",
        "test_clock.advance",
        "usage.visible",
    }


def test_an_older_snapshot_gives_back_the_price_at_its_time() -> None:
    fake = FakeStripe(limits="off")
    fake.restore(json.loads(OLD.read_text("utf-8")))
    call = Call(through_engine, fake)
    fake.clock.freeze("2025-01-16T12:00:00Z")
    items = call.get("/v1/subscriptions", {"customer": call.get("/v1/customers").ids[0]}).json["data"][0]["items"]
    seat = next(each for each in items["data"] if "quantity" in each)
    call.create(f"/v1/subscription_items/{seat['id']}", {"quantity": 3})
    debit, credit, *_ = call.get("/v1/invoiceitems").json["data"]
    assert (credit["amount"], debit["amount"]) == (-500, 1500)
    assert credit["proration_details"]["credited_items"] is None


def test_a_snapshot_of_november_2026_goes_on_as_it_would_have_then() -> None:
    fake = FakeStripe(limits="off")
    fake.restore(json.loads(OLD.read_text("utf-8")))
    call = Call(through_engine, fake)
    ada, bob = (call.get("/v1/customers", clock).ids[0] for clock in ({}, {"test_clock": CLOCK}))
    fake.clock.freeze("2025-02-01T02:00:00Z")
    assert [(each["total"], each["status"]) for each in invoices(call, customer=ada)] == [
        (1000, "paid"),
        (1327, "paid"),
    ]
    call.create(f"/v1/test_helpers/test_clocks/{CLOCK}/advance", {"frozen_time": NEW_YEAR + 42 * DAY})
    trial, bill = invoices(call, customer=bob)
    assert lines(trial) == [("Free trial for 0 × Calls", 0)]
    assert (lines(bill), bill["created"]) == ([("0 × Calls (Tier 1 at $0.05 / month)", 0)], NEW_YEAR + 41 * DAY)
    assert [each["title"] for each in call.get("/v1/billing/alerts").json["data"]] == ["High"]
    assert call.get("/v1/webhook_endpoints").json["data"][0]["url"] == "http://127.0.0.1:9/hook"
