"""What a portal configuration allows: how it is changed, after Stripe's checks.

Documented in: https://docs.stripe.com/customer-management.

Observed in: answers that public programs quote.
"""

from collections.abc import Sequence

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.portal.configuration_terms import BusinessProfile
from fakestripe_meters.domain.portal.configuration_terms import CreateConfiguration
from fakestripe_meters.domain.portal.configuration_terms import Features
from fakestripe_meters.domain.portal.configuration_terms import NewBusinessProfile
from fakestripe_meters.domain.portal.configuration_terms import Product
from fakestripe_meters.domain.portal.configuration_terms import SubscriptionCancel
from fakestripe_meters.domain.portal.configuration_terms import SubscriptionUpdate
from fakestripe_meters.domain.portal.configuration_terms import UpdateConfiguration
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import products
from fakestripe_meters.domain.records.portal_configurations import Cancellations
from fakestripe_meters.domain.records.portal_configurations import PortalConfiguration
from fakestripe_meters.domain.records.portal_configurations import SwitchableProduct
from fakestripe_meters.domain.records.portal_configurations import Switches
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.wire.schema import UNSET

CANCEL = "features[subscription_cancel]"
SWITCH = "features[subscription_update]"
CUSTOMER = "features[customer_update]"
KEPT = {
    "billing_cycle_anchor": "anchor",
    "enabled": "enabled",
    "proration_behavior": "prorations",
    "trial_update_behavior": "in_trial",
}
"""The parameters of switching that are stored as they are, and the fields that hold them."""
LEAST = 1
"""The least quantity that a customer may choose, if the configuration names none."""


def apply(
    account: Account, configuration: PortalConfiguration, params: CreateConfiguration | UpdateConfiguration
) -> None:
    """Store the given parameters, or raise StripeError 400."""
    configuration.metadata = merged(configuration.metadata, params.metadata)
    for name, value in params.given(("active", "default_return_url", "name")):
        setattr(configuration, name, value)
    if configuration.is_default and not configuration.active:
        raise errors.portal.default_stays_active()
    if params.business_profile is not None:
        _apply_profile(configuration, params.business_profile)
    if params.features is not None:
        _apply_features(account, configuration, params.features)
    configuration.updated = account.now


def _apply_profile(configuration: PortalConfiguration, profile: BusinessProfile | NewBusinessProfile) -> None:
    for name, value in profile.given(("headline", "privacy_policy_url", "terms_of_service_url")):
        setattr(configuration, name, value)


@inferred("what customers may change about themselves is to be said, as what they may switch to, once that is enabled")
def _apply_features(account: Account, configuration: PortalConfiguration, features: Features) -> None:
    customer = features.customer_update
    if customer is not None:
        if customer.allowed_updates is not UNSET:
            configuration.customer_updates = list(customer.allowed_updates or ())
        elif customer.enabled is True and not configuration.customer_updates:
            raise errors.params.missing_param(f"{CUSTOMER}[allowed_updates]")
        if customer.enabled is not UNSET:
            configuration.updates_customer = customer.enabled
    if features.invoice_history is not None:
        configuration.shows_invoices = features.invoice_history.enabled is True
    if features.payment_method_update is not None:
        configuration.updates_methods = features.payment_method_update.enabled is True
    if features.subscription_cancel is not None:
        _apply_cancel(configuration.cancellations, features.subscription_cancel)
    if features.subscription_update is not None:
        _apply_update(account, configuration.switches, features.subscription_update)
    if configuration.switches.enabled and not configuration.updates_methods:
        raise errors.portal.switches_without_methods()


