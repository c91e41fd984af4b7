"""Credit balance summary: https://docs.stripe.com/api/billing/credit-balance-summary."""

from typing import Literal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.domain.invoicing import credits_left
from fakestripe_meters.domain.invoicing.credit_scopes import Scope
from fakestripe_meters.domain.invoicing.credit_scopes import check_scope
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records.credits import CreditGrant
from fakestripe_meters.domain.records.credits import Credits
from fakestripe_meters.domain.records.credits import find
from fakestripe_meters.domain.records.credits import render_money
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree


@dataclass(frozen=True, slots=True)
class Balance:
    """What a customer has in one currency: available now, and booked."""

    currency: str
    available: int
    ledger: int


@dataclass(frozen=True, slots=True)
class BalanceSummary:
    """A customer's balances, by currency."""

    customer: str
    balances: tuple[Balance, ...]


class BalanceFilter(Params):
    """Which of the customer's grants to add up."""

    type: Literal["applicability_scope", "credit_grant"] = param()
    applicability_scope: Scope | None = param(default=None)
    credit_grant: str | None = param(default=None)


class RetrieveSummary(Operation):
    """Whose balance, of which grants."""

    customer: str = param()
    filter: BalanceFilter = param()


def render(_account: Account, summary: BalanceSummary) -> Tree:
    """Return a summary as Stripe shows it: it has no id."""
    return {
        "object": "billing.credit_balance_summary",
        "balances": [
            {
                "available_balance": render_money(balance.currency, balance.available),
                "ledger_balance": render_money(balance.currency, balance.ledger),
            }
            for balance in summary.balances
        ],
        "customer": summary.customer,
        "customer_account": None,
        "livemode": False,
    }


resource = Resource(
    "billing.credit_balance_summary",
    "/v1/billing/credit_balance_summary",
    render=render,
)


@resource.get()
def retrieve(account: Account, params: RetrieveSummary) -> BalanceSummary:
    """Return a customer's balances by currency."""
    customer = customers.find(account, params.customer, param="customer", status=400)
    now = customers.now(account, customer)
    drawn = credits_left.shown_by_drafts(account, {customer.id})
    balances: dict[str, tuple[int, int]] = {}
    for grant in _wanted(account, customer.id, params.filter):
        available, ledger = balances.get(grant.currency, (0, 0))
        left = credits_left.available(grant, drawn, now)
        balances[grant.currency] = available + left, ledger + grant.balance
    return BalanceSummary(customer.id, tuple(Balance(currency, *balances[currency]) for currency in sorted(balances)))


def _wanted(account: Account, customer: str, wanted: BalanceFilter) -> list[CreditGrant]:
    if wanted.type == "credit_grant":
        if wanted.credit_grant is None:
            raise errors.params.missing_param("filter[credit_grant]")
        grant = find(account, wanted.credit_grant, param="filter[credit_grant]", status=400)
        return [grant] if grant.customer == customer else []
    scope = wanted.applicability_scope
    if scope is None:
        raise errors.params.missing_param("filter[applicability_scope]")
    check_scope(account, scope, "filter[applicability_scope]")
    prices = [price.id for price in scope.prices]
    return [grant for grant in account.part(Credits).of(customer) if grant.answers(scope.price_type, prices)]
