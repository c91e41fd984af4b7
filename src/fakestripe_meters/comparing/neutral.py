"""Answers without what names somebody or differs from run to run, so that two of them can be compared and sent in."""

import re
from dataclasses import field
from typing import Any

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import MENTION

Json = Any
ID = re.compile(r"\b(?!v1_)([a-z]{2,10})(?:_test|_org)?_(?=\w*[0-9A-Z])\w{14,}\b")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
MASKED_KEY = re.compile(r"\b(?:sk|rk|pk)_(?:test|live)_[\w*.•]+")
PAGE = re.compile(r"https?://(?:(?:billing|buy|checkout|invoice|pay)\.stripe\.com|[^/\s]+/_fakestripe)/\S*")
"""The address of a page: Stripe's, or the fake's own."""
ISO = re.compile(r"\b20\d\d-\d\d-\d\dT[\d:.]+Z")
UNIX = re.compile(r"\b[12]\d{9}\b")
LATELY = range(1_500_000_000, 3_000_000_000)
OF_THE_ACCOUNT = frozenset(
    {
        "account_country",
        "account_name",
        "account_tax_ids",
        "business_name",
        "default_currency",
        "footer",
        "issuer",
        "payment_method_types",
        "payment_settings",
        "rendering",
        "statement_descriptor",
        "support_email",
        "support_phone",
        "support_url",
    }
)
"""Names of what the settings of an account decide: not compared, and not shown."""
OF_THE_RUN = frozenset(
    {
        "authentication_token",
        "hosted_invoice_url",
        "invoice_pdf",
        "invoice_prefix",
        "number",
        "request_log_url",
        "secret",
        "user_message",
    }
)
"""Names of values that differ each time: only whether they are there is compared."""
HIDDEN = "…"


@dataclass(slots=True)
class Neutral:
    """Makes the answers of one side neutral. Ids that earlier steps made are called by the steps."""

    run: str
    start: int
    secrets: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)

    def learn(self, tree: Json, place: str) -> None:
        """Remember the ids in an answer by where they stood in it."""
        if isinstance(tree, dict):
            if isinstance(tree.get("id"), str):
                self.names.setdefault(tree["id"], f"<{place}>")
            for name, each in tree.items():
                self.learn(each, f"{place}.{name}")
        elif isinstance(tree, list):
            for position, each in enumerate(tree):
                self.learn(each, f"{place}.{position}")

    def tree(self, tree: Json, name: str = "") -> Json:
        """Return an answer, or a part of it that is called `name`, without what names somebody."""
        if name in OF_THE_ACCOUNT:
            return HIDDEN
        if isinstance(tree, dict):
            return {self.text(key): self.tree(each, key) for key, each in tree.items()}
        if isinstance(tree, list):
            return [self.tree(each) for each in tree]
        if isinstance(tree, str):
            return HIDDEN if name in OF_THE_RUN and tree else self.text(tree)
        return f"start{tree - self.start:+}" if type(tree) is int and tree in LATELY else tree

    def text(self, text: str) -> str:
        """Return a sentence without keys, ids, addresses and times."""
        for secret in self.secrets:
            text = text.replace(secret, "<key>")
        text = MASKED_KEY.sub("<key>", MENTION.sub("<key>", text))
        text = EMAIL.sub("<email>", PAGE.sub("<page>", text).replace(self.run, "RUN"))
        text = UUID.sub("<uuid>", ID.sub(self._named, text))
        return UNIX.sub("<time>", ISO.sub("<time>", text))

    def _named(self, match: re.Match[str]) -> str:
        return self.names.get(match.group(), f"<{match[1]}_…>")
