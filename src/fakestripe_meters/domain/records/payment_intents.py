"""Payment intents: how they are stored, found and shown.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

NOUN = "payment_intent"
Status = Literal[
    "canceled", "requires_action", "requires_capture", "requires_confirmation", "requires_payment_method", "succeeded"
]
UNFINISHED = ("requires_payment_method", "requires_confirmation", "requires_action")
"""The statuses in which nothing is charged yet."""


@record
class PaymentIntent:
    """A payment intent as stored."""

    id: str
    created: int
    amount: int
    currency: str
    customer: str | None = None
    payment_method: str | None = None
    status: Status = "requires_payment_method"
    capture_method: str = "automatic"
    confirmation_method: str = "automatic"
    setup_future_usage: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    latest_charge: str | None = None
    last_error: Mapping[str, Any] | None = None
    """What went wrong last, as Stripe shows it, but without the payment method."""
    failed_method: str | None = None
    """The payment method that `last_error` is about."""
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    amount_received: int = 0
    amount_capturable: int = 0
    invoice: str | None = None
    of_subscription: bool = False
    """Whether it pays an invoice of a subscription."""
    next_action: Mapping[str, Any] | None = None
    return_url: str | None = None
    off_session: bool = False
    """Whether it was last confirmed without the customer."""
    redirects: str | None = None
    """Which payment methods it takes: `always` or `never` those with redirects; None for the listed types only."""
    types: Sequence[str] = ("card",)
    card_options: Mapping[str, Any] = field(default_factory=dict)
    payment_details: Mapping[str, Any] | None = None
    receipt_email: str | None = None
    shipping: Mapping[str, Any] | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    test_clock: str | None = None


@dataclass(eq=False)
class PaymentIntents(Part, name="payment_intents", named_by=("payment_intent",)):
    """All payment intents of an account."""

    table: Table[PaymentIntent] = field(default_factory=Table)


def find(account: Account, intent_id: str, *, param: str = "intent", status: int = 404) -> PaymentIntent:
    """Return the payment intent with that id, or raise `No such payment_intent`."""
    return required(account.part(PaymentIntents).table.get(intent_id), NOUN, intent_id, param=param, status=status)


def kept(account: Account, intent_id: str) -> PaymentIntent:
    """Return the payment intent that another object refers to."""
    return account.part(PaymentIntents).table.kept(intent_id)


@observed("the id, and 25 letters after `_secret_`")
def client_secret(intent: PaymentIntent) -> str:
    """Return what a browser confirms the payment with."""
    return f"{intent.id}_secret_{tail(f'{intent.id}/secret', 25)}"


def render(account: Account, intent: PaymentIntent) -> Tree:
    """Return a payment intent as Stripe shows it."""
    return {"id": intent.id, "object": NOUN}
