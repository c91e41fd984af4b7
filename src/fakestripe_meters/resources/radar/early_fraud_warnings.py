"""Early fraud warnings: https://docs.stripe.com/api/radar/early_fraud_warnings. The fake has none."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
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


class ListWarnings(ListParams):
    """Which warnings to list."""

    charge: str | None = param(default=None)
    created: int | Range | None = any_integer(default=None)
    payment_intent: str | None = param(default=None)


resource = Absent("radar.early_fraud_warning", "/v1/radar/early_fraud_warnings", noun="early fraud warning")


@resource.get("/<warning_id>")
@inferred("the noun and the param")
def retrieve(account: Account, params: Operation, warning_id: str) -> None:
    """Raise StripeError 404, for there are no warnings."""
    resource.no_such(warning_id)


@resource.get()
def list_(account: Account, params: ListWarnings) -> Listing:
    """Return an empty list."""
    check_filter(account.part(CardCharges).table, params.charge, "charge", "charge")
    check_filter(account.part(PaymentIntents).table, params.payment_intent, "payment_intent", "payment_intent")
    return resource.none(params)
