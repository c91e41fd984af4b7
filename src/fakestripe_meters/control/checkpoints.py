"""Checkpoints: the world at one instant, and the way back to it."""

from secrets import token_hex
from typing import Any

from fakestripe_meters.control import answers
from fakestripe_meters.control.naming import Naming
from fakestripe_meters.core import checks
from fakestripe_meters.core import snapshot
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import shortened
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.delivery.traffic import Try

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


class Checkpoints(Naming):
    """The part of the control plane that remembers worlds, and restores them."""

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
