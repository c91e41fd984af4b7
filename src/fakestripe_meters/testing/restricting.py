"""Restricted keys: what a test lets them do, and what its calls have needed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fakestripe_meters.core import keys

if TYPE_CHECKING:
    from fakestripe_meters.control import Control
    from fakestripe_meters.control.key_answers import RestrictedKey
    from fakestripe_meters.engine import Engine


class Restricting:
    """Methods of `FakeStripe` that declare restricted keys, and say which permissions a key needs."""

    engine: "Engine"
    control: "Control"

    def restrict_key(self, key: str, permissions: Mapping[str, str] | str, *, account: str = keys.DEFAULT_KEY) -> None:
        """Let a restricted key `rk_test_…` act in an account, and do there only what its permissions allow.

        `permissions` has "read" or "write" by the names of Stripe's permissions without their endings, such as
        `{"billing_meter": "write", "customer": "read"}`, or is the name of a ready set, "metering" or "all". Write
        includes read. Other calls with the key are refused as Stripe does it, with 403, and change nothing. To declare
        a key again replaces what it may do. A key that was not declared has an account of its own, and may do all.
        `account` is the API key or the id of the account.

        Raises:
            Misuse: `key` is no restricted test key, there is no such permission, or there is no such account.
        """
        self.engine.require_open()
        self.control.restrict_key(key, permissions, account)

    def unrestrict_key(self, key: str) -> None:
        """Forget that a restricted key was declared: it has an account of its own again, and may do everything there.

        Raises:
            Misuse: It was not declared.
        """
        self.engine.require_open()
        self.control.unrestrict_key(key)

    @property
    def restricted_keys(self) -> "list[RestrictedKey]":
        """The restricted keys that were declared, oldest first: key and account, both masked, and the permissions."""
        return self.control.restricted_keys()

    @property
    def needed_permissions(self) -> dict[str, str]:
        """The permissions that all calls so far need, as `restrict_key` takes them: the scope of your key.

        Calls count from the start or from the last reset, also those that were refused.
        """
        return self.permissions_needed_by(None)

    def permissions_needed_by(self, account: str | None) -> dict[str, str]:
        """Return the same of the calls with a restricted key, or of all calls in an account.

        `account` is a restricted key that was declared, or the API key or the id of an account; None is all accounts.

        Raises:
            Misuse: There is no such account.
        """
        return self.control.needed_permissions(account)["permissions"]
