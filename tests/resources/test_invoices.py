"""Invoices: what is on them, when they are finalized, and what becomes of them."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import MARCH
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import attached
from tests.resources.shop import customer
from tests.resources.shop import events
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import one_time
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import types
from tests.resources.shop import use

INVOICES = "/v1/invoices"
GITPOD = [
    {"up_to": 1000, "unit_amount": 0, "flat_amount": 900},
    {"up_to": "inf", "unit_amount_decimal": "3.6", "flat_amount": 0},
]


def billed(call: Call, quantity: object, **terms: object) -> Tree:
    """The paid invoice for a month in which so much was used of a price on these terms."""
    ada = customer(call)
    subscribe(call, ada, metered(call, **terms))  # type: ignore[arg-type]
    if quantity is not None:
        use(call, ada, quantity)
    call.clock.freeze(FEBRUARY + HOUR)
    (invoice,) = invoices(call)
    assert invoice["status"] == "paid"
    return invoice


def drafted(call: Call, amount: int = 500, **terms: object) -> Tree:
    """A draft by hand, for a bare amount."""
    ada = customer(call)
    draft = call.create(INVOICES, {"customer": ada, **terms})
    call.create("/v1/invoiceitems", {"invoice": draft["id"], "amount": amount})
    return draft


# Lines


def test_a_tiered_month_reads_as_recorded(call: Call) -> None:
    """A test-mode invoice of 2022: a line for the units of each tier, and one for its flat fee."""
    invoice = billed(
        call,
        1031,
        billing_scheme="tiered",
        tiers_mode="graduated",
        tiers=GITPOD,
        product=product(call, "Gitpod Usage", unit_label="credit"),
    )
    assert lines(invoice) == [
        ("1000 credit × Gitpod Usage (Tier 1 at $0.00 / month)", 0),
        ("Gitpod Usage (Tier 1 at $9.00 / month)", 900),
        ("31 credit × Gitpod Usage (Tier 2 at $0.036 / month)", 112),
        ("Gitpod Usage (Tier 2 at $0.00 / month)", 0),
    ]
    assert [line["quantity"] for line in invoice["lines"]["data"]] == [1000, 0, 31, 0]
    assert (invoice["subtotal"], invoice["total"], invoice["amount_paid"]) == (1012, 1012, 1012)


def test_a_month_without_usage_costs_the_first_tiers_flat_fee(call: Call) -> None:
    """As recorded in 2020."""
    invoice = billed(call, None, billing_scheme="tiered", tiers_mode="graduated", tiers=GITPOD)
    assert lines(invoice) == [
        ("0 × Calls (Tier 1 at $0.00 / month)", 0),
        ("Calls (Tier 1 at $9.00 / month)", 900),
    ]


def test_all_units_of_a_volume_price_cost_what_the_last_tier_says(call: Call) -> None:
    tiers = [{"up_to": 10, "unit_amount": 10}, {"up_to": "inf", "unit_amount": 5, "flat_amount": 100}]
    invoice = billed(call, 11, billing_scheme="tiered", tiers_mode="volume", tiers=tiers)
    assert lines(invoice) == [
        ("11 × Calls (Tier 2 at $0.05 / month)", 55),
        ("Calls (Tier 2 at $1.00 / month)", 100),
    ]


@pytest.mark.parametrize(("rounding", "total"), [("up", 400), ("down", 300)])
def test_a_package_is_counted_whole(call: Call, rounding: str, total: int) -> None:
    package = {"divide_by": 100, "round": rounding}
    invoice = billed(call, "350.5", unit_amount=100, transform_quantity=package)
    assert lines(invoice) == [("350.5 × Calls (at $1.00 per 100 / month)", total)]
    line = invoice["lines"]["data"][0]
    assert (line["quantity"], line["quantity_decimal"]) == (350, "350.5")


@pytest.mark.parametrize(
    ("unit_amount", "used", "total"),
    [
        ("0.5", 1, 1),
        ("0.5", 3, 2),
        ("0.4", 1, 0),
        ("0.000000000001", 10**12, 1),
        ("0.1", "0.3", 0),
        ("33.3", "1.5", 50),
    ],
)
def test_amounts_are_exact_and_rounded_half_up_per_line(call: Call, unit_amount: str, used: object, total: int) -> None:
    assert billed(call, used, unit_amount_decimal=unit_amount)["total"] == total


def test_negative_usage_counts_as_none(call: Call) -> None:
    invoice = billed(call, -5)
    assert (lines(invoice), invoice["total"]) == ([("0 × Calls (at $0.01 / month)", 0)], 0)


def test_a_line_has_todays_shape(call: Call) -> None:
    ada, price = customer(call), metered(call)
    subscription = subscribe(call, ada, price, metadata={"a": "1"})
    use(call, ada, 42)
    call.clock.freeze(FEBRUARY)
    (invoice,) = invoices(call)
    (line,) = invoice["lines"]["data"]
    assert line["id"].startswith("il_")
    assert line == {
        "id": line["id"],
        "object": "line_item",
        "amount": 42,
        "currency": "usd",
        "description": "42 × Calls (at $0.01 / month)",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": subscription["items"]["data"][0]["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": FEBRUARY, "start": NEW_YEAR},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price, "product": call.get(f"/v1/prices/{price}").json["product"]},
            "type": "price_details",
            "unit_amount_decimal": "1",
        },
        "quantity": 42,
        "quantity_decimal": "42",
        "subtotal": 42,
        "taxes": [],
    }
    assert invoice["parent"] == {
        "quote_details": None,
        "subscription_details": {
            "metadata": {"a": "1"},
            "subscription": subscription["id"],
        },
        "type": "subscription_details",
    }


def test_several_prices_make_one_mixed_invoice(call: Call) -> None:
    ada, meter_id = customer(call), meter(call)
    tokens = meter(call, "tokens")
    subscribe(call, ada, licensed(call, 2000), metered(call, meter_id), metered(call, tokens, unit_amount=3))
    use(call, ada, 10)
    use(call, ada, 7, event_name="tokens")
    call.create("/v1/invoiceitems", {"customer": ada, "pricing": {"price": one_time(call)}})
    call.clock.freeze(FEBRUARY + HOUR)
    invoice = invoices(call)[-1]
    assert [amount for _, amount in lines(invoice)] == [500, 10, 21, 2000]
    assert [line["period"]["end"] for line in invoice["lines"]["data"]] == [NEW_YEAR, FEBRUARY, FEBRUARY, MARCH]
    assert invoice["total"] == 2531


def test_ten_lines_are_shown_and_all_are_listed(call: Call) -> None:
    draft = call.create(INVOICES, {"customer": customer(call)})["id"]
    for amount in range(12):
        call.create("/v1/invoiceitems", {"invoice": draft, "amount": amount})
    shown = call.get(f"{INVOICES}/{draft}").json["lines"]
    assert (len(shown["data"]), shown["has_more"], shown["total_count"]) == (10, True, 12)
    path = f"{INVOICES}/{draft}/lines"
    assert shown["url"] == path
    every = call.get(path, {"limit": 100}).json
    assert [line["amount"] for line in every["data"]] == list(range(12))
    assert (every["has_more"], every["url"], every["data"][0]["object"]) == (False, path, "line_item")
    ids = [line["id"] for line in every["data"]]
    rest = call.get(path, {"starting_after": ids[9]})
    assert (rest.ids, rest.json["has_more"]) == (ids[10:], False)
    some = call.get(path, {"starting_after": ids[2], "limit": 3})
    assert (some.ids, some.json["has_more"]) == (ids[3:6], True)
    before = call.get(path, {"ending_before": ids[5], "limit": 3})
    assert (before.ids, before.json["has_more"]) == (ids[2:5], True)
    assert call.get(path, {"ending_before": ids[1]}).json["has_more"] is False
    assert call.get(path, {"starting_after": "il_x"}).error["param"] == "starting_after"
    both = call.get(path, {"starting_after": ids[0], "ending_before": ids[1]})
    assert both.error["message"].startswith("Received both ")
    unknown = call.get(path, {"starting_after": ids[0], "ending_before": "il_x"})
    assert (unknown.status, unknown.error["param"]) == (400, "ending_before")
    assert call.get(f"{INVOICES}/in_x/lines").status == 404


# The cycle's invoice


def test_a_cycle_invoice_is_a_draft_for_an_hour(call: Call) -> None:
    ada = customer(call, name="Ada", email="ada@example.com", address={"city": "London"}, phone="1")
    subscribe(call, ada, metered(call))
    use(call, ada, 50)
    call.clock.freeze(FEBRUARY)
    (draft,) = invoices(call)
    assert (draft["status"], draft["number"], draft["created"]) == ("draft", None, FEBRUARY)
    assert (draft["billing_reason"], draft["auto_advance"]) == ("subscription_cycle", True)
    assert (draft["period_start"], draft["period_end"]) == (NEW_YEAR, FEBRUARY)
    assert draft["automatically_finalizes_at"] == draft["next_payment_attempt"] == FEBRUARY + HOUR
    assert (draft["hosted_invoice_url"], draft["ending_balance"], draft["effective_at"]) == (None, None, None)
    call.clock.advance(HOUR - 1)
    assert invoices(call)[0]["status"] == "draft"
    call.clock.advance(1)
    (paid,) = invoices(call)
    assert (paid["status"], paid["amount_due"], paid["amount_paid"], paid["amount_remaining"]) == ("paid", 50, 50, 0)
    assert paid["status_transitions"] == {
        "finalized_at": FEBRUARY + HOUR,
        "marked_uncollectible_at": None,
        "paid_at": FEBRUARY + HOUR,
        "voided_at": None,
    }
    prefix = call.get(f"/v1/customers/{ada}").json["invoice_prefix"]
    assert (paid["number"], paid["effective_at"], paid["attempt_count"]) == (f"{prefix}-0001", FEBRUARY + HOUR, 1)
    assert (paid["attempted"], paid["auto_advance"], paid["automatically_finalizes_at"]) == (True, False, None)
    page = f"{call.fake.url}/_fakestripe/page/invoices/{paid['id']}"
    linked = invoices(call)[0]  # now that a server listens
    assert (linked["hosted_invoice_url"], linked["invoice_pdf"]) == (page, f"{page}/pdf")
    assert (paid["customer_name"], paid["customer_address"]["city"], paid["customer_phone"]) == ("Ada", "London", "1")
    assert paid["id"] == draft["id"]
    assert [line["id"] for line in paid["lines"]["data"]] == [line["id"] for line in draft["lines"]["data"]]
    assert types(call, "invoice.*", "customer.subscription.*") == [
        "invoice.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_usage_that_arrives_before_finalization_is_billed_and_later_usage_nowhere(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call))
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY + HOUR - 1)
    use(call, ada, 30, FEBRUARY - 1)
    use(call, ada, 200, FEBRUARY)
    assert invoices(call)[0]["total"] == 35
    call.clock.advance(1)
    use(call, ada, 4000, FEBRUARY - 1)
    call.clock.freeze(MARCH + HOUR)
    assert [invoice["total"] for invoice in invoices(call)] == [35, 200]


def test_cancelled_usage_leaves_a_draft_and_no_finalized_invoice(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call))
    call.clock.freeze(FEBRUARY - 60)
    first, second = (use(call, ada, value).json["identifier"] for value in (5, 70))
    call.clock.freeze(FEBRUARY)
    adjustments = "/v1/billing/meter_event_adjustments"
    call.create(adjustments, {"type": "cancel", "event_name": "calls", "cancel": {"identifier": first}})
    assert invoices(call)[0]["total"] == 70
    call.clock.advance(HOUR)
    call.create(adjustments, {"type": "cancel", "event_name": "calls", "cancel": {"identifier": second}})
    assert invoices(call)[0]["total"] == 70


@pytest.mark.parametrize("hours", [0, 72])
def test_the_grace_period_can_be_set(call: Call, hours: int) -> None:
    call.fake.begin(now=NEW_YEAR, finalization_grace=hours * HOUR)
    ada = customer(call)
    subscribe(call, ada, metered(call))
    call.clock.freeze(FEBRUARY + max(0, hours * HOUR - 1))
    use(call, ada, 5, FEBRUARY - 1)
    call.clock.freeze(FEBRUARY + hours * HOUR)
    (invoice,) = invoices(call)
    assert (invoice["status"], invoice["total"]) == ("paid", 5 if hours else 0)


def test_a_lag_hides_usage_from_previews_and_from_an_invoice_that_is_finalized_meanwhile(call: Call) -> None:
    ada = customer(call)
    about = {"subscription": subscribe(call, ada, metered(call))["id"]}
    call.fake.engine.world.settings.lag_ns = 60 * 10**9
    use(call, ada, 5)
    assert call.create(f"{INVOICES}/create_preview", about)["total"] == 0
    call.clock.advance(60)
    assert call.create(f"{INVOICES}/create_preview", about)["total"] == 5
    call.clock.freeze(FEBRUARY + HOUR - 30)
    use(call, ada, 70, FEBRUARY - 1)
    call.clock.freeze(MARCH)
    assert invoices(call)[0]["total"] == 5


def test_numbers_go_up_by_customer(call: Call) -> None:
    ada = customer(call, invoice_prefix="ADA", next_invoice_sequence=7)
    subscribe(call, ada, licensed(call))
    call.clock.freeze(MARCH + HOUR)
    assert [invoice["number"] for invoice in invoices(call)] == ["ADA-0007", "ADA-0008", "ADA-0009"]
    assert call.get(f"/v1/customers/{ada}").json["next_invoice_sequence"] == 10


def test_a_balance_is_used_up(call: Call) -> None:
    ada = customer(call, balance=-1500)
    subscribe(call, ada, licensed(call, 1000))
    changes = events(call, "customer.updated")
    call.clock.freeze(FEBRUARY)
    assert invoices(call)[-1]["amount_due"] == 500
    call.clock.advance(HOUR)
    first, second = invoices(call)
    assert (first["total"], first["amount_due"], first["starting_balance"], first["ending_balance"]) == (
        1000,
        0,
        -1500,
        -500,
    )
    assert (second["amount_due"], second["amount_paid"], second["ending_balance"]) == (500, 500, 0)
    changes += events(call, "customer.updated")
    assert [change["data"]["previous_attributes"] for change in changes] == [{"balance": -1500}, {"balance": -500}]


def test_what_the_customer_owes_is_added(call: Call) -> None:
    ada = customer(call, balance=300)
    subscribe(call, ada, licensed(call, 1000))
    assert (invoices(call)[0]["total"], invoices(call)[0]["amount_due"]) == (1000, 1300)
    assert call.get(f"/v1/customers/{ada}").json["balance"] == 0


# By hand


def test_a_draft_by_hand(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)
    terms = {"description": "Thanks", "footer": "Bye", "metadata": {"a": "1"}, "default_payment_method": method}
    draft = call.create(INVOICES, {"customer": ada, **terms})
    assert {name: draft[name] for name in terms} == terms
    assert (draft["status"], draft["billing_reason"], draft["auto_advance"]) == ("draft", "manual", False)
    assert (draft["currency"], draft["parent"], draft["automatically_finalizes_at"]) == ("usd", None, None)
    call.clock.freeze(MARCH)
    assert invoices(call)[0]["status"] == "draft"


def test_waiting_items_are_taken_if_asked_for(call: Call) -> None:
    ada = customer(call)
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 5})
    assert call.create(INVOICES, {"customer": ada})["total"] == 0
    taken = call.create(INVOICES, {"customer": ada, "pending_invoice_items_behavior": "include"})
    assert taken["total"] == 5


def test_a_subscriptions_waiting_items_can_be_invoiced_early(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, metered(call))
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 5, "subscription": subscription["id"]})
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 70})
    draft = call.create(INVOICES, {"customer": ada, "subscription": subscription["id"]})
    assert (draft["total"], draft["parent"]["subscription_details"]["subscription"]) == (5, subscription["id"])


def test_a_draft_that_advances_by_itself_is_paid_after_an_hour(call: Call) -> None:
    drafted(call, auto_advance=True)
    call.clock.advance(HOUR)
    assert invoices(call)[0]["status"] == "paid"


def test_a_draft_can_be_held_back_and_let_go(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, metered(call))
    call.clock.freeze(FEBRUARY)
    path = f"{INVOICES}/{invoices(call)[0]['id']}"
    held = call.create(path, {"auto_advance": False})
    assert (held["auto_advance"], held["automatically_finalizes_at"]) == (False, None)
    call.clock.advance(10 * DAY)
    use(call, ada, 5, FEBRUARY - 1)
    assert call.create(path, {"auto_advance": True})["automatically_finalizes_at"] == FEBRUARY + 10 * DAY + HOUR
    call.clock.advance(HOUR)
    assert (invoices(call)[0]["status"], invoices(call)[0]["total"]) == ("paid", 5)


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({}, "customer"),
        ({"customer": "cus_x"}, "customer"),
        ({"customer": "ADA", "subscription": "sub_x"}, "subscription"),
        ({"customer": "ADA", "subscription": "BOBS"}, "subscription"),
        ({"customer": "ADA", "currency": "nope"}, "currency"),
        ({"customer": "ADA", "collection_method": "pigeon"}, "collection_method"),
    ],
)
def test_a_wrong_draft_is_refused_with_its_param(call: Call, terms: dict[str, str], param: str) -> None:
    names = {"ADA": customer(call), "BOBS": subscribe(call, customer(call), metered(call))["id"]}
    refused = call.post(INVOICES, {name: names.get(value, value) for name, value in terms.items()})
    assert (refused.status, refused.error["param"]) == (400, param)
    assert invoices(call) == []


def test_a_draft_changes_and_a_finalized_invoice_only_its_metadata(call: Call) -> None:
    draft = drafted(call, collection_method="send_invoice", days_until_due=7)
    path = f"{INVOICES}/{draft['id']}"
    changed = call.create(path, {"description": "New", "metadata": {"a": "1"}, "due_date": MARCH})
    assert (changed["description"], changed["metadata"], changed["due_date"]) == ("New", {"a": "1"}, MARCH)
    assert types(call)[-1] == "invoice.updated"
    method = attached(call, draft["customer"])
    for name, value in {"description": "x", "default_payment_method": method, "footer": "x"}.items():
        assert call.create(path, {name: value})[name] == value
        assert call.create(path, {name: ""})[name] is None
    call.create(f"{path}/finalize")
    assert call.create(path, {"metadata": {"b": "2"}})["metadata"] == {"a": "1", "b": "2"}
    assert call.post(path, {"description": "Too late"}).status == 400


# What becomes of it


def test_finalizing_by_hand_leaves_it_open(call: Call) -> None:
    path = f"{INVOICES}/{drafted(call)['id']}"
    opened = call.create(f"{path}/finalize")
    assert (opened["status"], opened["amount_due"], opened["attempted"]) == ("open", 500, False)
    refused = call.post(f"{path}/finalize")
    assert refused.status == 400
    assert "already finalized" in refused.error["message"]


def test_finalizing_with_auto_advance_collects(call: Call) -> None:
    paid = call.create(f"{INVOICES}/{drafted(call)['id']}/finalize", {"auto_advance": True})
    assert (paid["status"], paid["amount_paid"]) == ("paid", 500)


def test_nothing_due_is_paid_at_once(call: Call) -> None:
    paid = call.create(f"{INVOICES}/{drafted(call, 0)['id']}/finalize")
    assert (paid["status"], paid["attempt_count"], paid["attempted"]) == ("paid", 0, True)


def test_an_open_invoice_is_paid(call: Call) -> None:
    path = f"{INVOICES}/{drafted(call)['id']}"
    call.create(f"{path}/finalize")
    paid = call.create(f"{path}/pay")
    assert (paid["status"], paid["amount_paid"], paid["amount_remaining"]) == ("paid", 500, 0)
    assert types(call, "invoice.*")[-3:] == ["invoice.updated", "invoice.paid", "invoice.payment_succeeded"]
    again = call.post(f"{path}/pay")
    assert (again.status, again.error["message"]) == (400, "Invoice is already paid")


def test_a_draft_is_finalized_to_be_paid(call: Call) -> None:
    assert call.create(f"{INVOICES}/{drafted(call)['id']}/pay")["status"] == "paid"
    assert call.create(f"{INVOICES}/{drafted(call, -5)['id']}/pay")["amount_due"] == 0


def test_a_draft_with_nothing_due_is_paid_once_whatever_the_payment_method(call: Call) -> None:
    draft = drafted(call, -5)
    call.create(f"/v1/customers/{draft['customer']}", {"invoice_settings": {"default_payment_method": DECLINING}})
    assert call.create(f"{INVOICES}/{draft['id']}/pay")["status"] == "paid"
    assert types(call, "invoice.paid", "invoice.payment_failed") == ["invoice.paid"]


def test_the_customer_of_an_invoice_can_be_expanded_with_its_clock(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    ada = customer(call, test_clock=clock)
    shown = call.create(INVOICES, {"customer": ada, "expand": ["customer.test_clock"]})
    assert shown["customer"]["test_clock"]["id"] == clock


@pytest.mark.parametrize("declining", [DECLINING, "pm_card_radarBlock"])
def test_a_declined_payment_is_a_402_and_can_be_tried_again(call: Call, declining: str) -> None:
    path = f"{INVOICES}/{drafted(call)['id']}"
    refused = call.post(f"{path}/pay", {"payment_method": declining})
    assert (refused.status, refused.error["type"], refused.error["code"]) == (402, "card_error", "card_declined")
    assert refused.headers["Stripe-Should-Retry"] == "false"
    still_open = call.get(path).json
    assert (still_open["status"], still_open["attempt_count"], still_open["attempted"]) == ("open", 1, True)
    assert types(call, "invoice.*")[-1] == "invoice.payment_failed"
    paid = call.create(f"{path}/pay", {"payment_method": "pm_card_visa"})
    assert (paid["status"], paid["attempt_count"]) == ("paid", 1)  # on request, only the first try counts


def test_a_payment_elsewhere_counts(call: Call) -> None:
    ada = customer(call, invoice_settings={"default_payment_method": DECLINING})
    draft = call.create(INVOICES, {"customer": ada})
    call.create("/v1/invoiceitems", {"invoice": draft["id"], "amount": 500})
    paid = call.create(f"{INVOICES}/{draft['id']}/pay", {"paid_out_of_band": True})
    assert (paid["status"], paid["amount_paid_off_stripe"], paid["attempt_count"]) == ("paid", 500, 0)


def test_a_sent_invoice_waits_for_its_payment(call: Call) -> None:
    path = f"{INVOICES}/{drafted(call, collection_method='send_invoice', days_until_due=7)['id']}"
    sent = call.create(f"{path}/send")
    assert (sent["status"], sent["due_date"]) == ("open", NEW_YEAR + 7 * DAY)
    assert types(call, "invoice.*")[-2:] == ["invoice.finalized", "invoice.sent"]
    assert call.create(f"{path}/send")["status"] == "open"
    assert call.get(INVOICES, {"due_date": {"gt": NEW_YEAR}}).ids == [sent["id"]]
    assert call.create(f"{path}/pay")["status"] == "paid"


def test_a_void_invoice_counts_for_nothing(call: Call) -> None:
    path = f"{INVOICES}/{drafted(call)['id']}"
    assert call.post(f"{path}/void").status == 400
    call.create(f"{path}/finalize")
    void = call.create(f"{path}/void")
    assert (void["status"], void["status_transitions"]["voided_at"]) == ("void", NEW_YEAR)
    assert types(call)[-1] == "invoice.voided"
    for action in ("pay", "void", "finalize", "mark_uncollectible"):
        assert call.post(f"{path}/{action}").status == 400


def test_voiding_gives_a_used_balance_back(call: Call) -> None:
    ada = customer(call, balance=-200)
    draft = call.create(INVOICES, {"customer": ada})["id"]
    call.create("/v1/invoiceitems", {"invoice": draft, "amount": 500})
    assert call.create(f"{INVOICES}/{draft}/finalize")["amount_due"] == 300
    call.create(f"{INVOICES}/{draft}/void")
    assert call.get(f"/v1/customers/{ada}").json["balance"] == -200


def test_an_uncollectible_invoice_can_still_be_paid_or_voided(call: Call) -> None:
    for action, status in (("pay", "paid"), ("void", "void")):
        path = f"{INVOICES}/{drafted(call)['id']}"
        assert call.post(f"{path}/mark_uncollectible").status == 400
        call.create(f"{path}/finalize")
        given_up = call.create(f"{path}/mark_uncollectible")
        assert given_up["status_transitions"]["marked_uncollectible_at"] == NEW_YEAR
        assert (given_up["status"], types(call)[-1]) == ("uncollectible", "invoice.marked_uncollectible")
        assert given_up["auto_advance"] is False
        assert call.create(f"{path}/{action}")["status"] == status


def test_a_draft_by_hand_can_be_deleted_and_its_items_with_it(call: Call) -> None:
    draft = drafted(call)
    path = f"{INVOICES}/{draft['id']}"
    assert call.delete(path).json == {"id": draft["id"], "object": "invoice", "deleted": True}
    assert call.get(path).error["message"] == f"No such invoice: '{draft['id']}'"
    assert types(call)[-1] == "invoice.deleted"
    [item] = call.get("/v1/invoiceitems").json["data"]
    assert item["invoice"] == draft["id"]
    again = call.create(INVOICES, {"customer": draft["customer"], "pending_invoice_items_behavior": "include"})
    assert again["total"] == 0
    changed = call.post(f"/v1/invoiceitems/{item['id']}", {"description": "x"})
    assert (changed.status, changed.error["message"]) == (400, "This invoice item has been deleted.")
    deleted = call.delete(f"/v1/invoiceitems/{item['id']}")
    sentence = "Can't delete an invoice item that is attached to an invoice that is no longer editable"
    assert (deleted.status, deleted.error["message"]) == (400, sentence)
    assert call.get(f"/v1/invoiceitems/{item['id']}").json == item


def test_other_invoices_cannot_be_deleted(call: Call) -> None:
    opened = drafted(call)["id"]
    call.create(f"{INVOICES}/{opened}/finalize")
    assert call.delete(f"{INVOICES}/{opened}").status == 400
    subscribe(call, customer(call), metered(call))
    call.clock.freeze(FEBRUARY)
    draft = call.get(INVOICES, {"status": "draft"}).ids[0]
    assert call.delete(f"{INVOICES}/{draft}").status == 400


# List and retrieve


def test_invoices_are_listed_newest_first_and_filtered(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    first = call.create(INVOICES, {"customer": ada})["id"]
    call.clock.advance(1)
    subscription = subscribe(call, bob, licensed(call))
    second = subscription["latest_invoice"]
    third = call.create(INVOICES, {"customer": bob, "collection_method": "send_invoice", "days_until_due": 1})["id"]
    assert call.get(INVOICES).ids == [third, second, first]
    assert call.get(INVOICES, {"customer": bob}).ids == [third, second]
    assert call.get(INVOICES, {"subscription": subscription["id"]}).ids == [second]
    assert call.get(INVOICES, {"status": "paid"}).ids == [second]
    assert call.get(INVOICES, {"collection_method": "send_invoice"}).ids == [third]
    assert call.get(INVOICES, {"created": {"lte": NEW_YEAR}}).ids == [first]
    assert call.get(INVOICES, {"limit": 1, "starting_after": third}).ids == [second]


def test_an_unknown_invoice_is_not_found(call: Call) -> None:
    path = f"{INVOICES}/in_x"
    by_name = [call.get(path), call.delete(path), call.post(f"{path}/send"), call.get(f"{path}/lines")]
    actions = ("finalize", "pay", "void", "mark_uncollectible")
    by_id = [call.post(path), *(call.post(f"{path}/{action}") for action in actions)]
    for param, answers in (("invoice", by_name), ("id", by_id)):
        for answer in answers:
            assert (answer.status, answer.error["message"]) == (404, "No such invoice: 'in_x'")
            assert (answer.error["code"], answer.error["param"]) == ("resource_missing", param)


# Previews


def preview(call: Call, **terms: Any) -> Tree:  # noqa: ANN401  parameters of any kind
    return call.create(f"{INVOICES}/create_preview", terms)


def test_a_preview_shows_the_next_invoice_and_does_nothing(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call, 2000), metered(call))
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 70, "currency": "usd", "description": "Extra"})
    use(call, ada, 5)
    before = (call.get("/v1/events").ids, call.get("/v1/subscriptions").json, call.get(INVOICES).json)
    shown = preview(call, subscription=subscription["id"])
    assert lines(shown) == [
        ("Extra", 70),
        ("5 × Calls (at $0.01 / month)", 5),
        ("1 × Seat (at $20.00 / month)", 2000),
    ]
    assert (shown["status"], shown["billing_reason"], shown["total"]) == ("draft", "upcoming", 2075)
    assert (shown["period_start"], shown["period_end"], shown["created"]) == (NEW_YEAR, FEBRUARY, FEBRUARY)
    assert shown["next_payment_attempt"] == FEBRUARY + HOUR
    assert shown["id"].startswith("upcoming_in_")
    assert {line["id"][:7] for line in shown["lines"]["data"]} == {"il_tmp_"}
    assert preview(call, customer=ada, subscription=subscription["id"]) == shown
    assert (call.get("/v1/events").ids, call.get("/v1/subscriptions").json, call.get(INVOICES).json) == before
    assert call.get(f"{INVOICES}/{shown['id']}").status == 404
    call.clock.freeze(FEBRUARY)
    assert lines(invoices(call)[-1]) == lines(shown)


def test_of_several_subscriptions_the_one_that_turns_first_is_previewed(call: Call) -> None:
    ada = customer(call)
    subscribe(call, ada, licensed(call, 1))
    subscribe(call, ada, licensed(call, 2, interval="week"))
    assert call.create(f"{INVOICES}/create_preview", {"customer": ada}, version="2025-02-24.acacia")["total"] == 2


def test_a_preview_can_change_the_items(call: Call) -> None:
    ada = customer(call)
    seat = licensed(call, 3100)
    subscription = subscribe(call, ada, seat)
    item = subscription["items"]["data"][0]["id"]
    call.clock.advance(10 * DAY)
    details = {"items": [{"id": item, "quantity": 2}]}
    shown = preview(call, subscription=subscription["id"], subscription_details=details)
    assert [amount for _, amount in lines(shown)] == [-2100, 4200, 6200]
    unprorated = preview(
        call, subscription=subscription["id"], subscription_details={**details, "proration_behavior": "none"}
    )
    assert [amount for _, amount in lines(unprorated)] == [6200]
    assert call.get("/v1/invoiceitems").ids == []
    assert call.get(f"/v1/subscriptions/{subscription['id']}").json == subscription


def test_a_preview_of_another_interval_is_due_now_in_classic_billing(call: Call) -> None:
    ada, meter_id = customer(call), meter(call)
    subscription = subscribe(call, ada, metered(call, meter_id), billing_mode={"type": "classic"})
    use(call, ada, 40)
    call.clock.advance(DAY)
    item = subscription["items"]["data"][0]["id"]
    details = {"items": [{"id": item, "price": metered(call, meter_id, interval="year")}]}
    shown = preview(call, subscription=subscription["id"], subscription_details=details)
    assert (shown["created"], lines(shown)) == (NEW_YEAR + DAY, [("40 × Calls (at $0.01 / month)", 40)])


def test_a_preview_of_another_interval_within_a_trial_is_due_at_the_trials_end(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call), trial_period_days=10)
    item = subscription["items"]["data"][0]["id"]
    details = {"items": [{"id": item, "price": licensed(call, 9000, interval="year")}]}
    shown = preview(call, subscription=subscription["id"], subscription_details=details)
    assert (shown["created"], shown["total"]) == (NEW_YEAR + 10 * DAY, 9000)


def test_a_preview_can_end_the_subscription(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call), metered(call))
    use(call, ada, 40)
    call.clock.advance(DAY)
    usage = [("40 × Calls (at $0.01 / month)", 40)]
    unused = ("Unused time on Seat after 06 Jan 2025", -839)
    terms: list[tuple[dict[str, object], int, list[tuple[str, int]]]] = [
        ({"cancel_at_period_end": True}, FEBRUARY, usage),
        ({"cancel_at": NEW_YEAR + 5 * DAY}, NEW_YEAR + 5 * DAY, [unused, *usage]),
        ({"cancel_now": True, "proration_behavior": "none"}, NEW_YEAR + DAY, usage),
    ]
    for details, ends, expected in terms:
        shown = preview(call, subscription=subscription["id"], subscription_details=details)
        assert (lines(shown), shown["period_end"]) == (expected, ends)
    call.create(f"/v1/subscriptions/{subscription['id']}", {"cancel_at_period_end": True})
    assert lines(preview(call, subscription=subscription["id"])) == usage


def test_a_preview_of_a_trial_shows_the_first_paid_period(call: Call) -> None:
    ada = customer(call)
    subscription = subscribe(call, ada, licensed(call), metered(call), trial_period_days=10)
    use(call, ada, 40)
    shown = preview(call, subscription=subscription["id"])
    free = [("Free trial for 40 × Calls", 0)]
    assert (lines(shown), shown["created"]) == ([*free, ("1 × Seat (at $10.00 / month)", 1000)], NEW_YEAR + 10 * DAY)
    ended = preview(call, subscription=subscription["id"], subscription_details={"trial_end": "now"})
    assert (lines(ended), ended["created"]) == (lines(shown), NEW_YEAR)
    longer = preview(call, subscription=subscription["id"], subscription_details={"trial_end": MARCH})
    assert (lines(longer), longer["created"]) == (lines(shown), MARCH)


def test_a_preview_of_a_new_subscription_is_what_its_first_invoice_is_then(call: Call) -> None:
    ada, seat = customer(call), licensed(call)
    call.create("/v1/invoiceitems", {"customer": ada, "amount": 250, "currency": "usd", "description": "Set-up"})
    shown = preview(call, customer=ada, subscription_details={"items": [{"price": seat, "quantity": 2}]})
    created = subscribe(call, ada, {"price": seat, "quantity": 2}, expand=["latest_invoice"])["latest_invoice"]
    assert lines(shown) == lines(created) == [("Set-up", 250), ("2 × Seat (at $10.00 / month)", 2000)]


def test_a_preview_refuses_what_the_update_refuses(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call))["id"]
    for details in (
        {"cancel_at": NEW_YEAR - 1},
        {"cancel_at": FEBRUARY, "cancel_at_period_end": True},
        {"trial_end": 1},
    ):
        shown = call.post(
            "/v1/invoices/create_preview", {"subscription": subscription, "subscription_details": details}
        )
        done = call.post(f"/v1/subscriptions/{subscription}", details)
        assert (shown.status, done.status) == (400, 400)
        within = f"subscription_details[{done.error['param']}]"
        assert shown.error["param"] == within
        assert shown.error["message"].replace("subscription_details[", "").replace("]", "") == done.error["message"]


def test_a_preview_of_a_new_subscription_refuses_a_trial_that_is_over(call: Call) -> None:
    details = {"items": [{"price": licensed(call)}], "trial_end": NEW_YEAR}
    shown = call.post(f"{INVOICES}/create_preview", {"customer": customer(call), "subscription_details": details})
    assert (shown.status, shown.error["param"]) == (400, "subscription_details[trial_end]")


def test_a_preview_of_a_new_subscription_shows_its_first_invoice(call: Call) -> None:
    ada = customer(call)
    items = [{"price": licensed(call), "quantity": 2}, {"price": metered(call)}]
    shown = preview(call, customer=ada, subscription_details={"items": items})
    assert (lines(shown), shown["parent"]) == ([("2 × Seat (at $10.00 / month)", 2000)], None)
    assert call.get("/v1/subscriptions").ids == []


@pytest.mark.parametrize(
    ("terms", "param"),
    [
        ({"customer": "cus_x", "subscription_details": {"items": [{"price": "price_x"}]}}, "customer"),
        ({"subscription": "sub_x"}, "subscription"),
        ({"subscription": "SUB", "customer": "BOB"}, "customer"),
        ({"subscription": "OVER"}, None),
        (
            {"subscription": "SUB", "subscription_details": {"items": [{"id": "si_x"}]}},
            "subscription_details[items][0][id]",
        ),
        (
            {"customer": "BOB", "subscription_details": {"items": [{"price": "price_x"}]}},
            "subscription_details[items][0][price]",
        ),
    ],
)
def test_a_wrong_preview_is_refused(call: Call, terms: Tree, param: str | None) -> None:
    ada, price = customer(call), metered(call)
    over = subscribe(call, ada, price)["id"]
    call.delete(f"/v1/subscriptions/{over}")
    names = {"BOB": customer(call), "SUB": subscribe(call, ada, price)["id"], "OVER": over}
    sent = {name: names.get(str(value), value) for name, value in terms.items()}
    refused = call.post(f"{INVOICES}/create_preview", sent)
    assert (refused.status, refused.error.get("param")) == (400, param)
    if param is None:
        assert refused.error["code"] == "invoice_upcoming_none"


@pytest.mark.parametrize("word", ["max_period_end", "min_period_end"])
def test_a_preview_may_name_the_end_of_the_period(call: Call, word: str) -> None:
    subscription = subscribe(call, customer(call), licensed(call), metered(call))["id"]

    def previewed(**details: object) -> dict[str, Any]:
        terms = {"subscription": subscription, "subscription_details": details}
        shown = call.create(f"{INVOICES}/create_preview", terms)
        return shown | {"lines": shown["lines"]["data"]}

    by_name = previewed(cancel_at=word)
    assert by_name == previewed(cancel_at=FEBRUARY)
    assert len(by_name["lines"]) == 1
    assert len(previewed()["lines"]) == 2
    wrong = {"subscription": subscription, "subscription_details": {"cancel_at": "soon"}}
    assert call.post(f"{INVOICES}/create_preview", wrong).error["param"] == "subscription_details[cancel_at]"
