"""The base class of changes between versions, and the helpers that changes are made of."""

from collections.abc import Callable
from typing import Any
from typing import ClassVar
from typing import Protocol

Tree = dict[str, Any]
OUT_OF_THE_WAY = "\0"
"""A prefix that hides a parameter which a version does not have: no schema knows such a name."""


class Known(Protocol):
    """What a change can look up: what objects of older versions held in full."""

    def __call__(self, identifier: str, /) -> tuple[Tree | None, Tree | None]:
        """Return a price as a plan (None if one-time) and as a price; or None and the tax rate with the id.

        Of a discount and of a promotion code, return the coupon and itself.
        """

    def former(self, name: str, identifier: str) -> Tree:
        """Return fields that an object (its `object`, its id) had in older versions, as the newest would show them."""


class VersionChange:
    """One difference between two versions: upgrades requests, and downgrades objects and names of parameters.

    The docstring of a subclass is its changelog entry.
    """

    since: ClassVar[str] = ""
    """The date of the first version with the newer behaviour."""
    since_preview: ClassVar[str] = ""
    """The date of the first preview with it, if that is another."""
    after: ClassVar[str] = ""
    """The date of the first version with the older behaviour; empty if all before have it."""
    route: ClassVar[str] = ""
    """The endpoint whose requests changed, as `GET /v1/…`."""
    routes: ClassVar[frozenset[str]] = frozenset()
    """The endpoints whose requests changed, if they are several."""
    objects: ClassVar[frozenset[str]] = frozenset()
    """The `object` strings whose shape changed."""

    def begins(self, *, preview: bool) -> str:
        """Return the date of the first version, or preview, with the newer behaviour."""
        return (preview and self.since_preview) or self.since

    def written_before(self, tree: Tree) -> bool:  # noqa: ARG002  most changes cannot tell
        """Return whether the parameters show that a request, which names no preview version, predates this change."""
        return False

    def upgrade(self, tree: Tree) -> Tree:
        """Return the request as it is written since this change; the given tree is not modified."""
        return tree

    def spelling(self, path: str) -> str:
        """Return what the parameter at `path` was called before this change."""
        return path

    def spelled(self, path: str, sent: Tree) -> str:  # noqa: ARG002  for most changes the path is enough
        """Return what a request, given as it was sent, calls the parameter at `path`."""
        return self.spelling(path)

    def downgrade(self, tree: Tree) -> Tree:
        """Return the object as it was before this change."""
        return tree

    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:  # noqa: ARG002  most changes look nothing up
        """Return the object as it was before this change, with what it held in full."""
        return self.downgrade(tree)


class Hidden(VersionChange):
    """Parameters are new: before, they were unknown. Subclasses say which, and where they are."""

    names: ClassVar[frozenset[str]] = frozenset()
    within: ClassVar[tuple[str, ...]] = ()
    """What leads to them, from the outside in: a hash by its name, and an array of hashes as `phases[]`."""

    def upgrade(self, tree: Tree) -> Tree:
        """Hide the parameters, so that they are refused as unknown."""
        return _inside(tree, self.within, lambda each: hidden(each, self.names))

    def spelling(self, path: str) -> str:
        """Return the own name of a parameter that is hidden, for the error."""
        return shown(path)


class Unknown:
    """Knows of nothing."""

    def __call__(self, _identifier: str, /) -> tuple[None, None]:
        """Return that there is no such object."""
        return None, None

    def former(self, _name: str, _identifier: str) -> Tree:
        """Return no fields."""
        return {}


unknown = Unknown()


def hidden(tree: Tree, names: frozenset[str]) -> Tree:
    """Return `tree` with these parameters hidden, so that the schema refuses them as unknown."""
    return {OUT_OF_THE_WAY + name if name in names else name: value for name, value in tree.items()}


def shown(path: str) -> str:
    """Return a path with the hidden parameter's own name."""
    return path.replace(OUT_OF_THE_WAY, "")


def renamed(tree: Tree, names: dict[str, str]) -> Tree:
    """Return `tree` with keys exchanged both ways, so that a name which was not yet in use becomes an unknown one."""
    swap = names | {new: old for old, new in names.items()}
    return {swap.get(name, name): value for name, value in tree.items()}


def each_of(tree: Tree, name: str, change: Callable[[Tree], Tree]) -> Tree:
    """Return `tree` with `change` applied to each hash of the array at `name`, sent as a list or by index."""
    array = tree.get(name)
    if isinstance(array, dict):
        return tree | {name: {index: _changed(each, change) for index, each in array.items()}}
    if isinstance(array, list):
        return tree | {name: [_changed(each, change) for each in array]}
    return tree


def elements(tree: Tree, name: str) -> list[Tree]:
    """Return the hashes in the array at `name`, sent as a list or by index."""
    array = tree.get(name)
    values = array.values() if isinstance(array, dict) else array if isinstance(array, list) else []
    return [each for each in values if isinstance(each, dict)]


def _changed(each: object, change: Callable[[Tree], Tree]) -> object:
    return change(each) if isinstance(each, dict) else each


def _inside(tree: Tree, path: tuple[str, ...], change: Callable[[Tree], Tree]) -> Tree:
    """Return `tree` with `change` applied to the hashes that a path leads to."""
    if not path:
        return change(tree)
    name, rest = path[0], path[1:]
    if name.endswith("[]"):
        return each_of(tree, name.removesuffix("[]"), lambda each: _inside(each, rest, change))
    held: Any = tree.get(name)
    return tree | {name: _inside(held, rest, change)} if isinstance(held, dict) else tree
