"""Every claim about speed and size: what is measured, against what, and the bar. The scripts fill in the values."""

from benchmarks.figures import Figure

# One call, by door: measured by doors and sdk and servers
ENGINE = Figure(name="meter event through the engine", against="hand form parsing and `json.dumps`", bar=5)
FLASK = Figure(name="meter event through Flask's test client", against="hand form parsing and `json.dumps`")
RESTRICTED = Figure(
    name="what a restricted key adds to a call of the engine", against="the key of its account", bar=3, unit="µs"
)
HTTP_CLIENT = Figure(name="SDK call through `http_client()`", against="a no-op `stripe.HTTPClient`", bar=1.4)
INTERCEPTION = Figure(
    name="SDK call through `intercept()`", against="a `requests` adapter with a canned answer", bar=1.25
)
LOOPBACK = Figure(
    name="SDK call to `fake.url`, in one process", against="a `requests` adapter with a canned answer", bar=3
)
SERVED = Figure(name="SDK call to `serve`", against="a raw socket that answers the same bytes", bar=1.4)
SERVED_STRIPE_MOCK = Figure(name="SDK call to `serve`, a customer", against="stripe-mock", bar=0.95)
SERVED_LOCALSTRIPE = Figure(name="SDK call to `serve`, a customer", against="localstripe, empty at first")
PLAIN_CLIENT = Figure(
    name="meter events of one plain HTTP client", against="(absolute)", bar=1_000, unit="events/s", at_least=True
)

# Requests as fast as they are answered: measured by throughput
RAW, MOCK = "a raw socket that answers the same bytes", "stripe-mock"
CUSTOMERS_1 = Figure(name="customers a second, one connection to `serve`", against=MOCK, bar=1.3, at_least=True)
CUSTOMERS_8 = Figure(name="customers a second, eight connections to `serve`", against=MOCK, bar=0.8, at_least=True)
CUSTOMERS_32 = Figure(name="customers a second, 32 connections to `serve`", against=MOCK)
CUSTOMERS_1_RAW = Figure(name="customers a second, one connection to `serve`", against=RAW)
CUSTOMERS_8_RAW = Figure(name="customers a second, eight connections to `serve`", against=RAW)
CUSTOMERS_32_RAW = Figure(name="customers a second, 32 connections to `serve`", against=RAW)
EVENTS_1 = Figure(
    name="meter events, one connection to `serve`", against="(absolute)", bar=10_000, unit="events/s", at_least=True
)
HEAD = Figure(name="reading the head of an SDK's request", against="`httptools`", bar=1.1)

# The stream: measured by stream
STREAM = Figure(
    name="stream in the engine, per event of 100-event calls", against="`json.loads` and building a dict", bar=4
)
STREAM_SERVED = Figure(
    name="stream over loopback, 100-event calls", against="(absolute)", bar=10_000, unit="events/s", at_least=True
)

# Usage files: measured by imports
PER_S, LEAST_PER_S = "records/s", 100_000
IMPORT_CSV = Figure(name="CSV file of 1 M records", against="(absolute)", bar=LEAST_PER_S, unit=PER_S, at_least=True)
IMPORT_JSON = Figure(name="JSON array of 1 M records", against="(absolute)", bar=LEAST_PER_S, unit=PER_S, at_least=True)
IMPORT_LINES = Figure(
    name="JSON Lines file of 1 M records", against="(absolute)", bar=LEAST_PER_S, unit=PER_S, at_least=True
)
IMPORT_MEMORY = Figure(
    name="memory of an import beside its usage, 200 k records", against="(absolute)", bar=30, unit="MB"
)
IMPORT_STREAM = Figure(
    name="JSON Lines file, per record", against="the stream in the engine, per event of 100-event calls", bar=2.2
)

