"""What a test can ask of the fake: usage, its explanation, and assertions with a readable difference."""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from decimal import Decimal

import pytest
import requests

from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters.explaining.differences import Wanted

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

    def told(self, usage: Mapping[str, Wanted], *, masked: bool = True, start: int | None = None) -> list[str]:
        """Assert usage, which must differ, and return the lines of the message."""
        with pytest.raises(AssertionError) as raised:
            self.fake.assert_usage({self.customer: usage}, start=start)
        return (re.sub("req_[A-Za-z0-9]+", "REQUEST", str(raised.value)) if masked else str(raised.value)).splitlines()


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
    with pytest.raises(AssertionError, match=rf"^tokens of {shop.customer}: 120, expected 100 \(20 too many\)\n"):
        shop.fake.assert_usage({shop.customer: {"tokens": 100}})
    with pytest.raises(AssertionError, match=rf"^tokens of {shop.customer} on 2025-01-02: 0, expected 1 \(1 too few\)"):
        shop.fake.assert_usage({shop.customer: {"tokens": {"2025-01-01": 120, "2025-01-02": 1}}})


def test_usage_that_nobody_expected_is_a_difference_too(shop: Shop) -> None:
    shop.meter_of("calls")
    shop.use("a", "7", name="calls")
    assert shop.told({"tokens": 0}) == [
        f"calls of {shop.customer}: 7, but the expectation does not name this meter (7 too many)",
        "  its events:",
        "    2025-01-01T00:00:00Z         7  counted  [a]  REQUEST",
    ]


def test_one_event_of_exactly_the_difference_is_told_first(shop: Shop) -> None:
    for identifier, value in [("a", "100"), ("b", "10"), ("c", "20")]:
        shop.use(identifier, value)
    assert shop.told({"tokens": 120}) == [
        f"tokens of {shop.customer}: 130, expected 120 (10 too many)",
        "  this is the difference:",
        "    2025-01-01T00:00:00Z        10  counted  [b]  REQUEST",
        f"  and 2 more: print(fakestripe.explain('tokens', '{shop.customer}'))",
    ]


def test_the_request_that_brought_an_event_is_named_also_without_an_identifier(shop: Shop) -> None:
    payload = {"payload[stripe_customer_id]": shop.customer, "payload[value]": "3"}
    for _ in range(2):
        shop.post("/billing/meter_events", event_name="tokens", **payload)
    first, second = shop.fake.journal.find(path="/v1/billing/meter_events")
    _, why, *events = shop.told({"tokens": 3}, masked=False)
    assert why == "  the same value and time, with different identifiers; perhaps sent twice:"
    assert [event.split()[-1] for event in events] == [first.request_id, second.request_id]


def test_two_events_that_make_up_the_difference_are_told(shop: Shop) -> None:
    for identifier, value in [("a", "100"), ("b", "10"), ("c", "21")]:
        shop.use(identifier, value)
    _, why, *events = shop.told({"tokens": 100})
    assert why == "  these 2 together are the difference:"
    assert [event.split()[-2] for event in events[:2]] == ["[b]", "[c]"]


def test_without_such_an_event_all_are_listed_and_cut_off(shop: Shop) -> None:
    for number in range(30):
        shop.use(f"e{number}", "5", at=NOW + number)
    lines = shop.told({"tokens": 7})
    assert lines[1] == "  its events:"
    assert [line.split()[-2] for line in lines[2:10]] == [f"[e{number}]" for number in range(8)]
    assert lines[10:] == [f"  and 22 more: print(fakestripe.explain('tokens', '{shop.customer}'))"]


def test_of_many_events_that_may_be_the_difference_none_is_blamed(shop: Shop) -> None:
    for number in range(3):
        shop.use(f"e{number}", "5", at=NOW + number)
    assert shop.told({"tokens": 10})[1] == "  each of these 3 is the difference:"
    shop.use("e3", "5", at=NOW + 3)
    assert shop.told({"tokens": 15})[1] == "  its events:"


def test_of_two_pairs_that_make_up_the_difference_none_is_blamed(shop: Shop) -> None:
    for value in ("10", "21", "11", "20", "100"):
        shop.use(f"e{value}", value)
    assert shop.told({"tokens": 131})[1] == "  its events:"


def test_among_more_than_a_hundred_events_no_pair_is_looked_for(shop: Shop) -> None:
    shop.use("a", "10")
    shop.use("b", "21")
    for number in range(99):
        shop.use(f"e{number}", "1000", at=NOW + number)
    assert shop.told({"tokens": 99_000})[1] == "  its events:"


