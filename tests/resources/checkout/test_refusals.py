"""What is no Checkout session: each refusal has Stripe's words, and changes nothing (`tests/refusal_watch.py`)."""

from typing import Any

import pytest

from fakestripe_meters import Misuse
from tests.conftest import Call
from tests.resources.checkout.test_sessions import BACK
from tests.resources.checkout.test_sessions import SESSIONS
from tests.resources.checkout.test_sessions import asked
from tests.resources.checkout.test_sessions import opened
from tests.resources.checkout.test_sessions import seat
from tests.resources.shop import DAY
from tests.resources.shop import HOUR
from tests.resources.shop import Tree
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import subscribe

DESCRIBED = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Cap"}}
ONE_OF = "You may only specify one of these parameters: "


def refused(answer: Any) -> tuple[str, str | None]:  # noqa: ANN401  an answer
    assert answer.status == 400, answer.json
    return answer.error["message"], answer.error.get("param")


def test_quantities_belong_to_what_is_licensed(call: Call) -> None:
    usage = {"price": metered(call)}
    assert refused(asked(call, {**usage, "quantity": 1})) == (
        "Quantity should not be specified where usage_type is `metered`. Remove quantity from `line_items[0]`",
        "line_items[0][quantity]",
    )
    assert refused(asked(call, usage, {"price": licensed(call)})) == (
        "Quantity is required. Add `quantity` to `line_items[1]`",
        "line_items[1][quantity]",
    )
    adjusted = {**usage, "adjustable_quantity": {"enabled": True}}
    assert refused(asked(call, adjusted))[1] == "line_items[0][adjustable_quantity]"


def test_the_mode_and_the_prices_go_together(call: Call) -> None:
    message, param = refused(asked(call, seat(call), mode="payment"))
    assert param == "line_items[0][price]"
    assert message == (
        "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only "
        "one-time prices."
    )
    assert refused(asked(call, {"price": one_time(call), "quantity": 1})) == (
        "You must provide at least one recurring price in `subscription` mode when using prices.",
        "line_items",
    )
    yearly = {"price": licensed(call, interval="year"), "quantity": 1}
    assert refused(asked(call, seat(call), yearly))[0] == (
        "Checkout does not support multiple prices with different billing intervals"
    )
    twice = seat(call)
    assert "multiple Subscription Items with the same Price" in refused(asked(call, twice, twice))[0]
    euros = {"price_data": {**DESCRIBED, "currency": "eur"}, "quantity": 1}
    assert refused(asked(call, seat(call), euros))[1] == "line_items[1][price_data][currency]"
    assert refused(asked(call)) == ("Missing required param: line_items.", "line_items")
    assert refused(asked(call, mode=None)) == ("Missing required param: mode.", "mode")


@pytest.mark.parametrize("email", ["ada", "ada@example", "ada@example.com "])
def test_what_is_no_email_address_is_refused(call: Call, email: str) -> None:
    answer = asked(call, seat(call), customer_email=email)
    assert refused(answer) == (f"Invalid email address: {email}", "customer_email")
    assert answer.error["code"] == "email_invalid"
    session = opened(call, seat(call))["id"]
    with pytest.raises(Misuse, match=f"^Invalid email address: {email}$"):
        call.fake.complete_checkout(session, email=email)


def test_only_active_prices_are_sold(call: Call) -> None:
    line = seat(call)
    call.create(f"/v1/prices/{line['price']}", {"active": False})
    assert refused(asked(call, line)) == (
        "The price specified is inactive. This field only accepts active prices.",
        "line_items[0][price]",
    )
    assert refused(asked(call, {"price": "price_none", "quantity": 1})) == (
        "No such price: 'price_none'",
        "line_items[0][price]",
    )
    both = {**seat(call), "price_data": DESCRIBED}
    assert refused(asked(call, both)) == (
        f"{ONE_OF}line_items[0][price], line_items[0][price_data].",
        "line_items[0][price]",
    )
    assert refused(asked(call, {"quantity": 1}))[1] == "line_items[0][price]"


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({"currency": "usd", "unit_amount": 1}, "product"),
        ({**DESCRIBED, "product": "prod_none"}, "product"),
        ({"currency": "usd", "unit_amount": 1, "product": "prod_none"}, "product"),
        ({**DESCRIBED, "unit_amount_decimal": "1.5"}, "unit_amount"),
        ({**DESCRIBED, "product_data": {"name": ""}}, "product_data][name"),
    ],
)
def test_a_described_price_is_complete(call: Call, data: Tree, param: str) -> None:
    message, where = refused(asked(call, {"price_data": data, "quantity": 1}, mode="payment"))
    assert message
    assert where is not None
    assert where.startswith(f"line_items[0][price_data][{param}]")


