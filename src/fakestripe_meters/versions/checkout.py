"""What requests for Checkout sessions were like in older versions, and what their answers called the kinds of pages."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.change import Hidden
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange

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


@documented("https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions")
class AllowTypesOfSessions(Hidden):
    """A Checkout session takes `allowed_payment_method_types`."""

    since = "2026-09-30"
    routes = frozenset({CREATE})
    names = frozenset({"allowed_payment_method_types"})


@documented("the SDKs' changelogs")
class TakeInvoiceTexts(Hidden):
    """The subscription of a Checkout session takes what is printed on its invoices."""

    since = "2026-09-30"
    routes = frozenset({CREATE})
    names = frozenset({"account_tax_ids", "custom_fields", "description", "footer"})
    within = (DATA, "invoice_settings")


@documented("the SDKs' changelogs")
class TakeTaxDetails(Hidden):
    """The product of a line takes `tax_details`."""

    since = "2026-09-30"
    routes = frozenset({CREATE, UPDATE})
    names = frozenset({"tax_details"})
    within = ("line_items[]", "price_data", "product_data")


@documented("the SDKs' changelogs")
class TakeAnchorConfigs(Hidden):
    """The subscription of a Checkout session takes `billing_cycle_anchor_config`."""

    since = "2026-06-24"
    routes = frozenset({CREATE})
    names = frozenset({"billing_cycle_anchor_config"})
    within = (DATA,)


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
class TakeBillingModes(Hidden):
    """The subscription of a Checkout session takes a `billing_mode`."""

    since = "2025-06-30"
    routes = frozenset({CREATE})
    names = frozenset({"billing_mode"})
    within = (DATA,)
