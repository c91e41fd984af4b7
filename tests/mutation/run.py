"""Change the code in small ways, and see whether a test fails:

    python tests/mutation/run.py [--mutants 300] [--seed N] [--floor NAME] [--jobs 2]
    python tests/mutation/run.py --only ID ... [--tests PATH ...]

A seeded sample of mutants, equally many of each floor, is tried against the tests that cover them, in copies of the
tree. What survives is printed. The exit status is 1 if less than nine in ten die, or if an entry of equivalent.toml
names no mutant. The second form tries some mutants again, by the names that were printed; with `--tests` against these
tests alone, which takes seconds. Needs the extras `test` and `mutation`.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.mutation import copying
from tests.mutation import covering
from tests.mutation import equivalents
from tests.mutation import floors
from tests.mutation import keeping
from tests.mutation import making
from tests.mutation import report
from tests.mutation.mutant import Mutant
from tests.mutation.trying import Outcome
from tests.mutation.trying import Trial
from tests.mutation.trying import Workshop

CONTROLS = 100
"""So many tests are run without a mutant first."""

Chosen = Mapping[str, Sequence[Mutant]]


def main() -> int:
    asked = arguments()
    entries = equivalents.read()
    listed = {floor: mutants(floor) for floor in floors.FLOORS}
    lost = equivalents.unmatched(entries, (mutant for some in listed.values() for mutant in some))
    for entry in lost:
        sys.stdout.write(f"equivalent.toml names a mutant that does not exist: {entry}\n")
    if lost:
        return 1
    known = {entry.key for entry in entries}
    trials = attempt(asked, choose(asked, listed), set() if asked.only else known)
    return conclude(trials)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Change the code in small ways, and see whether a test fails.")
    parser.add_argument("--mutants", type=int, default=300, metavar="N", help="how many (default: 300)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other mutants (default: 1)")
    parser.add_argument("--floor", action="append", choices=floors.FLOORS, help="these floors only")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="trials at a time (default: 2)")
    parser.add_argument("--only", nargs="+", metavar="ID", help="these mutants only")
    parser.add_argument("--tests", nargs="+", metavar="PATH", help="these tests instead of the covering ones")
    return parser.parse_args()


def mutants(floor: str) -> list[Mutant]:
    """All of a floor."""
    return [
        mutant for path in floors.modules(floor) for mutant in keeping.mutants(path, making.mutants, making.VERSION)
    ]


def choose(asked: argparse.Namespace, listed: Chosen) -> Chosen:
    """Those that are named, or a sample."""
    if asked.only:
        named = {floor: [mutant for mutant in some if mutant.id in asked.only] for floor, some in listed.items()}
        if lost := set(asked.only) - {mutant.id for some in named.values() for mutant in some}:
            sys.exit(f"There is no mutant with the id {', '.join(sorted(lost))}.")
        return {floor: some for floor, some in named.items() if some}
    wanted = {floor: some for floor, some in listed.items() if not asked.floor or floor in asked.floor}
    return floors.sample(wanted, asked.mutants, asked.seed)


def attempt(asked: argparse.Namespace, chosen: Chosen, known: set[tuple[str, ...]]) -> dict[str, list[Trial]]:
    """Try each that is not known to be equivalent."""
    names = copying.files()
    with (
        tempfile.TemporaryDirectory(prefix="fakestripe-mutation-") as folder,
        ThreadPoolExecutor(asked.jobs) as pool,
    ):
        tree = copying.copy(names, Path(folder) / "tree")  # at once: you may go on working in your own
        coverings = None if asked.tests else covering.recorded(names, tree, asked.jobs)
        for failed in sorted(coverings.failed) if coverings else ():
            sys.stdout.write(f"Left out, because it fails without any mutant: {failed}\n")
        workshop = Workshop(names, tree, asked.jobs)
        if coverings:
            workshop.check(coverings.some(CONTROLS))

        def trial(mutant: Mutant) -> Trial:
            if equivalents.key(mutant) in known:
                return Trial(mutant, Outcome.EQUIVALENT)
            if coverings is None:
                return workshop.attempt_with(mutant, asked.tests)
            return workshop.attempt(mutant, coverings.tests(mutant))

        return followed(chosen, lambda some: pool.map(trial, some))


def followed(chosen: Chosen, tried: Callable[[list[Mutant]], Iterator[Trial]]) -> dict[str, list[Trial]]:
    """The trials by floor. Each leaves a letter on the terminal, as with pytest."""
    everything = [(floor, mutant) for floor, some in chosen.items() for mutant in some]
    found: dict[str, list[Trial]] = {floor: [] for floor in chosen}
    for (floor, _), trial in zip(everything, tried([mutant for _, mutant in everything]), strict=True):
        found[floor].append(trial)
        sys.stdout.write("s" if trial.outcome is Outcome.SURVIVED else ".")
        sys.stdout.flush()
    return found


def conclude(trials: Mapping[str, Sequence[Trial]]) -> int:
    """Print what was found; the exit status."""
    reached = report.share(trial for some in trials.values() for trial in some)
    sys.stdout.write(f"\n\n{report.survivors(trials)}\n\n{report.table(trials)}\n")
    if reached < report.LEAST:
        sys.stdout.write(f"Less than {report.LEAST:.0%} of the mutants were killed.\n")
    return 1 if reached < report.LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
