"""Watches every request of every test: if one is refused, a snapshot of its account must show the same as before.

Of large accounts only some requests are watched, or each would take longer than the one before.
`FAKESTRIPE_REFUSALS=all pytest` watches them all.
"""

import os
import pickle
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from dataclasses import is_dataclass
from functools import cache
from io import BytesIO
from operator import attrgetter
from typing import Any

import pytest

from fakestripe_meters.call import Call
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.index import GrowingList
from fakestripe_meters.core.index import Index
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.table import Table
from fakestripe_meters.engine import Engine
from fakestripe_meters.wire.message import Response

LARGE = 1_000_000 if os.environ.get("FAKESTRIPE_REFUSALS") == "all" else 100
"""Of an account with so many records and usage events, not every request is watched."""
TRIES = {
    "invoice_paying.pay",
    "payment_intents.create",
    "payment_intents.confirm",
    "setup_intents.create",
    "setup_intents.confirm",
    "charges.create",
}
"""Operations that try a card: if it fails, which is a 402, the work stays."""


class Shaper(pickle.Pickler):
    """Writes what a snapshot shows of an account, in a tenth of the time."""

    def reducer_override(self, value: Any) -> Any:  # noqa: ANN401  as pickle declares it
        """Return how to write a value: as a dict, a list or a tuple, so that nothing of ours is needed to read it."""
        return way_of(value.__class__)(value)


@cache
def way_of(kind: type) -> Callable[[Any], Any]:
    """A function that returns how to write a value of a class."""
    if issubclass(kind, Index):
        return lambda value: (list, (), None, iter(list(value.items())))
    if issubclass(kind, GrowingList | Table):
        return lambda value: (list, (), None, iter(value))
    if issubclass(kind, Intake):
        return lambda value: (list, (), None, iter(shown(value)))
    if is_dataclass(kind):
        values = values_of(kind)
        return lambda value: (tuple, (values(value),))
    return lambda _: NotImplemented


def values_of(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """A function for the values of all fields."""
    names = [each.name for each in fields(kind)]
    return attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)


def shown(intake: Intake) -> list[Any]:
    """All usage or, if it is much, how much there is."""
    if intake.newest_number > LARGE:
        return [intake.newest_number, len(intake.dropped), intake.waiting()]
    return [intake.dump()]


def shape(account: Account) -> bytes:
    """What a snapshot shows of an account."""
    written = BytesIO()
    kept: dict[str, object] = {kind.name: part for kind, part in account.parts.items()}
    kept |= {"ids": dict(account.ids.counts), "agenda": account.agenda.entries()}
    Shaper(written, pickle.HIGHEST_PROTOCOL).dump(kept)
    return written.getvalue()


def size(account: Account) -> int:
    """How many records and events an account has, about."""
    tables = (each for part in account.parts.values() for each in vars(part).values() if isinstance(each, Table))
    intake = account.peek(Intake)
    return sum(map(len, tables)) + (intake.newest_number if intake else 0)


def differences(before: bytes, after: bytes) -> list[str]:
    """What a snapshot shows otherwise than before."""
    old, new = pickle.loads(before), pickle.loads(after)
    return [
        f"{name}: {old.get(name)} became {new.get(name)}"
        for name in [*old, *(new.keys() - old.keys())]
        if old.get(name) != new.get(name) or (name in old) != (name in new)
    ]


@dataclass
class Watch:
    """What was seen: how many requests, how many of them were refused, and what refusals changed."""

    large: int = LARGE
    requests: int = 0
    refusals: int = 0
    unwatched: int = 0
    changes: list[str] = field(default_factory=list)

    def answer(self, engine: Engine, call: Call, answer: Callable[[Engine, Call], Response]) -> Response:
        """Answer a request, and compare its account if it is refused."""
        self.requests += 1
        records = size(call.account)
        if records > self.large and self.requests % (records // 30):
            self.unwatched += 1
            return answer(engine, call)
        before = shape(call.account)
        try:
            response = answer(engine, call)
        except StripeError:
            self.compare(call, before)
            raise
        if response.status >= 400:
            self.compare(call, before)
        return response

    def compare(self, call: Call, before: bytes) -> None:
        """Note what a refusal has left."""
        self.refusals += 1
        if (call.exchange.error or {}).get("type") == "card_error" and call.endpoint and call.endpoint.name in TRIES:
            return
        after = shape(call.account)
        if after != before and (found := differences(before, after)):
            what = f"{call.request.method} {call.request.path} {call.exchange.params} {call.exchange.error}"
            self.changes.append("\n".join([f"{what} changed:", *found]))


@contextmanager
def watched(large: int = LARGE) -> Iterator[Watch]:
    """Watch all requests of this process within `with`."""
    watch = Watch(large)
    answer: Callable[[Engine, Call], Response] = vars(Engine)["_answer"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_answer", lambda engine, call: watch.answer(engine, call, answer))
        yield watch
