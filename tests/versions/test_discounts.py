"""Coupons and discounts in older versions."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import subscribe

ACACIA = "2025-02-24.acacia"
BASIL = "2025-08-27.basil"
CLOVER = "2025-09-30.clover"
Tree = dict[str, Any]


def coupon(call: Call, name: str = "TEN", **terms: object) -> str:
    created: str = call.create("/v1/coupons", {"id": name, "percent_off": 10, "duration": "forever", **terms})["id"]
    return created


def new(call: Call) -> Tree:
    return {"customer": customer(call), "items": [{"price": licensed(call)}]}


def test_a_discount_holds_its_coupon_in_full_before_clover(call: Call) -> None:
    bought = subscribe(call, customer(call), licensed(call), discounts=[{"coupon": coupon(call)}])
    url, expand = f"/v1/subscriptions/{bought['id']}", {"expand": ["discounts"]}
    (older,) = call.get(url, expand, version=BASIL).json["discounts"]
    assert older["coupon"] == call.get("/v1/coupons/TEN").json
    assert "source" not in older
    assert list(older)[:4] == ["id", "object", "checkout_session", "coupon"]
    (newer,) = call.get(url, expand, version=CLOVER).json["discounts"]
    assert newer["source"] == {"coupon": "TEN", "type": "coupon"}


def test_the_only_discount_is_held_in_full_before_basil(call: Call) -> None:
    coupon(call)
    bought = call.create(
        "/v1/subscriptions", {**new(call), "coupon": "TEN", "expand": ["latest_invoice"]}, version=ACACIA
    )
    assert bought["discount"]["coupon"]["id"] == "TEN"
    assert bought["latest_invoice"]["discount"] == bought["discount"]
    assert "discount" not in call.get(f"/v1/subscriptions/{bought['id']}", version=BASIL).json
    coupon(call, "FIVE", percent_off=5)
    several = {"discounts": [{"coupon": "TEN"}, {"coupon": "FIVE"}]}
    assert call.create(f"/v1/subscriptions/{bought['id']}", several, version=ACACIA)["discount"] is None


def test_a_customer_and_its_events_hold_the_coupon_in_full(call: Call) -> None:
    coupon(call)
    buyer = call.create("/v1/customers", {"coupon": "TEN"}, version=ACACIA)
    assert buyer["discount"]["coupon"]["percent_off"] == 10.0


@pytest.mark.parametrize("name", ["coupon", "promotion_code"])
def test_subscriptions_take_a_coupon_or_a_code_by_itself_before_basil(call: Call, name: str) -> None:
    coupon(call)
    promo = call.create("/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": "TEN"}})["id"]
    given = {"coupon": "TEN", "promotion_code": promo}[name]
    bought = call.create("/v1/subscriptions", {**new(call), name: given}, version=ACACIA)
    assert len(bought["discounts"]) == 1
    url = f"/v1/subscriptions/{bought['id']}"
    again = call.create(url, {name: given}, version=ACACIA)
    assert again["discounts"] == bought["discounts"]
    assert call.create(url, {name: ""}, version=ACACIA)["discounts"] == []
    refused = call.post(url, {name: "none"}, version=ACACIA)
    assert (refused.status, refused.error["param"]) == (400, name)
    newer = call.post("/v1/subscriptions", {**new(call), name: given}, version=BASIL)
    assert newer.error["message"] == f"Received unknown parameter: {name}"


def test_a_coupon_and_a_code_do_not_go_together(call: Call) -> None:
    coupon(call)
    given = {"coupon": "TEN", "promotion_code": "promo_1"}
    for url, terms in (("subscriptions", new(call)), ("customers", {})):
        refused = call.post(f"/v1/{url}", {**terms, **given}, version=ACACIA)
        assert refused.error["message"] == "You may only specify one of these parameters: coupon, promotion_code."


def test_customers_take_no_coupon_since_basil(call: Call) -> None:
    coupon(call)
    refused = call.post("/v1/customers", {"coupon": "TEN"}, version=BASIL)
    assert (refused.status, refused.error["message"]) == (400, "Received unknown parameter: coupon")


def test_a_coupon_shows_that_a_request_without_a_version_was_written_before(call: Call) -> None:
    coupon(call)
    buyer = call.create("/v1/customers", {"coupon": "TEN"})
    assert call.get(f"/v1/customers/{buyer['id']}/discount").json["source"]["coupon"] == "TEN"


def test_a_customer_takes_a_code_before_basil_and_can_give_it_back(call: Call) -> None:
    coupon(call)
    promo = call.create("/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": "TEN"}})["id"]
    buyer = call.create("/v1/customers", {"promotion_code": promo}, version=ACACIA)
    assert buyer["discount"]["promotion_code"] == promo
    url = f"/v1/customers/{buyer['id']}"
    assert call.create(url, {"promotion_code": promo}, version=ACACIA)["discount"]["id"] == buyer["discount"]["id"]
    assert call.create(url, {"coupon": ""}, version=ACACIA)["discount"] is None
    for name in ("coupon", "promotion_code"):
        assert call.post(url, {name: "none"}, version=ACACIA).error["param"] == name


def test_a_preview_takes_a_coupon_by_itself_before_basil(call: Call) -> None:
    coupon(call)
    bought = subscribe(call, customer(call), licensed(call))
    terms = {"subscription": bought["id"], "coupon": "TEN"}
    assert call.create("/v1/invoices/create_preview", terms, version=ACACIA)["total"] == 900
    assert call.get("/v1/invoices/upcoming", terms, version=ACACIA).json["total"] == 900
    assert call.post("/v1/invoices/create_preview", terms, version=BASIL).status == 400
