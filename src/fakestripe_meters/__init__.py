"""A fake Stripe that counts usage like Stripe does.

In a pytest test, name the fixture `fakestripe`:

    def test_it(fakestripe: FakeStripe) -> None:
        my_code_that_calls_stripe()
        fakestripe.assert_usage({"cus_123": {"tokens": 120}})

Elsewhere, make one yourself:

    with FakeStripe(now="2025-01-01T00:00:00Z") as fake, fake.intercept():
        my_code_that_calls_stripe()
        print(fake.journal)

The other names are the types of what a `FakeStripe` returns, raises and takes, for annotations.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.errors import Conflict
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.core.journal import Exchange
from fakestripe_meters.core.journal import Exchanges
from fakestripe_meters.core.options import MarkerOptions
from fakestripe_meters.core.options import Options
from fakestripe_meters.core.progress import Progress
from fakestripe_meters.fake import FakeStripe

if TYPE_CHECKING:
    from fakestripe_meters.control.answers import AccountSummary
    from fakestripe_meters.control.answers import Import
    from fakestripe_meters.control.answers import Scheduled
    from fakestripe_meters.control.bucket import BucketState
    from fakestripe_meters.control.key_answers import RestrictedKey
    from fakestripe_meters.core.intake import Dropped
    from fakestripe_meters.core.stubs import Stub
    from fakestripe_meters.core.stubs import StubbedCall
    from fakestripe_meters.core.unstruck import Unstruck
    from fakestripe_meters.core.unstruck import Unstrucks
    from fakestripe_meters.delivery.handlers import Handler
    from fakestripe_meters.delivery.handlers import HandlerFailed
    from fakestripe_meters.delivery.inbox import Inbox
    from fakestripe_meters.delivery.inbox import Unheard
    from fakestripe_meters.delivery.notification import Notification
    from fakestripe_meters.delivery.outcome import Outcome
    from fakestripe_meters.delivery.traffic import Try
    from fakestripe_meters.delivery.webhooks import Webhooks
    from fakestripe_meters.explaining.billing import Billing
    from fakestripe_meters.explaining.billing import BillingExplanation
    from fakestripe_meters.explaining.explained import Explained
    from fakestripe_meters.explaining.explained import Explanation
    from fakestripe_meters.explaining.invoices import BilledEvent
    from fakestripe_meters.explaining.invoices import Credit
    from fakestripe_meters.explaining.invoices import ExplainedLine
    from fakestripe_meters.explaining.invoices import InvoiceExplanation
    from fakestripe_meters.explaining.sums import Steps
    from fakestripe_meters.explaining.sums import TakenOff
    from fakestripe_meters.explaining.sums import Taxed

__all__ = [
    "AccountSummary",
    "BilledEvent",
    "Billing",
    "BillingExplanation",
    "BucketState",
    "Clock",
    "Conflict",
    "Credit",
    "Dropped",
    "Exchange",
    "Exchanges",
    "Explained",
    "ExplainedLine",
    "Explanation",
    "FakeStripe",
    "Handler",
    "HandlerFailed",
    "Import",
    "Inbox",
    "InvoiceExplanation",
    "MarkerOptions",
    "Misuse",
    "Notification",
    "Options",
    "Outcome",
    "Progress",
    "RestrictedKey",
    "Scheduled",
    "Steps",
    "Stub",
    "StubbedCall",
    "TakenOff",
    "Taxed",
    "Try",
    "Unheard",
    "Unstruck",
    "Unstrucks",
    "Webhooks",
    "When",
    "__version__",
]

__version__ = "0.1.0"

_LOADED_LATE = {
    "control.answers": ("AccountSummary", "Import", "Scheduled"),
    "control.key_answers": ("RestrictedKey",),
    "control.bucket": ("BucketState",),
    "core.intake": ("Dropped",),
    "core.stubs": ("Stub", "StubbedCall"),
    "core.unstruck": ("Unstruck", "Unstrucks"),
    "delivery.handlers": ("Handler", "HandlerFailed"),
    "delivery.inbox": ("Inbox", "Unheard"),
    "delivery.notification": ("Notification",),
    "delivery.sending": ("Outcome",),
    "delivery.traffic": ("Try",),
    "delivery.webhooks": ("Webhooks",),
    "explaining.explained": ("Explained", "Explanation"),
    "explaining.billing": ("Billing", "BillingExplanation"),
    "explaining.invoices": ("BilledEvent", "Credit", "ExplainedLine", "InvoiceExplanation"),
    "explaining.sums": ("Steps", "TakenOff", "Taxed"),
}
"""The modules that an import of this package does not wait for, with the names above that they define."""

if not TYPE_CHECKING:  # a type checker would take every misspelt name for one that is found here

    def __getattr__(name: str) -> object:
        """Return what is defined in a module that is loaded late."""
        for module, names in _LOADED_LATE.items():
            if name in names:
                found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
                return found
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)

    def __dir__() -> list[str]:
        """Return all names, also those that were not loaded yet."""
        return sorted({*globals(), *__all__})
