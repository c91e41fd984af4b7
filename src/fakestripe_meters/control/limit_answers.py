"""What control calls about rate limits answer: the control plane's JSON."""

from typing import NotRequired
from typing import TypedDict

LimitsInForce = TypedDict(
    "LimitsInForce",
    {
        "analytics": int | None,
        "meter_events": int | None,
        "stream": int | None,
        "global": int | None,
        "endpoint": int | None,
        "search": int | None,
        "file_reads": int | None,
        "file_writes": int | None,
        "subscription_invoices_per_minute": int | None,
        "subscription_invoices_per_day": int | None,
        "subscription_quantities_per_hour": int | None,
        "payment_intent_updates_per_hour": int | None,
        "global_concurrency": int | None,
        "endpoint_concurrency": int | None,
        "object_concurrency": int | None,
        "left": NotRequired[dict[str, int | None]],
    },
)
LimitsInForce.__doc__ = (
    """The limits, null for none: calls per second, unless the name says else. Of one account, also what is left."""
)


class PeakRates(TypedDict):
    """How many requests there were at most: in one second, unless the limit's name says otherwise."""

    peaks: dict[str, int]
    """By method and URL."""
    limits: dict[str, int]
    """By limit: what one account has used of it at most, whether or not it is in force. What counts for single objects,
    and calls at once, only while it is. Of `stream`, there is none."""
    too_many: list[str]
    """Lines for people about the requests that were answered with 429; empty if there were none."""
