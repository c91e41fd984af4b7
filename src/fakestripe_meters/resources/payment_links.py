"""Payment links: https://docs.stripe.com/api/payment-link."""

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.checkout import links
from fakestripe_meters.domain.checkout.link_terms import CreateLink
from fakestripe_meters.domain.checkout.link_terms import UpdateLink
from fakestripe_meters.domain.records import payment_links
from fakestripe_meters.domain.records.payment_links import PATH
from fakestripe_meters.domain.records.payment_links import PaymentLink
from fakestripe_meters.domain.records.payment_links import PaymentLinks
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import ListParams
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.framework.listing import page
from fakestripe_meters.wire.schema import param


class ListLinks(ListParams):
    """Which links to list."""

    active: bool | None = param(default=None)


resource = Resource(
    payment_links.NOUN,
    PATH,
    render=payment_links.render,
    by_id=payment_links.lookup,
    left_out={"line_items": payment_links.first_lines},
)


@resource.post()
def create(account: Account, params: CreateLink) -> PaymentLink:
    """Create a link: each visit opens a Checkout session."""
    return links.create(account, params)


@resource.get("/<payment_link_id>")
def retrieve(account: Account, params: Operation, payment_link_id: str) -> PaymentLink:
    """Return a link."""
    return payment_links.find(account, payment_link_id)


@resource.post("/<payment_link_id>")
def update(account: Account, params: UpdateLink, payment_link_id: str) -> PaymentLink:
    """Change the given fields, for the sessions that are opened from now on."""
    link = payment_links.find(account, payment_link_id)
    links.change(account, link, params)
    return link


@resource.get()
def list_(account: Account, params: ListLinks) -> Listing:
    """List links, newest first."""

    def wanted(link: PaymentLink) -> bool:
        return params.active in (None, link.active)

    return page(account.part(PaymentLinks).table, params, url=PATH, noun=payment_links.NOUN, where=wanted)
