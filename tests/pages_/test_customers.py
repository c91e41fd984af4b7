"""The pages of customers: the list, and what is known of one."""

import json

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.keys import own_account
from tests.conftest import KEY
from tests.pages_.looking import HOSTILE
from tests.pages_.looking import PAGE
from tests.pages_.looking import Person
from tests.resources import shop
from tests.resources.shop import FEBRUARY
from tests.resources.shop import NEW_YEAR

OTHER = "sk_test_other"
CLOCKS = "/v1/test_helpers/test_clocks"


def on_clock(person: Person) -> str:
    """A customer on a test clock, with a metered subscription."""
    clock = person.call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
    ada = shop.customer(person.call, name="Ada", test_clock=clock)
    shop.subscribe(person.call, ada, shop.metered(person.call))
    return ada


def test_an_account_without_customers_says_how_to_get_one(person: Person) -> None:
    assert "There is no customer yet." in person.look("customers").text


def test_customers_are_listed_newest_first(person: Person) -> None:
    ada = shop.customer(person.call, name="Ada", email="ada@example.com")
    bob = shop.customer(person.call, email="bob@example.com")
    shop.subscribe(person.call, ada, shop.licensed(person.call))
    person.call.create(f"/v1/customers/{ada}", {"balance": -500})
    rows = person.look("customers").rows("customer")
    assert list(rows) == [bob, ada]
    assert rows[ada].startswith(f"Ada ada@example.com · {ada} active $5.00 credit none Jan 1, 2025")
    assert rows[bob].startswith(f"bob@example.com {bob} none none none")


@pytest.mark.parametrize("text", ["ada", "ADA@EXAMPLE", "  Lovelace "])
def test_a_customer_is_found_by_name_or_email(person: Person, text: str) -> None:
    ada = shop.customer(person.call, name="Ada Lovelace", email="ada@example.com")
    shop.customer(person.call, name="Bob")
    assert list(person.look("customers", q=text).rows("customer")) == [ada]


def test_a_customer_is_found_by_id(person: Person) -> None:
    ada = shop.customer(person.call)
    shop.customer(person.call)
    assert list(person.look("customers", q=ada).rows("customer")) == [ada]
    assert "No customer has “nobody”" in person.look("customers", q="nobody").text


@pytest.mark.parametrize(
    ("page", "first", "last"),
    [("1", 119, 70), ("2", 69, 20), ("3", 19, 0), ("9", 19, 0), ("x", 119, 70), ("²", 119, 70)],
)
def test_a_long_list_is_turned_page_by_page(person: Person, page: str, first: int, last: int) -> None:
    made = [shop.customer(person.call) for _ in range(120)]
    shown = person.look("customers", page=page)
    rows = list(shown.rows("customer"))
    assert (rows[0], rows[-1]) == (made[first], made[last])
    assert shown.part("count") == "120"
    assert f"{120 - first}\N{EN DASH}{120 - last} of 120" in shown.text


def test_the_links_to_other_pages_of_a_list_keep_what_was_typed_in(person: Person) -> None:
    for _ in range(51):
        shop.customer(person.call, name="Ada & Co")
    (following,) = person.look("customers", q="ada & co").links("page=2")
    assert "q=ada+%26+co" in following


def test_what_a_customer_is_called_does_nothing(person: Person) -> None:
    ada = shop.customer(person.call, name=HOSTILE, description=HOSTILE, metadata={"a": HOSTILE})
    for page in (person.look("customers"), person.look(f"customers/{ada}"), person.look("customers", q="<script>")):
        assert "<script>alert" not in page.source
        assert "<img" not in page.source
        assert "\x1b" not in page.source


def test_two_accounts_do_not_mix(person: Person) -> None:
    ada = shop.customer(person.call, name="Ada")
    eve = person.call.post("/v1/customers", {"name": "Eve"}, key=OTHER).json["id"]
    mine, other = own_account(KEY), own_account(OTHER)
    assert list(person.look("customers", account=mine).rows("customer")) == [ada]
    shown = person.look("customers", account=other)
    assert list(shown.rows("customer")) == [eve]
    assert f"account={other}" in shown.links(f"customers/{eve}")[0]
    assert person.ask(f"customers/{eve}", account=mine).status == 404
    assert OTHER not in shown.source


