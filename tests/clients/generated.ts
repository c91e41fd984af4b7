// What a generated client can say: API v1 with nested bodies, API v2, and the control plane. The test puts what the page
// defines before it, and reads what it prints.
const v2 = caller(createClient<paths>({ baseUrl, headers: { Authorization: headers.Authorization } }));

const customer = await stripe("post", "/v1/customers", {
  body: { name: "Ada", address: { city: "Berlin", country: "DE" } },
});
const meter = await stripe("post", "/v1/billing/meters", {
  body: {
    display_name: "Tokens",
    event_name: "tokens",
    default_aggregation: { formula: "sum" },
    dimension_payload_keys: ["model"],
  },
});
const payload = { stripe_customer_id: customer.id, value: "3", model: "small" };
await stripe("post", "/v1/billing/meter_events", { body: { event_name: "tokens", payload } });
await v2("post", "/v2/billing/meter_events", {
  body: { event_name: "tokens", payload: { ...payload, model: "large" } },
});
const { now, frozen } = await control("get", "/_fakestripe/clock", {});
const midnight = now - (now % 86400);
const usage = await stripe("get", "/v1/billing/analytics/meter_usage", {
  params: {
    query: {
      customer: customer.id,
      starts_at: midnight,
      ends_at: midnight + 86400,
      value_grouping_window: "day",
      meters: [{ meter: meter.id, dimension_filters: { model: ["small"] } }],
    },
  },
});
const { value, events } = await control("get", "/_fakestripe/explain", {
  params: { query: { meter: "tokens", customer: customer.id, dimension_filters: { model: "small" } } },
});
const moved = await control("post", "/_fakestripe/clock", { body: { advance: 86400 } });
const { data: deliveries } = await control("get", "/_fakestripe/webhooks", {});
const planned = await control("post", "/_fakestripe/faults", {
  body: { method: "POST", path: "/v1/customers", status: 503 },
});
const refused = (error: Error) => error.message;
const failed = await stripe("post", "/v1/customers", { body: {} }).then(String, refused);
const wrong = await control("post", "/_fakestripe/clock", { body: { advance: -1 } }).then(String, refused);
const limits = await control("put", "/_fakestripe/limits", { body: { profile: "sandbox", analytics: 5 } });
const { data: journal } = await control("get", "/_fakestripe/journal", { params: { query: { limit: 1 } } });

console.log(
  JSON.stringify({
    city: customer.address?.city,
    usage: usage.rows.data.map((row) => row.value),
    explained: [value, events.map((each) => [each.value, each.fate])],
    frozen,
    moved: moved.now - now,
    webhooks: deliveries.map((each) => [each.type, each.state]),
    planned: planned.times,
    failed: JSON.parse(failed).error.type,
    wrong: JSON.parse(wrong).error.param,
    limits: [limits.analytics, limits.global],
    journal: journal.map((each) => each.status),
  }),
);
