"""Every call of the control plane, as data: what HTTP serves, and what its OpenAPI description says.

A new call is a method of `Control` and a row here. The names of the method's parameters are those of the query or of
the body, its first sentence is the summary, and the type of its answer is the schema.
"""

from collections.abc import Callable
from typing import Any
from typing import BinaryIO
from typing import Literal
from typing import TypedDict
from typing import cast

from fakestripe_meters import __version__
from fakestripe_meters.control import Control
from fakestripe_meters.control import answers
from fakestripe_meters.control.plans import shown_stub
from fakestripe_meters.core.late import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One call: its method, its path below `/_fakestripe`, and the function of a `Control` that does it.

    The parameters come from the path and, of a GET, from the query; of other methods, from the members of the body. A
    list is answered as `{"data": […]}`, and None as `{}`.
    """

    method: str
    path: str
    does: Callable[..., Any]
    whole: Any = None
    """The type of the body, if all of it is the only argument."""
    shows: Callable[[Any], Any] | None = None
    """What makes JSON of the answer, if it is something else."""
    any_size: bool = False
    """Whether the body may be larger than that of a request to Stripe."""
    any_query: bool = False
    """Whether the query is ignored, as a health check adds what it likes to it."""
    origin: bool = False
    """Whether the function's `origin` is the address that the request was sent to, empty if it named none."""
    uploads: bool = False
    """Whether the body is a file, which the function takes as `content`; the other parameters come with it."""

    @property
    def in_query(self) -> bool:
        """Whether the parameters are in the query."""
        return self.method == "GET"


class ClockMove(TypedDict, total=False):
    """One move of the clock: freeze it, advance it by seconds, or let it run."""

    freeze: str | float
    advance: float
    resume: bool


LimitsWish = TypedDict(
    "LimitsWish",
    {
        "profile": Literal["documented", "live", "sandbox", "off"],
        "analytics": int | None,
        "meter_events": int | None,
        "stream": int | None,
        "global": int | None,
        "account": str,
    },
    total=False,
)


LimitsWish.__doc__ = """A profile, single limits, or single limits over a profile; of all accounts, or of one."""


class Health(TypedDict):
    """Whether the server answers."""

    status: str
    version: str


def health(_control: Control) -> Health:
    """Return whether the server answers, and its version."""
    return {"status": "ok", "version": __version__}


def fidelity(
    _control: Control,
    mark: Literal["observed", "documented", "disputed", "inferred"] | None = None,
    module: str | None = None,
    about: str | None = None,
) -> answers.Fidelity:
    """Return where behaviours come from: those with a mark, of a module, or `about` a sentence or an operation."""
    from fakestripe_meters import fidelity as ledger  # few calls need it

    return cast("answers.Fidelity", ledger.shown(mark, module, about))


def import_usage(
    control: Control,
    content: BinaryIO,
    filename: str | None = None,
    account: str | None = None,
    source: Literal["s3", "dashboard"] = "s3",
) -> answers.Import:
    """Import a usage file in CSV, JSON or JSON Lines; return what became of it.

    The ending of `filename` says which kind it is. As in the Dashboard, the `source` `dashboard` takes only CSV files
    of at most 5 MB, and more formats of time. If the file is refused as a whole, nothing of it counts.
    """
    return control.import_usage(content, filename, account, source)


def description(control: Control, origin: str) -> dict[str, Any]:
    """Return the OpenAPI description of all that is served."""
    from fakestripe_meters import openapi  # as above

    site = control.engine.site
    server = site.public_url or origin or site.address or ""
    return openapi.description(control.engine.routes.every, __version__, rows=ROWS, server=server)


