"""What is said in the conversation, one module for each subject. The steps are data, and say what they ask."""

from fakestripe_meters.comparing.chapters.adjusting import ADJUSTMENTS
from fakestripe_meters.comparing.chapters.billing import BILLING
from fakestripe_meters.comparing.chapters.billing import PRICES
from fakestripe_meters.comparing.chapters.crediting import ALERTS
from fakestripe_meters.comparing.chapters.crediting import CREDITS
from fakestripe_meters.comparing.chapters.metering import COMMON
from fakestripe_meters.comparing.chapters.metering import EVENTS
from fakestripe_meters.comparing.chapters.metering import METERS
from fakestripe_meters.comparing.chapters.summing import ANALYTICS
from fakestripe_meters.comparing.chapters.summing import SUMMARIES
from fakestripe_meters.comparing.steps import Chapter

CHAPTERS = (
    Chapter("common", COMMON),
    Chapter("meters", METERS),
    Chapter("events", EVENTS),
    Chapter("adjustments", ADJUSTMENTS),
    Chapter("summaries", SUMMARIES),
    Chapter("analytics", ANALYTICS),
    Chapter("prices", PRICES),
    Chapter("credits", CREDITS),
    Chapter("alerts", ALERTS),
    Chapter("billing", BILLING),
)
"""In the order of the conversation; the one that waits for a test clock comes last."""
