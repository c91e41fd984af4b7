"""A failed payment is tried again by a schedule, and what becomes of the subscription after the last try."""

from typing import Any

import pytest

from fakestripe_meters import Misuse
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
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

SUBSCRIPTIONS, INVOICES = "/v1/subscriptions", "/v1/invoices"
CLOCKS = "/v1/test_helpers/test_clocks"
LOST = "tok_visa_chargeCustomerFailLostCard"
APRIL = MARCH + 31 * DAY
FIRST_TRY = FEBRUARY + HOUR
TRIES = [FIRST_TRY, FIRST_TRY + 3 * DAY, FIRST_TRY + 8 * DAY, FIRST_TRY + 15 * DAY]
"""With `retries=(3, 5, 7)`: each is counted from the one before."""
GOOD = {"payment_method": "pm_card_visa"}
CHANGED, DELETED = "customer.subscription.updated", "customer.subscription.deleted"
FAILED = ["invoice.updated", "invoice.payment_failed"]
PAID = ["invoice.updated", "invoice.paid", "invoice.payment_succeeded"]

Tree = dict[str, Any]


def begin(call: Call, *, retries: tuple[int, ...] = (3, 5, 7), after_retries: str = "past_due") -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, retries=retries, after_retries=after_retries)


def declining(call: Call, method: str = DECLINING, **terms: object) -> str:
    """A subscription whose first invoice is paid, and no later one."""
    made: str = subscribe(call, customer(call), licensed(call), **terms)["id"]
    set_method(call, made, method)
    return made


def set_method(call: Call, subscription: str, method: str) -> None:
    owner = call.get(f"{SUBSCRIPTIONS}/{subscription}").json["customer"]
    chosen = attached(call, owner, method) if method.startswith("tok_") else method
    call.create(f"{SUBSCRIPTIONS}/{subscription}", {"default_payment_method": chosen})


def shown(call: Call, subscription: str) -> Tree:
    found: Tree = call.get(f"{SUBSCRIPTIONS}/{subscription}").json
    return found


def status(call: Call, subscription: str) -> str:
    found: str = shown(call, subscription)["status"]
    return found


def tries(invoice: Tree) -> tuple[str, int, int | None]:
    return invoice["status"], invoice["attempt_count"], invoice["next_payment_attempt"]


def happened(call: Call, since: int) -> list[tuple[str, int]]:
    """The types and times of the events of subscriptions and invoices since an instant."""
    found = events(call, "customer.subscription.*", "invoice.*")
    return [(each["type"], each["created"]) for each in found if each["created"] >= since]


def test_by_default_a_payment_is_not_tried_again(call: Call) -> None:
    subscription = declining(call)
    call.clock.freeze(FEBRUARY + 27 * DAY)
    assert tries(invoices(call)[-1]) == ("open", 1, None)
    assert status(call, subscription) == "past_due"


def test_each_try_is_counted_from_the_one_before(call: Call) -> None:
    begin(call)
    declining(call)
    for count, (at, after) in enumerate(zip(TRIES, [*TRIES[1:], None], strict=True), 1):
        call.clock.freeze(at - 1)
        assert tries(invoices(call)[-1])[1] == count - 1
        call.clock.freeze(at)
        assert tries(invoices(call)[-1]) == ("open", count, after)
    call.clock.freeze(FEBRUARY + 27 * DAY)
    assert tries(invoices(call)[-1]) == ("open", 4, None)


def test_a_draft_shows_when_its_payment_is_first_tried(call: Call) -> None:
    begin(call)
    declining(call)
    call.clock.freeze(FEBRUARY)
    assert tries(invoices(call)[-1]) == ("draft", 0, FIRST_TRY)


AFTER_THE_LAST: list[tuple[str, str, list[str]]] = [
    ("past_due", "past_due", []),
    ("unpaid", "unpaid", [CHANGED, "invoice.updated"]),
    ("cancel", "canceled", ["invoice.updated", DELETED]),
]


