"""Changes of schedules and of the subscriptions that they manage; schedules of subscriptions that are there already."""

import pytest

from tests.conftest import Call
from tests.resources import shop
from tests.resources.plans_ahead import APRIL
from tests.resources.plans_ahead import SCHEDULES
from tests.resources.plans_ahead import month
from tests.resources.plans_ahead import planned
from tests.resources.plans_ahead import subscription_of
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import lines

MID = NEW_YEAR + 15 * DAY


def change(call: Call, schedule: Tree, *phases: Tree, **terms: object) -> Tree:
    given = {"phases": list(phases), **terms} if phases else terms
    return call.create(f"{SCHEDULES}/{schedule['id']}", given)


def edges(schedule: Tree) -> list[tuple[int, int]]:
    return [(phase["start_date"], phase["end_date"]) for phase in schedule["phases"]]


def attach(call: Call, subscription: Tree) -> Tree:
    return call.create(SCHEDULES, {"from_subscription": subscription["id"]})


def test_a_subscription_gets_a_schedule_of_its_current_period(call: Call) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call), shop.licensed(call)
    subscription = shop.subscribe(call, ada, calls, {"price": seat, "quantity": 3}, description="All you need")
    schedule = attach(call, subscription)
    assert (schedule["status"], schedule["end_behavior"]) == ("active", "release")
    assert (schedule["subscription"], schedule["customer"]) == (subscription["id"], ada)
    assert edges(schedule) == [(NEW_YEAR, FEBRUARY)]
    items = [(item["price"], item.get("quantity")) for item in schedule["phases"][0]["items"]]
    assert items == [(calls, None), (seat, 3)]
    assert schedule["default_settings"]["description"] == "All you need"
    assert subscription_of(call, schedule)["schedule"] == schedule["id"]
    assert [each["total"] for each in shop.invoices(call)] == [3000]


def test_a_downgrade_at_the_end_of_the_period(call: Call) -> None:
    """As most programs plan it: a schedule of the subscription, and a second phase without an end."""
    ada, calls = shop.customer(call), shop.metered(call)
    gold, iron = shop.licensed(call, 5000, "Gold"), shop.licensed(call, 1000, "Iron")
    schedule = attach(call, shop.subscribe(call, ada, calls, gold))
    shop.use(call, ada, 20)
    (present,) = schedule["phases"]
    planned_ahead = change(
        call,
        schedule,
        {
            "items": [{"price": calls}, {"price": gold, "quantity": 1}],
            "start_date": present["start_date"],
            "end_date": present["end_date"],
        },
        {"items": [{"price": calls}, {"price": iron, "quantity": 1}], "start_date": present["end_date"]},
        end_behavior="release",
    )
    assert edges(planned_ahead) == [(NEW_YEAR, FEBRUARY), (FEBRUARY, MARCH)]
    assert [each["total"] for each in shop.invoices(call)] == [5000]
    call.clock.advance(31 * DAY)
    assert lines(shop.invoices(call)[-1]) == [
        ("20 × Calls (at $0.01 / month)", 20),
        ("1 × Iron (at $10.00 / month)", 1000),
    ]
    call.clock.advance(28 * DAY)
    assert call.get(f"{SCHEDULES}/{schedule['id']}").json["status"] == "released"


