"""Setup intents: how a card is made ready for payments without the customer."""

import pytest

from tests.conftest import Call
from tests.resources.shop import Tree
from tests.resources.shop import customer

INTENTS = "/v1/setup_intents"
METHODS = "/v1/payment_methods"
ATTEMPTS = "/v1/setup_attempts"
CARDS = {"payment_method_types": ["card"]}
NOT_CANCELED = (
    "You cannot cancel this SetupIntent because it has a status of succeeded. Only a SetupIntent with one of the "
    "following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or `requires_action`."
)
MISSING = (
    "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the SetupIntent "
    "with a payment method and then confirm it again, or confirm it again directly with a payment method or "
    "ConfirmationToken."
)


def begun(call: Call, **terms: object) -> Tree:
    return call.create(INTENTS, {**CARDS, **terms})


def types(call: Call, count: int = 1) -> list[str]:
    """The newest events, oldest first."""
    return [each["type"] for each in call.get("/v1/events", {"limit": count}).json["data"]][::-1]


def attached(call: Call, ada: str, card: str = "visa") -> str:
    method: str = call.create(f"{METHODS}/pm_card_{card}/attach", {"customer": ada})["id"]
    return method


def test_a_new_one_waits_for_a_payment_method(call: Call) -> None:
    ada = customer(call)
    intent = call.create(INTENTS, {"customer": ada, "usage": "off_session"})
    assert intent["status"] == "requires_payment_method"
    assert intent["client_secret"].startswith(f"{intent['id']}_secret_")
    assert intent["automatic_payment_methods"] == {"allow_redirects": "always", "enabled": True}
    assert intent["payment_method_configuration_details"]["id"].startswith("pmc_")
    assert types(call) == ["setup_intent.created"]
    assert call.get(f"{INTENTS}/{intent['id']}", {"client_secret": intent["client_secret"]}).json == intent
    with_method = begun(call, payment_method="pm_card_visa")
    assert with_method["status"] == "requires_confirmation"
    assert with_method["payment_method"].startswith("pm_")


def test_a_confirmation_attaches_the_method(call: Call) -> None:
    ada = customer(call)
    intent = begun(call, customer=ada)
    done = call.create(f"{INTENTS}/{intent['id']}/confirm", {"payment_method": "pm_card_visa"})
    assert done["status"] == "succeeded"
    assert types(call, 2) == ["payment_method.attached", "setup_intent.succeeded"]
    assert call.get(f"{METHODS}/{done['payment_method']}").json["customer"] == ada
    attempt = call.get(ATTEMPTS, {"setup_intent": intent["id"]}).json["data"][0]
    assert (attempt["id"], attempt["status"]) == (done["latest_attempt"], "succeeded")
    assert attempt["payment_method_details"]["card"]["three_d_secure"] is None


def test_one_is_confirmed_when_it_is_created(call: Call) -> None:
    ada = customer(call)
    done = begun(call, customer=ada, payment_method=attached(call, ada), confirm=True)
    assert done["status"] == "succeeded"
    assert types(call, 2) == ["setup_intent.created", "setup_intent.succeeded"]


@pytest.mark.parametrize(
    ("terms", "kind"), [({}, "use_stripe_sdk"), ({"return_url": "https://a.b"}, "redirect_to_url")]
)
def test_a_card_may_want_to_be_authenticated(call: Call, terms: Tree, kind: str) -> None:
    intent = begun(call, customer=customer(call))
    method = {"payment_method": "pm_card_authenticationRequired"}
    waiting = call.create(f"{INTENTS}/{intent['id']}/confirm", {**method, **terms})
    assert (waiting["status"], waiting["next_action"]["type"]) == ("requires_action", kind)
    assert types(call) == ["setup_intent.requires_action"]


def test_a_request_may_ask_for_authentication(call: Call) -> None:
    asked = {"card": {"request_three_d_secure": "any"}}
    waiting = begun(call, payment_method="pm_card_visa", payment_method_options=asked, confirm=True)
    assert waiting["status"] == "requires_action"
    assert waiting["payment_method_options"]["card"]["request_three_d_secure"] == "any"


