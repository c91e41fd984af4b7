"""Every operation that is served says which permissions of a restricted key allow it, or why none is needed."""

import json
import re
from pathlib import Path

import pytest

from fakestripe_meters import resources
from fakestripe_meters.core import permissions
from tests.conformance.permissions import READS
from tests.conformance.permissions import TOKEN

FILE = Path(permissions.__file__).with_name("permissions.json")
ROUTES = [each.route for each in resources.registry().endpoints()]


def pattern(route: str) -> str:
    return permissions.VARIABLE.sub("{}", route)


def test_each_operation_has_an_entry_and_each_entry_an_operation() -> None:
    assert set(permissions.table()["operations"]) == set(map(pattern, ROUTES)), (
        "run tests/conformance/permissions.py: it writes what each operation needs"
    )


@pytest.mark.parametrize("route", ROUTES)
def test_an_operation_needs_permissions_of_its_kind(route: str) -> None:
    needed = permissions.in_order(route)
    if pattern(route) in permissions.table()["inferred"][TOKEN]:
        assert needed == ()
        return
    word = "read" if route.startswith("GET ") or pattern(route) in READS else "write"
    assert needed
    for each in needed:
        stem, _, ending = each.rpartition("_")
        assert ending == word
        assert ending in permissions.table()["permissions"][stem][1:]


def test_what_is_inferred_is_served_and_has_a_reason() -> None:
    inferred = permissions.table()["inferred"]
    operations = [each for routes in inferred.values() for each in routes]
    assert set(operations) <= set(permissions.table()["operations"])
    assert len(operations) == len(set(operations))
    assert all(len(reason.split()) > 5 for reason in inferred)


def test_what_is_included_and_what_objects_need_are_permissions() -> None:
    table = permissions.table()
    names = {f"{stem}_{word}" for stem, (_, *words) in table["permissions"].items() for word in words}
    assert {each for included in table["implies"].values() for each in included.split()} <= names
    assert {f"{stem}_read" for stem in table["objects"].values()} <= names
    assert set(table["guessed"]) <= set(table["permissions"])
    assert all(permissions.checked(permissions.ready(each)) for each in permissions.SETS)


def test_the_operations_that_the_sources_list_need_what_they_say() -> None:
    listed = {
        "POST /v1/billing/meter_events": "billing_meter_write",
        "POST /v1/billing/meter_event_adjustments": "billing_meter_write",
        "GET /v1/billing/meters/<id>/event_summaries": "billing_meter_read",
        "GET /v1/prices": "plan_read",
        "GET /v1/plans/<path:id>": "plan_read",
        "POST /v1/invoices/create_preview": "invoice_read",
        "GET /v1/invoices/<id>/lines": "invoice_read",
        "POST /v1/invoiceitems": "invoice_write",
        "GET /v1/customers/<id>/balance_transactions": "customer_read",
        "POST /v1/test_helpers/test_clocks": "billing_clock_write",
        "POST /v1/webhook_endpoints": "webhook_write",
        "GET /v1/events": "event_read",
        "GET /v1/billing_portal/configurations": "customer_portal_read",
        "POST /v1/billing_portal/sessions": "customer_portal_session_write",
        "POST /v1/subscription_schedules/<id>/cancel": "subscription_schedule_write",
        "POST /v1/subscription_items": "subscription_write",
    }
    assert {route: permissions.in_order(route)[0] for route in listed} == listed


def test_the_names_for_people_are_those_that_errors_quote() -> None:
    quoted = {
        "plan_read": "Prices Read",
        "customer_write": "Customers Write",
        "checkout_session_read": "Checkout Sessions Read",
        "coupon_write": "Coupons Write",
        "credit_note_read": "Credit Notes Read",
        "charge_read": "Charges and Refunds Read",
        "product_write": "Products Write",
    }
    assert {each: permissions.called(each) for each in quoted} == quoted


def test_the_file_is_as_the_script_writes_it() -> None:
    text = FILE.read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=1) + "\n"
    assert not re.search(r"\btodo\b", text, re.IGNORECASE)
