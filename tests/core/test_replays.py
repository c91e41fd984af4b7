"""Idempotency-Key → the stored answer."""

from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters.core.replays import Replays


def remembered(replays: Replays[str], key: str, now_ns: int) -> str | None:
    replay = replays.lookup(key, now_ns)
    return replay.answer if replay is not None else None


def test_an_answer_is_remembered_for_its_time_and_no_longer() -> None:
    replays: Replays[str] = Replays()
    replays.store("key", "print", "answer", now_ns=100, kept_ns=10)
    assert remembered(replays, "key", 100) == "answer"
    assert remembered(replays, "key", 109) == "answer"
    assert remembered(replays, "key", 110) is None
    assert remembered(replays, "other", 100) is None


def test_the_fingerprint_is_remembered_with_it() -> None:
    replays: Replays[str] = Replays()
    replays.store("key", ("POST", {"a": "1"}), "answer", now_ns=0, kept_ns=10)
    found = replays.lookup("key", 0)
    assert found is not None
    assert found.fingerprint == ("POST", {"a": "1"})


def test_a_key_can_be_used_again_when_its_time_is_over() -> None:
    replays: Replays[str] = Replays()
    replays.store("key", "", "first", now_ns=0, kept_ns=10)
    replays.store("key", "", "second", now_ns=10, kept_ns=10)
    replays.store("other", "", "third", now_ns=11, kept_ns=10)
    assert remembered(replays, "key", 19) == "second"


def test_the_last_answer_to_a_key_counts_even_within_one_instant() -> None:
    replays: Replays[str] = Replays()
    replays.store("key", "", "first", now_ns=0, kept_ns=10)
    replays.store("key", "", "second", now_ns=0, kept_ns=10)
    assert remembered(replays, "key", 9) == "second"
    replays.store("other", "", "third", now_ns=10, kept_ns=10)
    assert remembered(replays, "key", 10) is None


def test_what_is_kept_long_does_not_hold_up_what_is_kept_shortly() -> None:
    replays: Replays[str] = Replays()
    replays.store("long", "", "answer", now_ns=0, kept_ns=1000)
    for now_ns in range(0, 500, 10):
        replays.store(f"short {now_ns}", "", "answer", now_ns=now_ns, kept_ns=10)
    assert remembered(replays, "long", 500) == "answer"
    assert len(replays) == 2


STORES = st.lists(
    st.tuples(st.integers(-2, 10), st.sampled_from("abc"), st.integers(1, 12)),
    max_size=40,
)


@given(STORES)
def test_it_agrees_with_a_dict_that_forgets_nothing(stores: list[tuple[int, str, int]]) -> None:
    replays: Replays[str] = Replays()
    naive: dict[str, tuple[str, int]] = {}
    now_ns = 100
    for number, (step_ns, key, kept_ns) in enumerate(stores):
        now_ns += max(0, step_ns)
        for each in "abc":
            answer, until_ns = naive.get(each, ("", 0))
            assert remembered(replays, each, now_ns) == (answer if now_ns < until_ns else None)
        replays.store(key, "", str(number), now_ns=now_ns, kept_ns=kept_ns)
        naive[key] = (str(number), now_ns + kept_ns)
