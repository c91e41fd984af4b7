"""The file with the records of an import that were refused, each with its reason."""

from fakestripe_meters.control import Control
from fakestripe_meters.core.printing import masked
from fakestripe_meters.domain.records.files import Files
from fakestripe_meters.domain.records.import_sets import ImportSets
from fakestripe_meters.pages.answers import Answer
from fakestripe_meters.pages.answers import Document
from fakestripe_meters.pages.answers import Form
from fakestripe_meters.pages.answers import NotThere

TEXT = "text/plain; charset=utf-8"
"""What a browser shows. It offers other kinds of text to be saved, without a look at them."""


def show(control: Control, identifier: str, query: Form) -> Answer:
    """Return the error file of an import."""
    with control.reading(query.get("account", "")) as account:
        imports, files = (account and account.peek(ImportSets)), (account and account.peek(Files))
        found = imports.table.get(identifier) if imports else None
        file = files.table.get(found.error_file) if files and found and found.error_file else None
        if file is None:
            raise NotThere("There is no import of that id that has refused records.")
        return Document(masked(file.data.decode()).encode(), TEXT, file.filename)
