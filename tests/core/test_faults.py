"""Planned faults: the next requests that match go wrong as ordered."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.faults import Faults


def test_a_fault_strikes_as_often_as_planned() -> None:
    faults = Faults()
    faults.plan(Fault("POST", "/v1/x", 500, times=2))
    assert [bool(faults.strike("POST", "/v1/x")) for _ in range(3)] == [True, True, False]
    assert faults.planned() == []


def test_a_fault_strikes_only_what_it_matches() -> None:
    faults = Faults()
    faults.plan(Fault("POST", "/v1/x", 500))
    assert faults.strike("GET", "/v1/x") is None
    assert faults.strike("POST", "/v1/x/y") is None
    assert faults.strike("POST", "/v1/x") is not None


@pytest.mark.parametrize(("method", "path"), [("*", "/v1/x"), ("GET", "*"), ("*", "*")])
def test_a_star_matches_any_method_or_path(method: str, path: str) -> None:
    assert Fault(method, path).matches("GET", "/v1/x")


def test_faults_strike_in_the_order_of_planning() -> None:
    faults = Faults()
    faults.plan(Fault("*", "*", 500))
    faults.plan(Fault("GET", "/", 503))
    struck = [faults.strike("GET", "/") for _ in range(2)]
    assert [fault.status for fault in struck if fault] == [500, 503]


def test_two_equal_faults_are_two() -> None:
    faults = Faults()
    for _ in range(2):
        faults.plan(Fault("*", "*", 500))
    assert [bool(faults.strike("GET", "/")) for _ in range(3)] == [True, True, False]


def test_a_delay_alone_does_not_go_wrong() -> None:
    assert not Fault("*", "*", delay_s=1).goes_wrong
    assert Fault("*", "*", close=True).goes_wrong
    assert Fault("*", "*", 429).goes_wrong


def test_all_can_be_forgotten() -> None:
    faults = Faults()
    faults.plan(Fault("*", "*", 500, times=5))
    faults.clear()
    assert faults.strike("GET", "/") is None


@pytest.mark.usefixtures("eager_threads")
def test_threads_share_what_is_planned() -> None:
    faults = Faults()
    faults.plan(Fault("*", "*", 500, times=500))
    with ThreadPoolExecutor(8) as threads:
        struck = list(threads.map(lambda _: faults.strike("GET", "/"), range(1000)))
    assert sum(fault is not None for fault in struck) == 500
