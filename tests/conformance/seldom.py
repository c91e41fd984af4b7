"""What both stories leave out of the newest version: fields that few answers have, or only if they are expanded."""

from fakestripe_meters.resources import registry
from tests.conformance.story import BACK
from tests.conformance.story import DAY
from tests.conformance.story import HOUR
from tests.conformance.story import Teller

DECLINED = (
    "chargeDeclinedExpiredCard",
    "chargeDeclinedIncorrectCvc",
    "chargeDeclinedProcessingError",
    "radarBlock",
    "visa_chargeDeclined",
    "visa_chargeDeclinedInsufficientFunds",
    "visa_chargeDeclinedLostCard",
    "visa_chargeDeclinedStolenCard",
    "visa_chargeDeclinedVelocityLimitExceeded",
)
ASKING = ("authenticationRequired", "authenticationRequiredChargeDeclinedInsufficientFunds", "threeDSecure2Required")
LATER_REFUNDED = ("pendingRefund", "refundFail")
SEATS = {"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Seats"}, "recurring": {"interval": "month"}}
PAYMENT = {"amount": 3000, "currency": "usd", "confirm": "true"}


def tell(teller: Teller) -> None:
    """Go on with a business that has begun."""
    price = teller.post("/v1/prices", **SEATS)["id"]
    prorated(teller, price)
    embedded(teller, price)
    cards(teller)
    refunds(teller)
    reported(teller)
    included(teller)


def prorated(teller: Teller, price: str) -> None:
    """A quantity that is changed twice before the next invoice, after a preview as of an instant."""
    customer = teller.post("/v1/customers", payment_method="pm_card_visa")["id"]
    flexible = {"type": "flexible"}
    made = teller.post("/v1/subscriptions", customer=customer, items=[{"price": price}], billing_mode=flexible)
    item = made["items"]["data"][0]["id"]
    teller.fake.clock.advance(DAY)
    details = {"items": [{"id": item, "quantity": 3}], "proration_date": int(teller.fake.clock.now())}
    teller.post("/v1/invoices/create_preview", subscription=made["id"], subscription_details=details)
    for quantity in (3, 1):
        teller.post(f"/v1/subscriptions/{made['id']}", items=[{"id": item, "quantity": quantity}])
        teller.fake.clock.advance(DAY)
    teller.get("/v1/invoiceitems", customer=customer)


def embedded(teller: Teller, price: str) -> None:
    """A Checkout session in a page of the app."""
    line = {"price": price, "quantity": 1}
    terms = {"mode": "subscription", "line_items": [line], "ui_mode": "embedded_page", "return_url": BACK}
    teller.post("/v1/checkout/sessions", **terms)


def cards(teller: Teller) -> None:
    """Cards that decline, and cards that want to be authenticated, by the SDK or on a page."""
    for card in DECLINED:
        payment = PAYMENT | {"payment_method": f"pm_card_{card}", "return_url": BACK}
        teller.ask("POST", "/v1/payment_intents", payment, status=402)
    for card in ASKING:
        for more in ({"payment_method_types": ["card"]}, {"return_url": BACK}):
            intent = teller.post("/v1/payment_intents", **PAYMENT, payment_method=f"pm_card_{card}", **more)
            teller.fake.authenticate(intent["id"], succeeds="return_url" not in more)
    teller.get("/v1/payment_intents", limit=100)


def refunds(teller: Teller) -> None:
    """Refunds whose outcome is known later."""
    for card in LATER_REFUNDED:
        intent = teller.post("/v1/payment_intents", **PAYMENT, payment_method=f"pm_card_{card}", return_url=BACK)
        teller.post("/v1/refunds", payment_intent=intent["id"])
    teller.fake.clock.advance(HOUR)
    teller.get("/v1/refunds", limit=100)


def reported(teller: Teller) -> None:
    """Events of a meter, and of none, that cannot be counted, and the reports of that."""
    token = teller.post("/v2/billing/meter_event_session")["authentication_token"]
    payload = {"stripe_customer_id": "cus_unknown", "value": "1"}
    events = [{"event_name": name, "payload": payload} for name in ("tokens", "no_such_meter")]
    teller.ask("POST", "/v2/billing/meter_event_stream", {"events": events}, token)
    teller.fake.clock.advance(HOUR)
    for each in teller.get("/v2/core/events", limit=100)["data"]:
        teller.get(f"/v2/core/events/{each['id']}")


def included(teller: Teller) -> None:
    """All fields that are left out unless they are expanded."""
    for resource in registry().resources:
        for endpoint in resource.endpoints if resource.left_out else ():
            if endpoint.lists and not endpoint.searches and "<" not in endpoint.rule:
                teller.get(endpoint.rule, limit=100, expand=[f"data.{field}" for field in resource.left_out])
