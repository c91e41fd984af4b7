"""Plans: recurring prices in an older shape."""

import pytest

from tests.conftest import Call
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import meter
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

PLANS = "/v1/plans"


def plan(call: Call, **terms: object) -> dict[str, object]:
    usual = {"currency": "usd", "interval": "month", "product": product(call, "Gold"), "amount": 1000}
    return call.create(PLANS, usual | terms)


def test_a_plan_with_an_id_of_ones_own(call: Call) -> None:
    created = plan(call, id="gold")
    assert created == {
        "id": "gold",
        "object": "plan",
        "active": True,
        "amount": 1000,
        "amount_decimal": "1000",
        "billing_scheme": "per_unit",
        "created": NEW_YEAR,
        "currency": "usd",
        "interval": "month",
        "interval_count": 1,
        "livemode": False,
        "metadata": {},
        "meter": None,
        "nickname": None,
        "product": created["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
    assert call.get(f"{PLANS}/gold").json == created
    assert types(call)[-2:] == ["plan.created", "price.created"]


def test_a_plan_is_a_price_and_a_recurring_price_is_a_plan(call: Call) -> None:
    plan(call, id="gold", nickname="Gold")
    price = call.get("/v1/prices/gold").json
    assert (price["object"], price["unit_amount"], price["recurring"]["interval"]) == ("price", 1000, "month")
    seat = licensed(call)
    assert call.get(f"{PLANS}/{seat}").json["amount"] == 1000
    assert call.get(PLANS).ids == [seat, "gold"]


def test_a_one_time_price_is_no_plan(call: Call) -> None:
    price = one_time(call)
    refused = call.get(f"{PLANS}/{price}")
    assert (refused.status, refused.error["message"]) == (404, f"No such plan: '{price}'")
    assert call.get(PLANS).ids == []


def test_an_id_may_hold_a_slash_as_it_could_for_years(call: Call) -> None:
    plan(call, id="gold/monthly")
    assert call.get(f"{PLANS}/gold/monthly").json["id"] == "gold/monthly"


def test_a_metered_tiered_plan_with_a_product_made_along(call: Call) -> None:
    tiers = [{"up_to": 10, "flat_amount": 5}, {"up_to": "inf", "unit_amount_decimal": "0.5"}]
    created = call.create(
        PLANS,
        {
            "currency": "usd",
            "interval": "day",
            "interval_count": 2,
            "product": {"name": "Calls", "unit_label": "call"},
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": tiers,
            "usage_type": "metered",
            "meter": meter(call),
            "expand": ["tiers", "product"],
        },
    )
    assert (created["usage_type"], created["interval_count"], created["tiers_mode"]) == ("metered", 2, "graduated")
    assert (created["product"]["unit_label"], created["tiers"][1]["unit_amount_decimal"]) == ("call", "0.5")


def test_a_package_is_transformed_usage(call: Call) -> None:
    created = plan(call, amount=None, amount_decimal="2.5", transform_usage={"divide_by": 10, "round": "down"})
    assert (created["amount"], created["amount_decimal"]) == (None, "2.5")
    assert created["transform_usage"] == {"divide_by": 10, "round": "down"}


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"amount": None}, None),
        ({"amount": 1, "amount_decimal": "1"}, "amount"),
        ({"product": None}, "product"),
        ({"product": "prod_x"}, "product"),
        ({"product": {"name": "P", "id": "taken"}}, "product[id]"),
        ({"usage_type": "metered"}, None),
        ({"usage_type": "metered", "meter": "mtr_x"}, "meter"),
        ({"interval_count": 40}, "interval_count"),
        ({"amount": None, "billing_scheme": "tiered", "tiers_mode": "volume"}, "tiers"),
        (
            {
                "amount": None,
                "billing_scheme": "tiered",
                "tiers_mode": "volume",
                "tiers": [{"up_to": "inf", "unit_amount": 1}],
                "transform_usage": {"divide_by": 2, "round": "up"},
            },
            "transform_usage",
        ),
        ({"transform_usage": {"divide_by": 0, "round": "up"}}, "transform_usage[divide_by]"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_plans_own_param(
    call: Call, terms: dict[str, object], param: str | None
) -> None:
    product(call, id="taken")
    usual = {"currency": "usd", "interval": "month", "product": "taken", "amount": 1000}
    refused = call.post(PLANS, usual | terms)
    assert (refused.status, refused.error.get("param")) == (400, param)
    assert call.get(PLANS).ids == []


def test_a_taken_id_is_refused(call: Call) -> None:
    plan(call, id="gold")
    refused = call.post(PLANS, {"id": "gold", "currency": "usd", "interval": "month", "amount": 1, "product": "x"})
    assert (refused.error["message"], refused.error["code"]) == ("Plan already exists.", "resource_already_exists")


def test_what_can_change_of_a_plan(call: Call) -> None:
    plan(call, id="gold")
    other = product(call, "Other")
    terms = {"active": False, "nickname": "G", "metadata": {"a": "1"}, "product": other, "trial_period_days": 7}
    changed = call.create(f"{PLANS}/gold", terms)
    assert {name: changed[name] for name in terms} == terms
    assert call.create(f"{PLANS}/gold", {"nickname": ""})["nickname"] is None
    assert types(call)[-2:] == ["plan.updated", "price.updated"]


def test_plans_are_filtered(call: Call) -> None:
    plan(call, id="gold")
    plan(call, id="old", active=False)
    assert call.get(PLANS, {"active": True}).ids == ["gold"]
    own = call.get(f"{PLANS}/old").json["product"]
    assert call.get(PLANS, {"product": own, "created": {"lte": NEW_YEAR}}).ids == ["old"]


def test_a_deleted_plan_takes_nobody_new_and_bills_who_is_there(call: Call) -> None:
    plan(call, id="gold")
    ada = customer(call)
    subscribe(call, ada, {"plan": "gold"})
    assert call.delete(f"{PLANS}/gold").json == {"id": "gold", "object": "plan", "deleted": True}
    assert types(call)[-2:] == ["plan.deleted", "price.deleted"]
    assert call.get(f"{PLANS}/gold").status == 404
    assert call.get("/v1/prices/gold").status == 404
    assert call.get(PLANS).ids == []
    refused = call.post("/v1/subscriptions", {"customer": customer(call), "items": [{"plan": "gold"}]})
    assert (refused.status, refused.error["message"]) == (400, "No such plan: 'gold'")
    call.clock.freeze(FEBRUARY + HOUR)
    assert lines(invoices(call, customer=ada)[-1]) == [("1 × Gold (at $10.00 / month)", 1000)]


def test_a_lookup_key_is_free_again_when_its_plan_is_deleted(call: Call) -> None:
    price = call.create(
        "/v1/prices",
        {
            "currency": "usd",
            "unit_amount": 1,
            "product": product(call),
            "lookup_key": "k",
            "recurring": {"interval": "month"},
        },
    )
    call.delete(f"{PLANS}/{price['id']}")
    terms = {"currency": "usd", "unit_amount": 1, "product": price["product"], "lookup_key": "k"}
    assert call.create("/v1/prices", terms)["lookup_key"] == "k"


def test_a_metered_plan_bills_usage(call: Call) -> None:
    plan(call, id="calls", amount=2, usage_type="metered", meter=meter(call))
    ada = customer(call)
    subscribe(call, ada, {"plan": "calls"})
    use(call, ada, 21)
    call.clock.freeze(FEBRUARY + HOUR)
    assert [invoice["total"] for invoice in invoices(call)] == [42]
