"""Distils recorded exchanges with Stripe into facts: `python tests/conformance/observe.py FOLDER`.

The folder has one JSON file for each recorded conversation: a list of exchanges, each with `method`, `path`, `query`
and `body` (lists of names and values), `version`, `account`, `at` (Unix seconds), `status` and `response`. Nobody needs
the recordings to run the tests: what they say is in two files.

`observed.json` says what Stripe's answers look like. Each object has, for each version, how often it was `seen`, when
it was `recorded` (the first and the last month), and its `fields` in order: `"email": "str 60, null 7"`. A field of a
hash follows after a dot, an element of an array after `[]`. An object within another stands for itself:
`object:price 12`. Of the options of payment methods, only those of cards are kept. `refusals` has each refusal that was
seen, with placeholders for ids.

`conversations.json` has what can be asked of the fake again, and what must come back. Each conversation has a `name`,
the instant at which it `begins`, and `steps`: what was asked (`do` and `form`), when (`at`, in seconds), in which
`version` and `account`, and `status` and `answer`. Ids are symbols: `cus_1`. What cannot be equal, as an instant, is 0
or `~`. Of the types of payment methods that an account accepts, only cards are kept. An object that occurs often is in
`objects`, and `*12` names it. `catalogue` has the prices, products and coupons that were there before.
`expired` counts what was asked with an expired key.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.conformance.comparing import VOLATILE
from tests.conformance.comparing import kind
from tests.conformance.comparing import walk

Json = Any
Exchange = dict[str, Json]
FOLDER = Path(__file__).parent
PREFIXES = (
    "acct|bps|ca|card|cbtxn|ch|cn|cnli|cs|cus|di|evt|ii|il|in|inpay|ln|payatt|pi|plan|pm|pmc|price|prod|promo|py|pyr|re"
    "|req|setatt|seti|si|sli|src|sub|tr|txn|txr|we"
)
ID = re.compile(rf"(?<![A-Za-z0-9_])({PREFIXES})_(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{{14,}}")
WORTH_A_NAME = 150
"""Shorter objects are written where they are."""


def cards_only(options: dict[str, Json]) -> dict[str, Json]:
    """Return the options of cards: which other payment methods there are is a setting of the account."""
    return {name: value for name, value in options.items() if name == "card"}


# What answers look like


class Shape:
    """The fields of one object at one version, in order, with how often each type was seen."""

    def __init__(self) -> None:
        self.seen = 0
        self.months: set[str] = set()
        self.fields: dict[str, Counter[str]] = {}

    def add(self, tree: dict[str, Json], month: str) -> None:
        """Take in one object."""
        self.seen += 1
        self.months.add(month)
        self._hash(tree, "")

    def _hash(self, tree: dict[str, Json], prefix: str) -> None:
        before = ""
        for key, value in tree.items():
            path = f"{prefix}{key}"
            self._place(path, before, prefix)
            before = path
            self._value(path, value)

    def _value(self, path: str, value: Json) -> None:
        self.fields[path][kind(value)] += 1
        if kind(value) == "hash" and path.rpartition(".")[2] != "metadata":
            self._hash(cards_only(value) if path.rpartition(".")[2] == "payment_method_options" else value, f"{path}.")
        for each in value if isinstance(value, list) else ():
            self._place(f"{path}[]", path, f"{path}[]")
            self._value(f"{path}[]", each)

    def _place(self, path: str, before: str, prefix: str) -> None:
        """Put a new field behind the one that stands before it, and behind what is below that."""
        if path in self.fields:
            return
        names = list(self.fields)
        at = names.index(before) + 1 if before else next((i for i, n in enumerate(names) if n.startswith(prefix)), 0)
        while before and at < len(names) and names[at].startswith((f"{before}.", f"{before}[]")):
            at += 1
        if not before and prefix and at == 0:
            at = names.index(prefix.rstrip(".")) + 1
        names.insert(at, path)
        self.fields[path] = Counter()
        self.fields = {name: self.fields[name] for name in names}

    def written(self) -> Json:
        """Return it as it is kept."""
        fields = {path: ", ".join(f"{name} {n}" for name, n in found.items()) for path, found in self.fields.items()}
        return {"seen": self.seen, "recorded": f"{min(self.months)} to {max(self.months)}", "fields": fields}


def facts(cassettes: dict[str, list[Exchange]]) -> Json:
    """Return what `observed.json` holds."""
    shapes: dict[str, dict[str, Shape]] = {}
    refusals: dict[str, Json] = {}
    for exchange in (each for cassette in cassettes.values() for each in cassette):
        month = datetime.fromtimestamp(exchange["at"], UTC).strftime("%Y-%m")
        if exchange["status"] == 200:
            for tree in walk(exchange["response"]):
                if isinstance(tree.get("object"), str):
                    name = f"{tree['object']}{' deleted' if tree.get('deleted') else ''}"
                    shapes.setdefault(name, {}).setdefault(exchange["version"] or "", Shape()).add(tree, month)
        elif exchange["status"] != 401:  # those tell of an expired key
            refusal = _refusal(exchange, month)
            refusals.setdefault(json.dumps(refusal | {"recorded": ""}), refusal)
    objects = {
        name: {version: shape.written() for version, shape in sorted(versions.items())}
        for name, versions in sorted(shapes.items())
    }
    return {"objects": objects, "refusals": list(refusals.values())}


def _refusal(exchange: Exchange, month: str) -> Json:
    text = ID.sub(lambda found: f"{found[1]}_…", json.dumps(exchange["response"]["error"]))
    error = {name: value for name, value in json.loads(text).items() if name not in ("doc_url", "request_log_url")}
    path = ID.sub(lambda found: f"{found[1]}_…", exchange["path"])
    known = {"do": f"{exchange['method']} {path}", "version": exchange["version"], "recorded": month}
    return known | {"status": exchange["status"]} | {name: v for name, v in error.items() if not isinstance(v, dict)}


# What can be asked again


class Symbols:
    """Short names for recorded ids, the same in all conversations."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.counts: Counter[str] = Counter()

    def of(self, text: str) -> str:
        """Return a text with symbols for its ids."""
        return ID.sub(lambda found: self._name(found[0], found[1]), text)

    def _name(self, identifier: str, prefix: str) -> str:
        if identifier not in self.names:
            self.counts[prefix] += 1
            self.names[identifier] = f"{prefix}_{self.counts[prefix]}"
        return self.names[identifier]


