"""What the story leaves out: fields that are seldom set, and states that are seldom reached."""

from tests.conformance.story import ADDRESS
from tests.conformance.story import DAY
from tests.conformance.story import HOUR
from tests.conformance.story import NOW
from tests.conformance.story import Json
from tests.conformance.story import Teller

DECLINING = "pm_card_chargeCustomerFail"
OPTIONS = {
    "card": {"request_three_d_secure": "any"},
    "us_bank_account": {"verification_method": "instant", "financial_connections": {"permissions": ["balances"]}},
    "bancontact": {"preferred_language": "nl"},
    "customer_balance": {"bank_transfer": {"eu_bank_transfer": {"country": "DE"}, "type": "eu_bank_transfer"}},
}
PAYMENT = {"payment_method_options": OPTIONS, "payment_method_types": ["card"]}
FIELDS = [{"name": "Order", "value": "7"}]
PRINTED = {
    "custom_fields": FIELDS,
    "effective_at": NOW,
    "rendering": {"amount_tax_display": "include_inclusive_tax", "pdf": {"page_size": "a4"}},
    "shipping_details": {"name": "Ada", "address": ADDRESS, "phone": "1"},
    "statement_descriptor": "TOKENS",
    "payment_settings": PAYMENT,
}
FULL_CUSTOMER = {
    "balance": -120,
    "business_name": "Engines Ltd",
    "individual_name": "Ada King",
    "shipping": {"name": "Ada", "phone": "1", "address": ADDRESS},
    "tax_exempt": "reverse",
    "invoice_settings": {
        "custom_fields": FIELDS,
        "footer": "Thank you",
        "rendering_options": {"amount_tax_display": "exclude_tax"},
    },
}


def tell(teller: Teller) -> None:
    """Go on with a business that has begun."""
    product = products(teller)
    customer = teller.post("/v1/customers", **FULL_CUSTOMER)["id"]
    draft = teller.post("/v1/invoices", customer=customer)
    teller.post(f"/v1/invoices/{draft['id']}", **PRINTED)
    meter = teller.get("/v1/billing/meters")["data"][1]["id"]
    terms = {"currency": "usd", "product": product}
    metered = {"interval": "month", "usage_type": "metered", "meter": meter}
    small, big = (
        teller.post("/v1/prices", **terms, unit_amount=amount, recurring={"interval": "month"})["id"]
        for amount in (1000, 2500)
    )
    tokens = teller.post("/v1/prices", **terms, unit_amount=7, recurring=metered)["id"]
    thresholds(teller, customer, small, big, tokens)
    trial(teller, customer, big)
    declined(teller, customer, big)
    grants(teller, customer, tokens)
    teller.get("/v1/subscriptions", status="all")
    for each in teller.get("/v1/subscriptions", customer=customer, status="active")["data"]:
        teller.delete(f"/v1/subscriptions/{each['id']}", invoice_now="true", prorate="true")
    for each in teller.get("/v1/invoices", customer=customer, limit=100)["data"]:
        teller.get(f"/v1/invoices/{each['id']}/lines")
    teller.get("/v1/invoiceitems", customer=customer)


def products(teller: Teller) -> str:
    """A product with all that it can have, and prices that are odd."""
    product = teller.post(
        "/v1/products",
        name="Rare",
        package_dimensions={"height": "1", "length": "2", "weight": "3.5", "width": "4"},
        marketing_features=[{"name": "fast"}],
        images=["https://a.example/x.png"],
        shippable="true",
        statement_descriptor="RARE",
        url="https://a.example",
        unit_label="piece",
        default_price_data={"currency": "usd", "unit_amount": 5, "recurring": {"interval": "month"}},
    )
    terms = {"currency": "usd", "product": product["id"], "expand": ["currency_options"]}
    teller.post("/v1/prices", **terms, unit_amount=500, currency_options={"eur": {"unit_amount": 4}})
    teller.post("/v1/prices", **terms, custom_unit_amount={"enabled": "true", "minimum": 1, "maximum": 9, "preset": 5})
    made: str = product["id"]
    return made


