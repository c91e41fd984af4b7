"""What an invoice comes to: its lines, discounts, billing credits and taxes as numbers for `core/adding_up.py`.

Documented in: https://docs.stripe.com/billing/subscriptions/coupons.
"""

from collections.abc import Iterable
from collections.abc import Sequence

from fakestripe_meters.core import adding_up
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.adding_up import Line
from fakestripe_meters.core.adding_up import LineSum
from fakestripe_meters.core.adding_up import Off
from fakestripe_meters.core.adding_up import Rate
from fakestripe_meters.core.adding_up import Tax
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import crediting
from fakestripe_meters.domain.invoicing import discounting
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.discounts import Discount
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.records.line_sums import LineDiscount
from fakestripe_meters.domain.records.line_sums import LineTax


def settle(account: Account, invoice: Invoice) -> None:
    """Set what discounts, billing credits and taxes do to each line of a draft."""
    plain = not (invoice.discounts or invoice.default_tax_rates)
    if plain and not any(line.discounts or line.tax_rates or line.taken for line in invoice.lines):
        crediting.plan(account, invoice)
        return
    lines = [_line(account, invoice, line) for line in invoice.lines]
    general = [off_of(account, discount, invoice.currency) for discount in discounting.of_invoice(account, invoice)]
    sums = adding_up.add_up(lines, general, credit=lambda left: _credit(account, invoice, left))
    for line, summed in zip(invoice.lines, sums, strict=True):
        line.discount_amounts = _discounts(summed)
        line.taxes = _stored(summed.taxes)


@documented("the tax rates of a line replace those of its invoice: https://docs.stripe.com/billing/taxes/tax-rates")
@inferred("the customer's `tax_exempt` changes nothing: tax rates apply all the same")
def _line(account: Account, invoice: Invoice, line: InvoiceLine) -> Line:
    own = [off_of(account, discounts.kept(account, each), invoice.currency) for each in line.discounts]
    rates = _rates(account, line.tax_rates or invoice.default_tax_rates)
    taken = {each.discount: each.amount for each in line.taken}
    return Line(line.amount, line.product, own, discountable=line.discountable, rates=rates, taken=taken)


@documented("an amount that a coupon takes off in another currency only takes nothing off")
def off_of(account: Account, discount: Discount, currency: str) -> Off:
    """Return what a discount takes off amounts in a currency."""
    coupon = discounts.coupon_of(account, discount)
    amount = coupon.amount_in(currency) or 0
    return Off(discount.id, coupon.percent_off, amount, coupon.products)


def taxes_of(account: Account, amount: int, rate_ids: Iterable[str]) -> list[LineTax]:
    """Return what tax rates, by id, come to on an amount."""
    return _stored(adding_up.taxes_of(amount, _rates(account, rate_ids)))


def _rates(account: Account, rate_ids: Iterable[str]) -> list[Rate]:
    rates = (tax_rates.kept(account, rate_id) for rate_id in rate_ids)
    return [Rate(rate.id, rate.percentage, rate.inclusive) for rate in rates]


def _stored(taxes: Iterable[Tax]) -> list[LineTax]:
    return [LineTax(tax.amount, tax.rate.id, tax.taxable, tax.rate.inclusive) for tax in taxes]


def _credit(account: Account, invoice: Invoice, left: Sequence[int]) -> Sequence[int]:
    """Show what billing credits pay of what discounts have left of each line, and return it."""
    crediting.plan(account, invoice, left)
    return [sum(credit.amount for credit in line.credits) for line in invoice.lines]


def _discounts(summed: LineSum) -> list[LineDiscount]:
    return [LineDiscount(amount, off.id) for off, amount in (*summed.own, *summed.general)]
