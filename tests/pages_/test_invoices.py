"""The pages of invoices: the list, and why one comes to what it does."""

import json
import re
from collections.abc import Callable
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.keys import own_account
from tests.conftest import KEY
from tests.conftest import NOW
from tests.pages_.looking import HOSTILE
from tests.pages_.looking import Page
from tests.pages_.looking import Person
from tests.pages_.looking import amount
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import DECLINING
from tests.resources.shop import HOUR
from tests.resources.shop import NEW_YEAR

OTHER = "sk_test_other"
TIERED: dict[str, Any] = {
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "tiers": [{"up_to": 100, "unit_amount": 0}, {"up_to": "inf", "unit_amount_decimal": "2.5", "flat_amount": 300}],
}


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe(now=NOW, retries=(3, 5)) as fake:
        yield fake
        fake.check()


def draft(person: Person, amount: int = 1234, currency: str = "usd", **terms: Any) -> str:  # noqa: ANN401  terms
    """A draft with one line."""
    ada = shop.customer(person.call, name="Ada")
    invoice: str = person.call.create("/v1/invoices", {"customer": ada, "currency": currency, **terms})["id"]
    item = {"customer": ada, "invoice": invoice, "currency": currency, "amount": amount, "description": "Work"}
    person.call.create("/v1/invoiceitems", item)
    return invoice


def finalized(person: Person, amount: int = 1234, currency: str = "usd", **terms: Any) -> str:  # noqa: ANN401
    invoice = draft(person, amount, currency, **terms)
    person.call.create(f"/v1/invoices/{invoice}/finalize", {"auto_advance": False})
    return invoice


def cycle(person: Person, ada: str, *prices: str, value: object = 300, **terms: object) -> Any:  # noqa: ANN401
    """The invoice of January, in which the customer has used something."""
    shop.subscribe(person.call, ada, *prices, **terms)
    shop.use(person.call, ada, value)
    person.fake.clock.advance(31 * DAY + HOUR)
    return shop.invoices(person.call)[-1]


def adds_up(person: Person, invoice: str) -> Page:
    """The page on why, after its lines were added, and its steps were followed to what is left to pay."""
    shown = person.look(f"invoices/{invoice}/why")
    told = person.call.get(f"/v1/invoices/{invoice}").json
    unit = 1 if told["currency"] in ("jpy", "krw") else 100
    steps = re.findall(r'<tr[^>]* data-step="(\w+)">.*?<td class="num"[^>]*>(.*?)</td>', shown.source, re.DOTALL)
    labels = re.findall(r'data-step="before"><th scope="row">(.*?)</th>', shown.source)
    before = [amount(said) for step, said in steps if step == "before"]
    counted = [value for label, value in zip(labels, before, strict=True) if "(contained)" not in label]
    after = [amount(said) for step, said in steps if step == "after"]
    lines = [amount(said) for said in shown.parts("line-amount")]
    total = amount(shown.part("invoice-total"))
    parts = re.findall(
        r'data-part="(?:discount|credit|tax)">.*?<td class="num soft">(.*?)</td>', shown.source, re.DOTALL
    )
    assert sum(lines) == before[0]
    assert sum(counted) == total == Decimal(told["total"]) / unit
    assert sum(lines) + sum(map(amount, parts)) == total
    remaining = 0 if told["status"] == "void" else told["amount_remaining"]
    assert total + sum(after) == amount(shown.part("invoice-due")) == Decimal(remaining) / unit
    return shown


def test_an_account_without_invoices_says_where_they_come_from(person: Person) -> None:
    assert "There is no invoice yet." in person.look("invoices").text


def test_invoices_are_listed_with_what_comes_next(person: Person) -> None:
    waiting, ready = draft(person, auto_advance=False), draft(person, auto_advance=True)
    rows = person.look("invoices").rows("invoice")
    assert list(rows) == [ready, waiting]
    assert rows[ready].startswith(
        "Draft Jan 1, 2025 Ada draft $12.34 $12.34 is finalized Wed, Jan 1, 2025, 01:00:00 UTC"
    )
    assert "is not finalized by itself" in rows[waiting]


