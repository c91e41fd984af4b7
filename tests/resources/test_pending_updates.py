"""Changes of subscriptions whose payment fails: made, refused, or made once they are paid for."""

import json
from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

Tree = dict[str, Any]
SUBSCRIPTIONS, ITEMS = "/v1/subscriptions", "/v1/subscription_items"
WAITING = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}
EXPIRED, APPLIED = (f"customer.subscription.pending_update_{each}" for each in ("expired", "applied"))
BEFORE = "2026-04-22.dahlia"
FIELDS = [
    "billing_cycle_anchor",
    "cancel_at_period_end",
    "discount",
    "discounts",
    "expires_at",
    "metadata",
    "subscription_items",
    "trial_end",
    "trial_from_plan",
]


def poor(call: Call, *prices: Any, **terms: Any) -> tuple[str, Tree]:  # noqa: ANN401  as `subscribe` takes them
    """A customer whose card declines since a paid beginning ten days ago, and the subscription."""
    ada = customer(call)
    begun = subscribe(call, ada, *(prices or (licensed(call),)), **terms)
    call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": DECLINING}})
    call.clock.advance(10 * DAY)
    return ada, begun


def now(call: Call, subscription: Tree) -> Tree:
    found: Tree = call.get(f"{SUBSCRIPTIONS}/{subscription['id']}").json
    return found


def amounts(subscription: Tree) -> list[int]:
    return [item["price"]["unit_amount"] for item in subscription["items"]["data"]]


def update(call: Call, subscription: Tree, terms: Tree, version: str | None = None) -> Answer:
    return call.post(f"{SUBSCRIPTIONS}/{subscription['id']}", terms, version=version)


def dearer(call: Call, subscription: Tree, unit_amount: int = 5000, **terms: Any) -> Tree:  # noqa: ANN401
    """The subscription after a change to a price of that amount."""
    items = [{"id": subscription["items"]["data"][0]["id"], "price": licensed(call, unit_amount)}]
    answer = update(call, subscription, {"items": items, **WAITING, **terms})
    assert answer.status == 200, answer.body
    changed: Tree = answer.json
    return changed


def pay(call: Call, invoice: str) -> None:
    assert call.post(f"/v1/invoices/{invoice}/pay", {"payment_method": "pm_card_visa"}).status == 200


def fates(call: Call, ada: str, event_name: str = "calls") -> list[str]:
    known = {invoice["id"]: f"invoice {number}" for number, invoice in enumerate(invoices(call), 1)}
    explained = call.fake.explain_billing(event_name, ada).events
    return [known[each.invoice] if each.invoice else each.reason for each in explained]


# Waiting


def test_a_change_that_cannot_be_paid_waits(call: Call) -> None:
    _, begun = poor(call)
    changed = dearer(call, begun)
    assert (amounts(changed), changed["status"]) == ([1000], "active")
    pending = dict(changed["pending_update"])
    assert list(pending) == FIELDS
    assert [item["price"]["unit_amount"] for item in pending.pop("subscription_items")] == [5000]
    assert pending.pop("expires_at") == NEW_YEAR + 10 * DAY + 23 * HOUR
    assert set(pending.values()) == {None}
    invoice = invoices(call)[-1]
    assert changed["latest_invoice"] == invoice["id"]
    assert (invoice["status"], invoice["attempted"], invoice["attempt_count"]) == ("open", True, 1)
    assert invoice["billing_reason"] == "subscription_update"
    assert now(call, begun) == changed


def test_the_events_of_a_change_that_waits(call: Call) -> None:
    _, begun = poor(call)
    seen = len(events(call))
    changed = dearer(call, begun)
    new = [event for event in events(call)[seen:] if not event["type"].startswith(("plan", "price", "product"))]
    assert [event["type"] for event in new] == [
        "invoiceitem.created",
        "invoiceitem.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.updated",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]
    assert new[-1]["data"]["object"] == changed
    former = {"latest_invoice": begun["latest_invoice"], "pending_update": None}
    assert new[-1]["data"]["previous_attributes"] == former


