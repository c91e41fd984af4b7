"""Usage from files, as a test imports it."""

from pathlib import Path
from typing import TYPE_CHECKING
from typing import BinaryIO
from typing import Literal

if TYPE_CHECKING:
    from fakestripe_meters.control import Control
    from fakestripe_meters.control.answers import Import
    from fakestripe_meters.core.progress import Told
    from fakestripe_meters.engine import Engine


class Importing:
    """Methods of `FakeStripe` that import usage files."""

    engine: "Engine"
    control: "Control"

    def import_usage(
        self,
        content: bytes | str | Path | BinaryIO,
        *,
        filename: str | None = None,
        account: str | None = None,
        source: Literal["s3", "dashboard"] = "s3",
        progress: "Told | None" = None,
    ) -> "Import":
        """Import a usage file in CSV, JSON or JSON Lines, as Stripe does from a bucket; return what became of it.

        `content` is the path of the file, its bytes, or a binary file that is open. `filename` is its name, by default
        that of the path: its ending says which kind it is. `account` is an API key or the id of an account. `source`
        "dashboard" is the Dashboard's upload: it takes CSV files of at most 5 MB, and days and times with an offset.
        `progress` is told how far it is: `done` of `total` bytes, where reading is the first half, and counting the
        second.

        If the file is refused as a whole, the `status` is "failed", `failed_reason` says why, and nothing of it counts.

        Raises:
            Misuse: The file cannot be opened or has no name, there is no such account, or the fake was reset meanwhile.
        """
        self.engine.require_open()
        return self.control.import_usage(content, filename, account, source, progress)

    @property
    def imports(self) -> "list[Import]":
        """The imports of all accounts, newest first."""
        return self.control.imports()
