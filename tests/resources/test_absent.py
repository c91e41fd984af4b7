"""Objects that the fake has none of: their lists are honestly empty, and no id names one."""

import pytest

from tests.conftest import Call

EMPTY = {"object": "list", "data": [], "has_more": False}
NOUNS = {
    "disputes": ("dispute", "dispute"),
    "payouts": ("payout", "payout"),
    "topups": ("topup", "id"),
    "transfers": ("transfer", "id"),
    "application_fees": ("application fee", "id"),
    "reviews": ("review", "review"),
    "radar/early_fraud_warnings": ("early fraud warning", "id"),
    "tax_ids": ("tax id", "id"),
    "entitlements/features": ("feature", "id"),
    "entitlements/active_entitlements": ("active entitlement", "id"),
}
"""URL, and what the sentence about an unknown id says, with its param."""
FILTERS = {
    "disputes": {"created[gte]": "0"},
    "payouts": {"arrival_date[lt]": "9", "created": "5", "destination": "ba_1", "status": "paid"},
    "topups": {"amount[gt]": "5", "created": "5", "status": "pending"},
    "transfers": {"created": "5", "destination": "acct_1", "transfer_group": "a"},
    "application_fees": {"created": "5"},
    "reviews": {"created": "5"},
    "radar/early_fraud_warnings": {"created": "5"},
    "tax_ids": {"owner[type]": "self"},
    "entitlements/features": {"archived": "false", "lookup_key": "a"},
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_list_is_empty(call: Call, name: str) -> None:
    for filters in ({}, FILTERS[name], {"limit": "100", "expand[]": "data"}):
        answer = call.get(f"/v1/{name}", filters)
        assert (answer.status, answer.json) == (200, EMPTY | {"url": f"/v1/{name}"})


def test_the_lists_of_customers_and_products_are_empty(call: Call) -> None:
    customer, product = call.create("/v1/customers")["id"], call.create("/v1/products", {"name": "A"})["id"]
    for url in (f"/v1/customers/{customer}/tax_ids", f"/v1/products/{product}/features"):
        assert call.get(url).json == EMPTY | {"url": url}
        error = call.get(f"{url}/x_1").error
        assert (error["code"], error["param"]) == ("resource_missing", "id")
    owned = {"owner[type]": "customer", "owner[customer]": customer}
    assert call.get("/v1/tax_ids", owned).json["data"] == []
    entitled = call.get("/v1/entitlements/active_entitlements", {"customer": customer})
    assert entitled.json == EMPTY | {"url": "/v1/entitlements/active_entitlements"}
    for url in ("/v1/customers/cus_1/tax_ids", "/v1/customers/cus_1/tax_ids/txi_1", "/v1/products/prod_1/features"):
        assert (call.get(url).status, call.get(url).error["code"]) == (404, "resource_missing")


@pytest.mark.parametrize("name", NOUNS)
def test_no_id_names_one(call: Call, name: str) -> None:
    noun, param = NOUNS[name]
    answer = call.get(f"/v1/{name}/x_1")
    assert answer.status == 404
    assert answer.error["message"] == f"No such {noun}: 'x_1'"
    assert (answer.error["code"], answer.error["param"]) == ("resource_missing", param)


@pytest.mark.parametrize(
    ("url", "filters", "param"),
    [
        ("disputes", {"charge": "ch_1"}, "charge"),
        ("disputes", {"payment_intent": "pi_1"}, "payment_intent"),
        ("disputes", {"created": "soon"}, "created"),
        ("disputes", {"starting_after": "dp_1"}, "starting_after"),
        ("payouts", {"ending_before": "po_1"}, "ending_before"),
        ("topups", {"status": "lost"}, "status"),
        ("application_fees", {"charge": "ch_1"}, "charge"),
        ("radar/early_fraud_warnings", {"charge": "ch_1"}, "charge"),
        ("tax_ids", {"owner[type]": "customer"}, "owner[customer]"),
        ("tax_ids", {"owner[type]": "customer", "owner[customer]": "cus_1"}, "owner[customer]"),
        ("tax_ids", {"owner[type]": "nobody"}, "owner[type]"),
        ("entitlements/active_entitlements", {}, "customer"),
        ("entitlements/active_entitlements", {"customer": "cus_1"}, "customer"),
        ("reviews", {"limit": "many"}, "limit"),
    ],
)
def test_a_filter_is_checked_all_the_same(call: Call, url: str, filters: dict[str, str], param: str) -> None:
    answer = call.get(f"/v1/{url}", filters)
    assert (answer.status, answer.error["param"]) == (400, param)


@pytest.mark.parametrize("url", ["payouts", "topups", "transfers", "tax_ids", "entitlements/features"])
def test_none_can_be_made(call: Call, url: str) -> None:
    answer = call.post(f"/v1/{url}", {"amount": "5", "currency": "usd"})
    assert (answer.status, answer.error["code"]) == (501, "fakestripe_not_served")


def test_an_account_without_money_has_a_balance_of_nothing(call: Call) -> None:
    nothing = {"amount": 0, "currency": "usd", "source_types": {"card": 0}}
    assert call.get("/v1/balance").json == {
        "object": "balance",
        "available": [nothing],
        "livemode": False,
        "pending": [nothing],
    }
