"""What the conversation has made at Stripe, and taking it away again."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from fakestripe_meters.comparing.sides import CouldNotRunError
from fakestripe_meters.comparing.sides import InterruptedRunError
from fakestripe_meters.comparing.sides import Send
from fakestripe_meters.comparing.steps import VERSION
from fakestripe_meters.core.late import dataclass

Json = Any
GONE = 404


@dataclass(frozen=True, slots=True)
class Removal:
    """How an object of one kind is taken away, and when it is away already."""

    call: str
    params: Json
    is_gone: Callable[[Json], bool]


REMOVALS = {
    "billing.alert": Removal("POST /v1/billing/alerts/{}/archive", {}, lambda tree: tree.get("status") == "archived"),
    "billing.credit_grant": Removal(
        "POST /v1/billing/credit_grants/{}/void", {}, lambda tree: bool(tree.get("voided_at") or tree.get("expired"))
    ),
    "test_helpers.test_clock": Removal("DELETE /v1/test_helpers/test_clocks/{}", {}, lambda tree: "deleted" in tree),
    "customer": Removal("DELETE /v1/customers/{}", {}, lambda tree: "deleted" in tree),
    "price": Removal("POST /v1/prices/{}", {"active": "false"}, lambda tree: tree.get("active") is False),
    "product": Removal("POST /v1/products/{}", {"active": "false"}, lambda tree: tree.get("active") is False),
    "billing.meter": Removal(
        "POST /v1/billing/meters/{}/deactivate", {}, lambda tree: tree.get("status") == "inactive"
    ),
}
"""In the order in which it is done. What is not listed goes with its customer, or cannot be taken away."""


@dataclass(slots=True)
class Leftovers:
    """The newest state of every object that was made."""

    objects: dict[str, Json] = field(default_factory=dict)

    def note(self, method: str, path: str, tree: Json) -> None:
        """Remember what an answer says about an object that was made, or was changed since."""
        name = tree.get("id")
        if not isinstance(name, str) or tree.get("object") not in REMOVALS:
            return
        if method == "POST" or name in self.objects:
            self.objects[name] = self.objects.get(name, {}) | tree
        if path.endswith("/expire") and name in self.objects:
            self.objects[name]["expired"] = True

    def remove(self, send: Send) -> list[str]:
        """Take everything away, and return a line for each object that could not be."""
        left = [name for name, _ in self._in_order()]
        problems = []
        try:
            for name, removal in tuple(self._in_order()):
                problems += self._removed(send, name, removal)
                left.remove(name)
        except InterruptedRunError:
            problems += [f"{name}: interrupted" for name in left]
        return problems

    def _in_order(self) -> Iterator[tuple[str, Removal]]:
        for kind, removal in REMOVALS.items():
            for name, tree in self.objects.items():
                if tree["object"] == kind and not removal.is_gone(tree):
                    yield name, removal

    def _removed(self, send: Send, name: str, removal: Removal) -> list[str]:
        method, _, path = removal.call.partition(" ")
        clock = self.objects[name].get("test_clock")
        if clock and "deleted" in self.objects.get(clock, {}):
            return []  # it went with its test clock
        try:
            answer = send(method, path.format(name), removal.params, VERSION)
        except InterruptedRunError:
            raise
        except CouldNotRunError as error:
            return [f"{name}: {error}"]
        if answer.accepted:
            self.objects[name] |= answer.tree
            return []
        return [] if answer.status == GONE else [f"{name}: {answer.tree.get('error', {}).get('message')}"]
