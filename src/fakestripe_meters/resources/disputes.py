"""Disputes: https://docs.stripe.com/api/disputes. The fake has none, for no bank takes a payment back."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.domain.records.payment_intents import PaymentIntents
from fakestripe_meters.framework.absent import Absent
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param


class ListDisputes(ListParams):
    """Which disputes to list."""

    charge: str | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    payment_intent: str | None = param(default=None)


resource = Absent("dispute", "/v1/disputes", noun="dispute", named="dispute")


@resource.get("/<dispute_id>")
@observed("the sentence and its param (Kiln-AI/stripe_world)")
def retrieve(account: Account, params: Operation, dispute_id: str) -> None:
    """Raise StripeError 404, for there are no disputes."""
    resource.no_such(dispute_id)


@resource.get()
def list_(account: Account, params: ListDisputes) -> Listing:
    """Return an empty list."""
    check_filter(account.part(CardCharges).table, params.charge, "charge", "charge")
    check_filter(account.part(PaymentIntents).table, params.payment_intent, "payment_intent", "payment_intent")
    return resource.none(params)
