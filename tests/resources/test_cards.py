"""The cards of the test mode, row by row: what each answers when it is attached, set up and charged."""

from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call
from tests.resources.shop import attached
from tests.resources.shop import customer

METHODS = "/v1/payment_methods"
SETUPS = "/v1/setup_intents"
PAYMENTS = "/v1/payment_intents"
TYPES = {"payment_method_types": ["card"]}
PASSES, ASKS = "succeeded", "requires_action"
Tree = dict[str, Any]

WORKING = [
    ("visa", "visa", "4242", "credit"),
    ("visa_debit", "visa", "5556", "debit"),
    ("mastercard", "mastercard", "4444", "credit"),
    ("mastercard_debit", "mastercard", "8210", "debit"),
    ("mastercard_prepaid", "mastercard", "5100", "prepaid"),
    ("amex", "amex", "8431", "credit"),
    ("discover", "discover", "9424", "credit"),
    ("diners", "diners", "0004", "credit"),
    ("jcb", "jcb", "0505", "credit"),
    ("unionpay", "unionpay", "0005", "credit"),
    ("visa_cartesBancaires", "visa", "1001", "credit"),
    ("mastercard_cartesBancaires", "mastercard", "1001", "credit"),
    ("visa_debit_eftposAuCoBranded", "visa", "0001", "debit"),
    ("us", "visa", "4242", "credit"),
    ("hk", "visa", "0004", "credit"),
    ("in", "visa", "0008", "credit"),
    ("jp", "visa", "0003", "credit"),
    ("gb", "visa", "0000", "credit"),
    ("de", "visa", "0014", "credit"),
    ("bypassPending", "visa", "0077", "credit"),
    ("bypassPendingInternational", "visa", "0278", "credit"),
    ("riskLevelElevated", "visa", "9235", "credit"),
    ("cvcCheckFail", "visa", "0101", "credit"),
    ("avsZipFail", "visa", "0036", "credit"),
    ("avsLine1Fail", "visa", "0028", "credit"),
    ("avsFail", "visa", "0010", "credit"),
    ("avsUnchecked", "visa", "0044", "credit"),
    ("cvcCheckFailElevatedRisk", "visa", "7872", "credit"),
    ("avsZipFailElevatedRisk", "visa", "6072", "credit"),
    ("pendingRefund", "visa", "7726", "credit"),
    ("refundFail", "visa", "5126", "credit"),
    ("threeDSecureOptional", "visa", "3055", "credit"),
    ("threeDSecureOptionalProcessingError", "visa", "3097", "credit"),
    ("amex_threeDSecureNotSupported", "amex", "0005", "credit"),
]
FAILING = [
    ("visa_chargeDeclined", "0002", "card_declined", "generic_decline"),
    ("chargeDeclined", "0002", "card_declined", "generic_decline"),
    ("visa_chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds"),
    ("visa_chargeDeclinedLostCard", "9987", "card_declined", "lost_card"),
    ("visa_chargeDeclinedStolenCard", "9979", "card_declined", "stolen_card"),
    ("chargeDeclinedExpiredCard", "0069", "expired_card", "expired_card"),
    ("chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc", "incorrect_cvc"),
    ("chargeDeclinedProcessingError", "0119", "processing_error", "processing_error"),
    ("visa_chargeDeclinedVelocityLimitExceeded", "6975", "card_declined", "card_velocity_exceeded"),
]
FAILING_LATER = [
    ("tok_chargeCustomerFail", "0341", "generic_decline"),
    ("tok_visa_chargeCustomerFail", "0341", "generic_decline"),
    ("tok_visa_chargeCustomerFailLostCard", "0341", "lost_card"),
    ("tok_visa_chargeCustomerFailStolenCard", "0341", "stolen_card"),
    ("tok_radarBlock", "0019", "fraudulent"),
    ("tok_riskLevelHighest", "4954", "fraudulent"),
]
REQUIRED = "authentication_required"
AUTHENTICATING = [
    # name, last four, at set-up, present, off-session, off-session once set up, present and authenticated
    ("authenticationRequired", "3184", ASKS, ASKS, REQUIRED, REQUIRED, PASSES),
    ("authenticationRequiredOnSetup", "3155", ASKS, ASKS, REQUIRED, PASSES, PASSES),
    ("authenticationRequiredSetupForOffSession", "0446", ASKS, ASKS, PASSES, PASSES, PASSES),
    (
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "3178",
        ASKS,
        ASKS,
        "insufficient_funds",
        "insufficient_funds",
        "insufficient_funds",
    ),
    ("threeDSecure2Required", "3220", ASKS, ASKS, REQUIRED, REQUIRED, PASSES),
    ("threeDSecureRequired", "3063", ASKS, ASKS, REQUIRED, REQUIRED, PASSES),
    ("threeDSecureRequiredChargeDeclined", "1629", ASKS, ASKS, "generic_decline", "generic_decline", "generic_decline"),
    ("threeDSecureOptional", "3055", PASSES, PASSES, PASSES, PASSES, None),
    ("threeDSecureOptionalProcessingError", "3097", PASSES, PASSES, PASSES, PASSES, None),
    ("amex_threeDSecureNotSupported", "0005", PASSES, PASSES, PASSES, PASSES, None),
    ("visa", "4242", PASSES, PASSES, PASSES, PASSES, None),
]


