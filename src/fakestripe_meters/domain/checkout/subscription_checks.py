"""What a Checkout session says of its subscription: the refusals.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout.asked import within
from fakestripe_meters.domain.checkout.data_terms import SubscriptionData
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.subscribing import anchor_days
from fakestripe_meters.domain.subscribing import pending_interval_terms
from fakestripe_meters.domain.subscribing import starting

LEAST_TRIAL_S = 2 * DAY_S


def check(account: Account, data: SubscriptionData, lines: list[CheckoutLine]) -> None:
    """Raise StripeError 400 for what no subscription can be."""
    _check_trial(account, data)
    _check_anchor(data)
    with respelled():
        pending_interval_terms.check(data.pending_invoice_item_interval)
    mode = data.billing_mode
    if mode is not None and mode.flexible is not None and mode.type == "classic":
        raise errors.billing_modes.flexible_terms_in_classic_mode(within("billing_mode[flexible]"))
    tax_rates.chosen(account, data.default_tax_rates, within("default_tax_rates"))
    settings = data.trial_settings
    pauses = settings is not None and settings.end_behavior.missing_payment_method == "pause"
    if pauses and any(prices.kept(account, line.price).metered for line in lines):
        raise errors.subscriptions.metered_and_pausing(within("trial_settings[end_behavior][missing_payment_method]"))


@contextmanager
def respelled() -> Iterator[None]:
    """Give an error about a parameter of a new subscription the path that it has in a session's request."""
    try:
        yield
    except StripeError as error:
        if error.param is not None and error.param.partition("[")[0] in SubscriptionData.declared:
            error.param = within(error.param)
        raise


@documented("the bounds")
@inferred("the account's own clock counts, also if the customer is on a test clock")
def _check_trial(account: Account, data: SubscriptionData) -> None:
    days, ends = data.trial_period_days, data.trial_end
    if days is not None and ends is not None:
        raise errors.params.exclusive_params((within("trial_end"), within("trial_period_days")))
    if days is not None and days < 1:
        raise errors.checkout.trial_too_short()
    if days is not None and days * DAY_S > starting.LONGEST_TRIAL_S:
        raise errors.checkout.trial_too_long(within("trial_period_days"))
    if ends is not None and ends < account.now + LEAST_TRIAL_S:
        raise errors.checkout.trial_ends_too_soon()
    if ends is not None and ends > account.now + starting.LONGEST_TRIAL_S:
        raise errors.checkout.trial_too_long(within("trial_end"))


def _check_anchor(data: SubscriptionData) -> None:
    if data.billing_cycle_anchor_config is None:
        return
    if data.billing_cycle_anchor is not None:
        raise errors.params.exclusive_params((within("billing_cycle_anchor"), within(anchor_days.PATH)))
    if data.trial_period_days is not None or data.trial_end is not None:
        raise errors.billing_cycles.anchor_config_with_trial(within(anchor_days.PATH))
