"""JSON for people: indented, cut where it gets too long, and what it names linked."""

import json
from typing import Any

from fakestripe_meters.core import printing
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import pretty as print_as_stripe

MOST = 100_000
"""How many characters of a document are shown."""
PAGES = {"cus_": "customers/", "in_": "invoices/"}
"""How the ids begin of objects that have a page, and where it is."""


def pretty(tree: Any) -> str:  # noqa: ANN401  any JSON
    """Return JSON with a line for each member; a text as it is."""
    return cut(tree if isinstance(tree, str) else json.dumps(tree, indent=2, ensure_ascii=False, default=str))


def shown(tree: Tree) -> str:
    """Return an object as the API shows it in its newest version, with keys masked."""
    return cut(printing.masked(print_as_stripe(tree).decode()))


def cut(text: str) -> str:
    """Return a text, without what is too much for a page."""
    return text if len(text) <= MOST else f"{text[:MOST]}\n… ({len(text) - MOST:,} more characters)"


def text_at(tree: Any, *names: str) -> str:  # noqa: ANN401  any JSON
    """Return the text that is found below these names; an empty one if there is none."""
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree if isinstance(tree, str) else ""


def place_of(identifier: str) -> str:
    """Return the path of an object's page; an empty one if it has none."""
    return next((f"{path}{identifier}" for prefix, path in PAGES.items() if identifier.startswith(prefix)), "")
