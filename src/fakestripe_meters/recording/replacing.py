"""Replaces what names somebody or is secret, and the same value always by the same replacement."""

import re
from collections.abc import Iterable
from dataclasses import field
from typing import Any

from fakestripe_meters.core.late import dataclass

Json = Any
Pairs = list[list[str]]
KEY = re.compile(r"\b((?:sk|rk|pk|ek)_(?:test|live)|whsec)_[\w*.•]+")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ACCOUNT = re.compile(r"\bacct_\w+")
ADDRESS = re.compile(r"\bhttps?://[^\s\"'<>]+")
KEPT_ADDRESS = re.compile(r"https://((docs|support)\.stripe\.com/|stripe\.com/docs)")
STRIPES_ADDRESS = re.compile(r"https://[\w.-]*stripe\.com/")
CUSTOMER_OR_NUMBER = re.compile(r"cus_\w+|[+-]?[\d.]+")
SEARCHED = re.compile(r"""(?<=[:~])\s*(["'])([^"']+)\1""")
LAST = re.compile(r"([^\[\]]+)\]?$")
SHORTEST = 3
"""A shorter name is replaced where it is a whole value, but not within sentences: it could be part of any word."""
KINDS = {
    "name": re.compile(r"(?!event_|display_)(\w+_)?name(_kan[aj]i?)?|title|\w*statement_descriptor\w*|username|login"),
    "phone": re.compile(r"(\w+_)?phone(_number)?"),
    "place": re.compile(r"(address_)?(line[12]|city|town|state|postal_code|zip\w*)|ip(_address)?|\w+itude|user_agent"),
    "card": re.compile(
        r"number|\w*last_?4|fingerprint|cvc|iin|bin|iban|sort_code|(account|routing|registration|id|vat)_number"
        r"|(bank|branch|authorization)_code|(tax|vat)_id|exp_(month|year)|network_transaction_id"
    ),
    "text": re.compile(r"footer|memo|comment|custom_message|receipt_number"),
    "email": re.compile(r"(\w+_)?email"),
}
"""What fields are called whose values name somebody, by the kind of replacement."""
SECRET = re.compile(r"(\w+_)?(secret|token)")
NUMBER = re.compile(r"[A-Z0-9]+-(\d+)")
"""The number of an invoice, whose first half is the customer's or the account's."""
PATTERNS = {
    "name": "Name {}",
    "phone": "+1555{:07}",
    "place": "Place {}",
    "card": "{:04}",
    "text": "Text {}",
    "email": "someone{}@example.com",
}
SITE = re.compile(r"(\w+_)?(url|website|domain)")
WITHIN = re.compile(r"metadata|payload|dob|custom_fields")
"""Hashes whose values a user chose. Of usage, in `payload`, numbers and customers stay."""
SENTENCES = frozenset({"message", "user_message", "description", "reason"})
MADE_BY_STRIPE = frozenset({"line_item", "invoiceitem", "item", "charge", "payment_intent"})
"""Objects whose description is a sentence of Stripe's, unless a request has set it."""


@dataclass(slots=True)
class Replacements:
    """All replacements of one recording."""

    known: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> Pairs:
        """Return the fields of a form or of a query, neutral."""
        return [[self.text(name), self._field(name, value)] for name, value in pairs]

    def tree(self, tree: Json, name: str = "", kind: str = "", within: str = "") -> Json:
        """Return a JSON tree, neutral: `name` is what it is called, `kind` the object that it is in."""
        within = within or (name if WITHIN.fullmatch(name) else "")
        if isinstance(tree, dict):
            kind = tree["object"] if isinstance(tree.get("object"), str) else kind
            return {self.text(key): self.tree(each, key, kind, within) for key, each in tree.items()}
        if isinstance(tree, list):
            return [self.tree(each, name, kind, within) for each in tree]
        if isinstance(tree, str):
            return self._leaf(name, tree, kind, within)
        return 1 if type(tree) is int and (within or KINDS["card"].fullmatch(name)) else tree

    def text(self, text: str, *, sentence: bool = False) -> str:
        """Return a text without keys, e-mail addresses, accounts and URLs; of a sentence, also without known names."""
        if sentence:
            for value in sorted((each for each in self.known if len(each) >= SHORTEST), key=len, reverse=True):
                if value in text:
                    text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", lambda _: self.known[value], text)  # noqa: B023
        text = ADDRESS.sub(self._address, KEY.sub(lambda match: f"{match[1]}_XXXX", text))
        text = EMAIL.sub(lambda match: self._put("email", match.group()), text)
        return ACCOUNT.sub(lambda match: self._numbered(match.group(), "account", "acct_{:016}"), text)

    def _field(self, name: str, value: str) -> str:
        if name == "query":
            return SEARCHED.sub(lambda match: f"{match[1]}{self._put('text', match[2])}{match[1]}", self.text(value))
        last = LAST.search(name)
        within = WITHIN.match(name) or re.search(rf"\[({WITHIN.pattern})\]", name)
        return self._leaf(last[1] if last else name, value, "", within.group().strip("[]") if within else "")

    def _leaf(self, name: str, value: str, kind: str, within: str) -> str:
        if not value or (within == "payload" and CUSTOMER_OR_NUMBER.fullmatch(value)):
            return value
        if SECRET.fullmatch(name) or name == "invoice_prefix":
            return "XXXX"
        if name == "number" and NUMBER.fullmatch(value):
            return NUMBER.sub(r"XXXX-\1", value)
        for known, named in KINDS.items():
            if named.fullmatch(name):
                return self._put(known, value)
        is_site = SITE.fullmatch(name) and not value.startswith(("/", "http"))
        if within or is_site or (name == "description" and kind not in MADE_BY_STRIPE):
            return self._put("text", value)
        return self.text(value, sentence=name in SENTENCES)

    def _put(self, known: str, value: str) -> str:
        return self._numbered(value, known, PATTERNS[known])

    def _numbered(self, value: str, known: str, pattern: str) -> str:
        if value in self.known.values():
            return value  # replaced already
        if value not in self.known:
            self.counts[known] = self.counts.get(known, 0) + 1
            self.known[value] = pattern.format(self.counts[known])
        return self.known[value]

    def _address(self, match: re.Match[str]) -> str:
        address = match.group()
        if KEPT_ADDRESS.match(address):
            return address
        stripes = STRIPES_ADDRESS.match(address)
        return f"{stripes.group()}…" if stripes else self._numbered(address, "address", "https://example.com/{}")
