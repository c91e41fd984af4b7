"""Customer balance transactions: https://docs.stripe.com/api/customer_balance_transactions."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import required
from fakestripe_meters.domain.events.snapshots import publish_update
from fakestripe_meters.domain.records import customer_balances
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.customer_balances import BalanceTransaction
from fakestripe_meters.domain.records.customer_balances import BalanceTransactions
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.invoices import Invoices
from fakestripe_meters.framework.amounts import MOST_CHARGED
from fakestripe_meters.framework.amounts import check_currency
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import check_filter
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.metadata import metadata
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/customers/<customer_id>/balance_transactions"
# inferred: the noun in the sentences.
NOUN = "customer_balance_transaction"


class UpdateTransaction(Operation):
    """The parameters of a new transaction and of an update."""

    description: str | Unset | None = param(default=UNSET, clearable=True, max_length=350)
    metadata: Metadata = metadata()


class CreateTransaction(UpdateTransaction):
    """A new transaction."""

    amount: int = param(least=-MOST_CHARGED, most=MOST_CHARGED, doc="Negative amounts are credits.")
    currency: str = param(check=check_currency)


class ListTransactions(ListParams):
    """Which transactions to list."""

    created: int | Range | None = any_integer(default=None)
    invoice: str | None = param(default=None)


resource = Resource(
    NOUN,
    PATH,
    render=customer_balances.render,
    by_id=lambda account, transaction_id: account.part(BalanceTransactions).table.get(transaction_id),
    time=test_clocks.time_in(lambda account: account.part(Customers).table),
)


@resource.post()
@inferred("an amount of zero is accepted")
@documented("the type is always `adjustment`, https://docs.stripe.com/billing/customer/balance")
def create(account: Account, params: CreateTransaction, customer_id: str) -> BalanceTransaction:
    """Change a customer's balance by an amount."""
    customer = customers.find(account, customer_id, param="customer")
    before = customers.render(account, customer)
    transaction = customer_balances.book(account, customer, params.currency.lower(), params.amount, "adjustment")
    _apply(transaction, params)
    publish_update(account, "customer.updated", before, customers.render(account, customer))
    return transaction


@resource.get()
def list_(account: Account, params: ListTransactions, customer_id: str) -> Listing:
    """List the changes of a customer's balance, newest first."""
    customer = customers.find(account, customer_id, param="customer")
    check_filter(account.part(Invoices).table, params.invoice, "invoice", "invoice")

    def wanted(transaction: BalanceTransaction) -> bool:
        return (
            transaction.customer == customer.id
            and params.invoice in (None, transaction.invoice)
            and within(params.created, transaction.created)
        )

    url = f"/v1/customers/{customer.id}/balance_transactions"
    return page(account.part(BalanceTransactions).table, params, url=url, noun=NOUN, where=wanted)


@resource.get("/<transaction_id>")
def retrieve(account: Account, params: Operation, customer_id: str, transaction_id: str) -> BalanceTransaction:
    """Return a transaction."""
    return _find(account, customer_id, transaction_id)


@resource.post("/<transaction_id>")
def update(account: Account, params: UpdateTransaction, customer_id: str, transaction_id: str) -> BalanceTransaction:
    """Change the description and the metadata; an empty string clears them."""
    transaction = _find(account, customer_id, transaction_id)
    _apply(transaction, params)
    return transaction


@inferred("a deleted customer has none that can be seen; a transaction of another customer is not found")
def _find(account: Account, customer_id: str, transaction_id: str) -> BalanceTransaction:
    customer = customers.find(account, customer_id, param="customer")
    transaction = account.part(BalanceTransactions).table.get(transaction_id)
    own = transaction if transaction is not None and transaction.customer == customer.id else None
    return required(own, NOUN, transaction_id, param="transaction")


def _apply(transaction: BalanceTransaction, params: UpdateTransaction) -> None:
    transaction.metadata = merged(transaction.metadata, params.metadata)
    if params.description is not UNSET:
        transaction.description = params.description
