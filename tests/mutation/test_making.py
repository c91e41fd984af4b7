"""Which mutants are made, and what is left alone. Only with the extra `mutation`."""

import pytest

pytest.importorskip("libcst")
pytest.importorskip("mutmut")

from tests.mutation.making import mutants


def made(source: str) -> set[tuple[str, str]]:
    return {(mutant.before, mutant.after) for mutant in mutants("module.py", source)}


@pytest.mark.parametrize(
    ("source", "line", "mutated"),
    [
        ("def f(a):\n    return a + 1\n", "return a + 1", "return a - 1"),
        ("def f(a):\n    return 'word'\n", "return 'word'", "return 'XXwordXX'"),
        ("def f(a):\n    a.b = 1\n", "a.b = 1", "pass"),
        ("def f(a):\n    a.b(1)\n", "a.b(1)", "pass"),
        ("def f(a):\n    raise a.b(1)\n", "raise a.b(1)", "pass"),
        ("def f(a):\n    if a:\n        return 1\n", "if a:", "if (a) and False:"),
        ("a = [b for b in c if b]\n", "a = [b for b in c if b]", "a = [b for b in c if (b) or True]"),
        ("def f(a, b):\n    return (\n        a\n        and b\n    )\n", "and b", ""),
        ("@documented('where')\ndef f(a):\n    return a < 1\n", "return a < 1", "return a <= 1"),
        ("class A:\n    b: int | str = param(default=1)\n", *[f"b: int | str = param(default={x})" for x in (1, 2)]),
    ],
)
def test_behaviour_is_mutated(source: str, line: str, mutated: str) -> None:
    assert (line, mutated) in made(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""About it."""\n',
        "def f(a: 'int | None') -> int | None:\n    'About it.'\n",
        "@documented('where', 1)\ndef f(a):\n    pass\n",
        "import a\nfrom b import c\n",
        "__all__ = ['a', 'b']\n",
        "if TYPE_CHECKING:\n    a = 1\n",
        "Word = Literal['a', 'b']\nNumber = int | str\nT = TypeVar('T', bound=int)\nNumbers: TypeAlias = list[int]\n",
        "def f(a=g(1)):\n    pass\n",
        "def f(a):\n    if a is None:  # pragma: no cover\n        raise a.b(1)\n",
    ],
)
def test_what_does_nothing_is_left_alone(source: str) -> None:
    assert made(source) == set()


def test_what_only_people_read_is_left_alone() -> None:
    assert made("param(b, doc='About it.')\n") == {
        ("param(b, doc='About it.')", "pass"),
        ("param(b, doc='About it.')", "param(None, doc='About it.')"),
        ("param(b, doc='About it.')", "param(doc='About it.')"),
    }
    mutated = {after for _, after in made("def f(parser):\n    return parser.add_argument(a, help='About it.')\n")}
    assert mutated == {f"return parser.add_argument({a}help='About it.')" for a in ("None, ", "")}


def test_each_mutant_is_a_module_of_its_own() -> None:
    source = (
        "class A:\n    def f(self):\n        # Why.\n        return g(\n            b,\n            c=1,\n        )\n"
    )
    found = mutants("module.py", source)
    assert {mutant.function for mutant in found} == {"A.f"}
    assert {mutant.lines for mutant in found} == {(4, 7)}
    assert all(compile(mutant.apply(source), "module.py", "exec") for mutant in found)
