"""Whose usage it is: which of the account's customers a vendor's customer is."""

from collections.abc import Mapping
from dataclasses import field

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.account import Part
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.customers import Customers
from fakestripe_meters.domain.records.meters import Meters

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
    """Return the customer that a vendor calls by a name; None if there is none, or it is deleted. Nothing is made."""
    mapped, customers = account.peek(VendorCustomers), account.peek(Customers)
    if customers is None:
        return None
    known = mapped.ids.get(name) if mapped is not None else None
    if known is not None:
        return customers.lookup(known)
    return customers.lookup(name) or _by_metadata(mapped, customers, name)


def _by_metadata(mapped: VendorCustomers | None, customers: Customers, name: str) -> Customer | None:
    seen = mapped.seen.get(name) if mapped is not None else None
    customer = customers.lookup(seen) if seen is not None else None
    if customer is not None and customer.metadata.get(EXTERNAL) == name:
        return customer
    found = next((each for each in customers.table if not each.deleted and each.metadata.get(EXTERNAL) == name), None)
    if found is not None and mapped is not None:
        mapped.seen[name] = found.id
    return found


def is_metered(account: Account, name: str) -> bool:
    """Return whether an active meter has an event name."""
    meters = account.peek(Meters)
    return meters is not None and meters.of_event(name) is not None
