"""The command's own parts: a fair sample that does not change, entries that find their mutants, numbers that add up."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutation import equivalents
from tests.mutation import floors
from tests.mutation import keeping
from tests.mutation import report
from tests.mutation.covering import DOOR
from tests.mutation.covering import Sources
from tests.mutation.equivalents import Equivalent
from tests.mutation.mutant import Mutant
from tests.mutation.mutant import differing
from tests.mutation.trying import MOST_S
from tests.mutation.trying import Outcome
from tests.mutation.trying import Trial
from tests.mutation.trying import affordable
from tests.mutation.trying import mutated

MODULE = "src/fakestripe_meters/core/sums.py"
SOURCE = "def total(one, two):\n    # Both.\n    return one + two\n"


def mutant_of(source: str, original: str, replacement: str, path: str = MODULE, function: str = "total") -> Mutant:
    start = source.index(original)
    before, after = differing(source, start, start + len(original), replacement)
    line = source[:start].count("\n") + 1
    return Mutant(
        path, function, (line, line), start, start + len(original), original, replacement, before=before, after=after
    )


def mutants_of(floor: str, places: int) -> list[Mutant]:
    """Two of each place."""
    source = "".join(f"x{place} = {place}\n" for place in range(places))
    texts = [(f"x{place} = {place}", f"x{place} = {new}") for place in range(places) for new in ("None", "-1")]
    return [mutant_of(source, old, new, path=f"{floor}.py") for old, new in texts]


PLUS = mutant_of(SOURCE, "one + two", "one - two")
LISTED = {"small": mutants_of("small", 3), "large": mutants_of("large", 50), "middle": mutants_of("middle", 20)}


# Sampling


def test_the_same_seed_gives_the_same_sample_in_whatever_order_mutants_are_listed() -> None:
    backwards = {floor: some[::-1] for floor, some in LISTED.items()}
    assert floors.sample(LISTED, 30, seed=1) == floors.sample(backwards, 30, seed=1)
    assert floors.sample(LISTED, 30, seed=1) != floors.sample(LISTED, 30, seed=2)


def test_a_larger_sample_contains_the_smaller_one() -> None:
    small, large = (floors.sample(LISTED, count, seed=1) for count in (12, 30))
    assert all(large[floor][: len(some)] == some for floor, some in small.items())


def test_no_place_is_mutated_twice() -> None:
    everything = floors.sample(LISTED, 10_000, seed=1)
    assert {floor: len(some) for floor, some in everything.items()} == {"small": 3, "large": 50, "middle": 20}


@pytest.mark.parametrize(
    ("count", "shares"),
    [(0, [0, 0, 0]), (2, [1, 1, 0]), (9, [3, 3, 3]), (10, [3, 4, 3]), (30, [3, 14, 13]), (99, [3, 50, 20])],
)
def test_floors_share_equally_and_a_small_one_leaves_its_rest_to_the_others(count: int, shares: Sequence[int]) -> None:
    sizes = {"small": 3, "large": 50, "middle": 20}
    assert list(floors.fair_shares(sizes, count).values()) == shares


def test_every_module_is_on_one_floor_or_is_known_to_be_on_none() -> None:
    package = floors.ROOT / floors.PACKAGE
    found = [package / each for each in floors.ON_NO_FLOOR]
    found += [floors.ROOT / path for floor in floors.FLOORS for path in floors.modules(floor)]
    assert sorted(found) == sorted(package.rglob("*.py"))
    assert all(floors.modules(floor) for floor in floors.FLOORS)


# Mutants


def test_a_mutant_is_named_by_its_text_and_not_by_its_line() -> None:
    further_down = mutant_of(f"import math\n\n{SOURCE}", "one + two", "one - two")
    assert further_down.lines != PLUS.lines
    assert further_down.id == PLUS.id != mutant_of(SOURCE, "one + two", "one * two").id


def test_the_lines_that_differ_are_without_those_around_them() -> None:
    call = "        pay(\n            one,\n            two,\n            three=3,\n        )\n"
    assert differing(call, call.index("two"), call.index("two") + 3, "None") == ("two,", "None,")
    start, end = call.index("pay"), call.index(")") + 1
    assert differing(call, start, end, "pay(\n    one,\n    three=3,\n)") == ("two,", "")
    assert differing("x = 1", 4, 5, "2") == ("x = 1", "x = 2")


def test_a_mutant_knows_the_code_that_it_was_made_of() -> None:
    assert PLUS.apply(SOURCE) == SOURCE.replace("+", "-")
    with pytest.raises(ValueError, match="has changed"):
        PLUS.apply(f"# Sums\n{SOURCE}")


def test_a_mutant_is_written_and_taken_back(tmp_path: Path) -> None:
    module = tmp_path / MODULE
    module.parent.mkdir(parents=True)
    module.write_text(SOURCE)
    before = module.stat().st_mtime_ns
    with mutated(tmp_path, PLUS) as diff:
        assert "one - two" in module.read_text()
        assert diff == PLUS.diff(SOURCE)
    assert (module.read_text(), module.stat().st_mtime_ns) == (SOURCE, before)


def test_mutants_are_made_once_for_each_text_of_a_module(tmp_path: Path) -> None:
    made = []

    def make(path: str, source: str) -> list[Mutant]:
        made.append(path)
        return [mutant_of(source, "one + two", "one - two", path)]

    module = tmp_path / MODULE
    module.parent.mkdir(parents=True)
    for source, version in ((SOURCE, "1"), (SOURCE, "1"), (f"\n{SOURCE}", "1"), (SOURCE, "2")):
        module.write_text(source)
        found = keeping.mutants(MODULE, make, version, root=tmp_path, kept=tmp_path / "kept")
        assert found == [mutant_of(source, "one + two", "one - two")]
    assert len(made) == 3


# Equivalent ones


def entry_for(mutant: Mutant, **changes: str) -> Equivalent:
    entry = {
        "module": "core/sums.py",
        "function": mutant.function,
        "line": mutant.before,
        "mutated": mutant.after,
        "reason": "Nobody adds anything but nothing.",
    }
    return Equivalent(**{**entry, **changes})


def test_an_entry_finds_its_mutant_by_its_text() -> None:
    assert entry_for(PLUS).key == equivalents.key(PLUS)
    assert equivalents.unmatched([entry_for(PLUS)], [PLUS]) == []


@pytest.mark.parametrize("field", ["module", "function", "line", "mutated"])
def test_an_entry_about_other_code_matches_nothing(field: str) -> None:
    entry = entry_for(PLUS, **{field: "other"})
    assert equivalents.unmatched([entry, entry_for(PLUS)], [PLUS]) == [entry]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[equivalent]]\nmodule = "a.py"\n', "and a reason"),
        ('[[equivalent]]\nmodule = "a"\nfunction = ""\nline = "x"\nmutated = "y"\nreason = ""\n', "and a reason"),
        ('[[equivalent]]\nmodule = "a"\nfunction = ""\nline = "x"\nmutated = "y"\nreason = "z"\n' * 2, "twice"),
    ],
)
def test_an_entry_is_complete_and_the_only_one(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "equivalent.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=said):
        equivalents.read(file)


def test_todays_entries_can_be_read_and_name_modules_that_exist() -> None:
    modules = {path for floor in floors.FLOORS for path in floors.modules(floor)}
    assert {entry.key[0] for entry in equivalents.read()} <= modules


# Tests to try


def test_of_the_same_test_through_several_doors_the_engines_stands_for_all() -> None:
    assert DOOR.sub("engine", "tests/a.py::test_server[server-sdk_1]") == "tests/a.py::test_server[engine-sdk_1]"
    assert DOOR.sub("engine", "tests/a.py::test_a[x-wsgi]") == "tests/a.py::test_a[x-engine]"
    assert DOOR.sub("engine", "tests/doors/test_server.py::test_a") == "tests/doors/test_server.py::test_a"


def test_no_more_tests_are_tried_than_there_is_time_for() -> None:
    half = MOST_S / 2
    assert affordable({"a": half, "b": half, "c": half}) == ({"a": half, "b": half}, 1)


def test_a_line_is_run_on_import_unless_it_is_in_the_body_of_a_function(tmp_path: Path) -> None:
    module = tmp_path / "src" / "fakestripe_meters" / "a.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "from fakestripe_meters.b import c\n\n@lru_cache(9)\ndef f(\n    a,\n) -> None:\n    g()\n\n\nh = 1\n"
    )
    sources = Sources(tmp_path)
    path = "src/fakestripe_meters/a.py"
    assert sources.functions(path) == sources.cached(path) == [(6, 7)]
    assert sources.importers["src/fakestripe_meters/b.py"] == {path}


# The report


def trials(**outcomes: int) -> list[Trial]:
    return [Trial(PLUS, Outcome[name]) for name, count in outcomes.items() for _ in range(count)]


def test_equivalent_mutants_do_not_count_and_timeouts_do() -> None:
    assert report.share(trials(KILLED=6, TIMED_OUT=3, SURVIVED=1, EQUIVALENT=5)) == 0.9
    assert report.share(trials(EQUIVALENT=5)) == 1.0


def test_the_table_has_a_row_for_each_floor_and_one_for_all() -> None:
    text = report.table({"wire": trials(KILLED=3, SURVIVED=1), "doors": trials(TIMED_OUT=1, EQUIVALENT=2)})
    assert [line.split() for line in text.splitlines()] == [
        ["floor", "mutants", "killed", "timed", "out", "survived", "equivalent", "share"],
        ["wire", "4", "3", "0", "1", "0", "75.0%"],
        ["doors", "3", "0", "1", "0", "2", "100.0%"],
        ["all", "7", "3", "1", "1", "2", "80.0%"],
    ]


def test_survivors_are_shown_with_their_diffs() -> None:
    survivor = Trial(PLUS, Outcome.SURVIVED, "3 tests pass", PLUS.diff(SOURCE))
    text = report.survivors({"core": [survivor, Trial(PLUS, Outcome.KILLED)]})
    assert text.splitlines() == [
        f"{PLUS.id}  {MODULE}:3 total",
        "@@ -1,3 +1,3 @@",
        " def total(one, two):",
        "     # Both.",
        "-    return one + two",
        "+    return one - two",
        "(3 tests pass)",
    ]
