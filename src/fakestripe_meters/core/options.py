"""The options of a fake. Each is declared here, and nowhere else.

An option is one field of `Options`, with the type that users pass, and one of `Settings`, with the type that the
code reads: a type checker has to see both. The rest follows: `FakeStripe(**options)` and its docstring, the pytest
marker and `fakestripe_settings`, the flags of `fakestripe-meters serve`, and docs/options.md.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import field
from dataclasses import fields
from functools import partial
from os import PathLike
from typing import Annotated
from typing import Any
from typing import TypedDict

from fakestripe_meters.core import checks
from fakestripe_meters.core.clock import HOUR_S
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.clock import duration_ns
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.limits import PROFILES
from fakestripe_meters.core.limits import Limits
from fakestripe_meters.core.option import Option
from fakestripe_meters.core.option import switch
from fakestripe_meters.core.option_checks import AFTER_RETRIES
from fakestripe_meters.core.option_checks import GRACE_FOR
from fakestripe_meters.core.option_checks import LEAKS
from fakestripe_meters.core.option_checks import LONGEST_GRACE_S
from fakestripe_meters.core.option_checks import LONGEST_TICK_S
from fakestripe_meters.core.option_checks import PAYMENT_METHODS
from fakestripe_meters.core.option_checks import UNSERVED
from fakestripe_meters.core.option_checks import check_after_retries
from fakestripe_meters.core.option_checks import check_grace_for
from fakestripe_meters.core.option_checks import check_leaks
from fakestripe_meters.core.option_checks import check_payment_methods
from fakestripe_meters.core.option_checks import check_retries
from fakestripe_meters.core.option_checks import days


class Options(TypedDict, total=False):
    """Keyword arguments of `FakeStripe` and `FakeStripe.begin`. By default the fake behaves as Stripe does."""

    now: Annotated[
        When | None,
        Option(  # checked by the Clock
            "Freeze the clock at this time: ISO 8601 or Unix seconds. By default the clock runs.", None, metavar="WHEN"
        ),
    ]
    seed: Annotated[
        int | str | None,
        Option(
            "Generate the same ids in every run with this seed. By default ids are random.",
            None,
            checks.seed,
            metavar="N",
        ),
    ]
    limits: Annotated[
        str | Mapping[str, Any],
        Option(
            f"Enforce the rate limits of this profile: {either(PROFILES)}. Python also takes a dict of single limits, "
            "which replace the documented ones.",
            "documented",
            checks.limits_or_profile,
            metavar="PROFILE",
        ),
    ]
    lag: Annotated[
        float,
        Option(
            "Hide accepted usage from summaries, analytics, and invoice previews for this many seconds, and changes of "
            "objects from searches.",
            0,
            duration_ns,
            metavar="SECONDS",
            read=float,
        ),
    ]
    async_validation: Annotated[
        bool,
        switch(
            "Answer meter events before checking their customer, value, and timestamp. By default every check comes "
            "before the answer.",
        ),
    ]
    strict_decimals: Annotated[
        bool,
        switch(
            "Refuse values of meter events with more than 12 decimals, as one product reports it of Stripe. By default "
            "only the documented limit holds: 15 digits.",
        ),
    ]
    relaxed: Annotated[
        bool,
        switch("Lift Stripe's caps on test clocks, such as three customers per clock."),
    ]
    async_clocks: Annotated[
        bool | float,
        Option(
            "Answer `advancing` when a test clock is advanced. The clock is `ready` when you retrieve or list it, or "
            "after one second. With a number, it is `ready` after so many seconds of the fake's clock. Until then, "
            "changes to its objects get 429. By default it is `ready` at once.",
            False,  # noqa: FBT003  it is the default of this option
            checks.switch_or_seconds,
            metavar="SECONDS",
            read=float,
            bare=True,
        ),
    ]
    finalization_grace: Annotated[
        int,
        Option(
            "Keep the invoice of a subscription's billing cycle, or of a schedule's phase change with usage, a draft "
            "for this many seconds, up to 72 hours. Others stay drafts for an hour.",
            HOUR_S,
            partial(checks.whole, least=0, most=LONGEST_GRACE_S),
            metavar="SECONDS",
            read=int,
        ),
    ]
    grace_for: Annotated[
        str,
        Option(
            "Let `finalization_grace` cover all of these invoices, or only those with a metered price; the others then "
            f"stay drafts for an hour: {either(GRACE_FOR)}.",
            "all",
            check_grace_for,
            metavar="WHICH",
        ),
    ]
    retries: Annotated[
        Sequence[int],
        Option(
            "Try a failed payment of an invoice again after so many days, each counted from the try before: `(3, 5, "
            "7)`, or `3,5,7` at the command line. By default it is not tried again.",
            (),
            check_retries,
            metavar="DAYS",
            read=days,
        ),
    ]
    after_retries: Annotated[
        str,
        Option(
            "When the last try to pay a subscription's invoice has failed, leave the subscription past due, make it "
            f"unpaid, or cancel it: {either(AFTER_RETRIES)}. Without `retries`, the first try is the last.",
            "past_due",
            check_after_retries,
            metavar="STATUS",
        ),
    ]
    payment_methods: Annotated[
        str,
        Option(
            "Let a customer without a payment method pay all the same, and take the name of a test card as a default "
            f"payment method; or require a payment method, as Stripe does: {either(PAYMENT_METHODS)}.",
            "optional",
            check_payment_methods,
            metavar="WHAT",
        ),
    ]
    tick: Annotated[
        float,
        Option(
            "Let a frozen clock move on by this many seconds after each request, up to a day, so that no two changes "
            "share an instant. Limits then refill as well, and scheduled work is done. `created` is in whole seconds.",
            0,
            partial(checks.duration, longest=LONGEST_TICK_S),
            metavar="SECONDS",
            read=float,
        ),
    ]
    analytics: Annotated[
        bool,
        switch(
            "Serve the Meter Usage Analytics. If off, their calls get 404, as Stripe answers accounts that are not in "
            "the preview.",
            default=True,
        ),
    ]
    unserved: Annotated[
        str,
        Option(
            "Refuse parameters that Stripe has and the fake does not act on, with 501; or ignore them, and name them "
            f"in the journal and in the header `Fakestripe-Ignored`: {either(UNSERVED)}.",
            "refuse",
            partial(checks.word, words=UNSERVED),
            metavar="WHAT",
        ),
    ]
    webhook_hosts: Annotated[
        Sequence[str],
        Option(
            "Also send webhooks to these hosts. By default, webhooks only go to this machine.",
            (),
            checks.hosts,
            metavar="HOST",
            flag="--webhook-host",
            repeats=True,
            of_process=True,
        ),
    ]
    bucket: Annotated[
        str | PathLike[str] | None,
        Option(
            "Let this folder stand for the S3 bucket that Stripe reads usage from: every five minutes of the fake's "
            "time, new files in it are imported into the account of `sk_test_fakestripe`.",
            None,
            checks.folder,
            metavar="DIR",
            of_process=True,
        ),
    ]
    public_url: Annotated[
        str | None,
        Option(
            "Show this address in links to pages, such as a Checkout session's `url`, instead of the server's own: for "
            "example `http://localhost:8080`, if a container's port is published there.",
            None,
            checks.origin,
            metavar="URL",
            of_process=True,
        ),
    ]


class MarkerOptions(Options, total=False):
    """Keyword arguments of the pytest marker, and keys of `fakestripe_settings`."""

    freeze_process: Annotated[
        bool,
        switch("Freeze the time of the test process too, and move it along with the fake's clock."),
    ]
    advance_on_sleep: Annotated[
        bool,
        switch("Let `time.sleep` and `asyncio.sleep` of the test process advance the fake's clock instead of waiting."),
    ]
    leaks: Annotated[
        str,
        Option(
            "Refuse connections of the test process to Stripe's hosts that are not intercepted, or allow them: "
            f"{either(LEAKS)}.",
            "refuse",
            check_leaks,
            metavar="WHAT",
        ),
    ]


def _declared(kind: Any) -> dict[str, Option]:  # noqa: ANN401  a TypedDict is no type to a type checker
    return {name: annotation.__metadata__[0] for name, annotation in kind.__annotations__.items()}


OPTIONS = _declared(Options)
MARKER_OPTIONS = _declared(MarkerOptions)


def _setting(name: str) -> Any:  # noqa: ANN401  a field's default
    """Return a field of `Settings` for the option of this name."""
    option = OPTIONS[name]
    return field(default=option.check(option.default, name), metadata={"option": name})


@dataclass(slots=True)
class Settings:
    """The options in force. The control plane changes some of them; a reset brings back the values of the start."""

    limits: Limits = _setting("limits")
    lag_ns: int = _setting("lag")
    async_validation: bool = _setting("async_validation")
    strict_decimals: bool = _setting("strict_decimals")
    relaxed: bool = _setting("relaxed")
    finalization_grace_s: int = _setting("finalization_grace")
    grace_for: str = _setting("grace_for")
    async_clocks: bool | int = _setting("async_clocks")
    """In nanoseconds, if it is a number."""
    retries: tuple[int, ...] = _setting("retries")
    """In days, each counted from the try before."""
    after_retries: str = _setting("after_retries")
    payment_methods: str = _setting("payment_methods")
    """Whether they are `required` for a payment."""
    tick_ns: int = _setting("tick")
    analytics: bool = _setting("analytics")
    unserved: str = _setting("unserved")
    webhook_hosts: tuple[str, ...] = _setting("webhook_hosts")
    public_url: str | None = _setting("public_url")
    bucket: str | None = _setting("bucket")


def settings_of(options: Options) -> Settings:
    """Return the settings for these options; raise a `Misuse` that names the option that is wrong."""
    for name in options:
        checks.known(name, OPTIONS)
    checked = {name: option.check(options.get(name, option.default), name) for name, option in OPTIONS.items()}
    return Settings(**{each.name: checked[each.metadata["option"]] for each in fields(Settings)})
