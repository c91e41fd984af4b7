"""What the package exports is what users hold in their hands: each name is there, and says what it is."""

import ast
import inspect
import pickle
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from functools import cache
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import FunctionType

import pytest

import fakestripe_meters
from fakestripe_meters import FakeStripe
from fakestripe_meters import Misuse
from fakestripe_meters import Options
from tests.pages import Page

INNER = {"engine", "control"}
"""Attributes of a `FakeStripe` for the fake's own modules."""
PASSED_ON = {"Client", "Following", "Interception", "Meter", "Move", "Pattern"}
"""Classes of what users pass on, enter by `with`, or read a name of: nobody annotates with them."""
CLASSES = [
    exported for name in fakestripe_meters.__all__ if inspect.isclass(exported := getattr(fakestripe_meters, name))
]
PAGE = Page("docs/python.md")


def run(*arguments: str) -> str:
    """What a Python prints that knows nothing of this one."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_exported_name_is_there_and_listed() -> None:
    listed = run("-c", "import fakestripe_meters; print(*dir(fakestripe_meters))").split()
    for name in fakestripe_meters.__all__:
        found = getattr(fakestripe_meters, name)
        assert name in listed
        assert not inspect.isclass(found) or found.__name__ == name
    assert sorted(set(fakestripe_meters.__all__)) == fakestripe_meters.__all__


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Inboxes'"):
        fakestripe_meters.Inboxes  # type: ignore[attr-defined]  # noqa: B018  it is the question


def test_all_names_can_be_imported_at_once() -> None:
    assert "Inbox" in run("-c", "from fakestripe_meters import *; print(*globals())").split()


def test_importing_the_package_waits_for_nothing_that_only_annotations_name() -> None:
    loaded = run("-c", "import sys, fakestripe_meters; print(*sys.modules)").split()
    assert not [name for name in loaded if name.startswith("fakestripe_meters.delivery")]
    assert "fakestripe_meters.explaining.usage" not in loaded


def test_the_first_lines_of_the_package_show_how_to_use_it() -> None:
    shown = inspect.getdoc(fakestripe_meters) or ""
    assert "(fakestripe: FakeStripe)" in shown
    assert "with FakeStripe(" in shown


@pytest.mark.parametrize("level", ["-O", "-OO"])
def test_it_works_without_assertions_and_docstrings(level: str) -> None:
    code = "from fakestripe_meters import *; print(FakeStripe(now=0), Inbox, Explanation)"
    assert run(level, "-c", code).startswith("<FakeStripe at 1970-01-01T00:00:00Z, frozen: ")


# What each says


def ours(kind: type) -> list[type]:
    """The class, and those of ours that it inherits from."""
    return [each for each in kind.__mro__ if each.__module__.startswith("fakestripe_meters")]


def methods(kind: type) -> dict[str, object]:
    """The public methods and properties, also the inherited ones of ours."""
    found = {name: member for each in reversed(ours(kind)) for name, member in vars(each).items()}
    is_method = (FunctionType, classmethod, staticmethod, property, cached_property)
    return {name: member for name, member in found.items() if is_public(name) and isinstance(member, is_method)}


def attributes(kind: type) -> dict[str, bool]:
    """The other public attributes that a class declares or its methods set, and whether a docstring follows."""
    found: dict[str, bool] = {}
    for each in ours(kind):
        for block in blocks(each):
            for statement, below in pairwise([*block, ast.Pass()]):
                is_followed = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
                for name in set_by(statement, in_class=block is tree_of(each).body):
                    found[name] = found.get(name, False) or is_followed
    return {
        name: is_documented for name, is_documented in found.items() if is_public(name) and name not in methods(kind)
    }


def blocks(kind: type) -> Iterator[list[ast.stmt]]:
    """The bodies of a class, of its methods, and of what is within them."""
    for node in ast.walk(tree_of(kind)):
        yield from (
            value
            for _, value in ast.iter_fields(node)
            if isinstance(value, list) and isinstance(next(iter(value), None), ast.stmt)
        )


def set_by(statement: ast.AST, *, in_class: bool) -> Iterator[str]:
    """The attributes that a statement sets: a field of the class, or `self.name`."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)) if in_class:
            yield name
        case ast.AnnAssign(target=target) | ast.Assign(targets=[target]):
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            for each in targets:
                match each:
                    case ast.Attribute(value=ast.Name(id="self"), attr=name):
                        yield name


def is_public(name: str) -> bool:
    return not name.startswith("_") and name not in INNER


@cache
def tree_of(kind: type) -> ast.ClassDef:
    """Its definition, wherever it is: an exception has the package's name as its module's."""
    for module in [each for name, each in sys.modules.items() if name.startswith("fakestripe_meters")]:
        if vars(module).get(kind.__name__) is kind:
            for tree in ast.parse(inspect.getsource(module)).body:
                if isinstance(tree, ast.ClassDef) and tree.name == kind.__name__:
                    return tree
    raise LookupError(kind)


def named_above(kind: type) -> set[str]:
    """What the docstring of a class names."""
    return {name for each in ours(kind) for name in re.findall(r"`(\w+)", each.__doc__ or "")}


