"""What a test can ask of the fake: usage, its explanation, and assertions with a readable difference."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse

NOW = 1735689600
DAY_S = 86_400
AUTH = ("sk_test_app", "")
API = "https://api.stripe.com/v1"


class Shop:
    """A fake, a customer and an hourly or raw meter, spoken to as a program speaks to Stripe."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.customer = self.post("/customers")["id"]
        self.meter = self.meter_of("tokens")

    def post(self, path: str, **params: str) -> dict[str, str]:
        answer: dict[str, str] = requests.post(API + path, params, auth=AUTH, timeout=5).json()
        return answer

    def meter_of(self, event_name: str, **params: str) -> str:
        formula = {"default_aggregation[formula]": "sum", "display_name": event_name}
        return self.post("/billing/meters", event_name=event_name, **formula, **params)["id"]

    def use(self, identifier: str, value: str, *, customer: str = "", at: int = NOW, name: str = "tokens") -> None:
        payload = {"payload[stripe_customer_id]": customer or self.customer, "payload[value]": value}
        rest = {"event_name": name, "identifier": identifier, "timestamp": str(at)}
        assert self.post("/billing/meter_events", **rest, **payload)["identifier"] == identifier


@pytest.fixture
def shop() -> Iterator[Shop]:
    with FakeStripe(now=NOW, seed=1) as fake, fake.intercept():
        yield Shop(fake)


def test_usage_is_the_exact_number_of_a_meter_named_either_way(shop: Shop) -> None:
    shop.use("a", "0.1")
    shop.use("b", "0.2")
    assert shop.fake.usage(shop.meter, shop.customer) == Decimal("0.3")
    assert shop.fake.usage("tokens", shop.customer, NOW, NOW + 1) == Decimal("0.3")
    assert shop.fake.usage("tokens", shop.customer, NOW + 1) == 0


def test_usage_by_day_leaves_empty_days_out(shop: Shop) -> None:
    shop.use("a", "1", at=NOW - 2 * DAY_S)
    shop.use("b", "2")
    assert shop.fake.usage_by_day("tokens", shop.customer) == {"2024-12-30": 1, "2025-01-01": 2}


def test_an_explanation_tells_what_became_of_each_event(shop: Shop) -> None:
    other = shop.post("/customers")["id"]
    shop.use("counted", "1")
    shop.use("cancelled", "2")
    shop.use("foreign", "3", customer=other)
    shop.use("outside", "4", at=NOW - DAY_S)
    shop.post(
        "/billing/meter_event_adjustments", event_name="tokens", type="cancel", **{"cancel[identifier]": "cancelled"}
    )
    shop.fake.control.set_lag(60)
    shop.use("waiting", "5")
    explanation = shop.fake.explain("tokens", shop.customer, NOW, NOW + DAY_S)
    assert explanation.value == 1
    assert {each.identifier: each.outcome for each in explanation.events} == {
        each: each for each in ("counted", "cancelled", "foreign", "outside", "waiting")
    }
    assert "tokens of" in str(explanation)
    assert "[waiting]" in str(explanation)


def test_only_what_waits_for_the_same_meter_and_customer_is_in_an_explanation(shop: Shop) -> None:
    other = shop.post("/customers")["id"]
    shop.meter_of("calls")
    shop.fake.control.set_lag(60)
    shop.use("waiting", "1")
    shop.use("another's", "2", customer=other)
    shop.use("elsewhere", "3", name="calls")
    assert [each.identifier for each in shop.fake.explain("tokens", shop.customer).of("waiting")] == ["waiting"]


def test_an_overwritten_event_is_told_with_what_came_instead(shop: Shop) -> None:
    shop.meter_of("hourly", event_time_window="hour")
    shop.use("first", "1", name="hourly")
    shop.use("second", "2", name="hourly", at=NOW + 1)
    explanation = shop.fake.explain("hourly", shop.customer)
    assert [(each.identifier, each.outcome) for each in explanation.events] == [
        ("first", "overwritten"),
        ("second", "counted"),
    ]
    assert "second" in explanation.events[0].why


def test_dropped_usage_is_in_the_explanation_and_in_the_list(shop: Shop) -> None:
    shop.fake.begin(now=NOW, async_validation=True)
    begun = Shop(shop.fake)
    begun.use("lots", "lots")
    (dropped,) = begun.fake.dropped_events
    assert dropped.code == "meter_event_invalid_value"
    (told,) = begun.fake.explain("tokens", begun.customer).of("dropped")
    assert told.identifier == "lots"


def test_expected_usage_passes_and_any_difference_is_told(shop: Shop) -> None:
    shop.use("a", "100")
    shop.use("b", "20")
    shop.fake.assert_usage({shop.customer: {"tokens": 120}})
    shop.fake.assert_usage({shop.customer: {"tokens": {"2025-01-01": "120"}}})
    with pytest.raises(AssertionError, match=r"tokens: expected 100, got 120 \(\+20\)"):
        shop.fake.assert_usage({shop.customer: {"tokens": 100}})
    with pytest.raises(AssertionError, match=r"tokens on 2025-01-02: expected 1, got 0 \(-1\)"):
        shop.fake.assert_usage({shop.customer: {"tokens": {"2025-01-01": 120, "2025-01-02": 1}}})


def test_usage_that_nobody_expected_is_a_difference_too(shop: Shop) -> None:
    shop.meter_of("calls")
    shop.use("a", "7", name="calls")
    with pytest.raises(AssertionError, match="calls: expected 0, got 7"):
        shop.fake.assert_usage({shop.customer: {"tokens": 0}})


def test_a_hint_names_whose_events_there_are_instead(shop: Shop) -> None:
    other = shop.post("/customers")["id"]
    shop.use("theirs", "7", customer=other)
    with pytest.raises(AssertionError, match=f"1 of this meter's events are of {other}"):
        shop.fake.assert_usage({shop.customer: {"tokens": 7}})


@pytest.mark.parametrize("expected", ["seven", True, None])
def test_an_expectation_that_is_no_number_is_a_misuse(shop: Shop, expected: object) -> None:
    with pytest.raises(Misuse):
        shop.fake.assert_usage({shop.customer: {"tokens": expected}})  # type: ignore[dict-item]


def test_an_unknown_meter_or_customer_is_a_misuse(shop: Shop) -> None:
    with pytest.raises(Misuse, match="nothing_like_it"):
        shop.fake.usage("nothing_like_it", shop.customer)
    with pytest.raises(Misuse, match="cus_nobody"):
        shop.fake.usage("tokens", "cus_nobody")


def test_no_429_passes_until_there_is_one_and_then_tells_the_peak(shop: Shop) -> None:
    shop.fake.assert_no_429()
    shop.fake.control.set_limits({"global": 3})
    for _ in range(5):
        shop.post("/customers")
    with pytest.raises(AssertionError, match=r"POST /v1/customers: 2 refused, 6/s at its peak"):
        shop.fake.assert_no_429()


def test_the_journal_finds_requests_by_what_they_say(shop: Shop) -> None:
    shop.use("a", "1")
    journal = shop.fake.journal
    assert [each.path for each in journal.find(event_name="tokens")] == [
        "/v1/billing/meters",
        "/v1/billing/meter_events",
    ]
    assert len(journal.find(method="POST", path="/v1/billing/*")) == 2
    assert len(journal.find(customer=shop.customer)) == 1
    assert journal.find(status=500) == []
    assert "POST /v1/billing/meter_events → 200" in str(journal)
