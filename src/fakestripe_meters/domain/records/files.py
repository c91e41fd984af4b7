"""Files that Stripe has made: what imports could not read.

Documented in: https://docs.stripe.com/api/files/object.
"""

from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.table import required
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

NOUN = "file upload"
HOST = "https://files.stripe.com"
"""Where Stripe has the contents of files, and where they are if no server of the fake listens."""


@record
class StoredFile:
    """A file as stored; `content` is text."""

    id: str
    created: int
    filename: str
    purpose: str
    type: str
    content: str

    @property
    def data(self) -> bytes:
        """What a client downloads."""
        return self.content.encode("utf-8", "backslashreplace")


@dataclass(eq=False)
class Files(Part, name="files", named_by=("error_file",)):
    """All files of an account."""

    table: Table[StoredFile] = field(default_factory=Table)


def find(account: Account, file_id: str) -> StoredFile:
    """Return the file with that id, or raise `No such file upload`."""
    return required(account.part(Files).table.get(file_id), NOUN, file_id)


@documented("the fields")
@inferred("a file that an import has made does not expire, has no title, and has no links")
def render(account: Account, file: StoredFile) -> Tree:
    """Return a file as Stripe shows it."""
    base = account.site.public_url or account.site.address or HOST
    return {
        "id": file.id,
        "object": "file",
        "created": file.created,
        "expires_at": None,
        "filename": file.filename,
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={file.id}"},
        "purpose": file.purpose,
        "size": len(file.data),
        "title": None,
        "type": file.type,
        "url": f"{base}/v1/files/{file.id}/contents",
    }
