"""The panel of limits and faults: what is left of each limit, what goes wrong next, and what is answered by a stub."""

import json
import re
from collections.abc import Callable
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.control.plans import CODES
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors.requests import LOCK_TIMEOUT
from fakestripe_meters.core.limits import KINDS
from fakestripe_meters.core.limits import PROFILES
from fakestripe_meters.core.limits import REASONS
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View

BUCKETS = {
    "analytics": "Usage analytics",
    "meter_events": "Meter events",
    "meter_events/v2": "Meter events, API v2",
    "stream": "Meter event stream, events",
    "global": "Everything else",
    "endpoint": "Of one operation",
    "search": "Searches",
    "file_reads": "Reads of files",
    "file_writes": "Writes of files",
    "subscription_invoices_per_minute": "Of one subscription",
    "subscription_invoices_per_day": "Of one subscription",
    "subscription_quantities_per_hour": "Of one subscription",
    "payment_intent_updates_per_hour": "Of one payment intent",
    "global_concurrency": "All calls",
    "endpoint_concurrency": "To one operation",
    "object_concurrency": "Changes of one object",
}
"""The buckets of `Limits`, in words."""
COUNT_AS_ALL = ("analytics", "meter_events", "stream", "search", "file_reads", "file_writes")
"""The limits whose calls count as everything else without them."""
METHODS = ("POST", "GET", "DELETE", "*")
STATUSES = (429, 400, 402, 409, 500, 503)
WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
DECIMAL = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,9}", re.ASCII)
SEPARATOR = re.compile(r"[\s,]+")
VARIABLE = re.compile(r"<(?:path:)?\w+>")
Doing = Callable[[Control, Form], object]


def show(control: Control, _identifier: str, query: Form) -> Answer:
    """Show the limits of an account, and what is planned for its requests."""
    facts = panel.facts(control, query, here="limits")
    limits: dict[str, Any] = {**control.limits(facts["account"])}
    rates = {name: rate for name, rate in limits.items() if name != "left"}
    planned = control.shown_unstruck()
    mine = {
        "buckets": [_bucket(name, text, limits) for name, text in BUCKETS.items()],
        "limits": rates,
        "units": {name: kind.counts for name, kind in KINDS.items()},
        "peaks": control.peak_rates()["limits"],
        "profiles": tuple(PROFILES),
        "profile": next((name for name, each in PROFILES.items() if each.to_json() == rates), None),
        "does": tuple(DOES),
        "lag": control.lag()["seconds"],
        "faults": [each for each in planned if each["kind"] == "fault"],
        "chaos": control.chaos(),
        "stubs": control.stubs(),
        "waiting": {(each["call"], each["planned"]): each for each in planned if each["kind"] == "stub"},
        "methods": METHODS,
        "statuses": STATUSES,
        "kinds_of_429": (*REASONS, LOCK_TIMEOUT),
        "paths": sorted({VARIABLE.sub("*", each.rule) for each in control.engine.routes.every}),
    }
    return View("limits.html", facts | mine)


def act(control: Control, _identifier: str, form: Form) -> Answer:
    """Do what the form with the button `do` says."""
    does = DOES.get(form.get("do", ""))
    if does is None:
        raise Misuse("Use a button of this page.", param="do")
    does(control, form)
    return Redirect(panel.way_back(form))


def _bucket(name: str, text: str, limits: dict[str, Any]) -> dict[str, Any]:
    limit = name.partition("/")[0]
    return {
        "name": name,
        "text": text,
        "rate": limits[limit],
        "left": limits["left"][name],
        "counts": KINDS[limit].counts,
        "counts_as_all": limit in COUNT_AS_ALL,
    }


def _whose(form: Form) -> dict[str, Any]:
    """Return the account that a form is for, as an argument; none if it is for all."""
    return {"account": form.get("account", "")} if form.get("for") == "account" else {}


def _value(text: str) -> object:
    """Return what somebody has typed as JSON has it: a number, if it is one, so that `Control` can judge it."""
    text = text.strip()
    if WHOLE.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text


def _given(form: Form, *names: str) -> dict[str, Any]:
    """Return the fields that are not empty, as arguments."""
    return {name: _value(form[name]) for name in names if form.get(name, "").strip()}


def _texts(form: Form, *names: str) -> dict[str, Any]:
    return {name: form.get(name, "").strip() for name in names}


def _set_profile(control: Control, form: Form) -> None:
    control.set_limits({**_texts(form, "profile"), **_whose(form)})


def _set_limits(control: Control, form: Form) -> None:
    """Set every limit that the form has; an empty field is no limit."""
    rates = {name: _value(form[name]) if form[name].strip() else None for name in KINDS if name in form}
    control.set_limits({**rates, **_whose(form)})


def _set_lag(control: Control, form: Form) -> None:
    seconds: Any = _value(form.get("seconds", ""))
    control.set_lag(seconds)


def _plan_fault(control: Control, form: Form) -> None:
    flags: dict[str, Any] = {name: True for name in ("after_commit", "close") if name in form}
    numbers = _given(form, "status", "times", "delay")
    kind = form.get("kind", "")
    words: dict[str, Any] = {"code" if kind in CODES else "reason": kind} if kind else {}
    control.plan_fault(**_texts(form, "method", "path"), **numbers, **flags, **words, **_whose(form))


def _start_chaos(control: Control, form: Form) -> None:
    seed: Any = _value(form.get("seed", ""))
    rate: Any = _value(form.get("rate", ""))
    call = " ".join((form.get("method", "*"), form.get("path", "").strip() or "*"))
    statuses: Any = [_value(each) for each in SEPARATOR.split(form.get("statuses", "")) if each]
    flags = {name: name in form for name in ("after_commit", "close")}
    control.start_chaos(seed, rate, call, statuses, **flags)


def _plan_stub(control: Control, form: Form) -> None:
    tree = {name: _json(form[name], name) for name in ("json", "headers") if form.get(name, "").strip()}
    control.plan_stub(**_texts(form, "method", "path"), **_given(form, "status", "times"), **tree)


def _json(text: str, name: str) -> Any:  # noqa: ANN401  any JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misuse(f"{name} must be valid JSON: {error}", param=name) from None


DOES: dict[str, Doing] = {
    "profile": _set_profile,
    "limits": _set_limits,
    "lag": _set_lag,
    "flush": lambda control, _form: control.flush(),
    "plan_fault": _plan_fault,
    "forget_faults": lambda control, _form: control.clear_faults(),
    "start_chaos": _start_chaos,
    "end_chaos": lambda control, _form: control.end_chaos(),
    "plan_stub": _plan_stub,
    "forget_stubs": lambda control, _form: control.clear_stubs(),
}
"""What the buttons do, by their values."""
