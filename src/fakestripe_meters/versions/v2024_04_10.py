"""2024-04-10, which renamed the features of a product."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import renamed

NAMES = {"features": "marketing_features"}


@documented("the SDKs' types: 8.11.0 of stripe-python, for 2023-10-16, has the older name, 9.0.0 the newer")
class RenameProductFeatures(VersionChange):
    """A product has `marketing_features`; before, they were called `features`."""

    since = "2024-04-10"
    routes = frozenset({"POST /v1/products", "POST /v1/products/<product_id>"})
    objects = frozenset({"product"})

    def upgrade(self, tree: Tree) -> Tree:
        """Exchange the older name and the newer."""
        return renamed(tree, NAMES)

    def spelling(self, path: str) -> str:
        """Exchange the names in a path."""
        name, bracket, rest = path.partition("[")
        return f"{next(iter(renamed({name: None}, NAMES)))}{bracket}{rest}"

    def downgrade(self, tree: Tree) -> Tree:
        """Give the features their older name, in its place among the others."""
        if "deleted" in tree:
            return tree
        older = renamed(tree, NAMES)
        first = {name: older.pop(name) for name in ("id", "object")}
        return first | dict(sorted(older.items()))