@pytest.mark.parametrize(("after_retries", "after", "told"), AFTER_THE_LAST)
def test_what_becomes_of_the_subscription_after_the_last_try(
    call: Call, after_retries: str, after: str, told: list[str]
) -> None:
    begin(call, after_retries=after_retries)
    subscription = declining(call)
    call.clock.freeze(TRIES[-1])
    assert status(call, subscription) == after
    assert tries(invoices(call)[-1]) == ("open", 4, None)
    assert happened(call, FIRST_TRY) == [
        ("invoice.finalized", TRIES[0]),
        *((kind, TRIES[0]) for kind in (*FAILED, CHANGED)),
        *((kind, at) for at in TRIES[1:] for kind in FAILED),
        *((kind, TRIES[3]) for kind in told),
    ]


def test_each_failure_says_when_the_next_try_is(call: Call) -> None:
    begin(call)
    declining(call)
    call.clock.freeze(TRIES[-1])
    for kind in FAILED:
        told = [each["data"]["object"] for each in events(call, kind) if each["created"] >= FIRST_TRY]
        assert [tries(each) for each in told] == [("open", count, at) for count, at in enumerate([*TRIES[1:], None], 1)]


def test_a_subscription_that_is_given_up_says_why(call: Call) -> None:
    begin(call, after_retries="cancel")
    subscription = declining(call)
    call.create(f"{SUBSCRIPTIONS}/{subscription}", {"cancel_at_period_end": True})
    call.create(f"{SUBSCRIPTIONS}/{subscription}", {"cancel_at": APRIL, "cancel_at_period_end": False})
    call.clock.freeze(TRIES[-1])
    ended = shown(call, subscription)
    assert (ended["status"], ended["ended_at"]) == ("canceled", TRIES[-1])
    assert ended["cancellation_details"]["reason"] == "payment_failed"
    assert (ended["cancel_at"], ended["cancel_at_period_end"]) == (None, False)
    assert invoices(call)[-1]["auto_advance"] is False
    call.clock.freeze(APRIL)
    assert len(invoices(call)) == 2


def test_usage_before_it_is_given_up_is_never_billed(call: Call) -> None:
    begin(call, after_retries="cancel")
    ada = customer(call)
    made = subscribe(call, ada, metered(call), default_payment_method=DECLINING)
    use(call, ada, 500)
    call.clock.freeze(FEBRUARY + DAY)
    use(call, ada, 700)
    call.clock.freeze(APRIL)
    assert (status(call, made["id"]), [each["total"] for each in invoices(call)]) == ("canceled", [500])
    assert "700  ended without an invoice" in str(call.fake.explain_billing("calls", ada))


WITHOUT_RETRIES = [("past_due", "past_due"), ("unpaid", "unpaid"), ("cancel", "canceled")]


@pytest.mark.parametrize(("after_retries", "after"), WITHOUT_RETRIES)
def test_without_retries_the_first_try_is_the_last(call: Call, after_retries: str, after: str) -> None:
    begin(call, retries=(), after_retries=after_retries)
    subscription = declining(call)
    call.clock.freeze(FIRST_TRY)
    assert status(call, subscription) == after


@pytest.mark.parametrize("after_retries", ["unpaid", "cancel"])
def test_the_first_invoice_waits_for_a_payment_and_is_not_tried_again(call: Call, after_retries: str) -> None:
    begin(call, after_retries=after_retries)
    made = subscribe(call, customer(call), licensed(call), default_payment_method=DECLINING)
    assert (made["status"], tries(invoices(call)[0])) == ("incomplete", ("open", 1, None))
    assert call.post(f"{INVOICES}/{invoices(call)[0]['id']}/pay").status == 402
    assert (status(call, made["id"]), tries(invoices(call)[0])) == ("incomplete", ("open", 1, None))
    call.clock.freeze(NEW_YEAR + 23 * HOUR)
    assert status(call, made["id"]) == "incomplete_expired"


# Meanwhile


MEANWHILE: list[tuple[str, Tree | None, str]] = [
    ("pay", GOOD, "paid"),
    ("pay", {"paid_out_of_band": True}, "paid"),
    ("void", None, "void"),
    ("mark_uncollectible", None, "uncollectible"),
]


