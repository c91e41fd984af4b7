"""What a fake tells about a failing test: its last calls, and what a reader in a hurry would look up next.

It only reads: it takes no account's lock, because a thread that hangs may hold one, and it works on a closed fake.
"""

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import groupby
from itertools import islice
from typing import TYPE_CHECKING
from typing import Protocol

from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.printing import line
from fakestripe_meters.core.printing import mask
from fakestripe_meters.testing import reporting_checkouts
from fakestripe_meters.testing import reporting_limits
from fakestripe_meters.testing import reporting_missing
from fakestripe_meters.testing import reporting_payments
from fakestripe_meters.testing import reporting_permissions
from fakestripe_meters.testing.reporting_webhooks import heard

if TYPE_CHECKING:
    from fakestripe_meters.control.plans import Plans
    from fakestripe_meters.delivery.webhooks import Webhooks
    from fakestripe_meters.engine import Engine

CALLS = 10
"""How many calls are listed; calls that are alike and follow each other count as one."""
LONGEST = 300
"""In characters: a longer line is cut."""
REFUSED = 400

MOST = 40
"""How many lines a section has."""

Section = tuple[str, str]
"""A title and lines."""


class Fake(Protocol):
    """What a report is about: a `FakeStripe`."""

    @property
    def engine(self) -> "Engine":
        """Its world and journal."""

    @property
    def control(self) -> "Plans":
        """What was planned."""

    @property
    def webhooks(self) -> "Webhooks":
        """What was sent."""


def sections(fake: Fake) -> list[Section]:
    """Return what there is to tell. A section that fails says so, because it must not hide why the test failed."""
    told = [(title, _told(tell, fake)) for title, tell in SECTIONS.items()]
    return [(title, text) for title, text in told if text]


def report(fake: Fake) -> str:
    """Return all sections as one text."""
    return "\n".join(f"{title}:\n{text}" for title, text in sections(fake))


def _told(tell: Callable[[Fake], Iterator[str]], fake: Fake) -> str:
    lines: list[str] = []
    try:
        lines += map(cut, islice(tell(fake), MOST))
    except Exception as failure:  # noqa: BLE001  whatever it is, the test's own failure matters more
        lines.append(f"(the rest is missing: fakestripe-meters failed to tell it, with {_named(failure)})")
    return "\n".join(lines)


def _named(failure: Exception) -> str:
    try:
        return cut(f"{type(failure).__name__}: {failure}")
    except Exception:  # noqa: BLE001  likewise: an exception can fail to say what it is
        return type(failure).__name__


def cut(text: str, longest: int = LONGEST) -> str:
    """Return a text as one line for people, of at most `longest` characters."""
    text = line(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _calls(fake: Fake) -> Iterator[str]:
    """Yield the last calls; of those that failed, also what was sent, and why if a limit refused them."""
    exchanges = list(fake.engine.world.journal)
    if not exchanges:
        yield "none"
        return
    groups = [list(group) for _, group in islice(groupby(reversed(exchanges), _alike), CALLS)]
    before = len(exchanges) - sum(map(len, groups))
    if before:
        yield f"({before} before these)"
    several = len({each.account for each in exchanges}) > 1
    for group in reversed(groups):
        times = f" ({len(group)} times)" if len(group) > 1 else ""
        key = f" [{mask(group[0].account)}]" if several and group[0].account else ""
        yield f"{group[0]}{times}{key}"
        yield from _reasons(fake.engine, group[0], exchanges)


def _alike(exchange: Exchange) -> tuple[object, ...]:
    message = (exchange.error or {}).get("message")
    sent = _sent(exchange) if message else ""
    return exchange.at, exchange.account, exchange.method, exchange.path, exchange.status, message, sent


def _reasons(engine: "Engine", exchange: Exchange, exchanges: Sequence[Exchange]) -> Iterator[str]:
    if exchange.status and exchange.status < REFUSED:
        return
    if sent := _sent(exchange):
        yield f"    sent as {exchange.request_id}: {sent}"
    yield from (f"    {each}" for each in reporting_limits.reasons(engine, exchange, exchanges))
    yield from (f"    {each}" for each in reporting_permissions.reasons(engine.world.scopes, exchange))
    yield from (f"    {each}" for each in reporting_missing.reasons(list(engine.world.accounts.values()), exchange))


def _sent(exchange: Exchange) -> str:
    if not exchange.params:
        return ""
    return exchange.params if isinstance(exchange.params, str) else json.dumps(exchange.params, ensure_ascii=False)


def _unpaid(fake: Fake) -> Iterator[str]:
    return reporting_payments.unpaid(list(fake.engine.world.accounts.values()))


def _checkouts(fake: Fake) -> Iterator[str]:
    return reporting_checkouts.sessions(list(fake.engine.world.accounts.values()))


def _heard(fake: Fake) -> Iterator[str]:
    return heard(fake.webhooks, list(fake.engine.world.accounts.values()))


def _planned(fake: Fake) -> Iterator[str]:
    return map(str, fake.control.unstruck())


SECTIONS = {
    "Stripe calls": _calls,
    "Payments that did not pass": _unpaid,
    "Checkout sessions": _checkouts,
    "Webhooks": _heard,
    "Planned and not met": _planned,
}