ENDS: dict[str, tuple[str, str]] = {
    "pay": ("paid", "was paid"),
    "void": ("void", "was voided"),
    "mark_uncollectible": ("uncollectible", "was given up"),
}


@pytest.mark.parametrize("deed", ENDS)
def test_an_invoice_says_how_it_ended(person: Person, deed: str) -> None:
    status, words = ENDS[deed]
    invoice = finalized(person)
    open_one = finalized(person)
    person.call.create(f"/v1/invoices/{invoice}/{deed}")
    row = person.look("invoices", status=status).rows("invoice")
    assert list(row) == [invoice]
    assert f"{words} Wed, Jan 1, 2025, 00:00:00 UTC" in row[invoice]
    assert ("$12.34 $12.34" in row[invoice]) == (status == "uncollectible")
    assert list(person.look("invoices", status="open").rows("invoice")) == [open_one]
    adds_up(person, open_one)
    assert words in adds_up(person, invoice).part("follows")


def test_invoices_are_found_by_customer_and_status(person: Person) -> None:
    invoice = finalized(person)
    person.call.create("/v1/invoices", {"customer": shop.customer(person.call, name="Bob")})
    assert list(person.look("invoices", customer="ada", status="open").rows("invoice")) == [invoice]
    assert "No invoice is like that." in person.look("invoices", customer="ada", status="paid").text
    assert len(person.look("invoices", status="nix").rows("invoice")) == 2


def test_an_invoice_that_is_sent_says_when_it_is_due(person: Person) -> None:
    sent = finalized(person, collection_method="send_invoice", days_until_due=10)
    assert "is due Sat, Jan 11, 2025" in person.look("invoices").rows("invoice")[sent]
    person.fake.clock.advance(11 * DAY)
    assert "was due Sat, Jan 11, 2025" in person.look("invoices").rows("invoice")[sent]


def test_a_long_list_keeps_its_filters_from_page_to_page(person: Person) -> None:
    ada = shop.customer(person.call)
    for _ in range(51):
        person.call.create("/v1/invoices", {"customer": ada})
    first = person.look("invoices", status="draft", customer=ada)
    assert len(first.rows("invoice")) == 50
    (following,) = first.links("page=2")
    assert f"status=draft&customer={ada}" in following


def test_two_accounts_do_not_mix(person: Person) -> None:
    mine = finalized(person)
    person.call.post("/v1/customers", key=OTHER)
    assert list(person.look("invoices", account=own_account(KEY)).rows("invoice")) == [mine]
    assert person.look("invoices", account=own_account(OTHER)).rows("invoice") == {}
    assert person.ask(f"invoices/{mine}/why", account=own_account(OTHER)).status == 404


def test_an_unknown_invoice_is_a_page_in_words(person: Person) -> None:
    shown = person.ask("invoices/in_1/why")
    assert shown.status == 404
    assert "There is no invoice in_1." in shown.text


def test_tiers_are_multiplied_and_rounded_before_ones_eyes(person: Person) -> None:
    ada = shop.customer(person.call)
    invoice = cycle(person, ada, shop.metered(person.call, **TIERED), value=203)
    shown = adds_up(person, invoice["id"])
    assert shown.parts("arithmetic") == [
        "Tier 1, from 1 to 100: 100 × $0.00 = $0.00",
        "Tier 2, from 101 on: 103 × $0.025 = $2.575, rounded to $2.58",
        "The flat fee of tier 2",
    ]
    assert shown.part("used") == "203 used, in 1 event: 1 billed"
    assert "Usage of a period, Jan 1, 2025 to Feb 1, 2025." in shown.text


