"""What becomes of an event that a vendor has accepted, whichever vendor that is."""

import json
from decimal import Decimal
from typing import Any

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from tests.vendors.conftest import made_customer
from tests.vendors.conftest import made_meter
from tests.vendors.conftest import send_through_engine as send
from tests.vendors.conftest import stripes
from tests.vendors.test_metronome import PATH
from tests.vendors.test_metronome import event
from tests.vendors.test_openmeter import PATH as OPENMETER
from tests.vendors.test_openmeter import event as cloud_event


def metronome(fake: FakeStripe, *events: dict[str, Any], key: str = "key") -> Any:  # noqa: ANN401  an Answer
    answer = send(fake, PATH, list(events), key)
    assert answer.status == 200, answer.body
    return answer


# For whom


def test_a_customer_is_found_by_what_was_said_then_by_its_id_then_by_its_metadata(
    fake: FakeStripe, meter: str, customer: str
) -> None:
    other = made_customer(fake, f"metadata[external_id]={customer}")
    by_metadata = made_customer(fake, "metadata[external_id]=acme")
    metronome(fake, event(customer, "1", 1), event("acme", "2", 2), event("globex", "3", 4))
    assert [fake.usage(meter, each) for each in (customer, other, by_metadata)] == [1, 0, 2]
    assert fake.vendor_customers({"globex": other, "acme": other}) == {"globex": other, "acme": other}
    metronome(fake, event("acme", "4", 8), event("globex", "5", 16))
    assert [fake.usage(meter, each) for each in (customer, other, by_metadata)] == [1, 24, 2]


def test_what_was_said_is_replaced_as_a_whole(fake: FakeStripe, customer: str) -> None:
    assert fake.vendor_customers() == {}
    fake.vendor_customers({"acme": customer})
    assert fake.vendor_customers({"globex": customer}) == {"globex": customer}
    assert fake.vendor_customers() == {"globex": customer}
    assert fake.vendor_customers({}) == {}


def test_metadata_that_changes_leads_elsewhere(fake: FakeStripe, meter: str, customer: str) -> None:
    other = made_customer(fake)
    for number, each in enumerate((customer, other)):
        for one in (customer, other):
            stripes(fake, f"/v1/customers/{one}", f"metadata[external_id]={'acme' if one == each else ''}")
        metronome(fake, event("acme", f"a{number}", 1), event("acme", f"b{number}", 1))
        assert fake.usage(meter, each) == 2


@pytest.mark.parametrize("wrong", [{"acme": "cus_none"}, {"": "cus_none"}, {"acme": 5}, ["acme"], "acme", {5: "cus_1"}])
def test_a_customer_that_is_not_there_is_a_misuse(fake: FakeStripe, customer: str, wrong: Any) -> None:  # noqa: ANN401
    fake.vendor_customers({"acme": customer})
    with pytest.raises(Misuse) as misuse:
        fake.vendor_customers(wrong)
    assert misuse.value.param == "customers"
    assert fake.vendor_customers() == {"acme": customer}


def test_an_account_that_nobody_has_used_has_no_customers(fake: FakeStripe) -> None:
    assert fake.vendor_customers(account="sk_test_other") == {}
    assert fake.vendor_customers({}, account="sk_test_other") == {}
    with pytest.raises(Misuse, match="no customer 'cus_1', which 'acme' is to be"):
        fake.vendor_customers({"acme": "cus_1"}, account="sk_test_other")


def test_usage_of_a_deleted_customer_is_dropped(fake: FakeStripe, meter: str, customer: str) -> None:
    fake.vendor_customers({"acme": customer})
    metronome(fake, event("acme"))
    assert send(fake, f"../v1/customers/{customer}", b"", fake.api_key, "DELETE").status == 200
    metronome(fake, event("acme", "t2"))
    assert [each.code for each in fake.dropped_events] == ["vendor_customer_unmapped"]
    assert meter


def test_a_test_key_names_its_own_account_and_any_other_the_default_one(fake: FakeStripe, meter: str) -> None:
    customer = made_customer(fake)
    metronome(fake, event(customer, "1"), key="whatever_live_key")
    metronome(fake, event(customer, "2"), key="sk_test_other")
    assert fake.usage(meter, customer) == 5
    assert [each.code for each in fake.dropped_events] == ["no_meter"]
    assert "whatever" not in repr([(each, each.request_headers) for each in fake.journal])


