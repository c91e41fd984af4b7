"""The cards of Stripe's test mode, and what each of them does. Nothing needs to be created: their names are enough.

`pm_card_visa` and `tok_visa` are names of the card `visa`.

Documented in: https://docs.stripe.com/testing.
Observed in: pay-rails/pay, openfoodfoundation/openfoodnetwork.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from typing import Literal
from typing import TypeAlias

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred

METHODS = "pm_card_"
TOKENS = "tok_"
"""What the names of a card begin with, as a payment method and as a token."""


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a card is not charged, in the words of the issuer."""

    code: str
    decline_code: str | None
    message: str
    advice_code: str | None = None
    network_advice_code: str | None = None
    network_decline_code: str | None = None
    param: str | None = None


Answer: TypeAlias = Decline | Literal["passes", "authenticate"]
"""What a card answers: it passes, it wants to be authenticated, or it declines."""

# observed: of `amex`; documented: the others, in Stripe's OpenAPI.
LONG_NAMES = {"amex": "american_express", "diners": "diners_club", "unionpay": "union_pay"}
DECLINED = "Your card was declined."
RETRY, STOP, CHECK = "try_again_later", "do_not_try_again", "confirm_card_data"
# observed: the sentences and codes, as a confirmation is answered (openfoodfoundation/openfoodnetwork, in 2026).
GENERIC = Decline("card_declined", "generic_decline", DECLINED, RETRY, None, "01")
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.", RETRY, "02", "51")
LOST = Decline("card_declined", "lost_card", DECLINED, STOP, "01", "41")
STOLEN = Decline("card_declined", "stolen_card", DECLINED, STOP, "01", "43")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", CHECK, "03", "54", "exp_month")
WRONG_CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", CHECK, "03", "N7", "cvc"
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    RETRY,
    None,
    "06",
)
TOO_OFTEN = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    RETRY,
    "02",
    "61",
)
# observed: the decline of a payment off-session, without further codes (Kiln-AI/stripe_world).
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
# inferred: the sentence; that the code is `fraudulent` is a second-hand report.
BLOCKED = Decline("card_declined", "fraudulent", DECLINED)


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the test mode, and what it answers to each kind of payment."""

    name: str
    last4: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    networks: tuple[str, ...] = ()
    """The networks that it can be charged over, if they are not only that of its brand."""
    at_setup: Answer = "passes"
    """To a setup intent. A card that declines here cannot be attached either."""
    present: Answer = "passes"
    """To a payment while the customer is present."""
    later: Answer = "passes"
    """To a payment off-session."""
    later_set_up: Answer = "passes"
    """To a payment off-session, after it was set up for that."""
    authenticated: Answer = "passes"
    """To a payment that the customer has authenticated."""
    challenged: Answer = "passes"
    """To a payment for which the request asks for authentication, though the card would pass without."""
    refund: Literal["succeeds", "pending", "fails"] = "succeeds"
    available_at_once: bool = False
    """Whether a payment is in the available balance at once, instead of after days."""
    cvc_check: str = "pass"
    address_check: str | None = None
    postal_code_check: str | None = None
    risk: Literal["normal", "elevated", "highest"] = "normal"
    three_d_secure: bool = True
    """Whether it supports authentication."""

    @property
    def shown_brand(self) -> str:
        """Return the brand as customers read it."""
        return LONG_NAMES.get(self.brand, self.brand)

    @property
    def blocked(self) -> bool:
        """Whether a payment is blocked before the issuer is asked."""
        return self.present is BLOCKED


def answer(card: Card, *, off_session: bool, set_up: bool, asked: bool = False) -> Answer:
    """Return what a card answers to a payment. `asked`: the request asks for authentication, of a present customer."""
    if off_session:
        return card.later_set_up if set_up else card.later
    return card.challenged if asked and card.present == "passes" else card.present


def card_of(name: str) -> Card | None:
    """Return the card with a name as a payment method or as a token; None if there is none.

    Raise StripeError 501 for a card whose payments are disputed.
    """
    for prefix in (METHODS, TOKENS):
        if name.startswith(prefix):
            return _named(name.removeprefix(prefix), token=prefix == TOKENS)
    return None


def kept(name: str) -> Card:
    """Return the card that a payment method is, by its own name (`visa`)."""
    return _cards()[name]


def names() -> Iterator[str]:
    """Yield the names of all cards as payment methods, without the second ones that some have."""
    return (METHODS + name for name in _cards() if name not in ONLY_TOKENS)


def _named(name: str, *, token: bool) -> Card | None:
    if name in DISPUTED:
        raise errors.unserved.disputed_card(name)
    if name in ONLY_TOKENS and not token:
        return None
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


@documented("the names and the last digits, except those of `amex` and `discover`, which are as recorded")
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
