"""The server, the application and the control plane, over whichever Flask and Werkzeug there are."""

import json
import subprocess
import sys
from collections.abc import Iterable
from http.client import HTTPConnection
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import httpx
import requests
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from fakestripe_meters import FakeStripe
from tests.matrix.scenarios.steps import Steps

KEY = "sk_test_matrix"
NOW = 1_735_689_600
FORM = "application/x-www-form-urlencoded"

steps = Steps()


class Caller:
    """One connection, kept alive."""

    def __init__(self, url: str) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=30)

    def __call__(
        self, method: str, path: str, body: str | bytes | Iterable[bytes] = b"", **headers: str
    ) -> tuple[int, Any]:
        sent = {"Authorization": f"Bearer {KEY}", "Content-Type": FORM, **headers}
        self.connection.request(method, path, body, sent, encode_chunked=not isinstance(body, str | bytes))
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())


def loopback() -> None:
    with FakeStripe(now=NOW, seed=1) as fake:
        call = Caller(fake.url)
        with steps("loopback: a kept connection"):
            status, customer = call("POST", "/v1/customers", "name=Ada%20%C5%81")
            port = call.connection.sock.getsockname()
            assert (status, customer["name"]) == (200, "Ada Ł")
            assert call("GET", f"/v1/customers/{customer['id']}")[0] == 200
            assert call("DELETE", f"/v1/customers/{customer['id']}")[1]["deleted"] is True
            assert call.connection.sock.getsockname() == port
        with steps("loopback: refusals"):
            assert call("GET", "/v1/nothing")[0] == 404
            assert call("GET", "/v1//customers")[0] == 404
            assert call("GET", "/v1/customers/")[0] == 404
            assert call("OPTIONS", "/v1/customers")[1]["error"]["type"] == "invalid_request_error"
            assert call("GET", "/v1/customers/cus%5F%C3%A9")[1]["error"]["message"] == "No such customer: 'cus_é'"
            assert call("GET", "/v1/customers", Authorization="Bearer sk_live_no")[0] == 401
        with steps("loopback: a body in chunks"):
            chunks = {"Transfer-Encoding": "chunked"}
            assert call("POST", "/v1/customers", iter([b"name=", b"Grace"]), **chunks)[1]["name"] == "Grace"
        with steps("loopback: a dropped connection, and a late answer"):
            fake.fail_next("POST /v1/customers", close=True)
            try:
                call("POST", "/v1/customers")
            except (HTTPException, ConnectionError):
                call.connection.close()
            else:
                raise AssertionError("it was answered")
            fake.fail_next("POST /v1/customers", delay=0.05)
            assert call("POST", "/v1/customers")[0] == 200
        with steps("control plane"):
            control_plane(call)
        call.connection.close()
        assert fake.engine.failures == []


def control_plane(call: Caller) -> None:
    def ask(method: str, path: str, /, **fields: object) -> Any:  # noqa: ANN401  any JSON tree
        body = json.dumps(fields) if fields else ""
        status, tree = call(method, f"/_fakestripe{path}", body, **{"Content-Type": "application/json"})
        assert status == 200, tree
        return tree

    assert ask("GET", "/health")["status"] == "ok"
    assert ask("POST", "/clock", advance=3600) == {"now": NOW + 3600, "frozen": True} == ask("GET", "/clock")
    assert ask("PUT", "/limits", profile="sandbox") == ask("GET", "/limits")
    assert ask("PUT", "/lag", seconds=0) == ask("GET", "/lag") == {"seconds": 0}
    assert ask("POST", "/flush") == {}
    assert ask("POST", "/faults", method="GET", path="/v1/customers", status=500)["status"] == 500
    assert len(ask("GET", "/faults")["data"]) == 1
    assert call("GET", "/v1/customers")[0] == 500
    assert ask("DELETE", "/faults") == {}
    assert ask("GET", "/journal?limit=1")["data"][0]["status"] == 500
    assert ask("GET", "/dropped") == {"data": []}
    assert ask("GET", "/fidelity")
    assert ask("GET", "/openapi.json")["openapi"]
    world = ask("GET", "/snapshot")
    assert ask("POST", "/reset") == {}
    assert call("GET", "/v1/customers")[1]["data"] == []
    assert ask("PUT", "/snapshot", **world) == {}
    assert call("GET", "/v1/customers")[1]["data"] != []
    assert call("POST", "/_fakestripe/clock", '{"wrong": 1}')[0] == 400
    assert call("GET", "/_fakestripe/health", Origin="https://example.com")[0] == 403
    assert call("GET", "/_fakestripe/nothing")[0] == 404


def application() -> None:
    with steps("the application beside another"), FakeStripe(now=NOW) as fake:
        nowhere = FakeStripe(now=NOW).wsgi_app
        client = Client(DispatcherMiddleware(nowhere, {"/stripe": fake.wsgi_app}))
        made = client.post("/stripe/v1/customers", data={"name": "Ada"}, headers={"Authorization": f"Bearer {KEY}"})
        assert made.status_code == 200, made.data
        assert fake.journal[-1].path == "/v1/customers"


def command() -> None:
    with steps("the command `serve`"):
        arguments = [sys.executable, "-I", "-m", "fakestripe_meters", "serve", "--port", "0", "--seed", "1"]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            call = Caller(process.stdout.readline().split()[-1])
            assert call("POST", "/v1/customers", "name=Ada")[0] == 200
            call.connection.close()
            process.terminate()
        assert process.returncode == 0


def intercepted() -> None:
    url = "https://api.stripe.com/v1/customers"
    with FakeStripe(now=NOW) as fake, fake.intercept():
        with steps("requests, intercepted"):
            assert requests.post(url, {"name": "Ada"}, auth=(KEY, ""), timeout=30).json()["name"] == "Ada"
        with steps("httpx, intercepted"):
            assert httpx.get(url, auth=(KEY, "")).json()["data"][0]["name"] == "Ada"
        with steps("its own server meanwhile"):
            assert requests.get(f"{fake.url}/v1/customers", auth=(KEY, ""), timeout=30).json()["data"]


if __name__ == "__main__":
    loopback()
    application()
    command()
    intercepted()
    steps.report()
