"""Restricted keys that a test has declared: each acts in the account of another key, with some permissions.

Observed in: PostHog/posthog.
"""

from collections.abc import Iterable
from collections.abc import Mapping

from fakestripe_meters.core import codec
from fakestripe_meters.core import errors
from fakestripe_meters.core import keys
from fakestripe_meters.core import permissions
from fakestripe_meters.core.called import Called
from fakestripe_meters.core.called import Need
from fakestripe_meters.core.encoding import Json
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import StripeError
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import mask
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

PREFIX = "rk_test_"
MOST = 1_000
"""How many restricted keys there may be."""
SHOWN_AT_END = 6


@dataclass(frozen=True, slots=True)
class Declared:
    """What a snapshot has of a restricted key."""

    account: str
    permissions: dict[str, str]


class Scope:
    """A restricted key: whose account it acts in, and what it may do."""

    __slots__ = ("_granted", "account", "called", "key", "permissions")

    def __init__(self, key: str, account: str, allowed: Mapping[str, str]) -> None:
        self.key = key
        self.account = account
        """The API key whose account it acts in."""
        self.permissions = dict(allowed)
        """`read` or `write`, by the names of permissions."""
        self.called: set[Need] = set()
        """What was called with it."""
        self._granted = permissions.granted(allowed)

    def __repr__(self) -> str:
        return f"<Scope of {mask(self.key)}: {self.permissions}>"

    @inferred("it is asked before the object is looked for, and before the parameters; notes of people say the former")
    def check(self, route: str, account: str) -> None:
        """Raise Stripe's 403 unless the key may do an operation. `account` is the id of the account that it is for."""
        needed = permissions.needed(route)
        if needed and needed.isdisjoint(self._granted):
            raise self._refusal(account, permissions.in_order(route)[:1])

    @documented("an expanded object needs its permission: https://docs.stripe.com/stripe-apps/reference/permissions")
    @inferred("of an id that may name objects of several kinds, the permission of one of them is enough")
    def check_expanded(self, each: Iterable[tuple[str, ...]], account: str) -> None:
        """Raise Stripe's 403 unless the key may read what an answer expands: one of the permissions of each."""
        lacking = [names for names in each if self._granted.isdisjoint(names)]
        if lacking:
            raise self._refusal(account, tuple(dict.fromkeys(names[0] for names in lacking)))

    def says(self, message: str) -> bool:
        """Whether an error is about this key."""
        return f"'{_shown(self.key)}'" in message

    def _refusal(self, account: str, lacking: tuple[str, ...]) -> StripeError:
        named = [(permissions.called(each), each) for each in lacking]
        return errors.requests.permission_denied(_shown(self.key), account, named)


@observed("the last six characters, after three stars (PostHog/posthog)")
@inferred("fewer of a short key: nothing that is left of it should tell it")
def _shown(key: str) -> str:
    """Return a restricted key as the error shows it."""
    secret = key.removeprefix(PREFIX)
    return f"{PREFIX}***{secret[-SHOWN_AT_END:] if len(secret) >= 2 * SHOWN_AT_END else ''}"


class Scopes(dict[str, Scope]):
    """The restricted keys of a world, by key."""

    def account_of(self, key: str) -> str:
        """Return the key whose account a key acts in: its own, unless it is a restricted one."""
        scope = self.get(key) if self else None
        return key if scope is None else scope.account

    def declare(self, key: object, account: str, wish: object) -> Scope:
        """Add a restricted key, or replace what it may do. `account` is a valid key. `Misuse` for what makes no sense.

        Raises:
            Misuse: `key` is no restricted test key, or has keys of its own; `account` is a restricted key itself; or
                there is no such permission.
        """
        scope = Scope(check_key(key), account, permissions.checked(wish))
        if account in self or account == scope.key:
            message = (
                f"account must be another key than a restricted one, not {mask(account)}: give that of its account"
            )
            raise Misuse(message, param="account")
        if any(each.account == scope.key for each in list(self.values())):
            message = f"{mask(scope.key)} is the account of other restricted keys: choose another key"
            raise Misuse(message, param="key")
        if len(self) >= MOST and scope.key not in self:
            raise Misuse(f"there are {MOST:,} restricted keys already, the most that are kept", param="key")
        if (before := self.get(scope.key)) is not None:
            scope.called = before.called
        self[scope.key] = scope
        return scope

    def called(self) -> list[Called]:
        """Return what was called with each of them."""
        return [{each.key: each.called} for each in list(self.values())]

    def forget(self, account: str) -> None:
        """Remove the keys of an account."""
        for each in [scope.key for scope in list(self.values()) if scope.account == account]:
            self.pop(each, None)

    def dump(self) -> dict[str, Json]:
        """Return the keys as JSON, in full."""
        return {key: {"account": each.account, "permissions": {**each.permissions}} for key, each in list(self.items())}

    @classmethod
    def load(cls, tree: Json, where: str) -> "Scopes":
        """Return the keys of a dump; raise `Misuse` if it is not one."""
        scopes = cls()
        declared: dict[str, Declared] = codec.decoder(dict[str, Declared])(tree, where)
        for key, each in declared.items():
            try:
                keys.check(each.account)
                scopes.declare(key, each.account, each.permissions)
            except (Misuse, StripeError) as error:
                raise Misuse(f"{where}: {error}", param=where) from None
        return scopes


def check_key(key: object) -> str:
    """Check for a restricted test key, and return it; the `Misuse` does not show what was given instead."""
    if not isinstance(key, str) or not key.startswith(PREFIX) or not keys.TEST_KEY.fullmatch(key):
        shown = repr(mask(key)) if isinstance(key, str) else f"a value of the type {type(key).__name__}"
        raise Misuse(f"key must be a full restricted test key, rk_test_…, not {shown}", param="key")
    return key
