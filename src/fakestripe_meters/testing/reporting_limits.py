"""Why a request was answered with 429: the limit, how many calls count against it, and what helps."""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fakestripe_meters.core.errors.requests import PLANNED
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.limits import KINDS
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.limits import counted
from fakestripe_meters.core.printing import line
from fakestripe_meters.core.site import BELOW_VENDORS

if TYPE_CHECKING:
    from fakestripe_meters.engine import Engine

TOO_MANY_REQUESTS = 429
OVER = re.compile(r"over the limit (\w+): ([\d,]+) (.*)")
"""What the journal says about a request that was over a limit, as `core.limiter.Over` writes it."""
OF_CALLS = {"global": "of all kinds", "endpoint": "to one operation"} | {
    name: f"of the kind {name}" for name in ("analytics", "meter_events", "search", "file_reads", "file_writes")
}
"""The limits that count the calls of a second, and which calls these are."""
OTHERS = {
    "stream": "in streams",
    "global_concurrency": "of one account",
    "endpoint_concurrency": "to one operation",
    "subscription_invoices_per_minute": "of one subscription",
    "subscription_invoices_per_day": "of one subscription",
    "subscription_quantities_per_hour": "of one subscription",
    "payment_intent_updates_per_hour": "of one payment intent",
    "object_concurrency": "to one object",
}
CURE = 'Let the code back off, or set limits="off".'
AT_ONCE_CURE = 'Let the code make fewer calls at once, or set limits="off".'
FROZEN_CURE = (
    "The clock is frozen: call fakestripe.clock.advance({}) between calls, or set advance_on_sleep=True or "
    'limits="off".'
)


def complaint(engine: "Engine", exchanges: Sequence[Exchange], peaks: Mapping[str, int]) -> list[str]:
    """Return lines about all requests that were answered with 429, by their call; none if there were none."""
    refused: dict[str, list[Exchange]] = {}
    for each in exchanges:
        if each.status == TOO_MANY_REQUESTS:
            refused.setdefault(called(engine, each), []).append(each)
    count = sum(map(len, refused.values()))
    lines = [f"{count:,} of {len(exchanges):,} requests were answered with 429"] if refused else []
    lines += [f"  {call}: {_count(found)}; at most {peaks[call]:,} a second" for call, found in refused.items()]
    names = dict.fromkeys(name for found in refused.values() for name, _ in _limits_of(found))
    return [*lines, *dict.fromkeys(f"  {_cure(engine, name)}" for name in names)]


def _count(found: Sequence[Exchange]) -> str:
    planned = sum(each.hint == PLANNED for each in found)
    limits = "".join(f", the limit is {text}" for _, text in dict.fromkeys(_limits_of(found)))
    return f"{len(found):,}{f' ({planned:,} of them planned)' if planned else ''}{limits}"


def _limits_of(found: Sequence[Exchange]) -> Iterator[tuple[str, str]]:
    """Yield the name of the limit that each request was over, and how much that is."""
    for each in found:
        over = OVER.fullmatch(each.hint or "")
        if over is not None:
            yield over[1], _words(over)


def _words(over: re.Match[str]) -> str:
    """Return how much a limit is, as in `25 calls a second`."""
    return f"{over[2]} {over[3]}".replace(" per ", " a ")


def called(engine: "Engine", exchange: Exchange) -> str:
    """Return the method and the URL of a call, with names in the place of ids."""
    endpoint, _ = engine.routes.lookup(exchange.method, exchange.path)
    return line(f"{exchange.method} {endpoint.rule if endpoint else exchange.path}")


def reasons(engine: "Engine", exchange: Exchange, exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Yield lines about the limit that refused a request, if one did; `exchanges` is the whole journal."""
    over = OVER.fullmatch(exchange.hint or "")
    if over is None:
        return
    name = over[1]
    if name in OF_CALLS:
        count = _same(engine, exchange, exchanges, name)
        yield f"limit: {_words(over)} {OF_CALLS[name]}; this key has made {count:,} in this second"
    else:
        yield f"limit: {_words(over)} {OTHERS[name]}"
    yield _cure(engine, name)


def _same(engine: "Engine", exchange: Exchange, exchanges: Sequence[Exchange], name: str) -> int:
    """Return how many requests of the same second count for the same limit."""
    limits = engine.world.limits.get(exchange.account or "") or engine.world.settings.limits

    def bucket(each: Exchange) -> tuple[object, ...]:
        counts = name in limits_of(engine, each, limits)
        return each.at, each.account, bucket_of(engine, each, name) if counts else each

    same = bucket(exchange)
    return sum(bucket(each) == same for each in exchanges)


def bucket_of(engine: "Engine", exchange: Exchange, name: str) -> str:
    """Return which bucket of a limit counts a call, where it has several; they are those of `core.limiter`."""
    kind, route = _kind_of(engine, exchange)
    return route if name == "endpoint" else kind or "" if name != "global" else ""


def limits_of(engine: "Engine", exchange: Exchange, limits: Limits) -> tuple[str, ...]:
    """Return the limits that count a call; none for one of another vendor."""
    if exchange.path.startswith(BELOW_VENDORS):
        return ()
    return counted(*_kind_of(engine, exchange), limits)


def _kind_of(engine: "Engine", exchange: Exchange) -> tuple[str | None, str]:
    """Return the kind of a call, as `core.limiter` names it, and its operation."""
    endpoint, _ = engine.routes.lookup(exchange.method, exchange.path)
    return ("global", "") if endpoint is None else (endpoint.limit, endpoint.route)


def _cure(engine: "Engine", name: str) -> str:
    wait_s = KINDS[name].per_s
    if not wait_s:
        return AT_ONCE_CURE
    return FROZEN_CURE.format(wait_s) if engine.world.clock.frozen else CURE
