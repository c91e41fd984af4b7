"""What a release of stripe-python declares: read from its source, so that nothing is imported or installed.

An oracle is two tables of flat paths and short types, made to be read and compared by line:

    {"objects": {"billing.meter": {"status_transitions": "hash", "status_transitions.deactivated_at": "int?"}},
     "endpoints": {"POST /v1/billing/meters": {"display_name": "str!", "expand": "array", "expand[]": "str"}}}

Types are `str`, `int`, `bool`, `float`, `decimal`, `any`, `enum(a,b)`, `""` (it may be cleared), `hash` (its fields
follow, after a dot), `array` (elements follow, after `[]`), `map` (values follow, after `{}`), `object:NAME` and
`list:NAME` (other objects of Stripe's), joined by `|`. `?` stands for null, `!` for required.
"""

import ast
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from pathlib import Path

Types = dict[str, str]
Table = dict[str, Types]

MOST_CHOICES = 60
"""Longer enumerations (of event types, currencies, countries) are taken for strings."""
SCALARS = {"str": "str", "int": "int", "bool": "bool", "float": "float", "Decimal": "decimal", "Any": "any"}
MAPS = {"Dict", "Mapping", "UntypedStripeObject"}
OBJECT_NAME = re.compile(r'OBJECT_NAME: ClassVar\[[^=]*=\s*\(?\s*"([^"]+)"')
WITHOUT_FIELDS = {"TypedDict", "RequestOptions", "StripeObject", "object"}


@dataclass(frozen=True)
class Oracle:
    """The declarations of one release, or of what it adds to another."""

    sdk: str
    api_version: str
    objects: Table
    endpoints: Table
    elsewhere: list[str] = field(default_factory=list)
    """Endpoints that share a first path segment with ours, and are not ours."""


@dataclass(frozen=True)
class Module:
    """A source file: its classes by dotted name, and where its imported names come from."""

    path: Path
    classes: Mapping[str, ast.ClassDef]
    imported: Mapping[str, str]


@dataclass(frozen=True)
class Class:
    """A class that annotations may mean."""

    module: Module
    name: str

    @property
    def node(self) -> ast.ClassDef:
        return self.module.classes[self.name]