def handed_out(kind: type) -> set[str]:
    """The words in the types of what a class returns and holds."""
    found: set[str] = set()
    for statement in (statement for each in ours(kind) for statement in tree_of(each).body):
        match statement:
            case ast.FunctionDef(name=name, returns=ast.expr() as hint) if is_public(name):
                found |= set(re.findall(r"\w+", ast.unparse(hint)))
            case ast.AnnAssign(target=ast.Name(id=name), annotation=hint) if is_public(name):
                found |= set(re.findall(r"\w+", ast.unparse(hint)))
    return found


@cache
def our_classes() -> set[str]:
    """The names of all classes of the package."""
    paths = Path(fakestripe_meters.__path__[0]).rglob("*.py")
    nodes = (node for path in paths for node in ast.parse(path.read_text("utf-8")).body)
    return {node.name for node in nodes if isinstance(node, ast.ClassDef)}


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if not hasattr(kind, "__total__")])
def test_the_type_of_what_users_are_handed_is_exported(kind: type) -> None:
    assert (handed_out(kind) & our_classes()) - {*fakestripe_meters.__all__} - PASSED_ON == set()


@pytest.mark.parametrize("kind", CLASSES)
def test_every_public_class_says_what_it_is(kind: type) -> None:
    assert len(kind.__doc__ or "") > 20


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if not hasattr(kind, "__total__")])
def test_every_public_attribute_says_what_it_is(kind: type) -> None:
    silent = {name for name, member in methods(kind).items() if not inspect.getdoc(member)}
    silent |= {name for name, is_documented in attributes(kind).items() if not is_documented} - named_above(kind)
    assert silent == set()


def test_the_options_are_parameters_by_name() -> None:
    for function in (FakeStripe, FakeStripe.begin):
        shown = inspect.signature(function).parameters
        assert [name for name in shown if name != "self"] == list(Options.__annotations__)
        assert shown["limits"].default == "documented"


def test_the_page_on_python_names_every_member() -> None:
    table = PAGE.section("## All members")
    named = set(re.findall(r"`(\w+)", table))
    public = {*methods(FakeStripe), *attributes(FakeStripe)}
    assert len(public) >= 30
    assert public - named == set()


def test_the_page_on_python_names_every_export() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.section("## Types")))
    assert {*fakestripe_meters.__all__} - named == {"__version__"}


# What each shows


def test_a_fake_shows_its_clock_its_accounts_and_its_requests() -> None:
    with FakeStripe(now="2025-01-01T00:00:00Z") as fake:
        assert repr(fake) == "<FakeStripe at 2025-01-01T00:00:00Z, frozen: 0 accounts, 0 requests>"
        client = fake.wsgi_app.test_client()
        client.post("/v1/customers", headers={"Authorization": f"Bearer {fake.api_key}"})
        assert repr(fake) == "<FakeStripe at 2025-01-01T00:00:00Z, frozen: 1 account, 1 request>"
        fake.clock.resume()
        assert "Z, running: 1 account" in repr(fake)
        fake.clock.freeze("2025-03-01")
    assert repr(fake) == "<FakeStripe at 2025-03-01T00:00:00Z, frozen, closed: 1 account, 1 request>"


def test_a_fake_that_was_not_made_shows_that() -> None:
    unmade = FakeStripe.__new__(FakeStripe)
    with pytest.raises(Misuse):
        unmade.__init__(lag=-1)  # type: ignore[misc]  # as a debugger finds it
    assert repr(unmade) == "<FakeStripe without a world>"


def test_the_parts_of_a_fake_show_their_state() -> None:
    with FakeStripe(now="2025-01-01T00:00:00Z") as fake:
        client = fake.wsgi_app.test_client()
        assert repr(fake.clock) == "<Clock at 2025-01-01T00:00:00Z, frozen>"
        assert repr(fake.webhooks) == "<Webhooks: 0 tries, 0 held, 0 failed>"
        assert repr(fake.journal) == "<0 exchanges>"
        fake.webhooks.collect("customer.created")
        for name in ("Ada", "Bob"):
            client.post("/v1/customers", data={"name": name}, headers={"Authorization": f"Bearer {fake.api_key}"})
        client.get("/v1/meters", headers={"Authorization": f"Bearer {fake.api_key}"})
        assert repr(fake.webhooks) == "<Webhooks: 2 tries, 0 held, 0 failed>"
        assert repr(fake.journal) == "<3 exchanges: 2 × POST /v1/customers → 200, GET /v1/meters → 404>"
        assert repr(fake.journal[0]) == (
            "<Exchange: 2025-01-01T00:00:00Z POST /v1/customers → 200, params {'name': 'Ada'}>"
        )


def test_a_long_journal_shows_its_first_kinds() -> None:
    with FakeStripe() as fake:
        client = fake.wsgi_app.test_client()
        for number in range(9):
            client.get(f"/v1/customers/cus_{number}", headers={"Authorization": f"Bearer {fake.api_key}"})
        assert repr(fake.journal).startswith("<9 exchanges: GET /v1/customers/cus_0 → 404, ")
        assert repr(fake.journal).endswith("GET /v1/customers/cus_3 → 404, and 5 more>")


@pytest.mark.parametrize("name", ["Conflict", "HandlerFailed", "Misuse"])
def test_an_exception_is_shown_by_the_name_that_users_import(name: str) -> None:
    kind = getattr(fakestripe_meters, name)
    assert traceback.format_exception_only(kind("a reason")) == [f"fakestripe_meters.{name}: a reason\n"]
    assert type(pickle.loads(pickle.dumps(kind("a reason")))) is kind  # xdist sends exceptions so
