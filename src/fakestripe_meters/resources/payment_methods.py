"""Payment methods: https://docs.stripe.com/api/payment_methods, of the cards of the test mode."""

from contextlib import AbstractContextManager
from datetime import UTC
from datetime import datetime
from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.paying import method_terms
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.paying.method_terms import OTHERS
from fakestripe_meters.domain.paying.method_terms import BillingDetails
from fakestripe_meters.domain.paying.method_terms import Type
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.payment_methods import PaymentMethods
from fakestripe_meters.domain.records.payment_methods import Redisplay
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/payment_methods"
NOUN = "PaymentMethod"
LAST_MONTH = 12
LAST_YEAR = 9999
Network = Literal["cartes_bancaires", "mastercard", "visa"]


class Networks(Params):
    """Which network a card is to be charged over, if it has two."""

    preferred: Network | Unset | None = param(default=UNSET, clearable=True)


class NewCard(Params):
    """A card, as a token of the test mode; its number is always refused."""

    cvc: str | None = param(default=None)
    exp_month: int | None = any_integer(default=None)
    exp_year: int | None = any_integer(default=None)
    networks: Networks | None = param(default=None)
    number: str | None = param(default=None, doc="Always refused, as for most accounts of Stripe's.")
    token: str | None = param(default=None, doc="The name of a card of the test mode, such as `tok_visa`.")


class ChangedCard(Params):
    """What can be changed of a card."""

    exp_month: int | None = any_integer(default=None)
    exp_year: int | None = any_integer(default=None)
    networks: Networks | None = param(default=None)


class CreateMethod(Operation):
    """A new payment method."""

    type: Type | None = param(default=None, unserved=OTHERS, doc="Required.")
    card: NewCard | None = param(default=None)
    allow_redisplay: Redisplay | None = param(default=None)
    billing_details: BillingDetails | None = param(default=None)
    customer: str | None = param(default=None, doc="Always refused: a payment method is attached once it is created.")
    metadata: Metadata = metadata()


class UpdateMethod(Operation):
    """What can be changed of a payment method."""

    allow_redisplay: Redisplay | None = param(default=None)
    billing_details: BillingDetails | None = param(default=None)
    card: ChangedCard | None = param(default=None)
    metadata: Metadata = metadata()


class AttachMethod(Operation):
    """Whom to attach a payment method to."""

    customer: str | None = param(default=None)


class ListMethodsOfCustomer(ListParams):
    """Which payment methods of a customer to list."""

    allow_redisplay: Redisplay | None = param(default=None)
    type: Type | None = param(default=None)


class ListMethods(ListMethodsOfCustomer):
    """Which payment methods to list."""

    customer: str | None = param(default=None, doc="Without it, the list is empty.")


def _time(account: Account, payment_method_id: str) -> AbstractContextManager[None]:
    method = account.part(PaymentMethods).table.get(payment_method_id)
    return methods.time_of(account, None if method is None else method.customer)


resource = Resource(
    "payment_method",
    PATH,
    render=payment_methods.render,
    by_id=lambda account, payment_method_id: account.part(PaymentMethods).table.get(payment_method_id),
    time=_time,
)


@resource.post()
def create(account: Account, params: CreateMethod) -> PaymentMethod:
    """Create a payment method from a token; it belongs to nobody until it is attached."""
    if params.customer is not None:
        raise errors.payment_methods.attached_at_creation()
    if params.type is None:
        raise errors.params.missing_param("type")
    if params.card is None:
        raise errors.params.missing_param("card")
    if params.card.number is not None:
        raise errors.payment_methods.raw_card()
    if params.card.token is None:
        raise errors.params.missing_param("card[token]")
    method = method_terms.of_token(account, params.card.token)
    _set_card(account, method, params.card)
    _apply(method, params)
    return method


@resource.get("/<payment_method_id>")
def retrieve(account: Account, params: Operation, payment_method_id: str) -> PaymentMethod:
    """Return a payment method, even a detached one."""
    return payment_methods.find(account, payment_method_id)


@resource.post("/<payment_method_id>")
@observed("the event (Kiln-AI/stripe_world)")
def update(account: Account, params: UpdateMethod, payment_method_id: str) -> PaymentMethod:
    """Change the given fields of a payment method."""
    method = payment_methods.find(account, payment_method_id)
    before = payment_methods.render(account, method)
    if params.card is not None:
        _set_card(account, method, params.card)
    _apply(method, params)
    publish_update(account, "payment_method.updated", before, payment_methods.render(account, method))
    return method


@resource.post("/<payment_method_id>/attach")
def attach(account: Account, params: AttachMethod, payment_method_id: str) -> PaymentMethod:
    """Attach a payment method to a customer; the name of a card, such as `pm_card_visa`, makes a new one first."""
    method = methods.named(account, payment_method_id, status=404)
    if params.customer is None:
        raise errors.payment_methods.customer_needed()
    customer = customers.find(account, params.customer, param="customer", status=400)
    with test_clocks.changing(account, customer.test_clock):
        methods.attach(account, method, customer)
    return method


@resource.post("/<payment_method_id>/detach")
def detach(account: Account, params: Operation, payment_method_id: str) -> PaymentMethod:
    """Detach a payment method from its customer, for good; it is no longer a default."""
    method = payment_methods.find(account, payment_method_id)
    methods.detach(account, method)
    return method


@resource.get()
@observed("a list of no customer is empty (Kiln-AI/stripe_world)")
def list_(account: Account, params: ListMethods) -> Listing:
    """List a customer's payment methods, newest first."""
    if params.customer is not None:
        customers.find(account, params.customer, param="customer", status=400)
    return methods_page(account, params, params.customer, PATH)


def methods_page(account: Account, params: ListMethodsOfCustomer, customer: str | None, url: str) -> Listing:
    """Return a page of the payment methods of a customer; it is empty if there is none."""

    def wanted(method: PaymentMethod) -> bool:
        return (
            method.customer is not None
            and method.customer == customer
            and params.type in (None, "card")
            and params.allow_redisplay in (None, method.allow_redisplay)
        )

    return page(account.part(PaymentMethods).table, params, url=url, noun=NOUN, where=wanted)


def _apply(method: PaymentMethod, params: CreateMethod | UpdateMethod) -> None:
    method.metadata = merged(method.metadata, params.metadata)
    if params.allow_redisplay is not None:
        method.allow_redisplay = params.allow_redisplay
    if params.billing_details is not None:
        method.billing_details = method_terms.merged_details(method.billing_details, params.billing_details)


@inferred("a card may be given an end in the past of the current year")
def _set_card(account: Account, method: PaymentMethod, card: NewCard | ChangedCard) -> None:
    """Change when a card expires and how it is charged; StripeError 402 for a date that there is not."""
    month, year, networks = card.exp_month, card.exp_year, card.networks
    if month is not None:
        if not 1 <= month <= LAST_MONTH:
            raise errors.payment_methods.invalid_expiry("card[exp_month]", "month")
        method.exp_month = month
    if year is not None:
        if not datetime.fromtimestamp(account.now, UTC).year <= year <= LAST_YEAR:
            raise errors.payment_methods.invalid_expiry("card[exp_year]", "year")
        method.exp_year = year
    if networks is not None and networks.preferred is not UNSET:
        if networks.preferred is not None and networks.preferred not in method.does.networks:
            raise errors.payment_methods.network_not_available("card[networks][preferred]", networks.preferred)
        method.preferred_network = networks.preferred
