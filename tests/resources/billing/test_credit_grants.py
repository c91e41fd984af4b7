"""Credit grants: what can be granted to whom, and what becomes of it without any invoice."""

from typing import Any

import pytest

from tests.conftest import Call

GRANTS = "/v1/billing/credit_grants"
TRANSACTIONS = "/v1/billing/credit_balance_transactions"
CLOCKS = "/v1/test_helpers/test_clocks"
NEW_YEAR = 1_735_689_600
DAY = 86_400
METERED = {"scope": {"price_type": "metered"}}


def customer(call: Call, **params: Any) -> str:  # noqa: ANN401  a parameter of any kind
    created: str = call.create("/v1/customers", params)["id"]
    return created


def plain(whose: str, value: object = 1000, currency: str = "usd") -> dict[str, Any]:
    """The parameters of a grant that is like most."""
    return {
        "amount": {"type": "monetary", "monetary": {"currency": currency, "value": value}},
        "applicability_config": METERED,
        "customer": whose,
    }


def granted(call: Call, whose: str, value: object = 1000, **more: Any) -> dict[str, Any]:  # noqa: ANN401  likewise
    return call.create(GRANTS, plain(whose, value) | more)


def metered_price(call: Call) -> str:
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    recurring = {"interval": "month", "usage_type": "metered", "meter": call.create("/v1/billing/meters", meter)["id"]}
    price = {"currency": "usd", "unit_amount": 1, "product_data": {"name": "Calls"}, "recurring": recurring}
    created: str = call.create("/v1/prices", price)["id"]
    return created


def bookings(call: Call, grant: str) -> list[tuple[str, int]]:
    """The transactions of a grant, oldest first: which kind, how much."""
    found = call.get(TRANSACTIONS, {"credit_grant": grant, "limit": 100}).json["data"]
    sides = [each["credit"] or each["debit"] for each in reversed(found)]
    return [(side["type"], side["amount"]["monetary"]["value"]) for side in sides]


def balance(call: Call, whose: str, grant: str) -> tuple[int, int]:
    """What of a grant is available, and what is booked."""
    params = {"customer": whose, "filter": {"type": "credit_grant", "credit_grant": grant}}
    [found] = call.get("/v1/billing/credit_balance_summary", params).json["balances"]
    return found["available_balance"]["monetary"]["value"], found["ledger_balance"]["monetary"]["value"]


def told(call: Call, kind: str) -> list[dict[str, Any]]:
    """The events of a type, oldest first."""
    found: list[dict[str, Any]] = call.get("/v1/events", {"type": kind, "limit": 100}).json["data"]
    return found[::-1]


# Create


def test_a_grant_has_an_amount_a_scope_and_a_customer(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann)
    assert grant["id"].startswith("credgr_test_")
    assert grant == {
        "id": grant["id"],
        "object": "billing.credit_grant",
        "amount": {"monetary": {"currency": "usd", "value": 1000}, "type": "monetary"},
        "applicability_config": METERED,
        "category": "paid",
        "created": NEW_YEAR,
        "customer": ann,
        "customer_account": None,
        "effective_at": NEW_YEAR,
        "expires_at": None,
        "livemode": False,
        "metadata": {},
        "name": None,
        "priority": 50,
        "test_clock": None,
        "updated": NEW_YEAR,
        "voided_at": None,
    }
    assert call.get(f"{GRANTS}/{grant['id']}").json == grant


def test_a_grant_shows_what_was_said_of_it(call: Call) -> None:
    said = {
        "category": "promotional",
        "effective_at": NEW_YEAR + DAY,
        "expires_at": NEW_YEAR + 2 * DAY,
        "metadata": {"order": "7"},
        "name": "Welcome",
        "priority": 0,
    }
    grant = granted(call, customer(call), **said)
    assert {name: grant[name] for name in said} == said


def test_a_grant_may_pay_for_some_prices_only(call: Call) -> None:
    price = metered_price(call)
    scope = {"scope": {"prices": [{"id": price}]}}
    grant = granted(call, customer(call), applicability_config=scope)
    assert grant["applicability_config"] == {"scope": {"prices": [{"id": price}]}}


