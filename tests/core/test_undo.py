"""What an operation changed before it was refused is taken back, whatever it was."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from threading import Thread
from typing import Any

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.agenda import Agenda
from fakestripe_meters.core.encoding import encode
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import Atomic
from fakestripe_meters.core.undo import DryRun
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records.customers import Customers


@record
class Thing:
    """A record."""

    id: str
    size: int = 0
    parts: Sequence[str] = ()


@record
class Sized(Thing):
    """A record that is another one, too."""

    unit: str = "m"


@contextmanager
def refused(*, keeps_changes: bool = False) -> Iterator[None]:
    """Refuse what the block within has done."""
    with suppress(StripeError), Atomic():
        yield
        raise StripeError(400, "No.", keeps_changes=keeps_changes)


def account() -> Account:
    return Account(Name("sk_test_x"), Settings(), "seed", due_work={})


def test_a_record_gets_its_former_values_back() -> None:
    thing = Thing("a", parts=["x"])
    with refused():
        thing.size, thing.parts = 1, []
        thing.size = 2
    assert thing.size == 0
    assert thing.parts == ["x"]


def test_a_record_that_inherits_from_another_does_as_well() -> None:
    thing = Sized("a", unit="cm")
    with refused():
        thing.size, thing.unit = 1, "km"
    assert (thing.size, thing.unit) == (0, "cm")


def test_what_succeeds_stays() -> None:
    thing = Thing("a")
    with Atomic():
        thing.size = 1
    assert thing.size == 1


def test_an_error_that_keeps_what_was_done_takes_nothing_back() -> None:
    thing = Thing("a")
    with refused(keeps_changes=True):
        thing.size = 1
    assert thing.size == 1


def test_a_bug_takes_back_what_was_done() -> None:
    thing = Thing("a")
    with suppress(KeyError), Atomic():
        thing.size = 1
        raise KeyError
    assert thing.size == 0


def test_a_dry_run_changes_nothing_and_the_operation_around_it_goes_on() -> None:
    thing = Thing("a")
    with refused():
        thing.size = 1
        with DryRun():
            thing.size = 2
        assert thing.size == 1
        thing.parts = ["y"]
    assert thing.size == 0
    assert not thing.parts


def test_nothing_is_taken_back_of_what_another_thread_does_meanwhile() -> None:
    mine, other = Thing("a"), Thing("b")
    with refused():
        mine.size = 1
        thread = Thread(target=setattr, args=(other, "size", 1))
        thread.start()
        thread.join()
    assert (mine.size, other.size) == (0, 1)


def test_a_record_looks_like_the_class_it_is_made_of() -> None:
    thing = Thing("a")
    assert isinstance(thing, Thing)
    assert repr(thing) == "Thing(id='a', size=0, parts=())"
    assert (type(thing).__name__, type(thing).__module__, type(thing).__doc__) == ("Thing", __name__, "A record.")
    assert not hasattr(thing, "__dict__")


def test_two_records_are_two_even_if_they_hold_the_same() -> None:
    one, other = Thing("a"), Thing("a")
    assert one != other
    assert len({one, other, one}) == 2


def test_a_part_that_an_operation_has_begun_is_dropped() -> None:
    one = account()
    with refused():
        one.part(Customers).table.add(Thing("a"))  # type: ignore[arg-type]  # any record
    assert one.peek(Customers) is None


def test_a_part_gets_its_former_fields_back() -> None:
    part = account().part(Customers)
    table = part.table
    with refused():
        part.table = Table()
    assert part.table is table


def test_a_meter_that_was_opened_is_forgotten() -> None:
    intake = account().part(Intake)
    before = str(intake.dump())
    with refused():
        intake.open("mtr_1", "sum", None)
    assert str(intake.dump()) == before
    with pytest.raises(KeyError):
        intake.ledger("mtr_1")


def test_what_was_forgotten_comes_back_in_its_place() -> None:
    table, index = Table(map(Thing, "abcd")), Index({"a": 1, "b": 2, "c": 3})
    table.remove("b")
    before = encode((table, [*index.items()]))
    with refused():
        index.forget("b")  # which is not the oldest
        table.add(Thing("e"))
        index["e"] = 5
        for names in ("ab", "xc"):
            index.forget(names)
        assert [each.id for each in table.forget(lambda each: each.id in "ab")] == ["a"]
        assert [each.id for each in table.forget(lambda each: each.id in "cde")] == ["c", "d", "e"]
        table.add(Thing("f"))
        index.forget(["e"])
    assert encode((table, [*index.items()])) == before
    assert [each.id for each in table.page(10, after="d").records] == ["c", "a"]
    assert [each.id for each in table.page(10, before="b").records] == ["d", "c"]


NAMES = "abcde"


class Kept:
    """One of each thing that notes its changes."""

    def __init__(self) -> None:
        self.table = Table[Thing]()
        self.index = Index[int]()
        self.row = GrowingList[int]()
        self.agenda = Agenda()
        self.ids = Ids("seed")

    def shown(self) -> Any:  # noqa: ANN401  any JSON
        page = [each.id for each in self.table.page(100).records]
        known = [each for each in NAMES if self.table.knows(each)]
        return encode((self.table, page, known, [*self.index.items()], self.row, self.agenda, dict(self.ids.counts)))

    def add(self, name: str) -> None:
        if not self.table.knows(name):
            self.table.add(Thing(name))

    def remove(self, name: str) -> None:
        if self.table.get(name) is not None:
            self.table.remove(name)

    def forget(self, name: str) -> None:
        self.table.forget(lambda each: each.id <= name)
        self.index.forget({name, next(iter(self.index), name)})

    def change(self, _name: str) -> None:
        for each in self.table:
            each.size += 1

    def put(self, name: str) -> None:
        self.index[name] = self.index.get(name, 0) + 1

    def delete(self, name: str) -> None:
        self.index.pop(name, None)

    def append(self, _name: str) -> None:
        self.row.append(len(self.row))

    def schedule(self, name: str) -> None:
        self.agenda.add(3 - ord(name) % 3, name)

    def work(self, _name: str) -> None:
        self.agenda.pop_due(3)

    def count(self, name: str) -> None:
        self.ids.new(name)


DEEDS = [
    Kept.add,
    Kept.remove,
    Kept.forget,
    Kept.change,
    Kept.put,
    Kept.delete,
    Kept.append,
    Kept.schedule,
    Kept.work,
    Kept.count,
]
STEPS = st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from(NAMES)), max_size=30)


@example([(Kept.add, "a")], [(Kept.add, "b"), (Kept.forget, "a"), (Kept.add, "a")])
@given(STEPS, STEPS)
def test_everything_is_as_before_whatever_was_done_and_then_refused(
    before: list[tuple[Callable[[Kept, str], None], str]], tried: list[tuple[Callable[[Kept, str], None], str]]
) -> None:
    kept = Kept()
    for deed, name in before:
        deed(kept, name)
    shown = kept.shown()
    with refused():
        for deed, name in tried:
            deed(kept, name)
    assert kept.shown() == shown


@given(STEPS, STEPS, STEPS, STEPS)
def test_a_refusal_within_an_operation_takes_back_its_own_part_and_one_around_it_everything(
    before: list[tuple[Callable[[Kept, str], None], str]],
    outer: list[tuple[Callable[[Kept, str], None], str]],
    inner: list[tuple[Callable[[Kept, str], None], str]],
    rest: list[tuple[Callable[[Kept, str], None], str]],
) -> None:
    kept = Kept()

    def do(steps: list[tuple[Callable[[Kept, str], None], str]]) -> None:
        for deed, name in steps:
            deed(kept, name)

    do(before)
    shown = kept.shown()
    with refused():
        do(outer)
        halfway = kept.shown()
        with refused():
            do(inner)
        assert kept.shown() == halfway
        with Atomic():
            do(inner)
        do(rest)
    assert kept.shown() == shown
