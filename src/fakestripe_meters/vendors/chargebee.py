"""Chargebee: https://apidocs.chargebee.com/docs/api/usages.

Documented in: https://chargebee.com/docs/billing/2.0/kb/billing/how-to-add-usage-via-api and the types of Chargebee's
Python SDK 3.29.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import partial
from typing import Any

from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.errors import NOT_SERVED
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.vendors import forms
from fakestripe_meters.vendors import reading
from fakestripe_meters.vendors.chargebee_replays import once
from fakestripe_meters.vendors.mapping import is_metered
from fakestripe_meters.vendors.vendor import NO_RETRY
from fakestripe_meters.vendors.vendor import Call
from fakestripe_meters.vendors.vendor import Refusal
from fakestripe_meters.vendors.vendor import Reply
from fakestripe_meters.vendors.vendor import Sent
from fakestripe_meters.vendors.vendor import Taken
from fakestripe_meters.vendors.vendor import Usage
from fakestripe_meters.vendors.vendor import Vendor

FIELDS = ("id", "item_price_id", "quantity", "usage_date", "note", "dedupe_option")
EVENT_FIELDS = ("deduplication_id", "subscription_id", "usage_timestamp", "properties")
BRACKETED = re.compile(r"usage\[(\w+)\]")
DEDUPE = ("skip", "update_existing")
ID_LENGTH = 16
NO_METER = "usage_event"
"""What the meter must be called that counts events none of whose properties is a meter's name."""
WRONG = "param_wrong_value"
CODES = {
    401: "api_authentication_failed",
    404: "resource_not_found",
    413: "invalid_request",
    415: "invalid_request",
    429: "api_request_limit_exceeded",
    500: "internal_error",
    503: "internal_temporary_error",
}
INVALID = "invalid_request"
ALL_FAILED = "ubb_batch_ingestion_invalid_request"


@documented("a subscription has one usage for each item price and usage date, and the answer shows it")
@inferred("the item price's id names the meter; a name may stand in usage[…], too; no usage is too old or too new")
def record(sent: Sent) -> Taken:
    """Count a usage record of a subscription, which the path names."""
    form = _plainly_named(sent.body)
    for name in ("item_price_id", "quantity", "usage_date"):
        if not form.get(name):
            raise _wrong(name, "cannot be blank")
    if forms.number(form["quantity"]) is None:
        raise _wrong("quantity", "must be a number")
    date = _whole(form["usage_date"])
    if not 0 <= date <= LAST_SECOND:
        raise _wrong("usage_date", "must be a time in Unix seconds")
    if "dedupe_option" in form and form["dedupe_option"] not in DEDUPE:
        raise _wrong("dedupe_option", "must be skip or update_existing")
    (subscription,) = sent.path
    key = forms.key_of("chargebee", (subscription, form["item_price_id"], date))
    if sent.holds(key, forms.FOREVER_NS):
        _refuse_repeat(form)
        return Taken((), Reply(200, {"usage": _shown(sent, form, date)}))
    usage = Usage(key, subscription, form["item_price_id"], date, {}, form, form["quantity"])
    return Taken((usage,), Reply(200, {"usage": _shown(sent, form, date)}))


def _plainly_named(body: Mapping[str, str]) -> dict[str, str]:
    form: dict[str, str] = {}
    for name, value in body.items():
        bracketed = BRACKETED.fullmatch(name)
        plain = bracketed[1] if bracketed else name
        if plain not in FIELDS:
            raise _wrong(shortened(name), "is not a parameter of this call")
        if plain in form:
            raise _wrong(plain, "is given twice")
        form[plain] = value
    return form


@inferred("with dedupe_option=skip a repeat is answered and does not count; nothing that counts is replaced")
def _refuse_repeat(form: Mapping[str, str]) -> None:
    option = form.get("dedupe_option")
    if option == "update_existing":
        message = "fakestripe-meters replaces no usage of Chargebee's: send the difference at another usage_date."
        raise Refusal(501, message, code=NOT_SERVED, headers=NO_RETRY)
    if option is None:
        message = "There is a usage for this subscription, item price and usage date already"
        raise Refusal(400, f"usage_date : {message}", code="duplicate_entry", extra={"param": "usage_date"})


def _shown(sent: Sent, form: Mapping[str, str], date: int) -> dict[str, Any]:
    (subscription,) = sent.path
    shown = {
        "id": form.get("id") or forms.made_id(sent, ID_LENGTH),
        "usage_date": date,
        "subscription_id": subscription,
        "item_price_id": form["item_price_id"],
        "quantity": form["quantity"],
        "source": "api",
        "resource_version": sent.now * 1_000,
        "created_at": sent.now,
        "updated_at": sent.now,
        "object": "usage",
    }
    return shown | ({"note": form["note"]} if "note" in form else {})


