"""The older way to refund a charge, which answers with the charge: https://docs.stripe.com/api/refunds."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.paying import refunding
from fakestripe_meters.domain.paying.refund_terms import RefundTerms
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import refunds
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.card_charges import NOUN
from fakestripe_meters.domain.records.card_charges import CardCharge
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.framework.endpoint import Resource

PATH = "/v1/charges/<charge_id>/refund"

resource = Resource(
    NOUN,
    PATH,
    render=card_charges.render,
    left_out={"refunds": refunds.within_charge},
    time=test_clocks.time_in(lambda account: account.part(CardCharges).table),
)


@resource.post()
@documented("the answer is the charge, as Stripe's OpenAPI says")
def refund(account: Account, params: RefundTerms, charge_id: str) -> CardCharge:
    """Refund a charge; by default all that is left."""
    charge = card_charges.find(account, charge_id)
    refunding.refund_as(account, charge, params)
    return charge
