"""Files: https://docs.stripe.com/api/files.

There are only those that an import has made, of the records that it could not read.
"""

from typing import Literal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records import files
from fakestripe_meters.domain.records.files import NOUN
from fakestripe_meters.domain.records.files import Files
from fakestripe_meters.domain.records.files import StoredFile
from fakestripe_meters.domain.records.files import find
from fakestripe_meters.framework.endpoint import Download
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import Range
from fakestripe_meters.framework.listing import page
from fakestripe_meters.framework.listing import within
from fakestripe_meters.wire.schema import any_integer
from fakestripe_meters.wire.schema import param

PATH = "/v1/files"
Purpose = Literal[
    "account_requirement",
    "additional_verification",
    "business_icon",
    "business_logo",
    "customer_signature",
    "dispute_evidence",
    "document_provider_identity_document",
    "finance_report_run",
    "financial_account_statement",
    "identity_document",
    "identity_document_downloadable",
    "issuing_regulatory_reporting",
    "pci_document",
    "platform_terms_of_service",
    "selfie",
    "sigma_scheduled_query",
    "tax_document_user_upload",
    "terminal_android_apk",
    "terminal_reader_splashscreen",
    "terminal_wifi_certificate",
    "terminal_wifi_private_key",
]


class ListFiles(ListParams):
    """Which files to list."""

    created: int | Range | None = any_integer(default=None)
    purpose: Purpose | None = param(default=None, doc="The files of imports have `finance_report_run`.")


resource = Resource(
    "file",
    PATH,
    render=files.render,
    by_id=lambda account, file: account.part(Files).table.get(file),
    limit="files",
)


@resource.get()
def list_(account: Account, params: ListFiles) -> Listing:
    """List files, newest first."""

    def wanted(file: StoredFile) -> bool:
        return params.purpose in (None, file.purpose) and within(params.created, file.created)

    return page(account.part(Files).table, params, url=PATH, noun=NOUN, where=wanted)


@resource.get("/<file>")
def retrieve(account: Account, params: Operation, file: str) -> StoredFile:
    """Return a file, with the address of its contents."""
    return find(account, file)


@resource.get("/<file>/contents")
@documented("the contents are at the `url` of a file, for the key of its account, https://docs.stripe.com/file-upload")
@inferred("the headers; api.stripe.com has the contents as well")
def contents(account: Account, params: Operation, file: str) -> Download:
    """Return what is in a file."""
    found = find(account, file)
    return Download(found.data, "text/csv; charset=utf-8", found.filename)
