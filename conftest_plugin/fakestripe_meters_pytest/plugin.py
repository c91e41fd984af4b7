"""The fixture `fakestripe`, the marker `fakestripe`, and what the report of a failing test says about its fake.

Only pytest is imported until a test needs more: flask, freezegun and others would slow down all other test runs.
"""

import sys
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any
from typing import NoReturn

import pytest

if TYPE_CHECKING:
    from fakestripe_meters import FakeStripe
    from fakestripe_meters import MarkerOptions

MARKER = (
    "fakestripe(now=…, limits=…, …): set options of the test's fake Stripe; "
    "help(fakestripe_meters.FakeStripe) and docs/options.md list them all"
)
PRODUCT = "fakestripe_meters"
BETWEEN = (
    "no test is running that uses the fixture fakestripe: this request comes from a thread that outlasts its test, or "
    "from a fixture of a wider scope"
)
FAKE = pytest.StashKey["FakeStripe"]()
CALLED = pytest.StashKey[list[dict[str, Any]]]()
"""What was called, for the permissions that it needs."""
PERMISSIONS = "--fakestripe-permissions"
FROM_WORKERS = "fakestripe_called"
__tracebackhide__ = True
"""Hides this module in tracebacks, where it would only distract from the test."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)
    config.stash[CALLED] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test with the marker the fixture as well, because it would otherwise call the real Stripe."""
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is not None and "fakestripe" not in names and item.get_closest_marker("fakestripe"):
            names.insert(0, "fakestripe")


@pytest.fixture
def fakestripe_settings() -> "MarkerOptions":
    """Options of the fake Stripe for many tests: override this fixture in a conftest, a module, or a class."""
    return {}


@pytest.fixture(scope="session")
def _fakestripe_of_session(pytestconfig: pytest.Config) -> "Iterator[Callable[[], FakeStripe]]":
    """Yield what returns the one fake for all tests, because routes and a server take time to make.

    If a test has closed it, the next test gets another one.
    """
    from fakestripe_meters import FakeStripe

    made = [FakeStripe()]
    made[0].engine.pause(BETWEEN)

    def current() -> FakeStripe:
        if made[-1].closed:
            made.append(FakeStripe())
        return made[-1]

    yield current
    made[-1].close()
    for each in made:
        pytestconfig.stash[CALLED].append(each.engine.world.note_called())


@pytest.fixture
def fakestripe(
    request: pytest.FixtureRequest,
    fakestripe_settings: Mapping[str, Any],
    _fakestripe_of_session: "Callable[[], FakeStripe]",
) -> "Iterator[FakeStripe]":
    """An empty `fakestripe_meters.FakeStripe` for this test: calls to Stripe's hosts go to it instead.

    Its clock is frozen at the present. The option `now` sets another time, and `now=None` lets the clock run.
    """
    fake = _fakestripe_of_session()
    with ExitStack() as stack:
        stack.callback(fake.engine.pause, BETWEEN)
        _begin(fake, request.node, fakestripe_settings, stack)
        request.node.stash[FAKE] = fake
        stack.callback(fake.engine.outbox.close)  # asynchronous handlers end while their calls are still intercepted
        yield fake
    fake.check()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says which permissions the tests need."""
    parser.getgroup("fakestripe").addoption(
        PERMISSIONS,
        action="store_true",
        help="print at the end which permissions a restricted key needs for all calls of the fixture fakestripe",
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist: hand over what was called."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None and session.config.getoption(PERMISSIONS):
        output[FROM_WORKERS] = [
            {key: list(needs) for key, needs in each.items()} for each in session.config.stash[CALLED]
        ]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401  a worker's controller, which pytest-xdist does not export
    """Take over what was called in a worker; one that has crashed hands over nothing."""
    for each in (getattr(node, "workeroutput", None) or {}).get(FROM_WORKERS, ()):
        node.config.stash[CALLED].append({key: set(needs) for key, needs in each.items()})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the permissions that all tests need together, if they are asked for."""
    if config.getoption(PERMISSIONS):
        terminalreporter.section("permissions that a restricted key needs for all these calls")
        for line in _permissions(config.stash[CALLED]):
            terminalreporter.line(line)


