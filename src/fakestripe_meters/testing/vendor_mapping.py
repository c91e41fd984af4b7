"""Whose usage it is that a program sends to other vendors, as a test says it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fakestripe_meters.core import keys

if TYPE_CHECKING:
    from fakestripe_meters.control import Control
    from fakestripe_meters.engine import Engine


class VendorMapping:
    """A method of `FakeStripe` that says which customers other vendors' customers are."""

    engine: "Engine"
    control: "Control"

    def vendor_customers(
        self, customers: Mapping[str, str] | None = None, *, account: str = keys.DEFAULT_KEY
    ) -> dict[str, str]:
        """Say which customer of the account is meant by each id that a vendor knows; return what holds now.

        `customers` takes the place of what was said before; without it, nothing changes. `account` is an API key or
        the id of an account. What is not said here is found by the customer's own id, or else by `external_id` in its
        metadata.

        Raises:
            Misuse: The account has no such customer. Then nothing has changed.
        """
        self.engine.require_open()
        if customers is None:
            return self.control.vendor_customers(account)["customers"]
        return self.control.set_vendor_customers(customers, account)["customers"]
