"""Balance transactions: https://docs.stripe.com/api/balance_transactions."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import balance_transactions
from fakestripe_meters.domain.records.balance_transactions import NOUN
from fakestripe_meters.domain.records.balance_transactions import Movement
from fakestripe_meters.domain.records.balance_transactions import Movements
from fakestripe_meters.domain.records.balance_transactions import find
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/balance_transactions"


class ListTransactions(ListParams):
    """Which balance transactions to list."""

    created: int | Range | None = any_integer(default=None)
    currency: str | None = param(default=None, check=check_currency)
    payout: str | None = param(default=None, doc="There are no payouts, so each is unknown.")
    source: str | None = param(default=None)
    type: str | None = param(default=None)


resource = Resource(
    "balance_transaction",
    PATH,
    render=balance_transactions.render,
    by_id=lambda account, transaction_id: account.part(Movements).table.get(transaction_id),
)


@resource.get()
@observed("an unknown source or type finds nothing, an unknown payout is a 400 (Kiln-AI/stripe_world)")
def list_(account: Account, params: ListTransactions) -> Listing:
    """List what has moved in the balance, newest first."""
    if params.payout is not None:
        raise errors.objects.no_such("payout", params.payout, param="payout", status=400)

    def wanted(movement: Movement) -> bool:
        return (
            params.source in (None, movement.source)
            and params.type in (None, movement.kind)
            and (params.currency is None or params.currency.lower() == movement.currency)
            and within(params.created, movement.created)
        )

    return page(account.part(Movements).table, params, url=PATH, noun=NOUN, where=wanted)


@resource.get("/<transaction_id>")
def retrieve(account: Account, params: Operation, transaction_id: str) -> Movement:
    """Return a balance transaction. It is available seven days after the charge, by the clock."""
    return find(account, transaction_id)
