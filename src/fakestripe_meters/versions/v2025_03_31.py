"""2025-03-31.basil, from which subscriptions, invoices and their lines tell otherwise where they come from.

Documented by the SDKs' types: 11.6.1 of stripe-python is the last before, 12.0.0 the first after. An older version is
given back what was taken away; what was added stays. Observed in recordings of 2025 under 2023-10-16 and
2024-10-28.acacia: their invoices have `parent` and `subscription`, their lines `pricing`, `taxes` and `tax_amounts`,
and periods stand on subscriptions and on items. Of a line's and an invoice item's `price` and `plan` an answer knows
no more than the ids in `pricing`, so these two fields are not given back.
"""

from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange

BASIL = "2025-03-31"
PERIOD = ("current_period_end", "current_period_start")


class MovePeriodsToSubscriptionItems(VersionChange):
    """Each item of a subscription has its own period; before, the subscription had one for all.

    Documented: Stripe's changelog "deprecate-subscription-current-period-start-and-end". The `discount` went, too.
    """

    since = BASIL
    objects = frozenset({"subscription"})

    def downgrade(self, tree: Tree) -> Tree:
        """The period is that of the first item: in the fake all have the same."""
        [first, *_] = tree["items"]["data"]
        return _sorted(tree | {name: first[name] for name in PERIOD} | {"discount": None})


class MoveInvoiceOriginsToParent(VersionChange):
    """An invoice tells in `parent` of its subscription, in `total_taxes` of taxes, and elsewhere of its payments.

    Documented: Stripe's changelog "adds-new-parent-field-to-invoicing-objects". Observed: without a subscription
    the metadata in `subscription_details` is null, and without prorations there is no `subscription_proration_date`.
    """

    since = BASIL
    objects = frozenset({"invoice"})

    def downgrade(self, tree: Tree) -> Tree:
        """Null is what the fake never has: applications, charges, discounts, payment intents, quotes, taxes."""
        if "deleted" in tree:
            return tree
        details = (tree["parent"] or {}).get("subscription_details") or {}
        date = details.get("subscription_proration_date")
        older = {
            "application_fee_amount": None,
            "charge": None,
            "discount": None,
            "paid": tree["status"] == "paid",
            "paid_out_of_band": tree["amount_paid_off_stripe"] is not None,
            "payment_intent": None,
            "quote": None,
            "subscription": details.get("subscription"),
            "subscription_details": {"metadata": details.get("metadata")},
            "tax": None,
            "total_tax_amounts": [],
            "transfer_data": None,
        }
        return _sorted(tree | older | ({} if date is None else {"subscription_proration_date": date}))


class MoveLineOriginsToParent(VersionChange):
    """A line tells in `parent` which item it is of, in `pricing` what a unit costs, and in `taxes` of taxes.

    Documented: the changelog's entry for invoices. Observed: a line has `subscription_item` or `invoice_item` where
    there is one, a proration both, and whatever has an invoice item is of type `invoiceitem`.
    """

    since = BASIL
    objects = frozenset({"line_item"})

    def downgrade(self, tree: Tree) -> Tree:
        """The fake knows no taxes. inferred: a unit of a proration costs what the price says."""
        details = tree["parent"][tree["parent"]["type"]]
        items = {name: item for name in ("invoice_item", "subscription_item") if (item := details.get(name))}
        older = {
            "amount_excluding_tax": tree["amount"],
            "proration": details["proration"],
            "proration_details": details["proration_details"],
            "tax_amounts": [],
            "tax_rates": [],
            "type": "invoiceitem" if "invoice_item" in items else "subscription",
            "unit_amount_excluding_tax": _unit_amount(tree),
        }
        return _sorted(tree | items | older)


class MoveInvoiceItemOriginsToParent(VersionChange):
    """An invoice item tells in `parent` of its subscription, and in `pricing` what a unit costs.

    Documented: the changelog's entry for invoices, and by the SDKs' types, of which that for node leaves out
    `subscription_item` where there is none.
    """

    since = BASIL
    objects = frozenset({"invoiceitem"})

    def downgrade(self, tree: Tree) -> Tree:
        """Whole amounts are given as integers, too. inferred: a unit of a proration costs what the price says."""
        if "deleted" in tree:
            return tree
        details = (tree["parent"] or {}).get("subscription_details") or {}
        unit_amount = _unit_amount(tree)
        older = {
            "subscription": details.get("subscription"),
            "unit_amount": None if unit_amount is None or "." in unit_amount else int(unit_amount),
            "unit_amount_decimal": unit_amount,
        }
        item = details.get("subscription_item")
        return _sorted(tree | older | ({} if item is None else {"subscription_item": item}))


class RemoveAggregateUsage(VersionChange):
    """Prices have no `aggregate_usage`, for all usage is of meters; before, those of meters had null there.

    Documented: Stripe's changelog "deprecate-legacy-usage-based-billing". Observed: null in plans and in `recurring`.
    """

    since = BASIL
    objects = frozenset({"plan", "price"})

    def downgrade(self, tree: Tree) -> Tree:
        """It stands in a plan itself, and in what recurs of a price."""
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


class MovePreviousAttributes(VersionChange):
    """An event tells of changed items and parents; before, it told of the fields in their owner.

    Documented: the changelog says so of the `previous_attributes` of `customer.subscription.updated`.
    """

    since = BASIL
    objects = frozenset({"event"})

    def downgrade(self, tree: Tree) -> Tree:
        """What the object as it was before would have had otherwise."""
        now, previous = tree["data"]["object"], tree["data"].get("previous_attributes")
        change = MOVES.get(now["object"])
        if not previous or change is None:
            return tree
        before = change.downgrade(now | previous)
        changed = {name: value for name, value in before.items() if now.get(name) != value}
        return tree | {"data": tree["data"] | {"previous_attributes": changed}}


def _unit_amount(tree: Tree) -> str | None:
    """Observed: a bare amount is one unit's; Stripe makes a price for it, which the fake does not."""
    pricing = tree["pricing"]
    exact: str | None = str(tree["amount"]) if pricing is None else pricing["unit_amount_decimal"]
    return exact


def _sorted(tree: Tree) -> Tree:
    """The fields in the order that Stripe has them in."""
    return {"id": tree["id"], "object": tree["object"]} | dict(sorted(tree.items()))
