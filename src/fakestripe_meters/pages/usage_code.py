"""A question about usage as a program: for curl, for Python, and for Node."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from fakestripe_meters.core.account import API_VERSION
from fakestripe_meters.pages.usage_asking import PATH

KEY = "sk_test_…"
"""Stands for the key, which no page shows."""
SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:/="


def programs(tree: dict[str, Any], address: str, connected: str | None) -> list[dict[str, str]]:
    """Return the programs, each with its name. `connected` is the account that the key's own one stands in for."""
    return [
        {"id": "curl", "name": "curl", "text": curl(tree, address, connected)},
        {"id": "python", "name": "Python", "text": python(tree, address, connected)},
        {"id": "node", "name": "Node", "text": node(tree, address, connected)},
    ]


def curl(tree: dict[str, Any], address: str, connected: str | None = None) -> str:
    """Return the question as a command."""
    headers = [f"Stripe-Version: {API_VERSION}"] + ([f"Stripe-Account: {connected}"] if connected else [])
    return " \\\n  ".join(
        [
            f"curl -G {address}{PATH}",
            f"-u {_shell(f'{KEY}:')}",
            *(f"-H {_shell(header)}" for header in headers),
            *(f"--data-urlencode {_shell(f'{name}={value}')}" for name, value in _flat("", tree)),
        ]
    )


def python(tree: dict[str, Any], address: str, connected: str | None = None) -> str:
    """Return the question as a program with Stripe's SDK."""
    options = {"stripe_version": API_VERSION} | ({"stripe_account": connected} if connected else {})
    fields = "".join(f"    {name}={value!r},\n" for name, value in (options | tree).items())
    return (
        "import stripe\n\n"
        f"client = stripe.StripeClient({KEY!r}, base_addresses={{'api': {address!r}}})\n"
        f"usage = client.raw_request(\n    'get',\n    {PATH!r},\n{fields})\n"
        "for row in usage.data['data']:\n"
        "    print(row['bucket_start_time'], dict(row['dimensions'] or {}), row['bucket_value'])"
    )


def node(tree: dict[str, Any], address: str, connected: str | None = None) -> str:
    """Return the question as a module with Stripe's SDK."""
    parts = urlsplit(address)
    place = {"host": parts.hostname, "port": parts.port or (443 if parts.scheme == "https" else 80)}
    options = {"apiVersion": API_VERSION} | ({"stripeAccount": connected} if connected else {})
    fields = "".join(f"  [{_js(name)}, {_js(str(value))}],\n" for name, value in _flat("", tree))
    return (
        'import Stripe from "stripe";\n\n'
        f"const stripe = new Stripe({_js(KEY)}, {_js(place | {'protocol': parts.scheme})});\n"
        f"const question = new URLSearchParams([\n{fields}]);\n"
        f"const usage = await stripe.rawRequest(\n"
        f'  "GET",\n  `{PATH}?${{question}}`,\n  undefined,\n  {_js(options)},\n);\n'
        "console.table(usage.data.map((row) => ({\n"
        "  start: row.bucket_start_time, ...row.dimensions, value: row.bucket_value,\n"
        "})));"
    )


def _flat(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield the fields of a form: `meters[0][meter_id]`."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(f"{path}[{name}]" if path else name, each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _flat(f"{path}[{index}]", each)
    else:
        yield path, value


def _shell(text: str) -> str:
    """Return a text as one word of a shell."""
    if all(character in SAFE for character in text):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def _js(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
