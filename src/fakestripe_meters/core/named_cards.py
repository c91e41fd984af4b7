"""The cards of Stripe's test mode. Nothing needs to be created: their names are enough.

`pm_card_visa` and `tok_visa` are names of the card `visa`.

Documented in: https://docs.stripe.com/testing.
Observed in: pay-rails/pay, openfoodfoundation/openfoodnetwork.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fakestripe_meters.core import errors
from fakestripe_meters.core.cards import BLOCKED
from fakestripe_meters.core.cards import EXPIRED
from fakestripe_meters.core.cards import GENERIC
from fakestripe_meters.core.cards import LOST
from fakestripe_meters.core.cards import NO_FUNDS
from fakestripe_meters.core.cards import PROCESSING
from fakestripe_meters.core.cards import STOLEN
from fakestripe_meters.core.cards import TOO_OFTEN
from fakestripe_meters.core.cards import WRONG_CVC
from fakestripe_meters.core.cards import Card
from fakestripe_meters.core.cards import Decline
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

METHODS = "pm_card_"
TOKENS = "tok_"
"""What the names of a card begin with, as a payment method and as a token."""


def of_method(name: str) -> Card | None:
    """Return the card with a name as a payment method; None if there is none.

    Raise StripeError 501 for a card whose payments are disputed.
    """
    card = name.removeprefix(METHODS)
    return None if card == name or card in ONLY_TOKENS else _named(card)


def of_token(name: str) -> Card | None:
    """Return the card with a name as a token; None if there is none. Raise StripeError 501 as `of_method` does."""
    card = name.removeprefix(TOKENS)
    return None if card == name else _named(card)


def kept(name: str) -> Card:
    """Return the card that a payment method is, by its own name (`visa`)."""
    return _cards()[name]


def names() -> Iterator[str]:
    """Yield the names of all cards as payment methods, without the second ones that some have."""
    return (METHODS + name for name in _cards() if name not in ONLY_TOKENS)


def _named(name: str) -> Card | None:
    if name in DISPUTED:
        raise errors.unserved.disputed_card(name)
    return _cards().get(ALIASES.get(name, name))


DISPUTED = frozenset(
    {
        "createDispute",
        "createDisputeProductNotReceived",
        "createDisputeInquiry",
        "createIssuerFraudRecord",
        "createMultipleDisputes",
        "createCe3EligibleDispute",
        "createComplianceDispute",
    }
)
"""Cards whose payments pass and are disputed later, which the fake does not do."""
ALIASES = {
    "chargeDeclined": "visa_chargeDeclined",
    "chargeDeclinedInsufficientFunds": "visa_chargeDeclinedInsufficientFunds",
    "chargeDeclinedLostCard": "visa_chargeDeclinedLostCard",
    "chargeDeclinedStolenCard": "visa_chargeDeclinedStolenCard",
    "chargeDeclinedVelocityLimitExceeded": "visa_chargeDeclinedVelocityLimitExceeded",
    "visa_chargeCustomerFail": "chargeCustomerFail",
}
"""Second names, under which Stripe has the same card."""
ONLY_TOKENS = {"visa_chargeCustomerFail", "visa_chargeCustomerFailLostCard", "visa_chargeCustomerFailStolenCard"}
"""Names that only tokens have."""


@cache
def _cards() -> dict[str, Card]:
    kinds = (_that_work(), _of_countries(), _that_fail(), _that_are_checked(), _that_want_authentication())
    return {card.name: card for kind in kinds for card in kind}


@documented("the names and the last digits, https://docs.stripe.com/testing")
@observed("the last digits of `amex` and `discover` (pay-rails/pay)")
def _that_work() -> Iterator[Card]:
    """Yield cards that pass without authentication."""
    yield Card("visa", "4242", challenged="authenticate")
    yield Card("visa_debit", "5556", funding="debit")
    yield Card("mastercard", "4444", "mastercard")
    yield Card("mastercard_debit", "8210", "mastercard", "debit")
    yield Card("mastercard_prepaid", "5100", "mastercard", "prepaid")
    yield Card("amex", "8431", "amex")
    yield Card("discover", "9424", "discover")
    yield Card("diners", "0004", "diners")
    yield Card("jcb", "0505", "jcb", country="JP")
    yield Card("unionpay", "0005", "unionpay", country="CN")
    yield Card("visa_cartesBancaires", "1001", country="FR", networks=("cartes_bancaires", "visa"))
    yield Card(
        "mastercard_cartesBancaires", "1001", "mastercard", country="FR", networks=("cartes_bancaires", "mastercard")
    )
    yield Card("visa_debit_eftposAuCoBranded", "0001", funding="debit", country="AU", networks=("eftpos_au", "visa"))
    yield Card("bypassPending", "0077", available_at_once=True)
    yield Card("bypassPendingInternational", "0278", country="IE", available_at_once=True)
    yield Card("pendingRefund", "7726", refund="pending")
    yield Card("refundFail", "5126", refund="fails")


@documented("the names and the last digits")
def _of_countries() -> Iterator[Card]:
    """Yield cards that pass, by the country of their issuer."""
    last = {
        "us": "4242",
        "br": "0002",
        "ca": "0000",
        "mx": "8001",
        "at": "0008",
        "be": "0004",
        "ch": "0009",
        "de": "0014",
        "dk": "0001",
        "es": "0007",
        "fi": "0001",
        "fr": "0003",
        "gb": "0000",
        "ie": "0005",
        "it": "0008",
        "nl": "0002",
        "no": "0007",
        "pl": "0005",
        "pt": "0007",
        "se": "0008",
        "au": "0006",
        "hk": "0004",
        "in": "0008",
        "jp": "0003",
        "nz": "0008",
        "sg": "0003",
    }
    yield from (Card(name, last4, country=name.upper()) for name, last4 in last.items())


@documented("the names, the last digits, and the codes of the declines")
def _that_fail() -> Iterator[Card]:
    """Yield cards that cannot be attached, and those that can and fail at each payment."""
    for name, last4, decline in (
        ("visa_chargeDeclined", "0002", GENERIC),
        ("visa_chargeDeclinedInsufficientFunds", "9995", NO_FUNDS),
        ("visa_chargeDeclinedLostCard", "9987", LOST),
        ("visa_chargeDeclinedStolenCard", "9979", STOLEN),
        ("chargeDeclinedExpiredCard", "0069", EXPIRED),
        ("chargeDeclinedIncorrectCvc", "0127", WRONG_CVC),
        ("chargeDeclinedProcessingError", "0119", PROCESSING),
        ("visa_chargeDeclinedVelocityLimitExceeded", "6975", TOO_OFTEN),
    ):
        yield Card(name, last4, at_setup=decline, **_always(decline))
    for name, decline in (
        ("chargeCustomerFail", GENERIC),
        ("visa_chargeCustomerFailLostCard", LOST),
        ("visa_chargeCustomerFailStolenCard", STOLEN),
    ):
        yield Card(name, "0341", **_always(decline))
    yield Card("radarBlock", "0019", risk="highest", **_always(BLOCKED))
    yield Card("riskLevelHighest", "4954", risk="highest", **_always(BLOCKED))


@documented("the names, the last digits, and which check fails")
@inferred("the account has no rules that block such a payment")
def _that_are_checked() -> Iterator[Card]:
    """Yield cards that pass although something about them is suspicious."""
    yield Card("riskLevelElevated", "9235", risk="elevated")
    yield Card("cvcCheckFail", "0101", cvc_check="fail")
    yield Card("avsZipFail", "0036", postal_code_check="fail")
    yield Card("avsLine1Fail", "0028", address_check="fail")
    yield Card("avsFail", "0010", address_check="fail", postal_code_check="fail")
    yield Card("avsUnchecked", "0044", address_check="unavailable", postal_code_check="unavailable")
    yield Card("cvcCheckFailElevatedRisk", "7872", cvc_check="fail", risk="elevated")
    yield Card("avsZipFailElevatedRisk", "6072", postal_code_check="fail", risk="elevated")


@documented("which payments each of them wants authenticated")
@inferred(
    "`threeDSecureRequired` and `threeDSecure2Required` fail off-session as `authenticationRequired` does; "
    "`threeDSecureRequiredProcessingError` can be set up"
)
def _that_want_authentication() -> Iterator[Card]:
    """Yield cards that want the customer to authenticate some payments, or that may be asked to."""
    wants: dict[str, Any] = {"at_setup": "authenticate", "present": "authenticate"}
    always: dict[str, Any] = {**wants, "later": "authenticate", "later_set_up": "authenticate"}
    yield Card("authenticationRequired", "3184", country="DE", **always)
    yield Card("authenticationRequiredOnSetup", "3155", country="FR", later="authenticate", **wants)
    yield Card("authenticationRequiredSetupForOffSession", "0446", country="IT", **wants)
    yield Card(
        "authenticationRequiredChargeDeclinedInsufficientFunds", "3178", country="GB", **wants, **_afterwards(NO_FUNDS)
    )
    yield Card("threeDSecure2Required", "3220", **always)
    yield Card("threeDSecureRequired", "3063", **always)
    yield Card("threeDSecureRequiredChargeDeclined", "1629", **wants, **_afterwards(GENERIC))
    yield Card("threeDSecureRequiredProcessingError", "1280", **_always(GENERIC))
    yield Card("threeDSecureOptional", "3055", challenged="authenticate")
    yield Card("threeDSecureOptionalProcessingError", "3097", challenged=PROCESSING)
    yield Card("amex_threeDSecureNotSupported", "0005", "amex", three_d_secure=False)


def _always(decline: Decline) -> dict[str, Any]:
    """Return the answers of a card that declines every payment."""
    return {"present": decline} | _afterwards(decline)


def _afterwards(decline: Decline) -> dict[str, Any]:
    """Return the answers of a card that declines every payment but one while the customer is present."""
    return {"later": decline, "later_set_up": decline, "authenticated": decline}
