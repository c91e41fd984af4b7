"""One business, told through every endpoint once at least, so that every object has been seen in an answer."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from fakestripe_meters import FakeStripe
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests.conformance import refused
from tests.conformance.oracle import route_of
from tests.conformance.story_checkout import links
from tests.conformance.story_checkout import sessions
from tests.conftest import KEY
from tests.conftest import encoded

NOW = 1_735_689_600
PAGES = "http://127.0.0.1:12111"
"""So that no server is opened for the address of a page."""
HOUR = 3_600
DAY = 86_400
BASIL = "2025-03-31"
MODES = "2025-06-30"
ENDIVE = "2026-09-30"
Json = Any


@dataclass(frozen=True)
class Seen:
    """An object that was in an answer."""

    route: str
    name: str
    tree: dict[str, Json]


@dataclass
class Teller:
    """Asks a fake of its own under one API version, and keeps what it is answered."""

    version: str
    fake: FakeStripe = field(
        default_factory=lambda: FakeStripe(now=NOW, seed=1, limits="off", relaxed=True, public_url=PAGES)
    )
    answers: list[tuple[str, Json]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Method, path and parameters of each request."""
    states_version: bool = True
    """Whether its requests name the version; otherwise it should be the newest, which they get then, with previews."""

    def ask(
        self,
        method: str,
        path: str,
        params: dict[str, Any] | None = None,
        key: str = KEY,
        account: str | None = None,
        *,
        status: int = 200,
    ) -> Json:
        """Send what must succeed, or have another status; to a connected account, if one is given."""
        body, headers = encoded(params), {"Authorization": f"Bearer {key}"}
        if self.states_version:
            headers["Stripe-Version"] = self.version
        if account is not None:
            headers["Stripe-Account"] = account
        query = "" if method == "POST" else body.decode()
        if path.startswith("/v2/") and method == "POST":
            body, headers["Content-Type"] = json.dumps(params or {}).encode(), "application/json"
        request = Request(method, path, query, Headers(headers), body if method == "POST" else b"")
        response = self.fake.engine.handle(request)
        is_json = response.headers["Content-Type"] == "application/json"
        tree = json.loads(response.body) if is_json else {"text": response.body.decode()}
        assert response.status == status, (method, path, params, tree)
        endpoint, _ = self.fake.engine.routes.lookup(method, path)
        assert endpoint is not None
        self.asked.append((method, path, params or {}))
        if status == 200:
            self.answers.append((route_of(endpoint.method, endpoint.rule), tree))
        return tree

    def get(self, path: str, **params: Any) -> Json:  # noqa: ANN401  parameters of any kind
        return self.ask("GET", path, params)

    def post(self, path: str, **params: Any) -> Json:  # noqa: ANN401  parameters of any kind
        return self.ask("POST", path, params)

    def delete(self, path: str, **params: Any) -> Json:  # noqa: ANN401  parameters of any kind
        return self.ask("DELETE", path, params)

    def seen(self) -> Iterator[Seen]:
        """Every object of every answer, nested ones too; those in events, which are of a preview, only of a preview."""
        for route, tree in self.answers:
            if route in refused.UNDOCUMENTED:
                continue
            yield from objects_in(route, tree, in_events=self.version.endswith(".preview"))


def objects_in(route: str, tree: Json, *, in_events: bool = True) -> Iterator[Seen]:
    """Every tree with the name of an object of Stripe's; what an event carries is of the event's own version."""
    if isinstance(tree, list):
        for each in tree:
            yield from objects_in(route, each, in_events=in_events)
    elif isinstance(tree, dict):
        if isinstance(tree.get("object"), str):
            yield Seen(route, tree["object"], tree)
        if in_events or tree.get("object") != "event":
            for each in tree.values():
                yield from objects_in(route, each, in_events=in_events)


def told(version: str, *, preview: bool) -> Teller:
    """The whole story."""
    teller = begun(version, preview=preview)
    ends(teller)
    return teller


def begun(version: str, *, preview: bool) -> Teller:
    """All but its end, at which things are deleted."""
    teller = Teller(version)
    tell(teller, preview=preview)
    return teller


def tell(teller: Teller, *, preview: bool) -> None:
    """The same to a teller that is there."""
    accounts(teller)
    catalogue(teller)
    meters(teller, preview=preview)
    if preview:
        previews(teller)
    billing(teller)
    payment(teller)
    balances(teller)
    unpaid(teller)
    edits(teller)
    noted(teller)
    cancelled(teller)
    if teller.version >= MODES:
        migrated(teller)
        paused(teller)
    scheduled(teller)
    credit(teller)
    alerts(teller)
    clocks(teller)
    second_version(teller)
    methods(teller)
    intents(teller)
    setups(teller)
    payment_pages(teller)
    rates(teller)
    if teller.version >= BASIL:
        invoiced(teller)
        discounts(teller)
        dunning(teller)
        sessions(teller, int(teller.fake.clock.now()))
        links(teller)
    portal(teller)
    absences(teller)
    imported(teller)
    news(teller)


ADDRESS = {"line1": "1 Main St", "city": "Berlin", "country": "DE", "postal_code": "10115"}
FULL_CUSTOMER = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "phone": "+49301234",
    "description": "the first",
    "address": ADDRESS,
    "shipping": {"name": "Ada", "address": ADDRESS},
    "metadata": {"plan": "a"},
    "preferred_locales": ["de"],
    "invoice_settings": {"default_payment_method": "pm_card_visa"},
    "tax_exempt": "none",
}
RECURRING = {"interval": "month", "usage_type": "metered"}
PARCEL = {"name": "Ada", "address": ADDRESS, "phone": "+4930", "carrier": "DHL", "tracking_number": "1"}
BACK = "https://example.com/back"
TIERS = [{"up_to": 10, "unit_amount": 5}, {"up_to": "inf", "unit_amount_decimal": "2.5", "flat_amount": 100}]


