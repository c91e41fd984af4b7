"""The page of billing credits: grants, what is left of them, and what was booked."""

from typing import Any

from fakestripe_meters.core.keys import own_account
from tests.conftest import KEY
from tests.pages_.looking import HOSTILE
from tests.pages_.looking import Person
from tests.pages_.looking import amount
from tests.resources import shop
from tests.resources.shop import DAY
from tests.resources.shop import FEBRUARY
from tests.resources.shop import HOUR

OTHER = "sk_test_other"


def grant(person: Person, customer: str, value: int = 1000, **terms: Any) -> str:  # noqa: ANN401  terms
    usual: dict[str, Any] = {
        "customer": customer,
        "amount": {"type": "monetary", "monetary": {"value": value, "currency": "usd"}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "category": "paid",
    }
    created: str = person.call.create("/v1/billing/credit_grants", usual | terms)["id"]
    return created


def balance(person: Person, customer: str) -> tuple[int, int]:
    """What the API says is available, and what is booked."""
    scope = {"type": "applicability_scope", "applicability_scope": {"price_type": "metered"}}
    asked = {"customer": customer, "filter": scope}
    (found,) = person.call.get("/v1/billing/credit_balance_summary", asked).json["balances"]
    return found["available_balance"]["monetary"]["value"], found["ledger_balance"]["monetary"]["value"]


def test_an_account_without_grants_says_how_to_get_one(person: Person) -> None:
    assert "There is no credit grant yet." in person.look("credits").text


def test_a_grant_says_what_it_pays_for_and_until_when(person: Person) -> None:
    ada = shop.customer(person.call, name="Ada")
    price = shop.metered(person.call)
    free = grant(person, ada, name="Welcome", category="promotional", priority=3, expires_at=FEBRUARY)
    paid = grant(person, ada, applicability_config={"scope": {"prices": [{"id": price}]}})
    rows = person.look("credits").rows("grant")
    assert rows == {
        paid: f"{paid} paid, priority 50 Ada active $10.00 $10.00 $10.00 Calls never",
        free: "Welcome promotional, priority 3 Ada active $10.00 $10.00 $10.00 all usage Feb 1, 2025",
    }


def test_a_grant_says_why_it_does_not_pay(person: Person) -> None:
    ada = shop.customer(person.call)
    pending = grant(person, ada, effective_at=FEBRUARY + DAY)
    voided, expired = grant(person, ada), grant(person, ada, expires_at=FEBRUARY)
    used_up = grant(person, ada, 100, priority=1)
    person.call.create(f"/v1/billing/credit_grants/{voided}/void")
    shop.subscribe(person.call, ada, shop.metered(person.call))
    shop.use(person.call, ada, 100)
    person.fake.clock.advance(31 * DAY + HOUR)
    rows = person.look("credits").rows("grant")
    assert "pending from Feb 2, 2025" in rows[pending]
    assert "voided $10.00 $0.00 $0.00" in rows[voided]
    assert "expired $10.00 $0.00 $0.00" in rows[expired]
    assert "used up $1.00 $0.00 $0.00" in rows[used_up]


def test_what_a_draft_will_take_is_booked_and_not_available(person: Person) -> None:
    ada = shop.customer(person.call)
    made = grant(person, ada)
    shop.subscribe(person.call, ada, shop.metered(person.call))
    shop.use(person.call, ada, 300)
    person.fake.clock.advance(31 * DAY)
    assert balance(person, ada) == (700, 1000)
    shown = person.look("credits", customer=ada)
    assert (shown.part("available-balance"), shown.part("ledger-balance")) == ("$7.00", "$10.00")
    assert "$10.00 $10.00 $7.00" in shown.rows("grant")[made]
    person.fake.clock.advance(HOUR)
    shown = person.look("credits", customer=ada)
    assert (shown.part("available-balance"), shown.part("ledger-balance")) == ("$7.00", "$7.00")


def test_bookings_add_up_to_the_ledger_and_lead_to_invoices(person: Person) -> None:
    ada = shop.customer(person.call)
    made = grant(person, ada)
    shop.subscribe(person.call, ada, shop.metered(person.call))
    shop.use(person.call, ada, 300)
    person.fake.clock.advance(31 * DAY + HOUR)
    invoice = shop.invoices(person.call)[-1]
    shown = person.look("credits", grant=made)
    bookings = list(shown.rows("booking").values())
    assert f"paid for an invoice {invoice['number']} -$3.00" in bookings[0]
    assert "granted none $10.00" in bookings[1]
    assert sum(map(amount, bookings)) * 100 == balance(person, ada)[1]
    assert shown.links(f"invoices/{invoice['id']}/why")


def test_grants_are_found_by_customer(person: Person) -> None:
    ada, bob = shop.customer(person.call, name="Ada"), shop.customer(person.call, name="Bob")
    made = grant(person, ada), grant(person, bob)
    shown = person.look("credits", customer="bob")
    assert list(shown.rows("grant")) == [made[1]]
    assert len(shown.rows("booking")) == 1
    assert "Nobody like that has a credit grant." in person.look("credits", customer="eve").text
    assert "Nobody like that has a credit grant." in person.look("credits", grant="credgr_1").text


def test_bookings_are_turned_page_by_page(person: Person) -> None:
    for _ in range(51):
        grant(person, shop.customer(person.call))
    shown = person.look("credits", booked="2")
    assert (len(shown.rows("grant")), len(shown.rows("booking"))) == (50, 1)
    assert "booked=2" in shown.links("page=2")[0]


def test_two_accounts_do_not_mix(person: Person) -> None:
    made = grant(person, shop.customer(person.call))
    person.call.post("/v1/customers", key=OTHER)
    assert list(person.look("credits", account=own_account(KEY)).rows("grant")) == [made]
    assert person.look("credits", account=own_account(OTHER)).rows("grant") == {}


def test_hostile_names_do_nothing(person: Person) -> None:
    ada = shop.customer(person.call, name=HOSTILE)
    grant(person, ada, name=HOSTILE[:90])
    for path in ("credits", f"customers/{ada}"):
        source = person.look(path).source
        assert "<script>alert" not in source
        assert "\x1b" not in source


def test_the_credits_of_a_customer_are_on_its_page(person: Person) -> None:
    ada = shop.customer(person.call)
    made = grant(person, ada)
    shown = person.look(f"customers/{ada}")
    assert "$10.00 available, $10.00 booked" in shown.text
    assert list(shown.rows("grant")) == [made]


def test_the_credits_of_a_deleted_customer_stay_in_the_list(person: Person) -> None:
    ada = shop.customer(person.call, name="Ada")
    made = grant(person, ada)
    person.call.delete(f"/v1/customers/{ada}")
    assert "Ada" in person.look("credits").rows("grant")[made]


def test_what_a_void_invoice_gives_back_is_booked(person: Person) -> None:
    ada = shop.customer(person.call)
    made = grant(person, ada, 100)
    shop.subscribe(person.call, ada, shop.metered(person.call), collection_method="send_invoice", days_until_due=3)
    shop.use(person.call, ada, 300)
    person.fake.clock.advance(31 * DAY + HOUR)
    invoice = shop.invoices(person.call)[-1]["id"]
    person.call.create(f"/v1/invoices/{invoice}/void")
    first = next(iter(person.look("credits", grant=made).rows("booking").values()))
    assert "given back: the invoice was voided" in first
    assert first.endswith("$1.00")
    assert person.look("credits").rows("grant")[made].split("active")[1].split()[:3] == ["$1.00"] * 3
