"""Usage from a file, as from the bucket or the Dashboard's upload."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import nullcontext
from io import BytesIO
from io import TextIOBase
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import BinaryIO
from typing import cast

from fakestripe_meters.control import answers
from fakestripe_meters.control.naming import Naming
from fakestripe_meters.core import checks
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Cause
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.progress import Telling
from fakestripe_meters.core.progress import Told
from fakestripe_meters.core.undo import Atomic
from fakestripe_meters.core.usage_files import SOURCES

if TYPE_CHECKING:
    from fakestripe_meters.domain.importing.reading import Kept
    from fakestripe_meters.domain.records.import_sets import ImportSet


class Importing(Naming):
    """Imports usage files, and lists the imports."""

    # What reads files is imported late: few tests need it, and it would slow down each start.

    def import_usage(
        self,
        content: bytes | str | Path | BinaryIO,
        filename: str | None = None,
        account: str | None = None,
        source: str = "s3",
        progress: Told | None = None,
    ) -> answers.Import:
        """Import a usage file in CSV, JSON or JSON Lines; return what became of it.

        `content` is the path of the file, its bytes, or a binary file that is open. `filename` is its name, by default
        that of the path: its ending says which kind it is. `source` is `s3` or `dashboard`, which takes smaller files
        and more formats of time. `progress` is told how far it is, in bytes: reading all of the file is the first half,
        and counting its records the second. If the file is refused as a whole, nothing of it counts.

        Raises:
            Misuse: There is no such file or account, it has no name, or the fake was reset meanwhile.
        """
        checks.word(source, "source", SOURCES)
        key = keys.DEFAULT_KEY if account is None else account
        opened, name = _opened(content, filename)
        with opened as stream:
            return self._import(stream, name, key, source, progress)

    def imports(self, account: str | None = None) -> list[answers.Import]:
        """Return the imports of an account, newest first; without `account`, of all."""
        from fakestripe_meters.domain.records.import_sets import ImportSets

        found: list[answers.Import] = []
        for each in self._accounts(account):
            with each.lock:
                sets = each.peek(ImportSets)
                found += [] if sets is None else [_shown(one) for one in sets.table]
        return sorted(found, key=lambda one: one["created"])[::-1]

    def _import(
        self,
        stream: BinaryIO,
        filename: str,
        key: str,
        source: Any,  # noqa: ANN401  it is checked
        progress: Told | None,
    ) -> answers.Import:
        from fakestripe_meters.domain.importing import importing
        from fakestripe_meters.domain.importing.checking import Form
        from fakestripe_meters.domain.importing.reading import Kept
        from fakestripe_meters.domain.importing.reading import Reading
        from fakestripe_meters.domain.importing.reasons import BadFile

        account = self._begun(key)
        told = progress or self.world.watch.told
        with self._piece(account):
            found = importing.begin(account, filename, source)
            form = Form(account, source)
        with Kept() as kept:
            reading = Reading(kept)
            steps = _Steps(self, account, Telling(told, 2 * stream.seek(0, os.SEEK_END)))
            try:
                reading.read(stream, filename, source, form, steps.read)
            except BadFile as bad:
                with self._piece(account):
                    importing.fail(account, found, str(bad))
            else:
                steps.count(kept, found)
                with self._piece(account):
                    importing.succeed(account, found, reading)
            steps.end()
        return _shown(found)

    def _begun(self, key: str) -> Account:
        """Return an account in which something can be made, which is then not dropped as blank."""
        name, found = self._one(key)
        account = self.world.lock(found or self.world.account(name))
        account.lock.release()
        return account

    @contextmanager
    def _piece(self, account: Account) -> Iterator[None]:
        """Hold an account, brought to the present, within `with`; send the webhooks that are ready afterwards."""
        with account.lock:
            self._check(account)
            self.world.enter(account)
            account.cause = Cause()
            with Atomic():
                yield
        self.world.courier.send_ready(self.world)

    def _check(self, account: Account) -> None:
        """Raise `Conflict` if an account is gone, or the fake is closed."""
        if account.forgotten or self.engine.paused:
            message = f"the import was stopped on its way: {self.engine.paused or 'the fake was reset'}"
            raise Conflict(message)


class _Steps:
    """How far an import is: it ends if its account is gone."""

    def __init__(self, importing: Importing, account: Account, telling: Telling) -> None:
        self._importing, self._account, self._telling = importing, account, telling
        self._now = account.now
        telling.go_on(self._now)

    def read(self, size: int) -> None:
        """Note that so many bytes were read."""
        self._importing._check(self._account)  # noqa: SLF001  it is its own
        self._telling.did(size - self._telling.done)
        self._telling.go_on(self._now)

    def count(self, kept: "Kept", found: "ImportSet") -> None:
        """Count all events, a piece at a time."""
        from fakestripe_meters.domain.importing import importing

        half = self._telling.total // 2
        self._telling.did(half - self._telling.done)
        done = 0
        for size, sent in kept.pieces():
            with self._importing._piece(self._account):  # noqa: SLF001  likewise
                importing.count(self._account, found, size, sent)
                self._now = self._account.now
            done += size
            self._telling.did(half + half * done // kept.count - self._telling.done)
            self._telling.go_on(self._now)

    def end(self) -> None:
        """Note that all is done."""
        self._telling.end(self._now)


def _opened(content: object, filename: object) -> tuple[AbstractContextManager[BinaryIO], str]:
    """Return what can be read, and its name; what the caller has opened stays open."""
    name = None if filename is None else checks.text(filename, "filename")
    if isinstance(content, str) and "\n" in content:
        message = "content is the path of a file, or its bytes: encode the text, as in text.encode()"
        raise Misuse(message, param="content")
    if isinstance(content, str | Path):
        path = Path(content)
        try:
            return path.open("rb"), name or path.name
        except (OSError, ValueError) as error:
            message = f"the file {str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}"
            raise Misuse(message, param="content") from None
    if not name:
        message = "give the name of the file, whose ending says what it is: usage.csv, usage.json or usage.jsonl"
        raise Misuse(message, param="filename")
    if isinstance(content, TextIOBase):
        message = 'content is open as text: open it as bytes, as in open("usage.csv", "rb")'
        raise Misuse(message, param="content")
    if isinstance(content, bytes | bytearray | memoryview):
        return BytesIO(content), name
    if hasattr(content, "read") and hasattr(content, "seek"):
        return nullcontext(cast("BinaryIO", content)), name
    raise checks.refused("content", "a path, bytes, or a binary file", content)


def _shown(found: "ImportSet") -> answers.Import:
    return {
        "id": found.id,
        "created": found.created,
        "filename": found.filename,
        "source": found.source,
        "status": found.status,
        "failed_reason": found.failed_reason,
        "records": found.records,
        "counted": found.counted,
        "duplicates": found.duplicates,
        "dropped": found.dropped,
        "errors": found.errors,
        "error_file": found.error_file,
        "ignored": list(found.ignored),
    }
