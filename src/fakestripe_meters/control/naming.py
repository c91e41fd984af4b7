"""Which accounts a call means: `account` is an API key in full, or the id of an account."""

from collections.abc import Iterator

from fakestripe_meters.core import checks
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Name
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import instead
from fakestripe_meters.core.errors import quoted
from fakestripe_meters.core.printing import mask
from fakestripe_meters.core.world import World
from fakestripe_meters.engine import Engine

ID = "acct_"
"""How the id of an account begins."""
WANTED = "a full test key, sk_test_… or rk_test_…, or the id of an account, acct_…"


class Naming:
    """Finds the accounts that an argument names."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def world(self) -> World:
        """The world under control."""
        return self.engine.world

    def _accounts(self, account: str | None) -> Iterator[Account]:
        """Return all accounts, those of an API key with those connected to them, or those with an id.

        Raises:
            Misuse: `account` is neither a key nor an id, or no account has that id.
        """
        if account is None:
            return iter(list(self.world.accounts.values()))
        if not _is_id(account):
            return self.world.named(self._checked(account))
        found = [each for each in list(self.world.accounts.values()) if each.id == account]
        if not found and account not in self._owned():
            raise self._unknown(account)
        return iter(found)

    def _key(self, account: object) -> str:
        """Return an API key, given in full or by the id of its own account.

        Raises:
            Misuse: `account` is something else, or the id of a connected account, which has no key of its own.
        """
        if not _is_id(account):
            return self._checked(account)
        owned = self._owned()
        if (key := owned.get(str(account))) is not None:
            return key
        if any(each.id == account for each in list(self.world.accounts.values())):
            message = f"account {quoted(account)} is a connected account, which has no key: give that of its platform"
            raise Misuse(message, param="account")
        raise self._unknown(account)

    def _one(self, account: str) -> tuple[str, Account | None]:
        """Return the key of an account, and the account: the key's own if `account` is a key, or None if it has none.

        Raises:
            Misuse: as `_accounts` does.
        """
        if _is_id(account) and (found := next(self._accounts(account), None)) is not None:
            return found.name.key, found
        key = self._key(account)
        return key, self.world.accounts.get(Name(key))

    def _owned(self) -> dict[str, str]:
        """Return the keys that are in use, by the ids of their own accounts."""
        used = {name.key for name in list(self.world.accounts)}
        return {keys.own_account(key): key for key in (keys.DEFAULT_KEY, *list(self.world.limits), *used)}

    def _checked(self, account: object) -> str:
        """Return a key: of a restricted one, the key of its account."""
        try:
            return self.world.scopes.account_of(checks.api_key(account, "account"))
        except Misuse:
            raise checks.refused("account", WANTED, mask(account) if isinstance(account, str) else account) from None

    def _unknown(self, account: object) -> Misuse:
        known = [each.id for each in list(self.world.accounts.values())]
        return Misuse(f"there is no account {quoted(account)}: {instead(known)}", param="account")


def _is_id(account: object) -> bool:
    return isinstance(account, str) and account.startswith(ID)
