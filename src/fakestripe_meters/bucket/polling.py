"""A poll of the folder that stands for the S3 bucket: what is new in it is imported.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-in-bulk.

A file is new if its name, or its time of modification together with its size, was not seen before. Its time alone would
not do: it is the machine's and not the fake's, and a file that is copied into the folder may keep an old one.
"""

from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fakestripe_meters.bucket.folder import Found
from fakestripe_meters.bucket.folder import listed
from fakestripe_meters.bucket.folder import unreadable
from fakestripe_meters.bucket.folder import version_at
from fakestripe_meters.control import Control
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import DAY_S
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import machine_ns
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage_files import LARGEST
from fakestripe_meters.core.world import World
from fakestripe_meters.domain.records.bucket_files import BucketFiles

if TYPE_CHECKING:
    from fakestripe_meters.engine import Engine

MOST_FILES = 50
MOST_BYTES = 10_000_000_000
OLDEST_S = 90 * DAY_S
TOO_OLD = "it was modified more than 90 days before the first poll"
WAITS = f"it waits for the next poll: one takes at most {MOST_FILES} files or 10 GB"
CHANGED = "it was changed while it was read: the next poll reads it again"


@documented("at most 50 files or 10 GB are taken at a time (as the polls)")
@inferred("GB are powers of ten; the files that were modified first come first; one that is larger comes alone")
def poll(engine: "Engine", world: World) -> bool:
    """Import what is new in the bucket of a world; return whether anything was, or is left for the next poll."""
    folder, account = Path(world.settings.bucket or ""), world.account(keys.DEFAULT_KEY)
    try:
        found, left = listed(folder)
    except OSError as error:
        with account.lock:
            account.part(BucketFiles).left = {str(folder): unreadable(error)}
        return False
    control = Control(engine)
    files, size, waits = 0, 0, False
    for each in _new(account, found, left):
        if files == MOST_FILES or (files and size + each.size > MOST_BYTES):
            left[each.name], waits = WAITS, True
            continue
        if world is not engine.world or account.forgotten:  # the test is over, or was reset
            return False
        try:
            reason = _imported(control, folder, each)
        except Conflict:  # likewise, meanwhile
            return False
        if reason is None:
            files, size = files + 1, size + each.size
            _take(account, each)
        else:
            left[each.name], waits = reason, waits or reason == CHANGED
    with account.lock:
        account.part(BucketFiles).left = left
    return waits or bool(files)


@documented("the first time those of the last 90 days count, and later all new ones (as the polls)")
@inferred("the age of a file is by the machine's clock, as its time of modification is")
def _new(account: Account, found: Sequence[Found], left: dict[str, str]) -> list[Found]:
    """Return the files that are new, the one that was modified first first. Tell in `left` why others are left out."""
    oldest_ns = machine_ns() - OLDEST_S * SECOND_NS
    with account.lock:
        part = account.part(BucketFiles)
        new = [each for each in found if part.taken.get(each.name) != each.version]
        old = [each for each in new if not part.polled and each.modified_ns < oldest_ns]
        part.polled = True
        part.taken = {**part.taken, **{each.name: each.version for each in old}}
        known = {each.name for each in found}.difference(each.name for each in new)
        left |= {name: reason for name, reason in part.left.items() if name in known}
    left |= {each.name: TOO_OLD for each in old}
    return sorted(set(new).difference(old), key=lambda each: (each.modified_ns, each.name))


def _imported(control: Control, folder: Path, file: Found) -> str | None:
    """Import a copy of a file, which does not change meanwhile. Return why the file could not be read.

    What is wrong in the file is told by its import.
    """
    original = folder / file.name
    with TemporaryDirectory() as beside:
        path = original if file.size > LARGEST else Path(beside) / "copy"  # which its import refuses by its size
        try:
            if path is not original:
                copyfile(original, path)
            if version_at(original) != file.version:
                return CHANGED
        except OSError as error:
            return unreadable(error)
        try:
            control.import_usage(path, file.name)
        except Conflict:
            raise
        except Misuse as refusal:
            return f"{refusal}"
    return None


def _take(account: Account, file: Found) -> None:
    with account.lock:
        part = account.part(BucketFiles)
        part.taken = {**part.taken, file.name: file.version}
