"""The phases of a subscription schedule: what a subscription is like for a time, how they are stored and shown."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from decimal import Decimal

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.periods import check_period
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.undo import record
from fakestripe_meters.domain.records import subscription_details
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.domain.records.subscription_details import Thresholds
from fakestripe_meters.wire.tree import Tree


@record
class Reduction:
    """A discount of a phase: a coupon or a promotion code to redeem, or a discount that is there already."""

    coupon: str | None = None
    discount: str | None = None
    promotion_code: str | None = None


@record
class PhaseItem:
    """A price of a phase."""

    price: str
    quantity: int | None
    """None for a metered price."""
    discounts: Sequence[Reduction] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tax_rates: Sequence[str] = field(default_factory=list)
    usage_gte: int | None = None


@record
class PhaseBound:
    """Where the time begins or ends that an addition is for."""

    type: str
    timestamp: int | None = None


@record
class Addition:
    """What the invoice of a phase's start bills once."""

    price: str
    quantity: Decimal
    start: PhaseBound
    end: PhaseBound
    discountable: bool = True
    discounts: Sequence[Reduction] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tax_rates: Sequence[str] = field(default_factory=list)


@record
class PhaseInvoices:
    """What is printed on invoices, and when they are due."""

    custom_fields: Sequence[Mapping[str, str]] | None = None
    days_until_due: int | None = None
    description: str | None = None
    footer: str | None = None


@record
class Defaults:
    """What a phase says by default; a phase itself says the same."""

    billing_cycle_anchor: str | None = None
    collection_method: str | None = None
    default_payment_method: str | None = None
    description: str | None = None
    invoice_settings: PhaseInvoices | None = None
    thresholds: Thresholds | None = None


@record
class Phase:
    """What a subscription is to be like from one instant up to another, in Unix seconds."""

    start: int
    end: int
    currency: str
    items: Sequence[PhaseItem]
    added: Sequence[Addition] = field(default_factory=list)
    default_tax_rates: Sequence[str] = field(default_factory=list)
    discounts: Sequence[Reduction] = field(default_factory=list)
    metadata: Mapping[str, str] = field(default_factory=dict)
    """An empty value takes a key away."""
    own: Defaults = field(default_factory=Defaults)
    """What it says itself of what the schedule has defaults for."""
    proration_behavior: str = "create_prorations"
    trial_end: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a phase that ends before it begins."""
        check_period(self.start, self.end)


def render_defaults(defaults: Defaults) -> Tree:
    """Return the defaults of a schedule as Stripe shows them."""
    return {
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": defaults.billing_cycle_anchor or "automatic",
        "billing_thresholds": subscription_details.render_thresholds(defaults.thresholds),
        "collection_method": defaults.collection_method or "charge_automatically",
        "default_payment_method": defaults.default_payment_method,
        "description": defaults.description,
        "invoice_settings": _render_invoices(defaults.invoice_settings or PhaseInvoices()),
        "on_behalf_of": None,
        "transfer_data": None,
    }


def _render_invoices(settings: PhaseInvoices) -> Tree:
    fields = settings.custom_fields
    return {
        "account_tax_ids": None,
        "custom_fields": None if fields is None else [dict(each) for each in fields],
        "days_until_due": settings.days_until_due,
        "description": settings.description,
        "footer": settings.footer,
        "issuer": {"type": "self"},
    }


@observed("the order of the fields (twentyhq/twenty#16669)")
def render_phase(account: Account, phase: Phase) -> Tree:
    """Return a phase as Stripe shows it."""
    return {
        "add_invoice_items": [_render_addition(account, each) for each in phase.added],
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": phase.own.billing_cycle_anchor,
        "billing_thresholds": subscription_details.render_thresholds(phase.own.thresholds),
        "collection_method": phase.own.collection_method,
        "currency": phase.currency,
        "default_payment_method": phase.own.default_payment_method,
        "default_tax_rates": tax_rates.render_all(account, phase.default_tax_rates),
        "description": phase.own.description,
        "discounts": _render_reductions(phase.discounts),
        "end_date": phase.end,
        "invoice_settings": None
        if phase.own.invoice_settings is None
        else _render_invoices(phase.own.invoice_settings),
        "items": [_render_item(account, each) for each in phase.items],
        "metadata": dict(phase.metadata),
        "on_behalf_of": None,
        "proration_behavior": phase.proration_behavior,
        "start_date": phase.start,
        "transfer_data": None,
        "trial_end": phase.trial_end,
    }


@observed("an item names its plan as well (twentyhq/twenty#16669)")
def _render_item(account: Account, item: PhaseItem) -> Tree:
    tree: Tree = {
        "billing_thresholds": None if item.usage_gte is None else {"usage_gte": item.usage_gte},
        "discounts": _render_reductions(item.discounts),
        "metadata": dict(item.metadata),
        "plan": item.price,
        "price": item.price,
        "quantity": item.quantity,
        "tax_rates": tax_rates.render_all(account, item.tax_rates),
    }
    if item.quantity is None:
        del tree["quantity"]
    return tree


def _render_addition(account: Account, added: Addition) -> Tree:
    return {
        "discountable": added.discountable,
        "discounts": _render_reductions(added.discounts),
        "metadata": dict(added.metadata),
        "period": {"end": _render_bound(added.end), "start": _render_bound(added.start)},
        "price": added.price,
        "quantity": int(added.quantity),
        "tax_rates": tax_rates.render_all(account, added.tax_rates),
    }


def _render_bound(bound: PhaseBound) -> Tree:
    return {"type": bound.type} | ({} if bound.timestamp is None else {"timestamp": bound.timestamp})


def _render_reductions(reductions: Sequence[Reduction]) -> list[Tree]:
    return [
        {"coupon": each.coupon, "discount": each.discount, "promotion_code": each.promotion_code} for each in reductions
    ]
