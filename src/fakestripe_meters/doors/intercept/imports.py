"""Notice that a library is imported, so that none needs to be imported early, which would cost each run of a suite."""

import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

Found = Callable[[str, ModuleType], None]


@contextmanager
def each_import(names: Sequence[str], found: Found) -> Iterator[None]:
    """Call `found` with each of these modules that is loaded, and later with each that is imported."""
    for name in names:
        if name in sys.modules:
            found(name, import_module(name))  # another thread may not have come to its end
    watch = Watch(names, found)
    sys.meta_path.insert(0, watch)
    try:
        yield
    finally:
        watch.end()


class Watch(MetaPathFinder):
    """Finds some modules as the other finders do, and says when one has been loaded."""

    def __init__(self, names: Sequence[str], found: Found) -> None:
        self._names = frozenset(names)
        self._found: Found | None = found

    def end(self) -> None:
        """Watch no longer, and call nothing for a module that is being loaded."""
        self._found = None
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def loaded(self, module: ModuleType, name: str) -> None:
        """Say that a module was loaded."""
        if self._found is not None:
            self._found(name, module)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the next finder finds, with a loader that also calls `found`."""
        if fullname not in self._names:
            return None
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(fullname, path, target)) is not None:
                if spec.loader is not None:
                    spec.loader = Watched(spec.loader, self)
                return spec
        return None


class Watched(Loader):
    """Loads a module as its own loader does, and leaves no trace in it."""

    def __init__(self, own: Loader, watch: Watch) -> None:
        self._own = own
        self._watch = watch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return what its own loader makes."""
        return self._own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and say so."""
        spec = module.__spec__
        if spec is not None and spec.loader is self:
            spec.loader = self._own
        if module.__loader__ is self:
            module.__loader__ = self._own
        self._own.exec_module(module)
        self._watch.loaded(module, spec.name if spec is not None else module.__name__)