class Catalogue:
    """Prices, products and coupons that conversations mention without creating them: learned from every answer."""

    def __init__(self, cassettes: dict[str, list[Exchange]]) -> None:
        self.prices: dict[str, Json] = {}
        self.products: dict[str, Json] = {}
        self.coupons: dict[str, Json] = {}
        for exchange in (each for cassette in cassettes.values() for each in cassette if each["status"] == 200):
            for tree in walk(exchange["response"]):
                self._learn(tree)

    def _learn(self, tree: dict[str, Json]) -> None:
        name, pricing = tree.get("object"), tree.get("pricing")
        if name == "plan" or (name == "price" and "unit_amount" in tree):
            if tree["id"] not in self.prices or name == "price":
                self.prices[tree["id"]] = self._terms(tree)
        elif name == "coupon":
            terms = ("amount_off", "percent_off", "currency", "duration", "duration_in_months", "name")
            self.coupons[tree["id"]] = {term: tree[term] for term in terms if tree[term] is not None}
        elif name == "product" and "name" in tree:
            self.products[tree["id"]] = [tree["name"], tree.get("unit_label")]
        elif name == "line_item" and isinstance(pricing, dict) and pricing.get("price_details"):
            said = re.match(r"\d+ (?:(\w+) )?× (.*) \(at", tree.get("description") or "")
            if said:
                self.products.setdefault(pricing["price_details"]["product"], [said[2], said[1]])
            elif tree["parent"]["type"] == "invoice_item_details" and tree["description"]:
                self._learn_one_time(tree, pricing)

    def _learn_one_time(self, line: dict[str, Json], pricing: dict[str, Json]) -> None:
        """Learn the price of an invoice item from its line."""
        price, product = pricing["price_details"]["price"], pricing["price_details"]["product"]
        terms = {"product": product, "currency": line["currency"], "amount": int(pricing["unit_amount_decimal"])}
        self.prices.setdefault(price, terms)
        self.products.setdefault(product, [line["description"], None])

    def _terms(self, tree: dict[str, Json]) -> dict[str, Json]:
        """Return what a price, or a plan, is created with."""
        product, recurring = tree.get("product"), tree.get("recurring") or tree
        terms = {
            "product": product["id"] if isinstance(product, dict) else product,
            "currency": tree["currency"],
            "nickname": tree.get("nickname"),
            "amount": tree.get("unit_amount", tree.get("amount")),
            "metadata": tree.get("metadata") or None,
        }
        if tree.get("type") != "one_time":
            terms |= {name: recurring.get(name) for name in ("interval", "interval_count", "trial_period_days")}
        return {name: value for name, value in terms.items() if value is not None}


def stretches(cassette: list[Exchange]) -> Iterator[list[Exchange]]:
    """Cut a conversation where recordings of other days were added to it.

    That is where time runs back, jumps by two hours, or by one with another version.
    """
    part: list[Exchange] = []
    for exchange in cassette:
        gap = exchange["at"] - part[-1]["at"] if part else 0
        if gap < -30 or gap > 7200 or (gap > 3600 and exchange["version"] != part[-1]["version"]):
            yield part
            part = []
        part.append(exchange)
    if part:
        yield part


