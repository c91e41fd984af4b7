"""2025-03-31.basil, what it changed in requests: prices of invoice items, and the end of upcoming invoices."""

import re

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown

BASIL = "2025-03-31"
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
NEW = frozenset({"pricing", "quantity_decimal"})


@documented("the SDKs' types: 11.6.1 of stripe-python has the older names, 12.0.0 the newer")
class MoveInvoiceItemPriceToPricing(VersionChange):
    """An invoice item takes its price as `pricing[price]`; before, as `price`, or an integer as `unit_amount`."""

    since = BASIL
    routes = frozenset({"POST /v1/invoiceitems", "POST /v1/invoiceitems/<item_id>"})

    def upgrade(self, tree: Tree) -> Tree:
        """Move a price into `pricing`, and an integer to the decimal; what was not known yet stays unknown."""
        older = {name: tree[name] for name in ("price", "unit_amount") if name in tree}
        upgraded = hidden({name: value for name, value in tree.items() if name not in older}, NEW)
        if "price" in older:
            upgraded["pricing"] = {"price": older["price"]}
        if "unit_amount" in older:
            upgraded["unit_amount_decimal"] = _integer(older["unit_amount"])
        return upgraded

    def spelled(self, path: str, sent: Tree) -> str:
        """Return the older names, those that the request has."""
        if path in ("pricing", "pricing[price]"):
            return "price"
        if path == "unit_amount_decimal" and "unit_amount" in sent:
            return "unit_amount"
        return shown(path)


@documented('Stripe\'s changelog of 2025-03-31.basil: "create_preview" is left')
class RemoveUpcomingInvoices(VersionChange):
    """`/v1/invoices/upcoming` is gone; what it returned was an invoice without an id."""

    since = BASIL
    objects = frozenset({"invoice"})

    def downgrade(self, tree: Tree) -> Tree:
        """Leave out an id that is null."""
        return tree if tree["id"] is not None else {name: value for name, value in tree.items() if name != "id"}


@inferred("the sentence is that of other integers")
def _integer(value: object) -> object:
    """Return an integer as it was sent; anything else that is text raises StripeError 400."""
    if isinstance(value, str) and value and not INTEGER.fullmatch(value):
        raise errors.params.invalid_integer("unit_amount_decimal", value)
    return value
