"""Expanding: which ids become objects, what is included on request, and what each version calls it."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import FEBRUARY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import attached
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

CUSTOMERS = "/v1/customers"
SUBSCRIPTIONS = "/v1/subscriptions"
INVOICES = "/v1/invoices"
ACACIA, BASIL, CLOVER = "2025-02-24.acacia", "2025-03-31.basil", "2025-10-29.clover"
Json = dict[str, Any]


def got(call: Call, path: str, *expand: str, version: str | None = None, **params: Any) -> Json:  # noqa: ANN401  any
    answer = call.get(path, params | {"expand": expand}, version=version)
    assert answer.status == 200, answer.body
    tree: Json = answer.json
    return tree


def refusal(call: Call, path: str, *expand: str, version: str | None = None) -> str:
    answer = call.get(path, {"expand": expand}, version=version)
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error"), answer.body
    assert "param" not in answer.error
    message: str = answer.error["message"]
    return message


def subscribed(call: Call, **params: Any) -> tuple[str, Json]:  # noqa: ANN401  parameters of any kind
    """A customer, and a subscription to a licensed price."""
    ada = customer(call)
    return ada, subscribe(call, ada, licensed(call), **params)


# Customers


def test_a_customer_includes_what_is_asked_for_in_the_order_of_the_names(call: Call) -> None:
    ada = customer(call)
    plain = got(call, f"{CUSTOMERS}/{ada}")
    expand = ["tax_ids", "tax", "sources", "subscriptions", "invoice_credit_balance", "cash_balance"]
    full = got(call, f"{CUSTOMERS}/{ada}", *expand)
    url = f"/v1/customers/{ada}"
    empty = {"object": "list", "data": [], "has_more": False, "total_count": 0}
    assert full == plain | {
        "cash_balance": {
            "object": "cash_balance",
            "available": None,
            "customer": ada,
            "customer_account": None,
            "livemode": False,
            "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
        },
        "invoice_credit_balance": {},
        "sources": empty | {"url": f"{url}/sources"},
        "subscriptions": empty | {"url": f"{url}/subscriptions"},
        "tax": {
            "automatic_tax": "unrecognized_location",
            "ip_address": None,
            "location": None,
            "provider": "stripe",
        },
        "tax_ids": empty | {"url": f"{url}/tax_ids"},
    }
    assert list(full)[2:] == sorted(list(full)[2:])


@pytest.mark.parametrize("path", ["default_source", "invoice_settings.default_payment_method", "discount", "address"])
def test_what_is_null_stays_null(call: Call, path: str) -> None:
    ada = customer(call)
    assert got(call, f"{CUSTOMERS}/{ada}", path) == got(call, f"{CUSTOMERS}/{ada}")


def test_the_subscriptions_of_a_customer_are_those_that_have_not_ended_newest_first(call: Call) -> None:
    ada, first = subscribed(call)
    _, others = subscribed(call)
    second, third = (subscribe(call, ada, licensed(call)) for _ in range(2))
    call.delete(f"{SUBSCRIPTIONS}/{second['id']}")
    found = got(call, f"{CUSTOMERS}/{ada}", "subscriptions")["subscriptions"]
    assert found["data"] == [third, first]
    assert (found["has_more"], found["total_count"], found["url"]) == (False, 2, f"/v1/customers/{ada}/subscriptions")
    assert others["id"] not in str(found)


def test_a_customer_includes_ten_subscriptions(call: Call) -> None:
    ada, price = customer(call), licensed(call)
    made = [subscribe(call, ada, price)["id"] for _ in range(11)]
    found = got(call, f"{CUSTOMERS}/{ada}", "subscriptions")["subscriptions"]
    assert [each["id"] for each in found["data"]] == made[:0:-1]
    assert (found["has_more"], found["total_count"]) == (True, 11)


def test_a_deleted_customer_stays_as_it_is(call: Call) -> None:
    ada, made = subscribed(call)
    deleted = {"id": ada, "object": "customer", "deleted": True}
    expand = ("test_clock", "tax", "subscriptions")
    assert call.delete(f"{CUSTOMERS}/{ada}", {"expand": expand}).json == deleted
    assert got(call, f"{CUSTOMERS}/{ada}", *expand) == deleted
    through = (f"customer.{each}" for each in expand)
    assert got(call, f"{SUBSCRIPTIONS}/{made['id']}", *through)["customer"] == deleted


# Subscriptions and invoices


def test_four_levels_are_expanded(call: Call) -> None:
    ada, made = subscribed(call)
    shown = got(call, f"{SUBSCRIPTIONS}/{made['id']}", "latest_invoice.customer.subscriptions.data")
    [within] = shown["latest_invoice"]["customer"]["subscriptions"]["data"]
    assert within == made
    [invoice] = got(call, INVOICES, "data.parent.subscription_details.subscription")["data"]
    assert invoice["parent"]["subscription_details"]["subscription"] == made
    shown = got(call, f"{SUBSCRIPTIONS}/{made['id']}", "items.data.price.product", "items.data.price.tiers")
    price = shown["items"]["data"][0]["price"]
    assert (price["product"]["object"], price["tiers"]) == ("product", None)
    assert refusal(call, SUBSCRIPTIONS, "data.items.data.price.product") == (
        "You cannot expand more than 4 levels of a property. Property: data.items.data.price.product"
    )
    assert ada == made["customer"]


def test_the_price_of_a_line_is_expanded(call: Call) -> None:
    _, made = subscribed(call)
    price = made["items"]["data"][0]["price"]
    path = f"{INVOICES}/{made['latest_invoice']}/lines"
    assert [each["pricing"]["price_details"]["price"] for each in got(call, path)["data"]] == [price["id"]]
    expanded = got(call, path, "data.pricing.price_details.price")["data"]
    assert [each["pricing"]["price_details"]["price"] for each in expanded] == [price]


def test_an_invoice_includes_its_payments_and_its_secret(call: Call) -> None:
    _, made = subscribed(call)
    path = f"{INVOICES}/{made['latest_invoice']}"
    invoice = got(call, path, "payments.data.payment.payment_intent", "confirmation_secret")
    [payment] = invoice["payments"]["data"]
    assert invoice["payments"] == {
        "object": "list",
        "data": [payment],
        "has_more": False,
        "url": "/v1/invoices/payments",
    }
    intent = payment["payment"]["payment_intent"]
    assert (payment["amount_paid"], intent["status"]) == (invoice["amount_paid"], "succeeded")
    assert invoice["confirmation_secret"] == {"client_secret": intent["client_secret"], "type": "payment_intent"}
    assert {"payments", "confirmation_secret"} & got(call, path).keys() == set()
    names = list(invoice)
    assert names.index("payments") == names.index("payment_settings") + 1
    assert names.index("confirmation_secret") == names.index("collection_method") + 1


@pytest.mark.parametrize(
    "path",
    [
        "account_tax_ids",
        "discounts",
        "lines.data.discounts",
        "lines.data.discounts.promotion_code",
        "total_discount_amounts.discount.source.coupon",
        "total_taxes.tax_rate_details.tax_rate",
        "payment_settings.payment_method_options.card",
        "lines",
        "status_transitions",
    ],
)
def test_an_empty_array_stays_one_and_a_hash_stays_as_it_is(call: Call, path: str) -> None:
    _, made = subscribed(call)
    invoice = f"{INVOICES}/{made['latest_invoice']}"
    assert got(call, invoice, path) == got(call, invoice)


def test_a_default_payment_method_is_shown_whole(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)
    made = subscribe(call, ada, licensed(call), default_payment_method=method)
    shown = got(call, f"{SUBSCRIPTIONS}/{made['id']}", "default_payment_method.customer")
    assert (shown["default_payment_method"]["id"], shown["default_payment_method"]["customer"]["id"]) == (method, ada)
    call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": method}})
    shown = got(call, f"/v1/customers/{ada}", "invoice_settings.default_payment_method")
    assert shown["invoice_settings"]["default_payment_method"]["card"]["last4"] == "4242"


def test_what_is_made_changed_cancelled_or_previewed_is_expanded(call: Call) -> None:
    ada, price = customer(call), licensed(call)
    expand = ["customer.tax", "latest_invoice.payments"]
    made = subscribe(call, ada, price, expand=expand)
    changed = call.post(f"{SUBSCRIPTIONS}/{made['id']}", {"metadata": {"a": "1"}, "expand": expand}).json
    ended = call.delete(f"{SUBSCRIPTIONS}/{made['id']}", {"expand": expand}).json
    for each in (made, changed, ended):
        assert each["customer"]["tax"]["location"] is None
        [payment] = each["latest_invoice"]["payments"]["data"]
        assert payment["invoice"] == each["latest_invoice"]["id"]
    params = {"customer": ada, "subscription_details": {"items": [{"price": price}]}}
    expand = ["customer.tax", "lines.data.pricing.price_details", "payments"]
    preview = call.create(f"{INVOICES}/create_preview", params | {"expand": expand})
    assert preview["customer"]["id"] == ada
    assert preview["payments"]["data"] == []


def test_a_draft_shows_its_usage_wherever_it_is_expanded(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, metered(call))
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY)
    [draft] = invoices(call)
    assert (draft["status"], draft["amount_due"]) == ("draft", 5)
    assert got(call, f"{SUBSCRIPTIONS}/{made['id']}", "latest_invoice")["latest_invoice"] == draft


# Events


def test_events_hold_ids_whatever_the_request_expands(call: Call) -> None:
    ada, made = subscribed(call, expand=["customer", "latest_invoice"])
    call.post(f"{CUSTOMERS}/{ada}", {"name": "Ada", "expand": ["subscriptions"]})
    for event in got(call, "/v1/events", limit=100)["data"]:
        subject = event["data"]["object"]
        assert not isinstance(subject.get("customer"), dict)
        assert not isinstance(subject.get("latest_invoice"), dict)
        assert "subscriptions" not in subject
    assert made["customer"]["id"] == ada


@pytest.mark.parametrize("path", ["data.data.object", "data.data.object.customer", "data.account"])
def test_nothing_within_an_event_can_be_expanded(call: Call, path: str) -> None:
    assert "cannot be expanded" in refusal(call, "/v1/events", path)
    event = got(call, "/v1/events", "data.data", "data.request")
    assert event["object"] == "list"


# Versions


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("invoices", "payment_intent charge quote subscription discount lines.data.price lines.data.plan.tiers"),
        ("invoices", "payment_intent.latest_charge total_tax_amounts.tax_rate charge.invoice.customer"),
        ("invoices", "lines.data.invoice_item lines.data.subscription_item lines.data.tax_rates"),
        ("subscriptions", "latest_invoice.payment_intent latest_invoice.charge discount"),
        ("subscriptions", "latest_invoice.payment_intent.payment_method.customer"),
    ],
)
def test_what_basil_removed_is_expanded_before_and_refused_since(call: Call, path: str, names: str) -> None:
    _, made = subscribed(call)
    url = f"/v1/{path}/{made['latest_invoice'] if path == 'invoices' else made['id']}"
    for name in names.split():
        assert got(call, url, name, version=ACACIA)["object"] == path.rstrip("s")
        for version in (BASIL, CLOVER, None):
            assert f"{name}.".startswith(refusal(call, url, name, version=version).partition("(")[2][:-2])


@pytest.mark.parametrize("name", ["payments", "confirmation_secret"])
def test_what_basil_added_is_refused_before(call: Call, name: str) -> None:
    _, made = subscribed(call)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    sentence = f"This property cannot be expanded (latest_invoice.{name})."
    assert refusal(call, path, f"latest_invoice.{name}", version=ACACIA) == sentence
    assert name in got(call, path, f"latest_invoice.{name}", version=BASIL)["latest_invoice"]


def test_the_payment_intent_of_an_invoice_before_basil_is_expanded(call: Call) -> None:
    _, made = subscribed(call)
    shown = got(call, f"{SUBSCRIPTIONS}/{made['id']}", "latest_invoice.payment_intent", version=ACACIA)
    intent = shown["latest_invoice"]["payment_intent"]
    assert (intent["object"], intent["invoice"], intent["status"]) == (
        "payment_intent",
        made["latest_invoice"],
        "succeeded",
    )


def test_before_basil_the_subscription_of_an_invoice_and_of_its_lines_is_expanded(call: Call) -> None:
    _, made = subscribed(call)
    subscription = got(call, f"{SUBSCRIPTIONS}/{made['id']}", version=ACACIA)
    path, expand = f"{INVOICES}/{made['latest_invoice']}", ("subscription", "lines.data.subscription_item")
    invoice = got(call, path, *expand, version=ACACIA)
    assert invoice["subscription"] == subscription
    assert invoice["lines"]["data"][0]["subscription_item"] == subscription["items"]["data"][0]
    assert invoice["subscription"]["current_period_start"] == NEW_YEAR


def test_before_basil_the_subscription_of_an_invoice_item_is_expanded(call: Call) -> None:
    ada, made = subscribed(call)
    params = {"customer": ada, "subscription": made["id"], "amount": 100, "currency": "usd"}
    item = call.create("/v1/invoiceitems", params)["id"]
    shown = got(call, f"/v1/invoiceitems/{item}", "subscription.customer", version=ACACIA)
    assert shown["subscription"]["customer"]["id"] == ada
    assert refusal(call, f"/v1/invoiceitems/{item}", "subscription") == (
        "This property cannot be expanded (subscription)."
    )


def test_what_only_previews_have_is_expanded_in_previews(call: Call) -> None:
    path = "data.credit_balance_threshold.filters.customer"
    assert got(call, "/v1/billing/alerts", path)["data"] == []
    assert "cannot be expanded" in refusal(call, "/v1/billing/alerts", path, version=CLOVER)


# What clients send


@pytest.mark.parametrize(
    ("path", "version", "names"),
    [
        (CUSTOMERS, CLOVER, "tax invoice_credit_balance"),
        (CUSTOMERS, "2020-08-27", "default_source sources"),
        (SUBSCRIPTIONS, CLOVER, "default_payment_method discounts pending_setup_intent schedule"),
        (SUBSCRIPTIONS, CLOVER, "latest_invoice.confirmation_secret latest_invoice.payments"),
        (SUBSCRIPTIONS, CLOVER, "latest_invoice.total_discount_amounts.discount"),
        (SUBSCRIPTIONS, "2020-08-27", "pending_setup_intent latest_invoice.payment_intent plan.tiers"),
        (SUBSCRIPTIONS, "2024-06-20", "items.data.price.product latest_invoice.payment_intent.latest_charge"),
        (INVOICES, "2022-11-15", "discounts lines.data.discounts account_tax_ids total_tax_amounts.tax_rate"),
        (INVOICES, "2022-08-01", "payment_intent.charges.data.balance_transaction charge.balance_transaction"),
        (INVOICES, CLOVER, "payments.data.payment.payment_intent total_discount_amounts.discount.source.coupon"),
    ],
)
def test_what_well_known_clients_expand_is_taken(call: Call, path: str, version: str, names: str) -> None:
    ada, made = subscribed(call)
    own = {CUSTOMERS: ada, SUBSCRIPTIONS: made["id"], INVOICES: made["latest_invoice"]}[path]
    assert got(call, f"{path}/{own}", *names.split(), version=version)["id"] == own
    short = [f"data.{name}" for name in names.split() if name.count(".") < 3]
    assert own in [each["id"] for each in got(call, path, *short, version=version)["data"]]


# Refusals


@pytest.mark.parametrize("path", ["items.price", "customer.friend", "latest_invoice.lines.price", "metadata", "items."])
def test_a_refused_path_changes_nothing(call: Call, path: str) -> None:
    ada, price = customer(call), licensed(call)
    answer = call.post(SUBSCRIPTIONS, {"customer": ada, "items": [{"price": price}], "expand": ["customer", path]})
    assert answer.error["message"] == f"This property cannot be expanded ({path})."
    assert got(call, SUBSCRIPTIONS)["data"] == []
    assert got(call, f"{CUSTOMERS}/{ada}", "subscriptions")["subscriptions"]["data"] == []


def test_a_refused_path_goes_before_an_object_that_is_not_there(call: Call) -> None:
    assert refusal(call, f"{CUSTOMERS}/cus_x", "friend") == "This property cannot be expanded (friend)."


def test_a_total_is_not_included_in_lists(call: Call) -> None:
    assert refusal(call, CUSTOMERS, "total_count") == "This property cannot be included (total_count)"


@pytest.mark.parametrize(
    ("query", "param"),
    [("expand=5", "expand"), ("expand[]=", "expand[0]"), ("expand[0][a]=x", "expand[0]")],
)
def test_expand_is_an_array_of_names(call: Call, query: str, param: str) -> None:
    answer = call.get(CUSTOMERS, query)
    assert (answer.status, answer.error["param"]) == (400, param)


def test_a_thousand_names_are_taken_and_no_more(call: Call) -> None:
    ada, made = subscribed(call)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    assert got(call, path, *["customer"] * 999, "latest_invoice")["customer"]["id"] == ada
    answer = call.get(path, {"expand": ["customer"] * 1_001})
    assert (answer.status, answer.error["param"]) == (400, "expand")