# Analytics, sums per day in New York, grouped by two keys, filtered by a third: measured by ledger
MEMORY = Figure(name="memory per event, 1 M events", against="(absolute)", bar=250, unit="bytes")
DAILY_10K = Figure(name="daily query over 10 k events", against="DuckDB over the same rows")
DAILY_100K = Figure(name="daily query over 100 k events", against="DuckDB over the same rows")
DAILY_1M = Figure(name="daily query over 1 M events", against="DuckDB over the same rows", bar=0.1)
DAILY_GROWTH = Figure(name="daily query over 1 M events", against="the same over 10 k events", bar=6)
ALL_LATE = Figure(
    name="daily query over 1 M events, after a late event in every series", against="DuckDB, no late event", bar=0.5
)
ALL_CANCELLED = Figure(
    name="daily query over 1 M events, after a cancellation in every series",
    against="DuckDB, no cancellation",
    bar=0.5,
)
ONE_LATE = Figure(name="late event in one series, then the daily query", against="the daily query", bar=2)
ONE_CANCELLED = Figure(name="cancellation in one series, then the daily query", against="the daily query", bar=2)
HOURLY_1M = Figure(name="query per hour in Kolkata over 1 M events", against="DuckDB over the same rows", bar=1)
ANSWER_1M = Figure(
    name="the whole answer to the daily query through the engine, 1 M events",
    against="DuckDB over the same rows",
    bar=0.4,
)

# Very many dimension values, and very many events: measured by extremes
SPARSE = Figure(
    name="query per hour over a month, 30,000 dimension values with one event each, asked again",
    against="DuckDB over the same rows",
    bar=1,
)
SPARSE_LATE = Figure(name="the same, right after a late event", against="DuckDB, no late event", bar=1)
SPARSE_ANSWER = Figure(name="the whole answer to that query through the engine", against="DuckDB over the same rows")
LOADED_10M = Figure(
    name="10 M events loaded into the ledger", against="(absolute)", bar=50_000, unit="events/s", at_least=True
)
MEMORY_10M = Figure(name="the process with 10 M events", against="(absolute)", bar=2.6, unit="GB")
DAILY_10M = Figure(name="daily query over 10 M events", against="DuckDB over the same rows")
GROWTH_10M = Figure(name="daily query over 10 M events", against="the same over 1 M events", bar=2)

# Start and reset: measured by servers and doors
COLD_START = Figure(name="cold start of `serve` to its first answer", against="`python -c 'import flask'`", bar=1.1)
COLD_START_STRIPE_MOCK = Figure(name="cold start of `serve` to its first answer", against="stripe-mock", bar=0.8)
RESET_EMPTY = Figure(name="reset of an empty world", against="(absolute)", bar=2, unit="ms")
RESET_USED = Figure(name="reset of a world with 10,000 events", against="(absolute)", bar=1, unit="ms")
CROWDED = Figure(name="POST among 100,000 customers", against="the same among none", bar=1.1)

# The pytest plugin: measured by plugin
FIXTURE = Figure(name="set-up and tear-down of the fixture", against="a test without it", bar=1, unit="ms more")
UNUSED_PLUGIN = Figure(name="`pytest --collect-only` with the plugin, unused", against="the same without it", bar=1.05)

# Alerts: measured by alerts
ARMED_ALERTS = Figure(name="meter event with 25 armed alerts", against="the same with none", bar=2)
FIRED_ALERTS = Figure(name="meter event with 25 alerts that have fired", against="the same with none", bar=2)
THRESHOLD = Figure(name="meter event with a subscription's billing threshold", against="the same with none")

# Other vendors' ingestion: measured by vendors
VENDOR = Figure(
    name="single event to another vendor, the most expensive of them, through the engine",
    against="a meter event",
    bar=1.5,
)

# Webhooks: measured by webhooks
TOLD = Figure(name="POST with a webhook to a local receiver, 1,000 times", against="the same without a webhook", bar=2)
TOLD_HANGING = Figure(
    name="POST with a webhook to a receiver that never answers", against="the same without a webhook", bar=2
)
TOLD_WSGI = Figure(name="POST with a webhook to a WSGI application", against="the same without a webhook")
TOLD_ASGI = Figure(name="POST with a webhook to an ASGI application", against="the same without a webhook", bar=4)
DELIVERED = Figure(name="webhooks delivered to a local receiver", against="(absolute)", unit="a second", at_least=True)

