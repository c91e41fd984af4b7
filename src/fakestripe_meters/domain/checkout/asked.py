"""The subscription that a Checkout session asks for, as parameters of a new subscription."""

from typing import Any

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing.redeeming import DiscountTerms
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records.checkout_sessions import CheckoutSession
from fakestripe_meters.domain.subscribing.added_items import ChosenExtra
from fakestripe_meters.domain.subscribing.item_terms import ChosenItem
from fakestripe_meters.domain.subscribing.subscription_terms import CreateSubscription
from fakestripe_meters.wire import schema
from fakestripe_meters.wire.schema import UNSET

DATA = "subscription_data"


def within(name: str) -> str:
    """Return the path that a parameter of the subscription has in the request for the session."""
    word, bracket, rest = name.partition("[")
    return f"{DATA}[{word}]{bracket}{rest}"


@documented("one-time prices are on the first invoice only: https://docs.stripe.com/api/checkout/sessions/create")
@inferred("the metadata of a line stays with the session; how a card is charged is the subscription's from then on")
def subscription(
    account: Account,
    session: CheckoutSession,
    customer_id: str,
    **more: Any,  # noqa: ANN401  other parameters of a new subscription
) -> CreateSubscription:
    """Return the parameters of the subscription that a session begins."""
    options = session.payment_method_options
    settings = {"payment_settings": {"payment_method_options": options}} if options else {}
    data = schema.parse(CreateSubscription, {"customer": customer_id, **session.subscription_data, **settings})
    items, extras = [], []
    for line in session.lines:
        rates = tuple(line.tax_rates) if line.tax_rates else UNSET
        if prices.kept(account, line.price).recurring is not None:
            items.append(ChosenItem(price=line.price, quantity=line.quantity, tax_rates=rates))
        else:
            extras.append(ChosenExtra(price=line.price, quantity=line.quantity or 0, tax_rates=rates))
    discounts = tuple(
        DiscountTerms(coupon=each.coupon, promotion_code=each.promotion_code) for each in session.discounts
    )
    said = {
        "add_invoice_items": tuple(extras),
        "discounts": discounts or UNSET,
        "items": tuple(items),
        "payment_behavior": "error_if_incomplete",
        **more,
    }
    return CreateSubscription(**vars(data) | said)
