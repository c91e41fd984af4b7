"""What happens when a customer is deleted."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.subscriptions import Subscriptions
from fakestripe_meters.domain.subscribing import canceling


@inferred("its payment methods are detached, with their events, before it is deleted")
@observed("the subscriptions of a deleted customer are canceled at once (runs in a sandbox, 2026)")
def remove(account: Account, customer: Customer) -> None:
    """Cancel a customer's subscriptions, detach its payment methods, and delete it, all at the customer's time."""
    with test_clocks.time_of(account, customer.test_clock):
        for subscription in account.part(Subscriptions).running(customer.id):
            canceling.cancel(account, subscription)
        methods.detach_all(account, customer)
        publish(account, "customer.deleted", customers.render(account, customer))
        customer.deleted = True
