"""What a schedule refuses, in Stripe's words where they are known."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources import shop
from tests.resources.plans_ahead import SCHEDULES
from tests.resources.plans_ahead import month
from tests.resources.plans_ahead import planned
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree

SEAT: Tree = {"price": "SEAT"}


def filled(tree: Any, names: dict[str, str]) -> Any:  # noqa: ANN401  any JSON tree
    """The tree with the ids of what its words in capitals stand for."""
    if isinstance(tree, dict):
        return {key: filled(each, names) for key, each in tree.items()}
    if isinstance(tree, list):
        return [filled(each, names) for each in tree]
    return names.get(tree, tree) if isinstance(tree, str) else tree


def refused(call: Call, path: str, params: Tree) -> tuple[int, str, str | None]:
    error = (answer := call.post(path, params)).error
    return answer.status, error["message"], error.get("param")


def phase(**terms: object) -> Tree:
    return {"items": [SEAT], **terms}


@pytest.mark.parametrize(
    ("params", "message", "param"),
    [
        ({"customer": None}, "Missing required param: customer.", "customer"),
        ({"start_date": None}, "Missing required param: start_date.", "start_date"),
        ({"phases": []}, "Missing required param: phases.", "phases"),
        (
            {"phases": [{"duration": {"interval": "month"}}]},
            "Missing required param: phases[0][items].",
            "phases[0][items]",
        ),
        (
            {"phases": [{"items": [{"price": "CALLS", "quantity": 2}]}]},
            None,
            "phases[0][items][0][quantity]",
        ),
        (
            {"phases": [phase(), {"items": [{"price": "price_none"}]}]},
            "No such price: 'price_none'",
            "phases[1][items][0][price]",
        ),
        ({"phases": [phase(), {"items": [{"price": "FEE"}]}]}, None, "phases[1][items][0][price]"),
        ({"phases": [phase(), {"items": [{"price": "EURO"}]}]}, None, "phases[1][items]"),
        ({"phases": [phase(currency="eur")]}, None, "phases[0][currency]"),
        (
            {"phases": [phase(end_date=FEBRUARY, duration={"interval": "month"})]},
            "You may only specify one of these parameters: phases[0][duration], phases[0][end_date].",
            "phases[0][duration]",
        ),
        ({"phases": [phase(end_date=NEW_YEAR)]}, None, "phases[0][end_date]"),
        ({"phases": [phase(end_date=NEW_YEAR - 1)]}, None, "phases[0][end_date]"),
        ({"phases": [phase(), phase(end_date=FEBRUARY)]}, None, "phases[1][end_date]"),
        ({"start_date": NEW_YEAR - 60 * DAY}, None, "phases[0][end_date]"),
        ({"start_date": NEW_YEAR + 2000 * DAY}, None, "start_date"),
        ({"phases": [phase(trial=True, trial_end=NEW_YEAR + DAY)]}, None, "phases[0][trial]"),
        ({"phases": [phase(trial_end=NEW_YEAR)]}, None, "phases[0][trial_end]"),
        ({"phases": [phase(trial_end=MARCH)]}, None, "phases[0][trial_end]"),
        ({"phases": [phase(trial=True, billing_cycle_anchor="phase_start")]}, None, "phases[0][billing_cycle_anchor]"),
        (
            {"phases": [phase(discounts=[{"coupon": "none"}])]},
            "No such coupon: 'none'",
            "phases[0][discounts][0][coupon]",
        ),
        ({"phases": [phase(discounts=[{"discount": "di_none"}])]}, None, "phases[0][discounts][0][discount]"),
        (
            {"phases": [phase(discounts=[{"coupon": "HALF"}, {"coupon": "HALF"}])]},
            None,
            "phases[0][discounts][1][coupon]",
        ),
        ({"phases": [phase(default_payment_method="pm_none")]}, None, "phases[0][default_payment_method]"),
        ({"phases": [phase(default_tax_rates=["txr_none"])]}, None, "phases[0][default_tax_rates]"),
        ({"phases": [phase(collection_method="send_invoice")]}, None, None),
        ({"phases": [phase(invoice_settings={"days_until_due": 3})]}, None, None),
        ({"phases": [phase(add_invoice_items=[{"price": "SEAT"}])]}, None, "phases[0][add_invoice_items][0][price]"),
        ({"phases": [phase()] * 11}, "You may specify at most 10 current and future phases.", "phases"),
        (
            {"end_behavior": "stop"},
            "Invalid end_behavior: must be one of cancel, none, release, or renew",
            "end_behavior",
        ),
        (
            {"end_behavior": "cancel", "phases": [phase(duration={"interval": "year", "interval_count": 9})]},
            None,
            "phases[0][end_date]",
        ),
        (
            {"billing_mode": {"type": "classic", "flexible": {"proration_discounts": "itemized"}}},
            None,
            "billing_mode[flexible]",
        ),
        ({"phases": [phase(iterations=0)]}, None, "phases[0][iterations]"),
        ({"phases": [phase(), phase(items=[{"price": "SEAT"}, {"price": "SEAT"}])]}, None, "phases[1][items]"),
    ],
)
def test_a_new_schedule_is_refused(call: Call, params: Tree, message: str | None, param: str | None) -> None:
    names = {
        "SEAT": shop.licensed(call),
        "CALLS": shop.metered(call),
        "FEE": shop.one_time(call),
        "EURO": call.create(
            "/v1/prices",
            {
                "currency": "eur",
                "unit_amount": 1,
                "product_data": {"name": "Euro"},
                "recurring": {"interval": "month"},
            },
        )["id"],
        "HALF": call.create("/v1/coupons", {"percent_off": 50, "duration": "forever"})["id"],
    }
    usual = {"customer": shop.customer(call), "start_date": "now", "phases": [phase()]}
    status, said, named = refused(call, SCHEDULES, filled(usual | params, names))
    assert (status, named) == (400, param)
    assert message in (None, said)
    assert call.get(SCHEDULES).ids == []
    assert call.get("/v1/subscriptions").ids == []


def test_a_customer_who_does_not_exist_has_no_schedule(call: Call) -> None:
    params = {"customer": "cus_none", "start_date": "now", "phases": [{"items": [{"price": "price_x"}]}]}
    assert refused(call, SCHEDULES, params) == (400, "No such customer: 'cus_none'", "customer")


def test_a_schedule_that_does_not_exist(call: Call) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/cancel"), ("POST", "/release")):
        answer = call.request(method, f"{SCHEDULES}/sub_sched_none{path}")
        assert answer.status == 404
        assert answer.error["message"] == "No such subscription_schedule: 'sub_sched_none'"


def test_a_subscription_has_one_schedule(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    said = refused(call, SCHEDULES, {"from_subscription": schedule["subscription"]})
    sentence = f"You cannot migrate a subscription that is already attached to a schedule: `{schedule['id']}`."
    assert said == (400, sentence, "from_subscription")


def test_a_subscription_may_get_another_schedule_once_the_first_has_ended(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    call.create(f"{SCHEDULES}/{schedule['id']}/release")
    another = call.create(SCHEDULES, {"from_subscription": schedule["subscription"]})
    assert another["id"] != schedule["id"]


@pytest.mark.parametrize(
    ("name", "value"), [("metadata", {"a": "1"}), ("end_behavior", "cancel"), ("phases", [{"items": [{"price": "x"}]}])]
)
def test_a_schedule_of_a_subscription_takes_nothing_else(call: Call, name: str, value: object) -> None:
    subscription = shop.subscribe(call, shop.customer(call), shop.licensed(call))["id"]
    said = refused(call, SCHEDULES, {"from_subscription": subscription, name: value})
    assert said == (400, f"You cannot set `{name}` if `from_subscription` is set.", name)


def test_a_subscription_that_has_ended_gets_no_schedule(call: Call) -> None:
    subscription = shop.subscribe(call, shop.customer(call), shop.licensed(call))["id"]
    call.delete(f"/v1/subscriptions/{subscription}")
    assert refused(call, SCHEDULES, {"from_subscription": subscription})[::2] == (400, "from_subscription")
    assert refused(call, SCHEDULES, {"from_subscription": "sub_none"})[::2] == (400, "from_subscription")


def test_a_subscription_that_a_trial_may_pause_gets_no_schedule_here(call: Call) -> None:
    ends = {"end_behavior": {"missing_payment_method": "pause"}}
    subscription = shop.subscribe(
        call, shop.customer(call), shop.licensed(call), trial_period_days=5, trial_settings=ends
    )
    assert refused(call, SCHEDULES, {"from_subscription": subscription["id"]})[::2] == (501, "from_subscription")


@pytest.mark.parametrize(
    ("phases", "message", "param"),
    [
        ([phase()], "Missing at least one phase with `start_date` to anchor end dates", "phases"),
        (
            [phase(start_date="now")],
            "You can not modify the start date of the current phase.",
            "phases[0][start_date]",
        ),
        (
            [phase(start_date=NEW_YEAR + 60)],
            "You can not modify the start date of the current phase.",
            "phases[0][start_date]",
        ),
        ([phase(start_date=NEW_YEAR), phase(start_date=MARCH)], None, "phases[1][start_date]"),
        ([phase(start_date=NEW_YEAR, end_date=NEW_YEAR + 60)], None, "phases[0][end_date]"),
    ],
)
def test_an_update_is_refused(call: Call, phases: list[Tree], message: str | None, param: str) -> None:
    seat = shop.licensed(call)
    schedule = planned(call, shop.customer(call), month(seat))
    call.clock.advance(DAY)
    status, said, named = refused(call, f"{SCHEDULES}/{schedule['id']}", {"phases": filled(phases, {"SEAT": seat})})
    assert (status, named) == (400, param)
    assert message in (None, said)


def test_a_schedule_that_has_not_begun_is_not_moved_to_1970(call: Call) -> None:
    seat = shop.licensed(call)
    schedule = planned(call, shop.customer(call), month(seat), start=NEW_YEAR + DAY)
    said = refused(call, f"{SCHEDULES}/{schedule['id']}", {"phases": [month(seat, start_date=0)]})
    assert said[::2] == (400, "phases[0][end_date]")


def test_what_an_update_of_the_current_phase_cannot_do_yet(call: Call) -> None:
    seat, fee = shop.licensed(call), shop.one_time(call)
    schedule = planned(call, shop.customer(call), month(seat))
    call.clock.advance(DAY)
    path = f"{SCHEDULES}/{schedule['id']}"
    added = month(seat, start_date=NEW_YEAR, add_invoice_items=[{"price": fee}])
    assert refused(call, path, {"phases": [added]})[::2] == (501, "phases[0][add_invoice_items]")
    ended = {"items": [{"price": seat}], "start_date": NEW_YEAR, "end_date": "now"}
    assert refused(call, path, {"phases": [ended]})[::2] == (501, "phases[0][end_date]")


@pytest.mark.parametrize(("deed", "done"), [("cancel", "canceled"), ("release", "released"), ("", "updated")])
def test_a_schedule_that_has_ended_stays_as_it_is(call: Call, deed: str, done: str) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    path = f"{SCHEDULES}/{schedule['id']}"
    call.create(f"{path}/release")
    said = refused(call, f"{path}/{deed}".rstrip("/"), {})
    sentence = (
        f"You cannot {deed or 'update'} a subscription schedule that is currently in the `released` status. "
        f"It must be in `not_started, active` status to be {done}."
    )
    assert said == (400, sentence, None)


@pytest.mark.parametrize(
    "params",
    [{"cancel_at": FEBRUARY}, {"cancel_at": ""}, {"cancel_at_period_end": True}, {"cancel_at_period_end": False}],
)
def test_the_end_of_a_scheduled_subscription_is_the_schedules(call: Call, params: Tree) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    said = refused(call, f"/v1/subscriptions/{schedule['subscription']}", params)
    sentence = (
        f"The subscription is managed by the subscription schedule `{schedule['id']}`, and updating any cancelation "
        "behavior directly is not allowed. Please update the schedule instead."
    )
    assert said == (400, sentence, None)
    call.create(f"{SCHEDULES}/{schedule['id']}/release")
    assert call.post(f"/v1/subscriptions/{schedule['subscription']}", params).status == 200


def test_a_scheduled_subscription_is_not_to_be_paused_by_a_trial(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    ends = {"trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
    said = refused(call, f"/v1/subscriptions/{schedule['subscription']}", ends)
    assert said[::2] == (501, "trial_settings[end_behavior][missing_payment_method]")


def test_two_states_of_a_list_exclude_each_other(call: Call) -> None:
    answer = call.get(SCHEDULES, {"scheduled": True, "completed_at": 1})
    sentence = "You may only specify one of these parameters: completed_at, scheduled."
    assert (answer.status, answer.error["message"]) == (400, sentence)
    assert call.get(SCHEDULES, {"customer": "cus_none"}).status == 400


def test_a_start_in_the_past_with_a_trial_is_not_served(call: Call) -> None:
    params = {
        "customer": shop.customer(call),
        "start_date": NEW_YEAR - DAY,
        "phases": [month(shop.licensed(call), trial_end=NEW_YEAR + DAY)],
    }
    assert refused(call, SCHEDULES, params)[::2] == (501, "start_date")


@pytest.mark.parametrize(
    ("name", "value"),
    [("on_behalf_of", "acct_1"), ("application_fee_percent", 5), ("automatic_tax", {"enabled": True})],
)
def test_what_connected_accounts_and_automatic_taxes_need_is_not_served(call: Call, name: str, value: object) -> None:
    terms: Tree = {name: value}
    params = {"customer": shop.customer(call), "start_date": "now", "phases": [month(shop.licensed(call), **terms)]}
    status, _, param = refused(call, SCHEDULES, params)
    assert status == 501
    assert (param or "").startswith(f"phases[0][{name}]")


def test_a_customer_with_a_schedule_to_come_cannot_be_attached_to_a_test_clock(call: Call) -> None:
    ada = shop.customer(call)
    planned(call, ada, month(shop.licensed(call)), start=FEBRUARY)
    said = refused(call, "/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR, "customer": ada})
    assert said[::2] == (400, "customer")
