"""Coupons."""

import json

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import types

COUPONS = "/v1/coupons"
FIVE_YEARS = 5 * 366 * DAY


def test_a_coupon_takes_off_a_percentage_once_unless_it_says_otherwise(call: Call) -> None:
    created = call.create(COUPONS, {"percent_off": "10"})
    assert len(created["id"]) == 8
    assert list(created) == [
        "id",
        "object",
        "amount_off",
        "created",
        "currency",
        "duration",
        "duration_in_months",
        "livemode",
        "max_redemptions",
        "metadata",
        "name",
        "percent_off",
        "redeem_by",
        "times_redeemed",
        "valid",
    ]
    assert created == {
        "id": created["id"],
        "object": "coupon",
        "amount_off": None,
        "created": NEW_YEAR,
        "currency": None,
        "duration": "once",
        "duration_in_months": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": None,
        "percent_off": 10.0,
        "redeem_by": None,
        "times_redeemed": 0,
        "valid": True,
    }
    assert type(created["percent_off"]) is float


def test_what_is_said_of_a_coupon_is_kept(call: Call) -> None:
    terms = {
        "id": "WELCOME",
        "amount_off": 500,
        "currency": "usd",
        "duration": "repeating",
        "duration_in_months": 3,
        "max_redemptions": 9,
        "metadata": {"team": "growth"},
        "name": "Welcome",
        "redeem_by": NEW_YEAR + DAY,
    }
    created = call.create(COUPONS, terms)
    assert {name: created[name] for name in terms} == terms
    assert call.get(f"{COUPONS}/WELCOME").json == created


def test_products_and_currencies_are_shown_if_they_are_expanded(call: Call) -> None:
    seat = product(call, "Seat")
    terms = {
        "id": "X",
        "amount_off": 500,
        "currency": "usd",
        "applies_to": {"products": [seat]},
        "currency_options": {"eur": {"amount_off": 450}},
    }
    created = call.create(COUPONS, {**terms, "expand": ["applies_to", "currency_options"]})
    assert created["applies_to"] == {"products": [seat]}
    assert created["currency_options"] == {"usd": {"amount_off": 500}, "eur": {"amount_off": 450}}
    assert "applies_to" not in call.get(f"{COUPONS}/X").json


FUTURE = "The parameter `redeem_by` expects a unix timestamp representing a date and time in the future."
REFUSED = [
    ({}, "Must provide percent_off or amount_off.", "parameter_missing", None),
    (
        {"percent_off": 10, "amount_off": 5, "currency": "usd"},
        "Received both percent_off and amount_off parameters. Please pass in only one.",
        None,
        None,
    ),
    ({"amount_off": 5}, "You must pass currency when passing amount_off", None, "currency"),
    (
        {"percent_off": 10, "duration": "repeating"},
        "The duration_in_months param must be set when creating a coupon with a repeating duration",
        None,
        "duration",
    ),
    (
        {"percent_off": 0},
        "This value must be greater than or equal to 0.01 (it currently is '0.0').",
        None,
        "percent_off",
    ),
    (
        {"percent_off": 10, "redeem_by": 5},
        f"{FUTURE} You specified the value `5` which is in the past.",
        None,
        "redeem_by",
    ),
    (
        {"amount_off": 5, "currency": "usd", "currency_options": {"EUR": {"amount_off": 5}}},
        "Currencies must be lowercase when used as keys in a map. Use `eur` instead of `EUR`.",
        None,
        "currency_options",
    ),
    ({"amount_off": 5, "currency": "usd", "currency_options": "eur"}, "Invalid object", None, "currency_options"),
    (
        {"percent_off": 5, "currency_options": {"eur": {"amount_off": 5}}},
        "You may only specify one of these parameters: currency_options, percent_off.",
        None,
        "currency_options",
    ),
]


@pytest.mark.parametrize(("terms", "message", "code", "param"), REFUSED)
def test_a_coupon_that_makes_no_sense_is_refused(
    call: Call, terms: dict[str, object], message: str, code: str | None, param: str | None
) -> None:
    refused = call.post(COUPONS, terms)
    assert refused.status == 400
    assert refused.error["message"] == message
    assert (refused.error.get("code"), refused.error.get("param")) == (code, param)
    assert call.get(COUPONS).ids == []


BAD = [
    ({"percent_off": 101}, "percent_off"),
    ({"percent_off": -1}, "percent_off"),
    ({"percent_off": "ten"}, "percent_off"),
    ({"percent_off": "1.1234567890123"}, "percent_off"),
    ({"amount_off": 0, "currency": "usd"}, "amount_off"),
    ({"amount_off": 10**12, "currency": "usd"}, "amount_off"),
    ({"amount_off": 5, "currency": "xxx"}, "currency"),
    ({"percent_off": 5, "duration": "twice"}, "duration"),
    ({"percent_off": 5, "duration_in_months": 3}, "duration_in_months"),
    ({"percent_off": 5, "duration": "repeating", "duration_in_months": 0}, "duration_in_months"),
    ({"percent_off": 5, "max_redemptions": 0}, "max_redemptions"),
    ({"percent_off": 5, "name": "n" * 41}, "name"),
    ({"percent_off": 5, "redeem_by": NEW_YEAR + FIVE_YEARS}, "redeem_by"),
    ({"percent_off": 5, "applies_to": {"products": ["prod_none"]}}, "applies_to[products][0]"),
    ({"amount_off": 5, "currency": "usd", "currency_options": {"usd": {"amount_off": 6}}}, "currency_options[usd]"),
    (
        {"amount_off": 5, "currency": "usd", "currency_options": {"eur": {"amount_off": 0}}},
        "currency_options[eur][amount_off]",
    ),
]