@documented("`create_prorations` only if it ends at once, and never `always_invoice`")
def _apply_cancel(cancellations: Cancellations, terms: SubscriptionCancel) -> None:
    if terms.enabled is not UNSET:
        cancellations.enabled = terms.enabled
    if terms.mode is not UNSET:
        cancellations.mode = terms.mode
    if terms.proration_behavior is not UNSET:
        cancellations.prorations = terms.proration_behavior
    prorations = cancellations.prorations
    if prorations == "always_invoice" or (prorations == "create_prorations" and cancellations.mode != "immediately"):
        raise errors.portal.credit_at_period_end(f"{CANCEL}[proration_behavior]", prorations)
    reason = terms.cancellation_reason
    if reason is not None:
        cancellations.asks_why = reason.enabled is True
        if reason.options is not UNSET:
            cancellations.reasons = list(dict.fromkeys(reason.options or ()))


def _apply_update(account: Account, switches: Switches, terms: SubscriptionUpdate) -> None:
    _check_said(switches, terms)
    if terms.default_allowed_updates is not UNSET:
        switches.allowed = list(dict.fromkeys(terms.default_allowed_updates or ()))
    if terms.products is not UNSET:
        switches.products = _products(account, terms.products or ())
    for name, value in terms.given(KEPT):
        setattr(switches, KEPT[name], value)
    schedule = terms.schedule_at_period_end
    if schedule is not None and schedule.conditions is not UNSET:
        switches.waits_if = list(dict.fromkeys(each.type for each in schedule.conditions or ()))


@observed("what customers may switch to is to be said once that is enabled (in the log of a program)")
@inferred("so is which changes are allowed")
def _check_said(switches: Switches, terms: SubscriptionUpdate) -> None:
    """Raise StripeError 400 if switching is enabled, and not said to what."""
    if terms.enabled is not True:
        return
    if terms.default_allowed_updates is UNSET and not switches.allowed:
        raise errors.params.missing_param(f"{SWITCH}[default_allowed_updates]")
    if terms.products is UNSET and not switches.products:
        raise errors.params.missing_param(f"{SWITCH}[products]")


def _products(account: Account, given: Sequence[Product]) -> list[SwitchableProduct]:
    """Return the products that a request lists, or raise StripeError 400."""
    found: list[SwitchableProduct] = []
    for index, terms in enumerate(given):
        path = f"{SWITCH}[products][{index}]"
        product = products.find(account, terms.product, param=f"{path}[product]", status=400)
        if any(each.product == product.id for each in found):
            raise errors.portal.twice(f"{path}[product]", "product", product.id)
        if not terms.prices:
            raise errors.params.missing_param(f"{path}[prices]")
        for place, price_id in enumerate(terms.prices):
            where = f"{path}[prices][{place}]"
            _check_price(account, terms, price_id, where)
            if price_id in terms.prices[:place]:
                raise errors.portal.twice(where, "price", price_id)
        found.append(_product(terms, f"{path}[adjustable_quantity]"))
    return found


def _product(terms: Product, path: str) -> SwitchableProduct:
    stored = SwitchableProduct(terms.product, list(terms.prices))
    adjustable = terms.adjustable_quantity
    if adjustable is not None:
        stored.adjustable = adjustable.enabled
        stored.minimum = LEAST if adjustable.minimum is None else adjustable.minimum
        stored.maximum = adjustable.maximum
        if stored.maximum is not None and stored.maximum < stored.minimum:
            raise errors.params.too_small(f"{path}[maximum]", stored.minimum)
    return stored


@documented("a subscription with usage-based billing cannot be updated in the portal")
@inferred("an inactive price can be listed: it is not offered")
def _check_price(account: Account, terms: Product, price_id: str, path: str) -> None:
    """Raise StripeError 400 unless a price is a recurring one of the product, and bills no usage."""
    price = prices.find(account, price_id, param=path, status=400)
    if price.product != terms.product:
        raise errors.portal.price_of_another(path, price_id, terms.product)
    if price.recurring is None:
        raise errors.prices.price_of_wrong_type(path, "one_time", "recurring")
    if price.metered:
        raise errors.portal.metered_product(path, price_id)
