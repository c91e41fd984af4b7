"""Other vendors' ingestion: the calls by which programs report usage to them, counted in the same ledger as Stripe's.

Each vendor is a module with one `VENDOR`. None is loaded before the first call to it.
"""

from importlib import import_module

from fakestripe_meters.core.site import VENDORS
from fakestripe_meters.vendors.vendor import Vendor

NAMES = ("chargebee", "metronome", "openmeter", "orb", "paddle", "recurly")
"""The modules. Each is also the first segment of the vendor's paths below `/_vendors/`."""


def named(name: str) -> Vendor | None:
    """Return a vendor; None if there is none of that name."""
    if name not in NAMES:
        return None
    vendor: Vendor = import_module(f"{__name__}.{name}").VENDOR
    return vendor


def calls() -> list[tuple[str, str]]:
    """Return the method and the path of every call that is served, with `*` for what varies."""
    vendors = [vendor for name in NAMES if (vendor := named(name)) is not None]
    return [(call.method, f"{VENDORS}/{vendor.name}{call.path}") for vendor in vendors for call in vendor.calls]
