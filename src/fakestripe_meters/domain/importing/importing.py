"""The steps of an import, each for a moment at which its account is locked.

Documented in: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-in-bulk.
"""

from collections.abc import Iterable

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.intake import Intake
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.usage_files import Source
from fakestripe_meters.domain.events.snapshots import publish
from fakestripe_meters.domain.importing.reading import Reading
from fakestripe_meters.domain.metering.streaming import Sent
from fakestripe_meters.domain.metering.streaming import judge_all
from fakestripe_meters.domain.records import import_sets
from fakestripe_meters.domain.records.files import Files
from fakestripe_meters.domain.records.files import StoredFile
from fakestripe_meters.domain.records.import_sets import ImportSet
from fakestripe_meters.domain.records.import_sets import ImportSets

# inferred: the purpose of an error file: of those that Stripe declares, the one of reports that it makes.
PURPOSE = "finance_report_run"


def begin(account: Account, filename: str, source: Source) -> ImportSet:
    """Note that a file is being imported."""
    found = ImportSet(account.ids.new("impset_", 24), account.now, filename, source)
    account.part(ImportSets).table.add(found)
    return found


@documented("what an event says is checked as that of an event which the API takes without validation")
def count(account: Account, found: ImportSet, size: int, sent: Iterable[Sent]) -> None:
    """Count a piece of so many events, or drop them."""
    intake = account.part(Intake)
    before = len(intake.dropped)
    duplicates = judge_all(account, sent)
    dropped = len(intake.dropped) - before
    found.dropped += dropped
    found.duplicates += duplicates
    found.counted += size - dropped - duplicates


@documented("the event, and that a reason is in it")
def fail(account: Account, found: ImportSet, reason: str) -> None:
    """End an import of which nothing counts."""
    found.status, found.failed_reason = "failed", reason
    publish(account, "data_management.import_set.failed", import_sets.render(account, found))


@documented("the event, its status, and that the refused records are in a file")
@inferred("records that were dropped for what they say do not make it `succeeded_with_errors`")
def succeed(account: Account, found: ImportSet, reading: Reading) -> None:
    """End an import, with an error file if records were refused."""
    found.status = "succeeded"
    found.records, found.errors = reading.records, reading.refused.count
    found.ignored = tuple(reading.ignored)
    if found.errors:
        found.status = "succeeded_with_errors"
        found.error_file = _error_file(account, found, reading.refused.text())
    publish(account, "data_management.import_set.succeeded", import_sets.render(account, found))


def _error_file(account: Account, found: ImportSet, content: str) -> str:
    name = f"{found.id}_errors.csv"
    file = StoredFile(account.ids.new("file_", 24), account.now, name, PURPOSE, "csv", content)
    account.part(Files).table.add(file)
    return file.id
