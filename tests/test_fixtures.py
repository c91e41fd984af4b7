import json
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters import fixtures
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

ROOT = Path(__file__).parents[1]
WORLDS = ROOT / "fixtures" / "worlds"
NOW = "2025-02-01T00:00:00Z"
MONTH = {"start_time": 1735689600, "end_time": 1738368000}
CUSTOMER = {"name": "customer", "path": "/v1/customers", "method": "post", "params": {"name": "Ada"}}
METER = {
    "name": "meter",
    "path": "/v1/billing/meters",
    "method": "post",
    "params": {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}},
}

Write = Callable[..., Path]


def event(name: str = "event", **payload: object) -> dict[str, Any]:
    params = {"event_name": "calls", "payload": {"stripe_customer_id": "${customer:id}", "value": 1, **payload}}
    return {"name": name, "path": "/v1/billing/meter_events", "method": "post", "params": params}


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake
        assert fake.engine.failures == []


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of requests, or of anything."""

    def write(*requests: object, tree: object = None) -> Path:
        path = tmp_path / "world.json"
        path.write_text(json.dumps(tree or {"_meta": {"template_version": 0}, "fixtures": requests}), "utf-8")
        return path

    return write


def refusal(fake: FakeStripe, path: Path) -> str:
    """The one line that loading ends in, without the file's name, which it begins with."""
    with pytest.raises(Misuse) as misuse:
        fixtures.load(fake, path)
    line = str(misuse.value)
    assert "\n" not in line
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


def get(fake: FakeStripe, path: str, **params: object) -> Any:  # noqa: ANN401  any JSON
    request = Request("GET", path, urlencode(params), Headers({"Authorization": f"Bearer {fake.api_key}"}))
    response = fake.engine.handle(request)
    assert response.status == 200, response.body
    return json.loads(response.body)


def sent(fake: FakeStripe) -> list[Any]:
    """The parameters of all requests so far, as they arrived."""
    return [exchange.params for exchange in fake.journal]


def by_name(fake: FakeStripe, path: str, name: str = "name") -> dict[str, str]:
    return {each[name]: each["id"] for each in get(fake, path)["data"]}


# The worlds


def test_the_llm_tokens_world_holds_31_days_of_three_models_in_two_tiers(fake: FakeStripe) -> None:
    fixtures.load(fake, WORLDS / "llm_tokens.json")
    (meter,) = get(fake, "/v1/billing/meters")["data"]
    assert meter["dimension_payload_keys"] == ["model", "tier"]
    question = {
        "customer": by_name(fake, "/v1/customers")["Quill & Sons"],
        **MONTH,
        "meters[0][meter_id]": meter["id"],
        "meters[0][dimension_group_by_keys][0]": "model",
        "meters[0][dimension_group_by_keys][1]": "tier",
        "value_grouping_window": "day",
    }
    rows = get(fake, "/v1/billing/analytics/meter_usage", **question)["data"]
    assert len(rows) == 31 * 3 * 2
    assert rows[0]["dimensions"] == {"model": "embeddings", "tier": "premium"}
    assert rows[0]["bucket_value"] == 5000


def test_the_api_calls_world_has_a_sum_a_count_a_cancelled_and_a_refused_event(fake: FakeStripe) -> None:
    fixtures.load(fake, WORLDS / "api_calls.json")
    customers = by_name(fake, "/v1/customers")
    meters = by_name(fake, "/v1/billing/meters", "event_name")

    def total(meter: str, customer: str) -> int:
        path = f"/v1/billing/meters/{meters[meter]}/event_summaries"
        summaries = get(fake, path, customer=customers[customer], **MONTH)["data"]
        return sum(each["aggregated_value"] for each in summaries)

    assert total("api_request", "Corner Shop") == sum(120 + 10 * day for day in range(10))
    assert total("api_request", "Small Bank") == sum(900 - 35 * day for day in range(10))
    assert total("job_run", "Small Bank") == 5
    assert total("job_run", "Corner Shop") == 0
    assert [exchange.status for exchange in fake.journal].count(400) == 1


def test_worlds_can_be_loaded_one_after_another(fake: FakeStripe) -> None:
    for world in sorted(WORLDS.glob("*.json")):
        fixtures.load(fake, world)
    assert len(get(fake, "/v1/customers")["data"]) == 4


