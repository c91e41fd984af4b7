"""Whether anything has happened: a page that is open asks this every now and then, so it must cost next to nothing."""

from collections.abc import Iterator
from itertools import islice

from fakestripe_meters.control import Control
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import MINUTE_S
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Document
from fakestripe_meters.pages.answers import Form

RECENT = 100
"""Of how many requests the outcomes are looked at: those of older ones have come."""


def show(control: Control, _identifier: str, _query: Form) -> Answer:
    """Tell what `seen` returns."""
    return Document(seen(control).encode(), "text/plain; charset=utf-8", "changes.txt")


def seen(control: Control) -> str:
    """Return a few letters, which are others after something has happened that a page may show.

    Of time that passes, only each minute is something that happens.
    """
    world = control.world
    clock, settings, outbox = world.clock, world.settings, control.engine.outbox
    happened = (
        id(world.accounts),
        clock.now_ns() if clock.frozen else ("running", clock.now() // MINUTE_S),
        settings.limits,
        settings.lag_ns,
        tuple(world.limits.items()),
        tuple((id(each), each.met) for each in world.faults.planned()),
        str(control.chaos()),
        tuple(world.checkpoints),
        tuple((id(each), each.met) for each in list(world.stubs.planned)),
        tuple((each.request_id, each.status) for each in islice(reversed(world.journal), RECENT)),
        len(world.journal),
        outbox.held.types,
        len(outbox.held.parcels),
        tuple(map(id, list(outbox.tries.present)[-1:])),
        *(each for account in list(world.accounts.values()) for each in _in(account)),
    )
    return f"{hash(happened) & (1 << 64) - 1:016x}"


def _in(account: Account) -> Iterator[object]:
    with account.lock:
        yield account.agenda.number
        yield len(account.agenda.waiting)
        yield sum(account.ids.counts.values())
        if (intake := account.peek(Intake)) is not None:
            yield intake.newest_number
            yield len(intake.dropped)
        if (deliveries := account.peek(Deliveries)) is not None:
            yield len(deliveries.ready)
            yield tuple(deliveries.under_way)
