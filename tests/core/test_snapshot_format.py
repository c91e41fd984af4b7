"""The format of snapshots: what `docs/versioning.md` promises about those that other releases wrote."""

import dataclasses
import json
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.codec import required
from fakestripe_meters.core.intake import Dumped
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.replays import Kept
from fakestripe_meters.resources import registry
from tests.conftest import Call
from tests.conftest import through_engine
from tests.core.restoring import KINDS
from tests.resources.shop import DAY
from tests.resources.shop import invoices

OLD = Path(__file__).parent / "snapshots"
REQUIRED = OLD / "required.json"
"""By kind of record: the members that every snapshot of the format has. A release adds none: older ones lack them."""
Tree = Any


def records(hint: Any) -> Iterator[type]:  # noqa: ANN401  any type hint
    """Every dataclass within a hint."""
    for each in typing.get_args(hint):
        yield from records(each)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
        for each in typing.get_type_hints(hint).values():
            yield from records(each)


def demanded() -> dict[str, list[str]]:
    """By kind of record: the members that no snapshot may lack."""
    assert registry().resources  # loads all kinds of parts
    kinds = {each for kind in (*Part.kinds.values(), Settings, Dumped, Kept) for each in records(kind)}
    ours = {each.__qualname__: each for each in kinds if each.__module__.startswith("fakestripe_meters.")}
    return {name: sorted(fields) for name, each in ours.items() if (fields := required(each))}


def test_a_field_that_is_added_has_a_default() -> None:
    """If this fails for a new kind of record, write its row; for a new field of an old one, give that a default."""
    frozen: dict[str, list[str]] = json.loads(REQUIRED.read_text("utf-8"))
    assert demanded() == frozen


RICH = OLD / "of_28_november_2026.json"
"""Written by the release before this rule, with every kind of record that it had."""
ADA = "cus_wKFkFP8czYiwby"
BOB = "cus_TH0Egie5VvkDwU"
CLOCK = "clock_cJIA96z8e2d3QYNksDtcU7AR"
METER = "mtr_test_GesIM4x84LXQE3JxhtFmc3E7CRNh4m2r"
NEW_YEAR = 1_735_689_600
COUNTS = {
    "/v1/customers": 1,
    "/v1/products": 1,
    "/v1/prices": 4,
    "/v1/plans": 3,
    "/v1/subscriptions": 1,
    "/v1/invoices": 3,
    "/v1/invoiceitems": 2,
    "/v1/events": 24,  # those of the last 30 days
    "/v1/webhook_endpoints": 1,
    "/v1/billing/meters": 2,
    "/v1/billing/alerts": 2,
    "/v1/billing/credit_grants": 1,
    "/v1/test_helpers/test_clocks": 1,
    "/v2/core/event_destinations": 1,
    "/v2/core/events": 2,
}


def old_fake() -> Call:
    fake = FakeStripe()
    fake.restore(json.loads(RICH.read_text("utf-8")))
    return Call(through_engine, fake)


def test_the_old_snapshot_has_every_kind_of_record() -> None:
    text = RICH.read_text("utf-8")
    parts = json.loads(text)["accounts"][0]["parts"]
    assert parts.keys() == KINDS
    assert all(any(part.values()) for part in parts.values())


def test_an_old_snapshot_has_all_that_it_had() -> None:
    call = old_fake()
    found = {
        path: len(call.get(path, {} if path.startswith("/v2") else {"limit": 100}).json["data"]) for path in COUNTS
    }
    assert found == COUNTS
    assert call.get("/v1/customers", {"test_clock": CLOCK}).ids == [BOB]
    assert call.fake.control.lag() == {"seconds": 60}
    assert call.get(f"/v1/billing/meters/{METER}/event_summaries", SPAN).json["data"][0]["aggregated_value"] == 59.5


SPAN = {"customer": ADA, "start_time": NEW_YEAR, "end_time": NEW_YEAR + 90 * DAY}


def test_an_old_snapshot_goes_on_as_it_would_have_then() -> None:
    call = old_fake()
    call.clock.advance(30 * DAY)
    call.create(f"/v1/test_helpers/test_clocks/{CLOCK}/advance", {"frozen_time": call.clock.now()})
    owed = {name: [(each["total"], each["status"]) for each in invoices(call, customer=name)] for name in (ADA, BOB)}
    assert owed == {ADA: [(1000, "paid"), (1138, "paid"), (3100, "paid")], BOB: [(0, "paid"), (500, "paid")]}
    assert call.get("/v2/core/events").json["data"][0]["type"] == "v1.billing.meter.no_meter_found"
    assert call.get(f"/v1/billing/meters/{METER}/event_summaries", SPAN).json["data"][0]["aggregated_value"] == 66.5
    assert len(call.fake.webhooks.tries) > 1


@pytest.mark.parametrize("name", ["of_november_2026.json", "of_28_november_2026.json"])
def test_an_old_snapshot_is_as_good_as_one_of_this_release(name: str) -> None:
    fake, other = FakeStripe(), FakeStripe()
    fake.restore(json.loads((OLD / name).read_text("utf-8")))
    other.restore(json.loads(json.dumps(fake.snapshot())))
    for each in (fake, other):
        each.clock.advance(70 * DAY)
    assert json.dumps(other.snapshot()) == json.dumps(fake.snapshot())
