"""The test cards that a page offers, in words."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import NamedTuple

from fakestripe_meters.core import named_cards
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.cards import Card
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.payment_methods import PaymentMethods


class Choice(NamedTuple):
    """A card to choose."""

    value: str
    """The name of a test card as a payment method, or the id of one that the customer has."""
    label: str


class Group(NamedTuple):
    """Cards that do the same."""

    label: str
    choices: Sequence[Choice]


DEFAULT = "pm_card_visa"
KINDS = {
    "Pays": {
        "visa": "",
        "mastercard": "",
        "amex": "",
        "visa_debit": "debit",
    },
    "Asks to authenticate (3D Secure)": {
        "threeDSecure2Required": "each time",
        "authenticationRequiredSetupForOffSession": "the first time",
        "threeDSecureRequiredChargeDeclined": "then declines",
    },
    "Declines": {
        "visa_chargeDeclined": "declined",
        "visa_chargeDeclinedInsufficientFunds": "insufficient funds",
        "chargeDeclinedExpiredCard": "expired",
        "chargeDeclinedIncorrectCvc": "wrong security code",
        "chargeDeclinedProcessingError": "processing error",
        "chargeCustomerFail": "can be saved, then declines",
    },
}
"""What a card does → its name, and what it is known for."""


def offered(account: Account, customer: str | None) -> list[Group]:
    """Return the cards that a customer can pay with: its own, and those of the test mode."""
    own = [Choice(method.id, saved(method)) for method in _of(account, customer)]
    return [*([Group("Saved", own)] if own else []), *_test_cards()]


def _of(account: Account, customer: str | None) -> Iterable[PaymentMethod]:
    methods = account.peek(PaymentMethods)
    return () if customer is None or methods is None else methods.of(customer)


def saved(method: PaymentMethod) -> str:
    """Return what a card is called that a customer has: `Visa •••• 4242, 01/2026`."""
    return f"{_named(method.does)}, {method.exp_month:02}/{method.exp_year}"


def _named(card: Card) -> str:
    return f"{card.shown_brand.replace('_', ' ').title()} •••• {card.last4}"


def _test_cards() -> list[Group]:
    return [
        Group(
            kind,
            [
                Choice(f"{named_cards.METHODS}{name}", f"{_named(named_cards.kept(name))}{label and f', {label}'}")
                for name, label in names.items()
            ],
        )
        for kind, names in KINDS.items()
    ]


def behind(account: Account, value: str) -> tuple[Card, bool]:
    """Return the card that is chosen, and whether it is set up for later; raise StripeError 400 if there is none."""
    card = named_cards.of_method(value)
    if card is not None:
        return card, False
    method = payment_methods.find(account, value, status=400)
    return method.does, method.set_up
