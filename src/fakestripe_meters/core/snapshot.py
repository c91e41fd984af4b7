"""A world as plain JSON, and back.

A part is written and read by its dataclass's type hints. A part that is not a dataclass, or that has a shorter form,
defines `dump() -> JSON` and `load(json, where) -> None`; both copy what they keep.
"""

from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import fields
from dataclasses import replace
from typing import Any
from typing import cast

from fakestripe_meters.core import checks
from fakestripe_meters.core import codec
from fakestripe_meters.core import keys
from fakestripe_meters.core import printing
from fakestripe_meters.core import references
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.accounts import Accounts
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.encoding import Json
from fakestripe_meters.core.encoding import encode
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.ids import Ids
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.option_checks import LONGEST_TICK_S
from fakestripe_meters.core.option_checks import check_after_retries
from fakestripe_meters.core.option_checks import check_grace_for
from fakestripe_meters.core.option_checks import check_payment_methods
from fakestripe_meters.core.option_checks import check_retries
from fakestripe_meters.core.options import OPTIONS
from fakestripe_meters.core.options import Settings
from fakestripe_meters.core.replays import Kept
from fakestripe_meters.core.replays import Replay
from fakestripe_meters.core.scopes import Scopes
from fakestripe_meters.core.world import World

FORMAT = "fakestripe-meters/1"
MEMBERS = ("format", "clock", "seed", "request_ids", "settings", "accounts")
LAST_NS = LAST_SECOND * SECOND_NS
OF_PROCESS = [each.name for each in fields(Settings) if OPTIONS[each.metadata["option"]].of_process]
BUCKETS = codec.decoder(dict[str, tuple[int, int, int]])
ANSWERS = codec.decoder(list[Kept])


def dump(world: World) -> dict[str, Json]:
    """Return the whole world as JSON, taken while no request runs. It contains the accounts' API keys in full."""
    with world.standing_still() as accounts:
        frozen_ns, shift_ns = world.clock.state()
        return {
            "format": FORMAT,
            "clock": {"frozen_ns": frozen_ns, "shift_ns": shift_ns},
            "seed": world.seed,
            "request_ids": world.request_ids.counts["req_"],
            "settings": encode(world.settings),
            "accounts": [_dump_account(account) for account in accounts],
            "request_state": [_dump_request_state(account) for account in accounts],
            "limits": {key: encode(limits) for key, limits in world.limits.items()},
            "restricted_keys": world.scopes.dump(),
        }


def load(world: World, snapshot: Json) -> None:
    """Replace the world by a dumped one. Raise `Misuse`, and change nothing, if the snapshot is invalid.

    The journal, the planned faults and the stubs start empty. Deliveries of the old world are dropped. Settings that
    say what this process may reach stay as they are.
    """
    tree = codec.members(snapshot, "snapshot", *MEMBERS, optional=["request_state", "limits", "restricted_keys"])
    if tree["format"] != FORMAT:
        raise codec.wrong(f"{FORMAT!r}, the only supported format", tree["format"], "snapshot.format")
    frozen_ns, shift_ns = _load_clock(tree["clock"])
    seed: str = codec.decoder(str)(tree["seed"], "snapshot.seed")
    request_ids = Ids(f"{seed}/requests", {"req_": _count(tree["request_ids"], "snapshot.request_ids")})
    settings = _load_settings(tree["settings"], world.settings)
    accounts = _load_accounts(world, settings, codec.array(tree["accounts"], "snapshot.accounts"))
    _load_request_state(
        accounts.values(), codec.array(tree.get("request_state", [{}] * len(accounts)), "snapshot.request_state")
    )
    limits = _load_limits(tree.get("limits", {}))
    scopes = Scopes.load(tree.get("restricted_keys", {}), "snapshot.restricted_keys")
    world.restore((frozen_ns, shift_ns), settings, request_ids, seed, accounts, limits=limits, scopes=scopes)


def _load_clock(tree: Json) -> tuple[int | None, int]:
    where = "snapshot.clock"
    clock = codec.members(tree, where, "frozen_ns", "shift_ns")
    frozen_ns: int | None = codec.decoder(int | None)(clock["frozen_ns"], f"{where}.frozen_ns")
    shift_ns: int = codec.decoder(int)(clock["shift_ns"], f"{where}.shift_ns")
    if not 0 <= (frozen_ns or 0) <= LAST_NS or abs(shift_ns) > LAST_NS:
        raise codec.wrong("instants between 1970 and 3000", clock, where)
    return frozen_ns, shift_ns


def _load_settings(tree: Json, own: Settings) -> Settings:
    settings: Settings = codec.decoder(Settings)(tree, "snapshot.settings")
    durations = (settings.lag_ns, settings.async_clocks)
    if not _are_valid(settings.limits) or not all(0 <= each <= LAST_NS for each in durations):
        raise codec.wrong(
            "valid limits, a valid lag, and a valid time that test clocks take", tree, "snapshot.settings"
        )
    checks.whole(settings.tick_ns, "snapshot.settings.tick_ns", 0, LONGEST_TICK_S * SECOND_NS)
    check_retries(settings.retries, "snapshot.settings.retries")
    check_after_retries(settings.after_retries, "snapshot.settings.after_retries")
    check_payment_methods(settings.payment_methods, "snapshot.settings.payment_methods")
    check_grace_for(settings.grace_for, "snapshot.settings.grace_for")
    return replace(settings, **{name: getattr(own, name) for name in OF_PROCESS})