def test_packages_are_counted_before_ones_eyes(person: Person) -> None:
    ada = shop.customer(person.call)
    price = shop.metered(person.call, transform_quantity={"divide_by": 1000, "round": "up"}, unit_amount=5)
    shown = adds_up(person, cycle(person, ada, price, value=1500)["id"])
    assert shown.parts("arithmetic") == ["1,500 in packages of 1,000, rounded up: 2 × $0.05 = $0.10"]


def test_a_volume_price_has_one_tier_for_all(person: Person) -> None:
    ada = shop.customer(person.call)
    price = shop.metered(person.call, **{**TIERED, "tiers_mode": "volume"})
    shown = adds_up(person, cycle(person, ada, price, value=200)["id"])
    assert shown.parts("arithmetic")[0] == "Tier 2, from 1 on: 200 × $0.025 = $5.00"


Terms = dict[str, Any]


def discounted(person: Person, _ada: str) -> Terms:
    coupon = person.call.create("/v1/coupons", {"percent_off": 15, "duration": "forever"})["id"]
    return {"discounts": [{"coupon": coupon}]}


def credited(person: Person, ada: str) -> Terms:
    grant = {
        "customer": ada,
        "amount": {"type": "monetary", "monetary": {"value": 200, "currency": "usd"}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "category": "paid",
    }
    person.call.create("/v1/billing/credit_grants", grant)
    return {}


def in_credit(person: Person, ada: str) -> Terms:
    person.call.create(f"/v1/customers/{ada}", {"balance": -150})
    return {}


def owing(person: Person, ada: str) -> Terms:
    person.call.create(f"/v1/customers/{ada}", {"balance": 150})
    return {}


@pytest.mark.parametrize("change", [discounted, credited, in_credit, owing])
@pytest.mark.parametrize("tax", [None, True, False])
def test_what_a_page_says_adds_up(person: Person, change: Callable[[Person, str], Terms], tax: bool | None) -> None:
    ada = shop.customer(person.call)
    terms = change(person, ada)
    if tax is not None:
        rate = person.call.create("/v1/tax_rates", {"display_name": "VAT", "percentage": 19, "inclusive": tax})["id"]
        terms["default_tax_rates"] = [rate]
    prices = shop.metered(person.call), shop.licensed(person.call, 999)
    invoice = cycle(person, ada, *prices, value=333, **terms)
    adds_up(person, invoice["id"])
    for each in shop.invoices(person.call):
        adds_up(person, each["id"])


def test_the_page_says_what_the_control_plane_says(person: Person) -> None:
    ada = shop.customer(person.call)
    credited(person, ada)
    invoice = cycle(person, ada, shop.metered(person.call, **TIERED), shop.licensed(person.call), value=203)
    told = person.client.get(f"/_fakestripe/invoices/{invoice['id']}/explain").json
    assert told is not None
    shown = adds_up(person, invoice["id"])
    said = zip(shown.parts("arithmetic"), told["lines"], strict=True)
    assert all(each["because"].endswith(f". {how}") for how, each in said)
    assert [amount(each) * 100 for each in shown.parts("line-amount")] == [each["amount"] for each in told["lines"]]
    assert amount(shown.part("invoice-total")) * 100 == told["total"]
    shape = json.loads(shown.part("json"))
    assert (shape["id"], shape["total"]) == (invoice["id"], told["total"])


def test_credits_lead_to_their_grant(person: Person) -> None:
    ada = shop.customer(person.call)
    credited(person, ada)
    shown = adds_up(person, cycle(person, ada, shop.metered(person.call))["id"])
    grant = person.call.get("/v1/billing/credit_grants", {"customer": ada}).json["data"][0]["id"]
    assert f"billing credits of {grant} -$2.00" in shown.text
    assert shown.links(f"credits?account={own_account(KEY)}&grant={grant}")


def test_amounts_without_decimals_add_up(person: Person) -> None:
    shown = adds_up(person, finalized(person, 5000, "jpy"))
    assert shown.part("invoice-total") == "¥5,000"


def test_a_draft_is_a_document_and_has_reasons(person: Person) -> None:
    ada = shop.customer(person.call)
    shop.subscribe(person.call, ada, shop.metered(person.call))
    shop.use(person.call, ada, 300)
    person.fake.clock.advance(31 * DAY)
    invoice = shop.invoices(person.call)[-1]
    assert invoice["status"] == "draft"
    document = person.look(f"invoices/{invoice['id']}")
    assert "Draft invoice" in document.text
    assert document.part("invoice-total") == "$3.00"
    assert 'name="pay"' not in document.source
    shown = adds_up(person, invoice["id"])
    assert shown.part("follows") == "It is finalized, Sat, Feb 1, 2025, 01:00:00 UTC."


def test_late_usage_of_a_draft_is_on_its_page(person: Person) -> None:
    ada = shop.customer(person.call)
    shop.subscribe(person.call, ada, shop.metered(person.call))
    person.fake.clock.advance(31 * DAY)
    shop.use(person.call, ada, 70, NEW_YEAR + DAY)
    assert "$0.70" in next(iter(person.look("invoices").rows("invoice").values()))


def test_an_empty_draft_has_a_page(person: Person) -> None:
    invoice = person.call.create("/v1/invoices", {"customer": shop.customer(person.call)})["id"]
    assert "It has no lines." in adds_up_empty(person, invoice).text


def adds_up_empty(person: Person, invoice: str) -> Page:
    shown = person.look(f"invoices/{invoice}/why")
    assert shown.part("invoice-total") == shown.part("invoice-due") == "$0.00"
    return shown


def test_each_event_says_what_became_of_it(person: Person) -> None:
    ada = shop.customer(person.call)
    shop.subscribe(person.call, ada, shop.metered(person.call))
    for identifier, value in (("one", 100), ("two", 50)):
        event = {
            "event_name": "calls",
            "identifier": identifier,
            "payload": {"stripe_customer_id": ada, "value": value},
        }
        person.call.create("/v1/billing/meter_events", event)
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "two"}}
    person.call.create("/v1/billing/meter_event_adjustments", cancel)
    person.fake.clock.advance(31 * DAY + HOUR)
    late = {"event_name": "calls", "identifier": "three", "timestamp": NEW_YEAR + DAY}
    payload = {"stripe_customer_id": ada, "value": 9}
    person.call.create("/v1/billing/meter_events", {**late, "payload": payload})
    invoice = shop.invoices(person.call)[-1]["id"]
    shown = adds_up(person, invoice)
    assert shown.part("used").endswith(
        "in 3 events: 1 billed; 1 cancelled, not billed; 1 late, after finalization: not billed"
    )
    assert shown.rows("event") == {
        "one": "Wed, Jan 1, 2025, 00:00:00 UTC one billed 100",
        "two": "Wed, Jan 1, 2025, 00:00:00 UTC two cancelled, not billed 50",
        "three": "Thu, Jan 2, 2025, 00:00:00 UTC three late, after finalization: not billed 9",
    }
    (why,) = shown.links("/page/why?")
    assert f"customer={ada}" in why
    assert f"start={NEW_YEAR}&end={NEW_YEAR + 31 * DAY}" in why