class Sdk:
    """A folder called `stripe`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.version = constant(root / "_version.py", "VERSION")
        self.api_version = constant(root / "_api_version.py", "CURRENT")

    def oracle(self, objects: Iterable[str], routes: Iterable[str]) -> Oracle:
        """What is declared of some objects and routes (`POST /v1/customers/{}`)."""
        served, prefixes = set(routes), {first_segments(route) for route in routes}
        known = self.endpoints(prefixes)
        classes = self.objects(set(objects))
        return Oracle(
            self.version,
            self.api_version,
            {name: dict(sorted(self.fields(target))) for name, target in sorted(classes.items())},
            {
                route: dict(sorted(self.fields(params))) if params else {}
                for route, params in sorted(known.items())
                if route in served
            },
            sorted(route for route in known if route not in served and first_segments(route) in prefixes),
        )

    def objects(self, wanted: set[str]) -> dict[str, Class]:
        """The classes with an OBJECT_NAME that is wanted, by it."""
        found: dict[str, Class] = {}
        for path in sorted(self.root.rglob("_*.py")):
            named = OBJECT_NAME.search(path.read_text("utf-8"))
            if named and named[1] in wanted:
                module = parsed(path)
                for name in module.classes:
                    target = Class(module, name)
                    if known_as := own_name(target):
                        found.setdefault(known_as, target)
        return found

    def endpoints(self, prefixes: set[str]) -> dict[str, Class | None]:
        """Every route below one of some paths, and the class of its parameters."""
        found: dict[str, Class | None] = {}
        for path in sorted(self.root.rglob("_*_service.py")):
            text = path.read_text("utf-8")
            if not any(f'"{prefix}' in text for prefix in prefixes):
                continue
            module = parsed(path)
            for service in module.classes.values():
                for method in service.body:
                    if isinstance(method, ast.FunctionDef):
                        for route in requests_in(method):
                            found[route] = self.params_of(module, method)
        return found

    def params_of(self, module: Module, method: ast.FunctionDef) -> Class | None:
        """The TypedDict that a method of a service takes."""
        for argument in method.args.args:
            if argument.arg == "params" and argument.annotation is not None:
                names = re.findall(r"[\w.]+Params\b", ast.unparse(argument.annotation))
                return self.find(module, "", names[0]) if names else None
        return None

    def find(self, module: Module, scope: str, name: str) -> Class | None:
        """The class that a name means inside a class: its own, a neighbour's, the module's, or an imported one."""
        while True:
            dotted = f"{scope}.{name}" if scope else name
            if dotted in module.classes:
                return Class(module, dotted)
            if not scope:
                break
            scope = scope.rpartition(".")[0]
        origin = module.imported.get(name)
        if origin is None or not origin.startswith("stripe."):
            return None
        base = self.root.joinpath(*origin.split(".")[1:])
        path = base.with_suffix(".py")
        target = parsed(path) if path.exists() else None
        return Class(target, name) if target and name in target.classes else None

    def fields(self, owner: Class, path: str = "") -> Iterator[tuple[str, str]]:
        """Each field of a class, inherited ones first, with all that is below it."""
        for base in owner.node.bases:
            inherited = self.find(owner.module, "", ast.unparse(base).partition("[")[0])
            if inherited and inherited.name not in WITHOUT_FIELDS and "Resource" not in inherited.name:
                yield from self.fields(inherited, path)
        params = "params" in owner.module.path.parts
        for each in owner.node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                name = each.target.id
                if not name.startswith("_") and name != "OBJECT_NAME":
                    yield from self.typed(owner, f"{path}{name}", each.annotation, params=params)
        yield from self.functional(owner, path)

    def functional(self, owner: Class, path: str) -> Iterator[tuple[str, str]]:
        """Fields that are no Python names: `class X(_XBase)` with `_XBase = TypedDict("XBase", {"from": …})`."""
        for base in owner.node.bases:
            table = functional_dicts(owner.module.path).get(ast.unparse(base))
            if table is not None:
                for key, value in zip(table.keys, table.values, strict=True):
                    if isinstance(key, ast.Constant):
                        yield from self.typed(owner, f"{path}{key.value!s}", value, params=True)

    def typed(self, owner: Class, path: str, node: ast.expr, *, params: bool) -> Iterator[tuple[str, str]]:
        """A field's short type, and what is below it."""
        required, found, below = params, [], dict[str, str]()
        for each in alternatives(node):
            if each is None:
                found.append("?")
            elif isinstance(each, str):
                required = False
            else:
                kind, fields = self.kind(owner, path, each, params=params)
                found.append(kind)
                below.update(fields)
        kinds = sorted({kind for kind in found if kind != "?"})
        if any(kind.startswith("enum(") for kind in kinds):
            kinds = [kind for kind in kinds if kind != "str"]  # an open enumeration
        yield path, "|".join(kinds) + ("?" if "?" in found else "") + ("!" if required else "")
        yield from below.items()

    def kind(self, owner: Class, path: str, node: ast.expr, *, params: bool) -> tuple[str, Types]:
        """One alternative."""
        text = ast.unparse(node)
        head = text.partition("[")[0].rpartition(".")[2]
        inside = node.slice if isinstance(node, ast.Subscript) else None
        if head in SCALARS:
            return SCALARS[head], {}
        if head == "Literal" and inside is not None:
            return choices(inside), {}
        if head in {"List", "Sequence", "list"} and inside is not None:
            return "array", self.below(owner, f"{path}[]", inside, params=params)
        if head in MAPS:
            value = inside.elts[-1] if isinstance(inside, ast.Tuple) else inside
            return "map", {} if value is None else self.below(owner, f"{path}{{}}", value, params=params)
        if head == "ListObject" and inside is not None:
            return f"list:{self.object_name(owner, inside)}", {}
        if head == "ExpandableField" and inside is not None:
            return f"str|object:{self.object_name(owner, inside)}", {}
        target = self.find(owner.module, owner.name, text)
        if target is None:
            return "any", {}
        if name := own_name(target):
            return f"object:{name}", {}
        return "hash", dict(self.fields(target, f"{path}."))

    def below(self, owner: Class, path: str, node: ast.expr, *, params: bool) -> Types:
        """Elements of an array, or values of a map: nothing is required of them."""
        return {
            name: kind.rstrip("!") if name == path else kind
            for name, kind in self.typed(owner, path, node, params=params)
        }

    def object_name(self, owner: Class, node: ast.expr) -> str:
        """What an object is called on the wire; several, if it may be one of them."""
        names = []
        for each in alternatives(node):
            if isinstance(each, ast.expr):
                target = self.find(owner.module, owner.name, ast.unparse(each))
                names.append((own_name(target) if target else None) or "any")
        return "+".join(sorted(names))


