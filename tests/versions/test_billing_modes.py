"""The billing mode by version: whether there is one, how it is written, and what is the default."""

import pytest

from tests.conftest import Call
from tests.resources.shop import NEW_YEAR
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import lines
from tests.resources.shop import metered
from tests.resources.shop import subscribe
from tests.resources.shop import types

CLASSIC, FLEXIBLE = "Trial period for Seat", "Free trial for 1 × Seat"
UNKNOWN = "Received unknown parameter: "
CREATE, PREVIEW, UPCOMING = "/v1/subscriptions", "/v1/invoices/create_preview", "/v1/invoices/upcoming"


def mode(call: Call, version: str | None, **terms: object) -> object:
    """The mode of a new subscription, as today's version shows it."""
    items = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    answer = call.post(CREATE, items | terms, version=version)
    assert answer.status == 200, answer.body
    return call.get(f"{CREATE}/{answer.json['id']}").json["billing_mode"]["type"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2020-08-27", "classic"),
        ("2025-03-31.basil", "classic"),
        ("2025-06-30.basil", "classic"),
        ("2025-08-27.basil", "classic"),
        ("2025-09-30.clover", "flexible"),
        ("2026-09-30.endive", "flexible"),
        ("2025-03-31.preview", "classic"),
        ("2025-04-30.preview", "classic"),
        ("2025-07-30.preview", "classic"),
        ("2025-08-27.preview", "flexible"),
        ("2026-09-30.preview", "flexible"),
        (None, "flexible"),
    ],
)
def test_the_version_says_what_is_the_default(call: Call, version: str | None, expected: str) -> None:
    assert mode(call, version) == expected


@pytest.mark.parametrize("version", ["2025-06-30.basil", "2025-09-30.clover", "2025-06-30.preview", None])
@pytest.mark.parametrize("wanted", ["classic", "flexible"])
def test_what_is_asked_for_goes_before_the_default(call: Call, version: str | None, wanted: str) -> None:
    assert mode(call, version, billing_mode={"type": wanted}) == wanted


@pytest.mark.parametrize("version", ["2020-08-27", "2025-05-28.basil", "2025-03-31.preview"])
def test_before_there_were_modes_the_parameter_is_unknown(call: Call, version: str) -> None:
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}], "billing_mode": {"type": "flexible"}}
    answer = call.post(CREATE, terms, version=version)
    assert (answer.status, answer.error["message"], answer.error["param"]) == (
        400,
        f"{UNKNOWN}billing_mode",
        "billing_mode",
    )
    details = {"items": terms["items"], "billing_mode": {"type": "flexible"}}
    answer = call.post(PREVIEW, {"customer": terms["customer"], "subscription_details": details}, version=version)
    assert (answer.status, answer.error["message"]) == (400, f"{UNKNOWN}subscription_details[billing_mode]")


def test_upcoming_invoices_do_not_know_the_parameter_and_are_of_classic_mode(call: Call) -> None:
    ada, seat, ends = customer(call), licensed(call), NEW_YEAR + 86_400
    details = {"items": [{"price": seat}], "billing_mode": {"type": "flexible"}}
    answer = call.get(UPCOMING, {"customer": ada, "subscription_details": details}, version="2024-06-20")
    assert (answer.status, answer.error["message"]) == (400, f"{UNKNOWN}subscription_details[billing_mode]")
    older = {"subscription_items": [{"price": seat}], "subscription_trial_end": ends}
    newer = {"subscription_details": {"items": [{"price": seat}], "trial_end": ends}}
    for terms in (older, newer):
        shown = call.get(UPCOMING, {"customer": ada, **terms}, version="2024-06-20").json
        assert lines(shown) == [(CLASSIC, 0)]
        assert "billing_mode" not in shown["lines"]["url"]


@pytest.mark.parametrize(
    ("version", "name", "expected"),
    [
        ("2025-04-30.preview", "legacy_prorations", "classic"),
        ("2025-05-28.preview", "credits_attributed_to_debits", "flexible"),
    ],
)
def test_the_first_previews_write_it_as_a_string(call: Call, version: str, name: str, expected: str) -> None:
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}], "billing_mode": name}
    made = call.post(CREATE, terms, version=version).json
    assert made["billing_mode"] == name
    assert call.get(f"{CREATE}/{made['id']}").json["billing_mode"]["type"] == expected
    assert "billing_mode" not in call.get(f"{CREATE}/{made['id']}", version="2025-04-29.preview").json


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"type": "flexible"}, 'Invalid string: {"type":"flexible"}'),
        (
            "flexible",
            "Invalid billing_mode: must be one of legacy_prorations or credits_attributed_to_debits",
        ),
    ],
)
def test_what_they_do_not_know_is_refused(call: Call, sent: object, sentence: str) -> None:
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    answer = call.post(CREATE, terms | {"billing_mode": sent}, version="2025-05-28.preview")
    assert (answer.status, answer.error["message"], answer.error["param"]) == (400, sentence, "billing_mode")
    details = {"items": terms["items"], "billing_mode": sent}
    preview = {"customer": terms["customer"], "subscription_details": details}
    answer = call.post(PREVIEW, preview, version="2025-05-28.preview")
    assert (answer.status, answer.error["param"]) == (400, "subscription_details[billing_mode]")


