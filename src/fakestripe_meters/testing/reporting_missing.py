"""Which other account has the object that a request did not find: a test and its application may use different keys."""

import re
from collections.abc import Iterable
from collections.abc import Iterator

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.table import Table
from fakestripe_meters.delivery.notification import called

MISSING = "resource_missing"
NAMED = re.compile("'([^']+)'")
SHOWN = 3
"""How many owners are named."""


def reasons(accounts: Iterable[Account], exchange: Exchange) -> Iterator[str]:
    """Yield a line if the object that a request did not find is one of other accounts."""
    error = exchange.error or {}
    if error.get("code") != MISSING or not (named := NAMED.search(str(error.get("message")))):
        return
    owners = [called(each) for each in accounts if _has(each, named[1])]
    if owners:
        yield f"another account has it, that of {' and '.join(owners[:SHOWN])}: each API key has objects of its own"


def _has(account: Account, identifier: str) -> bool:
    parts = list(account.parts.values())
    tables = [each for part in parts for each in vars(part).values() if isinstance(each, Table)]
    return any(each.get(identifier) is not None for each in tables)
