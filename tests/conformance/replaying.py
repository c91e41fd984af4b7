"""Has the recorded conversations of `conversations.json` with the fake, and says where its answers differ.

Before a conversation, the prices and products of the catalogue that it names are made, as plans, so that they keep
their ids; a customer that it names without creating it is made from the first answer that shows it. After each answer,
the two are walked side by side: where both have an id of the same kind, one stands for the other from then on. The
clock is frozen at the instant of each step. A parameter or an `expand` that the fake refuses, or does not serve, is
taken out, so that the rest is compared. `python -m tests.conformance.replaying` prints every difference and the totals.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import urlencode

from fakestripe_meters.core.errors import NOT_SERVED
from fakestripe_meters.fake import FakeStripe
from fakestripe_meters.wire.message import Headers
from fakestripe_meters.wire.message import Request
from tests.conformance.comparing import OURS
from tests.conformance.comparing import SYMBOL
from tests.conformance.comparing import Difference
from tests.conformance.comparing import compared
from tests.conformance.comparing import walk
from tests.conformance.facts import came_later

Json = Any
Step = dict[str, Json]
Pairs = list[tuple[str, str]]
FILE = Path(__file__).parent / "conversations.json"
TOKEN = re.compile(r"[\w-]+")
DESCRIPTION = re.compile(r"\d+ (?:(\w+) )?× (.*) \(at")
CUSTOMER = re.compile(r"(?<!\w)cus_[0-9]+")
METHOD = re.compile(r"pm_[0-9]+")
CARDS = {
    "4242": "visa",
    "4444": "mastercard",
    "8431": "amex",
    "9424": "discover",
    "3184": "authenticationRequired",
    "0341": "chargeCustomerFail",
}
"""The last four digits of the cards in the recordings, and what the stand-ins for them are called."""
TOUCHES = re.compile(r"\w+ /v1/(customers|subscription|invoice|price|plan|product|billing/)")
"""What a recording must ask to count as one of billing."""
COMPARABLE = ("equal", "differs", "refused")
"""The outcomes of steps that the fake could answer."""
REFUSED = ("parameter_unknown", NOT_SERVED)
"""The codes of refusals of a parameter."""
OWN = re.compile(r"/((?:sub|in|si|ii|we|prod|price|pi|ch|pm|seti|re|cn)_[0-9]+)")
NAMING = ("starting_after", "ending_before", "product", "subscription", "payment[payment_intent]")
"""Parameters that name an object which must have been made."""


@dataclass
class Result:
    """How a step went: `equal`, `differs`, `refused`, `not served`, or `unknown` if nothing says what it is about."""

    conversation: str
    began: int
    number: int
    step: Step
    outcome: str
    taken_out: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What a list of exceptions calls it."""
        return f"{self.conversation}#{self.number}"

    @property
    def month(self) -> str:
        """When it was recorded."""
        return datetime.fromtimestamp(self.began, UTC).strftime("%Y-%m")


@cache
def recorded() -> Json:
    """Return the file, with the objects that have a name put in their places."""
    tree = json.loads(FILE.read_text("utf-8"))
    objects: list[Json] = []
    for each in tree["objects"]:
        objects.append(_whole(each, objects))
    tree["conversations"] = _whole(tree["conversations"], objects)
    return tree


def _whole(tree: Json, objects: list[Json]) -> Json:
    if isinstance(tree, dict):
        return {key: _whole(value, objects) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_whole(each, objects) for each in tree]
    return objects[int(tree[1:])] if isinstance(tree, str) and re.fullmatch(r"\*\d+", tree) else tree


@cache
def replayed() -> list[Result]:
    """Have all conversations, and return how each step went."""
    return [result for each in recorded()["conversations"] for result in had(each)]


def had(conversation: Json) -> list[Result]:
    """Have one conversation, with a fake of its own."""
    with FakeStripe(now=conversation["begins"], seed=1, payment_methods="required") as fake:
        other = Other(fake, conversation)
        return [
            Result(conversation["name"], conversation["begins"], number, step, *other.play(step))
            for number, step in enumerate(conversation["steps"], 1)
        ]


def unexplained(result: Result) -> list[Difference]:
    """Return the differences that are not fields which Stripe has added since."""
    return [
        each
        for each in result.differences
        if each.what != "extra"
        or not (came_later(each.noun, each.field, result.month) or _came_to_errors(each.field, result.month))
    ]


