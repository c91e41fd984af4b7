"""The page on the control plane lists every call, and the limits as they are."""

import re

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.limiter import PROFILES
from tests.pages import Page

PAGE = Page("docs/control-plane.md")


def test_the_control_plane_is_listed_whole() -> None:
    with FakeStripe() as fake:
        rules = [rule for rule in fake.wsgi_app.url_map.iter_rules() if rule.rule.startswith("/_fakestripe/")]
    calls = {f"{method} {rule.rule}" for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert set(re.findall(r"^\| `((?:GET|POST|PUT|DELETE) /_fakestripe/[\w.]+)` \|", PAGE.text, re.MULTILINE)) == calls


def test_limit_profiles_are_listed_with_their_rates() -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]* \| (.*) \|$", PAGE.section("## Rate limits"), re.MULTILINE)
    listed = {name: cells.split(" | ") for name, cells in rows}
    assert listed.keys() == PROFILES.keys()
    for name, limits in PROFILES.items():
        rates = list(limits.to_json().values())
        unlimited = "unlimited" if rates[-1] is None else "counts as everything else"
        assert listed[name] == [f"{rate:,}/s" if rate else unlimited for rate in rates]
