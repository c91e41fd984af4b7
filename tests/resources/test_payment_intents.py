"""Payment intents: from what a customer wants to pay to what was charged, and everything in between."""

import pytest

from tests.conftest import Call
from tests.resources.payments import BACK
from tests.resources.payments import INTENTS
from tests.resources.payments import NO_REDIRECTS
from tests.resources.payments import charge_of
from tests.resources.payments import charged
from tests.resources.payments import happened
from tests.resources.payments import saved
from tests.resources.payments import terms
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import Tree
from tests.resources.shop import customer

FORMER = "2020-08-27"
ACACIA = "2025-02-24.acacia"
DAHLIA = "2026-08-26.dahlia"
ENDIVE = "2026-09-30.endive"
UNEXPECTED = "payment_intent_unexpected_state"
CHANGEABLE = "requires_payment_method, requires_confirmation, requires_action"
CANCELABLE = (
    "requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action, "
    "expired, processing"
)
MISSING = "You cannot confirm this PaymentIntent because it's missing a payment method."
UNABLE = "This PaymentIntent could not be captured because it has a status of"


def state(intent: Tree) -> tuple[str, int, int]:
    return intent["status"], intent["amount_received"], intent["amount_capturable"]


def test_an_intent_has_the_fields_that_stripe_shows(call: Call) -> None:
    ada, method = saved(call)
    intent = call.create(INTENTS, {"amount": 2900, "currency": "usd", "customer": ada, "payment_method": method})
    assert intent == {
        "id": intent["id"],
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": 2900,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": intent["client_secret"],
        "confirmation_method": "automatic",
        "created": NEW_YEAR,
        "currency": "usd",
        "customer": ada,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": method,
        "payment_method_configuration_details": intent["payment_method_configuration_details"],
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "payment_record": None,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_confirmation",
        "transfer_data": None,
        "transfer_group": None,
    }
    secret, _, letters = intent["client_secret"].partition("_secret_")
    assert (secret, len(letters)) == (intent["id"], 25)
    assert call.get(f"{INTENTS}/{intent['id']}", {"client_secret": intent["client_secret"]}).json == intent


def test_a_card_that_passes_is_charged(call: Call) -> None:
    ada, method = saved(call)
    intent = call.create(INTENTS, terms(customer=ada))
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    paid = call.create(f"{INTENTS}/{intent['id']}/confirm", {"payment_method": method})
    assert state(paid) == ("succeeded", 2900, 0)
    assert paid["payment_method"] == method
    assert happened(call) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    ]


@pytest.mark.parametrize(
    ("card", "code", "decline", "message", "more"),
    [
        (
            "visa_chargeDeclined",
            "card_declined",
            "generic_decline",
            "Your card was declined.",
            {"advice_code": "try_again_later", "network_decline_code": "01"},
        ),
        (
            "visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
            {"advice_code": "try_again_later", "network_advice_code": "02", "network_decline_code": "51"},
        ),
        (
            "visa_chargeDeclinedLostCard",
            "card_declined",
            "lost_card",
            "Your card was declined.",
            {"advice_code": "do_not_try_again", "network_advice_code": "01", "network_decline_code": "41"},
        ),
        (
            "chargeDeclinedExpiredCard",
            "expired_card",
            "expired_card",
            "Your card has expired.",
            {
                "advice_code": "confirm_card_data",
                "network_advice_code": "03",
                "network_decline_code": "54",
                "param": "exp_month",
            },
        ),
        (
            "chargeDeclinedIncorrectCvc",
            "incorrect_cvc",
            "incorrect_cvc",
            "Your card's security code is incorrect.",
            {
                "advice_code": "confirm_card_data",
                "network_advice_code": "03",
                "network_decline_code": "N7",
                "param": "cvc",
            },
        ),
        (
            "chargeDeclinedProcessingError",
            "processing_error",
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
            {"advice_code": "try_again_later", "network_decline_code": "06"},
        ),
    ],
)
def test_a_decline_has_the_body_that_stripe_sends(  # noqa: PLR0917  pytest passes them by name
    call: Call, card: str, code: str, decline: str, message: str, more: Tree
) -> None:
    intent = call.create(INTENTS, terms(payment_method=f"pm_card_{card}"))
    assert intent["status"] == "requires_confirmation"
    answer = call.post(f"{INTENTS}/{intent['id']}/confirm")
    after = call.get(f"{INTENTS}/{intent['id']}").json
    assert (answer.status, answer.headers.lookup("stripe-should-retry")) == (402, "false")
    last = after["last_payment_error"]
    assert answer.error == {
        **more,
        "charge": after["latest_charge"],
        "code": code,
        "decline_code": decline,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "payment_intent": after,
        "payment_method": last["payment_method"],
        "request_log_url": answer.error["request_log_url"],
        "type": "card_error",
    }
    assert list(answer.error) == sorted(answer.error)
    assert list(last) == sorted(last)
    assert last == {
        name: value for name, value in answer.error.items() if name not in ("payment_intent", "request_log_url")
    }
    assert (after["status"], after["payment_method"]) == ("requires_payment_method", None)
    assert last["payment_method"]["id"] == intent["payment_method"]
    charge = charge_of(call, after)
    assert (charge["status"], charge["paid"], charge["captured"], charge["amount_captured"]) == (
        "failed",
        False,
        False,
        0,
    )
    assert (charge["failure_code"], charge["failure_message"], charge["outcome"]["reason"]) == (code, message, decline)
    assert (charge["balance_transaction"], charge["receipt_url"]) == (None, None)
    assert happened(call) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_a_decline_at_once_names_the_type_of_the_method(call: Call) -> None:
    answer = call.post(INTENTS, terms(payment_method="pm_card_chargeCustomerFail", confirm=True))
    assert answer.error["payment_method_type"] == "card"
    assert list(answer.error)[-3:] == ["payment_method_type", "request_log_url", "type"]
    (kept,) = call.get(INTENTS).json["data"]
    assert kept["status"] == "requires_payment_method"


