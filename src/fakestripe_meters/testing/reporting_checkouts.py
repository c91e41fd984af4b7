"""What a failing test's report says of Checkout: how the last sessions are, and what comes next in each."""

from collections.abc import Iterable
from collections.abc import Iterator

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import checkout_sessions
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSessions

SHOWN = 4
"""How many are told, the latest ones."""


def sessions(accounts: Iterable[Account]) -> Iterator[str]:
    """Yield a line for each of the last sessions; nothing if there is none."""
    parts = [part for account in accounts if (part := account.peek(CheckoutSessions)) is not None]
    opened = sorted((each for part in parts for each in part.table), key=lambda each: each.created)
    if len(opened) > SHOWN:
        yield f"({len(opened) - SHOWN:,} before these)"
    yield from map(_told, opened[-SHOWN:])


def _told(session: CheckoutSession) -> str:
    if session.status == "open":
        return f"{session.id} is open: nobody has completed it. fakestripe.complete_checkout(session.id) does"
    if session.status == "expired":
        return f"{session.id} has expired: nobody has completed it"
    leads_to = checkout_sessions.filled(session.success_url or session.return_url, session.id)
    return f"{session.id} is complete" + (f": a browser goes on to {leads_to}" if leads_to else "")
