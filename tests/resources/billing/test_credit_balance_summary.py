"""Credit balance summary: what a customer has, by currency, of the grants that are asked for."""

from typing import Any

import pytest

from tests.conftest import Call

SUMMARY = "/v1/billing/credit_balance_summary"
GRANTS = "/v1/billing/credit_grants"
NEW_YEAR = 1_735_689_600
FEBRUARY = 1_738_368_000
HOUR = 3_600
DAY = 86_400
METERED = {"type": "applicability_scope", "applicability_scope": {"price_type": "metered"}}


def customer(call: Call, **params: Any) -> str:  # noqa: ANN401  a parameter of any kind
    created: str = call.create("/v1/customers", params)["id"]
    return created


def prices(call: Call, *units: int) -> list[str]:
    """Metered prices of so many cents a unit."""
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    recurring = {"interval": "month", "usage_type": "metered", "meter": call.create("/v1/billing/meters", meter)["id"]}
    params = {"currency": "usd", "product_data": {"name": "Calls"}, "recurring": recurring}
    return [call.create("/v1/prices", params | {"unit_amount": unit})["id"] for unit in units]


def grant(call: Call, whose: str, value: int, *, currency: str = "usd", scope: object = None, **more: Any) -> str:  # noqa: ANN401  a parameter of any kind
    params = {
        "amount": {"type": "monetary", "monetary": {"currency": currency, "value": value}},
        "applicability_config": {"scope": scope or {"price_type": "metered"}},
        "customer": whose,
    }
    created: str = call.create(GRANTS, params | more)["id"]
    return created


def balances(call: Call, whose: str, wanted: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """By currency, what is available and what is booked."""
    answer = call.get(SUMMARY, {"customer": whose, "filter": wanted})
    assert answer.status == 200, answer.body
    return {
        each["ledger_balance"]["monetary"]["currency"]: (
            each["available_balance"]["monetary"]["value"],
            each["ledger_balance"]["monetary"]["value"],
        )
        for each in answer.json["balances"]
    }


def test_a_summary_has_a_balance_for_each_currency(call: Call) -> None:
    ann = customer(call)
    grant(call, ann, 500)
    grant(call, ann, 250)
    grant(call, ann, 70, currency="eur")
    assert call.get(SUMMARY, {"customer": ann, "filter": METERED}).json == {
        "object": "billing.credit_balance_summary",
        "balances": [
            {
                "available_balance": {"monetary": {"currency": currency, "value": value}, "type": "monetary"},
                "ledger_balance": {"monetary": {"currency": currency, "value": value}, "type": "monetary"},
            }
            for currency, value in (("eur", 70), ("usd", 750))
        ],
        "customer": ann,
        "customer_account": None,
        "livemode": False,
    }


def test_a_customer_without_grants_has_no_balances(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    given = grant(call, bob, 500)
    assert balances(call, ann, METERED) == {}
    assert balances(call, ann, {"type": "credit_grant", "credit_grant": given}) == {}


def test_the_customer_can_be_expanded(call: Call) -> None:
    params = {"customer": customer(call, name="Ann"), "filter": METERED, "expand": ["customer"]}
    assert call.get(SUMMARY, params).json["customer"]["name"] == "Ann"


def test_the_customer_can_be_expanded_with_its_clock(call: Call) -> None:
    clock = call.create("/v1/test_helpers/test_clocks", {"frozen_time": NEW_YEAR})["id"]
    params = {"customer": customer(call, test_clock=clock), "filter": METERED, "expand": ["customer.test_clock"]}
    assert call.get(SUMMARY, params).json["customer"]["test_clock"]["id"] == clock


def test_what_is_pending_is_booked_only_and_what_is_over_is_neither(call: Call) -> None:
    ann = customer(call)
    grant(call, ann, 1, effective_at=NEW_YEAR + DAY)
    grant(call, ann, 10, expires_at=NEW_YEAR + DAY)
    grant(call, ann, 100)
    void = grant(call, ann, 1000)
    assert balances(call, ann, METERED) == {"usd": (1110, 1111)}
    call.create(f"{GRANTS}/{void}/void")
    assert balances(call, ann, METERED) == {"usd": (110, 111)}
    call.clock.advance(DAY)
    assert balances(call, ann, METERED) == {"usd": (101, 101)}


def test_what_a_draft_shows_as_paid_is_no_longer_available_and_booked_once_it_is_final(call: Call) -> None:
    ann, [price] = customer(call), prices(call, 1)
    first = grant(call, ann, 300)
    grant(call, ann, 500)
    call.create("/v1/subscriptions", {"customer": ann, "items": [{"price": price}]})
    of_first = {"type": "credit_grant", "credit_grant": first}

    def use(value: int, at: int) -> None:
        payload = {"stripe_customer_id": ann, "value": value}
        call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload, "timestamp": at})

    use(200, NEW_YEAR)
    assert balances(call, ann, METERED) == {"usd": (800, 800)}
    call.clock.freeze(FEBRUARY)
    assert balances(call, ann, METERED) == {"usd": (600, 800)}
    use(250, FEBRUARY - 1)
    assert balances(call, ann, METERED) == {"usd": (350, 800)}
    assert balances(call, ann, of_first) == {"usd": (0, 300)}
    call.clock.advance(HOUR)
    assert balances(call, ann, METERED) == {"usd": (350, 350)}
    [invoice] = call.get("/v1/invoices", {"status": "paid"}).json["data"]
    assert (invoice["subtotal"], invoice["total"]) == (450, 0)


