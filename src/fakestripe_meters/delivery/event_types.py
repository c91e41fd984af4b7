"""The types that an inbox may listen to: those that some event can have, or it would stay empty for ever."""

from difflib import get_close_matches

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.domain.events import known
from fakestripe_meters.domain.events.destinations import matches

PREFIX = "v1."
"""What the thin event of a snapshot event has before its type."""
PING = "v2.core.event_destination.ping"
LONGEST = 100


def check(types: tuple[object, ...], *, thin: bool) -> tuple[str, ...]:
    """Return the types, or `*` for none. Raise `Misuse` for one that no event has; `thin` is for those of API v2."""
    return tuple(_checked(each, thin=thin) for each in types) or ("*",)


def check_either(types: tuple[object, ...]) -> tuple[str, ...]:
    """Return the types, of events of either API, or `*` for none. Raise `Misuse` for one that no event has."""
    thins = known.published_types(thin=True)
    thin = [each for each in types if isinstance(each, str) and _any(each, thins)]
    return tuple(_checked(each, thin=each in thin) for each in types) or ("*",)


def _checked(wanted: object, *, thin: bool) -> str:
    if not isinstance(wanted, str):
        apart = ", each as an argument of its own" if isinstance(wanted, list | tuple | set | frozenset) else ""
        given = quoted(wanted)
        raise _refused(f"types must be event types such as 'customer.created'{apart}, not {given}")
    if _any(wanted, known.published_types(thin=thin)):
        return wanted
    raise _refused(_problem(wanted, repr(shortened(wanted)), thin=thin))


def _problem(wanted: str, name: str, *, thin: bool) -> str:
    """Return why no event that the fake sends has a type, and what to write instead."""
    snapshots, thins = known.published_types(thin=False), known.published_types(thin=True)
    bare = wanted.removeprefix(PREFIX)
    if thin and _any(PREFIX + wanted, thins):
        return f"with thin=True the type is {PREFIX + wanted!r}, not {name}"
    if thin and _any(bare, snapshots):
        return f"no thin event that the fake sends has the type {name}: leave out thin=True, and write {bare!r}"
    if not thin and _any(wanted, thins):
        return f"{name} is the type of a thin event, as API v2 has them: give thin=True"
    if not thin and _any(bare, snapshots):
        return f"the type is {bare!r}, not {name}"
    if wanted == PING:
        return f"{name} is only sent to the event destination that is pinged, never to an inbox"
    if _any(bare, known.event_types()):
        return f"Stripe has events of the type {name}, but the fake never sends one: the inbox would stay empty"
    return f"no event has the type {name}; {_nearest(wanted, thins if thin else snapshots)}"


def _any(wanted: str, types: tuple[str, ...]) -> bool:
    return any(matches(each, [wanted]) for each in types)


def _nearest(wanted: str, types: tuple[str, ...]) -> str:
    """Return what to write instead: the type or the group that is most like it, or what types begin with."""
    words = [each.split(".") for each in types]
    groups = sorted({".".join([*each[:size], "*"]) for each in words for size in range(1, len(each))})
    near = get_close_matches(wanted[:LONGEST], groups if wanted.endswith("*") else types, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"the first word of a type is {either(sorted({each[0] for each in words}))}"


def _refused(message: str) -> Misuse:
    return Misuse(message, param="types")
