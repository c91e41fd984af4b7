"""What a test may check at its end: usage, the events behind it, and the rate of requests."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fakestripe_meters.core.clock import When

if TYPE_CHECKING:
    from decimal import Decimal

    from fakestripe_meters.control import Control
    from fakestripe_meters.control.answers import AccountSummary
    from fakestripe_meters.control.answers import Scheduled
    from fakestripe_meters.core.usage_event import Filters
    from fakestripe_meters.explaining.billing import BillingExplanation
    from fakestripe_meters.explaining.differences import Wanted
    from fakestripe_meters.explaining.explained import Explanation
    from fakestripe_meters.explaining.invoices import InvoiceExplanation


class Assertions:
    """Methods of `FakeStripe` that return, explain, or assert what is in the fake.

    `meter` is a meter's id or its event name, and `customer` a customer's id. Usage counts if its timestamp is in
    [start, end), each ISO 8601, Unix seconds, or a datetime; the default is all of time. If they name no time zone,
    they are in `timezone`, a name such as "Europe/Berlin", by default UTC. `dimension_filters` selects usage as in the
    analytics: `{"model": "large"}`, or `{"model": ["large", "small"]}` for either. `account` is an API key or the id of
    an account; it says whose meter and customer are meant, if several accounts have them. Usage that is not visible
    yet, because of the lag, does not count.
    """

    control: "Control"

    @property
    def accounts(self) -> "list[AccountSummary]":
        """The accounts that have been used, oldest first: the masked key, the id, and how much is in each."""
        return self.control.listed_accounts()

    def agenda(
        self, account: str | None = None, limit: int | None = None, *, test_clock: str | None = None
    ) -> "list[Scheduled]":
        """Return what happens next by itself as the clock moves, soonest first: when, what, and to which object.

        `account` is an API key or the id of an account, by default all of them. With `test_clock`, the id of a test
        clock: what happens as that clock moves.

        Raises:
            Misuse: There is no such account or test clock.
        """
        return self.control.agenda(account, limit, test_clock)

    def usage(
        self,
        meter: str,
        customer: str,
        start: When | None = None,
        end: When | None = None,
        *,
        timezone: str | None = None,
        dimension_filters: "Filters | None" = None,
        account: str | None = None,
    ) -> "Decimal":
        """Return a customer's usage of a meter. `Misuse` if no account has this meter and this customer."""
        with self.control.asked(
            meter, customer, start, end, timezone=timezone, dimension_filters=dimension_filters, account=account
        ) as asked:
            return asked.total()

    def usage_by_day(
        self,
        meter: str,
        customer: str,
        start: When | None = None,
        end: When | None = None,
        *,
        timezone: str | None = None,
        dimension_filters: "Filters | None" = None,
        account: str | None = None,
    ) -> "dict[str, Decimal]":
        """Return a customer's usage of a meter by day of the time zone, such as `2025-01-31`, without days of none."""
        with self.control.asked(
            meter, customer, start, end, timezone=timezone, dimension_filters=dimension_filters, account=account
        ) as asked:
            return asked.by_day()

    def explain(
        self,
        meter: str,
        customer: str,
        start: When | None = None,
        end: When | None = None,
        *,
        timezone: str | None = None,
        dimension_filters: "Filters | None" = None,
        account: str | None = None,
    ) -> "Explanation":
        """Return the events of which a customer's usage consists, and why others do not count. Print it for a table."""
        with self.control.asked(
            meter, customer, start, end, timezone=timezone, dimension_filters=dimension_filters, account=account
        ) as asked:
            return asked.explained(self.control.senders(asked))

    def explain_invoice(self, invoice: str, *, account: str | None = None) -> "InvoiceExplanation":
        """Return an invoice's lines, each with its tier, quantity, credits, and events. Print it for a table.

        `Misuse` if no account has an invoice with this id.
        """
        from fakestripe_meters.explaining.invoices import explain_invoice

        with self.control.invoicing(invoice, account) as owner:
            return explain_invoice(owner, invoice)

    def explain_billing(self, meter: str, customer: str, *, account: str | None = None) -> "BillingExplanation":
        """Return each event of a customer with the invoice that bills it, or why none does. Print it for a table."""
        return self.control.explained_billing(meter, customer, account)

    def assert_usage(
        self,
        expected: "Mapping[str, Mapping[str, Wanted]]",
        *,
        start: When | None = None,
        end: When | None = None,
        account: str | None = None,
    ) -> None:
        """Raise `AssertionError` unless each of these customers has exactly this usage, also of meters not named.

        `expected` is `{customer: {meter: 120}}`, or by day (in UTC) `{customer: {meter: {"2025-01-31": 120}}}`. The
        message says what differs, and which events may explain it.
        """
        __tracebackhide__ = True
        if lines := self.control.told_differences(expected, start, end, account):
            raise AssertionError("\n".join(lines))

    def assert_no_429(self) -> None:
        """Raise `AssertionError` if any request was answered with 429; tell the limit and the peak rate of each URL."""
        __tracebackhide__ = True
        if lines := self.control.peak_rates()["too_many"]:
            raise AssertionError("\n".join(lines))

    def peak_rates(self) -> dict[str, int]:
        """Return the most requests in one second of emulated time, by method and URL. Refused requests count."""
        return self.control.peak_rates()["peaks"]