@cache
def _came_to_errors(field: str, month: str) -> bool:
    """Return whether an error of any version has a field in a conversation of a later month."""
    name = field.removeprefix("error.")
    return any(result.month > month and name in result.step["answer"].get("error", {}) for result in replayed())


class Other:
    """The fake as the other side of one conversation."""

    def __init__(self, fake: FakeStripe, conversation: Json) -> None:
        self.fake = fake
        self.begins = self.now = conversation["begins"]
        self.steps: list[Step] = conversation["steps"]
        self.ids: dict[str, str] = {}
        self.made: set[str] = set()
        for account in {step.get("account") for step in self.steps}:
            self._make_catalogue([step for step in self.steps if step.get("account") == account], account)

    def play(self, step: Step) -> tuple[str, list[str], list[Difference]]:
        """Ask as in a step; return the outcome, what was taken out, and the differences."""
        at = max(self.now, self.begins + step["at"])
        self.fake.clock.freeze(at)
        self.now = at
        self._make_named(step)
        if step["status"] == 200 and any(each not in self.ids and each not in self.made for each in _named(step)):
            return "unknown", [], []
        status, ours, taken_out = self._asked(step)
        error = ours.get("error", {})
        if error.get("code") == NOT_SERVED and "param" not in error:
            return "not served", taken_out, []
        if error.get("code") == "parameter_missing" and f"parameter {error['param']}" in taken_out:
            return "not served", taken_out, []
        if status != step["status"]:
            said = f"{status} {error.get('message', '')}".strip()
            noun = step["answer"].get("object", "error")
            return "refused", taken_out, [Difference("status", noun, "", step["status"], said)]
        theirs = step["answer"]
        if status == 200:
            self._pair(theirs, ours)
        else:
            theirs = json.loads(self._ours(json.dumps(theirs)))
        left_out = {each.removeprefix("expand ") for each in taken_out}
        differences = [each for each in compared(theirs, ours, self.ids) if not _explained(each, left_out)]
        return "differs" if differences else "equal", taken_out, differences

    def _asked(self, step: Step) -> tuple[int, Json, list[str]]:
        """Ask, if need be several times, each time without what was refused."""
        method, _, path = step["do"].partition(" ")
        form = [(name, self._ours(value)) for name, value in parse_qsl(step.get("form", ""), keep_blank_values=True)]
        taken_out: list[str] = []
        while True:
            options = {"version": step.get("version"), "account": step.get("account")}
            status, ours = self._call(method, self._ours(path), form, **options)
            error = ours.get("error", {})
            if status < 400 or error.get("message") == step["answer"].get("error", {}).get("message"):
                break
            taken = _taken_out(error, form)
            if taken is None:
                break
            taken_out.append(taken)
        return status, ours, taken_out

    def _call(
        self, method: str, path: str, form: Pairs, version: str | None = None, account: str | None = None
    ) -> tuple[int, Json]:
        known = {"Stripe-Version": version, "Stripe-Account": account, "Authorization": "Bearer sk_test_replayed"}
        headers = Headers({name: value for name, value in known.items() if value})
        text = urlencode(form)
        query, body = ("", text.encode()) if method == "POST" else (text, b"")
        response = self.fake.engine.handle(Request(method, path, query, headers, body))
        return response.status, json.loads(response.body)

    def _create(self, path: str, form: Iterable[tuple[str, Json]], account: str | None) -> str:
        pairs = [(name, str(value)) for name, value in form if value is not None]
        status, tree = self._call("POST", path, pairs, account=account)
        assert status == 200, tree
        created: str = tree["id"]
        return created

    def _ours(self, text: str) -> str:
        return TOKEN.sub(lambda token: self.ids.get(token[0], token[0]), text)

    def _make_catalogue(self, steps: list[Step], account: str | None) -> None:
        asked = {token for step in steps for token in TOKEN.findall(f"{step['do']} {_values(step)}")}
        posted = [step for step in steps if step["do"].startswith("POST") and step["status"] == 200]
        created = {step["answer"].get("id") for step in posted}
        catalogue = recorded()["catalogue"]
        for price, terms in catalogue["prices"].items():
            product = terms["product"]
            if price not in asked or created & {price, product}:
                continue
            self._make_product(product, account)
            self._make_price(price, terms, account)
            self.made.add(price)

    def _make_product(self, product: str, account: str | None) -> None:
        if product not in self.made:
            self.made.add(product)
            known = recorded()["catalogue"]["products"].get(product, ("Product", None))
            name, label = self._described(product) or known
            self._create("/v1/products", [("id", product), ("name", name), ("unit_label", label)], account)

    def _described(self, product: str) -> tuple[str, str | None] | None:
        """Return the name and the unit label that a product has in this conversation: either could be changed."""
        for line in (tree for step in self.steps for tree in walk(step["answer"]) if tree.get("object") == "line_item"):
            said = DESCRIPTION.match(line.get("description") or "")
            details = line["pricing"]["price_details"] if line.get("pricing") else line.get("price")
            if said and details and details["product"] == product:
                return said[2], said[1]
        return None

    def _make_price(self, price: str, terms: dict[str, Json], account: str | None) -> None:
        form = {key: value for key, value in terms.items() if key not in ("metadata", "amount")}
        pairs = [*form.items(), *((f"metadata[{key}]", value) for key, value in terms.get("metadata", {}).items())]
        if "interval" in terms:
            self._create("/v1/plans", [("id", price), ("amount", terms["amount"]), *pairs], account)
        else:
            self.ids[price] = self._create("/v1/prices", [("unit_amount", terms["amount"]), *pairs], account)
        shown = [tree for step in self.steps for tree in walk(step["answer"]) if tree.get("object") == "price"]
        behavior = next((tree.get("tax_behavior") for tree in shown if tree["id"] == price), None)
        if behavior:
            self._create(f"/v1/prices/{self.ids.get(price, price)}", [("tax_behavior", behavior)], account)

    def _make_named(self, step: Step) -> None:
        """Make what a step names and an earlier, unrecorded request made."""
        self._make_customers(step)
        for name, value in parse_qsl(step.get("form", "")) if step["do"].startswith("POST") else ():
            if name.endswith("product") and SYMBOL.fullmatch(value) and value not in self.ids:
                self._make_product(value, step.get("account"))
            if name.endswith(("coupon", "[coupon]")) and value in recorded()["catalogue"]["coupons"]:
                self._make_coupon(value, step.get("account"))
            if METHOD.fullmatch(value) and value not in self.ids:
                self._make_method(value, step)

    def _make_customers(self, step: Step) -> None:
        for customer in sorted(set(CUSTOMER.findall(f"{step['do']} {_values(step)}")) - self.ids.keys()):
            shown = [tree for other in self.steps for tree in walk(other["answer"]) if tree.get("id") == customer]
            whole = next((tree for tree in shown if tree.get("object") == "customer" and "deleted" not in tree), None)
            if whole is None and step["status"] != 200:
                continue
            form = [(name, whole.get(name)) for name in ("email", "name", "description", "phone")] if whole else []
            self.ids[customer] = self._create("/v1/customers", form, step.get("account"))

    def _make_coupon(self, coupon: str, account: str | None) -> None:
        if coupon not in self.made:
            self.made.add(coupon)
            terms = recorded()["catalogue"]["coupons"][coupon]
            self._create("/v1/coupons", [("id", coupon), *terms.items()], account)

    def _make_method(self, method: str, step: Step) -> None:
        """Attach a payment method to the customer that a step is about."""
        customer = CUSTOMER.search(f"{step['do']} {_values(step)}")
        if customer:
            shown = [tree for other in self.steps for tree in walk(other["answer"]) if tree.get("id") == method]
            last4 = next((tree["card"]["last4"] for tree in shown if "card" in tree), "4242")
            path = f"/v1/payment_methods/pm_card_{CARDS[last4]}/attach"
            form = [("customer", self.ids[customer[0]])]
            self.ids[method] = self._create(path, form, step.get("account"))

    def _pair(self, theirs: Json, ours: Json) -> None:
        """Record which id stands for which, place by place."""
        if isinstance(theirs, dict) and isinstance(ours, dict):
            if theirs.get("object") == ours.get("object"):
                self._pair(theirs.get("id"), ours.get("id"))
            for key in theirs.keys() & ours.keys() - {"id"}:
                self._pair(theirs[key], ours[key])
        elif isinstance(theirs, list) and isinstance(ours, list):
            for a, b in zip(theirs, ours, strict=False):
                self._pair(a, b)
        elif isinstance(theirs, dict) or isinstance(ours, dict):
            self._pair(*(each.get("id") if isinstance(each, dict) else each for each in (theirs, ours)))
        elif isinstance(theirs, str) and isinstance(ours, str) and theirs not in self.made and _alike(theirs, ours):
            self.ids.setdefault(theirs, ours)


