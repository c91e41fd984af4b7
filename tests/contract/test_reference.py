"""The reference and the page of options are what the code declares, and links lead somewhere."""

import re
import runpy
from pathlib import Path

from fakestripe_meters.commands.flags import SERVE_ONLY
from fakestripe_meters.core.options import OPTIONS
from fakestripe_meters.resources import registry

DOCS = Path(__file__).parents[2] / "docs"
COMMAND = "python docs/generate.py"
PAGE = (DOCS / "reference.md").read_text("utf-8")
OPTIONS_PAGE = (DOCS / "options.md").read_text("utf-8")
GENERATE = runpy.run_path(str(DOCS / "generate.py"))


def test_the_page_is_made_from_the_code_as_it_is() -> None:
    assert GENERATE["page"]() == PAGE, f"docs/reference.md is stale: run `{COMMAND}`"
    assert f"`{COMMAND}`" in PAGE


def test_every_call_has_a_place_and_every_object_a_heading() -> None:
    calls = re.findall(r"^#### `(\w+ \S+)`$", PAGE, re.MULTILINE)
    assert len(calls) == len(set(calls))
    assert set(calls) == {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", each.route) for each in registry().endpoints()}
    objects = re.findall(r"^`([\w.]+)` · \[Stripe's reference\]\(https://docs\.stripe\.com/[^)]+\)", PAGE, re.MULTILINE)
    assert sorted(objects) == sorted({resource.name for resource in registry().resources})


def test_no_two_headings_are_the_same_and_links_lead_to_them() -> None:
    anchors = [GENERATE["anchor"](heading) for heading in re.findall("^#+ (.*)$", PAGE, re.MULTILINE)]
    assert len(anchors) == len(set(anchors))
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert len(links) > len(registry().resources)
    assert set(links) <= set(anchors)


def test_what_is_not_repeated_is_what_every_call_takes() -> None:
    takes = set(re.findall(r"^\| \**`(\w+)`", PAGE, re.MULTILINE))
    assert takes & {"expand", "starting_after", "ending_before"} == set()
    assert {"event_name", "customer", "limit"} <= takes  # the lists of API v2 have limits of their own


def test_the_page_of_options_is_made_from_the_code_as_it_is() -> None:
    assert GENERATE["options_page"]() == OPTIONS_PAGE, f"docs/options.md is stale: run `{COMMAND}`"
    assert f"`{COMMAND}`" in OPTIONS_PAGE


def test_every_option_has_a_row_with_its_name_and_its_flag() -> None:
    rows = dict(re.findall(r"^\| (?:`(\w+)`)? \| (?:`(--[\w-]+).*?`)? \|", OPTIONS_PAGE, re.MULTILINE))
    assert rows.keys() >= {*OPTIONS, "freeze_process"}
    assert (rows["lag"], rows["analytics"], rows["webhook_hosts"]) == ("--lag", "--no-analytics", "--webhook-host")
    assert rows["freeze_process"] == ""
    for name, option in SERVE_ONLY.items():
        assert re.search(rf"^\|  \| `{option.spelled(name)}[ `]", OPTIONS_PAGE, re.MULTILINE)
