"""The panel of usage files: what became of each, a form to upload one as in the Dashboard, and one to add usage."""

from collections.abc import Callable
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.printing import masked
from fakestripe_meters.domain.importing import instants
from fakestripe_meters.domain.importing.reasons import BadRecord
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.import_sets import ImportSet
from fakestripe_meters.domain.records.import_sets import ImportSets
from fakestripe_meters.domain.records.meters import Meter
from fakestripe_meters.domain.records.meters import Meters
from fakestripe_meters.pages import answers
from fakestripe_meters.pages import paging
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View
from fakestripe_meters.wire.schema import parse

EVENTS = "/v1/billing/meter_events"
DIMENSION = "dimension."
"""What the fields for dimensions begin with; the rest is the payload's key, masked if it is an API key."""
SHOWN_DAYS = 31
"""How many days the chart shows that has usage which was just added: those up to it."""
SOURCES = {"s3": "S3", "dashboard": "Dashboard"}
MOST_SUGGESTED = 100
"""How many customers are suggested: the newest."""
MOST_LEFT = 100
"""How many files of the bucket are listed that were not imported."""


def show(control: Control, _identifier: str, query: Form) -> Answer:
    """List the imports of an account, the newest first, and what the bucket has that was not imported."""
    facts = panel.facts(control, query, here="imports")
    with control.reading(facts["account"]) as account:
        sets = account and account.peek(ImportSets)
        sheet = paging.sheet(list(sets.table)[::-1] if sets else [], query)
        meters = [] if account is None else _meters(account)
        mine = {
            "sheet": sheet,
            "rows": [_row(each) for each in sheet.rows],
            "told": next((_row(each) for each in sheet.rows if each.id == query.get("told")), None),
            "meters": meters,
            "dimensions": list(dict.fromkeys(masked(key) for each in meters for key in each.keys)),
            "customers": [] if account is None else _customers(account),
        }
    bucket = control.bucket() if control.next_poll(facts["account"]) else None
    return View("imports.html", facts | mine | {"bucket": bucket, "most_left": MOST_LEFT, "does": tuple(DOES)})


def act(control: Control, _identifier: str, form: Form) -> Answer:
    """Do what the form with the button `do` says."""
    does = DOES.get(form.get("do", ""))
    if does is None:
        raise Misuse("Use a button of this page.", param="do")
    return Redirect(does(control, form))


def _row(each: ImportSet) -> dict[str, Any]:
    counts = {
        "counted": each.counted,
        "refused": each.errors,
        "dropped": each.dropped,
        "not counted again": each.duplicates,
    }
    return {
        "id": each.id,
        "created": each.created,
        "filename": masked(each.filename),
        "source": SOURCES[each.source],
        "status": each.status,
        "records": each.records,
        "errors": each.errors,
        "reason": each.failed_reason and masked(each.failed_reason),
        "counts": {name: count for name, count in counts.items() if count},
        "ignored": [masked(name) for name in each.ignored],
        "error_file": each.error_file,
    }


def _meters(account: Account) -> list[Meter]:
    meters = account.peek(Meters)
    return [each for each in meters.table if each.active] if meters else []


def _customers(account: Account) -> list[tuple[str, str]]:
    """Return the ids and the names of the newest customers."""
    customers = account.peek(Customers)
    newest = list(customers.table)[: -MOST_SUGGESTED - 1 : -1] if customers else []
    return [(each.id, each.name or each.email or "") for each in newest]


def _upload(control: Control, form: Form) -> str:
    """Import the file as the Dashboard does, and return the page that tells what became of it."""
    chosen = answers.files(form, "file")
    if len(chosen) != 1:
        raise Misuse("Choose one file at a time." if chosen else "Choose a CSV file.", param="file")
    (file,) = chosen
    account = form.get("account", "")
    done = control.import_usage(file.content, file.name, account=account, source="dashboard")
    return f"{panel.linking(account)('imports', told=done['id'])}#list"


def _add(control: Control, form: Form) -> str:
    """Record the usage of one customer, by the operation of the API; return the page that shows it."""
    found: Any = control.engine.routes.lookup("POST", EVENTS)
    endpoint, _ = found
    customer, value, date, name = (form.get(each, "").strip() for each in ("customer", "value", "date", "meter"))
    with control.recording(form.get("account", "")) as account:
        meter = next((each for each in _meters(account) if name in (each.id, each.event_name)), None)
        if meter is None:
            raise Misuse("Choose an active meter.", param="meter")
        payload = {meter.customer_key: customer}
        if value or meter.formula != "count":
            payload[meter.value_key] = value
        payload |= {key: text for key in meter.keys if (text := form.get(DIMENSION + masked(key), "").strip())}
        tree: dict[str, Any] = {"event_name": meter.event_name, "payload": payload}
        if date:
            tree["timestamp"] = str(_instant(date))
        added: Any = endpoint.run(account, parse(endpoint.params, tree), {})
        first, last = (words.iso(added.timestamp - days * DAY_S)[:10] for days in (SHOWN_DAYS - 1, 0))
        return panel.linking(account.id)("usage", customer=customer, meter=meter.id, **{"from": first, "to": last})


def _instant(text: str) -> int:
    try:
        return instants.dashboard(text)
    except BadRecord as wrong:
        raise Misuse(str(wrong), param="date") from None


DOES: dict[str, Callable[[Control, Form], str]] = {"upload": _upload, "add": _add}
"""What the buttons do, by their values."""
