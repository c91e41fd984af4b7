"""Restricted keys: a declared one acts in the account of another key, and does there only what it may."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest
import stripe
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.core.keys import own_account
from tests.conftest import KEY
from tests.conftest import NOW
from tests.conftest import Call
from tests.contract.test_hostile_calls import TEXTS

RK = "rk_test_51UsageReporterAbCdEf"
SHOWN = "rk_test_***AbCdEf"
OTHER = "sk_test_other"
CUSTOMERS = "/v1/customers"
METERS = "/v1/billing/meters"
EVENTS = "/v1/billing/meter_events"
PRICES = "/v1/prices"
METER = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
PREVIEW = "2026-10-28.preview"
REMOVED = ("/usage_records", "/upcoming", "/upcoming/lines")
"""Ends of the URLs that only older versions have."""


def denied(name: str, permission: str, account: str = own_account(KEY)) -> str:
    return (
        f"Permission denied. The provided key '{SHOWN}' does not have the required permissions for this endpoint on "
        f"account '{account}'. Enabling \"{name}\" ('{permission}') permissions on this key would allow this request "
        "to continue."
    )


def restrict(call: Call, permissions: Mapping[str, str] | str, **options: Any) -> None:  # noqa: ANN401  as its method
    call.fake.restrict_key(RK, permissions, **options)


def ask(fake: FakeStripe, method: str, call: str, /, **body: object) -> tuple[int, Any]:
    client = Client(fake.wsgi_app, use_cookies=False)
    if method in ("GET", "DELETE"):
        answer = client.open(f"/_fakestripe/{call}", method=method, query_string=body)
    else:
        answer = client.open(f"/_fakestripe/{call}", method=method, json=body)
    return answer.status_code, answer.get_json()


# What it may do


def test_a_restricted_key_does_what_it_may_in_the_account_of_another_key(call: Call) -> None:
    restrict(call, {"billing_meter": "write", "customer": "read"})
    meter = call.create(METERS, METER, key=RK)
    customer = call.create(CUSTOMERS, {"name": "Ada"})
    assert call.get(f"{METERS}/{meter['id']}").json == meter
    assert call.get(f"{CUSTOMERS}/{customer['id']}", key=RK).json == customer
    call.create(EVENTS, {"event_name": "tokens", "payload": payload(customer["id"])}, key=RK)
    assert call.fake.usage("tokens", customer["id"], account=KEY) == 3
    assert {each.account for each in call.fake.journal} == {"sk_test_******ripe"}


def payload(customer: str) -> dict[str, str]:
    return {"stripe_customer_id": customer, "value": "3"}


def test_what_it_may_not_do_is_refused_in_stripes_words_and_changes_nothing(call: Call) -> None:
    restrict(call, {"billing_meter": "write"})
    before = call.fake.snapshot()
    answer = call.post(PRICES, {"currency": "usd"}, key=RK)
    assert answer.status == 403
    assert {name: answer.error[name] for name in ("code", "message", "type")} == {
        "code": "more_permissions_required",
        "message": denied("Prices Write", "plan_write"),
        "type": "invalid_request_error",
    }
    after = call.fake.snapshot()
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {"accounts", "request_state", "request_ids"}  # the account is new
    assert [account["parts"] for account in after["accounts"]] == [{}]
    assert answer.headers["Request-Id"] == call.fake.journal[-1].request_id
    assert answer.headers["Stripe-Version"]
    assert call.fake.journal[-1].hint == "the restricted key lacks plan_write"


@pytest.mark.parametrize("path", [CUSTOMERS, f"{CUSTOMERS}/cus_none", f"{CUSTOMERS}/search?query=nonsense"])
def test_the_permission_is_asked_before_objects_and_parameters_are_looked_at(call: Call, path: str) -> None:
    restrict(call, {})
    answer = call.get(path, {"limit": "many"}, key=RK)
    assert (answer.status, answer.error["message"]) == (403, denied("Customers Read", "customer_read"))


def test_write_includes_read_and_read_no_write(call: Call) -> None:
    restrict(call, {"customer": "write"})
    assert call.get(CUSTOMERS, key=RK).status == 200
    restrict(call, {"customer": "read"})
    answer = call.post(CUSTOMERS, key=RK)
    assert (answer.status, answer.error["message"]) == (403, denied("Customers Write", "customer_write"))


def test_a_preview_of_an_invoice_is_a_read(call: Call) -> None:
    customer = call.create(CUSTOMERS)["id"]
    restrict(call, {"invoice": "read"})
    lines = {"customer": customer, "invoice_items": [{"amount": 100, "currency": "usd"}]}
    assert call.post("/v1/invoices/create_preview", lines, key=RK).status == 200
    assert call.post("/v1/invoices", {"customer": customer}, key=RK).status == 403
    restrict(call, {"customer": "write"})
    answer = call.post("/v1/invoices/create_preview", lines, key=RK)
    assert answer.error["message"] == denied("Invoices Read", "invoice_read")


@pytest.mark.parametrize("word", ["customer", "customer_limited"])
def test_one_customer_may_be_read_with_either_of_two_permissions(call: Call, word: str) -> None:
    customer = call.create(CUSTOMERS)
    restrict(call, {word: "read"})
    assert call.get(f"{CUSTOMERS}/{customer['id']}", key=RK).json == customer
    assert call.get(CUSTOMERS, key=RK).status == (200 if word == "customer" else 403)


def test_a_permission_includes_what_stripe_says(call: Call) -> None:
    restrict(call, {"plan": "write"})
    assert call.get("/v1/products", key=RK).status == 200
    assert call.post("/v1/products", {"name": "Tokens"}, key=RK).status == 403


def test_a_key_that_may_do_nothing_may_do_nothing(call: Call) -> None:
    restrict(call, {})
    for each in call.fake.engine.routes.every:
        if each.resource.in_session:
            continue
        older = "2024-06-20" if each.rule.endswith(REMOVED) else None
        version = PREVIEW if each.resource.setting else older
        path = each.rule.replace("<path:", "<").replace("<", "x").replace(">", "")
        headers = {"Content-Type": "application/json"} if path.startswith("/v2") else {}
        answer = call.request(each.method, path, key=RK, version=version, headers=headers)
        if each.rule == "/v1/accounts/<account_id>":  # no account of that id is within reach
            assert (answer.status, answer.error["code"]) == (403, "account_invalid")
        else:
            assert (answer.status, SHOWN in answer.error["message"]) == (403, True), each.route
    assert call.fake.accounts[0]["customers"] == 0


def test_api_v2_refuses_in_its_own_envelope(call: Call) -> None:
    restrict(call, {"customer": "write"})
    body = json.dumps({"event_name": "tokens", "payload": payload("cus_1")})
    answer = call.post("/v2/billing/meter_events", body, key=RK, headers={"Content-Type": "application/json"})
    assert answer.status == 403
    assert answer.error["message"] == denied("Billing Meters Write", "billing_meter_write")


@pytest.mark.parametrize("stem", ["billing_meter", "billing_meter_event"])
def test_a_session_needs_the_permission_and_its_token_none(call: Call, stem: str) -> None:
    as_json = {"Content-Type": "application/json"}
    restrict(call, {stem: "write"})
    call.create(METERS, METER)
    session = call.post("/v2/billing/meter_event_session", "{}", key=RK, headers=as_json).json
    restrict(call, {})
    assert call.post("/v2/billing/meter_event_session", "{}", key=RK, headers=as_json).status == 403
    customer = call.create(CUSTOMERS)["id"]
    sent = json.dumps({"events": [{"event_name": "tokens", "payload": payload(customer)}]})
    assert (
        call.post("/v2/billing/meter_event_stream", sent, key=session["authentication_token"], headers=as_json).json
        == {}
    )
    assert call.fake.usage("tokens", customer) == 3


@pytest.mark.parametrize("permissions", [{"event": "read"}, {"webhook": "write"}, {}])
def test_events_and_their_destinations_have_permissions_in_api_v2(call: Call, permissions: dict[str, str]) -> None:
    restrict(call, permissions)
    assert (call.get("/v2/core/events/evt_none", key=RK).status == 404) is ("event" in permissions)
    assert (call.get("/v2/core/event_destinations", key=RK).status == 200) is ("webhook" in permissions)


def test_the_ready_set_is_enough_for_a_metered_integration(call: Call) -> None:
    restrict(call, "metering")
    customer = call.create(CUSTOMERS, {"email": "ada@example.com"}, key=RK)["id"]
    meter = call.create(METERS, METER, key=RK)["id"]
    product = call.create("/v1/products", {"name": "Tokens"}, key=RK)["id"]
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter}
    price = {"currency": "usd", "unit_amount": 2, "product": product, "recurring": recurring}
    items = {"items": [{"price": call.create(PRICES, price, key=RK)["id"]}]}
    subscription = call.create("/v1/subscriptions", {"customer": customer, **items}, key=RK)["id"]
    call.create(EVENTS, {"event_name": "tokens", "payload": payload(customer)}, key=RK)
    window = {"customer": customer, "start_time": 1_735_689_600, "end_time": 1_735_693_200}
    summaries = call.get(f"{METERS}/{meter}/event_summaries", window, key=RK).json["data"]
    assert [each["aggregated_value"] for each in summaries] == [3]
    preview = call.post("/v1/invoices/create_preview", {"subscription": subscription}, key=RK).json
    assert preview["total"] == 6
    usage = {"meters": [{"meter": meter}], "customer": customer, "starts_at": 1_735_689_600, "ends_at": 1_735_776_000}
    assert call.get("/v1/billing/analytics/meter_usage", usage, key=RK, version=PREVIEW).status == 200
    assert call.get("/v1/events", key=RK).status == 200
    assert call.get("/v1/refunds", key=RK).error["code"] == "more_permissions_required"


# Where it stands in the order of errors


def test_a_call_that_is_not_served_is_501_and_an_unknown_url_404(call: Call) -> None:
    restrict(call, {})
    assert call.post("/v1/quotes", key=RK).status == 501
    assert call.get("/v1/nothing", key=RK).status == 404


def test_a_rate_limit_and_a_wrong_version_go_before_it(call: Call) -> None:
    restrict(call, {})
    assert call.get(PRICES, key=RK, version="yesterday").status == 400
    call.fake.control.set_limits({"global": 1})
    assert [call.get(PRICES, key=RK).status for _ in "ab"] == [403, 429]


def test_a_refusal_is_not_kept_under_its_idempotency_key(call: Call) -> None:
    restrict(call, {"customer": "read"})
    refused = call.post(CUSTOMERS, {"name": "Ada"}, key=RK, idempotency_key="once")
    restrict(call, {"customer": "write"})
    made = call.post(CUSTOMERS, {"name": "Ada"}, key=RK, idempotency_key="once")
    again = call.post(CUSTOMERS, {"name": "Ada"}, idempotency_key="once")
    assert (refused.status, made.status, made.json) == (403, 200, again.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    restrict(call, {})
    assert call.post(CUSTOMERS, {"name": "Ada"}, key=RK, idempotency_key="once").status == 403


def test_a_planned_fault_and_a_stub_go_before_it(call: Call) -> None:
    restrict(call, {})
    call.fake.fail_next(f"GET {CUSTOMERS}", status=503, account=RK)
    call.fake.stub(f"GET {PRICES}", json={"data": []}, times=1)
    assert [call.get(CUSTOMERS, key=RK).status for _ in "ab"] == [503, 403]
    assert [call.get(PRICES, key=RK).status for _ in "ab"] == [200, 403]


# What is expanded


def test_what_is_expanded_needs_its_permission_too(call: Call) -> None:
    restrict(call, {"plan": "read", "subscription": "write"})
    path = "/v1/subscriptions"
    assert call.get(path, {"expand": ["data.items.data.price"]}, key=RK).status == 200
    answer = call.get(path, {"expand": ["data.customer", "data.latest_invoice"]}, key=RK)
    assert answer.status == 403
    assert (
        "Enabling \"Customers Read\" ('customer_read'), \"Invoices Read\" ('invoice_read')" in answer.error["message"]
    )
    assert answer.error["message"].endswith("permissions on this key would allow this request to continue.")
    assert call.fake.journal[-1].hint == "the restricted key lacks customer_read, invoice_read"


def test_a_field_that_cannot_be_expanded_is_400(call: Call) -> None:
    restrict(call, {"customer": "read"})
    assert call.get(CUSTOMERS, {"expand": ["data.nothing"]}, key=RK).status == 400


# Accounts


def test_a_key_that_was_not_declared_has_an_account_of_its_own_and_may_do_everything(call: Call) -> None:
    made = call.create(CUSTOMERS, key=RK)
    assert call.get(CUSTOMERS).ids == []
    restrict(call, {"customer": "read"})
    assert call.get(CUSTOMERS, key=RK).ids == []
    call.fake.unrestrict_key(RK)
    assert call.get(CUSTOMERS, key=RK).ids == [made["id"]]


def test_an_account_is_named_by_its_key_or_its_id(call: Call) -> None:
    made = call.create(CUSTOMERS, key=OTHER)
    for account in (OTHER, own_account(OTHER)):
        restrict(call, {"customer": "read"}, account=account)
        assert call.get(CUSTOMERS, key=RK).ids == [made["id"]]


def test_it_reaches_the_connected_accounts_of_its_account(call: Call) -> None:
    restrict(call, {"customer": "write"})
    there = {"Stripe-Account": "acct_1Connected"}
    made = call.create(CUSTOMERS, key=RK, headers=there)
    assert call.get(CUSTOMERS, headers=there).ids == [made["id"]]
    answer = call.get(PRICES, key=RK, headers=there)
    assert answer.error["message"] == denied("Prices Read", "plan_read", "acct_1Connected")
    assert answer.headers["Stripe-Account"] == "acct_1Connected"


def test_an_account_out_of_its_reach_is_refused_with_its_own_name(call: Call) -> None:
    restrict(call, {"connected_account": "read"})
    refused = [
        call.get(CUSTOMERS, key=RK, headers={"Stripe-Account": "acct_"}),
        call.get("/v1/accounts/acct_1Nobody", key=RK),
    ]
    for answer in refused:
        assert (answer.status, answer.error["code"]) == (403, "account_invalid")
        assert answer.error["message"].startswith("The provided key 'rk_test_*****************CdEf'")
    assert call.get(f"/v1/accounts/{own_account(KEY)}", key=RK).json["id"] == own_account(KEY)


def test_it_stands_for_its_account_where_the_control_plane_asks_for_one(call: Call) -> None:
    restrict(call, "metering", account=OTHER)
    call.fake.webhooks.collect(key=RK)
    inbox = call.fake.webhooks.collect("customer.created", key=RK)
    call.create(CUSTOMERS, key=OTHER)
    call.create(CUSTOMERS)
    assert len(inbox.received) == 1
    assert len(call.fake.control.journal(account=RK)) == 1
    call.fake.control.set_limits({"global": 1, "account": RK})
    assert [call.get(CUSTOMERS, key=OTHER).status for _ in "ab"] == [200, 429]


def test_the_limits_of_an_account_are_those_of_all_its_keys(call: Call) -> None:
    restrict(call, {"customer": "read"})
    call.fake.control.set_limits({"global": 2})
    statuses = [call.get(CUSTOMERS, key=key).status for key in (RK, KEY, RK)]
    assert statuses == [200, 200, 429]


# Declaring it


def test_the_control_plane_declares_lists_and_forgets_keys(call: Call) -> None:
    wish = {"account": OTHER, "permissions": {"plan": "read", "customer": "write"}}
    told = {"key": "rk_test_*****************CdEf", "account": "sk_test_*****", "permissions": wish["permissions"]}
    assert ask(call.fake, "PUT", f"keys/{RK}", **wish) == (200, told)
    assert ask(call.fake, "GET", "keys") == (200, {"data": [told]})
    assert call.fake.restricted_keys == [told]
    status, metering = ask(call.fake, "PUT", f"keys/{RK}", permissions="metering")
    assert (status, metering["account"], metering["permissions"]["billing_meter"]) == (
        200,
        "sk_test_******ripe",
        "write",
    )
    assert ask(call.fake, "DELETE", f"keys/{RK}") == (200, {})
    assert ask(call.fake, "GET", "keys") == (200, {"data": []})
    assert ask(call.fake, "DELETE", f"keys/{RK}")[0] == 400


WRONG = [
    ({}, "missing parameter 'permissions'", "permissions"),
    ({"permissions": None}, "permissions must be permissions by name", "permissions"),
    ({"permissions": 7}, "permissions must be permissions by name", "permissions"),
    ({"permissions": ["customer_read"]}, "permissions must be permissions by name", "permissions"),
    ({"permissions": "metring"}, "unknown set of permissions 'metring': did you mean 'metering'?", "permissions"),
    ({"permissions": "billing:write"}, 'Stripe has no such scope: use {"billing_meter": "write"}', "permissions"),
    ({"permissions": "invoices:read"}, 'Stripe has no such scope: use {"invoice": "read"}', "permissions"),
    (
        {"permissions": ""},
        "unknown set of permissions '': use the name of a set, 'metering' or 'all', or",
        "permissions",
    ),
    (
        {"permissions": {"billing": "write"}},
        "unknown permission 'billing': did you mean 'billing_meter'?",
        "permissions",
    ),
    ({"permissions": {"price": "read"}}, "unknown permission 'price': did you mean 'plan'?", "permissions"),
    ({"permissions": {"Prices": "read"}}, "unknown permission 'Prices': did you mean 'plan'?", "permissions"),
    ({"permissions": {"refund": "write"}}, "did you mean 'charge'?", "permissions"),
    ({"permissions": {"rak_customer_read": "read"}}, "did you mean 'customer'?", "permissions"),
    ({"permissions": {"billing.meter": "read"}}, "did you mean 'billing_meter'?", "permissions"),
    ({"permissions": {"custmer": "read"}}, "did you mean 'customer'?", "permissions"),
    ({"permissions": {"": "read"}}, "its name is Stripe's without the ending, such as 'billing_meter'", "permissions"),
    ({"permissions": {"\x00" * 5000: "read"}}, "its name is Stripe's without the ending", "permissions"),
    ({"permissions": {"customer": "admin"}}, "customer must be 'read' or 'write', not 'admin'", "permissions"),
    ({"permissions": {"customer": None}}, "customer must be 'read' or 'write', not None", "permissions"),
    ({"permissions": {"customer": True}}, "customer must be 'read' or 'write', not True", "permissions"),
    ({"permissions": {"customer": {"read": 1}}}, "customer must be 'read' or 'write', not {'read': 1}", "permissions"),
    ({"permissions": {"event": "write"}}, "event must be 'read', not 'write'", "permissions"),
    ({"permissions": {"account_link": "read"}}, "account_link must be 'write', not 'read'", "permissions"),
    ({"permissions": {}, "account": RK}, "account must be another key than a restricted one", "account"),
    ({"permissions": {}, "account": "acct_nobody"}, "there is no account 'acct_nobody'", "account"),
    ({"permissions": {}, "account": "sk_live_123"}, "account must be a full test key", "account"),
    ({"permissions": {}, "account": 5}, "account must be a full test key", "account"),
    ({"permissions": {}, "acount": KEY}, "did you mean account?", "acount"),
    ({"permissions": {}, "key": RK}, "the path names the key", "key"),
]


@pytest.mark.parametrize(("wish", "message", "param"), WRONG)
def test_a_wrong_wish_is_400_with_what_could_be_meant_and_declares_nothing(
    session_fake: FakeStripe, wish: dict[str, object], message: str, param: str
) -> None:
    session_fake.begin(now=NOW, seed=1)
    before = session_fake.snapshot()
    status, answer = ask(session_fake, "PUT", f"keys/{RK}", **wish)
    assert (status, answer["error"]["param"]) == (400, param)
    assert message in answer["error"]["message"]
    assert session_fake.snapshot() == before


def test_whatever_is_wrong_with_permissions_is_said_in_a_sentence(session_fake: FakeStripe) -> None:
    session_fake.begin(now=NOW, seed=1)
    session_fake.restrict_key(RK, {"plan": "read"})
    before = session_fake.snapshot()
    wrong = [json.loads(text) for text in TEXTS if not text.startswith(("1e", "NaN", "-Inf", "[[[", "9999"))]
    for value in wrong:
        for permissions in (value, {"customer": value}, {str(value): "read"}, {"customer": "read", "Nothing": value}):
            if permissions == {}:
                continue
            status, answer = ask(session_fake, "PUT", f"keys/{RK}", permissions=permissions)
            assert (status, answer["error"]["param"]) == (400, "permissions"), permissions
            assert answer["error"]["message"].isprintable()
            assert len(answer["error"]["message"]) < 400
    assert session_fake.snapshot() == before


@pytest.mark.parametrize("key", ["sk_test_51Full", "rk_live_51Real", "rk_test_", "rk_test_with-dash", "pk_test_1", "x"])
def test_only_a_restricted_test_key_can_be_declared_and_no_other_is_shown(session_fake: FakeStripe, key: str) -> None:
    session_fake.begin(now=NOW, seed=1)
    status, answer = ask(session_fake, "PUT", f"keys/{key}", permissions={})
    assert (status, answer["error"]["param"]) == (400, "key")
    assert answer["error"]["message"].startswith("key must be a full restricted test key, rk_test_…, not ")
    with pytest.raises(Misuse, match="key must be a full restricted test key"):
        session_fake.restrict_key(key, {})
    assert session_fake.restricted_keys == []


def test_a_restricted_key_has_no_restricted_keys(session_fake: FakeStripe) -> None:
    session_fake.begin(now=NOW, seed=1)
    session_fake.restrict_key("rk_test_first", {}, account="rk_test_platform")
    with pytest.raises(Misuse, match="is the account of other restricted keys: choose another key"):
        session_fake.restrict_key("rk_test_platform", {})
    session_fake.restrict_key("rk_test_second", {}, account="rk_test_first")  # which stands for its account
    assert session_fake.restricted_keys[1]["account"] == session_fake.restricted_keys[0]["account"]


def test_there_is_a_most_of_restricted_keys(session_fake: FakeStripe) -> None:
    session_fake.begin(now=NOW, seed=1)
    for number in range(1_000):
        session_fake.restrict_key(f"rk_test_{number}", {})
    with pytest.raises(Misuse, match="there are 1,000 restricted keys already"):
        session_fake.restrict_key("rk_test_more", {})
    session_fake.restrict_key("rk_test_5", "metering")
    session_fake.begin(now=NOW, seed=1)


def test_a_short_key_is_not_shown_at_all(call: Call) -> None:
    call.fake.restrict_key("rk_test_short", {})
    answer = call.get(CUSTOMERS, key="rk_test_short")
    assert "'rk_test_***' does not" in answer.error["message"]
    assert b"short" not in answer.body


# What becomes of it


def test_a_snapshot_has_it_and_a_reset_forgets_it(call: Call) -> None:
    restrict(call, {"customer": "read"})
    kept = json.loads(json.dumps(call.fake.snapshot()))
    assert kept["restricted_keys"] == {RK: {"account": KEY, "permissions": {"customer": "read"}}}
    call.fake.reset()
    assert call.fake.restricted_keys == []
    call.fake.restore(kept)
    assert [call.get(path, key=RK).status for path in (CUSTOMERS, PRICES)] == [200, 403]
    del kept["restricted_keys"]  # as a snapshot of an older release
    call.fake.restore(kept)
    assert call.fake.restricted_keys == []


def test_a_checkpoint_has_it(call: Call) -> None:
    restrict(call, {"customer": "read"})
    with call.fake.checkpoint():
        restrict(call, {"plan": "read"})
        assert [call.get(path, key=RK).status for path in (CUSTOMERS, PRICES)] == [403, 200]
    assert [call.get(path, key=RK).status for path in (CUSTOMERS, PRICES)] == [200, 403]


def test_a_reset_of_its_account_forgets_it_and_one_of_another_does_not(call: Call) -> None:
    restrict(call, {"customer": "read"})
    call.fake.restrict_key("rk_test_others", {}, account=OTHER)
    call.fake.control.reset(OTHER)
    assert [each["account"] for each in call.fake.restricted_keys] == ["sk_test_******ripe"]
    call.fake.control.reset(KEY)
    assert call.fake.restricted_keys == []


@pytest.mark.parametrize(
    "tree",
    [
        5,
        {RK: 5},
        {RK: {"account": KEY}},
        {RK: {"account": KEY, "permissions": {"nothing": "read"}}},
        {RK: {"account": KEY, "permissions": {"event": "write"}}},
        {RK: {"account": KEY, "permissions": "metering"}},
        {RK: {"account": "sk_live_1", "permissions": {}}},
        {RK: {"account": RK, "permissions": {}}},
        {KEY: {"account": OTHER, "permissions": {}}},
        {RK: {"account": KEY, "permissions": {}, "more": 1}},
    ],
)
def test_a_snapshot_with_a_wrong_key_is_refused_and_changes_nothing(session_fake: FakeStripe, tree: object) -> None:
    session_fake.begin(now=NOW, seed=1)
    before = session_fake.snapshot()
    with pytest.raises(Misuse, match=r"^snapshot\.restricted_keys"):
        session_fake.restore({**before, "restricted_keys": tree})
    assert session_fake.snapshot() == before


def test_no_list_and_no_message_shows_a_key_in_full(call: Call) -> None:
    restrict(call, {})
    call.get(CUSTOMERS, key=RK)
    shown = [
        repr(call.fake.restricted_keys),
        repr(call.fake.engine.world.scopes[RK]),
        str(call.fake.journal),
        call.fake.report(),
        json.dumps(ask(call.fake, "GET", "journal", answers="true")),
    ]
    assert [each for each in shown if RK in each or KEY in each] == []


def test_the_report_says_what_the_key_has_as_long_as_there_is_one(call: Call) -> None:
    call.get(CUSTOMERS, headers={"Stripe-Account": "acct_"})
    assert "restrict_key" not in call.fake.report()
    restrict(call, {})
    call.get(CUSTOMERS, key=RK)
    line = 'restrict_key: this call needs {"customer": "read"}; '
    assert f"{line}rk_test_*****************CdEf has no permissions" in call.fake.report()
    call.fake.unrestrict_key(RK)
    assert f"{line}the key is gone" in call.fake.report()


# What the calls need


def test_the_calls_so_far_say_what_a_key_needs(call: Call) -> None:
    customer = call.create(CUSTOMERS)["id"]
    call.get(f"{CUSTOMERS}/{customer}")
    call.get("/v1/subscriptions", {"expand": ["data.latest_invoice"]})
    call.create(METERS, METER)
    call.get("/v1/products")
    call.get("/v1/prices")
    call.get("/v1/nothing")
    needed = {
        "billing_meter": "write",
        "customer": "write",
        "invoice": "read",
        "plan": "read",
        "subscription": "read",
    }
    assert call.fake.needed_permissions == needed
    assert ask(call.fake, "GET", "permissions") == (200, {"permissions": needed, "inferred": {}})


def test_what_one_key_needs_is_told_apart_from_what_a_test_sets_up(call: Call) -> None:
    restrict(call, "all")
    call.create(CUSTOMERS)
    call.get("/v1/subscriptions", {"expand": ["data.customer"]}, key=RK)
    restrict(call, {"plan": "read"})
    assert call.get("/v1/billing/meters", key=RK).status == 403
    needed = {"billing_meter": "read", "customer": "read", "subscription": "read"}
    assert call.fake.permissions_needed_by(RK) == needed
    assert ask(call.fake, "GET", "permissions", account=RK)[1]["permissions"] == needed
    assert call.fake.permissions_needed_by(KEY) == {**needed, "customer": "write"}
    call.fake.unrestrict_key(RK)
    assert call.fake.permissions_needed_by(RK) == {}


def test_the_set_of_all_permissions_allows_every_call(call: Call) -> None:
    restrict(call, "all")
    for each in call.fake.engine.routes.every:
        if not each.resource.in_session and each.rule != "/v1/accounts/<account_id>":
            path = each.rule.replace("<path:", "<").replace("<", "x").replace(">", "")
            headers = {"Content-Type": "application/json"} if path.startswith("/v2") else {}
            assert call.request(each.method, path, key=RK, headers=headers).status != 403, each.route


def test_a_key_with_the_permissions_that_calls_have_needed_makes_the_same_calls(call: Call) -> None:
    def visit(key: str) -> list[int]:
        customer = call.post(CUSTOMERS, {"name": "Ada"}, key=key).json["id"]
        grant = {"customer": customer, "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 100}}}
        config = {"applicability_config": {"scope": {"price_type": "metered"}}, "category": "paid"}
        answers = [
            call.get("/v1/subscription_schedules", {"expand": ["data.customer"]}, key=key),
            call.post("/v1/billing/credit_grants", {**grant, **config}, key=key),
            call.post("/v1/billing_portal/sessions", {"customer": customer}, key=key),
            call.get("/v1/balance", key=key),
            call.get("/v1/account", key=key),
            call.get("/v1/billing/alerts", key=key),
        ]
        return [each.status for each in answers]

    as_owner = visit(KEY)
    needed = call.fake.needed_permissions
    restrict(call, needed)
    assert visit(RK) == as_owner
    for name in needed:  # and each of them is needed
        restrict(call, {each: word for each, word in needed.items() if each != name})
        with pytest.raises((AssertionError, KeyError)):
            assert visit(RK) == as_owner


def test_permissions_that_no_source_names_are_told_apart(call: Call) -> None:
    call.get("/v1/billing/credit_grants")
    call.get(CUSTOMERS)
    assert ask(call.fake, "GET", "permissions")[1] == {
        "permissions": {"billing_credit_grant": "read", "customer": "read"},
        "inferred": {"billing_credit_grant": ["GET /v1/billing/credit_grants"]},
    }


def test_permissions_are_asked_for_one_account_or_for_all(call: Call) -> None:
    call.get(CUSTOMERS, key=OTHER)
    call.get(PRICES)
    restrict(call, {})
    call.get("/v1/invoices", key=RK)
    assert ask(call.fake, "GET", "permissions", account=OTHER)[1]["permissions"] == {"customer": "read"}
    of_default = ask(call.fake, "GET", "permissions", account=KEY)[1]["permissions"]
    assert of_default == {"invoice": "read", "plan": "read"}
    assert call.fake.needed_permissions == {"customer": "read", **of_default}
    assert ask(call.fake, "GET", "permissions", account="acct_nobody")[0] == 400
    call.fake.reset()
    assert call.fake.needed_permissions == {}


# With the SDK, and at the same time


def test_the_sdk_raises_a_permission_error(session_fake: FakeStripe) -> None:
    session_fake.begin(now=NOW, seed=1)
    session_fake.restrict_key(RK, {"billing_meter": "write"})
    client = stripe.StripeClient(RK, http_client=session_fake.http_client(), max_network_retries=2)
    with pytest.raises(stripe.PermissionError, match="would allow this request to continue") as caught:
        client.v1.prices.list()
    assert caught.value.http_status == 403
    assert len(session_fake.journal) == 1  # the SDK does not try again
    assert client.v1.billing.meters.list().data == []


@pytest.mark.usefixtures("eager_threads")
def test_keys_may_be_declared_while_requests_use_them(session_fake: FakeStripe) -> None:
    session_fake.begin(now=NOW, seed=1, limits="off")
    session_fake.restrict_key(RK, {})
    client = stripe.StripeClient(RK, http_client=session_fake.http_client(), max_network_retries=0)
    outcomes: set[str] = set()
    done = threading.Event()

    def use() -> None:
        while not done.is_set():
            try:
                client.v1.customers.list({"limit": 1})
            except stripe.PermissionError:
                outcomes.add("refused")
            else:
                outcomes.add("allowed")

    threads = [threading.Thread(target=use) for _ in range(4)]

    def declare() -> None:
        while not done.is_set():
            session_fake.restrict_key("rk_test_another", "metering")
            session_fake.snapshot()
            session_fake.unrestrict_key("rk_test_another")

    threads.append(threading.Thread(target=declare))
    for each in threads:
        each.start()
    for number in range(200):
        session_fake.restrict_key(RK, {"customer": "read"} if number % 2 else {})
        session_fake.restrict_key(f"rk_test_{number}", "metering")
        session_fake.control.restricted_keys()
        session_fake.control.needed_permissions()
    done.set()
    for each in threads:
        each.join()
    assert outcomes == {"refused", "allowed"}
    assert session_fake.engine.failures == []