def test_a_decline_leaves_its_traces(call: Call) -> None:
    intent = begun(call, customer=customer(call))
    path = f"{INTENTS}/{intent['id']}"
    declined = call.post(f"{path}/confirm", {"payment_method": "pm_card_chargeDeclinedExpiredCard"})
    assert (declined.status, declined.error["code"], declined.error["type"]) == (402, "expired_card", "card_error")
    after = call.get(path).json
    assert declined.error["setup_intent"] == after
    assert declined.error["payment_method"]["card"]["last4"] == "0069"
    assert (after["status"], after["payment_method"]) == ("requires_payment_method", None)
    assert after["last_setup_error"]["decline_code"] == "expired_card"
    assert after["last_setup_error"]["payment_method"] == declined.error["payment_method"]
    assert types(call) == ["setup_intent.setup_failed"]
    attempt = call.get(ATTEMPTS, {"setup_intent": intent["id"]}).json["data"][0]
    assert (attempt["id"], attempt["status"]) == (after["latest_attempt"], "failed")
    assert attempt["setup_error"]["code"] == "expired_card"


def test_a_decline_at_creation_leaves_the_intent(call: Call) -> None:
    terms = {**CARDS, "payment_method": "pm_card_chargeDeclined", "confirm": True}
    declined = call.post(INTENTS, terms)
    assert declined.status == 402
    assert call.get(f"{INTENTS}/{declined.error['setup_intent']['id']}").json["last_setup_error"] is not None


def test_canceling(call: Call) -> None:
    path = f"{INTENTS}/{begun(call)['id']}"
    canceled = call.create(f"{path}/cancel", {"cancellation_reason": "abandoned"})
    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "abandoned")
    assert types(call) == ["setup_intent.canceled"]
    assert call.create(f"{INTENTS}/{begun(call)['id']}/cancel")["cancellation_reason"] is None


def test_what_is_done_cannot_be_changed(call: Call) -> None:
    done = f"{INTENTS}/{begun(call, payment_method='pm_card_visa', confirm=True)['id']}"
    gone = f"{INTENTS}/{begun(call, payment_method='pm_card_visa')['id']}"
    call.create(f"{gone}/cancel")
    good = {"payment_method": "pm_card_visa"}
    for path, terms, message in (
        (f"{done}/confirm", {}, "You cannot confirm this SetupIntent because it has already succeeded."),
        (f"{gone}/confirm", {}, "You cannot confirm this SetupIntent because it has been canceled."),
        (done, good, "You cannot update this SetupIntent because it has already succeeded."),
        (gone, good, "You cannot update this SetupIntent because it has been canceled."),
        (f"{gone}/cancel", {}, "You cannot cancel this SetupIntent because it is already canceled."),
        (
            f"{done}/cancel",
            {},
            NOT_CANCELED,
        ),
    ):
        refused = call.post(path, terms)
        assert (refused.status, refused.error["code"]) == (400, "setup_intent_unexpected_state")
        assert refused.error["message"] == message
        assert refused.error["setup_intent"]["id"] in path
    assert call.create(done, {"description": "Later"})["description"] == "Later"


def test_a_missing_method_comes_before_the_status(call: Call) -> None:
    intent = begun(call)
    call.create(f"{INTENTS}/{intent['id']}/cancel")
    refused = call.post(f"{INTENTS}/{intent['id']}/confirm")
    assert (refused.error["message"], refused.error["code"]) == (MISSING, "setup_intent_unexpected_state")


def test_a_method_must_be_the_customers(call: Call) -> None:
    ada, bob = customer(call), customer(call)
    method = attached(call, ada)
    other = call.post(INTENTS, {**CARDS, "customer": bob, "payment_method": method})
    assert (other.status, other.error["param"]) == (400, "payment_method")
    assert other.error["message"] == (
        f"The PaymentMethod {method} does not belong to the Customer you supplied {bob}. Please use this PaymentMethod "
        "with the Customer that it belongs to instead."
    )
    nobody = call.post(f"{INTENTS}/{begun(call)['id']}/confirm", {"payment_method": method})
    assert nobody.error["message"] == (
        f"The payment method supplied ({method}) belongs to the Customer {ada}. Please include the Customer in the "
        "`customer` parameter on the SetupIntent."
    )


def test_a_redirect_needs_a_way_back(call: Call) -> None:
    intent = call.create(INTENTS)["id"]
    refused = call.post(f"{INTENTS}/{intent}/confirm", {"payment_method": "pm_card_visa"})
    assert refused.error["message"].startswith("This SetupIntent is configured to accept payment methods enabled in")
    good = {"payment_method": "pm_card_visa", "return_url": "https://a.example"}
    assert call.create(f"{INTENTS}/{intent}/confirm", good)["status"] == "succeeded"
    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}, "confirm": True}
    assert call.create(INTENTS, {**never, "payment_method": "pm_card_visa"})["status"] == "succeeded"