@documented("the answer is the event")
def ingest(sent: Sent) -> Taken:
    """Count one usage event."""
    event = sent.body
    objection = next(_objections(event), None)
    if objection is not None:
        raise _wrong(*objection)
    shown = {name: event[name] for name in EVENT_FIELDS} | {"object": "usage_event"}
    return Taken(_usages(sent, event), Reply(200, {"usage_event": shown}))


@documented("the answer has the batch's id and the events that failed")
@inferred("the others count; if all fail, that is a 400, and nothing counts; there is no limit but that of the body")
def ingest_batch(sent: Sent) -> Taken:
    """Count those of several usage events that are valid."""
    events = sent.body["events"] if isinstance(sent.body, dict) and sent.body.keys() == {"events"} else None
    if not isinstance(events, list) or not events:
        raise _wrong("events", "must be a list of at least one event, and the only field of the body")
    usages: list[Usage] = []
    failed: list[dict[str, Any]] = []
    for place, event in enumerate(events):
        objection = next(_objections(event), None)
        if objection is None:
            usages += _usages(sent, event)
        else:
            failed.append(_failure(place, event, objection))
    answer = {"batch_id": forms.made_id(sent, ID_LENGTH), "failed_events": failed}
    if len(failed) == len(events):
        message = f"All events failed, the first because of this: {failed[0]['message']}"
        raise Refusal(400, message, code=INVALID, extra={"type": ALL_FAILED, **answer})
    return Taken(usages, Reply(200, answer))


def _failure(place: int, event: Any, objection: tuple[str, str]) -> dict[str, Any]:  # noqa: ANN401  any JSON
    known = event.get("deduplication_id") if isinstance(event, dict) else None
    deduplication_id = shortened(known) if isinstance(known, str) else None
    return {"index": place, "deduplication_id": deduplication_id, "message": " : ".join(objection)}


def _objections(event: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  any JSON
    """Yield what is wrong with an event: a field, and why."""
    if not isinstance(event, dict):
        yield "event", "must be an object"
        return
    for name in event:
        if name not in EVENT_FIELDS:
            yield shortened(name), "is not a field of an event"
    for name in ("deduplication_id", "subscription_id"):
        if not isinstance(event.get(name), str) or not event[name]:
            yield name, "must be a string that is not empty"
    milliseconds = event.get("usage_timestamp")
    if type(milliseconds) is not int or not 0 <= milliseconds <= LAST_SECOND * 1_000:
        yield "usage_timestamp", "must be a time in milliseconds since 1970"
    if not isinstance(event.get("properties"), dict):
        yield "properties", "must be an object"


@inferred("each property that is the name of an active meter counts there by its value, the others are its dimensions")
@inferred("an event whose subscription and deduplication_id are known counts no more, however old it is")
def _usages(sent: Sent, event: Mapping[str, Any]) -> Sequence[Usage]:
    subscription, properties = event["subscription_id"], event["properties"]
    timestamp = event["usage_timestamp"] // 1_000
    once = forms.key_of("chargebee", (subscription, event["deduplication_id"]))
    if sent.holds(once, forms.FOREVER_NS):
        return ()
    metered = [name for name in properties if is_metered(sent.account, name)]
    if not metered:
        return (Usage(once, subscription, NO_METER, timestamp, properties, event),)
    return [
        Usage(f"{once}/{place}" if place else once, subscription, name, timestamp, properties, event, _amount(value))
        for place, (name, value) in enumerate((name, properties[name]) for name in metered)
    ]


def _amount(value: object) -> str:
    amount = forms.number(value)
    return str(value) if amount is None else f"{amount:f}"


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LAST_SECOND)) + 1 else -1


def _wrong(param: str, reason: str) -> Refusal:
    return Refusal(400, f"{param} : {reason}", code=WRONG, extra={"param": param})


@documented("the names of the fields, and the codes that Chargebee's SDKs list")
@inferred("which refusal has which code")
def envelope(refusal: Refusal, _request_id: str) -> dict[str, Any]:
    """Return the body of a refusal."""
    code = refusal.code or CODES.get(refusal.status, INVALID)
    typed = {"type": INVALID} if refusal.status in {400, 409} else {}
    body = {"message": refusal.message, **typed, "api_error_code": code, **refusal.extra}
    return body | {"error_code": code, "error_msg": refusal.message, "http_status_code": refusal.status}


VENDOR = Vendor(
    name="chargebee",
    title="Chargebee",
    calls=(
        Call("POST", "/api/v2/subscriptions/*/usages", partial(once, record=record), forms.form_body),
        Call("POST", "/api/v2/usage_events", ingest, reading.typed_json_body),
        Call("POST", "/api/v2/batch/usage_events", ingest_batch, reading.typed_json_body),
    ),
    window_ns=forms.FOREVER_NS,
    envelope=envelope,
    no_key="Sorry, authentication failed. Invalid api key",
)
