"""The lists of event types against the code that publishes events."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from fakestripe_meters.domain.events import known
from fakestripe_meters.domain.events.snapshots import TWINS

SOURCE = Path(known.__file__).parents[2]
KNOWN_ONLY_BY_THE_WORD = {"billing.alert.recovered"}
"""Stripe's reference tells of them, and no endpoint can name them."""
OF_REPORTS = {"v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"}


def published() -> Iterator[str]:
    """A regular expression for each type that is published; in an f-string, any word is taken for a variable."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("publish"):
                yield from filter(None, map(pattern, (node.args[1], *node.args[4:])))


def pattern(kind: ast.expr) -> str | None:
    if isinstance(kind, ast.Constant):
        return re.escape(str(kind.value))
    if isinstance(kind, ast.JoinedStr):
        return "".join(re.escape(str(each.value)) if isinstance(each, ast.Constant) else r"\w+" for each in kind.values)
    return None


def test_every_type_that_is_published_is_listed_and_no_other() -> None:
    patterns, listed = set(published()), known.published_types(thin=False)
    assert [each for each in patterns if not any(re.fullmatch(each, kind) for kind in listed)] == []
    assert [kind for kind in listed if not any(re.fullmatch(each, kind) for each in patterns)] == []


def test_thin_events_are_reports_and_those_that_follow_a_snapshot() -> None:
    assert set(known.published_types(thin=True)) == {f"v1.{each}" for each in TWINS} | OF_REPORTS


def test_what_is_published_is_known_to_stripe() -> None:
    assert set(known.published_types(thin=False)) - set(known.event_types()) == KNOWN_ONLY_BY_THE_WORD
