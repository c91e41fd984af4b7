"""What older versions said differently of subscription schedules."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed
from fakestripe_meters.versions.change import Hidden
from fakestripe_meters.versions.change import Tree
from fakestripe_meters.versions.change import VersionChange
from fakestripe_meters.versions.change import each_of
from fakestripe_meters.versions.change import elements

CREATE = "POST /v1/subscription_schedules"
UPDATE = "POST /v1/subscription_schedules/<schedule_id>"
MODE = "billing_mode"


@documented("https://docs.stripe.com/changelog/clover/2025-09-30/remove-iterations")
@inferred("a request without a version may have it")
class RemoveIterations(Hidden):
    """A phase has no `iterations` any more: its `duration` says how long it lasts."""

    since = "9999-12-31"
    after = "2025-09-30"
    routes = frozenset({CREATE, UPDATE})
    names = frozenset({"iterations"})
    within = ("phases[]",)


@documented("https://docs.stripe.com/changelog/basil/2025-07-30/add-schedule-phase-duration")
class AddDurations(Hidden):
    """A phase takes a `duration`; before, that was unknown."""

    since = "2025-07-30"
    routes = frozenset({CREATE, UPDATE})
    names = frozenset({"duration"})
    within = ("phases[]",)


@documented('Stripe\'s changelog "billing-mode-default-flexible"')
@inferred("the date for previews, that of subscriptions")
class ScheduleInFlexible(VersionChange):
    """The subscription of a schedule is billed in flexible mode by default; before, in classic mode."""

    since = "2025-09-30"
    since_preview = "2025-08-27"
    routes = frozenset({CREATE})

    def upgrade(self, tree: Tree) -> Tree:
        """Say what was the default, unless the schedule is made of a subscription."""
        return tree if "from_subscription" in tree else {MODE: {"type": "classic"}} | tree


@documented('Stripe\'s changelog "billing-mode"')
class AddBillingModeToSchedules(Hidden):
    """A schedule takes a `billing_mode`; before, the parameter was unknown."""

    since = "2025-06-30"
    routes = frozenset({CREATE})
    names = frozenset({MODE})


@documented("Stripe's changelog of 2025-03-31.basil")
@inferred("a request without a version may name it, too")
class ReplaceCouponsOfPhases(VersionChange):
    """Phases take `discounts`; before, they could also take a `coupon`."""

    since = "2025-03-31"
    routes = frozenset({CREATE, UPDATE})

    def written_before(self, tree: Tree) -> bool:
        """Return whether a phase has a coupon."""
        return any("coupon" in phase for phase in elements(tree, "phases"))

    def upgrade(self, tree: Tree) -> Tree:
        """Move coupons into `discounts`."""
        return each_of(tree, "phases", _with_discounts)

    def spelling(self, path: str) -> str:
        """Return the older name."""
        return path.replace("[discounts][0][coupon]", "[coupon]") if path.startswith("phases[") else path


def _with_discounts(phase: Tree) -> Tree:
    if "coupon" not in phase:
        return phase
    if "discounts" in phase:
        raise errors.params.exclusive_params(["coupon", "discounts"])
    rest = {name: value for name, value in phase.items() if name != "coupon"}
    return rest | {"discounts": [{"coupon": phase["coupon"]}] if phase["coupon"] else ""}


@observed("the field, and where it is (twentyhq/twenty#16669)")
@inferred("the release with which it went; a phase with several discounts shows none")
class RemoveCouponsOfPhases(VersionChange):
    """Phases have `discounts`; before, they also had a `coupon`."""

    since = "2025-03-31"
    objects = frozenset({"subscription_schedule"})

    def downgrade(self, tree: Tree) -> Tree:
        """Put the coupons in."""
        return tree | {"phases": [_with_coupon(phase) for phase in tree["phases"]]}


def _with_coupon(phase: Tree) -> Tree:
    found = phase["discounts"]
    coupon = found[0]["coupon"] if len(found) == 1 else None
    return dict(sorted((phase | {"coupon": coupon}).items()))
