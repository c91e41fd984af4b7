"""A refusal changes nothing, whatever was asked for."""

from tests.fuzz import refusals


def test_any_refusal_changes_nothing() -> None:
    watch = refusals.send(150)
    assert watch.changes == []
    assert watch.refusals > 50
    assert watch.refusals < watch.requests
