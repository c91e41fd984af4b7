"""Parameters that setup intents and payment intents share.

Documented in: https://docs.stripe.com/api/setup_intents, https://docs.stripe.com/api/payment_intents.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Literal
from typing import NamedTuple

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param

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
CARD = "card"


class AutomaticMethods(Params):
    """Whether an intent takes the payment methods that the account has switched on."""

    enabled: bool = param()
    allow_redirects: Literal["always", "never"] = param(default="always")


class CardOptions(Params):
    """How a card is treated."""

    network: Network | None = param(default=None)
    request_three_d_secure: Literal["any", "automatic", "challenge"] | None = param(
        default=None,
        doc="With `any` or `challenge`, a card that can be authenticated wants to be, such as `pm_card_visa`.",
    )


class MethodOptions(Params):
    """How single payment methods are treated."""

    card: CardOptions | None = param(default=None)


class Choice(NamedTuple):
    """Which payment methods an intent takes."""

    redirects: str | None
    """`always` or `never` those with redirects; None for the listed types only."""
    types: tuple[str, ...]


@observed("automatic methods exclude listed types, which exclude automatic methods")
@documented("what excludes what, https://docs.stripe.com/changelog")
@inferred("the account has switched on nothing but cards")
def choose(
    automatic: AutomaticMethods | None,
    types: Sequence[str] | None,
    allowed: Sequence[str] | None = None,
    excluded: Sequence[str] | None = None,
) -> Choice:
    """Return which payment methods an intent takes.

    Raise StripeError 400 for parameters that exclude each other, 501 if it takes no cards.
    """
    given = {
        "allowed_payment_method_types": allowed,
        "automatic_payment_methods": automatic,
        "excluded_payment_method_types": excluded,
        "payment_method_types": types,
    }
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1 and set(names) != {"automatic_payment_methods", "excluded_payment_method_types"}:
        raise errors.params.exclusive_params(names)
    _check_cards(types, "payment_method_types")
    _check_cards(allowed, "allowed_payment_method_types")
    if excluded is not None and CARD in excluded:
        raise errors.unserved.param("excluded_payment_method_types")
    if types is not None:
        return Choice(None, tuple(types))
    if automatic is None:
        return Choice("always", (CARD,))
    return Choice(automatic.allow_redirects if automatic.enabled else None, (CARD,))


def _check_cards(types: Sequence[str] | None, path: str) -> None:
    if types is not None and CARD not in types:
        raise errors.unserved.param(path)


def check_return(kind: str, redirects: str | None, return_url: str | None) -> None:
    """Raise StripeError 400 if an intent is confirmed that may redirect, and nothing says where to come back to."""
    if redirects == "always" and return_url is None:
        raise errors.payments.return_url_missing(kind)


def card_options(given: MethodOptions | None) -> Mapping[str, Any]:
    """Return what a request says of cards."""
    if given is None or given.card is None:
        return {}
    return {name: value for name, value in vars(given.card).items() if value is not None}


def listed(types: Sequence[str] | Unset | None) -> Sequence[str] | None:
    """Return a list that is sent, or None."""
    return None if types is UNSET or not types else types
