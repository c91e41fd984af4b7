"""How a change of a subscription is paid for, and what becomes of it if it is not.

Documented in: https://docs.stripe.com/api/subscriptions/update, https://docs.stripe.com/billing/subscriptions/overview.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import collecting
from fakestripe_meters.domain.invoicing import paying
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.subscription_items import Item
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.subscribing import pending_updates
from fakestripe_meters.domain.subscribing.pending_updates import Former
from fakestripe_meters.domain.subscribing.subscription_terms import UpdateSubscription
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params

WAITING = "pending_if_incomplete"
# documented: the page about pending updates, and the changelog: `cancel_at_period_end` since 2026-09-30.endive,
# `metadata` since 2026-05-27.dahlia.
SUPPORTED = frozenset(
    {
        "add_invoice_items",
        "billing_cycle_anchor",
        "cancel_at_period_end",
        "expand",
        "items",
        "metadata",
        "payment_behavior",
        "proration_behavior",
        "proration_date",
        "trial_end",
        "trial_from_plan",
    }
)
"""The parameters of an update that may wait for its payment."""
# inferred: a price may also be named as a plan, or be made along.
OF_ITEMS = frozenset({"id", "plan", "price", "price_data", "quantity"})
"""The parameters of an item in such an update."""
OF_ONE_ITEM = OF_ITEMS | {"expand", "payment_behavior", "proration_behavior", "proration_date", "subscription"}
"""The parameters of a request about one item that may wait for its payment."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What a request says of the payment for its change; `params` is None if it is about one item.

    `former` is the subscription to go back to, if the change may have to wait.
    """

    behavior: str
    former: Former | None = None
    params: UpdateSubscription | None = None
    off_session: bool = False


def of_update(subscription: Subscription, params: UpdateSubscription) -> Payment:
    """Return how an update is paid for. It must not have changed anything yet."""
    former = Former(subscription) if params.payment_behavior == WAITING else None
    return Payment(params.payment_behavior, former, params, bool(params.off_session))


def of_item(subscription: Subscription, behavior: str, *, deleted: bool, off_session: bool) -> Payment:
    """Return how a change to one item is paid for. It must not have been made yet, and a deletion cannot wait."""
    former = Former(subscription) if behavior == WAITING and not deleted else None
    return Payment(behavior, former, off_session=off_session)


def check(subscription: Subscription, params: UpdateSubscription) -> None:
    """Raise StripeError 400 for an update that may wait for its payment, but cannot wait."""
    if params.payment_behavior == WAITING:
        _check_collection(subscription)
        _check_served(params, *params.items)
        _check_names(params, SUPPORTED)
        for index, item in enumerate(params.items):
            _check_names(item, OF_ITEMS, f"items[{index}]")


@documented("an existing item's metadata may wait, too, in Stripe's changelog. The fake does not serve that")
def check_item(subscription: Subscription, item: Item | None, params: Params, behavior: str | None) -> None:
    """Do the same for a request about one item, which is None if it is to be added."""
    if behavior == WAITING:
        _check_collection(subscription)
        if item is not None and getattr(params, "metadata", UNSET) is not UNSET:
            raise errors.unserved.param("metadata")
        _check_names(params, OF_ONE_ITEM)


@documented("what each payment behavior does with a change")
@inferred("an invoice that waits for a confirmation leaves a trial as it is")
def collect(account: Account, subscription: Subscription, invoice: Invoice, payment: Payment) -> bool:
    """Collect the invoice of a change; return False if that could not be paid, so that the change waits for it.

    Raise StripeError 402 if it could not be paid and the request does not want the change then, 501 if it cannot wait.
    """
    if invoice.collection_method != "charge_automatically" or not invoice.auto_advance:
        return True
    collecting.finalize(account, invoice)
    if invoice.status != "open":
        return True
    if payment.behavior == "default_incomplete":
        subscription.status = "past_due" if subscription.status == "active" else subscription.status
        return True
    answer = paying.foreseen(account, invoice, off_session=payment.off_session)
    if payment.behavior == "error_if_incomplete":
        paying.check_passes(answer)
    waits = payment.behavior == WAITING and answer != "passes"
    if waits and payment.former is None:
        raise errors.unserved.param("payment_behavior")
    if waits and payment.former is not None:
        pending_updates.park(account, subscription, payment.former, invoice, payment.params)
    collecting.attempt(account, invoice, paying.method_of(account, invoice), off_session=payment.off_session)
    return not waits


def _check_collection(subscription: Subscription) -> None:
    if subscription.collection_method != "charge_automatically":
        raise errors.pending_updates.invoices_are_sent()


@documented("since 2026-05-27.dahlia, discounts may wait, too. The fake does not serve that")
def _check_served(params: UpdateSubscription, *items: Params) -> None:
    for each in (params, *items):
        if getattr(each, "discounts", UNSET) is not UNSET:
            raise errors.unserved.param("discounts" if each is params else "items")


@inferred("of several parameters, the first by name is said not to be supported")
def _check_names(params: Params, supported: frozenset[str], within: str = "") -> None:
    for name in sorted(params.declared.keys() - supported):
        if getattr(params, name) != params.declared[name].default:
            raise errors.pending_updates.unsupported(f"{within}[{name}]" if within else name)
