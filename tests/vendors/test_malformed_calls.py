"""Hundreds of malformed calls: each gets a refusal that says why, in the vendor's envelope, and changes nothing."""

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import vendors
from tests.conftest import Wire
from tests.conftest import through_engine
from tests.vendors.conftest import made_customer
from tests.vendors.conftest import sent_by
from tests.vendors.malformed import CUSTOMER
from tests.vendors.malformed import SAMPLES
from tests.vendors.malformed import Case
from tests.vendors.malformed import Sample
from tests.vendors.malformed import cases

CASES = [case for sample in SAMPLES for case in cases(sample)]
LEAST = 50
"""For each vendor."""


def asked(case: Case) -> Wire:
    key = {"Authorization": f"Bearer {case.key}"} if case.key else {}
    path = f"/_vendors/{case.sample.path}{case.below}"
    return Wire(case.method, path, "", list({**key, **case.headers}.items()), case.body)


@pytest.fixture
def used(fake: FakeStripe, meter: str) -> FakeStripe:
    """A fake in which the sample's customer and meter are, and an account that is not blank."""
    made_customer(fake, f"metadata[external_id]={CUSTOMER}")
    assert meter
    return fake


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_malformed_call_is_refused_and_changes_nothing(used: FakeStripe, case: Case) -> None:
    before = used.snapshot()["accounts"]
    answer = through_engine(used, asked(case))
    assert 400 <= answer.status < 500 or answer.status == 501, answer.body
    assert answer.headers["Content-Type"] == case.sample.error_type
    said = case.sample.said(answer.json)
    assert len(said) > 10
    assert len(said) < 1000
    assert used.snapshot()["accounts"] == before
    entry = used.journal[-1]
    assert (entry.status, (entry.error or {})["message"]) == (answer.status, said)
    assert used.dropped_events == []


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.vendor for sample in SAMPLES])
def test_the_sample_itself_counts(used: FakeStripe, sample: Sample) -> None:
    headers = {name.replace("-", "_"): value for name, value in sample.headers.items()}
    answer = sent_by(through_engine, used, sample.path, sample.body(sample.event), "key", "POST", **headers)
    assert answer.status < 300, answer.body
    assert used.dropped_events == []


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.vendor for sample in SAMPLES])
def test_there_are_many_for_each_vendor(sample: Sample) -> None:
    assert len(list(cases(sample))) >= LEAST


def test_every_vendor_has_a_sample() -> None:
    assert {sample.vendor for sample in SAMPLES} == set(vendors.NAMES)
