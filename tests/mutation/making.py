"""The mutants of a module: the operators of mutmut, three more, and what is left alone."""

import hashlib
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import libcst as cst
from libcst import matchers as m
from libcst.metadata import CodeRange
from libcst.metadata import MetadataWrapper
from libcst.metadata import PositionProvider
from libcst.metadata import WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

from tests.mutation.mutant import Mutant
from tests.mutation.mutant import differing

VERSION = f"{version('mutmut')} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
"""Another one may make other mutants."""

# What mutmut has no operator for. The first two are the kinds of fault that are found in billing code: something is
# forgotten, and a condition looks at too little.


def leave_out_a_statement(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """`account.add(invoice)`, `invoice.status = "paid"`, `raise …` → `pass`. A plain name is needed further down."""
    stores = m.Attribute() | m.Subscript()
    statement = m.Expr(m.Call()) | m.Assign([m.AssignTarget(stores)]) | m.AugAssign() | m.Raise(m.DoNotCare())
    if m.matches(node, statement) and not m.matches(node, m.Raise(None)):
        yield cst.Pass()


def take_one_side(node: cst.BooleanOperation) -> Iterator[cst.CSTNode]:
    """`a and b` → `a`, → `b`, in the parentheses of both."""
    for side in (node.left, node.right):
        yield side.with_changes(lpar=[*node.lpar, *side.lpar], rpar=[*side.rpar, *node.rpar])


def decide(node: cst.If | cst.CompIf) -> Iterator[cst.CSTNode]:
    """`if a:` → `if (a) and False:`, → `if (a) or True:`, as mutmut does with `x if a else y`."""
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield cst.BooleanOperation(test, cst.And(), cst.Name("False"))
    yield cst.BooleanOperation(test, cst.Or(), cst.Name("True"))


OPERATORS: Sequence[tuple[Any, Callable[[Any], Iterable[cst.CSTNode]]]] = (
    *mutation_operators,
    ((cst.Expr, cst.Assign, cst.AugAssign, cst.Raise), leave_out_a_statement),
    (cst.BooleanOperation, take_one_side),
)

DOCUMENTATION: Mapping[str, tuple[str, ...]] = {
    "ArgumentParser": ("description", "epilog"),
    "add_argument": ("help", "metavar"),
    "add_parser": ("help", "description"),
    "param": ("doc",),
}
"""Arguments that only people read, by the function that takes them."""
ALIAS = m.Assign([m.AssignTarget(m.Name(m.MatchRegex("[A-Z]+[a-z].*|[A-Z]")))])
LEFT_ALONE = (
    m.Annotation()
    | m.Decorator()
    | m.Import()
    | m.ImportFrom()
    | m.Assign([m.AssignTarget(m.Name("__all__"))])
    | m.AnnAssign(annotation=m.Annotation(m.Name("TypeAlias")))
    | m.Expr(m.SimpleString() | m.ConcatenatedString())  # a docstring
    | m.If(m.Name("TYPE_CHECKING") | m.Attribute(m.Name("typing"), m.Name("TYPE_CHECKING")))
)
"""With all that is within. A decorator says where a rule comes from, or what kind of method this is."""
UNREACHABLE = "# pragma: no cover"
"""Neither are statements that coverage leaves out."""
ASSUMED = m.Call(m.Name("len") | m.Name("isinstance") | m.Name("cast"))
"""With another number of arguments, or with None, these only raise."""


@dataclass(slots=True)
class Maker:
    """Walks through one module."""

    path: str
    source: str
    module: cst.Module
    whole: Mapping[cst.CSTNode, CodeRange]
    """Where a node begins and ends, with its parentheses."""
    bare: Mapping[cst.CSTNode, CodeRange]
    found: list[Mutant] = field(default_factory=list)
    offsets: list[int] = field(default_factory=lambda: [0])

    def walk(self, node: cst.CSTNode, function: str = "", lines: tuple[int, int] = (0, 0)) -> None:
        """Note the mutants of a node and of all within it."""
        if m.matches(node, LEFT_ALONE) or (not function and m.matches(node, ALIAS)) or self._is_read_only(node):
            return
        if isinstance(node, cst.ClassDef | cst.FunctionDef):
            function = f"{function}.{node.name.value}".lstrip(".")
        lines = self._lines(node) or lines
        if UNREACHABLE in self._line(lines[0]):
            return
        self._mutate(node, function, lines)
        for child in node.children:
            if not (isinstance(node, cst.Call) and self._is_documentation(node, child)):
                self.walk(child, function, lines)

    def _mutate(self, node: cst.CSTNode, function: str, lines: tuple[int, int]) -> None:
        if isinstance(node, cst.If | cst.CompIf):
            for mutated in decide(node):
                self._note(node.test, mutated, function, lines)
        if isinstance(node, cst.Match) or m.matches(node, ASSUMED):
            return
        for kinds, operator in OPERATORS:
            if isinstance(node, kinds):
                for mutated in operator(node):
                    if not self._only_documents(node, mutated):
                        self._note(node, mutated, function, lines)

    def _note(self, node: cst.CSTNode, mutated: cst.CSTNode, function: str, lines: tuple[int, int]) -> None:
        place = self.whole[node]
        start, end = self._offset(place.start), self._offset(place.end)
        replacement = self.module.code_for_node(mutated)
        before, after = differing(self.source, start, end, replacement)
        if before != after:
            original = self.source[start:end]
            self.found.append(
                Mutant(self.path, function, lines, start, end, original, replacement, before=before, after=after)
            )

    def _offset(self, position: Any) -> int:  # noqa: ANN401  a line and a column
        offset: int = self.offsets[position.line - 1] + position.column
        return offset

    def _line(self, number: int) -> str:
        return self.source[self.offsets[number - 1] : self.offsets[number]] if number else ""

    def _lines(self, node: cst.CSTNode) -> tuple[int, int] | None:
        """Of a statement, or of the head of one that has a body."""
        if isinstance(node, cst.BaseCompoundStatement):
            first, last = self.bare[node].start.line, self.bare[node.body].start.line
            return first, max(first, last - 1)
        if isinstance(node, cst.BaseSmallStatement):
            return self.bare[node].start.line, self.bare[node].end.line
        return None

    def _only_documents(self, node: cst.CSTNode, mutated: cst.CSTNode) -> bool:
        """Whether a call differs from another in what only people read."""
        if not isinstance(node, cst.Call) or not isinstance(mutated, cst.Call):
            return False
        one, other = ([arg for arg in call.args if not self._is_documentation(node, arg)] for call in (node, mutated))
        return len(one) == len(other) and all(map(cst.CSTNode.deep_equals, one, other)) and node.func is mutated.func

    @staticmethod
    def _is_documentation(call: cst.Call, child: cst.CSTNode) -> bool:
        name = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", None)
        return (
            isinstance(child, cst.Arg)
            and child.keyword is not None
            and child.keyword.value in DOCUMENTATION.get(str(name), ())
        )

    @staticmethod
    def _is_read_only(node: cst.CSTNode) -> bool:
        """A default that is worked out when the function is made: a mutant of it seldom lets the module be imported."""
        simple = cst.Name | cst.BaseNumber | cst.BaseString
        return isinstance(node, cst.Param) and node.default is not None and not isinstance(node.default, simple)


def mutants(path: str, source: str) -> list[Mutant]:
    """All mutants of a module."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    whole, bare = wrapper.resolve(WhitespaceInclusivePositionProvider), wrapper.resolve(PositionProvider)
    maker = Maker(path, source, wrapper.module, whole, bare)
    for line in source.splitlines(keepends=True):
        maker.offsets.append(maker.offsets[-1] + len(line))
    maker.walk(wrapper.module)
    return maker.found
