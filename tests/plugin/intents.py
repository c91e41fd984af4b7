"""What surrounds each call of the tables in `docs/pytest.md` when a test runs it."""

COMMON = """
import time

import pytest
import stripe

from fakestripe_meters import FakeStripe

stripe.api_key = "sk_test_app"
stripe.max_network_retries = 0
hooks = []


@pytest.fixture
def fakestripe_settings():
    return {"now": "2025-01-01T00:00:00Z"}


async def app(scope, receive, send):
    hooks.append((await receive())["body"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def use(customer, tokens=1):
    payload = {"stripe_customer_id": customer, "value": str(tokens)}
    stripe.billing.MeterEvent.create(event_name="tokens", payload=payload)


def statuses(fake, method, path):
    return [each.status for each in fake.journal.find(path=path) if each.method == method]


def test_it(fakestripe, capsys):
    meter = stripe.billing.Meter.create(
        display_name="Tokens", event_name="tokens", default_aggregation={"formula": "sum"}
    )
    recurring = {"interval": "month"}
    prices = [
        stripe.Price.create(currency="usd", unit_amount=amount, product_data={"name": name}, recurring=terms).id
        for amount, name, terms in [
            (1000, "Base", recurring),
            (2, "Tokens", recurring | {"usage_type": "metered", "meter": meter.id}),
        ]
    ]
    customer = stripe.Customer.create(name="Ada").id
    visa = stripe.PaymentMethod.attach("pm_card_visa", customer=customer).id
    stripe.Customer.modify(customer, invoice_settings={"default_payment_method": visa})
    subscription = stripe.Subscription.create(customer=customer, items=[{"price": each} for each in prices]).id
    [invoice] = [each.id for each in stripe.Invoice.list(customer=customer).data]
    usage = {"stripe_customer_id": customer, "value": "7"}
"""
"""The start of each test, up to the first line of an example."""