def test_its_customer_can_be_expanded(call: Call) -> None:
    grant = granted(call, customer(call, name="Ann"), expand=["customer"])
    assert grant["customer"]["name"] == "Ann"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"amount": None}, "amount"),
        ({"amount": {"type": "custom_pricing_unit"}}, "amount[type]"),
        ({"amount": {"type": "monetary"}}, "amount[monetary]"),
        ({"amount": {"type": "monetary", "monetary": {"value": 5}}}, "amount[monetary][currency]"),
        ({"amount": {"type": "monetary", "monetary": {"currency": "usd"}}}, "amount[monetary][value]"),
        ({"amount": {"type": "monetary", "monetary": {"currency": "x", "value": 5}}}, "amount[monetary][currency]"),
        ({"applicability_config": None}, "applicability_config"),
        ({"applicability_config": {"scope": {"price_type": "licensed"}}}, "applicability_config[scope][price_type]"),
        (
            {"applicability_config": {"scope": {"prices": [{"id": "price_none"}]}}},
            "applicability_config[scope][prices][0][id]",
        ),
        ({"applicability_config": {"scope": {"prices": [{"id": "x"}] * 21}}}, "applicability_config[scope][prices]"),
        ({"category": "free"}, "category"),
        ({"customer": None}, "customer"),
        ({"customer": "cus_none"}, "customer"),
        ({"expires_at": NEW_YEAR - 1}, "expires_at"),
        ({"expires_at": NEW_YEAR}, "expires_at"),
        ({"effective_at": NEW_YEAR + DAY, "expires_at": NEW_YEAR + DAY}, "expires_at"),
        ({"name": "x" * 101}, "name"),
        ({"priority": -1}, "priority"),
        ({"priority": 101}, "priority"),
    ],
)
def test_what_is_wrong_with_a_grant_is_named(call: Call, change: dict[str, Any], param: str) -> None:
    answer = call.post(GRANTS, plain(customer(call)) | change)
    assert (answer.status, answer.error["param"]) == (400, param)
    assert call.get(GRANTS).ids == call.get(TRANSACTIONS).ids == []


@pytest.mark.parametrize("value", [0, -5, "1.5", "much"])
def test_only_a_positive_whole_amount_can_be_granted(call: Call, value: object) -> None:
    answer = call.post(GRANTS, plain(customer(call), value))
    assert (answer.status, answer.error["param"]) == (400, "amount[monetary][value]")
    assert call.get(GRANTS).ids == []


def test_a_scope_is_a_type_of_prices_or_some_prices_not_both_and_not_neither(call: Call) -> None:
    ann, price = customer(call), metered_price(call)
    both = {"scope": {"price_type": "metered", "prices": [{"id": price}]}}
    answer = call.post(GRANTS, plain(ann) | {"applicability_config": both})
    assert answer.status == 400
    assert answer.error["param"].startswith("applicability_config[scope]")
    neither = call.post(GRANTS, plain(ann) | {"applicability_config": {"scope": {}}})
    assert neither.status == 400
    assert call.get(GRANTS).ids == []


def test_a_licensed_price_cannot_be_paid_with_credits(call: Call) -> None:
    price = {"currency": "usd", "unit_amount": 1, "product_data": {"name": "Seat"}, "recurring": {"interval": "month"}}
    scope = {"scope": {"prices": [{"id": call.create("/v1/prices", price)["id"]}]}}
    answer = call.post(GRANTS, plain(customer(call)) | {"applicability_config": scope})
    assert (answer.status, answer.error["param"]) == (400, "applicability_config[scope][prices][0][id]")


