"""What is due first if the billing cycle of a session's subscription is anchored: part of a period, or nothing.

Documented in: https://docs.stripe.com/payments/checkout/billing-cycle.
"""

from fakestripe_meters.core import undo
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.checkout import asked
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.subscribing import cycles
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing import starting

ANCHORS = ("billing_cycle_anchor", "billing_cycle_anchor_config")


def is_anchored(session: CheckoutSession) -> bool:
    """Return whether the billing cycle begins at another time than the subscription."""
    return any(name in session.subscription_data for name in ANCHORS)


def due(account: Account, session: CheckoutSession) -> dict[str, list[int]]:
    """Return what is charged at once for each recurring price: an amount for each line of the invoice.

    The subscription is begun, to see its first invoice, and that is undone.
    """
    with undo.DryRun():
        customer = customer_of(account, session)
        terms = asked.subscription(account, session, customer.id)
        changes = item_changes.read(account, None, terms.items)
        subscription = starting.sketched(account, customer, terms, changes, asked.within)
        invoice, _ = cycles.first_invoice(account, subscription, prorate=terms.proration_behavior != "none")
        drafts.refresh(account, invoice, [])
        charged: dict[str, list[int]] = {item.price: [] for item in subscription.items}
        for line in invoice.lines:
            if line.price in charged:
                charged[line.price].append(line.amount)
    return charged


def customer_of(account: Account, session: CheckoutSession) -> Customer:
    """Return the customer of a session, or a new one."""
    if session.customer is not None:
        return customers.kept(account, session.customer)
    customer = customers.made(account)
    account.part(Customers).table.add(customer)
    return customer
