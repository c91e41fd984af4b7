"""The parameters of a Checkout session.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from typing import Literal

from fakestripe_meters.framework.amounts import MOST_UNITS
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param

LONGEST_REFERENCE = 200


class LineTerms(Params):
    """Something that is bought. Prices of usage take no quantity."""

    metadata: Metadata = metadata()
    price: str | None = param(default=None)
    quantity: int | None = param(default=None, least=0, most=MOST_UNITS)


class CreateSession(Operation):
    """A new session."""

    cancel_url: str | None = param(default=None)
    client_reference_id: str | None = param(default=None, max_length=LONGEST_REFERENCE)
    customer: str | None = param(default=None)
    customer_email: str | None = param(default=None)
    line_items: tuple[LineTerms, ...] = param(default=())
    metadata: Metadata = metadata()
    mode: Literal["payment", "setup", "subscription"] = param(unserved=("payment", "setup"))
    success_url: str | None = param(default=None)
