"""Prices: what they may be, what they are shown as, and Stripe's words where they may not."""

from typing import Any

import pytest

from fakestripe_meters.domain.records.prices import Amounts
from fakestripe_meters.domain.records.prices import Price
from tests.conftest import Call
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import types

PRICES = "/v1/prices"
MONTHLY = {"interval": "month"}
TIERS = [{"up_to": 1000, "unit_amount": 5, "flat_amount": 900}, {"up_to": "inf", "unit_amount_decimal": "3.6"}]


def price(call: Call, **terms: object) -> dict[str, Any]:
    return call.create(PRICES, {"currency": "usd", "product": product(call), **terms})


def test_a_price_per_unit(call: Call) -> None:
    created = price(call, unit_amount=500)
    assert created["id"].startswith("price_")
    assert created == {
        "id": created["id"],
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": NEW_YEAR,
        "currency": "usd",
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": created["product"],
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": 500,
        "unit_amount_decimal": "500",
    }
    assert call.get(f"{PRICES}/{created['id']}").json == created


def test_a_metered_price_names_its_meter(call: Call) -> None:
    meter_id = meter(call)
    created = price(call, unit_amount=1, recurring={**MONTHLY, "usage_type": "metered", "meter": meter_id})
    assert created["type"] == "recurring"
    assert created["recurring"] == {
        "interval": "month",
        "interval_count": 1,
        "meter": meter_id,
        "trial_period_days": None,
        "usage_type": "metered",
    }


@pytest.mark.parametrize(
    ("sent", "whole", "exact"),
    [("0.5", None, "0.5"), ("3.000", 3, "3"), ("0.000000000001", None, "0.000000000001"), ("12.50", None, "12.5")],
)
def test_fractions_of_a_cent_are_shown_as_decimals_only(call: Call, sent: str, whole: int | None, exact: str) -> None:
    created = price(call, unit_amount_decimal=sent)
    assert (created["unit_amount"], created["unit_amount_decimal"]) == (whole, exact)


def test_tiers_are_shown_only_if_expanded(call: Call) -> None:
    terms = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": TIERS, "recurring": MONTHLY}
    created = price(call, **terms)
    assert "tiers" not in created
    assert (created["unit_amount"], created["unit_amount_decimal"]) == (None, None)
    assert call.get(f"{PRICES}/{created['id']}", {"expand": ["tiers"]}).json["tiers"] == [
        {
            "flat_amount": 900,
            "flat_amount_decimal": "900",
            "unit_amount": 5,
            "unit_amount_decimal": "5",
            "up_to": 1000,
        },
        {
            "flat_amount": None,
            "flat_amount_decimal": None,
            "unit_amount": None,
            "unit_amount_decimal": "3.6",
            "up_to": None,
        },
    ]
    (listed,) = call.get(PRICES, {"expand": ["data.tiers"]}).json["data"]
    assert len(listed["tiers"]) == 2


def test_a_package_is_a_transformed_quantity(call: Call) -> None:
    created = price(call, unit_amount=500, transform_quantity={"divide_by": 1000, "round": "up"})
    assert created["transform_quantity"] == {"divide_by": 1000, "round": "up"}


def test_a_price_in_several_currencies_shows_them_if_expanded(call: Call) -> None:
    options = {"eur": {"unit_amount": 450, "tax_behavior": "inclusive"}}
    created = price(call, unit_amount=500, currency_options=options, expand=["currency_options"])
    shown = created["currency_options"]
    assert list(shown) == ["eur", "usd"]
    euros = {"custom_unit_amount": None, "tax_behavior": "inclusive", "unit_amount": 450, "unit_amount_decimal": "450"}
    assert shown["eur"] == euros
    assert shown["usd"]["unit_amount_decimal"] == "500"
    changed = call.create(
        f"{PRICES}/{created['id']}",
        {"currency_options": {"gbp": {"unit_amount": 400}}, "expand": ["currency_options"]},
    )
    assert list(changed["currency_options"]) == ["eur", "gbp", "usd"]
    assert changed["currency_options"]["gbp"]["tax_behavior"] == "unspecified"


def test_a_price_can_be_without_days_of_trial(call: Call) -> None:
    created = price(call, unit_amount=1, recurring={**MONTHLY, "trial_period_days": 0})
    assert created["recurring"]["trial_period_days"] == 0


