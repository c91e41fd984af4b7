"""Questions about usage, which change nothing: how much there is, and which events it consists of.

What they need is imported late, so that a server starts quickly.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fakestripe_meters.control.overview import Overview
from fakestripe_meters.control.usage_answers import BillingWhy
from fakestripe_meters.control.usage_answers import DayUsage
from fakestripe_meters.control.usage_answers import InvoiceWhy
from fakestripe_meters.control.usage_answers import UsageDifferences
from fakestripe_meters.control.usage_answers import UsageExplanation
from fakestripe_meters.control.usage_answers import UsageValue
from fakestripe_meters.core import checks
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.usage_event import Filters

if TYPE_CHECKING:
    from fakestripe_meters.core.account import Account
    from fakestripe_meters.domain.records.meters import Meter
    from fakestripe_meters.explaining.billing import BillingExplanation
    from fakestripe_meters.explaining.differences import Difference
    from fakestripe_meters.explaining.differences import Wanted
    from fakestripe_meters.explaining.requests import UsageRequests
    from fakestripe_meters.explaining.usage import Asked

Number = int | float | str
Expected = Mapping[str, Mapping[str, Number | Mapping[str, Number]]]
MOST_EVENTS = 10_000_000


class Asking(Overview):
    """Answers questions about usage.

    `meter` is a meter's id or its event name, and `customer` a customer's id. Usage counts if its timestamp is in
    [start, end), by default all of time. Dates and times that name no zone are those of `timezone`, by default UTC.
    `dimension_filters` and `timezone` mean what they do in the analytics. `account` is a key or an id.
    """

    def usage(
        self,
        meter: str,
        customer: str,
        start: When | None = None,
        end: When | None = None,
        *,
        timezone: str | None = None,
        dimension_filters: Filters | None = None,
        account: str | None = None,
    ) -> UsageValue:
        """Return a customer's usage of a meter."""
        from fakestripe_meters.control import usage_json

        with self.asked(
            meter, customer, start, end, timezone=timezone, dimension_filters=dimension_filters, account=account
        ) as asked:
            return {"value": usage_json.number(asked.total())}

    def usage_by_day(
        self,
        meter: str,
        customer: str,
        start: When | None = None,
        end: When | None = None,
        *,
        timezone: str | None = None,
        dimension_filters: Filters | None = None,
        account: str | None = None,
    ) -> list[DayUsage]:
        """Return a customer's usage of a meter by day of the time zone, without days that have none."""
        from fakestripe_meters.control import usage_json

        with self.asked(
            meter, customer, start, end, timezone=timezone, dimension_filters=dimension_filters, account=account
        ) as asked:
            return [{"day": day, "value": usage_json.number(value)} for day, value in asked.by_day().items()]

    def explain(
        self,
        meter: str,
        customer: str,
        start: When | None = None,
        end: When | None = None,
        *,
        timezone: str | None = None,
        dimension_filters: Filters | None = None,
        account: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> UsageExplanation:
        """Return the events of which a customer's usage consists, and why others do not count, by time.

        With `limit`, there are at most so many events, after the first `offset` ones.
        """
        from fakestripe_meters.control import usage_json

        most = None if limit is None else checks.whole(limit, "limit", 1, MOST_EVENTS)
        skip = checks.whole(offset, "offset", 0, MOST_EVENTS)
        with self.asked(
            meter, customer, start, end, timezone=timezone, dimension_filters=dimension_filters, account=account
        ) as asked:
            return usage_json.explanation(asked.first(self.senders(asked), most, skip), str(asked.within.zone))

    def explain_billing(self, meter: str, customer: str, account: str | None = None) -> BillingWhy:
        """Return each event of a customer with the invoice that bills it, or why none does."""
        from fakestripe_meters.control import usage_json

        return usage_json.billing(self.explained_billing(meter, customer, account))

    def explained_billing(self, meter: str, customer: str, account: str | None = None) -> "BillingExplanation":
        """Return the same as an object."""
        from fakestripe_meters.explaining.billing import explain_billing

        with self._at_rest(meter, customer, account) as (owner, found):
            return explain_billing(owner, found, customer)

    def explain_invoice(self, invoice: str, account: str | None = None, limit: int | None = None) -> InvoiceWhy:
        """Return why an invoice comes to its total: each line with its price, usage, credits, discounts and taxes.

        With `limit`, each line has at most so many events.
        """
        from fakestripe_meters.control import invoice_json

        most = None if limit is None else checks.whole(limit, "limit", 0, MOST_EVENTS)
        with self.invoicing(invoice, account) as owner:
            return invoice_json.explanation(owner, invoice, most)

    @contextmanager
    def invoicing(self, invoice: str, account: str | None = None) -> "Iterator[Account]":
        """Yield the account that has an invoice within `with`: locked, with its scheduled work done."""
        from fakestripe_meters.control import owners

        owner = owners.invoicing(self._accounts(account), checks.text(invoice, "invoice"))
        with owner.lock:
            self.world.enter(owner)
            yield owner

    def usage_differences(
        self, expected: Expected, start: When | None = None, end: When | None = None, account: str | None = None
    ) -> UsageDifferences:
        """Compare what customers should have used with what they have, also of meters that are not named.

        `expected` is by customer and meter, a number or a number for each day, such as `2025-01-31` (in UTC).
        """
        from fakestripe_meters.control import usage_json
        from fakestripe_meters.explaining.differences import told

        found = self.differing(expected, start, end, account)
        return usage_json.differences(found, told(self.world, found))

    def told_differences(
        self,
        expected: "Mapping[str, Mapping[str, Wanted]]",
        start: When | None = None,
        end: When | None = None,
        account: str | None = None,
    ) -> list[str]:
        """Return the same as lines for people; none if nothing differs."""
        from fakestripe_meters.explaining.differences import told

        return told(self.world, self.differing(expected, start, end, account))

    def differing(
        self,
        expected: "Mapping[str, Mapping[str, Wanted]]",
        start: When | None = None,
        end: When | None = None,
        account: str | None = None,
    ) -> "list[Difference]":
        """Return the same as objects."""
        if not isinstance(expected, Mapping) or not all(isinstance(each, Mapping) for each in expected.values()):
            raise checks.refused("expected", "a dict such as {customer: {meter: 120}}", expected)
        found = (self._differences(customer, expected[customer], start, end, account) for customer in expected)
        return [each for of_customer in found for each in of_customer]

    def _differences(
        self,
        customer: str,
        expected: "Mapping[str, Wanted]",
        start: When | None,
        end: When | None,
        account: str | None,
    ) -> "Iterator[Difference]":
        """Yield what differs for one customer: the named meters, then others with usage."""
        from fakestripe_meters.control import owners
        from fakestripe_meters.explaining.differences import differences

        accounts = list(self._accounts(account))
        unnamed = {each.id: 0 for each in owners.meters_of(accounts, checks.text(customer, "expected"))}
        for name in [*expected, *unnamed]:
            with self.asked(name, customer, start, end, account=account) as asked:
                which = asked.meter.id
                if name in expected or which in unnamed:
                    yield from differences(asked, expected.get(name, 0), named=name in expected)
            unnamed.pop(which, None)

    @contextmanager
    def asked(
        self,
        meter: str,
        customer: str,
        start: When | None = None,
        end: When | None = None,
        *,
        timezone: str | None = None,
        dimension_filters: Filters | None = None,
        account: str | None = None,
    ) -> "Iterator[Asked]":
        """Yield a question within `with`; its account is locked, and its scheduled work is done."""
        from fakestripe_meters.explaining import asked as asking
        from fakestripe_meters.explaining.usage import Asked

        within = asking.within(start, end, timezone)
        with self._at_rest(meter, customer, account) as (owner, found):
            yield Asked(owner, found, customer, within, asking.chosen(found, dimension_filters))

    def senders(self, asked: "Asked") -> "UsageRequests":
        """Return the requests that report the usage that is asked for."""
        from fakestripe_meters.explaining.requests import UsageRequests

        return UsageRequests(self.world.journal, asked.account.name, asked.meter)

    @contextmanager
    def _at_rest(self, meter: str, customer: str, account: str | None) -> "Iterator[tuple[Account, Meter]]":
        """Yield the account that has this meter and customer, and the meter: locked, with its scheduled work done."""
        from fakestripe_meters.control import owners

        names = checks.text(meter, "meter"), checks.text(customer, "customer")
        owner, found = owners.metered(list(self._accounts(account)), *names)
        with owner.lock:
            self.world.enter(owner)
            yield owner, found
