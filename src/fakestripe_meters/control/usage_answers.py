"""What questions about usage and invoices are answered: types from which the OpenAPI description is made."""

from typing import Literal
from typing import TypedDict


class UsageValue(TypedDict):
    """A customer's usage of a meter."""

    value: int | float


class DayUsage(TypedDict):
    """A customer's usage on a day of the time zone that was asked for, such as `2025-01-31`."""

    day: str
    value: int | float


class UsageEventFate(TypedDict):
    """An event that counts or could have counted, and what became of it."""

    identifier: str
    timestamp: int
    received: int | None
    """When it arrived, in Unix seconds; null if it was refused."""
    value: int | float | str
    """A number, or what was sent instead of one."""
    fate: Literal["counted", "cancelled", "overwritten", "waiting", "dropped", "refused"]
    why: str
    late: bool
    """Whether it arrived after the end of the range; never for a customer with a test clock."""
    request_id: str | None
    """The request that reported it; null if the journal no longer has it."""
    dimensions: dict[str, str]


class UsageExplanation(TypedDict):
    """A customer's usage of a meter in a range, and the events behind it, by time."""

    value: int | float
    formula: Literal["sum", "count", "last"]
    meter: str
    """The id of the meter."""
    event_name: str
    customer: str
    start: int
    """The first second of the range."""
    end: int
    """The first second after the range."""
    timezone: str
    dimension_filters: dict[str, list[str]]
    events: list[UsageEventFate]
    events_total: int
    """How many such events there are, also those that a limit leaves out."""
    fates: dict[str, int]
    """How many events have each fate: also `filtered`, `outside` and `foreign`, which are only counted.

    A filtered event has other dimensions than those asked for, an event outside is at another time, and a foreign one
    is of another customer.
    """


class EventBilling(TypedDict):
    """What one subscription does with one event."""

    identifier: str
    timestamp: int
    value: int | float
    subscription: str | None
    item: str | None
    price: str | None
    invoice: str | None
    """The invoice that bills it."""
    given_back: str | None
    """The invoice that gives it back."""
    reason: str
    """Why no invoice bills it; empty if one does."""


class BillingWhy(TypedDict):
    """All events of a customer and a meter, by time, once for each subscription to the meter."""

    meter: str
    event_name: str
    customer: str
    events: list[EventBilling]


class LineEvent(TypedDict):
    """An event in the period of an invoice line, and whether it is billed."""

    identifier: str
    timestamp: int
    value: int | float
    outcome: Literal["billed", "cancelled", "free", "overwritten", "late", "waiting"]


class LineCreditWhy(TypedDict):
    """What a credit grant pays of a line."""

    amount: int
    grant: str
    transaction: str | None


class LineDiscountWhy(TypedDict):
    """What a discount takes off a line."""

    amount: int
    discount: str
    coupon: str
    terms: str
    own: bool
    """Whether it is on the line itself, not on the invoice."""


class LineTaxWhy(TypedDict):
    """The tax of a rate on a line."""

    amount: int
    rate: str
    terms: str
    taxable: int
    inclusive: bool


class LineWhy(TypedDict):
    """A line of an invoice, and why it comes to its amount."""

    id: str
    amount: int
    description: str
    because: str
    """Why it is there, and how its amount comes from its quantity and its price."""
    quantity: int | float
    tier: int | None
    exact: str | None
    """The amount before rounding, in the currency's smallest unit, as a decimal; null if there was nothing to round."""
    rounding: str | None
    """What rounding has added to the exact amount, as a decimal; null likewise."""
    item: str | None
    used: int | float | None
    """What was used in its period; null if it is not for usage."""
    billed_before: int | float
    events: list[LineEvent]
    """The events in its period. Lines of one item have the same events."""
    events_total: int
    """How many such events there are, also those that a limit leaves out."""
    credits: list[LineCreditWhy]
    discounts: list[LineDiscountWhy]
    taxes: list[LineTaxWhy]


class Step(TypedDict):
    """One step on the way from the lines of an invoice to what is due."""

    what: str
    amount: int


class InvoiceWhy(TypedDict):
    """An invoice, and why it comes to its total. Amounts are in the currency's smallest unit."""

    invoice: str
    status: str
    currency: str
    subtotal: int
    """The sum of the amounts of the lines, less the discounts of lines."""
    total: int
    amount_due: int
    lines: list[LineWhy]
    steps: list[Step]
    """From the sum of the lines to what is due, without those that change nothing."""


class UsageDifference(TypedDict):
    """Usage that is not as expected."""

    customer: str
    meter: str
    event_name: str
    day: str
    """The day, if the expectation is by day; else empty."""
    got: int | float
    expected: int | float
    named: bool
    """Whether the expectation names this meter."""
    told: str


class UsageDifferences(TypedDict):
    """Where usage is not as expected."""

    differences: list[UsageDifference]
    told: list[str]
    """Lines for people: the first differences, and the events that may explain them."""
