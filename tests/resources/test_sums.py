"""What invoices come to with discounts and tax rates, as requests see it."""

from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call

Tree = dict[str, Any]
DAY_S = 86_400
OLD = "2024-10-28.acacia"


def customer_of(call: Call) -> str:
    created: str = call.create("/v1/customers")["id"]
    return created


def rate_of(call: Call, percentage: str, *, inclusive: bool = False) -> str:
    sent = {"display_name": "Tax", "percentage": percentage, "inclusive": inclusive}
    created: str = call.create("/v1/tax_rates", sent)["id"]
    return created


def coupon_of(call: Call, **terms: object) -> str:
    created: str = call.create("/v1/coupons", {"duration": "forever", **terms})["id"]
    return created


def price_of(call: Call, amount: int, **more: object) -> str:
    sent: Tree = {"currency": "usd", "unit_amount": amount, "recurring": {"interval": "month"}}
    created: str = call.create("/v1/prices", {**sent, "product_data": {"name": "Seat"}, **more})["id"]
    return created


def paid(call: Call, amounts: list[Tree], **terms: object) -> Tree:
    """The invoice of items by hand, finalized."""
    customer = customer_of(call)
    invoice = call.create("/v1/invoices", {"customer": customer, "auto_advance": False, **terms})
    for each in amounts:
        call.create("/v1/invoiceitems", {"customer": customer, "invoice": invoice["id"], "currency": "usd", **each})
    finalized: Tree = call.create(f"/v1/invoices/{invoice['id']}/finalize")
    return finalized


def test_the_recorded_invoice_with_two_discounts_and_a_tax(call: Call) -> None:
    rate, ten = rate_of(call, "7.95"), coupon_of(call, percent_off=10)
    items: list[Tree] = [{"amount": 17400}, {"amount": 8700, "discounts": [{"coupon": ten}]}]
    other = coupon_of(call, percent_off=10)
    invoice = paid(call, items, discounts=[{"coupon": other}], default_tax_rates=[rate])
    (general,) = invoice["discounts"]
    first, second = invoice["lines"]["data"]
    (own,) = second["discounts"]
    assert (first["discounts"], first["amount"], second["amount"], second["subtotal"]) == ([], 17400, 8700, 8700)
    assert first["discount_amounts"] == [{"amount": 1740, "discount": general}]
    assert second["discount_amounts"] == [{"amount": 870, "discount": own}, {"amount": 783, "discount": general}]
    assert second["pretax_credit_amounts"] == [
        {"amount": 870, "discount": own, "type": "discount"},
        {"amount": 783, "discount": general, "type": "discount"},
    ]
    assert first["taxes"] == [
        {
            "amount": 1245,
            "tax_behavior": "exclusive",
            "tax_rate_details": {"tax_rate": rate},
            "taxability_reason": "not_available",
            "taxable_amount": 15660,
            "type": "tax_rate_details",
        }
    ]
    assert invoice["total_discount_amounts"] == [
        {"amount": 2523, "discount": general},
        {"amount": 870, "discount": own},
    ]
    assert [each["amount"] for each in invoice["total_pretax_credit_amounts"]] == [2523, 870]
    assert [(each["amount"], each["taxable_amount"]) for each in invoice["total_taxes"]] == [(1805, 22707)]
    assert [invoice[name] for name in ("subtotal", "subtotal_excluding_tax", "total_excluding_tax", "total")] == [
        25230, 25230, 22707, 24512,
    ]  # fmt: skip
    assert invoice["amount_due"] == 24512
    assert [each["id"] for each in invoice["default_tax_rates"]] == [rate]


def test_a_tax_that_amounts_contain_leaves_the_total(call: Call) -> None:
    invoice = paid(call, [{"amount": 2000, "tax_rates": [rate_of(call, "15", inclusive=True)]}])
    (tax,) = invoice["lines"]["data"][0]["taxes"]
    assert (tax["amount"], tax["tax_behavior"], tax["taxable_amount"]) == (261, "inclusive", 1739)
    assert (invoice["total"], invoice["total_excluding_tax"], invoice["subtotal_excluding_tax"]) == (2000, 1739, 1739)


def test_the_rates_of_a_line_replace_those_of_its_invoice(call: Call) -> None:
    ten, five = rate_of(call, "10"), rate_of(call, "5")
    invoice = paid(call, [{"amount": 1000}, {"amount": 1000, "tax_rates": [five]}], default_tax_rates=[ten])
    taxes = [line["taxes"][0]["tax_rate_details"]["tax_rate"] for line in invoice["lines"]["data"]]
    assert (taxes, invoice["total"]) == ([ten, five], 2150)


