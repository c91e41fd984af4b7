"""What several chapters begin with."""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.comparing.steps import Step

MADE_BY = {"made_by": "fakestripe-meters compare"}
"""Metadata of everything that can have some, so that a user finds what could not be removed."""
METERS = "/v1/billing/meters"
EVENTS = "/v1/billing/meter_events"
CUSTOMER = "POST /v1/customers"


def customer(name: str = "customer") -> Step:
    """Return the step that makes a customer."""
    return Step(name, CUSTOMER, {"name": "Compared", "metadata": MADE_BY})


def meter(name: str, event: str, **more: Any) -> Step:  # noqa: ANN401  any parameter
    """Return the step that makes a meter for events called `event`, a sum if `more` does not say otherwise."""
    formula = {"formula": more.pop("formula", "sum")}
    params = {"display_name": "Compared", "event_name": of_run(event), "default_aggregation": formula}
    return Step(name, f"POST {METERS}", params | more)


def event(
    name: str,
    event_name: str,
    payload: Mapping[str, object] | None = None,
    *,
    customer: str = "${customer:id}",
    asks: str = "",
    **more: object,
) -> Step:
    """Return the step that sends a usage event, by default of one customer with a value of 1."""
    whole = {"stripe_customer_id": customer, "value": "1"} if payload is None else payload
    return Step(name, f"POST {EVENTS}", {"event_name": of_run(event_name), "payload": whole, **more}, asks=asks)


def of_run(name: str) -> str:
    """Return a name that no other run has, for event names and identifiers."""
    return f"{name}_${{run:id}}"
