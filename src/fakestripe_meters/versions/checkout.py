"""What requests for Checkout sessions were like in older versions, and what their answers called the kinds of pages."""

from collections.abc import Callable
from typing import Any
from typing import ClassVar

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import each_of
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown

CREATE = "POST /v1/checkout/sessions"
UPDATE = "POST /v1/checkout/sessions/<session_id>"
UI = "ui_mode"
DATA = "subscription_data"
OLDER = {"custom": "elements", "embedded": "embedded_page", "hosted": "hosted_page"}
NEWER = {newer: older for older, newer in OLDER.items()}


@documented("https://docs.stripe.com/changelog/dahlia/2026-03-25/updates-available-checkout-session-ui-modes")
@observed("both names of the page of Stripe's (pay-rails/pay, maybe-finance/maybe)")
class NameUiModes(VersionChange):
    """A Checkout session's `ui_mode` is `hosted_page`, `embedded_page` or `elements`; it was `hosted` and so on."""

    since = "2026-03-25"
    routes = frozenset({CREATE})
    objects = frozenset({"checkout.session"})

    def upgrade(self, tree: Tree) -> Tree:
        """Put in the newer name; raise StripeError 400 for what had no older one."""
        mode = tree.get(UI)
        if not isinstance(mode, str) or not mode:
            return tree
        if mode not in OLDER:
            raise errors.params.invalid_choice(UI, OLDER)
        return tree | {UI: OLDER[mode]}

    def spelling(self, path: str) -> str:
        """Return the older name where a refusal mentions one."""
        name, _, mode = path.partition(": ")
        return f"{UI}: {NEWER[mode]}" if name == UI and mode in NEWER else path

    def downgrade(self, tree: Tree) -> Tree:
        """Put in the older name."""
        mode = tree.get(UI)
        return tree | {UI: NEWER[mode]} if mode in NEWER else tree


class _Hide(VersionChange):
    """A request takes another parameter, which was unknown before."""

    routes = frozenset({CREATE})
    names: ClassVar[frozenset[str]] = frozenset()

    def upgrade(self, tree: Tree) -> Tree:
        """Hide the parameters, which are unknown."""
        return hidden(tree, self.names)

    def spelling(self, path: str) -> str:
        """Return a hidden parameter's own name, for the error."""
        return shown(path)


@documented("https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions")
class AllowTypesOfSessions(_Hide):
    """A Checkout session takes `allowed_payment_method_types`."""

    since = "2026-09-30"
    names = frozenset({"allowed_payment_method_types"})


@documented("the SDKs' changelogs")
class TakeInvoiceTexts(_Hide):
    """The subscription of a Checkout session takes what is printed on its invoices."""

    since = "2026-09-30"
    names = frozenset({"account_tax_ids", "custom_fields", "description", "footer"})

    def upgrade(self, tree: Tree) -> Tree:
        """Hide the parameters, which are unknown."""
        return _inside(
            tree, DATA, lambda data: _inside(data, "invoice_settings", lambda each: hidden(each, self.names))
        )


@documented("the SDKs' changelogs")
class TakeTaxDetails(_Hide):
    """The product of a line takes `tax_details`."""

    since = "2026-09-30"
    routes = frozenset({CREATE, UPDATE})
    names = frozenset({"tax_details"})

    def upgrade(self, tree: Tree) -> Tree:
        """Hide the parameter, which is unknown."""

        def of_line(line: Tree) -> Tree:
            return _inside(
                line, "price_data", lambda data: _inside(data, "product_data", super(TakeTaxDetails, self).upgrade)
            )

        return each_of(tree, "line_items", of_line)


@documented("the SDKs' changelogs")
class TakeAnchorConfigs(_Hide):
    """The subscription of a Checkout session takes `billing_cycle_anchor_config`."""

    since = "2026-06-24"
    names = frozenset({"billing_cycle_anchor_config"})

    def upgrade(self, tree: Tree) -> Tree:
        """Hide the parameter, which is unknown."""
        return _inside(tree, DATA, super().upgrade)


@documented('Stripe\'s changelog "billing-mode-default-flexible"')
@inferred("the date for previews, that of subscriptions")
class SubscribeInFlexible(VersionChange):
    """The subscription of a Checkout session is billed in flexible mode by default; before, in classic mode."""

    since = "2025-09-30"
    since_preview = "2025-08-27"
    routes = frozenset({CREATE})

    def upgrade(self, tree: Tree) -> Tree:
        """Say what was the default."""
        if tree.get("mode") != "subscription" or not isinstance(tree.get(DATA, {}), dict):
            return tree
        return tree | {DATA: {"billing_mode": {"type": "classic"}} | tree.get(DATA, {})}


@documented("the SDKs' changelogs")
class TakeBillingModes(_Hide):
    """The subscription of a Checkout session takes a `billing_mode`."""

    since = "2025-06-30"
    names = frozenset({"billing_mode"})

    def upgrade(self, tree: Tree) -> Tree:
        """Hide the parameter, which is unknown."""
        return _inside(tree, DATA, super().upgrade)


def _inside(tree: Tree, name: str, change: Callable[[Tree], Tree]) -> Tree:
    """Return a tree with one of its hashes changed."""
    held: Any = tree.get(name)
    return tree | {name: change(held)} if isinstance(held, dict) else tree