def test_a_world_of_another_time_is_refused_with_a_hint(fake: FakeStripe) -> None:
    fake.clock.freeze("2026-01-01T00:00:00Z")
    line = refusal(fake, WORLDS / "llm_tokens.json")
    assert line.startswith("fixture 'llm_tokens-writer-2025-01-01-9': The event timestamp cannot be more than 35 days")
    assert line.endswith(" (the fake's clock is at 2026-01-01T00:00:00Z: does the file need another --now?)")


def test_the_worlds_are_what_their_generator_writes(tmp_path: Path) -> None:
    generator = tmp_path / "generate.py"
    generator.write_bytes((WORLDS / "generate.py").read_bytes())
    subprocess.run([sys.executable, generator], check=True)
    worlds = sorted(WORLDS.glob("*.json"))
    assert worlds
    for world in worlds:
        assert (tmp_path / world.name).read_text("utf-8") == world.read_text("utf-8")


# What is sent


def test_requests_come_with_the_default_key(fake: FakeStripe, write: Write) -> None:
    fixtures.load(fake, write(CUSTOMER))
    assert fake.api_key == "sk_test_fakestripe"
    assert by_name(fake, "/v1/customers").keys() == {"Ada"}


def test_v1_parameters_are_a_form_of_strings_in_which_null_is_left_out(fake: FakeStripe, write: Write) -> None:
    params = {"a": [1, {"b": True}], "c": {"d": 25.00, "e": 20.10, "f": False}, "g": None, "h": "x & y", "i": 1e21}
    fixtures.load(fake, write(CUSTOMER | {"params": params, "expected_error_type": "invalid_request_error"}))
    assert sent(fake) == [
        {
            "a": {"0": "1", "1": {"b": "true"}},
            "c": {"d": "25", "e": "20.1", "f": "false"},
            "h": "x & y",
            "i": "1000000000000000000000",
        }
    ]


def test_v2_parameters_are_json(fake: FakeStripe, write: Write) -> None:
    event_v2 = event(value="7") | {"path": "/v2/billing/meter_events"}
    fixtures.load(fake, write(CUSTOMER, METER, event_v2))
    customer = by_name(fake, "/v1/customers")["Ada"]
    assert fake.usage("calls", customer) == 7


def test_get_and_delete_put_parameters_into_the_query(fake: FakeStripe, write: Write) -> None:
    one = CUSTOMER | {"name": "page", "method": "GET", "path": "/v1/customers?limit=1", "params": {"email": "a b"}}
    gone = {"name": "gone", "path": "/v1/customers/${customer:id}", "method": "delete"}
    fixtures.load(fake, write(CUSTOMER, one, gone))
    assert sent(fake)[1:] == [{"limit": "1", "email": "a b"}, {}]
    assert get(fake, "/v1/customers")["data"] == []


def test_nothing_is_added_to_metadata(fake: FakeStripe, write: Write) -> None:
    fixtures.load(fake, write(CUSTOMER))
    assert get(fake, "/v1/customers")["data"][0]["metadata"] == {}


def test_an_idempotency_key_and_headers_are_sent_along(fake: FakeStripe, write: Write) -> None:
    request = CUSTOMER | {"idempotency_key": "${meter:event_name}-1", "headers": {"stripe-version": "${meter:object}"}}
    request["expected_error_type"] = "invalid_request_error"
    fixtures.load(fake, write(METER, request))
    assert fake.journal[-1].idempotency_key == "calls-1"
    assert fake.journal[-1].error is not None
    assert "billing.meter" in str(fake.journal[-1].error)


def test_a_world_may_be_larger_than_the_rate_limits_of_one_frozen_second(fake: FakeStripe, write: Write) -> None:
    fixtures.load(fake, write(CUSTOMER, METER, *[event() for _ in range(1_001)]))
    assert fake.usage("calls", by_name(fake, "/v1/customers")["Ada"]) == 1_001


def test_the_limits_are_in_force_again_afterwards_and_untouched(fake: FakeStripe, write: Write) -> None:
    before = fake.control.set_limits({"meter_events": 2, "global": 3})
    fixtures.load(fake, write(CUSTOMER, METER, *[event() for _ in range(5)]))
    assert fake.control.limits() == before
    for _ in range(3):
        get(fake, "/v1/customers")