def test_an_unknown_customer_is_a_page_in_words(person: Person) -> None:
    shown = person.ask("customers/cus_<b>")
    assert shown.status == 404
    assert "There is no customer cus_<b>." in shown.text


def test_looking_changes_nothing(fake: FakeStripe, person: Person) -> None:
    ada = on_clock(person)
    before, requests = fake.snapshot(), len(fake.journal)
    for path in ("customers", f"customers/{ada}", "invoices", "credits"):
        person.look(path)
    assert fake.snapshot() == before
    assert len(fake.journal) == requests


def test_a_customer_shows_what_it_has_used_and_what_that_will_cost(person: Person) -> None:
    ada = shop.customer(person.call, name="Ada")
    meter = shop.meter(person.call)
    shop.subscribe(person.call, ada, shop.metered(person.call, meter), shop.licensed(person.call))
    shop.use(person.call, ada, 1250)
    shown = person.look(f"customers/{ada}")
    assert "Calls $0.01 per unit, billed by usage each month 1,250 Calls" in shown.text
    assert shown.part("next-amount") == "$22.50"
    (usage,) = shown.links("/page/usage?account")[1:]
    assert f"customer={ada}&meter={meter}&from=2025-01-01&to=2025-01-31" in usage


def test_the_amount_of_the_next_invoice_is_that_of_the_api(person: Person) -> None:
    ada = shop.customer(person.call)
    subscription = shop.subscribe(person.call, ada, shop.licensed(person.call, 1999))["id"]
    preview = person.call.create("/v1/invoices/create_preview", {"subscription": subscription})
    assert preview["amount_due"] == 1999
    assert person.look(f"customers/{ada}").part("next-amount") == "$19.99"


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"trial_period_days": 7}, "Trial ends Wed, Jan 8, 2025, 00:00:00 UTC"),
        ({"cancel_at_period_end": True}, "Ends Sat, Feb 1, 2025, 00:00:00 UTC"),
    ],
)
def test_a_subscription_says_what_comes_next(person: Person, terms: dict[str, object], words: str) -> None:
    ada = shop.customer(person.call)
    shop.subscribe(person.call, ada, shop.licensed(person.call), **terms)
    assert words in person.look(f"customers/{ada}").text


def test_a_subscription_says_that_its_collection_is_paused(person: Person) -> None:
    ada = shop.customer(person.call)
    subscription = shop.subscribe(person.call, ada, shop.licensed(person.call))["id"]
    pause = {"pause_collection": {"behavior": "void", "resumes_at": FEBRUARY}}
    person.call.create(f"/v1/subscriptions/{subscription}", pause)
    shown = person.look(f"customers/{ada}").text
    assert "Collection resumes Sat, Feb 1, 2025, 00:00:00 UTC, invoices are voided" in shown


def test_a_schedule_says_its_next_phase(person: Person) -> None:
    ada = shop.customer(person.call)
    small, large = shop.licensed(person.call, name="Small"), shop.licensed(person.call, name="Large")
    phases = [
        {"items": [{"price": small}], "end_date": FEBRUARY},
        {"items": [{"price": large, "quantity": 3}], "duration": {"interval": "month", "interval_count": 1}},
    ]
    plan = {"customer": ada, "start_date": "now", "phases": phases}
    person.call.create("/v1/subscription_schedules", plan, version="2025-09-30.clover")
    assert "Next phase Sat, Feb 1, 2025, 00:00:00 UTC, 3 × Large" in person.look(f"customers/{ada}").text


def test_an_ended_subscription_comes_last(person: Person) -> None:
    ada = shop.customer(person.call)
    old = shop.subscribe(person.call, ada, shop.licensed(person.call))["id"]
    new = shop.subscribe(person.call, ada, shop.licensed(person.call))["id"]
    person.call.delete(f"/v1/subscriptions/{new}")
    source = person.look(f"customers/{ada}").source
    assert source.index(f'data-subscription="{old}"') < source.index(f'data-subscription="{new}"')
    assert "Ended" in source


def test_a_deleted_customer_still_has_a_page(person: Person) -> None:
    ada = shop.customer(person.call, name="Ada")
    shop.subscribe(person.call, ada, shop.licensed(person.call))
    person.call.delete(f"/v1/customers/{ada}")
    assert "deleted" in person.look("customers").rows("customer")[ada]
    assert "It was deleted." in person.look(f"customers/{ada}").text


