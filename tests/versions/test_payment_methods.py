"""Payment methods and setup intents in older versions."""

from typing import Any

import pytest

from tests.conftest import Call
from tests.resources.shop import attached
from tests.resources.shop import customer

ENDIVE, DAHLIA, CLOVER, FORMER = "2026-09-30.endive", "2026-03-25.dahlia", "2025-10-29.clover", "2020-08-27"
METHODS, SETUPS, PAYMENTS = "/v1/payment_methods", "/v1/setup_intents", "/v1/payment_intents"
Tree = dict[str, Any]


def method_at(call: Call, version: str) -> Tree:
    found: Tree = call.get(f"{METHODS}/{attached(call, customer(call))}", version=version).json
    return found


def test_a_method_has_what_its_version_had(call: Call) -> None:
    assert "customer_account" in method_at(call, DAHLIA)
    clover = method_at(call, CLOVER)
    assert "customer_account" not in clover
    assert (clover["allow_redisplay"], clover["card"]["display_brand"]) == ("unspecified", "visa")
    assert (clover["card"]["regulated_status"], clover["card"]["checks"]["cvc_check"]) == ("unregulated", "pass")
    former = method_at(call, FORMER)
    assert former.keys().isdisjoint({"allow_redisplay", "customer_account"})
    assert former["card"].keys().isdisjoint({"display_brand", "regulated_status"})
    assert "tax_id" not in former["billing_details"]
    assert former["card"]["checks"]["cvc_check"] is None


def test_a_charge_says_since_2023_10_16_that_its_security_code_was_checked(call: Call) -> None:
    terms = {"amount": 700, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    automatic = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    path = f"/v1/charges/{call.create(PAYMENTS, terms | automatic)['latest_charge']}"

    def checked(version: str) -> object:
        return call.get(path, version=version).json["payment_method_details"]["card"]["checks"]["cvc_check"]

    assert [checked(version) for version in (FORMER, "2023-08-16", "2023-10-16", CLOVER)] == [
        None,
        None,
        "pass",
        "pass",
    ]


def test_a_setup_intent_has_what_its_version_had(call: Call) -> None:
    intent = call.create(SETUPS)["id"]
    shown = {version: call.get(f"{SETUPS}/{intent}", version=version).json for version in (ENDIVE, CLOVER, FORMER)}
    assert "allowed_payment_method_types" in shown[ENDIVE]
    assert shown[CLOVER].keys().isdisjoint({"allowed_payment_method_types", "customer_account", "managed_payments"})
    assert shown[FORMER].keys().isdisjoint({"automatic_payment_methods", "flow_directions", "latest_attempt"})
    assert shown[FORMER]["payment_method_options"]["card"] == {"request_three_d_secure": "automatic"}


def test_before_2023_08_16_only_cards_are_taken_by_default(call: Call) -> None:
    terms = {"payment_method": "pm_card_visa", "confirm": True}
    assert call.create(SETUPS, terms, version="2022-11-15")["status"] == "succeeded"
    assert call.post(SETUPS, terms, version=CLOVER).status == 400


@pytest.mark.parametrize("path", [SETUPS, PAYMENTS])
def test_types_are_refused_since_endive(call: Call, path: str) -> None:
    terms: Tree = {"payment_method_types": ["card"], **({"amount": 100, "currency": "usd"} if path == PAYMENTS else {})}
    assert call.create(path, terms, version="2026-08-26.dahlia")["payment_method_types"] == ["card"]
    refused = call.post(path, terms, version=ENDIVE)
    assert (refused.status, refused.error["code"]) == (400, "payment_method_types_no_longer_supported")
    assert refused.error["param"] == "payment_method_types"


def test_a_refusal_that_shows_an_intent_changes_nothing_in_an_older_version(call: Call) -> None:
    asked = {"amount": 700, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    automatic = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    intent = call.create(PAYMENTS, {**asked, **automatic})["id"]
    call.fake.flush()
    before = call.fake.snapshot()["accounts"][0]["parts"]
    refused = call.post(f"{PAYMENTS}/{intent}/cancel", version=FORMER)
    assert refused.error["payment_intent"]["charges"]["total_count"] == 1
    assert call.fake.snapshot()["accounts"][0]["parts"] == before
