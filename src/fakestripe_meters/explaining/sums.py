"""Explain what an invoice comes to: discounts and taxes line by line, and the way from the subtotal to the total."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import invoice_sums
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.wire.tree import number

Money = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class TakenOff:
    """The `amount` that a `discount`, of a `coupon`, takes off a line: its own, or one on the whole invoice."""

    amount: int
    discount: str
    coupon: str
    terms: str
    """What the coupon says: `10% off`."""
    own: bool
    """Whether it is on the line itself, not on the invoice."""

    def row(self, money: Money) -> str:
        """Return one line."""
        whose = "this line" if self.own else "the invoice"
        return f"{money(-self.amount):>12}    {self.terms}, a discount on {whose} (coupon {self.coupon})"


@dataclass(frozen=True, slots=True)
class Taxed:
    """The `amount` of tax of a `rate` on what is left of a line, which contains it if it is `inclusive`."""

    amount: int
    rate: str
    terms: str
    """What the rate says: `7.95% VAT`."""
    taxable: int
    """The amount that the tax is calculated on, without the tax."""
    inclusive: bool

    def row(self, money: Money) -> str:
        """Return one line."""
        contained = ", contained" if self.inclusive else ""
        return f"{money(self.amount):>12}    {self.terms} on {money(self.taxable)}{contained} ({self.rate})"


@dataclass(frozen=True, slots=True)
class Steps:
    """The way from the subtotal, which is after the discounts of the lines, to the total."""

    subtotal: int
    """What the lines come to after their own discounts."""
    discounted: int
    """What the discounts on the invoice take off."""
    credited: int
    """What billing credits pay."""
    exclusive: int
    """The taxes that are added."""
    total: int
    """What the invoice comes to."""
    credit_notes: int = 0
    """What credit notes took off before it was paid."""
    given_back: int = 0
    """What credit notes gave back of what was paid, or credited otherwise; the amount due contains it."""
    plain: bool = True
    """Whether there are neither discounts nor taxes."""

    def rows(self, money: Money) -> Iterator[str]:
        """Yield a line for each step; none if the total is just the sum of the lines."""
        if self.plain:
            return
        yield f"{money(self.subtotal):>12}  subtotal, after the discounts of lines"
        for amount, words in (
            (-self.discounted, "discounts on the invoice"),
            (-self.credited, "billing credits"),
            (self.exclusive, "taxes that are added"),
        ):
            if amount:
                yield f"{money(amount):>12}  {words}"
        yield f"{money(self.total):>12}  total"


def taken_off(account: Account, line: InvoiceLine, currency: str) -> Sequence[TakenOff]:
    """Return what discounts take off a line."""
    found = []
    for place, each in enumerate(line.discount_amounts):
        coupon, terms = _coupon_of(account, each.discount, currency)
        found.append(TakenOff(each.amount, each.discount, coupon, terms, own=place < len(line.discounts)))
    return found


def _coupon_of(account: Account, discount_id: str, currency: str) -> tuple[str, str]:
    coupon = discounts.coupon_of(account, discounts.kept(account, discount_id))
    if coupon.percent_off is not None:
        return coupon.id, f"{number(coupon.percent_off)}% off"
    return coupon.id, f"{pricing.money(coupon.amount_in(currency) or 0, currency)} off"


def taxed(account: Account, line: InvoiceLine) -> Sequence[Taxed]:
    """Return the taxes of a line."""
    rates = [tax_rates.kept(account, tax.rate) for tax in line.taxes]
    return [
        Taxed(tax.amount, tax.rate, f"{number(rate.percentage)}% {rate.display_name}", tax.taxable, tax.inclusive)
        for tax, rate in zip(line.taxes, rates, strict=True)
    ]


def steps(invoice: Invoice) -> Steps:
    """Return the way from the subtotal of an invoice to its total."""
    sums = invoice_sums.totals(invoice.lines)
    return Steps(
        sums.subtotal,
        sums.discounted,
        sums.credited,
        sums.exclusive,
        sums.total,
        invoice.credited_before,
        invoice.credited_after,
        plain=not any(line.discount_amounts or line.taxes for line in invoice.lines),
    )
