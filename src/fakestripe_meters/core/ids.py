"""Ids that look like Stripe's: a prefix and an opaque tail, computed from a seed and a counter."""

from collections import defaultdict
from collections.abc import Mapping
from hashlib import blake2b

from fakestripe_meters.core import undo

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


LETTERS = (ALPHABET * 5)[:256].encode()
"""A letter or digit for each byte."""
VARIANTS = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""For each digit, one with which the fourth group of a version 4 UUID begins."""


def tail(text: str, length: int) -> str:
    """Return `length` letters and digits (at most 64); the same text always gives the same tail."""
    return blake2b(text.encode("utf-8", "surrogatepass")).digest()[:length].translate(LETTERS).decode()


class Ids:
    """Generate ids deterministically from a seed and a counter for each prefix; a snapshot carries both.

    Because each prefix has a counter, an object's id does not depend on how many objects of other kinds exist.
    """

    def __init__(self, seed: str, counts: Mapping[str, int] | None = None) -> None:
        self.seed = seed
        self.counts = defaultdict(int, counts or {})

    def new(self, prefix: str, length: int = 14) -> str:
        """Return a new id such as `cus_NciAYcXfLnqBoz`."""
        return prefix + tail(self._fresh(prefix), length)

    def uuid(self) -> str:
        """Return a new UUID, as Stripe generates for events without an identifier."""
        text = self._fresh("uuid")
        digits = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{VARIANTS[digits[16]]}{digits[17:20]}-{digits[20:]}"

    def _fresh(self, prefix: str) -> str:
        count = self.counts[prefix] = self.counts[prefix] + 1
        if undo.begins(self, prefix):
            undo.note(self._go_back, prefix, count - 1)
        return f"{self.seed}/{prefix}{count}"

    def _go_back(self, prefix: str, count: int) -> None:
        self.counts[prefix] = count
        if not count:
            del self.counts[prefix]
