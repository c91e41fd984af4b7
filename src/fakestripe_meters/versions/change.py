"""What one version changed, and the small moves such changes are made of."""

from collections.abc import Callable
from typing import Any
from typing import ClassVar

Tree = dict[str, Any]
OUT_OF_THE_WAY = "\0"
"""A parameter that a version has not got is put out of the way under a name that no schema knows."""


class VersionChange:
    """One difference: lifts a request a step newer, lowers an object or a parameter's name a step older.

    The docstring of a subclass is its changelog entry.
    """

    since: ClassVar[str] = ""
    """The date of the first version with the newer behaviour."""
    route: ClassVar[str] = ""
    """The endpoint whose requests changed, as `GET /v1/…`."""
    objects: ClassVar[frozenset[str]] = frozenset()
    """The `object` strings whose shape changed."""

    def written_before(self, tree: Tree) -> bool:  # noqa: ARG002  most changes cannot tell
        """Whether a request that names no preview version gives itself away as written before this change."""
        return False

    def upgrade(self, tree: Tree) -> Tree:
        """The request as it reads after this change; the given tree is left as it is."""
        return tree

    def spelling(self, path: str) -> str:
        """What the parameter at `path` was called before this change."""
        return path

    def downgrade(self, tree: Tree) -> Tree:
        """The object as it was before this change."""
        return tree


def hidden(tree: Tree, names: frozenset[str]) -> Tree:
    """`tree` with parameters of those names put where the schema will not know them."""
    return {OUT_OF_THE_WAY + name if name in names else name: value for name, value in tree.items()}


def shown(path: str) -> str:
    """The name a hidden parameter had."""
    return path.replace(OUT_OF_THE_WAY, "")


def renamed(tree: Tree, names: dict[str, str]) -> Tree:
    """`tree` with keys exchanged both ways, so that a name which was not yet in use becomes an unknown one."""
    swap = names | {new: old for old, new in names.items()}
    return {swap.get(name, name): value for name, value in tree.items()}


def each_of(tree: Tree, name: str, change: Callable[[Tree], Tree]) -> Tree:
    """`tree` with `change` applied to each hash of the array of hashes at `name`, however it is indexed."""
    array = tree.get(name)
    if isinstance(array, dict):
        return tree | {name: {index: _changed(each, change) for index, each in array.items()}}
    if isinstance(array, list):
        return tree | {name: [_changed(each, change) for each in array]}
    return tree


def elements(tree: Tree, name: str) -> list[Tree]:
    """The hashes in the array at `name`, however it is indexed."""
    array = tree.get(name)
    values = array.values() if isinstance(array, dict) else array if isinstance(array, list) else []
    return [each for each in values if isinstance(each, dict)]


def _changed(each: object, change: Callable[[Tree], Tree]) -> object:
    return change(each) if isinstance(each, dict) else each
