"""What a decline looks like: on a payment intent, and as the answer to who has confirmed it.

Observed in: openfoodfoundation/openfoodnetwork, Kiln-AI/stripe_world.
"""

from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.cards import Decline
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records.payment_intents import PaymentIntent

DOCS = "https://stripe.com/docs/error-codes/"
OWN = ("code", "doc_url", "message", "param", "type")
"""What every error has."""
# documented: the code, which is of no card error, in the guide to error codes; inferred: the sentence, as recalled.
NOT_AUTHENTICATED = Decline(
    code="payment_intent_authentication_failure",
    decline_code=None,
    message="The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
    "PaymentMethod to attempt to fulfill this PaymentIntent again.",
)
# inferred: the codes and the sentence, in recalled wording.
NOT_HANDLED = Decline(
    code="authentication_required",
    decline_code="authentication_not_handled",
    message="This payment required an authentication action to complete, but `error_on_requires_action` was set. When "
    "you're ready, you can upgrade your integration to handle actions at "
    "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions.",
)


@observed("the order of the keys; what has no value has no key")
def described(decline: Decline, charge: str | None = None) -> dict[str, Any]:
    """Return a decline as an intent shows it, without the payment method."""
    fields = {
        "advice_code": decline.advice_code,
        "charge": charge,
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": DOCS + decline.code.replace("_", "-"),
        "message": decline.message,
        "network_advice_code": decline.network_advice_code,
        "network_decline_code": decline.network_decline_code,
        "param": decline.param,
        "type": "invalid_request_error" if decline is NOT_AUTHENTICATED else "card_error",
    }
    return {name: value for name, value in fields.items() if value is not None}


@observed("the order of the keys, and that `payment_method_type` is there after a creation only")
@inferred("a failed authentication is a 400")
@documented("its type, in the guide to error codes")
def decline_error(
    account: Account, intent: PaymentIntent, decline: Decline, *, at_creation: bool = False
) -> StripeError:
    """402 for who confirms a payment intent that is declined. It shows the intent as it is then."""
    shown = intent.last_error or described(decline)
    extra = {name: value for name, value in shown.items() if name not in OWN}
    extra |= {
        "payment_intent": payment_intents.render(account, intent),
        "payment_method": payment_intents.render_failed_method(account, intent),
        "payment_method_type": "card" if at_creation else None,
    }
    return errors.payments.declined(decline.message, code=decline.code, param=decline.param, extra=extra)