def thresholds(teller: Teller, customer: str, small: str, big: str, tokens: str) -> None:
    """A subscription that changes within its period, and is invoiced before its end."""
    subscription = teller.post(
        "/v1/subscriptions",
        customer=customer,
        items=[
            {"price": small, "quantity": 2, "metadata": {"a": "b"}},
            {"price": tokens, "billing_thresholds": {"usage_gte": 100}},
        ],
        billing_thresholds={"amount_gte": 5000, "reset_billing_cycle_anchor": "false"},
        billing_mode={"type": "classic"},
        invoice_settings={"custom_fields": FIELDS, "description": "seats", "footer": "Thanks"},
        payment_settings=PAYMENT,
    )
    path, item = f"/v1/subscriptions/{subscription['id']}", subscription["items"]["data"][0]["id"]
    teller.post(path, items=[{"id": item, "price": big, "quantity": 1}])
    teller.fake.clock.advance(5 * DAY)
    teller.post(path, items=[{"id": item, "quantity": 3}], proration_behavior="always_invoice")
    use(teller, customer, 150)
    teller.fake.clock.advance(2 * HOUR)
    reasons = [each.get("threshold_reason") for each in teller.get("/v1/invoices", customer=customer)["data"]]
    assert any(reasons)
    data = {"currency": "usd", "product": teller.get("/v1/products")["data"][0]["id"], "unit_amount": 5}
    teller.post("/v1/invoiceitems", customer=customer, price_data=data, subscription=subscription["id"])
    teller.post("/v1/invoices/create_preview", subscription=subscription["id"])


def trial(teller: Teller, customer: str, price: str) -> None:
    """A trial that is sent an invoice, and ends."""
    subscription = teller.post(
        "/v1/subscriptions",
        customer=customer,
        items=[{"price": price}],
        trial_period_days=5,
        cancel_at_period_end="true",
        collection_method="send_invoice",
        days_until_due=3,
        description="on trial",
        trial_settings={"end_behavior": {"missing_payment_method": "create_invoice"}},
    )
    path = f"/v1/subscriptions/{subscription['id']}"
    end = teller.fake.clock.now() + 3 * DAY
    reasons = {"comment": "bye", "feedback": "unused"}
    teller.post(path, cancel_at_period_end="false", cancel_at=end, cancellation_details=reasons)
    teller.fake.clock.advance(8 * DAY)
    assert teller.get(path)["status"] == "canceled"


def declined(teller: Teller, customer: str, price: str) -> None:
    """Payments that fail, and an invoice that is voided."""
    terms = {"customer": customer, "items": [{"price": price}], "default_payment_method": DECLINING}
    subscription = teller.post("/v1/subscriptions", **terms, expand=["latest_invoice"])
    assert subscription["status"] == "incomplete"
    teller.fake.clock.advance(2 * DAY)
    teller.get(f"/v1/subscriptions/{subscription['id']}")
    [unpaid, *_] = [each for each in invoices(teller, customer) if each["status"] in ("open", "void")]
    teller.get(f"/v1/invoices/{unpaid['id']}")


def grants(teller: Teller, customer: str, price: str) -> None:
    """A grant for one price that pays, and is given back."""
    scope = {"scope": {"prices": [{"id": price}]}}
    amount = {"type": "monetary", "monetary": {"currency": "usd", "value": 500}}
    expires_at = teller.fake.clock.now() + 90 * DAY
    terms = {"customer": customer, "amount": amount, "applicability_config": scope, "category": "promotional"}
    teller.post("/v1/billing/credit_grants", **terms, expires_at=expires_at, priority=3)
    use(teller, customer, 50)
    teller.fake.clock.advance(32 * DAY)
    filtered = {"type": "applicability_scope", "applicability_scope": {"prices": [{"id": price}]}}
    teller.get("/v1/billing/credit_balance_summary", customer=customer, filter=filtered)
    teller.get("/v1/billing/credit_balance_transactions", customer=customer)
    [paid, *_] = [each for each in invoices(teller, customer) if each["total_pretax_credit_amounts"]]
    assert paid["total_pretax_credit_amounts"][0]["type"] == "credit_balance_transaction"


def use(teller: Teller, customer: str, units: int) -> None:
    """Report usage."""
    payload = {"stripe_customer_id": customer, "value": str(units), "model": "small"}
    teller.post("/v1/billing/meter_events", event_name="tokens", payload=payload)


def invoices(teller: Teller, customer: str) -> list[Json]:
    """A customer's invoices, newest first."""
    found: list[Json] = teller.get("/v1/invoices", customer=customer, limit=100)["data"]
    return found
