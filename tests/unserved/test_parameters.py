"""Parameters that Stripe has and the fake does not act on: taken if they change nothing, and else refused with 501."""

from typing import Any

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from tests.conftest import KEY
from tests.conftest import Call
from tests.test_command_line import serving

ACACIA, CLOVER, PREVIEW = "2025-02-24.acacia", "2025-10-29.clover", "2026-10-28.preview"
CUSTOMERS, INVOICES, SUBSCRIPTIONS = "/v1/customers", "/v1/invoices", "/v1/subscriptions"
SEAT = {"currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Seat"}, "unit_amount": 100}
MESSAGE = (
    "fakestripe-meters does not act on automatic_tax[enabled], which Stripe has: with this value, Stripe would do "
    'something else. Leave the parameter out, or have it ignored: FakeStripe(unserved="ignore"), or fakestripe-meters '
    "serve --unserved ignore."
)


def subscribe(call: Call, **terms: Any) -> dict[str, Any]:  # noqa: ANN401  parameters of any kind
    price = call.create("/v1/prices", SEAT)["id"]
    customer = call.create(CUSTOMERS)["id"]
    return call.create(SUBSCRIPTIONS, {"customer": customer, "items": [{"price": price}], **terms})


def invoice(call: Call, terms: dict[str, Any], **options: Any) -> Any:  # noqa: ANN401  as above
    customer = call.create(CUSTOMERS)["id"]
    return call.post(INVOICES, {"customer": customer, **terms}, **options)


INERT: list[dict[str, Any]] = [
    {"automatic_tax": {"enabled": False}},
    {"automatic_tax": {"enabled": False, "liability": {"type": "self"}}},
    {"account_tax_ids": ""},
    {"transfer_data": ""},
    {"issuer": {"type": "self"}},
    {"shipping_cost": {"shipping_rate_data": {"tax_behavior": "unspecified"}}},
]


@pytest.mark.parametrize("terms", INERT)
def test_a_value_that_changes_nothing_is_taken(call: Call, terms: dict[str, Any]) -> None:
    answer = invoice(call, terms)
    assert answer.status == 200, answer.body
    assert "Fakestripe-Ignored" not in answer.headers
    ignored = call.fake.journal[-1].ignored
    assert len(ignored) >= 1
    assert {name.partition("[")[0] for name in ignored} == terms.keys()


CHANGING: list[tuple[dict[str, Any], str]] = [
    ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]"),
    ({"automatic_tax": {"enabled": False, "liability": {"type": "account"}}}, "automatic_tax[liability][type]"),
    ({"transfer_data": {"destination": "acct_1"}}, "transfer_data[destination]"),
    ({"account_tax_ids": ["txi_1"]}, "account_tax_ids[0]"),
    ({"account_tax_ids": "txi_1"}, "account_tax_ids"),
    ({"on_behalf_of": "acct_1"}, "on_behalf_of"),
    ({"application_fee_amount": 5}, "application_fee_amount"),
    ({"rendering": {"template": "inrtem_1"}}, "rendering[template]"),
    (
        {"shipping_cost": {"shipping_rate_data": {"metadata": {"a": "b"}}}},
        "shipping_cost[shipping_rate_data][metadata][a]",
    ),
]


@pytest.mark.parametrize(("terms", "param"), CHANGING)
def test_a_value_that_would_change_something_is_refused_with_501(call: Call, terms: dict[str, Any], param: str) -> None:
    answer = invoice(call, terms)
    assert (answer.status, answer.headers["Stripe-Should-Retry"]) == (501, "false")
    assert answer.error.keys() == {"code", "message", "param", "type"}
    assert (answer.error["code"], answer.error["type"]) == ("fakestripe_not_served", "api_error")
    assert answer.error["param"] == param
    assert param in answer.error["message"]
    assert call.get(INVOICES).ids == []


def test_the_501_says_what_to_do(call: Call) -> None:
    assert invoice(call, {"automatic_tax": {"enabled": True}}).error["message"] == MESSAGE


def test_a_parameter_within_an_array_is_named_with_its_place(call: Call) -> None:
    items = [{"price": "price_1"}, {"price": "price_2", "discounts": [{"coupon": "x", "discount_end": {"type": "y"}}]}]
    answer = call.post(SUBSCRIPTIONS, {"customer": "cus_1", "items": items})
    assert (answer.status, answer.error["param"]) == (501, "items[1][discounts][0][discount_end][type]")


def test_inert_values_within_an_array_are_taken(call: Call) -> None:
    price = call.create("/v1/prices", SEAT)["id"]
    call.create("/v1/coupons", {"id": "x", "percent_off": 10})
    items = [{"price": price, "trial": "", "discounts": [{"coupon": "x", "discount_end": ""}]}]
    created = call.create(SUBSCRIPTIONS, {"customer": call.create(CUSTOMERS)["id"], "items": items})
    assert created["status"] == "active"
    assert call.fake.journal[-1].ignored == ("items[0][trial]", "items[0][discounts][0][discount_end]")


