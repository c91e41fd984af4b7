"""What was called, for the permissions that it needs: by all keys together, and by each restricted key alone."""

from collections.abc import Iterable
from collections.abc import Mapping

Need = str | tuple[str, ...]
"""An operation, as `Endpoint.route` names it; or, for a field that was expanded, the permissions that allow it."""
Called = dict[str, set[Need]]
"""What was called, by key; that of all keys together has the empty key."""


def merged(parts: Iterable[Mapping[str, set[Need]]]) -> Called:
    """Return what was called in any of several parts. Requests may add to the parts meanwhile."""
    every: Called = {}
    for part in parts:
        for key, needs in part.items():
            if needs:
                every.setdefault(key, set()).update(needs.copy())
    return every
