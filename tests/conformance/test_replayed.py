"""Recorded conversations with Stripe, had with the fake: its answers are equal, or `unequal.py` says why not.

`python -m tests.conformance.replaying` prints the totals and every difference.
"""

import pytest

from tests.conformance import unequal
from tests.conformance.comparing import Difference
from tests.conformance.comparing import compared
from tests.conformance.replaying import COMPARABLE
from tests.conformance.replaying import Result
from tests.conformance.replaying import replayed
from tests.conformance.replaying import runs_whole
from tests.conformance.replaying import unexplained

LEAST_EQUAL = 0.94
"""The share of comparable exchanges that come back equal, without any reason from `unequal.py`."""
LEAST_WHOLE = 75
"""How many recordings of billing run whole: the others ask for Checkout, the portal, or other accounts' money."""


def comparable() -> list[Result]:
    return [result for result in replayed() if result.outcome in COMPARABLE]


def taken_out() -> set[str]:
    """The parameters that were taken out of a request, each without what is inside it; `expand` among them."""
    every = [each for result in comparable() for each in result.taken_out]
    return {each.removeprefix("parameter ").partition("[")[0].partition(" ")[0] for each in every}


def test_every_answer_is_as_it_was_recorded() -> None:
    assert [
        f"{result.name}: {each}"
        for result in comparable()
        if result.conversation not in unequal.CONVERSATIONS
        for each in unexplained(result)
        if f"{each.what} {each.noun}.{each.field}" not in unequal.FIELDS
    ] == []


def test_every_reason_is_still_needed() -> None:
    differ = {result.conversation for result in comparable() if unexplained(result)}
    assert [name for name in unequal.CONVERSATIONS if name not in differ] == []
    found = {f"{each.what} {each.noun}.{each.field}" for result in comparable() for each in unexplained(result)}
    assert [row for row in unequal.FIELDS if row not in found] == []
    assert [row for row in unequal.TAKEN_OUT if row not in taken_out()] == []


def test_what_is_taken_out_of_a_request_has_a_reason() -> None:
    assert taken_out() <= unequal.TAKEN_OUT.keys()


def test_most_answers_are_equal_without_a_reason() -> None:
    results = comparable()
    assert len(results) > 500
    equal = [result for result in results if not unexplained(result) and not result.taken_out]
    assert len(equal) / len(results) >= LEAST_EQUAL


def test_most_recordings_run_whole() -> None:
    assert len(runs_whole()) == 84
    assert sum(runs_whole().values()) >= LEAST_WHOLE


@pytest.mark.parametrize(
    ("theirs", "ours", "what"),
    [
        ({"id": "cus_1", "name": "A"}, {"id": "cus_x9", "name": "A"}, []),
        ({"created": 5}, {"created": 7}, []),
        ({"created": 5}, {"created": None}, ["null"]),
        ({"created": 5}, {"created": "5"}, ["type"]),
        ({"name": "A"}, {"name": "B"}, ["value"]),
        ({"name": "A"}, {}, ["missing"]),
        ({}, {"name": "A"}, ["extra"]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ["order"]),
        ({"metadata": {"a": "1", "b": "2"}}, {"metadata": {"b": "2", "a": "1"}}, []),
        ({"data": [1, 2]}, {"data": [1]}, ["length"]),
        ({"customer": "cus_2"}, {"customer": "cus_x9"}, ["link"]),
        ({"object": "plan", "interval": "day"}, {"object": "plan", "interval": "week"}, ["value"]),
    ],
)
def test_a_difference_is_found(theirs: object, ours: object, what: list[str]) -> None:
    assert [each.what for each in compared(theirs, ours, {"cus_2": "cus_x8"})] == what


def test_a_difference_says_in_which_object_it_is() -> None:
    theirs = {"object": "subscription", "items": [{"object": "price", "recurring": {"interval": "day"}}]}
    ours = {"object": "subscription", "items": [{"object": "price", "recurring": {"interval": "week"}}]}
    assert list(compared(theirs, ours, {})) == [Difference("value", "price", "recurring.interval", "day", "week")]


def test_a_list_in_an_object_is_a_part_of_it() -> None:
    theirs = {"object": "invoice", "payments": {"object": "list", "data": [{"object": "invoice_payment"}]}}
    ours = {"object": "invoice", "payments": {"object": "list", "data": []}}
    assert list(compared(theirs, ours, {})) == [Difference("length", "invoice", "payments.data", 1, 0)]
    assert list(compared(theirs["payments"], ours["payments"], {})) == [Difference("length", "list", "data", 1, 0)]
