"""Payment links: each visit opens a Checkout session. Each refusal changes nothing (`tests/refusal_watch.py`)."""

import re
from typing import Any

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.errors import Misuse
from tests.conftest import DOORS
from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import Tree
from tests.resources.shop import events
from tests.resources.shop import licensed
from tests.resources.shop import metered
from tests.resources.shop import one_time

LINKS = "/v1/payment_links"
SESSIONS = "/v1/checkout/sessions"
BACK = "https://example.com/back?session={CHECKOUT_SESSION_ID}"
REDIRECT = {"type": "redirect", "redirect": {"url": BACK}}


def asked(call: Call, *lines: Tree, **terms: Any) -> Answer:  # noqa: ANN401  any parameters
    return call.post(LINKS, {"line_items": list(lines), **terms})


def made(call: Call, *lines: Tree, **terms: Any) -> Tree:  # noqa: ANN401  any parameters
    answer = asked(call, *(lines or (seat(call),)), **terms)
    assert answer.status == 200, answer.json
    link: Tree = answer.json
    return link


def changed(call: Call, link: Tree, **terms: Any) -> Tree:  # noqa: ANN401  any parameters
    return call.create(f"{LINKS}/{link['id']}", terms)


def now(call: Call, link: Tree) -> Tree:
    found: Tree = call.get(f"{LINKS}/{link['id']}").json
    return found


def seat(call: Call, quantity: int = 1) -> Tree:
    return {"price": licensed(call, 2000), "quantity": quantity}


def refused(answer: Answer) -> tuple[str, str | None]:
    assert answer.status == 400, answer.json
    return answer.error["message"], answer.error.get("param")


def test_a_link_has_what_it_sells_and_an_address(call: Call) -> None:
    link = made(call, seat(call, 2), metadata={"plan": "pro"})
    assert re.fullmatch(r"plink_1\w{23}", link["id"])
    assert (link["active"], link["currency"], link["metadata"]) == (True, "usd", {"plan": "pro"})
    assert link["url"].endswith(f"/link/{link['id']}") or link["url"].startswith("https://buy.stripe.com/test_")
    assert link["after_completion"] == {"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"}
    assert now(call, link) == link
    [line] = call.get(f"{LINKS}/{link['id']}/line_items").json["data"]
    assert (line["quantity"], line["amount_total"], line["object"]) == (2, 4000, "item")
    assert [each["type"] for each in events(call, "payment_link.created", "payment_link.updated")] == [
        "payment_link.created"
    ]
    expanded = call.get(f"{LINKS}/{link['id']}", {"expand": ["line_items.data.taxes"]}).json
    assert expanded["line_items"]["data"][0]["taxes"] == []
    assert [each["id"] for each in expanded["line_items"]["data"]] == [line["id"]]


def test_links_are_listed_newest_first(call: Call) -> None:
    first, second = made(call), made(call)
    changed(call, first, active=False)
    assert [each["id"] for each in call.get(LINKS).json["data"]] == [second["id"], first["id"]]
    assert [each["id"] for each in call.get(LINKS, {"active": "true"}).json["data"]] == [second["id"]]
    assert [each["id"] for each in call.get(LINKS, {"active": "false"}).json["data"]] == [first["id"]]


def test_a_change_is_an_event_with_the_former_values(call: Call) -> None:
    link = made(
        call, inactive_message="Sold out", metadata={"a": "b"}, restrictions={"completed_sessions": {"limit": 3}}
    )
    assert link["restrictions"] == {"completed_sessions": {"count": 0, "limit": 3}}
    after = changed(call, link, active=False, inactive_message="", metadata={"c": "d"}, restrictions="")
    assert (after["active"], after["inactive_message"], after["restrictions"]) == (False, None, None)
    assert after["metadata"] == {"a": "b", "c": "d"}
    changed(call, link, active=False)
    [event] = events(call, "payment_link.updated")
    assert event["data"]["previous_attributes"] == {
        "active": True,
        "inactive_message": "Sold out",
        "metadata": {"a": "b"},
        "restrictions": {"completed_sessions": {"count": 0, "limit": 3}},
    }


