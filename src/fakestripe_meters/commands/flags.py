"""The flags of the commands, besides the options of `FakeStripe`."""

from pathlib import Path

from fakestripe_meters.core.option import Option
from fakestripe_meters.core.option import switch

PORT = 12111
HTTPS_PORT = 443
HIGHEST_PORT = 65_535
STRIPE = "https://api.stripe.com"


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= HIGHEST_PORT:
        raise ValueError
    return port


_port.__name__ = "port"  # what argparse calls a wrong one


SERVE_ONLY = {
    "host": Option("Listen on this address.", "127.0.0.1", metavar="ADDRESS"),
    "port": Option("Listen on this port; 0 picks a free one.", PORT, metavar="PORT", read=_port),
    "tls": Option(
        f"Also serve Stripe's own host names over HTTPS, on this port ({HTTPS_PORT} if you name none).",
        None,
        metavar="PORT",
        read=_port,
        bare=HTTPS_PORT,
    ),
    "tls_ca": Option(
        "Keep the certificate authority of `--tls` in this file, and its key in FILE.key, so that clients trust it "
        "once. Both are made if they are missing. By default each start has a new one.",
        None,
        metavar="FILE",
        read=Path,
    ),
    "elsewhere": Option(
        "Pass calls that are not served on to the server at this address, such as stripe-mock or a recorder.",
        None,
        metavar="URL",
    ),
    "fixtures": Option(
        "Send the requests of this fixture file before listening, or those of a ready-made world by its name, such as "
        "llm_tokens.",
        (),
        metavar="FILE",
        repeats=True,
    ),
    "log": switch("Print a line on stderr for each request to Stripe's API, with its answer."),
}
"""The flags of `serve` and `run` that are no options of `FakeStripe`."""
RUN_DIFFERS = {"port": SERVE_ONLY["port"]._replace(default=0)}
"""What `run` has other defaults for: several may run at a time."""
COMPARE = {
    "against": Option("Compare with the server at this address.", STRIPE, metavar="URL"),
    "only": Option("Have only this chapter of the conversation.", (), metavar="CHAPTER", repeats=True),
    "out": Option("Write the result to this new file as JSON, to send it in.", None, metavar="FILE", read=Path),
}
RECORD = {
    "out": Option("Write what is said to this new file as JSON. Required.", None, metavar="FILE", read=Path),
    "port": SERVE_ONLY["port"],
    "to": Option("Pass requests on to the server at this address.", STRIPE, metavar="URL"),
}