def accounts(teller: Teller) -> None:
    """The key's own, and one that is connected to it."""
    own = teller.get("/v1/account")
    teller.get(f"/v1/accounts/{own['id']}")
    teller.ask("GET", "/v1/account", account="acct_1Connected")
    teller.get("/v1/accounts")


def catalogue(teller: Teller) -> None:
    customer = teller.post("/v1/customers", **FULL_CUSTOMER)
    teller.post("/v1/customers")
    teller.get("/v1/customers", limit=1)
    teller.get(f"/v1/customers/{customer['id']}")
    teller.post(f"/v1/customers/{customer['id']}", description="")
    product = teller.post("/v1/products", name="Tokens", unit_label="token", metadata={"a": "b"})
    teller.post("/v1/products", name="Seats", default_price_data={"currency": "usd", "unit_amount": 100})
    teller.get("/v1/products")
    teller.get(f"/v1/products/{product['id']}")
    teller.post(f"/v1/products/{product['id']}", description="by the thousand")


def meters(teller: Teller, *, preview: bool) -> None:
    more = {"dimension_payload_keys": ["model"]} if preview else {}
    meter = teller.post(
        "/v1/billing/meters",
        display_name="Tokens",
        event_name="tokens",
        default_aggregation={"formula": "sum"},
        customer_mapping={"type": "by_id", "event_payload_key": "stripe_customer_id"},
        value_settings={"event_payload_key": "value"},
        **more,
    )
    path = f"/v1/billing/meters/{meter['id']}"
    teller.get(path)
    teller.get("/v1/billing/meters")
    teller.post(path, display_name="All tokens")
    teller.post(f"{path}/deactivate")
    teller.post(f"{path}/reactivate")
    teller.post(
        "/v1/billing/meters",
        display_name="Calls",
        event_name="calls",
        default_aggregation={"formula": "count"},
        event_time_window="day",
    )
    customer = first(teller, "/v1/customers")
    payload = {"stripe_customer_id": customer, "value": "12", "model": "small"}
    teller.post("/v1/billing/meter_events", event_name="tokens", payload=payload, identifier="one")
    teller.post("/v2/billing/meter_events", event_name="tokens", payload=payload, identifier="two")
    teller.post("/v2/billing/meter_events", event_name="tokens", payload=payload, identifier="three")
    cancel = {"event_name": "tokens", "type": "cancel"}
    teller.post("/v1/billing/meter_event_adjustments", **cancel, cancel={"identifier": "two"})
    teller.post("/v2/billing/meter_event_adjustments", **cancel, cancel={"identifier": "three"})
    session = teller.post("/v2/billing/meter_event_session")
    events = [{"event_name": "tokens", "payload": payload | {"value": "3"}}, {"event_name": "x", "payload": payload}]
    teller.ask("POST", "/v2/billing/meter_event_stream", {"events": events}, session["authentication_token"])
    span = {"customer": customer, "start_time": NOW - DAY, "end_time": NOW + DAY}
    teller.get(f"{path}/event_summaries", **span)
    teller.get(f"{path}/event_summaries", **span, value_grouping_window="day")