def test_the_customer_may_choose_the_amount(call: Call) -> None:
    created = price(call, custom_unit_amount={"enabled": True, "minimum": 100})
    assert created["custom_unit_amount"] == {"maximum": None, "minimum": 100, "preset": None}


def test_a_product_is_made_along(call: Call) -> None:
    created = call.create(
        PRICES,
        {
            "currency": "USD",
            "unit_amount": 5,
            "product_data": {"name": "Seat", "id": "seat", "unit_label": "seat", "metadata": {"a": "1"}},
            "expand": ["product"],
        },
    )
    assert created["currency"] == "usd"
    shown = {name: created["product"][name] for name in ("id", "object", "name", "unit_label", "metadata")}
    assert shown == {"id": "seat", "object": "product", "name": "Seat", "unit_label": "seat", "metadata": {"a": "1"}}
    assert types(call) == ["product.created", "price.created"]


# What is refused, in Stripe's words


def test_a_metered_price_without_a_meter_is_refused(call: Call) -> None:
    refused = call.post(
        PRICES,
        {
            "currency": "usd",
            "unit_amount": 1,
            "product": product(call),
            "recurring": {**MONTHLY, "usage_type": "metered"},
        },
    )
    assert (refused.status, refused.error["message"]) == (
        400,
        "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.",
    )
    assert {"code", "param"} & refused.error.keys() == set()


@pytest.mark.parametrize(
    ("terms", "message", "param"),
    [
        (
            {"product": "P"},
            "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
            None,
        ),
        (
            {"unit_amount": 5},
            "You must specify either `product` or `product_data` when creating a price.",
            None,
        ),
        (
            {"unit_amount": 5, "product": "P", "product_data": {"name": "Q"}},
            "You may only specify one of these parameters: product, product_data.",
            "product",
        ),
        (
            {"product": "P", "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": TIERS},
            "Prices with `type=one_time` are not supported with tiered billing.",
            "interval",
        ),
    ],
)
def test_the_documented_refusals(call: Call, terms: dict[str, object], message: str, param: str | None) -> None:
    product(call, id="P")
    refused = call.post(PRICES, {"currency": "usd", **terms})
    assert (refused.status, refused.error["message"], refused.error.get("param")) == (400, message, param)
    assert call.get(PRICES).json["data"] == []


