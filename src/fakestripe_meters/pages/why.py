"""The page that says why a number of usage is what it is: its events, and those that do not count."""

import re
from collections.abc import Callable
from decimal import Decimal
from decimal import InvalidOperation
from typing import TYPE_CHECKING
from typing import Any
from zoneinfo import ZoneInfo

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.meters import Meter
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
from fakestripe_meters.pages.why_parts import parts

if TYPE_CHECKING:
    from fakestripe_meters.explaining.explained import Explanation
    from fakestripe_meters.explaining.explained import Outcome

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
}
AWAY: "dict[Outcome, str]" = {
    "filtered": "with other dimensions",
    "outside": "at other times",
    "foreign": "of other customers",
}
"""What became of events that are only counted here, and how they are called."""
LONGEST_NUMBER = 9
"""How many digits the number of a page has, at most."""
INSTANT = re.compile(r"[0-9]{1,12}", re.ASCII)
LAST_YEAR = 253_370_764_800
"""Unix seconds, in the year 9999: dates end soon after."""


def show(control: Control, _identifier: str, form: Form) -> Answer:
    """Show the events behind a number, in the range, the zone and the filters of a bar."""
    facts = panel.facts(control, form, here="usage")
    timezone, filters = form.get("timezone", "").strip() or "UTC", filters_of(form)
    with control.reading(facts["account"]) as account:
        if account is None:
            raise NotThere("There is no usage in this account yet.")
        meter, customer = _subject(account, form)
        start, end = _instant(form, "start"), _instant(form, "end")
        within = {"customer": customer.id, "start": start, "end": end, "timezone": timezone, "filters": filters}
        split = list(parts(control, account, meter, within, facts["link"]))
    asked = control.asked(
        meter.id,
        customer.id,
        start,
        end,
        timezone=timezone,
        dimension_filters={key: [value] for key, value in filters.items()},
        account=facts["account"],
    )
    page = _page(form)
    with asked as question:
        senders = control.senders(question)
        found = question.first(senders, PAGE, (page - 1) * PAGE)
        if not found.events and page > 1:
            page = max(1, -(-_near(found) // PAGE))
            found = question.first(senders, PAGE, (page - 1) * PAGE)
    shown = {
        "whose": customer.name or customer.id,
        "timezone": timezone,
        "parts": split,
        **_facts(found, question.within.zone, page),
    }
    return View("why.html", facts | shown | _links(form, found, question.within.zone, page, facts["link"]))


def _subject(account: Account, form: Form) -> tuple[Meter, Customer]:
    about = usage_question.subject(account, form)
    if about.meter is None or about.customer is None:
        missing = "customer" if about.customer is None else "meter"
        raise NotThere(f"There is no {missing} {words.plain(form.get(missing, ''))}".rstrip() + ".")
    return about.meter, about.customer


def _near(found: "Explanation") -> int:
    """Return how many events could have counted: those that were asked for."""
    return sum(count for fate, count in found.counts.items() if fate not in AWAY)


def _facts(found: "Explanation", where: ZoneInfo, page: int) -> dict[str, Any]:
    return {
        "value": axis.number(found.value),
        "formula": FORMULAS[found.meter.formula],
        "counted": found.counts.get("counted", 0),
        "away": [(found.counts[fate], text) for fate, text in AWAY.items() if found.counts.get(fate)],
        "meter": found.meter,
        "range": usage_words.stretch(found.start, found.end, where),
        "filters": [(key, " or ".join(values)) for key, values in found.filters.items()],
        "keys": found.meter.keys,
        "events": _rows(found, where),
        "more": max(0, _near(found) - page * PAGE),
        "before": (page - 1) * PAGE,
    }


def _links(
    form: Form,
    found: "Explanation",
    where: ZoneInfo,
    page: int,
    link: Callable[..., str],
) -> dict[str, Any]:
    told = {name: value for name, value in form.items() if name not in ("account", "page")}
    days = {
        "from": usage_question.day(found.start, where),
        "to": usage_question.day(max(found.start, found.end - 1), where),
    }
    kept = {name: value for name, value in told.items() if name in ("customer", "meter", "timezone")}
    return {
        "pages": {
            "before": link("why", **{**told, "page": page - 1}),
            "after": link("why", **{**told, "page": page + 1}),
        },
        "usage": link("usage", **kept, **days),
    }


def _rows(found: "Explanation", where: ZoneInfo) -> list[dict[str, Any]]:
    one_day = usage_question.day(found.start, where) == usage_question.day(found.end - 1, where)
    return [
        {
            "time": (usage_words.clock if one_day else usage_words.moment)(each.timestamp, where),
            "value": _value(each.value),
            "counts": each.outcome == "counted",
            "fate": FATES[each.outcome],
            "why": words.plain(each.why),
            "late": each.late,
            "identifier": words.plain(each.identifier or ""),
            "request": each.request_id,
            "dimensions": [words.plain(each.dimensions.get(key) or "") for key in found.meter.keys],
        }
        for each in found.events
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
    if not (INSTANT.fullmatch(text) and int(text) < LAST_YEAR):
        message = f"{name!r} is a time in Unix seconds, and not {text[:100]!r}"
        raise Misuse(message, param=name)
    return int(text)


def _page(form: Form) -> int:
    text = form.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 1
