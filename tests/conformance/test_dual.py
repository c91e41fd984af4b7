"""The dual run finds what differs and nothing else; where a key for the real Stripe is given, it is run."""

import json
import os
from pathlib import Path

import pytest

from fakestripe_meters import FakeStripe
from tests.conformance.dual import EXCHANGES
from tests.conformance.dual import VARIABLE
from tests.conformance.dual import Json
from tests.conformance.dual import Send
from tests.conformance.dual import differences
from tests.conformance.dual import main
from tests.conformance.dual import normal
from tests.conformance.dual import outcomes
from tests.conformance.dual import to_fake
from tests.conformance.dual import to_stripe
from tests.conformance.oracle import base
from tests.conformance.oracle import load

FILES = sorted(EXCHANGES.glob("*.json"))
VERSION = load(base()).api_version


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_two_fakes_with_other_ids_at_another_time_agree(path: Path) -> None:
    one, other = FakeStripe(seed=1), FakeStripe(seed=2, now="2026-03-01T12:34:56Z")
    assert differences(to_fake(one, VERSION), to_fake(other, VERSION), path) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_exchange_of_a_file_ends_as_the_file_expects(path: Path) -> None:
    expected = {each["name"]: "expected_error_type" in each for each in json.loads(path.read_text("utf-8"))["fixtures"]}
    ended = {name: status != "200" for name, (status, *_) in outcomes(to_fake(FakeStripe(), VERSION), path, "run")}
    assert ended == expected


def test_a_difference_is_told_by_line() -> None:
    ours = to_fake(FakeStripe(), VERSION)

    def theirs(method: str, path: str, params: Json) -> tuple[int, Json]:
        status, tree = ours(method, path, params)
        return status, tree | {"name": "Grace"} if tree.get("name") == "Ada" else tree

    told = differences(to_fake(FakeStripe(), VERSION), theirs, FILES[0])
    assert "--- customer as Stripe answers" in told
    assert '- "name": "Grace",' in told
    assert '+ "name": "Ada",' in told


def test_ids_times_and_tokens_are_no_difference() -> None:
    one = {"id": "cus_NciAYcXfLnqBoz", "created": 1735689600, "text": "No such customer: 'cus_none'", "more": [1, None]}
    assert normal(one, "run") == {
        "id": "ID",
        "created": "TIME",
        "text": "No such customer: 'cus_none'",
        "more": [1, None],
    }
    assert normal({"object": "billing.meter_event_adjustment", "code": "resource_missing"}, "run") == {
        "object": "billing.meter_event_adjustment",
        "code": "resource_missing",
    }


def test_only_test_keys_go_to_stripe(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="test mode"):
        to_stripe("sk_live_1234", VERSION)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main([]) == 2


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no account at Stripe")
def test_the_real_stripe_agrees() -> None:
    theirs: Send = to_stripe(os.environ[VARIABLE], VERSION)
    assert differences(to_fake(FakeStripe(), VERSION), theirs, FILES[0]) == []
