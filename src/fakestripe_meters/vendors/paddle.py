"""Paddle: https://developer.paddle.com/api-reference/usage-events/create-usage-events.

Documented in: the page above, https://developer.paddle.com/api-reference/transactions/create-transaction,
https://developer.paddle.com/api-reference/subscriptions/create-one-time-charge and the types of Paddle's Python SDK
1.16.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.instants import parse
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors import forms
from fakestripe_meters.vendors import paddle_objects
from fakestripe_meters.vendors import reading
from fakestripe_meters.vendors.vendor import Call
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Reply
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.vendors.vendor import Taken
from fakestripe_meters.vendors.vendor import Usage
from fakestripe_meters.vendors.vendor import Vendor

# documented: usage may be 60 days old and a day ahead, and a call has at most 100 events.
OLDEST_S = 60 * DAY_S
AHEAD_S = DAY_S
MOST = 100
TEXTS = ("action", "customer_id", "event_key", "occurred_at")
EVENT_FIELDS = (*TEXTS, "quantity")
TOO_OLD = "usage_event_timestamp_too_old"
AHEAD = "usage_event_future_timestamp"
MOST_ITEMS = 100
LARGEST_QUANTITY = 999_999_999
EFFECTIVE_FROM = ("immediately", "next_billing_period")
ON_FAILURE = ("prevent_change", "apply_change")
ERRORS = "https://developer.paddle.com/errors"
CODES = {
    400: "bad_request",
    401: "authentication_missing",
    404: "not_found",
    413: "bad_request",
    415: "bad_request",
    429: "too_many_requests",
    500: "internal_error",
    503: "service_unavailable",
}

Objection = dict[str, str]
"""A field, and what is wrong with it."""


@documented("all events count, or none; each counts once for its customer, action, event key and time")
@inferred("the body is an object with `events`, or the list itself; each event is answered with the status accepted")
def ingest(sent: Sent) -> Taken:
    """Count usage events, which are in early access at Paddle."""
    body = sent.body
    events = body["events"] if isinstance(body, dict) and body.keys() == {"events"} else body
    if not isinstance(events, list) or not 1 <= len(events) <= MOST:
        raise _invalid([_objection("events", f"must be a list of 1 to {MOST} events, and the only field of the body")])
    wrong = [each for place, event in enumerate(events) for each in _objections(event, f"events.{place}")]
    if wrong:
        raise _invalid(wrong)
    times = [parse(event["occurred_at"]) for event in events]
    for event, time_ns in zip(events, times, strict=True):
        _check_time(event["occurred_at"], time_ns // SECOND_NS, sent.now)
    usage = [_usage(event, time_ns) for event, time_ns in zip(events, times, strict=True)]
    return Taken(usage, _reply(sent, 201, [{**event, "status": "accepted"} for event in events]))


def _objections(event: Any, where: str) -> Iterator[Objection]:  # noqa: ANN401  any JSON
    if not isinstance(event, dict):
        yield _objection(where, "must be an object")
        return
    for name in event:
        if name not in EVENT_FIELDS:
            yield _objection(f"{where}.{shortened(name)}", "is not a field of a usage event")
    for name in TEXTS:
        if not isinstance(event.get(name), str) or not event[name]:
            yield _objection(f"{where}.{name}", "must be a string that is not empty")
    quantity = event.get("quantity")
    if isinstance(quantity, str) or (amount := forms.number(quantity)) is None or amount < 0:
        yield _objection(f"{where}.quantity", "must be a number that is not negative")
    if isinstance(event.get("occurred_at"), str) and not _is_time(event["occurred_at"]):
        yield _objection(f"{where}.occurred_at", "must be an RFC 3339 date and time")


def _is_time(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


@documented("the two codes and sentences")
def _check_time(text: str, timestamp: int, now: int) -> None:
    if timestamp < now - OLDEST_S:
        raise Refusal(400, f"usage event occurred_at {text} is more than 60 days in the past", code=TOO_OLD)
    if timestamp > now + AHEAD_S:
        raise Refusal(400, f"usage event occurred_at {text} is more than 24 hours in the future", code=AHEAD)


@documented("the action chooses the meter")
def _usage(event: Mapping[str, Any], time_ns: int) -> Usage:
    customer, action = event["customer_id"], event["action"]
    key = forms.key_of("paddle", (customer, action, event["event_key"], time_ns))
    quantity = forms.number(event["quantity"])
    return Usage(key, customer, action, time_ns // SECOND_NS, {}, event, f"{quantity:f}")


@documented("a transaction of items for a customer")
@inferred("each item counts by its quantity on the meter that its price's id or name names; nothing has a price")
def transact(sent: Sent) -> Taken:
    """Count the items of a transaction as usage of this moment."""
    body = _object(sent.body)
    wrong = [_objection(shortened(name), "is not served") for name in body if name not in paddle_objects.TAKEN]
    texts = {name: body[name] for name in ("customer_id", "address_id", "business_id", "currency_code") if name in body}
    wrong += [
        _objection(name, "must be a string that is not empty, or null")
        for name, value in texts.items()
        if value is not None and (not isinstance(value, str) or not value)
    ]
    for name, values in paddle_objects.CHOICES.items():
        if body.get(name, values[0]) not in values:
            wrong.append(_objection(name, f"must be one of {', '.join(values)}"))
    wrong += _objections_to_items(body)
    if wrong:
        raise _invalid(wrong)
    transaction = paddle_objects.transaction(sent, body)
    usage = _items(sent, body.get("customer_id") or "", body["items"], transaction["id"])
    return Taken(usage, _reply(sent, 201, transaction))


@documented("a one-time charge of items for a subscription")
@inferred("as for transactions; the subscription's id names the customer")
def charge(sent: Sent) -> Taken:
    """Count the items of a charge for a subscription, which the path names, as usage of this moment."""
    body = _object(sent.body)
    known = ("items", "effective_from", "on_payment_failure")
    wrong = [_objection(shortened(name), "is not served") for name in body if name not in known]
    if body.get("effective_from") not in EFFECTIVE_FROM:
        wrong.append(_objection("effective_from", f"must be one of {', '.join(EFFECTIVE_FROM)}"))
    if body.get("on_payment_failure", ON_FAILURE[0]) not in ON_FAILURE:
        wrong.append(_objection("on_payment_failure", f"must be one of {', '.join(ON_FAILURE)}"))
    wrong += _objections_to_items(body)
    if wrong:
        raise _invalid(wrong)
    (subscription,) = sent.path
    usage = _items(sent, subscription, body["items"], paddle_objects.transaction_id(sent))
    return Taken(usage, _reply(sent, 200, paddle_objects.subscription(sent)))


def _object(body: Any) -> Mapping[str, Any]:  # noqa: ANN401  any JSON
    if not isinstance(body, dict):
        raise Refusal(400, "The body must be an object")
    return body


def _objections_to_items(body: Mapping[str, Any]) -> Iterator[Objection]:
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        yield _objection("items", f"must be a list of 1 to {MOST_ITEMS} items")
        return
    for place, item in enumerate(items):
        yield from _objections_to_item(item, f"items.{place}")


def _objections_to_item(item: Any, where: str) -> Iterator[Objection]:  # noqa: ANN401  any JSON
    if not isinstance(item, dict):
        yield _objection(where, "must be an object")
        return
    for name in item:
        if name not in {"price_id", "price", "quantity"}:
            yield _objection(f"{where}.{shortened(name)}", "is not a field of an item")
    if ("price_id" in item) == ("price" in item):
        yield _objection(where, "must have either price_id or price")
    elif not paddle_objects.name_of(item):
        yield _objection(where, "must have a price_id, or a price with a name or a description")
    quantity = item.get("quantity")
    if type(quantity) is not int or not 1 <= quantity <= LARGEST_QUANTITY:
        yield _objection(f"{where}.quantity", f"must be a whole number from 1 to {LARGEST_QUANTITY}")


def _items(sent: Sent, customer: str, items: Sequence[Mapping[str, Any]], transaction: str) -> list[Usage]:
    return [
        Usage(f"paddle:{transaction}/{place}", customer, name, sent.now, {}, item, str(item["quantity"]))
        for place, item in enumerate(items)
        if (name := paddle_objects.name_of(item))
    ]


def _reply(sent: Sent, status: int, data: object) -> Reply:
    return Reply(status, {"data": data, "meta": {"request_id": sent.account.cause.request_id}})


def _objection(field: str, message: str) -> Objection:
    return {"field": field, "message": message}


def _invalid(wrong: list[Objection]) -> Refusal:
    first = wrong[0]
    message = f"Invalid request: {first['field']} {first['message']}"
    return Refusal(400, message, code="bad_request", extra={"errors": wrong[:MOST]})


@documented("the fields, and the type request_error")
@inferred("which refusal has which code, but for those of timestamps; what is not the request's fault is an api_error")
def envelope(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """Return the body of a refusal."""
    code = refusal.code or CODES.get(refusal.status, "bad_request")
    folder = "usage-events" if code in {TOO_OLD, AHEAD} else "shared"
    error = {
        "type": "request_error" if refusal.status < 500 else "api_error",  # noqa: PLR2004  a class of statuses
        "code": code,
        "detail": refusal.message,
        "documentation_url": f"{ERRORS}/{folder}/{code}",
        **refusal.extra,
    }
    return {"error": error, "meta": {"request_id": request_id}}


VENDOR = Vendor(
    name="paddle",
    title="Paddle",
    calls=(
        Call("POST", "/usage-events", ingest, reading.typed_json_body),
        Call("POST", "/transactions", transact, reading.typed_json_body),
        Call("POST", "/subscriptions/*/charge", charge, reading.typed_json_body),
    ),
    window_ns=forms.FOREVER_NS,
    envelope=envelope,
    no_key="Authentication header not included",
)
