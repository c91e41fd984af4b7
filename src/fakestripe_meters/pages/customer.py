"""The page of a customer: who it is, what it subscribes to, what it has used, and what it pays."""

from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from fakestripe_meters.control import Control
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customer_balances import BalanceTransaction
from fakestripe_meters.domain.records.customer_balances import BalanceTransactions
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.test_clocks import TestClock
from fakestripe_meters.domain.records.test_clocks import TestClocks
from fakestripe_meters.pages import credit_facts
from fakestripe_meters.pages import customer_rows
from fakestripe_meters.pages import invoice_rows
from fakestripe_meters.pages import moving_test_clocks
from fakestripe_meters.pages import panel
from fakestripe_meters.pages import portal_words
from fakestripe_meters.pages import subscription_facts
from fakestripe_meters.pages import telling
from fakestripe_meters.pages import words
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere
from fakestripe_meters.pages.answers import Redirect
from fakestripe_meters.pages.answers import View

MOST = 10
"""How many invoices, grants and changes of the balance are shown; lists have the rest."""


class BalanceRow(NamedTuple):
    """A change of a customer's balance in one row."""

    created: int
    kind: str
    amount: str
    ending: str
    invoice: str


def show(control: Control, identifier: str, form: Form) -> Answer:
    """Show a customer."""
    frame = panel.facts(control, form, here="customers")
    with control.reading(frame["account"]) as account:
        customer = None if account is None else account.part(Customers).table.get(identifier)
        if account is None or customer is None:
            raise NotThere(f"There is no customer {identifier}.")
        with test_clocks.time_of(account, customer.test_clock):
            return View("customer.html", frame | _facts(account, customer))


def act(control: Control, identifier: str, form: Form) -> Answer:
    """Advance the test clock of a customer, and show the customer then."""
    account = panel.facts(control, form, here="customers")["account"]
    with control.holding("customers", identifier, account, noun="customer") as (_, customer):
        clock = customer.test_clock
    moving_test_clocks.advance(control, account, clock or "", form.get(moving_test_clocks.FIELD, ""))
    return Redirect(panel.way_back(form))


def _facts(account: Account, customer: Customer) -> dict[str, Any]:
    clock = None if customer.test_clock is None else account.part(TestClocks).table.get(customer.test_clock)
    grants = credit_facts.of_customer(account, customer.id)
    return {
        "customer": customer_rows.row(account, customer),
        "json": telling.shown(customers.render(account, customer)),
        "known": list(_known(customer)),
        "test_clock": _clock(clock),
        "subscriptions": subscription_facts.of(account, customer.id),
        "more_subscriptions": subscription_facts.more(account, customer.id),
        "invoices": invoice_rows.latest(account, customer.id, MOST),
        "grants": credit_facts.grants(account, grants[:MOST]),
        "credits": credit_facts.balances(account, grants),
        "methods": list(portal_words.saved_cards(account, customer)),
        "changes": [_change(each) for each in _changes(account, customer.id)],
    }


def _known(customer: Customer) -> Iterator[tuple[str, str]]:
    """Yield what is known about a customer: what, and its value."""
    yield from portal_words.who(customer)
    for label, value in (
        ("Business", customer.business_name),
        ("Individual", customer.individual_name),
        ("Description", customer.description),
        ("Currency", customer.currency and customer.currency.upper()),
        ("Tax", None if customer.tax_exempt == "none" else customer.tax_exempt),
        ("Languages", ", ".join(customer.preferred_locales)),
        *((f"metadata[{name}]", value) for name, value in customer.metadata.items()),
    ):
        if value:
            yield words.plain(label), words.plain(value)


def _clock(clock: TestClock | None) -> dict[str, Any] | None:
    if clock is None:
        return None
    shown = clock.frozen_time if clock.left is None else clock.left
    return {"id": clock.id, "name": words.plain(clock.name or ""), "now": shown, "advances": clock.target is not None}


def _changes(account: Account, customer: str) -> list[BalanceTransaction]:
    """Return the latest changes of a customer's balance, newest first."""
    table = account.part(BalanceTransactions).table
    return table.page(MOST, where=lambda each: each.customer == customer).records


def _change(each: BalanceTransaction) -> BalanceRow:
    return BalanceRow(
        each.created,
        each.kind.replace("_", " "),
        pricing.money(each.amount, each.currency),
        pricing.money(each.ending_balance, each.currency),
        each.invoice or "",
    )
