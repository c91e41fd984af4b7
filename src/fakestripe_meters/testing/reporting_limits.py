"""Why a request was answered with 429: the limit, how many calls count against it, and what helps."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.printing import line

if TYPE_CHECKING:
    from fakestripe_meters.engine import Engine

TOO_MANY_REQUESTS = 429
STREAM = "stream"
CURE = 'Let the code back off, or set limits="off".'
FROZEN_CURE = 'The clock is frozen: call clock.advance(1) between calls, or set advance_on_sleep=True or limits="off".'


def complaint(engine: "Engine", exchanges: Sequence[Exchange], peaks: Mapping[str, int]) -> list[str]:
    """Return lines about all requests that were answered with 429, by their call; none if there were none."""
    refused: dict[str, list[Exchange]] = {}
    for each in exchanges:
        if each.status == TOO_MANY_REQUESTS:
            refused.setdefault(called(engine, each), []).append(each)
    count = sum(map(len, refused.values()))
    lines = [f"{count:,} of {len(exchanges):,} requests were answered with 429"] if refused else []
    lines += [f"  {call}: {_count(engine, found)}; at most {peaks[call]:,} a second" for call, found in refused.items()]
    limited = any(not each.hint for found in refused.values() for each in found)
    return [*lines, f"  {_cure(engine)}"] if limited else lines


def _count(engine: "Engine", found: Sequence[Exchange]) -> str:
    planned = sum(each.hint is not None for each in found)
    _, rate = limit_of(engine, found[0])
    limit = f", the limit is {rate:,} a second" if rate is not None and planned < len(found) else ""
    return f"{len(found):,}{f' ({planned:,} of them planned)' if planned else ''}{limit}"


def called(engine: "Engine", exchange: Exchange) -> str:
    """Return the method and the URL of a call, with names in the place of ids."""
    endpoint, _ = engine.routes.lookup(exchange.method, exchange.path)
    return line(f"{exchange.method} {endpoint.rule if endpoint else exchange.path}")


def reasons(engine: "Engine", exchange: Exchange, exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Yield lines about the limit that refused a request, if one did; `exchanges` is the whole journal."""
    code = (exchange.error or {}).get("code")
    if exchange.status != TOO_MANY_REQUESTS or code != "rate_limit" or exchange.hint:
        return
    bucket, rate = limit_of(engine, exchange)
    if rate is None:
        return
    kind = "of all kinds" if bucket == "global" else f"of the kind {bucket.partition('/')[0]}"
    if bucket == STREAM:
        yield f"limit: {rate:,} events a second in streams"
    else:
        same = [each for each in exchanges if (each.at, each.account) == (exchange.at, exchange.account)]
        count = sum(limit_of(engine, each)[0] == bucket for each in same)
        yield f"limit: {rate:,} calls a second {kind}; this key has made {count:,} in this second"
    yield _cure(engine)


def _cure(engine: "Engine") -> str:
    return FROZEN_CURE if engine.world.clock.frozen else CURE


def limit_of(engine: "Engine", exchange: Exchange) -> tuple[str, int | None]:
    """Return the name of the limit that counts a request, and its calls per second; None if there is none."""
    endpoint, _ = engine.routes.lookup(exchange.method, exchange.path)
    limits = engine.world.limits.get(exchange.account or "") or engine.world.settings.limits
    bucket = "global" if endpoint is None else endpoint.resource.limit or STREAM
    rate: int | None = getattr(limits, bucket.partition("/")[0], None)
    return ("global", limits.global_) if rate is None else (bucket, rate)