def test_an_intent_that_was_declined_is_paid_with_another_card(call: Call) -> None:
    answer = call.post(INTENTS, terms(payment_method="pm_card_chargeDeclined", confirm=True))
    intent = answer.error["payment_intent"]["id"]
    paid = call.create(f"{INTENTS}/{intent}/confirm", {"payment_method": "pm_card_visa"})
    assert (paid["status"], paid["last_payment_error"]) == ("succeeded", None)
    charges = call.get("/v1/charges", {"payment_intent": intent}).json["data"]
    assert [each["status"] for each in charges] == ["succeeded", "failed"]


@pytest.mark.parametrize("return_url", [None, BACK])
def test_a_payment_that_wants_it_is_authenticated(call: Call, return_url: str | None) -> None:
    more: Tree = {} if return_url is None else {"return_url": return_url}
    intent = charged(call, "authenticationRequired", **more)
    assert (intent["status"], intent["latest_charge"]) == ("requires_action", None)
    action = intent["next_action"]
    if return_url is None:
        assert (action["type"], action["use_stripe_sdk"]["type"]) == ("use_stripe_sdk", "stripe_3ds2_fingerprint")
    else:
        assert (action["type"], action["redirect_to_url"]["return_url"]) == ("redirect_to_url", return_url)
    assert call.fake.authenticate(intent["id"]) == "succeeded"
    paid = call.get(f"{INTENTS}/{intent['id']}").json
    assert (state(paid), paid["next_action"]) == (("succeeded", 2900, 0), None)
    details = charge_of(call, paid)["payment_method_details"]["card"]
    assert details["three_d_secure"]["result"] == "authenticated"
    assert happened(call)[:4] == [
        "payment_intent.created",
        "payment_intent.requires_action",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_a_browser_authenticates_if_the_request_says_so(call: Call) -> None:
    intent = charged(call, "authenticationRequired", return_url=BACK, use_stripe_sdk=True)
    assert intent["next_action"]["type"] == "use_stripe_sdk"


def test_a_customer_who_fails_to_authenticate_needs_another_card(call: Call) -> None:
    intent = charged(call, "threeDSecure2Required")
    assert call.fake.authenticate(intent["id"], succeeds=False) == "requires_payment_method"
    failed = call.get(f"{INTENTS}/{intent['id']}").json
    error = failed["last_payment_error"]
    assert (error["code"], error["type"]) == ("payment_intent_authentication_failure", "invalid_request_error")
    assert (failed["payment_method"], failed["next_action"], failed["latest_charge"]) == (None, None, None)
    assert happened(call)[-1] == "payment_intent.payment_failed"


def test_a_card_may_decline_what_was_authenticated(call: Call) -> None:
    intent = charged(call, "threeDSecureRequiredChargeDeclined")
    assert call.fake.authenticate(intent["id"]) == "requires_payment_method"
    failed = call.get(f"{INTENTS}/{intent['id']}").json
    assert failed["last_payment_error"]["code"] == "card_declined"
    assert charge_of(call, failed)["status"] == "failed"


def test_only_what_waits_for_it_is_authenticated(call: Call) -> None:
    paid = charged(call)["id"]
    for identifier, text in (
        (paid, "has the status succeeded"),
        ("pi_none", "there is no intent 'pi_none'"),
        ("cus_1", "the id of a payment intent"),
    ):
        with pytest.raises(ValueError, match=text):
            call.fake.authenticate(identifier)


def test_a_payment_off_session_that_wants_to_be_authenticated_is_declined(call: Call) -> None:
    ada, method = saved(call, "authenticationRequired")
    answer = call.post(INTENTS, terms(customer=ada, payment_method=method, confirm=True, off_session=True))
    assert answer.status == 402
    error = answer.error
    assert (error["code"], error["decline_code"]) == ("authentication_required", "authentication_required")
    assert error["message"] == "Your card was declined. This transaction requires authentication."
    assert "charge" not in error
    assert error["payment_intent"]["latest_charge"] is None
    assert happened(call) == ["payment_intent.created", "payment_intent.payment_failed"]


def test_a_request_can_say_that_nobody_can_authenticate(call: Call) -> None:
    answer = call.post(
        INTENTS, terms(payment_method="pm_card_authenticationRequired", confirm=True, error_on_requires_action=True)
    )
    assert (answer.status, answer.error["decline_code"]) == (402, "authentication_not_handled")
    assert answer.error["payment_intent"]["status"] == "requires_payment_method"


def test_a_card_that_was_set_up_with_a_payment_passes_off_session(call: Call) -> None:
    ada = customer(call)
    first = charged(call, "authenticationRequiredOnSetup", customer=ada, setup_future_usage="off_session")
    assert call.get(f"/v1/customers/{ada}/payment_methods").json["data"] == []
    call.fake.authenticate(first["id"])
    (method,) = call.get(f"/v1/customers/{ada}/payment_methods").json["data"]
    assert method["id"] == first["payment_method"]
    later = call.create(INTENTS, terms(customer=ada, payment_method=method["id"], confirm=True, off_session=True))
    assert later["status"] == "succeeded"


def test_a_request_can_ask_for_authentication(call: Call) -> None:
    options = {"card": {"request_three_d_secure": "any"}}
    intent = charged(call, payment_method_options=options)
    assert intent["status"] == "requires_action"
    assert intent["payment_method_options"]["card"]["request_three_d_secure"] == "any"


def test_a_method_that_nobody_has_pays_once(call: Call) -> None:
    method = charged(call)["payment_method"]
    answer = call.post(INTENTS, terms(payment_method=method, confirm=True))
    assert answer.status == 400
    assert "may not be used again" in answer.error["message"]


def test_an_amount_is_held_and_captured(call: Call) -> None:
    intent = charged(call, capture_method="manual")
    assert state(intent) == ("requires_capture", 0, 2900)
    charge = charge_of(call, intent)
    assert (charge["captured"], charge["amount_captured"], charge["paid"]) == (False, 0, True)
    assert charge["balance_transaction"] is None
    assert charge["payment_method_details"]["card"]["capture_before"] == NEW_YEAR + 604_800
    taken = call.create(f"{INTENTS}/{intent['id']}/capture")
    assert state(taken) == ("succeeded", 2900, 0)
    charge = charge_of(call, taken)
    assert (charge["captured"], charge["amount_captured"], charge["amount_refunded"]) == (True, 2900, 0)
    assert charge["payment_method_details"]["card"]["capture_before"] == NEW_YEAR + 604_800
    movement = call.get(f"/v1/balance_transactions/{charge['balance_transaction']}").json
    assert (movement["amount"], movement["fee"], movement["net"]) == (2900, 114, 2786)
    assert happened(call) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_what_is_not_captured_is_released(call: Call) -> None:
    intent = charged(call, capture_method="manual")
    taken = call.create(f"{INTENTS}/{intent['id']}/capture", {"amount_to_capture": 1000, "metadata": {"a": "b"}})
    assert state(taken) == ("succeeded", 1000, 0)
    assert taken["metadata"] == {"a": "b"}
    charge = charge_of(call, taken)
    assert (charge["amount_captured"], charge["amount_refunded"], charge["refunded"]) == (1000, 1900, False)
    again = call.post(f"{INTENTS}/{intent['id']}/capture")
    assert again.error["message"] == (
        "The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized "
        "amount "
        "has been released."
    )


def test_an_intent_is_canceled_and_its_hold_released(call: Call) -> None:
    held = charged(call, capture_method="manual")
    canceled = call.create(f"{INTENTS}/{held['id']}/cancel", {"cancellation_reason": "abandoned"})
    assert state(canceled) == ("canceled", 0, 0)
    assert (canceled["canceled_at"], canceled["cancellation_reason"]) == (NEW_YEAR, "abandoned")
    assert charge_of(call, canceled)["refunded"] is True
    assert happened(call)[-1] == "payment_intent.canceled"
    new = call.create(INTENTS, terms())
    assert call.create(f"{INTENTS}/{new['id']}/cancel")["cancellation_reason"] is None


def test_fields_are_changed_and_cleared(call: Call) -> None:
    ada, method = saved(call)
    intent = call.create(INTENTS, terms(description="a book", metadata={"kept": "1"}, receipt_email="ada@example.com"))
    address = {"line1": "1 Main", "city": "Rome"}
    changed = call.create(
        f"{INTENTS}/{intent['id']}",
        {
            "amount": 100,
            "currency": "EUR",
            "customer": ada,
            "payment_method": method,
            "description": "",
            "metadata": {"more": "2"},
            "receipt_email": "",
            "setup_future_usage": "on_session",
            "capture_method": "manual",
            "shipping": {"name": "Ada", "address": address, "carrier": "post"},
            "statement_descriptor": "BOOKS",
            "statement_descriptor_suffix": "1",
            "transfer_group": "group",
            "payment_details": {"order_reference": "7"},
            "excluded_payment_method_types": ["alipay"],
            "allowed_payment_method_types": ["card"],
        },
    )
    assert (changed["amount"], changed["currency"], changed["customer"]) == (100, "eur", ada)
    assert (changed["payment_method"], changed["status"]) == (method, "requires_confirmation")
    assert (changed["description"], changed["receipt_email"]) == (None, None)
    assert changed["metadata"] == {"kept": "1", "more": "2"}
    assert (changed["setup_future_usage"], changed["capture_method"]) == ("on_session", "manual")
    assert (changed["shipping"]["name"], changed["shipping"]["carrier"]) == ("Ada", "post")
    assert (changed["statement_descriptor"], changed["statement_descriptor_suffix"]) == ("BOOKS", "1")
    assert (changed["transfer_group"], changed["payment_details"]["order_reference"]) == ("group", "7")
    assert (changed["excluded_payment_method_types"], changed["allowed_payment_method_types"]) == (["alipay"], ["card"])
    assert [each for each in happened(call) if "updated" in each] == []
    cleared = {"setup_future_usage": "", "shipping": "", "payment_details": "", "excluded_payment_method_types": ""}
    changed = call.create(f"{INTENTS}/{intent['id']}", cleared)
    assert (changed["setup_future_usage"], changed["shipping"]) == (None, None)
    assert "payment_details" not in changed


def test_intents_are_listed_and_searched(call: Call) -> None:
    ada = customer(call)
    mine = [charged(call, customer=ada, amount=amount)["id"] for amount in (100, 200)]
    charged(call)
    assert call.get(INTENTS, {"customer": ada}).ids == mine[::-1]
    assert call.get(INTENTS, {"created": {"gt": NEW_YEAR}}).ids == []
    found = call.get(f"{INTENTS}/search", {"query": f"customer:'{ada}' AND amount>100"})
    assert found.ids == [mine[1]]
    assert call.get(INTENTS, {"customer": "cus_none"}).error["param"] == "customer"


# Versions


def test_older_versions_have_the_charges_and_the_invoice(call: Call) -> None:
    body = {"amount": 100, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    intent = call.create(INTENTS, body, version=FORMER)
    charges = intent["charges"]
    assert charges["url"] == f"/v1/charges?payment_intent={intent['id']}"
    (charge,) = charges["data"]
    assert (charge["invoice"], charge["refunds"]["total_count"], charges["total_count"]) == (None, 0, 1)
    assert (intent["invoice"], intent["capture_method"]) == (None, "automatic")
    assert charge["balance_transaction"].startswith("txn_")
    later = call.get(f"{INTENTS}/{intent['id']}", version=ACACIA).json
    assert ("charges" in later, later["invoice"], later["latest_charge"]) == (False, None, charge["id"])
    assert "invoice" not in call.get(f"{INTENTS}/{intent['id']}", version=DAHLIA).json


@pytest.mark.parametrize(
    ("version", "automatic", "capture_method"),
    [
        (FORMER, False, "automatic"),
        ("2022-11-15", False, "automatic"),
        ("2023-08-16", True, "automatic"),
        ("2024-04-10", True, "automatic_async"),
        (ENDIVE, True, "automatic_async"),
    ],
)
def test_defaults_are_those_of_the_version(call: Call, version: str, automatic: bool, capture_method: str) -> None:
    intent = call.create(INTENTS, {"amount": 100, "currency": "usd"}, version=version)
    newest = call.get(f"{INTENTS}/{intent['id']}", version=ENDIVE).json
    assert (newest["automatic_payment_methods"] is not None, newest["capture_method"]) == (automatic, capture_method)


def test_types_are_listed_before_endive_only(call: Call) -> None:
    body = {"amount": 100, "currency": "usd", "payment_method_types": ["card", "link"]}
    for version in (FORMER, DAHLIA, None):
        intent = call.create(INTENTS, body, version=version)
        assert intent["payment_method_types"] == ["card", "link"]
    answer = call.post(INTENTS, body, version=ENDIVE)
    assert (answer.status, answer.error["code"]) == (400, "payment_method_types_no_longer_supported")
    assert answer.error["param"] == "payment_method_types"
    answer = call.post(INTENTS, {**body, "payment_method_types": ["oxxo"]}, version=DAHLIA)
    assert (answer.status, answer.error["param"]) == (501, "payment_method_types")


def test_the_oldest_version_has_other_words_and_another_action(call: Call) -> None:
    answer = call.post(INTENTS, {"amount": 0, "currency": "usd"}, version=FORMER)
    assert answer.error["message"] == "This value must be greater than or equal to 1."
    body = {"amount": 100, "currency": "usd", "payment_method": "pm_card_authenticationRequired", "confirm": True}
    intent = call.create(INTENTS, body, version=FORMER)
    steps = intent["next_action"]["use_stripe_sdk"]
    assert list(steps) == ["type", "stripe_js", "source"]
    assert (steps["type"], steps["source"][:4]) == ("three_d_secure_redirect", "src_")


# What is refused


@pytest.mark.parametrize(
    ("body", "status", "code", "param", "message"),
    [
        (
            {"amount": 0, "currency": "usd"},
            400,
            "parameter_invalid_integer",
            "amount",
            "The amount must be greater than or equal to the minimum charge amount",
        ),
        ({"amount": -1, "currency": "usd"}, 400, "parameter_invalid_integer", "amount", "The amount must be"),
        (
            {"amount": 10**13, "currency": "usd"},
            400,
            "parameter_invalid_integer",
            "amount",
            "This value must be less than",
        ),
        ({"amount": "x", "currency": "usd"}, 400, "parameter_invalid_integer", "amount", "Invalid integer: x"),
        ({"currency": "usd"}, 400, "parameter_missing", "amount", "Missing required param: amount."),
        ({"amount": 100}, 400, "parameter_missing", "currency", "Missing required param: currency."),
        ({"amount": 100, "currency": "zzz"}, 400, None, "currency", "Invalid currency"),
        (
            {"amount": 100, "currency": "usd", "customer": "cus_0"},
            400,
            "resource_missing",
            "customer",
            "No such customer: 'cus_0'",
        ),
        (
            {"amount": 100, "currency": "usd", "payment_method": "pm_0"},
            400,
            "resource_missing",
            "payment_method",
            "No such PaymentMethod: 'pm_0'",
        ),
        (
            {"amount": 100, "currency": "usd", "payment_method": "pm_card_none"},
            400,
            "resource_missing",
            "payment_method",
            "No such PaymentMethod",
        ),
        (
            {"amount": 100, "currency": "usd", "capture_method": "later"},
            400,
            None,
            "capture_method",
            "Invalid capture_method: must be one of automatic, automatic_async, or manual",
        ),
        (
            {"amount": 100, "currency": "usd", "setup_future_usage": "never"},
            400,
            None,
            "setup_future_usage",
            "Invalid setup_future_usage: must be one of off_session or on_session",
        ),
        (
            {"amount": 100, "currency": "usd", "confirmation_method": "x"},
            400,
            None,
            "confirmation_method",
            "Invalid confirmation_method",
        ),
        (
            {"amount": 100, "currency": "usd", "off_session": True},
            400,
            None,
            "off_session",
            "You may only provide `off_session` when `confirm`",
        ),
        (
            {"amount": 100, "currency": "usd", "return_url": BACK},
            400,
            None,
            "return_url",
            "You may only provide `return_url`",
        ),
        (
            {"amount": 100, "currency": "usd", "error_on_requires_action": True},
            400,
            None,
            "error_on_requires_action",
            "You may only provide",
        ),
        ({"amount": 100, "currency": "usd", "description": "x" * 1001}, 400, None, "description", "Invalid string"),
        (
            {"amount": 100, "currency": "usd", "statement_descriptor": "x" * 23},
            400,
            None,
            "statement_descriptor",
            "Invalid string",
        ),
        (
            {"amount": 100, "currency": "usd", "automatic_payment_methods": {"allow_redirects": "never"}},
            400,
            "parameter_missing",
            "automatic_payment_methods[enabled]",
            "Missing required param",
        ),
        (
            {
                "amount": 100,
                "currency": "usd",
                "automatic_payment_methods": {"enabled": True},
                "confirmation_method": "manual",
            },
            400,
            None,
            "confirmation_method",
            "You may only specify one of these parameters: automatic_payment_methods, confirmation_method.",
        ),
        (
            {"amount": 100, "currency": "usd", "excluded_payment_method_types": ["card"]},
            501,
            "fakestripe_not_served",
            "excluded_payment_method_types",
            "fakestripe-meters does not act on",
        ),
        (
            {"amount": 100, "currency": "usd", "allowed_payment_method_types": ["oxxo"]},
            501,
            "fakestripe_not_served",
            "allowed_payment_method_types",
            "fakestripe-meters does not act on",
        ),
        (
            {"amount": 100, "currency": "usd", "confirm": True},
            400,
            UNEXPECTED,
            None,
            f"{MISSING} You can either update",
        ),
        (
            {"amount": 100, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"},
            400,
            None,
            None,
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard.",
        ),
        (
            {"amount": 100, "currency": "usd", "payment_method_options": {"card": {"request_three_d_secure": "no"}}},
            400,
            None,
            "payment_method_options[card][request_three_d_secure]",
            "Invalid payment_method_options",
        ),
    ],
)
def test_what_cannot_be_created_is_refused(  # noqa: PLR0917  pytest passes them by name
    call: Call, body: Tree, status: int, code: str | None, param: str | None, message: str
) -> None:
    answer = call.post(INTENTS, body)
    error = answer.error
    assert (answer.status, error.get("code"), error.get("param")) == (status, code, param)
    assert error["message"].startswith(message)
    assert call.get(INTENTS).ids == []


def test_whose_method_it_is_matters(call: Call) -> None:
    ada, method = saved(call)
    bob = customer(call)
    answer = call.post(INTENTS, terms(payment_method=method))
    assert (answer.error["code"], answer.error["param"]) == ("parameter_missing", "source")
    assert answer.error["message"] == (
        f"The `payment_method` parameter supplied {method} belongs to the Customer {ada}. Please include the Customer "
        "in "
        "the `customer` parameter on the PaymentIntent."
    )
    answer = call.post(INTENTS, terms(payment_method=method, customer=bob))
    assert ("code" in answer.error, answer.error["param"]) == (False, "payment_method")
    assert answer.error["message"] == (
        f"The PaymentMethod {method} does not belong to the Customer you supplied {bob}. Please use this PaymentMethod "
        "with "
        "the Customer that it belongs to instead."
    )


def test_an_intent_without_a_method_is_not_confirmed(call: Call) -> None:
    ada = customer(call)
    intent = call.create(INTENTS, terms(customer=ada))
    answer = call.post(f"{INTENTS}/{intent['id']}/confirm")
    assert answer.error["message"] == (
        f"{MISSING} To confirm the PaymentIntent with {ada}, specify a payment method attached to this customer along "
        "with the customer ID."
    )
    assert (answer.error["code"], answer.error["payment_intent"]) == (UNEXPECTED, intent)


def test_an_intent_that_is_done_with_stays_as_it_is(call: Call) -> None:
    paid = charged(call)
    path = f"{INTENTS}/{paid['id']}"
    for field, value in (("amount", 5), ("payment_method", "pm_card_visa")):
        answer = call.post(path, {field: value})
        assert (answer.error["code"], answer.error["param"]) == (UNEXPECTED, field)
        assert answer.error["message"] == (
            f"This PaymentIntent's {field} could not be updated because it has a status of succeeded. You may only "
            "update "
            f"the {field} of a PaymentIntent with one of the following statuses: {CHANGEABLE}."
        )
    assert call.create(path, {"description": "later"})["description"] == "later"
    answer = call.post(f"{path}/cancel")
    assert answer.error["message"] == (
        "You cannot cancel this PaymentIntent because it has a status of succeeded. Only a PaymentIntent with one of "
        "the "
        f"following statuses may be canceled: {CANCELABLE}."
    )
    assert answer.error["payment_intent"]["id"] == paid["id"]
    answer = call.post(f"{path}/capture")
    assert answer.error["message"] == (
        f"{UNABLE} succeeded. Only a PaymentIntent with one of the following statuses may be captured: "
        "requires_capture."
    )
    answer = call.post(f"{path}/confirm")
    assert (answer.status, answer.error["code"]) == (400, UNEXPECTED)


@pytest.mark.parametrize(
    ("amount", "code", "param", "message"),
    [
        (0, "parameter_invalid_integer", "amount", "This value must be greater than or equal to 1."),
        (-1, None, "amount_to_capture", "Invalid non-negative integer"),
        (2901, "amount_too_large", "amount_to_capture", "The payment could not be captured because the requested"),
    ],
)
def test_only_what_is_on_hold_is_captured(call: Call, amount: int, code: str, param: str, message: str) -> None:
    intent = charged(call, capture_method="manual")
    answer = call.post(f"{INTENTS}/{intent['id']}/capture", {"amount_to_capture": amount})
    assert (answer.error.get("code"), answer.error["param"]) == (code, param)
    assert answer.error["message"].startswith(message)
    assert ("payment_intent" in answer.error) == (amount < 1)


def test_unknown_intents_and_wrong_secrets_are_refused(call: Call) -> None:
    for method, path in (
        ("GET", "pi_0"),
        ("POST", "pi_0"),
        ("POST", "pi_0/confirm"),
        ("POST", "pi_0/capture"),
        ("POST", "pi_0/cancel"),
    ):
        answer = call.request(method, f"{INTENTS}/{path}")
        assert (answer.status, answer.error["param"]) == (404, "intent")
        assert answer.error["message"] == "No such payment_intent: 'pi_0'"
    intent = call.create(INTENTS, terms())["id"]
    assert call.get(f"{INTENTS}/{intent}", {"client_secret": "no"}).error["param"] == "client_secret"
    assert call.post(f"{INTENTS}/{intent}/confirm", {"client_secret": "no"}).error["param"] == "client_secret"


def test_a_reason_and_a_partial_capture_are_checked(call: Call) -> None:
    intent = call.create(INTENTS, terms())["id"]
    answer = call.post(f"{INTENTS}/{intent}/cancel", {"cancellation_reason": "bored"})
    assert answer.error["message"] == (
        "Invalid cancellation_reason: must be one of duplicate, fraudulent, requested_by_customer, or abandoned"
    )
    answer = call.post(f"{INTENTS}/{intent}/capture", {"final_capture": False})
    assert (answer.status, answer.error["param"]) == (501, "final_capture")


def test_money_of_connect_is_not_served(call: Call) -> None:
    for name, value in (("application_fee_amount", 1), ("transfer_data", {"destination": "acct_1"})):
        answer = call.post(INTENTS, terms() | {name: value})
        assert (answer.status, answer.error["param"].partition("[")[0]) == (501, name)


def test_intents_are_made_in_the_time_of_their_customer(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR + 86_400})["id"]
    ada = customer(call, test_clock=clock)
    intent = charged(call, customer=ada)
    assert intent["created"] == NEW_YEAR + 86_400
    assert charge_of(call, intent)["created"] == NEW_YEAR + 86_400
    assert intent["automatic_payment_methods"] == NO_REDIRECTS