def tiered(*tiers: dict[str, object], **more: object) -> dict[str, object]:
    return {"billing_scheme": "tiered", "tiers_mode": "volume", "tiers": list(tiers), "recurring": MONTHLY, **more}


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"unit_amount": 5, "currency": "dollars"}, "currency"),
        ({"unit_amount": -1}, "unit_amount"),
        ({"unit_amount_decimal": "-0.5"}, "unit_amount_decimal"),
        ({"unit_amount_decimal": "0.0000000000001"}, "unit_amount_decimal"),
        ({"unit_amount": 5, "unit_amount_decimal": "5"}, "unit_amount"),
        ({"unit_amount": 5, "custom_unit_amount": {"enabled": True}}, "unit_amount"),
        ({"unit_amount": 5, "recurring": {"interval": "fortnight"}}, "recurring[interval]"),
        ({"unit_amount": 5, "recurring": {"interval": "month", "interval_count": 37}}, "recurring[interval_count]"),
        ({"unit_amount": 5, "recurring": {"interval": "week", "interval_count": 157}}, "recurring[interval_count]"),
        ({"unit_amount": 5, "recurring": {"interval": "month", "interval_count": 0}}, "recurring[interval_count]"),
        ({"unit_amount": 5, "recurring": {**MONTHLY, "usage_type": "metered", "meter": "mtr_x"}}, "recurring[meter]"),
        ({"unit_amount": 5, "transform_quantity": {"divide_by": 0, "round": "up"}}, "transform_quantity[divide_by]"),
        ({"unit_amount": 5, "currency_options": {"euros": {"unit_amount": 1}}}, "currency_options"),
        ({"unit_amount": 5, "currency_options": {"EUR": {"unit_amount": 1}}}, "currency_options"),
        (
            {"unit_amount": 5, "currency_options": {"eur": {"unit_amount": 1, "unit_amount_decimal": "1"}}},
            "currency_options[eur][unit_amount]",
        ),
        ({"unit_amount": 5, "tiers": TIERS}, "tiers"),
        ({"unit_amount": 5, "tiers_mode": "volume"}, "tiers_mode"),
        (tiered(), "tiers"),
        (tiered({"up_to": "inf", "unit_amount": 1}) | {"tiers_mode": None}, "tiers_mode"),
        (tiered({"up_to": "inf", "unit_amount": 1}, unit_amount=5), "unit_amount"),
        (
            tiered({"up_to": "inf", "unit_amount": 1}, transform_quantity={"divide_by": 2, "round": "up"}),
            "transform_quantity",
        ),
        (tiered({"up_to": 10, "unit_amount": 1}), "tiers[0][up_to]"),
        (tiered({"up_to": "inf", "unit_amount": 1}, {"up_to": "inf", "unit_amount": 1}), "tiers[0][up_to]"),
        (
            tiered({"up_to": 10, "unit_amount": 1}, {"up_to": 10, "unit_amount": 1}, {"up_to": "inf"}),
            "tiers[1][up_to]",
        ),
        (tiered({"up_to": "inf"}), "tiers[0][unit_amount]"),
        (tiered({"up_to": "many", "unit_amount": 1}), "tiers[0][up_to]"),
        (tiered({"up_to": "inf", "unit_amount": 1, "unit_amount_decimal": "1"}), "tiers[0][unit_amount]"),
        (tiered({"up_to": "inf", "flat_amount": 1, "flat_amount_decimal": "1"}), "tiers[0][flat_amount]"),
        ({"unit_amount": 5, "product": "prod_x"}, "product"),
        ({"unit_amount": 5, "lookup_key": "k" * 201}, "lookup_key"),
        ({"unit_amount": 5, "colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_param(call: Call, terms: dict[str, object], param: str) -> None:
    refused = call.post(PRICES, {"currency": "usd", "product": product(call), **terms})
    assert (refused.status, refused.error["type"], refused.error["param"]) == (400, "invalid_request_error", param)
    assert call.get(PRICES).json["data"] == []


def test_a_product_is_either_named_or_described(call: Call) -> None:
    both = {"currency": "usd", "unit_amount": 1, "product": product(call), "product_data": {"name": "A"}}
    refused = call.post(PRICES, both)
    sentence = "You may only specify one of these parameters: product, product_data."
    assert (refused.status, refused.error["message"]) == (400, sentence)
    assert (refused.error["param"], "code" in refused.error) == ("product", False)


def test_a_deleted_product_is_refused(call: Call) -> None:
    product_id = product(call)
    call.delete(f"/v1/products/{product_id}")
    refused = call.post(PRICES, {"currency": "usd", "unit_amount": 1, "product": product_id})
    assert (refused.status, refused.error["message"]) == (400, f"No such product: '{product_id}'")
    assert (refused.error["code"], refused.error["param"]) == ("resource_missing", "product")


def test_an_inactive_meter_is_refused_and_prices_that_have_it_stay(call: Call) -> None:
    meter_id = meter(call)
    old = metered(call, meter_id)
    call.create(f"/v1/billing/meters/{meter_id}/deactivate")
    recurring = {**MONTHLY, "usage_type": "metered", "meter": meter_id}
    refused = call.post(PRICES, {"currency": "usd", "unit_amount": 1, "product": product(call), "recurring": recurring})
    assert (refused.status, refused.error["param"]) == (400, "recurring[meter]")
    assert call.get(f"{PRICES}/{old}").json["recurring"]["meter"] == meter_id


def test_a_meter_goes_with_metered_usage_only(call: Call) -> None:
    recurring = {**MONTHLY, "meter": meter(call)}
    refused = call.post(PRICES, {"currency": "usd", "unit_amount": 1, "product": product(call), "recurring": recurring})
    assert (refused.status, refused.error["param"]) == (400, "recurring[meter]")


def test_a_product_that_cannot_be_made_leaves_no_price(call: Call) -> None:
    product(call, id="seat")
    refused = call.post(PRICES, {"currency": "usd", "unit_amount": 1, "product_data": {"name": "Seat", "id": "seat"}})
    assert (refused.status, refused.error["param"]) == (400, "product_data[id]")
    refused = call.post(PRICES, {"currency": "usd", "product_data": {"name": "Other"}})
    assert refused.status == 400
    assert call.get("/v1/products").ids == ["seat"]


# Lookup keys


def test_a_lookup_key_belongs_to_one_price(call: Call) -> None:
    first = price(call, unit_amount=1, lookup_key="standard")
    refused = call.post(
        PRICES, {"currency": "usd", "unit_amount": 2, "product": first["product"], "lookup_key": "standard"}
    )
    assert (refused.status, refused.error["param"]) == (400, "lookup_key")
    assert refused.error["message"] == f"A price (`{first['id']}`) already uses that lookup key."


def test_a_lookup_key_can_be_transferred(call: Call) -> None:
    first = price(call, unit_amount=1, lookup_key="standard")
    second = price(call, unit_amount=2, lookup_key="standard", transfer_lookup_key=True)
    assert call.get(f"{PRICES}/{first['id']}").json["lookup_key"] is None
    assert call.get(PRICES, {"lookup_keys": ["standard"]}).ids == [second["id"]]
    third = price(call, unit_amount=3)
    moved = call.create(f"{PRICES}/{third['id']}", {"lookup_key": "standard", "transfer_lookup_key": True})
    assert moved["lookup_key"] == "standard"
    freed = call.create(f"{PRICES}/{third['id']}", {"lookup_key": ""})
    assert freed["lookup_key"] is None
    assert price(call, unit_amount=4, lookup_key="standard")["lookup_key"] == "standard"


def test_a_price_keeps_its_own_lookup_key(call: Call) -> None:
    created = price(call, unit_amount=1, lookup_key="standard")
    assert call.create(f"{PRICES}/{created['id']}", {"lookup_key": "standard"})["lookup_key"] == "standard"


# Update and list


def test_what_can_change_of_a_price(call: Call) -> None:
    price_id = licensed(call)
    terms = {"active": False, "nickname": "Old", "metadata": {"a": "1"}, "tax_behavior": "exclusive"}
    changed = call.create(f"{PRICES}/{price_id}", terms)
    assert {name: changed[name] for name in terms} == terms
    assert types(call)[-2:] == ["plan.updated", "price.updated"]
    assert call.create(f"{PRICES}/{price_id}", {"nickname": "", "currency_options": ""})["nickname"] is None
    refused = call.post(f"{PRICES}/{price_id}", {"unit_amount": 1})
    assert refused.error["code"] == "parameter_unknown"


def test_a_one_time_price_changes_without_a_plan(call: Call) -> None:
    call.create(f"{PRICES}/{one_time(call)}", {"nickname": "Once"})
    assert types(call)[-2:] == ["price.created", "price.updated"]


def test_a_one_time_price_has_no_rhythm() -> None:
    once = Price("price_1", 0, "usd", "prod_1", Amounts())
    with pytest.raises(ValueError, match="price_1 is a one-time price"):
        _ = once.rhythm


def test_prices_are_listed_newest_first_and_filtered(call: Call) -> None:
    meter_id = meter(call)
    once = one_time(call)
    seat = licensed(call)
    used = metered(call, meter_id)
    call.create(f"{PRICES}/{seat}", {"active": False})
    assert call.get(PRICES).ids == [used, seat, once]
    assert call.get(PRICES, {"active": True}).ids == [used, once]
    assert call.get(PRICES, {"type": "one_time"}).ids == [once]
    assert call.get(PRICES, {"recurring": {"meter": meter_id}}).ids == [used]
    assert call.get(PRICES, {"recurring": {"usage_type": "licensed", "interval": "month"}}).ids == [seat]
    assert call.get(PRICES, {"currency": "eur"}).ids == []
    assert call.get(PRICES, {"currency": "USD"}).ids == [used, seat, once]
    assert call.get(PRICES, {"created": NEW_YEAR, "limit": 1}).ids == [used]
    own = call.get(f"{PRICES}/{seat}").json["product"]
    assert call.get(PRICES, {"product": own}).ids == [seat]


def test_an_unknown_price_is_not_found(call: Call) -> None:
    for answer in (call.get(f"{PRICES}/price_x"), call.post(f"{PRICES}/price_x")):
        assert (answer.status, answer.error["message"]) == (404, "No such price: 'price_x'")
        assert answer.error["param"] == "price"
    assert call.delete(f"{PRICES}/price_x").error["message"].startswith("Unrecognized request URL")


def test_a_customer_may_choose_the_amount_from_nothing_on(call: Call) -> None:
    chosen = {"enabled": True, "maximum": 0, "minimum": 0, "preset": 0}
    terms = {"currency": "usd", "product_data": {"name": "Gift"}, "custom_unit_amount": chosen}
    made = call.create("/v1/prices", terms)
    assert made["custom_unit_amount"] == {"maximum": 0, "minimum": 0, "preset": 0}
    assert (made["unit_amount"], made["unit_amount_decimal"]) == (None, None)