def test_many_events_are_not_all_listed(person: Person) -> None:
    ada = shop.customer(person.call)
    shop.subscribe(person.call, ada, shop.metered(person.call))
    for _ in range(120):
        shop.use(person.call, ada, 1)
    person.fake.clock.advance(31 * DAY + HOUR)
    shown = adds_up(person, shop.invoices(person.call)[-1]["id"])
    assert len(shown.rows("event")) == 100
    assert "20 more events are not listed here." in shown.text


def test_a_payment_that_fails_says_why_and_when_it_is_tried_again(person: Person) -> None:
    ada = shop.customer(person.call)
    card = shop.attached(person.call, ada)
    person.call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": card}})
    shop.subscribe(person.call, ada, shop.licensed(person.call))
    bad = person.call.create(f"/v1/payment_methods/{DECLINING}/attach", {"customer": ada})["id"]
    person.call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": bad}})
    person.fake.clock.advance(31 * DAY + HOUR)
    invoice = shop.invoices(person.call)[-1]["id"]
    shown = adds_up(person, invoice)
    (failed,) = shown.rows("try").values()
    assert "declined generic_decline Your card was declined. $10.00" in failed
    assert shown.part("follows") == "It is charged again, Tue, Feb 4, 2025, 01:00:00 UTC."
    person.fake.clock.advance(20 * DAY)
    shown = adds_up(person, invoice)
    assert len(shown.rows("try")) == 3
    assert shown.part("follows") == "It is not charged again by itself."


