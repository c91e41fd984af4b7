"""How much is in each account."""

from collections import Counter

from fakestripe_meters.control.answers import AccountSummary
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.printing import mask
from fakestripe_meters.core.world import World
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meters


def listed(world: World) -> list[AccountSummary]:
    """Return all accounts, oldest first."""
    requests = Counter((each.account, each.connected) for each in world.journal)
    found = []
    for account in list(world.accounts.values()):
        with account.lock:
            found.append(_summary(account, requests[account.name]))
    return found


def _summary(account: Account, requests: int) -> AccountSummary:
    customers, meters, intake = account.peek(Customers), account.peek(Meters), account.peek(Intake)
    return {
        "account": mask(account.name.key),
        "id": account.id,
        "connected": account.name.connected is not None,
        "customers": 0 if customers is None else len(customers.table),
        "meters": 0 if meters is None else len(meters.table),
        "usage_events": 0 if intake is None else intake.size,
        "requests": requests,
    }
