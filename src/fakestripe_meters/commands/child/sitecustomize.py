"""Lead the calls of this process to Stripe's hosts to the server of `fakestripe-meters run`.

`run` has every Python below it import this at its start. That Python may have neither this package nor its version, so
this module needs nothing but the standard library of Python 3.9, and it imports nothing that the program itself does
not import: each library is changed when it was imported. A connection to one of Stripe's hosts becomes one to the
server, without TLS and without a proxy.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # to import `typing` takes longer than all else here
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

VARIABLE = "FAKESTRIPE_URL"
HOSTS = frozenset({"api.stripe.com", "connect.stripe.com", "files.stripe.com", "meter-events.stripe.com"})
DOMAIN = "stripe.com"
REFUSED = "fakestripe-meters run: {} is Stripe's, and this way to call it does not lead to the fake"
NODELAY = 1
NAME = "sitecustomize"
DIRECT = "_fakestripe_direct"
"""Where a transport of httpx over a proxy keeps one without."""


def server() -> tuple[str, int]:
    """Return host and port of the server: the program may have changed the variable meanwhile."""
    host, _, port = os.environ.get(VARIABLE, START).partition("://")[2].rstrip("/").rpartition(":")
    return host.strip("[]"), int(port)


def _plain(host: Any) -> str:  # noqa: ANN401  as libraries have it
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    return host.lower().rstrip(".") if isinstance(host, str) else ""


def answered(host: Any) -> bool:  # noqa: ANN401  as above
    """Return whether the server answers for a host."""
    return _plain(host) in HOSTS


def change_socket(module: Any) -> None:  # noqa: ANN401  each library's own
    """Refuse to look one of Stripe's hosts up: what asks for its address is about to call the real one."""
    original = module.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401  passed on
        plain = _plain(host)
        if plain == DOMAIN or plain.endswith("." + DOMAIN):
            raise module.gaierror(module.EAI_FAIL, REFUSED.format(plain))
        return original(host, *rest, **named)

    module.getaddrinfo = getaddrinfo


def change_connections(module: Any) -> None:  # noqa: ANN401  as above
    """Change `connect` of `http.client`, which `urllib.request` uses, or of urllib3, which requests uses."""
    for owner in (module.HTTPConnection, module.HTTPSConnection):
        owner.connect = _connecting(owner.connect)


def _connecting(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def connect(connection: Any) -> None:  # noqa: ANN401  of either library
        if not answered(getattr(connection, "_tunnel_host", None) or connection.host):  # else a proxy's would count
            original(connection)
            return
        import socket  # it was imported by then

        timeout = connection.timeout
        known = timeout is None or isinstance(timeout, (int, float))  # urllib3 has a mark for "as usual"
        connection.sock = socket.create_connection(server(), *([timeout] if known else []))
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, NODELAY)
        if hasattr(connection, "is_verified"):  # urllib3 would warn that nobody has seen a certificate
            connection.is_verified = True

    return connect


def change_httpx(module: Any) -> None:  # noqa: ANN401  as above
    """Change what httpx, and its successor, send requests through."""
    plain, plain_async = module.HTTPTransport, module.AsyncHTTPTransport
    handle, handle_async = plain.handle_request, plain_async.handle_async_request

    def handle_request(transport: Any, request: Any) -> Any:  # noqa: ANN401  passed on
        if not answered(request.url.host):
            return handle(transport, request)
        return handle(_direct(transport, plain), _to_server(module, request))

    async def handle_async_request(transport: Any, request: Any) -> Any:  # noqa: ANN401  passed on
        if not answered(request.url.host):
            return await handle_async(transport, request)
        return await handle_async(_direct(transport, plain_async), _to_server(module, request))

    plain.handle_request, plain_async.handle_async_request = handle_request, handle_async_request


def _to_server(module: Any, request: Any) -> Any:  # noqa: ANN401  httpx's
    host, port = server()
    url = request.url.copy_with(scheme="http", host=host, port=port)
    stream, extensions = request.stream, request.extensions
    return module.Request(request.method, url, headers=request.headers, stream=stream, extensions=extensions)


