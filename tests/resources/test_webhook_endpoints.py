"""Webhook endpoints of API v1."""

from typing import Any

import pytest

from tests.conftest import Call

ENDPOINTS = "/v1/webhook_endpoints"
URL = "http://127.0.0.1:9/hook"


def endpoint(call: Call, **change: object) -> dict[str, Any]:
    return call.create(ENDPOINTS, {"url": URL, "enabled_events": ["*"]} | change)


@pytest.mark.parametrize(
    "version", ["2011-01-01", "2024-06-20", "2025-09-30.preview", "2026-10-28.endive", "2099-01-01.x"]
)
def test_it_may_have_a_version_of_its_own(call: Call, version: str) -> None:
    made = endpoint(call, api_version=version)
    assert call.get(f"{ENDPOINTS}/{made['id']}").json["api_version"] == version


@pytest.mark.parametrize(
    "version",
    ["2025-9-30", "2025-09-30.Preview", "2025-09-30.", "1925-09-30", "2025-09-30x", "2024-06-21", "2025-09-30.basil"],
)
def test_a_version_is_one_that_stripe_has(call: Call, version: str) -> None:
    refused = call.post(ENDPOINTS, {"url": URL, "enabled_events": ["*"], "api_version": version})
    assert refused.error["message"] == f"Invalid Stripe API version: {version}"


def test_a_refused_type_is_answered_with_all_that_there_are(call: Call) -> None:
    message = call.post(ENDPOINTS, {"url": URL, "enabled_events": ["invoice"]}).error["message"]
    beginning = "Invalid enabled_events[0]: must be one of account.application.authorized, account.application.deauthor"
    assert message.startswith(beginning)
    assert "invoice.paid, " in message
    assert message.endswith(", or *")


def test_a_refused_type_leaves_an_endpoint_as_it_was(call: Call) -> None:
    made = endpoint(call, enabled_events=["invoice.paid"])
    path = f"{ENDPOINTS}/{made['id']}"
    assert call.post(path, {"enabled_events": ["invoice.*"]}).error["param"] == "enabled_events[0]"
    assert call.get(path).json["enabled_events"] == ["invoice.paid"]


def test_an_index_has_nine_digits_at_most(call: Call) -> None:
    terms = f"url={URL}&enabled_events[999999999]=plan.created&enabled_events[5]=customer.created"
    assert call.create(ENDPOINTS, terms)["enabled_events"] == ["customer.created", "plan.created"]
    refused = call.post(ENDPOINTS, f"url={URL}&enabled_events[1000000000]=*")
    assert (refused.status, refused.error["message"]) == (400, "Invalid array")


def test_the_secret_is_shown_once(call: Call) -> None:
    made = endpoint(call, description="Mine", metadata={"a": "1"}, api_version="2026-10-28.endive")
    assert list(made) == [
        "id",
        "object",
        "api_version",
        "application",
        "created",
        "description",
        "enabled_events",
        "livemode",
        "metadata",
        "secret",
        "status",
        "url",
    ]
    assert made.pop("secret").startswith("whsec_")
    assert made["id"].startswith("we_")
    assert call.get(f"{ENDPOINTS}/{made['id']}").json == made
    assert made | {"id": "we"} == {
        "id": "we",
        "object": "webhook_endpoint",
        "api_version": "2026-10-28.endive",
        "application": None,
        "created": 1_735_689_600,
        "description": "Mine",
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {"a": "1"},
        "status": "enabled",
        "url": URL,
    }


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"url": None}, "url", "parameter_missing"),
        ({"url": ""}, "url", "parameter_invalid_empty"),
        ({"url": "example.com/hook"}, "url", "url_invalid"),
        ({"url": "mailto:me@example.com"}, "url", "url_invalid"),
        ({"url": "http:///hook"}, "url", "url_invalid"),
        ({"url": "http://[::1/hook"}, "url", "url_invalid"),
        ({"url": "http://127.0.0.1:port/"}, "url", "url_invalid"),
        ({"url": "http://127.0.0.1/a b"}, "url", "url_invalid"),
        ({"url": "http:127.0.0.1"}, "url", "url_invalid"),
        ({"url": "http://[::1]example.com/"}, "url", "url_invalid"),
        ({"url": "http://[fe80::1%25eth0]/"}, "url", "url_invalid"),
        ({"url": "http://127.0.0.1:99999/"}, "url", "url_invalid"),
        ({"url": "http://127.0.0.1:80:90/"}, "url", "url_invalid"),
        ({"url": "http://127.0.0.1%00/"}, "url", "url_invalid"),
        ({"url": "http://m\u00fcnchen.de/"}, "url", "url_invalid"),
        ({"url": "http://127.0.0.1/ä"}, "url", "url_invalid"),
        ({"enabled_events": None}, "enabled_events", "parameter_missing"),
        ({"enabled_events": {"0": "customer created"}}, "enabled_events[0]", None),
        ({"enabled_events": ["*", "customer.*"]}, "enabled_events[1]", None),
        ({"enabled_events": ["customer.made"]}, "enabled_events[0]", None),
        ({"api_version": "newest"}, "api_version", None),
        ({"status": "enabled"}, "status", "parameter_unknown"),
    ],
)
def test_what_cannot_be_is_refused(call: Call, change: dict[str, object], param: str, code: str | None) -> None:
    answer = call.post(ENDPOINTS, {"url": URL, "enabled_events": ["*"]} | change)
    assert (answer.status, answer.error["param"], answer.error.get("code")) == (400, param, code)