EXAMPLES = """
use(customer, 650)
> fakestripe.clock.freeze("2025-02-01T01:00:00Z")
assert stripe.Invoice.list(customer=customer).data[0].total == 1300 + 1000

> fakestripe.clock.advance(3600)
assert fakestripe.clock.now() == 1735689600 + 3600

> @pytest.mark.fakestripe(now="2025-01-01T00:00:00Z", freeze_process=True)
assert time.time() == fakestripe.clock.now() == 1735689600

> stripe.billing.MeterEvent.create(event_name="tokens", payload=usage, timestamp=fakestripe.clock.now() - 86_400)
fakestripe.assert_usage({customer: {"tokens": {"2024-12-31": 7}}})

use(customer)
> @pytest.mark.fakestripe(lag=60)
assert fakestripe.usage("tokens", customer) == 0
fakestripe.clock.advance(60)
assert fakestripe.usage("tokens", customer) == 1

use(customer, 650)
> fakestripe.assert_usage({customer: {"tokens": 650}})
use(customer)
with pytest.raises(AssertionError):
    fakestripe.assert_usage({customer: {"tokens": 650}})

use(customer, 650)
> print(fakestripe.explain("tokens", customer))
assert "650  counted" in capsys.readouterr().out

use(customer, 650)
> print(fakestripe.explain_invoice(invoice))
assert "$10.00  1 × Base" in capsys.readouterr().out

use(customer, 650)
> print(fakestripe.explain_billing("tokens", customer))
assert "650  not billed yet" in capsys.readouterr().out

> with fakestripe.checkpoint():
    use(customer)
assert fakestripe.usage("tokens", customer) == 0

> stripe.Subscription.modify(subscription, default_payment_method="pm_card_chargeCustomerFail")
fakestripe.clock.freeze("2025-02-01T01:00:00Z")
assert stripe.Subscription.retrieve(subscription).status == "past_due"

waits = {"amount": 500, "currency": "usd", "payment_method": "pm_card_authenticationRequired", "confirm": True}
payment_intent = stripe.PaymentIntent.create(**waits, return_url="https://shop.example").id
> fakestripe.authenticate(payment_intent)
assert stripe.PaymentIntent.retrieve(payment_intent).status == "succeeded"

waits = {"amount": 500, "currency": "usd", "payment_method": "pm_card_authenticationRequired", "confirm": True}
payment_intent = stripe.PaymentIntent.create(**waits, return_url="https://shop.example").id
> fakestripe.authenticate(payment_intent, succeeds=False)
assert stripe.PaymentIntent.retrieve(payment_intent).status == "requires_payment_method"

lines = [{"price": each} for each in prices[1:]]
session = stripe.checkout.Session.create(mode="subscription", line_items=lines, success_url="https://shop.example")
> fakestripe.complete_checkout(session.id)
assert stripe.checkout.Session.retrieve(session.id).status == "complete"

> card = stripe.PaymentMethod.attach("pm_card_visa", customer=customer).id
assert [each.id for each in stripe.PaymentMethod.list(customer=customer).data] == [card, visa]

card = stripe.PaymentMethod.attach("pm_card_chargeCustomerFail", customer=customer).id
> stripe.Customer.modify(customer, invoice_settings={"default_payment_method": card})
fakestripe.clock.freeze("2025-02-01T01:00:00Z")
assert stripe.Subscription.retrieve(subscription).status == "past_due"

> @pytest.mark.fakestripe(payment_methods="required")
with pytest.raises(stripe.InvalidRequestError):
    stripe.Subscription.create(customer=stripe.Customer.create().id, items=[{"price": prices[0]}])

waits = {"items": [{"price": prices[0]}], "payment_behavior": "default_incomplete"}
waiting = stripe.Subscription.create(customer=customer, **waits, expand=["latest_invoice.payments"])
payment_intent = waiting.latest_invoice.payments.data[0].payment.payment_intent
> stripe.PaymentIntent.confirm(payment_intent, payment_method="pm_card_visa")
assert stripe.Subscription.retrieve(waiting.id).status == "active"

coupon = stripe.Coupon.create(percent_off=20, duration="forever").id
> stripe.Subscription.modify(subscription, discounts=[{"coupon": coupon}])
fakestripe.clock.freeze("2025-02-01T01:00:00Z")
assert stripe.Invoice.list(customer=customer).data[0].total == 800

tax_rate = stripe.TaxRate.create(display_name="VAT", percentage=19, inclusive=False).id
> stripe.Subscription.modify(subscription, default_tax_rates=[tax_rate])
fakestripe.clock.freeze("2025-02-01T01:00:00Z")
assert stripe.Invoice.list(customer=customer).data[0].total == 1190

> stripe.CreditNote.create(invoice=invoice, amount=300, credit_amount=300)
fakestripe.clock.freeze("2025-02-01T01:00:00Z")
assert stripe.Invoice.list(customer=customer).data[0].amount_due == 700

> stripe.CreditNote.create(invoice=invoice, amount=300, refund_amount=300)
assert stripe.Refund.list().data[0].amount == 300

paid = stripe.InvoicePayment.list(invoice=invoice).data[0]
payment_intent = paid.payment.payment_intent
> stripe.Refund.create(payment_intent=payment_intent)
assert stripe.Invoice.retrieve(invoice).status == "paid"
assert stripe.Refund.list().data[0].amount == 1000

stripe.InvoiceItem.create(customer=customer, amount=500, currency='usd')
mine = stripe.Invoice.create(customer=customer, pending_invoice_items_behavior='include').id
> fakestripe.fail_next("POST /v1/invoices/*/pay", status=402)
with pytest.raises(stripe.CardError):
    stripe.Invoice.pay(mine)
assert stripe.Invoice.pay(mine).status == "paid"

stripe.Subscription.modify(subscription, default_payment_method="pm_card_chargeCustomerFail")
> @pytest.mark.fakestripe(retries=(3, 5, 7), after_retries="unpaid")
fakestripe.clock.freeze("2025-02-20T00:00:00Z")
assert stripe.Subscription.retrieve(subscription).status == "unpaid"

> fakestripe.fail_next("POST /v1/billing/meter_events", close=True, after_commit=True)
with pytest.raises(stripe.APIConnectionError):
    use(customer)
assert fakestripe.usage("tokens", customer) == 1

> fakestripe.fail_next("POST /v1/billing/meter_events", status=503, times=3)
with pytest.raises(stripe.StripeError):
    use(customer)
assert statuses(fakestripe, "POST", "/v1/billing/meter_events")[0] == 503

> fakestripe.fail_next("GET /v1/customers/*", delay=0.1)
before = time.monotonic()
stripe.Customer.retrieve(customer)
assert time.monotonic() - before > 0.09

> fakestripe.chaos(seed=1, rate=0.1)
for _ in range(100):
    try:
        use(customer)
    except stripe.StripeError:
        pass
assert 80 < statuses(fakestripe, "POST", "/v1/billing/meter_events").count(200) < 98

for _ in range(5):
    use(customer)
> @pytest.mark.fakestripe(limits={"meter_events": 5})
with pytest.raises(stripe.StripeError):
    use(customer)
assert statuses(fakestripe, "POST", "/v1/billing/meter_events")[0] == 200

before = fakestripe.clock.now()
time.sleep(2)
> @pytest.mark.fakestripe(advance_on_sleep=True)
assert fakestripe.clock.now() == before + 2

before = fakestripe.clock.now()
> @pytest.mark.fakestripe(tick=1)
use(customer)
assert fakestripe.clock.now() == before + 1

> fakestripe.assert_no_429()
fakestripe.fail_next("GET /v1/customers", status=429)
with pytest.raises(stripe.RateLimitError):
    stripe.Customer.list()
with pytest.raises(AssertionError):
    fakestripe.assert_no_429()

> fakestripe.assert_all_struck()
fakestripe.fail_next("GET /v1/customers", status=429)
with pytest.raises(AssertionError):
    fakestripe.assert_all_struck()
fakestripe.reset()

> fakestripe.stub("POST /v1/quotes", json={"id": "qt_1"})
assert stripe.Quote.create(customer=customer).id == "qt_1"

> fakestripe.stub("POST /v1/quotes", json={"id": "qt_1"}, times=1)
assert stripe.Quote.create(customer=customer).id == "qt_1"
with pytest.raises(stripe.APIError):
    assert stripe.Quote.create(customer=customer).id == "qt_1"

stub = fakestripe.stub("POST /v1/quotes", json={"id": "qt_1"})
assert stripe.Quote.create(customer=customer).id == "qt_1"
> print(stub.calls)
assert "cus_" in capsys.readouterr().out

fakestripe.fail_next("GET /v1/invoices/*", status=500)
> print(fakestripe.unstruck)
assert "/v1/invoices/*" in capsys.readouterr().out
fakestripe.reset()

> inbox = fakestripe.webhooks.collect("invoice.*")
fakestripe.clock.freeze("2025-02-01T01:00:00Z")
assert "invoice.paid" in inbox.types

> fakestripe.webhooks.deliver_to(fakestripe.webhooks.asgi(app, "http://app/hooks"), secret="whsec_app")
stripe.Customer.create()
assert b'customer.created' in hooks[-1]

inbox = fakestripe.webhooks.collect("customer.created", "customer.updated")
stripe.Customer.create()
> fakestripe.webhooks.repeat(inbox[0])
assert inbox.types == ["customer.created"] * 2

inbox = fakestripe.webhooks.collect("customer.created", "customer.updated")
> fakestripe.webhooks.hold()
stripe.Customer.create()
assert len(inbox) == 0

inbox = fakestripe.webhooks.collect("customer.created", "customer.updated")
fakestripe.webhooks.hold()
stripe.Customer.modify(stripe.Customer.create().id, name="Grace")
> fakestripe.webhooks.release(*reversed(fakestripe.webhooks.held))
assert inbox.types == ["customer.updated", "customer.created"]

inbox = fakestripe.webhooks.collect("customer.created", "customer.updated")
fakestripe.webhooks.hold()
stripe.Customer.modify(stripe.Customer.create().id, name="Grace")
> fakestripe.webhooks.drop(*fakestripe.webhooks.held)
fakestripe.webhooks.release()
assert len(inbox) == 0

use(customer, 650)
> print(fakestripe.journal.find(path="/v1/billing/meter_events"))
assert "POST /v1/billing/meter_events → 200" in capsys.readouterr().out

> assert len(fakestripe.journal.find(path="/v1/customers")) == 1

> stripe.Customer.create(api_key="sk_test_other")
assert len(stripe.Customer.list().data) == 1

> print(fakestripe.url)
assert capsys.readouterr().out.startswith("http://127.0.0.1:")

> fakestripe.reset()
assert stripe.Customer.list().data == []

> @pytest.mark.fakestripe
assert stripe.Customer.retrieve(customer).name == "Ada"

> with FakeStripe() as fake, fake.intercept():
    assert stripe.Customer.list().data == []

> fakestripe.fail_next("GET /v1/customers", close=True)
with pytest.raises(stripe.APIConnectionError):
    stripe.Customer.list()
"""
"""An example's call begins with `>`. The lines before it prepare, and those after it say what it has done.

A marker stands above the test instead.
"""

EXAMPLE_OF = {
    next(line[2:] for line in each.splitlines() if line.startswith("> ")): each.splitlines()
    for each in EXAMPLES.strip().split("\n\n")
}


def test_of(call: str) -> str:
    """Return a test file that runs a call."""
    start = COMMON.replace("def test_it", f"{call}\ndef test_it") if call.startswith("@") else COMMON
    lines = [line.removeprefix("> ") for line in EXAMPLE_OF[call] if not line.startswith("> @")]
    return start + "".join(f"    {line}\n" for line in lines)
