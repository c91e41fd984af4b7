"""What credit notes were in versions before 2025-05-28.basil, and before 2025-03-31.basil."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.versions.change import OUT_OF_THE_WAY
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown
from fakestripe_meters.versions.older_taxes import inclusive
from fakestripe_meters.versions.older_taxes import tax_amounts

ROUTES = frozenset({"POST /v1/credit_notes", "GET /v1/credit_notes/preview", "GET /v1/credit_notes/preview/lines"})
LINKED = "refunds[0][refund]"
HIDDEN = f"{OUT_OF_THE_WAY}refunds"


@documented('the SDKs\' changelogs: "Add support for new value `mixed` on enum `CreditNote.type`"')
@inferred("one that was issued while the invoice was open was a `pre_payment` before, as its description says")
class MixCreditNotes(VersionChange):
    """A credit note can be `mixed`: one part lowers what an invoice asks for, and the other part is given back."""

    since = "2025-05-28"
    objects = frozenset({"credit_note"})

    def downgrade(self, tree: Tree) -> Tree:
        """Return the type that it had before."""
        return tree | {"type": "pre_payment"} if tree.get("type") == "mixed" else tree


@documented("the SDKs' types: 11.6.1 of stripe-python has the older names, 12.0.0 the newer")
@inferred("the first of several refunds, and that the newer fields are there, too, as on invoices of those versions")
class LinkSeveralRefunds(VersionChange):
    """A credit note has `refunds` and `total_taxes`; before, it had a `refund` and `tax_amounts`."""

    since = "2025-03-31"
    routes = ROUTES
    objects = frozenset({"credit_note", "credit_note_line_item"})

    def upgrade(self, tree: Tree) -> Tree:
        """Link the one refund."""
        upgraded = hidden({name: value for name, value in tree.items() if name != "refund"}, frozenset({"refunds"}))
        return upgraded | ({"refunds": [{"refund": tree["refund"]}]} if "refund" in tree else {})

    def spelling(self, path: str) -> str:
        """Return the older name."""
        return "refund" if path == LINKED else shown(path) if path.startswith(HIDDEN) else path

    def downgrade(self, tree: Tree) -> Tree:
        """Give back the older fields."""
        if tree["object"] == "credit_note":
            first = next((each["refund"] for each in tree["refunds"]), None)
            older: Tree = {"refund": first, "tax_amounts": tax_amounts(tree["total_taxes"])}
        else:
            before_tax = tree["amount"] - inclusive(tree["taxes"])
            older = {
                "amount_excluding_tax": before_tax,
                "tax_amounts": tax_amounts(tree["taxes"]),
                "unit_amount_excluding_tax": _per_unit(tree, before_tax),
            }
        return {"id": tree["id"], "object": tree["object"]} | dict(sorted((tree | older).items()))


def _per_unit(tree: Tree, before_tax: int) -> str | None:
    """Return what a unit costs without inclusive taxes; None if the line has no price of a unit."""
    if tree["unit_amount_decimal"] is None or before_tax == tree["amount"]:
        exact: str | None = tree["unit_amount_decimal"]
        return exact
    return str(round(before_tax / tree["quantity"], 12)).removesuffix(".0")