def test_v2_refuses_in_the_same_form(call: Call) -> None:
    body = (
        '{"name": "n", "type": "amazon_eventbridge", "enabled_events": ["*"], "event_payload": "thin", '
        '"amazon_eventbridge": {"aws_account_id": "1", "aws_region": "us-east-1"}}'
    )
    answer = call.post("/v2/core/event_destinations", body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.error["param"]) == (501, "amazon_eventbridge[aws_account_id]")
    assert answer.error.keys() == {"code", "message", "param", "type"}


def test_null_and_empty_containers_of_json_change_nothing(call: Call) -> None:
    body = (
        '{"name": "n", "type": "webhook_endpoint", "enabled_events": ["v1.billing.meter.no_meter_found"], '
        '"event_payload": "thin", "webhook_endpoint": {"url": "http://127.0.0.1:9"}, '
        '"amazon_eventbridge": null, "azure_event_grid": {}}'
    )
    answer = call.post("/v2/core/event_destinations", body, headers={"Content-Type": "application/json"})
    assert answer.status == 200, answer.body


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"colour": "red", "automatic_tax": {"enabled": True}}, "Received unknown parameter: colour"),
        ({"colour": "red", "shape": "round", "transfer_data": ""}, "Received unknown parameters: colour, shape"),
        ({"automatic_tax": {"colour": "red"}}, "Received unknown parameter: automatic_tax[colour]"),
        ({"transfer_data": {"amount": 5, "colour": "red"}}, "Received unknown parameter: transfer_data[colour]"),
        ({"auto_advance": "maybe", "account_tax_ids": "x"}, "Invalid boolean: maybe"),
    ],
)
def test_stripes_own_refusal_comes_first(call: Call, terms: dict[str, Any], message: str) -> None:
    answer = invoice(call, terms)
    assert (answer.status, answer.error["message"]) == (400, message)


def test_an_empty_string_that_stripe_does_not_let_unset_is_its_400(call: Call) -> None:
    answer = invoice(call, {"from_invoice": {"action": "", "invoice": "in_1"}})
    assert answer.status == 400
    assert answer.error["message"].startswith("You passed an empty string for 'from_invoice[action]'.")


def test_a_missing_parameter_comes_first(call: Call) -> None:
    answer = call.post("/v1/products", {"statement_descriptor": "x", "identifiers": "y"}, version=PREVIEW)
    assert answer.error["message"] == "Missing required param: name."


@pytest.mark.parametrize(
    ("terms", "version", "status"),
    [
        ({"billing_cadence": "bc_1"}, PREVIEW, 501),
        ({"billing_cadence": "bc_1"}, None, 501),
        ({"billing_cadence": "bc_1"}, CLOVER, 400),
        ({"tax_percent": "7.5"}, "2020-03-02", 501),
        ({"tax_percent": "7.5"}, "2020-08-27", 400),
        ({"prorate": "false"}, "2020-03-02", 501),
        ({"prorate": "true"}, "2020-03-02", 404),
        ({"billing": "send_invoice"}, "2019-05-16", 501),
        ({"billing": "charge_automatically"}, "2019-05-16", 404),
        ({"billing": "charge_automatically"}, "2019-12-03", 400),
    ],
)
def test_it_depends_on_the_version_whether_stripe_has_a_parameter(
    call: Call, terms: dict[str, Any], version: str | None, status: int
) -> None:
    items = [{"price": "price_1"}]
    assert call.post(SUBSCRIPTIONS, {"customer": "cus_1", "items": items, **terms}, version=version).status == status


@pytest.mark.parametrize(
    ("path", "terms"),
    [
        ("/v1/prices", SEAT | {"recurring": {"interval": "month", "aggregate_usage": "sum"}}),
        ("/v1/plans", {"currency": "usd", "interval": "day", "product": "prod_1", "aggregate_usage": "sum"}),
        (INVOICES, {"customer": "cus_1", "rendering_options": {"amount_tax_display": "exclude_tax"}}),
    ],
)
def test_what_programs_of_former_years_send_is_known(call: Call, path: str, terms: dict[str, Any]) -> None:
    answer = call.post(path, terms, version="2023-10-16")
    assert (answer.status, answer.error["code"]) == (501, "fakestripe_not_served")


@pytest.mark.parametrize(
    "terms",
    [
        {"automatic_tax": {"enabled": True}},
        {"schedule": "sub_sched_1"},
        {"schedule_details": {"end_behavior": "cancel"}},
        {"customer_details": {"tax_ids": [{"type": "eu_vat", "value": "DE1"}]}},
        {"issuer": {"type": "account", "account": "acct_1"}},
        {"on_behalf_of": "acct_1"},
        {"subscription_resume_at": "now"},
        {"subscription_start_date": 5},
        {"subscription_trial_from_plan": True},
    ],
)
@pytest.mark.parametrize("path", [f"{INVOICES}/upcoming", f"{INVOICES}/upcoming/lines"])
def test_what_stripe_took_of_an_upcoming_invoice_is_known(call: Call, path: str, terms: dict[str, Any]) -> None:
    subscription = subscribe(call)
    wanted = {"customer": subscription["customer"], "subscription": subscription["id"], **terms}
    answer = call.get(path, wanted, version=ACACIA)
    assert (answer.status, answer.error["code"]) == (501, "fakestripe_not_served")
    assert answer.error["param"].startswith(next(iter(terms)))


