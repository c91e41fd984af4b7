"""Import sets: what became of one usage file.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-in-bulk.
Observed in: woocommerce/woocommerce-gateway-stripe, which reads the import sets of another kind of file.
"""

from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Table
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree

NOUN = "import set"
PENDING = "pending"


@record
class ImportSet:
    """An import as stored: the numbers are of records, and say how many had which fate."""

    id: str
    created: int
    filename: str
    source: Literal["s3", "dashboard"]
    status: Literal["pending", "failed", "succeeded", "succeeded_with_errors"] = "pending"
    failed_reason: str | None = None
    records: int = 0
    """How many records the file has; 0 if it failed."""
    counted: int = 0
    errors: int = 0
    """How many were refused for their form: they are in the error file."""
    error_file: str | None = None
    dropped: int = 0
    """How many had a good form, and were dropped for what they say: error reports tell of them."""
    duplicates: int = 0
    """How many had an identifier that was taken."""
    ignored: Sequence[str] = ()
    """Columns or members of the file that mean nothing."""


@dataclass(eq=False)
class ImportSets(Part, name="data_management.import_sets"):
    """All imports of an account."""

    table: Table[ImportSet] = field(default_factory=Table)


@observed("the id's prefix, the statuses, `failed_reason`, and the members of `result`")
@inferred("that an import of usage has the same, and has no file of its own; what a failed one has in `result`")
def render(_account: Account, found: ImportSet) -> Tree:
    """Return an import set as Stripe shows it."""
    return {
        "id": found.id,
        "object": "data_management.import_set",
        "created": found.created,
        "failed_reason": found.failed_reason,
        "file": None,
        "livemode": False,
        "result": None if found.status in (PENDING, "failed") else _result(found),
        "status": found.status,
    }


def _result(found: ImportSet) -> Tree:
    successes = found.counted + found.dropped
    return {
        "errors": {"file": found.error_file, "row_count": found.errors},
        "objects_created": successes,
        "rows_processed": found.records,
        "skipped_by_filter": {"row_count": 0},
        "skipped_duplicates": {"row_count": found.duplicates},
        "successes": {"row_count": successes},
    }
