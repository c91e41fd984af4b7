"""Payment intents: how they are stored, found and shown.

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
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import payment_methods
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
    allowed_types: Sequence[str] | None = None
    excluded_types: Sequence[str] | None = None
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


# observed: of a new account; each account has others switched on.
OF_CARDS: Tree = {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
TIP: Tree = {"tip": {}}
NOT_MANAGED: Tree = {"enabled": False}


@observed("the fields")
def render(account: Account, intent: PaymentIntent) -> Tree:
    """Return a payment intent as Stripe shows it."""
    error = intent.last_error
    return {
        "id": intent.id,
        "object": NOUN,
        "allowed_payment_method_types": intent.allowed_types,
        "amount": intent.amount,
        "amount_capturable": intent.amount_capturable,
        "amount_details": TIP,
        "amount_received": intent.amount_received,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": intent.redirects and {"allow_redirects": intent.redirects, "enabled": True},
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": intent.capture_method,
        "client_secret": client_secret(intent),
        "confirmation_method": intent.confirmation_method,
        "created": intent.created,
        "currency": intent.currency,
        "customer": intent.customer,
        "customer_account": None,
        "description": intent.description,
        "excluded_payment_method_types": intent.excluded_types,
        "last_payment_error": error and _with_method(error, render_failed_method(account, intent)),
        "latest_charge": intent.latest_charge,
        "livemode": False,
        "managed_payments": NOT_MANAGED,
        "metadata": dict(intent.metadata),
        "next_action": intent.next_action,
        "on_behalf_of": None,
        **_payment_details(intent),
        "payment_method": intent.payment_method,
        "payment_method_configuration_details": intent.redirects and configuration(account),
        "payment_method_options": {"card": {**OF_CARDS, **intent.card_options} if intent.card_options else OF_CARDS},
        "payment_method_types": list(intent.types),
        "payment_record": None,
        "processing": None,
        "receipt_email": intent.receipt_email,
        "review": None,
        "setup_future_usage": intent.setup_future_usage,
        "shipping": intent.shipping,
        "source": None,
        "statement_descriptor": intent.statement_descriptor,
        "statement_descriptor_suffix": intent.statement_descriptor_suffix,
        "status": intent.status,
        "transfer_data": None,
        "transfer_group": intent.transfer_group,
    }


@observed("an intent of a subscription's invoice names the invoice, that of another invoice does not")
def _payment_details(intent: PaymentIntent) -> Tree:
    if intent.of_subscription:
        return {"payment_details": {"customer_reference": None, "order_reference": intent.invoice}}
    return {"payment_details": intent.payment_details} if intent.payment_details else {}


def _with_method(error: Mapping[str, Any], method: Tree | None) -> Tree:
    """Return an error with the payment method in its place."""
    shown = {name: value for name, value in error.items() if name != "type"}
    return {**shown, "payment_method": method, "type": error["type"]}


def render_failed_method(account: Account, intent: PaymentIntent) -> Tree | None:
    """Return the payment method that the last error is about."""
    return (
        None
        if intent.failed_method is None
        else payment_methods.render(account, payment_methods.kept(account, intent.failed_method))
    )


def configuration(account: Account) -> Tree:
    """Return where the account's payment methods are switched on."""
    return {"id": f"pmc_1{tail(f'{account.id}/pmc', 23)}", "parent": None}


@observed("a page of the bank if the request says where to come back to, else what Stripe's scripts need")
@inferred("certificates and page, which belong to nobody")
def next_action(account: Account, intent_id: str, return_url: str | None, network: str) -> Tree:
    """Return what the customer has to do to authenticate a payment or a card."""
    if return_url is not None:
        address = f"https://hooks.stripe.com/3d_secure_2/hosted?merchant={account.id}&{_word(intent_id)}={intent_id}"
        return {"redirect_to_url": {"return_url": return_url, "url": address}, "type": "redirect_to_url"}
    steps = {
        "directory_server_encryption": {
            "algorithm": "RSA",
            "certificate": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
            "directory_server_id": "A000000003",
            "root_certificate_authorities": ["-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"],
        },
        "directory_server_name": network,
        "merchant": account.id,
        "one_click_authn": None,
        "server_transaction_id": _transaction(intent_id),
        "three_d_secure_2_source": f"payatt_3{tail(f'{intent_id}/payatt', 23)}",
        "three_ds_frontend_optimizations": None,
        "three_ds_method_url": "",
        "three_ds_optimizations": "kf",
        "type": "stripe_3ds2_fingerprint",
    }
    return {"type": "use_stripe_sdk", "use_stripe_sdk": steps}


def _word(intent_id: str) -> str:
    return "setup_intent" if intent_id.startswith("seti_") else "payment_intent"


def _transaction(intent_id: str) -> str:
    """Return a UUID that is always the same for an intent."""
    from uuid import NAMESPACE_URL  # imported late: it loads what tells platforms apart
    from uuid import uuid5

    return str(uuid5(NAMESPACE_URL, intent_id))
