"""What somebody's own tests look like: `check.py` runs this with an installed fakestripe-meters, and nothing else."""

import json

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse

API = "https://api.stripe.com/v1"
KEY = ("sk_test_release", "")
NEW_YEAR = 1_735_689_600


@pytest.mark.fakestripe(now="2025-01-01T00:00:00Z", seed=1)
def test_usage_is_counted(fakestripe: FakeStripe) -> None:
    form = {"display_name": "Calls", "event_name": "calls", "default_aggregation[formula]": "sum"}
    meter = requests.post(f"{API}/billing/meters", form, auth=KEY, timeout=10).json()["id"]
    customer = requests.post(f"{API}/customers", {"name": "Ada"}, auth=KEY, timeout=10).json()["id"]
    event = {"event_name": "calls", "payload[stripe_customer_id]": customer, "payload[value]": "0.25"}
    for _ in range(3):
        assert requests.post(f"{API}/billing/meter_events", event, auth=KEY, timeout=10).status_code == 200
    span = {"customer": customer, "start_time": NEW_YEAR - 86_400, "end_time": NEW_YEAR + 86_400}
    answer = requests.get(f"{API}/billing/meters/{meter}/event_summaries", span, auth=KEY, timeout=10)
    assert [each["aggregated_value"] for each in answer.json()["data"]] == [0.75]
    fakestripe.restore(json.loads(json.dumps(fakestripe.snapshot())))


def test_each_test_has_an_empty_stripe_of_its_own(fakestripe: FakeStripe) -> None:
    answer = requests.get(f"{API}/customers", auth=KEY, timeout=10)
    assert (answer.json()["data"], len(fakestripe.journal)) == ([], 1)


def test_a_server_answers_on_a_socket() -> None:
    with FakeStripe(now=NEW_YEAR) as fake:
        answer = requests.get(f"{fake.url}/_fakestripe/clock", timeout=10)
        assert answer.json() == {"now": NEW_YEAR, "frozen": True}


def test_a_wrong_argument_is_told() -> None:
    with pytest.raises(Misuse, match="limit profile"):
        FakeStripe(limits="none at all")