def test_what_is_given_is_changed(call: Call) -> None:
    made = endpoint(call, metadata={"a": "1", "b": "2"}, description="Mine")
    del made["secret"]
    path = f"{ENDPOINTS}/{made['id']}"
    changed = call.create(
        path,
        {
            "url": "https://localhost/other",
            "enabled_events": ["customer.created", "billing.meter.created"],
            "metadata": {"a": ""},
            "description": "",
            "disabled": True,
        },
    )
    assert changed == made | {
        "url": "https://localhost/other",
        "enabled_events": ["customer.created", "billing.meter.created"],
        "metadata": {"b": "2"},
        "description": None,
        "status": "disabled",
    }
    assert call.create(path, {"disabled": False})["status"] == "enabled"
    assert call.post(path, {"api_version": "2026-10-28.endive"}).error["code"] == "parameter_unknown"


def test_a_deleted_endpoint_is_gone(call: Call) -> None:
    made = endpoint(call)
    path = f"{ENDPOINTS}/{made['id']}"
    assert call.delete(path).json == {"id": made["id"], "object": "webhook_endpoint", "deleted": True}
    assert call.get(path).error["message"] == f"No such webhook endpoint: '{made['id']}'"
    assert call.delete(path).status == 404
    assert call.get(ENDPOINTS).json["data"] == []


def test_endpoints_are_listed_newest_first(call: Call) -> None:
    ids = [endpoint(call)["id"] for _ in range(3)][::-1]
    assert call.get(ENDPOINTS).ids == ids
    page = call.get(ENDPOINTS, {"limit": 1, "starting_after": ids[0]})
    assert page.ids == ids[1:2]
    assert page.json["has_more"]
    assert all("secret" not in each for each in page.json["data"])


def test_each_is_told_what_it_asked_for(call: Call) -> None:
    call.fake.webhooks.hold()
    wanted = {
        endpoint(call, enabled_events=["*"])["id"]: ["customer.created", "customer.updated"],
        endpoint(call, enabled_events=["customer.updated", "charge.expired"])["id"]: ["customer.updated"],
        endpoint(call, enabled_events=["customer.created", "*"])["id"]: ["customer.created", "customer.updated"],
        endpoint(call, enabled_events=["billing.meter.created"])["id"]: [],
        endpoint(call, enabled_events=["*"], connect=True)["id"]: [],
    }
    made = call.create("/v1/customers")
    call.create(f"/v1/customers/{made['id']}", {"name": "Ada"})
    held = call.fake.webhooks.held
    assert {name: [each.type for each in held if each.destination == name] for name in wanted} == wanted


def test_a_disabled_or_deleted_endpoint_is_told_nothing(call: Call) -> None:
    call.fake.webhooks.hold()
    call.create(f"{ENDPOINTS}/{endpoint(call)['id']}", {"disabled": True})
    call.delete(f"{ENDPOINTS}/{endpoint(call)['id']}")
    call.create("/v1/customers")
    assert call.fake.webhooks.held == []


def test_events_are_written_in_the_endpoints_version(call: Call) -> None:
    call.fake.webhooks.hold()
    endpoint(call, api_version="2026-10-28.endive")
    endpoint(call)
    meter = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    call.create("/v1/billing/meters", meter)
    general, preview = [each.json for each in call.fake.webhooks.held]
    assert (general["api_version"], preview["api_version"]) == ("2026-10-28.endive", "2025-08-27.preview")
    assert "dimension_payload_keys" not in general["data"]["object"]
    assert "dimension_payload_keys" in preview["data"]["object"]