def test_a_schedule_of_a_subscription_that_is_to_end_cancels_it_then(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    schedule = attach(call, shop.subscribe(call, ada, seat, cancel_at_period_end=True))
    assert (schedule["end_behavior"], edges(schedule)) == ("cancel", [(NEW_YEAR, FEBRUARY)])
    call.clock.advance(31 * DAY)
    assert call.get(f"{SCHEDULES}/{schedule['id']}").json["status"] == "completed"


def test_a_schedule_of_a_subscription_keeps_its_discounts_and_its_trial(call: Call) -> None:
    ada, seat = shop.customer(call), shop.licensed(call)
    half = call.create("/v1/coupons", {"percent_off": 50, "duration": "forever"})["id"]
    subscription = shop.subscribe(call, ada, seat, discounts=[{"coupon": half}], trial_period_days=10)
    schedule = attach(call, subscription)
    (phase,) = schedule["phases"]
    assert phase["trial_end"] == NEW_YEAR + 10 * DAY
    assert [each["discount"] for each in phase["discounts"]] == subscription["discounts"]
    same = {"items": [{"price": seat}], "start_date": phase["start_date"], "trial_end": phase["trial_end"]}
    change(call, schedule, same | {"end_date": FEBRUARY, "discounts": [{"coupon": half}]})
    assert subscription_of(call, schedule)["discounts"] == subscription["discounts"]
    assert subscription_of(call, schedule)["status"] == "trialing"


def test_changing_the_current_phase_changes_the_subscription(call: Call) -> None:
    ada, seat, gold = shop.customer(call), shop.licensed(call, 3100), shop.licensed(call, 6200, "Gold")
    schedule = planned(call, ada, month(seat))
    call.clock.advance(15 * DAY)
    before = len(shop.events(call))
    changed = change(
        call, schedule, month({"price": seat, "quantity": 2}, start_date=NEW_YEAR), month(gold), metadata={"a": "1"}
    )
    assert changed["metadata"] == {"a": "1"}
    assert shop.types(call)[before:] == [
        "subscription_schedule.updated",
        "customer.subscription.updated",
        "invoiceitem.created",
        "invoiceitem.created",
    ]
    assert subscription_of(call, schedule)["items"]["data"][0]["quantity"] == 2
    amounts = sorted(item["amount"] for item in call.get("/v1/invoiceitems").json["data"])
    assert amounts == [-1600, 3200]


@pytest.mark.parametrize(("behavior", "totals", "items"), [("always_invoice", [3100, 1600], 2), ("none", [3100], 0)])
def test_a_change_of_the_current_phase_is_prorated_as_the_request_says(
    call: Call, behavior: str, totals: list[int], items: int
) -> None:
    seat = shop.licensed(call, 3100)
    schedule = planned(call, shop.customer(call), month(seat))
    call.clock.advance(15 * DAY)
    phase = month({"price": seat, "quantity": 2}, start_date=NEW_YEAR, proration_behavior="create_prorations")
    change(call, schedule, phase, proration_behavior=behavior)
    assert [each["total"] for each in shop.invoices(call)] == totals
    assert len(call.get("/v1/invoiceitems").ids) == items
    assert shop.invoices(call)[-1]["status"] == "paid"


def test_a_change_of_what_is_not_billed_makes_no_prorations(call: Call) -> None:
    seat = shop.licensed(call)
    schedule = planned(call, shop.customer(call), month(seat))
    call.clock.advance(DAY)
    change(call, schedule, month(seat, start_date=NEW_YEAR, metadata={"a": "1"}, description="New"))
    subscription = subscription_of(call, schedule)
    assert (subscription["metadata"], subscription["description"]) == ({"a": "1"}, "New")
    assert call.get("/v1/invoiceitems").ids == []


def test_what_an_update_of_the_current_phase_leaves_out_is_dropped(call: Call) -> None:
    seat = shop.licensed(call)
    half = call.create("/v1/coupons", {"percent_off": 50, "duration": "forever"})["id"]
    schedule = planned(call, shop.customer(call), month(seat, discounts=[{"coupon": half}], description="Old"))
    change(call, schedule, month(seat, start_date=NEW_YEAR))
    subscription = subscription_of(call, schedule)
    assert (subscription["discounts"], subscription["description"]) == ([], None)


def test_past_phases_stay_and_may_be_sent_again(call: Call) -> None:
    iron, gold = shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    schedule = planned(call, shop.customer(call), month(iron), month(gold))
    call.clock.advance(31 * DAY)
    left_out = change(call, schedule, month(gold, start_date=FEBRUARY), month(iron))
    assert edges(left_out) == [(NEW_YEAR, FEBRUARY), (FEBRUARY, MARCH), (MARCH, APRIL)]
    repeated = change(call, schedule, month(iron, start_date=NEW_YEAR), month(gold, months=2))
    assert edges(repeated) == [(NEW_YEAR, FEBRUARY), (FEBRUARY, APRIL)]
    assert [each["items"][0]["price"] for each in repeated["phases"]] == [iron, gold]


def test_the_current_phase_can_end_now(call: Call) -> None:
    ada, calls = shop.customer(call), shop.metered(call)
    iron, gold = shop.licensed(call, 3100, "Iron"), shop.licensed(call, 6200, "Gold")
    schedule = planned(call, ada, month(calls, iron))
    shop.use(call, ada, 7)
    call.clock.advance(15 * DAY)
    changed = change(
        call,
        schedule,
        {"items": [{"price": calls}, {"price": iron}], "start_date": NEW_YEAR, "end_date": "now"},
        {"items": [{"price": calls}, {"price": gold}], "start_date": "now", "end_date": MARCH},
    )
    assert edges(changed) == [(NEW_YEAR, MID), (MID, MARCH)]
    assert changed["current_phase"] == {"end_date": MARCH, "start_date": MID}
    prices = [item["price"]["id"] for item in subscription_of(call, schedule)["items"]["data"]]
    assert sorted(prices) == sorted([calls, gold])
    call.clock.advance(16 * DAY)
    assert sorted(each["amount"] for each in shop.invoices(call)[-1]["lines"]["data"]) == [-1600, 7, 3200, 6200]


def test_the_end_behavior_of_a_last_phase_moves_the_end_of_the_subscription(call: Call) -> None:
    seat = shop.licensed(call)
    schedule = planned(call, shop.customer(call), month(seat))
    change(call, schedule, end_behavior="cancel")
    assert subscription_of(call, schedule)["cancel_at"] == FEBRUARY
    change(call, schedule, month(seat, months=2, start_date=NEW_YEAR))
    assert subscription_of(call, schedule)["cancel_at"] == MARCH
    change(call, schedule, end_behavior="release")
    assert subscription_of(call, schedule)["cancel_at"] is None
    call.clock.advance(59 * DAY)
    assert call.get(f"{SCHEDULES}/{schedule['id']}").json["status"] == "released"


def test_default_settings_reach_the_subscription(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    change(call, schedule, default_settings={"description": "By default"})
    assert subscription_of(call, schedule)["description"] == "By default"


def test_metadata_alone_leaves_the_subscription_as_it_is(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    call.create(f"/v1/subscriptions/{schedule['subscription']}", {"description": "Direct"})
    before = len(shop.events(call))
    change(call, schedule, metadata={"a": "1"})
    assert subscription_of(call, schedule)["description"] == "Direct"
    assert shop.types(call)[before:] == ["subscription_schedule.updated"]


def test_a_schedule_that_has_not_begun_can_be_moved(call: Call) -> None:
    seat = shop.licensed(call)
    schedule = planned(call, shop.customer(call), month(seat), start=FEBRUARY)
    moved = change(call, schedule, month(seat, start_date=MARCH))
    assert edges(moved) == [(MARCH, APRIL)]
    call.clock.advance(31 * DAY)
    assert call.get("/v1/subscriptions").ids == []
    call.clock.advance(28 * DAY)
    assert call.get(f"{SCHEDULES}/{schedule['id']}").json["status"] == "active"


def test_a_schedule_that_has_not_begun_can_begin_now(call: Call) -> None:
    seat = shop.licensed(call)
    schedule = planned(call, shop.customer(call), month(seat), start=FEBRUARY)
    begun = change(call, schedule, month(seat, start_date="now"))
    assert (begun["status"], edges(begun)) == ("active", [(NEW_YEAR, FEBRUARY)])
    assert subscription_of(call, begun)["status"] == "active"


def test_a_direct_change_of_items_splits_the_current_phase(call: Call) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call), shop.licensed(call, 3100)
    terms: Tree = {"metadata": {"plan": "gold"}, "proration_behavior": "none", "description": "A phase"}
    schedule = planned(call, ada, month(calls, seat, **terms), month(calls))
    call.clock.advance(15 * DAY)
    subscription = subscription_of(call, schedule)
    item = next(each for each in subscription["items"]["data"] if each["price"]["id"] == seat)
    call.create(f"/v1/subscriptions/{subscription['id']}", {"items": [{"id": item["id"], "quantity": 2}]})
    split = call.get(f"{SCHEDULES}/{schedule['id']}").json
    assert edges(split) == [(NEW_YEAR, MID), (MID, FEBRUARY), (FEBRUARY, MARCH)]
    assert split["current_phase"] == {"end_date": FEBRUARY, "start_date": MID}
    new = split["phases"][1]
    assert [each.get("quantity") for each in new["items"]] == [None, 2]
    assert {name: new[name] for name in terms} == terms
    assert shop.types(call, "subscription_schedule.*")[-1] == "subscription_schedule.updated"
    call.clock.advance(16 * DAY)
    assert len(subscription_of(call, schedule)["items"]["data"]) == 1


def test_items_that_are_added_changed_and_removed_by_themselves_split_it_as_well(call: Call) -> None:
    ada, calls, seat = shop.customer(call), shop.metered(call), shop.licensed(call)
    schedule = planned(call, ada, month(calls, months=6))
    subscription = schedule["subscription"]
    call.clock.advance(DAY)
    item = call.create("/v1/subscription_items", {"subscription": subscription, "price": seat})["id"]
    call.clock.advance(DAY)
    call.create(f"/v1/subscription_items/{item}", {"quantity": 2})
    call.clock.advance(DAY)
    assert call.delete(f"/v1/subscription_items/{item}").status == 200
    split = call.get(f"{SCHEDULES}/{schedule['id']}").json
    assert [start for start, _ in edges(split)] == [NEW_YEAR + each * DAY for each in range(4)]
    assert [[each.get("quantity") for each in phase["items"]] for phase in split["phases"]] == [
        [None],
        [None, 1],
        [None, 2],
        [None],
    ]


def test_a_direct_change_in_the_second_in_which_a_phase_began_changes_the_phase(call: Call) -> None:
    seat = shop.licensed(call)
    schedule = planned(call, shop.customer(call), month(seat))
    half = call.create("/v1/coupons", {"percent_off": 50, "duration": "forever"})["id"]
    call.create(f"/v1/subscriptions/{schedule['subscription']}", {"discounts": [{"coupon": half}]})
    changed = call.get(f"{SCHEDULES}/{schedule['id']}").json
    assert edges(changed) == [(NEW_YEAR, FEBRUARY)]
    assert changed["phases"][0]["discounts"][0]["discount"].startswith("di_")


def test_a_direct_change_of_metadata_splits_nothing(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call)))
    call.clock.advance(DAY)
    call.create(f"/v1/subscriptions/{schedule['subscription']}", {"metadata": {"a": "1"}, "description": "x"})
    assert edges(call.get(f"{SCHEDULES}/{schedule['id']}").json) == [(NEW_YEAR, FEBRUARY)]


