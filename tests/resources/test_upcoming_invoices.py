"""Upcoming invoices, which versions before 2025-03-31.basil have instead of, and beside, previews."""

from typing import Any

import pytest

from tests.conftest import Answer
from tests.conftest import Call

ACACIA = "2025-02-24.acacia"
OLDER = ("2020-08-27", "2024-06-20", ACACIA, "2025-03-30.preview")
NEWER = (None, "2025-03-31.basil", "2025-03-31.preview", "2026-08-26.dahlia")
UPCOMING = "/v1/invoices/upcoming"
NEW_YEAR = 1_735_689_600
MONTH_S = 31 * 86_400

older = pytest.mark.parametrize("version", OLDER)


def priced(call: Call, unit_amount: int) -> str:
    terms = {"currency": "usd", "unit_amount": unit_amount, "recurring": {"interval": "month"}}
    made: str = call.create("/v1/prices", terms | {"product_data": {"name": "Seats"}})["id"]
    return made


def subscribed(call: Call, count: int = 1) -> dict[str, Any]:
    customer = call.create("/v1/customers")["id"]
    items = [{"price": priced(call, 700 + index)} for index in range(count)]
    return call.create("/v1/subscriptions", {"customer": customer, "items": items})


def upcoming(call: Call, suffix: str = "", version: str | None = ACACIA, **params: Any) -> Answer:  # noqa: ANN401  of any kind
    return call.get(f"{UPCOMING}{suffix}", params, version=version)


@older
def test_it_is_the_next_invoice_without_an_id(call: Call, version: str) -> None:
    made = subscribed(call)
    invoice = upcoming(call, version=version, customer=made["customer"]).json
    assert "id" not in invoice
    assert (invoice["object"], invoice["billing_reason"]) == ("invoice", "upcoming")
    assert (invoice["subscription"], invoice["total"]) == (made["id"], 700)
    assert invoice["created"] == NEW_YEAR + MONTH_S
    assert [line["id"][:7] for line in invoice["lines"]["data"]] == ["il_tmp_"]
    assert invoice["lines"]["url"] == f"{UPCOMING}/lines?customer={made['customer']}"


def test_it_shows_what_create_preview_shows(call: Call) -> None:
    made = subscribed(call, 2)
    preview = call.create("/v1/invoices/create_preview", {"subscription": made["id"]}, version=ACACIA)
    invoice = upcoming(call, subscription=made["id"]).json
    assert preview.pop("id").startswith("upcoming_in_")
    preview["lines"]["url"] = f"{UPCOMING}/lines?subscription={made['id']}"
    assert invoice == preview


@pytest.mark.parametrize("version", NEWER)
@pytest.mark.parametrize("suffix", ["", "/lines"])
def test_it_is_gone_since_basil(call: Call, version: str | None, suffix: str) -> None:
    customer = subscribed(call)["customer"]
    refused = upcoming(call, suffix, version, customer=customer)
    assert refused.status == 404
    assert refused.error["message"].startswith(f"Unrecognized request URL (GET: {UPCOMING}{suffix}).")


@older
@pytest.mark.parametrize("suffix", ["", "/lines"])
def test_it_needs_to_know_whose(call: Call, version: str, suffix: str) -> None:
    error = upcoming(call, suffix, version).error
    assert error["message"] == (
        "You must either provide a `customer` or a `subscription` to the upcoming invoice endpoint."
    )
    assert not {"code", "param"} & error.keys()


@pytest.mark.parametrize("suffix", ["", "/lines"])
def test_a_customer_may_have_none(call: Call, suffix: str) -> None:
    customer = call.create("/v1/customers")["id"]
    refused = upcoming(call, suffix, customer=customer)
    assert (refused.status, refused.error["code"]) == (404, "invoice_upcoming_none")
    assert refused.error["message"] == f"No upcoming invoices for customer: {customer}"


def test_changes_of_items_are_previewed(call: Call) -> None:
    made = subscribed(call)
    (item,) = made["items"]["data"]
    change = {"id": item["id"], "price": priced(call, 900), "quantity": 2}
    terms: dict[str, Any] = {"subscription": made["id"], "subscription_items": [change]}
    invoice = upcoming(call, **terms, subscription_proration_behavior="none").json
    assert invoice["total"] == 1_800
    assert len(upcoming(call, **terms, subscription_proration_behavior="create_prorations").json["lines"]["data"]) == 3
    newer = upcoming(call, subscription=made["id"], subscription_details={"items": [change]}).json
    assert newer["total"] == upcoming(call, **terms).json["total"]


