"""The table in docs/compatibility.md: read, and written again."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.matrix.rows import PAGE
from tests.matrix.rows import ROWS
from tests.matrix.rows import SCENARIOS

BEGIN = "<!-- written by tests/matrix/run.py: begin -->\n"
END = "<!-- written by tests/matrix/run.py: end -->\n"
HEAD = "| environment | versions | what was run | result | note |\n|---|---|---|---|---|\n"
PASS = "pass"
FAIL = "FAIL"
NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Result:
    """A line of the table: how one row went."""

    name: str
    versions: str
    scenarios: str
    result: str
    note: str = ""

    @property
    def line(self) -> str:
        cells = (f"`{self.name}`", self.versions, self.scenarios, self.result, self.note)
        return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|\n"


def read() -> dict[str, Result]:
    """The results in the page, by name."""
    _, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    lines = [line for line in rest.partition(END)[0].splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {name.strip("`"): Result(name.strip("`"), *others) for name, *others in cells}


def write(results: Mapping[str, Result]) -> None:
    """Put results in the place of those of the same name; what no row is called any more goes."""
    known = {**read(), **results}
    table = "".join(known[row.name].line for row in ROWS if row.name in known)
    legend = "".join(f"- `{name}`: {sentence}\n" for name, sentence in SCENARIOS.items())
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{HEAD}{table}\nWhat was run:\n\n{legend}{END}{after}", "utf-8")
