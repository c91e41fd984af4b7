"""What every panel of the page shows around its own: the way about, the accounts, the clock, and what waits.

A panel is a page whose template extends `panel.html`, and whose facts begin with `facts` of this module:

    def show(control: Control, identifier: str, form: Form) -> Answer:
        facts = panel.facts(control, form, here="webhooks")
        return View("webhooks.html", facts | {"rows": control.webhooks(facts["account"])})

    def act(control: Control, identifier: str, form: Form) -> Answer:
        control.repeat_webhooks(answers.every(form, "repeat"))
        return Redirect(panel.way_back(form))

Each form of a panel begins with `{{ hidden() }}`, which sends the account and the way back. If `act` raises `Misuse`,
the page that the form came from is shown again, with the message, and with the form's fields as `typed`.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fakestripe_meters.control import Control
from fakestripe_meters.control.answers import AccountSummary
from fakestripe_meters.control.answers import Scheduled
from fakestripe_meters.core import keys
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.printing import counted
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.site import PREFIX
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.domain.records.test_clocks import TestClocks
from fakestripe_meters.pages import changes
from fakestripe_meters.pages.answers import Fields
from fakestripe_meters.pages.answers import Form

BACK = "back"
"""The field of a form that names the page that it is on."""
FOLLOWS = "changes"
"""The fact of a page that follows what happens: how many changes there were when it was made."""
HOME = f"{PREFIX}/"
OWN = re.compile(rf"{PREFIX}/(page/[\w%.~/-]*)?(\?[\w%.~/=&+*:,;@!$'()-]*)?(#[\w-]*)?", re.ASCII)
"""An address of a page. It leads to no other site, and has nothing in it that a browser would read otherwise."""
MOST_CLOCKS = 3
"""How many test clocks have buttons on top: the newest. The pages of customers have them for each."""
MOST_ACCOUNTS = 100
"""How many accounts there are to choose from: the newest."""
NAV = {
    "usage": "Usage",
    "imports": "Usage files",
    "customers": "Customers",
    "invoices": "Invoices",
    "credits": "Credits",
    "webhooks": "Webhooks",
    "requests": "Requests",
    "limits": "Limits & faults",
}
"""The panels, by what their paths begin with below `/_fakestripe/page/`."""


def facts(control: Control, form: Form, here: str) -> dict[str, Any]:
    """Return what the template `panel.html` shows on the panel `here`.

    `account` is the id of the account that the page is about, and `link(path, **query)` makes the address of another
    page about it.
    """
    seen = changes.seen(control)  # first: what happens from here on is shown by the next look
    accounts = control.listed_accounts()
    account, missing = _chosen(control, form, [each["id"] for each in accounts])
    link = linking(account)
    at = way_back(form) if BACK in form else _own(form.at if isinstance(form, Fields) else "") or link(here)
    return {
        FOLLOWS: seen,
        "heading": NAV[here],
        "nav": [{"text": text, "href": link(path), "current": path == here} for path, text in NAV.items()],
        "account": account,
        "accounts": [_row(each, here) for each in accounts[-MOST_ACCOUNTS:]],
        "missing": missing,
        **_waiting(control, account),
        "next_due": _next_due(control),
        "checkpoints": control.checkpoints(),
        BACK: at,
        "link": link,
        "refusal": "",
        "typed": {},
    }


def linking(account: str) -> Callable[..., str]:
    """Return what makes addresses of pages about an account."""

    def link(path: str = "", /, **query: object) -> str:
        """Return the address of `/_fakestripe/page/PATH`, or of the first page; what is None or empty is left out."""
        told = {"account": account, **query}
        fields = urlencode({name: value for name, value in told.items() if value not in (None, "")})
        return f"{PREFIX}/{path and f'page/{path}'}{fields and f'?{fields}'}"

    return link


def way_back(form: Form) -> str:
    """Return the page that a form came from; the first page if it names none of ours."""
    return _own(masked(form.get(BACK, ""))) or HOME


def _own(address: str) -> str:
    """Return an address of a page; an empty one if it is of something else, or has an API key in it."""
    return address if OWN.fullmatch(address) and ".." not in address and masked(address) == address else ""


def _row(each: AccountSummary, here: str) -> dict[str, Any]:
    told = ((each["customers"], "customer"), (each["meters"], "meter"), (each["usage_events"], "event"))
    words = [counted(count, noun) for count, noun in told if count]
    return {**each, "told": ", ".join(words) or "empty", "href": linking(each["id"])(here)}


def _chosen(control: Control, form: Form, known: list[str]) -> tuple[str, str]:
    """Return the account that a page is about, and which one was asked for if there is none of that id.

    By default it is the account of the default key or, if nothing is in that, the account of the latest request.
    """
    wanted, default = form.get("account", ""), keys.own_account(keys.DEFAULT_KEY)
    if wanted in (*known, default):
        return wanted, ""
    with control.reading(default) as found:
        if found is not None and not found.blank:
            return default, wanted
    latest = (keys.own_account(each.account) for each in reversed(control.world.journal) if each.account)
    return next((each for each in latest if each in known), default), wanted


def _waiting(control: Control, account: str) -> dict[str, Any]:
    """Return what of an account waits, how much of its usage was dropped, and the times of its test clocks."""
    lag = control.lag()["seconds"]
    with control.reading(account) as found:
        intake = found and found.peek(Intake)
        deliveries = found and found.peek(Deliveries)
        clocks = found and found.peek(TestClocks)
        usage, dropped = (intake.hidden, len(intake.dropped)) if intake else (0, 0)
        webhooks = len(deliveries.ready) + len(deliveries.under_way) if deliveries else 0
        counts = [
            {"count": lag, "text": f"{lag:g} s lag"},
            {"count": usage, "text": f"{counted(usage, 'event')} hidden by the lag"},
            {"count": webhooks, "text": f"{counted(webhooks, 'webhook')} waiting"},
            {"count": dropped, "text": f"{counted(dropped, 'event')} dropped"},
        ]
        own = list(clocks.table) if clocks else []
        newest = [(each.id, each.name or each.id, each.frozen_time) for each in own[-MOST_CLOCKS:]]
    shown = [
        {"id": identifier, "name": name, "now": now, "due": _next_due(control, account, identifier)}
        for identifier, name, now in newest
    ]
    return {"counts": counts, "test_clocks": shown, "more_clocks": len(own) - len(shown)}


def _next_due(control: Control, account: str | None = None, test_clock: str | None = None) -> Scheduled | None:
    """Return what is due next: in any account, for the clock is common to all, or on a test clock; None if nothing."""
    return next(iter(control.agenda(account, limit=1, test_clock=test_clock)), None)
