"""How a subscription is shown, in groups of fields: its mode, its end, who pays, what it contains, and so on."""

from typing import TYPE_CHECKING

from fakestripe_meters.core.account import Account
from fakestripe_meters.domain.records import anchor_configs
from fakestripe_meters.domain.records import layouts
from fakestripe_meters.domain.records import pauses
from fakestripe_meters.domain.records import pending_intervals
from fakestripe_meters.domain.records import pending_updates
from fakestripe_meters.domain.records import subscription_details
from fakestripe_meters.domain.records import subscription_items
from fakestripe_meters.domain.records import tax_rates
from fakestripe_meters.wire.tree import Tree
from fakestripe_meters.wire.tree import list_within

if TYPE_CHECKING:
    from fakestripe_meters.domain.records.subscriptions import Subscription


def mode(subscription: "Subscription") -> Tree:
    """Return how it is billed, and from when on."""
    return {
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": subscription.billing_cycle_anchor,
        "billing_cycle_anchor_config": anchor_configs.render(subscription.anchor_config),
        "billing_mode": subscription_details.render_billing_mode(
            subscription.billing_mode,
            subscription.proration_discounts,
            subscription.billing_mode_since or subscription.created,
        ),
        "billing_schedules": [],
        "billing_thresholds": subscription_details.render_thresholds(subscription.thresholds),
    }


def end(subscription: "Subscription") -> Tree:
    """Return when it ends, and why."""
    return {
        "cancel_at": subscription.ends_at,
        "cancel_at_period_end": subscription.cancel_at_period_end,
        "canceled_at": subscription.canceled_at,
        "cancellation_details": subscription_details.render_cancellation(subscription.cancellation),
    }


def payer(account: Account, subscription: "Subscription") -> Tree:
    """Return who pays, and how."""
    return {
        "collection_method": subscription.collection_method,
        "created": subscription.created,
        "currency": subscription.currency,
        "customer": subscription.customer,
        "customer_account": None,
        "days_until_due": subscription.days_until_due,
        "default_payment_method": subscription.default_payment_method,
        "default_source": None,
        "default_tax_rates": tax_rates.render_all(account, subscription.default_tax_rates),
        "description": subscription.description,
        "discounts": list(subscription.discounts),
        "ended_at": subscription.ended_at,
    }


def invoicing(subscription: "Subscription") -> Tree:
    """Return what its invoices say."""
    return {
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": layouts.render_custom_fields(subscription.layout),
            "description": subscription.invoice_description,
            "footer": subscription.layout.footer,
            "issuer": {"type": "self"},
        }
    }


def contents(account: Account, subscription: "Subscription") -> Tree:
    """Return its items, as a list, and what its program keeps with it."""
    items = [subscription_items.render(account, item, subscription.id) for item in subscription.items]
    return {
        "items": list_within(items, f"/v1/subscription_items?subscription={subscription.id}"),
        "latest_invoice": subscription.latest_invoice,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": dict(subscription.metadata),
    }


def collection(subscription: "Subscription") -> Tree:
    """Return how its invoices are collected."""
    return {
        "next_pending_invoice_item_invoice": pending_intervals.next_of(
            subscription.pending_interval, living=subscription.living
        ),
        "on_behalf_of": None,
        "pause_collection": pauses.render_collection(subscription.pause_collection),
        "payment_settings": {
            "payment_method_options": subscription.payment_method_options,
            "payment_method_types": subscription.payment_method_types,
            "save_default_payment_method": subscription.save_default_payment_method,
        },
    }


def pending(account: Account, subscription: "Subscription") -> Tree:
    """Return what waits: for an interval, for a payment method, and for a payment."""
    return {
        "pending_invoice_item_interval": pending_intervals.render(subscription.pending_interval),
        "pending_setup_intent": subscription.pending_setup_intent,
        "pending_update": pending_updates.render(account, subscription.pending_update, subscription.id),
    }


def state(subscription: "Subscription") -> Tree:
    """Return its status, its start, and its trial."""
    return {
        "schedule": subscription.schedule,
        "start_date": subscription.created if subscription.started is None else subscription.started,
        "status": subscription.status,
        "status_details": pauses.render_pause(subscription.paused),
        "test_clock": subscription.test_clock,
        "transfer_data": None,
        "trial_end": subscription.trial_end,
        "trial_settings": subscription_details.render_trial_settings(subscription.missing_payment_method),
        "trial_start": subscription.trial_start,
    }
