"""A server loads Flask when the control plane or a page is first asked for, and not before."""

import subprocess
import sys

ASK = """
import sys
from http.client import HTTPConnection

from fakestripe_meters.commands.serving import serving

def ask(method, path):
    connection.request(method, path, headers={"Authorization": "Bearer sk_test_fakestripe"})
    answer = connection.getresponse()
    answer.read()
    loaded = sorted({"flask", "werkzeug", "fakestripe_meters.control"} & set(sys.modules))
    print(answer.status, *loaded)

with serving({"host": "127.0.0.1", "port": 0}) as (served, _):
    connection = HTTPConnection(served.url.removeprefix("http://"))
    ask("POST", "/v1/customers")
    ask("GET", "/v1/unicorns")
    ask("GET", "/_fakestripe/health")
    ask("GET", "/unicorns")
    connection.close()
"""


def test_stripes_paths_are_answered_without_flask() -> None:
    said = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert said.stderr == ""
    assert said.stdout.splitlines() == [
        "200",
        "404",
        "200 fakestripe_meters.control flask werkzeug",
        "404 fakestripe_meters.control flask werkzeug",
    ]
