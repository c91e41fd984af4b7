"""The page of one request: what was sent, what was answered and why, and what came of it."""

from collections.abc import Iterator
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.control import rows
from fakestripe_meters.control.answers import Behaviour
from fakestripe_meters.control.answers import JournalEntry
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.journal import KEPT
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.domain.events.snapshots import Events
from fakestripe_meters.domain.events.thin import ThinEvents
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import requests
from fakestripe_meters.pages import telling
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import View

NAMED = ("customer", "invoice", "latest_invoice")
"""Members of an answer that name other objects with pages."""


def show(control: Control, identifier: str, query: Form) -> Answer:
    """Show one request and, if the query has `how`, where the behaviour is known from."""
    try:
        noted, entry = control.noted(identifier), control.exchange(identifier)
    except Misuse as missing:
        raise NotThere(f"There is no request {identifier} among the last {KEPT:,}.") from missing
    facts = panel.facts(control, query, here="requests")
    headers = entry["headers"] or {}
    mine = {
        "entry": entry,
        "headers": headers,
        "request_headers": entry["request_headers"] or {},
        "params": telling.pretty(entry["params"]) if entry["params"] else "",
        "answer": "" if entry["no_answer"] else telling.pretty(entry["answer"]),
        "replayed": requests.REPLAYED in headers,
        "original": headers.get("Original-Request", ""),
        "objects": _objects(entry["answer"]),
        "events": _events(control, noted),
        "how": _how(control, entry) if "how" in query else None,
    }
    return View("request.html", facts | mine)


def _objects(answer: Any) -> list[dict[str, str]]:  # noqa: ANN401  any JSON
    """Return the objects that an answer shows or names, if there are pages about them."""
    ids = [telling.text_at(answer, name) for name in ("id", *NAMED)]
    return [{"id": each, "at": telling.place_of(each)} for each in dict.fromkeys(ids) if telling.place_of(each)]


def _events(control: Control, noted: Exchange) -> list[dict[str, Any]]:
    """Return the events that a request has caused, each with its webhooks."""
    if noted.account is None:
        return []
    owner = noted.connected or keys.own_account(noted.account)
    with control.reading(owner) as account:
        caused = [] if account is None else list(_caused(account, noted.request_id))
    told = control.webhooks_about({event for event, *_ in caused}, owner)
    return [
        {
            "id": identifier,
            "type": kind,
            "about": about,
            "at": telling.place_of(about),
            "webhooks": [one for one in told if one["event"] == identifier],
        }
        for identifier, kind, about in caused
    ]


def _caused(account: Account, request_id: str) -> Iterator[tuple[str, str, str]]:
    """Yield the id, the type and the object of each event that a request has caused; of both APIs' events once."""
    snapshots, thins = account.peek(Events), account.peek(ThinEvents)
    for each in snapshots.table if snapshots else ():
        if each.request_id == request_id:
            yield each.id, each.type, str(each.object.id or "")
    for one in thins.table if thins else ():
        if one.request_id == request_id and one.snapshot_event is None:
            yield one.id, one.type, one.related.id if one.related else ""


def _how(control: Control, entry: JournalEntry) -> list[dict[str, object]]:
    """Return where the behaviour is known from: first that of the error's sentence, then what the call rests on.

    Several errors may have one sentence. Those that this call can get come first, the others last.
    """
    message = str((entry["error"] or {}).get("message") or "")
    of_sentence = rows.fidelity(control, about=message)["data"] if message else []
    of_call = rows.fidelity(control, about=f"{entry['method']} {entry['path']}")["data"]
    places = {_place(each) for each in of_call}
    likely = [each for each in of_sentence if _place(each) in places]
    once: dict[tuple[str, int], Behaviour] = {}
    for each in [*(likely or of_sentence), *of_call, *of_sentence]:
        once.setdefault(_place(each), each)
    return [{**each, "lines": _lines(each)} for each in once.values()]


def _place(each: Behaviour) -> tuple[str, int]:
    return each["module"], each["line"]


def _lines(each: Behaviour) -> list[str]:
    """Return what a behaviour is, without backticks and without a mark at its start: the page shows the marks."""
    mark, colon, rest = each["says"].partition(": ")
    says = rest if colon and mark in each["marks"] else each["says"]
    return [line for line in says.replace("`", "").splitlines() if line.strip()]
