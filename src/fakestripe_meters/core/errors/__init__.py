"""Every error that Stripe answers with: one function for each sentence.

The marks of `core/sources.py` say where the words come from: *observed* and *documented* ones are Stripe's own,
*inferred* ones are ours.
"""

from fakestripe_meters.core.errors import billing_cycles
from fakestripe_meters.core.errors import billing_modes
from fakestripe_meters.core.errors import charges
from fakestripe_meters.core.errors import checkout
from fakestripe_meters.core.errors import credit_notes
from fakestripe_meters.core.errors import credits  # noqa: A004  a module, not the interpreter's credits
from fakestripe_meters.core.errors import discounts
from fakestripe_meters.core.errors import invoices
from fakestripe_meters.core.errors import metering
from fakestripe_meters.core.errors import objects
from fakestripe_meters.core.errors import params
from fakestripe_meters.core.errors import pausing
from fakestripe_meters.core.errors import payment_methods
from fakestripe_meters.core.errors import payment_pages
from fakestripe_meters.core.errors import payments
from fakestripe_meters.core.errors import pending_updates
from fakestripe_meters.core.errors import portal
from fakestripe_meters.core.errors import previews
from fakestripe_meters.core.errors import prices
from fakestripe_meters.core.errors import requests
from fakestripe_meters.core.errors import searching
from fakestripe_meters.core.errors import setup_intents
from fakestripe_meters.core.errors import subscription_items
from fakestripe_meters.core.errors import subscription_schedules
from fakestripe_meters.core.errors import subscriptions
from fakestripe_meters.core.errors import taxes
from fakestripe_meters.core.errors import test_clocks
from fakestripe_meters.core.errors import unserved
from fakestripe_meters.core.errors import v2
from fakestripe_meters.core.errors.error import NOT_SERVED
from fakestripe_meters.core.errors.error import OUR_CODES
from fakestripe_meters.core.errors.error import Conflict
from fakestripe_meters.core.errors.error import Misuse
from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.errors.error import either
from fakestripe_meters.core.errors.error import instead
from fakestripe_meters.core.errors.error import quoted
from fakestripe_meters.core.errors.error import shortened

__all__ = [
    "NOT_SERVED",
    "OUR_CODES",
    "Conflict",
    "Misuse",
    "StripeError",
    "billing_cycles",
    "billing_modes",
    "charges",
    "checkout",
    "credit_notes",
    "credits",
    "discounts",
    "either",
    "instead",
    "invoices",
    "metering",
    "objects",
    "params",
    "pausing",
    "payment_methods",
    "payment_pages",
    "payments",
    "pending_updates",
    "portal",
    "previews",
    "prices",
    "quoted",
    "requests",
    "searching",
    "setup_intents",
    "shortened",
    "subscription_items",
    "subscription_schedules",
    "subscriptions",
    "taxes",
    "test_clocks",
    "unserved",
    "v2",
]