def test_what_was_refused_does_not_explain_what_is_too_many(shop: Shop) -> None:
    shop.use("a", "5")
    shop.fake.fail_next("POST /v1/billing/meter_events", status=429)
    shop.post(
        "/billing/meter_events",
        event_name="tokens",
        **{"payload[stripe_customer_id]": shop.customer, "payload[value]": "2"},
    )
    assert not any("refused" in line for line in shop.told({"tokens": 3}))
    assert any("refused" in line for line in shop.told({"tokens": 9}))


def test_a_retry_with_the_same_idempotency_key_brings_what_was_refused(shop: Shop) -> None:
    use = {"event_name": "tokens", "payload[stripe_customer_id]": shop.customer, "payload[value]": "4"}
    shop.fake.fail_next("POST /v1/billing/meter_events", status=429)
    for status in (429, 200):
        headers = {"Idempotency-Key": "once"}
        answer = requests.post(f"{API}/billing/meter_events", use, auth=AUTH, headers=headers, timeout=5)
        assert answer.status_code == status
    assert not any("refused" in line for line in shop.told({"tokens": 8}))


def test_what_is_missing_is_told_with_what_became_of_it(shop: Shop) -> None:
    other = shop.post("/customers")["id"]
    shop.use("theirs", "7", customer=other)
    shop.use("yesterday", "8", at=NOW - DAY_S)
    shop.use("cancelled", "9")
    shop.post(
        "/billing/meter_event_adjustments", event_name="tokens", type="cancel", **{"cancel[identifier]": "cancelled"}
    )
    shop.fake.control.set_lag(60)
    shop.use("soon", "10")
    for wanted, told in [
        (7, f"7  foreign: of {other}  [theirs]"),
        (8, "8  outside: before the start  [yesterday]"),
        (9, "9  cancelled  [cancelled]"),
        (10, "10  waiting: visible in 60 s, or after flush()  [soon]"),
    ]:
        head, why, event, *_ = shop.told({"tokens": wanted}, start=NOW)
        assert head == f"tokens of {shop.customer}: 0, expected {wanted} ({wanted} too few)"
        assert why == "  this is the difference:"
        assert told in event


def test_usage_that_was_refused_is_told_unless_another_try_brought_it(shop: Shop) -> None:
    path = "POST /v1/billing/meter_events"
    report = {"event_name": "tokens", "payload[stripe_customer_id]": shop.customer}
    shop.fake.fail_next(path, status=429)
    shop.post("/billing/meter_events", identifier="lost", **report, **{"payload[value]": "4"})
    shop.fake.fail_next(path, status=429)
    shop.post("/billing/meter_events", identifier="retried", **report, **{"payload[value]": "4"})
    shop.use("retried", "4")
    shop.post("/billing/meter_events", **(report | {"event_name": "tokenz"}), **{"payload[value]": "5"})
    assert shop.told({"tokens": 8})[1:3] == [
        "  this is the difference:",
        "    2025-01-01T00:00:00Z         4  refused: 429 rate_limit  REQUEST  [lost]",
    ]
    _, why, event, *_ = shop.told({"tokens": 9})
    assert why == "  this is the difference:"
    assert "5  refused (as tokenz): 400 No active meter found" in event


def test_late_usage_is_told_if_it_is_the_difference(shop: Shop) -> None:
    shop.use("in time", "5", at=NOW)
    shop.use("another", "4", at=NOW)
    shop.fake.clock.advance(DAY_S)
    shop.use("late", "3", at=NOW)
    shop.use("also", "1", at=NOW)
    _, why, *events, _ = shop.told({"tokens": {"2025-01-01": 9}})
    assert why == "  these 2 together are the difference:"
    assert [event.split("Z")[1].split("  REQ")[0].strip() for event in events] == [
        "3  counted, late  [late]",
        "1  counted, late  [also]",
    ]


def test_of_a_meter_that_takes_the_last_the_one_that_counts_is_told_with_the_expected_one(shop: Shop) -> None:
    shop.post("/billing/meters", event_name="seats", display_name="s", **{"default_aggregation[formula]": "last"})
    shop.use("first", "3", name="seats")
    shop.use("between", "9", name="seats")
    shop.use("second", "4", name="seats")
    assert shop.told({"seats": 3}) == [
        f"seats of {shop.customer}: 4, expected 3",
        "  the one that counts, and what was 3:",
        "    2025-01-01T00:00:00Z         4  counted  [second]  REQUEST",
        "    2025-01-01T00:00:00Z         3  overwritten: by second  [first]  REQUEST",
        f"  and 1 more: print(fakestripe.explain('seats', '{shop.customer}'))",
    ]


