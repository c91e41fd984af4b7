"""A fake Stripe that counts usage like Stripe does."""

from fakestripe_meters.core.clock import Clock
from fakestripe_meters.core.errors import Misuse
from fakestripe_meters.fake import FakeStripe

__all__ = ["Clock", "FakeStripe", "Misuse", "__version__"]

__version__ = "0.1.0"
