"""Prices, and a metered subscription on a test clock until its first invoice of a cycle."""

from collections.abc import Mapping

from fakestripe_meters.comparing.chapters.common import CUSTOMER
from fakestripe_meters.comparing.chapters.common import MADE_BY
from fakestripe_meters.comparing.chapters.common import event
from fakestripe_meters.comparing.chapters.common import meter
from fakestripe_meters.comparing.steps import Step
from fakestripe_meters.comparing.steps import Until

OWN = "${customer:id}"
GRADUATED = {
    "billing_scheme": "tiered",
    "tiers_mode": "graduated",
    "tiers": [
        {"up_to": 10, "unit_amount": 20},
        {"up_to": 100, "unit_amount": 10, "flat_amount": 300},
        {"up_to": "inf", "unit_amount_decimal": "0.5"},
    ],
}
VOLUME = {**GRADUATED, "tiers_mode": "volume"}
PACKAGES = {"unit_amount": 500, "transform_quantity": {"divide_by": 10, "round": "up"}}
WAITING = {"collection_method": "send_invoice", "days_until_due": 7}
"""Without a payment method, Stripe refuses a subscription that is charged automatically."""

METER = meter("meter", "compare_billed")
OTHERS = ("graduated", "volume", "packages")
PRODUCT = Step("product", "POST /v1/products", {"name": "Compared", "unit_label": "call", "metadata": MADE_BY})


def _price(name: str, amounts: Mapping[str, object], asks: str = "", meter: str = "meter", **more: object) -> Step:
    recurring = {"interval": "month", "usage_type": "metered", "meter": f"${{{meter}:id}}"}
    params = {"currency": "usd", "product": "${product:id}", "recurring": recurring, "metadata": MADE_BY}
    return Step(name, "POST /v1/prices", {**params, **amounts, **more}, asks=asks)


PER_UNIT = _price("per_unit", {"unit_amount": 3})

PRICES = (
    METER,
    PRODUCT,
    PER_UNIT,
    _price("graduated", GRADUATED),
    _price("volume", VOLUME),
    _price("packages", PACKAGES),
    _price("fraction", {"unit_amount_decimal": "0.000000000001"}),
    _price("no_amount", {}),
    _price("no_meter", {"unit_amount": 3}, recurring={"interval": "month", "usage_type": "metered"}),
    _price(
        "unknown_meter",
        {"unit_amount": 3},
        "the answer if the meter is unknown",
        recurring={"interval": "month", "usage_type": "metered", "meter": "mtr_none"},
    ),
    _price(
        "licensed_with_meter",
        {"unit_amount": 3},
        "the answer if a licensed price names a meter",
        recurring={"interval": "month", "usage_type": "licensed", "meter": "${meter:id}"},
    ),
    _price(
        "no_last_tier", {**GRADUATED, "tiers": [{"up_to": 10, "unit_amount": 20}]}, "the refusal without a last tier"
    ),
    _price(
        "tiers_descend",
        {**GRADUATED, "tiers": [{"up_to": 10, "unit_amount": 2}, {"up_to": 5, "unit_amount": 1}]},
        "the refusal of tiers that do not ascend",
    ),
    _price("empty_tier", {**GRADUATED, "tiers": [{"up_to": "inf"}]}, "the refusal of a tier without an amount"),
    _price(
        "packages_of_tiers",
        {**GRADUATED, "transform_quantity": {"divide_by": 10, "round": "up"}},
        "the refusal of tiers with packages",
    ),
    _price("currency", {"unit_amount": 3}, currency="zzz"),
    Step("with_tiers", "GET /v1/prices/${graduated:id}", {"expand": ["tiers"]}),
    Step("amount_fixed", "POST /v1/prices/${per_unit:id}", {"unit_amount": 4}),
    Step("product_in_use", "DELETE /v1/products/${product:id}"),
    Step(
        "meter_in_use",
        "POST /v1/billing/meters/${meter:id}/deactivate",
        asks="whether a meter can be deactivated that an active price names",
    ),
)


def _used(name: str, value: str, timestamp: str, event_name: str = "compare_billed") -> Step:
    payload = {"stripe_customer_id": OWN, "value": value}
    return event(name, event_name, payload, timestamp=f"${{{timestamp}}}")


def _counted(name: str, meter: str, value: str) -> Step:
    """Return a step that waits until usage is visible: what is billed must not depend on how fast Stripe is."""
    path = f"GET /v1/billing/meters/${{{meter}:id}}/event_summaries"
    params = {"customer": OWN, "start_time": "${run:start}", "end_time": "${run:start+82800}"}
    return Step(name, path, params, until=Until("data.0.aggregated_value", value))


