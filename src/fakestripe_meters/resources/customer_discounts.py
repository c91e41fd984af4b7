"""Discounts of customers: https://docs.stripe.com/api/discounts."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.discounts import Discount
from fakestripe_meters.domain.records.discounts import Discounts
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/customers/<customer_id>/discount"

resource = Resource(
    "discount",
    PATH,
    render=discounts.render,
    by_id=lambda account, discount_id: account.part(Discounts).table.get(discount_id),
    time=test_clocks.time_in(lambda account: account.part(Customers).table),
)


@resource.get()
def retrieve(account: Account, params: Operation, customer_id: str) -> Discount:
    """Return the discount of a customer."""
    return _find(account, customer_id)


@resource.delete("")
@documented("the answer has the discount, and that it is deleted, as Stripe's OpenAPI says")
def delete(account: Account, params: Operation, customer_id: str) -> Tree:
    """Take the discount of a customer away."""
    discount = _find(account, customer_id)
    customers.kept(account, customer_id).discount = None
    return discounting.delete(account, discount)


@resource.due(Work.END_DISCOUNT)
def end(account: Account, subject: str) -> None:
    """End a discount whose months are over."""
    discount = account.part(Discounts).table.get(subject)
    if discount is not None:
        discounting.end_due(account, discount)


def _find(account: Account, customer_id: str) -> Discount:
    customer = customers.find(account, customer_id, param="customer")
    if customer.discount is None:
        raise errors.discounts.no_discount("customer", customer_id)
    return discounts.kept(account, customer.discount)
