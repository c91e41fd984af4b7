"""Credit balance transactions: https://docs.stripe.com/api/billing/credit-balance-transaction."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import required
from fakestripe_meters.domain.records import credits as credit_records
from fakestripe_meters.domain.records.credits import Credits
from fakestripe_meters.domain.records.credits import Transaction
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.schema import param

PATH = "/v1/billing/credit_balance_transactions"


class ListTransactions(ListParams):
    """Whose transactions to list, and of which grant."""

    customer: str | None = param(default=None)
    credit_grant: str | None = param(default=None)


resource = Resource(
    "billing.credit_balance_transaction",
    PATH,
    render=credit_records.render_transaction,
    by_id=lambda account, transaction_id: account.part(Credits).transactions.get(transaction_id),
)


@resource.get("/<transaction_id>")
@inferred("the noun in the sentence")
def retrieve(account: Account, params: Operation, transaction_id: str) -> Transaction:
    """Return a transaction."""
    return required(
        account.part(Credits).transactions.get(transaction_id), "credit balance transaction", transaction_id
    )


@resource.get()
def list_(account: Account, params: ListTransactions) -> Listing:
    """List transactions, newest first."""
    check_filter(account.part(Customers).table, params.customer, "customer", "customer")
    check_filter(account.part(Credits).grants, params.credit_grant, "credit grant", "credit_grant")

    def wanted(each: Transaction) -> bool:
        return params.customer in (None, each.customer) and params.credit_grant in (None, each.credit_grant)

    transactions = account.part(Credits).transactions
    return page(transactions, params, url=PATH, noun="credit balance transaction", where=wanted)
