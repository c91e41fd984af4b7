"""Ids that look like Stripe's: a prefix and an opaque tail, each a function of a seed and a counter."""

import hashlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


LETTERS = (ALPHABET * 5)[:256].encode()
"""A letter or digit for each byte."""
VARIANTS = "89ab"
"""What the second half of a UUID of version 4 begins with."""


def tail(text: str, length: int) -> str:
    """`length` letters and digits, at most 64, that only `text` decides: the same text gives the same tail."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest()[:length].translate(LETTERS).decode()


class Ids:
    """The next id, over and over. Equal seeds give equal ids; a snapshot needs seed and count alone."""

    def __init__(self, seed: str, count: int = 0) -> None:
        self.seed = seed
        self.count = count

    def new(self, prefix: str, length: int = 14) -> str:
        """A fresh id such as `cus_NciAYcXfLnqBoz`."""
        self.count += 1
        return prefix + tail(f"{self.seed}/{self.count}", length)

    def uuid(self) -> str:
        """A fresh UUID, as Stripe makes for events without an identifier."""
        self.count += 1
        text = f"{self.seed}/{self.count}"
        digits = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        variant = VARIANTS[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
