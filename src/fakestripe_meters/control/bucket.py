"""The bucket: a folder in which usage files are looked for every five minutes of the fake's time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict

from fakestripe_meters.control.answers import Scheduled
from fakestripe_meters.control.holding import Holding
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Cause
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.printing import mask
from fakestripe_meters.core.printing import masked
from fakestripe_meters.core.undo import Atomic
from fakestripe_meters.domain.records.bucket_files import BucketFiles

POLLED = "bucket is polled"
OWNERS = (None, keys.DEFAULT_KEY, keys.own_account(keys.DEFAULT_KEY))
"""What names the account of the bucket; None names all accounts."""


class LeftFile(TypedDict):
    """A file of the bucket that the last poll did not import."""

    name: str
    """Its path below the folder."""
    reason: str
    """Why, in words that follow `because`."""


class BucketState(TypedDict):
    """The folder that stands for the S3 bucket, and what became of its files."""

    folder: str | None
    """Where it is; null if there is none."""
    next_poll: int | None
    """When it is looked into next, in Unix seconds; null if there is none."""
    imported: int
    """How many files were imported, each in its newest version. What is wrong in one is told by its import."""
    left: list[LeftFile]
    """The files that were not imported, and why."""


class Buckets(Holding):
    """Tells of the bucket, and lets a page record usage as the Dashboard does."""

    def bucket(self) -> BucketState:
        """Return where the bucket is, when it is looked into next, and which files were not imported."""
        polling, account = self.world.polling, self.world.accounts.get(Name(keys.DEFAULT_KEY))
        part = None
        if account is not None:
            with account.lock:
                part = account.peek(BucketFiles)
        taken, left = ({}, {}) if part is None else (part.taken, part.left)
        return {
            "folder": masked(str(self.world.settings.bucket)) if polling else None,
            "next_poll": polling.due_ns // SECOND_NS if polling else None,
            "imported": len(taken.keys() - left.keys()),
            "left": [{"name": masked(name), "reason": reason} for name, reason in sorted(left.items())],
        }

    def next_poll(self, account: str | None) -> list[Scheduled]:
        """Return the next poll as something that happens to an account, a key or an id; nothing if it is another's."""
        polling = self.world.polling
        if not polling or account not in OWNERS:
            return []
        key = keys.DEFAULT_KEY
        at = polling.due_ns // SECOND_NS
        return [Scheduled(at=at, what=POLLED, object="", account=mask(key), account_id=keys.own_account(key))]

    @contextmanager
    def recording(self, account: str) -> Iterator[Account]:
        """Hold an account within `with`, brought to the present, so that the block may record usage in it.

        If the block raises, what it has changed is undone. Afterwards, the webhooks that are ready are sent.

        Raises:
            Misuse: There is no such account.
        """
        key, found = self._one(account)
        try:
            held = self.world.lock(found or self.world.account(key))
            try:
                self.world.enter(held)
                with Atomic():
                    held.cause = Cause()
                    yield held
            finally:
                held.lock.release()
        finally:
            self.world.courier.send_ready(self.world)
