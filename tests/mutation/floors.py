"""Which modules are mutated, floor by floor, and a sample that gives each floor its fair share."""

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from pathlib import PurePosixPath

from tests.mutation.mutant import Mutant

ROOT = Path(__file__).parents[2]
PACKAGE = PurePosixPath("src/fakestripe_meters")

# A folder or a module below the package. This table is the only place that knows where code lives.
FLOORS: Mapping[str, tuple[str, ...]] = {
    "domain/records": ("domain/records",),
    "domain/paying": ("domain/paying",),
    "domain/invoicing": ("domain/invoicing",),
    "domain/subscribing": ("domain/subscribing",),
    "domain/checkout": ("domain/checkout", "domain/portal"),
    "domain/planning": ("domain/planning",),
    "domain/metering": ("domain/metering", "domain/events", "domain/importing"),
    "framework": ("framework",),
    "resources": ("resources",),
    "wire": ("wire",),
    "doors": ("doors",),
    "vendors": ("vendors",),
    "pages": ("pages",),
    "core/errors": ("core/errors",),
    "core": (
        "core/adding_up.py",
        "core/bucketing.py",
        "core/cards.py",
        "core/currencies.py",
        "core/cutting.py",
        "core/exact.py",
        "core/identifiers.py",
        "core/intake.py",
        "core/named_cards.py",
        "core/periods.py",
        "core/pricing.py",
        "core/rare_usage.py",
        "core/series.py",
        "core/shares.py",
        "core/stretch.py",
        "core/timeline.py",
        "core/usage.py",
        "core/usage_block.py",
        "core/usage_event.py",
        "core/windows.py",
    ),
    "core/state": (
        "core/account.py",
        "core/accounts.py",
        "core/agenda.py",
        "core/aside.py",
        "core/called.py",
        "core/checks.py",
        "core/clock.py",
        "core/codec.py",
        "core/encoding.py",
        "core/courier.py",
        "core/dumped_events.py",
        "core/faults.py",
        "core/flushed.py",
        "core/ids.py",
        "core/index.py",
        "core/instants.py",
        "core/journal.py",
        "core/keys.py",
        "core/late.py",
        "core/flights.py",
        "core/limiter.py",
        "core/limits.py",
        "core/locks.py",
        "core/moving.py",
        "core/option.py",
        "core/option_checks.py",
        "core/options.py",
        "core/options_help.py",
        "core/packaged.py",
        "core/packed.py",
        "core/patterns.py",
        "core/permissions.py",
        "core/polling.py",
        "core/printing.py",
        "core/progress.py",
        "core/references.py",
        "core/replays.py",
        "core/rewinding.py",
        "core/runs.py",
        "core/scopes.py",
        "core/sessions.py",
        "core/snapshot.py",
        "core/site.py",
        "core/stubs.py",
        "core/table.py",
        "core/undo.py",
        "core/tracing.py",
        "core/unstruck.py",
        "core/usage_files.py",
        "core/world.py",
        "core/zones.py",
    ),
    "comparing": ("comparing", "recording"),
    "engine": (
        "admission.py",
        "authentication.py",
        "bucket",
        "call.py",
        "control",
        "delivery",
        "engine.py",
        "explaining",
        "fake.py",
        "fixtures.py",
        "idempotency.py",
        "lifetime.py",
        "routing.py",
        "stub_answers.py",
        "testing",
        "unserved",
        "versions",
    ),
}
# The command, the demo, what describes the code, and what only exports names.
ON_NO_FLOOR = (
    "__init__.py",
    "__main__.py",
    "commands/__init__.py",
    "commands/child/__init__.py",
    "commands/child/sitecustomize.py",
    "commands/flags.py",
    "commands/progress.py",
    "commands/running.py",
    "commands/serving.py",
    "commands/sparing.py",
    "core/__init__.py",
    "core/sources.py",
    "demo.py",
    "domain/__init__.py",
    "fidelity.py",
    "marks.py",
    "openapi/__init__.py",
    "openapi/control_plane.py",
    "openapi/json_types.py",
    "openapi/objects.py",
    "reach.py",
    "ready_made.py",
    "source_code.py",
)


def modules(floor: str, root: Path = ROOT) -> list[str]:
    """The paths of a floor's modules, relative to `root`, in the order of their names."""
    found: list[Path] = []
    for place in FLOORS[floor]:
        path = root / PACKAGE / place
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [path.relative_to(root).as_posix() for path in found]


def sample(mutants: Mapping[str, Sequence[Mutant]], count: int, seed: int) -> dict[str, list[Mutant]]:
    """About `count` mutants, equally many of each floor, and at most one of each place in the code.

    What a small floor cannot give is taken from the others. The same seed gives the same mutants, also after a change
    to other code: each mutant's turn follows from its own text.
    """
    waiting = {floor: _one_of_each_place(found, seed) for floor, found in mutants.items()}
    shares = fair_shares({floor: len(found) for floor, found in waiting.items()}, count)
    return {floor: found[: shares[floor]] for floor, found in waiting.items()}


def fair_shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """`count` divided equally, where no share is larger than its size; the first get what cannot be divided."""
    shares = dict.fromkeys(sizes, 0)
    left = min(count, sum(sizes.values()))
    while left:
        hungry = [name for name in sizes if shares[name] < sizes[name]]
        for name in hungry[:left]:
            more = min(max(left // len(hungry), 1), sizes[name] - shares[name])
            shares[name] += more
        left = min(count, sum(sizes.values())) - sum(shares.values())
    return shares


def _one_of_each_place(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """In the order of their turns. A call with nine arguments gives many mutants, and still has one turn."""
    chosen: dict[tuple[str, int, int], Mutant] = {}
    for mutant in sorted(mutants, key=lambda each: _rank(seed, each.path, each.function, each.before, each.after)):
        chosen.setdefault((mutant.path, mutant.start, mutant.end), mutant)
    return sorted(chosen.values(), key=lambda each: _rank(seed, each.path, each.function, each.original, each.start))


def _rank(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
