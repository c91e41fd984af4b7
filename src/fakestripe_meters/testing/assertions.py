"""What a test may check at its end: usage, the events behind it, and the rate of requests."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING
from typing import Any

from fakestripe_meters.core import checks
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.clock import SECOND_NS
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.clock import instant_ns
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.errors import instead

if TYPE_CHECKING:
    from decimal import Decimal

    from fakestripe_meters.core.account import Account
    from fakestripe_meters.domain.records.meters import Meter
    from fakestripe_meters.engine import Engine
    from fakestripe_meters.explaining.billing import BillingExplanation
    from fakestripe_meters.explaining.differences import Difference
    from fakestripe_meters.explaining.differences import Wanted
    from fakestripe_meters.explaining.invoices import InvoiceExplanation
    from fakestripe_meters.explaining.usage import Explanation


class Assertions:
    """Methods of `FakeStripe` that return, explain, or assert what is in the fake.

    `meter` is a meter's id or its event name, and `customer` a customer's id. Usage counts if its timestamp is in
    [start, end), each ISO 8601, Unix seconds, or a datetime; the default is all of time. Usage that is not visible yet,
    because of the lag, does not count.
    """

    engine: "Engine"

    def usage(self, meter: str, customer: str, start: When | None = None, end: When | None = None) -> "Decimal":
        """Return a customer's usage of a meter. `Misuse` if no account has this meter and this customer."""
        return self.explain(meter, customer, start, end).value

    def usage_by_day(
        self, meter: str, customer: str, start: When | None = None, end: When | None = None
    ) -> "dict[str, Decimal]":
        """Return a customer's usage of a meter by day, such as `2025-01-31` (in UTC), without days that have none."""
        from fakestripe_meters.explaining.usage import by_day

        first, last = _range(start, end)
        with self._at_rest(meter, customer) as (account, found):
            return by_day(account, found, customer, first, last)

    def explain(self, meter: str, customer: str, start: When | None = None, end: When | None = None) -> "Explanation":
        """Return the events of which a customer's usage consists, and why others do not count. Print it for a table."""
        from fakestripe_meters.explaining.usage import explain

        first, last = _range(start, end)
        with self._at_rest(meter, customer) as (account, found):
            return explain(account, found, customer, first, last)

    def explain_invoice(self, invoice: str) -> "InvoiceExplanation":
        """Return an invoice's lines, each with its tier, quantity, credits, and events. Print it for a table.

        `Misuse` if no account has an invoice with this id.
        """
        from fakestripe_meters.explaining.invoices import explain_invoice

        account = self._account_of(checks.text(invoice, "invoice"))
        with account.lock:
            self.engine.world.enter(account)
            return explain_invoice(account, invoice)

    def explain_billing(self, meter: str, customer: str) -> "BillingExplanation":
        """Return each event of a customer with the invoice that bills it, or why none does. Print it for a table."""
        from fakestripe_meters.explaining.billing import explain_billing

        with self._at_rest(meter, customer) as (account, found):
            return explain_billing(account, found, customer)

    def assert_usage(
        self, expected: "Mapping[str, Mapping[str, Wanted]]", *, start: When | None = None, end: When | None = None
    ) -> None:
        """Raise `AssertionError` unless each of these customers has exactly this usage, also of meters not named.

        `expected` is `{customer: {meter: 120}}`, or by day (in UTC) `{customer: {meter: {"2025-01-31": 120}}}`. The
        message says what differs, and which events may explain it.
        """
        __tracebackhide__ = True
        from fakestripe_meters.explaining.differences import told

        wanted = _checked(expected)
        lines = told(
            self.engine.world, [each for one in wanted for each in self._differences(one, wanted[one], start, end)]
        )
        if lines:
            raise AssertionError("\n".join(lines))

    def assert_no_429(self) -> None:
        """Raise `AssertionError` if any request was answered with 429; tell the limit and the peak rate of each URL."""
        __tracebackhide__ = True
        from fakestripe_meters.testing.reporting_limits import complaint

        if lines := complaint(self.engine, list(self.engine.world.journal), self.peak_rates()):
            raise AssertionError("\n".join(lines))

    def peak_rates(self) -> dict[str, int]:
        """Return the most requests in one second of emulated time, by method and URL. Refused requests count."""
        from fakestripe_meters.testing.reporting_limits import called

        rates = Counter((called(self.engine, each), each.at) for each in self.engine.world.journal)
        peaks: dict[str, int] = {}
        for (call, _), rate in rates.items():
            peaks[call] = max(rate, peaks.get(call, 0))
        return peaks

    def _differences(
        self, customer: str, expected: "Mapping[str, Wanted]", start: When | None, end: When | None
    ) -> "Iterator[Difference]":
        """Yield what differs for one customer: the named meters, then others with usage."""
        from fakestripe_meters.explaining.differences import Question
        from fakestripe_meters.explaining.differences import differences

        first, last = _range(start, end)
        unnamed = {meter.id: 0 for meter in self._meters_of(customer)}
        for name in [*expected, *unnamed]:
            with self._at_rest(name, customer) as (account, found):
                if name in expected or found.id in unnamed:
                    question = Question(account, found, customer, first, last)
                    yield from differences(question, expected.get(name, 0), named=name in expected)
            unnamed.pop(found.id, None)

    @contextmanager
    def _at_rest(self, meter: str, customer: str) -> Iterator[tuple["Account", "Meter"]]:
        """Yield the account that has this meter and customer, and the meter: locked, with its scheduled work done."""
        account, found = self._find(checks.text(meter, "meter"), checks.text(customer, "customer"))
        with account.lock:
            self.engine.world.enter(account)
            yield account, found

    def _find(self, meter: str, customer: str) -> tuple["Account", "Meter"]:
        from fakestripe_meters.domain.records.customers import Customers
        from fakestripe_meters.domain.records.meters import Meters

        accounts = list(self.engine.world.accounts.values())
        known = [(account, each) for account in accounts for each in account.part(Meters).table]
        having = [(account, each) for account, each in known if meter in (each.id, each.event_name)]
        if not having:
            names = sorted({each.event_name for _, each in known})
            raise Misuse(f"unknown meter {meter!r}: {instead(names)}", param="meter")
        for account, found in sorted(having, key=lambda pair: pair[1].active, reverse=True):
            if account.part(Customers).table.get(customer) is not None:
                return account, found
        raise Misuse(f"no account with the meter {meter!r} has a customer {customer!r}", param="customer")

    def _account_of(self, invoice: str) -> "Account":
        from fakestripe_meters.domain.records.invoices import Invoices

        accounts = list(self.engine.world.accounts.values())
        for account in accounts:
            if account.part(Invoices).table.get(invoice) is not None:
                return account
        known = [each.id for account in accounts for each in account.part(Invoices).table]
        raise Misuse(f"unknown invoice {invoice!r}: {instead(known)}", param="invoice")

    def _meters_of(self, customer: str) -> "Iterator[Meter]":
        """Return all meters of the accounts that have the customer; `Misuse` if none has it."""
        from fakestripe_meters.domain.records.customers import Customers
        from fakestripe_meters.domain.records.meters import Meters

        having = [
            account
            for account in list(self.engine.world.accounts.values())
            if account.part(Customers).table.get(checks.text(customer, "expected")) is not None
        ]
        if not having:
            raise Misuse(f"no account has a customer {customer!r}", param="expected")
        return chain.from_iterable(account.part(Meters).table for account in having)


def _checked(expected: Any) -> "Mapping[str, Mapping[str, Wanted]]":  # noqa: ANN401  whatever a test passes
    """Check that expected usage names meters for each customer."""
    if not isinstance(expected, Mapping) or not all(isinstance(each, Mapping) for each in expected.values()):
        raise checks.refused("expected", "a dict such as {customer: {meter: 120}}", expected)
    return expected


def _range(start: When | None, end: When | None) -> tuple[int, int]:
    first = 0 if start is None else instant_ns(start) // SECOND_NS
    last = LAST_SECOND if end is None else instant_ns(end) // SECOND_NS
    if first > last:
        raise Misuse(f"the range ends at {end!r}, before its start at {start!r}", param="end")
    return first, last
