"""The panels of webhooks and of requests: what they say, and what their forms do."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.pages import webhooks
from tests.conftest import KEY
from tests.conftest import NOW
from tests.delivery.test_outbox import Receiver
from tests.delivery.test_outbox import receiving
from tests.delivery.test_outbox import reply
from tests.pages_.looking import HOSTILE
from tests.pages_.looking import Page
from tests.pages_.looking import Person

OTHER_KEY = "sk_test_somebodyelse"
CUSTOMERS = "/v1/customers"
PAGE_SIZE = 50


@pytest.fixture
def person() -> Iterator[Person]:
    with FakeStripe(now=NOW, seed=1, limits="off") as fake:
        yield Person(fake)
        fake.check()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def listen(person: Person, receiver: Receiver, *types: str, key: str = KEY) -> None:
    endpoint = {"url": receiver.url, "enabled_events": types or ["customer.created"]}
    assert person.call.post("/v1/webhook_endpoints", endpoint, key=key).status == 200


def customer(person: Person, name: str = "Ada") -> str:
    made: str = person.call.create(CUSTOMERS, {"name": name})["id"]
    return made


def names(receiver: Receiver) -> list[str]:
    return [json.loads(body)["data"]["object"]["name"] for _, body, _ in receiver.received]


def held(person: Person) -> list[str]:
    return [each["id"] for each in person.fake.control.webhooks(state="held")]


def decide(person: Person, does: str, places: dict[str, object], *chosen: str) -> Any:  # noqa: ANN401  a page
    """What the form of held webhooks answers if these boxes are checked."""
    fields = {f"place_{each}": str(place) for each, place in places.items()}
    form = {"back": "/_fakestripe/page/webhooks", "do": does, "chosen": list(chosen), **fields}
    return person.client.post("/_fakestripe/page/webhooks", data=form, follow_redirects=True)


# Webhooks


def test_the_tries_of_a_restored_webhook_are_not_known_any_more(person: Person, receiver: Receiver) -> None:
    listen(person, receiver)
    customer(person)
    person.fake.flush()
    (row,) = person.look("webhooks").rows("delivery-id").values()
    assert "none" not in row
    person.fake.restore(person.fake.snapshot())
    (row,) = person.look("webhooks").rows("delivery-id").values()
    assert "delivered" in row
    assert "none still known" in row


def test_each_webhook_has_a_row_the_newest_first(person: Person, receiver: Receiver) -> None:
    receiver.acts = [reply(500)]
    listen(person, receiver)
    customer(person)
    person.fake.flush()
    customer(person)
    person.fake.flush()
    first, second = person.fake.control.webhooks()
    rows = person.look("webhooks").rows("delivery-id")
    assert list(rows) == [second["id"], first["id"]]
    assert "again Wed, Jan 1, 2025, 00:05:00 UTC" in rows[first["id"]]
    assert ("failed" in rows[first["id"]], "500" in rows[first["id"]]) == (True, True)
    assert ("delivered" in rows[second["id"]], receiver.url in rows[second["id"]]) == (True, True)


def test_webhooks_are_found_by_state_and_type_and_shown_in_pages(person: Person) -> None:
    person.fake.webhooks.collect()
    for _ in range(PAGE_SIZE + 1):
        customer(person)
    person.call.create("/v1/products", {"name": "Tea"})
    assert len(person.look("webhooks", type="customer.").rows("delivery-id")) == PAGE_SIZE
    assert len(person.look("webhooks", type="customer.", page="2").rows("delivery-id")) == 1
    assert len(person.look("webhooks", type="product").rows("delivery-id")) == 1
    assert person.look("webhooks", state="failed").rows("delivery-id") == {}
    assert "No webhook is like that" in person.look("webhooks", state="failed").text


def test_of_very_many_webhooks_the_page_knows_the_newest(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST", 2)
    person.fake.webhooks.collect()
    for _ in range(3):
        customer(person)
    page = person.look("webhooks")
    assert list(page.rows("delivery-id")) == [each["id"] for each in person.fake.control.webhooks()[:0:-1]]
    assert "These are among the newest 2." in page.text


def test_webhooks_of_two_accounts_do_not_mix(person: Person, receiver: Receiver) -> None:
    listen(person, receiver, key=OTHER_KEY)
    person.call.post(CUSTOMERS, {"name": "Grace"}, key=OTHER_KEY)
    customer(person)
    assert person.look("webhooks").rows("delivery-id") == {}
    (other,) = [each.id for each in person.fake.engine.world.accounts.values() if each.name.key == OTHER_KEY]
    assert len(person.look("webhooks", account=other).rows("delivery-id")) == 1


def test_a_webhook_is_sent_again(person: Person, receiver: Receiver) -> None:
    listen(person, receiver)
    customer(person)
    person.fake.flush()
    (sent,) = person.fake.control.webhooks()
    assert person.send("webhooks", repeat=sent["id"]).status == 200
    assert names(receiver) == ["Ada", "Ada"]


def test_webhooks_are_held_by_type_and_released_in_the_order_of_their_places(
    person: Person, receiver: Receiver
) -> None:
    listen(person, receiver)
    page = person.send("webhooks", hold="1", types="customer.*, product.created")
    assert "Held back: customer.*, product.created" in page.text
    for name in ("Ada", "Grace", "Mary"):
        customer(person, name)
    ada, grace, mary = held(person)
    assert list(person.look("webhooks").rows("held-id")) == [ada, grace, mary]
    decide(person, "release", {ada: 9, grace: 2, mary: 1}, ada, mary)
    assert (names(receiver), held(person)) == (["Mary", "Ada"], [grace])
    decide(person, "twice", {}, grace)
    assert names(receiver)[2:] == ["Grace", "Grace"]
    person.send("webhooks", stop="1")
    assert person.fake.control.webhook_settings()["held"] is False


def test_held_webhooks_are_dropped(person: Person, receiver: Receiver) -> None:
    listen(person, receiver)
    person.send("webhooks", hold="1", types="")
    customer(person)
    (only,) = held(person)
    assert decide(person, "drop", {}, only).status_code == 200
    person.send("webhooks", stop="1")
    assert (names(receiver), "dropped" in person.look("webhooks").rows("delivery-id")[only]) == ([], True)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"repeat": "del_none"}, "There is no webhook 'del_none'."),
        ({"hold": "1", "types": "customer.creatd"}, "No event has the type 'customer.creatd'"),
        ({"do": "release"}, "Choose at least one of the webhooks that are held."),
        ({"do": "release", "chosen": "del_none"}, "The webhook del_none is not held."),
        (
            {"do": "release", "chosen": "del_1", "place_del_1": "first"},
            "The place of a webhook must be a whole number.",
        ),
        ({"do": "explode"}, "Use a button of this page."),
        ({}, "Use a button of this page."),
    ],
)
def test_a_wrong_form_is_answered_by_the_page_with_a_sentence(person: Person, form: dict[str, str], says: str) -> None:
    page = person.send("webhooks", **form)
    assert (page.status, page.part("refusal")[: len(says)]) == (400, says)
    assert person.fake.control.webhook_settings()["held"] is False


def test_one_webhook_shows_body_headers_signature_answer_and_cause(person: Person, receiver: Receiver) -> None:
    listen(person, receiver)
    made = customer(person, HOSTILE)
    person.fake.flush()
    (sent,) = person.fake.control.webhooks()
    page = person.look(f"webhooks/{sent['id']}")
    assert json.loads(page.part("body"))["data"]["object"]["id"] == made
    assert receiver.received[0][2]["Stripe-Signature"] in page.text
    assert page.links(f"customers/{made}")
    assert page.links(f"requests/{person.fake.journal[-1].request_id}")
    assert "<script>alert" not in page.source


def test_a_webhook_that_is_held_can_be_released_from_its_own_page(person: Person, receiver: Receiver) -> None:
    listen(person, receiver)
    person.fake.webhooks.hold()
    customer(person)
    (only,) = held(person)
    assert "It is signed when it is sent." in person.look(f"webhooks/{only}").text
    form = {"back": f"/_fakestripe/page/webhooks/{only}", "chosen": only, "do": "release"}
    page = person.client.post("/_fakestripe/page/webhooks", data=form, follow_redirects=True)
    assert (names(receiver), ">delivered<" in page.text) == (["Ada"], True)


def test_a_webhook_that_is_not_there_is_missing(person: Person) -> None:
    assert person.ask("webhooks/del_none").status == 404


def test_events_that_nobody_receives_are_counted(person: Person) -> None:
    customer(person)
    assert "Events that nobody receives customer.created 1" in person.look("webhooks").text


# Requests


def test_requests_are_listed_newest_first_and_page_by_page(person: Person) -> None:
    for _ in range(PAGE_SIZE + 2):
        customer(person)
    ids = [each.request_id for each in person.fake.journal][::-1]
    first = person.look("requests")
    assert list(first.rows("request-id")) == ids[:PAGE_SIZE]
    (older,) = [each for each in first.links("before=") if "/requests?" in each]
    customer(person)  # the page after it does not move
    second = Page(200, person.client.get(older, headers={"Accept": "text/html"}).text)
    assert list(second.rows("request-id")) == ids[PAGE_SIZE:]


def test_requests_are_found_by_path_and_status(person: Person) -> None:
    made = customer(person)
    person.call.get(f"{CUSTOMERS}/{made}")
    person.call.get(f"{CUSTOMERS}/cus_none")

    def found(**query: str) -> list[str]:
        return [said.split()[1] for said in person.look("requests", **query).rows("request-id").values()]

    assert found(path="cus_none") == [f"{CUSTOMERS}/cus_none"]
    assert found(path="/v1/customers/*") == [f"{CUSTOMERS}/cus_none", f"{CUSTOMERS}/{made}"]
    assert found(status="2xx") == [f"{CUSTOMERS}/{made}", CUSTOMERS]
    assert found(status="404") == [f"{CUSTOMERS}/cus_none"]
    assert found(status="418") == []
    assert len(found(status="nonsense")) == 3


def test_a_request_of_nobody_is_on_every_accounts_page(person: Person) -> None:
    person.client.get(CUSTOMERS)
    customer(person)
    page = person.look("requests")
    assert ("no account" in page.text, "You did not provide an API key" in page.text) == (True, True)


def test_requests_of_two_accounts_do_not_mix(person: Person) -> None:
    customer(person)
    person.call.get(CUSTOMERS, key=OTHER_KEY)
    rows = list(person.look("requests").rows("request-id").values())
    assert [each.split()[0] for each in rows] == ["POST"]


def test_one_request_shows_params_answer_headers_objects_and_events(person: Person, receiver: Receiver) -> None:
    listen(person, receiver)
    made = customer(person)
    person.fake.flush()
    page = person.look(f"requests/{person.fake.journal[-1].request_id}")
    assert json.loads(page.part("params")) == {"name": "Ada"}
    assert json.loads(page.part("answer"))["id"] == made
    assert "Strict-Transport-Security" in page.text
    assert page.links(f"customers/{made}")
    (webhook,) = person.fake.control.webhooks()
    assert page.links(f"webhooks/{webhook['id']}")
    assert "customer.created" in page.part("events")
    assert KEY not in page.source


def test_a_repeated_idempotency_key_leads_to_the_first_request(person: Person) -> None:
    for _ in range(2):
        person.call.post(CUSTOMERS, {"name": "Ada"}, idempotency_key="again")
    first, second = (each.request_id for each in person.fake.journal)
    page = person.look(f"requests/{second}")
    assert page.part("idempotency") == f"again used again: the answer is that of {first}"
    assert page.links(f"requests/{first}")
    assert "used again" not in person.look(f"requests/{first}").text
    assert "replayed" in person.look("requests").rows("request-id")[second]


def test_a_refused_request_shows_the_error_the_hint_and_what_had_no_effect(person: Person) -> None:
    person.call.get("/v1/custmers")
    page = person.look(f"requests/{person.fake.journal[-1].request_id}")
    assert page.part("error").startswith("Unrecognized request URL")
    assert "/v1/customers" in page.part("hint")


def test_a_page_says_where_a_behaviour_is_known_from(person: Person) -> None:
    person.call.get(f"{CUSTOMERS}/cus_none")
    identifier = person.fake.journal[-1].request_id
    assert page_of_how(person.look(f"requests/{identifier}").source) == ""
    page = person.look(f"requests/{identifier}", how="1")
    assert "core/errors/" in page.text
    assert "resources/customers.py" in page.text


def test_of_two_errors_with_one_sentence_the_one_of_the_call_comes_first(person: Person) -> None:
    person.call.get(f"{CUSTOMERS}/cus_none")
    page = person.look(f"requests/{person.fake.journal[-1].request_id}", how="1").text
    assert 0 < page.find("no_such") < page.find("resources/customers.py")
    assert "an event's payload" not in page.partition("resources/customers.py")[0]


def test_a_mark_is_said_once_and_without_the_signs_of_comments(person: Person) -> None:
    person.call.get(f"{CUSTOMERS}/cus_none")
    page = person.look(f"requests/{person.fake.journal[-1].request_id}", how="1").text
    known = page.partition("How do you know?")[2]
    assert "400 with its param for an id in a parameter" in known
    assert "inferred inferred:" not in " ".join(known.split())


def page_of_how(source: str) -> str:
    return source.partition('data-how="')[2].partition('"')[0]


def test_a_request_without_an_answer_says_why(person: Person) -> None:
    person.fake.fail_next("POST /v1/customers", close=True)
    with pytest.raises(ConnectionError):
        person.call.post(CUSTOMERS)
    page = person.look(f"requests/{person.fake.journal[-1].request_id}")
    assert page.part("no-answer") == "None was sent: a planned fault has dropped the connection."


def test_hostile_requests_are_only_shown(person: Person) -> None:
    person.call.post(CUSTOMERS, {"name": HOSTILE, HOSTILE: "x"}, idempotency_key="<b>key</b>")
    person.call.get("/v1/<script>alert(1)</script>")
    for each in [*person.fake.journal, None]:
        page = person.look("requests" if each is None else f"requests/{each.request_id}")
        assert ("<script>alert" in page.source, "<b>key" in page.source) == (False, False)


def test_a_request_that_is_not_there_is_missing(person: Person) -> None:
    assert person.ask("requests/req_none").status == 404
    assert person.look("requests", before="req_none").status == 200


def test_very_long_answers_are_cut(person: Person) -> None:
    person.fake.stub("GET /v1/quotes", json={"text": "x" * 200_000})
    person.call.get("/v1/quotes")
    page = person.look(f"requests/{person.fake.journal[-1].request_id}")
    assert page.part("answer").endswith("more characters)")
    assert len(page.source) < 150_000


def test_the_panels_are_closed_while_the_fake_is_paused(person: Person) -> None:
    person.fake.engine.pause("no test is running")
    assert [person.ask(each).status for each in ("webhooks", "requests", "requests/req_1")] == [503] * 3
    assert person.send("webhooks", hold="1").status == 503