def test_of_a_meter_that_counts_no_single_event_is_blamed(shop: Shop) -> None:
    shop.post("/billing/meters", event_name="calls", display_name="c", **{"default_aggregation[formula]": "count"})
    for number in range(3):
        shop.use(f"c{number}", "1", name="calls", at=NOW + number)
    head, why, *events = shop.told({"calls": 2})
    assert head == f"calls of {shop.customer}: 3, expected 2 (1 too many)"
    assert why == "  its events:"
    assert len(events) == 3


def test_without_any_event_of_the_customer_it_is_told_whose_there_are(shop: Shop) -> None:
    assert shop.told({"tokens": 7})[1:] == ["  no event of this meter reached the fake"]
    other = shop.post("/customers")["id"]
    shop.use("theirs", "8", customer=other)
    shop.post(
        "/billing/meter_events", event_name="tokens", **{"payload[stripe_customer_id]": "cus_x", "payload[value]": "1"}
    )
    (told,) = shop.told({"tokens": 7})[1:]
    assert told.startswith(
        f"  no event of this customer reached the fake; others did: 1 of {other}; refused: 1, at last with 400 "
    )


def test_usage_that_went_to_another_key_is_told(shop: Shop) -> None:
    auth = ("sk_test_second_key_1234", "")
    other = requests.post(f"{API}/customers", auth=auth, timeout=5).json()["id"]
    meter = {"display_name": "x", "event_name": "tokens", "default_aggregation[formula]": "sum"}
    requests.post(f"{API}/billing/meters", meter, auth=auth, timeout=5)
    use = {"event_name": "tokens", "payload[stripe_customer_id]": other, "payload[value]": "7"}
    requests.post(f"{API}/billing/meter_events", use, auth=auth, timeout=5)
    *_, told = shop.told({"tokens": 7})
    assert told == f"  another account has such events: sk_test_***********1234 has 1 of {other}"


def test_many_differences_are_cut_off(shop: Shop) -> None:
    shop.use("a", "1")
    wanted = {f"2025-02-{day:02}": 1 for day in range(1, 28)}
    lines = shop.told({"tokens": {"2025-01-01": 1, **wanted}})
    assert lines[-1] == "and 17 more differences"
    assert len([line for line in lines if line.startswith("tokens of")]) == 10
    assert len(lines) < 25


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        (3, "expected must be a dict such as"),
        ({"cus_any": 3}, "expected must be a dict such as"),
        ({"cus_any": {}}, "no account has a customer 'cus_any'"),
        ({3: {}}, "expected must be a string, not 3"),
    ],
)
def test_an_expectation_of_another_shape_is_a_misuse(
    shop: Shop, expected: dict[str, dict[str, int]], message: str
) -> None:
    with pytest.raises(Misuse, match=message):
        shop.fake.assert_usage(expected)


@pytest.mark.parametrize("day", ["2025-1-1", "January", 3])
def test_a_day_that_is_none_is_a_misuse(shop: Shop, day: str) -> None:
    with pytest.raises(Misuse, match="expected must be numbers by day, such as 2025-01-31, not"):
        shop.fake.assert_usage({shop.customer: {"tokens": {day: 1}}})


@pytest.mark.parametrize("expected", ["seven", True, None, float("nan"), "Infinity"])
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
    with pytest.raises(AssertionError) as raised:
        shop.fake.assert_no_429()
    assert str(raised.value).splitlines() == [
        "2 of 7 requests were answered with 429",
        "  POST /v1/customers: 2, the limit is 3 calls a second; at most 6 a second",
        (
            "  The clock is frozen: call fakestripe.clock.advance(1) between calls, or set advance_on_sleep=True or "
            'limits="off".'
        ),
    ]


def test_a_planned_429_is_called_that(shop: Shop) -> None:
    shop.fake.fail_next("POST /v1/customers", status=429)
    shop.post("/customers")
    with pytest.raises(AssertionError) as raised:
        shop.fake.assert_no_429()
    assert str(raised.value).splitlines() == [
        "1 of 3 requests were answered with 429",
        "  POST /v1/customers: 1 (1 of them planned); at most 2 a second",
    ]


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
