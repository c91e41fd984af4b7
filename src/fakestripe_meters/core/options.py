"""The options of a fake. Each is declared here, and nowhere else.

An option is one field of `Options`, with the type that users pass, and one of `Settings`, with the type that the
code reads: a type checker has to see both. The rest follows: `FakeStripe(**options)` and its docstring, the pytest
marker and `fakestripe_settings`, the flags of `fakestripe-meters serve`, and docs/options.md.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from functools import partial
from typing import Annotated
from typing import Any
from typing import NamedTuple
from typing import TypedDict
from typing import TypeVar

from fakestripe_meters.core import checks
from fakestripe_meters.core.clock import When
from fakestripe_meters.core.clock import duration_ns
from fakestripe_meters.core.errors import either
from fakestripe_meters.core.limiter import PROFILES
from fakestripe_meters.core.limiter import Limits

LONGEST_GRACE_S = 72 * 3_600
Kind = TypeVar("Kind", bound=type)


def _as_given(value: Any, _name: str) -> Any:  # noqa: ANN401  whatever it is
    return value


class Option(NamedTuple):
    """What belongs to an option besides its name and its type."""

    about: str
    """What it does, in full sentences, for every place that lists the options."""
    default: Any
    """As users would pass it."""
    check: Callable[[Any, str], Any] = _as_given
    """Takes the value and the option's name; returns what `Settings` keeps, or raises `Misuse`."""
    metavar: str = ""
    """What the help calls the flag's value. A flag of true or false has none."""
    flag: str = ""
    """The flag, where it is not `--` and the option's name."""
    read: Callable[[str], object] = str
    """Makes a value of the flag's text; raises ValueError."""
    repeats: bool = False
    """Whether the flag adds one value to a list each time it is given."""
    bare: object = None
    """What the flag means without a value; None if it needs one."""

    def spelled(self, name: str) -> str:
        """The flag."""
        return self.flag or f"--{name.replace('_', '-')}"


def _limits(wish: object, name: str) -> Limits:
    if isinstance(wish, str):
        wish = {"profile": wish}
    if not isinstance(wish, Mapping):
        raise checks.refused(name, "the name of a profile, or single limits by name", wish)
    return checks.limits(wish, PROFILES["documented"])


def _seed(seed: object, name: str) -> int | str | None:
    if isinstance(seed, bool) or not isinstance(seed, int | str | None):
        raise checks.refused(name, "a whole number or a string", seed)
    return seed


def _hosts(hosts: object, name: str) -> tuple[str, ...]:
    if isinstance(hosts, str) or not isinstance(hosts, Sequence):
        raise checks.refused(name, "a list of hosts", hosts)
    return tuple(checks.text(host, name).lower() for host in hosts)


class Options(TypedDict, total=False):
    """Keyword arguments of `FakeStripe` and `FakeStripe.begin`. The defaults are as Stripe behaves."""

    now: Annotated[
        When | None,
        Option(  # checked by the Clock
            "Freeze the clock at this time: ISO 8601 or Unix seconds. By default the clock runs.", None, metavar="WHEN"
        ),
    ]
    seed: Annotated[
        int | str | None,
        Option(
            "Generate the same ids in every run with this seed. By default ids are random.", None, _seed, metavar="N"
        ),
    ]
    limits: Annotated[
        str | Mapping[str, Any],
        Option(
            f"Enforce the rate limits of this profile: {either(PROFILES)}. Python also takes a dict of single limits, "
            "in calls per second; they replace the documented ones.",
            "documented",
            _limits,
            metavar="PROFILE",
        ),
    ]
    lag: Annotated[
        float,
        Option(
            "Hide accepted usage from summaries, analytics, and invoice previews for this many seconds.",
            0,
            duration_ns,
            metavar="SECONDS",
            read=float,
        ),
    ]
    async_validation: Annotated[
        bool,
        Option(
            "Answer meter events before checking their customer, value, and timestamp. By default every check comes "
            "before the answer.",
            default=False,
            check=checks.flag,
        ),
    ]
    relaxed: Annotated[
        bool,
        Option(
            "Lift Stripe's caps on test clocks, such as three customers per clock.", default=False, check=checks.flag
        ),
    ]
    async_clocks: Annotated[
        bool,
        Option(
            "Answer `advancing` when a test clock is advanced; the clock is `ready` by the next request. By default it "
            "is `ready` at once.",
            default=False,
            check=checks.flag,
        ),
    ]
    finalization_grace: Annotated[
        int,
        Option(
            "Keep the invoice of a subscription's billing cycle a draft for this many seconds, up to 72 hours.",
            3_600,
            partial(checks.whole, least=0, most=LONGEST_GRACE_S),
            metavar="SECONDS",
            read=int,
        ),
    ]
    analytics: Annotated[
        bool,
        Option(
            "Serve the Meter Usage Analytics. If off, their calls get 404, as Stripe answers accounts that are not in "
            "the preview.",
            default=True,
            check=checks.flag,
        ),
    ]
    webhook_hosts: Annotated[
        Sequence[str],
        Option(
            "Also send webhooks to these hosts. By default, webhooks only go to this machine.",
            (),
            _hosts,
            metavar="HOST",
            flag="--webhook-host",
            repeats=True,
        ),
    ]


class MarkerOptions(Options, total=False):
    """Keyword arguments of the pytest marker, and keys of `fakestripe_settings`."""

    freeze_process: Annotated[
        bool,
        Option(
            "Freeze the time of the test process too, and move it along with the fake's clock.",
            default=False,
            check=checks.flag,
        ),
    ]


def _declared(kind: Any) -> dict[str, Option]:  # noqa: ANN401  a TypedDict is no type to a type checker
    return {name: annotation.__metadata__[0] for name, annotation in kind.__annotations__.items()}


OPTIONS = _declared(Options)
MARKER_OPTIONS = _declared(MarkerOptions)


def _kept(name: str) -> Any:  # noqa: ANN401  a field's default
    """The field that keeps the option of this name."""
    option = OPTIONS[name]
    return field(default=option.check(option.default, name), metadata={"option": name})


@dataclass(slots=True)
class Settings:
    """The options in force. The control plane changes some of them; a reset brings back the values of the start."""

    limits: Limits = _kept("limits")  # noqa: RUF009  it is frozen
    lag_ns: int = _kept("lag")
    async_validation: bool = _kept("async_validation")
    relaxed: bool = _kept("relaxed")
    finalization_grace_s: int = _kept("finalization_grace")
    async_clocks: bool = _kept("async_clocks")
    analytics: bool = _kept("analytics")
    webhook_hosts: tuple[str, ...] = _kept("webhook_hosts")


def settings_of(options: Options) -> Settings:
    """Check all options; `Misuse` names the one that is wrong."""
    for name in options:
        checks.known(name, OPTIONS)
    checked = {name: option.check(options.get(name, option.default), name) for name, option in OPTIONS.items()}
    return Settings(**{each.name: checked[each.metadata["option"]] for each in fields(Settings)})


def with_options_listed(kind: Kind) -> Kind:
    """Complete a class's docstring, for `help`: `{options}` in it becomes the list of all options."""
    if kind.__doc__:  # `python -OO` has none
        listed = "\n".join(f"    - `{name}` ({option.default!r}): {option.about}" for name, option in OPTIONS.items())
        kind.__doc__ = kind.__doc__.replace("    {options}", listed)
    return kind