@pytest.mark.parametrize("call", ["engine"], indirect=True)
def test_a_customer_has_100_unused_grants_at_most(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    ids = [granted(call, ann)["id"] for _ in range(100)]
    answer = call.post(GRANTS, plain(ann))
    assert (answer.status, answer.error["param"]) == (400, "customer")
    assert len(call.get(GRANTS, {"customer": ann, "limit": 100}).ids) == 100
    granted(call, bob)
    call.create(f"{GRANTS}/{ids[0]}/void")
    granted(call, ann)
    call.create(f"{GRANTS}/{ids[1]}/expire")
    granted(call, ann)
    assert call.post(GRANTS, plain(ann)).status == 400


def test_granting_is_booked_and_told(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann)
    assert bookings(call, grant["id"]) == [("credits_granted", 1000)]
    assert balance(call, ann, grant["id"]) == (1000, 1000)
    [event] = told(call, "billing.credit_grant.created")
    assert event["data"]["object"] == grant
    [booked] = told(call, "billing.credit_balance_transaction.created")
    assert booked["data"]["object"]["credit_grant"] == grant["id"]


def test_thin_events_name_the_grant_and_the_transaction(call: Call) -> None:
    grant = granted(call, customer(call))["id"]
    params = {"types": ["v1.billing.credit_grant.created", "v1.billing.credit_balance_transaction.created"]}
    booked, created = call.get("/v2/core/events", params, version="2026-10-28.preview").json["data"]
    assert created["related_object"] == {"id": grant, "type": "billing.credit_grant", "url": f"{GRANTS}/{grant}"}
    [transaction] = call.get(TRANSACTIONS).ids
    assert booked["related_object"]["url"] == f"{TRANSACTIONS}/{transaction}"


# Pending and expired


def test_what_is_not_effective_yet_is_booked_but_not_available(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann, effective_at=NEW_YEAR + DAY)["id"]
    assert balance(call, ann, grant) == (0, 1000)
    call.clock.advance(DAY)
    assert balance(call, ann, grant) == (1000, 1000)


def test_a_grant_may_have_been_effective_before_it_was_made(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann, effective_at=NEW_YEAR - DAY)
    assert (grant["created"], grant["effective_at"]) == (NEW_YEAR, NEW_YEAR - DAY)
    assert balance(call, ann, grant["id"]) == (1000, 1000)


def test_a_grant_expires_at_its_instant(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann, expires_at=NEW_YEAR + DAY)
    call.clock.advance(DAY - 1)
    assert balance(call, ann, grant["id"]) == (1000, 1000)
    call.clock.advance(DAY)
    assert balance(call, ann, grant["id"]) == (0, 0)
    assert bookings(call, grant["id"]) == [("credits_granted", 1000), ("credits_expired", 1000)]
    assert call.get(TRANSACTIONS).json["data"][0]["created"] == NEW_YEAR + DAY
    assert call.get(f"{GRANTS}/{grant['id']}").json == grant
    assert told(call, "billing.credit_grant.updated") == []


def test_a_grant_on_a_test_clock_lives_in_its_time(call: Call) -> None:
    clock = call.create(CLOCKS, {"frozen_time": NEW_YEAR - 30 * DAY})["id"]
    ann = customer(call, test_clock=clock)
    grant = granted(call, ann, expires_at=NEW_YEAR - 29 * DAY)
    assert (grant["test_clock"], grant["created"]) == (clock, NEW_YEAR - 30 * DAY)
    call.clock.advance(100 * DAY)
    assert balance(call, ann, grant["id"]) == (1000, 1000)
    call.create(f"{CLOCKS}/{clock}/advance", {"frozen_time": NEW_YEAR - 28 * DAY})
    assert balance(call, ann, grant["id"]) == (0, 0)
    [expired, booked] = call.get(TRANSACTIONS).json["data"]
    assert (booked["created"], expired["created"]) == (NEW_YEAR - 30 * DAY, NEW_YEAR - 29 * DAY)
    assert expired["test_clock"] == clock


def test_a_grant_is_given_in_the_time_of_its_clock(call: Call) -> None:
    clock = call.create(CLOCKS, {"frozen_time": NEW_YEAR + 30 * DAY})["id"]
    answer = call.post(GRANTS, plain(customer(call, test_clock=clock)) | {"expires_at": NEW_YEAR + 29 * DAY})
    assert (answer.status, answer.error["param"]) == (400, "expires_at")


# Update


def test_expiry_and_metadata_can_be_changed(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann, metadata={"a": "1", "b": "2"})
    path = f"{GRANTS}/{grant['id']}"
    call.clock.advance(60)
    changed = {"expires_at": NEW_YEAR + DAY, "metadata": {"a": "", "c": "3"}}
    updated = call.create(path, changed)
    now = NEW_YEAR + 60
    assert updated == grant | {"expires_at": NEW_YEAR + DAY, "metadata": {"b": "2", "c": "3"}, "updated": now}
    [event] = told(call, "billing.credit_grant.updated")
    assert event["data"]["object"] == updated
    assert event["data"]["previous_attributes"]["expires_at"] is None
    assert call.create(path, {"expires_at": ""})["expires_at"] is None
    call.clock.advance(2 * DAY)
    assert balance(call, ann, grant["id"]) == (1000, 1000)


def test_an_expiry_that_was_moved_holds(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann, expires_at=NEW_YEAR + 2 * DAY)["id"]
    call.create(f"{GRANTS}/{grant}", {"expires_at": NEW_YEAR + 3 * DAY})
    call.clock.advance(2 * DAY)
    assert balance(call, ann, grant) == (1000, 1000)
    call.clock.advance(DAY)
    assert bookings(call, grant) == [("credits_granted", 1000), ("credits_expired", 1000)]


def test_an_update_without_parameters_changes_nothing(call: Call) -> None:
    grant = granted(call, customer(call))
    call.clock.advance(60)
    assert call.create(f"{GRANTS}/{grant['id']}") == grant
    assert told(call, "billing.credit_grant.updated") == []


@pytest.mark.parametrize("name", ["amount", "applicability_config", "category", "customer", "name", "priority"])
def test_nothing_else_can_be_changed(call: Call, name: str) -> None:
    grant = granted(call, customer(call))
    error = call.post(f"{GRANTS}/{grant['id']}", {name: "x"}).error
    assert error["message"] == f"Received unknown parameter: {name}"


def test_an_expiry_cannot_be_moved_into_the_past(call: Call) -> None:
    grant = granted(call, customer(call))
    path = f"{GRANTS}/{grant['id']}"
    answer = call.post(path, {"expires_at": NEW_YEAR, "metadata": {"a": "1"}})
    assert (answer.status, answer.error["param"]) == (400, "expires_at")
    assert call.get(path).json == grant


def test_metadata_that_is_too_much_leaves_the_expiry_as_it_was(call: Call) -> None:
    grant = granted(call, customer(call))
    path = f"{GRANTS}/{grant['id']}"
    much = {f"key{index}": "x" for index in range(51)}
    assert call.post(path, {"expires_at": NEW_YEAR + DAY, "metadata": much}).status == 400
    assert call.get(path).json == grant


@pytest.mark.parametrize("action", ["void", "expire"])
def test_the_expiry_of_what_is_over_cannot_be_changed_but_its_metadata(call: Call, action: str) -> None:
    path = f"{GRANTS}/{granted(call, customer(call))['id']}"
    call.create(f"{path}/{action}")
    assert call.post(path, {"expires_at": NEW_YEAR + DAY}).status == 400
    assert call.create(path, {"metadata": {"a": "1"}})["metadata"] == {"a": "1"}


# Expire and void


def test_a_grant_can_be_let_expire_now(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann)
    call.clock.advance(60)
    now = NEW_YEAR + 60
    assert call.create(f"{GRANTS}/{grant['id']}/expire") == grant | {"expires_at": now, "updated": now}
    assert bookings(call, grant["id"]) == [("credits_granted", 1000), ("credits_expired", 1000)]
    assert balance(call, ann, grant["id"]) == (0, 0)
    assert len(told(call, "billing.credit_grant.updated")) == 1


def test_a_grant_can_be_voided(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann)
    call.clock.advance(60)
    now = NEW_YEAR + 60
    assert call.create(f"{GRANTS}/{grant['id']}/void") == grant | {"voided_at": now, "updated": now}
    assert bookings(call, grant["id"]) == [("credits_granted", 1000), ("credits_voided", 1000)]
    assert balance(call, ann, grant["id"]) == (0, 0)


@pytest.mark.parametrize("first", ["void", "expire"])
@pytest.mark.parametrize("second", ["void", "expire"])
def test_what_is_void_or_expired_can_be_neither_voided_nor_let_expire(call: Call, first: str, second: str) -> None:
    path = f"{GRANTS}/{granted(call, customer(call))['id']}"
    over = call.create(f"{path}/{first}")
    call.clock.advance(60)
    assert call.post(f"{path}/{second}").status == 400
    assert call.get(path).json == over
    assert len(call.get(TRANSACTIONS).ids) == 2


def test_a_void_grant_does_not_expire_as_well(call: Call) -> None:
    grant = granted(call, customer(call), expires_at=NEW_YEAR + DAY)["id"]
    call.create(f"{GRANTS}/{grant}/void")
    call.clock.advance(2 * DAY)
    assert bookings(call, grant) == [("credits_granted", 1000), ("credits_voided", 1000)]


def test_an_unknown_grant_is_not_found(call: Call) -> None:
    for method, suffix in (("GET", ""), ("POST", ""), ("POST", "/expire"), ("POST", "/void")):
        answer = call.request(method, f"{GRANTS}/credgr_none{suffix}")
        assert (answer.status, answer.error["message"]) == (404, "No such credit grant: 'credgr_none'")


# List


def test_grants_are_listed_newest_first_and_by_customer(call: Call) -> None:
    ann, bob = customer(call), customer(call)
    first, second, third = (granted(call, whose)["id"] for whose in (ann, bob, ann))
    assert call.get(GRANTS).ids == [third, second, first]
    assert call.get(GRANTS, {"customer": ann}).ids == [third, first]
    page = call.get(GRANTS, {"limit": 1, "starting_after": third})
    assert (page.ids, page.json["has_more"], page.json["url"]) == ([second], True, GRANTS)


# Across a snapshot


def test_a_snapshot_carries_grants_with_their_balances_and_their_expiry(call: Call) -> None:
    ann = customer(call)
    grant = granted(call, ann, expires_at=NEW_YEAR + DAY)
    call.fake.restore(call.fake.snapshot())
    assert call.get(f"{GRANTS}/{grant['id']}").json == grant
    assert balance(call, ann, grant["id"]) == (1000, 1000)
    call.clock.advance(DAY)
    assert balance(call, ann, grant["id"]) == (0, 0)
