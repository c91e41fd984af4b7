// The node SDK over loopback. Each step is a function; the last line of the output tells how they went.
const Stripe = require("stripe");
const assert = require("assert");
const {host, port, protocol, key} = JSON.parse(process.env.FAKE);
const to = (key) => new Stripe(key, {host, port, protocol, maxNetworkRetries: 0, telemetry: false});
const control = (path, body) =>
  fetch(`${protocol}://${host}:${port}/_fakestripe${path}`, {method: "POST", body: JSON.stringify(body)});
const stripe = to(key);
const now = 1735689600;
const day = 86400;
const span = {start_time: now - day, end_time: now + day};
const world = {};

const steps = {
  "meter, customer, events, summary": async () => {
    const formula = {formula: "sum"};
    const meter = {display_name: "Calls", event_name: "calls", default_aggregation: formula};
    world.meter = await stripe.billing.meters.create(meter);
    world.customer = (await stripe.customers.create({name: "Ada"})).id;
    for (const value of ["2", "0.5"]) {
      const payload = {stripe_customer_id: world.customer, value};
      await stripe.billing.meterEvents.create({event_name: "calls", payload});
    }
    const found = await stripe.billing.meters.listEventSummaries(world.meter.id, {customer: world.customer, ...span});
    assert.deepEqual(found.data.map((each) => each.aggregated_value), [2.5]);
  },
  analytics: async () => {
    const path = `/v1/billing/analytics/meter_usage?customer=${world.customer}&start_time=${span.start_time}` +
      `&end_time=${span.end_time}&meters[0][meter_id]=${world.meter.id}`;
    const usage = await stripe.rawRequest("GET", path, undefined, {apiVersion: "2025-08-27.preview"});
    assert.equal(usage.data[0].bucket_value, 2.5);
  },
  errors: async () => {
    const errors = Stripe.errors;
    await assert.rejects(stripe.billing.meters.retrieve("mtr_none"), (error) => {
      return error instanceof errors.StripeInvalidRequestError && error.statusCode === 404 && error.param === "id";
    });
    const payload = {stripe_customer_id: "cus_none", value: "1"};
    await assert.rejects(stripe.billing.meterEvents.create({event_name: "calls", payload}), (error) => {
      return error instanceof errors.StripeInvalidRequestError && error.param === "payload[stripe_customer_id]";
    });
    await control("/faults", {method: "POST", path: "/v1/customers", status: 429});
    await assert.rejects(stripe.customers.create(), errors.StripeRateLimitError);
    await stripe.customers.create({name: "Ada"}, {idempotencyKey: "once"});
    await assert.rejects(
      stripe.customers.create({name: "Bob"}, {idempotencyKey: "once"}), errors.StripeIdempotencyError);
  },
  "API v2 and the stream": async () => {
    const session = await stripe.v2.billing.meterEventSession.create();
    const event = {event_name: "calls", payload: {stripe_customer_id: world.customer, value: "1"}};
    await stripe.v2.billing.meterEvents.create(event);
    await to(session.authentication_token).v2.billing.meterEventStream.create({events: [event, event]});
    const found = await stripe.billing.meters.listEventSummaries(world.meter.id, {customer: world.customer, ...span});
    assert.equal(found.data[0].aggregated_value, 5.5);
  },
  "subscription, a month, invoice": async () => {
    const recurring = {interval: "month", usage_type: "metered", meter: world.meter.id};
    const product = {product_data: {name: "Calls"}};
    const price = await stripe.prices.create({currency: "usd", unit_amount: 100, recurring, ...product});
    const terms = {collection_method: "send_invoice", days_until_due: 30};
    await stripe.subscriptions.create({customer: world.customer, items: [{price: price.id}], ...terms});
    const payload = {stripe_customer_id: world.customer, value: "7"};
    await stripe.billing.meterEvents.create({event_name: "calls", payload});
    await control("/clock", {advance: 32 * day});
    const invoices = await stripe.invoices.list({customer: world.customer});
    assert.equal(invoices.data[0].total, 700);
  },
};

const main = async () => {
  const report = {passed: [], failed: {}, limits: []};
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      report.passed.push(name);
    } catch (error) {
      report.failed[name] = error.stack;
    }
  }
  report.limits.push("analytics by `rawRequest`: this SDK has no method for them");
  if (stripe.billing.analytics) report.limits.pop();
  console.log(JSON.stringify(report));
};
main();