@cache
def parsed(path: Path) -> Module:
    tree = ast.parse(path.read_text("utf-8"))
    imported = {
        alias.asname or alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return Module(path, dict(nested(tree.body, "")), imported)


def nested(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield f"{prefix}{node.name}", node
            yield from nested(node.body, f"{prefix}{node.name}.")


@cache
def functional_dicts(path: Path) -> dict[str, ast.Dict]:
    found = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and len(node.value.args) > 1:
            table = node.value.args[1]
            if ast.unparse(node.value.func) == "TypedDict" and isinstance(table, ast.Dict):
                found[ast.unparse(node.targets[0])] = table
    return found


def own_name(target: Class) -> str | None:
    for each in target.node.body:
        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == "OBJECT_NAME":
            return str(each.value.value) if isinstance(each.value, ast.Constant) else None
    return None


def alternatives(node: ast.expr) -> Iterator[ast.expr | str | None]:
    """What a union is of: types, None for null, and a word for `NotRequired`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from alternatives(ast.parse(node.value, mode="eval").body)
    elif isinstance(node, ast.Constant) and node.value is None:
        yield None
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from alternatives(node.left)
        yield from alternatives(node.right)
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) in {"Optional", "Union", "NotRequired"}:
        wrapper = ast.unparse(node.value)
        if wrapper == "Optional":
            yield None
        if wrapper == "NotRequired":
            yield "not required"
        for each in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
            yield from alternatives(each)
    else:
        yield node


def choices(node: ast.expr) -> str:
    values = [ast.literal_eval(each) for each in (node.elts if isinstance(node, ast.Tuple) else [node])]
    if values == [""]:
        return '""'
    if values in ([True], [False]):
        return "bool"
    return f"enum({','.join(sorted(map(str, values)))})" if len(values) <= MOST_CHOICES else "str"


def requests_in(method: ast.FunctionDef) -> Iterator[str]:
    """The routes of the requests that a method sends: `POST /v1/customers/{}`."""
    for node in ast.walk(method):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._request":
            verb, path = (each for each in node.args[:2])
            text = path.func.value if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute) else path
            if isinstance(verb, ast.Constant) and isinstance(text, ast.Constant):
                yield f"{str(verb.value).upper()} {re.sub(r'{[^}]*}', '{}', str(text.value))}"


def first_segments(route: str) -> str:
    """`/v1/customers` of `POST /v1/customers/{}/tax_ids`; one more below a namespace."""
    segments = route.partition(" ")[2].split("/")
    namespaced = segments[2] in {"billing", "test_helpers", "core"}
    return "/".join(segments[: 4 if namespaced else 3])


def constant(path: Path, name: str) -> str:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets):
            value: str = ast.literal_eval(node.value)
            return value
    raise LookupError(f"{path} defines no {name}")


def difference(old: Table, new: Table) -> dict[str, dict[str, str | None]]:
    """What to change in one table to get the other; None for what goes."""
    changes: dict[str, dict[str, str | None]] = {}
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, {}), new.get(name, {})
        changed = {
            path: after.get(path)
            for path in sorted(before.keys() | after.keys())
            if before.get(path) != after.get(path)
        }
        if changed or (name in new) != (name in old):
            changes[name] = changed
    return changes


def changed(old: Table, changes: Mapping[str, Mapping[str, str | None]]) -> Table:
    """The other table."""
    new = {name: dict(types) for name, types in old.items()}
    for name, changed_types in changes.items():
        merged: dict[str, str | None] = {**new.get(name, {}), **changed_types}
        new[name] = {path: kind for path, kind in sorted(merged.items()) if kind is not None}
    return new
