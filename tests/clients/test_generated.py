"""Clients that generators make of the OpenAPI description: they compile, and they work."""

import compileall
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fakestripe_meters import FakeStripe
from tests.clients.conftest import missing
from tests.clients.conftest import prepared
from tests.pages import HOST
from tests.pages import Page

PAGE = Page("docs/generated-clients.md")
HERE = Path(__file__).parent
NOW = "2025-02-01T00:00:00Z"
TIMEOUT_S = 600
"""A generator takes half a minute on a busy machine."""
TYPES = "fakestripe.d.ts"
OPTIONS = {
    "strict": True,
    "target": "es2022",
    "module": "nodenext",
    "lib": ["es2022", "dom", "dom.iterable"],
    "types": [],
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
}
WRONG = {
    'stripe("post", "/v1/customers", { body: { nam: "Ada" } });': "nam",
    'stripe("post", "/v1/customers", { body: { name: "Ada", mail: "a@b.c" } });': "mail",
    'stripe("post", "/v1/customer", { body: {} });': "/v1/customer",
    'stripe("post", "/v1/billing/meters", { body: { display_name: "a" } });': "event_name",
    'stripe("post", "/v1/prices", { body: { currency: "usd", recurring: { intervall: "day" } } });': "intervall",
    'stripe("post", "/v1/prices", { body: { currency: "usd", recurring: { interval: "monthly" } } });': "monthly",
    'stripe("get", "/v1/invoices", { params: { query: { customers: "cus_1" } } });': "customers",
    'control("post", "/_fakestripe/clock", { body: { advanced: 1 } });': "advanced",
    'control("post", "/_fakestripe/clock", { body: { advance: "1" } });': "string",
    'control("put", "/_fakestripe/limits", { body: { profile: "sandboxed" } });': "sandboxed",
    'control("get", "/_fakestripe/journal", { params: { query: { limits: 1 } } });': "limits",
    'control("delete", "/_fakestripe/clock", {});': "/_fakestripe/clock",
    '(await stripe("get", "/v1/events/{event_id}", { params: { path: { event_id: "a" } } })).kind;': "kind",
    '(await stripe("get", "/v1/invoices", {})).data[0]?.total.length;': "length",
    '(await stripe("get", "/v1/invoices", {})).data[0]?.lines.data[0]?.sum;': "sum",
    '(await control("get", "/_fakestripe/clock", {})).time;': "time",
}
"""A statement that does not compile, and a word of what the compiler says."""