def test_what_the_subscription_gets_can_be_changed_and_cleared(call: Call) -> None:
    link = made(call, subscription_data={"description": "Tokens", "metadata": {"a": "b"}, "trial_period_days": 14})
    after = changed(call, link, subscription_data={"metadata": {"c": "d"}, "trial_period_days": ""})
    assert after["subscription_data"]["trial_period_days"] is None
    assert after["subscription_data"]["metadata"] == {"a": "b", "c": "d"}
    assert after["subscription_data"]["description"] == "Tokens"


def test_a_field_of_the_page_can_be_taken_away(call: Call) -> None:
    field = {"key": "size", "label": {"type": "custom", "custom": "Size"}, "type": "text"}
    link = made(call, custom_fields=[field], phone_number_collection={"enabled": True})
    [shown] = link["custom_fields"]
    assert shown["text"] == {"default_value": None, "maximum_length": None, "minimum_length": None}
    after = changed(call, link, custom_fields="")
    assert (after["custom_fields"], after["phone_number_collection"]) == ([], {"enabled": True})


def test_a_link_whose_price_was_archived_can_still_be_switched_off_and_changed(call: Call) -> None:
    bought = seat(call)
    link = made(call, bought)
    call.create(f"/v1/prices/{bought['price']}", {"active": False})
    assert changed(call, link, active=False, phone_number_collection={"enabled": True})["active"] is False


def test_prices_of_usage_cannot_be_sold_by_a_link(call: Call) -> None:
    usage = {"price": metered(call)}
    assert refused(asked(call, {**usage, "quantity": 1})) == (
        "Quantity should not be specified where usage_type is `metered`. Remove quantity from `line_items[0]`",
        "line_items[0][quantity]",
    )
    message = "Missing required param: line_items[0][quantity]."
    assert refused(asked(call, usage)) == (message, "line_items[0][quantity]")


@pytest.mark.parametrize(
    ("terms", "message", "param"),
    [
        (
            {"after_completion": {"type": "redirect"}},
            "Missing required param: after_completion[redirect].",
            "after_completion[redirect]",
        ),
        (
            {"after_completion": {"type": "redirect", "redirect": {"url": "example"}}},
            "Not a valid URL",
            "after_completion[redirect][url]",
        ),
        (
            {"customer_creation": "always"},
            "`customer_creation` can only be used in `payment` mode.",
            "customer_creation",
        ),
        (
            {"payment_intent_data": {"description": "x"}},
            "You can not pass `payment_intent_data` in `subscription` mode.",
            "payment_intent_data",
        ),
        (
            {"invoice_creation": {"enabled": True}},
            "You can not pass `invoice_creation` in `subscription` mode.",
            "invoice_creation",
        ),
        (
            {"restrictions": {"completed_sessions": {"limit": 0}}},
            "This value must be greater than or equal to 1.",
            "restrictions[completed_sessions][limit]",
        ),
        ({"restrictions": ""}, None, "restrictions"),
    ],
)
def test_a_link_that_no_session_could_come_of_is_refused(
    call: Call, terms: Tree, message: str | None, param: str
) -> None:
    said, named = refused(asked(call, seat(call), **terms))
    assert named == param
    assert message is None or said.startswith(message)


def test_a_payment_has_no_subscription(call: Call) -> None:
    once = {"price": one_time(call), "quantity": 1}
    assert made(call, once)["subscription_data"] is None
    message = "You can not pass `subscription_data` in `payment` mode."
    assert refused(asked(call, once, subscription_data={"trial_period_days": 7})) == (message, "subscription_data")
    link = made(call, once)
    path = f"{LINKS}/{link['id']}"
    assert refused(call.post(path, {"subscription_data": {"trial_period_days": 7}})) == (message, "subscription_data")
    assert now(call, link) == link


