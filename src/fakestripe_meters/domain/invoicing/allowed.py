"""What the status of an invoice allows."""

from collections.abc import Iterable

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.wire.schema import Unset


@inferred("of several fields, the first by name is said to be wrong")
def check_change(invoice: Invoice, names: Iterable[str]) -> None:
    """Raise StripeError 400 if these parameters would change an invoice that is no longer a draft."""
    changeable = ("auto_advance",) if invoice.status == "open" else ()
    if invoice.status != "draft" and (names := sorted(name for name in names if name not in changeable)):
        raise errors.invoices.finalized(names[0])


@documented(
    "an open invoice can stop being collected automatically, and begin again, "
    "https://docs.stripe.com/invoicing/integration/automatic-advancement-collection"
)
def check_course(invoice: Invoice, auto_advance: bool | Unset) -> None:  # noqa: FBT001  a parameter's value
    """Raise StripeError 501 if an open invoice would be collected automatically again: when is not known."""
    if invoice.status == "open" and auto_advance is True and not invoice.auto_advance:
        raise errors.unserved.param("auto_advance")


def check_lines(invoice: Invoice) -> None:
    """Raise StripeError 400 unless an invoice is a draft, so that its lines can be changed."""
    if invoice.status != "draft":
        raise errors.invoices.not_editable()


def check_deletion(invoice: Invoice) -> None:
    """Raise StripeError 400 unless an invoice is a draft that was made by hand."""
    if invoice.status != "draft":
        raise errors.invoices.no_draft()
    if invoice.billing_reason != "manual":
        raise errors.invoices.of_subscription()


def check_finalization(invoice: Invoice) -> None:
    """Raise StripeError 400 unless an invoice is a draft."""
    if invoice.status != "draft":
        raise errors.invoices.already_finalized()


def check_payment(invoice: Invoice) -> None:
    """Raise StripeError 400 if an invoice is paid or void."""
    if invoice.status == "paid":
        raise errors.invoices.already_paid()
    if invoice.status == "void":
        raise errors.invoices.not_open()


@inferred("an invoice that is charged automatically can be sent while it is open")
def check_sending(invoice: Invoice) -> None:
    """Raise StripeError 400 unless an invoice is a draft or open."""
    if invoice.status not in ("draft", "open"):
        raise errors.invoices.cannot_be_sent()


@documented("an uncollectible invoice can be voided, https://docs.stripe.com/invoicing/overview")
@inferred("one that is paid in part has a payment, too, so that the sentence about a paid one holds")
def check_voiding(invoice: Invoice) -> None:
    """Raise StripeError 400 unless an invoice is open or uncollectible, and nothing of it is paid."""
    if invoice.status == "paid" or (invoice.status in ("open", "uncollectible") and invoice.amount_paid):
        raise errors.invoices.paid_payments()
    if invoice.status not in ("open", "uncollectible"):
        raise errors.invoices.not_open()


def check_marking(invoice: Invoice) -> None:
    """Raise StripeError 400 unless an invoice is open, so that it can be marked as uncollectible."""
    if invoice.status == "uncollectible":
        raise errors.invoices.already_uncollectible()
    if invoice.status != "open":
        raise errors.invoices.not_open()
