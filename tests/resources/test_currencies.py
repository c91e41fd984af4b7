"""Only the currencies that Stripe has are taken, in capital letters as well, by every parameter that is a currency."""

from decimal import Decimal
from typing import Any

import pytest

from fakestripe_meters.core import currencies
from fakestripe_meters.core import pricing
from tests.conftest import Call
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import product

MONTHLY = {"interval": "month"}
ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
KNOWN = "Stripe currently supports these currencies: usd, aed, afn, all, amd, ang, aoa, ars, aud, "


def wanted(call: Call, place: str, currency: str) -> tuple[str, dict[str, Any], str]:
    """Path, parameters and the currency's path, for each place where a currency can stand."""
    ada = customer(call)
    data: dict[str, Any] = {"currency": currency, "product": product(call)}
    made = data | {"unit_amount": 1, "recurring": MONTHLY}
    scope = {"scope": {"price_type": "metered"}}
    price = licensed(call)
    subscription: dict[str, Any] = {"customer": ada, "items": [{"price": price}]}
    money = {"type": "monetary", "monetary": {"currency": currency, "value": 1}}
    return {
        "price": ("/v1/prices", made, "currency"),
        "plan": ("/v1/plans", data | {"amount": 1, "interval": "month"}, "currency"),
        "product": (
            "/v1/products",
            {"name": "A", "default_price_data": {"currency": currency, "unit_amount": 1}},
            "default_price_data[currency]",
        ),
        "subscription": ("/v1/subscriptions", subscription | {"currency": currency}, "currency"),
        "item": (
            "/v1/subscriptions",
            subscription | {"items": [{"price_data": made}]},
            "items[0][price_data][currency]",
        ),
        "invoice": ("/v1/invoices", {"customer": ada, "currency": currency}, "currency"),
        "invoice item": ("/v1/invoiceitems", {"customer": ada, "amount": 1, "currency": currency}, "currency"),
        "preview": (
            "/v1/invoices/create_preview",
            {"customer": ada, "currency": currency, "subscription_details": {"items": [{"price": price}]}},
            "currency",
        ),
        "grant": (
            "/v1/billing/credit_grants",
            {"customer": ada, "amount": money, "applicability_config": scope},
            "amount[monetary][currency]",
        ),
        "alert": (
            "/v1/billing/alerts",
            {
                "title": "A",
                "alert_type": "credit_balance_threshold",
                "credit_balance_threshold": {
                    "lte": {"balance_type": "monetary", "monetary": money["monetary"]},
                    "filters": [{"type": "customer", "customer": ada}],
                },
            },
            "credit_balance_threshold[lte][monetary][currency]",
        ),
    }[place]


PLACES = ["price", "plan", "product", "subscription", "item", "invoice", "invoice item", "preview", "grant", "alert"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("currency", ["zzz", "ZZZ", "us", "usd ", "dollars", "eurc"])
def test_a_currency_that_stripe_does_not_have_is_refused(call: Call, place: str, currency: str) -> None:
    path, params, where = wanted(call, place, currency)
    refused = call.post(path, params)
    assert (refused.status, refused.error["param"], "code" in refused.error) == (400, where, False)
    assert refused.error["message"].startswith(f"Invalid currency: {currency}. {KNOWN}")
    assert refused.error["message"].endswith(", zar, zmw, usdc, btn, ghs, eek, lvl, svc, vef, ltl, sll, mro")


@pytest.mark.parametrize("place", PLACES)
def test_capital_letters_are_taken(call: Call, place: str) -> None:
    path, params, _ = wanted(call, place, "USD")
    assert call.post(path, params).status == 200


def test_a_list_of_prices_is_not_of_a_currency_that_is_none(call: Call) -> None:
    refused = call.get("/v1/prices", {"currency": "zzz"})
    assert (refused.status, refused.error["param"]) == (400, "currency")
    assert refused.error["message"].startswith(f"Invalid currency: zzz. {KNOWN}")


def test_a_long_currency_is_not_repeated_in_full(call: Call) -> None:
    refused = call.get("/v1/prices", {"currency": "z" * 5_000})
    assert refused.error["message"].startswith(f"Invalid currency: {'z' * 100}…. {KNOWN}")


def test_a_currency_as_a_key_has_small_letters(call: Call) -> None:
    terms = {"currency": "usd", "product": product(call), "unit_amount": 1}
    for path, params, where in (
        ("/v1/prices", terms, "currency_options"),
        (f"/v1/prices/{licensed(call)}", {}, "currency_options"),
    ):
        capitals = call.post(path, params | {"currency_options": {"EUR": {"unit_amount": 1}}})
        sentence = "Currencies must be lowercase when used as keys in a map. Use `eur` instead of `EUR`."
        assert (capitals.status, capitals.error["message"], capitals.error["param"]) == (400, sentence, where)
        unknown = call.post(path, params | {"currency_options": {"xyz": {"unit_amount": 1}}})
        assert unknown.error["message"].startswith(f"Invalid currency: xyz. {KNOWN}")
        last = ", zmw, usdc, eurc, usdt, open_usd, btn, ghs, eek, lvl, svc, vef, ltl, sll, mro."
        assert unknown.error["message"].endswith(last)
        assert (unknown.status, unknown.error["param"]) == (400, where)


def test_no_currency_is_listed_twice_and_those_with_other_decimals_are_among_them() -> None:
    assert len(set(currencies.KEYS)) == len(currencies.KEYS) == len(currencies.CODES) + 3
    assert set(currencies.CODES) < set(currencies.KEYS)
    odd = {code for code in currencies.KEYS if not pricing.money(Decimal(100), code).endswith("1.00")}
    assert odd == {"bhd", "jod", "kwd", "omr", "tnd", *ZERO_DECIMAL.split()}


@pytest.mark.parametrize(
    ("currency", "shown"),
    [("usd", "$1.00"), ("jpy", "¥100"), ("krw", "KRW 100"), ("kwd", "KWD 0.100"), ("ugx", "UGX 1.00")],
)
def test_a_currency_keeps_its_decimals(call: Call, currency: str, shown: str) -> None:
    terms = {"currency": currency.upper(), "product": product(call), "unit_amount": 100, "recurring": MONTHLY}
    price = call.create("/v1/prices", terms)
    assert price["currency"] == currency
    made = call.create("/v1/subscriptions", {"customer": customer(call), "items": [{"price": price["id"]}]})
    [line] = call.get(f"/v1/invoices/{made['latest_invoice']}").json["lines"]["data"]
    assert f"(at {shown} / month)" in line["description"]