def test_a_trial_that_ends_by_itself_splits_nothing(call: Call) -> None:
    schedule = planned(call, shop.customer(call), month(shop.licensed(call), trial_end=MID))
    call.clock.advance(20 * DAY)
    assert edges(call.get(f"{SCHEDULES}/{schedule['id']}").json) == [(NEW_YEAR, FEBRUARY)]


def test_paused_collection_does_not_stop_phases(call: Call) -> None:
    ada, iron, gold = shop.customer(call), shop.licensed(call, 1000, "Iron"), shop.licensed(call, 5000, "Gold")
    schedule = planned(call, ada, month(iron), month(gold))
    call.clock.advance(2 * HOUR)
    pause = {"pause_collection": {"behavior": "void"}}
    call.create(f"/v1/subscriptions/{schedule['subscription']}", pause)
    call.clock.advance(31 * DAY)
    assert subscription_of(call, schedule)["items"]["data"][0]["price"]["id"] == gold
    assert [each["status"] for each in shop.invoices(call)] == ["paid", "void"]


def test_a_schedule_is_migrated_with_its_subscription(call: Call) -> None:
    ada, iron = shop.customer(call), shop.licensed(call, 1000, "Iron")
    year = shop.licensed(call, 9000, "Gold", interval="year")
    schedule = planned(call, ada, month(iron), billing_mode={"type": "classic"})
    call.create(f"/v1/subscriptions/{schedule['subscription']}/migrate", {"billing_mode": {"type": "flexible"}})
    migrated = call.get(f"{SCHEDULES}/{schedule['id']}").json
    mode = {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": NEW_YEAR}
    assert migrated["billing_mode"] == mode
    (present,) = migrated["phases"]
    terms = {"start_date": present["start_date"], "end_date": present["end_date"], "items": [{"price": iron}]}
    changed = change(call, migrated, terms, {"items": [{"price": iron}, {"price": year}]})
    assert [len(each["items"]) for each in changed["phases"]] == [1, 2]
