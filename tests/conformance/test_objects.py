"""Every object that the fake serves has the fields that stripe-python declares, and no others."""

from functools import cache

import pytest

from fakestripe_meters.resources import registry
from tests.conformance import deviating
from tests.conformance.compared import complaints
from tests.conformance.oracle import absences
from tests.conformance.oracle import base
from tests.conformance.oracle import load
from tests.conformance.oracle import previews
from tests.conformance.oracle import route_of
from tests.conformance.oracle import served_objects
from tests.conformance.oracle import served_routes
from tests.conformance.refused import OLDER_ENDPOINTS
from tests.conformance.refused import PREVIEW_ENDPOINTS
from tests.conformance.story import Teller
from tests.conformance.story import told

SDKS = [base(), *previews()]
Found = set[tuple[str, str, str]]
NOT_SHOWN = {"payment_page", "v2.billing.meter_event_stream"}
"""The stream answers with nothing, no customer has sources, and a payment page calls itself a Checkout session."""
WITHOUT_TYPES = {"data_management.import_set"}
"""Only events show it to this story, and no SDK declares it."""
TOTALS = {"total", "total_count"}
"""Analytics and invoices count what is in their lists."""
IN_EVENTS = {"billing.alert_triggered"}
"""Only events show it, and the account's default version, in which they do, is a preview."""
PREVIEW_OBJECTS = {"billing.analytics.meter_usage", "billing.analytics.meter_usage_row"}


@cache
def story(sdk: str) -> Teller:
    return told(load(sdk).api_version, preview=sdk != base())


@cache
def found(sdk: str) -> Found:
    """Object, path, and what is wrong with it: once each, however often it was seen."""
    declared = load(sdk).objects
    return {
        (each.name, path, what)
        for each in story(sdk).seen()
        if each.name in declared
        for path, what in complaints(declared[each.name], each.tree)
    }


@pytest.mark.parametrize("sdk", SDKS)
def test_the_story_goes_through_every_endpoint(sdk: str) -> None:
    told_of = {route for route, _ in story(sdk).answers}
    told_of |= {route_of(each.method, each.rule) for each in registry().endpoints() if each.name in absences()}
    assert set(served_routes()) - told_of - OLDER_ENDPOINTS == (PREVIEW_ENDPOINTS if sdk == base() else set())
    assert story(sdk).fake.engine.failures == []


@pytest.mark.parametrize("sdk", SDKS)
def test_the_story_shows_every_object(sdk: str) -> None:
    shown = {each.name for each in story(sdk).seen()} | WITHOUT_TYPES
    assert set(served_objects()) - shown == NOT_SHOWN | (PREVIEW_OBJECTS | IN_EVENTS if sdk == base() else set())


@pytest.mark.parametrize("sdk", SDKS)
def test_every_object_in_an_answer_is_one_that_the_sdk_knows(sdk: str) -> None:
    shown = {each.name for each in story(sdk).seen()} - WITHOUT_TYPES
    assert shown - load(sdk).objects.keys() == {"list", "search_result"}


@pytest.mark.parametrize("sdk", SDKS)
def test_every_field_that_the_sdk_declares_is_there_with_its_type_and_no_other_is(sdk: str) -> None:
    unexplained = [
        (name, path, what)
        for name, path, what in sorted(found(sdk))
        if not any(deviating.matches(row, name, path) for row in deviating.table_of(what))
    ]
    assert unexplained == []


def test_every_reason_is_still_needed() -> None:
    every = {each for sdk in SDKS for each in found(sdk)}
    for table in (deviating.ABSENT, deviating.UNDECLARED, deviating.OTHERWISE):
        needed = [(name, path) for name, path, what in every if deviating.table_of(what) is table]
        assert [row for row in table if not any(deviating.matches(row, *each) for each in needed)] == []


@pytest.mark.parametrize("sdk", SDKS)
def test_lists_have_the_envelope_of_their_version(sdk: str) -> None:
    for each in story(sdk).seen():
        if each.name == "list":
            assert each.tree.keys() - TOTALS == {"object", "data", "has_more", "url"}
            assert isinstance(each.tree["has_more"], bool)
    for route, tree in story(sdk).answers:
        if route.startswith("GET /v2/") and "object" not in tree:
            assert tree.keys() == {"data", "next_page_url", "previous_page_url"}


def test_a_field_that_is_absent_wrong_null_or_undeclared_is_complained_of() -> None:
    types = {"id": "str", "items": "list:plan", "size": "hash?", "size.width": "int", "tags": "array", "tags[]": "str"}
    plans = {"object": "list", "data": [{"object": "plan"}]}
    good = {"id": "x", "items": plans, "size": {"width": 1}, "tags": ["a"]}
    assert list(complaints(types, good)) == []
    assert list(complaints(types, good | {"size": None})) == []
    assert list(complaints(types, good | {"id": None})) == [("id", "null")]
    assert list(complaints(types, good | {"size": {"width": True}})) == [("size.width", "True is no int")]
    assert list(complaints(types, good | {"tags": [1]})) == [("tags[]", "1 is no str")]
    assert list(complaints(types, good | {"more": 1})) == [("more", "undeclared")]
    assert list(complaints(types, {"id": "x", "items": plans, "tags": []})) == [("size", "absent")]
    others = {"object": "list", "data": [{"object": "price"}]}
    [(path, what)] = complaints(types, good | {"items": others})
    assert path == "items"
    assert what.endswith("is no list:plan")