@pytest.mark.parametrize(
    ("version", "asked", "expected"),
    [
        ("2025-05-28.basil", None, CLASSIC),
        ("2025-08-27.basil", None, CLASSIC),
        ("2025-08-27.basil", {"type": "flexible"}, FLEXIBLE),
        ("2025-05-28.preview", "credits_attributed_to_debits", FLEXIBLE),
        ("2025-09-30.clover", None, FLEXIBLE),
        ("2025-09-30.clover", {"type": "classic"}, CLASSIC),
        (None, None, FLEXIBLE),
    ],
)
def test_the_preview_of_a_new_subscription_has_the_mode_that_it_would_have(
    call: Call, version: str | None, asked: object, expected: str
) -> None:
    details = {"items": [{"price": licensed(call)}], "trial_end": NEW_YEAR + 86_400}
    more = {"billing_mode": asked} if asked else {}
    terms = {"customer": customer(call), "subscription_details": details | more}
    assert lines(call.post(PREVIEW, terms, version=version).json) == [(expected, 0)]


def test_the_preview_of_a_subscription_keeps_its_mode_whatever_the_version(call: Call) -> None:
    subscription = subscribe(call, customer(call), licensed(call), trial_period_days=9)
    details = {"items": [{"price": licensed(call, name="Desk")}], "proration_behavior": "none"}
    for version in ("2025-06-30.basil", "2025-05-28.preview", None):
        terms = {"subscription": subscription["id"], "subscription_details": details}
        assert call.post(PREVIEW, terms, version=version).status == 200
    terms = {"subscription": subscription["id"], "subscription_details": {"billing_mode": {"type": "classic"}}}
    answer = call.post(PREVIEW, terms)
    assert (answer.status, answer.error["param"]) == (400, "subscription_details[billing_mode][type]")


# How it is shown, and changed


def test_how_prorations_show_discounts_is_shown_as_sent(call: Call) -> None:
    itemized = {"type": "flexible", "flexible": {"proration_discounts": "itemized"}}
    made = subscribe(call, customer(call), licensed(call), billing_mode=itemized)
    assert made["billing_mode"] == itemized | {"updated_at": NEW_YEAR}
    made = subscribe(call, customer(call), licensed(call))
    assert made["billing_mode"]["flexible"] == {"proration_discounts": "included"}


def test_classic_mode_has_no_such_terms(call: Call) -> None:
    terms = {"customer": customer(call), "items": [{"price": licensed(call)}]}
    contradictory = {"type": "classic", "flexible": {"proration_discounts": "included"}}
    answer = call.post(CREATE, terms | {"billing_mode": contradictory})
    assert (answer.status, answer.error["param"]) == (400, "billing_mode[flexible]")


def test_a_classic_subscription_is_migrated_to_flexible_mode_for_good(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call), billing_mode={"type": "classic"})
    assert made["billing_mode"] == {"flexible": None, "type": "classic"}
    call.clock.advance(100)
    path = f"{CREATE}/{made['id']}/migrate"
    migrated = call.create(
        path, {"billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "itemized"}}}
    )
    now = {"flexible": {"proration_discounts": "itemized"}, "type": "flexible", "updated_at": NEW_YEAR + 100}
    assert migrated["billing_mode"] == now
    assert migrated == call.get(f"{CREATE}/{made['id']}").json
    assert types(call, "customer.subscription.*")[-1] == "customer.subscription.updated"


def test_the_migration_of_a_flexible_subscription_changes_nothing(call: Call) -> None:
    made = subscribe(call, customer(call), licensed(call), billing_mode={"type": "flexible"})
    path, published = f"{CREATE}/{made['id']}/migrate", types(call)
    for flexible in ({}, {"flexible": {"proration_discounts": "included"}}):
        assert call.create(path, {"billing_mode": {"type": "flexible", **flexible}}) == made
    other = call.post(path, {"billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "itemized"}}})
    assert (other.status, other.error["param"]) == (501, "billing_mode[flexible][proration_discounts]")
    assert call.get(f"{CREATE}/{made['id']}").json == made
    assert types(call) == published


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({}, "billing_mode"),
        ({"billing_mode": {"type": "classic"}}, "billing_mode[type]"),
        ({"billing_mode": {"flexible": {"proration_discounts": "included"}}}, "billing_mode[type]"),
        ({"billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "x"}}}, "billing_mode"),
    ],
)
def test_nothing_else_is_migrated(call: Call, params: dict[str, object], param: str) -> None:
    made = subscribe(call, customer(call), metered(call), billing_mode={"type": "classic"})
    answer = call.post(f"{CREATE}/{made['id']}/migrate", params)
    assert answer.status == 400
    assert answer.error["param"].startswith(param)
    assert call.get(f"{CREATE}/{made['id']}").json["billing_mode"]["type"] == "classic"


def test_what_has_ended_or_does_not_exist_is_not_migrated(call: Call) -> None:
    flexible = {"billing_mode": {"type": "flexible"}}
    made = subscribe(call, customer(call), licensed(call), billing_mode={"type": "classic"})
    call.delete(f"{CREATE}/{made['id']}")
    answer = call.post(f"{CREATE}/{made['id']}/migrate", flexible)
    assert (answer.status, answer.error["code"]) == (400, "invalid_canceled_subscription_fields")
    assert call.post(f"{CREATE}/sub_0/migrate", flexible).status == 404


@pytest.mark.parametrize(
    ("version", "status"),
    [("2025-05-28.basil", 404), ("2025-06-30.basil", 200), ("2025-05-28.preview", 404), ("2025-06-30.preview", 200)],
)
def test_a_version_knows_the_migration_if_it_knows_the_mode(call: Call, version: str, status: int) -> None:
    made = subscribe(call, customer(call), licensed(call), billing_mode={"type": "classic"})
    params = {"billing_mode": {"type": "flexible"}}
    assert call.post(f"{CREATE}/{made['id']}/migrate", params, version=version).status == status
