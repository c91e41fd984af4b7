"""What the form of the usage page offers: customers, meters, groups, windows, time zones, and values of dimensions."""

from dataclasses import replace
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.printing import masked
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.usage_asking import ALL
from fakestripe_meters.pages.usage_asking import LENGTHS
from fakestripe_meters.pages.usage_asking import Question
from fakestripe_meters.pages.usage_asking import ask
from fakestripe_meters.pages.usage_question import WHERE
from fakestripe_meters.pages.usage_question import Asked
from fakestripe_meters.pages.usage_question import dimensions
from fakestripe_meters.pages.words import plain

MOST = 100
"""How many customers, meters or values are offered; others can be typed."""
ZONES = (
    *("UTC", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo"),
    *("Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney"),
)
"""The time zones that are offered; each other one can be typed."""


def choices(control: Control, account: Account, asked: Asked, form: Form) -> dict[str, Any]:
    """Return the fields of the form, with what is chosen."""
    question, days, about = asked.question, asked.days, asked.about
    people = [each for each in account.part(Customers).table if not each.deleted]
    things = list(account.part(Meters).table)
    keys = dimensions(about.meter)
    by = [*question.group_by, "", ""]
    return {
        "customers": [{"value": each.id, "label": _label(each.name, each.id)} for each in people[:MOST]],
        "meters": [{"value": each.id, "label": _label(each.display_name, each.event_name)} for each in things[:MOST]],
        "customer": question.customer,
        "meter": question.meter,
        "keys": [{"value": key, "label": plain(key)} for key in keys],
        "by": by[0],
        "then": by[1],
        "windows": [*LENGTHS, ALL],
        "per": question.per,
        "timezone": question.timezone,
        "zones": ZONES,
        "first": form.get("from", "").strip() or days.first,
        "last": form.get("to", "").strip() or days.last,
        "filters": [_filter(control, account, question, key) for key in keys],
    }


def _filter(control: Control, account: Account, question: Question, key: str) -> dict[str, Any]:
    """Return the values that a dimension has in the range, whatever the filters are."""
    chosen = (question.filters or {}).get(key)
    try:
        rows = ask(control, account, replace(question, per=ALL, group_by=(key,), filters=None)).rows
    except StripeError:
        rows = ()
    every = dict.fromkeys([*(row.group[0] for row in rows[:MOST]), *([chosen] if chosen else [])])
    values = [each for each in every if masked(each) == each]  # no API key becomes a part of an address
    return {
        "name": f"{WHERE}{key}",
        "label": plain(key),
        "values": [{"value": each, "label": plain(each), "chosen": each == chosen} for each in values],
    }


def _label(name: str | None, identifier: str) -> str:
    return f"{plain(name)} · {plain(identifier)}" if name else plain(identifier)
