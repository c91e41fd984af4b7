"""The parameters of a portal session.

Documented in: https://docs.stripe.com/api/customer_portal/sessions/create.
"""

from typing import Literal

from fakestripe_meters.domain.events.destinations import check_url
from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

MOST_ITEMS = 1
FlowType = Literal[
    "customer_update",
    "payment_method_update",
    "subscription_cancel",
    "subscription_pause",
    "subscription_update",
    "subscription_update_confirm",
]


class HostedConfirmation(Params):
    """What is said once it is done."""

    custom_message: str | None = param(default=None, max_length=500)


class Redirect(Params):
    """Where the customer goes once it is done."""

    return_url: str = param(check=check_url)


class AfterCompletion(Params):
    """What happens once it is done."""

    hosted_confirmation: HostedConfirmation | None = param(default=None)
    redirect: Redirect | None = param(default=None)
    type: Literal["hosted_confirmation", "portal_homepage", "redirect"] = param()


class CancelFlow(Params):
    """What to cancel."""

    subscription: str = param()


class UpdateFlow(Params):
    """What to change."""

    subscription: str = param()


class ConfirmedItem(Params):
    """What an item becomes."""

    id: str = param()
    price: str | None = param(default=None)
    quantity: int | None = param(default=None, least=0, most=MOST_UNITS)


class ConfirmedDiscount(Params):
    """What the change redeems."""

    coupon: str | None = param(default=None)
    promotion_code: str | None = param(default=None)


class ConfirmFlow(Params):
    """Which change to confirm."""

    discounts: tuple[ConfirmedDiscount, ...] = param(default=(), most_items=1)
    items: tuple[ConfirmedItem, ...] = param(most_items=MOST_ITEMS)
    subscription: str = param()


class FlowData(Params):
    """What the customer is led to."""

    after_completion: AfterCompletion | None = param(default=None)
    subscription_cancel: CancelFlow | None = param(default=None)
    subscription_update: UpdateFlow | None = param(default=None)
    subscription_update_confirm: ConfirmFlow | None = param(default=None)
    type: FlowType = param(unserved=("subscription_pause",))


class CreateSession(Operation):
    """Whose session, and what it leads to."""

    configuration: str | None = param(default=None, doc="By default, the account's default configuration.")
    customer: str | None = param(default=None)
    flow_data: FlowData | None = param(default=None)
    locale: (
        Literal[
            "auto",
            "bg",
            "cs",
            "da",
            "de",
            "el",
            "en",
            "en-AU",
            "en-CA",
            "en-GB",
            "en-IE",
            "en-IN",
            "en-NZ",
            "en-SG",
            "es",
            "es-419",
            "et",
            "fi",
            "fil",
            "fr",
            "fr-CA",
            "hr",
            "hu",
            "id",
            "it",
            "ja",
            "ko",
            "lt",
            "lv",
            "ms",
            "mt",
            "nb",
            "nl",
            "pl",
            "pt",
            "pt-BR",
            "ro",
            "ru",
            "sk",
            "sl",
            "sv",
            "th",
            "tr",
            "vi",
            "zh",
            "zh-HK",
            "zh-TW",
        ]
        | None
    ) = param(default=None, doc="It is shown again; the page is in English.")
    return_url: str | None = param(default=None, check=check_url)