@pytest.mark.parametrize(("what", "params", "after"), MEANWHILE)
def test_an_invoice_that_has_come_to_an_end_is_not_tried_again(
    call: Call, what: str, params: Tree | None, after: str
) -> None:
    begin(call, after_retries="unpaid")
    subscription = declining(call)
    call.clock.freeze(TRIES[1])
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/{what}", params)
    assert tries(invoices(call)[-1]) == (after, 2, None)
    call.clock.freeze(FEBRUARY + 27 * DAY)
    assert tries(invoices(call)[-1]) == (after, 2, None)
    assert status(call, subscription) == "active"


def test_a_method_that_pays_is_tried_at_the_next_try(call: Call) -> None:
    begin(call, after_retries="cancel")
    subscription = declining(call)
    call.clock.freeze(TRIES[1])
    set_method(call, subscription, "pm_card_visa")
    assert status(call, subscription) == "past_due"
    call.clock.freeze(TRIES[2])
    assert (status(call, subscription), tries(invoices(call)[-1])) == ("active", ("paid", 3, None))
    assert happened(call, TRIES[2]) == [(kind, TRIES[2]) for kind in (*PAID, CHANGED)]
    call.clock.freeze(MARCH + HOUR)
    assert [each["status"] for each in invoices(call)] == ["paid", "paid", "paid"]


def test_a_payment_on_request_moves_no_try_and_does_not_count(call: Call) -> None:
    begin(call)
    declining(call)
    call.clock.freeze(TRIES[0] + DAY)
    invoice = invoices(call)[-1]["id"]
    assert call.post(f"{INVOICES}/{invoice}/pay").status == 402
    assert tries(invoices(call)[-1]) == ("open", 1, TRIES[1])
    assert happened(call, TRIES[0] + DAY) == [("invoice.payment_failed", TRIES[0] + DAY)]
    call.clock.freeze(TRIES[1])
    assert tries(invoices(call)[-1]) == ("open", 2, TRIES[2])


def test_the_first_payment_counts_also_if_it_is_made_on_request(call: Call) -> None:
    begin(call)
    ada = customer(call, invoice_settings={"default_payment_method": DECLINING})
    call.create("/v1/invoiceitems", {"customer": ada, "pricing": {"price": one_time(call)}})
    draft = call.create(INVOICES, {"customer": ada, "pending_invoice_items_behavior": "include", "auto_advance": True})
    assert call.post(f"{INVOICES}/{draft['id']}/pay").status == 402
    assert tries(invoices(call)[0]) == ("open", 1, NEW_YEAR + 3 * DAY)
    call.clock.advance(15 * DAY)
    assert tries(invoices(call)[0]) == ("open", 4, None)


def test_an_invoice_that_does_not_advance_is_not_tried_again(call: Call) -> None:
    begin(call)
    ada = customer(call, invoice_settings={"default_payment_method": DECLINING})
    call.create("/v1/invoiceitems", {"customer": ada, "pricing": {"price": one_time(call)}})
    draft = call.create(INVOICES, {"customer": ada, "pending_invoice_items_behavior": "include"})
    assert call.post(f"{INVOICES}/{draft['id']}/pay").status == 402
    call.clock.advance(15 * DAY)
    assert tries(invoices(call)[0]) == ("open", 1, None)


def test_a_cancellation_ends_the_tries(call: Call) -> None:
    begin(call)
    subscription = declining(call)
    call.clock.freeze(TRIES[1])
    call.delete(f"{SUBSCRIPTIONS}/{subscription}")
    assert tries(invoices(call)[-1]) == ("open", 2, None)
    call.clock.freeze(APRIL)
    assert tries(invoices(call)[-1]) == ("open", 2, None)


def test_a_lost_card_is_counted_and_not_charged_again(call: Call) -> None:
    begin(call, after_retries="unpaid")
    subscription = declining(call, LOST)
    call.clock.freeze(TRIES[2])
    assert tries(invoices(call)[-1]) == ("open", 3, TRIES[3])
    assert happened(call, TRIES[1]) == [("invoice.updated", at) for at in TRIES[1:3]]
    set_method(call, subscription, DECLINING)
    call.clock.freeze(TRIES[3])
    assert [kind for kind, _ in happened(call, TRIES[3])] == [*FAILED, CHANGED, "invoice.updated"]
    assert status(call, subscription) == "unpaid"


