"""Payment intents: https://docs.stripe.com/api/payment_intents.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import AUTHENTICATED
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.unseen import before_changes
from fakestripe_meters.domain.paying import confirming
from fakestripe_meters.domain.paying import intent_terms
from fakestripe_meters.domain.paying import intents
from fakestripe_meters.domain.paying.intent_terms import ConfirmIntent
from fakestripe_meters.domain.paying.intent_terms import CreateIntent
from fakestripe_meters.domain.paying.intent_terms import UpdateIntent
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.payment_intents import NOUN
from fakestripe_meters.domain.records.payment_intents import PaymentIntent
from fakestripe_meters.domain.records.payment_intents import PaymentIntents
from fakestripe_meters.domain.records.payment_intents import find
from fakestripe_meters.framework import searching
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.endpoint import Found
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.endpoint import SearchParams
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/payment_intents"
# documented: the order in which Stripe's OpenAPI names them.
REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")


class RetrieveIntent(Operation):
    """How to look at a payment intent."""

    client_secret: str | None = param(default=None)


class CaptureIntent(Operation):
    """How to capture."""

    amount_to_capture: int | None = param(default=None, least=-MOST_CHARGED, most=MOST_CHARGED)
    final_capture: bool = param(default=True, unserved=(False,))
    metadata: Metadata = metadata()
    statement_descriptor: str | Unset | None = param(default=UNSET, clearable=True, max_length=22)
    statement_descriptor_suffix: str | Unset | None = param(default=UNSET, clearable=True, max_length=22)


class CancelIntent(Operation):
    """Why it is canceled."""

    cancellation_reason: Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None = param(
        default=None, order=REASONS
    )


class ListIntents(ListParams):
    """Which payment intents to list."""

    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)


# documented: the fields and what each holds, in Stripe's guide to its searches.
SEARCHED = {
    **searching.tokens("currency", "customer", "metadata"),
    **searching.strings("status"),
    **searching.numbers("amount", "created"),
}

resource = Resource(
    NOUN,
    PATH,
    render=payment_intents.render,
    by_id=lambda account, intent_id: account.part(PaymentIntents).table.get(intent_id),
    time=test_clocks.time_in(lambda account: account.part(PaymentIntents).table),
)


@resource.post()
@inferred("the customer is looked up before the payment method")
def create(account: Account, params: CreateIntent) -> PaymentIntent:
    """Create a payment intent, and confirm it if the request says so."""
    confirming.check_creation(params)
    customer = None
    if params.customer is not UNSET:
        customer = customers.find(account, params.customer, param="customer", status=400)
    clock = None if customer is None else customer.test_clock
    with test_clocks.changing(account, clock):
        intent = PaymentIntent(
            id=account.ids.new("pi_3", 23),
            created=account.now,
            amount=params.amount,
            currency=params.currency.lower(),
            customer=None if customer is None else customer.id,
            capture_method="automatic_async",
            confirmation_method=params.confirmation_method or "automatic",
            redirects=_redirects(params),
            test_clock=clock,
        )
        if params.payment_method is not UNSET:
            intent.payment_method = confirming.chosen(account, params.payment_method, intent.customer).id
            intent.status = "requires_confirmation"
        intent_terms.apply(intent, params)
        intents.add(account, intent)
        if params.confirm:
            confirming.confirm_new(account, intent, params)
    return intent


@resource.get("/search")
def search(account: Account, params: SearchParams) -> Found:
    """Search payment intents, newest first; those on test clocks are found by their customer only."""
    searched = searching.Searched(
        url=f"{PATH}/search",
        table=account.part(PaymentIntents).table,
        fields=SEARCHED,
        aside=lambda intent: intent.test_clock is not None,
        parents=frozenset({"customer"}),
        former=before_changes(account, NOUN),
    )
    return searching.search(searched, params)


@resource.get("/<intent_id>")
def retrieve(account: Account, params: RetrieveIntent, intent_id: str) -> PaymentIntent:
    """Return a payment intent."""
    intent = find(account, intent_id)
    _check_secret(intent, params.client_secret)
    return intent


@resource.post("/<intent_id>")
def update(account: Account, params: UpdateIntent, intent_id: str) -> PaymentIntent:
    """Change the given fields; an empty string clears a field."""
    intent = find(account, intent_id)
    account.count(intent.id, "payment_intent_updates_per_hour")
    confirming.update(account, intent, params)
    return intent


@resource.get()
def list_(account: Account, params: ListIntents) -> Listing:
    """List payment intents, newest first."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")

    def wanted(intent: PaymentIntent) -> bool:
        return params.customer in (None, intent.customer) and within(params.created, intent.created)

    return page(account.part(PaymentIntents).table, params, url=PATH, noun=NOUN, where=wanted)


@resource.post("/<intent_id>/confirm")
def confirm(account: Account, params: ConfirmIntent, intent_id: str) -> PaymentIntent:
    """Charge the payment method, or ask the customer to authenticate."""
    intent = find(account, intent_id)
    _check_secret(intent, params.client_secret)
    confirming.confirm(account, intent, params)
    return intent


@resource.post("/<intent_id>/capture")
@documented("a capture may change the descriptors, https://docs.stripe.com/api/payment_intents/capture")
def capture(account: Account, params: CaptureIntent, intent_id: str) -> PaymentIntent:
    """Take an amount that is on hold; the rest is released."""
    intent = find(account, intent_id)
    intent.metadata = merged(intent.metadata, params.metadata)
    for name, value in params.given(("statement_descriptor", "statement_descriptor_suffix")):
        setattr(intent, name, value)
    confirming.capture(account, intent, params.amount_to_capture)
    return intent


@resource.post("/<intent_id>/cancel")
def cancel(account: Account, params: CancelIntent, intent_id: str) -> PaymentIntent:
    """Cancel a payment intent; an amount that is on hold is released."""
    intent = find(account, intent_id)
    confirming.cancel(account, intent, params.cancellation_reason)
    return intent


@observed("by default since 2023-08-16, what the settings say")
@inferred("not with `confirmation_method`, which excludes that")
def _redirects(params: CreateIntent) -> str | None:
    """Return which payment methods an intent takes by the account's settings; None for none."""
    automatic = params.automatic_payment_methods
    if automatic is None:
        return "always" if params.confirmation_method is None else None
    return automatic.allow_redirects if automatic.enabled else None


@resource.due(Work.AUTHENTICATE_PAYMENT)
def authenticate(account: Account, subject: str) -> None:
    """Let the customer authenticate a payment as a test says, or raise `Misuse` if it does not wait for that."""
    intent_id, _, word = subject.partition(" ")
    intent = find(account, intent_id)
    if intent.status != "requires_action":
        message = f"{intent.id} has the status {intent.status}: only one that requires action can be authenticated"
        raise Misuse(message, param="intent")
    with test_clocks.time_of(account, intent.test_clock):
        outcome = intents.authenticate(account, intent, succeeds=word == AUTHENTICATED)
        confirming.settle(account, intent, outcome)


@inferred("a secret of another intent is refused")
def _check_secret(intent: PaymentIntent, secret: str | None) -> None:
    if secret not in (None, payment_intents.client_secret(intent)):
        raise errors.payments.wrong_secret(NOUN)