def test_prices_must_be_there_be_active_and_go_together(call: Call) -> None:
    assert refused(asked(call, {"price": "price_x", "quantity": 1})) == (
        "No such price: 'price_x'",
        "line_items[0][price]",
    )
    archived = seat(call)
    call.create(f"/v1/prices/{archived['price']}", {"active": False})
    message, param = refused(asked(call, archived))
    assert ("inactive" in message, param) == (True, "line_items[0][price]")
    yearly = {"price": licensed(call, interval="year"), "quantity": 1}
    assert refused(asked(call, seat(call), yearly)) == (
        "Checkout does not support multiple prices with different billing intervals",
        "line_items",
    )
    assert refused(asked(call, seat(call), currency="eur"))[1] == "currency"


def test_a_link_that_is_not_there_is_not_found(call: Call) -> None:
    for answer in (
        call.get(f"{LINKS}/plink_x"),
        call.post(f"{LINKS}/plink_x", {"active": False}),
        call.get(f"{LINKS}/plink_x/line_items"),
    ):
        assert (answer.status, answer.error["message"]) == (404, "No such payment_link: 'plink_x'")
    answer = call.get(SESSIONS, {"payment_link": "plink_x"})
    assert refused(answer) == ("No such payment_link: 'plink_x'", "payment_link")


@pytest.mark.parametrize(
    "terms",
    [
        {"automatic_tax": {"enabled": True}},
        {"managed_payments": {"enabled": True}},
        {"on_behalf_of": "acct_1"},
        {"payment_method_types": ["card"]},
        {"shipping_options": [{"shipping_rate": "shr_1"}]},
        {"transfer_data": {"destination": "acct_1"}},
    ],
)
def test_what_the_fake_does_not_act_on_gets_501(call: Call, terms: Tree) -> None:
    answer = asked(call, seat(call), **terms)
    [name] = terms
    assert answer.status == 501
    assert answer.error["param"].startswith(name)


