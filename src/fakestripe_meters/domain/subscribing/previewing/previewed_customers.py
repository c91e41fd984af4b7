"""Whose invoice is previewed: a customer, maybe with other details, or nobody yet.

Source: https://docs.stripe.com/invoicing/preview.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.layouts import Address
from fakestripe_meters.domain.records.layouts import Shipping
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing.previewing.preview_terms import CreatePreview
from fakestripe_meters.domain.subscribing.previewing.preview_terms import CustomerDetails
from fakestripe_meters.wire.schema import UNSET


def find(account: Account, params: CreatePreview, subscription: Subscription | None) -> Customer | None:
    """Return the customer whose invoice is previewed; None if the request names none."""
    if subscription is None:
        named = params.customer
        return None if named is None else customers.find(account, named, param="customer", status=400)
    customer = customers.find(account, subscription.customer, param="subscription", status=400)
    if params.customer not in (None, customer.id):
        raise errors.objects.of_another("customer", "subscription", "customer")
    return customer


@documented("a preview needs no customer, and shows an id of one (https://docs.stripe.com/invoicing/preview)")
def as_it_would_be(account: Account, customer: Customer | None, details: CustomerDetails | None) -> Customer:
    """Return a customer as the details describe it, or a new one."""
    if customer is None:
        customer = Customer(account.ids.new("cus_"), account.now)
        account.part(Customers).table.add(customer)
    if details is None:
        return customer
    if details.address is not UNSET:
        customer.address = dict(vars(details.address)) if isinstance(details.address, Address) else None
    if details.shipping is not UNSET:
        customer.shipping = details.shipping.stored if isinstance(details.shipping, Shipping) else None
    if details.tax_exempt is not UNSET:
        customer.tax_exempt = details.tax_exempt or "none"
    return customer
