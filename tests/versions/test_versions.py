"""Older API versions as differences: requests climb, answers descend."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters import versions
from fakestripe_meters.versions.changes import CHANGES
from fakestripe_meters.versions.changes import PREVIEW_ONLY
from fakestripe_meters.versions.changes import PREVIEWED
from fakestripe_meters.versions.changes import RELEASED
from tests.conftest import Call

USAGE = "GET /v1/billing/analytics/meter_usage"
METERS = "POST /v1/billing/meters"
SUMMARIES = "GET /v1/billing/meters/<meter_id>/event_summaries"
OLDEST = "2025-08-27.preview"
NEWEST = "2025-11-17.preview"


def version(header: str | None) -> versions.Version:
    found = versions.version(header)
    assert found is not None
    return found


def upgraded(header: str | None, tree: dict[str, Any], route: str = USAGE) -> Any:  # noqa: ANN401  any tree
    return versions.upgrade(versions.changes_for(route, version(header), tree), route, tree)


def released_since(date: str) -> list[str]:
    """The changes by later releases: all endpoints have them, whatever a preview changed."""
    return [type(change).__name__ for change in RELEASED if change.since > date]


def names(header: str | None, tree: dict[str, Any], route: str = USAGE) -> list[str]:
    return [type(change).__name__ for change in versions.changes_for(route, version(header), tree)]


# The header


@pytest.mark.parametrize(
    ("header", "date", "preview"),
    [
        ("2025-08-27.preview", "2025-08-27", True),
        ("2026-10-28.endive", "2026-10-28", False),
        ("2023-10-16", "2023-10-16", False),
        ("2026-09-30.preview; feature_beta=v3", "2026-09-30", True),
        ("2026-09-30.preview;a=v1;b=v2", "2026-09-30", True),
    ],
)
def test_a_version_is_a_date_and_perhaps_a_name(header: str, date: str, preview: bool) -> None:
    found = version(header)
    assert (found.date, found.preview, found.stated, found.text) == (date, preview, True, header)


def test_without_a_header_the_accounts_default_holds() -> None:
    default = version(None)
    assert (default.text, default.preview, default.stated) == (OLDEST, True, False)


@pytest.mark.parametrize(
    "header",
    [
        "",
        ";",
        "2019-2-19",
        "2025-13-01",
        "2025-00-10",
        "2025-01-32",
        "1999-01-01",
        "latest",
        "2025-08-27.",
        "2025-08-27.Preview",
        "2025-08-27.preview.x",
        "2025-08-27preview",
        "٢٠٢٥-08-27",
        "2025-08-27\n2025",
    ],
)
def test_what_is_no_version_is_none(header: str) -> None:
    assert versions.version(header) is None


@given(st.text())
def test_any_header_is_a_version_or_none(header: str) -> None:
    found = versions.version(header)
    assert found is None or found.text == header


# Which changes lie between


def test_changes_are_newest_first_and_each_has_an_entry_for_the_changelog() -> None:
    assert [change.since for change in CHANGES] == sorted((change.since for change in CHANGES), reverse=True)
    for change in (*CHANGES, *PREVIEW_ONLY):
        assert type(change).__doc__
        assert change.route


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (NEWEST, released_since("2025-11-17")),
        ("2026-09-30.preview", []),
        ("2025-11-16.preview", ["MakeMeterUsageFiltersArrays", *released_since("2025-11-16")]),
        ("2025-10-29.preview", ["MakeMeterUsageFiltersArrays", *released_since("2025-10-29")]),
        (
            "2025-10-28.preview",
            ["MakeMeterUsageFiltersArrays", "AddMeterUsageTenantGroups", *released_since("2025-10-28")],
        ),
        (
            "2025-09-30.preview",
            ["MakeMeterUsageFiltersArrays", "AddMeterUsageTenantGroups", *released_since("2025-09-30")],
        ),
        (
            "2025-09-29.preview",
            [
                *("MakeMeterUsageFiltersArrays", "AddMeterUsageTenantGroups", "RenameMeterUsageFields"),
                *released_since("2025-09-29"),
            ],
        ),
        (
            "2025-06-29.preview",
            [type(change).__name__ for change in (*CHANGES, PREVIEWED[0])] + released_since("2025-06-29"),
        ),
        (
            "2025-03-31.preview",
            [type(change).__name__ for change in (*CHANGES, *PREVIEWED)] + released_since("2025-03-31"),
        ),
        (
            "2025-03-30.preview",
            [
                *(type(change).__name__ for change in (*CHANGES, *PREVIEWED)),
                *released_since("2025-03-30"),
            ],
        ),
    ],
)
def test_a_preview_version_says_which_changes_it_lacks(header: str, expected: list[str]) -> None:
    assert names(header, {}) == expected


@pytest.mark.parametrize("header", [None, "2026-10-28.endive", "2020-08-27"])
@pytest.mark.parametrize(
    ("tree", "newer"),
    [
        ({}, False),
        ({"start_time": "1"}, False),
        ({"starts_at": "1"}, True),
        ({"ends_at": "1"}, True),
        ({"meters": {"0": {"meter_id": "x"}}}, False),
        ({"meters": {"0": {"meter": "x"}}}, True),
        ({"meters": [{"meter": "x"}]}, True),
        ({"meters": "x"}, False),
        ({"meters": ["x"]}, False),
    ],
)
def test_otherwise_the_parameter_names_decide_and_the_old_ones_are_the_default(
    header: str | None, tree: dict[str, Any], newer: bool
) -> None:
    assert ("RenameMeterUsageFields" not in names(header, tree)) is newer


def test_a_filter_that_is_a_single_string_is_of_the_dialect_in_between() -> None:
    tree = {"starts_at": "1", "meters": [{"dimension_filters": {"model": "a"}}]}
    assert "MakeMeterUsageFiltersArrays" in names(None, tree)
    tree = {"starts_at": "1", "meters": [{"dimension_filters": {"model": {"0": "a"}}}]}
    assert names(None, tree) == []


@pytest.mark.parametrize("route", ["POST /v1/customers", METERS, "GET /v1/billing/meters"])
def test_other_endpoints_are_not_touched(route: str) -> None:
    assert names(OLDEST, {}, route) == released_since(OLDEST[:10])


# Upwards


def test_the_old_names_become_the_new_ones() -> None:
    tree = {"customer": "c", "start_time": "1", "end_time": "2", "meters": {"0": {"meter_id": "m"}}}
    assert upgraded(OLDEST, tree) == {
        "customer": "c",
        "starts_at": "1",
        "ends_at": "2",
        "meters": {"0": {"meter": "m"}},
    }
    assert "start_time" in tree


def test_a_single_value_of_a_filter_becomes_an_array() -> None:
    tree = {"meters": [{"dimension_filters": {"model": "a"}, "tenant_filters": {"team": "b"}}]}
    expected = {"meters": [{"dimension_filters": {"model": ["a"]}, "tenant_filters": {"team": ["b"]}}]}
    assert upgraded("2025-09-30.preview", tree) == expected


def test_the_names_of_another_dialect_are_unknown_ones() -> None:
    assert upgraded(OLDEST, {"starts_at": "1"}) == {"start_time": "1"}
    assert upgraded(NEWEST, {"start_time": "1"}) == {"start_time": "1"}


def test_a_parameter_that_a_version_has_not_got_is_refused_under_its_own_name() -> None:
    tree = {"meters": [{"tenant_group_by_keys": ["team"]}]}
    [meter] = upgraded("2025-09-30.preview", tree)["meters"]
    [hidden] = meter
    assert hidden != "tenant_group_by_keys"
    changes = versions.changes_for(USAGE, version("2025-09-30.preview"), tree)
    assert versions.spelling(changes, f"meters[0][{hidden}]") == "meters[0][tenant_group_by_keys]"


@pytest.mark.parametrize(
    ("path", "spelled"),
    [
        ("starts_at", "start_time"),
        ("ends_at", "end_time"),
        ("start_time", "starts_at"),
        ("meters[0][meter]", "meters[0][meter_id]"),
        ("meters[0][meter_id]", "meters[0][meter]"),
        ("meters[12][dimension_filters][model][0]", "meters[12][dimension_filters][model]"),
        ("meters[0][dimension_filters][model][1]", "meters[0][dimension_filters][model][1]"),
        ("meters[0][tenant_filters][a][0][0]", "meters[0][tenant_filters][a][0]"),
        ("meters[0][dimension_group_by_keys][0]", "meters[0][dimension_group_by_keys][0]"),
        ("customer", "customer"),
        ("meters", "meters"),
    ],
)
def test_a_parameter_is_called_as_in_the_version_that_was_spoken(path: str, spelled: str) -> None:
    changes = versions.changes_for(USAGE, version(OLDEST), {})
    assert versions.spelling(changes, path) == spelled


NAMES = st.sampled_from(
    ["starts_at", "start_time", "end_time", "meters", "meter", "meter_id", "dimension_filters", "tenant_filters", "0"]
)
TREES = st.recursive(
    st.text(max_size=3), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)
)


@given(
    st.dictionaries(NAMES, TREES, max_size=4),
    st.sampled_from([None, OLDEST, NEWEST, "2025-09-30.preview", "2026-10-28.endive"]),
    st.sampled_from([USAGE, METERS, SUMMARIES]),
)
def test_any_tree_can_be_lifted(tree: dict[str, Any], header: str | None, route: str) -> None:
    assert isinstance(upgraded(header, tree, route), dict)


# Downwards


ROW = {
    "id": "row",
    "object": "billing.analytics.meter_usage_row",
    "dimensions": None,
    "ends_at": 2,
    "meter": "m",
    "starts_at": 1,
    "tenants": None,
    "value": 3,
}
ANSWER = {
    "object": "billing.analytics.meter_usage",
    "livemode": False,
    "refreshed_at": 5,
    "rows": {
        "object": "list",
        "data": [ROW],
        "has_more": False,
        "total": 1,
        "url": "/v1/billing/analytics/meter_usage",
    },
}


def downgraded(header: str, tree: dict[str, Any], route: str = USAGE) -> Any:  # noqa: ANN401  any tree
    return versions.downgrade(versions.changes_for(route, version(header), {}), tree)


def test_the_newest_version_gets_the_answer_as_it_is() -> None:
    assert downgraded(NEWEST, ANSWER) == ANSWER


def test_the_oldest_version_gets_the_old_names_in_their_order() -> None:
    answer = downgraded(OLDEST, ANSWER)
    assert next(iter(answer.items())) == ("object", "billing.analytics.meter_usage")
    assert {key: value for key, value in answer.items() if key != "data"} == {
        "object": "billing.analytics.meter_usage",
        "data_refreshed_at": 5,
        "livemode": False,
    }
    assert list(answer["data"][0].items()) == [
        ("id", "row"),
        ("object", "billing.analytics.meter_usage_row"),
        ("bucket_end_time", 2),
        ("bucket_start_time", 1),
        ("bucket_value", 3),
        ("dimensions", None),
        ("meter_id", "m"),
    ]


def test_before_its_time_a_field_is_not_there() -> None:
    [row] = downgraded("2025-09-30.preview", ANSWER)["rows"]["data"]
    assert row == {name: value for name, value in ROW.items() if name != "tenants"}


def test_the_answer_itself_is_left_as_it_is() -> None:
    before = repr(ANSWER)
    downgraded(OLDEST, ANSWER)
    assert repr(ANSWER) == before


# Through every door


METER = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}


@pytest.mark.parametrize("header", [None, OLDEST, "2026-09-30.preview"])
def test_previews_and_the_default_know_dimensions(call: Call, header: str | None) -> None:
    meter = call.create("/v1/billing/meters", METER | {"dimension_payload_keys": ["model"]}, version=header)
    assert meter["dimension_payload_keys"] == ["model"]
    assert meter["tenant_payload_keys"] is None


@pytest.mark.parametrize("header", ["2026-10-28.endive", "2024-06-20"])
@pytest.mark.parametrize("param", ["dimension_payload_keys", "tenant_payload_keys"])
def test_versions_for_general_availability_refuse_dimensions(call: Call, header: str, param: str) -> None:
    error = call.post("/v1/billing/meters", METER | {param: ["model"]}, version=header).error
    assert error["message"] == f"Received unknown parameter: {param}"
    assert (error["code"], error["param"]) == ("parameter_unknown", param)


def test_versions_for_general_availability_never_see_dimensions(call: Call) -> None:
    made = call.create("/v1/billing/meters", METER, version="2026-10-28.endive")
    assert {"dimension_payload_keys", "tenant_payload_keys"}.isdisjoint(made)
    [listed] = call.get("/v1/billing/meters", version="2026-10-28.endive").json["data"]
    assert listed == made
    assert call.get(f"/v1/billing/meters/{made['id']}", version="2026-10-28.endive").json == made


def test_many_unknown_parameters_are_refused_quickly_in_any_version(call: Call) -> None:
    params = "&".join(f"unknown{number}=" for number in range(60_000))
    error = call.post("/v1/billing/meters", params, version="2026-10-28.endive").error
    assert error["code"] == "parameter_unknown"
