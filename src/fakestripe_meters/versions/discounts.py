"""What older versions said differently of coupons, promotion codes and discounts."""

from typing import ClassVar

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.change import Known
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown

BASIL = "2025-03-31"
CLOVER = "2025-09-30"
PREVIEWS = frozenset(
    {"POST /v1/invoices/create_preview", "GET /v1/invoices/upcoming", "GET /v1/invoices/upcoming/lines"}
)
FORMER = ("coupon", "promotion_code")


@documented("Stripe's changelog of 2025-09-30.clover")
@observed("recordings of 2020 to 2025 (pay-rails/pay)")
class MoveCouponsToSources(VersionChange):
    """A discount has the id of its coupon in `source`; before, it held the coupon in full."""

    since = CLOVER
    objects = frozenset({"discount"})

    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:
        """Put the coupon in the place of `source`; a coupon that is shown in full stays so."""
        return _with_coupon(tree, "source", known)


@documented("Stripe's changelog of 2025-09-30.clover")
class MoveCouponsToPromotions(VersionChange):
    """A promotion code has the id of its coupon in `promotion`; before, it held the coupon in full."""

    since = CLOVER
    objects = frozenset({"promotion_code"})

    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:
        """Put the coupon in the place of `promotion`."""
        return _with_coupon(tree, "promotion", known)


@documented("Stripe's changelog of 2025-09-30.clover")
@inferred("a request without a version may name the coupon in either way")
class NamePromotions(VersionChange):
    """A new promotion code names its coupon in `promotion`; before, it named the coupon by itself."""

    since = CLOVER
    routes = frozenset({"POST /v1/promotion_codes"})

    def written_before(self, tree: Tree) -> bool:
        """Return whether the request names its coupon by itself."""
        return "coupon" in tree

    def upgrade(self, tree: Tree) -> Tree:
        """Move the coupon into `promotion`, which was not known yet."""
        upgraded = hidden({name: value for name, value in tree.items() if name != "coupon"}, frozenset({"promotion"}))
        if "coupon" in tree:
            upgraded["promotion"] = {"type": "coupon", "coupon": tree["coupon"]}
        return upgraded

    def spelling(self, path: str) -> str:
        """Return the older name of the coupon."""
        return "coupon" if path.startswith("promotion") else shown(path)


@documented("Stripe's changelog of 2025-03-31.basil; the field is null if there are several discounts")
@observed("a subscription and its invoice of 2020-08-27 with one discount (pay-rails/pay)")
class RemoveDiscount(VersionChange):
    """Subscriptions and invoices have `discounts` only; before, they held the only one in full, as `discount`."""

    since = BASIL
    objects = frozenset({"invoice", "subscription"})

    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:
        """Put the only discount in."""
        found = tree.get("discounts") or []
        if "discount" not in tree or len(found) != 1:
            return tree
        if isinstance(found[0], dict):
            return tree | {"discount": found[0]}
        coupon, only = known(found[0])
        return tree | {"discount": only and only | {"coupon": coupon}}


class ReplaceCoupons(VersionChange):
    """Requests name `discounts`; before, they could name a `coupon` or a `promotion_code`."""

    names: ClassVar[tuple[str, ...]] = FORMER

    def written_before(self, tree: Tree) -> bool:
        """Return whether the request names a coupon or a promotion code by itself."""
        return any(name in tree for name in self.names)

    def upgrade(self, tree: Tree) -> Tree:
        """Move them into `discounts`."""
        given = {name: tree[name] for name in self.names if name in tree}
        if not given:
            return tree
        named = [name for name, value in given.items() if value not in ("", None)]
        clashing = named + (["discounts"] if "discounts" in tree else [])
        if len(clashing) > 1:
            raise errors.params.exclusive_params([f"discounts[0][{name}]" for name in named])
        kept = {name: value for name, value in tree.items() if name not in given}
        return kept | {"discounts": [{named[0]: given[named[0]]}] if named else ""}

    def spelled(self, path: str, sent: Tree) -> str:
        """Return the older names, those that the request has."""
        for name in self.names:
            if name in sent and path == f"discounts[0][{name}]":
                return name
        return path


@documented("Stripe's changelog of 2025-03-31.basil")
@observed("recordings of 2020-08-27 create subscriptions with a `coupon` (pay-rails/pay)")
@inferred("a request without a version may name them, too")
class ReplaceCouponsOfSubscriptions(ReplaceCoupons):
    """Subscriptions take `discounts`; before, they could also take a `coupon` or a `promotion_code`."""

    since = BASIL
    routes = frozenset({"POST /v1/subscriptions", "POST /v1/subscriptions/<subscription_id>"})


@documented("Stripe's changelog of 2025-03-31.basil")
@inferred("a request without a version may name it, too")
class ReplaceCouponsOfPreviews(ReplaceCoupons):
    """Previews take `discounts`; before, they could also take a `coupon`."""

    since = BASIL
    routes = PREVIEWS
    names = ("coupon",)


def _with_coupon(tree: Tree, name: str, known: Known) -> Tree:
    if name not in tree:
        return tree
    coupon = tree[name]["coupon"]
    if isinstance(coupon, str):
        coupon = known(tree["id"])[0] or coupon
    rest = {key: value for key, value in tree.items() if key != name} | {"coupon": coupon}
    return {"id": tree["id"], "object": tree["object"]} | dict(sorted(rest.items()))
