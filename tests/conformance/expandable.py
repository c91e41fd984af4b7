"""Read from Stripe's OpenAPI what can be expanded, and write `resources/expandable.json`:

    python tests/conformance/expandable.py spec3.json

The file is Stripe's `openapi/spec3.json` (https://github.com/stripe/openapi), plain or gzipped. The objects are those
that the fake serves, and those that a path from one of them can reach. `OLDER` and `SINCE` are not in it: Stripe
describes its newest version only.
"""

import gzip
import json
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from fakestripe_meters import resources  # noqa: E402  the path comes first
from fakestripe_meters.framework.expanding import DEEPEST  # noqa: E402  likewise

OUT = HERE.parents[1] / "src/fakestripe_meters/resources/expandable.json"
Fields = dict[str, Any]

# documented: the types of stripe-python 8.0 and 11.6, of which the latter is the last before 2025-03-31.basil.
BASIL = "2025-03-31"
OLDER: dict[str, dict[str, Fields]] = {
    f"until {BASIL}": {
        "charge": {"invoice": "invoice"},
        "credit_note": {"refund": "refund", "tax_amounts": {"tax_rate": "tax_rate"}},
        "credit_note_line_item": {"tax_amounts": {"tax_rate": "tax_rate"}},
        "invoice": {
            "charge": "charge",
            "discount": "discount",
            "payment_intent": "payment_intent",
            "quote": "quote",
            "subscription": "subscription",
            "subscription_details": {},
            "total_tax_amounts": {"tax_rate": "tax_rate"},
            "transfer_data": {"destination": "account"},
        },
        "invoiceitem": {"plan": "plan", "price": "price", "subscription": "subscription"},
        "line_item": {
            "invoice_item": "invoiceitem",
            "plan": "plan",
            "price": "price",
            "proration_details": {"credited_items": {}},
            "subscription_item": "subscription_item",
            "tax_amounts": {"tax_rate": "tax_rate"},
            "tax_rates": "tax_rate",
        },
        "payment_intent": {"invoice": "invoice"},
        "subscription": {"discount": "discount"},
    },
    "until 2025-09-30": {"discount": {"coupon": "coupon"}, "promotion_code": {"coupon": "coupon"}},
    # documented: the guide to billing alerts of the private preview.
    "in previews": {"billing.alert": {"credit_balance_threshold": {"filters": {"customer": "customer"}}}},
    "until 2022-11-15": {"payment_intent": {"charges": {"data": "charge"}}},
}
"""What newer versions have no more, and what only previews have."""
SINCE = {f"since {BASIL}": {"invoice": ("confirmation_secret", "payments")}}
"""What older versions did not have yet."""
NOT_SERVED_YET = ("account",)


class Description:
    """Stripe's OpenAPI."""

    def __init__(self, document: Fields) -> None:
        self.schemas: dict[str, Fields] = document["components"]["schemas"]
        self.of_objects: dict[str, list[Fields]] = {}
        for key, schema in self.schemas.items():
            found = object_name(schema)
            if found and not key.startswith("deleted_"):
                self.of_objects.setdefault(found, []).append(schema)

    def concrete(self, schema: Fields) -> Iterator[Fields]:
        """The schemas of hashes that a value may be, or that are in an array."""
        if "$ref" in schema:
            yield from self.concrete(self.schemas[schema["$ref"].rpartition("/")[2]])
        elif "anyOf" in schema:
            for each in schema["anyOf"]:
                yield from self.concrete(each)
        elif schema.get("type") == "array":
            yield from self.concrete(schema["items"])
        else:
            yield schema

    def fields(self, schema: Fields, levels: int) -> Fields:
        """What a hash lets expand, so many levels deep."""
        found: Fields = {}
        for field in schema.get("x-expandableFields", ()) if levels else ():
            choices = list(self.concrete(schema["properties"][field]))
            objects = sorted({name for choice in choices if (name := object_name(choice)) is not None})
            within: Fields = {}
            for choice in choices:
                within |= self.fields(choice, levels - 1)
            found[field] = " ".join(objects) if objects else within
        return found

    def table(self, roots: Iterable[str]) -> dict[str, Fields]:
        """Object → fields, for all objects that a path can reach."""
        table: dict[str, Fields] = {}
        waiting = dict.fromkeys(roots, DEEPEST)
        while waiting:
            name = max(waiting, key=lambda each: waiting[each])  # what is reached by the shortest path is shown deepest
            levels = waiting.pop(name)
            table[name] = {}
            for schema in self.of_objects.get(name, ()):
                table[name] |= self.fields(schema, levels)
            older = (objects[name] for objects in OLDER.values() if name in objects)
            for fields in (table[name], *older):
                for reached, left in targets(fields, levels - 1):
                    if reached not in table and left > 0:
                        waiting[reached] = max(left, waiting.get(reached, 0))
        return table


def object_name(schema: Fields) -> str | None:
    """The `object` of a schema; None for hashes that are no objects, and for lists."""
    [name, *_] = schema.get("properties", {}).get("object", {}).get("enum", [None])
    return None if name == "list" else name


def targets(fields: Fields, levels: int) -> Iterator[tuple[str, int]]:
    """The objects that fields lead to, with the levels that are left there."""
    for value in fields.values():
        if isinstance(value, str):
            yield from ((name, levels) for name in value.split())
        else:
            yield from targets(value, levels - 1)


def described(document: Fields) -> dict[str, dict[str, Fields]]:
    """Span of versions → object → fields."""
    served = [resource.name for resource in resources.registry().resources if resource.path.startswith("/v1/")]
    always = Description(document).table([*served, *NOT_SERVED_YET])
    since = {
        span: {name: {field: always[name].pop(field) for field in fields} for name, fields in objects.items()}
        for span, objects in SINCE.items()
    }
    return {"always": {name: fields for name, fields in sorted(always.items()) if fields}} | since | OLDER


def written(tables: dict[str, dict[str, Fields]]) -> str:
    """The file: one object a line."""
    spans = []
    for span, objects in tables.items():
        lines = (f"    {json.dumps(name)}: {json.dumps(objects[name], sort_keys=True)}" for name in sorted(objects))
        spans.append(f"  {json.dumps(span)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(spans) + "\n}\n"


if __name__ == "__main__":
    content = Path(sys.argv[1]).read_bytes()
    document = json.loads(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)
    OUT.write_text(written(described(document)), "utf-8")
