"""The official node SDK as a client: `host`, `port` and `protocol` are all it needs to be told."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fakestripe_meters import FakeStripe
from tests.clients.conftest import https
from tests.clients.conftest import prepared
from tests.clients.conftest import run

BEGIN = """
const Stripe = require('stripe');
const {host, port, protocol, key} = JSON.parse(process.env.FAKE);
const to = (key) => new Stripe(key, {host, port, protocol, maxNetworkRetries: 0, telemetry: false});
const stripe = to(key);
const refused = async (promise) => {
  try { await promise; } catch (error) {
    return {name: error.constructor.name, type: error.type, code: error.code, status: error.statusCode};
  }
};
const meter = () => stripe.billing.meters.create({
  display_name: 'Calls', event_name: 'calls', default_aggregation: {formula: 'sum'},
});
const main = async () => {
"""
END = "\n};\nmain().then((result) => console.log(JSON.stringify(result)), (error) => { throw error; });\n"


class Node:
    def __init__(self, command: str, fake: FakeStripe, home: Path, modules: Path) -> None:
        self.command = command
        self.fake = fake
        self.home = home
        self.modules = modules

    def __call__(self, script: str) -> Any:  # noqa: ANN401  any JSON tree
        """Run the body of an async function; return what it returns."""
        parts = urlsplit(self.fake.url)
        where = {"host": parts.hostname, "port": parts.port, "protocol": "http", "key": self.fake.api_key}
        environment = {"NODE_PATH": str(self.modules), "FAKE": json.dumps(where)}
        done = run([self.command, "-e", BEGIN + script + END], self.home, environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def js(node: str, fake: FakeStripe, tmp_path: Path) -> Node:
    return Node(node, fake, tmp_path, prepared("stripe").parent)


def test_meters_and_usage_by_v1_and_v2(js: Node) -> None:
    result = js("""
      const customer = await stripe.customers.create({name: 'Ada'});
      const made = await meter();
      const payload = {stripe_customer_id: customer.id, value: '2'};
      await stripe.billing.meterEvents.create({event_name: 'calls', payload});
      const event = await stripe.v2.billing.meterEvents.create({
        event_name: 'calls', payload, timestamp: '2024-12-31T12:00:00.000Z', identifier: 'one',
      });
      await stripe.v2.billing.meterEventAdjustments.create({
        event_name: 'calls', type: 'cancel', cancel: {identifier: 'one'},
      });
      const summaries = await stripe.billing.meters.listEventSummaries(made.id, {
        customer: customer.id, start_time: 1735603200, end_time: 1735776000,
      });
      return {event, total: summaries.data[0].aggregated_value};
    """)
    assert result["event"]["object"] == "v2.billing.meter_event"
    assert result["total"] == 2


def test_the_stream_is_on_the_same_host(js: Node) -> None:
    result = js("""
      const customer = await stripe.customers.create({});
      const made = await meter();
      const session = await stripe.v2.billing.meterEventSession.create();
      const payload = {stripe_customer_id: customer.id, value: '1'};
      const events = Array.from({length: 100}, () => ({event_name: 'calls', payload}));
      await to(session.authentication_token).v2.billing.meterEventStream.create({events});
      const summaries = await stripe.billing.meters.listEventSummaries(made.id, {
        customer: customer.id, start_time: 1735603200, end_time: 1735776000,
      });
      return summaries.data[0].aggregated_value;
    """)
    assert result == 100


def test_refusals_are_its_error_classes(js: Node) -> None:
    result = js("""
      await meter();
      const event = {event_name: 'calls', payload: {value: '1'}};
      return {
        customer: await refused(stripe.v2.billing.meterEvents.create(event)),
        unknown: await refused(stripe.v2.billing.meterEvents.create({...event, event_name: 'nope'})),
        fields: await refused(stripe.v2.billing.meterEvents.create({})),
        token: await refused(to('token_nope').v2.billing.meterEventStream.create({events: [event]})),
        key: await refused(stripe.v2.billing.meterEventStream.create({events: [event]})),
        v1: await refused(stripe.billing.meters.retrieve('mtr_nope')),
      };
    """)
    assert result["customer"]["code"] == "payload_no_customer_defined"
    assert result["unknown"]["code"] == "no_meter"
    assert result["fields"]["name"] == "StripeInvalidRequestError"
    assert result["token"]["name"] == "TemporarySessionExpiredError"
    assert result["key"]["status"] == 401
    assert result["v1"] == {
        "name": "StripeInvalidRequestError",
        "type": "StripeInvalidRequestError",
        "code": "resource_missing",
        "status": 404,
    }


def test_limits_are_a_rate_limit_error(js: Node) -> None:
    js.fake.fail_next("POST /v2/billing/meter_events", status=429)
    result = js("return refused(stripe.v2.billing.meterEvents.create({event_name: 'calls', payload: {}}));")
    assert result["name"] == "RateLimitError"
    assert result["code"] == "account_rate_limit_exceeded"


def test_it_pages_through_events_and_reads_reports(js: Node) -> None:
    js("""
      await meter();
      const session = await stripe.v2.billing.meterEventSession.create();
      const events = [{event_name: 'calls', payload: {stripe_customer_id: 'cus_nope', value: '1'}}];
      await to(session.authentication_token).v2.billing.meterEventStream.create({events});
      return null;
    """)
    js.fake.clock.advance(12)
    result = js("""
      const types = [];
      for await (const event of stripe.v2.core.events.list({limit: 1})) types.push(event.type);
      const [report] = (await stripe.v2.core.events.list({types: ['v1.billing.meter.error_report_triggered']})).data;
      const event = await stripe.v2.core.events.retrieve(report.id);
      const about = await event.fetchRelatedObject();
      return {types, count: event.data.reason.error_count, about: about.object};
    """)
    assert result["types"] == ["v1.billing.meter.error_report_triggered", "v1.billing.meter.created"]
    assert result["count"] == 1
    assert result["about"] == "billing.meter"


def test_it_pages_through_what_it_searches(js: Node) -> None:
    result = js("""
      for (const name of ['Amy', 'Bob', 'Amy', 'Amy']) await stripe.customers.create({name, metadata: {of: 'us'}});
      const found = [];
      const query = "name:'amy' AND metadata['of']:'us'";
      for await (const customer of stripe.customers.search({query, limit: 2})) found.push(customer.name);
      const page = await stripe.customers.search({query, limit: 2, expand: ['total_count']});
      return [found, page.total_count, await refused(stripe.customers.search({query: 'amy'}))];
    """)
    assert result[:2] == [["Amy", "Amy", "Amy"], 3]
    assert result[2]["name"] == "StripeInvalidRequestError"


def test_it_verifies_what_it_is_sent(js: Node) -> None:
    snapshots = js.fake.webhooks.collect("billing.meter.created", secret="whsec_snapshot")
    thin = js.fake.webhooks.collect("v1.billing.meter.created", thin=True, secret="whsec_thin")
    js("await meter(); return null;")
    sent = [[each.body.decode(), each.signature] for each in (snapshots[0], thin[0])]
    result = js(f"""
      const [[body, signature], [thinBody, thinSignature]] = {json.dumps(sent)};
      const event = stripe.webhooks.constructEvent(body, signature, 'whsec_snapshot');
      const notification = stripe.parseEventNotification(thinBody, thinSignature, 'whsec_thin');
      const fetched = await notification.fetchEvent();
      return [event.type, event.data.object.event_name, notification.type, fetched.snapshot_event === event.id];
    """)
    assert result == ["billing.meter.created", "calls", "v1.billing.meter.created", True]


def test_an_unchanged_client_reaches_it_under_stripes_name(js: Node, tmp_path: Path) -> None:
    """Node asks no proxy by itself, so its connections are made through one; the name and the certificate count."""
    script = """
      const tls = require('tls'), http = require('http'), https = require('https');
      const agent = new https.Agent();
      agent.createConnection = (options, done) => {
        const proxy = new URL(process.env.HTTPS_PROXY);
        http.request({host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: `${options.host}:443`})
          .on('connect', (_response, socket) => done(null, tls.connect({socket, servername: options.host})))
          .end();
      };
      const stripe = require('stripe')('sk_test_fakestripe', {httpAgent: agent, telemetry: false});
      stripe.customers.create({name: 'Ada'}).then((made) => { console.log(made.name); process.exit(); });
    """
    with https(js.fake) as (proxy, environment):
        done = run([js.command, "-e", script], tmp_path, environment | {"NODE_PATH": str(js.modules)})
        assert proxy.asked == ["api.stripe.com"]
    assert done.stdout == "Ada\n", done.stderr


def test_a_customer_gets_a_card_subscribes_and_the_payment_can_be_read(js: Node) -> None:
    result = js("""
      const {id: customer} = await stripe.customers.create({email: 'ada@example.com'});
      const card = await stripe.paymentMethods.attach('pm_card_visa', {customer});
      await stripe.customers.update(customer, {invoice_settings: {default_payment_method: card.id}});
      const price = await stripe.prices.create({
        currency: 'usd', unit_amount: 2500, recurring: {interval: 'month'}, product_data: {name: 'Seat'},
      });
      const subscription = await stripe.subscriptions.create({
        customer, items: [{price: price.id}], expand: ['latest_invoice.payments'],
      });
      const [payment] = subscription.latest_invoice.payments.data;
      const intent = await stripe.paymentIntents.retrieve(payment.payment.payment_intent);
      const charge = await stripe.charges.retrieve(intent.latest_charge, {expand: ['balance_transaction']});
      const refund = await stripe.refunds.create({payment_intent: intent.id, amount: 500});
      const cards = [];
      for await (const each of stripe.customers.listPaymentMethods(customer, {limit: 1})) cards.push(each.card.last4);
      return {
        status: subscription.status, paid: payment.amount_paid,
        intent: intent.status, method: intent.payment_method === card.id,
        net: charge.balance_transaction.net, refund: refund.status, cards,
      };
    """)
    assert result == {
        "status": "active",
        "paid": 2500,
        "intent": "succeeded",
        "method": True,
        "net": 2397,
        "refund": "succeeded",
        "cards": ["4242"],
    }


def test_an_incomplete_subscription_is_paid_by_confirming_its_secret(js: Node) -> None:
    result = js("""
      const {id: customer} = await stripe.customers.create({});
      const price = await stripe.prices.create({
        currency: 'usd', unit_amount: 2500, recurring: {interval: 'month'}, product_data: {name: 'Seat'},
      });
      const {id, status, latest_invoice: invoice} = await stripe.subscriptions.create({
        customer, items: [{price: price.id}], payment_behavior: 'default_incomplete',
        payment_settings: {save_default_payment_method: 'on_subscription'},
        expand: ['latest_invoice.confirmation_secret'],
      });
      const [intent] = invoice.confirmation_secret.client_secret.split('_secret_');
      const before = (await stripe.paymentIntents.retrieve(intent)).status;
      const declined = await refused(stripe.paymentIntents.confirm(intent, {payment_method: 'pm_card_chargeDeclined'}));
      const {status: after} = await stripe.paymentIntents.confirm(intent, {payment_method: 'pm_card_visa'});
      const paid = await stripe.subscriptions.retrieve(id, {expand: ['default_payment_method']});
      return {status, before, declined, after, now: paid.status, saved: paid.default_payment_method.card.brand};
    """)
    assert result == {
        "status": "incomplete",
        "before": "requires_payment_method",
        "declined": {"name": "StripeCardError", "type": "StripeCardError", "code": "card_declined", "status": 402},
        "after": "succeeded",
        "now": "active",
        "saved": "visa",
    }


CHECKOUT = """
      const control = async (path, body) => (await fetch(`${protocol}://${host}:${port}/_fakestripe/${path}`, {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body),
      })).json();
      const {id: used} = await meter();
      const price = (more) => stripe.prices.create({currency: 'usd', product_data: {name: 'Plan'}, ...more});
      const seat = await price({unit_amount: 1000, recurring: {interval: 'month'}});
      const calls = await price({unit_amount: 5, recurring: {interval: 'month', usage_type: 'metered', meter: used}});
      const open = (more) => stripe.checkout.sessions.create({
        mode: 'subscription', line_items: [{price: seat.id, quantity: 1}, {price: calls.id}],
        success_url: 'https://example.com/welcome?session_id={CHECKOUT_SESSION_ID}', ...more,
      });