def _load_limits(tree: Json) -> dict[str, Limits]:
    limits: dict[str, Limits] = codec.decoder(dict[str, Limits])(tree, "snapshot.limits")
    for key, each in limits.items():
        checks.api_key(key, "snapshot.limits")
        if not _are_valid(each):
            raise codec.wrong("valid limits", each.to_json(), "snapshot.limits")
    return limits


def _are_valid(limits: Limits) -> bool:
    return all(rate is None or rate >= 1 for rate in limits.to_json().values())


def _dump_account(account: Account) -> dict[str, Json]:
    key, connected = account.name
    return {
        "key": key,
        "connected": connected,
        "opened": account.opened,
        "ids": {"seed": account.ids.seed, "counts": dict(account.ids.counts)},
        "agenda": [[entry.due_ns, entry.kind, entry.subject] for entry in account.agenda.entries()],
        "parts": {part.name: _dump_part(part) for part in account.parts.values()},
    }


def _dump_request_state(account: Account) -> dict[str, Json]:
    """Return what refused requests change as well: used-up limits, and answers by Idempotency-Key."""
    return {
        "limits": encode(account.limiter.dump()),
        "answers": [encode(Kept(key, *each)) for key, each in account.replays],
    }


def _dump_part(part: Any) -> Json:  # noqa: ANN401  a part may have `dump`, or be a dataclass
    return cast("Json", part.dump()) if hasattr(part, "dump") else encode(part)


def _load_accounts(world: World, settings: Settings, trees: Iterable[Json]) -> Accounts:
    accounts = Accounts()
    for index, tree in enumerate(trees):
        account = _load_account(world, settings, tree, f"snapshot.accounts[{index}]", accounts)
        if account.name in accounts:
            raise codec.wrong("an account listed once", printing.mask(account.name.key), f"snapshot.accounts[{index}]")
        accounts.add(account)
    return accounts


def _load_account(world: World, settings: Settings, tree: Json, where: str, others: Accounts) -> Account:
    kept = codec.members(tree, where, "key", "connected", "ids", "agenda", "parts", optional=["opened"])
    ids = codec.members(kept["ids"], f"{where}.ids", "seed", "counts")
    account = Account(
        _load_name(kept, where),
        settings,
        codec.decoder(str)(ids["seed"], f"{where}.ids.seed"),
        due_work=world.due_work,
        others=others,
        tokens=others.tokens,
        listeners=world.listeners,
        site=world.site,
        watch=world.watch,
    )
    account.opened = _count(kept.get("opened", 0), f"{where}.opened")
    counts = ids["counts"]
    if not isinstance(counts, dict):
        raise codec.wrong("an object", counts, f"{where}.ids.counts")
    account.ids.counts.update(
        {prefix: _count(count, f"{where}.ids.counts.{prefix}") for prefix, count in counts.items()}
    )
    for due_ns, kind, subject in codec.decoder(list[tuple[int, str, str]])(kept["agenda"], f"{where}.agenda"):
        if kind not in world.due_work:
            raise codec.unknown(f"scheduled work of the kind {kind!r}", f"{where}.agenda")
        account.agenda.add(due_ns, kind, subject)
    parts = kept["parts"]
    if not isinstance(parts, dict):
        raise codec.wrong("an object", parts, f"{where}.parts")
    for name, part in parts.items():
        loaded = _load_part(name, part, f"{where}.parts.{name}")
        account.parts[type(loaded)] = loaded
    references.check(account.parts.values(), f"{where}.parts")
    return account


def _load_request_state(accounts: Collection[Account], trees: Collection[Json]) -> None:
    if len(trees) != len(accounts):
        raise codec.wrong(
            f"an array of {len(accounts)} elements, one for each account", len(trees), "snapshot.request_state"
        )
    for index, (account, each) in enumerate(zip(accounts, trees, strict=True)):
        where = f"snapshot.request_state[{index}]"
        tree = codec.members(each, where, optional=["limits", "answers"])
        account.limiter.load(BUCKETS(tree.get("limits", {}), f"{where}.limits"))
        answers: list[Kept] = ANSWERS(tree.get("answers", []), f"{where}.answers")
        account.replays.load((kept.key, Replay(kept.fingerprint, kept.answer, kept.until_ns)) for kept in answers)


def _load_name(tree: dict[str, Json], where: str) -> Name:
    key: str = codec.decoder(str)(tree["key"], f"{where}.key")
    connected: str | None = codec.decoder(str | None)(tree["connected"], f"{where}.connected")
    try:
        keys.check(key)
        if connected is not None and not keys.CONNECTED_ACCOUNT.fullmatch(connected):
            raise keys.out_of_reach(key, connected)
    except StripeError as error:
        raise Misuse(error.message, param=where) from None
    return Name(key, connected)


def _load_part(name: str, tree: Json, where: str) -> Part:
    kind = Part.kinds.get(name)
    if kind is None:
        raise codec.unknown(f"the kind of data {name!r}", where)
    if not hasattr(kind, "load"):
        return cast("Part", codec.decoder(kind)(tree, where))
    part: Any = kind()
    try:
        part.load(tree, where)
    except Misuse:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        message = f"{where} is not valid: {type(error).__name__}: {error}"
        raise Misuse(message, param=where) from None
    return cast("Part", part)


def _count(tree: Json, where: str) -> int:
    if type(tree) is not int or tree < 0:
        raise codec.wrong("a whole number, zero or more", tree, where)
    return tree