# Invoices: measured by invoices
ADVANCE = Figure(name="100 subscriptions by 13 months on the account's clock", against="(absolute)", bar=3, unit="s")
ADVANCE_TEST_CLOCK = Figure(
    name="100 subscriptions by 13 months on a test clock", against="(absolute)", bar=3, unit="s"
)
ADVANCE_WITH_CARDS = Figure(
    name="100 subscriptions by 13 months, each with a card", against="the same without", bar=1.3
)
ADVANCE_WITH_DISCOUNTS = Figure(
    name="100 subscriptions by 13 months, each with a card, a coupon and a tax rate", against="the same without", bar=2
)
YEAR = Figure(
    name="a year of 100 daily subscriptions on the account's clock, telling how far it is",
    against="(absolute)",
    bar=30,
    unit="s",
)
CYCLE = Figure(name="a billing cycle that falls due in that year", against="(absolute)", bar=0.7, unit="ms")
CYCLE_MEMORY = Figure(name="memory kept for a billing cycle of that year", against="(absolute)", bar=10, unit="KB")
YEAR_TEST_CLOCK = Figure(
    name="a year of 100 daily subscriptions on a test clock", against="(absolute)", bar=30, unit="s"
)
CYCLE_GROWTH = Figure(name="a billing cycle in the tenth year", against="one in the first year", bar=1.2)
PREVIEW = Figure(name="preview over 1 M events", against="the daily analytics query over the same usage", bar=1)
PREVIEW_TO_ONE = Figure(name="preview over 1 M events", against="the analytics query for a single number")

# Changes of a subscription that are invoiced at once: measured by changes
CHANGE_CROWDED = Figure(
    name="change of a quantity among 10,000 younger invoices", against="the same among none", bar=1.2
)
CHANGE = Figure(name="change of a quantity", against="a new subscription, invoiced as well", bar=3)
CHANGE_PREVIEWED = Figure(name="preview of a change of a quantity", against="the change", bar=1.2)

# Checkout: measured by checkout
CHECKOUT = Figure(name="a new Checkout session", against="a new customer", bar=3)

# Snapshots through HTTP: measured by snapshots
SNAPSHOT_SIZE = Figure(name="snapshot, per usage event", against="(absolute)", bar=100, unit="bytes")
SNAPSHOT_GET = Figure(name="GET of a snapshot of 1 M events", against="(absolute)", bar=10, unit="s")
SNAPSHOT_GET_MEMORY = Figure(
    name="memory for the GET of a snapshot of 1 M events", against="(absolute)", bar=500, unit="MB"
)
SNAPSHOT_PUT = Figure(name="PUT of a snapshot of 1 M events", against="(absolute)", bar=10, unit="s")
SNAPSHOT_PUT_MEMORY = Figure(
    name="memory for the PUT of a snapshot of 1 M events", against="(absolute)", bar=1_000, unit="MB"
)

# Reading: measured by reading
SEARCH = Figure(name="search among 10,000 customers", against="a loop over their names", bar=20)
EXPANSION = Figure(
    name="list of 100 invoices, with customers and their subscriptions expanded", against="the plain list", bar=2
)
INERT = Figure(name="POST of an invoice with a parameter that changes nothing", against="the same without it", bar=2)

# Pages: measured by pages
USAGE_PAGE = Figure(name="page of usage over 1 M events, by day and model", against="(absolute)", bar=100, unit="ms")
USAGE_PAGE_SIZE = Figure(
    name="HTML of that page as it is sent, 31 days of four groups", against="(absolute)", bar=30, unit="KB"
)
# Pages: measured by lists
CUSTOMERS_PAGE = Figure(name="page of customers, found by name among 10,000", against="(absolute)", bar=100, unit="ms")
INVOICES_PAGE = Figure(
    name="page of drafts, found by customer among 10,000 invoices", against="(absolute)", bar=100, unit="ms"
)

EVERY = tuple(each for each in list(globals().values()) if isinstance(each, Figure))
