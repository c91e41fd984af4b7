"""What forms and JSON bodies turn into, and how a tree is printed as Stripe prints its answers."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any
from typing import TypeAlias

Tree: TypeAlias = Any
"""None, bool, int, Decimal, str, or a list or dict (with string keys) of trees."""

WORDS = {None: "null", True: "true", False: "false"}


def pretty(tree: Tree) -> bytes:
    """The JSON of a tree as Stripe prints it: two spaces, keys in the given order, a newline at the end.

    A `Decimal` becomes the shortest JSON number that is exactly it, which `json.dumps` cannot do.
    """
    pieces: list[str] = []
    _write(tree, "\n", pieces.append)
    pieces.append("\n")
    return "".join(pieces).encode("utf-8", "replace")


def number(value: Decimal) -> str:
    """The shortest plain decimal notation: `3`, `0.3`, `-12.5`."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _write(tree: Tree, margin: str, emit: Any) -> None:  # noqa: ANN401  the fastest callable there is: list.append
    if isinstance(tree, str):
        emit(encode_basestring(tree))
    elif tree is None or tree is True or tree is False:
        emit(WORDS[tree])
    elif isinstance(tree, int):
        emit(int.__repr__(tree))
    elif isinstance(tree, Decimal):
        emit(number(tree))
    elif isinstance(tree, Mapping):
        _write_hash(tree, margin, emit)
    else:
        _write_array(tree, margin, emit)


def _write_hash(tree: Mapping[str, Tree], margin: str, emit: Any) -> None:  # noqa: ANN401  as above
    if not tree:
        emit("{}")
        return
    inner = margin + "  "
    lead = "{" + inner
    for key, value in tree.items():
        if type(value) is str:  # as most are
            emit(f"{lead}{encode_basestring(key)}: {encode_basestring(value)}")
        else:
            emit(f"{lead}{encode_basestring(key)}: ")
            _write(value, inner, emit)
        lead = "," + inner
    emit(margin + "}")


def _write_array(tree: Sequence[Tree], margin: str, emit: Any) -> None:  # noqa: ANN401  as above
    if not tree:
        emit("[]")
        return
    inner = margin + "  "
    lead = "[" + inner
    for value in tree:
        emit(lead)
        _write(value, inner, emit)
        lead = "," + inner
    emit(margin + "]")