def test_paying_the_invoice_makes_the_change(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    call.clock.advance(HOUR)
    seen = len(events(call))
    pay(call, waiting["latest_invoice"])
    changed = now(call, begun)
    assert (amounts(changed), changed["status"], changed["pending_update"]) == ([5000], "active", None)
    assert changed["items"]["data"] == waiting["pending_update"]["subscription_items"]
    new = events(call)[seen:]
    assert [event["type"] for event in new] == [
        "payment_method.attached",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
        APPLIED,
    ]
    assert new[-1]["data"]["object"] == changed
    assert "previous_attributes" not in new[-1]["data"]
    assert new[-2]["data"]["previous_attributes"]["pending_update"] == waiting["pending_update"]
    call.clock.advance(DAY)
    assert now(call, begun) == changed
    assert EXPIRED not in types(call)


def test_what_was_paid_is_not_billed_again(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    call.clock.advance(HOUR)
    pay(call, waiting["latest_invoice"])
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert [invoice["total"] for invoice in invoices(call)] == [1000, 4000 * 21 // 31 + 1, 5000]


def test_a_change_that_can_be_paid_is_made_at_once(call: Call) -> None:
    rich = subscribe(call, customer(call), licensed(call))
    call.clock.advance(10 * DAY)
    changed = dearer(call, rich)
    assert (amounts(changed), changed["pending_update"], invoices(call)[-1]["status"]) == ([5000], None, "paid")
    assert types(call, "customer.subscription.pending*") == []


@pytest.mark.parametrize("behavior", ["create_prorations", "none"])
def test_a_change_without_an_invoice_is_made_at_once(call: Call, behavior: str) -> None:
    _, begun = poor(call)
    changed = dearer(call, begun, proration_behavior=behavior)
    assert (amounts(changed), changed["pending_update"], len(invoices(call))) == ([5000], None, 1)


def test_a_change_to_something_cheaper_is_made_at_once(call: Call) -> None:
    _, begun = poor(call)
    changed = dearer(call, begun, 200)
    assert (amounts(changed), changed["pending_update"], invoices(call)[-1]["status"]) == ([200], None, "paid")


def test_an_attempt_that_fails_again_changes_nothing(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    call.clock.advance(HOUR)
    assert call.post(f"/v1/invoices/{waiting['latest_invoice']}/pay").status == 402
    assert now(call, begun) == waiting


def test_an_invoice_paid_outside_of_stripe_makes_the_change(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    call.create(f"/v1/invoices/{waiting['latest_invoice']}/pay", {"paid_out_of_band": True})
    assert amounts(now(call, begun)) == [5000]


def test_a_past_due_subscription_is_healed_by_the_payment_of_its_change(call: Call) -> None:
    ada, begun = poor(call, metered(call))
    use(call, ada, 500)
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert now(call, begun)["status"] == "past_due"
    added = call.post(ITEMS, {"subscription": begun["id"], "price": licensed(call), **WAITING})
    assert added.status == 200
    waiting = now(call, begun)
    assert (waiting["status"], amounts(waiting)) == ("past_due", [1])
    pay(call, waiting["latest_invoice"])
    assert (now(call, begun)["status"], amounts(now(call, begun))) == ("active", [1, 1000])


# Dropping


def test_a_change_that_is_not_paid_in_time_is_dropped(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    call.clock.advance(23 * HOUR - 1)
    assert now(call, begun) == waiting
    seen = len(events(call))
    call.clock.advance(1)
    dropped = now(call, begun)
    assert dropped == waiting | {"pending_update": None}
    assert invoices(call)[-1]["status"] == "void"
    new = events(call)[seen:]
    assert [event["type"] for event in new] == ["payment_intent.canceled", "invoice.updated", EXPIRED, "invoice.voided"]
    assert new[2]["data"] == {"object": dropped}
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert [invoice["total"] for invoice in invoices(call) if invoice["status"] != "void"] == [1000, 1000]


def test_voiding_its_invoice_drops_the_change(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    call.create(f"/v1/invoices/{waiting['latest_invoice']}/void")
    assert now(call, begun) == waiting | {"pending_update": None}
    assert types(call)[-2:] == [EXPIRED, "invoice.voided"]
    call.clock.advance(DAY)
    assert types(call).count(EXPIRED) == 1


def test_a_change_whose_invoice_is_given_up_still_waits(call: Call) -> None:
    _, begun = poor(call)
    invoice = dearer(call, begun)["latest_invoice"]
    call.create(f"/v1/invoices/{invoice}/mark_uncollectible")
    assert now(call, begun)["pending_update"] is not None
    call.clock.advance(23 * HOUR)
    assert now(call, begun)["pending_update"] is None
    assert call.get(f"/v1/invoices/{invoice}").json["status"] == "void"


def test_it_waits_until_the_end_of_the_period_at_most(call: Call) -> None:
    _, begun = poor(call)
    call.clock.freeze(FEBRUARY - HOUR)
    assert dearer(call, begun, 500_000)["pending_update"]["expires_at"] == FEBRUARY
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    turned = now(call, begun)
    assert (amounts(turned), turned["pending_update"]) == ([1000], None)
    assert [(invoice["status"], invoice["total"]) for invoice in invoices(call)][-1] == ("open", 1000)
    assert types(call).count(EXPIRED) == 1


def test_it_waits_until_the_end_of_the_trial_at_most(call: Call) -> None:
    ada = customer(call)
    begun = subscribe(call, ada, licensed(call), trial_end=NEW_YEAR + 10 * HOUR, default_payment_method=DECLINING)
    call.clock.advance(HOUR)
    waiting = update(call, begun, {"trial_end": "now", **WAITING}).json
    assert (waiting["status"], waiting["trial_end"]) == ("trialing", NEW_YEAR + 10 * HOUR)
    pending = waiting["pending_update"]
    assert pending["expires_at"] == NEW_YEAR + 10 * HOUR
    assert (pending["trial_end"], pending["billing_cycle_anchor"]) == (NEW_YEAR + HOUR, NEW_YEAR + HOUR)
    assert pending["subscription_items"] is None
    call.clock.freeze(NEW_YEAR + 10 * HOUR)
    turned = now(call, begun)
    assert (turned["pending_update"], turned["trial_end"]) == (None, NEW_YEAR + 10 * HOUR)
    assert turned["billing_cycle_anchor"] == NEW_YEAR + 10 * HOUR


def test_a_trial_that_ends_early_ends_once_that_is_paid_for(call: Call) -> None:
    ada = customer(call)
    terms = {"trial_end": NEW_YEAR + 5 * DAY, "default_payment_method": DECLINING}
    begun = subscribe(call, ada, licensed(call), metered(call), **terms)
    use(call, ada, 7, NEW_YEAR + 60)
    call.clock.advance(DAY)
    waiting = update(call, begun, {"trial_end": "now", **WAITING}).json
    call.clock.advance(HOUR)
    pay(call, waiting["latest_invoice"])
    changed = now(call, begun)
    assert (changed["status"], changed["trial_end"]) == ("active", NEW_YEAR + DAY)
    periods = [(item["current_period_start"], item["current_period_end"]) for item in changed["items"]["data"]]
    assert periods == [(NEW_YEAR + DAY, FEBRUARY + DAY)] * 2
    use(call, ada, 3)
    call.clock.freeze(FEBRUARY + DAY)
    assert fates(call, ada) == ["in a trial", f"invoice {len(invoices(call))}"]


def test_another_change_takes_its_place(call: Call) -> None:
    _, begun = poor(call)
    first = dearer(call, begun)
    call.clock.advance(HOUR)
    second = dearer(call, begun, 9000)
    assert (amounts(second), second["pending_update"]["expires_at"]) == ([1000], NEW_YEAR + 10 * DAY + 24 * HOUR)
    assert [item["price"]["unit_amount"] for item in second["pending_update"]["subscription_items"]] == [9000]
    assert [invoice["status"] for invoice in invoices(call)] == ["paid", "void", "open"]
    assert first["latest_invoice"] == invoices(call)[1]["id"]
    assert types(call).count(EXPIRED) == 1
    call.clock.advance(22 * HOUR)
    assert now(call, begun) == second
    pay(call, second["latest_invoice"])
    assert amounts(now(call, begun)) == [9000]


def test_a_change_that_is_made_in_any_case_takes_its_place(call: Call) -> None:
    _, begun = poor(call)
    dearer(call, begun)
    changed = dearer(call, begun, 9000, payment_behavior="allow_incomplete")
    assert (amounts(changed), changed["pending_update"], changed["status"]) == ([9000], None, "past_due")
    assert [invoice["status"] for invoice in invoices(call)] == ["paid", "void", "open"]


@pytest.mark.parametrize(
    "terms",
    [
        {"description": "Ada's"},
        {"metadata": {"tier": "gold"}},
        {"cancel_at_period_end": True},
    ],
)
def test_what_is_no_other_change_leaves_it_waiting(call: Call, terms: Tree) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    assert update(call, begun, terms).json["pending_update"] == waiting["pending_update"]
    pay(call, waiting["latest_invoice"])
    changed = now(call, begun)
    assert amounts(changed) == [5000]
    assert {name: changed[name] for name in terms} == terms


def test_what_is_said_of_an_item_meanwhile_stays(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    call.create(f"{ITEMS}/{begun['items']['data'][0]['id']}", {"metadata": {"seat": "window"}})
    pay(call, waiting["latest_invoice"])
    (item,) = now(call, begun)["items"]["data"]
    assert (item["price"]["unit_amount"], item["metadata"]) == (5000, {"seat": "window"})


def test_a_change_that_is_refused_leaves_another_one_waiting(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    items = [{"id": begun["items"]["data"][0]["id"], "price": licensed(call, 9000)}]
    terms = {"items": items, "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
    assert update(call, begun, terms).status == 402
    assert now(call, begun) == waiting
    assert invoices(call)[-1]["status"] == "open"


def test_a_canceled_subscription_has_no_change_that_waits(call: Call) -> None:
    _, begun = poor(call)
    dearer(call, begun)
    canceled = call.delete(f"{SUBSCRIPTIONS}/{begun['id']}").json
    assert (canceled["status"], canceled["pending_update"]) == ("canceled", None)
    assert invoices(call)[-1]["status"] == "void"
    assert types(call).index(EXPIRED) < types(call).index("customer.subscription.deleted")


# What may wait


def test_a_new_cycle_begins_when_it_was_asked_for(call: Call) -> None:
    _, begun = poor(call)
    asked = NEW_YEAR + 10 * DAY
    waiting = update(call, begun, {"billing_cycle_anchor": "now", **WAITING}).json
    assert waiting["billing_cycle_anchor"] == NEW_YEAR
    assert waiting["items"] == begun["items"]
    assert (waiting["pending_update"]["billing_cycle_anchor"], waiting["pending_update"]["trial_end"]) == (asked, None)
    call.clock.advance(5 * HOUR)
    pay(call, waiting["latest_invoice"])
    changed = now(call, begun)
    (item,) = changed["items"]["data"]
    assert (changed["billing_cycle_anchor"], item["current_period_start"]) == (asked, asked)
    assert item["current_period_end"] == FEBRUARY + 10 * DAY
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert len(invoices(call)) == 2
    call.clock.freeze(FEBRUARY + 10 * DAY + 2 * HOUR)
    assert invoices(call)[-1]["total"] == 1000


def test_metadata_waits_too_and_is_merged(call: Call) -> None:
    _, begun = poor(call, metadata={"plan": "basic", "team": "red"})
    waiting = dearer(call, begun, metadata={"plan": "gold"})
    assert waiting["metadata"] == {"plan": "basic", "team": "red"}
    assert waiting["pending_update"]["metadata"] == {"plan": "gold"}
    update(call, begun, {"metadata": {"team": "blue"}})
    pay(call, waiting["latest_invoice"])
    assert now(call, begun)["metadata"] == {"plan": "gold", "team": "blue"}


def test_metadata_that_has_become_too_much_does_not_prevent_the_payment(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun, metadata={"one": "more"})
    update(call, begun, {"metadata": {f"key {number}": "x" for number in range(50)}})
    pay(call, waiting["latest_invoice"])
    assert len(now(call, begun)["metadata"]) == 51


def test_metadata_that_is_to_be_cleared_waits_too(call: Call) -> None:
    _, begun = poor(call, metadata={"plan": "basic"})
    waiting = dearer(call, begun, metadata="")
    assert (waiting["metadata"], waiting["pending_update"]["metadata"]) == ({"plan": "basic"}, {"plan": ""})
    pay(call, waiting["latest_invoice"])
    assert now(call, begun)["metadata"] == {}


def test_metadata_alone_does_not_wait(call: Call) -> None:
    _, begun = poor(call)
    changed = update(call, begun, {"metadata": {"plan": "gold"}, **WAITING}).json
    assert (changed["metadata"], changed["pending_update"]) == ({"plan": "gold"}, None)


def test_the_end_of_the_subscription_waits_too(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun, cancel_at_period_end=True)
    assert (waiting["cancel_at"], waiting["canceled_at"]) == (None, None)
    assert waiting["cancellation_details"]["reason"] is None
    assert (waiting["cancel_at_period_end"], waiting["pending_update"]["cancel_at_period_end"]) == (False, True)
    call.clock.advance(HOUR)
    pay(call, waiting["latest_invoice"])
    changed = now(call, begun)
    assert (changed["cancel_at_period_end"], changed["cancel_at"]) == (True, FEBRUARY)
    assert changed["canceled_at"] == NEW_YEAR + 10 * DAY + HOUR
    call.clock.freeze(FEBRUARY)
    assert now(call, begun)["status"] == "canceled"


@pytest.mark.parametrize(("ends", "waits"), [(True, True), (False, False)])
def test_another_end_takes_the_place_of_one_that_waits(call: Call, *, ends: bool, waits: bool) -> None:
    _, begun = poor(call)
    dearer(call, begun, cancel_at_period_end=True)
    changed = update(call, begun, {"cancel_at_period_end": ends}).json
    assert (changed["pending_update"] is not None, changed["cancel_at_period_end"]) == (waits, ends)


def test_an_older_version_sees_what_it_had(call: Call) -> None:
    _, begun = poor(call)
    dearer(call, begun)
    shown = call.get(f"{SUBSCRIPTIONS}/{begun['id']}", version=BEFORE).json["pending_update"]
    assert list(shown) == [
        "billing_cycle_anchor",
        "expires_at",
        "subscription_items",
        "trial_end",
        "trial_from_plan",
    ]
    shown = call.get(f"{SUBSCRIPTIONS}/{begun['id']}", version="2026-08-26.dahlia").json["pending_update"]
    assert list(shown) == [each for each in FIELDS if each != "cancel_at_period_end"]


def test_a_price_that_is_made_along_waits(call: Call) -> None:
    _, begun = poor(call)
    data = {"currency": "usd", "product": product(call), "recurring": {"interval": "month"}, "unit_amount": 700}
    added = update(call, begun, {"items": [{"price_data": data}], **WAITING}).json
    assert amounts(added) == [1000]
    assert [item["price"]["unit_amount"] for item in added["pending_update"]["subscription_items"]] == [1000, 700]
    pay(call, added["latest_invoice"])
    assert amounts(now(call, begun)) == [1000, 700]


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"description": "x"}, "description"),
        ({"default_payment_method": "pm_card_visa"}, "default_payment_method"),
        ({"cancel_at": MARCH}, "cancel_at"),
        ({"days_until_due": 3, "collection_method": "send_invoice"}, "collection_method"),
        ({"off_session": True}, "off_session"),
        ({"items": [{"price": "PRICE"}, {"id": "ITEM", "deleted": True}]}, "items[1][deleted]"),
        ({"items": [{"price": "PRICE", "metadata": {"a": "b"}}]}, "items[0][metadata]"),
        ({"quantity": 2}, "quantity"),
    ],
)
@pytest.mark.parametrize("declines", [True, False])
def test_what_cannot_wait_is_refused(call: Call, terms: Tree, param: str, *, declines: bool) -> None:
    ada, begun = poor(call)
    if not declines:
        call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": "pm_card_visa"}})
    text = json.dumps(terms).replace("ITEM", begun["items"]["data"][0]["id"]).replace("PRICE", licensed(call))
    refused = update(call, begun, {**json.loads(text), **WAITING})
    assert (refused.status, refused.error["param"]) == (400, param)
    assert refused.error["message"] == (
        "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params. "
        f"`{param}` is not supported. See https://stripe.com/docs/billing/subscriptions/"
        "pending-updates-reference#supported-attributes for more details."
    )


@pytest.mark.parametrize(
    ("version", "terms", "param"),
    [
        (BEFORE, {"metadata": {"a": "b"}}, "metadata"),
        ("2026-05-27.dahlia", {"metadata": {"a": "b"}}, None),
        ("2026-08-26.dahlia", {"cancel_at_period_end": False}, "cancel_at_period_end"),
        ("2026-09-30.endive", {"cancel_at_period_end": False}, None),
        (BEFORE, {"cancel_at_period_end": True, "metadata": {"a": "b"}}, "metadata"),
    ],
)
def test_older_versions_let_less_wait(call: Call, version: str, terms: Tree, param: str | None) -> None:
    begun = subscribe(call, customer(call), licensed(call))
    answer = update(call, begun, {**terms, **WAITING}, version)
    assert (answer.status, answer.error["param"] if param else None) == (400 if param else 200, param)
    assert update(call, begun, terms, version).status == 200


def test_a_change_that_waits_may_be_prorated_as_of_another_time(call: Call) -> None:
    _, begun = poor(call)
    changed = dearer(call, begun, proration_date=NEW_YEAR + 5 * DAY)
    assert changed["pending_update"] is not None
    assert {line["period"]["start"] for line in invoices(call)[-1]["lines"]["data"]} == {NEW_YEAR + 5 * DAY}
    item = {"quantity": 2, "proration_date": NEW_YEAR + 6 * DAY, **WAITING}
    assert call.post(f"{ITEMS}/{begun['items']['data'][0]['id']}", item).status == 200
    assert {line["period"]["start"] for line in invoices(call)[-1]["lines"]["data"]} == {NEW_YEAR + 6 * DAY}


def test_a_change_whose_invoice_is_sent_cannot_wait(call: Call) -> None:
    terms = {"collection_method": "send_invoice", "days_until_due": 30}
    begun = subscribe(call, customer(call), licensed(call), **terms)
    refused = update(call, begun, {"items": [{"price": licensed(call)}], **WAITING})
    assert (refused.status, refused.error["param"]) == (400, "payment_behavior")
    item = begun["items"]["data"][0]["id"]
    assert call.post(f"{ITEMS}/{item}", {"quantity": 3, **WAITING}).status == 400
    assert call.delete(f"{ITEMS}/{item}", WAITING).status == 400


# Items


def test_an_item_that_is_added_waits(call: Call) -> None:
    _, begun = poor(call)
    item = call.create(ITEMS, {"subscription": begun["id"], "price": licensed(call, 300), **WAITING})
    assert (item["price"]["unit_amount"], item["subscription"]) == (300, begun["id"])
    assert call.get(f"{ITEMS}/{item['id']}").status == 404
    assert call.post(f"{ITEMS}/{item['id']}", {"quantity": 2}).status == 404
    waiting = now(call, begun)
    assert amounts(waiting) == [1000]
    assert waiting["pending_update"]["subscription_items"][1] == item
    pay(call, waiting["latest_invoice"])
    assert call.get(f"{ITEMS}/{item['id']}").json == item
    assert amounts(now(call, begun)) == [1000, 300]


def test_an_item_that_is_changed_waits(call: Call) -> None:
    _, begun = poor(call)
    (item,) = begun["items"]["data"]
    changed = call.create(f"{ITEMS}/{item['id']}", {"quantity": 3, **WAITING})
    assert changed == item
    assert now(call, begun)["pending_update"]["subscription_items"][0]["quantity"] == 3
    pay(call, now(call, begun)["latest_invoice"])
    assert call.get(f"{ITEMS}/{item['id']}").json["quantity"] == 3


def test_an_item_is_removed_with_a_credit(call: Call) -> None:
    _, begun = poor(call, licensed(call), licensed(call, 300))
    item = begun["items"]["data"][1]["id"]
    assert call.delete(f"{ITEMS}/{item}", WAITING).status == 200
    assert amounts(now(call, begun)) == [1000]


def test_the_removal_of_an_item_that_cannot_be_paid_is_not_served(call: Call) -> None:
    ada, begun = poor(call, licensed(call), licensed(call, 300))
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 5000, "currency": "usd"})
    refused = call.delete(f"{ITEMS}/{begun['items']['data'][1]['id']}", WAITING)
    assert (refused.status, refused.error["param"]) == (501, "payment_behavior")
    assert amounts(now(call, begun)) == [1000, 300]


def test_the_metadata_of_an_item_does_not_wait(call: Call) -> None:
    _, begun = poor(call)
    path, terms = f"{ITEMS}/{begun['items']['data'][0]['id']}", {"quantity": 3, "metadata": {"a": "b"}, **WAITING}
    refused = call.post(path, terms)
    assert (refused.status, refused.error["param"]) == (501, "metadata")
    assert call.post(path, terms, version=BEFORE).status == 400
    added = {"subscription": begun["id"], "price": licensed(call), "metadata": {"a": "b"}, **WAITING}
    assert call.post(ITEMS, added).error["param"] == "metadata"


# Usage


def test_usage_on_an_invoice_that_is_not_paid_in_time_is_never_billed(call: Call) -> None:
    ada, begun = poor(call, licensed(call), metered(call))
    use(call, ada, 300)
    waiting = update(call, begun, {"billing_cycle_anchor": "now", **WAITING}).json
    assert fates(call, ada) == ["invoice 2"]
    call.clock.advance(HOUR)
    use(call, ada, 20)
    call.clock.advance(22 * HOUR)
    use(call, ada, 4)
    assert now(call, begun)["pending_update"] is None
    assert fates(call, ada) == ["on a pending update's void invoice", "not billed yet", "not billed yet"]
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert fates(call, ada) == ["on a pending update's void invoice", "invoice 3", "invoice 3"]
    assert invoices(call)[-1]["total"] == 1024
    assert waiting["latest_invoice"] == invoices(call)[1]["id"]


def test_usage_on_an_invoice_that_is_paid_is_billed_once(call: Call) -> None:
    ada, begun = poor(call, licensed(call), metered(call))
    use(call, ada, 300)
    waiting = update(call, begun, {"billing_cycle_anchor": "now", **WAITING}).json
    call.clock.advance(HOUR)
    use(call, ada, 20)
    pay(call, waiting["latest_invoice"])
    use(call, ada, 4, call.fake.clock.now() + 1)
    call.clock.freeze(FEBRUARY + 10 * DAY + 2 * HOUR)
    assert fates(call, ada) == ["invoice 2", "invoice 3", "invoice 3"]
    assert invoices(call)[-1]["total"] == 1024


def test_usage_of_a_price_that_is_added_counts_from_the_payment_on(call: Call) -> None:
    ada, begun = poor(call)
    items = [{"price": metered(call)}, {"price": licensed(call, 300)}]
    waiting = update(call, begun, {"items": items, **WAITING}).json
    call.clock.advance(HOUR)
    use(call, ada, 5)
    call.clock.advance(1)
    pay(call, waiting["latest_invoice"])
    call.clock.advance(1)
    use(call, ada, 70)
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert fates(call, ada) == ["without a price", "invoice 3"]
    assert invoices(call)[-1]["total"] == 1370


def test_a_threshold_drops_the_change(call: Call) -> None:
    ada, begun = poor(call, licensed(call), metered(call), billing_thresholds={"amount_gte": 500})
    dearer(call, begun)
    use(call, ada, 600)
    after = now(call, begun)
    assert (amounts(after), after["pending_update"]) == ([1000, 1], None)
    assert [(each["billing_reason"], each["status"]) for each in invoices(call)][1:] == [
        ("subscription_update", "void"),
        ("subscription_threshold", "open"),
    ]


@pytest.mark.parametrize(("mode", "fate"), [("flexible", "invoice 3"), ("classic", None)])
def test_usage_between_a_change_that_removes_its_price_and_the_payment(call: Call, mode: str, fate: str | None) -> None:
    counter = meter(call)
    price = metered(call, counter)
    ada, begun = poor(call, price, licensed(call), billing_mode={"type": mode})
    other = metered(call, meter(call, "seconds"))
    items = [{"id": begun["items"]["data"][0]["id"], "price": other}, {"price": licensed(call, 300)}]
    waiting = update(call, begun, {"items": items, **WAITING}).json
    call.clock.advance(HOUR)
    use(call, ada, 20)
    pay(call, waiting["latest_invoice"])
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    assert fates(call, ada) == [fate or "replaced or removed in classic mode"]


# Other ways to pay


def test_a_change_is_made_although_it_is_not_paid(call: Call) -> None:
    _, begun = poor(call)
    changed = dearer(call, begun, payment_behavior="allow_incomplete")
    assert (amounts(changed), changed["status"], changed["pending_update"]) == ([5000], "past_due", None)


def test_a_change_is_refused_if_it_is_not_paid(call: Call) -> None:
    _, begun = poor(call)
    before, made = now(call, begun), len(events(call))
    items = [{"id": begun["items"]["data"][0]["id"], "quantity": 5}]
    terms = {"items": items, "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
    refused = update(call, begun, terms)
    assert (refused.status, refused.error["code"]) == (402, "card_declined")
    assert (now(call, begun), len(events(call)), len(invoices(call))) == (before, made, 1)


@pytest.mark.parametrize("method", [DECLINING, "pm_card_visa"])
def test_a_change_waits_for_a_confirmation(call: Call, method: str) -> None:
    begun = subscribe(call, customer(call), licensed(call))
    update(call, begun, {"default_payment_method": method})
    call.clock.advance(10 * DAY)
    changed = dearer(call, begun, payment_behavior="default_incomplete")
    assert (amounts(changed), changed["status"], changed["pending_update"]) == ([5000], "past_due", None)
    invoice = invoices(call)[-1]
    assert (invoice["status"], invoice["attempted"], invoice["attempt_count"]) == ("open", False, 0)
    assert "invoice.payment_failed" not in types(call)
    assert types(call)[-1] == "customer.subscription.updated"
    pay(call, invoice["id"])
    assert now(call, begun)["status"] == "active"


def test_an_items_change_waits_for_a_confirmation(call: Call) -> None:
    begun = subscribe(call, customer(call), licensed(call))
    call.clock.advance(10 * DAY)
    terms = {"proration_behavior": "always_invoice", "payment_behavior": "default_incomplete"}
    call.create(f"{ITEMS}/{begun['items']['data'][0]['id']}", {"quantity": 3, **terms})
    assert now(call, begun)["status"] == "past_due"
    call.create(ITEMS, {"subscription": begun["id"], "price": licensed(call, 300), **terms})
    assert [invoice["attempted"] for invoice in invoices(call)] == [True, False, False]


def test_a_change_that_costs_nothing_needs_no_confirmation(call: Call) -> None:
    begun = subscribe(call, customer(call), licensed(call))
    call.clock.advance(10 * DAY)
    changed = dearer(call, begun, 200, payment_behavior="default_incomplete")
    assert (amounts(changed), changed["status"], invoices(call)[-1]["status"]) == ([200], "active", "paid")


# Keeping


def test_a_snapshot_keeps_what_waits(call: Call) -> None:
    _, begun = poor(call)
    waiting = dearer(call, begun)
    kept = json.loads(json.dumps(call.fake.snapshot()))
    pay(call, waiting["latest_invoice"])
    paid = now(call, begun)
    call.fake.restore(kept)
    assert now(call, begun) == waiting
    pay(call, waiting["latest_invoice"])
    assert now(call, begun) == paid
    call.fake.restore(kept)
    call.clock.advance(23 * HOUR)
    assert now(call, begun)["pending_update"] is None


def test_on_a_test_clock_it_expires_by_that_clock(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    ada = customer(call, test_clock=clock)
    begun = subscribe(call, ada, licensed(call))
    call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": DECLINING}})
    advance = f"/v1/test_helpers/test_clocks/{clock}/advance"
    call.create(advance, {"frozen_time": NEW_YEAR + 10 * DAY})
    assert dearer(call, begun)["pending_update"]["expires_at"] == NEW_YEAR + 10 * DAY + 23 * HOUR
    call.clock.advance(2 * DAY)
    assert now(call, begun)["pending_update"] is not None
    call.create(advance, {"frozen_time": NEW_YEAR + 11 * DAY})
    assert now(call, begun)["pending_update"] is None


def test_a_preview_shows_what_comes_without_the_change(call: Call) -> None:
    ada, begun = poor(call, licensed(call), metered(call))
    use(call, ada, 300)
    update(call, begun, {"billing_cycle_anchor": "now", **WAITING})
    preview = call.create("/v1/invoices/create_preview", {"subscription": begun["id"]})
    assert (preview["total"], preview["period_end"]) == (1000, FEBRUARY)
    assert now(call, begun)["pending_update"] is not None


def test_the_payment_of_a_change_that_waits_is_not_tried_again(call: Call) -> None:
    call.fake.begin(now=NEW_YEAR, seed=1, retries=[1], after_retries="cancel")
    ada, begun = poor(call, metered(call))
    use(call, ada, 500)
    call.clock.freeze(FEBRUARY + 2 * HOUR)
    added = call.post(ITEMS, {"subscription": begun["id"], "price": licensed(call), **WAITING})
    assert added.status == 200
    waiting = now(call, begun)
    assert (waiting["status"], invoices(call)[-1]["next_payment_attempt"]) == ("past_due", None)


def test_a_metered_price_that_is_replaced_in_a_trial_counts_once_that_is_paid_for(call: Call) -> None:
    counter = meter(call)
    terms = {"trial_end": NEW_YEAR + 5 * DAY, "default_payment_method": DECLINING}
    ada = customer(call)
    begun = subscribe(call, ada, metered(call, counter), licensed(call), **terms)
    use(call, ada, 7)
    call.clock.advance(DAY)
    items = [{"id": begun["items"]["data"][0]["id"], "price": metered(call, counter, unit_amount=10)}]
    waiting = update(call, begun, {"items": items, "trial_end": "now", **WAITING}).json
    call.clock.advance(HOUR)
    use(call, ada, 20)
    call.clock.advance(HOUR)
    pay(call, waiting["latest_invoice"])
    call.clock.advance(HOUR)
    use(call, ada, 3)
    call.clock.freeze(FEBRUARY + DAY + 2 * HOUR)
    assert fates(call, ada) == ["in a trial", "in a trial", "invoice 3"]
    assert invoices(call)[-1]["total"] == 1030
