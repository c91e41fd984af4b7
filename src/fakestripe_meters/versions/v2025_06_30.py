"""2025-06-30.basil and the previews before it, which gave subscriptions a billing mode; 2025-09-30 made it flexible."""

import json
from collections.abc import Mapping
from typing import ClassVar

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import elements
from fakestripe_meters.versions.change import hidden
from fakestripe_meters.versions.change import shown

NAME = "billing_mode"
MODES: Mapping[str, str] = {"legacy_prorations": "classic", "credits_attributed_to_debits": "flexible"}
"""What the first previews called the modes, and what they are called since."""
CREATE = frozenset({"POST /v1/subscriptions"})
PREVIEWS = frozenset(
    {"POST /v1/invoices/create_preview", "GET /v1/invoices/upcoming", "GET /v1/invoices/upcoming/lines"}
)
PREVIEW = frozenset({"POST /v1/invoices/create_preview"})
DETAILS = "subscription_details"


class _OfSubscription(VersionChange):
    """A change of a subscription's parameters."""

    routes = CREATE
    inside: ClassVar[str] = ""
    """The parameter that holds them; empty if they are those of the request itself."""

    def upgrade(self, tree: Tree) -> Tree:
        """Change them where they are."""
        if not self.inside:
            return self.change(tree)
        held = tree.get(self.inside)
        return tree | {self.inside: self.change(held)} if isinstance(held, dict) else tree

    def change(self, tree: Tree) -> Tree:
        """Return the parameters as they are written since this change: by default, as they are."""
        return tree

    @property
    def path(self) -> str:
        """The path of the billing mode."""
        return f"{self.inside}[{NAME}]" if self.inside else NAME


@documented('Stripe\'s changelog "billing-mode-default-flexible", for previews and for the others')
@inferred("the first previews behaved like the versions before them if a request names no mode")
class DefaultToFlexible(_OfSubscription):
    """A new subscription is billed in flexible mode by default; before, in classic mode."""

    since = "2025-09-30"
    since_preview = "2025-08-27"

    def change(self, tree: Tree) -> Tree:
        """Say what was the default."""
        return {NAME: {"type": "classic"}} | tree


class PreviewInFlexible(DefaultToFlexible):
    """The first invoice of a subscription that does not exist yet is previewed in the mode that it would have."""

    routes, inside = PREVIEW, DETAILS

    def upgrade(self, tree: Tree) -> Tree:
        """Say what was the default, unless the preview is of a subscription that exists."""
        details = tree.get(DETAILS)
        is_new = "subscription" not in tree and isinstance(details, dict) and elements(details, "items")
        return super().upgrade(tree) if is_new else tree


@documented("the SDKs' changelogs, stripe/stripe-php#1864, and Stripe's changelog \"billing-mode-hash\"")
@inferred("a request that sends a hash is told that it must be a string")
class MakeBillingModeAHash(_OfSubscription):
    """In previews, `billing_mode` is a hash with a `type`; before, it was a string, and the modes had other names."""

    since_preview = "2025-06-30"

    def change(self, tree: Tree) -> Tree:
        """Turn a string into a hash."""
        mode = tree.get(NAME)
        if mode is None:
            return tree
        if not isinstance(mode, str):
            raise errors.params.invalid_string(self.path, json.dumps(mode, separators=(",", ":")))
        if mode not in MODES:
            raise errors.params.invalid_choice(self.path, MODES)
        return tree | {NAME: {"type": MODES[mode]}}


class MakeBillingModeOfPreviewsAHash(MakeBillingModeAHash):
    """The same in what a preview says of its subscription."""

    routes, inside = PREVIEW, DETAILS


class ShowBillingModeAsHash(VersionChange):
    """In previews, a subscription's `billing_mode` is a hash; before, it was a string."""

    since_preview = "2025-06-30"
    objects = frozenset({"subscription", "subscription_schedule"})

    def downgrade(self, tree: Tree) -> Tree:
        """Show the mode as a string."""
        mode = tree.get(NAME)
        older = {newer: older for older, newer in MODES.items()}
        return tree | {NAME: older[mode["type"]]} if isinstance(mode, dict) else tree


@documented("Stripe's changelog \"billing-mode\", and for previews the SDKs' changelogs, stripe/stripe-node#2307")
class AddBillingMode(_OfSubscription):
    """A new subscription takes a `billing_mode`; before, the parameter was unknown."""

    since = "2025-06-30"
    since_preview = "2025-04-30"

    def change(self, tree: Tree) -> Tree:
        """Hide the parameter, which is unknown."""
        return hidden(tree, frozenset({NAME}))

    def spelling(self, path: str) -> str:
        """Return the hidden parameter's own name, for the error."""
        return shown(path)


class AddBillingModeToPreviews(AddBillingMode):
    """The same in what a preview says of its subscription."""

    routes, inside = PREVIEWS, DETAILS


class ShowBillingMode(VersionChange):
    """In previews, a subscription has a `billing_mode`: earlier than in other versions."""

    since_preview = "2025-04-30"
    objects = frozenset({"subscription", "subscription_schedule"})

    def downgrade(self, tree: Tree) -> Tree:
        """Remove the field."""
        return {name: value for name, value in tree.items() if name != NAME}