def test_a_restricted_key_is_for_the_account_that_declared_it(fake: FakeStripe, meter: str, customer: str) -> None:
    fake.restrict_key("rk_test_narrow", {"customer": "read"})
    metronome(fake, event(customer), key="rk_test_narrow")
    assert fake.usage(meter, customer) == 5


# On which meter


def test_usage_without_an_active_meter_or_a_value_is_accepted_and_dropped(fake: FakeStripe, customer: str) -> None:
    archived = stripes(fake, "/v1/billing/meters", "display_name=a&event_name=old&default_aggregation[formula]=sum")
    stripes(fake, f"/v1/billing/meters/{archived['id']}/deactivate", "")
    made_meter(fake, "models", more="dimension_payload_keys[]=model")
    made_meter(fake, "calls", "count")
    made_meter(fake)
    metronome(
        fake,
        event(customer, "1", event_type="unknown"),
        event(customer, "2", event_type="old"),
        event(customer, "3", properties={"tokens": "5"}),
        event(customer, "4", "five"),
        event(customer, "5", properties={"value": True}),
        event(customer, "6", "1" * 16),
        event(customer, "7", event_type="models"),
        event(customer, "8", event_type="calls", properties=None),
    )
    assert [each.code for each in fake.dropped_events] == [
        "no_meter",
        "archived_meter",
        "meter_event_value_not_found",
        "meter_event_invalid_value",
        "meter_event_invalid_value",
        "meter_event_value_too_many_digits",
        "missing_dimension_payload_keys",
    ]
    assert fake.usage("calls", customer) == 1
    assert not [each for each in fake.webhooks.unheard if "error_report" in str(each)]


@pytest.mark.parametrize(
    ("written", "value"),
    [("7", "7"), ("-2.50", "-2.5"), ("1e3", "1000"), ("2.5E-3", "0.0025"), ('"0.1"', "0.1"), ("0.1", "0.1")],
)
def test_a_number_counts_exactly_as_it_is_written(
    fake: FakeStripe, meter: str, customer: str, written: str, value: str
) -> None:
    body = json.dumps([event(customer, value="HERE")]).replace('"HERE"', written)
    assert send(fake, PATH, body.encode()).status == 200
    assert fake.usage(meter, customer) == Decimal(value)


def test_dimensions_are_taken_from_the_properties(fake: FakeStripe, customer: str) -> None:
    made_meter(fake, more="dimension_payload_keys[]=model")
    metronome(fake, event(customer, "1", properties={"value": 2, "model": "a"}))
    metronome(fake, event(customer, "2", properties={"value": 3, "model": 7}))
    assert fake.usage("tokens", customer, dimension_filters={"model": ["7"]}) == 3


# When, and what follows


def test_usage_beyond_stripes_own_limits_counts_where_the_vendor_accepts_it(
    fake: FakeStripe, meter: str, customer: str
) -> None:
    metronome(fake, event(customer, timestamp="2025-01-01T23:59:59Z"))
    assert send(fake, OPENMETER, cloud_event(customer, time="2020-02-29T00:00:00Z")).status == 204
    assert fake.usage(meter, customer, "2020-01-01T00:00:00Z", "2025-01-02T00:00:00Z") == 10


def test_the_lag_hides_it_as_well(fake: FakeStripe, meter: str, customer: str) -> None:
    fake.control.set_lag(30)
    metronome(fake, event(customer))
    assert fake.usage(meter, customer) == 0
    metronome(fake, event(customer))
    fake.clock.advance(30)
    assert fake.usage(meter, customer) == 5


def test_an_alert_hears_of_it_and_names_its_request(fake: FakeStripe, customer: str) -> None:
    found = stripes(fake, "/v1/billing/meters", "display_name=t&event_name=tokens&default_aggregation[formula]=sum")
    stripes(
        fake,
        "/v1/billing/alerts",
        f"alert_type=usage_threshold&title=t&usage_threshold[gte]=5&usage_threshold[meter]={found['id']}"
        "&usage_threshold[recurrence]=one_time",
    )
    inbox = fake.webhooks.collect("billing.alert.triggered")
    answer = metronome(fake, event(customer))
    (heard,) = inbox
    assert heard.json["request"]["id"] == answer.headers["X-Request-Id"]


