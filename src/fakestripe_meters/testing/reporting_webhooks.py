"""What a failing test's report says of webhooks: what failed, what was received, and what nobody listened to."""

from collections import Counter
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fakestripe_meters.core.printing import instant
from fakestripe_meters.core.printing import mask
from fakestripe_meters.delivery.inbox import Inbox
from fakestripe_meters.delivery.inbox import unheard
from fakestripe_meters.delivery.inbox import wanted
from fakestripe_meters.delivery.traffic import SUCCESSES
from fakestripe_meters.delivery.traffic import Try

if TYPE_CHECKING:
    from fakestripe_meters.core.account import Account
    from fakestripe_meters.delivery.webhooks import Webhooks

FAILED = 4
"""How many tries that failed are told, the latest ones."""
LISTED = 4
"""How many receivers are told."""
KINDS = 6
"""How many types are named in a line."""
PATIENCE_S = 0.2
"""How long the report waits for an account, in real seconds: a thread that hangs may hold its lock."""


def heard(webhooks: "Webhooks", accounts: "Sequence[Account]") -> Iterator[str]:
    """Yield lines about the webhooks of a test; nothing if it has none."""
    tries, inboxes, held = webhooks.tries, webhooks.inboxes, webhooks.held
    yield from _failed([each for each in tries if each.outcome.status not in SUCCESSES], {each.url for each in inboxes})
    yield from _received(tries, inboxes)
    if held:
        yield f"held back: {_kinds(each.type for each in held)}"
    empty = [each for each in inboxes if not each]
    yield from (f"{_named(each)}: nothing" for each in empty[:LISTED])
    if empty:
        yield from _unheard(accounts, empty)


def _failed(tries: Sequence[Try], handlers: Collection[str]) -> Iterator[str]:
    if len(tries) > FAILED:
        yield f"({len(tries) - FAILED:,} failed before these)"
    for each in tries[-FAILED:]:
        said = each.notification.json
        cause = said.get("request") or (said.get("reason") or {}).get("request") or {}
        request = f", caused by {cause['id']}" if cause.get("id") else ""
        outcome = each.outcome.error or each.outcome.status
        place = "the test's handler" if each.notification.url in handlers else each.notification.place
        yield f"{instant(each.at)} {each.notification.type} ({said.get('id')}{request}) to {place} → {outcome}"


def _received(tries: Sequence[Try], inboxes: Sequence[Inbox]) -> Iterator[str]:
    """Yield what inboxes have, and what receivers over HTTP took, each in one line."""
    lines = [f"{_named(each)}: {_kinds(each.types)}" for each in inboxes if each]
    own = {each.url for each in inboxes}
    taken: dict[str, list[str]] = {}
    for each in tries:
        if each.outcome.status in SUCCESSES and each.notification.url not in own:
            taken.setdefault(each.notification.place, []).append(each.notification.type)
    lines += [f"received at {place}: {_kinds(types)}" for place, types in taken.items()]
    yield from lines[:LISTED]
    if len(lines) > LISTED:
        yield f"(and {len(lines) - LISTED:,} more receivers)"


def _unheard(accounts: "Sequence[Account]", empty: Sequence[Inbox]) -> Iterator[str]:
    for account in accounts:
        if not account.lock.acquire(timeout=PATIENCE_S):
            yield "(an account is busy: its events are not told)"
            continue
        try:
            found = unheard([account])
        finally:
            account.lock.release()
        if found:
            counts = {f"{each.type}{' (thin)' if each.thin else ''}": each.count for each in found}
            yield f"of {found[0].account}, nobody listened to: {_counted(Counter(counts))}"
            key = mask(account.name.key)
            early = [each.type for each in found if any(wanted(inbox, each, key) for inbox in empty)]
            if early:
                yield f"before an inbox for it was there came: {_kinds(early)}"


def _named(inbox: Inbox) -> str:
    types = "" if "*" in inbox.wanted else f" for {', '.join(inbox.wanted[:KINDS])}"
    return f"inbox of {inbox.account or 'every account'}{types}{' (thin)' if inbox.thin else ''}"


def _kinds(types: Iterable[str]) -> str:
    return _counted(Counter(types))


def _counted(counts: "Counter[str]") -> str:
    """Return types with how often each occurred, in the order of their first occurrence."""
    named = [f"{kind} ({count:,} times)" if count > 1 else kind for kind, count in list(counts.items())[:KINDS]]
    more = [f"and {len(counts) - KINDS:,} other types"] if len(counts) > KINDS else []
    return ", ".join([*named, *more])
