"""Trees, which forms and JSON bodies are read into, and how to print them as Stripe prints its answers."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any
from typing import TypeAlias

Json: TypeAlias = bool | int | float | Decimal | str | Sequence["Json"] | Mapping[str, "Json"] | None
"""Any JSON value. Before changing an array or an object, make sure that it is a list or a dict."""
Tree: TypeAlias = dict[str, Json]
"""A JSON object: the parameters of a request, or an answer."""


def pretty(tree: Json) -> bytes:
    """Return a tree as Stripe prints JSON: indented by two spaces, keys in the given order, a newline at the end.

    A `Decimal` becomes the shortest JSON number of exactly that value, which `json.dumps` cannot do. A float is for
    what Stripe shows with a decimal point even if it is whole: `10.0`.
    """
    return f"{_text(tree, NEWLINE)}\n".encode("utf-8", "replace")


def list_within(data: Sequence[Json], url: str, *, count: int | None = None) -> Tree:
    """Return a list within an object: the first of its `count` elements; by default, `data` has all of them."""
    total = len(data) if count is None else count
    return {"object": "list", "data": data, "has_more": total > len(data), "total_count": total, "url": url}


def number(value: Decimal) -> str:
    """Return a number in its shortest plain notation: `3`, `0.3`, `-12.5`."""
    text = str(value)
    if "E" in text:
        text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


NEWLINE = "\n"
SCALARS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: repr,
    float: repr,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
    Decimal: number,
}


def _text(tree: Any, margin: str) -> str:  # noqa: ANN401  all but scalars and objects are arrays
    scalar = SCALARS.get(type(tree))
    if scalar is not None:
        return scalar(tree)
    inner = margin + "  "
    if isinstance(tree, dict):
        members = [
            scalar(value) if (scalar := SCALARS.get(type(value))) else _text(value, inner) for value in tree.values()
        ]
        return _frame(tuple(tree), margin) % tuple(members)
    return f"[{inner}{f',{inner}'.join([_text(each, inner) for each in tree])}{margin}]" if tree else "[]"


@lru_cache(maxsize=1024)
def _frame(names: tuple[str, ...], margin: str) -> str:
    """Return the template of a hash, with `%s` for each value. Cached, because many hashes have the same names."""
    if not names:
        return "{}"
    inner = margin + "  "
    members = [f"{inner}{encode_basestring(name)}: ".replace("%", "%%") + "%s" for name in names]
    return f"{{{','.join(members)}{margin}}}"
