"""Refunds: https://docs.stripe.com/api/refunds.

Observed in: pay-rails/pay, Kiln-AI/stripe_world.
"""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.agenda import Work
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.paying import refunding
from fakestripe_meters.domain.paying.refund_terms import CreateRefund
from fakestripe_meters.domain.paying.refund_terms import UpdateRefund
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import payment_intents
from fakestripe_meters.domain.records import refunds
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.card_charges import CardCharge
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.domain.records.payment_intents import PaymentIntents
from fakestripe_meters.domain.records.refunds import NOUN
from fakestripe_meters.domain.records.refunds import Refund
from fakestripe_meters.domain.records.refunds import Refunds
from fakestripe_meters.domain.records.refunds import find
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/refunds"


class ListRefunds(ListParams):
    """Which refunds to list."""

    charge: str | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    payment_intent: str | None = param(default=None)


resource = Resource(
    NOUN,
    PATH,
    render=refunds.render,
    by_id=lambda account, refund_id: account.part(Refunds).table.get(refund_id),
    time=test_clocks.time_in(lambda account: account.part(Refunds).table),
)


@resource.post()
@observed("the bank's number for it comes after the answer, with `refund.updated` (Kiln-AI/stripe_world)")
def create(account: Account, params: CreateRefund) -> Tree:
    """Refund a charge, or the charge of a payment intent; by default all that is left."""
    charge = _charge_of(account, params)
    with test_clocks.changing(account, charge.test_clock):
        return refunding.shown_at_first(account, refunding.refund_as(account, charge, params))


@inferred("a charge and its payment intent may both be given")
def _charge_of(account: Account, params: CreateRefund) -> CardCharge:
    """Return the charge that a request names; raise StripeError 400 if there is none."""
    if params.charge is not None:
        charge = card_charges.find(account, params.charge)
        if params.payment_intent not in (None, charge.payment_intent):
            raise errors.charges.charge_of_another_intent(charge.id)
        return charge
    if params.payment_intent is None:
        raise errors.charges.nothing_to_refund()
    intent = payment_intents.find(account, params.payment_intent, param="payment_intent")
    charges = card_charges.of_intent(account, intent.id)
    if not charges or charges[-1].failure is not None:
        raise errors.charges.no_successful_charge(intent.id)
    return charges[-1]


@resource.get("/<refund_id>")
def retrieve(account: Account, params: Operation, refund_id: str) -> Refund:
    """Return a refund."""
    return find(account, refund_id)


@resource.post("/<refund_id>")
def update(account: Account, params: UpdateRefund, refund_id: str) -> Refund:
    """Change the metadata."""
    return refunding.update(account, find(account, refund_id), params.metadata)


@resource.post("/<refund_id>/cancel")
@observed("a card's refund is never canceled")
def cancel(account: Account, params: Operation, refund_id: str) -> Refund:
    """Refuse: a card's refund cannot be canceled."""
    find(account, refund_id)
    raise errors.charges.refund_not_cancelable()


@resource.get()
def list_(account: Account, params: ListRefunds) -> Listing:
    """List refunds, newest first."""
    check_filter(account.part(CardCharges).table, params.charge, "charge", "charge")
    check_filter(account.part(PaymentIntents).table, params.payment_intent, "payment_intent", "payment_intent")

    def wanted(refund: Refund) -> bool:
        return (
            params.charge in (None, refund.charge)
            and params.payment_intent in (None, refund.payment_intent)
            and within(params.created, refund.created)
        )

    return page(account.part(Refunds).table, params, url=PATH, noun=NOUN, where=wanted)


@resource.due(Work.PROGRESS_REFUND)
def progress(account: Account, subject: str) -> None:
    """Let a refund that was pending succeed, or one that is to fail fail."""
    refund = account.part(Refunds).table.get(subject)
    if refund is not None:
        refunding.progress(account, refund)
