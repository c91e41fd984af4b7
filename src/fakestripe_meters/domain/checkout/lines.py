"""The lines of a Checkout session: what is bought.

Documented in: https://docs.stripe.com/api/checkout/sessions/create.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from fakestripe_meters.core import errors
from fakestripe_meters.core import pricing
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.checkout import inline_prices
from fakestripe_meters.domain.checkout.line_terms import Adjusting
from fakestripe_meters.domain.checkout.line_terms import LineTerms
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.domain.records.prices import Price
from fakestripe_meters.framework.amounts import check_charge
from fakestripe_meters.framework.metadata import merged

PREFIX = "li_1"
WAYS = ("price", "price_data")
MOST_PAID = 100
MOST_OF_KIND = 20
LEAST_ADJUSTED, MOST_ADJUSTED = 0, 99
"""The bounds of a quantity that the customer may adjust, by default."""


class Bought(NamedTuple):
    """A price that was asked for, and where; it may be in no table yet."""

    price: Price
    path: str
    """Of the line."""
    named: str
    """Of the parameter that names the price, or its currency."""


def read(
    account: Account, given: Sequence[LineTerms], mode: str, kept: Sequence[CheckoutLine | None] = ()
) -> list[CheckoutLine]:
    """Return the lines that a request asks for, or raise StripeError 400.

    `kept` are lines that were there before, each in the place of the one that takes its id.
    """
    found: list[CheckoutLine] = []
    bought: list[Bought] = []
    for index, terms in enumerate(given):
        path = f"line_items[{index}]"
        before = kept[index] if kept else None
        bought.append(_bought(account, terms, path, before))
        found.append(_line(account, terms, bought[-1], before))
    check(bought, mode)
    for line, each in zip(found, bought, strict=True):
        line.price = (each.price if each.price.id else inline_prices.add(account, each.price)).id
    return found


def check(bought: Sequence[Bought], mode: str) -> None:
    """Raise StripeError 400 if prices do not go with each other, or not with the mode."""
    recurring = [each for each in bought if each.price.recurring is not None]
    if mode == "payment":
        if recurring:
            raise errors.checkout.recurring_in_payment_mode(recurring[0].named)
        if len(bought) > MOST_PAID:
            raise errors.checkout.too_many_lines("line_items", MOST_PAID, "one-time")
    else:
        if not recurring:
            raise errors.checkout.nothing_recurring()
        for count, kind in ((len(recurring), "recurring"), (len(bought) - len(recurring), "one-time")):
            if count > MOST_OF_KIND:
                raise errors.checkout.too_many_lines("line_items", MOST_OF_KIND, kind)
    currency = bought[0].price.currency
    for each in bought:
        if each.price.currency != currency:
            raise errors.subscription_items.mixed_currencies(each.named, each.price.currency, currency)
    _check_recurring(recurring)


@documented("which intervals go together: https://docs.stripe.com/billing/subscriptions/mixed-interval")
@inferred("that a recurring price cannot be there twice, as in a subscription")
def _check_recurring(recurring: Sequence[Bought]) -> None:
    if len({each.price.rhythm.cadence for each in recurring}) > 1:
        raise errors.checkout.mixed_intervals()
    seen: set[str] = set()
    for each in recurring:
        if each.price.id and each.price.id in seen:
            raise errors.checkout.price_twice(each.named, each.price.id)
        seen.add(each.price.id)


def _bought(account: Account, terms: LineTerms, path: str, before: CheckoutLine | None) -> Bought:
    named = [f"{path}[{name}]" for name in WAYS if getattr(terms, name) is not None]
    if len(named) > 1:
        raise errors.params.exclusive_params(named)
    if terms.price_data is not None:
        within = f"{path}[price_data]"
        price = inline_prices.described(account, terms.price_data, lambda name: f"{within}[{name}]")
        return Bought(price, path, f"{within}[currency]")
    where = f"{path}[price]"
    if terms.price is not None:
        price = prices.find(account, terms.price, param=where, status=400)
        if not price.active and (before is None or before.price != price.id):
            raise errors.objects.inactive(where, "price")
        return Bought(price, path, where)
    if before is None:
        raise errors.params.need_one_of([f"{path}[{name}]" for name in WAYS])
    return Bought(prices.kept(account, before.price), path, path)


def _line(account: Account, terms: LineTerms, bought: Bought, before: CheckoutLine | None) -> CheckoutLine:
    price, path = bought.price, bought.path
    quantity = terms.quantity
    if quantity is None and before is not None and not price.metered:
        quantity = before.quantity
    if price.amounts.custom_unit_amount is not None:
        raise errors.unserved.param(bought.named)
    if price.metered and quantity is not None:
        raise errors.checkout.quantity_of_usage(path)
    if not price.metered and quantity is None:
        raise errors.checkout.quantity_missing(path)
    if quantity is not None:
        check_charge(pricing.cost(price.tariff, quantity), f"{path}[quantity]" if quantity > 1 else bought.named)
    adjustable: Mapping[str, Any] | None = adjusting(terms.adjustable_quantity, quantity, path)
    if adjustable is None and before is not None and before.adjustable_quantity is not None:
        _check_bounds(before.adjustable_quantity, quantity, path)
        adjustable = before.adjustable_quantity
    rates = tax_terms.chosen(account, terms.tax_rates, f"{path}[tax_rates]")
    return CheckoutLine(
        id=account.ids.new(PREFIX, 23) if before is None else before.id,
        price=price.id,
        quantity=quantity,
        adjustable_quantity=adjustable,
        tax_rates=(before.tax_rates if before else []) if rates is None else rates,
        metadata=merged(before.metadata if before else {}, terms.metadata, f"{path}[metadata]"),
        optional=before.optional if before else None,
    )


@documented("from 0 to 99 by default")
def adjusting(terms: Adjusting | None, quantity: int | None, path: str) -> dict[str, Any] | None:
    """Return within which bounds a quantity may be adjusted, as it is shown, or raise StripeError 400."""
    if terms is None:
        return None
    where = f"{path}[adjustable_quantity]"
    if not terms.enabled:
        return {"enabled": False, "maximum": terms.maximum, "minimum": terms.minimum}
    if quantity is None:
        raise errors.checkout.cannot_adjust_usage(where)
    least = LEAST_ADJUSTED if terms.minimum is None else terms.minimum
    most = MOST_ADJUSTED if terms.maximum is None else terms.maximum
    if least > most:
        raise errors.checkout.bounds_reversed(where)
    bounds = {"enabled": True, "maximum": most, "minimum": least}
    _check_bounds(bounds, quantity, path)
    return bounds


def _check_bounds(bounds: Mapping[str, Any], quantity: int | None, path: str) -> None:
    if not bounds["enabled"]:
        return
    if quantity is None:
        raise errors.checkout.cannot_adjust_usage(f"{path}[adjustable_quantity]")
    if not bounds["minimum"] <= quantity <= bounds["maximum"]:
        raise errors.checkout.quantity_out_of_bounds(f"{path}[quantity]", bounds["minimum"], bounds["maximum"])
