"""What a Checkout session comes to: what is due when it is completed.

Documented in: https://docs.stripe.com/api/checkout/sessions/object.
"""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

from fakestripe_meters.core import adding_up
from fakestripe_meters.core import errors
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
from fakestripe_meters.domain.records.checkout_sessions import OPEN
from fakestripe_meters.domain.records.checkout_sessions import CheckoutDiscount
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.records.coupons import Coupon

TRIALS = ("trial_end", "trial_period_days")
OF_CUSTOMER = "customer"
"""The place of the discount that a customer has anyway, which is none in the session's `discounts`."""


@inferred("what is due follows the time and the customer's own discount whenever the customer looks")
def refresh(account: Account, session: CheckoutSession) -> None:
    """Settle a session that is open; if its terms do not hold any more, what it comes to stays as it was."""
    if session.status == OPEN:
        with suppress(errors.StripeError):
            settle(account, session)


class Piece(NamedTuple):
    """A line of the first invoice: what part of it is for which line of the session, by its place there."""

    place: int
    amount: int


@documented("the order: discounts, then taxes; usage is billed in arrears, and a trial is free")
@inferred("a customer's own discount applies if the session has none, as it does to the invoice")
def settle(account: Account, session: CheckoutSession) -> None:
    """Set what each line of a session comes to."""
    pieces = _pieces(account, session)
    lines = [_line(account, session, session.lines[each.place], each.amount) for each in pieces]
    general = offs(account, session)
    if not general and not any(line.rates for line in lines):
        for place, line in enumerate(session.lines):
            whole = sum(each.amount for each in pieces if each.place == place)
            line.amounts = CheckoutAmounts(subtotal=whole, total=whole)
        return
    sums = adding_up.add_up(lines, general)
    for place, line in enumerate(session.lines):
        line.amounts = _amounts([summed for each, summed in zip(pieces, sums, strict=True) if each.place == place])


def _pieces(account: Account, session: CheckoutSession) -> list[Piece]:
    """Return the lines that the invoice will have, in its order: it decides which line gets the odd cent."""
    if session.mode == "subscription" and anchored.is_anchored(session):
        recurring = anchored.due(account, session)
    else:
        recurring = {line.price: _whole(account, session, line) for line in session.lines}
    once, again = [], []
    for place, line in enumerate(session.lines):
        price = prices.kept(account, line.price)
        if price.recurring is None:
            once.append(Piece(place, pricing.cost(price.tariff, Decimal(line.quantity or 0))))
        else:
            again += [Piece(place, amount) for amount in recurring[line.price]]
    newest_first = session.mode == "subscription" or session.invoice_creation.get("enabled")
    return [*(reversed(once) if newest_first else once), *again]


def _whole(account: Account, session: CheckoutSession, line: CheckoutLine) -> list[int]:
    """Return what a line costs at once with a whole first period: an amount for each line of the invoice."""
    if line.quantity is None or trials(session):
        return [0]
    bill = pricing.bill(prices.kept(account, line.price).tariff, Decimal(line.quantity))
    return [each.rounded for each in bill]


def trials(session: CheckoutSession) -> bool:
    """Return whether the subscription of a session begins with a trial."""
    return any(session.subscription_data.get(name) for name in TRIALS)


@inferred("a trial or an anchor changes nothing about what is bought, as with a subscription")
def bought(account: Account, session: CheckoutSession) -> int:
    """Return what a promotion code's minimum counts: what lines cost for whole periods, without usage."""
    some = ((prices.kept(account, line.price), line.quantity) for line in session.lines)
    return sum(pricing.cost(price.tariff, quantity) for price, quantity in some if quantity is not None)


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


def _amounts(summed: Sequence[LineSum]) -> CheckoutAmounts:
    """Return what a line comes to whose parts are added up."""
    parts = [each.parts for each in summed]
    taxes: dict[str, CheckoutTax] = {}
    discounts: dict[str, int] = {}
    for each in summed:
        for off, amount in each.general:
            discounts[off.id] = discounts.get(off.id, 0) + amount
        for tax in each.taxes:
            before = taxes.get(tax.rate.id, CheckoutTax(tax.rate.id, 0, 0, tax.rate.inclusive))
            amount, taxable = before.amount + tax.amount, before.taxable + tax.taxable
            taxes[tax.rate.id] = CheckoutTax(tax.rate.id, amount, taxable, tax.rate.inclusive)
    return CheckoutAmounts(
        subtotal=sum(each.amount for each in parts),
        discount=sum(each.general for each in parts),
        tax=sum(each.inclusive + each.exclusive for each in parts),
        total=sum(each.amount - each.general + each.exclusive for each in parts),
        discounts=discounts,
        taxes=list(taxes.values()),
    )