def test_a_session_returns_somewhere(call: Call) -> None:
    assert refused(asked(call, seat(call), success_url=None)) == (
        "Missing required param: success_url.",
        "success_url",
    )
    assert refused(asked(call, seat(call), success_url="example.com/back")) == ("Not a valid URL", "success_url")
    assert refused(asked(call, seat(call), return_url=BACK)) == (
        "`return_url` is not supported with `ui_mode: hosted_page`.",
        "return_url",
    )
    within = {"ui_mode": "embedded_page", "success_url": None}
    assert refused(asked(call, seat(call), **within)) == ("Missing required param: return_url.", "return_url")
    both = {**within, "success_url": BACK, "cancel_url": BACK}
    assert refused(asked(call, seat(call), **both)) == (
        "The following parameters are not supported with `ui_mode: embedded_page`: cancel_url, success_url.",
        "cancel_url",
    )
    never = {**within, "redirect_on_completion": "never", "return_url": BACK}
    assert refused(asked(call, seat(call), **never))[1] == "return_url"
    elements = {"ui_mode": "elements", "success_url": None, "return_url": BACK}
    assert refused(asked(call, seat(call), **elements, submit_type="pay"))[1] == "submit_type"


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        ({"discounts": [{"coupon": "x"}], "allow_promotion_codes": False}, "allow_promotion_codes, discounts"),
        ({"customer": "cus_x", "customer_email": "a@example.com"}, "customer, customer_email"),
    ],
)
def test_some_parameters_exclude_each_other(call: Call, terms: Tree, names: str) -> None:
    assert refused(asked(call, seat(call), **terms))[0] == f"{ONE_OF}{names}."


@pytest.mark.parametrize(
    ("mode", "terms"),
    [
        ("subscription", {"payment_intent_data": {"description": "a"}}),
        ("subscription", {"setup_intent_data": {"description": "a"}}),
        ("subscription", {"invoice_creation": {"enabled": True}}),
        ("payment", {"subscription_data": {"description": "a"}}),
        ("payment", {"payment_method_collection": "always"}),
        ("setup", {"line_items": [{"price": "price_x", "quantity": 1}]}),
        ("setup", {"allow_promotion_codes": True}),
        ("setup", {"submit_type": "pay"}),
    ],
)
def test_some_parameters_belong_to_other_modes(call: Call, mode: str, terms: Tree) -> None:
    bought: Tree = {"mode": mode, "currency": "usd", "success_url": BACK}
    if mode != "setup":
        bought["line_items"] = [{"price": "price_x", "quantity": 1}]
    [name] = terms
    message = f"You can not pass `{name}` in `{mode}` mode."
    assert refused(call.post(SESSIONS, {**bought, **terms})) == (message, name)


def test_customers_are_created_and_changed_only_where_that_is_said(call: Call) -> None:
    assert refused(asked(call, seat(call), customer_creation="always")) == (
        "`customer_creation` can only be used in `payment` mode.",
        "customer_creation",
    )
    assert refused(asked(call, seat(call), customer_update={"name": "auto"})) == (
        "`customer_update` can only be used with `customer` or `customer_account`.",
        "customer_update",
    )
    ada = customer(call)
    taxed: Tree = {"customer": ada, "tax_id_collection": {"enabled": True}}
    assert refused(asked(call, seat(call), **taxed))[0].startswith("Tax ID collection requires updating business name")
    assert asked(call, seat(call), **taxed, customer_update={"name": "auto"}).status == 200
    assert refused(asked(call, seat(call), customer="cus_none")) == ("No such customer: 'cus_none'", "customer")


