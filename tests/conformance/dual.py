"""The same exchanges with two Stripes: the fake, and the real one when there is a test key for it.

    FAKESTRIPE_DUAL_KEY=sk_test_... python tests/conformance/dual.py [FILE ...]

A file has the Stripe CLI's own fixture format; without one, `exchanges/metering.json` is run, which leaves behind a
deleted customer and an inactive meter. What is told is where the two differ once ids, times and addresses are left out.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from collections.abc import Iterator
from difflib import unified_diff
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from fakestripe_meters import FakeStripe  # noqa: E402  the path comes first
from fakestripe_meters.wire.message import Headers  # noqa: E402  likewise
from fakestripe_meters.wire.message import Request  # noqa: E402  likewise
from tests.conformance.oracle import base  # noqa: E402  likewise
from tests.conformance.oracle import load  # noqa: E402  likewise
from tests.conftest import encoded  # noqa: E402  likewise

VARIABLE = "FAKESTRIPE_DUAL_KEY"
TEST_KEYS = ("sk_test_", "rk_test_")
EXCHANGES = HERE / "exchanges"
REFERENCE = re.compile(r"\$\{(\w+):([\w.]+)\}")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
ID = re.compile(r"\b(?!v1_)[a-z]{2,10}(?:_test)?_(?=\w*[0-9A-Z])\w{14,}\b")
INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z|\b1[6-9]\d{8}\b")
LATELY = range(1_600_000_000, 4_000_000_000)
LEFT_OUT = {"authentication_token", "request_log_url", "invoice_prefix", "user_message"}
Json = Any
Send = Callable[[str, str, Json], tuple[int, Json]]
"""Method, path and parameters to a status and a tree."""


def written(method: str, path: str, params: Json, key: str, version: str) -> tuple[str, bytes, dict[str, str]]:
    """The target, body and headers of a request, as an SDK would write them."""
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": version}
    if method != "POST":
        query = encoded(params).decode()
        return f"{path}?{query}" if query else path, b"", headers
    in_json = path.startswith("/v2/")
    headers["Content-Type"] = "application/json" if in_json else "application/x-www-form-urlencoded"
    return path, json.dumps(params).encode() if in_json else encoded(params), headers


def to_fake(fake: FakeStripe, version: str) -> Send:
    def send(method: str, path: str, params: Json) -> tuple[int, Json]:
        target, body, headers = written(method, path, params, fake.api_key, version)
        where, _, query = target.partition("?")
        response = fake.engine.handle(Request(method, where, query, Headers(headers), body))
        return response.status, json.loads(response.body)

    return send


def to_stripe(key: str, version: str) -> Send:
    """The real one; nothing but a test key is ever sent there."""
    if not key.startswith(TEST_KEYS):
        raise ValueError(f"{VARIABLE} must be a key of test mode")
    connection = HTTPSConnection("api.stripe.com", timeout=60)

    def send(method: str, path: str, params: Json) -> tuple[int, Json]:
        target, body, headers = written(method, path, params, key, version)
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    return send


def outcomes(send: Send, path: Path, run: str) -> Iterator[tuple[str, list[str]]]:
    """Each exchange of a file by its name, and what it came to, as comparable lines."""
    answers: dict[str, Json] = {"run": {"id": run}}
    for step in json.loads(path.read_text("utf-8"))["fixtures"]:
        method, target = step["method"].upper(), filled(step["path"], answers)
        status, answers[step["name"]] = send(method, target, filled(step.get("params", {}), answers))
        tree = normal(answers[step["name"]], run)
        yield step["name"], [f"{status}", *json.dumps(tree, indent=1, sort_keys=True).splitlines()]


def filled(tree: Json, answers: dict[str, Json]) -> Json:
    """The same with what the references stand for."""
    if isinstance(tree, dict):
        return {name: filled(each, answers) for name, each in tree.items()}
    if isinstance(tree, list):
        return [filled(each, answers) for each in tree]
    return REFERENCE.sub(lambda match: looked_up(answers[match[1]], match[2]), tree) if isinstance(tree, str) else tree


def looked_up(tree: Json, path: str) -> str:
    for name in path.split("."):
        tree = tree[name]
    return str(tree)


def normal(tree: Json, run: str) -> Json:
    """The same without what differs from one run to the next."""
    if isinstance(tree, dict):
        return {name: normal(each, run) for name, each in tree.items() if name not in LEFT_OUT}
    if isinstance(tree, list):
        return [normal(each, run) for each in tree]
    if isinstance(tree, str):
        return INSTANT.sub("TIME", ID.sub("ID", UUID.sub("ID", tree.replace(run, "RUN"))))
    return "TIME" if type(tree) is int and tree in LATELY else tree


def differences(ours: Send, theirs: Send, path: Path) -> list[str]:
    """Where two Stripes do not agree about a file's exchanges."""
    run = uuid4().hex[:12]
    return [
        line
        for (name, mine), (_, real) in zip(outcomes(ours, path, run), outcomes(theirs, path, run), strict=True)
        for line in unified_diff(real, mine, f"{name} as Stripe answers", f"{name} as the fake answers", lineterm="")
    ]


def main(paths: list[Path]) -> int:
    key = os.environ.get(VARIABLE, "")
    if not key:
        sys.stderr.write(f"{VARIABLE} is not set: there is nothing to compare with\n")
        return 2
    version, found = load(base()).api_version, list[str]()
    for path in paths or sorted(EXCHANGES.glob("*.json")):
        found += differences(to_fake(FakeStripe(), version), to_stripe(key, version), path)
    sys.stdout.write("\n".join([*found, f"{len(found)} lines of difference", ""]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main([Path(each) for each in sys.argv[1:]]))
