"""What objects of older versions hold in full, or name, and newer ones do not."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import in_full
from fakestripe_meters.domain.records import invoice_payments
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import refunds
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.domain.records.invoice_payments import InvoicePayments
from fakestripe_meters.domain.records.payment_intents import PaymentIntents
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import list_within


class Former:
    """Looks up what version changes put back."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def __call__(self, identifier: str, /) -> tuple[Tree | None, Tree | None]:
        """Return a price, as a plan and as a price, or a tax rate."""
        return in_full.of(self.account, identifier)

    def former(self, name: str, identifier: str) -> Tree:
        """Return the fields that an object had."""
        find = {"charge": _of_charge, "invoice": _of_invoice, "payment_intent": _of_intent}.get(name)
        return {} if find is None else find(self.account, identifier)


@observed("the list of charges, newest first, with its count and its URL (pay-rails/pay)")
def _of_intent(account: Account, intent_id: str) -> Tree:
    part = account.peek(PaymentIntents)
    intent = None if part is None else part.table.get(intent_id)
    if intent is None:
        return {}
    charges = [card_charges.render(account, each) for each in card_charges.of_intent(account, intent_id)[::-1]]
    url = f"/v1/charges?payment_intent={intent_id}"
    return {"charges": list_within(charges, url), "invoice": intent.invoice}


@observed("the payment intent that the invoice has made, and its last charge (pay-rails/pay)")
def _of_invoice(account: Account, invoice_id: str) -> Tree:
    payment = None if account.peek(InvoicePayments) is None else invoice_payments.default_of(account, invoice_id)
    if payment is None:
        return {}
    intent = payment_intents.kept(account, payment.payment_intent)
    return {"charge": intent.latest_charge, "payment_intent": intent.id}


def _of_charge(account: Account, charge_id: str) -> Tree:
    part = account.peek(CardCharges)
    charge = None if part is None else part.table.get(charge_id)
    if charge is None:
        return {}
    intents = account.peek(PaymentIntents)
    intent = None if intents is None else intents.table.get(charge.payment_intent)
    return {
        "invoice": None if intent is None else intent.invoice,
        "refunds": refunds.within_charge(account, charge_id),
    }
