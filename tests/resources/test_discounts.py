"""Discounts: where they are put, how long they last, and what is refused."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

Tree = dict[str, Any]
ACACIA = "2025-02-24.acacia"


def coupon(call: Call, name: str = "TEN", **terms: object) -> str:
    usual = {} if "amount_off" in terms else {"percent_off": 10}
    created: str = call.create("/v1/coupons", {"id": name, **usual, **terms})["id"]
    return created


def code(call: Call, coupon_id: str, **terms: object) -> str:
    terms = {"promotion": {"type": "coupon", "coupon": coupon_id}, **terms}
    created: str = call.create("/v1/promotion_codes", terms)["id"]
    return created


def redeemed(call: Call, coupon_id: str = "TEN") -> int:
    times: int = call.get(f"/v1/coupons/{coupon_id}").json["times_redeemed"]
    return times


def off(invoice: Tree) -> int:
    return sum(each["amount"] for each in invoice["total_discount_amounts"])


def test_a_subscription_has_the_discount_of_a_coupon_on_each_invoice(call: Call) -> None:
    coupon(call, duration="forever")
    buyer = customer(call)
    bought = subscribe(call, buyer, licensed(call), discounts=[{"coupon": "TEN"}], expand=["discounts"])
    (discount,) = bought["discounts"]
    assert list(discount) == [
        "id",
        "object",
        "checkout_session",
        "customer",
        "customer_account",
        "end",
        "invoice",
        "invoice_item",
        "promotion_code",
        "source",
        "start",
        "subscription",
        "subscription_item",
    ]
    assert discount == {
        "id": discount["id"],
        "object": "discount",
        "checkout_session": None,
        "customer": buyer,
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": "TEN", "type": "coupon"},
        "start": NEW_YEAR,
        "subscription": bought["id"],
        "subscription_item": None,
    }
    call.clock.advance(62 * DAY)
    assert [(each["discounts"], off(each), each["total"]) for each in invoices(call)] == [
        ([discount["id"]], 100, 900)
    ] * 3
    assert redeemed(call) == 1


def test_the_events_of_a_discount_come_before_that_of_the_subscription(call: Call) -> None:
    coupon(call, duration="forever")
    bought = subscribe(call, customer(call), licensed(call))
    call.create(f"/v1/subscriptions/{bought['id']}", {"discounts": [{"coupon": "TEN"}]})
    assert types(call)[-2:] == ["customer.discount.created", "customer.subscription.updated"]
    call.create(f"/v1/subscriptions/{bought['id']}", {"discounts": ""})
    assert types(call)[-2:] == ["customer.discount.deleted", "customer.subscription.updated"]
    assert len(invoices(call)) == 1


def test_a_coupon_that_is_sent_again_keeps_its_discount(call: Call) -> None:
    coupon(call, duration="forever")
    coupon(call, "FIVE", amount_off=5, currency="usd", duration="forever")
    bought = subscribe(call, customer(call), licensed(call), discounts=[{"coupon": "TEN"}])
    url = f"/v1/subscriptions/{bought['id']}"
    changed = call.create(url, {"discounts": [{"coupon": "FIVE"}, {"coupon": "TEN"}]})
    assert changed["discounts"][1] == bought["discounts"][0]
    again = call.create(url, {"discounts": [{"discount": each} for each in changed["discounts"]]})
    assert again["discounts"] == changed["discounts"]
    assert (redeemed(call), redeemed(call, "FIVE")) == (1, 1)


def test_a_discount_that_was_taken_away_is_not_found(call: Call) -> None:
    coupon(call, duration="forever")
    bought = subscribe(call, customer(call), licensed(call), discounts=[{"coupon": "TEN"}])
    url = f"/v1/subscriptions/{bought['id']}"
    call.create(url, {"discounts": ""})
    refused = call.post(url, {"discounts": [{"discount": bought["discounts"][0]}]})
    assert (refused.status, refused.error["code"]) == (400, "resource_missing")
    assert refused.error["message"] == f"No such discount: '{bought['discounts'][0]}'"
    assert refused.error["param"] == "discounts[0][discount]"
    call.create(url, {"discounts": [{"coupon": "TEN"}]})
    assert redeemed(call) == 2


def test_once_is_used_up_by_the_first_invoice_that_is_paid(call: Call) -> None:
    coupon(call)
    bought = subscribe(call, customer(call), licensed(call), discounts=[{"coupon": "TEN"}])
    assert bought["discounts"] == []
    call.clock.advance(32 * DAY)
    first, second = invoices(call)
    assert (first["total"], len(first["discounts"])) == (900, 1)
    assert (second["total"], second["discounts"]) == (1000, [])


def test_once_is_announced_to_be_used_up(call: Call) -> None:
    coupon(call)
    subscribe(call, customer(call), licensed(call), discounts=[{"coupon": "TEN"}])
    found = types(call, "customer.*", "invoice.paid")
    assert sorted(found) == [
        "customer.created",
        "customer.discount.created",
        "customer.discount.deleted",
        "customer.subscription.created",
        "invoice.paid",
    ]


def test_once_waits_for_the_end_of_a_trial(call: Call) -> None:
    coupon(call)
    terms = {"discounts": [{"coupon": "TEN"}], "trial_period_days": 7}
    bought = subscribe(call, customer(call), licensed(call), **terms)
    assert len(bought["discounts"]) == 1
    call.clock.advance(8 * DAY)
    assert [each["total"] for each in invoices(call)] == [0, 900]
    assert call.get(f"/v1/subscriptions/{bought['id']}").json["discounts"] == []


def test_once_by_an_update_waits_for_the_next_invoice(call: Call) -> None:
    coupon(call)
    bought = subscribe(call, customer(call), licensed(call))
    changed = call.create(f"/v1/subscriptions/{bought['id']}", {"discounts": [{"coupon": "TEN"}]})
    assert len(changed["discounts"]) == 1
    call.clock.advance(63 * DAY)
    assert [each["total"] for each in invoices(call)] == [1000, 900, 1000]


def test_once_is_on_one_invoice_only_while_that_is_unpaid(call: Call) -> None:
    coupon(call)
    price = licensed(call)
    bought = subscribe(
        call, customer(call), price, discounts=[{"coupon": "TEN"}], payment_behavior="default_incomplete"
    )
    assert (bought["status"], len(bought["discounts"])) == ("incomplete", 1)
    (first,) = invoices(call)
    other = call.create("/v1/invoices", {"customer": bought["customer"], "subscription": bought["id"]})
    assert (len(first["discounts"]), other["discounts"]) == (1, [])
    call.create(f"/v1/invoices/{first['id']}/void")
    another = call.create("/v1/invoices", {"customer": bought["customer"], "subscription": bought["id"]})
    assert another["discounts"] == first["discounts"]


def test_a_discount_that_repeats_ends_after_its_months(call: Call) -> None:
    coupon(call, duration="repeating", duration_in_months=3)
    terms = {"discounts": [{"coupon": "TEN"}], "expand": ["discounts"]}
    bought = subscribe(call, customer(call), licensed(call), **terms)
    assert bought["discounts"][0]["end"] == NEW_YEAR + 90 * DAY
    call.clock.advance(125 * DAY)
    assert [each["total"] for each in invoices(call)] == [900, 900, 900, 1000, 1000]
    assert call.get(f"/v1/subscriptions/{bought['id']}").json["discounts"] == []


def test_the_end_of_a_discount_has_its_events(call: Call) -> None:
    coupon(call, duration="repeating", duration_in_months=1)
    subscribe(call, customer(call), licensed(call, interval="year"), discounts=[{"coupon": "TEN"}])
    call.clock.advance(31 * DAY)
    assert types(call)[-2:] == ["customer.discount.deleted", "customer.subscription.updated"]


def test_a_yearly_invoice_within_the_months_is_discounted_in_full(call: Call) -> None:
    coupon(call, duration="repeating", duration_in_months=1)
    subscribe(call, customer(call), licensed(call, interval="year"), discounts=[{"coupon": "TEN"}])
    assert [each["total"] for each in invoices(call)] == [900]


def test_usage_is_discounted_like_anything_else(call: Call) -> None:
    coupon(call, duration="forever")
    buyer = customer(call)
    subscribe(call, buyer, metered(call), discounts=[{"coupon": "TEN"}])
    use(call, buyer, 200)
    call.clock.advance(32 * DAY)
    assert invoices(call)[-1]["total"] == 180


def test_an_item_has_discounts_of_its_own(call: Call) -> None:
    coupon(call, duration="forever")
    seat, desk = licensed(call), licensed(call, 500)
    bought = subscribe(call, customer(call), {"price": seat, "discounts": [{"coupon": "TEN"}]}, desk)
    first, second = bought["items"]["data"]
    assert (len(first["discounts"]), second["discounts"], bought["discounts"]) == (1, [], [])
    (invoice,) = invoices(call)
    assert (invoice["discounts"], invoice["total"]) == ([], 1400)
    assert [line["discounts"] for line in invoice["lines"]["data"]] == [first["discounts"], []]
    url = f"/v1/subscription_items/{first['id']}"
    shown = call.get(url, {"expand": ["discounts"]}).json["discounts"][0]
    assert (shown["subscription"], shown["subscription_item"]) == (bought["id"], first["id"])
    assert call.create(url, {"discounts": ""})["discounts"] == []
    assert types(call)[-2:] == ["customer.discount.deleted", "customer.subscription.updated"]


def test_once_of_an_item_is_used_up(call: Call) -> None:
    coupon(call)
    bought = subscribe(call, customer(call), {"price": licensed(call), "discounts": [{"coupon": "TEN"}]})
    assert bought["items"]["data"][0]["discounts"] == []
    call.clock.advance(32 * DAY)
    assert [each["total"] for each in invoices(call)] == [900, 1000]


def test_an_item_that_is_added_or_removed_brings_and_takes_its_discounts(call: Call) -> None:
    coupon(call, duration="forever")
    bought = subscribe(call, customer(call), licensed(call))
    terms = {"subscription": bought["id"], "price": licensed(call, 500), "discounts": [{"coupon": "TEN"}]}
    item = call.create("/v1/subscription_items", terms)
    assert len(item["discounts"]) == 1
    call.delete(f"/v1/subscription_items/{item['id']}")
    assert "customer.discount.deleted" in types(call)


def test_a_draft_takes_over_what_its_customer_has_and_can_have_others(call: Call) -> None:
    coupon(call, duration="forever")
    coupon(call, "FIVE", amount_off=5, currency="usd")
    buyer = call.post("/v1/customers", {"coupon": "TEN"}, version=ACACIA).json["id"]
    call.create("/v1/invoiceitems", {"customer": buyer, "amount": 1000})
    terms = {"customer": buyer, "pending_invoice_items_behavior": "include"}
    draft = call.create("/v1/invoices", terms)
    assert (len(draft["discounts"]), draft["total"]) == (1, 900)
    changed = call.create(f"/v1/invoices/{draft['id']}", {"discounts": [{"coupon": "FIVE"}]})
    assert (len(changed["discounts"]), changed["total"]) == (1, 995)
    assert types(call)[-2:] == ["customer.discount.created", "invoice.updated"]
    assert call.create(f"/v1/invoices/{draft['id']}", {"discounts": ""})["total"] == 1000
    assert types(call)[-2:] == ["customer.discount.deleted", "invoice.updated"]
    assert call.create("/v1/invoices", {**terms, "discounts": ""})["discounts"] == []
    assert call.get(f"/v1/customers/{buyer}").json["discount"]["source"]["coupon"] == "TEN"


def test_a_discount_of_an_invoice_names_the_invoice(call: Call) -> None:
    coupon(call)
    buyer = customer(call)
    terms = {"customer": buyer, "discounts": [{"coupon": "TEN"}], "expand": ["discounts"]}
    draft = call.create("/v1/invoices", terms)
    assert draft["discounts"][0]["invoice"] == draft["id"]
    call.create("/v1/invoiceitems", {"customer": buyer, "invoice": draft["id"], "amount": 1000})
    paid = call.create(f"/v1/invoices/{draft['id']}/pay")
    assert (paid["total"], len(paid["discounts"])) == (900, 1)
    refused = call.post(f"/v1/invoices/{draft['id']}", {"discounts": ""})
    assert refused.status == 400


def test_the_discounts_of_a_deleted_draft_and_of_its_items_end(call: Call) -> None:
    coupon(call, duration="forever")
    buyer = customer(call)
    draft = call.create("/v1/invoices", {"customer": buyer, "discounts": [{"coupon": "TEN"}]})
    terms = {"customer": buyer, "invoice": draft["id"], "amount": 10, "discounts": [{"coupon": "TEN"}]}
    call.create("/v1/invoiceitems", terms)
    call.delete(f"/v1/invoices/{draft['id']}")
    assert types(call)[-3:] == ["invoice.deleted", "customer.discount.deleted", "customer.discount.deleted"]


def test_an_invoice_item_has_discounts_of_its_own(call: Call) -> None:
    coupon(call)
    buyer = customer(call)
    terms = {"customer": buyer, "amount": 1000, "discounts": [{"coupon": "TEN"}], "expand": ["discounts"]}
    item = call.create("/v1/invoiceitems", terms)
    assert (item["discounts"][0]["invoice_item"], item["discounts"][0]["invoice"]) == (item["id"], None)
    draft = call.create("/v1/invoices", {"customer": buyer, "pending_invoice_items_behavior": "include"})
    assert (draft["discounts"], draft["subtotal"], draft["total"]) == ([], 900, 900)
    changed = call.create(f"/v1/invoiceitems/{item['id']}", {"discounts": ""})
    assert changed["discounts"] == []
    assert call.get(f"/v1/invoices/{draft['id']}").json["total"] == 1000
    call.create(f"/v1/invoiceitems/{item['id']}", {"discounts": [{"coupon": "TEN"}]})
    call.delete(f"/v1/invoiceitems/{item['id']}")
    assert types(call)[-2:] == ["invoiceitem.deleted", "customer.discount.deleted"]


def test_items_that_are_added_to_a_subscription_have_discounts(call: Call) -> None:
    coupon(call)
    added = {"price": one_time(call), "discounts": [{"coupon": "TEN"}]}
    subscribe(call, customer(call), licensed(call), add_invoice_items=[added])
    (invoice,) = invoices(call)
    assert (invoice["total"], invoice["discounts"]) == (1450, [])


def test_lines_that_are_added_or_changed_have_discounts(call: Call) -> None:
    coupon(call)
    draft = call.create("/v1/invoices", {"customer": customer(call)})
    terms = {"lines": [{"amount": 1000, "discounts": [{"coupon": "TEN"}]}]}
    changed = call.create(f"/v1/invoices/{draft['id']}/add_lines", terms)
    (line,) = changed["lines"]["data"]
    assert (len(line["discounts"]), changed["total"]) == (1, 900)
    url = f"/v1/invoices/{draft['id']}/lines/{line['id']}"
    assert call.create(url, {"discounts": ""})["discounts"] == []


def test_an_amount_in_another_currency_is_that_of_the_option(call: Call) -> None:
    coupon(call, amount_off=500, currency="usd", currency_options={"eur": {"amount_off": 400}}, duration="forever")
    terms = {"currency": "eur", "unit_amount": 1000, "product_data": {"name": "Seat"}}
    price = call.create("/v1/prices", {**terms, "recurring": {"interval": "month"}})["id"]
    subscribe(call, customer(call), price, discounts=[{"coupon": "TEN"}])
    assert invoices(call)[0]["total"] == 600


def test_a_coupon_for_other_products_takes_nothing_off(call: Call) -> None:
    coupon(call, applies_to={"products": [product(call, "Other")]}, duration="forever")
    bought = subscribe(call, customer(call), licensed(call), discounts=[{"coupon": "TEN"}])
    assert (invoices(call)[0]["total"], len(bought["discounts"])) == (1000, 1)


def test_a_deleted_coupon_leaves_its_discounts(call: Call) -> None:
    coupon(call, duration="forever")
    subscribe(call, customer(call), licensed(call), discounts=[{"coupon": "TEN"}])
    call.delete("/v1/coupons/TEN")
    coupon(call, percent_off=50)
    call.clock.advance(32 * DAY)
    assert [each["total"] for each in invoices(call)] == [900, 900]


def test_the_discount_of_a_subscription_can_be_deleted(call: Call) -> None:
    coupon(call, duration="forever")
    bought = subscribe(call, customer(call), licensed(call), discounts=[{"coupon": "TEN"}])
    url = f"/v1/subscriptions/{bought['id']}/discount"
    deleted = call.delete(url).json
    assert (deleted["id"], deleted["object"], deleted["deleted"]) == (bought["discounts"][0], "discount", True)
    assert "end" not in deleted
    assert types(call)[-2:] == ["customer.discount.deleted", "customer.subscription.updated"]
    assert call.get(f"/v1/subscriptions/{bought['id']}").json["discounts"] == []
    refused = call.delete(url)
    assert (refused.status, refused.error["code"]) == (404, "resource_missing")
    assert call.delete("/v1/subscriptions/sub_none/discount").status == 404


def test_the_discount_of_a_customer_is_shown_switched_and_deleted(call: Call) -> None:
    coupon(call, duration="forever")
    coupon(call, "HALF", percent_off=50, duration="forever")
    buyer = call.post("/v1/customers", {"coupon": "TEN"}, version=ACACIA).json["id"]
    shown = call.get(f"/v1/customers/{buyer}/discount").json
    assert shown == call.get(f"/v1/customers/{buyer}").json["discount"]
    assert (shown["customer"], shown["subscription"]) == (buyer, None)
    call.post(f"/v1/customers/{buyer}", {"coupon": "HALF"}, version=ACACIA)
    (event,) = call.get("/v1/events", {"type": "customer.discount.updated"}).json["data"]
    assert event["data"]["previous_attributes"]["source"] == {"coupon": "TEN", "type": "coupon"}
    subscribe(call, buyer, licensed(call))
    assert invoices(call)[0]["total"] == 500
    assert call.delete(f"/v1/customers/{buyer}/discount").json["deleted"] is True
    assert types(call)[-1] == "customer.discount.deleted"
    assert call.get(f"/v1/customers/{buyer}").json["discount"] is None
    for method in (call.get, call.delete):
        assert method(f"/v1/customers/{buyer}/discount").status == 404
        assert method("/v1/customers/cus_none/discount").status == 404


def test_without_its_own_discounts_a_subscription_has_those_of_its_customer(call: Call) -> None:
    coupon(call, duration="forever")
    coupon(call, "HALF", percent_off=50, duration="forever")
    buyer = call.post("/v1/customers", {"coupon": "TEN"}, version=ACACIA).json["id"]
    bought = subscribe(call, buyer, licensed(call), discounts=[{"coupon": "HALF"}])
    call.create(f"/v1/subscriptions/{bought['id']}", {"discounts": ""})
    call.clock.advance(32 * DAY)
    assert [each["total"] for each in invoices(call)] == [500, 900]


def test_a_preview_redeems_nothing(call: Call) -> None:
    coupon(call)
    coupon(call, "HALF", percent_off=50, duration="forever", max_redemptions=1)
    bought = subscribe(call, customer(call), licensed(call))
    before = types(call)
    terms = {"subscription": bought["id"], "discounts": [{"coupon": "HALF"}]}
    preview = call.create("/v1/invoices/create_preview", terms)
    assert (preview["total"], off(preview)) == (500, 500)
    items = [{"amount": 1000, "discounts": [{"coupon": "TEN"}]}]
    assert call.create("/v1/invoices/create_preview", {**terms, "invoice_items": items})["total"] == 950
    given = {"items": [{"id": bought["items"]["data"][0]["id"], "discounts": [{"coupon": "TEN"}]}]}
    preview = call.create("/v1/invoices/create_preview", {"subscription": bought["id"], "subscription_details": given})
    assert preview["total"] == 900
    assert (redeemed(call), redeemed(call, "HALF")) == (0, 0)
    assert types(call) == before


def test_a_preview_of_a_new_subscription_has_discounts(call: Call) -> None:
    coupon(call)
    items = [{"price": licensed(call), "discounts": [{"coupon": "TEN"}]}]
    terms = {"customer": customer(call), "subscription_details": {"items": items}}
    assert call.create("/v1/invoices/create_preview", terms)["total"] == 900
    coupon(call, "HALF", percent_off=50, duration="repeating", duration_in_months=2)
    assert call.create("/v1/invoices/create_preview", {**terms, "discounts": [{"coupon": "HALF"}]})["total"] == 450


def test_a_preview_after_the_months_has_no_discount(call: Call) -> None:
    coupon(call, duration="repeating", duration_in_months=1)
    bought = subscribe(call, customer(call), licensed(call), discounts=[{"coupon": "TEN"}])
    preview = call.create("/v1/invoices/create_preview", {"subscription": bought["id"]})
    assert (preview["discounts"], preview["total"]) == ([], 1000)


def test_promotion_codes_are_redeemed(call: Call) -> None:
    promo = code(call, coupon(call, duration="forever"), code="SAVE")
    terms = {
        "discounts": [{"promotion_code": promo}],
        "expand": ["discounts.promotion_code", "discounts.source.coupon"],
    }
    bought = subscribe(call, customer(call), licensed(call), **terms)
    (discount,) = bought["discounts"]
    assert (discount["promotion_code"]["code"], discount["promotion_code"]["times_redeemed"]) == ("SAVE", 1)
    assert discount["source"]["coupon"]["times_redeemed"] == 1


Refusal = tuple[str, Tree, str]
REFUSED: list[Refusal] = [
    ("expired", {"coupon": "LATE"}, "Coupon LATE is expired and cannot be applied."),
    ("used up", {"coupon": "USED"}, "Coupon USED is used up and cannot be applied."),
    ("unknown", {"coupon": "NONE"}, "No such coupon: 'NONE'"),
    ("deleted", {"coupon": "GONE"}, "No such coupon: 'GONE'"),
    ("unknown code", {"promotion_code": "promo_none"}, "No such promotion code: 'promo_none'"),
    ("unknown discount", {"discount": "di_none"}, "No such discount: 'di_none'"),
    ("another currency", {"coupon": "EURO"}, "Coupon EURO takes off no amount in `usd`, so it cannot be applied."),
]


@pytest.mark.parametrize(("_why", "given", "message"), REFUSED)
@pytest.mark.parametrize("where", ["subscription", "item", "invoice", "invoice item", "preview"])
def test_what_may_not_be_redeemed_is_refused(call: Call, where: str, _why: str, given: Tree, message: str) -> None:
    coupon(call, "LATE", redeem_by=NEW_YEAR + DAY)
    coupon(call, "USED", max_redemptions=1)
    coupon(call, "GONE")
    coupon(call, "EURO", amount_off=5, currency="eur")
    call.delete("/v1/coupons/GONE")
    buyer, price = customer(call), licensed(call)
    subscribe(call, customer(call), price, discounts=[{"coupon": "USED"}])
    call.clock.advance(DAY)
    counted = len(types(call))
    discounts = [given]
    items = [{"price": price, "discounts": discounts}]
    ways: dict[str, tuple[str, Tree, str]] = {
        "subscription": ("subscriptions", {"items": [{"price": price}], "discounts": discounts}, "discounts[0]"),
        "item": ("subscriptions", {"items": items}, "items[0][discounts][0]"),
        "invoice": ("invoices", {"discounts": discounts}, "discounts[0]"),
        "invoice item": ("invoiceitems", {"amount": 100, "discounts": discounts}, "discounts[0]"),
        "preview": (
            "invoices/create_preview",
            {"subscription_details": {"items": items}},
            "subscription_details[items][0][discounts][0]",
        ),
    }
    url, terms, path = ways[where]
    refused = call.post(f"/v1/{url}", {"customer": buyer, **terms})
    (name,) = given
    assert (refused.status, refused.error["message"]) == (400, message)
    assert refused.error["param"] == f"{path}[{name}]"
    assert len(types(call)) == counted


def test_a_coupon_that_repeats_is_not_for_invoices_and_invoice_items(call: Call) -> None:
    coupon(call, duration="repeating", duration_in_months=2)
    buyer, sentence = customer(call), "Coupon TEN has `duration=repeating` and cannot be applied to one-time objects."
    ways: list[tuple[str, Tree]] = [("invoices", {}), ("invoiceitems", {"amount": 5})]
    for url, terms in ways:
        refused = call.post(f"/v1/{url}", {"customer": buyer, "discounts": [{"coupon": "TEN"}], **terms})
        assert (refused.status, refused.error["message"]) == (400, sentence)


MALFORMED = [
    ([{"coupon": "TEN", "promotion_code": "promo_1"}], "discounts[0][coupon]"),
    ([{"coupon": "TEN"}, {"coupon": "TEN"}], "discounts[1][coupon]"),
    ([{"coupon": ""}], "discounts[0][coupon]"),
    ("TEN", "discounts"),
    (["TEN"], "discounts[0]"),
    ([{"coupon": "TEN"}] * 21, "discounts"),
    ([{"coupon": "T" * 5001}], "discounts[0][coupon]"),
    ([{"code": "TEN"}], "discounts[0][code]"),
]


@pytest.mark.parametrize(("given", "param"), MALFORMED)
def test_malformed_discounts_are_refused(call: Call, given: object, param: str) -> None:
    coupon(call)
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    refused = call.post("/v1/subscriptions", {**terms, "discounts": given})
    assert (refused.status, refused.error.get("param")) == (400, param)
    assert redeemed(call) == 0


def test_a_coupon_and_its_promotion_code_do_not_go_together(call: Call) -> None:
    promo = code(call, coupon(call))
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    refused = call.post("/v1/subscriptions", {**terms, "discounts": [{"coupon": "TEN"}, {"promotion_code": promo}]})
    assert (refused.status, refused.error["param"]) == (400, "discounts[1][promotion_code]")


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"active": False}, "The promotion code SAVE is not active, so it cannot be redeemed."),
        ({"expires_at": NEW_YEAR + DAY}, "The promotion code SAVE is not active, so it cannot be redeemed."),
        ({"customer": "other"}, "The promotion code SAVE is for another customer, so it cannot be redeemed."),
        (
            {"restrictions": {"first_time_transaction": True}},
            "This promotion code cannot be redeemed because the associated customer has prior transactions.",
        ),
        (
            {"restrictions": {"minimum_amount": 1001, "minimum_amount_currency": "usd"}},
            "This promotion code cannot be redeemed because the purchase is below its minimum amount.",
        ),
        (
            {"restrictions": {"minimum_amount": 1, "minimum_amount_currency": "eur"}},
            "This promotion code cannot be redeemed because the purchase is below its minimum amount.",
        ),
    ],
)
def test_a_promotion_code_may_be_restricted(call: Call, terms: Tree, message: str) -> None:
    other, buyer, price = customer(call), customer(call), licensed(call)
    promo = code(call, coupon(call), code="SAVE", **terms | ({"customer": other} if "customer" in terms else {}))
    subscribe(call, buyer, price)
    call.clock.advance(2 * DAY)
    wanted = {"customer": buyer, "items": [{"price": price}], "discounts": [{"promotion_code": promo}]}
    refused = call.post("/v1/subscriptions", wanted)
    assert (refused.status, refused.error["message"]) == (400, message)
    assert refused.error["param"] == "discounts[0][promotion_code]"
    assert redeemed(call) == 0


def test_who_meets_the_restrictions_may_redeem(call: Call) -> None:
    restrictions = {
        "first_time_transaction": True,
        "minimum_amount": 1000,
        "minimum_amount_currency": "usd",
        "currency_options": {"eur": {"minimum_amount": 900}},
    }
    promo = code(call, coupon(call), restrictions=restrictions)
    subscribe(call, customer(call), licensed(call), discounts=[{"promotion_code": promo}])
    assert redeemed(call) == 1


@pytest.mark.parametrize(("card", "status"), [("pm_card_visa", 400), ("pm_card_visa_chargeDeclined", 200)])
def test_a_payment_without_an_invoice_is_a_transaction_if_it_succeeds(call: Call, card: str, status: int) -> None:
    promo = code(call, coupon(call), restrictions={"first_time_transaction": True})
    buyer = customer(call)
    terms = {"amount": 100, "currency": "usd", "customer": buyer, "payment_method": card, "confirm": True}
    call.post("/v1/payment_intents", {**terms, "return_url": "https://example.com"})
    wanted = {"customer": buyer, "items": [{"price": licensed(call)}], "discounts": [{"promotion_code": promo}]}
    assert call.post("/v1/subscriptions", wanted).status == status


def test_an_invoice_of_nothing_is_no_transaction(call: Call) -> None:
    promo = code(call, coupon(call), restrictions={"first_time_transaction": True})
    buyer, price = customer(call), licensed(call)
    subscribe(call, buyer, price, trial_period_days=5)
    assert subscribe(call, buyer, price, discounts=[{"promotion_code": promo}])["status"] == "active"


def test_a_smallest_amount_is_that_of_the_lines_of_an_invoice(call: Call) -> None:
    restrictions = {"minimum_amount": 500, "minimum_amount_currency": "usd"}
    promo = code(call, coupon(call), restrictions=restrictions)
    buyer = customer(call)
    draft = call.create("/v1/invoices", {"customer": buyer})
    url, wanted = f"/v1/invoices/{draft['id']}", {"discounts": [{"promotion_code": promo}]}
    call.create("/v1/invoiceitems", {"customer": buyer, "invoice": draft["id"], "amount": 499})
    assert call.post(url, wanted).status == 400
    call.create("/v1/invoiceitems", {"customer": buyer, "invoice": draft["id"], "amount": 1})
    assert call.create(url, wanted)["total"] == 450


def test_a_discount_of_the_customer_can_be_named_for_its_subscription(call: Call) -> None:
    coupon(call, duration="forever")
    buyer = call.post("/v1/customers", {"coupon": "TEN"}, version=ACACIA).json
    bought = subscribe(call, buyer["id"], licensed(call), discounts=[{"discount": buyer["discount"]["id"]}])
    assert bought["discounts"] == [buyer["discount"]["id"]]
    assert redeemed(call) == 1
    call.create(f"/v1/subscriptions/{bought['id']}", {"discounts": ""})
    assert call.get(f"/v1/customers/{buyer['id']}").json["discount"]["id"] == buyer["discount"]["id"]


def test_a_smallest_amount_is_not_for_updates(call: Call) -> None:
    restrictions = {"minimum_amount": 1, "minimum_amount_currency": "usd"}
    promo = code(call, coupon(call), restrictions=restrictions)
    bought = subscribe(call, customer(call), licensed(call))
    refused = call.post(f"/v1/subscriptions/{bought['id']}", {"discounts": [{"promotion_code": promo}]})
    sentence = "This promotion code cannot be redeemed on a subcription update because it uses the `minimum_amount` "
    assert refused.error["message"].startswith(sentence)


def test_a_promotion_code_is_used_up(call: Call) -> None:
    promo = code(call, coupon(call), max_redemptions=1, code="SAVE")
    price = licensed(call)
    subscribe(call, customer(call), price, discounts=[{"promotion_code": promo}])
    assert call.get(f"/v1/promotion_codes/{promo}").json["active"] is False
    wanted = {"customer": customer(call), "items": [{"price": price}], "discounts": [{"promotion_code": promo}]}
    assert call.post("/v1/subscriptions", wanted).status == 400


def test_a_discount_of_a_test_clock_ends_by_that_clock(call: Call) -> None:
    coupon(call, duration="repeating", duration_in_months=1)
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    buyer = customer(call, test_clock=clock)
    bought = subscribe(call, buyer, licensed(call), discounts=[{"coupon": "TEN"}])
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": NEW_YEAR + 40 * DAY})
    assert call.get(f"/v1/subscriptions/{bought['id']}").json["discounts"] == []
    assert [each["total"] for each in invoices(call, customer=buyer)] == [900, 1000]


def test_an_update_that_may_wait_for_its_payment_cannot_set_discounts(call: Call) -> None:
    coupon(call)
    bought = subscribe(call, customer(call), licensed(call))
    terms = {"discounts": [{"coupon": "TEN"}], "payment_behavior": "pending_if_incomplete"}
    assert call.post(f"/v1/subscriptions/{bought['id']}", terms).status == 501
