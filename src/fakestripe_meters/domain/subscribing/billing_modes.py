"""The billing mode of a subscription: chosen when it is created, or changed to flexible once and for ever.

Source: https://docs.stripe.com/billing/subscriptions/billing-mode.
"""

from collections.abc import Iterable
from typing import Literal
from typing import Protocol

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records.subscriptions import Subscription
from fakestripe_meters.domain.records.subscriptions import render
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param


class FlexibleMode(Params):
    """How prorations and discounts are shown."""

    proration_discounts: Literal["included", "itemized"] | None = param(default=None)


class BillingMode(Params):
    """How usage and changes are billed. By default `flexible`; `classic` at versions before `2025-09-30.clover`."""

    type: Literal["classic", "flexible"] = param()
    flexible: FlexibleMode | None = param(default=None)


class NewMode(Params):
    """The mode to change to: there is no way back to `classic`."""

    type: Literal["flexible"] = param()
    flexible: FlexibleMode | None = param(default=None)


class Migrate(Operation):
    """How a subscription is billed from now on."""

    billing_mode: NewMode = param()


def choose(subscription: Subscription, mode: BillingMode | NewMode | None, path: str = "billing_mode") -> None:
    """Store the billing mode of a subscription, by default flexible; raise StripeError 400 if it contradicts itself."""
    subscription.billing_mode = mode.type if mode else "flexible"
    terms = mode.flexible if mode else None
    if terms is not None and subscription.billing_mode == "classic":
        raise errors.billing_modes.flexible_terms_in_classic_mode(f"{path}[flexible]")
    if terms is not None and terms.proration_discounts is not None:
        subscription.proration_discounts = terms.proration_discounts


@inferred("a preview of a subscription in the other mode shows what it would be if it was migrated before")
def preview(subscription: Subscription, mode: BillingMode | None, path: str) -> None:
    """Store the billing mode that a subscription is previewed in; raise StripeError 400 for the way back."""
    if mode is None:
        return
    if (subscription.billing_mode, mode.type) == ("flexible", "classic"):
        raise errors.billing_modes.no_way_back_to_classic_mode(f"{path}[type]")
    choose(subscription, mode, path)


class Clearing(Protocol):
    """What may clear the usage of an item that is removed."""

    @property
    def clear_usage(self) -> bool:
        """Whether it does."""


@observed("the refusal in flexible mode (laravel/cashier-stripe#1819)")
@inferred("in classic mode, it has no effect: the usage is the meter's, not the item's")
def check_clearing(billing_mode: str, items: Iterable[Clearing]) -> None:
    """Raise StripeError 400 if usage is to be cleared in flexible billing mode."""
    if billing_mode == "flexible" and any(item.clear_usage for item in items):
        raise errors.billing_modes.not_in_flexible_mode("clear_usage")


@documented("that it is possible, https://docs.stripe.com/api/subscriptions/migrate, and only in this direction")
@inferred(
    "the time of the change as `updated_at`. What the change finds is left as it is, pending items and usage. Nothing "
    "happens to a subscription that is flexible already, and there is no event"
)
def migrate(account: Account, subscription: Subscription, params: Migrate) -> None:
    """Bill a subscription in flexible mode from now on, or raise StripeError 400; or 501 if that is unknown."""
    if not subscription.living:
        raise errors.subscriptions.subscription_ended()
    if subscription.billing_mode == "flexible":
        terms = params.billing_mode.flexible
        if terms is not None and terms.proration_discounts not in (None, subscription.proration_discounts):
            raise errors.unserved.param("billing_mode[flexible][proration_discounts]")
        return
    before = render(account, subscription)
    choose(subscription, params.billing_mode)
    subscription.billing_mode_since = account.now
    publish_update(account, "customer.subscription.updated", before, render(account, subscription))
