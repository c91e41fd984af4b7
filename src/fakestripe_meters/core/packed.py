"""What is kept for long and seldom read, in a few bytes that the garbage collector need not look into."""

import marshal
from collections.abc import Mapping
from typing import Any


def pack(tree: object) -> object:
    """Return a tree as bytes; or itself, if it has what cannot be written, such as a Decimal."""
    try:
        return marshal.dumps(tree)  # type: ignore[arg-type]  # it says itself what it cannot write
    except ValueError:
        return tree


def unpack(packed: object) -> Any:  # noqa: ANN401  any tree
    """Return the tree that was packed, which is not bytes. It must not be changed, and may be the very same."""
    # The bytes are this process's own: none that came from outside are read.
    return marshal.loads(packed) if isinstance(packed, bytes) else packed  # noqa: S302  as just said


class Packed:
    """A JSON object as it was when it was packed; `id` and `object` are its members of those names, else None.

    From then on the object that was packed is not changed, and neither is what comes out.
    """

    __slots__ = ("_kept", "id", "object")

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._kept = pack(tree)
        self.id: Any = tree.get("id")
        self.object: Any = tree.get("object")

    def tree(self) -> dict[str, Any]:
        """Return the object."""
        tree: dict[str, Any] = unpack(self._kept)
        return tree
