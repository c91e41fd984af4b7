"""2025-03-31.basil, which moved the origins and periods of subscriptions, invoices and lines to other fields.

Answers of older versions get back the fields that it removed, and keep those that it added.

Observed in: pay-rails/pay.
"""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.change import Known
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.older_taxes import inclusive
from fakestripe_meters.versions.older_taxes import tax_amounts

# documented: the SDKs' types, of which 11.6.1 of stripe-python are the last before, and 12.0.0 the first after.
# observed: recordings of 2025 under 2023-10-16 and 2024-10-28.acacia: invoices have `parent` and `subscription`, lines
# `pricing`, `taxes` and `tax_amounts`, and periods stand on subscriptions and on items.
BASIL = "2025-03-31"


@documented('Stripe\'s changelog "deprecate-subscription-current-period-start-and-end"')
@documented(
    "which period that is if the items have several intervals: "
    "https://docs.stripe.com/billing/subscriptions/mixed-interval"
)
class MovePeriodsToSubscriptionItems(VersionChange):
    """Each item of a subscription has its own period; before, the subscription had one for all, and a `discount`."""

    since = BASIL
    objects = frozenset({"subscription"})

    def downgrade(self, tree: Tree) -> Tree:
        """Give the subscription the latest start and the earliest end of its items."""
        items = tree["items"]["data"]
        start = max(item["current_period_start"] for item in items)
        end = min(item["current_period_end"] for item in items)
        return _sorted(tree | {"current_period_end": end, "current_period_start": start, "discount": None})


@documented('Stripe\'s changelog "adds-new-parent-field-to-invoicing-objects"')
@observed(
    "without a subscription the metadata in `subscription_details` is null, "
    "and without prorations there is no `subscription_proration_date`"
)
class MoveInvoiceOriginsToParent(VersionChange):
    """An invoice has its subscription in `parent`, its taxes in `total_taxes`, and its payments elsewhere."""

    since = BASIL
    objects = frozenset({"invoice"})

    @observed("the payment intent of a finalized invoice, and the last charge, also if it has failed")
    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:
        """Give back the older fields, with the payment intent and the charge."""
        finalized = "deleted" not in tree and tree["status_transitions"]["finalized_at"] is not None
        return self.downgrade(tree | known.former("invoice", tree["id"]) if finalized else tree)

    @documented("`amount_paid` has what was paid out of band only since then, in the changelog")
    @inferred("such an amount remained to be paid before")
    def downgrade(self, tree: Tree) -> Tree:
        """Give back the older fields; those that the fake never has, such as quotes, are null."""
        if "deleted" in tree:
            return tree
        elsewhere = tree.get("amount_paid_off_stripe") or 0
        details = (tree["parent"] or {}).get("subscription_details") or {}
        date, taxes = details.get("subscription_proration_date"), tree.get("total_taxes") or []
        older = {
            "amount_paid": tree["amount_paid"] - elsewhere,
            "amount_remaining": tree["amount_remaining"] + elsewhere,
            "application_fee_amount": None,
            "charge": tree.get("charge") if tree["attempted"] else None,
            "discount": None,
            "paid": tree["status"] == "paid",
            "paid_out_of_band": bool(tree.get("amount_paid_off_stripe", tree.get("paid_out_of_band"))),
            "payment_intent": tree.get("payment_intent"),
            "quote": None,
            "subscription": details.get("subscription"),
            "subscription_details": {"metadata": details.get("metadata")},
            "tax": sum(each["amount"] for each in taxes) if taxes else None,
            "total_tax_amounts": tax_amounts(taxes),
            "transfer_data": None,
        }
        return _sorted(tree | older | ({} if date is None else {"subscription_proration_date": date}))


@documented("the changelog's entry for invoices")
@observed(
    "a line has `subscription_item` or `invoice_item` where there is one, a proration both, "
    "and whatever has an invoice item is of type `invoiceitem`"
)
class MoveLineOriginsToParent(VersionChange):
    """A line has its item and subscription in `parent`, its price in `pricing`, and its taxes in `taxes`."""

    since = BASIL
    objects = frozenset({"line_item"})

    @observed("a line holds its price in full, also as a plan unless it is one-time")
    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:
        """Give back the older fields, with the price and the tax rates."""
        rates = [known(each["tax_rate_details"]["tax_rate"])[1] for each in tree["taxes"]]
        return _sorted(self.downgrade(tree) | {"tax_rates": [rate for rate in rates if rate]} | _faces(tree, known))

    @observed("`amount_excluding_tax` is before discounts")
    @inferred("`tax_rates` has all rates that apply to the line, not only its own")
    def downgrade(self, tree: Tree) -> Tree:
        """Give back the older fields; `amount_excluding_tax` is without inclusive taxes."""
        details = tree["parent"][tree["parent"]["type"]]
        items = {name: item for name in ("invoice_item", "subscription_item") if (item := details.get(name))}
        older = {
            "amount_excluding_tax": tree["amount"] - inclusive(tree["taxes"]),
            "proration": details["proration"],
            "proration_details": details["proration_details"],
            "subscription": details["subscription"],
            "tax_amounts": tax_amounts(tree["taxes"]),
            "tax_rates": [],
            "type": "invoiceitem" if "invoice_item" in items else "subscription",
            "unit_amount_excluding_tax": _unit_amount(tree, proration=details["proration"]),
        }
        return _sorted(tree | items | older)


