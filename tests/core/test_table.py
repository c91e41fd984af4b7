"""Records of one kind: by id, in order of birth, in cursor pages."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.table import Table


@dataclass(frozen=True)
class Thing:
    id: str
    even: bool = False


def things(count: int) -> Table[Thing]:
    return Table(Thing(str(number), even=number % 2 == 0) for number in range(count))


def ids(found: list[Thing]) -> str:
    return "".join(thing.id for thing in found)


def is_even(thing: Thing) -> bool:
    return thing.even


def test_a_record_is_found_by_its_id() -> None:
    table = things(3)
    assert table.get("1") == Thing("1")
    assert table.get("x") is None
    assert len(table) == 3
    assert ids(list(table)) == "012"


def test_a_page_has_the_newest_first() -> None:
    page = things(5).page(3)
    assert ids(page.records) == "432"
    assert page.has_more


@pytest.mark.parametrize(
    ("limit", "after", "before", "expected", "has_more"),
    [
        (5, None, None, "43210", False),
        (4, None, None, "4321", True),
        (2, "4", None, "32", True),
        (2, "2", None, "10", False),
        (2, "0", None, "", False),
        (2, None, "0", "21", True),
        (2, None, "2", "43", False),
        (2, None, "4", "", False),
        (100, None, "0", "4321", False),
    ],
)
def test_a_page_begins_behind_a_cursor_or_ends_before_one(
    limit: int, after: str | None, before: str | None, expected: str, has_more: bool
) -> None:
    page = things(5).page(limit, after=after, before=before)
    assert (ids(page.records), page.has_more) == (expected, has_more)


def test_a_page_is_filled_with_what_satisfies_the_filter() -> None:
    page = things(7).page(2, where=is_even)
    assert (ids(page.records), page.has_more) == ("64", True)
    page = things(7).page(2, after="4", where=is_even)
    assert (ids(page.records), page.has_more) == ("20", False)


def test_there_is_no_more_when_the_rest_does_not_satisfy_the_filter() -> None:
    assert not things(2).page(1, where=is_even).has_more


def test_a_removed_record_is_gone_but_is_still_a_cursor() -> None:
    table = things(5)
    table.remove("2")
    assert table.get("2") is None
    assert len(table) == 4
    assert ids(table.page(10).records) == "4310"
    assert ids(table.page(10, after="2").records) == "10"
    assert ids(table.page(10, before="2").records) == "43"
    assert table.knows("2")
    assert not table.knows("x")


def naive_page(
    born: list[Thing], limit: int, cursor: str | None, *, ahead: bool, wanted: Callable[[Thing], bool]
) -> tuple[list[Thing], bool]:
    position = [thing.id for thing in born].index(cursor) if cursor is not None else len(born)
    part = born[position + 1 :] if ahead else born[:position][::-1]
    part = [thing for thing in part if wanted(thing)]
    return (part[:limit][::-1] if ahead else part[:limit]), len(part) > limit


@given(st.data())
def test_pages_agree_with_a_plain_list(data: st.DataObject) -> None:
    born = [Thing(f"{number}", even) for number, even in enumerate(data.draw(st.lists(st.booleans(), max_size=9)))]
    names = st.sampled_from([thing.id for thing in born]) if born else st.nothing()
    gone, cursor = data.draw(st.sets(names)), data.draw(st.none() | names)
    limit, ahead, filtered = data.draw(st.integers(1, 5)), data.draw(st.booleans()), data.draw(st.booleans())
    table = Table(born)
    for identifier in gone:
        table.remove(identifier)
    cursors = {"before" if ahead and cursor is not None else "after": cursor}
    page = table.page(limit, **cursors, where=is_even if filtered else None)
    expected = naive_page(
        born,
        limit,
        cursor,
        ahead=ahead and cursor is not None,
        wanted=lambda thing: thing.id not in gone and (thing.even or not filtered),
    )
    assert (page.records, page.has_more) == expected


@given(st.integers(0, 30), st.integers(1, 7))
def test_walking_page_by_page_visits_every_record_once(count: int, limit: int) -> None:
    table, seen, cursor = things(count), list[Thing](), None
    while True:
        page = table.page(limit, after=cursor)
        seen += page.records
        if not page.has_more:
            break
        cursor = page.records[-1].id
    assert seen == list(table)[::-1]


def test_forgotten_records_are_gone_and_are_no_cursors() -> None:
    table = things(5)
    table.remove("1")
    assert ids(table.forget(lambda thing: thing.id in "012")) == "02"
    assert ids(list(table)) == "34"
    assert ids(table.page(10).records) == "43"
    assert ids(table.page(10, before="3").records) == "4"
    assert ids(table.page(10, after="4").records) == "3"
    assert not any(table.knows(identifier) for identifier in "012")


def test_a_forgotten_id_that_is_added_again_is_listed_once() -> None:
    table = things(3)
    table.forget(lambda thing: thing.id == "0")
    table.add(Thing("0"))
    assert ids(table.page(9).records) == "021"


def test_only_the_oldest_are_forgotten() -> None:
    table = things(5)
    assert ids(table.forget(is_even)) == "0"
    assert ids(list(table)) == "1234"
    assert table.forget(lambda _thing: False) == []


@given(st.lists(st.integers(0, 12), max_size=20))
def test_pages_of_what_is_not_forgotten_agree_with_a_plain_list(steps: list[int]) -> None:
    table, kept, number = Table[Thing](), list[Thing](), 0
    for step in steps:
        if step < 6:
            table.add(Thing(str(number)))
            kept.append(Thing(str(number)))
            number += 1
        else:
            assert table.forget(kept[: step - 6].__contains__) == kept[: step - 6]
            kept = kept[step - 6 :]
        assert (list(table), table.page(20).records) == (kept, kept[::-1])
        for at, thing in enumerate(kept):
            assert table.page(20, after=thing.id).records == kept[:at][::-1]
            assert table.page(20, before=thing.id).records == kept[at + 1 :][::-1]
