"""What the lines of an invoice come to in all, and how that is shown."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import NamedTuple

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import line_sums
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.wire.tree import Tree


class Totals(NamedTuple):
    """What the lines come to: after their own discounts, and after all discounts, credits and exclusive taxes."""

    subtotal: int
    credited: int
    inclusive: int
    exclusive: int
    total: int
    plain: bool
    """Whether there are neither discounts nor credits nor taxes."""


@observed("the subtotal is after the discounts of the lines, and before those of the invoice (pay-rails/pay)")
@documented("the rest, in Stripe's OpenAPI")
def totals(lines: Iterable[InvoiceLine]) -> Totals:
    """Return what lines come to in all."""
    subtotal = total = credited = inclusive = exclusive = 0
    plain = True
    for line in lines:
        amount = line.amount
        if not (line.discount_amounts or line.credits or line.taxes):
            subtotal += amount
            total += amount
            continue
        plain = False
        subtotal += amount - line.own_discounts
        total += line.discounted
        for credit in line.credits:
            credited += credit.amount
        for tax in line.taxes:
            inclusive += tax.amount if tax.inclusive else 0
            exclusive += 0 if tax.inclusive else tax.amount
    return Totals(subtotal, credited, inclusive, exclusive, total - credited + exclusive, plain)


@inferred("with inclusive taxes, `subtotal_excluding_tax` is without all of them, though discounts lowered them")
def render_subtotal(sums: Totals) -> Tree:
    """Return what the lines of an invoice come to before its discounts and taxes."""
    return {"subtotal": sums.subtotal, "subtotal_excluding_tax": sums.subtotal - sums.inclusive}


@observed("the discounts on the invoice come first, then those of its lines (pay-rails/pay)")
def render_total(sums: Totals, lines: Sequence[InvoiceLine], discounts: Sequence[str]) -> Tree:
    """Return what an invoice comes to, and what each discount, credit and tax does; `discounts` are those on it."""
    if sums.plain:
        return {
            "total": sums.total,
            "total_discount_amounts": [],
            "total_excluding_tax": sums.total,
            "total_pretax_credit_amounts": [],
            "total_taxes": [],
        }
    taken = line_sums.add_discounts((each for line in lines for each in line.discount_amounts), discounts)
    taxes = line_sums.add_taxes(tax for line in lines for tax in line.taxes)
    return {
        "total": sums.total,
        "total_discount_amounts": line_sums.render_discounts(taken),
        "total_excluding_tax": sums.total - sums.inclusive - sums.exclusive,
        "total_pretax_credit_amounts": [
            *(line_sums.render_discount(each.amount, each.discount) for each in taken),
            *line_sums.render_credits(credit for line in lines for credit in line.credits),
        ],
        "total_taxes": line_sums.render_taxes(taxes),
    }