def test_a_customer_is_billed_in_one_currency(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, licensed(call), payment_behavior="default_incomplete")
    data = {**DESCRIBED, "currency": "eur", "recurring": {"interval": "month"}}
    assert refused(asked(call, {"price_data": data, "quantity": 1}, customer=ada))[0] == (
        "You cannot combine currencies on a single customer. This customer has had a subscription or payment in usd, "
        "but you are trying to pay in eur."
    )


def test_a_set_up_has_a_currency(call: Call) -> None:
    assert refused(asked(call, mode="setup"))[1] == "currency"
    restricted = asked(call, mode="setup", allowed_payment_method_types=["card"])
    assert (restricted.status, restricted.json["currency"]) == (200, None)


@pytest.mark.parametrize(
    ("ahead", "message"), [(HOUR // 2 - 1, "at least 30 minutes"), (DAY + 1, "less than 24 hours")]
)
def test_a_session_is_open_for_half_an_hour_to_a_day(call: Call, ahead: int, message: str) -> None:
    expires_at = int(call.clock.now()) + ahead
    assert refused(asked(call, seat(call), expires_at=expires_at)) == (
        f"The `expires_at` timestamp must be {message} from Checkout Session creation.",
        "expires_at",
    )


@pytest.mark.parametrize("ahead", [HOUR // 2, DAY])
def test_both_bounds_are_taken(call: Call, ahead: int) -> None:
    expires_at = int(call.clock.now()) + ahead
    assert opened(call, seat(call), expires_at=expires_at)["expires_at"] == expires_at


@pytest.mark.parametrize(
    ("data", "message", "param"),
    [
        ({"trial_period_days": 0}, "The minimum number of trial period days is 1.", "trial_period_days"),
        ({"trial_period_days": 731}, "The maximum number of trial period days is 730 (2 years).", "trial_period_days"),
        ({"trial_end": 1}, "The `trial_end` date has to be at least 2 days in the future.", "trial_end"),
        (
            {"trial_end": 4_000_000_000},
            "The maximum number of trial period days is 730 (2 years).",
            "trial_end",
        ),
        (
            {"trial_end": 1, "trial_period_days": 1},
            f"{ONE_OF}subscription_data[trial_end], subscription_data[trial_period_days].",
            "trial_end",
        ),
        (
            {"billing_cycle_anchor_config": {"day_of_month": 1}, "trial_period_days": 3},
            "You cannot combine `subscription_data[billing_cycle_anchor_config]` with a trial.",
            "billing_cycle_anchor_config",
        ),
        (
            {"billing_cycle_anchor": 1, "billing_cycle_anchor_config": {"day_of_month": 1}},
            f"{ONE_OF}subscription_data[billing_cycle_anchor], subscription_data[billing_cycle_anchor_config].",
            "billing_cycle_anchor",
        ),
        ({"default_tax_rates": ["txr_none"]}, "No such tax rate: 'txr_none'", "default_tax_rates"),
    ],
)
def test_the_subscription_must_be_possible(call: Call, data: Tree, message: str, param: str) -> None:
    assert refused(asked(call, seat(call), subscription_data=data)) == (message, f"subscription_data[{param}]")


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({"billing_cycle_anchor": 1}, "billing_cycle_anchor"),
        (
            {"billing_mode": {"type": "classic", "flexible": {"proration_discounts": "included"}}},
            "billing_mode[flexible]",
        ),
        ({"pending_invoice_item_interval": {"interval": "year", "interval_count": 2}}, "pending_invoice_item_interval"),
    ],
)
def test_what_a_subscription_refuses_names_the_sessions_parameter(call: Call, data: Tree, param: str) -> None:
    _, where = refused(asked(call, seat(call), subscription_data=data))
    assert where is not None
    assert where.startswith(f"subscription_data[{param.partition('[')[0]}]")


def test_usage_does_not_pause_at_the_end_of_a_trial(call: Call) -> None:
    pauses = {"trial_period_days": 3, "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
    _, where = refused(asked(call, {"price": metered(call)}, subscription_data=pauses))
    assert where == "subscription_data[trial_settings][end_behavior][missing_payment_method]"


def test_a_payment_is_at_least_what_can_be_charged(call: Call) -> None:
    cents = {"price_data": {**DESCRIBED, "unit_amount": 49}, "quantity": 1}
    answer = asked(call, cents, mode="payment")
    assert refused(answer)[0] == "The Checkout Session's total amount must convert to at least 50 cents."
    assert answer.error["code"] == "amount_too_small"
    free = {"price_data": {**DESCRIBED, "unit_amount": 0}, "quantity": 1}
    assert asked(call, free, mode="payment").json["amount_total"] == 0


def test_a_discount_is_one_that_can_be_redeemed(call: Call) -> None:
    line = seat(call)
    assert refused(asked(call, line, discounts=[{"coupon": "none"}])) == (
        "No such coupon: 'none'",
        "discounts[0][coupon]",
    )
    assert refused(asked(call, line, discounts=[{"promotion_code": "none"}]))[1] == "discounts[0][promotion_code]"
    both = {"coupon": "a", "promotion_code": "b"}
    assert refused(asked(call, line, discounts=[both]))[1] == "discounts[0][coupon]"
    assert refused(asked(call, line, discounts=[{"coupon": "a"}, {"coupon": "b"}]))[1] == "discounts"


@pytest.mark.parametrize(
    ("bounds", "param"),
    [
        ({"minimum": 2}, "quantity"),
        ({"maximum": 9, "minimum": 10}, "adjustable_quantity][minimum"),
    ],
)
def test_a_quantity_is_within_its_bounds(call: Call, bounds: Tree, param: str) -> None:
    line = {**seat(call), "adjustable_quantity": {"enabled": True, **bounds}}
    assert refused(asked(call, line))[1] == f"line_items[0][{param}]"


def test_optional_items_are_like_lines(call: Call) -> None:
    offered = [{"price": metered(call), "quantity": 1}]
    assert refused(asked(call, seat(call), optional_items=offered))[1] == "optional_items[0][quantity]"
    recurring = [{"price": licensed(call), "quantity": 1}]
    cap = {"price_data": DESCRIBED, "quantity": 1}
    assert refused(asked(call, cap, mode="payment", optional_items=recurring))[1] == "optional_items[0][price]"


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]"),
        ({"managed_payments": {"enabled": True}}, "managed_payments[enabled]"),
        ({"shipping_options": [{"shipping_rate": "shr_1"}]}, "shipping_options[0][shipping_rate]"),
        ({"customer_account": "acct_1"}, "customer_account"),
        ({"allowed_payment_method_types": ["link"]}, "allowed_payment_method_types"),
        ({"excluded_payment_method_types": ["card"]}, "excluded_payment_method_types"),
        (
            {"payment_method_options": {"card": {"capture_method": "manual"}}},
            "payment_method_options[card][capture_method]",
        ),
    ],
)
def test_what_would_change_the_bill_and_is_not_served_is_refused(call: Call, terms: Tree, param: str) -> None:
    answer = asked(call, seat(call), **terms)
    assert (answer.status, answer.error["param"]) == (501, param)


def test_lines_of_a_set_up_cannot_be_changed(call: Call) -> None:
    session = opened(call, mode="setup", currency="usd")
    assert refused(call.post(f"{SESSIONS}/{session['id']}", {"line_items": [seat(call)]}))[1] == "line_items"


def test_a_session_stays_in_its_currency(call: Call) -> None:
    session = opened(call, {"price_data": DESCRIBED, "quantity": 1}, mode="payment")
    euros = {"price_data": {**DESCRIBED, "currency": "eur"}, "quantity": 1}
    assert refused(call.post(f"{SESSIONS}/{session['id']}", {"line_items": [euros]}))[1] == "line_items"
    assert refused(asked(call, seat(call), currency="eur"))[1] == "currency"
