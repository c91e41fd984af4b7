"""What goes wrong at random, and the way back: chaos and checkpoints."""

from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from typing import cast

from fakestripe_meters.control import answers
from fakestripe_meters.control.plans import Plans
from fakestripe_meters.core import checks
from fakestripe_meters.core import snapshot
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.faults import Chaos
from fakestripe_meters.core.faults import ChaosPlan
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.patterns import Pattern
from fakestripe_meters.core.printing import masked
from fakestripe_meters.delivery.traffic import Try

STATUSES = (429, 500, 503)
MOST = 20
"""How many checkpoints are kept: each has the whole world."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A world at one instant, to come back to."""

    id: str
    at: int
    world: dict[str, Any]
    tries: tuple[Try, ...]
    """The tries of its webhooks."""


class Mishaps(Plans):
    """The part of the control plane that lets requests fail at random, and takes back what was done."""

    # Chaos

    def start_chaos(
        self,
        seed: int | str,
        rate: float,
        call: str = "* *",
        statuses: Sequence[int] = STATUSES,
        *,
        close: bool = False,
        after_commit: bool = False,
    ) -> answers.ChaosState:
        """Let a share of the requests like `call` fail at random; return what is in force. A `rate` of 0 ends it.

        `call` is a method and a path, such as `POST /v1/invoices/*/pay`. A failing request gets the Stripe error of one
        of `statuses`. With `close` the connection may be dropped instead, and with `after_commit` the work may be done,
        and only its answer lost. With the same `seed` the same calls of each method and path fail.
        """
        self.engine.require_open()
        target = self._target(call)
        plan = ChaosPlan(
            seed=cast("int | str", checks.seed(seed, "seed", optional=False)),
            rate=_share(rate),
            call=f"{target.method} {target.path}",
            statuses=_statuses(statuses),
            close=checks.flag(close, "close"),
            after_commit=checks.flag(after_commit, "after_commit"),
        )
        ways = [*plan.statuses, *([None] if plan.close else [])]
        if not ways:
            raise Misuse("this chaos has no effect: give statuses or close", param="statuses")
        faults = [
            Fault(target.method, target.path, status, after_commit=late, close=status is None)
            for status in ways
            for late in ([False, True] if plan.after_commit else [False])
        ]
        self.world.faults.chaos = Chaos(plan, faults) if plan.rate else None
        return self.chaos()

    def chaos(self) -> answers.ChaosState:
        """Return which requests fail at random, and how many have; a `rate` of 0 means none."""
        chaos = self.world.faults.chaos
        if chaos is None:
            return {
                "seed": None,
                "rate": 0,
                "call": None,
                "statuses": [],
                "close": False,
                "after_commit": False,
                "met": 0,
            }
        return cast(
            "answers.ChaosState",
            masked({**asdict(chaos.plan), "statuses": list(chaos.plan.statuses), "met": chaos.met}),
        )

    def end_chaos(self) -> None:
        """Let no more requests fail at random. Planned faults stay."""
        self.world.faults.chaos = None

    def _target(self, call: object) -> Pattern:
        method, path = checks.call(call, "call")
        try:
            return self.check_target(method, path)
        except Misuse as misuse:
            misuse.param = "call"
            raise

    # Checkpoints

    def new_checkpoint(self) -> answers.CheckpointTaken:
        """Remember the world as it is now; return the id with which to come back."""
        self.engine.require_open()
        kept = self.world.checkpoints
        if len(kept) >= MOST:
            raise Misuse(f"there are {MOST} checkpoints already, the most that are kept: delete one first")
        taken = self.taken_checkpoint()
        kept[taken.id] = taken
        return _told(taken)

    def checkpoints(self) -> list[answers.CheckpointTaken]:
        """Return the checkpoints, oldest first."""
        return [_told(each) for each in list(self.world.checkpoints.values())]

    def rewind(self, checkpoint: str) -> answers.CheckpointTaken:
        """Restore objects, usage, clock, ids, limits and settings of a checkpoint, which stays for another time.

        The journal, planned faults, stubs, and the tries and failures of webhooks are kept.
        """
        self.engine.require_open()
        wanted = self._checkpoint(checkpoint)
        self.go_back(wanted)
        return _told(wanted)

    def delete_checkpoint(self, checkpoint: str) -> answers.CheckpointTaken:
        """Forget a checkpoint."""
        found = self._checkpoint(checkpoint)
        self.world.checkpoints.pop(found.id, None)
        return _told(found)

    def taken_checkpoint(self) -> Checkpoint:
        """Return the world as it is now, which is kept nowhere else."""
        tries = tuple(self.engine.outbox.tries.present)
        return Checkpoint(f"chk_{token_hex(8)}", self.world.clock.now(), snapshot.dump(self.world), tries)

    def go_back(self, checkpoint: Checkpoint) -> None:
        """Restore a world, and keep what was seen and planned since."""
        world, outbox = self.world, self.engine.outbox
        journal, faults, stubs = world.journal, world.faults, world.stubs
        tries, failures = outbox.tries, outbox.failures.copy()
        self.engine.routes.load()  # what a snapshot may hold
        snapshot.load(world, checkpoint.world)
        world.journal, world.faults, world.stubs = journal, faults, stubs
        outbox.tries = tries.of_another_world(checkpoint.tries)
        outbox.failures += failures

    def _checkpoint(self, identifier: object) -> Checkpoint:
        found: Checkpoint | None = self.world.checkpoints.get(checks.text(identifier, "checkpoint"))
        if found is None:
            raise Misuse(f"there is no checkpoint {shortened(str(identifier))!r}", param="checkpoint")
        return found


def _told(checkpoint: Checkpoint) -> answers.CheckpointTaken:
    return {"id": checkpoint.id, "at": checkpoint.at}


def _share(rate: object) -> float:
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise checks.refused("rate", "a number from 0 to 1", rate)
    return rate


def _statuses(value: object) -> tuple[int, ...]:
    given = checks.several(value, "statuses", "a list of statuses")
    return tuple(checks.error_status(each, "statuses") for each in given)