ROWS = (
    Row("GET", "/health", health, any_query=True),
    Row("POST", "/reset", Control.reset),
    Row("GET", "/clock", Control.clock),
    Row("POST", "/clock", Control.move_clock, whole=ClockMove),
    Row("GET", "/limits", Control.limits),
    Row("PUT", "/limits", Control.set_limits, whole=LimitsWish),
    Row("PUT", "/keys/<key>", Control.restrict_key),
    Row("GET", "/keys", Control.restricted_keys),
    Row("DELETE", "/keys/<key>", Control.unrestrict_key),
    Row("GET", "/permissions", Control.needed_permissions),
    Row("GET", "/lag", Control.lag),
    Row("PUT", "/lag", Control.set_lag),
    Row("POST", "/flush", Control.flush),
    Row("GET", "/bucket", Control.bucket),
    Row("POST", "/payment_intents/<intent>/authenticate", Control.authenticate_payment),
    Row("POST", "/setup_intents/<intent>/authenticate", Control.authenticate_setup),
    Row("POST", "/checkout/sessions/<session_id>/complete", Control.complete_checkout),
    Row("POST", "/checkout/sessions/<session_id>/expire", Control.expire_checkout),
    Row("GET", "/journal", Control.journal),
    Row("GET", "/journal/<request_id>", Control.exchange),
    Row("POST", "/faults", Control.plan_fault),
    Row("GET", "/faults", Control.faults),
    Row("DELETE", "/faults", Control.clear_faults),
    Row("POST", "/stubs", Control.plan_stub, shows=shown_stub),
    Row("POST", "/chaos", Control.start_chaos),
    Row("GET", "/chaos", Control.chaos),
    Row("DELETE", "/chaos", Control.end_chaos),
    Row("GET", "/stubs", Control.stubs),
    Row("DELETE", "/stubs", Control.clear_stubs),
    Row("GET", "/unstruck", Control.shown_unstruck),
    Row("GET", "/snapshot", Control.snapshot),
    Row("PUT", "/snapshot", Control.restore, whole=dict[str, Any], any_size=True),
    Row("POST", "/checkpoints", Control.new_checkpoint),
    Row("GET", "/checkpoints", Control.checkpoints),
    Row("POST", "/checkpoints/<checkpoint>/rewind", Control.rewind),
    Row("DELETE", "/checkpoints/<checkpoint>", Control.delete_checkpoint),
    Row("GET", "/dropped", Control.dropped),
    Row("GET", "/vendor_customers", Control.vendor_customers),
    Row("PUT", "/vendor_customers", Control.set_vendor_customers),
    Row("POST", "/imports", import_usage, uploads=True),
    Row("GET", "/imports", Control.imports),
    Row("GET", "/webhooks", Control.webhooks),
    Row("GET", "/webhooks/<delivery>", Control.webhook),
    Row("GET", "/webhooks/settings", Control.webhook_settings),
    Row("GET", "/webhooks/unheard", Control.unheard_webhooks),
    Row("POST", "/webhooks/hold", Control.hold_webhooks),
    Row("POST", "/webhooks/release", Control.release_webhooks),
    Row("POST", "/webhooks/repeat", Control.repeat_webhooks),
    Row("POST", "/webhooks/drop", Control.drop_webhooks),
    Row("POST", "/webhooks/settle", Control.settle_webhooks),
    Row("POST", "/webhooks/allow", Control.allow_webhook_hosts),
    Row("PUT", "/webhooks/timeout", Control.set_webhook_timeout),
    Row("GET", "/accounts", Control.listed_accounts),
    Row("GET", "/agenda", Control.agenda),
    Row("GET", "/usage", Control.usage),
    Row("GET", "/usage/by_day", Control.usage_by_day),
    Row("POST", "/usage/differences", Control.usage_differences),
    Row("GET", "/explain", Control.explain),
    Row("GET", "/explain/billing", Control.explain_billing),
    Row("GET", "/invoices/<invoice>/explain", Control.explain_invoice),
    Row("GET", "/rates", Control.peak_rates),
    Row("GET", "/report", Control.report),
    Row("GET", "/fidelity", fidelity),
    Row("GET", "/openapi.json", description, origin=True),
)
