"""The listeners that a test adds: each hears events like a webhook endpoint, beside those of all accounts."""

from itertools import count

from fakestripe_meters.core import checks
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.ids import tail
from fakestripe_meters.core.world import World
from fakestripe_meters.delivery import event_types
from fakestripe_meters.domain.events.deliveries import Deliveries
from fakestripe_meters.domain.events.destinations import Destination
from fakestripe_meters.domain.events.destinations import Listener

HOST = "http://webhooks.localhost"


def new_listener(world: World, types: tuple[str, ...], *, thin: bool, secret: str | None, key: str | None) -> Listener:
    """Return a listener of its own, beside all accounts. Raise `Misuse` if an argument makes no sense."""
    wanted = event_types.check(types, thin=checks.flag(thin, "thin"))
    _check_secret(secret)
    number, identifier = _fresh(world)
    now_ns = world.clock.now_ns()
    destination = Destination(
        id=identifier,
        created_ns=now_ns,
        updated_ns=now_ns,
        payload="thin" if thin else "snapshot",
        url=f"{HOST}/{number}/",
        secret=secret or f"whsec_{tail(identifier, 32)}",
        enabled_events=list(wanted),
        events_from=["@self", "@accounts"],
    )
    return Listener(destination, None if key is None else world.scopes.account_of(checks.api_key(key, "key")))


def _check_secret(secret: object) -> None:
    """Raise `Misuse` for what cannot sign; the message does not show it."""
    if secret is None:
        return
    if not isinstance(secret, str):
        raise Misuse(f"secret must be a string, not an object of the type {type(secret).__name__}", param="secret")
    if not secret:
        raise checks.refused("secret", "a string that is not empty, or None for a new one", secret)
    try:
        secret.encode()
    except UnicodeError:
        raise Misuse("secret must be a string that UTF-8 can write, not this one", param="secret") from None


def _fresh(world: World) -> tuple[int, str]:
    """Return the number and the id of a new listener: no delivery of the world, which may be restored, is for it."""
    taken = {each.destination.id for each in world.listeners}
    for account in list(world.accounts.values()):
        deliveries = account.peek(Deliveries)
        with account.lock:
            taken |= set() if deliveries is None else {each.destination for each in deliveries.table}
    numbered = ((number, f"listener_{tail(f'{world.seed}/listeners/{number}', 24)}") for number in count(1))
    return next(each for each in numbered if each[1] not in taken)
