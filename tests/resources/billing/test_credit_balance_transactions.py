"""Credit balance transactions: every change of a credit grant's balance, newest first."""

from typing import Any

from tests.conftest import Call

TRANSACTIONS = "/v1/billing/credit_balance_transactions"
GRANTS = "/v1/billing/credit_grants"
NEW_YEAR = 1_735_689_600
DAY = 86_400


def customer(call: Call) -> str:
    created: str = call.create("/v1/customers")["id"]
    return created


def grant(call: Call, whose: str, value: int = 500, **more: Any) -> str:  # noqa: ANN401  a parameter of any kind
    params = {
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": value}},
        "applicability_config": {"scope": {"price_type": "metered"}},
        "customer": whose,
    }
    created: str = call.create(GRANTS, params | more)["id"]
    return created


def test_a_grant_begins_with_a_credit(call: Call) -> None:
    given = grant(call, customer(call), effective_at=NEW_YEAR + DAY)
    [transaction] = call.get(TRANSACTIONS).json["data"]
    assert transaction["id"].startswith("cbtxn_test_")
    assert transaction == {
        "id": transaction["id"],
        "object": "billing.credit_balance_transaction",
        "created": NEW_YEAR,
        "credit": {
            "amount": {"monetary": {"currency": "usd", "value": 500}, "type": "monetary"},
            "credits_application_invoice_voided": None,
            "type": "credits_granted",
        },
        "credit_grant": given,
        "debit": None,
        "effective_at": NEW_YEAR + DAY,
        "livemode": False,
        "test_clock": None,
        "type": "credit",
    }
    assert call.get(f"{TRANSACTIONS}/{transaction['id']}").json == transaction


def test_a_grant_that_is_voided_ends_with_a_debit(call: Call) -> None:
    given = grant(call, customer(call))
    call.clock.advance(60)
    call.create(f"{GRANTS}/{given}/void")
    transaction = call.get(TRANSACTIONS).json["data"][0]
    assert (transaction["type"], transaction["credit"]) == ("debit", None)
    assert (transaction["created"], transaction["effective_at"]) == (NEW_YEAR + 60, NEW_YEAR + 60)
    assert transaction["debit"] == {
        "amount": {"monetary": {"currency": "usd", "value": 500}, "type": "monetary"},
        "credits_applied": None,
        "type": "credits_voided",
    }


def test_the_grant_can_be_expanded(call: Call) -> None:
    grant(call, customer(call), name="Welcome")
    [transaction] = call.get(TRANSACTIONS, {"expand": ["data.credit_grant"]}).json["data"]
    assert transaction["credit_grant"]["name"] == "Welcome"


def test_transactions_are_listed_by_customer_and_by_grant(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    one, _, three = grant(call, ann), grant(call, bob), grant(call, ann)
    call.create(f"{GRANTS}/{one}/expire")
    every = call.get(TRANSACTIONS)
    assert every.json["data"][0]["credit_grant"] == one
    expired, third, second, first = every.ids
    assert call.get(TRANSACTIONS, {"customer": ann}).ids == [expired, third, first]
    assert call.get(TRANSACTIONS, {"customer": bob}).ids == [second]
    assert call.get(TRANSACTIONS, {"credit_grant": one}).ids == [expired, first]
    assert call.get(TRANSACTIONS, {"customer": bob, "credit_grant": three}).ids == []
    assert call.get(TRANSACTIONS, {"limit": 2, "starting_after": expired}).ids == [third, second]
    assert call.get(TRANSACTIONS, {"ending_before": second}).ids == [expired, third]


def test_an_unknown_transaction_is_not_found(call: Call) -> None:
    answer = call.get(f"{TRANSACTIONS}/cbtxn_none")
    assert (answer.status, answer.error["message"]) == (404, "No such credit balance transaction: 'cbtxn_none'")


def test_transactions_can_be_neither_made_nor_changed(call: Call) -> None:
    grant(call, customer(call))
    [transaction] = call.get(TRANSACTIONS).ids
    assert call.post(TRANSACTIONS, {"amount": 1}).status == 404
    assert call.post(f"{TRANSACTIONS}/{transaction}", {"metadata": {"a": "b"}}).status == 404
