"""Our routing finds what Werkzeug's map finds, of every URL and of those that are nearly one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.routing import Rule

from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.resources import registry
from fakestripe_meters.routing import METHODS
from fakestripe_meters.routing import WORDS
from fakestripe_meters.routing import routes_of

ROUTES = routes_of(registry())
WERKZEUG = Map(
    [Rule(each.rule, methods=[each.method], endpoint=each) for each in ROUTES.every],
    merge_slashes=False,
    redirect_defaults=False,
).bind("api.stripe.com")
SEGMENTS = sorted({segment for each in ROUTES.every for segment in each.rule.split("/") if "<" not in segment})
SEGMENT = st.sampled_from([*SEGMENTS, "", " ", ".", "..", "a|b", "a.b", "id_1", "<x>", "é", "a\nb", "%2F"])
NEARLY = st.sampled_from(ROUTES.every).flatmap(
    lambda each: st.tuples(*(SEGMENT if "<" in part else st.just(part) for part in each.rule.split("/"))).flatmap(
        lambda parts: st.tuples(st.just(list(parts)), st.integers(0, len(parts)), SEGMENT)
    )
)


def found_by_werkzeug(method: str, path: str) -> tuple[Endpoint | None, dict[str, str]]:
    if not path.startswith("/") or path.startswith("//"):  # it would add or drop slashes
        return None, {}
    try:
        endpoint, values = WERKZEUG.match(path, method)
    except HTTPException:
        return None, {}
    return endpoint, dict(values)


def check(method: str, path: str) -> None:
    if path not in WORDS:
        assert ROUTES.lookup(method, path) == found_by_werkzeug(method, path)


@pytest.mark.parametrize("endpoint", ROUTES.every, ids=lambda each: each.route)
def test_each_url_is_found_by_each_method_that_it_has(endpoint: Endpoint) -> None:
    path = "/".join("id_1" if "<" in part else part for part in endpoint.rule.split("/"))
    if path not in WORDS or "<" not in endpoint.rule:
        assert ROUTES.lookup(endpoint.method, path)[0] is endpoint
    for method in (*METHODS, "OPTIONS"):
        check(method, path)


@given(NEARLY, st.sampled_from(METHODS))
def test_a_url_with_strange_ids_or_a_segment_more_is_found_as_werkzeug_finds_it(
    nearly: tuple[list[str], int, str], method: str
) -> None:
    parts, place, segment = nearly
    check(method, "/".join(parts))
    check(method, "/".join([*parts[:place], segment, *parts[place:]]))


@given(st.lists(SEGMENT, max_size=8).map("/".join), st.sampled_from(METHODS))
def test_any_path_is_found_as_werkzeug_finds_it(path: str, method: str) -> None:
    check(method, path)
    check(method, f"/v1/{path}")


def test_the_longest_path_ends_at_once() -> None:
    assert ROUTES.lookup("GET", "/v1/customers" + "/a" * 200_000) == (None, {})
    found, values = ROUTES.lookup("GET", "/v1/plans/" + "a/" * 1_000 + "b")
    assert found is not None
    assert values == {"plan_id": "a/" * 1_000 + "b"}