def test_older_versions_show_taxes_and_discounts_in_their_way(call: Call) -> None:
    rate = rate_of(call, "5")
    coupon = coupon_of(call, percent_off=10)
    newer = paid(call, [{"amount": 3000, "tax_rates": [rate]}], discounts=[{"coupon": coupon}])
    invoice = call.get(f"/v1/invoices/{newer['id']}", version=OLD).json
    (line,) = invoice["lines"]["data"]
    amount = {
        "amount": 135,
        "inclusive": False,
        "tax_rate": rate,
        "taxability_reason": None,
        "taxable_amount": 2700,
    }
    assert (invoice["tax"], invoice["total_tax_amounts"], invoice["total"]) == (135, [amount], 2835)
    assert (line["tax_amounts"], line["amount_excluding_tax"], line["amount"]) == ([amount], 3000, 3000)
    assert [each["id"] for each in line["tax_rates"]] == [rate]


def test_a_subscription_gives_its_rates_to_its_invoices(call: Call) -> None:
    ten, five = rate_of(call, "10"), rate_of(call, "5")
    items = [{"price": price_of(call, 1000), "tax_rates": [five]}, {"price": price_of(call, 2000)}]
    sent = {"customer": customer_of(call), "items": items, "default_tax_rates": [ten]}
    subscription = call.create("/v1/subscriptions", {**sent, "expand": ["latest_invoice"]})
    assert [each["id"] for each in subscription["default_tax_rates"]] == [ten]
    assert [[each["id"] for each in item["tax_rates"]] for item in subscription["items"]["data"]] == [[five], []]
    assert subscription["latest_invoice"]["total"] == 1050 + 2200
    cleared = call.post(f"/v1/subscriptions/{subscription['id']}", {"default_tax_rates": ""}).json
    assert cleared["default_tax_rates"] == []
    item = subscription["items"]["data"][0]["id"]
    assert call.post(f"/v1/subscription_items/{item}", {"tax_rates": [ten, five]}).json["tax_rates"][0]["id"] == ten
    assert call.post(f"/v1/subscription_items/{item}", {"tax_rates": ""}).json["tax_rates"] == []
    call.fake.clock.advance(seconds=32 * DAY_S)
    latest = call.get("/v1/invoices", {"subscription": subscription["id"]}).json["data"][0]
    assert (latest["total"], latest["total_taxes"]) == (3000, [])


def test_added_items_and_previews_are_taxed(call: Call) -> None:
    ten = rate_of(call, "10")
    product = call.create("/v1/products", {"name": "Setup"})["id"]
    added = {"price_data": {"currency": "usd", "product": product, "unit_amount": 500}, "tax_rates": [ten]}
    sent = {"customer": customer_of(call), "items": [{"price": price_of(call, 1000)}], "add_invoice_items": [added]}
    subscription = call.create("/v1/subscriptions", {**sent, "expand": ["latest_invoice"]})
    assert subscription["latest_invoice"]["total"] == 1550
    item = {"amount": 200, "currency": "usd", "tax_rates": [ten]}
    preview = call.create("/v1/invoices/create_preview", {"subscription": subscription["id"], "invoice_items": [item]})
    assert (preview["total"], preview["total_taxes"][0]["amount"]) == (1220, 20)
    details: Tree = {"default_tax_rates": [ten]}
    terms = {"subscription": subscription["id"], "subscription_details": details}
    assert call.create("/v1/invoices/create_preview", terms)["total"] == 1100
    older = {"subscription": subscription["id"], "subscription_default_tax_rates": [ten]}
    assert call.get("/v1/invoices/upcoming", older, version=OLD).json["total"] == 1100
    unknown = {"subscription": subscription["id"], "subscription_details": {"default_tax_rates": ["txr_none"]}}
    answer = call.post("/v1/invoices/create_preview", unknown)
    assert refusal(answer)[:2] == (400, "subscription_details[default_tax_rates]")
    details = {"items": [{"price": price_of(call, 700), "tax_rates": [ten]}], "default_tax_rates": [ten]}
    preview = call.create(
        "/v1/invoices/create_preview", {"customer": sent["customer"], "subscription_details": details}
    )
    assert preview["total"] == 770


