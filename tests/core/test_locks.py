"""The one order of locks: a thread that breaks it is refused at once, whether or not another one is in the way."""

from threading import Thread

import pytest

from fakestripe_meters.core import locks
from fakestripe_meters.core.locks import Condition
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import OutOfOrder
from fakestripe_meters.core.locks import Rank


def test_locks_are_taken_by_growing_rank() -> None:
    with Lock(Rank.MOVE), Lock(Rank.ACCOUNT), Lock(Rank.WORLD), Lock(Rank.LEAF):
        pass


@pytest.mark.parametrize("second", Rank)
@pytest.mark.parametrize("first", Rank)
def test_a_lock_of_lower_rank_is_refused(first: Rank, second: Rank) -> None:
    held, wanted = Lock(first), Lock(second)
    if first < second or first == second < Rank.LEAF:
        with held, wanted:
            return
    with held, pytest.raises(OutOfOrder, match=f"rank {second.name} is taken while one of rank {first.name} is held"):
        wanted.acquire()
    with wanted:  # nothing of the refusal is left
        assert first >= second


def test_locks_of_one_rank_are_taken_in_the_order_of_their_names() -> None:
    first, second = Lock(Rank.ACCOUNT, "a"), Lock(Rank.ACCOUNT, "b")
    with first, second:
        pass
    with second, pytest.raises(OutOfOrder), first:
        pass


def test_a_lock_that_was_taken_before_the_last_one_counts_too() -> None:
    move, low, high = Lock(Rank.MOVE), Lock(Rank.ACCOUNT, "a"), Lock(Rank.ACCOUNT, "b")
    with move, high, move, pytest.raises(OutOfOrder), low:
        pass


def test_a_thread_may_take_a_lock_again_that_it_holds() -> None:
    move, account = Lock(Rank.MOVE), Lock(Rank.ACCOUNT)
    with move, account, move:
        assert account.acquire()
        account.release()


def test_what_other_threads_hold_does_not_count() -> None:
    taken: list[bool] = []
    with Lock(Rank.LEAF):
        thread = Thread(target=lambda: taken.append(Lock(Rank.MOVE).acquire()))
        thread.start()
        thread.join()
    assert taken == [True]


def test_a_lock_that_is_not_acquired_in_time_is_not_held() -> None:
    lock, taken = Lock(Rank.LEAF), list[bool]()

    def wait() -> None:
        taken.append(lock.acquire(0.01))
        with Lock(Rank.MOVE):
            taken.append(True)

    with lock:
        thread = Thread(target=wait)
        thread.start()
        thread.join()
    assert taken == [False, True]


def test_a_condition_is_a_leaf() -> None:
    condition = Condition()
    with Lock(Rank.WORLD), condition:
        for wanted in (Lock(Rank.MOVE), Lock(Rank.LEAF), condition, Condition()):
            with pytest.raises(OutOfOrder), wanted:
                pass
    with condition:
        assert not condition.wait(0.001)


def test_nothing_is_delivered_under_a_lock_but_the_clocks_move() -> None:
    locks.check_delivering()
    with Lock(Rank.MOVE):
        locks.check_delivering()
        with Lock(Rank.ACCOUNT), pytest.raises(OutOfOrder, match="a delivery is made or awaited while"):
            locks.check_delivering()