def _direct(transport: Any, make: Any) -> Any:  # noqa: ANN401  httpx's
    """Return a transport without a proxy: the same one, or one that it keeps."""
    if "Proxy" not in type(transport._pool).__name__:  # noqa: SLF001  nothing else tells
        return transport
    if not hasattr(transport, DIRECT):
        setattr(transport, DIRECT, make())
    return getattr(transport, DIRECT)


def change_aiohttp(module: Any) -> None:  # noqa: ANN401  as above
    """Change how a connector of aiohttp opens a connection."""
    original = module.TCPConnector._create_connection  # noqa: SLF001  there is no other place

    async def create(connector: Any, request: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401  passed on
        if not answered(request.url.host):
            return await original(connector, request, *rest, **named)
        import asyncio  # it was imported by then

        connecting = asyncio.get_running_loop().create_connection(connector._factory, *server())  # noqa: SLF001  as the original
        _, protocol = await connecting
        return protocol

    module.TCPConnector._create_connection = create  # noqa: SLF001  as above


def change_stripe(module: Any) -> None:  # noqa: ANN401  as above
    """Change the SDK: retries come at once, and its client over pycurl, which connects outside of Python, is led."""
    module.HTTPClient.INITIAL_DELAY = 0
    for name in ("request", "request_stream"):
        setattr(module.PycurlClient, name, _asking(getattr(module.PycurlClient, name)))


def _asking(original: Callable[..., Any]) -> Callable[..., Any]:
    def ask(client: Any, method: Any, url: str, *rest: Any, **named: Any) -> Any:  # noqa: ANN401  passed on
        scheme, _, target = url.partition("://")
        host, slash, path = target.partition("/")
        if answered(host.partition(":")[0]) and scheme == "https":
            url = os.environ.get(VARIABLE, START).rstrip("/") + slash + path
        return original(client, method, url, *rest, **named)

    return ask


CHANGES: dict[str, Callable[[Any], None]] = {
    "socket": change_socket,
    "http.client": change_connections,
    "urllib3.connection": change_connections,
    "httpx": change_httpx,
    "httpx2": change_httpx,
    "aiohttp.connector": change_aiohttp,
    "stripe._http_client": change_stripe,
    "stripe.http_client": change_stripe,
}
"""What is done to each module once it is imported. The last is what the SDK's had been called until version 7."""


class Watch:
    """Finds these modules as the other finders do, and has them changed once they are loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:  # noqa: ANN401  as importlib has it
        """Return what the next finder finds, with a loader that also changes the module."""
        if name not in CHANGES:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = Watched(spec.loader)
                return spec
        return None


class Watched:
    """Loads a module as its own loader does, and leaves no trace in it."""

    def __init__(self, own: Any) -> None:  # noqa: ANN401  any loader
        self._own = own

    def create_module(self, spec: Any) -> ModuleType | None:  # noqa: ANN401  as importlib has it
        """Return what its own loader makes."""
        made: ModuleType | None = self._own.create_module(spec)
        return made

    def exec_module(self, module: Any) -> None:  # noqa: ANN401  as importlib has it
        """Run the module, and change it."""
        module.__spec__.loader = module.__loader__ = self._own
        self._own.exec_module(module)
        change(module.__name__, module)


def change(name: str, module: ModuleType) -> None:
    """Change a module; leave one of another version as it is, whose calls to Stripe are then refused."""
    try:
        CHANGES[name](module)
    except AttributeError:
        return


def begin() -> None:
    """Change the modules that are there already, and those to come."""
    for name in CHANGES:
        if name in sys.modules:
            change(name, sys.modules[name])
    sys.meta_path.insert(0, Watch())


def go_on() -> None:
    """Run the `sitecustomize` that this one stands in front of, as if this one were not there."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  pathlib is not imported yet
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != here]  # noqa: PTH100  as above
    own = sys.modules.pop(NAME, None)
    sys.path_importer_cache.pop(here, None)
    try:
        import sitecustomize  # type: ignore[import-not-found]  # noqa: F401  the next one
    except ModuleNotFoundError as missing:
        if missing.name != NAME:
            raise
        if own is not None:
            sys.modules[NAME] = own  # something may ask for it


START = os.environ.get(VARIABLE, "")
if START and __name__ == NAME:
    begin()
if __name__ == NAME:
    go_on()