def test_a_change_gives_back_what_was_paid_after_discounts(call: Call) -> None:
    half = coupon_of(call, percent_off="50")
    sent = {"customer": customer_of(call), "items": [{"price": price_of(call, 3000)}], "discounts": [{"coupon": half}]}
    subscription = call.create("/v1/subscriptions", sent)
    item = subscription["items"]["data"][0]
    call.fake.clock.advance(seconds=(item["current_period_end"] - item["current_period_start"]) // 2)
    changes = {"items": [{"id": item["id"], "price": price_of(call, 5000)}], "proration_behavior": "always_invoice"}
    changed = call.create(f"/v1/subscriptions/{subscription['id']}", {**changes, "expand": ["latest_invoice"]})
    credit, charge = changed["latest_invoice"]["lines"]["data"]
    assert (credit["amount"], charge["amount"]) == (-750, 1250)
    assert credit["description"].endswith(" (with 50.0% off)")
    assert charge["description"].endswith(" (with 50.0% off)")
    for line in (credit, charge):
        assert not line["discountable"]
        assert [each["amount"] for each in line["discount_amounts"]] == [0]
    assert changed["latest_invoice"]["total"] == 500


def test_itemized_prorations_show_whole_amounts_beside_discounts(call: Call) -> None:
    half = coupon_of(call, percent_off="50")
    mode = {"type": "flexible", "flexible": {"proration_discounts": "itemized"}}
    sent = {"customer": customer_of(call), "items": [{"price": price_of(call, 3000)}], "discounts": [{"coupon": half}]}
    subscription = call.create("/v1/subscriptions", {**sent, "billing_mode": mode})
    item = subscription["items"]["data"][0]
    call.fake.clock.advance(seconds=(item["current_period_end"] - item["current_period_start"]) // 2)
    changes = {"items": [{"id": item["id"], "price": price_of(call, 5000)}], "proration_behavior": "always_invoice"}
    changed = call.create(f"/v1/subscriptions/{subscription['id']}", {**changes, "expand": ["latest_invoice"]})
    credit, charge = changed["latest_invoice"]["lines"]["data"]
    assert (credit["amount"], [each["amount"] for each in credit["discount_amounts"]]) == (-1500, [-750])
    assert (charge["amount"], [each["amount"] for each in charge["discount_amounts"]]) == (2500, [1250])
    assert changed["latest_invoice"]["total"] == 500


def test_a_change_of_several_items_shares_a_fixed_discount_once(call: Call) -> None:
    off = coupon_of(call, amount_off=500, currency="usd")
    items = [{"price": price_of(call, 1000)} for _ in range(3)]
    sent = {"customer": customer_of(call), "items": items, "discounts": [{"coupon": off}]}
    subscription = call.create("/v1/subscriptions", sent)
    changes = {
        "items": [{"id": item["id"], "quantity": 2} for item in subscription["items"]["data"]],
        "proration_behavior": "always_invoice",
    }
    changed = call.create(f"/v1/subscriptions/{subscription['id']}", {**changes, "expand": ["latest_invoice"]})
    amounts = [line["amount"] for line in changed["latest_invoice"]["lines"]["data"]]
    assert amounts == [-834, 1834, -834, 1834, -832, 1832]  # 6000 - 500, in the place of 3000 - 500


def test_negative_items_are_not_discounted_by_default(call: Call) -> None:
    coupon = coupon_of(call, percent_off=10)
    invoice = paid(call, [{"amount": 1000}, {"amount": -300}], discounts=[{"coupon": coupon}])
    assert [line["discountable"] for line in invoice["lines"]["data"]] == [True, False]
    assert invoice["total"] == 600


def refusal(answer: Answer) -> tuple[int, str, str]:
    error = answer.json["error"]
    return answer.status, error["param"], error["message"]


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [
        ("/v1/invoices", "default_tax_rates", 5),
        ("/v1/subscriptions", "default_tax_rates", 5),
        ("/v1/subscriptions", "items[0][tax_rates]", 10),
        ("/v1/invoiceitems", "tax_rates", 10),
    ],
)
def test_rates_that_cannot_be_used(call: Call, path: str, name: str, most: int) -> None:
    sent: Tree = {"customer": customer_of(call)}
    if path == "/v1/subscriptions":
        sent["items[0][price]"] = price_of(call, 1000)
    if path == "/v1/invoiceitems":
        sent |= {"amount": 100, "currency": "usd"}
    gone = rate_of(call, "3")
    call.create(f"/v1/tax_rates/{gone}", {"active": False})
    here = rate_of(call, "3")
    assert refusal(call.post(path, sent | {name: ["txr_none"]})) == (400, name, "No such tax rate: 'txr_none'")
    for rates in ([gone], [here, here]):
        assert refusal(call.post(path, sent | {name: rates}))[:2] == (400, name)
    many = [rate_of(call, "1") for _ in range(most + 1)]
    assert refusal(call.post(path, sent | {name: many}))[:2] == (400, name)
    assert call.get(path).json["data"] == []


def test_taxes_are_not_calculated(call: Call) -> None:
    sent = {"customer": customer_of(call), "automatic_tax": {"enabled": True}}
    for path in ("/v1/invoices", "/v1/subscriptions"):
        items = {"items": [{"price": price_of(call, 100)}]} if path == "/v1/subscriptions" else {}
        answer = call.post(path, {**sent, **items})
        assert (answer.status, answer.json["error"]["param"].partition("[")[0]) == (501, "automatic_tax")
    assert call.post("/v1/invoices", {"customer": sent["customer"], "tax_percent": 5}).status in (400, 501)
