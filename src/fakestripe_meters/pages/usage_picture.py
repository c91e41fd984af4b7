"""The answer of the analytics as a picture: the chart, its legend, and the table beside it."""

from collections.abc import Iterable
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.exact import ZERO
from fakestripe_meters.pages import axis
from fakestripe_meters.pages import chart
from fakestripe_meters.pages import usage_words
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.usage_asking import ALL
from fakestripe_meters.pages.usage_asking import Answered
from fakestripe_meters.pages.usage_asking import edges
from fakestripe_meters.pages.usage_groups import Groups
from fakestripe_meters.pages.usage_groups import grouped
from fakestripe_meters.pages.usage_question import Asked
from fakestripe_meters.pages.why_link import WhyLink

MOST_BARS = 800
"""How many stacks are drawn: more than a month of hours."""


def picture(account: Account, asked: Asked, answered: Answered, form: Form, frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template shows of an answer. The chart, the table and the API have the same numbers."""
    question, where = asked.question, asked.where
    groups = grouped(answered.rows, question.group_by, every=form.get("groups") == "all")
    many = question.expected > MOST_BARS
    borders = [] if many else edges(question, where)
    names = usage_words.names(borders, question.per, where)
    link = WhyLink(account, frame["link"], question, here=frame["back"])
    total = _sum(row.value for row in answered.rows)
    stretch = usage_words.stretch(question.start, question.end, where)
    about = f"{stretch}; {axis.number(total)} in all. The table has each number."
    title = _title(asked)
    unfolded = frame["link"]("usage", **{**form, "groups": "all"}) if groups.folded else ""
    bars = [] if many else _bars(groups, names, link, unfolded)
    slots = usage_words.slots(borders, question.per, where)
    svg = chart.draw(slots, groups.names, bars, title=title, description=about) if bars else ""
    return {
        "title": title,
        "range": stretch,
        "zone": question.timezone,
        "total": axis.number(total),
        "summed": asked.about.meter is not None and asked.about.meter.formula != "last",
        "why": link.to(question.start, question.end),
        "moved": asked.days.moved,
        "refreshed_at": answered.refreshed_at,
        "hidden_s": max(0, account.now - answered.refreshed_at),
        "too_many": question.expected if many else 0,
        "svg": Markup(svg),  # noqa: S704  it escapes what it is given
        "groups": groups,
        "unfolded": unfolded,
        "rows": [] if many else list(_rows(groups, names, link)),
        "sums": [axis.number(groups.total(group)) for group in groups.names],
        "empty": not answered.rows,
    }


def _title(asked: Asked) -> str:
    question, about = asked.question, asked.about
    meter = words.plain(about.meter.display_name) if about.meter else question.meter
    whose = words.plain((about.customer and about.customer.name) or question.customer)
    by = f" by {words.plain(' and '.join(question.group_by))}" if question.group_by else ""
    per = "" if question.per == ALL else f" per {question.per}"
    return f"{meter} of {whose}{by}{per}"


def _bars(groups: Groups, names: Mapping[int, str], link: WhyLink, unfolded: str) -> list[chart.Bar]:
    """Return the bars. One of several groups leads to the picture with each of them, which leads on."""
    return [
        chart.Bar(
            start=start,
            end=groups.ends[start],
            group=group,
            value=value,
            title=f"{names[start]} · {group}: {axis.number(value)}",
            href=link.to(start, groups.ends[start], groups.keys[group]) if group in groups.keys else unfolded,
        )
        for start, stack in groups.cells.items()
        for group, value in stack.items()
    ]


def _rows(groups: Groups, names: Mapping[int, str], link: WhyLink) -> Iterable[dict[str, Any]]:
    for start, stack in groups.cells.items():
        yield {
            "name": names[start],
            "cells": [axis.number(stack[group]) if group in stack else "" for group in groups.names],
            "total": axis.number(_sum(stack.values())),
            "why": link.to(start, groups.ends[start]),
        }


def _sum(values: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return total
