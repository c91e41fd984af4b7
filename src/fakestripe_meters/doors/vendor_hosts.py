"""Other vendors' host names: those for which the fake answers where calls are intercepted, and whose they are."""

HOSTS = {
    "api.metronome.com": "metronome",
    "api.paddle.com": "paddle",
    "api.withorb.com": "orb",
    "openmeter.cloud": "openmeter",
    "sandbox-api.paddle.com": "paddle",
}
"""The vendors, as the modules of `vendors/` are called."""
ENDINGS = {
    ".chargebee.com": "chargebee",
    ".recurly.com": "recurly",
}
"""The same, for vendors whose hosts all end alike, such as `.example.com`."""


def vendor_at(host: str) -> str | None:
    """Return the vendor whose host has a name, which is in lower case; None if it is nobody's."""
    vendor = HOSTS.get(host)
    if vendor is None and ENDINGS:
        return next((vendor for ending, vendor in ENDINGS.items() if host.endswith(ending)), None)
    return vendor