def test_another_card_in_the_place_of_a_lost_one_pays(call: Call) -> None:
    begin(call)
    subscription = declining(call, LOST)
    call.clock.freeze(TRIES[1])
    set_method(call, subscription, "pm_card_visa")
    call.clock.freeze(TRIES[2])
    assert (status(call, subscription), tries(invoices(call)[-1])) == ("active", ("paid", 3, None))


def test_an_invoice_whose_payment_intent_was_canceled_is_not_charged(call: Call) -> None:
    begin(call, after_retries="unpaid")
    subscription = declining(call)
    call.clock.freeze(TRIES[0])
    payment = call.get("/v1/invoice_payments", {"invoice": invoices(call)[-1]["id"]}).json["data"][0]["payment"]
    call.create(f"/v1/payment_intents/{payment['payment_intent']}/cancel")
    set_method(call, subscription, "pm_card_visa")
    call.clock.freeze(TRIES[3])
    assert tries(invoices(call)[-1])[:2] == ("open", 4)
    assert status(call, subscription) == "unpaid"
    assert call.get(f"/v1/payment_intents/{payment['payment_intent']}").json["status"] == "canceled"


def test_an_older_invoice_that_runs_out_changes_nothing_if_the_newest_is_paid(call: Call) -> None:
    begin(call, retries=(20, 20), after_retries="unpaid")
    subscription = declining(call)
    call.clock.freeze(MARCH + DAY)
    older, newer = invoices(call)[1:]
    call.create(f"{INVOICES}/{newer['id']}/pay", GOOD)
    assert (status(call, subscription), tries(older)) == ("active", ("open", 2, FIRST_TRY + 40 * DAY))
    call.clock.freeze(FIRST_TRY + 40 * DAY)
    older = invoices(call)[1]
    assert (status(call, subscription), tries(older)) == ("active", ("open", 3, None))


def test_tries_are_made_in_the_time_of_a_test_clock(call: Call) -> None:
    begin(call, after_retries="cancel")
    clock = call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
    made = subscribe(call, customer(call, test_clock=clock), licensed(call))
    set_method(call, made["id"], DECLINING)
    call.clock.freeze(APRIL)
    call.create(f"{CLOCKS}/{clock}/advance", {"frozen_time": TRIES[2]})
    assert (status(call, made["id"]), tries(invoices(call)[-1])) == ("past_due", ("open", 3, TRIES[3]))
    call.create(f"{CLOCKS}/{clock}/advance", {"frozen_time": TRIES[3]})
    ended = shown(call, made["id"])
    assert (ended["status"], ended["ended_at"]) == ("canceled", TRIES[3])


def test_tries_go_on_after_a_restore(call: Call) -> None:
    begin(call, after_retries="unpaid")
    subscription = declining(call)
    call.clock.freeze(TRIES[1])
    snapshot = call.fake.snapshot()
    call.fake.begin(now=NEW_YEAR)
    call.fake.restore(snapshot)
    call.clock.freeze(TRIES[3])
    assert (status(call, subscription), tries(invoices(call)[-1])) == ("unpaid", ("open", 4, None))


@pytest.mark.parametrize(("name", "value"), [("retries", [0]), ("retries", [1] * 21), ("after_retries", "pause")])
def test_a_snapshot_has_only_tries_that_an_option_could_set(call: Call, name: str, value: object) -> None:
    snapshot = call.fake.snapshot()
    snapshot["settings"][name] = value
    with pytest.raises(Misuse, match=f"snapshot.settings.{name} must be"):
        call.fake.restore(snapshot)


# While it is unpaid


def unpaid(call: Call) -> str:
    """A subscription that is unpaid since February, with a failed invoice, and two drafts."""
    begin(call, after_retries="unpaid")
    subscription = declining(call)
    call.clock.freeze(APRIL + DAY)
    assert status(call, subscription) == "unpaid"
    return subscription


def test_later_invoices_of_an_unpaid_subscription_stay_drafts(call: Call) -> None:
    unpaid(call)
    failed, march, april = invoices(call)[1:]
    assert failed["auto_advance"] is False
    for draft in (march, april):
        assert (draft["status"], draft["auto_advance"], draft["automatically_finalizes_at"]) == ("draft", False, None)
        assert draft["next_payment_attempt"] is None