def test_updates(call: Call) -> None:
    ada = customer(call)
    intent = begun(call)["id"]
    terms = {
        "customer": ada,
        "description": "Card",
        "metadata": {"a": "1"},
        "payment_method": attached(call, ada),
        "flow_directions": ["inbound"],
        "payment_method_options": {"card": {"network": "visa"}},
    }
    before = types(call)
    changed = call.create(f"{INTENTS}/{intent}", terms)
    assert types(call) == before
    assert (changed["customer"], changed["status"]) == (ada, "requires_confirmation")
    assert (changed["description"], changed["metadata"]) == ("Card", {"a": "1"})
    assert changed["flow_directions"] == ["inbound"]
    assert changed["payment_method_options"]["card"]["network"] == "visa"
    refused = call.post(f"{INTENTS}/{intent}", {"customer": customer(call)})
    assert (refused.status, refused.error["param"]) == (400, "customer")
    listed = call.create(f"{INTENTS}/{intent}", {"allowed_payment_method_types": ["card"]})
    assert listed["allowed_payment_method_types"] == ["card"]
    assert (
        call.create(f"{INTENTS}/{intent}", {"allowed_payment_method_types": ""})["allowed_payment_method_types"] is None
    )


def test_lists(call: Call) -> None:
    ada = customer(call)
    method = attached(call, ada)
    mine = [begun(call, customer=ada)["id"], begun(call, customer=ada, payment_method=method)["id"]]
    begun(call)
    assert call.get(INTENTS, {"customer": ada}).ids == mine[::-1]
    assert call.get(INTENTS, {"payment_method": method}).ids == mine[1:]
    assert call.get(INTENTS, {"created": {"gt": call.clock.now()}}).ids == []
    assert len(call.get(INTENTS).ids) == 3
    assert call.get(ATTEMPTS, {"setup_intent": mine[0]}).ids == []


@pytest.mark.parametrize(
    ("path", "terms", "status", "param"),
    [
        ("", {"customer": "cus_x"}, 400, "customer"),
        ("", {"payment_method": "pm_x"}, 400, "payment_method"),
        ("", {"payment_method": "pm_card_nothing"}, 400, "payment_method"),
        ("", {"usage": "sometimes"}, 400, "usage"),
        ("", {"confirm": True}, 400, None),
        ("", {"return_url": "https://a.example"}, 400, "return_url"),
        ("", {"description": "x" * 1001}, 400, "description"),
        ("", {"automatic_payment_methods": {"allow_redirects": "never"}}, 400, "automatic_payment_methods[enabled]"),
        ("", {**CARDS, "automatic_payment_methods": {"enabled": True}}, 400, "automatic_payment_methods"),
        ("", {**CARDS, "allowed_payment_method_types": ["card"]}, 400, "allowed_payment_method_types"),
        ("", {"payment_method_types": "card"}, 400, "payment_method_types"),
        ("", {"payment_method_types": ["sepa_debit"]}, 501, "payment_method_types"),
        ("", {"excluded_payment_method_types": ["card"]}, 501, "excluded_payment_method_types"),
        ("", {"flow_directions": ["up"]}, 400, "flow_directions[0]"),
        ("", {"payment_method_options": {"card": {"network": "x"}}}, 400, "payment_method_options[card][network]"),
        ("/seti_x", {"description": "a"}, 404, "intent"),
        ("/seti_x/confirm", {}, 404, "intent"),
        ("/seti_x/cancel", {}, 404, "intent"),
        ("/{}/cancel", {"cancellation_reason": "bored"}, 400, "cancellation_reason"),
        ("/{}/confirm", {"client_secret": "x"}, 400, "client_secret"),
        ("/{}/verify_microdeposits", {"amounts": [1, 2]}, 400, None),
    ],
)
def test_bad_requests(call: Call, path: str, terms: Tree, status: int, param: str | None) -> None:
    intent = begun(call)["id"]
    refused = call.post(f"{INTENTS}{path.format(intent)}", terms)
    assert (refused.status, refused.error.get("param")) == (status, param)


def test_bad_lists(call: Call) -> None:
    for path, query, status, param in (
        (INTENTS, {"customer": "x"}, 400, "customer"),
        (INTENTS, {"payment_method": "x"}, 400, "payment_method"),
        (f"{INTENTS}/seti_x", {}, 404, "intent"),
        (ATTEMPTS, {}, 400, "setup_intent"),
        (ATTEMPTS, {"setup_intent": "seti_x"}, 400, "setup_intent"),
    ):
        refused = call.get(path, query)
        assert (refused.status, refused.error["param"]) == (status, param)
