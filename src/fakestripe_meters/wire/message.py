"""The request and the response that every door translates to and from; they belong to no HTTP library."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import field

from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.printing import line


class Headers(Mapping[str, str]):
    """Headers, found by their names in any case; of a repeated header the last one counts."""

    __slots__ = ("lookup", "sent")

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        items = pairs.items() if isinstance(pairs, Mapping) else list(pairs)
        by_lower = {name.lower(): value for name, value in items}
        if len(by_lower) == len(items):
            sent = dict(pairs) if type(pairs) is dict else dict(items)
        else:
            sent = dict({name.lower(): (name, value) for name, value in items}.values())
        self.sent = sent
        """The values by the names as they were sent."""
        self.lookup = by_lower.get
        """Return the value of a header, or None. The name must be in lower case, which makes it quicker than `get`."""

    def __getitem__(self, name: str) -> str:
        value = self.lookup(name.lower())
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.sent)

    def __len__(self) -> int:
        return len(self.sent)


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
