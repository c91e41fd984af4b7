"""The emulated API as a Flask application, and the control plane under `/_fakestripe/`."""

import json
import logging
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol
from urllib.parse import quote

from flask import Flask
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException

from fakestripe_meters.control import Control
from fakestripe_meters.engine import LARGEST_BODY
from fakestripe_meters.engine import Engine
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Served(Protocol):
    """What the application is a door to: a FakeStripe, or the like of it."""

    @property
    def engine(self) -> Engine: ...
    @property
    def control(self) -> Control: ...


def create_app(fake: Served) -> Flask:
    app = Flask("fakestripe_meters", static_folder=None)
    engine = fake.engine

    def answer(**_path: str) -> Response:
        environ = request.environ
        r = engine.handle(_request(environ))
        return Response(r.body, r.status, r.headers)
    for each in engine.routes.every:
        app.add_url_rule(each.rule, each.name, answer, methods=[each.method], provide_automatic_options=False)
    app.register_error_handler(HTTPException, lambda _e: answer())
    return app

def _request(environ):
    names = ((k[5:].replace("_","-"), v) for k, v in environ.items() if k.startswith("HTTP_"))
    headers = Headers([*names, ("Content-Type", environ.get("CONTENT_TYPE",""))])
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], headers, body)