def test_prices_made_on_the_way_and_other_quantities_get_501(call: Call) -> None:
    described = {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Cap"}}
    answer = asked(call, {"price_data": described, "quantity": 1})
    assert (answer.status, answer.error["param"][:25]) == (501, "line_items[0][price_data]")
    link = made(call)
    [line] = call.get(f"{LINKS}/{link['id']}/line_items").json["data"]
    answer = call.post(f"{LINKS}/{link['id']}", {"line_items": [{"id": line["id"], "quantity": 3}]})
    assert (answer.status, answer.error["param"][:10]) == (501, "line_items")


class Visits:
    """A fake with a server, and somebody who follows links."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake, self.call = fake, Call(DOORS["engine"], fake)

    def visit(self, link: Tree, **query: str) -> requests.Response:
        return requests.get(link["url"], params=query, timeout=10)

    def sessions(self, link: Tree) -> list[Tree]:
        found: list[Tree] = self.call.get(SESSIONS, {"payment_link": link["id"]}).json["data"]
        return found


@pytest.fixture
def visits() -> Any:  # noqa: ANN401  an iterator
    with FakeStripe() as fake:
        yield Visits(fake)


def test_each_visit_opens_a_session(visits: Visits) -> None:
    terms = {"description": "Tokens", "metadata": {"c": "d"}, "trial_period_days": 14}
    link = made(visits.call, metadata={"a": "b"}, after_completion=REDIRECT, subscription_data=terms)
    pages = [visits.visit(link), visits.visit(link)]
    opened = visits.sessions(link)
    assert [each.url.rpartition("/")[2] for each in pages] == [each["id"] for each in reversed(opened)]
    session = opened[0]
    assert (session["payment_link"], session["metadata"]) == (link["id"], {"a": "b"})
    assert (session["success_url"], session["mode"], session["amount_total"]) == (BACK, "subscription", 0)
    assert (session["customer_creation"], session["locale"], session["submit_type"]) == ("if_required", "auto", "auto")
    done = visits.fake.complete_checkout(session["id"])
    subscription = visits.call.get(f"/v1/subscriptions/{done['subscription']}").json
    assert (subscription["status"], subscription["metadata"]) == ("trialing", {"c": "d"})
    expanded = visits.call.get(f"{SESSIONS}/{session['id']}", {"expand": ["payment_link"]}).json
    assert expanded["payment_link"]["id"] == link["id"]


def test_asking_for_the_head_of_a_link_opens_nothing(visits: Visits) -> None:
    link = made(visits.call)
    assert requests.head(link["url"], timeout=30).status_code == 405
    assert visits.sessions(link) == []


def test_the_address_says_who_comes(visits: Visits) -> None:
    link = made(visits.call)
    visits.visit(link, client_reference_id="user-1_a", locked_prefilled_email="ada@example.com")
    [session] = visits.sessions(link)
    assert (session["client_reference_id"], session["customer_email"]) == ("user-1_a", "ada@example.com")
    page = visits.visit(link, client_reference_id="not valid", prefilled_email="bob@example.com", other="x")
    assert page.status_code == 200
    assert 'value="bob@example.com"' in page.text
    assert visits.sessions(link)[0]["client_reference_id"] is None


def test_a_link_that_is_switched_off_opens_nothing(visits: Visits) -> None:
    link = made(visits.call, inactive_message="<b>Sold</b> out")
    changed(visits.call, link, active=False)
    page = visits.visit(link)
    assert page.status_code == 200
    assert "data-inactive" in page.text
    assert "&lt;b&gt;Sold&lt;/b&gt; out" in page.text
    assert visits.sessions(link) == []
    changed(visits.call, link, active=True)
    visits.visit(link)
    assert len(visits.sessions(link)) == 1


def test_a_link_ends_with_the_last_session_that_it_allows(visits: Visits) -> None:
    link = made(visits.call, restrictions={"completed_sessions": {"limit": 1}})
    visits.visit(link)
    visits.visit(link)
    late, early = visits.sessions(link)
    visits.fake.complete_checkout(early["id"])
    after = now(visits.call, link)
    assert (after["active"], after["restrictions"]) == (False, {"completed_sessions": {"count": 1, "limit": 1}})
    [event] = events(visits.call, "payment_link.updated")
    assert event["data"]["previous_attributes"]["active"] is True
    before = visits.fake.snapshot()
    with pytest.raises(Misuse, match="no longer active"):
        visits.fake.complete_checkout(late["id"])
    assert visits.fake.snapshot() == before
    assert "data-inactive" in visits.visit(link).text
    assert len(visits.sessions(link)) == 2


def test_an_archived_price_makes_a_link_of_no_use(visits: Visits) -> None:
    bought = seat(visits.call)
    link = made(visits.call, bought)
    visits.call.create(f"/v1/prices/{bought['price']}", {"active": False})
    page = visits.visit(link)
    assert "data-inactive" in page.text
    assert "inactive" in page.text
    assert visits.sessions(link) == []


def test_there_is_no_page_for_a_link_that_is_not_there(visits: Visits) -> None:
    link = made(visits.call)
    page = requests.get(link["url"].replace(link["id"], "plink_x"), timeout=10)
    assert (page.status_code, "There is no payment link plink_x." in page.text) == (404, True)


def test_no_other_site_can_visit_with_a_script(visits: Visits) -> None:
    link = made(visits.call)
    page = requests.get(link["url"], headers={"Sec-Fetch-Site": "cross-site"}, timeout=10)
    assert page.status_code == 403
    assert visits.sessions(link) == []


def test_a_link_survives_a_snapshot(visits: Visits) -> None:
    link = made(visits.call, metadata={"a": "b"}, after_completion=REDIRECT)
    snapshot = visits.fake.snapshot()
    changed(visits.call, link, active=False)
    visits.fake.restore(snapshot)
    assert now(visits.call, link) == link
    visits.visit(link)
    assert len(visits.sessions(link)) == 1
