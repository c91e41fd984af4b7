"""What the lines of an invoice come to in all, and how that is shown."""

from collections.abc import Iterable
from collections.abc import Sequence

from fakestripe_meters.core import adding_up
from fakestripe_meters.core.adding_up import LineParts
from fakestripe_meters.core.adding_up import Totals
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import line_sums
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.wire.tree import Tree


def totals(lines: Sequence[InvoiceLine]) -> Totals:
    """Return what lines come to in all."""
    if is_plain(lines):
        return Totals(sum(line.amount for line in lines))
    return adding_up.totals(_parts(line) for line in lines)


def is_plain(lines: Iterable[InvoiceLine]) -> bool:
    """Return whether there are neither discounts nor credits nor taxes."""
    for line in lines:  # noqa: SIM110  the generator of `all` would take three times as long
        if line.discount_amounts or line.credits or line.taxes:
            return False
    return True


def _parts(line: InvoiceLine) -> LineParts:
    own = line.own_discounts
    return LineParts(
        line.amount,
        own,
        line.amount - line.discounted - own,
        sum(credit.amount for credit in line.credits),
        sum(tax.amount for tax in line.taxes if tax.inclusive),
        sum(tax.amount for tax in line.taxes if not tax.inclusive),
    )


@inferred("with inclusive taxes, `subtotal_excluding_tax` is without all of them, though discounts lowered them")
def render_subtotal(sums: Totals) -> Tree:
    """Return what the lines of an invoice come to before its discounts and taxes."""
    return {"subtotal": sums.subtotal, "subtotal_excluding_tax": sums.subtotal - sums.inclusive}


@observed("the discounts on the invoice come first, then those of its lines (pay-rails/pay)")
def render_total(sums: Totals, lines: Sequence[InvoiceLine], discounts: Sequence[str]) -> Tree:
    """Return what an invoice comes to, and what each discount, credit and tax does; `discounts` are those on it."""
    if is_plain(lines):
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