def test_the_explanation_shows_it_with_its_request(fake: FakeStripe, meter: str, customer: str) -> None:
    answers = [
        metronome(fake, event(customer, "t 1"), event("acme", "t 2")),
        metronome(fake, event(customer, "t 3")),
    ]
    assert send(fake, OPENMETER, [cloud_event(customer, "a b")]).status == 204
    found = fake.explain(meter, customer)
    ids = [answers[0].headers["X-Request-Id"], answers[1].headers["X-Request-Id"], fake.journal[-1].request_id]
    told = {each.identifier: (each.outcome, each.request_id) for each in found.events}
    assert told == {
        "metronome:t 1": ("counted", ids[0]),
        "metronome:t 2": ("dropped", ids[0]),
        "metronome:t 3": ("counted", ids[1]),
        "openmeter:tests a b": ("counted", ids[2]),
    }


# Faults, stubs, snapshots


@pytest.mark.parametrize("status", [400, 401, 404, 409, 418, 429, 499, 500, 503, 599])
@pytest.mark.parametrize("vendor", ["metronome", "openmeter", "orb"])
def test_a_planned_fault_has_the_vendors_envelope(fake: FakeStripe, vendor: str, status: int) -> None:
    path = {"openmeter": "api/v1/events"}.get(vendor, "v1/ingest")
    fake.fail_next(f"POST /_vendors/{vendor}/{path}", status=status)
    answer = send(fake, f"{vendor}/{path}", {})
    assert answer.status == status
    words = f"A planned fault of fakestripe-meters answered this request with {status}."
    assert answer.json["message" if vendor == "metronome" else "detail"] == words
    assert fake.journal[-1].hint == "planned by the test"
    assert not fake.unstruck


def test_a_planned_fault_after_commit_loses_the_answer_and_a_repeat_counts_once(
    fake: FakeStripe, meter: str, customer: str
) -> None:
    fake.fail_next("POST /_vendors/metronome/v1/ingest", status=500, after_commit=True)
    assert send(fake, PATH, [event(customer)]).status == 500
    metronome(fake, event(customer))
    assert fake.usage(meter, customer) == 5


def test_a_fault_for_a_call_that_is_not_served_is_a_misuse(fake: FakeStripe) -> None:
    with pytest.raises(Misuse, match="say POST /_vendors/metronome/v1/ingest"):
        fake.fail_next("POST /_vendors/metronome/v1/ingests", status=500)
    with pytest.raises(Misuse, match="no call matches GET"):
        fake.fail_next("GET /_vendors/orb/v1/ingest", status=500)


def test_another_vendor_is_unknown(fake: FakeStripe) -> None:
    answer = send(fake, "lago/api/v1/events", {})
    assert answer.status == 404
    assert answer.json["error"]["message"].startswith(
        "fakestripe-meters knows no vendor 'lago' below /_vendors/: there"
    )
    assert send(fake, "", {}).status == 404


def test_a_snapshot_keeps_the_customers_the_repeats_and_what_was_dropped(
    fake: FakeStripe, meter: str, customer: str
) -> None:
    fake.vendor_customers({"acme": customer})
    metronome(fake, event("acme", "1"), event("nobody", "2", 2.5))
    kept = json.loads(json.dumps(fake.snapshot()))
    dropped = fake.dropped_events
    fake.reset()
    assert fake.vendor_customers() == {}
    with FakeStripe() as other:
        other.restore(kept)
        assert other.vendor_customers() == {"acme": customer}
        assert other.dropped_events == dropped
        metronome(other, event("acme", "1"), event("nobody", "2"), event("acme", "3"))
        assert other.usage(meter, customer) == 10
        assert len(other.dropped_events) == 1


def test_a_refusal_changes_nothing_and_an_unknown_call_neither(fake: FakeStripe, meter: str, customer: str) -> None:
    metronome(fake, event(customer))
    before = fake.snapshot()["accounts"]
    assert send(fake, PATH, [event(customer, "2"), {}]).status == 400
    assert send(fake, "metronome/v1/customers", {}).status == 501
    assert send(fake, PATH, [event(customer, "2")], None).status == 401
    assert fake.snapshot()["accounts"] == before
    assert meter


def test_the_control_plane_says_and_tells_the_same(fake: FakeStripe, customer: str) -> None:
    wanted = {"customers": {"acme": customer}}
    assert send(fake, "../_fakestripe/vendor_customers", wanted, None, "PUT", wsgi=True).json == wanted
    assert send(fake, "../_fakestripe/vendor_customers", b"", None, "GET", wsgi=True).json == wanted
    wrong = send(fake, "../_fakestripe/vendor_customers", {"customers": {"acme": "cus_none"}}, None, "PUT", wsgi=True)
    assert wrong.status == 400
    assert wrong.json["error"]["param"] == "customers"
