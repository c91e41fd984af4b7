"""What a Checkout session says that is due is what is charged, and what its first invoice comes to, to the cent."""

from typing import Any

import pytest

from fakestripe_meters.core.errors import Misuse
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import one_time
from tests.resources.shop import product

SESSIONS = "/v1/checkout/sessions"
FORMERLY = "2024-06-20"
Tree = dict[str, Any]


def opened(call: Call, mode: str, *lines: Tree, **terms: object) -> Tree:
    url = "https://app.example.com/done"
    return call.create(SESSIONS, {"mode": mode, "success_url": url, "line_items": list(lines), **terms})


def rate(call: Call, percentage: float, *, inclusive: bool = False) -> str:
    terms = {"display_name": "VAT", "percentage": percentage, "inclusive": inclusive}
    made: str = call.create("/v1/tax_rates", terms)["id"]
    return made


def coupon(call: Call, **terms: object) -> str:
    made: str = call.create("/v1/coupons", {"duration": "once", **terms})["id"]
    return made


def tiered(call: Call) -> str:
    tiers = [{"up_to": 2, "unit_amount": 699, "flat_amount": 55}, {"up_to": "inf", "unit_amount": 333}]
    terms = {"currency": "usd", "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers}
    made: str = call.create("/v1/prices", {**terms, "recurring": {"interval": "month"}, "product": product(call)})["id"]
    return made


def assert_charged_as_shown(call: Call, session: Tree) -> None:
    shown = call.get(f"{SESSIONS}/{session['id']}").json
    done = call.fake.complete_checkout(session["id"])
    invoice = call.get(f"/v1/invoices/{done['invoice']}").json
    details = done["total_details"]
    assert (done["amount_subtotal"], done["amount_total"]) == (shown["amount_subtotal"], shown["amount_total"])
    assert (invoice["subtotal"], invoice["total"]) == (done["amount_subtotal"], done["amount_total"])
    assert sum(each["amount"] for each in invoice["total_discount_amounts"]) == details["amount_discount"]
    assert sum(each["amount"] for each in invoice["total_taxes"]) == details["amount_tax"]
    charged = call.get("/v1/charges", {"customer": done["customer"]}).json["data"]
    assert [each["amount"] for each in charged] == [done["amount_total"]]


def test_the_odd_cents_of_a_discount_fall_on_the_lines_as_on_the_invoice(call: Call) -> None:
    taxes = [rate(call, 19), rate(call, 7.25, inclusive=True)]
    lines = [
        {"price": one_time(call, 1501), "quantity": 1, "tax_rates": taxes[:1]},
        {"price": licensed(call, 999), "quantity": 1},
        {"price": one_time(call, 333), "quantity": 7, "tax_rates": taxes},
        {"price": licensed(call, 1251), "quantity": 3, "tax_rates": taxes[1:]},
    ]
    for off in ({"percent_off": 33.3}, {"amount_off": 500, "currency": "usd"}):
        discounts = [{"coupon": coupon(call, **off)}]
        for some in (lines, lines[::-1], lines[1:]):
            assert_charged_as_shown(call, opened(call, "subscription", *some, discounts=discounts))
        bought = [lines[0], lines[2]]
        invoiced = {"invoice_creation": {"enabled": True}, "discounts": discounts}
        assert_charged_as_shown(call, opened(call, "payment", *bought, **invoiced))
        assert_charged_as_shown(call, opened(call, "payment", *bought[::-1], **invoiced))


def test_each_tier_is_taxed_by_itself_as_on_the_invoice(call: Call) -> None:
    line = {"price": tiered(call), "quantity": 7}
    for percentage in (7.7, 8.875, 5.5):
        data = {"default_tax_rates": [rate(call, percentage)]}
        assert_charged_as_shown(call, opened(call, "subscription", line, subscription_data=data))


def test_a_discount_that_the_customer_gets_meanwhile_counts(call: Call) -> None:
    ada = customer(call)
    session = opened(call, "subscription", {"price": licensed(call), "quantity": 1}, customer=ada)
    half = coupon(call, percent_off=50)
    call.create(f"/v1/customers/{ada}", {"coupon": half}, version=FORMERLY)
    page = call.get(f"/v1/payment_pages/{session['id']}").json
    assert page["total_summary"]["due"] == 500
    done = call.fake.complete_checkout(session["id"])
    invoice = call.get(f"/v1/invoices/{done['invoice']}").json
    assert (done["amount_total"], invoice["total"], invoice["amount_paid"]) == (500, 500, 500)


def test_a_page_asks_for_a_card_as_soon_as_something_is_due(call: Call) -> None:
    ada = customer(call)
    call.create(f"/v1/customers/{ada}", {"coupon": coupon(call, percent_off=100)}, version=FORMERLY)
    line = {"price": licensed(call), "quantity": 1}
    session = opened(call, "subscription", line, customer=ada, payment_method_collection="if_required")
    assert session["amount_total"] == 0
    call.delete(f"/v1/customers/{ada}/discount")
    done = call.fake.complete_checkout(session["id"])
    assert (done["amount_total"], done["payment_status"]) == (1000, "paid")


def test_the_page_of_a_customer_on_a_test_clock_is_confirmed_by_either_id(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR + 40 * DAY})["id"]
    ada = customer(call, test_clock=clock)
    session = opened(call, "subscription", {"price": licensed(call), "quantity": 1}, customer=ada)
    page = f"/v1/payment_pages/{session['id'].replace('cs_test_', 'ppage_')}/confirm"
    call.create(page, {"payment_method": "pm_card_visa"})
    done = call.get(f"{SESSIONS}/{session['id']}").json
    assert call.get(f"/v1/subscriptions/{done['subscription']}").json["start_date"] == NEW_YEAR + 40 * DAY


