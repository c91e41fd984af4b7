"""Who is connecting: the HTTP library that the stack shows, and the line that called it."""

import sys
from traceback import walk_stack

CLIENTS = (
    "aiohttp",
    "http.client",
    "httpcore",
    "httpcore2",
    "httplib2",
    "httpx",
    "httpx2",
    "requests",
    "tornado",
    "trio",
    "urllib.request",
    "urllib3",
    "websockets",
)
"""Libraries that are named. One that calls another is named instead of it."""
RUNNERS = {"asyncio.events": "asyncio", "threading": "a thread", "trio._core._run": "trio"}
"""What runs a task or a thread, and how it is called if the stack shows nothing before it."""
BETWEEN = frozenset({"aiohappyeyeballs", "anyio", "fakestripe_meters", "sniffio"})
"""Neither a client nor a caller, as the standard library."""


def caller() -> tuple[str, str]:
    """Return the name of the client, and where it was called, as in " (in app, line 12)", if the stack shows it."""
    client = ""
    for frame, line in walk_stack(None):
        module = str(frame.f_globals.get("__name__", ""))
        package = module.partition(".")[0]
        if module in RUNNERS:
            return client or RUNNERS[module], ""
        if (found := _client(module)) is not None:
            client = found
        elif package not in BETWEEN and package not in sys.stdlib_module_names:
            return client or module, f" (in {module}, line {line})" if client else f" (line {line})"
    return client or "this process", ""


def _client(module: str) -> str | None:
    return next((client for client in CLIENTS if module == client or module.startswith(f"{client}.")), None)
