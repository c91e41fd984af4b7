"""The page that says why a number of usage is what it is: its events, and those that do not count."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from fakestripe_meters.control import Control
from fakestripe_meters.core import zones
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.pages import axis
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import usage_question
from fakestripe_meters.pages import usage_words
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import View
from fakestripe_meters.pages.usage_question import filters_of
from fakestripe_meters.pages.why_asking import AWAY
from fakestripe_meters.pages.why_asking import explained

PAGE = 200
"""How many events are listed on a page."""
FORMULAS = {"sum": "the sum of", "count": "the number of", "last": "the last of"}
FATES = {
    "counted": "counts",
    "cancelled": "does not count: it was cancelled",
    "overwritten": "does not count: a later event took its place",
    "waiting": "does not count yet: it is hidden by the lag",
    "dropped": "does not count: it was dropped",
    "refused": "does not count: it was refused",
    "duplicate": "does not count: its identifier was taken",
}
LONGEST_NUMBER = 9
"""How many digits the number of a page has, at most."""
LAST_YEAR = 253_370_764_800
"""Unix seconds, in the year 9999: dates end soon after."""


def show(control: Control, _identifier: str, form: Form) -> Answer:
    """Show the events behind a number, in the range, the zone and the filters of a bar."""
    facts = panel.facts(control, form, here="usage")
    with control.reading(facts["account"]) as account:
        if account is None:
            raise NotThere("There is no usage in this account yet.")
        return View("why.html", facts | _facts(control, account, form, facts["link"]))


def _facts(control: Control, account: Account, form: Form, link: Any) -> dict[str, Any]:  # noqa: ANN401  as panels have it
    about = usage_question.subject(account, form)
    if about.meter is None or about.customer is None:
        missing = "customer" if about.customer is None else "meter"
        raise NotThere(f"There is no {missing} {words.plain(form.get(missing, ''))}".rstrip() + ".")
    timezone = form.get("timezone", "").strip() or "UTC"
    where, filters = zones.zone(timezone), filters_of(form)
    if where is None:
        message = f"there is no time zone {timezone[:100]!r}"
        raise Misuse(message, param="timezone")
    start, end = _instant(form, "start"), _instant(form, "end")
    if start > end:
        message = "the range ends before its start"
        raise Misuse(message, param="end")
    try:
        found = explained(control, account, about.meter, about.customer.id, within=(start, end), filters=filters)
    except StripeError as error:
        raise Misuse(error.message, param="where") from None
    near = [each for each in found["events"] if each["fate"] not in AWAY]
    page = min(_page(form), max(1, -(-len(near) // PAGE)))
    fates = Counter(each["fate"] for each in found["events"])
    return {
        "value": axis.number(Decimal(found["value"])),
        "formula": FORMULAS[found["formula"]],
        "counted": fates["counted"],
        "outside": fates["outside"],
        "not_counted": len(near) - fates["counted"],
        "meter": about.meter,
        "whose": about.customer.name or about.customer.id,
        "range": usage_words.stretch(start, end, where),
        "timezone": timezone,
        "filters": list(filters.items()),
        "keys": about.meter.keys,
        "events": _rows(near[(page - 1) * PAGE : page * PAGE], about.meter.keys, where, start, end),
        "more": max(0, len(near) - page * PAGE),
        "before": (page - 1) * PAGE,
        "pages": {
            "before": link("why", **{**_told(form), "page": page - 1}) if page > 1 else "",
            "after": link("why", **{**_told(form), "page": page + 1}),
        },
        "usage": link("usage", **_back(form, timezone, start, end, where)),
    }


def _told(form: Form) -> dict[str, str]:
    return {name: value for name, value in form.items() if name not in ("account", "page")}


def _back(form: Form, timezone: str, start: int, end: int, where: ZoneInfo) -> dict[str, str]:
    """Return the question of the usage page whose picture has this number."""
    kept = {name: value for name, value in form.items() if name in ("customer", "meter")}
    days = {"from": usage_question.day(start, where), "to": usage_question.day(max(start, end - 1), where)}
    return {**kept, **days, "timezone": timezone}


def _rows(
    events: Sequence[Mapping[str, Any]], keys: Sequence[str], where: ZoneInfo, start: int, end: int
) -> list[dict[str, Any]]:
    one_day = usage_question.day(start, where) == usage_question.day(end - 1, where)
    return [
        {
            "time": (usage_words.clock if one_day else usage_words.moment)(each["timestamp"], where),
            "value": _value(each["value"]),
            "counts": each["fate"] == "counted",
            "fate": FATES.get(each["fate"], each["fate"]),
            "why": words.plain(each["why"]),
            "late": each["late"],
            "identifier": words.plain(each["identifier"] or ""),
            "request": each["request_id"],
            "dimensions": [words.plain(each["dimensions"].get(key) or "") for key in keys],
        }
        for each in events
    ]


def _value(text: str) -> str:
    """Return the value of an event for people; as it was sent, if it is no number."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return words.plain(text)
    return axis.number(value) if value.is_finite() else words.plain(text)


def _instant(form: Form, name: str) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and int(text[:20]) < LAST_YEAR):
        message = f"{name!r} is a time in Unix seconds, and not {text[:100]!r}"
        raise Misuse(message, param=name)
    return int(text)


def _page(form: Form) -> int:
    text = form.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 1
