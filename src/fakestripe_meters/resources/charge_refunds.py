"""Refunds of a charge, at its own URL: https://docs.stripe.com/api/refunds."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.paying import refunding
from fakestripe_meters.domain.paying.refund_terms import RefundTerms
from fakestripe_meters.domain.paying.refund_terms import UpdateRefund
from fakestripe_meters.domain.records import card_charges
from fakestripe_meters.domain.records import refunds
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.card_charges import CardCharges
from fakestripe_meters.domain.records.refunds import NOUN
from fakestripe_meters.domain.records.refunds import Refund
from fakestripe_meters.domain.records.refunds import Refunds
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.tree import Tree

PATH = "/v1/charges/<charge_id>/refunds"

resource = Resource(
    NOUN, PATH, render=refunds.render, time=test_clocks.time_in(lambda account: account.part(CardCharges).table)
)


@resource.get()
def list_(account: Account, params: ListParams, charge_id: str) -> Listing:
    """List the refunds of a charge, newest first."""
    charge = card_charges.find(account, charge_id)
    url = f"/v1/charges/{charge.id}/refunds"
    table = account.part(Refunds).table
    return page(table, params, url=url, noun=NOUN, where=lambda refund: refund.charge == charge.id)


@resource.post()
def create(account: Account, params: RefundTerms, charge_id: str) -> Tree:
    """Refund a charge; by default all that is left."""
    charge = card_charges.find(account, charge_id)
    return refunding.shown_at_first(account, refunding.refund_as(account, charge, params))


@resource.get("/<refund_id>")
@inferred("a refund of another charge is not found")
def retrieve(account: Account, params: Operation, charge_id: str, refund_id: str) -> Refund:
    """Return a refund of a charge."""
    return _find(account, charge_id, refund_id)


def _find(account: Account, charge_id: str, refund_id: str) -> Refund:
    charge = card_charges.find(account, charge_id)
    refund = refunds.find(account, refund_id)
    if refund.charge != charge.id:
        raise errors.objects.no_such(NOUN, refund_id, param="refund")
    return refund


@resource.post("/<refund_id>")
def update(account: Account, params: UpdateRefund, charge_id: str, refund_id: str) -> Refund:
    """Change the metadata of a refund."""
    return refunding.update(account, _find(account, charge_id, refund_id), params.metadata)
