"""The words that a refusal names are in the order in which Stripe names them."""

import pytest

from tests.conftest import Call

INTERVALS = "month, year, week, or day"
BEHAVIORS = "allow_incomplete, error_if_incomplete, pending_if_incomplete, or default_incomplete"
STATUSES = "active, past_due, unpaid, canceled, incomplete, incomplete_expired, trialing, paused, all, or ended"
TAXES = "inclusive, exclusive, or unspecified"
USAGES = "metered or licensed"
DATA = {"currency": "usd", "unit_amount": 1}


@pytest.mark.parametrize(
    ("path", "params", "param", "words"),
    [
        ("/v1/prices", DATA | {"recurring": {"interval": "x"}}, "recurring[interval]", INTERVALS),
        ("/v1/plans", {"currency": "usd", "amount": 1, "interval": "x"}, "interval", INTERVALS),
        ("/v1/prices", DATA | {"recurring": {"interval": "day", "usage_type": "x"}}, "recurring[usage_type]", USAGES),
        ("/v1/prices", DATA | {"product": "p", "tax_behavior": "x"}, "tax_behavior", TAXES),
        ("/v1/prices/price_x", {"tax_behavior": "x"}, "tax_behavior", TAXES),
        ("/v1/plans", {"currency": "usd", "interval": "day", "usage_type": "x"}, "usage_type", USAGES),
        (
            "/v1/products",
            {"name": "p", "default_price_data": DATA | {"tax_behavior": "x"}},
            "default_price_data[tax_behavior]",
            TAXES,
        ),
        (
            "/v1/invoiceitems",
            {"customer": "cus_x", "price_data": DATA | {"product": "p", "tax_behavior": "x"}},
            "price_data[tax_behavior]",
            TAXES,
        ),
        ("/v1/invoiceitems", {"customer": "cus_x", "tax_behavior": "x"}, "tax_behavior", TAXES),
        (
            "/v1/invoices",
            {"pending_invoice_items_behavior": "x"},
            "pending_invoice_items_behavior",
            "include or exclude",
        ),
        ("/v1/customers", {"tax_exempt": "x"}, "tax_exempt", "none, reverse, or exempt"),
        (
            "/v1/subscriptions",
            {"customer": "cus_x", "items": [{"price": "price_x"}], "payment_behavior": "x"},
            "payment_behavior",
            BEHAVIORS,
        ),
        ("/v1/subscription_items", {"subscription": "sub_x", "payment_behavior": "x"}, "payment_behavior", BEHAVIORS),
        ("/v1/subscription_items/si_x", {"payment_behavior": "x"}, "payment_behavior", BEHAVIORS),
        ("/v1/subscriptions/sub_x", {"billing_cycle_anchor": "x"}, "billing_cycle_anchor", "now or unchanged"),
        (
            "/v1/subscription_items",
            {
                "subscription": "sub_x",
                "price_data": DATA | {"product": "p", "recurring": {"interval": "day"}, "tax_behavior": "x"},
            },
            "price_data[tax_behavior]",
            TAXES,
        ),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(
    call: Call, path: str, params: dict[str, object], param: str, words: str
) -> None:
    error = call.post(path, params).error
    assert (error["message"], error["param"]) == (f"Invalid {param}: must be one of {words}", param)
    assert "code" not in error


@pytest.mark.parametrize(
    ("path", "params", "param", "words"),
    [
        ("/v1/invoices", {"status": "x"}, "status", "draft, open, void, paid, or uncollectible"),
        ("/v1/prices", {"type": "x"}, "type", "one_time or recurring"),
        ("/v1/prices", {"recurring": {"usage_type": "x"}}, "recurring[usage_type]", USAGES),
    ],
)
def test_a_wrong_word_in_a_filter_is_answered_with_the_right_ones(
    call: Call, path: str, params: dict[str, object], param: str, words: str
) -> None:
    error = call.get(path, params).error
    assert (error["message"], error["param"]) == (f"Invalid {param}: must be one of {words}", param)


def test_a_wrong_status_of_subscriptions_is_answered_with_all_that_there_are(call: Call) -> None:
    error = call.get("/v1/subscriptions", {"status": "alive"}).error
    assert (error["message"], error["param"]) == (f"Invalid status: must be one of {STATUSES}", "status")


def test_an_item_that_is_removed_takes_a_payment_behavior_of_stripes_only(call: Call) -> None:
    error = call.delete("/v1/subscription_items/si_x", {"payment_behavior": "x"}).error
    assert error["message"] == f"Invalid payment_behavior: must be one of {BEHAVIORS}"
