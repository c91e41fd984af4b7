"""Upcoming invoices: previews under the parameters that they had before there was `create_preview`.

Source: https://docs.stripe.com/api/invoices/upcoming?api-version=2025-02-24.acacia.
"""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlencode

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.clock import LAST_SECOND
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.domain.subscribing.billing_modes import BillingMode
from fakestripe_meters.domain.subscribing.item_terms import ItemChanges
from fakestripe_meters.domain.subscribing.previewing import preview_terms
from fakestripe_meters.domain.subscribing.previewing import previews
from fakestripe_meters.domain.subscribing.previewing.preview_manner import Manner
from fakestripe_meters.domain.subscribing.previewing.preview_terms import CreatePreview
from fakestripe_meters.domain.subscribing.previewing.preview_terms import SubscriptionDetails
from fakestripe_meters.domain.subscribing.subscription_terms import Prorations
from fakestripe_meters.wire.schema import UNSET
from fakestripe_meters.wire.schema import Params
from fakestripe_meters.wire.schema import Unset
from fakestripe_meters.wire.schema import param
from fakestripe_meters.wire.tree import Tree

PREFIX = "subscription_"
PATH = "/v1/invoices/upcoming"
NOT_FOUND = 404
# documented: when there were upcoming invoices, there was no other mode, as Stripe's changelog "billing-mode" says.
MODE = BillingMode(type="classic")


class UpcomingInvoice(CreatePreview):
    """Whose next invoice to preview, and how the subscription would be."""

    subscription_billing_cycle_anchor: int | Literal["now", "unchanged"] | Unset = param(
        default=UNSET, least=0, most=LAST_SECOND
    )
    subscription_cancel_at: int | Unset | None = param(default=UNSET, clearable=True, least=0, most=LAST_SECOND)
    subscription_cancel_at_period_end: bool | Unset = param(default=UNSET)
    subscription_cancel_now: bool | Unset = param(default=UNSET)
    subscription_default_tax_rates: tax_terms.Given = tax_terms.default_rates()
    subscription_items: tuple[ItemChanges, ...] | Unset = param(default=UNSET)
    subscription_proration_behavior: Prorations | Unset = param(default=UNSET)
    subscription_proration_date: int | Unset = param(default=UNSET, least=0, most=LAST_SECOND)
    subscription_start_date: int | Unset = param(default=UNSET, least=0, most=LAST_SECOND)
    subscription_trial_end: int | Literal["now"] | Unset = param(default=UNSET, least=0, most=LAST_SECOND)


OLDER = tuple(name for name in UpcomingInvoice.declared if name not in CreatePreview.declared)


@documented(
    "there is no id, as Stripe's OpenAPI says, and the URL of the lines repeats what was asked for, as in the reference"
)
def show(account: Account, params: UpcomingInvoice) -> Tree:
    """Return an upcoming invoice as Stripe shows it. Its id is null, which the versions that have it leave out."""

    def without_id(account: Account, invoice: Invoice) -> Tree:
        embedded = invoices.render_lines(invoice) | {"url": url(params)}
        return invoices.render(account, invoice) | {"id": None, "lines": embedded}

    return _preview(account, params, without_id)


def lines(account: Account, params: UpcomingInvoice) -> list[Tree]:
    """Return all lines of an upcoming invoice as Stripe shows them."""
    found: list[Tree] = []

    def take_lines(_account: Account, invoice: Invoice) -> Tree:
        found.extend(invoices.render_line(invoice, line) for line in invoice.lines)
        return {}

    _preview(account, params, take_lines)
    return found


def url(params: UpcomingInvoice) -> str:
    """Return the URL of the lines of an upcoming invoice."""
    asked = {name: getattr(params, name) for name in UpcomingInvoice.declared if name != "expand"}
    return f"{PATH}/lines?{urlencode(list(_pairs(UpcomingInvoice(**asked), '')), safe='[]')}"


def _preview(account: Account, params: UpcomingInvoice, shown: Callable[[Account, Invoice], Tree]) -> Tree:
    if params.customer is None and params.subscription is None:
        raise errors.previews.upcoming_of_nobody()
    older = {name.removeprefix(PREFIX): value for name, value in params.given(OLDER)}
    if not older:
        return previews.preview(account, params, Manner(show=shown, status_of_none=NOT_FOUND, mode=MODE))
    if params.subscription_details is not None:
        raise errors.params.exclusive_params(("subscription_details", f"{PREFIX}{next(iter(older))}"))
    asked = {name: getattr(params, name) for name in CreatePreview.declared}
    if "billing_cycle_anchor" in older:
        older["billing_cycle_anchor"] = preview_terms.anchor_of(older["billing_cycle_anchor"])
    newer = CreatePreview(**asked | {"subscription_details": SubscriptionDetails(**older)})
    return previews.preview(account, newer, Manner(lambda name: f"{PREFIX}{name}", shown, NOT_FOUND, MODE))


def _pairs(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a form that has the same parameters."""
    if isinstance(value, Params):
        rules = value.declared
        given = {name: each for name, each in vars(value).items() if each != rules[name].default}
        yield from _pairs(given, path)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _pairs(each, f"{path}[{name}]" if path else name)
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _pairs(each, f"{path}[{index}]")
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    else:
        yield path, "" if value is None else str(value)
