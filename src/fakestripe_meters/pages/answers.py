"""What a page is given, and what it answers."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core.late import dataclass

Form = Mapping[str, str]
"""The fields of a form, or of the query: the last value of each."""


class File(NamedTuple):
    """A file that was sent in a field of a form."""

    field: str
    name: str
    content: bytes


class Fields(dict[str, str]):
    """A `Form` as it was sent: it knows all values of a field, its files, and the address that it was sent to."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = (), at: str = "", files: Sequence[File] = ()) -> None:
        self.pairs = tuple(pairs)
        self.files = files
        self.at = at
        """The path and the query of the request."""
        super().__init__(self.pairs)


def every(form: Form, name: str) -> list[str]:
    """Return all values of a field, in their order: of boxes with the same name, those that are checked."""
    if isinstance(form, Fields):
        return [value for each, value in form.pairs if each == name]
    return [form[name]] if name in form else []


def files(form: Form, field: str) -> list[File]:
    """Return the files that were chosen in a field."""
    every = form.files if isinstance(form, Fields) else ()
    return [each for each in every if each.field == field and each.name]


@dataclass(frozen=True, slots=True)
class View:
    """A page to be shown: a template, and the facts in it."""

    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    leads_to: str | None = None
    """An address of another site to which a form of the page leads in the end, such as a `success_url`."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """The browser goes on to another address, with GET."""

    to: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be opened or saved."""

    body: bytes
    mimetype: str
    name: str


class NotThere(Exception):  # noqa: N818  it names what is the case, and is no failure
    """There is no such page: the message says what is missing."""


Answer = View | Redirect | Document