def test_ends_and_trials_are_previewed(call: Call) -> None:
    made = subscribed(call)
    ending = upcoming(call, subscription=made["id"], subscription_cancel_at_period_end="true")
    assert (ending.status, ending.error["code"]) == (404, "invoice_upcoming_none")
    in_ten_days = NEW_YEAR + 864_000
    trial = upcoming(call, subscription=made["id"], subscription_trial_end=in_ten_days).json
    assert trial["lines"]["data"][-1]["period"]["end"] == in_ten_days
    assert call.get(f"/v1/subscriptions/{made['id']}").json["trial_end"] is None
    now = upcoming(call, subscription=made["id"], subscription_cancel_now="true").json
    assert (now["created"], now["total"]) == (NEW_YEAR, -700)


def test_what_a_subscription_would_begin_with_is_previewed(call: Call) -> None:
    customer = call.create("/v1/customers")["id"]
    items = [{"price": priced(call, 500), "quantity": 3}]
    assert upcoming(call, customer=customer, subscription_items=items).json["total"] == 1_500


@pytest.mark.parametrize(
    ("terms", "param", "sentence"),
    [
        ({"subscription_items": [{"price": "x"}]}, "subscription_items[0][price]", "No such price: 'x'"),
        ({"subscription_items": [{"quantity": 1}]}, "subscription_items[0]", None),
        ({"subscription_trial_end": 5}, "subscription_trial_end", None),
        ({"subscription_cancel_at": 5}, "subscription_cancel_at", None),
        ({"subscription_proration_behavior": "x"}, "subscription_proration_behavior", None),
        ({"subscription_details": {"trial_end": 5}}, "subscription_details[trial_end]", None),
        (
            {"subscription_details": {"cancel_now": "true"}, "subscription_cancel_now": "true"},
            "subscription_details",
            "You may only specify one of these parameters: subscription_details, subscription_cancel_now.",
        ),
        ({"subscription_plan": "x"}, "subscription_plan", "Received unknown parameter: subscription_plan"),
    ],
)
def test_refusals_name_what_was_sent(call: Call, terms: dict[str, Any], param: str, sentence: str | None) -> None:
    made = subscribed(call)
    refused = upcoming(call, subscription=made["id"], **terms)
    assert (refused.status, refused.error["param"]) == (400, param)
    assert refused.error["message"] == (sentence or refused.error["message"])


# Its lines


def test_its_lines_are_listed_in_their_order(call: Call) -> None:
    made = subscribed(call, 12)
    invoice = upcoming(call, subscription=made["id"]).json
    assert (len(invoice["lines"]["data"]), invoice["lines"]["has_more"]) == (10, True)
    listed = call.get(f"{invoice['lines']['url']}&limit=100", version=ACACIA).json
    assert (listed["object"], listed["has_more"], listed["url"]) == ("list", False, invoice["lines"]["url"])
    assert [line["amount"] for line in listed["data"]] == list(range(700, 712))
    assert listed["data"][:10] == invoice["lines"]["data"]


def test_its_lines_are_paged(call: Call) -> None:
    made = subscribed(call, 3)
    first = upcoming(call, "/lines", subscription=made["id"], limit=2)
    assert (len(first.ids), first.json["has_more"]) == (2, True)
    after = upcoming(call, "/lines", subscription=made["id"], starting_after=first.ids[-1])
    assert [line["amount"] for line in after.json["data"]] == [702]
    before = upcoming(call, "/lines", subscription=made["id"], ending_before=after.ids[0])
    assert before.ids == first.ids
    assert upcoming(call, "/lines", subscription=made["id"], starting_after="il_x").status == 400


def test_the_url_of_its_lines_repeats_the_parameters(call: Call) -> None:
    made = subscribed(call)
    (item,) = made["items"]["data"]
    invoice = upcoming(
        call,
        subscription=made["id"],
        subscription_items=[{"id": item["id"], "quantity": 5, "metadata": {"a b": "&"}}],
        subscription_cancel_at="",
        subscription_proration_behavior="none",
    ).json
    listed = call.get(invoice["lines"]["url"], version=ACACIA).json
    assert listed["data"] == invoice["lines"]["data"]
    assert listed["url"] == invoice["lines"]["url"]
