"""The lines of a Checkout session: what is bought."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.checkout.terms import LineTerms
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.checkout_lines import CheckoutLine
from fakestripe_meters.framework.metadata import merged

PREFIX = "li_1"


def read(account: Account, given: tuple[LineTerms, ...]) -> list[CheckoutLine]:
    """Return the lines that a request asks for, or raise StripeError 400."""
    found = []
    for index, terms in enumerate(given):
        path = f"line_items[{index}]"
        if terms.price is None:
            raise errors.params.missing_param(f"{path}[price]")
        price = prices.find(account, terms.price, param=f"{path}[price]", status=400)
        if price.metered and terms.quantity is not None:
            raise errors.checkout.quantity_of_usage(index)
        if not price.metered and terms.quantity is None:
            raise errors.checkout.quantity_missing(index)
        line = CheckoutLine(account.ids.new(PREFIX, 23), price.id, terms.quantity)
        line.metadata = merged({}, terms.metadata, f"{path}[metadata]")
        found.append(line)
    return found
