"""Objects that Stripe has and the fake has none of: their lists are empty, and no id names one."""

from typing import NoReturn

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import Record
from fakestripe_meters.core.table import Table
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.tree import Tree


class Absent(Resource):
    """An object that the fake has none of. `noun` is what Stripe's sentences call it, `named` its `param`."""

    def __init__(self, name: str, path: str, *, noun: str, named: str = "id") -> None:
        super().__init__(name, path, render=_render)
        self.noun = noun
        self.named = named

    @observed("the list of an account that has none, for payouts (Kiln-AI/stripe_world)")
    def none(self, params: ListParams, url: str | None = None) -> Listing:
        """Return the empty page; raise StripeError 400 if a cursor is given, which names no object."""
        return page(Table[Record](), params, url=url or self.path, noun=self.noun)

    def no_such(self, identifier: str) -> NoReturn:
        """Raise StripeError 404."""
        raise errors.objects.no_such(self.noun, identifier, param=self.named)


def _render(_account: Account, record: Record) -> Tree:
    raise AssertionError(f"there is nothing to show: {record}")
