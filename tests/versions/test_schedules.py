"""Subscription schedules as older versions knew them."""

import pytest

from tests.conftest import Call
from tests.resources import shop
from tests.resources.plans_ahead import SCHEDULES
from tests.resources.shop import FEBRUARY
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree

ACACIA, BASIL, JULY, CLOVER, DAHLIA = (
    "2024-10-28.acacia",
    "2025-03-31.basil",
    "2025-07-30.basil",
    "2025-09-30.clover",
    "2026-08-26.dahlia",
)


def terms(call: Call, **phase: object) -> Tree:
    items = [{"price": shop.licensed(call)}]
    return {"customer": shop.customer(call), "start_date": "now", "phases": [{"items": items, **phase}]}


@pytest.mark.parametrize("version", [None, ACACIA, BASIL, JULY])
def test_iterations_are_intervals_of_the_price(call: Call, version: str | None) -> None:
    schedule = call.create(SCHEDULES, terms(call, iterations=2), version=version)
    assert schedule["phases"][0]["end_date"] == MARCH


@pytest.mark.parametrize("version", [CLOVER, DAHLIA])
def test_iterations_are_gone_since_clover(call: Call, version: str) -> None:
    answer = call.post(SCHEDULES, terms(call, iterations=2), version=version)
    assert (answer.status, answer.error["message"]) == (400, "Received unknown parameter: phases[0][iterations]")


def test_a_duration_is_unknown_before_july_2025(call: Call) -> None:
    params = terms(call, duration={"interval": "month"})
    answer = call.post(SCHEDULES, params, version="2025-06-30.basil")
    assert (answer.status, answer.error["message"]) == (400, "Received unknown parameter: phases[0][duration]")
    assert call.create(SCHEDULES, params, version=JULY)["phases"][0]["end_date"] == FEBRUARY


@pytest.mark.parametrize(("version", "mode"), [(JULY, "classic"), (CLOVER, "flexible"), (None, "flexible")])
def test_the_default_billing_mode_is_that_of_the_version(call: Call, version: str | None, mode: str) -> None:
    assert call.create(SCHEDULES, terms(call), version=version)["billing_mode"]["type"] == mode


def test_a_schedule_of_a_subscription_has_its_billing_mode_in_old_versions_too(call: Call) -> None:
    subscription = shop.subscribe(call, shop.customer(call), shop.licensed(call))
    params = {"from_subscription": subscription["id"]}
    assert call.create(SCHEDULES, params, version=JULY)["billing_mode"]["type"] == "flexible"


def test_a_billing_mode_is_unknown_before_june_2025(call: Call) -> None:
    answer = call.post(SCHEDULES, {**terms(call), "billing_mode": {"type": "flexible"}}, version=BASIL)
    assert answer.error["message"] == "Received unknown parameter: billing_mode"
    assert "billing_mode" not in call.create(SCHEDULES, terms(call), version=BASIL)


def test_phases_had_a_coupon(call: Call) -> None:
    half = call.create("/v1/coupons", {"percent_off": 50, "duration": "forever"})["id"]
    schedule = call.create(SCHEDULES, terms(call, coupon=half), version=ACACIA)
    (phase,) = schedule["phases"]
    assert phase["coupon"] == half
    names = list(phase)
    assert names.index("coupon") == names.index("collection_method") + 1
    assert shop.invoices(call)[0]["total"] == 500
    newest = call.get(f"{SCHEDULES}/{schedule['id']}").json["phases"][0]
    assert newest["discounts"] == [{"coupon": half, "discount": None, "promotion_code": None}]
    assert "coupon" not in newest


def test_a_coupon_that_does_not_exist_is_named_as_it_was_sent(call: Call) -> None:
    answer = call.post(SCHEDULES, terms(call, coupon="none"), version=ACACIA)
    assert (answer.status, answer.error["param"]) == (400, "phases[0][coupon]")


def test_pauses_of_schedules_are_of_endive(call: Call) -> None:
    schedule = call.create(SCHEDULES, terms(call), version=DAHLIA)
    assert "pause_schedules" not in schedule
    assert call.get(f"{SCHEDULES}/{schedule['id']}").json["pause_schedules"] == []


def test_an_older_update_counts_in_iterations_as_well(call: Call) -> None:
    schedule = call.create(SCHEDULES, terms(call, iterations=1), version=ACACIA)
    phase = {"items": schedule["phases"][0]["items"][0]["price"], "start_date": NEW_YEAR}
    phase["items"] = [{"price": phase["items"]}]
    changed = call.create(f"{SCHEDULES}/{schedule['id']}", {"phases": [phase | {"iterations": 2}]}, version=ACACIA)
    assert changed["phases"][0]["end_date"] == MARCH
