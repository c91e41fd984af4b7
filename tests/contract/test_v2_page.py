"""The page on API v2 and webhooks is run, from top to bottom, and what it lists is there."""

import re
import subprocess
import sys
from pathlib import Path

from fakestripe_meters.core import errors
from fakestripe_meters.delivery.webhooks import Webhooks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "v2-and-webhooks.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_python_block_works_in_the_order_of_the_page() -> None:
    assert len(BLOCKS) > 4
    script = "\n".join(BLOCKS)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_every_documented_code_is_listed() -> None:
    documented = {name.code for name in errors.v2.NAMES.values()} | errors.v2.AS_THEY_ARE - {
        "missing_dimension_payload_keys"
    }
    documented -= {"idempotency_error"}
    listed = set(re.findall(r"`(\w+)`", PAGE.partition("## Errors of API v2")[2].partition("\n## ")[0]))
    assert documented <= listed


def test_what_is_said_of_webhooks_exists() -> None:
    section = PAGE.partition("## Webhooks in a test")[2].partition("## Webhooks over HTTP")[0]
    names = set(re.findall(r"fake\.webhooks\.(\w+)", section)) | set(re.findall(r"^\| `(\w+)", section, re.MULTILINE))
    assert names - set(dir(Webhooks)) == set()


def test_links_within_the_page_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall("^## (.*)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) == headings
