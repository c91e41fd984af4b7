"""Balance: https://docs.stripe.com/api/balance, the sum of the balance transactions.

Observed in: Kiln-AI/stripe_world.
"""

from collections import Counter

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import test_clocks
from fakestripe_meters.domain.records.balance_transactions import Movements
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.tree import Tree


@observed("the keys, and that each amount is one of cards")
@inferred("an account without money in any currency shows nothing in US dollars")
def render(account: Account, movements: Movements) -> Tree:
    """Return the balance as Stripe shows it: it has no id."""
    available, pending = Counter[str](), Counter[str]()
    for each in movements.table:
        is_there = each.available_on <= test_clocks.now(account, each.test_clock)
        (available if is_there else pending)[each.currency] += each.amount - each.fee
    currencies = sorted(available.keys() | pending.keys()) or ["usd"]
    return {
        "object": "balance",
        "available": [_amount(currency, available[currency]) for currency in currencies],
        "livemode": False,
        "pending": [_amount(currency, pending[currency]) for currency in currencies],
    }


def _amount(currency: str, amount: int) -> Tree:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


resource = Resource("balance", "/v1/balance", render=render)


@resource.get()
@documented("what is available, and what is not yet, https://docs.stripe.com/api/balance/balance_object")
def retrieve(account: Account, params: Operation) -> Movements:
    """Return the balance of the account: after fees, by currency."""
    return account.part(Movements)
