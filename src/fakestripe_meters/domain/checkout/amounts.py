"""What a Checkout session comes to: what is due when it is completed.

Documented in: https://docs.stripe.com/api/checkout/sessions/object.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal

from fakestripe_meters.core import adding_up
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.adding_up import Line
from fakestripe_meters.core.adding_up import LineSum
from fakestripe_meters.core.adding_up import Off
from fakestripe_meters.core.adding_up import Rate
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import anchored
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import discounts
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.checkout_lines import CheckoutAmounts
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.checkout_lines import CheckoutTax
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.coupons import Coupon

TRIALS = ("trial_end", "trial_period_days")
OF_CUSTOMER = "customer"
"""The place of the discount that a customer has anyway, which is none in the session's `discounts`."""


@documented("the order: discounts, then taxes; usage is billed in arrears, and a trial is free")
@inferred("a customer's own discount applies if the session has none, as it does to the invoice")
def settle(account: Account, session: CheckoutSession) -> None:
    """Set what each line of a session comes to."""
    due = [due_for(account, session, line) for line in session.lines]
    if session.mode == "subscription" and anchored.is_anchored(session):
        due = anchored.due(account, session, due)
    lines = [_line(account, session, line, amount) for line, amount in zip(session.lines, due, strict=True)]
    sums = adding_up.add_up(lines, offs(account, session))
    for line, summed in zip(session.lines, sums, strict=True):
        line.amounts = _amounts(summed)


def due_for(account: Account, session: CheckoutSession, line: CheckoutLine) -> int:
    """Return what a line costs at once before discounts and taxes, with a whole first period."""
    price = prices.kept(account, line.price)
    if line.quantity is None or (price.recurring is not None and trials(session)):
        return 0
    return pricing.cost(price.tariff, Decimal(line.quantity))


def trials(session: CheckoutSession) -> bool:
    """Return whether the subscription of a session begins with a trial."""
    return any(session.subscription_data.get(name) for name in TRIALS)


def subtotal(lines: Iterable[CheckoutLine]) -> int:
    """Return what lines come to before discounts."""
    return sum(line.amounts.subtotal for line in lines)


def total(session: CheckoutSession) -> int:
    """Return what is due when a session is completed."""
    return sum(line.amounts.total for line in session.lines)


def coupon_of(account: Account, discount: CheckoutDiscount) -> Coupon:
    """Return the coupon of a session's discount."""
    if discount.promotion_code is not None:
        return coupons.kept(account, promotion_codes.kept(account, discount.promotion_code).coupon)
    return coupons.kept(account, discount.coupon or "")


def offs(account: Account, session: CheckoutSession) -> list[Off]:
    """Return what the discounts of a session take off."""
    found = {str(place): coupon_of(account, each) for place, each in enumerate(session.discounts)}
    if not found and session.mode == "subscription" and session.customer is not None:
        own = customers.kept(account, session.customer).discount
        if own is not None:
            found[OF_CUSTOMER] = discounts.coupon_of(account, discounts.kept(account, own))
    currency = session.currency or ""
    return [
        Off(place, coupon.percent_off, coupon.amount_in(currency) or 0, coupon.products)
        for place, coupon in found.items()
    ]


@documented("the tax rates of a line replace those of all lines")
def _line(account: Account, session: CheckoutSession, line: CheckoutLine, amount: int) -> Line:
    rate_ids: Sequence[str] = line.tax_rates or session.subscription_data.get("default_tax_rates", [])
    rates = (tax_rates.kept(account, each) for each in rate_ids)
    return Line(
        amount,
        prices.kept(account, line.price).product,
        rates=[Rate(rate.id, rate.percentage, rate.inclusive) for rate in rates],
    )


def _amounts(summed: LineSum) -> CheckoutAmounts:
    parts = summed.parts
    return CheckoutAmounts(
        subtotal=parts.amount,
        discount=parts.general,
        tax=parts.inclusive + parts.exclusive,
        total=parts.amount - parts.general + parts.exclusive,
        discounts={off.id: amount for off, amount in summed.general},
        taxes=[CheckoutTax(tax.rate.id, tax.amount, tax.taxable, tax.rate.inclusive) for tax in summed.taxes],
    )
