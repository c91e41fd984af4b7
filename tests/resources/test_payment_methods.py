"""Payment methods: the cards of the test mode, whose they are, and what can be done with them."""

import pytest

from tests.conftest import Call
from tests.resources.shop import DAY
from tests.resources.shop import Tree
from tests.resources.shop import customer

METHODS = "/v1/payment_methods"
CLOVER = "2025-10-29.clover"
FORMER = "2020-08-27"
OLD = "2023-08-16"


def attached(call: Call, ada: str, card: str = "visa", **options: str) -> Tree:
    return call.create(f"{METHODS}/pm_card_{card}/attach", {"customer": ada}, **options)


def types(call: Call) -> list[str]:
    return [each["type"] for each in call.get("/v1/events").json["data"]]


def test_the_name_of_a_card_makes_a_method_that_the_customer_has(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)
    assert list(method) == [
        "id",
        "object",
        "allow_redisplay",
        "billing_details",
        "card",
        "created",
        "customer",
        "customer_account",
        "livemode",
        "metadata",
        "type",
    ]
    assert method["id"].startswith("pm_")
    assert method["customer"] == ada
    assert method["card"]["checks"]["cvc_check"] == "pass"
    assert types(call)[0] == "payment_method.attached"
    assert call.get(f"{METHODS}/{method['id']}").json == method
    assert attached(call, ada)["id"] != method["id"]


def test_a_card_expires_in_the_month_in_which_it_was_made_a_year_later(call: Call) -> None:
    call.clock.freeze("2026-03-31T12:00:00Z")
    card = attached(call, customer(call))["card"]
    assert (card["exp_month"], card["exp_year"]) == (3, 2027)


def test_a_method_without_customer_is_made_of_a_token(call: Call) -> None:
    before = types(call)
    method = call.create(METHODS, {"type": "card", "card": {"token": "tok_visa"}, "metadata": {"a": "1"}})
    assert (method["customer"], method["metadata"]) == (None, {"a": "1"})
    assert method["card"]["checks"]["cvc_check"] == "unchecked"
    assert types(call) == before
    ada = customer(call)
    assert call.create(f"{METHODS}/{method['id']}/attach", {"customer": ada})["card"]["checks"]["cvc_check"] == "pass"


@pytest.mark.parametrize("name", ["tok_threeDSecureRequired", "tok_threeDSecure2Required", "tok_mastercard", "tok_us"])
def test_tokens_have_the_names_of_the_cards(call: Call, name: str) -> None:
    assert call.create(METHODS, {"type": "card", "card": {"token": name}})["type"] == "card"


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("pm_card_visa", "Invalid token id: pm_card_visa"),
        ("visa", "Invalid token id: visa"),
        ("tok_card_visa", "There is a part of the token that is not valid: 'card'."),
        ("tok_1abcdefghijklmn", "No such token: 'tok_1abcdefghijklmn'"),
        ("tok_visa_mastercard", "Invalid token id: tok_visa_mastercard"),
    ],
)
def test_other_tokens_are_refused(call: Call, token: str, message: str) -> None:
    refused = call.post(METHODS, {"type": "card", "card": {"token": token}})
    assert (refused.status, refused.error["message"], refused.error["param"]) == (400, message, "token")


def test_attaching_again_changes_nothing(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)
    before = types(call)
    assert call.create(f"{METHODS}/{method['id']}/attach", {"customer": ada}) == method
    assert types(call) == before


def test_a_detached_method_can_be_seen_and_not_used_again(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)["id"]
    call.create(f"/v1/customers/{ada}", {"invoice_settings": {"default_payment_method": method}})
    detached = call.create(f"{METHODS}/{method}/detach")
    assert detached["customer"] is None
    event = call.get("/v1/events").json["data"][0]
    assert event["type"] == "payment_method.detached"
    assert event["data"]["previous_attributes"] == {"customer": ada}
    assert call.get(f"{METHODS}/{method}").json == detached
    assert call.get(f"/v1/customers/{ada}/payment_methods").json["data"] == []
    assert call.get(f"/v1/customers/{ada}").json["invoice_settings"]["default_payment_method"] is None
    refused = call.post(f"{METHODS}/{method}/attach", {"customer": ada})
    assert refused.error["message"].startswith("This PaymentMethod was previously used without being attached")


