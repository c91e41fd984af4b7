"""Accounts by key, one clock, and the work that is scheduled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field
from threading import Event
from threading import Thread

import pytest

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.faults import Fault
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.limits import PROFILES
from fakestripe_meters.core.locks import Lock
from fakestripe_meters.core.locks import Rank
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.world import World

NEW_YEAR = 1735689600


@dataclass
class Notes(Part, name="notes of test_world"):
    """What the tests' due work writes down."""

    lines: list[str] = field(default_factory=list)


def note(account: Account, subject: str) -> None:
    account.part(Notes).lines.append(f"{subject}@{account.now - NEW_YEAR}")


def note_and_plan(account: Account, subject: str) -> None:
    note(account, subject)
    account.agenda.add(account.now_ns + 10 * SECOND_NS, "note", f"after {subject}")


@pytest.fixture
def world() -> World:
    return World(now=NEW_YEAR, seed=1, due_work={"note": note, "note and plan": note_and_plan})


def plan(account: Account, seconds: int, subject: str, kind: str = "note") -> None:
    account.agenda.add((NEW_YEAR + seconds) * SECOND_NS, kind, subject)


# Accounts


def test_an_account_is_made_on_first_use_and_kept(world: World) -> None:
    account = world.account("sk_test_a")
    assert world.account("sk_test_a") is account
    assert world.account("sk_test_b") is not account


def test_a_connected_account_is_another_one(world: World) -> None:
    own, connected = world.account("sk_test_a"), world.account("sk_test_a", "acct_1")
    assert own is not connected
    assert connected.id == "acct_1"
    assert own.id.startswith("acct_")
    assert list(world.named("sk_test_a")) == [own, connected]
    assert world.account("sk_test_b", "acct_1") is not connected


def test_a_part_is_made_when_it_is_first_asked_for(world: World) -> None:
    account = world.account("sk_test_a")
    assert account.part(Notes) is account.part(Notes)
    assert world.account("sk_test_b").part(Notes) is not account.part(Notes)


def test_to_peek_at_a_part_does_not_make_it(world: World) -> None:
    account = world.account("sk_test_a")
    assert account.peek(Notes) is None
    notes = account.part(Notes)
    assert account.peek(Notes) is notes


def test_equal_seeds_give_equal_ids_and_accounts_differ() -> None:
    first, second = (World(now=NEW_YEAR, seed=7, due_work={}) for _ in range(2))
    assert first.account("sk_test_a").ids.new("x") == second.account("sk_test_a").ids.new("x")
    assert first.account("sk_test_b").ids.new("x") != second.account("sk_test_c").ids.new("x")
    assert first.account("sk_test_d").ids.new("x") != first.account("sk_test_d", "acct_1").ids.new("x")


def test_without_a_seed_every_world_is_another() -> None:
    first, second = (World(due_work={}).account("sk_test_a").ids.new("x") for _ in range(2))
    assert first != second


@pytest.mark.usefixtures("eager_threads")
def test_threads_that_come_first_at_once_get_one_account(world: World) -> None:
    with ThreadPoolExecutor(8) as threads:
        accounts = list(threads.map(lambda _: world.account("sk_test_a"), range(100)))
    assert len({id(account) for account in accounts}) == 1


def test_what_is_no_instant_is_misuse() -> None:
    with pytest.raises(Misuse):
        World(now="tomorrow", due_work={})


# Reset


def test_a_reset_drops_everything(world: World) -> None:
    account = world.account("sk_test_a")
    first_id = account.ids.new("x")
    world.journal.add(Exchange(1, "sk_test_a", "GET", "/"))
    world.faults.plan(Fault("*", "*", 500))
    world.settings.limits = PROFILES["off"]
    world.clock.advance(100)
    world.reset()
    assert world.accounts == {}
    assert len(world.journal) == 0
    assert world.faults.planned() == []
    assert world.settings == Settings()
    assert world.clock.now() == NEW_YEAR
    assert world.account("sk_test_a").ids.new("x") == first_id


