"""What a page is given, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

Form = Mapping[str, str]
"""The fields of a form, or of the query: the last value of each."""


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
