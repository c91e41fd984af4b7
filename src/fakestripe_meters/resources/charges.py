"""Charges: https://docs.stripe.com/api/charges. A payment intent makes them.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.events.unseen import before_changes
from fakestripe_meters.domain.paying import booking
from fakestripe_meters.domain.paying.intent_terms import Parcel
from fakestripe_meters.domain.paying.intent_terms import parcel
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import refunds
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.card_charges import NOUN
from fakestripe_meters.domain.records.card_charges import CardCharge
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.domain.records.card_charges import find
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.payment_intents import PaymentIntents
from fakestripe_meters.domain.records.payment_methods import PaymentMethods
from fakestripe_meters.framework import searching
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import check_currency
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
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/charges"


class FraudDetails(Params):
    """What the account's owner thinks of a charge."""

    user_report: Literal["fraudulent", "safe"] | None = param(clearable=True)


class CreateCharge(Operation):
    """A charge of the older kind, without a payment intent. It is always refused, as for all newer accounts."""

    amount: int = param(least=1, most=MOST_CHARGED)
    currency: str = param(check=check_currency)
    capture: bool = param(default=True, doc="Changes nothing.")
    customer: str | None = param(default=None, max_length=500)
    description: str | None = param(default=None, max_length=40_000, doc="Changes nothing.")
    source: str | None = param(default=None)


class UpdateCharge(Operation):
    """A change."""

    customer: str | Unset = param(default=UNSET)
    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=40_000)
    fraud_details: FraudDetails | None = param(default=None)
    metadata: Metadata = metadata()
    receipt_email: str | Unset | None = param(default=UNSET, clearable=True)
    shipping: Parcel | Unset = param(default=UNSET)
    transfer_group: str | Unset | None = param(default=UNSET, clearable=True)


class CaptureCharge(Operation):
    """How to capture."""

    amount: int | None = param(
        default=None, least=1, most=MOST_CHARGED, doc="Changes nothing: a payment intent captures its charge."
    )


class ListCharges(ListParams):
    """Which charges to list."""

    created: int | Range | None = any_integer(default=None)
    customer: str | None = param(default=None)
    payment_intent: str | None = param(default=None)
    transfer_group: str | None = param(default=None)


# documented: the fields and what each holds, in Stripe's guide to its searches.
SEARCHED = {
    **searching.tokens("currency", "customer", "metadata"),
    **searching.numbers("amount", "created"),
}

resource = Resource(
    NOUN,
    PATH,
    render=card_charges.render,
    by_id=lambda account, charge_id: account.part(CardCharges).table.get(charge_id),
    left_out={"refunds": refunds.within_charge},
    time=test_clocks.time_in(lambda account: account.part(CardCharges).table),
)


@resource.post()
@inferred("a source is refused before the customer is looked up")
def create(account: Account, params: CreateCharge) -> CardCharge:
    """Refuse: nobody has a source, a card or a bank account of the older kind."""
    if params.source is not None:
        raise errors.payment_methods.sources_ended("source")
    if params.customer is None:
        raise errors.payment_methods.nobody_charged()
    customer = customers.find(account, params.customer, param="customer", status=400)
    raise errors.payment_methods.no_source(has_method=bool(account.part(PaymentMethods).of(customer.id)))


@resource.get("/search")
def search(account: Account, params: SearchParams) -> Found:
    """Search charges, newest first; those on test clocks are found by their customer only."""
    searched = searching.Searched(
        url=f"{PATH}/search",
        table=account.part(CardCharges).table,
        fields=SEARCHED,
        aside=lambda charge: charge.test_clock is not None,
        parents=frozenset({"customer"}),
        former=before_changes(account, NOUN),
    )
    return searching.search(searched, params)


@resource.get("/<charge_id>")
def retrieve(account: Account, params: Operation, charge_id: str) -> CardCharge:
    """Return a charge."""
    return find(account, charge_id)


@resource.post("/<charge_id>")
def update(account: Account, params: UpdateCharge, charge_id: str) -> CardCharge:
    """Change the given fields; an empty string clears a field."""
    charge = find(account, charge_id)
    before = card_charges.render(account, charge)
    charge.metadata = merged(charge.metadata, params.metadata)
    if params.customer is not UNSET:
        customer = customers.find(account, params.customer, param="customer", status=400)
        if charge.customer not in (None, customer.id):
            raise errors.charges.has_a_customer(charge.id)
        charge.customer = customer.id
    for name, value in params.given(("description", "receipt_email", "transfer_group")):
        setattr(charge, name, value)
    if params.shipping is not UNSET:
        charge.shipping = parcel(params.shipping)
    if params.fraud_details is not None:
        charge.fraud_report = params.fraud_details.user_report
    publish_update(account, "charge.updated", before, card_charges.render(account, charge))
    return charge


@resource.get()
def list_(account: Account, params: ListCharges) -> Listing:
    """List charges, newest first, also those that have failed."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    check_filter(account.part(PaymentIntents).table, params.payment_intent, "payment_intent", "payment_intent")

    def wanted(charge: CardCharge) -> bool:
        return (
            params.customer in (None, charge.customer)
            and params.payment_intent in (None, charge.payment_intent)
            and params.transfer_group in (None, charge.transfer_group)
            and within(params.created, charge.created)
        )

    return page(account.part(CardCharges).table, params, url=PATH, noun=NOUN, where=wanted)


@resource.post("/<charge_id>/capture")
@observed("both sentences")
def capture(account: Account, params: CaptureCharge, charge_id: str) -> CardCharge:
    """Refuse: the payment intent captures its charge."""
    charge = find(account, charge_id)
    if charge.captured:
        raise errors.charges.charge_captured(charge.id)
    raise errors.charges.captured_by_intent(charge.payment_intent)


@resource.due(Work.BOOK_CHARGE)
def book(account: Account, subject: str) -> None:
    """Book a charge whose request is over."""
    charge = account.part(CardCharges).table.get(subject)
    if charge is not None and charge.balance_transaction is None:
        booking.book_later(account, charge)
