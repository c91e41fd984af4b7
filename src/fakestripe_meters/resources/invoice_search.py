"""Searches of invoices: https://docs.stripe.com/api/invoices/search."""

from collections.abc import Mapping
from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.events.unseen import before_changes
from fakestripe_meters.domain.invoicing.drafts import render
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.framework import searching
from fakestripe_meters.framework.endpoint import Found
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import SearchParams
from fakestripe_meters.framework.search_language import Field
from fakestripe_meters.framework.search_language import Kind

PATH = "/v1/invoices/search"


def _nothing(_invoice: object) -> None:
    """Return what no invoice of the fake has."""


# documented: the fields and what each holds, in Stripe's guide to its searches; inferred: what the error's fields hold.
SEARCHED = {
    **searching.tokens("currency", "customer", "metadata"),
    "last_finalization_error_code": Field(Kind.TOKEN, _nothing),
    "last_finalization_error_type": Field(Kind.TOKEN, _nothing),
    **searching.strings("number", "status", "subscription"),
    "receipt_number": Field(Kind.STRING, _nothing),
    **searching.numbers("created", "total"),
}

resource = Resource("invoice", PATH, render=render)


@resource.get()
def search(account: Account, params: SearchParams) -> Found:
    """Search invoices, newest first; those on test clocks are found by their customer or subscription only."""
    former = {
        identifier: tree and {**tree, "subscription": _subscription_of(tree)}
        for identifier, tree in before_changes(account, "invoice").items()
    }
    searched = searching.Searched(
        url=PATH,
        table=account.part(Invoices).table,
        fields=SEARCHED,
        aside=lambda invoice: invoice.test_clock is not None,
        parents=frozenset({"customer", "subscription"}),
        former=former,
    )
    return searching.search(searched, params)


def _subscription_of(tree: Mapping[str, Any]) -> str | None:
    """Return the subscription of an invoice that is given as Stripe shows it."""
    details = (tree["parent"] or {}).get("subscription_details") or {}
    subscription: str | None = details.get("subscription")
    return subscription
