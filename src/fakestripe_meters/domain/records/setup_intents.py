"""Setup intents, and the attempts to confirm them: how they are stored and shown.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.wire.tree import Tree

NOUN = "setupintent"
Status = Literal["canceled", "requires_action", "requires_confirmation", "requires_payment_method", "succeeded"]
# observed: of a request that says nothing about cards.
OF_CARDS: Tree = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}


@record
class SetupIntent:
    """A setup intent as stored."""

    id: str
    created: int
    customer: str | None = None
    payment_method: str | None = None
    status: Status = "requires_payment_method"
    usage: str = "off_session"
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    redirects: str | None = None
    """Which payment methods it takes: `always` or `never` those with redirects; None for the listed types only."""
    types: Sequence[str] = ("card",)
    allowed_types: Sequence[str] | None = None
    excluded_types: Sequence[str] | None = None
    card_options: Mapping[str, Any] = field(default_factory=dict)
    flow_directions: Sequence[str] | None = None
    cancellation_reason: str | None = None
    last_error: Mapping[str, Any] | None = None
    """What went wrong last, as Stripe shows it, but without the payment method."""
    failed_method: str | None = None
    """The payment method that `last_error` is about."""
    latest_attempt: str | None = None
    next_action: Mapping[str, Any] | None = None
    return_url: str | None = None
    subscription: str | None = None
    """The subscription that it was created for."""
    test_clock: str | None = None


@record
class SetupAttempt:
    """An attempt to confirm a setup intent, as stored."""

    id: str
    created: int
    setup_intent: str
    payment_method: str
    customer: str | None
    usage: str
    flow_directions: Sequence[str] | None
    status: Literal["abandoned", "failed", "requires_action", "succeeded"] = "succeeded"
    error: Mapping[str, Any] | None = None
    authenticated: bool = False
    """Whether the customer has authenticated it."""


@dataclass(eq=False)
class SetupIntents(Part, name="setup_intents", named_by=("pending_setup_intent", "setup_intent")):
    """All setup intents of an account."""

    table: Table[SetupIntent] = field(default_factory=Table)


@dataclass(eq=False)
class SetupAttempts(Part, name="setup_attempts"):
    """All attempts to confirm setup intents."""

    table: Table[SetupAttempt] = field(default_factory=Table)


def find(account: Account, intent_id: str, *, param: str = "intent", status: int = 404) -> SetupIntent:
    """Return the setup intent with that id, or raise `No such setupintent`."""
    return required(account.part(SetupIntents).table.get(intent_id), NOUN, intent_id, param=param, status=status)


def kept(account: Account, intent_id: str) -> SetupIntent:
    """Return the setup intent that another object refers to."""
    return account.part(SetupIntents).table.kept(intent_id)


@inferred("how long the secret is")
def client_secret(intent: SetupIntent) -> str:
    """Return what a browser confirms the setup with."""
    return f"{intent.id}_secret_{tail(f'{intent.id}/secret', 31)}"


@observed("the fields")
def render(account: Account, intent: SetupIntent) -> Tree:
    """Return a setup intent as Stripe shows it."""
    return {
        "id": intent.id,
        "object": "setup_intent",
        "allowed_payment_method_types": intent.allowed_types and list(intent.allowed_types),
        "application": None,
        "automatic_payment_methods": intent.redirects and {"allow_redirects": intent.redirects, "enabled": True},
        "cancellation_reason": intent.cancellation_reason,
        "client_secret": client_secret(intent),
        "created": intent.created,
        "customer": intent.customer,
        "customer_account": None,
        "description": intent.description,
        "excluded_payment_method_types": intent.excluded_types and list(intent.excluded_types),
        "flow_directions": intent.flow_directions and list(intent.flow_directions),
        "last_setup_error": render_error(account, intent.last_error, intent.failed_method),
        "latest_attempt": intent.latest_attempt,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "mandate": None,
        "metadata": dict(intent.metadata),
        "next_action": intent.next_action,
        "on_behalf_of": None,
        "payment_method": intent.payment_method,
        "payment_method_configuration_details": intent.redirects and payment_intents.configuration(account),
        "payment_method_options": {"card": {**OF_CARDS, **intent.card_options}},
        "payment_method_types": list(intent.types),
        "single_use_mandate": None,
        "status": intent.status,
        "usage": intent.usage,
    }


def render_error(account: Account, error: Mapping[str, Any] | None, method_id: str | None) -> Tree | None:
    """Return what went wrong, with the whole payment method in its place."""
    if error is None or method_id is None:
        return None
    method = payment_methods.render(account, payment_methods.kept(account, method_id))
    return {
        **{name: each for name, each in error.items() if name != "type"},
        "payment_method": method,
        "type": error["type"],
    }


@documented("the fields, in Stripe's OpenAPI")
@inferred("their order, that of the alphabet, and what it says about authentication")
def render_attempt(account: Account, attempt: SetupAttempt) -> Tree:
    """Return an attempt as Stripe shows it."""
    method = payment_methods.kept(account, attempt.payment_method)
    card = method.does
    return {
        "id": attempt.id,
        "object": "setup_attempt",
        "application": None,
        "created": attempt.created,
        "customer": attempt.customer,
        "customer_account": None,
        "flow_directions": attempt.flow_directions and list(attempt.flow_directions),
        "livemode": False,
        "on_behalf_of": None,
        "payment_method": attempt.payment_method,
        "payment_method_details": {
            "card": {
                "brand": card.brand,
                "checks": payment_methods.render_checks(method),
                "country": card.country,
                "exp_month": method.exp_month,
                "exp_year": method.exp_year,
                "fingerprint": method.fingerprint,
                "funding": card.funding,
                "last4": card.last4,
                "network": (card.networks or (card.brand,))[0],
                "three_d_secure": AUTHENTICATED if attempt.authenticated else None,
                "wallet": None,
            },
            "type": "card",
        },
        "setup_error": render_error(account, attempt.error, attempt.payment_method),
        "setup_intent": attempt.setup_intent,
        "status": attempt.status,
        "usage": attempt.usage,
    }


AUTHENTICATED: Tree = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": None,
    "version": "2.2.0",
}