def test_the_balance_says_whose_it_is(person: Person) -> None:
    ada = shop.customer(person.call, balance=-500)
    person.call.create(f"/v1/customers/{ada}/balance_transactions", {"amount": 700, "currency": "usd"})
    person.call.create(f"/v1/customers/{ada}/balance_transactions", {"amount": -90, "currency": "jpy"})
    shown = person.look(f"customers/{ada}")
    assert shown.part("balance") == "$2.00 owed, ¥90 credit"
    assert "adjustment $7.00 then $2.00" in shown.text


def test_payment_methods_and_the_default_are_shown(person: Person) -> None:
    ada = shop.customer(person.call)
    shop.attached(person.call, ada)
    default = shop.attached(person.call, ada, "tok_mastercard")
    person.call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": default}})
    assert person.look(f"customers/{ada}").parts("card") == [
        "Visa •••• 4242, 01/2026",
        "Mastercard •••• 4444, 01/2026 default",
    ]
    assert "Mastercard •••• 4444" in person.look("customers").rows("customer")[ada]


def test_a_test_clock_is_advanced_by_a_month(fake: FakeStripe, person: Person) -> None:
    ada = on_clock(person)
    shop.use(person.call, ada, 300)
    requests = len(fake.journal)
    shown = person.send(f"customers/{ada}", advance_test_clock="month")
    assert shown.part("own-clock") == "Sat, Feb 1, 2025, 00:00:00 UTC"
    assert [said.split()[0] for said in shown.rows("invoice").values()] == ["Draft", *_numbers(person, ada)]
    assert "$3.00" in next(iter(shown.rows("invoice").values()))
    assert fake.clock.now() == NEW_YEAR
    assert len(fake.journal) == requests + 1  # that of the line above


def _numbers(person: Person, customer: str) -> list[str]:
    found = shop.invoices(person.call, customer=customer)[::-1]
    return [each["number"] for each in found if each["number"]]


def test_a_test_clock_is_advanced_to_the_next_thing_due(person: Person) -> None:
    ada = on_clock(person)
    assert person.send(f"customers/{ada}", advance_test_clock="due").part("own-clock").startswith("Sat, Feb 1, 2025")
    shown = person.send(f"customers/{ada}", advance_test_clock="due")
    assert shown.part("own-clock") == "Sat, Feb 1, 2025, 01:00:00 UTC"
    assert "paid" in next(iter(shown.rows("invoice").values()))


@pytest.mark.parametrize(
    ("by", "words"),
    [("century", "A test clock is advanced by hour, day, month, due."), ("", "A test clock is advanced by")],
)
def test_a_button_that_is_none_is_refused_in_words(person: Person, by: str, words: str) -> None:
    ada = on_clock(person)
    shown = person.send(f"customers/{ada}", advance_test_clock=by)
    assert (shown.status, shown.part("own-clock")) == (400, "Wed, Jan 1, 2025, 00:00:00 UTC")
    assert words in shown.text


def test_a_customer_without_a_test_clock_has_none_to_advance(person: Person) -> None:
    ada = shop.customer(person.call)
    assert person.send(f"customers/{ada}", advance_test_clock="day").status == 400
    assert "advance_test_clock" not in person.look(f"customers/{ada}").source.partition("<main")[2]
    assert person.send("customers/cus_1", advance_test_clock="day").status == 400


def test_what_the_api_refuses_is_said_on_the_page(person: Person) -> None:
    clock = person.call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
    ada = shop.customer(person.call, test_clock=clock)
    shop.subscribe(person.call, ada, shop.metered(person.call, interval="day"))
    shown = person.send(f"customers/{ada}", advance_test_clock="month")
    assert shown.status == 400
    assert "two intervals" in shown.part("refusal")


def test_the_link_to_usage_leads_to_a_page_also_before_there_is_any(person: Person) -> None:
    ada = shop.customer(person.call)
    shop.subscribe(person.call, ada, shop.metered(person.call))
    (usage,) = person.look(f"customers/{ada}").links("/page/usage?account")[1:]
    assert "There is no usage here." in person.look(usage.removeprefix(PAGE)).text