def conversations(cassettes: dict[str, list[Exchange]]) -> Json:
    """Return what `conversations.json` holds."""
    symbols, known = Symbols(), Catalogue(cassettes)
    told = [
        _conversation(f"{name.removeprefix('test_')}/{number}", stretch, symbols)
        for name, cassette in cassettes.items()
        for number, stretch in enumerate(stretches(cassette), 1)
    ]
    before = {"prices": known.prices, "products": known.products, "coupons": known.coupons}
    catalogue = json.loads(symbols.of(json.dumps(before)))
    told = [each for each in told if each["steps"]]
    return {"catalogue": catalogue, "objects": _name_objects(told), "conversations": told}


def _conversation(name: str, stretch: list[Exchange], symbols: Symbols) -> Json:
    begins = min(exchange["at"] for exchange in stretch)
    known = [exchange for exchange in stretch if exchange["status"] != 401]
    steps = [_step(exchange, begins, symbols) for exchange in known if isinstance(exchange["response"], dict)]
    return {"name": name, "begins": begins, "expired": len(stretch) - len(steps), "steps": steps}


def _step(exchange: Exchange, begins: int, symbols: Symbols) -> Json:
    pairs = exchange["body"] if exchange["method"] == "POST" else exchange["query"]
    step = {
        "at": exchange["at"] - begins,
        "do": f"{exchange['method']} {symbols.of(exchange['path'])}",
        "form": symbols.of(urlencode([tuple(pair) for pair in pairs], safe="[]:/@,")),
        "version": exchange["version"],
        "account": exchange["account"] and symbols.of(exchange["account"]),
        "status": exchange["status"],
        "answer": _comparable(exchange["response"], symbols),
    }
    return {key: value for key, value in step.items() if value not in (None, "")}


def _comparable(tree: Json, symbols: Symbols, at: str = "") -> Json:
    """Return an answer with symbols for ids, and without what cannot be equal."""
    if isinstance(tree, dict):
        kept = cards_only(tree) if at.endswith(".payment_method_options") else tree
        return {key: _comparable(value, symbols, f"{at}.{key}") for key, value in kept.items()}
    if isinstance(tree, list) and at.endswith(".payment_method_types"):
        return [each for each in tree if each == "card"]
    if isinstance(tree, list):
        return [_comparable(each, symbols, f"{at}[]") for each in tree]
    if isinstance(tree, str):
        found = symbols.of(tree)
        return "~" if VOLATILE.search(at) and found == tree and not at.endswith(".id") else found
    return 0 if VOLATILE.search(at) and kind(tree) in ("int", "float") else tree


def _name_objects(told: Json) -> list[Json]:
    """Replace objects that occur more than once by names, and return them."""
    texts = Counter(json.dumps(tree) for each in told for step in each["steps"] for tree in walk(step["answer"]))
    often = {text for text, times in texts.items() if times > 1 and len(text) > WORTH_A_NAME}
    named: dict[str, int] = {}
    objects: list[Json] = []

    def name(tree: Json) -> Json:
        if isinstance(tree, list):
            return [name(each) for each in tree]
        if not isinstance(tree, dict):
            return tree
        text = json.dumps(tree)
        if text in named:
            return f"*{named[text]}"
        below = {key: name(value) for key, value in tree.items()}
        if text not in often:
            return below
        named[text] = len(objects)
        objects.append(below)
        return f"*{named[text]}"

    for each in told:
        for step in each["steps"]:
            step["answer"] = name(step["answer"])
    return objects


def written(tree: Json, depth: int, margin: str = "") -> str:
    """Return JSON with a line for each member down to a depth, and what is below it on one line."""
    if not depth or not isinstance(tree, dict | list) or not tree:
        return json.dumps(tree, ensure_ascii=False)
    inner = f"{margin} "
    if isinstance(tree, list):
        return f"[\n{inner}" + f",\n{inner}".join(written(each, depth - 1, inner) for each in tree) + f"\n{margin}]"
    members = (f"{json.dumps(key)}: {written(each, depth - 1, inner)}" for key, each in tree.items())
    return f"{{\n{inner}" + f",\n{inner}".join(members) + f"\n{margin}}}"


def main(folder: str) -> None:
    """Write both files."""
    cassettes = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(Path(folder).glob("*.json"))}
    (FOLDER / "observed.json").write_text(written(facts(cassettes), 5) + "\n", "utf-8")
    (FOLDER / "conversations.json").write_text(written(conversations(cassettes), 4) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
