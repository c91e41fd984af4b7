"""Which usage an invoice bills, to explain later why some is not billed."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.invoices import Invoice


def note(account: Account, invoice: Invoice) -> None:
    """Record which usage a draft bills, when it is finalized or when that does not change any more."""
    if invoice.newest_usage is not None:
        return
    intake = account.part(Intake)
    invoice.newest_usage = intake.newest_number
    unseen = (each.event for each in intake.waiting() if not each.cancel)
    invoice.unseen_usage = [event.number for event in unseen if event.customer == invoice.customer]
    metered = [(charge, prices.kept(account, charge.price).meter) for charge in invoice.charges]
    invoice.cancelled_usage = [
        event.number
        for charge, meter in metered
        if meter is not None
        for event in intake.ledger(meter).cancelled(invoice.customer)
        if charge.stretch.holds(event)
    ]
