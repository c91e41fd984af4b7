"""A function that returns `Any` switches the type checker off for whoever calls it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = (ROOT / "src", ROOT / "conftest_plugin")
MODULES = {
    ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text("utf-8"))
    for root in SOURCE_ROOTS
    for path in sorted(root.rglob("*.py"))
}
MOST = 0.02
ALIAS_MARKS = ("TypeAlias", "typing.TypeAlias")


def is_any(hint: ast.expr | None, names: set[str]) -> bool:
    """Whether a hint is `Any`, a name for it, a union with it, or a function that returns it."""
    match hint:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in names
        case ast.Constant(value=str(quoted)) if quoted.isidentifier() or "[" in quoted or "|" in quoted:
            inner = parsed(quoted)
            return inner is not None and is_any(inner, names)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return is_any(left, names) or is_any(right, names)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return is_any(inner, names)
        case ast.Subscript(value=ast.Name(id="Callable"), slice=ast.Tuple(elts=[_, returned])):
            return is_any(returned, names)
    return False


def parsed(text: str) -> ast.expr | None:
    """A quoted type expression; None for any other text."""
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def aliases(statement: ast.stmt, names: dict[str, set[str]], here: set[str]) -> set[str]:
    """The names for `Any` that a statement makes or imports."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_any(value, here):
            return {name}
        case ast.AnnAssign(target=ast.Name(id=name), annotation=mark, value=value):
            return {name} if ast.unparse(mark) in ALIAS_MARKS and is_any(value, here) else set()
        case ast.ImportFrom(module=str(module), names=imported):
            return {each.asname or each.name for each in imported if each.name in names.get(module, ())}
    return set()


def names_of_any(modules: dict[str, ast.Module]) -> dict[str, set[str]]:
    """By module, all that stands for `Any` in it: an alias may be an alias of one that another module imports."""
    names = {module: {"Any"} for module in modules}
    before = -1
    while before != (before := sum(map(len, names.values()))):
        for module, tree in modules.items():
            for statement in tree.body:
                names[module] |= aliases(statement, names, names[module])
    return names


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def returning_any(modules: dict[str, ast.Module]) -> list[str]:
    names = names_of_any(modules)
    return [
        f"{module}:{each.lineno} {each.name}"
        for module, tree in modules.items()
        for each in functions(tree)
        if is_any(each.returns, names[module])
    ]


def test_few_functions_return_any() -> None:
    total = sum(len(functions(tree)) for tree in MODULES.values())
    found = returning_any(MODULES)
    assert len(found) < MOST * total, "\n".join([f"{len(found)} of {total} functions return Any:", *found])


def test_any_is_found_behind_its_aliases() -> None:
    modules = {
        "trees": "from typing import Any, TypeAlias\nTree: TypeAlias = Any\nJson = Tree",
        "uses": """
from collections.abc import Callable
from trees import Json as Body, Tree
Read = Callable[[str], Body]
def a() -> Tree: ...
def b() -> "Body | None": ...
def c() -> Read: ...
def d():
    def e() -> Tree | int: ...
async def f() -> typing.Any: ...
def g() -> dict[str, Body]: ...
def h() -> str: ...
""",
    }
    found = returning_any({module: ast.parse(source) for module, source in modules.items()})
    assert [each.split()[1] for each in found] == ["a", "b", "c", "f", "e"]
