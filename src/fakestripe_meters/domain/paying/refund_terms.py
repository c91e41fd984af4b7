"""The parameters of refunds: https://docs.stripe.com/api/refunds."""

from typing import Literal

from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import param

# observed: the order in which a refusal names them (Kiln-AI/stripe_world).
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


class UpdateRefund(Operation):
    """A change."""

    metadata: Metadata = metadata()


class RefundTerms(UpdateRefund):
    """What a refund of a given charge takes."""

    amount: int | None = param(default=None, least=1, most=MOST_CHARGED, doc="By default, all that is left.")
    instructions_email: str | None = param(default=None)
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = param(default=None, order=REASONS)
    refund_application_fee: bool = param(default=False, unserved=(True,))
    reverse_transfer: bool = param(default=False, unserved=(True,))


class CreateRefund(RefundTerms):
    """A new refund."""

    charge: str | None = param(default=None)
    payment_intent: str | None = param(default=None)