def previews(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    meter = teller.get("/v1/billing/meters")["data"][1]["id"]
    span = {"customer": customer, "starts_at": NOW - DAY, "ends_at": NOW + DAY, "value_grouping_window": "day"}
    teller.get("/v1/billing/analytics/meter_usage", **span)
    grouped = {"meter": meter, "dimension_group_by_keys": ["model"], "dimension_filters": {"model": ["small"]}}
    teller.get("/v1/billing/analytics/meter_usage", **span, meters=[grouped])
    threshold = {
        "lte": {"balance_type": "monetary", "monetary": {"currency": "usd", "value": 5}},
        "filters": [{"type": "customer", "customer": customer}],
    }
    teller.post(
        "/v1/billing/alerts",
        title="Low",
        alert_type="credit_balance_threshold",
        credit_balance_threshold=threshold,
    )


def billing(teller: Teller) -> None:
    product, customer = first(teller, "/v1/products"), first(teller, "/v1/customers")
    meter = teller.get("/v1/billing/meters")["data"][1]["id"]
    terms = {"currency": "usd", "product": product}
    metered = teller.post(
        "/v1/prices",
        **terms,
        recurring=RECURRING | {"meter": meter},
        billing_scheme="tiered",
        tiers_mode="graduated",
        tiers=TIERS,
        nickname="metered",
        expand=["tiers"],
    )
    seats = teller.post("/v1/prices", **terms, unit_amount=500, recurring={"interval": "month"}, lookup_key="seats")
    packed = teller.post(
        "/v1/prices",
        **terms,
        unit_amount_decimal="0.5",
        recurring=RECURRING | {"meter": meter},
        transform_quantity={"divide_by": 10, "round": "up"},
    )
    once = teller.post("/v1/prices", **terms, unit_amount=900)
    teller.get("/v1/prices", product=product, expand=["data.product"])
    teller.get(f"/v1/prices/{seats['id']}")
    teller.post(f"/v1/prices/{seats['id']}", nickname="seats", metadata={"a": "b"})
    plan = teller.post("/v1/plans", **terms, amount=100, interval="month", nickname="old")
    teller.get("/v1/plans")
    teller.get(f"/v1/plans/{plan['id']}")
    teller.post(f"/v1/plans/{plan['id']}", nickname="older")
    subscription = teller.post(
        "/v1/subscriptions",
        customer=customer,
        items=[{"price": metered["id"]}, {"price": seats["id"], "quantity": 2}],
        metadata={"a": "b"},
        expand=["latest_invoice", "customer"],
    )
    path = f"/v1/subscriptions/{subscription['id']}"
    teller.get(path)
    teller.get("/v1/subscriptions")
    teller.post(path, description="the usual")
    item = teller.post("/v1/subscription_items", subscription=subscription["id"], price=packed["id"])
    teller.get(f"/v1/subscription_items/{item['id']}")
    teller.get("/v1/subscription_items", subscription=subscription["id"])
    teller.post(f"/v1/subscription_items/{item['id']}", metadata={"a": "b"})
    teller.delete(f"/v1/subscription_items/{item['id']}")
    teller.post(f"/v1/subscription_items/{subscription['items']['data'][1]['id']}", quantity=3)
    extra = teller.post("/v1/invoiceitems", customer=customer, amount=250, currency="usd", description="setup")
    priced = {"price": once["id"]} if teller.version < BASIL else {"pricing": {"price": once["id"]}}
    teller.post("/v1/invoiceitems", customer=customer, quantity=2, **priced)
    teller.post("/v1/invoiceitems", customer=customer, subscription=subscription["id"], amount=1, currency="usd")
    made = {"currency": "usd", "product": packed["product"], "unit_amount": 5}
    bought = teller.post("/v1/invoiceitems", customer=customer, price_data=made)
    teller.post(f"/v1/invoiceitems/{bought['id']}", price_data=made)
    teller.get("/v1/invoiceitems")
    teller.get(f"/v1/invoiceitems/{extra['id']}")
    teller.post(f"/v1/invoiceitems/{extra['id']}", amount=300)
    teller.post("/v1/invoices/create_preview", subscription=subscription["id"])
    if teller.version < BASIL:
        teller.get("/v1/invoices/upcoming", subscription=subscription["id"])
        teller.get("/v1/invoices/upcoming/lines", subscription=subscription["id"])
    for objects in ("customers", "invoices", "prices", "products", "subscriptions"):
        teller.get(f"/v1/{objects}/search", query='-metadata["none"]:"such"', limit=1)
    invoice = teller.get("/v1/invoices")["data"][0]["id"]
    teller.get(f"/v1/invoices/{invoice}", expand=["customer"])
    teller.get(f"/v1/invoices/{invoice}/lines")
    teller.fake.clock.advance(32 * DAY)
    teller.get("/v1/invoices", subscription=subscription["id"])


def payment(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    for last in ("pay", "void", "mark_uncollectible", "send"):
        teller.post("/v1/invoiceitems", customer=customer, amount=250, currency="usd")
        collection = {"collection_method": "send_invoice", "days_until_due": 30} if last == "send" else {}
        invoice = teller.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include", **collection)
        teller.post(f"/v1/invoices/{invoice['id']}", description="thanks")
        teller.post(f"/v1/invoices/{invoice['id']}/finalize", auto_advance="false")
        teller.post(f"/v1/invoices/{invoice['id']}/{last}")
    draft = teller.post("/v1/invoices", customer=customer)
    teller.delete(f"/v1/invoices/{draft['id']}")
    extra = teller.post("/v1/invoiceitems", customer=customer, amount=1, currency="usd")
    teller.delete(f"/v1/invoiceitems/{extra['id']}")


def balances(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    path = f"/v1/customers/{customer}/balance_transactions"
    terms = {"amount": -30, "currency": "usd", "description": "sorry", "metadata": {"a": "b"}}
    given = teller.post(path, **terms, expand=["customer"])
    teller.get(f"{path}/{given['id']}")
    teller.post(f"{path}/{given['id']}", description="thanks", metadata={"c": "d"}, expand=["customer"])
    extra = teller.post("/v1/invoiceitems", customer=customer, amount=45, currency="usd")
    invoice = teller.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include")
    teller.post(f"/v1/invoices/{invoice['id']}/finalize")
    teller.get(path, invoice=invoice["id"], created={"gte": NOW, "gt": 0, "lt": 2 * NOW, "lte": 2 * NOW}, limit=3)
    teller.get(f"/v1/invoiceitems/{extra['id']}")


def unpaid(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    seats = teller.get("/v1/prices", lookup_keys=["seats"])["data"][0]["id"]
    plan = teller.post("/v1/subscriptions", customer=customer, items=[{"price": seats}])
    teller.post(f"/v1/subscriptions/{plan['id']}", default_payment_method="pm_card_chargeCustomerFail")
    change = {"items": [{"id": plan["items"]["data"][0]["id"], "quantity": 9}], "proration_behavior": "always_invoice"}
    waits = teller.post(f"/v1/subscriptions/{plan['id']}", **change, payment_behavior="pending_if_incomplete")
    assert waits["pending_update"]["subscription_items"][0]["quantity"] == 9
    teller.post(f"/v1/invoices/{waits['latest_invoice']}/pay", payment_method="pm_card_visa")
    teller.delete(f"/v1/subscriptions/{plan['id']}")


def edits(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    waiting = teller.post("/v1/invoiceitems", customer=customer, amount=120, currency="usd")
    later = {"auto_advance": "true", "automatically_finalizes_at": teller.fake.clock.now() + DAY}
    path = f"/v1/invoices/{teller.post('/v1/invoices', customer=customer, **later)['id']}"
    terms = {"description": "fee", "discountable": "false", "period": {"start": NOW, "end": NOW + DAY}, "quantity": 2}
    new = {"amount": 100, **terms, "metadata": {"a": "b"}}
    added = teller.post(f"{path}/add_lines", lines=[new, {"invoice_item": waiting["id"]}], invoice_metadata={"c": "d"})
    one, two = (line["id"] for line in added["lines"]["data"])
    teller.post(f"{path}/lines/{one}", quantity_decimal="3")
    teller.post(f"{path}/update_lines", lines=[{"id": one, **terms}])
    made = {"price_data": {"currency": "usd", "product": first(teller, "/v1/products"), "unit_amount": 5}}
    teller.post(f"{path}/add_lines", lines=[made])
    teller.post(f"{path}/update_lines", lines=[{"id": one, **made}])
    teller.post(f"{path}/lines/{one}", **made)
    gone = [{"id": one, "behavior": "delete"}, {"id": two, "behavior": "unassign"}]
    teller.post(f"{path}/remove_lines", lines=gone)
    teller.post(path, automatically_finalizes_at=teller.fake.clock.now() + 2 * DAY)


def noted(teller: Teller) -> None:
    """Credit notes of an open invoice and of a paid one, with all that they can say."""
    customer = first(teller, "/v1/customers")
    rate = teller.post("/v1/tax_rates", display_name="VAT", inclusive="false", percentage="20")["id"]
    ids = []
    for _ in "ab":
        draft = teller.post("/v1/invoices", customer=customer, currency="usd", default_tax_rates=[rate])["id"]
        teller.post("/v1/invoiceitems", customer=customer, invoice=draft, amount=3000, currency="usd")
        ids.append(teller.post(f"/v1/invoices/{draft}/finalize"))
    open_, paid = ids
    line = open_["lines"]["data"][0]["id"]
    own = {"type": "custom_line_item", "description": "late", "quantity": 2, "metadata": {"a": "b"}}
    tax = {"amount": 5, "tax_rate": rate, "taxable_amount": 25}
    lines = [
        {"type": "invoice_line_item", "invoice_line_item": line, "amount": 250},
        {**own, "unit_amount": 25, "tax_rates": [rate]},
        {**own, "unit_amount_decimal": "12.5", "tax_amounts": [tax]},
    ]
    said = {
        "memo": "Sorry",
        "metadata": {"a": "b"},
        "reason": "order_change",
        "effective_at": NOW,
        "email_type": "none",
    }
    terms = {"invoice": open_["id"], "lines": lines, **said}
    teller.get("/v1/credit_notes/preview", **terms)
    teller.get("/v1/credit_notes/preview/lines", **terms)
    note = teller.post("/v1/credit_notes", **terms)
    teller.get("/v1/credit_notes", customer=customer, invoice=open_["id"])
    teller.get(f"/v1/credit_notes/{note['id']}/lines")
    teller.post(f"/v1/credit_notes/{note['id']}", memo="So sorry", metadata={"c": "d"})
    teller.post(f"/v1/credit_notes/{note['id']}/void")
    teller.get(f"/v1/credit_notes/{note['id']}", expand=["invoice", "customer"])
    teller.post(f"/v1/invoices/{paid['id']}/pay")
    back = {"refund_amount": 100, "credit_amount": 200, "out_of_band_amount": 300}
    teller.post("/v1/credit_notes", invoice=paid["id"], amount=600, **back)


def cancelled(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    seats = teller.get("/v1/prices", lookup_keys=["seats"])["data"][0]["id"]
    trial = teller.post("/v1/subscriptions", customer=customer, items=[{"price": seats}], trial_period_days=7)
    teller.post(f"/v1/subscriptions/{trial['id']}", cancel_at_period_end="true")
    teller.delete(f"/v1/subscriptions/{trial['id']}", cancellation_details={"comment": "bye"})


def migrated(teller: Teller) -> None:
    mode = {"type": "flexible", "flexible": {"proration_discounts": "itemized"}}
    customer = first(teller, "/v1/customers")
    items = [{"price": teller.get("/v1/prices", lookup_keys=["seats"])["data"][0]["id"]}]
    teller.post("/v1/subscriptions", customer=customer, items=items, billing_mode=mode)
    made = teller.post("/v1/subscriptions", customer=customer, items=items, billing_mode={"type": "classic"})
    details = {"billing_mode": mode}
    teller.post("/v1/invoices/create_preview", subscription=made["id"], subscription_details=details)
    teller.post(f"/v1/subscriptions/{made['id']}/migrate", billing_mode=mode)


def scheduled(teller: Teller) -> None:
    """Schedules that begin now, later, and with a subscription."""
    customer = teller.post("/v1/customers", name="Ada")["id"]
    card = teller.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    price = teller.get("/v1/prices", lookup_keys=["seats"])["data"][0]
    seats, made = (
        price["id"],
        {"currency": "usd", "product": price["product"], "unit_amount": 5, "tax_behavior": "exclusive"},
    )
    fee = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Set-up"}}
    coupon = teller.post("/v1/coupons", percent_off=10, duration="forever")["id"]
    full = {
        "items": [{"price": seats, "quantity": 2, "metadata": {"a": "b"}}],
        "add_invoice_items": [{"price": teller.post("/v1/prices", **fee)["id"]}],
        "default_payment_method": card,
        "description": "The first months",
        "discounts": [{"coupon": coupon}],
        "end_date": NOW + 200 * DAY,
        "invoice_settings": {"footer": "Thank you"} if teller.version >= BASIL else {"days_until_due": 3},
        "metadata": {"c": "d"},
        "trial_end": NOW + 100 * DAY,
    }
    if teller.version < BASIL:
        full |= {"collection_method": "send_invoice"}
    phases = [full, {"items": [{"price": seats}], "add_invoice_items": [{"price_data": made}]}]
    terms = {"customer": customer, "start_date": "now", "metadata": {"e": "f"}}
    schedule = teller.post("/v1/subscription_schedules", phases=phases, default_settings={"description": "x"}, **terms)
    path = f"/v1/subscription_schedules/{schedule['id']}"
    teller.get(path, expand=["customer", "subscription"])
    teller.get(f"/v1/subscriptions/{schedule['subscription']}", expand=["schedule"])
    start = {"start_date": schedule["phases"][0]["start_date"]}
    teller.post(path, phases=[{**phases[0], **start}, phases[1]], end_behavior="cancel", proration_behavior="none")
    teller.post(f"{path}/cancel", invoice_now="true", prorate="true")
    plan = teller.post("/v1/subscriptions", customer=customer, items=[{"price": seats}], default_payment_method=card)
    of_plan = teller.post("/v1/subscription_schedules", from_subscription=plan["id"])
    teller.post(f"/v1/subscription_schedules/{of_plan['id']}/release", preserve_cancel_date="false")
    teller.post("/v1/subscription_schedules", **terms | {"start_date": NOW + 500 * DAY}, phases=phases[1:])
    teller.get("/v1/subscription_schedules", customer=customer, scheduled="true")
    teller.delete(f"/v1/customers/{customer}")


def paused(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    items = [{"price": teller.get("/v1/prices", lookup_keys=["seats"])["data"][0]["id"]}]
    made = teller.post("/v1/subscriptions", customer=customer, items=items, billing_mode={"type": "flexible"})
    path = f"/v1/subscriptions/{made['id']}"
    until = teller.fake.clock.now() + DAY
    teller.post(path, pause_collection={"behavior": "void", "resumes_at": until})
    teller.post(path, pause_collection="")
    if teller.version >= ENDIVE:
        bill_for = {"outstanding_usage_through": {"type": "now"}, "unused_time_from": {"type": "now"}}
        teller.post(f"{path}/pause", type="subscription", bill_for=bill_for, invoicing_behavior="invoice")
        anchor = {"type": "unchanged"}
        behavior = {"payment_behavior": "resume_on_payment_success", "proration_behavior": "always_invoice"}
        teller.post(f"{path}/resume", billing_cycle_anchor=anchor, **behavior)
    stopped = {"end_behavior": {"missing_payment_method": "pause"}}
    poor = teller.post("/v1/customers")["id"]
    trial = teller.post("/v1/subscriptions", customer=poor, items=items, trial_period_days=1, trial_settings=stopped)
    teller.fake.clock.advance(DAY)
    now = teller.fake.clock.now()
    restart: object = {"type": "unchanged"} if teller.version >= ENDIVE else "unchanged"
    teller.post(f"/v1/subscriptions/{trial['id']}/resume", billing_cycle_anchor=restart, proration_date=now)


def credit(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    scope = {"scope": {"price_type": "metered"}}
    amount = {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}}
    terms = {"customer": customer, "amount": amount, "applicability_config": scope, "category": "paid"}
    kept, voided, expired = (
        teller.post("/v1/billing/credit_grants", **terms, name=name, metadata={"a": "b"}) for name in "abc"
    )
    teller.get("/v1/billing/credit_grants", customer=customer)
    teller.get(f"/v1/billing/credit_grants/{kept['id']}", expand=["customer"])
    teller.post(f"/v1/billing/credit_grants/{kept['id']}", metadata={"c": "d"})
    teller.post(f"/v1/billing/credit_grants/{voided['id']}/void")
    teller.post(f"/v1/billing/credit_grants/{expired['id']}/expire")
    payload = {"stripe_customer_id": customer, "value": "400", "model": "small"}
    teller.post("/v1/billing/meter_events", event_name="tokens", payload=payload)
    teller.fake.clock.advance(40 * DAY)
    teller.get(
        "/v1/billing/credit_balance_summary",
        customer=customer,
        filter={"type": "applicability_scope"} | {"applicability_scope": {"price_type": "metered"}},
    )
    transactions = teller.get("/v1/billing/credit_balance_transactions", customer=customer)["data"]
    assert {each["type"] for each in transactions} == {"credit", "debit"}
    for each in transactions:
        teller.get(f"/v1/billing/credit_balance_transactions/{each['id']}", expand=["credit_grant"])
    teller.get("/v1/invoices", customer=customer)


def alerts(teller: Teller) -> None:
    customer = first(teller, "/v1/customers")
    meter = teller.get("/v1/billing/meters")["data"][1]["id"]
    threshold = {"gte": 10, "recurrence": "one_time", "meter": meter}
    one = teller.post(
        "/v1/billing/alerts",
        title="Much",
        alert_type="usage_threshold",
        usage_threshold=threshold | {"filters": [{"type": "customer", "customer": customer}]},
    )
    teller.get("/v1/billing/alerts")
    teller.get(f"/v1/billing/alerts/{one['id']}", expand=["usage_threshold.meter"])
    for verb in ("deactivate", "activate"):
        teller.post(f"/v1/billing/alerts/{one['id']}/{verb}")
    payload = {"stripe_customer_id": customer, "value": "400", "model": "small"}
    teller.post("/v1/billing/meter_events", event_name="tokens", payload=payload)
    teller.post(f"/v1/billing/alerts/{one['id']}/archive")


def clocks(teller: Teller) -> None:
    now = teller.fake.clock.now()
    clock = teller.post("/v1/test_helpers/test_clocks", frozen_time=now, name="spring")
    path = f"/v1/test_helpers/test_clocks/{clock['id']}"
    teller.post("/v1/customers", test_clock=clock["id"], name="Clocked")
    teller.get("/v1/test_helpers/test_clocks")
    teller.post(f"{path}/advance", frozen_time=now + DAY)
    teller.get(path)
    teller.delete(path)


def second_version(teller: Teller) -> None:
    destination = teller.post(
        "/v2/core/event_destinations",
        name="ours",
        type="webhook_endpoint",
        event_payload="thin",
        enabled_events=["v1.billing.meter.error_report_triggered"],
        webhook_endpoint={"url": "http://127.0.0.1:9/hook"},
        metadata={"a": "b"},
        include=["webhook_endpoint.url", "webhook_endpoint.signing_secret"],
    )
    path = f"/v2/core/event_destinations/{destination['id']}"
    teller.get("/v2/core/event_destinations")
    teller.get(path, include=["webhook_endpoint.url"])
    teller.post(path, description="hook")
    teller.post(f"{path}/disable")
    teller.post(f"{path}/enable")
    teller.post(f"{path}/ping")
    teller.delete(path)


def methods(teller: Teller) -> None:
    customer = teller.post("/v1/customers", name="Ada")["id"]
    details = {"name": "Ada", "email": "ada@example.com", "address": ADDRESS}
    card = teller.post("/v1/payment_methods", type="card", card={"token": "tok_visa"}, billing_details=details)["id"]
    teller.post(f"/v1/payment_methods/{card}/attach", customer=customer)
    teller.post(f"/v1/payment_methods/{card}", allow_redisplay="always", metadata={"a": "b"}, card={"exp_month": 3})
    teller.get(f"/v1/payment_methods/{card}", expand=["customer"])
    teller.get("/v1/payment_methods", customer=customer, type="card")
    teller.get(f"/v1/customers/{customer}/payment_methods", type="card")
    teller.get(f"/v1/customers/{customer}/payment_methods/{card}")
    other = teller.post("/v1/payment_methods/pm_card_mastercard/attach", customer=customer)["id"]
    teller.post(f"/v1/payment_methods/{other}/detach")


def intents(teller: Teller) -> None:
    customer = teller.post("/v1/customers", name="Grace")["id"]
    card = teller.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    money = {"amount": 3000, "currency": "usd", "customer": customer}
    said = {"description": "Order 1", "metadata": {"a": "b"}, "receipt_email": "a@example.com", "shipping": PARCEL}
    slow = teller.post("/v1/payment_intents", **money, **said, setup_future_usage="off_session", transfer_group="a")
    path = f"/v1/payment_intents/{slow['id']}"
    teller.post(path, amount=2900, statement_descriptor_suffix="ORDER", payment_method=card)
    teller.post(f"{path}/confirm", return_url=BACK, off_session="false")
    teller.get(path, expand=["latest_charge.balance_transaction", "payment_method"])
    held = teller.post(
        "/v1/payment_intents", **money, payment_method=card, capture_method="manual", confirm="true", return_url=BACK
    )
    teller.get(f"/v1/charges/{held['latest_charge']}")
    teller.post(f"/v1/payment_intents/{held['id']}/capture", amount_to_capture=1000)
    asks = teller.post("/v1/payment_intents", **money, payment_method="pm_card_authenticationRequired")
    teller.post(f"/v1/payment_intents/{asks['id']}/confirm", return_url=BACK)
    teller.post(f"/v1/payment_intents/{asks['id']}/cancel", cancellation_reason="abandoned")
    fails = teller.post("/v1/payment_intents", **money, payment_method="pm_card_chargeDeclined")
    teller.ask("POST", f"/v1/payment_intents/{fails['id']}/confirm", {"return_url": BACK}, status=402)
    teller.get(f"/v1/payment_intents/{fails['id']}", expand=["latest_charge"])
    teller.get("/v1/payment_intents", customer=customer, created={"gte": 0})
    teller.get("/v1/payment_intents/search", query="amount>1")
    paid(teller, teller.get(path)["latest_charge"])


def paid(teller: Teller, charge: str) -> None:
    """What comes of a payment: its charge, its refunds, and what moves in the balance."""
    teller.post(f"/v1/charges/{charge}", description="Order 1", fraud_details={"user_report": "safe"})
    teller.get("/v1/charges", limit=2)
    teller.get("/v1/charges/search", query="amount>1")
    refund = teller.post("/v1/refunds", charge=charge, amount=100, reason="duplicate", metadata={"a": "b"})
    teller.post(f"/v1/refunds/{refund['id']}", metadata={"c": "d"})
    teller.get(f"/v1/refunds/{refund['id']}", expand=["balance_transaction", "charge", "payment_intent"])
    teller.get("/v1/refunds", charge=charge)
    path = f"/v1/charges/{charge}"
    again = teller.post(f"{path}/refunds", amount=100)
    teller.post(f"{path}/refunds/{again['id']}", metadata={"a": "b"})
    teller.get(f"{path}/refunds/{again['id']}")
    teller.get(f"{path}/refunds")
    teller.post(f"{path}/refund", amount=100)
    moved = teller.get("/v1/balance_transactions", source=charge, type="charge", currency="usd")["data"][0]
    teller.get(f"/v1/balance_transactions/{moved['id']}", expand=["source"])


def setups(teller: Teller) -> None:
    customer = teller.post("/v1/customers", name="Alan")["id"]
    made = teller.post("/v1/setup_intents", customer=customer, description="later", metadata={"a": "b"})
    path = f"/v1/setup_intents/{made['id']}"
    teller.post(path, description="soon", payment_method="pm_card_visa")
    teller.post(f"{path}/confirm", return_url=BACK)
    teller.get(path, expand=["payment_method", "latest_attempt"])
    other = teller.post("/v1/setup_intents", customer=customer)
    teller.post(f"/v1/setup_intents/{other['id']}/cancel", cancellation_reason="abandoned")
    teller.get("/v1/setup_intents", customer=customer)
    teller.get("/v1/setup_attempts", setup_intent=made["id"])


def payment_pages(teller: Teller) -> None:
    """A Checkout session is completed by its page."""
    product = teller.post("/v1/products", name="Plan")["id"]
    monthly = {"product": product, "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
    lines = [{"price": teller.post("/v1/prices", **monthly)["id"], "quantity": 2}]
    made = teller.post("/v1/checkout/sessions", mode="subscription", line_items=lines, success_url=BACK)["id"]
    page = f"/v1/payment_pages/{made}"
    teller.get(page)
    teller.post(f"{page}/init", browser_locale="de")
    teller.post(f"{page}/confirm", payment_method="pm_card_visa", expected_amount=1800)
    other = teller.post("/v1/checkout/sessions", mode="subscription", line_items=lines, success_url=BACK)["id"]
    card = {
        "type": "card",
        "card": {"token": "tok_visa"},
        "billing_details": {"name": "Ada", "email": "ada@example.com"},
    }
    teller.post(f"/v1/payment_pages/{other}/confirm", payment_method_data=card)


def invoiced(teller: Teller) -> None:
    """An invoice's payments; one is of an intent that was attached to it."""
    customer = teller.post("/v1/customers", name="Kay")["id"]
    card = teller.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    teller.post("/v1/invoiceitems", customer=customer, amount=4000, currency="usd")
    draft = teller.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include")["id"]
    invoice = teller.post(f"/v1/invoices/{draft}/finalize", expand=["payments", "confirmation_secret"])
    part = teller.post("/v1/payment_intents", amount=1000, currency="usd", customer=customer, payment_method=card)
    teller.post(f"/v1/invoices/{invoice['id']}/attach_payment", payment_intent=part["id"])
    teller.post(f"/v1/payment_intents/{part['id']}/confirm", return_url=BACK)
    payments = teller.get("/v1/invoice_payments", invoice=invoice["id"])["data"]
    teller.get(f"/v1/invoice_payments/{payments[0]['id']}", expand=["invoice", "payment.payment_intent"])


def rates(teller: Teller) -> None:
    vat = {"display_name": "VAT", "inclusive": "false", "percentage": "19.5", "country": "DE", "tax_type": "vat"}
    rate = teller.post("/v1/tax_rates", **vat, jurisdiction="DE", description="the usual", metadata={"a": "b"})
    teller.post(f"/v1/tax_rates/{rate['id']}", display_name="Tax", active="true")
    teller.get(f"/v1/tax_rates/{rate['id']}")
    teller.get("/v1/tax_rates", active="true", inclusive="false")
    customer, both = teller.post("/v1/customers", name="Tao")["id"], {"display_name": "Fee", "percentage": "5"}
    inside = teller.post("/v1/tax_rates", **both, inclusive="true")["id"]
    draft = teller.post("/v1/invoices", customer=customer, default_tax_rates=[rate["id"]])["id"]
    terms = {"customer": customer, "invoice": draft, "currency": "usd"}
    item = teller.post("/v1/invoiceitems", **terms, amount=900, tax_rates=[rate["id"], inside])["id"]
    teller.post(f"/v1/invoices/{draft}/add_lines", lines=[{"amount": 100, "tax_rates": [inside]}])
    teller.get(f"/v1/invoiceitems/{item}")
    teller.get(f"/v1/invoices/{draft}/lines")
    teller.post(f"/v1/invoices/{draft}", default_tax_rates="")
    seats = teller.get("/v1/prices", lookup_keys=["seats"])["data"][0]["id"]
    taxed = [{"price": seats, "quantity": 2, "tax_rates": [inside]}]
    plan = teller.post("/v1/subscriptions", customer=customer, items=taxed, default_tax_rates=[rate["id"]])
    teller.post(f"/v1/subscription_items/{plan['items']['data'][0]['id']}", tax_rates="")
    teller.get(f"/v1/invoices/{plan['latest_invoice']}")


def discounts(teller: Teller) -> None:
    """Coupons in their kinds, a code for one, and where they are put."""
    seats, product = teller.get("/v1/prices", lookup_keys=["seats"])["data"][0]["id"], first(teller, "/v1/products")
    tenth = teller.post("/v1/coupons", percent_off=10, duration="forever", name="10 %", metadata={"a": "b"})["id"]
    five = teller.post(
        "/v1/coupons", amount_off=500, currency="usd", duration="repeating", duration_in_months=2, max_redemptions=9
    )["id"]
    some = teller.post("/v1/coupons", percent_off=5, applies_to={"products": [product]}, id="SOME")["id"]
    teller.post(f"/v1/coupons/{five}", name="5 off", currency_options={"eur": {"amount_off": 400}})
    teller.get(f"/v1/coupons/{five}", expand=["currency_options", "applies_to"])
    teller.get("/v1/coupons", limit=2)
    least = {"first_time_transaction": "false", "minimum_amount": 1, "minimum_amount_currency": "usd"}
    named = {"coupon": tenth}
    promotion = {"promotion": {"type": "coupon", **named}} if teller.version >= "2025-09-30" else named
    promo = teller.post("/v1/promotion_codes", **promotion, code="WELCOME", restrictions=least, max_redemptions=7)
    teller.post(f"/v1/promotion_codes/{promo['id']}", metadata={"a": "b"})
    teller.get(f"/v1/promotion_codes/{promo['id']}")
    teller.get("/v1/promotion_codes", code="WELCOME", active="true")
    customer = teller.post("/v1/customers", name="Lin")["id"]
    teller.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)
    plan = teller.post(
        "/v1/subscriptions",
        customer=customer,
        items=[{"price": seats, "quantity": 3, "discounts": [{"coupon": five}]}],
        discounts=[{"promotion_code": promo["id"]}],
        expand=["latest_invoice.total_discount_amounts.discount", "discounts.source.coupon"],
    )
    teller.post("/v1/invoiceitems", customer=customer, amount=700, currency="usd", discounts=[{"coupon": some}])
    draft = teller.post("/v1/invoices", customer=customer, discounts=[{"coupon": tenth}])
    teller.get(f"/v1/invoices/{draft['id']}", expand=["discounts"])
    teller.delete(f"/v1/subscriptions/{plan['id']}/discount")
    of_customer = f"/v1/customers/{customer}/discount"
    _discounted(teller, customer, tenth)
    teller.delete(of_customer)
    _discounted(teller, customer, tenth)
    teller.get(of_customer)
    teller.delete(f"/v1/coupons/{some}")


def _discounted(teller: Teller, customer: str, coupon: str) -> None:
    """Give a customer a discount, which newer versions cannot; the answer is one of an older version."""
    newest, teller.version = teller.version, "2025-02-24.acacia"
    teller.post(f"/v1/customers/{customer}", coupon=coupon)
    teller.answers.pop()
    teller.version = newest


def dunning(teller: Teller) -> None:
    """What follows from money that is owed: the parameters of collecting it."""
    customer = teller.post("/v1/customers", name="Mae")["id"]
    card = teller.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    teller.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": card})
    seats = teller.get("/v1/prices", lookup_keys=["seats"])["data"][0]["id"]
    plan = teller.post(
        "/v1/subscriptions",
        customer=customer,
        items=[{"price": seats}],
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.confirmation_secret", "latest_invoice.payments", "pending_setup_intent"],
    )
    payment = plan["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]
    teller.post(f"/v1/payment_intents/{payment}/confirm", return_url=BACK)
    teller.delete(f"/v1/subscriptions/{plan['id']}")


def portal(teller: Teller) -> None:
    path = "/v1/billing_portal/configurations"
    customer = first(teller, "/v1/customers")
    prices = [
        teller.post(
            "/v1/prices",
            currency="usd",
            unit_amount=amount,
            recurring={"interval": "month"},
            product_data={"name": f"Plan of {amount}"},
        )
        for amount in (1000, 2000)
    ]
    quantity = {"enabled": True, "minimum": 1, "maximum": 9}
    offered = [{"product": each["product"], "prices": [each["id"]], "adjustable_quantity": quantity} for each in prices]
    features = {
        "customer_update": {"enabled": True, "allowed_updates": ["email"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {
            "enabled": True,
            "mode": "immediately",
            "proration_behavior": "create_prorations",
            "cancellation_reason": {"enabled": True, "options": ["unused"]},
        },
        "subscription_pause": {"enabled": False},
        "subscription_update": {
            "enabled": True,
            "billing_cycle_anchor": "unchanged",
            "default_allowed_updates": ["price", "quantity"],
            "products": offered,
            "proration_behavior": "always_invoice",
            "schedule_at_period_end": {"conditions": [{"type": "shortening_interval"}]},
            "trial_update_behavior": "end_trial",
        },
    }
    profile = {"headline": "Pay here", "privacy_policy_url": BACK, "terms_of_service_url": BACK}
    terms = {"business_profile": profile, "default_return_url": BACK, "login_page": {"enabled": False}, "name": "All"}
    expand = ["features.subscription_update.products"]
    made = teller.post(path, features=features, metadata={"a": "b"}, expand=expand, **terms)
    teller.get(f"{path}/{made['id']}", expand=expand)
    teller.get(path, active=True, is_default=False, limit=1)
    teller.post(f"{path}/{made['id']}", features=features, metadata={"a": "b"}, expand=expand, active=True, **terms)
    plan = teller.post("/v1/subscriptions", customer=customer, items=[{"price": prices[0]["id"]}])
    item = {"id": plan["items"]["data"][0]["id"], "price": prices[1]["id"], "quantity": 2}
    coupon = teller.post("/v1/coupons", percent_off=10, duration="once")["id"]
    flows = [
        {"type": "subscription_cancel", "subscription_cancel": {"subscription": plan["id"]}},
        {
            "type": "subscription_update",
            "subscription_update": {"subscription": plan["id"]},
            "after_completion": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Done"}},
        },
        {
            "type": "subscription_update_confirm",
            "subscription_update_confirm": {
                "subscription": plan["id"],
                "items": [item],
                "discounts": [{"coupon": coupon}],
            },
            "after_completion": {"type": "redirect", "redirect": {"return_url": BACK}},
        },
        {"type": "customer_update"},
    ]
    for flow in flows:
        session = {"customer": customer, "configuration": made["id"], "return_url": BACK, "locale": "de"}
        teller.post("/v1/billing_portal/sessions", flow_data=flow, expand=["configuration"], **session)
    teller.post("/v1/billing_portal/sessions", customer=customer)
    teller.delete(f"/v1/subscriptions/{plan['id']}")


def absences(teller: Teller) -> None:
    """The lists of what there is nothing of."""
    customer, product = first(teller, "/v1/customers"), first(teller, "/v1/products")
    kinds = ("disputes", "payouts", "topups", "transfers", "application_fees", "reviews", "tax_ids")
    of_one = f"customers/{customer}/tax_ids", f"customers/{customer}/sources", f"products/{product}/features"
    for kind in (*kinds, *of_one, "radar/early_fraud_warnings", "entitlements/features"):
        assert teller.get(f"/v1/{kind}")["data"] == []
    assert teller.get("/v1/entitlements/active_entitlements", customer=customer)["data"] == []
    teller.get("/v1/balance")


def imported(teller: Teller) -> None:
    """A usage file without a fault, one that cannot be read, and one with a record that cannot."""
    header = "timestamp,event_name,payload_stripe_customer_id,payload_value,payload_tokens\n"
    made = [teller.fake.import_usage(text.encode(), filename="usage.csv") for text in (header, "", f"{header}1\n")]
    for each in made:
        teller.get(f"/v1/data_management/import_sets/{each['id']}")
    teller.get("/v1/files", created={"gte": 1}, purpose="finance_report_run")
    for path in ("", "/contents"):
        teller.get(f"/v1/files/{made[-1]['error_file']}{path}")


def news(teller: Teller) -> None:
    hook = teller.post("/v1/webhook_endpoints", url="http://127.0.0.1:9/hook", enabled_events=["*"], description="all")
    teller.get("/v1/webhook_endpoints")
    teller.get(f"/v1/webhook_endpoints/{hook['id']}")
    teller.post(f"/v1/webhook_endpoints/{hook['id']}", disabled="true")
    teller.delete(f"/v1/webhook_endpoints/{hook['id']}")
    events = teller.get("/v1/events", limit=100)
    teller.get(f"/v1/events/{events['data'][0]['id']}")
    while events["has_more"]:
        events = teller.get("/v1/events", limit=100, starting_after=events["data"][-1]["id"])
    thin = teller.get("/v2/core/events")["data"]
    for each in thin:
        teller.get(f"/v2/core/events/{each['id']}")


def ends(teller: Teller) -> None:
    for path in ("/v1/plans", "/v1/customers"):
        teller.delete(f"{path}/{first(teller, path)}")
    product = teller.post("/v1/products", name="Gone")["id"]
    teller.delete(f"/v1/products/{product}")
    gone = teller.get("/v1/customers")["data"]
    teller.get(f"/v1/customers/{gone[0]['id']}")


def first(teller: Teller, path: str) -> str:
    """The id of the object that was made first."""
    found: str = teller.get(path, limit=100)["data"][-1]["id"]
    return found
