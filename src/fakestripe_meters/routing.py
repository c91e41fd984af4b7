"""Method and path → endpoint, by werkzeug's map of the URLs that the resources declare."""

from collections.abc import Iterable

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.routing import Rule

from fakestripe_meters.resources._endpoint import Endpoint

Found = tuple[Endpoint | None, dict[str, str]]
"""The endpoint, if there is one, and the values in its path."""


class Routes:
    """All emulated URLs. Those without a variable part are found without asking the map, which is slower."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self.every = tuple(endpoints)
        rules = [Rule(each.rule, methods=[each.method], endpoint=each) for each in self.every]
        self._fixed = {(each.method, each.rule): each for each in self.every if "<" not in each.rule}
        self._variable = Map(rules, merge_slashes=False, redirect_defaults=False).bind("api.stripe.com")

    def find(self, method: str, path: str) -> Found:
        """The endpoint behind a method and a decoded path; None for a URL that Stripe would not recognise."""
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed, {}
        try:
            endpoint, values = self._variable.match(path, method)
        except HTTPException:
            return None, {}
        return endpoint, dict(values)
