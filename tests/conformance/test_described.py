"""Every operation and every answer against Stripe's own OpenAPI description.

What Stripe takes and the fake does not is checked in `test_parameters`, to which the description is one more release.
"""

import re
from collections.abc import Iterator
from functools import cache

from fakestripe_meters.domain.events import known
from fakestripe_meters.resources import registry
from fakestripe_meters.wire.coercing import LONGEST
from tests.conformance import deviating
from tests.conformance import differing
from tests.conformance import rare
from tests.conformance import refused
from tests.conformance.compared import complaints
from tests.conformance.declared import lengths
from tests.conformance.declared import orders
from tests.conformance.oracle import OPENAPI
from tests.conformance.oracle import digest
from tests.conformance.oracle import load
from tests.conformance.oracle import route_of
from tests.conformance.story import Teller
from tests.conformance.story import begun
from tests.conformance.story import ends
from tests.conformance.test_parameters import above
from tests.conformance.test_parameters import ours

CHOICES = re.compile(r"enum\(([^)]*)\)")
STRING = re.compile(r"\bstr(?:\((?P<length>\d*)\))?")
Found = set[tuple[str, str, str]]


def described() -> Iterator[tuple[str, str, str]]:
    """Route, path and short type of each parameter that is described and that the fake takes."""
    for route, types in digest()["operations"].items():
        for path, kinds in types.items():
            if path in ours().get(route, ()):
                yield route, path, kinds


def extra() -> list[str]:
    """Parameters that the fake takes and nobody describes, without what is below them."""
    return [
        f"{route} {path}"
        for route, types in load(OPENAPI).endpoints.items()
        for path in ours()[route]
        if path not in types and all(each in types for each in above(path))
    ]


def wider() -> list[str]:
    """Parameters of which only some words are described, and that take others, or any."""
    found = []
    for route, path, kinds in described():
        words = set(words_of(kinds))
        taken = ours()[route][path]
        more = {each[1:] for each in taken if each.startswith("=")} - words
        if not STRING.search(CHOICES.sub("", kinds)) and words and ("str" in taken or more):
            found.append(f"{route} {path}")
    return found


def shuffled() -> list[str]:
    """Parameters whose words a refusal names in another order than the description."""
    own = {route_of(each.method, each.rule): orders(each.params) for each in registry().endpoints()}
    found = []
    for route, path, kinds in described():
        taken = {each[1:] for each in ours()[route][path] if each.startswith("=")}
        named = own[route].get(path) or sorted(taken)
        if [word for word in words_of(kinds) if word in taken] != [word for word in named if word in words_of(kinds)]:
            found.append(f"{route} {path}")
    return found


def longer() -> list[str]:
    """Strings with another limit than is described; where none is, any will do."""
    own = {route_of(each.method, each.rule): lengths(each.params) for each in registry().endpoints()}
    found = []
    for route, path, kinds in described():
        string = STRING.search(CHOICES.sub("", kinds))
        limit = LONGEST if string is None or string["length"] is None else int(string["length"] or 0)
        if string is not None and own[route].get(path, limit) != limit and limit:
            found.append(f"{route} {path}")
    return found


def words_of(kinds: str) -> list[str]:
    """The words that a parameter takes, in the order of the description."""
    return [word for choices in CHOICES.findall(kinds) for word in choices.split(",")]


@cache
def story() -> Teller:
    teller = begun(load(OPENAPI).api_version, preview=False)
    rare.tell(teller)
    ends(teller)
    return teller


@cache
def found() -> Found:
    """Object, path, and what is wrong with it: once each. Only what is required may not be absent."""
    schemas = digest()["objects"]
    return {
        (each.name, path, what)
        for each in story().seen()
        if each.name in schemas
        for path, what in complaints(load(OPENAPI).objects[each.name], each.tree)
        if what != "absent" or schemas[each.name][path].endswith("!")
    }


def test_every_operation_of_v1_is_described() -> None:
    of_v1 = {route for route in ours() if " /v1/" in route}
    known = refused.PREVIEW_ENDPOINTS | refused.OLDER_ENDPOINTS | refused.NEWER_ENDPOINTS | refused.UNDOCUMENTED
    assert of_v1 - digest()["operations"].keys() == known


def test_a_parameter_that_is_not_described_has_a_reason() -> None:
    assert [each for each in extra() if refused.most_exact(differing.EXTRA, each) is None] == []


def test_a_parameter_that_takes_other_words_than_are_described_has_a_reason() -> None:
    assert [each for each in wider() if refused.most_exact(differing.CHOICES, each) is None] == []


def test_a_refusal_names_words_in_the_order_that_is_described_or_has_a_reason() -> None:
    assert [each for each in shuffled() if refused.most_exact(differing.ORDERS, each) is None] == []


def test_an_order_is_of_all_the_words_that_there_are() -> None:
    for endpoint in registry().endpoints():
        taken = ours()[route_of(endpoint.method, endpoint.rule)]
        for path, words in orders(endpoint.params).items():
            assert sorted(words) == sorted(each[1:] for each in taken[path] if each.startswith("="))


def test_each_event_type_and_version_that_is_described_is_known() -> None:
    types = digest()["operations"]["POST /v1/webhook_endpoints"]
    assert set(words_of(types["enabled_events[]"])) <= {*known.event_types(), "*"}
    assert set(words_of(types["api_version"])) <= set(known.api_versions())


def test_a_string_is_as_long_as_is_described_or_has_a_reason() -> None:
    assert [each for each in longer() if refused.most_exact(differing.LENGTHS, each) is None] == []


def test_every_object_of_v1_in_an_answer_is_described() -> None:
    shown = {each.name for each in story().seen() if not each.name.startswith("v2.")}
    assert shown - digest()["objects"].keys() == differing.UNDESCRIBED_OBJECTS.keys()


def test_every_answer_is_as_its_schema_describes_it_or_has_a_reason() -> None:
    unexplained = [
        (name, path, what)
        for name, path, what in sorted(found())
        if not any(deviating.matches(row, name, path) for row in differing.table_of(what))
    ]
    assert unexplained == []


def test_every_reason_is_still_needed() -> None:
    for table, needed in (
        (differing.EXTRA, extra()),
        (differing.CHOICES, wider()),
        (differing.LENGTHS, longer()),
        (differing.ORDERS, shuffled()),
    ):
        assert [row for row in table if not any(refused.matches(row, each) for each in needed)] == []
    for table in (differing.NULLS, differing.UNDESCRIBED, differing.OTHERWISE):
        fields = [(name, path) for name, path, what in found() if differing.table_of(what) is table]
        assert [row for row in table if not any(deviating.matches(row, *each) for each in fields)] == []
