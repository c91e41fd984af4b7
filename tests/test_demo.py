import io
import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fakestripe_meters import FakeStripe
from fakestripe_meters import demo

CURL = re.compile(r"^  curl .*?(?<!\\)$", re.MULTILINE | re.DOTALL)
HOST = re.compile(r"http://127\.0\.0\.1:\d+")


@pytest.fixture(scope="module")
def story() -> str:
    out = io.StringIO()
    demo.run(out)
    return out.getvalue()


def bars(story: str) -> dict[str, tuple[str, str]]:
    """By day, the bar and the total."""
    found = re.findall(r"^  (\w+ \d+ \w+) \|(\S+) +([\d,]+)$", story, re.MULTILINE)
    return {day: (bar, total) for day, bar, total in found}


def test_the_demo_is_the_same_each_time_apart_from_the_port(story: str) -> None:
    again = io.StringIO()
    demo.run(again)
    assert HOST.sub("", again.getvalue()) == HOST.sub("", story)


def test_the_demo_leaves_no_server_behind() -> None:
    before = threading.enumerate()
    demo.run(io.StringIO())
    assert threading.enumerate() == before


def test_the_demo_prints_usage_by_day_and_model(story: str) -> None:
    assert "1735689600  Wed 01 Jan         embeddings                 7,500\n" in story
    assert len(re.findall(r"(?:embeddings|gpt-3\.5-turbo|gpt-4) +[\d,]+$", story, re.MULTILINE)) == 7 * 3


def test_the_chart_has_a_bar_a_day_and_a_fill_a_model(story: str) -> None:
    assert "██ embeddings   ▒▒ gpt-3.5-turbo   ░░ gpt-4" in story
    drawn = bars(story)
    assert [day.split()[0] for day in drawn] == ["Wed", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue"]
    assert drawn["Wed 01 Jan"][1] == "35,500"
    assert all(re.fullmatch("█+▒+░+", bar) for bar, _ in drawn.values())


def test_bars_are_as_long_as_their_totals(story: str) -> None:
    drawn = bars(story)
    longest = max(len(bar) for bar, _ in drawn.values())
    highest = max(int(total.replace(",", "")) for _, total in drawn.values())
    for bar, total in drawn.values():
        assert abs(len(bar) / longest - int(total.replace(",", "")) / highest) < 1 / longest


def test_what_was_cancelled_is_in_no_bar(story: str) -> None:
    assert "payload[tokens]=9000000" in story
    assert "9,000,000" not in story
    assert bars(story)["Tue 07 Jan"][1] == "47,570"


def test_the_101st_question_in_a_second_is_a_429(story: str) -> None:
    assert "and again: 100 times 200 OK, and then\n\n  429 Too Many Requests\n" in story
    assert "Stripe-Rate-Limited-Reason: endpoint-rate" in story
    assert '"code": "rate_limit"' in story
    assert "The same call: 200 OK" in story


def test_every_printed_command_can_be_pasted(story: str) -> None:
    commands = CURL.findall(story)
    assert len(commands) == 7
    with FakeStripe(now=demo.NOW, seed=demo.SEED) as fake:
        for command in commands:
            done = subprocess.run(
                ["sh", "-c", HOST.sub(fake.url, command) + " --silent --show-error --fail-with-body"],
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert json.loads(done.stdout)


def test_a_reader_without_block_characters_gets_ascii(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    with path.open("w", encoding="ascii") as out:
        demo.run(out)
    assert "## embeddings   == gpt-3.5-turbo   .. gpt-4" in path.read_text("ascii")


def test_the_command_runs_the_demo() -> None:
    command = [sys.executable, "-m", "fakestripe_meters", "demo"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    assert "7. The rate limit" in done.stdout
    assert done.stderr == ""
