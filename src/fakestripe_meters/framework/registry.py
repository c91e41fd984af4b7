"""Everything that the resources declare. To start sooner, a resource is loaded when it is first needed."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

from fakestripe_meters.core.account import DueWork
from fakestripe_meters.core.account import Repeats
from fakestripe_meters.framework.endpoint import Endpoint
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.expanding import Expandable
from fakestripe_meters.framework.expanding import Expander
from fakestripe_meters.framework.expanding import Fields
from fakestripe_meters.framework.expanding import Show

SEGMENTS = 3
"""How many pieces of a path, split at `/`, are where it begins: the first is empty."""
V = TypeVar("V")


class Registry:
    """The resources by their names, and where the URLs of each begin: the first two segments, as in `/v1/customers`.

    `load` returns the resource of a name. `description` returns what Stripe says can be expanded.
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[str]],
        load: Callable[[str], Resource],
        description: Callable[[], Mapping[str, Mapping[str, Fields]]] = dict,
    ) -> None:
        self._names = names
        self._load = load
        self._description = description
        self._loaded: dict[str, Resource] = {}

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """All resources: reading them loads them."""
        return tuple(map(self._one, self._names))

    def endpoints(self) -> Iterator[Endpoint]:
        """Return all operations of all objects."""
        return (endpoint for resource in self.resources for endpoint in resource.endpoints)

    def beginning(self, start: str) -> Iterator[Endpoint]:
        """Return the operations whose URLs begin so; load their resources, and no others."""
        near = [self._one(name) for name, starts in self._names.items() if start in starts]
        return (each for resource in near for each in resource.endpoints if start_of(each.rule) == start)

    def due_work(self) -> "Declared[DueWork]":
        """Return the function for each kind of scheduled work. To look one up may load resources."""
        return Declared(self, lambda resource: resource.due_work)

    def repeats(self) -> "Declared[Repeats]":
        """Return the estimate for each kind of scheduled work that schedules itself again."""
        return Declared(self, lambda resource: resource.repeats)

    def expandable(self) -> Expandable:
        """Return what can be expanded: what Stripe describes, and what the resources add. Loads all."""
        added = {resource.name: resource.expands for resource in self.resources if resource.expands}
        return Expandable([*self._description().items(), ("always", added)])

    def expander(self) -> Expander:
        """Return what expands answers. Loads all."""
        shows: dict[str, Show] = {each.name: each.show for each in self.resources if each.by_id is not None}
        return Expander(shows, {each.name: each.left_out for each in self.resources if each.left_out})

    @property
    def loaded(self) -> list[Resource]:
        """The resources that were needed so far."""
        return list(self._loaded.values())

    def _one(self, name: str) -> Resource:
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]


class Declared(Mapping[str, V]):
    """What the resources declare for kinds of work: looked up in those that are loaded, and if need be in all."""

    def __init__(self, registry: Registry, declared_by: Callable[[Resource], Mapping[str, V]]) -> None:
        self._registry = registry
        self._declared_by = declared_by
        self._found: dict[str, V] = {}
        self._complete = False

    def __getitem__(self, kind: str) -> V:
        if kind not in self._found and not self._complete:
            self._found |= self._of(self._registry.loaded)
        if kind not in self._found and not self._complete:
            self._found |= self._of(self._registry.resources)
            self._complete = True
        return self._found[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of(self._registry.resources))

    def __len__(self) -> int:
        return len(self._of(self._registry.resources))

    def _of(self, resources: Iterable[Resource]) -> dict[str, V]:
        return {kind: each for resource in resources for kind, each in self._declared_by(resource).items()}


def start_of(path: str) -> str:
    """Return where a path begins: its first two segments."""
    return "/".join(path.split("/", SEGMENTS)[:SEGMENTS])