def started(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def done(command: Sequence[str | Path], folder: Path) -> str:
    """What a command prints; it must succeed."""
    result = started(command, folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def command_of_the_page(name: str, url: str) -> list[str]:
    """The arguments of the command that generates a client, as the page has it."""
    (command,) = [text for text in PAGE.of("sh") if text.removeprefix("npx ").startswith(f"{name} ")]
    return shlex.split(command.removeprefix("npx ").replace(HOST, url))[1:]


class Project:
    """A folder with a TypeScript program, and the types that are generated of a fake's description."""

    def __init__(self, node: str, folder: Path, url: str) -> None:
        self.node = node
        self.folder = folder
        self.modules = prepared("openapi-fetch").parent
        generator = prepared("openapi-typescript/bin/cli.js")
        (folder / "node_modules").symlink_to(self.modules, target_is_directory=True)
        (folder / "package.json").write_text('{"type": "module", "private": true}', "utf-8")
        done([node, generator, *command_of_the_page("openapi-typescript", url)], folder)
        assert (folder / TYPES).is_file()

    def compile(self, **programs: str) -> str:
        """Compile programs, strictly; return what the compiler objects to."""
        for name, text in programs.items():
            (self.folder / f"{name}.ts").write_text(text, "utf-8")
        config = {"compilerOptions": OPTIONS, "files": [f"{name}.ts" for name in programs]}
        (self.folder / "tsconfig.json").write_text(json.dumps(config), "utf-8")
        return started([self.node, self.modules / "typescript/bin/tsc", "--pretty", "false"], self.folder).stdout

    def run(self, name: str) -> str:
        return done([self.node, f"{name}.js"], self.folder)


def test_types_for_typescript_are_generated_and_programs_compile_and_run(node: str, tmp_path: Path) -> None:
    """One test: to generate the types takes longer than all the rest."""
    (of_page,) = PAGE.of("ts")
    tools = of_page.partition("\nconst customer")[0]
    story = f"{tools}\n{(HERE / 'generated.ts').read_text('utf-8')}"
    with FakeStripe(now=NOW, seed=1) as of_programs, FakeStripe(now=NOW, seed=1) as fake:
        inbox = fake.webhooks.collect("customer.created")
        project = Project(node, tmp_path, fake.url)
        programs = {"page": of_page.replace(HOST, of_programs.url), "story": story.replace(HOST, fake.url)}
        assert project.compile(**programs) == ""
        assert project.run("page") == f"{PAGE.of('text')[0]}\n"
        told = json.loads(project.run("story"))
        assert len(inbox) == 1
    assert told == {
        "city": "Berlin",
        "usage": [3],
        "explained": [3, [[3, "counted"]]],
        "frozen": True,
        "moved": 86_400,
        "webhooks": [["customer.created", "delivered"]],
        "planned": 1,
        "failed": "api_error",
        "wrong": "advance",
        "limits": [5, 25],
        "journal": [503],
    }
    objections = project.compile(wrong="\n".join([tools, *WRONG]))
    first = tools.count("\n") + 2
    for line, (statement, word) in enumerate(WRONG.items(), first):
        found = re.findall(rf"^wrong\.ts\({line},\d+\): error .*(?:\n .*)*", objections, re.MULTILINE)
        assert any(word in each for each in found), (statement, objections)


NESTED = """
from fakestripe_client.api.billing_analytics_meter_usage import billing_analytics_meter_usage_retrieve
from fakestripe_client.models import BillingAnalyticsMeterUsage
from fakestripe_client.models import BillingAnalyticsMeterUsageRetrieveMetersItem as Asked
from fakestripe_client.models import ExplainDimensionFiltersType0 as Filters

terms = {**terms, "event_name": "calls", "dimension_payload_keys": ["model"]}
calls = billing_meters_create.sync(client=stripe, body=BillingMetersCreateBody.from_dict(terms))
assert isinstance(calls, BillingMeter)
for model in ("small", "large"):
    event = {"event_name": "calls", "payload": {"stripe_customer_id": customer.id, "value": "1", "model": model}}
    billing_meter_events_create.sync(client=stripe, body=BillingMeterEventsCreateBody.from_dict(event))
filters = Filters.from_dict({"model": "small"})
filtered = explain.sync(client=stripe, meter="calls", customer=customer.id, dimension_filters=filters)
assert isinstance(filtered, UsageExplanation)
midnight = moved.now - moved.now % 86400
usage = billing_analytics_meter_usage_retrieve.sync(
    client=stripe,
    customer=customer.id,
    starts_at=midnight,
    ends_at=midnight + 86400,
    meters=[Asked.from_dict({"meter": calls.id, "dimension_filters": {"model": ["small"]}})],
)
assert isinstance(usage, BillingAnalyticsMeterUsage)
refused = explain.sync(client=stripe, meter="unknown", customer=customer.id)
print([each.fate.value for each in filtered.events], [row.value for row in usage.rows.data], type(refused).__name__)
"""
"""Goes on with the program of the page: what is nested in a query, and what is refused."""


def test_the_page_names_the_versions_that_were_run() -> None:
    pinned = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]
    for name in ("openapi-typescript", "openapi-fetch", "typescript"):
        assert f"{name} {pinned[name]}".casefold() in PAGE.prose.casefold()
    (python,) = re.findall("openapi-python-client==([0-9.]+)", (HERE.parents[1] / "pyproject.toml").read_text("utf-8"))
    assert f"openapi-python-client {python}" in PAGE.prose


def test_a_package_for_python_is_generated_typed_and_works(tmp_path: Path) -> None:
    beside = Path(sys.executable).with_name("openapi-python-client")  # a virtual environment need not be active
    generator = str(beside) if beside.exists() else shutil.which(beside.name)
    if generator is None:
        missing("openapi-python-client: pip install --editable '.[test]'")
    (program,) = PAGE.of("python")
    config = "post_hooks: []\nhttp_timeout: 60\n"  # it would format two thousand files, and be impatient
    (tmp_path / "config.yml").write_text(config, "utf-8")
    with FakeStripe(now=NOW, seed=1) as fake:
        command = [generator, *command_of_the_page("openapi-python-client", fake.url)]
        assert "warning" not in done([*command, "--config", "config.yml"], tmp_path).casefold()
        (tmp_path / "usage.py").write_text(program.replace(HOST, fake.url) + NESTED, "utf-8")
        assert compileall.compile_dir(tmp_path / "fakestripe_client", quiet=1)
        done([sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "usage.py"], tmp_path)
        assert done([sys.executable, "usage.py"], tmp_path) == f"{PAGE.of('text')[1]}\n['counted'] [1] ControlError\n"
