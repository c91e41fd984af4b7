"""`fake.complete_checkout` and `fake.expire_checkout`: what a customer does on a Checkout page, without a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from stripe import StripeClient

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse

NOW = 1_735_689_600
SUCCESS = "https://app.example.com/done?session={CHECKOUT_SESSION_ID}"


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, seed=1) as fake:
        yield fake


@pytest.fixture
def client(fake: FakeStripe) -> StripeClient:
    return StripeClient(fake.api_key, http_client=fake.http_client())


def metered(client: StripeClient) -> str:
    meter = client.v1.billing.meters.create(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )
    product = client.v1.products.create({"name": "Calls"})
    price = client.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": 10,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
        }
    )
    return price.id


def opened(client: StripeClient, **params: Any) -> str:  # noqa: ANN401  any parameters
    asked: Any = {
        "mode": "subscription",
        "line_items": [{"price": metered(client)}],
        "success_url": SUCCESS,
        **params,
    }
    return client.v1.checkout.sessions.create(asked).id


def test_a_customer_subscribes_to_usage(fake: FakeStripe, client: StripeClient) -> None:
    done = fake.complete_checkout(opened(client), email="ada@example.com", name="Ada")
    assert (done["status"], done["payment_status"], done["url"]) == ("complete", "no_payment_required", None)
    assert done["customer_details"]["email"] == "ada@example.com"
    customer = client.v1.customers.retrieve(done["customer"])
    assert (customer.email, customer.name) == ("ada@example.com", "Ada")
    subscription = client.v1.subscriptions.retrieve(done["subscription"])
    assert subscription.status == "active"
    method = client.v1.payment_methods.retrieve(str(subscription.default_payment_method))
    assert (method.customer, method.billing_details.email) == (customer.id, "ada@example.com")


def test_a_customer_of_whom_the_test_says_nothing_has_a_name_and_an_address(
    fake: FakeStripe, client: StripeClient
) -> None:
    details = fake.complete_checkout(opened(client))["customer_details"]
    assert (details["name"], details["email"]) == ("Jenny Rosen", "jenny.rosen@example.com")
    known = client.v1.customers.create({"name": "Ada", "email": "ada@example.com"}).id
    details = fake.complete_checkout(opened_again(client, customer=known))["customer_details"]
    assert (details["name"], details["email"]) == ("Ada", "ada@example.com")


def opened_again(client: StripeClient, **params: Any) -> str:  # noqa: ANN401  any parameters
    price = client.v1.prices.list({"limit": 1}).data[0].id
    asked: Any = {"mode": "subscription", "line_items": [{"price": price}], "success_url": SUCCESS, **params}
    return client.v1.checkout.sessions.create(asked).id


def test_a_decline_leaves_everything_as_it_was(fake: FakeStripe, client: StripeClient) -> None:
    session = opened(client)
    before = fake.snapshot()
    with pytest.raises(Misuse, match="Your card was declined"):
        fake.complete_checkout(session, "pm_card_chargeDeclined")
    assert fake.snapshot() == before
    assert fake.complete_checkout(session)["status"] == "complete"


def test_only_an_open_session_is_completed_or_expires(fake: FakeStripe, client: StripeClient) -> None:
    session = opened(client)
    fake.complete_checkout(session)
    before = fake.snapshot()
    with pytest.raises(Misuse, match="already been processed"):
        fake.complete_checkout(session)
    assert fake.snapshot() == before
    other = opened_again(client)
    assert fake.expire_checkout(other)["status"] == "expired"
    before = fake.snapshot()
    with pytest.raises(Misuse, match="no longer active"):
        fake.complete_checkout(other)
    assert fake.snapshot() == before


def test_a_session_that_is_over_by_time_is_not_completed(fake: FakeStripe, client: StripeClient) -> None:
    session = opened(client)
    fake.clock.advance(24 * 3600)
    with pytest.raises(Misuse, match="no longer active"):
        fake.complete_checkout(session)


@pytest.mark.parametrize(
    ("arguments", "message", "param"),
    [
        ({"payment_method": "pm_1"}, "No such PaymentMethod: 'pm_1'", "payment_method"),
        ({"payment_method": 1}, "payment_method must be a string", "payment_method"),
        ({"address": {"town": "Paris"}}, "unknown parameter 'town'", "town"),
        ({"account": "sk_test_other"}, "there is no Checkout session 'cs_", "session_id"),
    ],
)
def test_a_wrong_argument_is_named(
    fake: FakeStripe, client: StripeClient, arguments: dict[str, Any], message: str, param: str
) -> None:
    session = opened(client)
    before = fake.snapshot()
    with pytest.raises(Misuse, match=message) as caught:
        fake.complete_checkout(session, **arguments)
    assert caught.value.param == param
    assert fake.snapshot() == before


def test_a_closed_fake_completes_nothing(fake: FakeStripe, client: StripeClient) -> None:
    session = opened(client)
    fake.close()
    for act in (fake.complete_checkout, fake.expire_checkout):
        with pytest.raises(Misuse, match="closed"):
            act(session)


def shop(client: StripeClient) -> dict[str, str]:
    product = client.v1.products.create({"name": "Seats"}).id
    recurring: Any = {"product": product, "currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}}
    once: Any = {"product": product, "currency": "usd", "unit_amount": 700}
    coupon = client.v1.coupons.create({"percent_off": 50, "duration": "once"}).id
    promotion: Any = {"type": "coupon", "coupon": coupon}
    client.v1.promotion_codes.create({"promotion": promotion, "code": "HALF"})
    client.v1.promotion_codes.create({"promotion": promotion, "code": "OVER", "active": False})
    minimum: Any = {"minimum_amount": 9000, "minimum_amount_currency": "usd"}
    client.v1.promotion_codes.create({"promotion": promotion, "code": "MUCH", "restrictions": minimum})
    return {"seat": client.v1.prices.create(recurring).id, "mug": client.v1.prices.create(once).id}


ADJUSTABLE = {"enabled": True, "minimum": 1, "maximum": 5}


@pytest.mark.parametrize(
    ("terms", "quantities", "code", "message"),
    [
        ({}, {"seat": 2}, None, "cannot be adjusted"),
        ({}, {"price_none": 2}, None, "the session has neither a line nor an optional item 'price_none'"),
        ({"adjustable_quantity": ADJUSTABLE}, {"seat": 6}, None, "must be from 1 to 5, not 6"),
        ({"adjustable_quantity": ADJUSTABLE}, {"seat": 0}, None, "must be from 1 to 5, not 0"),
        ({"adjustable_quantity": ADJUSTABLE}, {"seat": "two"}, None, "must be a whole number"),
        ({"adjustable_quantity": {"enabled": True}}, {"seat": 0}, None, "cannot take everything out"),
        ({}, {"mug": 2}, None, "cannot be adjusted"),
        ({}, {}, "HALF", "takes no promotion codes"),
        ({"allow": True}, {}, "NONE", "there is no active promotion code 'NONE'"),
        ({"allow": True}, {}, "OVER", "there is no active promotion code 'OVER'"),
        ({"allow": True}, {}, "MUCH", "minimum"),
    ],
)
def test_what_the_page_forbids_changes_nothing(
    fake: FakeStripe,
    client: StripeClient,
    *,
    terms: dict[str, Any],
    quantities: dict[str, Any],
    code: str,
    message: str,
) -> None:
    prices = shop(client)
    line = {"price": prices["seat"], "quantity": 1, **{name: each for name, each in terms.items() if name != "allow"}}
    more: dict[str, Any] = {"allow_promotion_codes": True} if "allow" in terms else {}
    session = opened(client, line_items=[line], optional_items=[{"price": prices["mug"], "quantity": 1}], **more)
    wish = {prices.get(name, name): each for name, each in quantities.items()}
    before = fake.snapshot()
    with pytest.raises(Misuse, match=message):
        fake.complete_checkout(session, quantities=wish, promotion_code=code)
    assert fake.snapshot() == before


def test_a_line_is_named_by_its_id_too_and_an_offer_is_taken_and_given_back(
    fake: FakeStripe, client: StripeClient
) -> None:
    prices = shop(client)
    line = {"price": prices["seat"], "quantity": 1, "adjustable_quantity": ADJUSTABLE}
    offered = [{"price": prices["mug"], "quantity": 1}]
    session = opened(client, line_items=[line], optional_items=offered, allow_promotion_codes=True)
    own = client.v1.checkout.sessions.line_items.list(session).data[0].id
    changed = fake.control.adjust_checkout(session, quantities={own: 3, prices["mug"]: 1}, promotion_code="half")
    assert (changed["amount_subtotal"], changed["amount_total"], changed["status"]) == (3700, 1850, "open")
    changed = fake.control.adjust_checkout(session, quantities={prices["mug"]: 0}, promotion_code="")
    assert (changed["amount_subtotal"], changed["amount_total"], changed["discounts"]) == (3000, 3000, [])
    assert fake.complete_checkout(session)["amount_total"] == 3000