def test_what_happened_names_the_request_that_caused_it(person: Person) -> None:
    other, invoice = finalized(person), finalized(person)
    paid = person.call.post(f"/v1/invoices/{invoice}/pay")
    shown = person.look(f"invoices/{invoice}/why")
    kinds = [said.split()[0] for said in shown.rows("happening").values()]
    assert kinds[0] == "invoice.created"
    assert {"invoice.finalized", "invoice.paid", "payment_intent.succeeded", "charge.succeeded"} <= set(kinds)
    assert shown.links(f"requests/{paid.headers['Request-Id']}")
    assert kinds.count("invoice.created") == 1
    assert "invoice.paid" not in person.look(f"invoices/{other}/why").text


def test_what_happened_names_the_webhooks_that_told_of_it(person: Person) -> None:
    answers = iter((500, 200))
    person.fake.webhooks.deliver_to(lambda _: next(answers), "invoice.created", "invoice.paid")
    invoice = finalized(person)
    person.call.create(f"/v1/invoices/{invoice}/pay")
    rows = person.look(f"invoices/{invoice}/why").rows("happening").values()
    ends = {said.split()[0]: said.split()[-1] for said in rows}
    assert (ends["invoice.created"], ends["invoice.paid"]) == ("failed", "delivered")
    assert ends["invoice.finalized"] == "none"
    person.fake.webhooks.failures.clear()


def test_after_thirty_days_the_events_are_forgotten(person: Person) -> None:
    invoice = finalized(person)
    person.fake.clock.advance(40 * DAY)
    shop.customer(person.call)
    assert "Its events are older than 30 days." in person.look(f"invoices/{invoice}/why").text


def test_the_document_leads_to_the_reasons(person: Person) -> None:
    invoice = finalized(person)
    (why,) = person.look(f"invoices/{invoice}").links("/why")
    assert why == f"/_fakestripe/page/invoices/{invoice}/why?account={own_account(KEY)}"


def test_hostile_descriptions_do_nothing(person: Person) -> None:
    ada = shop.customer(person.call, name=HOSTILE)
    invoice = person.call.create("/v1/invoices", {"customer": ada, "currency": "usd"})["id"]
    coupon = person.call.create("/v1/coupons", {"percent_off": 10, "duration": "once", "name": HOSTILE[:40]})["id"]
    item = {"customer": ada, "invoice": invoice, "currency": "usd", "amount": 100, "description": HOSTILE}
    person.call.create("/v1/invoiceitems", {**item, "discounts": [{"coupon": coupon}]})
    for path in ("invoices", f"invoices/{invoice}/why"):
        source = person.look(path).source
        assert "<script>alert" not in source
        assert "<img" not in source
        assert "\x1b" not in source


def test_an_invoice_that_nobody_has_tried_to_charge_waits(person: Person) -> None:
    invoice = finalized(person)
    assert "waits to be paid" in person.look("invoices").rows("invoice")[invoice]


def test_an_invoice_waits_for_its_customer_to_authenticate(person: Person) -> None:
    ada = shop.customer(person.call)
    card = "pm_card_authenticationRequired"
    method = person.call.create(f"/v1/payment_methods/{card}/attach", {"customer": ada})["id"]
    person.call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": method}})
    terms = {"payment_behavior": "allow_incomplete"}
    shop.subscribe(person.call, ada, shop.licensed(person.call), **terms)
    (row,) = person.look("invoices").rows("invoice").values()
    assert "waits for its customer to authenticate the payment" in row


