"""Who may import whom: every module of both packages against the table of layers."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = (ROOT / "src", ROOT / "conftest_plugin")

# Besides the standard library. A leading dot stands for fakestripe_meters; a name covers all below it.
FLOOR = {".core", ".framework", ".wire"}
DOOR = {".control", ".core", ".engine", ".wire.message"}
MAY_IMPORT = {
    ".core": {".core"},
    ".wire": {".core", ".wire"},
    ".versions": {".core.account", ".core.errors", ".core.sources", ".versions"},
    ".framework": {".core", ".framework", ".wire"},
    ".domain.events": FLOOR | {".domain.events"},
    ".domain.records": FLOOR | {".domain.events", ".domain.records"},
    ".domain.paying": FLOOR | {".domain.events", ".domain.records", ".domain.paying"},
    ".domain.invoicing": FLOOR | {".domain.events", ".domain.records", ".domain.paying", ".domain.invoicing"},
    ".domain.subscribing": FLOOR
    | {".domain.events", ".domain.records", ".domain.paying", ".domain.invoicing", ".domain.subscribing"},
    ".domain.planning": FLOOR
    | {
        ".domain.events",
        ".domain.records",
        ".domain.paying",
        ".domain.invoicing",
        ".domain.subscribing",
        ".domain.planning",
    },
    ".domain.checkout": FLOOR
    | {
        ".domain.events",
        ".domain.records",
        ".domain.paying",
        ".domain.invoicing",
        ".domain.subscribing",
        ".domain.checkout",
    },
    ".domain.metering": FLOOR | {".domain"},
    ".domain.importing": FLOOR | {".domain"},
    ".domain.portal": FLOOR | {".domain"},
    ".domain.__init__": set(),
    ".resources.__init__": {".core.packaged", ".framework", ".resources"},
    ".resources.customer_payment_methods": FLOOR | {".domain", ".resources.payment_methods"},
    ".resources.v2.billing.meter_event_adjustments": FLOOR | {".domain", ".resources.billing.meter_event_adjustments"},
    ".resources.v2.billing.meter_event_stream": FLOOR | {".domain", ".resources.v2.billing.meter_events"},
    ".resources": FLOOR | {".domain"},
    ".delivery.__init__": set(),
    ".delivery.outcome": {".core"},
    ".delivery.sending": {".core.printing", ".delivery.outcome", ".domain.events.addresses"},
    ".delivery.notification": {".core", ".domain.events", ".domain.records.former", ".versions", ".wire.tree"},
    ".delivery.traffic": {".core", ".domain.events", ".delivery.notification", ".delivery.outcome"},
    ".delivery.rounds": {".delivery.handler_loop"},
    ".delivery.handler_loop": {".delivery.rounds"},
    ".delivery.apps": {".core"},
    ".delivery.into_asgi": {".delivery.handler_loop", ".delivery.apps", ".delivery.notification"},
    ".delivery.inbox": {".core", ".domain.events", ".delivery.notification"},
    ".delivery.ticker": {".core"},
    ".delivery.held": {".core", ".delivery.traffic", ".domain.events"},
    ".delivery.fate": {
        ".core",
        ".delivery.event_types",
        ".delivery.notification",
        ".delivery.outbox",
        ".delivery.traffic",
        ".domain.events",
    },
    ".delivery.outbox": {
        ".core",
        ".domain.events",
        ".delivery.held",
        ".delivery.inbox",
        ".delivery.notification",
        ".delivery.outcome",
        ".delivery.rounds",
        ".delivery.sending",
        ".delivery.ticker",
        ".delivery.traffic",
    },
    ".delivery.event_types": {".core", ".domain.events"},
    ".delivery.listeners": {".core", ".delivery.event_types", ".domain.events"},
    ".delivery.handlers": {
        ".core",
        ".delivery.apps",
        ".delivery.notification",
        ".delivery.outcome",
        ".delivery.traffic",
    },
    ".delivery.into_wsgi": {".delivery.apps", ".delivery.notification"},
    ".delivery.webhooks": {
        ".core",
        ".domain.events",
        ".delivery.apps",
        ".delivery.fate",
        ".delivery.into_asgi",
        ".delivery.handlers",
        ".delivery.inbox",
        ".delivery.into_wsgi",
        ".delivery.listeners",
        ".delivery.notification",
        ".delivery.outbox",
        ".delivery.traffic",
    },
    ".openapi": {".core", ".framework", ".openapi", ".resources", ".wire"},
    ".fidelity": {".core", ".framework", ".marks", ".reach", ".resources", ".source_code"},
    ".marks": set(),
    ".reach": {".source_code"},
    ".source_code": set(),
    ".routing": {".framework", ".resources"},
    ".call": {".core", ".domain.records.former", ".framework", ".versions", ".wire"},
    ".unserved": {".call", ".core", ".framework", ".unserved", ".versions", ".wire"},
    ".authentication": {".core", ".framework", ".wire"},
    ".stub_answers": {".call", ".core", ".wire"},
    ".idempotency": {".call", ".core", ".framework", ".wire"},
    ".vendors.__init__": {".core.site", ".vendors"},
    ".vendors.answering": {".call", ".core", ".vendors", ".wire.message"},
    ".vendors.counting": {".core", ".domain.metering", ".domain.records", ".vendors"},
    ".vendors.mapping": {".core", ".domain.records"},
    ".vendors": {".core", ".vendors", ".wire"},
    ".admission": {".call", ".core", ".wire"},
    ".bucket.folder": {".core"},
    ".bucket.__init__": set(),
    ".bucket.polling": {".bucket.folder", ".control", ".core", ".domain.records", ".engine"},
    ".lifetime": {".call", ".core", ".delivery.outbox", ".wire.message"},
    ".engine": {
        ".admission",
        ".authentication",
        ".bucket.polling",
        ".call",
        ".core",
        ".delivery.traffic",
        ".framework",
        ".idempotency",
        ".lifetime",
        ".resources",
        ".routing",
        ".stub_answers",
        ".unserved",
        ".vendors",
        ".versions",
        ".wire",
    },
    ".explaining.__init__": set(),
    ".explaining.asked": {".core", ".domain"},
    ".explaining.explained": {".core", ".domain.records.meters"},
    ".explaining.usage": {
        ".core",
        ".domain",
        ".explaining.asked",
        ".explaining.explained",
        ".explaining.requests",
    },
    ".explaining.arithmetic": {".core", ".domain.records"},
    ".explaining.outcomes": {".core", ".domain"},
    ".explaining.sums": {".core", ".domain", ".wire.tree"},
    ".explaining.lines": {".core", ".domain", ".explaining.usage"},
    ".explaining.invoices": {
        ".core",
        ".domain",
        ".explaining.lines",
        ".explaining.outcomes",
        ".explaining.sums",
    },
    ".explaining.billing": {".core", ".domain", ".explaining.outcomes", ".explaining.usage"},
    ".explaining.requests": {
        ".core",
        ".domain.records.meters",
        ".explaining.explained",
        ".explaining.vendor_requests",
    },
    ".explaining.vendor_requests": {".core", ".explaining.explained"},
    ".explaining.clues": {".core", ".explaining.explained", ".explaining.requests"},
    ".explaining.differences": {
        ".core",
        ".domain.records.meters",
        ".explaining.asked",
        ".explaining.clues",
        ".explaining.requests",
        ".explaining.usage",
    },
    ".control.plannable": {".core", ".routing", ".unserved.table", ".vendors"},
    ".control.mapped": {".control.answers", ".control.naming", ".core", ".domain.records", ".vendors.mapping"},
    ".control.naming": {".core", ".engine"},
    ".control.plans": {".control.answers", ".control.naming", ".control.plannable", ".core", ".wire.tree"},
    ".control.holding": {".control.plans", ".core"},
    ".control.reading": {".control.holding", ".core"},
    ".control.bucket": {".control.answers", ".control.holding", ".core", ".domain.records"},
    ".control.checkout_visits": {".core", ".domain"},
    ".control.visiting": {".control.answers", ".control.checkout_visits", ".control.reading", ".core", ".domain"},
    ".control.answers": set(),
    ".control.limit_answers": set(),
    ".control.journaling": {".control.answers", ".control.naming", ".core"},
    ".control.key_answers": set(),
    ".control.restricting": {".control.journaling", ".control.key_answers", ".core"},
    ".control.chaos": {".control.answers", ".control.plans", ".core"},
    ".control.checkpoints": {".control.answers", ".control.naming", ".core", ".delivery.traffic"},
    ".control.webhooks": {".control.naming", ".control.webhook_answers", ".core", ".delivery", ".domain.events"},
    ".control.usage_answers": set(),
    ".control.webhook_answers": set(),
    ".control.due_work": {".core"},
    ".control.billing_work": {".control.due_work", ".core", ".domain"},
    ".control.agenda": {
        ".control.answers",
        ".control.billing_work",
        ".control.due_work",
        ".core",
        ".domain",
    },
    ".control.summaries": {".control.answers", ".core", ".domain.records"},
    ".control.usage_json": {".control.usage_answers", ".core", ".explaining"},
    ".control.invoice_json": {
        ".control.usage_json",
        ".control.usage_answers",
        ".core",
        ".domain.records",
        ".explaining",
    },
    ".control.owners": {".core", ".domain.records"},
    ".control.reports": {
        ".control.plans",
        ".core",
        ".delivery.webhooks",
        ".engine",
        ".testing.reporting",
        ".testing.reporting_limits",
    },
    ".control.rows": {".control", ".fidelity", ".openapi", ".__version__"},
    ".control": {".control", ".core", ".domain", ".explaining", ".vendors.mapping"},
    ".pages.showing": {".control", ".core", ".pages", "jinja2", "markupsafe"},
    ".pages.usage_picture": {".core", ".pages", "markupsafe"},
    ".pages.usage_asking": {".control", ".core", ".wire.schema"},
    ".pages.why": {".control", ".core", ".domain", ".explaining.explained", ".pages"},
    ".pages.typesetting": {".pages.paper", "reportlab"},
    ".pages.imports": {".control", ".core", ".domain", ".pages", ".wire.schema"},
    ".pages.moving_test_clocks": {".control", ".core", ".domain", ".wire.schema"},
    ".pages.telling": {".core.printing", ".wire.tree"},
    ".pages.invoice_why": {
        ".control",
        ".core",
        ".domain",
        ".explaining.arithmetic",
        ".explaining.invoices",
        ".pages",
    },
    ".pages": {".control", ".core", ".domain", ".pages"},
    ".doors.__init__": set(),
    ".doors.answering": DOOR,
    ".doors.bodies": {".doors.reading"},
    ".doors.connection": DOOR
    | {".doors.answering", ".doors.bodies", ".doors.dialects", ".doors.environs", ".doors.gateway", ".doors.reading"},
    ".doors.dialects": set(),
    ".doors.reading": set(),
    ".doors.gateway": {".doors.bodies", ".doors.reading"},
    ".doors.foreign": {".core.errors"},
    ".doors.environs": DOOR | {".doors.bodies", ".doors.reading"},
    ".doors.urls": {".core.site", ".routing", "flask", "werkzeug.routing"},
    ".doors.control_plane": DOOR
    | {".doors.environs", ".doors.foreign", ".doors.uploads", ".doors.urls", "flask", "werkzeug.routing"},
    ".doors.uploads": DOOR | {".doors.environs", ".doors.reading", "flask", "werkzeug.exceptions"},
    ".doors.pages": DOOR
    | {
        ".doors.environs",
        ".doors.foreign",
        ".doors.urls",
        ".pages.answers",
        ".pages.showing",
        "flask",
        "werkzeug.exceptions",  # what a form may raise
        "werkzeug.routing",
    },
    ".doors.flask_app": DOOR
    | {
        ".doors.answering",
        ".doors.control_plane",
        ".doors.environs",
        ".doors.pages",
        ".doors.urls",
        ".routing",
        "flask",
        "werkzeug",
    },
    ".doors.relay": {".core.aside"},
    ".doors.server": {".doors.connection", ".doors.relay", ".engine"},
    ".doors.stripe_hosts": set(),
    ".doors.vendor_hosts": set(),
    ".doors.tls": {".core", ".doors.stripe_hosts", "cryptography", "trustme"},
    ".doors.waiting": {"anyio"},
    ".doors.intercept.__init__": DOOR | {".doors.intercept"},
    ".doors.intercept.hosts": DOOR | {".doors.stripe_hosts", ".doors.vendor_hosts"},
    ".doors.intercept.mocks": {"urllib3"},
    ".doors.intercept.patches": set(),
    ".doors.intercept.callers": set(),
    ".doors.intercept.imports": set(),
    ".doors.intercept.leaks": {".core.errors", ".doors.intercept", ".doors.stripe_hosts"},
    ".doors.intercept.http_bytes": DOOR
    | {".doors.bodies", ".doors.environs", ".doors.intercept.hosts", ".doors.reading"},
    ".doors.intercept.of_aiohttp": DOOR | {".doors.intercept"},
    ".doors.intercept.of_http_client": DOOR | {".doors.intercept", ".doors.waiting", "urllib3"},
    ".doors.intercept.of_httpx": DOOR | {".doors.intercept", ".doors.waiting", "httpx"},
    ".doors.intercept.of_requests": DOOR | {".doors.intercept", ".doors.waiting", "requests", "urllib3"},
    ".doors.intercept.of_requests_mock": {".doors.intercept", "requests"},
    ".doors.intercept.of_responses": DOOR | {".doors.intercept", "requests", "responses", "urllib3"},
    ".doors.intercept.of_stripe": {".doors.intercept", ".doors.sdk", ".engine", "stripe"},
    ".doors.sdk": DOOR | {".doors.waiting", "stripe"},
    ".testing.__init__": set(),
    ".testing.process_time": {".core", "freezegun"},
    ".testing.sleeping": {".core.clock"},
    ".testing.reporting_checkouts": {".core", ".domain.records"},
    ".testing.reporting_payments": {".core", ".domain.records"},
    ".testing.reporting_missing": {".core", ".delivery.notification"},
    ".testing.reporting_limits": {".core", ".engine"},
    ".testing.reporting_webhooks": {".core", ".delivery", ".explaining.usage"},
    ".testing.reporting": {
        ".control",
        ".core",
        ".delivery",
        ".engine",
        ".testing.reporting_missing",
        ".testing.reporting_limits",
        ".testing.reporting_permissions",
        ".testing.reporting_checkouts",
        ".testing.reporting_payments",
        ".testing.reporting_webhooks",
    },
    ".testing.assertions": {".control", ".core", ".explaining"},
    ".testing.accidents": {".control", ".engine"},
    ".testing.planning": {".control", ".core", ".engine"},
    ".testing.vendor_mapping": {".control", ".core.keys", ".engine"},
    ".testing.restricting": {".control", ".core", ".engine"},
    ".testing.reporting_permissions": {".core"},
    ".testing.visits": {".control", ".engine"},
    ".testing.importing": {".control", ".core", ".engine"},
    ".fake": {".", "flask", "stripe"},  # the libraries only to name what it hands out
    ".ready_made": {".core.errors"},
    ".fixtures": {".core.errors", ".core.encoding", ".core.progress", ".fake", ".wire.message"},
    ".demo": {".fake"},
    ".comparing": {".comparing", ".core", ".fake", ".wire.message", ".__version__"},
    ".recording": {".core", ".doors.environs", ".engine", ".recording", ".wire.message"},
    ".__init__": {".core", ".fake"},
    ".commands.__init__": set(),
    ".commands.child": {"sitecustomize"},  # the next one
    ".commands.flags": {".core.option"},
    ".commands.sparing": {".FakeStripe", ".doors.flask_app"},
    ".commands.progress": {".core"},
    ".commands.serving": {
        ".FakeStripe",
        ".Misuse",
        ".commands.flags",
        ".commands.sparing",
        ".engine",
        ".commands.progress",
        ".core",
        ".doors.server",
        ".doors.tls",
        ".fixtures",
        ".ready_made",
        ".unserved.elsewhere",
    },
    ".commands.running": {".Misuse", ".commands.flags", ".commands.serving"},
    ".__main__": {
        ".Misuse",
        ".__version__",
        ".commands",
        ".comparing",
        ".core.option",
        ".core.options",
        ".core.printing",
        ".demo",
        ".doors.stripe_hosts",
        ".recording",
    },
    "fakestripe_meters_pytest": {"fakestripe_meters_pytest", "pytest"},
}
MAY_IMPORT_LATE = {
    ".__init__": {
        ".control.answers",
        ".control.bucket",
        ".control.key_answers",
        ".delivery",
        ".explaining",
        ".testing",
    },
    "fakestripe_meters_pytest": {"."},
}

MODULES = {
    ".".join(path.relative_to(root).with_suffix("").parts): path
    for root in SOURCE_ROOTS
    for path in sorted(root.rglob("*.py"))
}


def short(name: str) -> str:
    return re.sub(r"^fakestripe_meters\b\.?", ".", name)


def covers(prefix: str, name: str) -> bool:
    return f"{name}.".startswith(f"{prefix.rstrip('.')}.")


def is_late(node: ast.AST) -> bool:
    """Not run when the module is loaded: a function, or what only a type checker reads."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def imports(module: str, source: str) -> Iterator[tuple[str, bool]]:
    """Every imported name, absolute, and whether the import is a late one."""
    nodes = list(ast.walk(ast.parse(source)))
    late = {below for node in nodes if is_late(node) for below in ast.walk(node)}
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            origin = [*package, node.module] if node.module else package
            yield from ((".".join([*origin, alias.name]), node in late) for alias in node.names)