def charge(call: Call, ada: str, method: str, **terms: object) -> Answer:
    body = {"amount": 1000, "currency": "usd", "customer": ada, "payment_method": method, "confirm": True}
    return call.post(PAYMENTS, {**TYPES, **body, **terms})


def outcome(answer: Answer) -> str:
    """The status, or the code of the decline."""
    if answer.status == 200:
        return str(answer.json["status"])
    assert answer.status == 402
    return str(answer.error.get("decline_code") or answer.error["code"])


def made(call: Call, name: str) -> tuple[str, str]:
    """A customer, and its method of a card."""
    ada = customer(call)
    return ada, call.create(f"{METHODS}/pm_card_{name}/attach", {"customer": ada})["id"]


@pytest.mark.parametrize(("name", "brand", "last4", "funding"), WORKING)
def test_a_card_that_works(call: Call, name: str, brand: str, last4: str, funding: str) -> None:
    ada, method = made(call, name)
    card = call.get(f"{METHODS}/{method}").json["card"]
    assert (card["brand"], card["last4"], card["funding"]) == (brand, last4, funding)
    of_token = call.create(METHODS, {"type": "card", "card": {"token": f"tok_{name}"}})["card"]
    assert of_token["fingerprint"] == card["fingerprint"]
    assert outcome(charge(call, ada, method)) == PASSES
    assert outcome(charge(call, ada, method, off_session=True)) == PASSES


@pytest.mark.parametrize(("name", "last4", "code", "decline"), FAILING)
def test_a_card_that_cannot_be_attached(call: Call, name: str, last4: str, code: str, decline: str) -> None:
    ada = customer(call)
    refused = call.post(f"{METHODS}/pm_card_{name}/attach", {"customer": ada})
    assert (refused.status, refused.error["code"], refused.error["decline_code"]) == (402, code, decline)
    free = call.create(METHODS, {"type": "card", "card": {"token": f"tok_{name}"}})
    assert free["card"]["last4"] == last4
    setup = call.post(SETUPS, {**TYPES, "customer": ada, "payment_method": f"pm_card_{name}", "confirm": True})
    assert (setup.status, setup.error["code"], setup.error["decline_code"]) == (402, code, decline)
    paid = charge(call, ada, f"pm_card_{name}")
    assert (paid.error["code"], paid.error["decline_code"]) == (code, decline)
    assert paid.error["message"] == refused.error["message"]


@pytest.mark.parametrize(("token", "last4", "decline"), FAILING_LATER)
def test_a_card_that_is_attached_and_fails(call: Call, token: str, last4: str, decline: str) -> None:
    ada = customer(call)
    method = attached(call, ada, token)
    assert call.get(f"{METHODS}/{method}").json["card"]["last4"] == last4
    setup = call.create(SETUPS, {**TYPES, "customer": ada, "payment_method": method, "confirm": True})
    assert setup["status"] == PASSES
    for terms in ({}, {"off_session": True}):
        assert outcome(charge(call, ada, method, **terms)) == decline


