"""The base class of fields that releases added."""

from typing import ClassVar

from fakestripe_meters.core.sources import inferred
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange


class Addition(VersionChange):
    """Some fields that a release added. Before it, neither the objects nor an event's former values have them."""

    fields: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """The path of each field."""

    @inferred("a field is added to the versions from its release on, as the recordings of those days have it")
    def downgrade(self, tree: Tree) -> Tree:
        """Remove the fields."""
        for path in self.fields:
            tree = _without(tree, path)
        return tree


def _without(tree: Tree, path: tuple[str, ...]) -> Tree:
    """Return a copy of a hash without the field at a path, or the hash itself if it is not there."""
    name, *rest = path
    if name not in tree:
        return tree
    if not rest:
        return {key: value for key, value in tree.items() if key != name}
    below = tree[name]
    if isinstance(below, list):
        return tree | {name: [_without(each, tuple(rest)) for each in below]}
    return tree | {name: _without(below, tuple(rest))} if isinstance(below, dict) else tree
