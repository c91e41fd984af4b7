"""What payment intents, charges and refunds were in older versions."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.change import OUT_OF_THE_WAY
from fakestripe_meters.versions.change import Known
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange

CREATE = "POST /v1/payment_intents"
UPDATE = "POST /v1/payment_intents/<intent_id>"
CONFIRM = "POST /v1/payment_intents/<intent_id>/confirm"
OF_SETUPS = frozenset({"POST /v1/setup_intents", "POST /v1/setup_intents/<intent_id>"})
TYPES = "payment_method_types"
HOOKS = "https://hooks.stripe.com/redirect/authenticate/"


@documented("https://docs.stripe.com/changelog, 2026-09-30.endive: the code `payment_method_types_no_longer_supported`")
@observed("2026-08-26.dahlia still takes it (Kiln-AI/stripe_world)")
@inferred("a request without a version may list them")
class RefuseListedTypes(VersionChange):
    """Requests no longer list the types of payment methods that an intent takes."""

    since = "2026-09-30"
    routes = frozenset({CREATE, UPDATE, CONFIRM, "POST /v1/checkout/sessions"}) | OF_SETUPS

    def written_before(self, tree: Tree) -> bool:
        """Return whether the request lists types."""
        return TYPES in tree

    def upgrade(self, tree: Tree) -> Tree:
        """Put a mark before the types, so that they are taken."""
        types = tree.get(TYPES)
        listed = list(types.values()) if isinstance(types, dict) else types
        return tree | {TYPES: [OUT_OF_THE_WAY, *listed]} if isinstance(listed, list) else tree

    def spelling(self, path: str) -> str:
        """Return the place of a type without the mark."""
        name, bracket, place = path.partition("[")
        return f"{TYPES}[{int(place[:-1]) - 1}]" if name == TYPES and bracket and place[:-1].isdigit() else path


@documented('Stripe\'s changelog of 2024-04-10, "capture_method"')
@observed("pay-rails/pay has both values")
class CaptureAsynchronously(VersionChange):
    """A new payment intent captures asynchronously by default; before, it did so at once."""

    since = "2024-04-10"
    routes = frozenset({CREATE})

    def upgrade(self, tree: Tree) -> Tree:
        """Say what was the default."""
        return {"capture_method": "automatic"} | tree


@documented('Stripe\'s changelog of 2023-08-16, "automatic_payment_methods"')
@observed("pay-rails/pay has both values")
class TakeAutomaticMethods(VersionChange):
    """A new payment intent or setup intent takes what the account's settings say by default; before, it took cards."""

    since = "2023-08-16"
    routes = frozenset({CREATE, "POST /v1/setup_intents"})

    def upgrade(self, tree: Tree) -> Tree:
        """Say what was the default."""
        named = "automatic_payment_methods" in tree or TYPES in tree
        return tree if named else tree | {"automatic_payment_methods": {"enabled": "false"}}


@documented('Stripe\'s changelog of 2025-03-31.basil, "add-support-for-multiple-partial-payments-on-invoices"')
@observed("pay-rails/pay has both shapes")
class SeparateInvoices(VersionChange):
    """Payment intents and charges do not name an invoice; before, they did."""

    since = "2025-03-31"
    objects = frozenset({"charge", "payment_intent"})

    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:
        """Name the invoice."""
        if "id" not in tree:
            return tree
        former = known.former(tree["object"], tree["id"])
        return _sorted(tree | {"invoice": former.get("invoice")})


@documented('Stripe\'s changelog of 2022-11-15, "charges auto expansion removed"')
@observed("pay-rails/pay has both shapes")
class NameTheLatestCharge(VersionChange):
    """A payment intent names its latest charge; before, it held all of them in full, as a charge held its refunds."""

    since = "2022-11-15"
    objects = frozenset({"charge", "payment_intent"})

    def downgrade_knowing(self, tree: Tree, known: Known) -> Tree:
        """Put in the list."""
        name = "charges" if tree["object"] == "payment_intent" else "refunds"
        if name in tree or "id" not in tree:
            return tree
        former = known.former(tree["object"], tree["id"])
        return _sorted(tree | {name: former[name]}) if name in former else tree


@observed("at 2020-08-27, before and after (pay-rails/pay); the sentence of the newer versions is that of 2025")
@inferred("the release")
class ExplainTheMinimum(VersionChange):
    """An amount of zero is refused with advice; before, with the sentence that any number has."""

    since = "2022-11-15"
    routes = frozenset({CREATE, UPDATE})

    def upgrade(self, tree: Tree) -> Tree:
        """Refuse zero."""
        if tree.get("amount") == "0":
            raise errors.params.too_small("amount", 1)
        return tree


@observed("at 2020-08-27 and at 2025-03-31.basil (pay-rails/pay)")
@inferred("the release, and that an intent of a subscription was set up if its payment was authenticated")
class FollowTheNewerProtocol(VersionChange):
    """What a browser does to authenticate a payment has another form, and each payment of a subscription sets up."""

    since = "2022-11-15"
    objects = frozenset({"payment_intent", "setup_intent"})

    def downgrade(self, tree: Tree) -> Tree:
        """Put the older form into its place."""
        action = tree.get("next_action")
        if action and action["type"] == "use_stripe_sdk":
            source = f"src_{action['use_stripe_sdk']['three_d_secure_2_source'][8:]}"
            steps = {"type": "three_d_secure_redirect", "stripe_js": f"{HOOKS}{source}", "source": source}
            return tree | {"next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": steps}}
        paid = tree.get("status") == "succeeded" and tree.get("payment_details")
        return tree | {"setup_future_usage": None} if paid else tree


@observed("recordings up to 2023-08-16 have null, those of 2025-10-29.clover `pass` (pay-rails/pay)")
@inferred("the release")
class CheckSecurityCodes(VersionChange):
    """The card of a payment method, or of a charge, says whether its code was right; before, test cards did not."""

    since = "2023-10-16"
    objects = frozenset({"payment_method", "charge"})

    def downgrade(self, tree: Tree) -> Tree:
        """Take out what the check has found."""
        details = tree.get("payment_method_details")
        if isinstance(details, dict):
            return tree | {"payment_method_details": self._unchecked(details)}
        return self._unchecked(tree)

    def _unchecked(self, tree: Tree) -> Tree:
        card = tree.get("card")
        if not isinstance(card, dict) or not isinstance(card.get("checks"), dict):
            return tree
        return tree | {"card": card | {"checks": card["checks"] | {"cvc_check": None}}}


def _sorted(tree: Tree) -> Tree:
    return {"id": tree["id"], "object": tree["object"]} | dict(sorted(tree.items()))