def test_the_limits_are_in_force_again_after_a_failure(fake: FakeStripe, write: Write) -> None:
    before = fake.control.limits()
    refusal(fake, write(event()))
    assert fake.control.limits() == before


# References


def test_references_reach_into_answers_paths_and_the_middle_of_a_text(fake: FakeStripe, write: Write) -> None:
    listing = {"name": "all", "path": "/v1/customers", "method": "get"}
    path = "/v1/customers/${all:data.0.id}"
    update = {"name": "update", "path": path, "method": "post", "params": {"name": "${all:data.0.name} Lovelace"}}
    fixtures.load(fake, write(CUSTOMER, listing, update))
    assert by_name(fake, "/v1/customers").keys() == {"Ada Lovelace"}


def test_a_reference_to_a_flag_or_a_number_gives_its_text(fake: FakeStripe, write: Write) -> None:
    update = {"path": "/v1/customers/${customer:id}", "params": {"metadata": {"a": "${customer:livemode}"}}}
    fixtures.load(fake, write(CUSTOMER, CUSTOMER | update | {"name": "update"}))
    assert get(fake, "/v1/customers")["data"][0]["metadata"] == {"a": "false"}


def test_a_reference_that_finds_nothing_takes_its_default(fake: FakeStripe, write: Write) -> None:
    fixtures.load(fake, write(CUSTOMER, METER, event(value="${customer:metadata.quota|12}")))
    assert fake.usage("calls", by_name(fake, "/v1/customers")["Ada"]) == 12


def test_the_environment_is_referred_to_as_dot_env(
    fake: FakeStripe, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMER_NAME", "Grace")
    monkeypatch.delenv("NOBODY", raising=False)
    by_env = [CUSTOMER | {"params": {"name": name}} for name in ("${.env:CUSTOMER_NAME|Ada}", "${.env:NOBODY|Ada}")]
    fixtures.load(fake, write(*by_env))
    assert by_name(fake, "/v1/customers").keys() == {"Grace", "Ada"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("${nobody:id}", "${nobody:id} refers to 'nobody', but no fixture has that name"),
        ("${later:id|1}", "${later:id|1} comes too early: 'later' has not been sent yet"),
        ("${customer:nickname}", "${customer:nickname} has no value and no |default"),
        ("${customer:metadata}", "${customer:metadata} has no value and no |default"),
        ("${customer:id.0}", "${customer:id.0} has no value and no |default"),
        ("${all:data.1.id}", "${all:data.1.id} has no value and no |default"),
        ("${.env:NO_SUCH_VARIABLE}", "${.env:NO_SUCH_VARIABLE} has no value and no |default"),
    ],
)
def test_a_reference_to_nothing_stops_the_loading(fake: FakeStripe, write: Write, text: str, complaint: str) -> None:
    listing = {"name": "all", "path": "/v1/customers", "method": "get"}
    wrong = CUSTOMER | {"name": "wrong", "params": {"name": text}}
    line = refusal(fake, write(CUSTOMER, listing, wrong, CUSTOMER | {"name": "later"}))
    assert line == f"fixture 'wrong': {complaint}"


# Outcomes


def test_an_expected_error_is_no_failure(fake: FakeStripe, write: Write) -> None:
    fixtures.load(fake, write(event() | {"params": {}, "expected_error_type": "invalid_request_error"}, CUSTOMER))
    assert by_name(fake, "/v1/customers").keys() == {"Ada"}


def test_an_error_of_v2_without_a_type_is_known_by_its_code(fake: FakeStripe, write: Write) -> None:
    request = event() | {"path": "/v2/billing/meter_events", "expected_error_type": "no_meter"}
    fixtures.load(fake, write(CUSTOMER, request | {"params": request["params"] | {"payload": {}}}))


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (event(), 'No active meter found for event name "calls".'),
        (
            METER | {"params": {}, "expected_error_type": "api_error"},
            "expected api_error, but got invalid_request_error: Missing required param: display_name.",
        ),
        (CUSTOMER | {"expected_error_type": "card_error"}, "expected card_error, but the request succeeded"),
        (
            event() | {"path": "/v2/billing/meter_events", "params": {}},
            "Missing required param: event_name.",
        ),
    ],
)
def test_any_other_outcome_stops_the_loading(
    fake: FakeStripe, write: Write, request_: dict[str, Any], complaint: str
) -> None:
    line = refusal(fake, write(CUSTOMER, request_ | {"name": "wrong"}, CUSTOMER))
    assert line == f"fixture 'wrong': {complaint}"
    assert len(fake.journal) == 2


