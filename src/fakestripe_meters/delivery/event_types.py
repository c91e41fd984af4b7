"""The types that an inbox may listen to: those that some event can have, or it would stay empty for ever."""

from difflib import get_close_matches

from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.domain.events import known
from fakestripe_meters.domain.events.destinations import matches

PREFIX = "v1."
"""What the thin event of a snapshot event has before its type."""


def check(types: tuple[object, ...], *, thin: bool) -> tuple[str, ...]:
    """Return the types, or `*` for none. Raise `Misuse` for one that no event has; `thin` is for those of API v2."""
    return tuple(_checked(each, thin=thin) for each in types) or ("*",)


def _checked(wanted: object, *, thin: bool) -> str:
    if not isinstance(wanted, str):
        apart = ", each as an argument of its own" if isinstance(wanted, list | tuple | set | frozenset) else ""
        given = shortened(repr(wanted))
        raise _refused(f"types must be event types such as 'customer.created'{apart}, not {given}")
    if _any(wanted, known.published_types(thin=thin)):
        return wanted
    name = repr(shortened(wanted))
    if _any(wanted, known.published_types(thin=not thin)):
        advice = "leave out thin=True" if thin else "give thin=True"
        raise _refused(f"{name} is {'not ' if thin else ''}the type of a thin event, as API v2 has them: {advice}")
    if thin and _any(PREFIX + wanted, known.published_types(thin=True)):
        raise _refused(f"with thin=True the type is {PREFIX + wanted!r}, not {name}")
    if not thin and _any(wanted.removeprefix(PREFIX), known.published_types(thin=False)):
        raise _refused(f"the type is {wanted.removeprefix(PREFIX)!r}, not {name}")
    if _any(wanted.removeprefix(PREFIX), known.event_types()):
        message = f"Stripe has events of the type {name}, but the fake never sends one: the inbox would stay empty"
        raise _refused(message)
    raise _refused(f"no event has the type {name}; {_nearest(wanted, known.published_types(thin=thin))}")


def _any(wanted: str, types: tuple[str, ...]) -> bool:
    return any(matches(each, [wanted]) for each in types)


def _nearest(wanted: str, types: tuple[str, ...]) -> str:
    """Return what to write instead: the type or the group that is most like it."""
    words = [each.split(".") for each in types]
    groups = {".".join([*each[:size], "*"]) for each in words for size in range(1, len(each))}
    (best,) = get_close_matches(wanted[:100], sorted(groups) if wanted.endswith("*") else types, n=1, cutoff=0)
    return f"did you mean {best!r}?"


def _refused(message: str) -> Misuse:
    return Misuse(message, param="types")