@documented(
    "the changelog's entry for invoices, and the SDKs' types, of which that for node leaves out `subscription_item` "
    "where there is none"
)
class MoveInvoiceItemOriginsToParent(VersionChange):
    """An invoice item has its subscription in `parent`, and the price of a unit in `pricing`."""

    since = BASIL
    objects = frozenset({"invoiceitem"})

    @documented(
        "an invoice item holds its price in full, also as a plan unless it is one-time (types of stripe-python 11)"
    )
    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:
        """Give back the older fields, with the price."""
        return tree if "deleted" in tree else _sorted(self.downgrade(tree) | _faces(tree, known))

    @inferred("a unit of a proration costs the whole amount, as on its line")
    def downgrade(self, tree: Tree) -> Tree:
        """Give back the older fields; a whole amount stands in `unit_amount` as an integer, others are null there."""
        if "deleted" in tree:
            return tree
        details = (tree["parent"] or {}).get("subscription_details") or {}
        unit_amount = _unit_amount(tree, proration=tree["proration"])
        older = {
            "subscription": details.get("subscription"),
            "unit_amount": None if unit_amount is None or "." in unit_amount else int(unit_amount),
            "unit_amount_decimal": unit_amount,
        }
        item = details.get("subscription_item")
        return _sorted(tree | older | ({} if item is None else {"subscription_item": item}))


@documented('Stripe\'s changelog "deprecate-legacy-usage-based-billing"')
@observed("null in plans and in `recurring`")
class RemoveAggregateUsage(VersionChange):
    """Prices have no `aggregate_usage`, because all usage comes from meters; before, metered prices had null there."""

    since = BASIL
    objects = frozenset({"plan", "price"})

    def downgrade(self, tree: Tree) -> Tree:
        """Add the null, to a plan itself and to `recurring` of a price."""
        if "deleted" in tree:
            return tree
        if tree["object"] == "plan":
            return _sorted(tree | {"aggregate_usage": None})
        recurring = tree["recurring"]
        return tree | {"recurring": {"aggregate_usage": None} | recurring} if recurring else tree


MOVES = {
    name: change
    for change in (MovePeriodsToSubscriptionItems(), MoveInvoiceOriginsToParent(), MoveInvoiceItemOriginsToParent())
    for name in change.objects
}


@documented("the changelog says so of the `previous_attributes` of `customer.subscription.updated`")
class MovePreviousAttributes(VersionChange):
    """`previous_attributes` in an event has changed items and parents; before, it had the object's older fields."""

    since = BASIL
    objects = frozenset({"event"})

    def downgrade(self, tree: Tree) -> Tree:
        """Find the older fields that differ, by downgrading the object as it was before the event."""
        now, previous = tree["data"]["object"], tree["data"].get("previous_attributes")
        change = MOVES.get(now["object"])
        if not previous or change is None:
            return tree
        before = change.downgrade(now | previous)
        changed = {name: value for name, value in before.items() if now.get(name) != value}
        return tree | {"data": tree["data"] | {"previous_attributes": changed}}


@observed("recordings of 2023 and 2024: a proration has its own amount, also where it is negative")
def _unit_amount(tree: Tree, *, proration: bool) -> str | None:
    """Return what a unit costs, as a decimal string in the currency's smallest unit; None if the price has none."""
    pricing = tree["pricing"]
    exact: str | None = str(tree["amount"]) if proration or pricing is None else pricing["unit_amount_decimal"]
    return exact


def _faces(tree: Tree, known: Known) -> Tree:
    """Return the price of a line or an invoice item, as a plan and as a price."""
    details = (tree["pricing"] or {}).get("price_details") or {}
    price = details.get("price")
    plan, price = known(price["id"] if isinstance(price, dict) else price) if price else (None, None)
    return {"plan": plan, "price": price}


def _sorted(tree: Tree) -> Tree:
    """Return the fields in Stripe's order: `id` and `object`, then the others by name."""
    return {"id": tree["id"], "object": tree["object"]} | dict(sorted(tree.items()))
