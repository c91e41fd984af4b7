"""Credits, and alerts on usage."""

from fakestripe_meters.comparing.chapters.common import MADE_BY
from fakestripe_meters.comparing.chapters.common import customer
from fakestripe_meters.comparing.chapters.common import meter
from fakestripe_meters.comparing.steps import Step

OWN = "${customer:id}"
GRANTS = "/v1/billing/credit_grants"
ALERTS_PATH = "/v1/billing/alerts"
METERED = {"scope": {"price_type": "metered"}}


def _grant(name: str, value: int = 1_000, asks: str = "", **more: object) -> Step:
    params = {
        "customer": OWN,
        "name": "Compared",
        "category": "promotional",
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": value}},
        "applicability_config": METERED,
        "metadata": MADE_BY,
    }
    return Step(name, f"POST {GRANTS}", params | more, asks=asks)


CREDITS = (
    customer(),
    _grant("grant"),
    _grant("second", 500, priority=10, expires_at="${run:day+864000}"),
    Step("grant_again", f"GET {GRANTS}/${{grant:id}}"),
    Step("renamed", f"POST {GRANTS}/${{grant:id}}", {"metadata": {"a": "b"}}),
    _grant("nothing", 0, "the answer to an amount of 0"),
    _grant("past", asks="the answer if it expires in the past", expires_at="${run:now-3600}"),
    _grant(
        "expires_first",
        asks="the answer if it expires before it is effective",
        expires_at="${run:now+60}",
        effective_at="${run:now+3600}",
    ),
    _grant(
        "two_scopes",
        applicability_config={"scope": {"price_type": "metered", "prices": [{"id": "price_none"}]}},
        asks="the answer to two scopes",
    ),
    _grant(
        "no_price",
        applicability_config={"scope": {"prices": [{"id": "price_none"}]}},
        asks="the answer if a price is unknown",
    ),
    _grant("no_scope", applicability_config={}, asks="the answer without a scope"),
    _grant("no_monetary", amount={"type": "monetary"}, asks="the answer without an amount"),
    _grant("priority_101", priority=101),
    _grant("no_customer", customer="cus_none"),
    Step("no_grant", f"GET {GRANTS}/credgr_none", asks="the noun in the sentence for a missing grant"),
    Step(
        "balance",
        "GET /v1/billing/credit_balance_summary",
        {
            "customer": OWN,
            "filter": {"type": "applicability_scope", "applicability_scope": {"price_type": "metered"}},
        },
    ),
    Step(
        "balance_of_grant",
        "GET /v1/billing/credit_balance_summary",
        {
            "customer": OWN,
            "filter": {"type": "credit_grant", "credit_grant": "${grant:id}"},
        },
    ),
    Step("transactions", "GET /v1/billing/credit_balance_transactions", {"customer": OWN}),
    Step(
        "no_transaction",
        "GET /v1/billing/credit_balance_transactions/cbtxn_none",
        asks="the noun in the sentence for a missing transaction",
    ),
    Step("listed", f"GET {GRANTS}", {"customer": OWN}),
    Step("expired", f"POST {GRANTS}/${{second:id}}/expire"),
    Step("expired_again", f"POST {GRANTS}/${{second:id}}/expire", asks="the answer if it has expired already"),
    Step("void_of_expired", f"POST {GRANTS}/${{second:id}}/void", asks="whether an expired grant can be voided"),
    Step("voided", f"POST {GRANTS}/${{grant:id}}/void"),
    Step("voided_again", f"POST {GRANTS}/${{grant:id}}/void", asks="the answer if it is void already"),
    Step("expired_of_void", f"POST {GRANTS}/${{grant:id}}/expire", asks="whether a void grant can expire"),
    Step("transactions_after", "GET /v1/billing/credit_balance_transactions", {"customer": OWN}),
)


def _alert(name: str, asks: str = "", threshold: dict[str, object] | None = None, **more: object) -> Step:
    usage = {"gte": 100, "meter": "${meter:id}", "recurrence": "one_time"} | (threshold or {})
    params = {"title": "Compared", "alert_type": "usage_threshold", "usage_threshold": usage}
    return Step(name, f"POST {ALERTS_PATH}", params | more, asks=asks)


ALERTS = (
    customer(),
    meter("meter", "compare_alerted"),
    _alert("alert"),
    _alert("of_customer", threshold={"filters": [{"type": "customer", "customer": OWN}]}),
    _alert("nothing", "the answer to a threshold of 0", threshold={"gte": 0}),
    _alert("no_meter", "the answer if the meter is unknown", threshold={"meter": "mtr_none"}),
    _alert("monthly", "the values of `recurrence`", threshold={"recurrence": "monthly"}),
    _alert(
        "no_customer",
        "the answer if the customer is unknown",
        threshold={"filters": [{"type": "customer", "customer": "cus_none"}]},
    ),
    _alert("no_threshold", "the answer without a threshold", usage_threshold=None),
    _alert("title_too_long", title="x" * 257),
    Step("alert_again", f"GET {ALERTS_PATH}/${{alert:id}}"),
    Step("listed", f"GET {ALERTS_PATH}", {"meter": "${meter:id}"}),
    Step("no_alert", f"GET {ALERTS_PATH}/alrt_none", asks="the noun in the sentence for a missing alert"),
    Step(
        "activated_while_active", f"POST {ALERTS_PATH}/${{alert:id}}/activate", asks="whether an active one is refused"
    ),
    Step("deactivated", f"POST {ALERTS_PATH}/${{alert:id}}/deactivate"),
    Step(
        "deactivated_again", f"POST {ALERTS_PATH}/${{alert:id}}/deactivate", asks="whether an inactive one is refused"
    ),
    Step("activated", f"POST {ALERTS_PATH}/${{alert:id}}/activate"),
    Step("archived", f"POST {ALERTS_PATH}/${{alert:id}}/archive"),
    Step("archived_again", f"POST {ALERTS_PATH}/${{alert:id}}/archive", asks="whether an archived one is refused"),
    Step("activated_at_last", f"POST {ALERTS_PATH}/${{alert:id}}/activate", asks="the answer for an archived alert"),
    Step("archived_found", f"GET {ALERTS_PATH}/${{alert:id}}", asks="whether an archived alert is found"),
)
