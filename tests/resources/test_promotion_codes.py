"""Promotion codes."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import types

CODES = "/v1/promotion_codes"
Tree = dict[str, Any]


def coupon(call: Call, name: str = "TEN", **terms: object) -> str:
    created: str = call.create("/v1/coupons", {"id": name, "percent_off": 10, **terms})["id"]
    return created


def promotion(coupon_id: str = "TEN") -> Tree:
    return {"promotion": {"type": "coupon", "coupon": coupon_id}}


def test_a_promotion_code_is_for_a_coupon(call: Call) -> None:
    coupon(call)
    created = call.create(CODES, {**promotion(), "code": "Save-10"})
    assert created["id"].startswith("promo_")
    assert list(created) == [
        "id",
        "object",
        "active",
        "code",
        "created",
        "customer",
        "customer_account",
        "expires_at",
        "livemode",
        "max_redemptions",
        "metadata",
        "promotion",
        "restrictions",
        "times_redeemed",
    ]
    assert created == {
        "id": created["id"],
        "object": "promotion_code",
        "active": True,
        "code": "Save-10",
        "created": NEW_YEAR,
        "customer": None,
        "customer_account": None,
        "expires_at": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "promotion": {"coupon": "TEN", "type": "coupon"},
        "restrictions": {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
        "times_redeemed": 0,
    }
    assert call.get(f"{CODES}/{created['id']}").json == created
    assert types(call)[-1] == "promotion_code.created"


def test_a_code_is_minted_if_it_is_left_out(call: Call) -> None:
    coupon(call)
    first, second = (call.create(CODES, promotion())["code"] for _ in range(2))
    assert first != second
    assert first.isalnum()
    assert first == first.upper()


def test_what_is_said_of_a_promotion_code_is_kept(call: Call) -> None:
    coupon(call)
    terms = {
        "active": False,
        "customer": customer(call),
        "expires_at": NEW_YEAR + DAY,
        "max_redemptions": 3,
        "metadata": {"team": "growth"},
        "restrictions": {"first_time_transaction": True, "minimum_amount": 500, "minimum_amount_currency": "usd"},
    }
    created = call.create(CODES, {**promotion(), **terms})
    assert {name: created[name] for name in terms} == terms


def test_it_expires_with_its_coupon(call: Call) -> None:
    coupon(call, redeem_by=NEW_YEAR + DAY)
    created = call.create(CODES, promotion())
    assert created["expires_at"] == NEW_YEAR + DAY
    call.clock.advance(DAY)
    assert call.get(f"{CODES}/{created['id']}").json["active"] is False


def test_it_is_inactive_once_its_coupon_is_deleted(call: Call) -> None:
    coupon(call)
    created = call.create(CODES, promotion())
    call.delete("/v1/coupons/TEN")
    assert call.get(f"{CODES}/{created['id']}").json["active"] is False
    coupon(call)
    assert call.get(f"{CODES}/{created['id']}").json["active"] is False


def test_it_cannot_be_redeemed_once_its_coupon_is_deleted(call: Call) -> None:
    coupon(call)
    code = call.create(CODES, promotion())["id"]
    call.delete("/v1/coupons/TEN")
    draft = call.create("/v1/invoices", {"customer": customer(call)})["id"]
    refused = call.post(f"/v1/invoices/{draft}", {"discounts": [{"promotion_code": code}]})
    assert (refused.status, refused.error["param"]) == (400, "discounts[0][promotion_code]")


def test_active_codes_of_the_same_customers_differ_without_regard_to_case(call: Call) -> None:
    coupon(call)
    created = call.create(CODES, {**promotion(), "code": "SAVE"})
    refused = call.post(CODES, {**promotion(), "code": "save"})
    assert (refused.status, refused.error["message"]) == (
        400,
        "An active promotion code with `code: save` already exists.",
    )
    assert "param" not in refused.error
    call.create(CODES, {**promotion(), "code": "save", "customer": customer(call)})
    call.create(CODES, {**promotion(), "code": "save", "active": False})
    call.create(f"{CODES}/{created['id']}", {"active": False})
    call.create(CODES, {**promotion(), "code": "save"})
    assert call.post(f"{CODES}/{created['id']}", {"active": True}).status == 400


def test_state_metadata_and_smallest_amounts_can_be_changed(call: Call) -> None:
    coupon(call)
    created = call.create(CODES, {**promotion(), "metadata": {"a": "1"}})
    url = f"{CODES}/{created['id']}"
    terms = {"metadata": {"b": "2"}, "restrictions": {"currency_options": {"eur": {"minimum_amount": 5}}}}
    assert call.create(url, terms)["metadata"] == {"a": "1", "b": "2"}
    assert call.create(url, {"active": False})["active"] is False
    assert call.create(url, {"active": True})["active"] is True
    assert types(call, "promotion_code.*") == ["promotion_code.created", *["promotion_code.updated"] * 3]


def test_what_is_over_cannot_become_active(call: Call) -> None:
    coupon(call)
    created = call.create(CODES, {**promotion(), "expires_at": NEW_YEAR + DAY})
    call.clock.advance(DAY)
    refused = call.post(f"{CODES}/{created['id']}", {"active": True})
    assert (refused.status, refused.error["param"]) == (400, "active")


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_promotion_code_is_not_found(call: Call, method: str) -> None:
    refused = getattr(call, method)(f"{CODES}/promo_none")
    assert (refused.status, refused.error["message"]) == (404, "No such promotion code: 'promo_none'")
    assert (refused.error["code"], refused.error["param"]) == ("resource_missing", "promotion_code")


def test_promotion_codes_are_listed_newest_first(call: Call) -> None:
    coupon(call)
    coupon(call, "OTHER")
    buyer = customer(call)
    first = call.create(CODES, {**promotion(), "code": "SAVE", "customer": buyer})["id"]
    second = call.create(CODES, {**promotion("OTHER"), "active": False})["id"]
    assert call.get(CODES).ids == [second, first]
    wanted: list[tuple[Tree, list[str]]] = [
        ({"active": True}, [first]),
        ({"active": False}, [second]),
        ({"code": "save"}, [first]),
        ({"code": "sav"}, []),
        ({"coupon": "OTHER"}, [second]),
        ({"customer": buyer}, [first]),
        ({"created": {"lte": NEW_YEAR}}, [second, first]),
        ({"created": {"gt": NEW_YEAR}}, []),
        ({"limit": 1}, [second]),
    ]
    assert [call.get(CODES, where).ids for where, _ in wanted] == [found for _, found in wanted]
    for name in ("coupon", "customer"):
        assert call.get(CODES, {name: "none"}).error["param"] == name


REFUSED: list[tuple[Tree, str, str | None]] = [
    ({}, "Missing required param: promotion.", "promotion"),
    ({"promotion": {"type": "coupon"}}, "You must pass promotion.coupon when passing promotion", "promotion.coupon"),
    (promotion("NONE"), "No such coupon: 'NONE'", "promotion[coupon]"),
    (
        {**promotion(), "code": "10 %"},
        r"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value 10 %).",
        "code",
    ),
    (promotion("LATE"), "Coupon LATE is expired and cannot be applied.", "promotion[coupon]"),
]


@pytest.mark.parametrize(("terms", "message", "param"), REFUSED)
def test_a_promotion_code_that_makes_no_sense_is_refused(
    call: Call, terms: Tree, message: str, param: str | None
) -> None:
    coupon(call)
    coupon(call, "LATE", redeem_by=NEW_YEAR + DAY)
    call.clock.advance(DAY)
    refused = call.post(CODES, terms)
    assert (refused.status, refused.error["message"], refused.error.get("param")) == (400, message, param)
    assert call.get(CODES).ids == []


BAD: list[tuple[Tree, str]] = [
    ({"promotion": {"coupon": "TEN"}}, "promotion[type]"),
    ({"promotion": {"type": "gift", "coupon": "TEN"}}, "promotion[type]"),
    ({"promotion": "TEN"}, "promotion"),
    ({**promotion(), "code": "c" * 501}, "code"),
    ({**promotion(), "customer": "cus_none"}, "customer"),
    ({**promotion(), "expires_at": NEW_YEAR}, "expires_at"),
    ({**promotion(), "expires_at": NEW_YEAR + 6 * 365 * DAY}, "expires_at"),
    ({**promotion(), "expires_at": NEW_YEAR + 31 * DAY}, "expires_at"),
    ({**promotion(), "max_redemptions": 0}, "max_redemptions"),
    ({**promotion(), "max_redemptions": 6}, "max_redemptions"),
    ({**promotion(), "active": "maybe"}, "active"),
    ({**promotion(), "restrictions": {"minimum_amount": 5}}, "restrictions[minimum_amount_currency]"),
    ({**promotion(), "restrictions": {"minimum_amount_currency": "usd"}}, "restrictions[minimum_amount]"),
    (
        {**promotion(), "restrictions": {"minimum_amount": 0, "minimum_amount_currency": "usd"}},
        "restrictions[minimum_amount]",
    ),
    (
        {**promotion(), "restrictions": {"minimum_amount": 5, "minimum_amount_currency": "xxx"}},
        "restrictions[minimum_amount_currency]",
    ),
    (
        {**promotion(), "restrictions": {"currency_options": {"EUR": {"minimum_amount": 5}}}},
        "restrictions[currency_options]",
    ),
    (
        {**promotion(), "restrictions": {"currency_options": {"eur": {"minimum_amount": 0}}}},
        "restrictions[currency_options][eur][minimum_amount]",
    ),
]


@pytest.mark.parametrize(("terms", "param"), BAD)
def test_a_promotion_code_with_a_bad_value_is_refused(call: Call, terms: Tree, param: str) -> None:
    coupon(call, redeem_by=NEW_YEAR + 30 * DAY, max_redemptions=5)
    refused = call.post(CODES, terms)
    assert (refused.status, refused.error["param"]) == (400, param)
    assert call.get(CODES).ids == []


def test_an_older_version_names_the_coupon_by_itself_and_shows_it_in_full(call: Call) -> None:
    coupon(call)
    created = call.create(CODES, {"coupon": "TEN"}, version="2025-08-27.basil")
    assert created["coupon"]["percent_off"] == 10.0
    assert "promotion" not in created
    assert list(created)[:4] == ["id", "object", "active", "code"]
    assert call.post(CODES, {"coupon": "NONE"}, version="2025-08-27.basil").error["param"] == "coupon"
    newer = call.post(CODES, {"coupon": "TEN"}, version="2025-09-30.clover")
    assert newer.error["message"] == "Received unknown parameter: coupon"
    older = call.post(CODES, promotion(), version="2025-08-27.basil")
    assert older.error["message"] == "Received unknown parameter: promotion"
    assert call.create(CODES, {"coupon": "TEN"})["promotion"] == {"coupon": "TEN", "type": "coupon"}
