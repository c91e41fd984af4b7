"""`expand`: an id in an answer is replaced by the object that it names, and what is left out is put in.

What may be expanded is in a table of Stripe's own (`Expandable`). What becomes of it is here: an id is replaced if the
fake has the object, a field that is left out is put in if its resource says how, and everything else stays as it is.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from typing import Union

from fakestripe_meters.core import errors
from fakestripe_meters.core import permissions
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import disputed
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.wire.tree import Json
from fakestripe_meters.wire.tree import Tree

DEEPEST = 4
"""The most steps of a path; the `data` of a list is one of them."""
TOTAL = "total_count"
"""The path that includes in a search how many objects match."""

Fields = Mapping[str, Union[str, "Fields"]]
"""Field → the names of the objects that its ids may name, separated by blanks, or the fields of a hash within."""
Show = Callable[[Account, str], Tree | None]
"""Returns the object with an id; None if there is none."""
LeftOut = Callable[[Account, str], Json]
"""Returns a field that is left out by default, given the id of its object."""
Lower = Callable[[Tree], Tree]
"""Returns an object in the shape that it has in the request's version."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What to do with one field: replace ids of these objects, and go on `below`."""

    objects: tuple[str, ...] = ()
    below: "Plan" = field(default_factory=dict)
    loaded: dict[str, Json] = field(default_factory=dict)
    """What its ids were replaced by so far: a list names the same customer again and again."""


Plan = dict[str, Branch]


class Expandable:
    """What can be expanded in objects, by Stripe's description.

    Each table has object → fields, and holds for a span of versions: `always`, `until DATE` (before the version of that
    date), `since DATE`, or `in previews`.
    """

    def __init__(self, tables: Iterable[tuple[str, Mapping[str, Fields]]]) -> None:
        self.tables = tuple(tables)

    def at(self, date: str, *, preview: bool) -> "Expandable":
        """Return what can be expanded in one version."""
        return Expandable(each for each in self.tables if _covers(each[0], date, preview=preview))

    @documented("https://docs.stripe.com/expand, and `x-expandableFields` in Stripe's OpenAPI")
    @observed(
        "hashes, and `data` alone, have no effect; a wrong path goes before a missing object (crvouga/mockingbird)"
    )
    @inferred("a path through null is checked to its end, and one without `data` in a list before its depth")
    def plan(self, name: str, paths: Iterable[str], *, in_list: bool, in_search: bool = False) -> Plan:
        """Return how to expand `paths` in an answer with `name` objects, or raise StripeError 400."""
        plan: Plan = {}
        for path in paths:
            steps = path.split(".")
            if in_list and path == TOTAL:
                if not in_search:
                    raise errors.params.cannot_include(path)
            elif in_list and steps[0] != "data":
                raise errors.params.cannot_expand(steps[0], in_list=True)
            elif len(steps) > DEEPEST:
                raise errors.params.expand_too_deep(path, DEEPEST)
            else:
                self._add(plan, steps, [{"data": name}] if in_list else self._fields(name))
        return plan

    @disputed(
        "a later step that cannot be expanded is refused, as programs quote it for `latest_invoice.payment_intent`; "
        "stripe/stripe-node#2369 shows that path taken without effect, as crvouga/mockingbird notes of test mode"
    )
    def _add(self, plan: Plan, steps: Sequence[str], places: Sequence[Fields]) -> None:
        """Add a path, whose first step is in one of `places`, to a plan."""
        for number, step in enumerate(steps, 1):
            found = [fields[step] for fields in places if step in fields]
            if not found:
                raise errors.params.cannot_expand(".".join(steps[:number]), in_list=False)
            objects = dict.fromkeys(name for each in found if isinstance(each, str) for name in each.split())
            plan = plan.setdefault(step, Branch(tuple(objects))).below
            hashes = [each for each in found if not isinstance(each, str)]
            places = hashes + [fields for each in objects for fields in self._fields(each)]

    def _fields(self, name: str) -> list[Fields]:
        return [objects[name] for _, objects in self.tables if name in objects]


def needed_by(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield, for each field that a plan expands, the permissions to read the objects that it may name."""
    for branch in plan.values():
        names = tuple(dict.fromkeys(filter(None, map(permissions.to_read, branch.objects))))
        if names:
            yield names
        yield from needed_by(branch.below)


def _covers(span: str, date: str, *, preview: bool) -> bool:
    word, _, bound = span.partition(" ")
    if word == "until":
        return date < bound
    if word == "since":
        return date >= bound
    return word == "always" or preview


class Expander:
    """Expands answers, with what the resources declare."""

    def __init__(self, shows: Mapping[str, Show], left_out: Mapping[str, Mapping[str, LeftOut]]) -> None:
        self._shows = shows
        self._left_out = left_out

    def expand(self, account: Account, tree: Tree, plan: Plan, lower: Lower) -> Tree:
        """Return an answer, as the newest version has it, expanded and lowered to the request's version.

        Ids are replaced when the answer is lowered: an older version has some of them in other places. What is left
        out is put in before, so that it is lowered, and again afterwards, in objects that only the older version has.
        """
        self._put_in(account, tree, plan)
        tree = lower(tree)
        self._put_in(account, tree, plan)
        self._replace(account, tree, plan, lower)
        return tree

    def _put_in(self, account: Account, tree: Tree, plan: Plan, owner: Tree | None = None, within: str = "") -> None:
        """Put in what is left out by default; a deleted object stays as it is.

        `owner` is the object that has a hash, and `within` is the path of the hash, with a dot at its end.
        """
        if owner is None or "object" in tree:
            owner, within = tree, ""
        for name, branch in plan.items():
            left_out = self._left_out.get(str(owner.get("object")), {}).get(within + name)
            if left_out is not None and name not in tree and "deleted" not in owner:
                _insert(tree, name, left_out(account, str(owner.get("id"))))
            for each in _hashes(tree.get(name)):
                self._put_in(account, each, branch.below, owner, f"{within}{name}.")

    def _replace(self, account: Account, tree: Tree, plan: Plan, lower: Lower) -> None:
        """Replace ids by their objects; where the fake does not have an object, the id stays."""
        for name, branch in plan.items():
            for each in _hashes(tree.get(name)):
                self._replace(account, each, branch.below, lower)
            value = tree.get(name)
            if branch.objects and isinstance(value, str):
                tree[name] = self._loaded(account, value, branch, lower)
            elif branch.objects and isinstance(value, list):
                tree[name] = [self._loaded(account, each, branch, lower) for each in value]

    def _loaded(self, account: Account, value: Json, branch: Branch, lower: Lower) -> Json:
        """Return the object that a value is the id of; or the value itself, if the fake has no such object."""
        if not isinstance(value, str):
            return value
        if value not in branch.loaded:
            shown = (show(account, value) for name in branch.objects if (show := self._shows.get(name)))
            found = next(filter(None, shown), None)
            branch.loaded[value] = value if found is None else self.expand(account, found, branch.below, lower)
        return branch.loaded[value]


def _hashes(value: Any) -> Iterator[Tree]:  # noqa: ANN401  any JSON tree
    """Yield a hash, or the hashes in an array."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


@observed("fields that are included on request stand in the order of all fields, by name (pay-rails/pay)")
def _insert(tree: Tree, name: str, value: Json) -> None:
    later = [each for each in tree if each > name and each not in ("id", "object")]
    tree[name] = value
    for each in later:
        tree[each] = tree.pop(each)
