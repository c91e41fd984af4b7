"""Upcoming invoices: https://docs.stripe.com/api/invoices/upcoming?api-version=2025-02-24.acacia."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.subscribing.previewing import upcoming
from fakestripe_meters.domain.subscribing.previewing.upcoming import UpcomingInvoice
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.wire.tree import Tree

resource = Resource("invoice", upcoming.PATH, render=invoices.render)


@resource.get(dry=True)
def retrieve(account: Account, params: UpcomingInvoice) -> Tree:
    """Preview the next invoice, up to version 2025-02-24.acacia; `create_preview` has replaced it."""
    return upcoming.show(account, params)
