"""A world as plain JSON, and back.

A part is read and written by its dataclass's hints; one that is no dataclass, or wants to be brief, defines
`dump() -> JSON` and `load(json) -> None`.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from typing import cast

from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.faults import Faults
from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.journal import Journal
from fakestripe_meters.core.plain import Json
from fakestripe_meters.core.plain import array
from fakestripe_meters.core.plain import loader
from fakestripe_meters.core.plain import members
from fakestripe_meters.core.plain import plain
from fakestripe_meters.core.plain import wrong
from fakestripe_meters.core.settings import Settings
from fakestripe_meters.core.world import World

FORMAT = "fakestripe-meters/1"
LAST_NS = LAST_SECOND * SECOND_NS


def dump(world: World) -> dict[str, Json]:
    """The whole world, taken while no request is at work in it. The keys of its accounts are in it in full."""
    with ExitStack() as locks:
        accounts = list(world.accounts.values())
        for account in accounts:
            locks.enter_context(account.lock)
        frozen_ns, shift_ns = world.clock.state()
        return {
            "format": FORMAT,
            "clock": {"frozen_ns": frozen_ns, "shift_ns": shift_ns},
            "seed": world.seed,
            "request_ids": world.request_ids.counts["req_"],
            "settings": plain(world.settings),
            "accounts": [_dump_account(account) for account in accounts],
        }


def load(world: World, snapshot: Json) -> None:
    """Put a dumped world in the place of what is there; `Misuse`, and nothing changed, if it is none.

    Rate limits and remembered answers start afresh; the journal and the planned faults are empty, and nothing of
    the old world is delivered any more.
    """
    tree = members(snapshot, "snapshot", "format", "clock", "seed", "request_ids", "settings", "accounts")
    if tree["format"] != FORMAT:
        raise wrong(f"{FORMAT!r}, the only one that can be read", tree["format"], "snapshot.format")
    frozen_ns, shift_ns = _load_clock(tree["clock"])
    seed: str = loader(str)(tree["seed"], "snapshot.seed")
    request_ids = Ids(f"{seed}/requests", {"req_": _count(tree["request_ids"], "snapshot.request_ids")})
    settings = _load_settings(tree["settings"])
    accounts = _load_accounts(world, settings, array(tree["accounts"], "snapshot.accounts"))
    world.post.forget()
    world.clock.restore(frozen_ns, shift_ns)
    world.seed, world.settings, world.request_ids = seed, settings, request_ids
    world.journal, world.faults, world.accounts = Journal(), Faults(), accounts


def _load_clock(tree: Json) -> tuple[int | None, int]:
    where = "snapshot.clock"
    clock = members(tree, where, "frozen_ns", "shift_ns")
    frozen_ns: int | None = loader(int | None)(clock["frozen_ns"], f"{where}.frozen_ns")
    shift_ns: int = loader(int)(clock["shift_ns"], f"{where}.shift_ns")
    if not 0 <= (frozen_ns or 0) <= LAST_NS or abs(shift_ns) > LAST_NS:
        raise wrong("instants between 1970 and 3000", clock, where)
    return frozen_ns, shift_ns


def _load_settings(tree: Json) -> Settings:
    settings: Settings = loader(Settings)(tree, "snapshot.settings")
    rates = settings.limits.to_json().values()
    if any(rate is not None and rate < 1 for rate in rates) or not 0 <= settings.lag_ns <= LAST_NS:
        raise wrong("limits and a lag that could have been set", tree, "snapshot.settings")
    return settings


def _dump_account(account: Account) -> dict[str, Json]:
    key, connected = account.name
    return {
        "key": key,
        "connected": connected,
        "ids": {"seed": account.ids.seed, "counts": dict(account.ids.counts)},
        "agenda": [[entry.due_ns, entry.kind, entry.subject] for entry in account.agenda.entries()],
        "parts": {part.name: _dump_part(part) for part in account.parts.values()},
    }


def _dump_part(part: Any) -> Json:  # noqa: ANN401  a part may have `dump`, or be a dataclass
    return plain(part.dump() if hasattr(part, "dump") else part)


def _load_accounts(world: World, settings: Settings, trees: Iterable[Json]) -> dict[Name, Account]:
    accounts: dict[Name, Account] = {}
    for index, tree in enumerate(trees):
        account = _load_account(world, settings, tree, f"snapshot.accounts[{index}]", accounts)
        if account.name in accounts:
            raise wrong("each account once", keys.mask(account.name.key), f"snapshot.accounts[{index}]")
        accounts[account.name] = account
    return accounts


def _load_account(world: World, settings: Settings, tree: Json, where: str, others: Mapping[Name, Account]) -> Account:
    kept = members(tree, where, "key", "connected", "ids", "agenda", "parts")
    ids = members(kept["ids"], f"{where}.ids", "seed", "counts")
    account = Account(
        _load_name(kept, where),
        settings,
        loader(str)(ids["seed"], f"{where}.ids.seed"),
        due_work=world.due_work,
        others=others,
    )
    counts = ids["counts"]
    if not isinstance(counts, dict):
        raise wrong("an object", counts, f"{where}.ids.counts")
    account.ids.counts.update(
        {prefix: _count(count, f"{where}.ids.counts.{prefix}") for prefix, count in counts.items()}
    )
    for due_ns, kind, subject in loader(list[tuple[int, str, str]])(kept["agenda"], f"{where}.agenda"):
        if kind not in world.due_work:
            raise wrong("work that somebody does", kind, f"{where}.agenda")
        account.agenda.add(due_ns, kind, subject)
    parts = kept["parts"]
    if not isinstance(parts, dict):
        raise wrong("an object", parts, f"{where}.parts")
    for name, part in parts.items():
        loaded = _load_part(name, part, f"{where}.parts.{name}")
        account.parts[type(loaded)] = loaded
    return account


def _load_name(tree: dict[str, Json], where: str) -> Name:
    key: str = loader(str)(tree["key"], f"{where}.key")
    connected: str | None = loader(str | None)(tree["connected"], f"{where}.connected")
    try:
        keys.check(key)
        if connected is not None:
            keys.check_connected(connected)
    except StripeError as error:
        raise Misuse(error.message, param=where) from None
    return Name(key, connected)


def _load_part(name: str, tree: Json, where: str) -> Part:
    kind = Part.kinds.get(name)
    if kind is None:
        raise wrong("a known kind of state", name, where)
    if not hasattr(kind, "load"):
        return cast("Part", loader(kind)(tree, where))
    part: Any = kind()
    try:
        part.load(loader(Any)(tree, where))
    except Misuse:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        message = f"{where} cannot be read: {type(error).__name__}: {error}"
        raise Misuse(message, param=where) from None
    return cast("Part", part)


def _count(tree: Json, where: str) -> int:
    if type(tree) is not int or tree < 0:
        raise wrong("a whole number, zero or more", tree, where)
    return tree
