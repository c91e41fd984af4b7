"""The customer's balance on invoices: applied at finalization; what is too small to be charged goes onto it.

Documented in: https://docs.stripe.com/billing/customer/balance, https://docs.stripe.com/api/invoices.
"""

from fakestripe_meters.core import currencies
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import customer_balances
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.customer_balances import Kind
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.invoices import Invoice


@observed("the transactions of a negative and of a small total, and both balances (Kiln-AI/stripe_world)")
@documented("an amount due below the currency's minimum charge is added to the customer's balance")
@inferred("the rule holds for invoices that are sent, too; what was owed before is applied first, then all is moved")
def apply(account: Account, invoice: Invoice) -> None:
    """Apply the customer's balance to an invoice that is being finalized, and move what is too small to be charged."""
    customer = customers.kept(account, invoice.customer)
    applied = min(0, invoice.total + invoice.starting_balance) - invoice.starting_balance
    if is_too_small(invoice):
        invoice.moved = invoice.amount_due
    if applied or invoice.moved:
        before = customers.render(account, customer)
        _book(account, customer, invoice, applied, "applied_to_invoice")
        _book(account, customer, invoice, invoice.moved, "invoice_too_small")
        publish_update(account, "customer.updated", before, customers.render(account, customer))
    invoice.ending_balance = customers.balance_in(customer, invoice.currency)


def is_too_small(invoice: Invoice) -> bool:
    """Return whether what is due of an invoice is nothing, or less than can be charged."""
    return invoice.amount_due < currencies.LEAST_CHARGED.get(invoice.currency, 1)


@documented("the type of the transaction")
@inferred("the customer's balance is as if the invoice had never existed")
def give_back(account: Account, invoice: Invoice) -> None:
    """Give back what an invoice that is now void had taken from the customer's balance, or had put onto it."""
    customer = customers.kept(account, invoice.customer)
    before = customers.render(account, customer)
    taken = invoice.starting_balance - (invoice.ending_balance or 0)
    _book(account, customer, invoice, taken, "unapplied_from_invoice")
    publish_update(account, "customer.updated", before, customers.render(account, customer))


@documented("what was paid too much is credited to the customer's balance, in Stripe's OpenAPI")
def add_overpaid(account: Account, invoice: Invoice) -> None:
    """Put what was paid too much of an invoice onto the customer's balance."""
    if invoice.amount_overpaid:
        customer = customers.kept(account, invoice.customer)
        before = customers.render(account, customer)
        _book(account, customer, invoice, -invoice.amount_overpaid, "invoice_overpaid")
        publish_update(account, "customer.updated", before, customers.render(account, customer))


def _book(account: Account, customer: Customer, invoice: Invoice, amount: int, kind: Kind) -> None:
    if amount:
        customer_balances.book(account, customer, invoice.currency, amount, kind, invoice=invoice.id)
