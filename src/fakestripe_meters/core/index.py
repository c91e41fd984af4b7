"""What parts and records hold instead of dicts and lists that grow: they note their changes (see `core.undo`)."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import MutableMapping
from collections.abc import Sequence
from typing import Any
from typing import TypeVar
from typing import overload

from fakestripe_meters.core import undo

V = TypeVar("V")
D = TypeVar("D")


class Index(MutableMapping[str, V]):
    """A dict by string. Its values are never changed in place: they are records, or replaced."""

    def __init__(self, values: Mapping[str, V] | None = None) -> None:
        self._values: dict[str, V] = dict(values or {})

    def __getitem__(self, key: str) -> V:
        return self._values[key]

    @overload
    def get(self, key: str, default: None = None, /) -> V | None: ...
    @overload
    def get(self, key: str, default: V | D, /) -> V | D: ...
    def get(self, key: str, default: Any = None, /) -> Any:
        """Return the value of a key, or else the default."""
        return self._values.get(key, default)

    def __setitem__(self, key: str, value: V) -> None:
        values = self._values
        if undo.is_noting():
            take_back = (values.__setitem__, key, values[key]) if key in values else (values.pop, key, None)
            undo.note(*take_back)
        values[key] = value

    def __delitem__(self, key: str) -> None:
        if undo.is_noting():  # a key that is put back would be the last
            undo.note(setattr, self, "_values", self._values)
            self._values = self._values.copy()
        del self._values[key]

    def forget(self, key: str) -> None:
        """Remove one of the oldest keys, if it is there: it costs less than `del`, and is put back as the oldest."""
        if key in self._values:
            undo.note(self._recall, self._values, key, self._values.pop(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @staticmethod
    def _recall(values: dict[str, V], key: str, value: V) -> None:
        rest = values.copy()
        values.clear()
        values[key] = value
        values.update(rest)


class GrowingList(Sequence[V]):
    """A list that only grows."""

    def __init__(self, values: Iterable[V] = ()) -> None:
        self._values = list(values)

    @overload
    def __getitem__(self, place: int) -> V: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[V]: ...
    def __getitem__(self, place: int | slice) -> V | Sequence[V]:
        return self._values[place]

    def __len__(self) -> int:
        return len(self._values)

    def append(self, value: V) -> None:
        """Add a value at the end."""
        undo.note(self._values.pop)
        self._values.append(value)