def test_a_draft_that_waits_when_the_subscription_becomes_unpaid_stays_one(call: Call) -> None:
    begin(call, retries=(28,), after_retries="unpaid")
    declining(call)
    call.clock.freeze(MARCH + HOUR)
    failed, draft = invoices(call)[1:]
    assert (tries(failed), draft["status"], draft["auto_advance"]) == (("open", 2, None), "draft", False)


def test_what_an_unpaid_subscription_is_to_be_invoiced_at_once_waits_too(call: Call) -> None:
    subscription = unpaid(call)
    item = shown(call, subscription)["items"]["data"][0]["id"]
    wanted = {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"}
    call.create(f"{SUBSCRIPTIONS}/{subscription}", wanted)
    newest = invoices(call)[-1]
    assert (newest["billing_reason"], newest["status"], newest["auto_advance"]) == (
        "subscription_update",
        "draft",
        False,
    )


OF_UNPAID: list[tuple[str, list[tuple[int, str, Tree | None]], list[str]]] = [
    ("the newest, a draft, is paid", [(-1, "pay", GOOD)], ["active"]),
    ("the newest is paid elsewhere", [(-1, "pay", {"paid_out_of_band": True})], ["active"]),
    (
        "the newest is finalized, and given up",
        [(-1, "finalize", None), (-1, "mark_uncollectible", None)],
        ["unpaid", "active"],
    ),
    (
        "the newest is finalized, and voided",
        [(-1, "finalize", None), (-1, "void", None)],
        ["unpaid", "unpaid"],
    ),
    ("an older one is paid", [(1, "pay", GOOD)], ["unpaid"]),
    ("the failed one is given up", [(1, "mark_uncollectible", None)], ["unpaid"]),
    ("the failed one is voided", [(1, "void", None)], ["unpaid"]),
    (
        "the newest is voided, then the newest of the rest paid",
        [(-1, "finalize", None), (-1, "void", None), (-2, "pay", GOOD)],
        ["unpaid", "unpaid", "active"],
    ),
    ("the newest fails once more", [(-1, "pay", None)], ["unpaid"]),
]


@pytest.mark.parametrize(("acts", "after"), [row[1:] for row in OF_UNPAID], ids=[row[0] for row in OF_UNPAID])
def test_what_makes_an_unpaid_subscription_active(
    call: Call, acts: list[tuple[int, str, Tree | None]], after: list[str]
) -> None:
    subscription = unpaid(call)
    made = invoices(call)
    found = []
    for which, what, params in acts:
        call.post(f"{INVOICES}/{made[which]['id']}/{what}", params)
        found.append(status(call, subscription))
    assert found == after


def test_voiding_its_only_failed_invoice_does_not_make_an_unpaid_subscription_active(call: Call) -> None:
    begin(call, retries=(), after_retries="unpaid")
    subscription = declining(call)
    call.clock.freeze(FIRST_TRY)
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/void")
    assert status(call, subscription) == "unpaid"
    call.clock.freeze(MARCH)
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/pay", GOOD)
    assert status(call, subscription) == "active"


def test_a_draft_that_is_to_advance_again_is_charged(call: Call) -> None:
    subscription = unpaid(call)
    set_method(call, subscription, "pm_card_visa")
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}", {"auto_advance": True})
    call.clock.advance(HOUR)
    assert (status(call, subscription), invoices(call)[-1]["status"]) == ("active", "paid")
    call.clock.freeze(APRIL + 30 * DAY)
    assert [each["status"] for each in invoices(call)] == ["paid", "open", "draft", "paid", "draft"]
    assert invoices(call)[-1]["auto_advance"] is True


def test_an_unpaid_subscription_can_be_canceled(call: Call) -> None:
    subscription = unpaid(call)
    assert call.delete(f"{SUBSCRIPTIONS}/{subscription}").json["status"] == "canceled"
    call.create(f"{INVOICES}/{invoices(call)[-1]['id']}/pay", GOOD)
    assert status(call, subscription) == "canceled"


def test_unpaid_subscriptions_are_listed(call: Call) -> None:
    subscription = unpaid(call)
    assert call.get(SUBSCRIPTIONS, {"status": "unpaid"}).ids == [subscription]
    assert types(call, CHANGED) != []
