"""Whose usage it is: which of the account's customers a vendor's customer is."""

from collections.abc import Mapping
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers

EXTERNAL = "external_id"
"""The key in a customer's metadata that says what other vendors call it."""


@dataclass(eq=False)
class VendorCustomers(Part, name="vendor_customers"):
    """What a test has said about the vendors' customers: for each of their ids, the id of a Stripe customer."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """Replaced as a whole."""

    def __post_init__(self) -> None:
        self.seen: dict[str, str] = {}
        """The customers that were found by their metadata, so that each is searched for once. No snapshot has it."""


@inferred("what a test has said goes before the id itself, and that before the metadata; the oldest of several counts")
def customer_of(account: Account, name: str) -> Customer | None:
    """Return the customer that a vendor calls by a name; None if there is none, or it is deleted."""
    mapped, lookup = account.part(VendorCustomers), account.part(Customers).lookup
    known = mapped.ids.get(name)
    if known is not None:
        return lookup(known)
    if (own := lookup(name)) is not None:
        return own
    seen = mapped.seen.get(name)
    if seen is not None and (customer := lookup(seen)) is not None and customer.metadata.get(EXTERNAL) == name:
        return customer
    found = _by_metadata(account, name)
    if found is not None:
        mapped.seen[name] = found.id
    return found


def _by_metadata(account: Account, name: str) -> Customer | None:
    live = (each for each in account.part(Customers).table if not each.deleted)
    return next((each for each in live if each.metadata.get(EXTERNAL) == name), None)
