"""The request and the response that every door translates to and from; they belong to no HTTP library."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from fakestripe_meters.core.printing import line


class Headers(Mapping[str, str]):
    """Headers, found by their names in any case; of a repeated header the last one counts."""

    __slots__ = ("_by_lower",)

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        items = pairs.items() if isinstance(pairs, Mapping) else pairs
        self._by_lower = {name.lower(): (name, value) for name, value in items}

    def __getitem__(self, name: str) -> str:
        return self._by_lower[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._by_lower.values())

    def __len__(self) -> int:
        return len(self._by_lower)

    def lookup(self, lower_name: str) -> str | None:
        """Return the value of a header, or None. The name must be in lower case, which makes it quicker than `get`."""
        found = self._by_lower.get(lower_name)
        return found[1] if found is not None else None


@dataclass(slots=True, repr=False)
class Request:
    """What a client sent. `path` is percent-decoded; `query` and `body` are as they came."""

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def __repr__(self) -> str:
        return f"<{line(f'{self.method} {self.path}')}, {len(self.body)} bytes>"


@dataclass(slots=True)
class Response:
    """The answer. A planned fault may delay it by `delay_s` (real seconds), or `close` the connection instead."""

    status: int
    headers: dict[str, str]
    body: bytes
    delay_s: float = 0.0
    close: bool = False
