"""Meter usage in the words of every version: parameters, answers and refusals."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call

ANALYTICS = "/v1/billing/analytics/meter_usage"
METERS = "/v1/billing/meters"
NOW = 1_735_689_600
DAY = 86_400
GA = "2026-10-28.endive"


@dataclass(frozen=True)
class Dialect:
    """How a request is written, and so how it is answered."""

    version: str | None
    new_names: bool = True
    arrays: bool = True
    tenant_groups: bool = True

    @property
    def name(self) -> str:
        words = ["new" if self.new_names else "old", "arrays" if self.arrays else "strings"]
        return f"{self.version} {' '.join(words)}"

    @property
    def start(self) -> str:
        return "starts_at" if self.new_names else "start_time"

    @property
    def end(self) -> str:
        return "ends_at" if self.new_names else "end_time"

    @property
    def meter(self) -> str:
        return "meter" if self.new_names else "meter_id"

    def filter(self, value: str) -> str | list[str]:
        return [value] if self.arrays else value

    def rows(self, answer: Answer) -> list[dict[str, Any]]:
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.json["rows"]["data"] if self.new_names else answer.json["data"]
        return found

    def values(self, answer: Answer) -> list[int]:
        return [row["value" if self.new_names else "bucket_value"] for row in self.rows(answer)]


def old(version: str | None) -> Dialect:
    """As the seeds speak."""
    return Dialect(version, new_names=False, arrays=False, tenant_groups=False)


BY_VERSION = [
    old("2025-06-30.preview"),
    old("2025-07-30.preview"),
    old("2025-08-27.preview"),
    Dialect("2025-09-30.preview", arrays=False, tenant_groups=False),
    Dialect("2025-10-15.preview", arrays=False, tenant_groups=False),
    Dialect("2025-10-29.preview", arrays=False),
    Dialect("2025-11-16.preview", arrays=False),
    Dialect("2025-11-17.preview"),
    Dialect("2026-09-30.preview"),
    Dialect("2026-09-30.preview; billing_feature=v1"),
    Dialect("2027-01-31.preview"),
]
UNDECIDED = [None, GA, "2025-03-31.basil", "2026-04-22.dahlia", "2024-06-20"]
BY_NAMES = [
    dialect
    for version in UNDECIDED
    for dialect in (old(version), Dialect(version), Dialect(version, arrays=False, tenant_groups=True))
]


def each_of(dialects: list[Dialect]) -> pytest.MarkDecorator:
    """A test of each dialect; through one door, for no door knows of versions."""
    through_engine = [pytest.param("engine", each, id=each.name) for each in dialects]
    return pytest.mark.parametrize(("call", "dialect"), through_engine, indirect=["call"])


every_dialect = each_of(BY_VERSION + BY_NAMES)
every_version = each_of(BY_VERSION)


def usage(call: Call) -> tuple[str, str]:
    """A meter and a customer with usage in powers of two: model, team, value."""
    params = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    keys = {"dimension_payload_keys": ["model"], "tenant_payload_keys": ["team"]}
    metered = call.create(METERS, params | keys)["id"]
    whose = call.create("/v1/customers")["id"]
    for model, team, value in (("a", "red", 1), ("a", "blue", 2), ("b", "red", 4)):
        payload = {"stripe_customer_id": whose, "value": value, "model": model, "team": team}
        call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})
    return metered, whose


def ask(call: Call, dialect: Dialect, whose: str, metered: str, query: object = None, **more: Any) -> Answer:  # noqa: ANN401  a parameter of any kind
    meters = [{dialect.meter: metered} | (query if isinstance(query, dict) else {})]
    params = {"customer": whose, dialect.start: NOW, dialect.end: NOW + DAY, "meters": meters}
    return call.get(ANALYTICS, params | more, version=dialect.version)


def refused(answer: Answer, message: str, param: str | None, code: str | None = None) -> None:
    assert answer.status == 400
    error = answer.error
    assert (error["message"], error.get("param"), error.get("code")) == (message, param, code)


def unknown(answer: Answer, param: str) -> None:
    refused(answer, f"Received unknown parameter: {param}", param, "parameter_unknown")


# Answers


@every_dialect
def test_an_answer_has_the_layout_of_its_version(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    query = {"dimension_group_by_keys": ["model"], "dimension_filters": {"model": dialect.filter("a")}}
    answer = ask(call, dialect, whose, metered, query)
    [row] = dialect.rows(answer)
    assert row.pop("id").startswith("mur_test_")
    assert answer.json["object"] == "billing.analytics.meter_usage"
    if dialect.new_names:
        assert list(answer.json) == ["object", "livemode", "refreshed_at", "rows"]
        assert list(answer.json["rows"]) == ["object", "data", "has_more", "total", "url"]
        assert answer.json["refreshed_at"] == NOW
        assert [(name, value) for name, value in row.items() if name != "tenants"] == [
            ("object", "billing.analytics.meter_usage_row"),
            ("dimensions", {"model": "a"}),
            ("ends_at", NOW + DAY),
            ("meter", metered),
            ("starts_at", NOW),
            ("value", 3),
        ]
    else:
        assert list(answer.json) == ["object", "data", "data_refreshed_at", "livemode"]
        assert answer.json["data_refreshed_at"] == NOW
        assert list(row.items()) == [
            ("object", "billing.analytics.meter_usage_row"),
            ("bucket_end_time", NOW + DAY),
            ("bucket_start_time", NOW),
            ("bucket_value", 3),
            ("dimensions", {"model": "a"}),
            ("meter_id", metered),
        ]


@every_version
def test_rows_have_tenants_since_they_can_be_grouped_by_them(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    [row] = dialect.rows(ask(call, dialect, whose, metered))
    assert ("tenants" in row) is dialect.tenant_groups


@every_dialect
def test_without_meters_and_without_usage_the_layout_is_the_same(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    [row] = dialect.rows(ask(call, dialect, whose, metered, meters=[]))
    assert row[dialect.meter] is None
    someone = call.create("/v1/customers")["id"]
    assert dialect.rows(ask(call, dialect, someone, metered)) == []


@every_dialect
def test_filters_are_written_as_the_version_has_them(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    answer = ask(call, dialect, whose, metered, {"dimension_filters": {"model": dialect.filter("b")}})
    assert dialect.values(answer) == [4]
    answer = ask(call, dialect, whose, metered, {"tenant_filters": {"team": dialect.filter("red")}})
    assert dialect.values(answer) == [5]


@every_dialect
def test_grouping_by_tenants_is_of_a_later_date(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    answer = ask(call, dialect, whose, metered, {"tenant_group_by_keys": ["team"]})
    if dialect.tenant_groups:
        assert [(row["tenants"], row["value"]) for row in dialect.rows(answer)] == [
            ({"team": "blue"}, 2),
            ({"team": "red"}, 5),
        ]
    else:
        unknown(answer, "meters[0][tenant_group_by_keys]")


# Refusals


@every_version
def test_a_version_refuses_the_other_names(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    first, second = ("start_time", "end_time") if dialect.new_names else ("starts_at", "ends_at")
    names = {first: NOW, second: NOW + DAY}
    for name, value in names.items():
        unknown(ask(call, dialect, whose, metered, **{name: value}), name)
    params = {"customer": whose, **names}
    answer = call.get(ANALYTICS, params, version=dialect.version)
    refused(answer, f"Received unknown parameters: {first}, {second}", first, "parameter_unknown")
    other = "meter_id" if dialect.new_names else "meter"
    unknown(ask(call, dialect, whose, metered, {other: metered}), f"meters[0][{other}]")
    unknown(ask(call, dialect, whose, metered, meters=[{other: metered}]), f"meters[0][{other}]")


@every_version
def test_a_version_refuses_the_other_form_of_filters(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    for name, key in (("dimension_filters", "model"), ("tenant_filters", "team")):
        other = "x" if dialect.arrays else ["x"]
        answer = ask(call, dialect, whose, metered, {name: {key: other}})
        sentence = "Invalid array" if dialect.arrays else 'Invalid string: {"0":"x"}'
        refused(answer, sentence, f"meters[0][{name}][{key}]")


@every_dialect
def test_a_range_the_wrong_way_round_is_refused_in_the_versions_words(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    answer = ask(call, dialect, whose, metered, **{dialect.start: NOW + 2 * DAY})
    sentence = f"Param {dialect.start} should not be greater than {dialect.end}"
    refused(answer, sentence, None, "invalid_time_range")


@every_dialect
def test_what_is_wrong_is_named_in_the_versions_words(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    start, end, meter = dialect.start, dialect.end, dialect.meter

    misaligned = "The value must be aligned with minute boundaries."
    refused(ask(call, dialect, whose, metered, **{start: NOW + 1}), misaligned, start)
    refused(ask(call, dialect, whose, metered, **{end: NOW + 1}), misaligned, end)

    answer = ask(call, dialect, whose, metered, **{start: "soon"})
    refused(answer, "Invalid integer: soon", start, "parameter_invalid_integer")

    answer = ask(call, dialect, whose, metered, **{start: None})
    refused(answer, f"Missing required param: {start}.", start, "parameter_missing")

    answer = ask(call, dialect, whose, metered, **{end: ""})
    assert (answer.error["code"], answer.error["param"]) == ("parameter_invalid_empty", end)
    assert answer.error["message"].count(f"'{end}'") == 3

    answer = ask(call, dialect, whose, metered, meters=[{meter: metered}, {meter: "mtr_none"}])
    refused(answer, "No such meter: 'mtr_none'", f"meters[1][{meter}]", "resource_missing")

    answer = ask(call, dialect, whose, metered, meters=[{meter: metered}, {meter: metered}])
    refused(answer, f"The meter '{metered}' is listed twice.", f"meters[1][{meter}]")

    query = {"dimension_filters": {"colour": dialect.filter("red")}}
    answer = ask(call, dialect, whose, metered, query)
    sentence = "'colour' is not one of the dimension payload keys of the meter."
    refused(answer, sentence, "meters[0][dimension_filters][colour]")

    unknown(ask(call, dialect, whose, metered, {"formula": "sum"}), "meters[0][formula]")
    unknown(ask(call, dialect, whose, metered, limit="1"), "limit")


@every_dialect
def test_an_element_without_a_meter_misses_the_versions_name(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    meters = [{dialect.meter: metered}, {"dimension_group_by_keys": ["model"]}]
    answer = ask(call, dialect, whose, metered, meters=meters)
    path = f"meters[1][{dialect.meter}]"
    refused(answer, f"Missing required param: {path}.", path, "parameter_missing")


@every_dialect
def test_the_caps_hold_in_every_version(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    filters = {f"k{index}": dialect.filter("x") for index in range(11)}
    answer = ask(call, dialect, whose, metered, {"dimension_filters": filters})
    refused(answer, "You may specify at most 10 dimension_filters.", "meters[0][dimension_filters]")
    answer = ask(call, dialect, whose, metered, {"dimension_group_by_keys": ["model"] * 3})
    refused(answer, "You may specify at most 2 dimension_group_by_keys.", "meters[0][dimension_group_by_keys]")


@each_of([each for each in BY_VERSION if not each.arrays])
def test_an_empty_filter_is_named_without_an_index_where_there_were_no_arrays(call: Call, dialect: Dialect) -> None:
    metered, whose = usage(call)
    error = ask(call, dialect, whose, metered, {"dimension_filters": {"model": ""}}).error
    path = "meters[0][dimension_filters][model]"
    assert error["param"] == path
    assert error["message"].startswith(f"You passed an empty string for '{path}'.")


def test_curl_users_arrays_are_translated_too(call: Call) -> None:
    metered, whose = usage(call)
    query = (
        f"customer={whose}&start_time={NOW}&end_time={NOW + DAY}&meters[][meter_id]={metered}"
        "&meters[][dimension_filters][model]=a"
    )
    for version in ("2025-07-30.preview", None, GA):
        assert old(version).values(call.get(f"{ANALYTICS}?{query}", version=version)) == [3]


# Without a preview version the names decide


@pytest.mark.parametrize("version", UNDECIDED)
def test_without_names_to_tell_by_the_old_ones_are_missed(call: Call, version: str | None) -> None:
    _, whose = usage(call)
    answer = call.get(ANALYTICS, {"customer": whose}, version=version)
    refused(answer, "Missing required param: start_time.", "start_time", "parameter_missing")


@pytest.mark.parametrize("version", UNDECIDED)
def test_one_new_name_makes_a_request_a_new_one(call: Call, version: str | None) -> None:
    metered, whose = usage(call)
    answer = call.get(ANALYTICS, {"customer": whose, "starts_at": NOW, "end_time": NOW + DAY}, version=version)
    unknown(answer, "end_time")
    answer = call.get(ANALYTICS, {"customer": whose, "starts_at": NOW}, version=version)
    refused(answer, "Missing required param: ends_at.", "ends_at", "parameter_missing")
    params = {"customer": whose, "start_time": NOW, "end_time": NOW + DAY, "meters": [{"meter": metered}]}
    answer = call.get(ANALYTICS, params, version=version)
    refused(answer, "Received unknown parameters: start_time, end_time", "start_time", "parameter_unknown")


@pytest.mark.parametrize("version", UNDECIDED)
def test_one_single_filter_makes_all_filters_single(call: Call, version: str | None) -> None:
    metered, whose = usage(call)
    query = {"dimension_filters": {"model": "a"}, "tenant_filters": {"team": ["red"]}}
    answer = ask(call, Dialect(version), whose, metered, query)
    refused(answer, 'Invalid string: {"0":"red"}', "meters[0][tenant_filters][team]")


@pytest.mark.parametrize("version", UNDECIDED)
def test_old_names_know_single_filters_only(call: Call, version: str | None) -> None:
    metered, whose = usage(call)
    answer = ask(call, old(version), whose, metered, {"dimension_filters": {"model": ["a"]}})
    refused(answer, 'Invalid string: {"0":"a"}', "meters[0][dimension_filters][model]")


@pytest.mark.parametrize("version", UNDECIDED)
def test_the_version_that_was_named_is_the_one_that_is_echoed(call: Call, version: str | None) -> None:
    metered, whose = usage(call)
    for dialect in (old(version), Dialect(version)):
        answer = ask(call, dialect, whose, metered)
        assert answer.headers["stripe-version"] == (version or "2025-08-27.preview")


# What only previews have


def test_versions_for_general_availability_see_no_preview_fields_of_meters(call: Call) -> None:
    metered, _ = usage(call)
    for version in (GA, "2025-03-31.basil"):
        meter = call.get(f"{METERS}/{metered}", version=version).json
        listed = call.get(METERS, version=version).json["data"][0]
        assert not {"dimension_payload_keys", "tenant_payload_keys"} & (meter.keys() | listed.keys())
        params = {"display_name": "x", "event_name": "x", "default_aggregation": {"formula": "sum"}}
        for name in ("dimension_payload_keys", "tenant_payload_keys"):
            unknown(call.post(METERS, params | {name: ["model"]}, version=version), name)
    for preview in (None, "2025-07-30.preview", "2026-10-14.preview"):
        assert call.get(f"{METERS}/{metered}", version=preview).json["dimension_payload_keys"] == ["model"]
