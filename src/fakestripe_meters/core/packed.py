"""JSON objects that are kept for long and seldom read, in a few bytes that the garbage collector need not look into."""

import marshal
from collections.abc import Mapping
from typing import Any


class Packed:
    """A JSON object as it was when it was packed; `id` and `object` are its members of those names, else None.

    From then on the object that was packed is not changed, and neither is what comes out.
    """

    __slots__ = ("_kept", "id", "object")

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._kept: Any = tree
        self.id: Any = tree.get("id")
        self.object: Any = tree.get("object")
        try:
            self._kept = marshal.dumps(tree)  # type: ignore[arg-type]  # it says itself what it cannot write
        except ValueError:  # as the few objects that have a Decimal: they stay as they are
            return

    def tree(self) -> dict[str, Any]:
        """Return the object."""
        kept = self._kept  # bytes are this process's own: none that came from outside are read
        tree: dict[str, Any] = marshal.loads(kept) if isinstance(kept, bytes) else kept  # noqa: S302  as just said
        return tree
