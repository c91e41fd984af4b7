"""Ids that look like Stripe's: a prefix and an opaque tail, each a function of a seed and a counter."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


LETTERS = (ALPHABET * 5)[:256].encode()
"""A letter or digit for each byte."""
VARIANTS = "89ab"
"""What the second half of a UUID of version 4 begins with."""


def tail(text: str, length: int) -> str:
    """`length` letters and digits, at most 64, that only `text` decides: the same text gives the same tail."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest()[:length].translate(LETTERS).decode()


class Ids:
    """The next id, over and over. Equal seeds give equal ids; a snapshot needs the seed and the counts alone.

    Each prefix is counted by itself, so that an object's id does not hang on how many of another kind came before.
    """

    def __init__(self, seed: str, counts: Mapping[str, int] | None = None) -> None:
        self.seed = seed
        self.counts = defaultdict(int, counts or {})

    @contextmanager
    def on_loan(self) -> Iterator[None]:
        """`with` it, ids are made that will be made once more afterwards."""
        counts = self.counts.copy()
        try:
            yield
        finally:
            self.counts = counts

    def new(self, prefix: str, length: int = 14) -> str:
        """A fresh id such as `cus_NciAYcXfLnqBoz`."""
        return prefix + tail(self._fresh(prefix), length)

    def uuid(self) -> str:
        """A fresh UUID, as Stripe makes for events without an identifier."""
        text = self._fresh("uuid")
        digits = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        variant = VARIANTS[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def _fresh(self, prefix: str) -> str:
        count = self.counts[prefix] = self.counts[prefix] + 1
        return f"{self.seed}/{prefix}{count}"
