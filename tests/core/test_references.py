"""A snapshot in which a record names a missing one is refused, with the place in the message, and changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core.account import Part
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests.conftest import KEY
from tests.core.restoring import is_restored
from tests.fuzz.wishes import tries
from tests.resources.shop import DAY

RICH = Path(__file__).parent / "snapshots" / "of_28_november_2026.json"
Tree = Any


@pytest.fixture(scope="module")
def fake() -> FakeStripe:
    return FakeStripe(limits="off")


def parts_of(tree: Tree) -> Tree:
    return tree["accounts"][0]["parts"]


def with_missing_id(tree: Tree, path: tuple[str | int, ...]) -> Tree:
    """The same tree, in which an id names no record; `path` leads to it from the account's parts."""
    here = parts_of(tree)
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = "nobody"
    return tree


@pytest.mark.parametrize(
    "path",
    [
        ("subscriptions", "table", 0, "items", 0, "price"),
        ("subscriptions", "table", 0, "unbilled", 0, "price"),
        ("subscriptions", "table", 0, "customer"),
        ("prices", "table", 0, "product"),
        ("prices", "table", 0, "recurring", "meter"),
        ("invoices", "table", 0, "customer"),
        ("invoices", "table", 0, "subscription"),
        ("invoices", "table", 1, "lines", 0, "price"),
        ("invoiceitems", "table", 1, "price"),
        ("billing.credits", "grants", 0, "customer"),
        ("billing.credits", "transactions", 0, "credit_grant"),
        ("billing.alerts", "table", 0, "usage", "meter"),
    ],
)
def test_a_record_that_names_another_that_is_not_there(fake: FakeStripe, path: tuple[str | int, ...]) -> None:
    tree = with_missing_id(json.loads(RICH.read_text("utf-8")), path)
    before = fake.snapshot()
    with pytest.raises(Misuse, match=r"names 'nobody', which is not in the snapshot") as caught:
        fake.restore(tree)
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    assert caught.value.param == f"snapshot.accounts[0].parts{place}"
    assert fake.snapshot() == before


@pytest.mark.parametrize(
    ("kind", "index"),
    [
        ("subscriptions", "by_customer"),
        ("subscriptions", "by_item"),
        ("billing.meters", "active"),
        ("billing.alerts", "by_meter"),
        ("billing.credits", "by_customer"),
        ("prices", "lookup_keys"),
        ("invoiceitems", "pending"),
    ],
)
def test_an_index_that_names_a_record_that_is_not_there(fake: FakeStripe, kind: str, index: str) -> None:
    tree = json.loads(RICH.read_text("utf-8"))
    found = parts_of(tree)[kind][index]
    name = next(iter(found))
    found[name] = ["nobody"] if isinstance(found[name], list) else "nobody"
    with pytest.raises(Misuse, match=f"{kind}.{index} names 'nobody'"):
        fake.restore(tree)


def test_a_whole_part_that_is_missing(fake: FakeStripe) -> None:
    tree = json.loads(RICH.read_text("utf-8"))
    del parts_of(tree)["products"]
    with pytest.raises(Misuse, match=r"prices.table\[0\].product names"):
        fake.restore(tree)


def test_each_field_that_names_a_record_belongs_to_one_kind() -> None:
    names = [name for kind in Part.kinds.values() for name in kind.named_by]
    assert sorted(names) == sorted(set(names))


LISTS = ("customers", "products", "prices", "plans", "subscriptions", "invoices", "invoiceitems", "events")


def asked(fake: FakeStripe) -> None:
    """Whatever was restored, every list has an answer, and time goes on."""
    for name in LISTS:
        headers = Headers({"Authorization": f"Bearer {KEY}"})
        assert fake.engine.handle(Request("GET", f"/v1/{name}", "limit=100", headers)).status == 200
    fake.clock.advance(40 * DAY)


def one_of_each_type(events: list[Tree]) -> list[int]:
    """The place of one event of each type."""
    return list({each["type"]: place for place, each in enumerate(events)}.values())


