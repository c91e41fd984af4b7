"""The panel of requests: what was asked of an account, newest first, and what was answered."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import View
from fakestripe_meters.pages.paging import ROWS

STATUSES = ("2xx", "4xx", "5xx", "400", "401", "402", "403", "404", "409", "429", "500", "501", "503")
STATUS = re.compile("[1-5]([0-9][0-9]|xx)", re.ASCII)
REPLAYED = "Idempotent-Replayed"


def show(control: Control, _identifier: str, query: Form) -> Answer:
    """List the requests of an account, a page at a time: from the newest, or from one on backwards."""
    facts = panel.facts(control, query, here="requests")
    path, status, before = (query.get(name, "").strip() for name in ("path", "status", "before"))
    found = control.latest(facts["account"], ROWS + 1, before=before, wanted=_wanted(path, status))
    rows = found[:ROWS]
    oldest = next((each.request_id for each in reversed(rows) if each.request_id), "")
    mine = {
        "rows": [_row(each) for each in rows],
        "path": path,
        "status": status,
        "statuses": STATUSES if status in ("", *STATUSES) else (*STATUSES, status),
        "before": before,
        "older": oldest if found[ROWS:] else "",
    }
    return View("requests.html", facts | mine)


def _wanted(path: str, status: str) -> Callable[[Exchange], bool]:
    """Return what tells whether a request is at a path that has these words in it, or fits `*`, and has a status."""
    beginning = (status[0] if status.endswith("xx") else status) if STATUS.fullmatch(status) else ""

    def wanted(each: Exchange) -> bool:
        fits = fnmatchcase(each.path, path) if "*" in path else path in each.path
        return fits and str(each.status).startswith(beginning)

    return wanted


def _row(each: Exchange) -> dict[str, Any]:
    error = each.error or {}
    return {
        "id": each.request_id,
        "at": each.at,
        "method": each.method,
        "path": each.path,
        "status": each.status,
        "says": error.get("message") or each.hint or "",
        "replayed": REPLAYED in (each.headers or {}),
        "ignored": each.ignored,
        "nobodys": each.account is None,
    }
