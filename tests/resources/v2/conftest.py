"""What the tests of API v2 say over and over."""

import json
from typing import Any

from tests.conftest import Answer
from tests.conftest import Call

JSON = {"Content-Type": "application/json"}
NOW = 1_735_689_600
DAY = 86_400


def post(call: Call, path: str, tree: object = None, **options: Any) -> Answer:  # noqa: ANN401  as `Call.request`
    """POST a tree as JSON; bytes are sent as they are."""
    body = tree if isinstance(tree, bytes) else json.dumps({} if tree is None else tree)
    headers = JSON | options.pop("headers", {})
    return call.post(path, body, headers=headers, **options)


def make(call: Call, path: str, tree: object = None, **options: Any) -> dict[str, Any]:  # noqa: ANN401  as above
    """POST what must succeed, and the object that it made."""
    answer = post(call, path, tree, **options)
    assert answer.status == 200, answer.body
    made: dict[str, Any] = answer.json
    return made


def customer(call: Call, **options: Any) -> str:  # noqa: ANN401  as `Call.request`
    made: str = call.create("/v1/customers", **options)["id"]
    return made


def meter(call: Call, event_name: str = "calls", formula: str = "sum", **options: Any) -> str:  # noqa: ANN401  as above
    params = {"display_name": "Calls", "event_name": event_name, "default_aggregation": {"formula": formula}}
    made: str = call.create("/v1/billing/meters", params, **options)["id"]
    return made


def usage(whose: str, value: str = "1", **more: object) -> dict[str, Any]:
    return {"event_name": "calls", "payload": {"stripe_customer_id": whose, "value": value}} | more


def total(call: Call, meter_id: str, whose: str, **options: Any) -> int | float | None:  # noqa: ANN401  as above
    """What a meter has counted of a customer within 40 days of now; None if there is nothing."""
    minute = call.clock.now() // 60 * 60
    params = {"customer": whose, "start_time": minute - 40 * DAY, "end_time": minute + DAY}
    found = call.get(f"/v1/billing/meters/{meter_id}/event_summaries", params, **options).json["data"]
    value: int | float | None = found[0]["aggregated_value"] if found else None
    return value


def token(call: Call, **options: Any) -> str:  # noqa: ANN401  as above
    made: str = make(call, "/v2/billing/meter_event_session", **options)["authentication_token"]
    return made


def stream(call: Call, events: object, bearer: str, **options: Any) -> Answer:  # noqa: ANN401  as above
    return post(call, "/v2/billing/meter_event_stream", {"events": events}, key=bearer, **options)


def dropped(call: Call) -> list[tuple[str, str]]:
    """Codes and identifiers of what was accepted and never counted."""
    return [(each.code, each.event["identifier"]) for each in call.fake.dropped_events]


def reports(call: Call, **options: Any) -> list[dict[str, Any]]:  # noqa: ANN401  as above
    """The reports about dropped usage, oldest first."""
    kinds = ["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"]
    found: list[dict[str, Any]] = call.get("/v2/core/events", {"types": kinds}, **options).json["data"]
    return found[::-1]