@pytest.mark.parametrize(
    "name", ["visa_chargeCustomerFail", "visa_chargeCustomerFailLostCard", "chargeCustomerFailLostCard", "nothing"]
)
def test_no_payment_method_has_that_name(call: Call, name: str) -> None:
    refused = call.post(f"{METHODS}/pm_card_{name}/attach", {"customer": customer(call)})
    assert (refused.status, refused.error["code"]) == (404, "resource_missing")


@pytest.mark.parametrize(("name", "last4", "setup", "present", "later", "once_set_up", "authenticated"), AUTHENTICATING)
def test_a_card_that_wants_to_be_authenticated(  # noqa: PLR0917  a row of a table
    call: Call,
    name: str,
    last4: str,
    setup: str,
    present: str,
    later: str,
    once_set_up: str,
    authenticated: str | None,
) -> None:
    ada, method = made(call, name)
    assert call.get(f"{METHODS}/{method}").json["card"]["last4"] == last4
    assert outcome(charge(call, ada, method, off_session=True)) == later
    paid = charge(call, ada, method)
    assert outcome(paid) == present
    if authenticated is not None:
        call.fake.authenticate(paid.json["id"])
        after = call.get(f"{PAYMENTS}/{paid.json['id']}").json
        assert (after["last_payment_error"] or {}).get("decline_code", after["status"]) == authenticated
    begun = call.create(SETUPS, {**TYPES, "customer": ada, "payment_method": method, "confirm": True})
    assert begun["status"] == setup
    if setup == ASKS:
        call.fake.authenticate(begun["id"])
        assert call.get(f"{SETUPS}/{begun['id']}").json["status"] == "succeeded"
    assert outcome(charge(call, ada, method, off_session=True)) == once_set_up


def test_a_card_whose_bank_cannot_be_asked(call: Call) -> None:
    ada, method = made(call, "threeDSecureRequiredProcessingError")
    for terms in ({}, {"off_session": True}):
        assert outcome(charge(call, ada, method, **terms)) == "generic_decline"


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("visa", ASKS),
        ("threeDSecureOptional", ASKS),
        ("threeDSecureOptionalProcessingError", "processing_error"),
        ("amex_threeDSecureNotSupported", PASSES),
        ("mastercard", PASSES),
    ],
)
def test_a_request_may_ask_for_authentication(call: Call, name: str, asked: str) -> None:
    ada, method = made(call, name)
    options = {"payment_method_options": {"card": {"request_three_d_secure": "any"}}}
    assert outcome(charge(call, ada, method, **options)) == asked
    terms = {**TYPES, **options, "customer": ada, "payment_method": method, "confirm": True}
    assert outcome(call.post(SETUPS, terms)) == asked


@pytest.mark.parametrize(
    ("name", "checks"),
    [
        ("visa", ("pass", None, None)),
        ("cvcCheckFail", ("fail", None, None)),
        ("avsZipFail", ("pass", None, "fail")),
        ("avsLine1Fail", ("pass", "fail", None)),
        ("avsFail", ("pass", "fail", "fail")),
        ("avsUnchecked", ("pass", "unavailable", "unavailable")),
    ],
)
def test_which_checks_fail(call: Call, name: str, checks: tuple[str | None, ...]) -> None:
    _, method = made(call, name)
    found = call.get(f"{METHODS}/{method}").json["card"]["checks"]
    assert (found["cvc_check"], found["address_line1_check"], found["address_postal_code_check"]) == checks


@pytest.mark.parametrize(
    "name",
    [
        "createDispute",
        "createDisputeProductNotReceived",
        "createDisputeInquiry",
        "createIssuerFraudRecord",
        "createMultipleDisputes",
        "createCe3EligibleDispute",
        "createComplianceDispute",
    ],
)
def test_a_card_whose_payments_are_disputed_is_not_served(call: Call, name: str) -> None:
    refused = call.post(f"{METHODS}/pm_card_{name}/attach", {"customer": customer(call)})
    assert (refused.status, refused.error["code"]) == (501, "fakestripe_not_served")
    token = call.post(METHODS, {"type": "card", "card": {"token": f"tok_{name}"}})
    assert token.status == 501
