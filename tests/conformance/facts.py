"""What `observed.json` says: which fields Stripe's objects have been seen to have, at which version, and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "observed.json"

SEEN_ELSEWHERE = {
    "payment_intent.allowed_payment_method_types": "2026-09",
    "payment_intent.managed_payments": "2026-09",
    "payment_intent.payment_record": "2026-09",
    "setup_intent.allowed_payment_method_types": "2026-09",
    "setup_intent.customer_account": "2026-09",
    "setup_intent.managed_payments": "2026-09",
    "refund.customer": "2026-08",
    "refund.customer_account": "2026-08",
    "refund.payment_method": "2026-08",
}
"""Fields of objects that these recordings lack, and when others had them (Kiln-AI/stripe_world,
openfoodfoundation/openfoodnetwork)."""


@dataclass(frozen=True)
class Seen:
    """What one object looked like at one version.

    `fields` has, for each path, how often each type was seen. `first` and `last` are months: `2025-11`.
    """

    count: int
    first: str
    last: str
    fields: Mapping[str, Mapping[str, int]]

    def always(self, field: str) -> bool:
        """Return whether every hash that can have a field has it."""
        return sum(self.fields[field].values()) >= self._hashes(field.rpartition(".")[0])

    def _hashes(self, parent: str) -> int:
        return self.fields[parent].get("hash", 0) if parent else self.count


@cache
def objects() -> Mapping[str, Mapping[str, Seen]]:
    """Return what was seen of each object, by version."""
    tree = json.loads(FILE.read_text("utf-8"))["objects"]
    return {
        name: {version: _seen(each) for version, each in versions.items() if version} for name, versions in tree.items()
    }


def _seen(tree: dict[str, object]) -> Seen:
    first, _, last = str(tree["recorded"]).partition(" to ")
    fields = tree["fields"]
    assert isinstance(fields, dict)
    return Seen(int(str(tree["seen"])), first, last, {path: _types(types) for path, types in fields.items()})


def _types(text: str) -> dict[str, int]:
    """Read `str 60, null 7`."""
    return {name: int(times) for name, times in (each.split(" ") for each in text.split(", "))}


@cache
def came_later(name: str, field: str, month: str) -> bool:
    """Return whether an object was seen with a field, at any version, after a month: Stripe has added it since."""
    return SEEN_ELSEWHERE.get(f"{name}.{field}", "") > month or any(
        field in seen.fields and seen.last > month for seen in objects().get(name, {}).values()
    )
