"""What parts and records hold instead of dicts and lists that grow: they note their changes (see `core.undo`)."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import MutableMapping
from collections.abc import Sequence
from itertools import islice
from typing import TypeVar
from typing import overload

from fakestripe_meters.core import undo

V = TypeVar("V")


class Index(MutableMapping[str, V]):
    """A dict by string. Its values are never changed in place: they are records, or replaced."""

    def __init__(self, values: Mapping[str, V] | None = None) -> None:
        self._values: dict[str, V] = dict(values or {})
        self.get = self._values.get  # type: ignore[method-assign]  # a method of ours would take three times as long

    def __getitem__(self, key: str) -> V:
        return self._values[key]

    def __setitem__(self, key: str, value: V) -> None:
        values = self._values
        if undo.is_noting():
            take_back = (values.__setitem__, key, values[key]) if key in values else (values.pop, key, None)
            undo.note(*take_back)
        values[key] = value

    def __delitem__(self, key: str) -> None:
        if undo.is_noting():  # a key that is put back would be the last
            undo.note(self._refill, self._values.copy())
        del self._values[key]

    def forget(self, keys: Iterable[str]) -> None:
        """Remove keys, if they are there. If they are among the oldest, it costs less than `del`."""
        wanted = {key for key in keys if key in self._values}
        if wanted and undo.is_noting():
            undo.note(self._recall, self._places(wanted))
        for key in wanted:
            del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _places(self, keys: set[str]) -> list[tuple[int, tuple[str, V]]]:
        """Return where keys stand, first to last, with their values."""
        found = ((place, item) for place, item in enumerate(self._values.items()) if item[0] in keys)
        return list(islice(found, len(keys)))

    def _recall(self, places: list[tuple[int, tuple[str, V]]]) -> None:
        items = list(self._values.items())
        for place, item in places:
            items.insert(place, item)
        self._refill(dict(items))

    def _refill(self, values: dict[str, V]) -> None:
        self._values.clear()
        self._values.update(values)


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
        if undo.begins(self, "append"):
            undo.note(self._values.__delitem__, slice(len(self._values), None))
        self._values.append(value)