def _alike(theirs: str, ours: str) -> bool:
    """Return whether both are ids of the same kind."""
    both = SYMBOL.fullmatch(theirs) and OURS.fullmatch(ours)
    return bool(both) and theirs.partition("_")[0] == ours.partition("_")[0]


def _explained(difference: Difference, left_out: set[str]) -> bool:
    """Return whether a field is missing because its `expand` was taken out."""
    return difference.what == "missing" and any(each.endswith(difference.field) for each in left_out)


def _values(step: Step) -> str:
    return " ".join(value for _, value in parse_qsl(step.get("form", "")))


def _named(step: Step) -> Iterator[str]:
    """Yield what must have been made before a step."""
    own = OWN.search(step["do"])
    if own:
        yield own[1]
    for name, value in parse_qsl(step.get("form", "")) if step["do"].startswith("GET") else ():
        if name in NAMING:
            yield value


def _taken_out(error: dict[str, Json], form: Pairs) -> str | None:
    """Take the `expand` or the parameter out of a form that a refusal names; return it, or None if it names none."""
    refused = re.match(r"This property cannot be expanded \(([^)]*)\)", error.get("message", ""))
    for index, (name, value) in enumerate(form):
        if refused and name.startswith("expand") and refused[1] in value:
            shorter = value.rpartition(".")[0]
            form[index : index + 1] = [(name, shorter)] if shorter and shorter not in dict(form).values() else []
            return f"expand {value}"
    unknown = error.get("param") or ""
    kept = [pair for pair in form if pair[0] != unknown and not pair[0].startswith(f"{unknown}[")]
    if error.get("code") not in REFUSED or len(kept) == len(form):
        return None
    form[:] = kept
    return f"parameter {unknown}"


