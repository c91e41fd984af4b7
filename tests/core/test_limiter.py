"""Token buckets on the emulated clock."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.limiter import Bucket
from fakestripe_meters.core.limiter import Limiter
from fakestripe_meters.core.limits import KINDS
from fakestripe_meters.core.limits import PROFILES
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.limits import Over
from fakestripe_meters.core.limits import changed
from fakestripe_meters.core.limits import profile


def passed(limiter: Limiter, name: str, limits: Limits, now_ns: int = 0, calls: int = 2000) -> int:
    return sum(limiter.admit(name, limits, now_ns) is None for _ in range(calls))


def reason(over: Over | None) -> str:
    return over.reason if over else ""


class NaiveBucket:
    """Tokens as exact fractions."""

    def __init__(self, rate: int, now_ns: int) -> None:
        self.rate = rate
        self.tokens = Fraction(rate)
        self.seen_ns = now_ns

    def take(self, tokens: int, now_ns: int) -> bool:
        refill = Fraction(max(0, now_ns - self.seen_ns) * self.rate, SECOND_NS)
        self.tokens = min(Fraction(self.rate), self.tokens + refill)
        self.seen_ns = now_ns
        if self.tokens < tokens:
            return False
        self.tokens -= tokens
        return True


STEPS = st.lists(st.tuples(st.integers(-SECOND_NS, 2 * SECOND_NS) | st.integers(0, 20), st.integers(1, 5)), max_size=50)


@given(st.integers(1, 7) | st.integers(1, 1_000_000), STEPS)
def test_a_bucket_agrees_with_exact_fractions(rate: int, steps: list[tuple[int, int]]) -> None:
    now_ns = 10**18
    bucket, naive = Bucket(rate, now_ns), NaiveBucket(rate, now_ns)
    for step_ns, tokens in steps:
        now_ns += step_ns
        assert bucket.take(tokens, now_ns) == naive.take(tokens, now_ns)


def test_a_second_holds_as_many_calls_as_the_rate() -> None:
    limiter = Limiter()
    assert passed(limiter, "analytics", PROFILES["documented"]) == 100
    assert passed(limiter, "analytics", PROFILES["documented"], SECOND_NS) == 100
    assert passed(limiter, "analytics", PROFILES["documented"], 100 * SECOND_NS) == 100


def test_a_bucket_refills_continuously() -> None:
    limiter = Limiter()
    passed(limiter, "analytics", PROFILES["documented"])
    assert passed(limiter, "analytics", PROFILES["documented"], SECOND_NS // 2) == 50
    assert passed(limiter, "analytics", PROFILES["documented"], SECOND_NS // 2 + SECOND_NS // 100 - 1) == 0
    assert passed(limiter, "analytics", PROFILES["documented"], SECOND_NS // 2 + SECOND_NS // 100) == 1


def test_a_refused_call_costs_nothing() -> None:
    limiter = Limiter()
    passed(limiter, "analytics", PROFILES["documented"], calls=5000)
    assert passed(limiter, "analytics", PROFILES["documented"], SECOND_NS) == 100


def test_a_clock_that_goes_back_brings_no_tokens() -> None:
    limiter = Limiter()
    passed(limiter, "analytics", PROFILES["documented"], 10 * SECOND_NS)
    assert passed(limiter, "analytics", PROFILES["documented"], 5 * SECOND_NS) == 0


# Profiles


def test_documented_limits_what_is_documented_and_nothing_else() -> None:
    limits = profile("documented")
    counts = {name: passed(Limiter(), name, limits) for name in ("analytics", "meter_events", "global")}
    assert counts == {"analytics": 100, "meter_events": 1000, "global": 2000}
    assert passed(Limiter(), "stream", limits, calls=11_000) == 10_000


def test_live_limits_everything_else_too() -> None:
    counts = {name: passed(Limiter(), name, profile("live")) for name in ("analytics", "meter_events", "global")}
    assert counts == {"analytics": 100, "meter_events": 1000, "global": 100}


def test_in_a_sandbox_events_count_together_with_everything_else() -> None:
    limiter, limits = Limiter(), profile("sandbox")
    assert passed(limiter, "meter_events", limits, calls=10) == 10
    assert passed(limiter, "meter_events/v2", limits, calls=5) == 5
    assert limiter.admit("stream", limits, 0, tokens=100) is None
    assert passed(limiter, "global", limits) == 9
    assert passed(limiter, "analytics", limits) == 100


def test_off_limits_nothing() -> None:
    assert {passed(Limiter(), name, profile("off")) for name in ("analytics", "meter_events", "global")} == {2000}


def test_the_reason_tells_which_limit_it_was() -> None:
    limiter, limits = Limiter(), Limits(analytics=1, global_=1)
    assert [reason(limiter.admit("analytics", limits, 0)) for _ in range(2)] == ["", "endpoint-rate"]
    assert [reason(limiter.admit("global", limits, 0)) for _ in range(2)] == ["", "global-rate"]


def test_events_of_both_versions_share_a_rate_but_not_a_bucket() -> None:
    limiter, limits = Limiter(), Limits(meter_events=3)
    assert passed(limiter, "meter_events", limits) == 3
    assert passed(limiter, "meter_events/v2", limits) == 3


def test_a_stream_call_takes_a_token_for_each_event_or_none_at_all() -> None:
    limiter, limits = Limiter(), Limits(stream=10)
    assert limiter.admit("stream", limits, 0, tokens=8) is None
    assert reason(limiter.admit("stream", limits, 0, tokens=3)) == "endpoint-rate"
    assert limiter.admit("stream", limits, 0, tokens=2) is None


def test_a_changed_limit_begins_with_a_full_bucket() -> None:
    limiter = Limiter()
    assert passed(limiter, "analytics", Limits(analytics=5)) == 5
    assert passed(limiter, "analytics", Limits(analytics=6)) == 6


# Settings


def test_limits_are_shown_under_their_public_names() -> None:
    assert profile("sandbox").to_json() == dict.fromkeys(KINDS) | {"analytics": 100, "global": 25}


@pytest.mark.parametrize(
    ("name", "value", "limits"),
    [
        *((name, 7, Limits(**{"global_" if name == "global" else name: 7})) for name in KINDS),
        ("analytics", 5, Limits(analytics=5)),
        ("global", 1, Limits(global_=1)),
        ("stream", 1_000_000, Limits(stream=1_000_000)),
    ],
)
def test_one_limit_can_be_set(name: str, value: int, limits: Limits) -> None:
    assert changed(Limits(), name, value) == limits
    assert changed(limits, name, None) == Limits()


@pytest.mark.parametrize("value", [0, -1, 1_000_001, 1.5, True, "5", [], {}])
def test_what_is_no_rate_is_misuse(value: object) -> None:
    with pytest.raises(Misuse, match="analytics must be calls per second from 1 to 1000000, or null") as caught:
        changed(Limits(), "analytics", value)
    assert caught.value.param == "analytics"


@pytest.mark.parametrize("name", ["global_", "foo", "", "__class__"])
def test_an_unknown_limit_is_misuse(name: str) -> None:
    with pytest.raises(Misuse, match=r"use analytics, meter_events, stream, global, .*, or object_concurrency"):
        changed(Limits(), name, 5)


@pytest.mark.parametrize("name", ["", "Live", None, 5, [], {}])
def test_an_unknown_profile_is_misuse(name: object) -> None:
    with pytest.raises(Misuse, match="use documented, live, sandbox, or off") as caught:
        profile(name)
    assert caught.value.param == "profile"
