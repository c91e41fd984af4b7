"""When an invoice that is sent to the customer is due."""

from typing import Protocol

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.framework.times import check_ahead
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset

WAYS = ("due_date", "days_until_due")
"""The parameters that say when an invoice is due."""


class Terms(Protocol):
    """The parameters of a request that say how an invoice is collected."""

    @property
    def collection_method(self) -> str | Unset:
        """Whether it is sent or charged."""

    @property
    def days_until_due(self) -> int | Unset:
        """When it is due, in days from when it was created."""

    @property
    def due_date(self) -> int | Unset:
        """When it is due, in Unix seconds."""


def check(account: Account, invoice: Invoice, terms: Terms) -> None:
    """Raise StripeError 400 if a sent invoice would have no due date, if another has one, or if it is too far ahead."""
    method = invoice.collection_method if terms.collection_method is UNSET else terms.collection_method
    given = [name for name in WAYS if getattr(terms, name) is not UNSET]
    if method != "send_invoice" and given:
        raise errors.invoices.due_date_not_wanted(WAYS)
    if method == "send_invoice" and not given and invoice.days_until_due is None and invoice.due_date is None:
        raise errors.invoices.due_date_needed(WAYS)
    if terms.due_date is not UNSET:
        check_ahead(account, terms.due_date, "due_date")


@observed("a draft shows it already, counted from its creation (Kiln-AI/stripe_world)")
@documented("the days are counted from when the invoice is created, as Stripe's OpenAPI says")
@inferred("an invoice that is charged has none; of a date and days in one request, the date counts")
def settle(invoice: Invoice, terms: Terms | None = None) -> None:
    """Set when an invoice is due, after a request has set its fields."""
    if invoice.collection_method != "send_invoice":
        invoice.due_date = invoice.days_until_due = None
    elif terms is None or terms.due_date is UNSET:
        counts = terms is not None and terms.days_until_due is not UNSET
        if invoice.days_until_due is not None and (invoice.due_date is None or counts):
            invoice.due_date = invoice.created + invoice.days_until_due * DAY_S


@documented(
    "Stripe publishes `invoice.overdue` and `invoice.will_be_due` only for automations of the account, of which the "
    "fake has none, https://docs.stripe.com/changelog/acacia/2024-09-30/billing-due-date-webhooks"
)
def schedule(account: Account, invoice: Invoice) -> None:
    """Schedule what happens to an open invoice at its due date, if it has one."""
    if invoice.due_date is not None:
        test_clocks.schedule(account, invoice.test_clock, invoice.due_date, Work.FIND_OVERDUE, invoice.id)


@inferred("an invoice is overdue at the second of its due date")
def is_over(account: Account, invoice: Invoice) -> bool:
    """Return whether an invoice is still open at its due date."""
    return invoice.status == "open" and invoice.due_date is not None and invoice.due_date <= account.now
