"""What surrounds each call of the tables in `docs/pytest.md` when a test runs it: what comes before, and what it did."""

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


def test_it(fakestripe, monkeypatch, capsys):
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
    subscription = stripe.Subscription.create(customer=customer, items=[{"price": each} for each in prices]).id
    [invoice] = [each.id for each in stripe.Invoice.list(customer=customer).data]
    usage = {"stripe_customer_id": customer, "value": "7"}
"""
"""The start of each test, up to what comes before its call."""

USED = "use(customer, 650)"
EVENTS = '"/v1/billing/meter_events"'
REFUSED = f"""
with pytest.raises(stripe.StripeError):
    use(customer)
assert statuses(fakestripe, "POST", {EVENTS})[0] """
HEARD = 'inbox = fakestripe.webhooks.collect("customer.created", "customer.updated")'
TWO = 'stripe.Customer.modify(stripe.Customer.create().id, name="Grace")'
HELD = f"{HEARD}\nfakestripe.webhooks.hold()\n{TWO}"
STUBBED = 'stripe.Quote.create(customer=customer).id == "qt_1"'

AROUND: dict[str, tuple[str, str]] = {
    'fakestripe.clock.freeze("2025-02-01T01:00:00Z")': (
        USED,
        "assert stripe.Invoice.list(customer=customer).data[0].total == 1300 + 1000",
    ),
    "fakestripe.clock.advance(3600)": ("", "assert fakestripe.clock.now() == 1735689600 + 3600"),
    '@pytest.mark.fakestripe(now="2025-01-01T00:00:00Z", freeze_process=True)': (
        "",
        "assert time.time() == fakestripe.clock.now() == 1735689600",
    ),
    'stripe.billing.MeterEvent.create(event_name="tokens", payload=usage, timestamp=fakestripe.clock.now() - 86_400)': (
        "",
        'fakestripe.assert_usage({customer: {"tokens": {"2024-12-31": 7}}})',
    ),
    "@pytest.mark.fakestripe(lag=60)": (
        "use(customer)",
        'assert fakestripe.usage("tokens", customer) == 0\n'
        "fakestripe.clock.advance(60)\n"
        'assert fakestripe.usage("tokens", customer) == 1',
    ),
    'fakestripe.assert_usage({customer: {"tokens": 650}})': (
        USED,
        'use(customer)\nwith pytest.raises(AssertionError):\n    fakestripe.assert_usage({customer: {"tokens": 650}})',
    ),
    'print(fakestripe.explain("tokens", customer))': (USED, 'assert "650  counted" in capsys.readouterr().out'),
    "print(fakestripe.explain_invoice(invoice))": (USED, 'assert "$10.00  1 × Base" in capsys.readouterr().out'),
    'print(fakestripe.explain_billing("tokens", customer))': (
        USED,
        'assert "650  not billed yet" in capsys.readouterr().out',
    ),
    "with fakestripe.checkpoint():": ("", '    use(customer)\nassert fakestripe.usage("tokens", customer) == 0'),
    'stripe.Subscription.modify(subscription, default_payment_method="pm_card_chargeCustomerFail")': (
        "",
        'fakestripe.clock.freeze("2025-02-01T01:00:00Z")\n'
        'assert stripe.Subscription.retrieve(subscription).status == "past_due"',
    ),
    'fakestripe.fail_next("POST /v1/invoices/*/pay", status=402)': (
        "stripe.InvoiceItem.create(customer=customer, amount=500, currency='usd')\n"
        "mine = stripe.Invoice.create(customer=customer, pending_invoice_items_behavior='include').id",
        "with pytest.raises(stripe.CardError):\n"
        "    stripe.Invoice.pay(mine)\n"
        'assert stripe.Invoice.pay(mine).status == "paid"',
    ),
    '@pytest.mark.fakestripe(retries=(3, 5, 7), after_retries="unpaid")': (
        'stripe.Subscription.modify(subscription, default_payment_method="pm_card_chargeCustomerFail")',
        'fakestripe.clock.freeze("2025-02-20T00:00:00Z")\n'
        'assert stripe.Subscription.retrieve(subscription).status == "unpaid"',
    ),
    'fakestripe.fail_next("POST /v1/billing/meter_events", close=True, after_commit=True)': (
        "",
        "with pytest.raises(stripe.APIConnectionError):\n"
        "    use(customer)\n"
        'assert fakestripe.usage("tokens", customer) == 1',
    ),
    'fakestripe.fail_next("POST /v1/billing/meter_events", status=503, times=3)': ("", REFUSED + "== 503"),
    'fakestripe.fail_next("GET /v1/customers/*", delay=0.1)': (
        "",
        "before = time.monotonic()\nstripe.Customer.retrieve(customer)\nassert time.monotonic() - before > 0.09",
    ),
    "fakestripe.chaos(seed=1, rate=0.1)": (
        "",
        "for _ in range(100):\n"
        "    try:\n"
        "        use(customer)\n"
        "    except stripe.StripeError:\n"
        "        pass\n"
        f'assert 80 < statuses(fakestripe, "POST", {EVENTS}).count(200) < 98',
    ),
    '@pytest.mark.fakestripe(limits={"meter_events": 5})': (
        "for _ in range(5):\n    use(customer)",
        REFUSED + "== 200",
    ),
    "@pytest.mark.fakestripe(advance_on_sleep=True)": (
        "before = fakestripe.clock.now()\ntime.sleep(2)",
        "assert fakestripe.clock.now() == before + 2",
    ),
    "@pytest.mark.fakestripe(tick=1)": (
        "before = fakestripe.clock.now()",
        "use(customer)\nassert fakestripe.clock.now() == before + 1",
    ),
    "fakestripe.assert_no_429()": (
        "",
        'fakestripe.fail_next("GET /v1/customers", status=429)\n'
        "with pytest.raises(stripe.RateLimitError):\n"
        "    stripe.Customer.list()\n"
        "with pytest.raises(AssertionError):\n"
        "    fakestripe.assert_no_429()",
    ),
    "fakestripe.assert_all_struck()": (
        "",
        'fakestripe.fail_next("GET /v1/customers", status=429)\n'
        "with pytest.raises(AssertionError):\n"
        "    fakestripe.assert_all_struck()\n"
        "fakestripe.reset()",
    ),
    'fakestripe.stub("POST /v1/quotes", json={"id": "qt_1"})': ("", f"assert {STUBBED}"),
    'fakestripe.stub("POST /v1/quotes", json={"id": "qt_1"}, times=1)': (
        "",
        f"assert {STUBBED}\nwith pytest.raises(stripe.APIError):\n    assert {STUBBED}",
    ),
    "print(stub.calls)": (
        f'stub = fakestripe.stub("POST /v1/quotes", json={{"id": "qt_1"}})\nassert {STUBBED}',
        'assert "cus_" in capsys.readouterr().out',
    ),
    "print(fakestripe.unstruck)": (
        'fakestripe.fail_next("GET /v1/invoices/*", status=500)',
        'assert "/v1/invoices/*" in capsys.readouterr().out\nfakestripe.reset()',
    ),
    'inbox = fakestripe.webhooks.collect("invoice.*")': (
        "",
        'fakestripe.clock.freeze("2025-02-01T01:00:00Z")\nassert "invoice.paid" in inbox.types',
    ),
    'fakestripe.webhooks.deliver_to(fakestripe.webhooks.asgi(app, "http://app/hooks"), secret="whsec_app")': (
        "",
        "stripe.Customer.create()\nassert b'customer.created' in hooks[-1]",
    ),
    "fakestripe.webhooks.repeat(inbox[0])": (
        f"{HEARD}\nstripe.Customer.create()",
        'assert inbox.types == ["customer.created"] * 2',
    ),
    "fakestripe.webhooks.hold()": (HEARD, "stripe.Customer.create()\nassert len(inbox) == 0"),
    "fakestripe.webhooks.release(*reversed(fakestripe.webhooks.held))": (
        HELD,
        'assert inbox.types == ["customer.updated", "customer.created"]',
    ),
    "fakestripe.webhooks.drop(*fakestripe.webhooks.held)": (
        HELD,
        "fakestripe.webhooks.release()\nassert len(inbox) == 0",
    ),
    'print(fakestripe.journal.find(path="/v1/billing/meter_events"))': (
        USED,
        'assert "POST /v1/billing/meter_events → 200" in capsys.readouterr().out',
    ),
    'assert len(fakestripe.journal.find(path="/v1/customers")) == 1': ("", ""),
    'stripe.Customer.create(api_key="sk_test_other")': ("", "assert len(stripe.Customer.list().data) == 1"),
    "print(fakestripe.url)": ("", 'assert capsys.readouterr().out.startswith("http://127.0.0.1:")'),
    "fakestripe.reset()": ("", "assert stripe.Customer.list().data == []"),
    "@pytest.mark.fakestripe": ("", 'assert stripe.Customer.retrieve(customer).name == "Ada"'),
    "with FakeStripe() as fake, fake.intercept():": ("", "    assert stripe.Customer.list().data == []"),
    'fakestripe.fail_next("GET /v1/customers", close=True)': (
        "",
        "with pytest.raises(stripe.APIConnectionError):\n    stripe.Customer.list()",
    ),
}
"""By the call: the lines before it, and the lines after it. A marker stands above the test instead."""


def test_of(call: str) -> str:
    """Return a test file that runs a call."""
    before, after = AROUND[call]
    if call.startswith("@"):
        start, call = COMMON.replace("def test_it", f"{call}\ndef test_it"), ""
    else:
        start = COMMON
    lines = [line for text in (before, call, after) for line in text.splitlines()]
    return start + "".join(f"    {line}\n" for line in lines)
