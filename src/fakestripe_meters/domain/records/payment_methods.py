"""Payment methods, all of them cards of the test mode: how they are stored and shown.

Observed in: pay-rails/pay, Kiln-AI/stripe_world, openfoodfoundation/openfoodnetwork.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core import named_cards
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.cards import Card
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

Redisplay = Literal["always", "limited", "unspecified"]
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


@record
class PaymentMethod:
    """A payment method as stored. It is never removed: detached, it can still be retrieved."""

    id: str
    created: int
    card: str
    """The name of its card, as `core.cards` has it."""
    exp_month: int
    exp_year: int
    fingerprint: str
    customer: str | None = None
    billing_details: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    allow_redisplay: Redisplay = "unspecified"
    preferred_network: str | None = None
    checked: bool = True
    """Whether its security code was checked. That of a token is checked once it is attached."""
    spent: bool = False
    """Whether it was detached, or has paid without being attached: then it cannot be used again."""
    set_up: bool = False
    """Whether it was authenticated for payments off-session."""

    @property
    def does(self) -> Card:
        """What its card answers to payments."""
        return named_cards.kept(self.card)


@dataclass(eq=False)
class PaymentMethods(Part, name="payment_methods", named_by=("payment_method",)):
    """All payment methods of an account, and the ids of those that each customer has, oldest first."""

    table: Table[PaymentMethod] = field(default_factory=Table)
    by_customer: Index[tuple[str, ...]] = field(default_factory=Index)

    def of(self, customer_id: str) -> list[PaymentMethod]:
        """Return the payment methods that are attached to a customer, oldest first."""
        return [self.table.kept(each) for each in self.by_customer.get(customer_id, ())]


def find(account: Account, method_id: str, *, param: str = "payment_method", status: int = 404) -> PaymentMethod:
    """Return the payment method with that id, or raise `No such PaymentMethod`."""
    method = account.part(PaymentMethods).table.get(method_id)
    if method is None:
        raise errors.payment_methods.no_such_method(method_id, param=param, status=status)
    return method


def kept(account: Account, method_id: str) -> PaymentMethod:
    """Return the payment method that another object refers to."""
    return account.part(PaymentMethods).table.kept(method_id)


@observed("the fields")
def render(_account: Account, method: PaymentMethod) -> Tree:
    """Return a payment method as Stripe shows it."""
    return {
        "id": method.id,
        "object": "payment_method",
        "allow_redisplay": method.allow_redisplay,
        "billing_details": render_billing_details(method),
        "card": _render_card(method),
        "created": method.created,
        "customer": method.customer,
        "customer_account": None,
        "livemode": False,
        "metadata": dict(method.metadata),
        "type": "card",
    }


def render_billing_details(method: PaymentMethod) -> Tree:
    """Return whom a payment method belongs to, as the holder gave it."""
    given = method.billing_details
    address = given.get("address") or {}
    return {
        "address": {name: address.get(name) for name in ADDRESS},
        **{name: given.get(name) for name in ("email", "name", "phone", "tax_id")},
    }


def render_checks(method: PaymentMethod) -> Tree:
    """Return which checks of a card have passed."""
    card = method.does
    return {
        "address_line1_check": card.address_check,
        "address_postal_code_check": card.postal_code_check,
        "cvc_check": card.cvc_check if method.checked else "unchecked",
    }


def _render_card(method: PaymentMethod) -> Tree:
    card = method.does
    networks = card.networks or (card.brand,)
    return {
        "brand": card.brand,
        "checks": render_checks(method),
        "country": card.country,
        "display_brand": card.shown_brand,
        "exp_month": method.exp_month,
        "exp_year": method.exp_year,
        "fingerprint": method.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": list(networks), "preferred": method.preferred_network},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_d_secure},
        "wallet": None,
    }