def test_a_coupon_that_repeats_is_for_nothing_that_is_bought_once(call: Call) -> None:
    repeats = coupon(call, percent_off=10, duration="repeating", duration_in_months=2)
    line = {"price": one_time(call, 1500), "quantity": 1}
    terms = {"mode": "payment", "success_url": "https://app.example.com/", "line_items": [line]}
    before = call.fake.snapshot()["accounts"]
    answer = call.post(SESSIONS, {**terms, "discounts": [{"coupon": repeats}]})
    assert (answer.status, answer.json["error"]["param"]) == (400, "discounts[0][coupon]")
    assert "cannot be applied to one-time objects" in answer.json["error"]["message"]
    assert call.fake.snapshot()["accounts"] == before
    code = {"promotion": {"type": "coupon", "coupon": repeats}, "code": "TWICE"}
    call.create("/v1/promotion_codes", code)
    session = call.create(SESSIONS, {**terms, "allow_promotion_codes": True})
    with pytest.raises(Misuse, match="cannot be applied to one-time objects"):
        call.fake.complete_checkout(session["id"], promotion_code="TWICE")


def test_a_trial_does_not_count_against_the_minimum_of_a_promotion_code(call: Call) -> None:
    least = {"minimum_amount": 1000, "minimum_amount_currency": "usd"}
    promotion = {"type": "coupon", "coupon": coupon(call, percent_off=10, duration="forever")}
    code = call.create("/v1/promotion_codes", {"promotion": promotion, "restrictions": least})["id"]
    line = {"price": licensed(call), "quantity": 1}
    for data in ({"trial_period_days": 7}, {"billing_cycle_anchor": NEW_YEAR + DAY}):
        given = {"discounts": [{"promotion_code": code}], "subscription_data": data}
        done = call.fake.complete_checkout(opened(call, "subscription", line, **given)["id"])
        assert call.get(f"/v1/subscriptions/{done['subscription']}").json["discounts"]


def test_a_customer_who_pays_in_another_currency_meanwhile_does_not_subscribe(call: Call) -> None:
    ada = customer(call)
    session = opened(call, "subscription", {"price": licensed(call), "quantity": 1}, customer=ada)
    recurring = {"interval": "month"}
    terms = {"currency": "eur", "unit_amount": 900, "product": product(call), "recurring": recurring}
    euros = call.create("/v1/prices", terms)["id"]
    other = opened(call, "subscription", {"price": euros, "quantity": 1}, customer=ada)
    call.fake.complete_checkout(other["id"])
    before = call.fake.snapshot()["accounts"]
    with pytest.raises(Misuse, match="You cannot combine currencies on a single customer"):
        call.fake.complete_checkout(session["id"])
    assert call.fake.snapshot()["accounts"] == before
    confirmed = call.post(f"/v1/payment_pages/{session['id']}/confirm", {"payment_method": "pm_card_visa"})
    assert (confirmed.status, confirmed.json["error"].get("param")) == (400, None)


@pytest.mark.parametrize("balance", [-300, 450])
def test_the_balance_of_a_customer_has_nothing_to_do_with_a_payment(call: Call, balance: int) -> None:
    line = {"price": one_time(call, 1500), "quantity": 1}
    for percent in (100, 20):
        ada = customer(call)
        call.create(f"/v1/customers/{ada}/balance_transactions", {"amount": balance, "currency": "usd"})
        given = {"invoice_creation": {"enabled": True}, "discounts": [{"coupon": coupon(call, percent_off=percent)}]}
        done = call.fake.complete_checkout(opened(call, "payment", line, customer=ada, **given)["id"])
        invoice = call.get(f"/v1/invoices/{done['invoice']}").json
        assert (invoice["status"], invoice["amount_paid"]) == ("paid", done["amount_total"])
        assert call.get(f"/v1/customers/{ada}").json["balance"] == balance


def test_a_line_that_is_changed_stays_within_its_bounds(call: Call) -> None:
    line = {"price": licensed(call), "quantity": 1, "adjustable_quantity": {"enabled": True, "maximum": 10}}
    session = opened(call, "subscription", line)
    path = f"{SESSIONS}/{session['id']}"
    (kept,) = call.get(f"{path}/line_items").json["data"]
    answer = call.post(path, {"line_items": [{"id": kept["id"], "quantity": 11}]})
    assert (answer.status, answer.json["error"]["param"]) == (400, "line_items[0][quantity]")
    changed = call.create(path, {"line_items": [{"id": kept["id"], "quantity": 10}]})
    assert changed["amount_total"] == 10_000


def test_a_total_that_nobody_can_charge_is_refused(call: Call) -> None:
    lines = [{"price": one_time(call, 99_999_999), "quantity": 9_000} for _ in range(2)]
    terms = {"mode": "payment", "success_url": "https://app.example.com/"}
    answer = call.post(SESSIONS, {**terms, "line_items": lines})
    assert (answer.status, answer.json["error"]["param"]) == (400, "line_items")
    assert call.create(SESSIONS, {**terms, "line_items": lines[:1]})["amount_total"] == 899_999_991_000


def test_what_is_offered_beside_the_same_price_is_added_to_it(call: Call) -> None:
    shirt = one_time(call, 1500)
    session = opened(call, "payment", {"price": shirt, "quantity": 1}, optional_items=[{"price": shirt, "quantity": 2}])
    done = call.fake.complete_checkout(session["id"], quantities={shirt: 2})
    assert done["amount_total"] == 4500
