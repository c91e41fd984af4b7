"""What a run has found, as text."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from tests.mutation.trying import Outcome
from tests.mutation.trying import Trial

LEAST = 0.9
"""The share of mutants that has to die, over all floors."""
DEAD = (Outcome.KILLED, Outcome.TIMED_OUT)
HEAD = f"{'floor':<20}{'mutants':>8}{'killed':>8}{'timed out':>11}{'survived':>10}{'equivalent':>12}{'share':>8}"


def share(trials: Iterable[Trial]) -> float:
    """How many of the mutants that could die did; one if there are none."""
    counted = Counter(trial.outcome for trial in trials)
    dead = sum(counted[outcome] for outcome in DEAD)
    mortal = dead + counted[Outcome.SURVIVED]
    return dead / mortal if mortal else 1.0


def table(trials: Mapping[str, Sequence[Trial]]) -> str:
    """A row for each floor, and one for all."""
    everything = [trial for some in trials.values() for trial in some]
    rows = [_row(floor, some) for floor, some in trials.items()]
    return "\n".join([HEAD, *rows, _row("all", everything)])


def _row(name: str, trials: Sequence[Trial]) -> str:
    counted = Counter(trial.outcome for trial in trials)
    killed, timed_out, survived, equivalent = (counted[outcome] for outcome in Outcome)
    numbers = f"{len(trials):>8}{killed:>8}{timed_out:>11}{survived:>10}{equivalent:>12}"
    return f"{name:<20}{numbers}{share(trials):>8.1%}"


def survivors(trials: Mapping[str, Sequence[Trial]]) -> str:
    """Each with its diff."""
    found = [trial for some in trials.values() for trial in some if trial.outcome is Outcome.SURVIVED]
    return "\n\n".join(f"{trial.diff}\n({trial.note})" for trial in found)