def test_a_draft_takes_no_more_than_there_is_and_nothing_of_others(call: Call) -> None:
    ann, bob, [price] = customer(call), customer(call), prices(call, 1)
    grant(call, ann, 100)
    grant(call, bob, 100)
    for _ in range(2):
        call.create("/v1/subscriptions", {"customer": ann, "items": [{"price": price}]})
    payload = {"stripe_customer_id": ann, "value": 70}
    call.create("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})
    call.clock.freeze(FEBRUARY)
    assert balances(call, ann, METERED) == {"usd": (0, 100)}
    assert balances(call, bob, METERED) == {"usd": (100, 100)}


def test_grants_are_selected_by_what_they_can_pay_for(call: Call) -> None:
    ann = customer(call)
    one, two, three = prices(call, 1, 2, 3)
    grant(call, ann, 1)
    grant(call, ann, 10, scope={"prices": [{"id": one}]})
    grant(call, ann, 100, scope={"prices": [{"id": one}, {"id": two}]})

    def of(*wanted: str) -> dict[str, Any]:
        return {"type": "applicability_scope", "applicability_scope": {"prices": [{"id": each} for each in wanted]}}

    assert balances(call, ann, METERED) == {"usd": (1, 1)}
    assert balances(call, ann, of(one)) == {"usd": (111, 111)}
    assert balances(call, ann, of(two)) == {"usd": (101, 101)}
    assert balances(call, ann, of(three)) == {"usd": (1, 1)}
    assert balances(call, ann, of(one, two)) == {"usd": (111, 111)}


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"filter": METERED}, "customer"),
        ({"customer": "cus_none", "filter": METERED}, "customer"),
        ({"customer": "ANN"}, "filter"),
        ({"customer": "ANN", "filter": {}}, "filter"),
        ({"customer": "ANN", "filter": {"type": "all"}}, "filter[type]"),
        ({"customer": "ANN", "filter": {"type": "credit_grant"}}, "filter[credit_grant]"),
        (
            {"customer": "ANN", "filter": {"type": "credit_grant", "credit_grant": "credgr_none"}},
            "filter[credit_grant]",
        ),
        ({"customer": "ANN", "filter": {"type": "applicability_scope"}}, "filter[applicability_scope]"),
        (
            {
                "customer": "ANN",
                "filter": {"type": "applicability_scope", "applicability_scope": {"prices": [{"id": "x"}]}},
            },
            "filter[applicability_scope][prices][0][id]",
        ),
        (
            {
                "customer": "ANN",
                "filter": {"type": "applicability_scope", "applicability_scope": {"price_type": "all"}},
            },
            "filter[applicability_scope][price_type]",
        ),
    ],
)
def test_what_is_wrong_with_a_question_is_named(call: Call, params: dict[str, Any], param: str) -> None:
    ann = customer(call)
    answer = call.get(SUMMARY, {name: ann if value == "ANN" else value for name, value in params.items()})
    assert (answer.status, answer.error["param"]) == (400, param)
