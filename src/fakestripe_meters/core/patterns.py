"""Patterns of calls, such as `POST /v1/invoices/*/pay`: which requests a fault, a stub or chaos is for."""

import re

ANY = "*"
"""Any method, any whole path or, within a path, any one segment."""


class Pattern:
    """A method and a path, ready to be compared with requests."""

    __slots__ = ("_shape", "method", "path")

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path = path
        within = path != ANY and ANY in segments(path)
        shape = "/".join("[^/]+" if each == ANY else re.escape(each) for each in segments(path))
        self._shape = re.compile(shape) if within else None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def matches(self, method: str, path: str) -> bool:
        """Whether a request with that method and that decoded path is meant."""
        if self.method not in (ANY, method):
            return False
        return self.path in (ANY, path) if self._shape is None else self._shape.fullmatch(path) is not None

    def overlaps(self, other: "Pattern") -> bool:
        """Whether one request can be meant by both."""
        return _agree(self.method, other.method) and (
            ANY in (self.path, other.path) or fits(segments(self.path), segments(other.path))
        )


def segments(path: str) -> list[str]:
    """Return the parts of a path between its slashes; the first one is empty."""
    return path.split("/")


def fits(ones: list[str], others: list[str]) -> bool:
    """Whether the segments of two paths are the same, where neither is `*`; a `*` stands for no empty segment."""
    return len(ones) == len(others) and all(map(_agree, ones, others))


def _agree(one: str, other: str) -> bool:
    return one == other or (ANY in (one, other) and one != "" != other)
