"""Collection is paused: invoices go on being made, and are drafts, void or uncollectible meanwhile."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import attached
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import use

SUBSCRIPTIONS, INVOICES = "/v1/subscriptions", "/v1/invoices"
CHANGED = "customer.subscription.updated"
BEHAVIORS = ("keep_as_draft", "mark_uncollectible", "void")

Tree = dict[str, Any]


def update(call: Call, subscription: Tree, **terms: object) -> Tree:
    return call.create(f"{SUBSCRIPTIONS}/{subscription['id']}", terms)


def pause(call: Call, subscription: Tree, behavior: str, **terms: object) -> Tree:
    return update(call, subscription, pause_collection={"behavior": behavior, **terms})


def current(call: Call, subscription: Tree) -> Tree:
    found: Tree = call.get(f"{SUBSCRIPTIONS}/{subscription['id']}").json
    return found


def states(call: Call) -> list[tuple[str, int]]:
    return [(each["status"], each["total"]) for each in invoices(call)]


def happened(call: Call, since: int, *kinds: str) -> list[str]:
    return [each["type"] for each in events(call, *(kinds or ("invoice.*",))) if each["created"] >= since]


@pytest.mark.parametrize("behavior", BEHAVIORS)
def test_a_pause_shows_what_it_does_until_it_is_cleared(call: Call, behavior: str) -> None:
    made = subscribe(call, customer(call), licensed(call))
    assert made["pause_collection"] is None
    paused = pause(call, made, behavior)
    assert (paused["status"], paused["pause_collection"]) == ("active", {"behavior": behavior, "resumes_at": None})
    until = pause(call, made, behavior, resumes_at=MARCH)["pause_collection"]
    assert until == {"behavior": behavior, "resumes_at": MARCH}
    assert update(call, made, pause_collection="")["pause_collection"] is None
    changes = [each["data"]["previous_attributes"] for each in events(call, CHANGED)]
    shown = [None, {"behavior": behavior, "resumes_at": None}, until]
    assert changes == [{"pause_collection": each} for each in shown]


MADE = {
    "keep_as_draft": ("draft", ["invoice.created"]),
    "mark_uncollectible": (
        "uncollectible",
        ["invoice.created", "invoice.finalized", "invoice.updated", "invoice.marked_uncollectible"],
    ),
    "void": ("void", ["invoice.created", "invoice.finalized", "invoice.updated", "invoice.voided"]),
}


@pytest.mark.parametrize("behavior", BEHAVIORS)
def test_an_invoice_that_is_made_meanwhile_is_not_collected(call: Call, behavior: str) -> None:
    made = subscribe(call, customer(call), licensed(call))
    pause(call, made, behavior)
    call.clock.freeze(FEBRUARY)
    status, told = MADE[behavior]
    assert happened(call, FEBRUARY) == told
    call.clock.freeze(FEBRUARY + DAY)
    invoice = invoices(call)[-1]
    assert (invoice["status"], invoice["total"], invoice["auto_advance"]) == (status, 1000, False)
    assert (invoice["attempted"], invoice["amount_paid"], invoice["automatically_finalizes_at"]) == (False, 0, None)
    assert happened(call, FEBRUARY) == told
    after = current(call, made)
    assert (after["status"], after["latest_invoice"]) == ("active", invoice["id"])


@pytest.mark.parametrize("reason", ["subscription_paused", "user_forgiven"])
def test_the_newest_version_says_why_an_invoice_is_uncollectible(call: Call, reason: str) -> None:
    made = subscribe(call, customer(call), licensed(call), payment_behavior="default_incomplete")
    forgiven = made["latest_invoice"]
    if reason == "user_forgiven":
        call.create(f"{INVOICES}/{forgiven}/mark_uncollectible")
    else:
        call.create(f"{INVOICES}/{forgiven}/pay")
        pause(call, made, "mark_uncollectible")
        call.clock.freeze(FEBRUARY)
    path = f"{INVOICES}/{invoices(call)[-1]['id']}"
    shown = call.get(path, version="2026-09-30.endive").json["status_details"]
    assert shown == {"uncollectible": {"reason": reason}}
    assert "status_details" not in call.get(path, version="2026-08-26.dahlia").json
    call.create(f"{path}/pay")
    assert call.get(path, version="2026-09-30.endive").json["status_details"] is None


@pytest.mark.parametrize("behavior", BEHAVIORS)
@pytest.mark.parametrize("by", ["the clock", "a request"])
def test_later_invoices_are_collected_after_a_pause(call: Call, behavior: str, by: str) -> None:
    made = subscribe(call, customer(call), licensed(call))
    pause(call, made, behavior, **({"resumes_at": FEBRUARY + DAY} if by == "the clock" else {}))
    call.clock.freeze(FEBRUARY + DAY)
    if by == "a request":
        update(call, made, pause_collection="")
    assert current(call, made)["pause_collection"] is None
    assert happened(call, FEBRUARY + DAY, CHANGED) == [CHANGED]
    call.clock.freeze(MARCH + HOUR)
    assert states(call) == [("paid", 1000), (MADE[behavior][0], 1000), ("paid", 1000)]


def test_a_pause_that_ends_by_itself_has_an_event_with_what_it_was(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    pause(call, made, "void", resumes_at=NEW_YEAR + DAY)
    call.clock.freeze(NEW_YEAR + DAY - 1)
    assert current(call, made)["pause_collection"] is not None
    call.clock.freeze(NEW_YEAR + DAY)
    changed = events(call, CHANGED)[-1]
    assert changed["data"]["previous_attributes"] == {
        "pause_collection": {"behavior": "void", "resumes_at": NEW_YEAR + DAY}
    }
    assert changed["data"]["object"] == current(call, made)


def test_an_invoice_of_the_second_in_which_a_pause_ends_is_collected(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    pause(call, made, "void", resumes_at=FEBRUARY)
    call.clock.freeze(FEBRUARY + HOUR)
    assert states(call) == [("paid", 1000), ("paid", 1000)]


def test_a_pause_that_is_moved_ends_when_it_says_last(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    pause(call, made, "void", resumes_at=FEBRUARY - DAY)
    pause(call, made, "keep_as_draft", resumes_at=MARCH - DAY)
    call.clock.freeze(MARCH - DAY - 1)
    assert current(call, made)["pause_collection"] == {"behavior": "keep_as_draft", "resumes_at": MARCH - DAY}
    call.clock.freeze(MARCH - DAY)
    assert current(call, made)["pause_collection"] is None


def test_a_draft_that_was_kept_is_collected_once_it_advances(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    pause(call, made, "keep_as_draft")
    call.clock.freeze(FEBRUARY)
    update(call, made, pause_collection="")
    call.clock.freeze(FEBRUARY + DAY)
    kept = invoices(call)[-1]
    assert (kept["status"], kept["auto_advance"]) == ("draft", False)
    call.create(f"{INVOICES}/{kept['id']}", {"auto_advance": True})
    call.clock.freeze(FEBRUARY + 2 * DAY)
    assert states(call) == [("paid", 1000), ("paid", 1000)]


def test_a_kept_draft_takes_usage_that_is_reported_later(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, metered(call, meter(call)))
    pause(call, made, "keep_as_draft")
    use(call, ada, 300)
    call.clock.freeze(FEBRUARY + 3 * DAY)
    use(call, ada, 40, NEW_YEAR + DAY)
    assert states(call) == [("draft", 340)]


def test_usage_of_a_period_whose_invoice_is_void_is_on_no_later_one(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, metered(call, meter(call)))
    pause(call, made, "void", resumes_at=FEBRUARY + DAY)
    use(call, ada, 300)
    call.clock.freeze(FEBRUARY)
    use(call, ada, 40, NEW_YEAR + DAY)
    use(call, ada, 5)
    call.clock.freeze(MARCH + HOUR)
    assert states(call) == [("void", 300), ("paid", 5)]


@pytest.mark.parametrize(("behavior", "left"), [("void", -400), ("keep_as_draft", -400), ("mark_uncollectible", 0)])
def test_the_balance_of_the_customer_pays_only_what_becomes_uncollectible(call: Call, behavior: str, left: int) -> None:
    ada = customer(call)
    made = subscribe(call, ada, licensed(call))
    call.create(f"/v1/customers/{ada}", {"balance": -400})
    pause(call, made, behavior)
    call.clock.freeze(FEBRUARY)
    assert call.get(f"/v1/customers/{ada}").json["balance"] == left
    booked = [each["type"] for each in call.get(f"/v1/customers/{ada}/balance_transactions").json["data"]]
    assert booked == (["adjustment"] if left else ["applied_to_invoice", "adjustment"])
    assert states(call)[-1] == (MADE[behavior][0], 1000)


def test_an_invoice_that_the_balance_pays_whole_is_paid_and_not_uncollectible(call: Call) -> None:
    ada = customer(call)
    made = subscribe(call, ada, licensed(call))
    call.create(f"/v1/customers/{ada}", {"balance": -1500})
    pause(call, made, "mark_uncollectible")
    call.clock.freeze(FEBRUARY)
    assert states(call)[-1] == ("paid", 1000)
    assert call.get(f"/v1/customers/{ada}").json["balance"] == -500


def test_an_invoice_that_was_made_before_a_pause_goes_on_being_tried(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, retries=(3, 5))
    ada = customer(call)
    card = attached(call, ada)
    made = subscribe(call, ada, licensed(call), default_payment_method=card)
    update(call, made, default_payment_method=DECLINING)
    call.clock.freeze(FEBRUARY + HOUR)
    assert current(call, made)["status"] == "past_due"
    pause(call, made, "void")
    call.clock.freeze(FEBRUARY + 20 * DAY)
    assert invoices(call)[-1]["attempt_count"] == 3
    assert states(call)[-1] == ("open", 1000)


@pytest.mark.parametrize("behavior", BEHAVIORS)
def test_the_invoice_of_a_change_is_kept_from_being_collected_too(call: Call, behavior: str) -> None:
    made = subscribe(call, customer(call), licensed(call))
    pause(call, made, behavior)
    item = made["items"]["data"][0]["id"]
    changed = update(call, made, items=[{"id": item, "quantity": 3}], proration_behavior="always_invoice")
    assert (changed["items"]["data"][0]["quantity"], changed["status"]) == (3, "active")
    assert states(call)[-1] == (MADE[behavior][0], 2000)


@pytest.mark.parametrize("behavior", BEHAVIORS)
def test_an_invoice_at_a_threshold_is_kept_from_being_collected_too(call: Call, behavior: str) -> None:
    ada = customer(call)
    made = subscribe(call, ada, metered(call, meter(call)), billing_thresholds={"amount_gte": 500})
    pause(call, made, behavior)
    use(call, ada, 600)
    call.clock.advance(HOUR)
    assert states(call) == [(MADE[behavior][0], 600)]


@pytest.mark.parametrize("behavior", BEHAVIORS)
def test_the_last_invoice_is_kept_from_being_collected_too(call: Call, behavior: str) -> None:
    ada = customer(call)
    made = subscribe(call, ada, metered(call, meter(call)))
    pause(call, made, behavior)
    use(call, ada, 600)
    answer = call.delete(f"{SUBSCRIPTIONS}/{made['id']}", {"invoice_now": True})
    assert answer.json["status"] == "canceled"
    call.clock.advance(DAY)
    assert states(call) == [(MADE[behavior][0], 600)]


def test_a_subscription_that_has_ended_does_not_resume(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    pause(call, made, "void", resumes_at=NEW_YEAR + DAY)
    call.delete(f"{SUBSCRIPTIONS}/{made['id']}")
    ended = current(call, made)
    call.clock.freeze(NEW_YEAR + 2 * DAY)
    assert current(call, made) == ended


def test_invoices_that_are_sent_can_be_kept_back(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call), collection_method="send_invoice", days_until_due=7)
    pause(call, made, "mark_uncollectible")
    call.clock.freeze(FEBRUARY + DAY)
    assert states(call)[-1] == ("uncollectible", 1000)
    assert "invoice.sent" not in happened(call, FEBRUARY)


def test_the_end_of_a_trial_does_not_pause_a_subscription_whose_collection_is_paused(call: Call) -> None:
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    made = subscribe(call, customer(call), licensed(call), trial_period_days=7, trial_settings=settings)
    pause(call, made, "void")
    call.clock.freeze(NEW_YEAR + 7 * DAY + HOUR)
    assert current(call, made)["status"] == "active"
    assert states(call)[-1] == ("void", 1000)


def test_collection_on_a_test_clock_resumes_by_that_clock(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    made = subscribe(call, customer(call, test_clock=clock), licensed(call))
    pause(call, made, "void", resumes_at=NEW_YEAR + DAY)
    call.clock.freeze(NEW_YEAR + 3 * DAY)
    assert current(call, made)["pause_collection"] is not None
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": NEW_YEAR + 2 * DAY})
    call.clock.advance(60)
    assert current(call, made)["pause_collection"] is None


REFUSED: list[tuple[object, str]] = [
    ({"resumes_at": MARCH}, "pause_collection[behavior]"),
    ({"behavior": "stop"}, "pause_collection[behavior]"),
    ({"behavior": "void", "resumes_at": NEW_YEAR}, "pause_collection[resumes_at]"),
    ({"behavior": "void", "resumes_at": NEW_YEAR + 3000 * DAY}, "pause_collection[resumes_at]"),
    ({"behavior": "void", "until": MARCH}, "pause_collection[until]"),
    ("now", "pause_collection"),
]


@pytest.mark.parametrize(("terms", "param"), REFUSED)
def test_a_pause_that_makes_no_sense_is_refused(call: Call, terms: object, param: str) -> None:
    made = subscribe(call, customer(call), licensed(call))
    answer = call.post(f"{SUBSCRIPTIONS}/{made['id']}", {"pause_collection": terms})
    assert (answer.status, answer.error["param"]) == (400, param)
    assert current(call, made) == made


def test_a_new_subscription_cannot_be_paused(call: Call) -> None:
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}], "pause_collection": {"behavior": "void"}}
    answer = call.post(SUBSCRIPTIONS, terms)
    assert (answer.status, answer.error["param"]) == (400, "pause_collection")


def test_a_change_that_may_wait_for_its_payment_cannot_pause_collection(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call))
    terms = {"pause_collection": {"behavior": "void"}, "payment_behavior": "pending_if_incomplete"}
    answer = call.post(f"{SUBSCRIPTIONS}/{made['id']}", terms)
    assert (answer.status, answer.error["param"]) == (400, "pause_collection")
