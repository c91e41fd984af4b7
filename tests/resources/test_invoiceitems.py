"""Invoice items."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import types

ITEMS = "/v1/invoiceitems"


def test_a_bare_amount(call: Call) -> None:
    ada = customer(call)
    item = call.create(ITEMS, {"customer": ada, "amount": 250, "currency": "usd", "description": "Extra"})
    assert item["id"].startswith("ii_")
    assert item == {
        "id": item["id"],
        "object": "invoiceitem",
        "amount": 250,
        "currency": "usd",
        "customer": ada,
        "customer_account": None,
        "date": NEW_YEAR,
        "description": "Extra",
        "discountable": True,
        "discounts": [],
        "frozen_fields": [],
        "invoice": None,
        "invoicing_rules": [],
        "livemode": False,
        "metadata": {},
        "parent": None,
        "period": {"end": NEW_YEAR, "start": NEW_YEAR},
        "pricing": {
            "price_details": item["pricing"]["price_details"],
            "type": "price_details",
            "unit_amount_decimal": "250",
        },
        "proration": False,
        "quantity": 1,
        "quantity_decimal": "1",
        "tax_rates": [],
        "test_clock": None,
    }
    assert call.get(f"{ITEMS}/{item['id']}").json == item
    assert types(call)[-1] == "invoiceitem.created"


def test_a_bare_amount_has_an_inactive_price_of_its_own(call: Call) -> None:
    ada = customer(call)
    item = call.create(ITEMS, {"customer": ada, "amount": -250, "currency": "eur", "description": "Gift"})
    details = item["pricing"]["price_details"]
    price = call.get(f"/v1/prices/{details['price']}").json
    assert (price["unit_amount"], price["currency"], price["type"]) == (-250, "eur", "one_time")
    assert (price["active"], price["product"]) == (False, details["product"])
    product = call.get(f"/v1/products/{details['product']}").json
    assert (product["name"], product["active"]) == ("Gift", False)
    assert call.get("/v1/prices", {"active": True}).ids == []
    assert not {"price.created", "product.created"} & set(types(call))


def test_the_same_amount_for_the_same_has_the_same_price(call: Call) -> None:
    ada = customer(call)

    def price(**terms: object) -> tuple[str, str]:
        item = call.create(ITEMS, {"customer": ada, "amount": 250, "currency": "usd", "description": "Gift"} | terms)
        return tuple(item["pricing"]["price_details"].values())

    first = price()
    assert price() == first
    others = [price(amount=251), price(currency="eur"), price(description="Fee"), price(description=None)]
    assert len({first, *others}) == 5
    assert {product for _, product in others[:2]} == {first[1]}
    assert len({product for _, product in (first, *others[2:])}) == 3


def test_another_amount_of_an_item_has_another_price(call: Call) -> None:
    item = call.create(ITEMS, {"customer": customer(call), "amount": 250, "currency": "usd"})
    changed = call.create(f"{ITEMS}/{item['id']}", {"amount": 300})
    assert changed["pricing"]["unit_amount_decimal"] == "300"
    assert changed["pricing"]["price_details"]["price"] != item["pricing"]["price_details"]["price"]
    assert call.create(f"{ITEMS}/{item['id']}", {"quantity": 3})["amount"] == 900


def test_only_what_cannot_be_discounted_has_a_net_amount(call: Call) -> None:
    item = call.create(ITEMS, {"customer": customer(call), "amount": 250, "currency": "usd"})
    assert "net_amount" not in item
    assert call.create(f"{ITEMS}/{item['id']}", {"discountable": False})["net_amount"] == 250


def test_an_item_is_in_the_currency_of_its_customer_which_the_first_settles(call: Call) -> None:
    ada = customer(call)
    assert call.get(f"/v1/customers/{ada}").json["currency"] is None
    assert call.create(ITEMS, {"customer": ada, "amount": 1, "currency": "CAD"})["currency"] == "cad"
    assert call.get(f"/v1/customers/{ada}").json["currency"] == "cad"
    assert call.create(ITEMS, {"customer": ada, "amount": 1})["currency"] == "cad"
    assert call.create("/v1/invoices", {"customer": ada})["currency"] == "cad"
    assert call.create(ITEMS, {"customer": ada, "amount": 1, "currency": "eur"})["currency"] == "eur"
    assert call.get(f"/v1/customers/{ada}").json["currency"] == "cad"


def test_an_item_that_is_refused_settles_no_currency(call: Call) -> None:
    ada = customer(call)
    price = one_time(call, 500)
    assert call.post(ITEMS, {"customer": ada, "pricing": {"price": price}, "currency": "eur"}).status == 400
    assert call.get(f"/v1/customers/{ada}").json["currency"] is None
    assert call.create("/v1/invoices", {"customer": ada})["currency"] == "usd"
    assert call.get(f"/v1/customers/{ada}").json["currency"] is None


def test_a_price_with_a_quantity(call: Call) -> None:
    price = one_time(call, 500, "Set-up")
    item = call.create(ITEMS, {"customer": customer(call), "pricing": {"price": price}, "quantity": 3})
    assert (item["amount"], item["description"], item["quantity"]) == (1500, "Set-up", 3)
    assert item["pricing"]["price_details"]["price"] == price
    assert item["pricing"]["unit_amount_decimal"] == "500"


@pytest.mark.parametrize(
    ("unit_amount", "quantity", "amount"),
    [("0.5", "1", 1), ("0.4", "1", 0), ("-0.5", "1", -1), ("33.3", "2.5", 83), ("-10", "3", -30)],
)
def test_amounts_are_exact_and_rounded_half_away_from_zero(
    call: Call, unit_amount: str, quantity: str, amount: int
) -> None:
    terms = {"customer": customer(call), "unit_amount_decimal": unit_amount, "quantity_decimal": quantity}
    item = call.create(ITEMS, terms)
    assert (item["amount"], item["currency"], item["quantity_decimal"]) == (amount, "usd", quantity)


def test_waiting_items_go_on_the_next_invoice_of_a_subscription_once(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))
    other = subscribe(call, ada, metered(call, call.get("/v1/billing/meters").ids[0]))
    terms = {"customer": ada, "currency": "usd"}
    own = call.create(ITEMS, {**terms, "amount": 100, "description": "Own", "subscription": subscription["id"]})
    call.create(ITEMS, {**terms, "amount": 10, "description": "Any"})
    call.create(ITEMS, {**terms, "currency": "eur", "amount": 1})
    assert own["parent"]["subscription_details"]["subscription"] == subscription["id"]
    call.clock.freeze(FEBRUARY + HOUR)
    (mine,) = invoices(call, subscription=subscription["id"])
    (others,) = invoices(call, subscription=other["id"])
    assert [name for name, _ in lines(mine)] == ["Any", "Own", "0 × Calls (at $0.01 / month)"]
    assert others["total"] == 0
    attached = call.get(f"{ITEMS}/{own['id']}").json
    assert attached["invoice"] == mine["id"]
    assert mine["lines"]["data"][1]["parent"]["invoice_item_details"]["invoice_item"] == own["id"]
    call.clock.freeze(FEBRUARY + 40 * DAY)
    assert invoices(call, subscription=subscription["id"])[-1]["total"] == 0


def test_an_item_of_one_subscription_does_not_go_on_the_invoice_of_another(call: Call) -> None:
    ada = customer(call)
    sooner, later = subscribe(call, ada, licensed(call, interval="week")), subscribe(call, ada, licensed(call))
    item = call.create(ITEMS, {"customer": ada, "amount": 70, "currency": "usd", "subscription": later["id"]})
    preview = call.create("/v1/invoices/create_preview", {"subscription": sooner["id"]})
    assert [amount for _, amount in lines(preview)] == [1000]
    call.clock.advance(7 * DAY)
    assert [amount for _, amount in lines(invoices(call)[-1])] == [1000]
    assert call.get(f"{ITEMS}/{item['id']}").json["invoice"] is None
    preview = call.create("/v1/invoices/create_preview", {"subscription": later["id"]})
    assert [amount for _, amount in lines(preview)] == [70, 1000]


def test_an_item_can_go_on_a_draft(call: Call) -> None:
    ada = customer(call)
    draft = call.create("/v1/invoices", {"customer": ada})
    item = call.create(ITEMS, {"invoice": draft["id"], "amount": 70})
    assert (item["customer"], item["invoice"], item["currency"]) == (ada, draft["id"], "usd")
    assert invoices(call)[0]["total"] == 70
    changed = call.create(f"{ITEMS}/{item['id']}", {"amount": 80, "description": "More"})
    assert (changed["amount"], lines(invoices(call)[0])) == (80, [("More", 80)])
    assert call.delete(f"{ITEMS}/{item['id']}").json == {"id": item["id"], "object": "invoiceitem", "deleted": True}
    assert invoices(call)[0]["total"] == 0
    assert types(call)[-1] == "invoiceitem.deleted"


def test_an_item_on_a_finalized_invoice_stays(call: Call) -> None:
    draft = call.create("/v1/invoices", {"customer": customer(call)})
    item = call.create(ITEMS, {"invoice": draft["id"], "amount": 70})
    call.create(f"/v1/invoices/{draft['id']}/finalize")
    for refused in (
        call.post(f"{ITEMS}/{item['id']}", {"amount": 1}),
        call.delete(f"{ITEMS}/{item['id']}"),
        call.post(ITEMS, {"invoice": draft["id"], "amount": 1}),
    ):
        assert refused.status == 400


def test_what_can_change_of_an_item(call: Call) -> None:
    item = call.create(ITEMS, {"customer": customer(call), "pricing": {"price": one_time(call, 500)}})
    path = f"{ITEMS}/{item['id']}"
    assert call.create(path, {"quantity": 4})["amount"] == 2000
    assert call.create(path, {"pricing": {"price": one_time(call, 7)}})["amount"] == 28
    changed = call.create(path, {"unit_amount_decimal": "1.5", "quantity_decimal": "3"})
    assert (changed["amount"], changed["pricing"]["unit_amount_decimal"]) == (5, "1.5")
    terms = {"discountable": False, "metadata": {"a": "1"}, "period": {"start": NEW_YEAR, "end": FEBRUARY}}
    changed = call.create(path, terms)
    assert {name: changed[name] for name in terms} == terms
    assert call.create(path, {"description": ""})["description"] is None


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"customer": None}, "customer"),
        ({"customer": "cus_x", "amount": 1}, "customer"),
        ({}, "amount"),
        ({"amount": 1, "pricing": {"price": "ONCE"}}, "amount"),
        ({"amount": 1, "invoice": "in_x"}, "invoice"),
        ({"amount": 1, "subscription": "sub_x"}, "subscription"),
        ({"pricing": {"price": "price_x"}}, "pricing[price]"),
        ({"pricing": {"price": "OLD"}}, "pricing[price]"),
        ({"unit_amount_decimal": "0.0000000000001"}, "unit_amount_decimal"),
        ({"unit_amount_decimal": "1", "quantity": 1, "quantity_decimal": "1"}, "quantity"),
        ({"amount": 1, "currency": "nope"}, "currency"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_param(call: Call, terms: dict[str, object], param: str) -> None:
    old = one_time(call)
    call.create(f"/v1/prices/{old}", {"active": False})
    names = {"ONCE": one_time(call), "OLD": old}
    sent = {"customer": customer(call), **terms}
    if isinstance(pricing := sent.get("pricing"), dict):
        sent["pricing"] = {"price": names.get(pricing["price"], pricing["price"])}
    refused = call.post(ITEMS, sent)
    assert (refused.status, refused.error["param"]) == (400, param)
    assert call.get(ITEMS).ids == []


def test_a_recurring_price_is_refused_as_observed(call: Call) -> None:
    refused = call.post(ITEMS, {"customer": customer(call), "pricing": {"price": licensed(call)}})
    assert (refused.status, refused.error["message"]) == (
        400,
        "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
    )


def test_an_archived_price_is_refused_as_such(call: Call) -> None:
    price = one_time(call)
    call.create(f"/v1/prices/{price}", {"active": False})
    refused = call.post(ITEMS, {"customer": customer(call), "pricing": {"price": price}}).error
    assert refused["message"] == "The price specified is inactive. This field only accepts active prices."
    assert refused["param"] == "pricing[price]"


def test_what_belongs_to_another_customer_is_refused(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    subscription = subscribe(call, ada, metered(call))
    draft = call.create("/v1/invoices", {"customer": ada})
    for terms in ({"subscription": subscription["id"]}, {"invoice": draft["id"]}):
        refused = call.post(ITEMS, {"customer": bob, "amount": 1, **terms})
        assert (refused.status, refused.error["param"]) == (400, next(iter(terms)))


def test_a_price_in_another_currency_is_refused_on_a_draft(call: Call) -> None:
    draft = call.create("/v1/invoices", {"customer": customer(call), "currency": "eur"})
    refused = call.post(ITEMS, {"invoice": draft["id"], "pricing": {"price": one_time(call)}})
    assert (refused.status, refused.error["param"]) == (400, "pricing[price]")


def test_items_are_listed_newest_first_and_filtered(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    draft = call.create("/v1/invoices", {"customer": ada})["id"]
    first = call.create(ITEMS, {"customer": ada, "amount": 1})["id"]
    call.clock.advance(1)
    second = call.create(ITEMS, {"customer": ada, "amount": 2, "invoice": draft})["id"]
    third = call.create(ITEMS, {"customer": bob, "amount": 3})["id"]
    assert call.get(ITEMS).ids == [third, second, first]
    assert call.get(ITEMS, {"customer": ada}).ids == [second, first]
    assert call.get(ITEMS, {"invoice": draft}).ids == [second]
    assert call.get(ITEMS, {"pending": True}).ids == [third, first]
    assert call.get(ITEMS, {"pending": False}).ids == [second]
    assert call.get(ITEMS, {"created": NEW_YEAR}).ids == [first]


def test_an_unknown_item_is_not_found(call: Call) -> None:
    path = f"{ITEMS}/ii_x"
    for answer in (call.get(path), call.post(path, {"amount": 1}), call.delete(path)):
        assert (answer.status, answer.error["message"]) == (404, "No such Invoice Item: 'ii_x'(livemode=false)")
        assert (answer.error["code"], answer.error["param"]) == ("resource_missing", "id")


# A price that is made together with the item


def test_a_price_can_be_made_with_the_item(call: Call) -> None:
    setup = product(call, "Set-up")
    data = {"currency": "EUR", "product": setup, "unit_amount": 500, "tax_behavior": "exclusive"}
    ada = customer(call)
    item = call.create(ITEMS, {"customer": ada, "price_data": data, "quantity": 3})
    assert (item["amount"], item["currency"], item["description"]) == (1500, "eur", "Set-up")
    details = item["pricing"]["price_details"]
    assert (item["pricing"]["unit_amount_decimal"], details["product"]) == ("500", setup)
    price = call.get(f"/v1/prices/{details['price']}").json
    assert (price["type"], price["unit_amount"], price["currency"]) == ("one_time", 500, "eur")
    assert (price["product"], price["tax_behavior"]) == (setup, "exclusive")
    assert "price.created" in types(call)
    draft = call.create(
        "/v1/invoices", {"customer": ada, "currency": "eur", "pending_invoice_items_behavior": "include"}
    )
    assert draft["total"] == 1500


def test_such_a_price_can_have_parts_of_a_cent_and_be_set_later(call: Call) -> None:
    item = call.create(ITEMS, {"customer": customer(call), "amount": 5, "currency": "usd", "quantity": 4})
    data = {"currency": "usd", "product": product(call, "Calls"), "unit_amount_decimal": "0.5"}
    changed = call.create(f"{ITEMS}/{item['id']}", {"price_data": data, "quantity": 10})
    assert (changed["amount"], changed["pricing"]["unit_amount_decimal"], changed["description"]) == (5, "0.5", "Calls")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"product": "prod_x"}, "price_data[product]"),
        ({"product": None}, "price_data[product]"),
        ({"currency": "usdollars"}, "price_data[currency]"),
        ({"unit_amount_decimal": "1.5"}, "price_data[unit_amount]"),
        ({"unit_amount": None}, None),
        ({"unit_amount": -1}, "price_data[unit_amount]"),
        ({"tax_behavior": "none"}, "price_data[tax_behavior]"),
        ({"recurring": {"interval": "month"}}, "price_data[recurring]"),
    ],
)
def test_a_price_that_cannot_be_made_is_refused(call: Call, change: dict[str, object], param: str | None) -> None:
    data = {"currency": "usd", "product": product(call, "Set-up"), "unit_amount": 500} | change
    before = types(call)
    refused = call.post(ITEMS, {"customer": customer(call), "price_data": data})
    assert (refused.status, refused.error.get("param")) == (400, param)
    assert types(call) == [*before, "customer.created"]


def test_a_price_is_given_in_one_way(call: Call) -> None:
    data = {"currency": "usd", "product": product(call, "Set-up"), "unit_amount": 500}
    ada = customer(call)
    for other in ({"amount": 1}, {"pricing": {"price": one_time(call)}}, {"unit_amount_decimal": "1"}):
        refused = call.post(ITEMS, {"customer": ada, "price_data": data, **other})
        assert refused.error["code"] == "parameters_exclusive"
    draft = call.create("/v1/invoices", {"customer": ada, "currency": "usd"})
    wrong = call.post(ITEMS, {"invoice": draft["id"], "price_data": data | {"currency": "eur"}})
    assert (wrong.status, wrong.error["param"]) == (400, "price_data[currency]")
    assert call.get(ITEMS).json["data"] == []


def test_what_matters_to_taxes_only_is_checked_and_changes_nothing(call: Call) -> None:
    terms = {"customer": customer(call), "amount": 250, "currency": "usd"}
    plain = call.create(ITEMS, terms)
    taxed = call.create(ITEMS, terms | {"tax_behavior": "inclusive", "tax_code": "txcd_10000000"})
    assert taxed == plain | {"id": taxed["id"]}
    assert call.create(f"{ITEMS}/{taxed['id']}", {"tax_code": ""}) == taxed
    assert call.post(ITEMS, terms | {"tax_behavior": "both"}).error["param"] == "tax_behavior"


def test_an_item_names_an_item_of_its_subscription_only_if_it_has_one(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call))
    by_hand = call.create(ITEMS, {"customer": ada, "amount": 5, "currency": "usd", "subscription": subscription["id"]})
    assert by_hand["parent"]["subscription_details"] == {"subscription": subscription["id"]}
    changed = subscription["items"]["data"][0]["id"]
    call.clock.advance(DAY)
    call.create(f"/v1/subscription_items/{changed}", {"quantity": 2})
    named = [each["parent"]["subscription_details"] for each in call.get(ITEMS).json["data"] if each["proration"]]
    assert named == [{"subscription": subscription["id"], "subscription_item": changed}] * 2