def test_refusals_of_attaching_and_detaching(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    method = attached(call, ada)["id"]
    taken = call.post(f"{METHODS}/{method}/attach", {"customer": bob})
    assert (taken.status, taken.error.keys() & {"code", "param"}) == (400, set())
    assert taken.error["message"] == "The payment method you provided has already been attached to a customer."
    nobody = call.post(f"{METHODS}/{method}/attach")
    assert (nobody.error["code"], nobody.error["message"]) == (
        "parameter_missing",
        "Must provide customer or customer_account.",
    )
    free = call.create(METHODS, {"type": "card", "card": {"token": "tok_visa"}})["id"]
    assert call.post(f"{METHODS}/{free}/detach").error["message"] == (
        "The payment method you provided is not attached to a customer so detachment is impossible."
    )
    unknown = call.post(f"{METHODS}/pm_1/attach", {"customer": ada})
    assert (unknown.status, unknown.error["code"], unknown.error["param"]) == (
        404,
        "resource_missing",
        "payment_method",
    )
    assert unknown.error["message"].startswith("No such PaymentMethod: 'pm_1'; It's possible")
    stranger = call.post(f"{METHODS}/pm_card_visa/attach", {"customer": "cus_1"})
    assert (stranger.status, stranger.error["param"]) == (400, "customer")


def test_the_first_group_of_failing_cards_cannot_be_attached(call: Call) -> None:
    declined = call.post(f"{METHODS}/pm_card_chargeDeclined/attach", {"customer": customer(call)})
    assert declined.status == 402
    error = declined.error
    error.pop("request_log_url")
    assert list(error.items()) == [
        ("advice_code", "try_again_later"),
        ("code", "card_declined"),
        ("decline_code", "generic_decline"),
        ("doc_url", "https://stripe.com/docs/error-codes/card-declined"),
        ("message", "Your card was declined."),
        ("network_decline_code", "01"),
        ("param", ""),
        ("type", "card_error"),
    ]


def test_a_card_whose_payments_are_disputed_is_not_served(call: Call) -> None:
    refused = call.post(f"{METHODS}/pm_card_createDispute/attach", {"customer": customer(call)})
    assert (refused.status, refused.error["code"]) == (501, "fakestripe_not_served")


def test_details_of_the_holder_are_merged_leaf_by_leaf(call: Call) -> None:
    method = attached(call, customer(call))["id"]
    first = {"name": "Ada", "address": {"city": "Oslo", "line1": "1 Road"}}
    call.create(f"{METHODS}/{method}", {"billing_details": first})
    changed = call.create(
        f"{METHODS}/{method}", {"billing_details": {"email": "a@b.example", "address": {"city": "Rome"}}}
    )
    details = changed["billing_details"]
    assert (details["name"], details["email"], details["tax_id"]) == ("Ada", "a@b.example", None)
    assert (details["address"]["city"], details["address"]["line1"]) == ("Rome", "1 Road")
    assert types(call)[:2] == ["payment_method.updated"] * 2
    cleared = call.create(f"{METHODS}/{method}", {"billing_details": {"address": "", "name": ""}})["billing_details"]
    assert (cleared["name"], cleared["address"]["city"]) == (None, None)


def test_what_can_be_changed(call: Call) -> None:
    method = attached(call, customer(call), "visa_cartesBancaires")["id"]
    terms = {
        "allow_redisplay": "always",
        "metadata": {"a": "1"},
        "card": {"exp_month": 5, "exp_year": 2040, "networks": {"preferred": "cartes_bancaires"}},
    }
    changed = call.create(f"{METHODS}/{method}", terms)
    assert (changed["allow_redisplay"], changed["metadata"]) == ("always", {"a": "1"})
    assert (changed["card"]["exp_month"], changed["card"]["exp_year"]) == (5, 2040)
    assert changed["card"]["networks"] == {"available": ["cartes_bancaires", "visa"], "preferred": "cartes_bancaires"}
    cleared = call.create(f"{METHODS}/{method}", {"card": {"networks": {"preferred": ""}}})
    assert cleared["card"]["networks"]["preferred"] is None


@pytest.mark.parametrize(
    ("terms", "status", "code", "param"),
    [
        ({"card": {"exp_month": 13}}, 402, "invalid_expiry_month", "card[exp_month]"),
        ({"card": {"exp_month": 0}}, 402, "invalid_expiry_month", "card[exp_month]"),
        ({"card": {"exp_year": 1999}}, 402, "invalid_expiry_year", "card[exp_year]"),
        ({"card": {"exp_year": 10000}}, 402, "invalid_expiry_year", "card[exp_year]"),
        ({"card": {"exp_month": "may"}}, 400, "parameter_invalid_integer", "card[exp_month]"),
        ({"card": {"networks": {"preferred": "mastercard"}}}, 400, None, "card[networks][preferred]"),
        ({"allow_redisplay": "often"}, 400, None, "allow_redisplay"),
        ({"metadata": {"k" * 41: "1"}}, 400, None, f"metadata[{'k' * 41}]"),
        ({"billing_details": "Ada"}, 400, None, "billing_details"),
        ({"billing_details": {"name": "x" * 5001}}, 400, None, "billing_details[name]"),
        ({"us_bank_account": {"account_type": "checking"}}, 501, "fakestripe_not_served", "us_bank_account"),
    ],
)
def test_a_bad_change_is_refused(call: Call, terms: Tree, status: int, code: str | None, param: str) -> None:
    method = attached(call, customer(call))["id"]
    refused = call.post(f"{METHODS}/{method}", terms)
    assert (refused.status, refused.error.get("code")) == (status, code)
    assert refused.error["param"].startswith(param)


@pytest.mark.parametrize(
    ("terms", "status", "words"),
    [
        ({}, 400, "type"),
        ({"type": "card"}, 400, "card"),
        ({"type": "card", "card": {"networks": {"preferred": "visa"}}}, 400, "card[token]"),
        ({"type": "cash", "card": {"token": "tok_visa"}}, 400, "Invalid type"),
        ({"type": "sepa_debit", "sepa_debit": {"iban": "DE1"}}, 501, "type"),
        ({"type": "card", "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2030}}, 402, "unsafe"),
        ({"type": "card", "card": {"token": "tok_visa"}, "customer": "cus_1"}, 400, "during PaymentMethod creation"),
    ],
)
def test_a_bad_new_method_is_refused(call: Call, terms: Tree, status: int, words: str) -> None:
    refused = call.post(METHODS, terms)
    assert refused.status == status
    assert words in refused.error["message"] or words in refused.error.get("param", "")


def test_lists(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    mine = [attached(call, ada)["id"], attached(call, ada, "mastercard")["id"]]
    attached(call, bob)
    for path, query in ((METHODS, {"customer": ada}), (f"/v1/customers/{ada}/payment_methods", {})):
        page = call.get(path, query)
        assert page.ids == mine[::-1]
        assert page.json["url"] == path
        assert call.get(path, {**query, "type": "card", "limit": 1}).ids == mine[1:]
        assert call.get(path, {**query, "type": "alipay"}).ids == []
        assert call.get(path, {**query, "allow_redisplay": "always"}).ids == []
        assert call.get(path, {**query, "starting_after": mine[1]}).ids == mine[:1]
    assert call.get(METHODS).ids == []
    assert call.get(f"/v1/customers/{ada}/payment_methods/{mine[0]}").json["id"] == mine[0]


def test_refusals_of_lists(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    method = attached(call, bob)["id"]
    unknown = call.get(METHODS, {"customer": "x"})
    assert (unknown.status, unknown.error["code"], unknown.error["param"]) == (400, "resource_missing", "customer")
    missing = call.get("/v1/customers/x/payment_methods")
    assert (missing.status, missing.error["param"]) == (404, "id")
    other = call.get(f"/v1/customers/{ada}/payment_methods/{method}")
    assert (other.status, other.error["message"], other.error["param"]) == (404, "Invalid request", "customer")
    assert "code" not in other.error


def test_the_time_of_a_customer_on_a_test_clock_counts(call: Call) -> None:
    start = call.clock.now()
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": start})["id"]
    call.create(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": start + 20 * DAY})
    ada = customer(call, test_clock=clock)
    attached(call, ada)
    assert call.get("/v1/events").json["data"][0]["created"] == start + 20 * DAY
