"""Stripe's objects: the path of a module is the path of its URL, and each is one line here."""

from functools import cache
from importlib import import_module

from fakestripe_meters.resources._endpoint import Registry

__all__ = ["MODULES", "Registry", "registry"]

MODULES = (
    "customers",
    "events",
    "billing.meters",
    "billing.meter_events",
    "billing.meter_event_adjustments",
    "billing.event_summaries",
    "billing.analytics.meter_usage",
)


@cache
def registry() -> Registry:
    """What all modules declare; each has its `resource`."""
    modules = [import_module(f"fakestripe_meters.resources.{name}") for name in MODULES]
    return Registry(tuple(module.resource for module in modules))