@pytest.mark.parametrize(("terms", "param"), BAD)
def test_a_coupon_with_a_bad_value_is_refused(call: Call, terms: dict[str, object], param: str) -> None:
    refused = call.post(COUPONS, terms)
    assert (refused.status, refused.error["param"]) == (400, param)
    assert call.get(COUPONS).ids == []


def test_an_id_is_taken_until_its_coupon_is_deleted(call: Call) -> None:
    call.create(COUPONS, {"id": "X", "percent_off": 10})
    refused = call.post(COUPONS, {"id": "X", "percent_off": 20})
    assert (refused.status, refused.error["message"]) == (400, "Coupon already exists.")
    assert refused.error["code"] == "resource_already_exists"
    call.delete(f"{COUPONS}/X")
    assert call.create(COUPONS, {"id": "X", "percent_off": 20})["percent_off"] == 20.0
    assert call.get(COUPONS).ids == ["X"]


def test_name_metadata_and_currencies_can_be_changed(call: Call) -> None:
    call.create(COUPONS, {"id": "X", "amount_off": 5, "currency": "usd", "metadata": {"a": "1"}})
    terms = {"name": "New", "metadata": {"b": "2"}, "currency_options": {"eur": {"amount_off": 4}}}
    changed = call.create(f"{COUPONS}/X", {**terms, "expand": ["currency_options"]})
    assert (changed["name"], changed["metadata"]) == ("New", {"a": "1", "b": "2"})
    assert changed["currency_options"]["eur"] == {"amount_off": 4}
    assert call.create(f"{COUPONS}/X", {"name": ""})["name"] is None
    assert call.post(f"{COUPONS}/X", {"percent_off": 5}).error["message"] == "Received unknown parameter: percent_off"
    assert types(call)[-3:] == ["coupon.created", "coupon.updated", "coupon.updated"]


def test_a_percentage_has_no_currencies(call: Call) -> None:
    call.create(COUPONS, {"id": "X", "percent_off": 5})
    refused = call.post(f"{COUPONS}/X", {"currency_options": {"eur": {"amount_off": 4}}})
    assert (refused.status, refused.error["param"]) == (400, "currency_options")


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_a_coupon_that_is_deleted_or_unknown_is_not_found(call: Call, method: str) -> None:
    call.create(COUPONS, {"id": "X", "percent_off": 5})
    call.delete(f"{COUPONS}/X")
    for unknown in ("X", "Y"):
        refused = getattr(call, method)(f"{COUPONS}/{unknown}")
        assert (refused.status, refused.error["message"]) == (404, f"No such coupon: '{unknown}'")
        assert (refused.error["code"], refused.error["param"]) == ("resource_missing", "coupon")


def test_a_deleted_coupon_is_not_valid_and_leaves_the_list(call: Call) -> None:
    for name in ("A", "B", "C"):
        call.create(COUPONS, {"id": name, "percent_off": 5})
    assert call.delete(f"{COUPONS}/B").json == {"id": "B", "object": "coupon", "deleted": True}
    assert call.get(COUPONS).ids == ["C", "A"]
    event = call.get("/v1/events", {"type": "coupon.deleted"}).json["data"][0]
    assert (event["data"]["object"]["id"], event["data"]["object"]["valid"]) == ("B", False)
    assert call.get(COUPONS, {"created": {"gt": NEW_YEAR}}).ids == []


def test_a_coupon_is_valid_until_its_time_is_over_or_it_is_used_up(call: Call) -> None:
    call.create(COUPONS, {"id": "TIMED", "percent_off": 5, "redeem_by": NEW_YEAR + DAY})
    call.create(COUPONS, {"id": "TWICE", "percent_off": 5, "max_redemptions": 1})
    price, buyer = licensed(call), customer(call)
    subscribe(call, buyer, price, discounts=[{"coupon": "TWICE"}])
    used = call.get(f"{COUPONS}/TWICE").json
    assert (used["times_redeemed"], used["valid"]) == (1, False)
    assert call.get(f"{COUPONS}/TIMED").json["valid"]
    call.clock.advance(DAY)
    assert not call.get(f"{COUPONS}/TIMED").json["valid"]


def test_a_world_with_a_coupon_comes_back_from_a_snapshot_in_json(call: Call) -> None:
    coupon = call.create("/v1/coupons", {"percent_off": "33.3"})
    written = json.dumps(call.fake.snapshot())
    call.fake.restore(json.loads(written))
    assert json.dumps(call.fake.snapshot()) == written
    assert call.get(f"/v1/coupons/{coupon['id']}").json == coupon