def runs_whole() -> dict[str, bool]:
    """Return which recordings of billing run whole: nothing is refused that Stripe served, and nothing taken out."""
    whole: dict[str, bool] = {}
    for result in replayed():
        name = result.conversation.partition("/")[0]
        if name in billing():
            whole[name] = whole.get(name, True) and not _stopped(result) and not result.taken_out
    return whole


@cache
def billing() -> set[str]:
    """Return the names of the recordings that ask for customers, products, prices, subscriptions or invoices."""
    told = recorded()["conversations"]
    touching = [each for each in told if any(TOUCHES.match(step["do"]) for step in each["steps"])]
    return {each["name"].partition("/")[0] for each in touching}


def _stopped(result: Result) -> str:
    """Return what was asked in vain, or nothing."""
    return (
        f"{result.outcome}: {SYMBOL.sub('*', result.step['do'])}" if result.outcome in ("not served", "refused") else ""
    )


def report() -> Iterator[str]:
    """Yield every difference, and the totals."""
    results = replayed()
    differences = Counter(str(each) for result in results for each in unexplained(result))
    yield from (f"{times:4} {text[:200]}" for text, times in sorted(differences.items()))
    taken = Counter(each for result in results for each in result.taken_out)
    yield from (f"{times:4} taken out: {text}" for text, times in taken.most_common())
    comparable = [result for result in results if result.outcome in COMPARABLE]
    equal = [result for result in comparable if not unexplained(result)]
    as_sent = [result for result in equal if not result.taken_out]
    yield f"{len(results)} steps, {len(comparable)} compared: {len(equal)} equal, {len(as_sent)} with nothing taken out"
    stopped = Counter(_stopped(result) for result in results if _stopped(result))
    yield from (f"{times:4} {text}" for text, times in stopped.most_common())
    whole = runs_whole()
    yield f"recordings of billing that run whole: {sum(whole.values())} of {len(whole)}"
    yield from (f"     not {name}" for name, runs in whole.items() if not runs)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report())