def _permissions(called: list[dict[str, Any]]) -> Iterator[str]:
    if not any(called):
        yield "none: no test has called Stripe through the fixture fakestripe"
        return
    import json

    from fakestripe_meters.control.restricting import needed_by
    from fakestripe_meters.core.called import merged
    from fakestripe_meters.core.printing import mask

    for key, needs in sorted(merged(called).items()):
        if key:
            yield f"for those with {mask(key)}:"
        needed = needed_by(needs)
        yield from json.dumps(needed["permissions"], indent=4).splitlines()
        for name, calls in needed["inferred"].items():
            yield f"# {name}: no source names it ({', '.join(calls)})"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail the test if the fake failed, even if the code under test has swallowed the exception."""
    result = yield
    fake = item.stash.get(FAKE, None)
    if fake is not None:
        fake.check()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a `Misuse` at the test's own line, and in the report of a failing test what the fake tells."""
    fake = item.stash.get(FAKE, None)
    if call.excinfo is not None and PRODUCT in sys.modules:
        _end_at_the_test(call, sys.modules[PRODUCT].Misuse)
        if fake is not None:
            fake.forget_failures_in(call.excinfo.value)
    report = yield
    if fake is not None and report.failed:
        report.sections += _sections(fake)
    return report


def _begin(fake: "FakeStripe", item: pytest.Item, settings: Mapping[str, Any], stack: ExitStack) -> None:
    """Start a new world with the test's options, and intercept calls to Stripe."""
    from fakestripe_meters import Clock
    from fakestripe_meters import Misuse
    from fakestripe_meters.core import checks

    try:
        options = _options(item, settings)
        freeze_process = options.pop("freeze_process", False)
        advance_on_sleep = options.pop("advance_on_sleep", False)
        leaks = options.pop("leaks", "refuse")
        fake.begin(**{"now": Clock().now(), **options})
        if _is_wanted(freeze_process, fake):
            stack.enter_context(fake.freeze_process())
        if checks.flag(advance_on_sleep, "advance_on_sleep"):
            stack.enter_context(fake.advance_on_sleep())
        stack.enter_context(fake.intercept(leaks=leaks))
    except Misuse as misuse:
        _raise_at(item, misuse)


def _options(item: pytest.Item, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the settings, overridden by those of the markers: the closest marker wins."""
    from fakestripe_meters import Misuse
    from fakestripe_meters.core import checks
    from fakestripe_meters.core.options import MARKER_OPTIONS

    if not isinstance(settings, Mapping):
        raise checks.refused("fakestripe_settings", "a dict of options", settings)
    options = dict(settings)
    for marker in reversed(list(item.iter_markers("fakestripe"))):
        if marker.args:
            raise Misuse(f"the marker fakestripe takes keyword arguments only: {', '.join(MARKER_OPTIONS)}")
        options.update(marker.kwargs)
    for name in options:
        checks.known(name, MARKER_OPTIONS)
    return options


def _is_wanted(freeze_process: object, fake: "FakeStripe") -> bool:
    from fakestripe_meters import Misuse
    from fakestripe_meters.core import checks

    wanted = checks.flag(freeze_process, "freeze_process")
    if wanted and not fake.clock.frozen:
        raise Misuse("freeze_process needs a frozen clock, so not now=None", param="freeze_process")
    return wanted


def _raise_at(item: pytest.Item, error: Exception) -> NoReturn:
    """Raise an error as if the first line of the test did, where its markers are."""
    path, line, _ = item.location
    code = compile("raise error", item.path, "exec").replace(co_firstlineno=(line or 0) + 1, co_name=item.name)
    exec(code, {"error": error.with_traceback(None), "__name__": path})  # noqa: S102  a constant string
    raise error


def _end_at_the_test(call: pytest.CallInfo[None], misuse: type[BaseException]) -> None:
    """Cut off the traceback of a `Misuse` after the last line of the test's own code."""
    if call.excinfo is None or not isinstance(call.excinfo.value, misuse):
        return
    entries = list(_entries(call.excinfo.tb))
    while len(entries) > 1 and _is_ours(entries[-1]):
        entries.pop()
    traceback = None
    for entry in reversed(entries):
        traceback = TracebackType(traceback, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    call.excinfo = pytest.ExceptionInfo.from_exception(call.excinfo.value.with_traceback(traceback))


def _entries(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _is_ours(entry: TracebackType) -> bool:
    """Return whether a line is the fake's, or a library's that has called it."""
    import sysconfig

    libraries = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    module = str(entry.tb_frame.f_globals.get("__name__", ""))
    installed = entry.tb_frame.f_code.co_filename.startswith(libraries)
    return installed or module.partition(".")[0] == PRODUCT


def _sections(fake: "FakeStripe") -> list[tuple[str, str]]:
    """Return what the fake tells about a failing test; it must not hide why the test failed."""
    try:
        from fakestripe_meters.testing import reporting

        return reporting.sections(fake)
    except Exception as failure:  # noqa: BLE001  whatever it is
        return [("Stripe calls", f"missing: fakestripe-meters failed with {type(failure).__name__}")]
