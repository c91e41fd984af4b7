"""The page of billing credits: what was granted, what is left, and what was booked."""

from collections.abc import Container
from typing import Any

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records.credits import Credits
from fakestripe_meters.pages import credit_facts
from fakestripe_meters.pages import invoice_rows
from fakestripe_meters.pages import paging
from fakestripe_meters.pages import panel
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import View


def show(control: Control, _identifier: str, form: Form) -> Answer:
    """List the grants of the customers that a text finds, and what was booked on them."""
    frame = panel.facts(control, form, here="credits")
    with control.reading(frame["account"]) as account:
        facts = _nothing(form) if account is None else _facts(account, form)
    asked = {"customer": form.get("customer", ""), "grant": form.get("grant", "")}
    return View("credits.html", frame | asked | facts)


def _nothing(form: Form) -> dict[str, Any]:
    empty: paging.Sheet[Any] = paging.sheet([], form)
    return {"grants": empty, "grant_rows": [], "balances": [], "bookings": empty, "booking_rows": []}


def _facts(account: Account, form: Form) -> dict[str, Any]:
    text, only = form.get("customer", "").strip(), form.get("grant", "").strip()
    of = invoice_rows.of_customers(account, text)
    part = account.part(Credits)
    found = [each for each in part.grants if _wanted(of, only, each.customer, each.id)][::-1]
    booked = [each for each in part.transactions if _wanted(of, only, each.customer, each.credit_grant)][::-1]
    grants, bookings = paging.sheet(found, form), paging.sheet(booked, form, "booked")
    return {
        "grants": grants,
        "grant_rows": credit_facts.grants(account, grants.rows),
        "balances": credit_facts.balances(account, found) if of is not None or only else [],
        "bookings": bookings,
        "booking_rows": [credit_facts.transaction(account, each) for each in bookings.rows],
    }


def _wanted(of: Container[str] | None, only: str, customer: str, grant: str) -> bool:
    return (of is None or customer in of) and (not only or grant == only)