@pytest.mark.parametrize("kind", [name for name, part in parts_of(json.loads(RICH.read_text("utf-8"))).items()])
def test_a_snapshot_that_lacks_a_record_is_refused_or_goes_on(fake: FakeStripe, kind: str) -> None:
    text = RICH.read_text("utf-8")
    tables = {name: table for name, table in parts_of(json.loads(text))[kind].items() if isinstance(table, list)}
    for name, table in tables.items() if kind != "usage" else ():
        for place in one_of_each_type(table) if "events" in kind else range(len(table)):
            tree = json.loads(text)
            del parts_of(tree)[kind][name][place]
            if is_restored(fake, tree):
                asked(fake)


VALUES: st.SearchStrategy[Tree] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({}) | st.just(["x"])
)


def test_any_change_to_a_rich_snapshot_is_a_world_or_misuse(fake: FakeStripe) -> None:
    text = RICH.read_text("utf-8")

    @tries(100)
    @given(st.data())
    def spoil(data: st.DataObject) -> None:
        tree = json.loads(text)
        parts = parts_of(tree)
        here: Tree = parts[data.draw(st.sampled_from(sorted(parts)))]
        parent, key = parts, "usage"
        while isinstance(here, dict | list) and here and data.draw(st.integers(0, 9)):
            keys = sorted(here) if isinstance(here, dict) else range(len(here))
            parent, key = here, data.draw(st.sampled_from(keys))
            here = parent[key]
        parent[key] = data.draw(VALUES)
        if is_restored(fake, tree):
            fake.restore(json.loads(json.dumps(fake.snapshot())))
            asked(fake)

    spoil()


@pytest.mark.parametrize("created", [-1, 10**15])
def test_a_world_whose_event_was_created_at_no_time_can_be_saved_and_restored_again(
    fake: FakeStripe, created: int
) -> None:
    tree = json.loads(RICH.read_text("utf-8"))
    event = parts_of(tree)["events"]["table"][0]
    event["created"] = created
    event.pop("published_ns", None)
    if is_restored(fake, tree):
        fake.restore(json.loads(json.dumps(fake.snapshot())))
        asked(fake)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("subscriptions", "table", 0, "interval_count"), 0, "interval_count must be at least 1"),
        (("subscriptions", "table", 0, "interval_count"), -1, "interval_count must be at least 1"),
        (("subscriptions", "table", 0, "billing_cycle_anchor"), 10**12, "lies outside the years"),
        (("subscriptions", "table", 0, "unbilled", 0, "whole"), 0, "whole must be at least 1"),
        (("prices", "table", 1, "package", "divide_by"), 0, "divide_by must be at least 1"),
        (("prices", "table", 1, "recurring", "interval_count"), 0, "interval_count must be at least 1"),
        (("reports", "collected", "/1738454400", "starts_at"), 10**12, "lies outside the years"),
        (("destinations", "destinations", 0, "created_ns"), 10**30, "an instant before the year 10000"),
        (("destinations", "destinations", 0, "updated_ns"), -1, "an instant before the year 10000"),
        (("v2.core.events", "table", 0, "created_ns"), 10**30, "an instant before the year 10000"),
        (("prices", "table", 1, "package", "round"), "sideways", "round must be one of"),
        (("usage", "number"), 2**63, "must be a number of at most 18 digits"),
        (("usage", "events", 0, 0), 2**63, "with ascending numbers"),
        (("usage", "events", 0, 0), 0, "with ascending numbers"),
        (("usage", "events", 1, 0), 1, "with ascending numbers"),
    ],
)
def test_a_value_that_makes_no_sense(fake: FakeStripe, path: tuple[str | int, ...], value: int, said: str) -> None:
    tree = json.loads(RICH.read_text("utf-8"))
    here = parts_of(tree)
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    before = fake.snapshot()
    with pytest.raises(Misuse, match=said) as caught:
        fake.restore(tree)
    assert str(caught.value.param).startswith("snapshot.accounts[0].parts." + str(path[0]))
    assert fake.snapshot() == before