def test_a_reason_has_instants_if_its_period_does_not_begin_with_a_day(person: Person) -> None:
    person.fake.clock.advance(HOUR)
    ada = shop.customer(person.call)
    shop.subscribe(person.call, ada, shop.licensed(person.call))
    (invoice,) = shop.invoices(person.call)
    shown = adds_up(person, invoice["id"])
    assert "A period, paid in advance, from 2025-01-01T01:00:00Z to 2025-02-01T01:00:00Z." in shown.text
    assert "a subscription began" in shown.text


@pytest.mark.parametrize(
    ("balance", "words"),
    [(-150, "paid from the customer's balance"), (150, "owed on the customer's balance")],
)
def test_the_page_says_why_the_amount_due_differs_from_the_total(person: Person, balance: int, words: str) -> None:
    ada = shop.customer(person.call, balance=balance)
    shop.subscribe(person.call, ada, shop.licensed(person.call))
    (invoice,) = shop.invoices(person.call)
    assert f"The amount due differs from the total: {words}." in adds_up(person, invoice["id"]).text


def test_usage_that_was_billed_before_is_told(person: Person) -> None:
    ada = shop.customer(person.call)
    price = shop.metered(person.call, product_data={"name": "API calls"})
    terms = {"billing_thresholds": {"amount_gte": 100}}
    shop.subscribe(person.call, ada, price, **terms)
    shop.use(person.call, ada, 120)
    person.fake.clock.advance(HOUR)
    shop.use(person.call, ada, 30)
    person.fake.clock.advance(31 * DAY + HOUR)
    shown = adds_up(person, shop.invoices(person.call)[-1]["id"])
    assert "of it billed before, in" in shown.part("used")


def test_a_change_within_a_period_has_its_reason(person: Person) -> None:
    ada = shop.customer(person.call)
    small, large = shop.licensed(person.call, 1000, "Small"), shop.licensed(person.call, 3000, "Large")
    subscription = shop.subscribe(person.call, ada, small)
    person.fake.clock.advance(10 * DAY)
    item = {"id": subscription["items"]["data"][0]["id"], "price": large}
    change = {"items": [item], "proration_behavior": "always_invoice"}
    person.call.create(f"/v1/subscriptions/{subscription['id']}", change)
    shown = adds_up(person, shop.invoices(person.call)[-1]["id"])
    assert "Gives back time that" in shown.text
    assert "Charges a share of a period" in shown.text
    assert shown.parts("arithmetic") == []
    assert "a subscription changed" in shown.text


@pytest.mark.parametrize("paid", [False, True])
def test_credit_notes_add_up_before_and_after_the_payment(person: Person, paid: bool) -> None:
    invoice = finalized(person)
    if paid:
        person.call.create(f"/v1/invoices/{invoice}/pay")
    note = {"invoice": invoice, "amount": 234, **({"credit_amount": 234} if paid else {})}
    person.call.create("/v1/credit_notes", note)
    shown = adds_up(person, invoice)
    assert ("Credit notes -$2.34" in shown.text) != paid
    assert shown.part("invoice-due") == ("$0.00" if paid else "$10.00")


def test_a_draft_whose_webhook_failed_says_when_it_is_finalized_at_the_latest(person: Person) -> None:
    person.call.create("/v1/webhook_endpoints", {"url": "http://shop.test/", "enabled_events": ["invoice.created"]})
    person.fake.webhooks.stand_in("http://shop.test/", lambda _: 500)
    draft(person, auto_advance=True)
    assert "is finalized late, because a receiver of webhooks fails Sat, Jan 4, 2025, 00:00:00 UTC" in person.look(
        "invoices"
    ).part("invoice")
    person.fake.webhooks.failures.clear()