def test_a_reset_brings_back_the_settings_of_the_start() -> None:
    world = World(Settings(limits=PROFILES["live"], lag_ns=5), now=NEW_YEAR, due_work={})
    world.settings.limits = PROFILES["off"]
    world.settings.lag_ns = 0
    world.reset()
    assert (world.settings.limits, world.settings.lag_ns) == (PROFILES["live"], 5)
    assert world.account("sk_test_a").settings is world.settings


def test_one_key_can_be_forgotten_with_its_connected_accounts(world: World) -> None:
    for name in (("sk_test_a", None), ("sk_test_a", "acct_1"), ("sk_test_b", None)):
        world.account(*name)
        world.journal.add(Exchange(1, name[0], "GET", "/"))
    world.forget("sk_test_a")
    assert list(world.accounts) == [("sk_test_b", None)]
    assert [exchange.account for exchange in world.journal] == ["sk_test_b"]


# Due work


def test_due_work_is_done_at_its_own_instant_as_the_clock_passes(world: World) -> None:
    account = world.account("sk_test_a")
    plan(account, 30, "later")
    plan(account, 10, "first")
    world.clock.advance(20)
    assert account.part(Notes).lines == ["first@10"]
    world.clock.advance(10)
    assert account.part(Notes).lines == ["first@10", "later@30"]


def test_work_that_brings_up_more_work_is_followed_to_the_end(world: World) -> None:
    account = world.account("sk_test_a")
    plan(account, 10, "a", "note and plan")
    plan(account, 15, "b")
    world.clock.advance(20)
    assert account.part(Notes).lines == ["a@10", "b@15", "after a@20"]


def test_work_is_done_in_order_across_accounts() -> None:
    done: list[str] = []
    world = World(now=NEW_YEAR, due_work={"note": lambda _account, subject: done.append(subject)})
    for seconds in (30, 10, 50):
        plan(world.account("sk_test_a"), seconds, f"a{seconds}")
    for seconds in (20, 40):
        plan(world.account("sk_test_b"), seconds, f"b{seconds}")
    world.clock.freeze(NEW_YEAR + 40)
    assert done == ["a10", "b20", "a30", "b40"]


def test_entering_an_account_does_what_has_fallen_due(world: World) -> None:
    account = world.account("sk_test_a")
    plan(account, -5, "missed")
    world.enter(account)
    assert account.part(Notes).lines == ["missed@-5"]
    assert account.now == NEW_YEAR


def test_advancing_waits_for_a_request_that_is_under_way(world: World) -> None:
    account = world.account("sk_test_a")
    plan(account, 10, "due")
    advancing, order = Event(), list[str]()

    def advance() -> None:
        advancing.set()
        world.clock.advance(20)
        order.append("advanced")

    with account.lock:
        thread = Thread(target=advance)
        thread.start()
        advancing.wait()
        thread.join(0.01)
        order.append("request")
    thread.join()
    assert order == ["request", "advanced"]
    assert account.part(Notes).lines == ["due@10"]


def test_while_the_world_stands_still_nothing_changes(world: World) -> None:
    accounts = [world.account(key) for key in ("sk_test_b", "sk_test_a")]

    def use() -> None:
        with accounts[0].lock:
            pass

    acts: list[Callable[[], object]] = [
        lambda: world.account("sk_test_c"),
        use,
        lambda: world.forget("sk_test_a"),
        world.reset,
    ]
    threads = [Thread(target=act, daemon=True) for act in acts]
    with world.standing_still() as still:
        assert still == accounts
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(0.01)
        assert all(thread.is_alive() for thread in threads)
        assert list(world.accounts.values()) == accounts


def test_an_account_that_is_made_meanwhile_stands_still_too(world: World) -> None:
    class Late(Lock):
        def __enter__(self) -> None:
            world.account("sk_test_b")
            super().__enter__()

    world.account("sk_test_a").lock = Late(Rank.ACCOUNT, "sk_test_a")
    with world.standing_still() as still:
        assert [account.name.key for account in still] == ["sk_test_a", "sk_test_b"]


def test_a_dropped_account_knows_it(world: World) -> None:
    forgotten, reset = world.account("sk_test_a"), world.account("sk_test_b")
    world.forget("sk_test_a")
    assert (forgotten.forgotten, reset.forgotten) == (True, False)
    world.reset()
    assert reset.forgotten
    assert not world.account("sk_test_a").forgotten