"""


def test_a_checkout_session_is_completed_used_and_followed_by_the_portal(js: Node) -> None:
    inbox = js.fake.webhooks.collect("checkout.session.completed", secret="whsec_shop")
    result = js(
        CHECKOUT
        + """
      const opened = await open({client_reference_id: 'user_7', customer_email: 'ada@example.com'});
      const told = await control(`checkout/sessions/${opened.id}/complete`, {payment_method: 'pm_card_visa'});
      const session = await stripe.checkout.sessions.retrieve(opened.id, {expand: ['subscription', 'line_items']});
      const payload = {stripe_customer_id: session.customer, value: '40'};
      await stripe.billing.meterEvents.create({event_name: 'calls', payload});
      const configuration = await stripe.billingPortal.configurations.create({
        features: {subscription_cancel: {enabled: true}},
      });
      const portal = await stripe.billingPortal.sessions.create({
        customer: session.customer, configuration: configuration.id, return_url: 'https://example.com',
      });
      return {
        before: [opened.status, opened.payment_status, opened.amount_total],
        after: [told.status, session.status, session.payment_status, session.url],
        subscription: session.subscription.status, lines: session.line_items.data.map((each) => each.quantity),
        reference: session.client_reference_id, page: opened.url, portal: portal.url,
      };
    """
    )
    assert result["before"] == ["open", "unpaid", 1000]
    assert result["after"] == ["complete", "complete", "paid", None]
    assert (result["subscription"], result["lines"], result["reference"]) == ("active", [1, None], "user_7")
    assert result["page"].startswith(f"{js.fake.url}/_fakestripe/checkout/cs_test_")
    assert result["portal"].startswith(f"{js.fake.url}/_fakestripe/portal/bps_")
    (sent,) = inbox
    event = js(f"""
      const [body, signature] = {json.dumps([sent.body.decode(), sent.signature])};
      const {{data}} = stripe.webhooks.constructEvent(body, signature, 'whsec_shop');
      return [data.object.object, data.object.client_reference_id, data.object.amount_total];
    """)
    assert event == ["checkout.session", "user_7", 1000]


def test_a_checkout_session_is_refused_declined_and_expired(js: Node) -> None:
    result = js(
        CHECKOUT
        + """
      const quantity = await refused(open({line_items: [{price: calls.id, quantity: 1}]}));
      const {id} = await open();
      const declined = await control(`checkout/sessions/${id}/complete`, {payment_method: 'pm_card_chargeDeclined'});
      const still = (await stripe.checkout.sessions.retrieve(id)).status;
      const {status, url} = await stripe.checkout.sessions.expire(id);
      const again = await refused(stripe.checkout.sessions.expire(id));
      const late = await control(`checkout/sessions/${id}/complete`, {payment_method: 'pm_card_visa'});
      return {quantity, declined, still, status, url, again, late};
    """
    )
    assert result["quantity"]["name"] == result["again"]["name"] == "StripeInvalidRequestError"
    assert "declined" in result["declined"]["error"]["message"]
    assert (result["still"], result["status"], result["url"]) == ("open", "expired", None)
    assert "error" in result["late"]
