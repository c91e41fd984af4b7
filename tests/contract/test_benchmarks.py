"""Every claim about speed has a row in the report, and every row a claim. Nothing is measured here."""

from pathlib import Path

from benchmarks.bars import EVERY

README = Path(__file__).parents[2] / "benchmarks" / "README.md"
ROWS = [line.strip("| ").split(" | ") for line in README.read_text("utf-8").splitlines() if line.startswith("| ")]


def test_the_report_has_a_row_for_every_claim_and_no_other() -> None:
    reported = [(name, against, bar) for name, _value, against, bar, *_ in ROWS[1:]]
    assert sorted(reported) == sorted((each.name, each.against, each.limit) for each in EVERY)


def test_no_claim_is_made_twice() -> None:
    assert len({(each.name, each.against) for each in EVERY}) == len(EVERY)