def test_a_test_clock_that_is_not_on_top_has_its_buttons_on_the_page_of_its_customer(person: Person) -> None:
    first = on_clock(person)
    for _ in range(9):
        person.call.create(CLOCKS, {"frozen_time": NEW_YEAR})
    last = shop.customer(person.call, test_clock=person.call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"])
    buttons = [
        person.look(f"customers/{each}").source.partition("<main")[2].count("advance_test_clock")
        for each in (first, last)
    ]
    assert sorted(buttons) == [0, 3]


def test_a_customer_is_there_as_json_with_keys_masked(person: Person) -> None:
    ada = shop.customer(person.call, name="Ada", metadata={"key": "sk_test_abcdefghijklmnop"})
    told = json.loads(person.look(f"customers/{ada}").part("json"))
    assert told["metadata"] == {"key": "sk_test_************mnop"}
    assert told | {"metadata": {}} == person.call.get(f"/v1/customers/{ada}").json | {"metadata": {}}


def test_many_subscriptions_are_not_all_shown(person: Person) -> None:
    ada, price = shop.customer(person.call), shop.licensed(person.call, 0)
    for _ in range(22):
        shop.subscribe(person.call, ada, price)
    shown = person.look(f"customers/{ada}")
    assert shown.source.count("data-subscription=") == 20
    assert "2 more are not shown." in shown.text


def test_a_clock_on_which_nothing_is_due_says_so(person: Person) -> None:
    clock = person.call.create(CLOCKS, {"frozen_time": NEW_YEAR})["id"]
    ada = shop.customer(person.call, test_clock=clock)
    shown = person.send(f"customers/{ada}", advance_test_clock="due")
    assert (shown.status, shown.part("refusal")) == (400, "Nothing is due on this test clock.")


def test_a_subscription_that_is_paused_says_since_when(person: Person) -> None:
    ada = shop.customer(person.call)
    terms = {"trial_period_days": 1, "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
    shop.subscribe(person.call, ada, shop.licensed(person.call), **terms)
    person.fake.clock.advance(2 * shop.DAY)
    shown = person.look(f"customers/{ada}").text
    assert "Paused Thu, Jan 2, 2025, 00:00:00 UTC, trial end without payment method" in shown
    assert "Next invoice" not in shown


def test_a_change_that_waits_for_a_payment_names_its_invoice(person: Person) -> None:
    ada = shop.customer(person.call)
    good = shop.attached(person.call, ada)
    person.call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": good}})
    small, large = shop.licensed(person.call, 1000), shop.licensed(person.call, 5000)
    subscription = shop.subscribe(person.call, ada, small)
    bad = person.call.create(f"/v1/payment_methods/{shop.DECLINING}/attach", {"customer": ada})["id"]
    person.call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": bad}})
    change = {
        "items": [{"id": subscription["items"]["data"][0]["id"], "price": large}],
        "payment_behavior": "pending_if_incomplete",
        "proration_behavior": "always_invoice",
    }
    person.call.create(f"/v1/subscriptions/{subscription['id']}", change)
    waits = shop.invoices(person.call)[-1]["id"]
    assert f"until {waits} is paid" in person.look(f"customers/{ada}").text


def test_details_are_shown(person: Person) -> None:
    ada = shop.customer(
        person.call,
        name="Ada",
        phone="+44 1",
        description="first",
        tax_exempt="exempt",
        preferred_locales=["en", "de"],
        address={"line1": "1 Main St", "city": "London", "country": "GB"},
        metadata={"crm": "4711"},
    )
    shown = person.look(f"customers/{ada}").text
    for said in (
        "Phone +44 1",
        "Address 1 Main St, London, GB",
        "Description first",
        "Tax exempt",
        "Languages en, de",
        "metadata[crm] 4711",
    ):
        assert said in shown


@pytest.mark.parametrize(("created", "shown"), [(10**29, "Dec 31, 9999"), (-(10**29), "Jan 1, 1")])
def test_a_time_that_no_calendar_has_is_the_nearest_that_one_has(created: int, shown: str) -> None:
    with FakeStripe(now=1_000_000_007, seed=1) as fake:
        person = Person(fake)
        person.call.create("/v1/customers", {"name": "Ada"})
        edited = json.dumps(fake.snapshot()).replace('"created": 1000000007', f'"created": {created}')
        fake.restore(json.loads(edited))
        assert shown in person.look("customers").text