def _ahead(name: str, timestamp: str, asks: str) -> Step:
    """Return a step with usage after the test clock, of a meter that is not billed: it may be accepted or not."""
    return event(name, "compare_ahead", timestamp=f"${{{timestamp}}}", asks=asks)


def _advanced(name: str, to: str) -> tuple[Step, Step]:
    path = "/v1/test_helpers/test_clocks/${clock:id}"
    return (
        Step(name, f"POST {path}/advance", {"frozen_time": f"${{{to}}}"}),
        Step(f"{name}_ready", f"GET {path}", until=Until("status", "ready")),
    )


BILLING = (
    METER,
    *(meter(f"meter_{each}", f"compare_{each}") for each in (*OTHERS, "ahead")),
    PRODUCT,
    PER_UNIT,
    _price("graduated", GRADUATED, meter="meter_graduated"),
    _price("volume", VOLUME, meter="meter_volume"),
    _price("packages", PACKAGES, meter="meter_packages"),
    _price("of_same_meter", {"unit_amount": 4}),
    Step("clock", "POST /v1/test_helpers/test_clocks", {"frozen_time": "${run:start}", "name": "Compared"}),
    Step("no_clock", "GET /v1/test_helpers/test_clocks/clock_none"),
    Step("customer", CUSTOMER, {"name": "Compared", "test_clock": "${clock:id}", "metadata": MADE_BY}),
    Step(
        "quantity",
        "POST /v1/subscriptions",
        {"customer": OWN, "items": [{"price": "${per_unit:id}", "quantity": 1}], **WAITING},
        asks="the sentence, code and param for a quantity of a metered price",
    ),
    Step(
        "price_twice",
        "POST /v1/subscriptions",
        {"customer": OWN, "items": [{"price": "${per_unit:id}"}, {"price": "${per_unit:id}"}], **WAITING},
    ),
    Step(
        "two_of_one_meter",
        "POST /v1/subscriptions",
        {"customer": OWN, "items": [{"price": "${per_unit:id}"}, {"price": "${of_same_meter:id}"}], **WAITING},
        asks="whether a subscription can have two prices of one meter",
    ),
    Step("two_of_one_meter_ended", "DELETE /v1/subscriptions/${two_of_one_meter:id}"),
    Step(
        "subscription",
        "POST /v1/subscriptions",
        {
            "customer": OWN,
            "items": [{"price": f"${{{each}:id}}"} for each in ("per_unit", "graduated", "volume", "packages")],
            "metadata": MADE_BY,
            **WAITING,
        },
    ),
    *_advanced("first_day", "run:start+86400"),
    _used("early", "100", "run:start+3600"),
    _used("later", "12.5", "run:start+7200"),
    _ahead("ahead", "run:start+86520", "whether a timestamp within five minutes after a test clock is accepted"),
    _ahead("too_far_ahead", "run:start+172800", "the sentence for a timestamp after a test clock"),
    *(_used(f"used_{each}", "112.5", "run:start+7200", f"compare_{each}") for each in OTHERS),
    _counted("counted", "meter", "112.5"),
    *(_counted(f"counted_{each}", f"meter_{each}", "112.5") for each in OTHERS),
    Step("preview", "POST /v1/invoices/create_preview", {"subscription": "${subscription:id}"}),
    Step(
        "preview_of_end",
        "POST /v1/invoices/create_preview",
        {"subscription": "${subscription:id}", "subscription_details": {"cancel_now": "true"}},
        asks="whether a preview of `cancel_now` prorates by default",
    ),
    *_advanced("cycle", "subscription:items.data.0.current_period_end+7200"),
    Step("invoices", "GET /v1/invoices", {"subscription": "${subscription:id}", "limit": 1}),
    Step(
        "invoice",
        "GET /v1/invoices/${invoices:data.0.id}",
        asks="how lines of graduated, volume and package prices are described",
        until=Until("status", "open"),
    ),
    Step("lines", "GET /v1/invoices/${invoices:data.0.id}/lines", {"limit": 20}),
    Step("items_of", "GET /v1/subscription_items", {"subscription": "${subscription:id}"}),
    Step("cancelled", "DELETE /v1/subscriptions/${subscription:id}"),
    Step("cancelled_again", "DELETE /v1/subscriptions/${subscription:id}"),
    Step("customer_gone", "DELETE /v1/customers/${customer:id}"),
    Step(
        "subscriptions_of_deleted",
        "GET /v1/subscriptions",
        {"customer": OWN, "status": "all"},
        asks="whether `status=all` lists the subscriptions of a deleted customer",
    ),
)
