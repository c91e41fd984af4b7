"""What the cards of Stripe's test mode answer to payments, and how they decline. `named_cards` lists the cards.

Documented in: https://docs.stripe.com/testing.
Observed in: pay-rails/pay, openfoodfoundation/openfoodnetwork.
"""

from typing import Literal
from typing import TypeAlias

from fakestripe_meters.core.late import dataclass

Network = Literal[
    "amex",
    "cartes_bancaires",
    "diners",
    "discover",
    "eftpos_au",
    "girocard",
    "interac",
    "jcb",
    "link",
    "mastercard",
    "unionpay",
    "unknown",
    "visa",
]
"""The networks that a request can ask a card to be charged over."""


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

# observed: of `amex` (pay-rails/pay); documented: the others, in Stripe's OpenAPI.
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


ASKS = ("any", "challenge")
"""Values of `request_three_d_secure` that ask for authentication."""


def at_setup(card: Card, *, asked: bool) -> Answer:
    """Return what a card answers to a setup intent. `asked`: the request asks for authentication."""
    return card.challenged if asked and card.at_setup == "passes" else card.at_setup


def answer(card: Card, *, off_session: bool, set_up: bool, asked: bool = False) -> Answer:
    """Return what a card answers to a payment. `asked`: the request asks for authentication, of a present customer."""
    if off_session:
        return card.later_set_up if set_up else card.later
    return card.challenged if asked and card.present == "passes" else card.present