# Files that are not what they should be


def test_a_file_that_is_not_there_is_one_line(fake: FakeStripe, tmp_path: Path) -> None:
    assert refusal(fake, tmp_path / "nowhere.json") == "cannot be read: No such file or directory"
    assert refusal(fake, tmp_path) == "cannot be read: Is a directory"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"{'a': 1}"])
def test_a_file_that_is_not_json_is_one_line(fake: FakeStripe, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "world.json"
    path.write_bytes(content)
    assert refusal(fake, path).startswith("is not valid JSON: ")


def test_a_byte_order_mark_does_no_harm(fake: FakeStripe, write: Write) -> None:
    path = write(CUSTOMER)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    fixtures.load(fake, path)
    assert len(fake.journal) == 1


@pytest.mark.parametrize(
    ("tree", "complaint"),
    [
        ([1], "the file must be an object, not [1]"),
        ({"fixtures": {"a": 1}}, 'the file: fixtures must be an array, not {"a": 1}'),
        ({"customers": []}, "the file: fixtures is missing; it must be an array"),
        ({"_meta": 0, "fixtures": []}, "the file: _meta must be an object, not 0"),
        (
            {"_meta": {"template_version": 1}, "fixtures": []},
            "_meta.template_version must be 0, the only supported version, not 1",
        ),
        (
            {"_meta": {"template_version": False}, "fixtures": []},
            "_meta.template_version must be 0, the only supported version, not False",
        ),
    ],
)
def test_a_file_of_another_shape_is_refused(fake: FakeStripe, write: Write, tree: object, complaint: str) -> None:
    assert refusal(fake, write(tree=tree)) == complaint


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": None}, "fixtures[1]: name is missing; it must be a string"),
        ({"name": 5}, "fixtures[1]: name must be a string, not 5"),
        ({"path": None}, "fixture 'x': path is missing; it must be a string"),
        ({"path": "v1/customers"}, "fixture 'x': path must start with /v1/ or /v2/, not 'v1/customers'"),
        ({"path": "/_fakestripe/reset"}, "fixture 'x': path must start with /v1/ or /v2/, not '/_fakestripe/reset'"),
        ({"method": None}, "fixture 'x': method is missing; it must be a string"),
        ({"method": "Put"}, "fixture 'x': method must be get, post, or delete, not 'Put'"),
        ({"params": ["a"]}, "fixture 'x': params must be an object, not [\"a\"]"),
        ({"expected_error_type": 1}, "fixture 'x': expected_error_type must be a string, not 1"),
        ({"idempotency_key": 1}, "fixture 'x': idempotency_key must be a string, not 1"),
        ({"headers": "a"}, "fixture 'x': headers must be an object, not \"a\""),
    ],
)
def test_a_request_of_another_shape_is_refused_before_any_is_sent(
    fake: FakeStripe, write: Write, change: dict[str, object], complaint: str
) -> None:
    assert refusal(fake, write(CUSTOMER, CUSTOMER | {"name": "x"} | change)) == complaint
    assert len(fake.journal) == 0


def test_a_fixture_that_is_no_object_is_refused(fake: FakeStripe, write: Write) -> None:
    assert refusal(fake, write(CUSTOMER, "customer")) == 'fixtures[1] must be an object, not "customer"'


def test_hostile_parameters_stop_the_loading_in_one_line(fake: FakeStripe, write: Write) -> None:
    deep: dict[str, Any] = {}
    for _ in range(600):
        deep = {"a": deep, "b": 1}
    for params in (deep, {"name": "x" * 2_000_000}, {"\ud800": "x"}):
        refusal(fake, write(CUSTOMER | {"params": params}))


def test_serve_says_in_one_line_why_it_does_not_start(write: Write) -> None:
    command = [sys.executable, "-m", "fakestripe_meters", "serve", "--port", "0", "--fixtures"]
    done = subprocess.run([*command, write(event())], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "fixture 'event': ${customer:id} refers to 'customer', but no fixture has that name" in line
