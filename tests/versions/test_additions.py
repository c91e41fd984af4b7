"""Fields that releases added: a version has them from the release on, and previews have them all."""

from typing import Any

import pytest

from fakestripe_meters import versions
from fakestripe_meters.versions import additions
from fakestripe_meters.versions.change import Tree
from tests.conftest import Call
from tests.resources.shop import customer
from tests.resources.shop import licensed
from tests.resources.shop import subscribe

NEWEST = "2026-10-28.endive"
Json = dict[str, Any]


def lowered(version: str, tree: Tree) -> Tree:
    spoken = versions.version(version)
    assert spoken is not None
    return versions.downgrade_event(versions.changes_for("", spoken, {}), tree)


def test_additions_are_newest_first_and_each_has_an_entry_for_the_changelog() -> None:
    assert [each.since for each in additions.ALL] == sorted((each.since for each in additions.ALL), reverse=True)
    for addition in additions.ALL:
        assert type(addition).__doc__
        assert addition.objects
        assert addition.fields
        assert not addition.route


@pytest.mark.parametrize("addition", additions.ALL, ids=lambda each: type(each).__name__)
def test_a_field_is_there_from_its_release_on(addition: additions.Addition) -> None:
    for name in addition.objects:
        for path in addition.fields:
            tree: Tree = {"object": name, "kept": 1}
            below = tree
            for step in path[:-1]:
                below[step] = {"kept": 1}
                below = below[step]
            below[path[-1]] = None
            assert lowered(f"{addition.since}.x", tree) == tree
            shown = lowered(f"{addition.since[:-2]}01.x", tree)
            for step in path[:-1]:
                assert shown["kept"] == 1
                shown = shown[step]
            assert path[-1] not in shown
            assert shown["kept"] == 1


@pytest.mark.parametrize("version", [None, "2025-04-30.preview", "2026-10-14.preview", NEWEST])
def test_previews_and_the_newest_version_have_all_fields(call: Call, version: str | None) -> None:
    subscription = subscribe(call, customer(call), licensed(call))
    shown = call.get(f"/v1/subscriptions/{subscription['id']}", version=version).json
    assert shown.keys() >= {"billing_mode", "billing_schedules", "customer_account", "managed_payments"}
    assert "feedback_option" in shown["cancellation_details"]


@pytest.mark.parametrize("version", ["2025-05-28.basil", "2024-06-20"])
def test_a_field_is_dropped_from_objects_wherever_they_are(call: Call, version: str) -> None:
    subscription = subscribe(call, customer(call), licensed(call))
    expand = {"expand": ["latest_invoice", "customer"]}
    shown = call.get(f"/v1/subscriptions/{subscription['id']}", expand, version=version).json
    assert "billing_mode" not in shown
    assert "current_trial" not in shown["items"]["data"][0]
    assert not {"amount_paid_off_stripe", "customer_account", "status_details"} & shown["latest_invoice"].keys()
    assert not {"quantity_decimal", "subtotal"} & shown["latest_invoice"]["lines"]["data"][0].keys()
    assert "customer_account" not in shown["customer"]


def test_the_former_values_in_an_event_have_no_field_that_its_object_has_not() -> None:
    invoice = {"object": "invoice", "amount_paid_off_stripe": 500, "status": "paid"}
    former = {"amount_paid_off_stripe": 0, "status": "open"}
    event: Tree = {"object": "event", "data": {"object": invoice, "previous_attributes": former}}
    assert lowered("2025-10-29.clover", event)["data"] == {
        "object": {"object": "invoice", "status": "paid"},
        "previous_attributes": {"status": "open"},
    }
    assert lowered(NEWEST, event) == event
    without: Tree = {"object": "event", "data": {"object": invoice}}
    assert lowered("2025-10-29.clover", without)["data"] == {"object": {"object": "invoice", "status": "paid"}}


def test_a_deleted_object_has_no_fields_to_drop() -> None:
    deleted: Tree = {"id": "cus_1", "object": "customer", "deleted": True}
    assert lowered("2025-10-29.clover", deleted) == deleted


def test_some_fields_of_endive_are_in_the_version_before(call: Call) -> None:
    ada = customer(call)
    made = call.create("/v1/invoiceitems", {"customer": ada, "amount": 5, "currency": "usd"})
    subscription = subscribe(call, ada, licensed(call))
    path, item = f"/v1/subscriptions/{subscription['id']}", f"/v1/invoiceitems/{made['id']}"
    for version in (None, NEWEST, "2026-08-26.dahlia"):
        shown = call.get(path, version=version).json
        assert shown["trial_settings"]["end_behavior"]["billing_cycle_anchor"] == "now"
        assert shown["items"]["data"][0]["current_trial"] is None
        assert call.get(item, version=version).json["invoicing_rules"] == []
    older = call.get(path, version="2026-07-29.dahlia").json
    assert older["trial_settings"]["end_behavior"] == {"missing_payment_method": "create_invoice"}
    assert "current_trial" not in older["items"]["data"][0]
    assert "invoicing_rules" not in call.get(item, version="2026-07-29.dahlia").json
