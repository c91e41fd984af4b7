"""Setup intents: https://docs.stripe.com/api/setup_intents."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import AUTHENTICATED
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.paying import setup_terms
from fakestripe_meters.domain.paying import setups
from fakestripe_meters.domain.paying.setup_terms import ChangeIntent
from fakestripe_meters.domain.paying.setup_terms import ConfirmIntent
from fakestripe_meters.domain.paying.setup_terms import CreateIntent
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import setup_intents
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.setup_intents import SetupIntent
from fakestripe_meters.domain.records.setup_intents import SetupIntents
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/setup_intents"
DONE = ("canceled", "succeeded")


class CancelIntent(Operation):
    """Why to cancel a setup intent."""

    cancellation_reason: Literal["abandoned", "duplicate", "requested_by_customer"] | None = param(default=None)


class RetrieveIntent(Operation):
    """How to retrieve a setup intent."""

    client_secret: str | None = param(default=None)


class VerifyDeposits(Operation):
    """What a bank account has received."""

    amounts: tuple[int, ...] | None = param(default=None, least=0, most=10_000)
    client_secret: str | None = param(default=None)
    descriptor_code: str | None = param(default=None)


class ListIntents(ListParams):
    """Which setup intents to list."""

    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)
    payment_method: str | None = param(default=None)


resource = Resource(
    "setup_intent",
    PATH,
    render=setup_intents.render,
    by_id=lambda account, intent_id: account.part(SetupIntents).table.get(intent_id),
    time=test_clocks.time_in(lambda account: account.part(SetupIntents).table),
)


@resource.post()
@inferred("a decline at creation leaves the setup intent, as it does with payment intents")
def create(account: Account, params: CreateIntent) -> SetupIntent:
    """Create a setup intent, and confirm it at once with `confirm=true`."""
    setup_terms.check_exclusive(params)
    customer = None
    if params.customer is not None:
        customer = customers.find(account, params.customer, param="customer", status=400)
    if params.return_url is not None and not params.confirm:
        raise errors.params.needed_with("return_url", "`confirm` is true")
    clock = None if customer is None else customer.test_clock
    with test_clocks.changing(account, clock):
        intent = SetupIntent(
            id=account.ids.new(setups.PREFIX, 23),
            created=account.now,
            customer=None if customer is None else customer.id,
            redirects=setup_terms.redirects_of(params.automatic_payment_methods),
            return_url=params.return_url,
            test_clock=clock,
            usage=params.usage,
        )
        method = _named(account, params.payment_method)
        if method is not None:
            setups.choose(intent, method, "payment_method")
        setup_terms.apply(intent, params)
        setups.add(account, intent)
        if params.confirm:
            _confirm(account, intent, method, in_browser=params.use_stripe_sdk)
    return intent


@resource.get("/<intent_id>")
def retrieve(account: Account, params: RetrieveIntent, intent_id: str) -> SetupIntent:
    """Return a setup intent."""
    intent = setup_intents.find(account, intent_id)
    _check_secret(intent, params.client_secret)
    return intent


@resource.post("/<intent_id>")
@observed("there is no event about it (Kiln-AI/stripe_world)")
@inferred("that the customer can be set, and not changed; and not when the intent is done")
def update(account: Account, params: ChangeIntent, intent_id: str) -> SetupIntent:
    """Change the given fields of a setup intent."""
    intent = setup_intents.find(account, intent_id)
    setup_terms.check_exclusive(params)
    if params.customer is not None:
        customer = customers.find(account, params.customer, param="customer", status=400)
        if intent.customer not in (None, customer.id):
            raise errors.setup_intents.customer_is_set("customer")
        intent.customer, intent.test_clock = customer.id, customer.test_clock
    method = _named(account, params.payment_method)
    if intent.status in DONE and (method is not None or params.customer is not None):
        raise errors.setup_intents.cannot_update(setup_intents.render(account, intent), intent.status)
    if method is not None:
        setups.choose(intent, method, "payment_method")
    setup_terms.apply(intent, params)
    return intent


@resource.post("/<intent_id>/confirm")
def confirm(account: Account, params: ConfirmIntent, intent_id: str) -> SetupIntent:
    """Set up the payment method; the answer is 402 if it declines."""
    intent = setup_intents.find(account, intent_id)
    _check_secret(intent, params.client_secret)
    if params.return_url is not None:
        intent.return_url = params.return_url
    if params.allowed_payment_method_types is not UNSET:
        intent.allowed_types = params.allowed_payment_method_types
    setup_terms.set_options(intent, params.payment_method_options)
    method = _named(account, params.payment_method)
    if method is None and intent.payment_method is not None:
        method = payment_methods.kept(account, intent.payment_method)
    if method is not None and intent.status not in DONE:
        setups.choose(intent, method, "payment_method")
    _confirm(account, intent, method, in_browser=params.use_stripe_sdk)
    return intent


@resource.post("/<intent_id>/cancel")
def cancel(account: Account, params: CancelIntent, intent_id: str) -> SetupIntent:
    """Cancel a setup intent."""
    intent = setup_intents.find(account, intent_id)
    if intent.status in DONE:
        raise errors.setup_intents.cannot_cancel(setup_intents.render(account, intent), intent.status)
    setups.cancel(account, intent, params.cancellation_reason)
    return intent


@resource.post("/<intent_id>/verify_microdeposits")
@inferred("no card waits for deposits, whatever its status")
def verify_microdeposits(account: Account, params: VerifyDeposits, intent_id: str) -> SetupIntent:
    """Refuse: only bank accounts are verified so."""
    intent = setup_intents.find(account, intent_id)
    _check_secret(intent, params.client_secret)
    raise errors.setup_intents.cannot_be_actioned_on(intent.status)


@resource.get()
def list_(account: Account, params: ListIntents) -> Listing:
    """List setup intents, newest first."""
    if params.customer is not None:
        customers.find(account, params.customer, param="customer", status=400)
    if params.payment_method is not None:
        payment_methods.find(account, params.payment_method, status=400)

    def wanted(intent: SetupIntent) -> bool:
        return (
            params.customer in (None, intent.customer)
            and params.payment_method in (None, intent.payment_method)
            and within(params.created, intent.created)
        )

    return page(account.part(SetupIntents).table, params, url=PATH, noun=setup_intents.NOUN, where=wanted)


@resource.due(Work.AUTHENTICATE_SETUP)
def authenticate(account: Account, subject: str) -> None:
    """Let the customer authenticate a setup, or fail to, as a test says; raise `Misuse` if it does not wait for it."""
    intent_id, _, word = subject.partition(" ")
    intent = setup_intents.find(account, intent_id)
    if intent.status != "requires_action":
        message = f"{intent.id} has the status {intent.status}: only one that requires action can be authenticated"
        raise Misuse(message, param="intent")
    with test_clocks.time_of(account, intent.test_clock):
        setups.authenticate(account, intent, succeeds=word == AUTHENTICATED)


def _named(account: Account, name_or_id: str | None) -> PaymentMethod | None:
    return None if name_or_id is None else methods.named(account, name_or_id)


def _check_secret(intent: SetupIntent, secret: str | None) -> None:
    if secret not in (None, setup_intents.client_secret(intent)):
        raise errors.setup_intents.wrong_secret("client_secret")


def _confirm(account: Account, intent: SetupIntent, method: PaymentMethod | None, *, in_browser: bool) -> None:
    """Confirm a setup intent; StripeError 402 if its card declines, 400 if there is none or it is done."""
    if method is None:
        raise errors.setup_intents.no_method(setup_intents.render(account, intent))
    if intent.status in DONE:
        raise errors.setup_intents.cannot_confirm(setup_intents.render(account, intent), intent.status)
    setup_terms.check_return(intent)
    decline = setups.confirm(account, intent, method, in_browser=in_browser)
    if decline is not None:
        raise setups.decline_error(account, intent, decline)