def complaints(module: str, source: str) -> list[str]:
    layer = next((layer for layer in MAY_IMPORT if covers(layer, short(module))), None)
    if layer is None:
        return [f"{module} is in no layer"]
    anywhere = MAY_IMPORT[layer] | {".core.late"}  # in the place of the standard library's dataclasses
    late_only = MAY_IMPORT_LATE.get(layer, set())
    return [
        f"{module} imports {name}"
        for name, late in imports(module, source)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(covers(allowed, short(name)) for allowed in (anywhere | late_only if late else anywhere))
    ]


def test_the_modules_of_both_packages_are_found() -> None:
    assert {name.split(".")[0] for name in MODULES} == {"fakestripe_meters", "fakestripe_meters_pytest"}


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_what_its_layer_may(module: str) -> None:
    assert complaints(module, MODULES[module].read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("core.clock", "import flask", "imports flask"),
        ("core.clock", "def now():\n    import flask", "imports flask"),
        ("core.clock", "from ..wire import form", "imports fakestripe_meters.wire.form"),
        ("core.clock", "from fakestripe_meters import engine", "imports fakestripe_meters.engine"),
        ("core.clock", "import fakestripe_meters", "imports fakestripe_meters"),
        ("core.clock", "import fakestripe_meters_pytest", "imports fakestripe_meters_pytest"),
        ("doors.urls", "from werkzeug import serving", "imports werkzeug.serving"),
        ("doors.sdk", "from fakestripe_meters.wire import v1", "imports fakestripe_meters.wire.v1"),
        (
            "domain.records.prices",
            "from ..invoicing import drafts",
            "imports fakestripe_meters.domain.invoicing.drafts",
        ),
        ("framework.listing", "from ..domain import events", "imports fakestripe_meters.domain.events"),
        ("resources.prices", "from . import plans", "imports fakestripe_meters.resources.plans"),
        ("doors.telnet", "", "is in no layer"),
        ("utils", "", "is in no layer"),
    ],
)
def test_a_forbidden_import_is_reported(module: str, source: str, complaint: str) -> None:
    assert complaints(f"fakestripe_meters.{module}", source) == [f"fakestripe_meters.{module} {complaint}"]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("core.clock", "import time\nfrom . import errors\nfrom .errors import Misuse"),
        ("resources.billing.meters", "from fakestripe_meters.wire.schema import Params"),
        ("resources.billing.meters", "from fakestripe_meters.domain.records import meters"),
        ("domain.metering.ingestion", "from fakestripe_meters.domain.subscribing import thresholds"),
        ("doors.urls", "from werkzeug.routing import Map"),
        ("marks", "from fakestripe_meters.core.late import dataclass"),
        ("fake", "from fakestripe_meters.doors import server"),
    ],
)
def test_a_permitted_import_is_not_reported(module: str, source: str) -> None:
    assert complaints(f"fakestripe_meters.{module}", source) == []


def test_no_module_is_hidden_behind_an_underscore() -> None:
    assert [name for name in MODULES if re.search(r"\._(?!_)", name)] == []


def test_the_plugin_imports_the_product_only_late() -> None:
    plugin = "fakestripe_meters_pytest.plugin"
    line = "from fakestripe_meters import FakeStripe"
    assert complaints(plugin, line) == [f"{plugin} imports fakestripe_meters.FakeStripe"]
    assert complaints(plugin, f"def fakestripe():\n    {line}") == []
    assert complaints(plugin, f"if TYPE_CHECKING:\n    {line}") == []
