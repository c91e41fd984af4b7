"""Which of an account's customers other vendors' customers are."""

from collections.abc import Mapping

from fakestripe_meters.control import answers
from fakestripe_meters.control.naming import Naming
from fakestripe_meters.core import checks
from fakestripe_meters.core import keys
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import quoted


class Mapped(Naming):
    """Says whose usage it is that other vendors' calls bring."""

    def vendor_customers(self, account: str = keys.DEFAULT_KEY) -> answers.VendorCustomers:
        """Return what was said about other vendors' customers: by their ids there, the ids of Stripe's customers."""
        _, found = self._one(account)
        if found is None:
            return {"customers": {}}
        from fakestripe_meters.vendors import mapping  # imported late: few programs send usage to other vendors

        with found.lock:
            said = found.peek(mapping.VendorCustomers)
            return {"customers": {} if said is None else dict(said.ids)}

    def set_vendor_customers(
        self, customers: Mapping[str, str], account: str = keys.DEFAULT_KEY
    ) -> answers.VendorCustomers:
        """Say which customers other vendors' customers are, in the place of what was said before; return the outcome.

        Raise `Misuse` if one of them is no customer of the account.
        """
        from fakestripe_meters.vendors import mapping  # as above

        said = _checked(customers)
        _, found = self._one(account)
        if found is None:
            if said:
                raise _no_customer(*next(iter(said.items())))
            return {"customers": {}}
        found = self.world.lock(found)
        try:
            _require_customers(found, said)
            if said or found.peek(mapping.VendorCustomers) is not None:
                found.part(mapping.VendorCustomers).ids = said
        finally:
            found.lock.release()
        return {"customers": dict(said)}


def _checked(customers: object) -> dict[str, str]:
    if not isinstance(customers, Mapping):
        raise checks.refused("customers", "a mapping of the vendors' ids to ids of Stripe's customers", customers)
    for name, customer in customers.items():
        if not isinstance(name, str) or not name:
            raise checks.refused("customers", "a mapping whose keys are ids, which are strings", name)
        checks.text(customer, "customers")
    return dict(customers)


def _require_customers(account: Account, said: Mapping[str, str]) -> None:
    from fakestripe_meters.domain.records.customers import Customers  # imported late: it loads other records

    known = account.part(Customers)
    for name, customer in said.items():
        if known.lookup(customer) is None:
            raise _no_customer(name, customer)


def _no_customer(name: str, customer: str) -> Misuse:
    return Misuse(f"the account has no customer {quoted(customer)}, which {quoted(name)} is to be", param="customers")
