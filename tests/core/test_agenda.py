"""Scheduled work leaves the queue in the order of its time."""

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.agenda import Agenda


def drain(agenda: Agenda, until_ns: int) -> list[str]:
    subjects = []
    while (entry := agenda.pop_due(until_ns)) is not None:
        subjects.append(entry.subject)
    return subjects


def test_work_comes_in_the_order_of_its_due_time() -> None:
    agenda = Agenda()
    for due_ns in (30, 10, 20):
        agenda.add(due_ns, "work", str(due_ns))
    assert agenda.next_due_ns() == 10
    assert drain(agenda, 100) == ["10", "20", "30"]
    assert agenda.next_due_ns() is None


def test_what_is_due_at_the_same_instant_comes_in_the_order_of_writing() -> None:
    agenda = Agenda()
    for subject in "cab":
        agenda.add(5, "z" if subject == "c" else "a", subject)
    assert drain(agenda, 5) == ["c", "a", "b"]


def test_nothing_comes_before_its_time_and_the_instant_itself_counts() -> None:
    agenda = Agenda()
    agenda.add(10, "work")
    assert agenda.pop_due(9) is None
    assert agenda.pop_due(10) is not None
    assert agenda.pop_due(10) is None


def test_an_entry_says_what_is_to_be_done() -> None:
    agenda = Agenda()
    agenda.add(10, "close", "sub_1")
    [entry] = agenda.entries()
    assert (entry.due_ns, entry.kind, entry.subject) == (10, "close", "sub_1")


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab"))), st.integers(-1, 6))
def test_it_agrees_with_a_sorted_list(noted: list[tuple[int, str]], until_ns: int) -> None:
    agenda = Agenda()
    for number, (due_ns, kind) in enumerate(noted):
        agenda.add(due_ns, kind, str(number))
    numbers = sorted(range(len(noted)), key=lambda number: (noted[number][0], number))
    assert [entry.subject for entry in agenda.entries()] == [str(number) for number in numbers]
    assert drain(agenda, until_ns) == [str(number) for number in numbers if noted[number][0] <= until_ns]


@pytest.mark.usefixtures("eager_threads")
def test_it_can_be_asked_while_another_thread_does_the_work() -> None:
    agenda = Agenda()

    def work() -> None:
        for number in range(5_000):
            agenda.add(number, "work")
            agenda.pop_due(number)

    worker = Thread(target=work)
    worker.start()
    while worker.is_alive():
        agenda.next_due_ns()
    worker.join()
