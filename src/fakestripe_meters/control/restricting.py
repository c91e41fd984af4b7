"""Restricted keys: which there are, what they may do, and what the calls so far have needed."""

from collections.abc import Iterable
from collections.abc import Mapping

from fakestripe_meters.control.journaling import Journaling
from fakestripe_meters.control.key_answers import NeededPermissions
from fakestripe_meters.control.key_answers import RestrictedKey
from fakestripe_meters.core import keys
from fakestripe_meters.core import permissions as permissions_of
from fakestripe_meters.core.called import Need
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.printing import mask
from fakestripe_meters.core.scopes import Scope
from fakestripe_meters.core.scopes import check_key


class Restricting(Journaling):
    """The part of the control plane that declares restricted keys."""

    def restrict_key(
        self, key: str, permissions: Mapping[str, str] | str, account: str = keys.DEFAULT_KEY
    ) -> RestrictedKey:
        """Let a restricted key act in an account, and do there only what its permissions allow.

        `permissions` has `read` or `write` by the names of Stripe's permissions without their endings, or is the name
        of a ready set, `metering` or `all`. Write includes read. To declare a key again replaces what it may do.
        """
        check_key(key)
        return _shown(self.world.scopes.declare(key, self._key(account), permissions))

    def restricted_keys(self) -> list[RestrictedKey]:
        """Return the restricted keys that were declared, oldest first. Keys are masked."""
        return [_shown(each) for each in list(self.world.scopes.values())]

    def unrestrict_key(self, key: str) -> None:
        """Forget a restricted key: from now on it has an account of its own, and may do everything there."""
        self.world.note_called()
        if self.world.scopes.pop(check_key(key), None) is None:
            raise Misuse(f"{mask(key)} was not declared as a restricted key", param="key")

    def needed_permissions(self, account: str | None = None) -> NeededPermissions:
        """Return the permissions that the calls so far need of a restricted key: of all accounts, or of one.

        With a restricted key as the `account`: what the calls with this key need.
        """
        scope = self.world.scopes.get(account) if isinstance(account, str) else None
        parts = [each.called for each in self._accounts(account)] if scope is None else [scope.called]
        return needed_by(set().union(*(each.copy() for each in parts)))


def needed_by(called: Iterable[Need]) -> NeededPermissions:
    """Return the permissions that calls need, and what they have expanded."""
    needs = {each: permissions_of.in_order(each) if isinstance(each, str) else each for each in called}
    wanted = permissions_of.fewest(set(needs.values()))
    inferred: dict[str, list[str]] = {}
    for each, names in sorted(needs.items(), key=str):
        if isinstance(each, str) and names and not permissions_of.published(names[0]):
            inferred.setdefault(names[0].rpartition("_")[0], []).append(each)
    return {"permissions": wanted, "inferred": {name: each for name, each in inferred.items() if name in wanted}}


def _shown(scope: Scope) -> RestrictedKey:
    return {"key": mask(scope.key), "account": mask(scope.account), "permissions": dict(scope.permissions)}
