"""What was possible once and no longer is, or is too much by now: refused with its sentence."""

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import DECLINING
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import invoices
from tests.resources.shop import licensed
from tests.resources.shop import meter
from tests.resources.shop import metered
from tests.resources.shop import product
from tests.resources.shop import subscribe
from tests.resources.shop import use

CLOCKS, INVOICES, ITEMS = "/v1/test_helpers/test_clocks", "/v1/invoices", "/v1/invoiceitems"
GRANTS, ALERTS = "/v1/billing/credit_grants", "/v1/billing/alerts"
GRANT = {
    "category": "paid",
    "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 1000}},
    "applicability_config": {"scope": {"price_type": "metered"}},
}


def said(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error["message"]


def test_a_canceled_subscription_keeps_all_but_its_metadata(call: Call) -> None:
    created = subscribe(call, customer(call), licensed(call))
    path, item = f"/v1/subscriptions/{created['id']}", created["items"]["data"][0]["id"]
    call.delete(path)
    ended = "A canceled subscription can only update its cancellation_details and metadata."
    for refused in (
        call.post(path, {"description": "x"}),
        call.post(path, {"cancel_at_period_end": True}),
        call.post(f"/v1/subscription_items/{item}", {"quantity": 3}),
    ):
        assert said(refused) == (400, ended)
        assert refused.error["code"] == "invalid_canceled_subscription_fields"
    assert call.create(path, {"metadata": {"a": "b"}})["metadata"] == {"a": "b"}
    assert said(call.delete(path)) == (404, f"No such subscription: '{created['id']}'")


def test_each_status_of_an_invoice_allows_some_actions(call: Call) -> None:
    ada = customer(call)
    call.create(ITEMS, {"customer": ada, "amount": 70, "currency": "usd"})
    invoice = call.create(INVOICES, {"customer": ada, "pending_invoice_items_behavior": "include"})
    path = f"{INVOICES}/{invoice['id']}"
    not_open = (400, "You can only pass in open invoices. This invoice isn't open.")
    assert said(call.post(f"{path}/void")) == not_open
    assert said(call.post(f"{path}/mark_uncollectible")) == not_open
    call.create(f"{path}/finalize")
    again = "This invoice is already finalized, you can't re-finalize a non-draft invoice."
    assert said(call.post(f"{path}/finalize")) == (400, again)
    late = call.post(path, {"footer": "x", "due_date": FEBRUARY, "description": "x"})
    assert said(late) == (400, "Finalized invoices can't be updated in this way")
    assert (late.error["param"], "code" in late.error) == ("description", False)
    assert said(call.delete(path)) == (400, "You can only delete draft invoices.")
    declined = call.post(f"{path}/pay", {"payment_method": DECLINING})
    assert said(declined) == (402, "Your card was declined.")
    assert (declined.error["type"], declined.error["code"]) == ("card_error", "card_declined")
    call.create(f"{path}/pay")
    paid = call.post(f"{path}/pay")
    assert (said(paid), "code" in paid.error) == ((400, "Invoice is already paid"), False)
    assert said(call.post(f"{path}/void")) == (400, "Invoices with `paid` payments cannot be voided.")
    assert said(call.post(f"{path}/mark_uncollectible")) == not_open
    unsent = (
        "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, "
        "so we can help."
    )
    assert said(call.post(f"{path}/send")) == (400, unsent)
    other = call.create(INVOICES, {"customer": ada})["id"]
    call.create(ITEMS, {"customer": ada, "amount": 70, "currency": "usd", "invoice": other})
    call.create(f"{INVOICES}/{other}/finalize")
    call.create(f"{INVOICES}/{other}/void")
    for action in ("pay", "void", "mark_uncollectible"):
        assert said(call.post(f"{INVOICES}/{other}/{action}")) == not_open
    assert said(call.post(f"{INVOICES}/{other}/send")) == (400, unsent)


def test_an_invoice_is_given_up_once(call: Call) -> None:
    draft = call.create(INVOICES, {"customer": customer(call)})["id"]
    call.create(ITEMS, {"amount": 70, "invoice": draft})
    call.create(f"{INVOICES}/{draft}/finalize")
    call.create(f"{INVOICES}/{draft}/mark_uncollectible")
    again = call.post(f"{INVOICES}/{draft}/mark_uncollectible")
    assert said(again) == (400, "This invoice has already been marked uncollectible.")
    assert call.post(f"{INVOICES}/{draft}/send").status == 400


def test_what_is_on_an_invoice_stays_on_it(call: Call) -> None:
    ada = customer(call)
    item = call.create(ITEMS, {"customer": ada, "amount": 70, "currency": "usd"})
    subscribe(call, ada, metered(call))
    call.clock.freeze(FEBRUARY)
    draft = invoices(call)[-1]
    deletion = (400, "You can't delete invoices created by subscriptions.")
    assert said(call.delete(f"{INVOICES}/{draft['id']}")) == deletion
    call.clock.advance(HOUR)
    assert said(call.post(f"{ITEMS}/{item['id']}", {"amount": 5})) == (400, "This invoice item has been deleted.")
    attached = "Can't delete an invoice item that is attached to an invoice that is no longer editable"
    assert said(call.delete(f"{ITEMS}/{item['id']}")) == (400, attached)
    more = call.post(ITEMS, {"customer": ada, "invoice": draft["id"], "amount": 5})
    assert said(more) == (400, "Invalid invoice: This invoice is no longer editable")
    assert (more.error["code"], "param" in more.error) == ("invoice_not_editable", False)


def test_nothing_is_upcoming_without_a_subscription(call: Call) -> None:
    ada = customer(call)
    refused = call.post(f"{INVOICES}/create_preview", {"customer": ada}, version="2025-02-24.acacia")
    assert said(refused) == (400, f"No upcoming invoices for customer: {ada}")
    assert refused.error["code"] == "invoice_upcoming_none"


def test_a_product_with_a_price_and_a_taken_lookup_key_stay(call: Call) -> None:
    sold = product(call)
    price = licensed(call)
    terms = {"currency": "usd", "unit_amount": 1, "product": sold, "lookup_key": "a"}
    first = call.create("/v1/prices", terms)["id"]
    assert said(call.post("/v1/prices", terms)) == (400, f"A price (`{first}`) already uses that lookup key.")
    in_use = "This product cannot be deleted because it has one or more user-created prices."
    assert said(call.delete(f"/v1/products/{sold}")) == (400, in_use)
    assert price != first


def test_a_test_clock_has_room_for_a_few_and_for_no_past(call: Call) -> None:
    clock = call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
    seat, bob = licensed(call), customer(call)
    ada, *_ = [customer(call, test_clock=clock) for _ in range(3)]
    full = "A test clock can have at most 3 customers."
    assert said(call.post("/v1/customers", {"test_clock": clock})) == (400, full)
    for _ in range(3):
        subscribe(call, ada, seat)
    fourth = call.post("/v1/subscriptions", {"customer": ada, "items": [{"price": seat}]})
    assert said(fourth) == (400, "A test clock can have at most 3 subscriptions for each customer.")
    subscribe(call, bob, seat)
    past = "Only a customer without a test clock and without subscriptions can be attached to one."
    assert said(call.post(CLOCKS, {"frozen_time": NEW_YEAR, "customer": bob})) == (400, past)
    assert said(call.post(CLOCKS, {"frozen_time": NEW_YEAR, "customer": ada})) == (400, past)


def test_a_grant_ends_once(call: Call) -> None:
    ada = customer(call)
    spent, void, expired = (call.create(GRANTS, {"customer": ada, **GRANT})["id"] for _ in range(3))
    call.create(f"{GRANTS}/{void}/void")
    call.create(f"{GRANTS}/{expired}/expire")
    assert said(call.post(f"{GRANTS}/{void}/void")) == (400, f"The credit grant '{void}' has already been voided.")
    again = (400, f"The credit grant '{expired}' has already been expired.")
    assert said(call.post(f"{GRANTS}/{expired}/expire")) == again
    subscribe(call, ada, metered(call))
    use(call, ada, 5)
    call.clock.freeze(FEBRUARY + HOUR)
    in_use = f"The credit grant '{spent}' cannot be voided: it has been applied to an invoice."
    assert said(call.post(f"{GRANTS}/{spent}/void")) == (400, in_use)


def test_there_are_so_many_grants_and_alerts_and_no_more(call: Call) -> None:
    ada, meter_id = customer(call), meter(call)
    for _ in range(100):
        call.create(GRANTS, {"customer": ada, **GRANT})
    grants = (400, "A customer can have at most 100 unused credit grants.")
    assert said(call.post(GRANTS, {"customer": ada, **GRANT})) == grants
    threshold = {"gte": 5, "meter": meter_id, "recurrence": "one_time"}
    terms = {"title": "Many", "alert_type": "usage_threshold", "usage_threshold": threshold}
    alerts = [call.create(ALERTS, terms)["id"] for _ in range(25)]
    assert said(call.post(ALERTS, terms)) == (400, "There can be at most 25 alerts for a meter and customer.")
    call.create(f"{ALERTS}/{alerts[0]}/archive")
    archived = (400, f"The alert '{alerts[0]}' is archived and can no longer be changed.")
    assert said(call.post(f"{ALERTS}/{alerts[0]}/activate")) == archived
