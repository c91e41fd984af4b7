"""What discounts, billing credits and taxes come to on the lines of an invoice: how it is stored and shown.

Observed in: pay-rails/pay.
"""

from collections.abc import Iterable
from collections.abc import Sequence

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.undo import record
from fakestripe_meters.wire.tree import Tree


@record
class LineCredit:
    """Billing credits of a grant that pay for a line; `transaction` is None while the invoice is a draft."""

    amount: int
    grant: str
    transaction: str | None = None


@record
class LineDiscount:
    """What one discount takes off a line, in the currency's smallest unit."""

    amount: int
    discount: str


@record
class LineTax:
    """The tax of one rate on a line: on `taxable`, which does not contain it. The line does, if it is `inclusive`."""

    amount: int
    rate: str
    taxable: int
    inclusive: bool


@observed("discounts come first, in the order of `discount_amounts`")
def render_pretax(discounts: Iterable[LineDiscount], credits: Iterable[LineCredit]) -> list[Tree]:
    """Return what is taken off a line before taxes."""
    return [
        *(render_discount(each.amount, each.discount) for each in discounts),
        *(render_credit(credit.amount, credit.transaction) for credit in credits),
    ]


def render_discount(amount: int, discount: str) -> Tree:
    """Return what a discount takes off a line or an invoice, among what is taken off before taxes."""
    return {"amount": amount, "discount": discount, "type": "discount"}


def render_credit(amount: int, transaction: str | None) -> Tree:
    """Return what billing credits pay for a line or for an invoice; a draft has no `transaction` yet."""
    return {
        "amount": amount,
        "credit_balance_transaction": transaction,
        "type": "credit_balance_transaction",
    }


def render_discounts(discounts: Iterable[LineDiscount]) -> list[Tree]:
    """Return what each discount takes off a line."""
    return [{"amount": each.amount, "discount": each.discount} for each in discounts]


def add_discounts(discounts: Iterable[LineDiscount], first: Sequence[str]) -> list[LineDiscount]:
    """Return what each discount takes off in all: `first` those of the invoice, then those of its lines."""
    totals: dict[str, int] = {}
    for each in discounts:
        totals[each.discount] = totals.get(each.discount, 0) + each.amount
    ranked = sorted(totals, key=lambda discount: discount not in first)
    return [LineDiscount(totals[discount], discount) for discount in ranked]


@documented("billing credits name the transaction that applied them (Stripe's changelog, 2024-10-28.acacia)")
def render_credits(credits: Iterable[LineCredit]) -> list[Tree]:
    """Return what billing credits pay in all, by the transaction that books them; in a draft that is None."""
    totals: dict[str | None, int] = {}
    for credit in credits:
        totals[credit.transaction] = totals.get(credit.transaction, 0) + credit.amount
    return [render_credit(amount, transaction) for transaction, amount in totals.items()]


def add_taxes(taxes: Iterable[LineTax]) -> list[LineTax]:
    """Return what each tax rate comes to in all."""
    totals: dict[str, LineTax] = {}
    for tax in taxes:
        one = totals.get(tax.rate)
        amount, taxable = (tax.amount + one.amount, tax.taxable + one.taxable) if one else (tax.amount, tax.taxable)
        totals[tax.rate] = LineTax(amount, tax.rate, taxable, tax.inclusive)
    return list(totals.values())


@documented("the fields, in Stripe's OpenAPI")
@inferred("the reason is `not_available` for rates that were made by hand (Kiln-AI/stripe_world)")
def render_taxes(taxes: Iterable[LineTax]) -> list[Tree]:
    """Return the taxes of a line or of an invoice."""
    return [
        {
            "amount": tax.amount,
            "tax_behavior": "inclusive" if tax.inclusive else "exclusive",
            "tax_rate_details": {"tax_rate": tax.rate},
            "taxability_reason": "not_available",
            "taxable_amount": tax.taxable,
            "type": "tax_rate_details",
        }
        for tax in taxes
    ]
