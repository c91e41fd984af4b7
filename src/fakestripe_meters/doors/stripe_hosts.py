"""Stripe's host names: those that the fake answers for, and how to tell that a name is one of Stripe's."""

HOSTS = ("api.stripe.com", "connect.stripe.com", "files.stripe.com", "meter-events.stripe.com")
"""Answered for, if calls are intercepted, or sent to the fake over HTTPS."""
DOMAIN = "stripe.com"


def stripes_host(name: object) -> str | None:
    """Return a host name in its plain form if it is one of Stripe's, whether or not the fake answers for it."""
    plain = _plain(name)
    return plain if plain == DOMAIN or plain.endswith(f".{DOMAIN}") else None


def _plain(name: object) -> str:
    """Return a name as resolvers compare it: in lower case, in ASCII, without the dot at its end."""
    try:
        if isinstance(name, bytes | bytearray):
            name = name.decode("ascii")
        if not isinstance(name, str):
            return ""
        if not name.isascii():
            name = name.encode("idna").decode()
    except UnicodeError:  # no host has such a name
        return ""
    return name.lower().removesuffix(".")