def test_a_refusal_is_not_kept_under_its_idempotency_key(call: Call) -> None:
    customer = call.create(CUSTOMERS)["id"]
    refused = call.post(INVOICES, {"customer": customer, "account_tax_ids": "x"}, idempotency_key="again")
    made = call.post(INVOICES, {"customer": customer}, idempotency_key="again")
    assert (refused.status, made.status) == (501, 200)


@pytest.mark.parametrize("word", ["sometimes", "", None, True])
def test_there_are_two_ways(word: Any) -> None:  # noqa: ANN401  anything
    with pytest.raises(Misuse, match="unserved must be refuse or ignore, not") as refused:
        FakeStripe(unserved=word)
    assert refused.value.param == "unserved"


def test_the_command_takes_it() -> None:
    with serving("--unserved", "ignore") as (_, url):
        answer = requests.post(f"{url}{CUSTOMERS}", {"tax[ip_address]": "192.0.2.1"}, auth=(KEY, ""), timeout=30)
        assert (answer.status_code, answer.headers["Fakestripe-Ignored"]) == (200, "tax[ip_address]")


class TestIgnored:
    """`unserved="ignore"`: taken without effect, and named."""

    @pytest.fixture
    def call(self, call: Call) -> Call:
        call.fake.begin(now="2025-01-01T00:00:00Z", seed=1, unserved="ignore")
        return call

    @pytest.mark.parametrize(("terms", "param"), CHANGING)
    def test_it_is_named_in_a_header_and_in_the_journal(self, call: Call, terms: dict[str, Any], param: str) -> None:
        answer = invoice(call, terms)
        assert (answer.status, answer.headers["Fakestripe-Ignored"]) == (200, param)
        assert param in call.fake.journal[-1].ignored
        assert f"(without effect: {', '.join(call.fake.journal[-1].ignored)})" in str(call.fake.journal[-1])

    def test_what_would_change_nothing_is_in_the_journal_only(self, call: Call) -> None:
        answer = invoice(call, {"account_tax_ids": "", "on_behalf_of": "acct_1", "application_fee_amount": 5})
        assert answer.headers["Fakestripe-Ignored"] == "on_behalf_of, application_fee_amount"
        assert call.fake.journal[-1].ignored == ("account_tax_ids", "on_behalf_of", "application_fee_amount")

    def test_the_rest_of_the_request_has_its_effect(self, call: Call) -> None:
        assert invoice(call, {"account_tax_ids": "x", "description": "for June"}).json["description"] == "for June"

    def test_a_repeated_request_is_answered_with_the_same_header(self, call: Call) -> None:
        customer = call.create(CUSTOMERS)["id"]
        for _ in range(2):
            answer = call.post(INVOICES, {"customer": customer, "account_tax_ids": "x"}, idempotency_key="again")
            assert answer.headers["Fakestripe-Ignored"] == "account_tax_ids"

    def test_what_stripe_does_not_have_either_is_refused(self, call: Call) -> None:
        assert invoice(call, {"colour": "red", "account_tax_ids": "x"}).status == 400

    def test_a_header_has_no_odd_characters_and_is_not_too_long(self, call: Call) -> None:
        names = {f"ключ\r\n{number}": "x" for number in range(500)}
        answer = invoice(call, {"shipping_cost": {"shipping_rate_data": {"metadata": names}}})
        assert answer.status == 200
        assert answer.headers["Fakestripe-Ignored"].isascii()
        assert len(answer.headers["Fakestripe-Ignored"]) <= 1_000

    def test_a_declared_parameter_falls_back_to_its_default(self, call: Call) -> None:
        subscription = subscribe(call)
        terms = {"subscription": subscription["id"], "subscription_details": {"cancel_at": "max_billed_until"}}
        answer = call.post(f"{INVOICES}/create_preview", terms)
        assert (answer.status, answer.headers["Fakestripe-Ignored"]) == (200, "subscription_details[cancel_at]")

    def test_what_an_operation_refuses_falls_back_too(self, call: Call) -> None:
        subscription = subscribe(call)
        call.clock.advance(86_400)
        terms = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
        path = f"/v1/subscription_items/{subscription['items']['data'][0]['id']}"
        answer = call.post(path, {"quantity": 5, "metadata": {"a": "b"}, **terms})
        assert (answer.status, answer.headers["Fakestripe-Ignored"]) == (200, "metadata")
        assert (answer.json["quantity"], answer.json["metadata"]) == (5, {})
        assert len(call.get(INVOICES).ids) == 2
