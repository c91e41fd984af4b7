"""The command line, as a shell runs it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

import fakestripe_meters
from fakestripe_meters.commands.flags import SERVE_ONLY
from fakestripe_meters.core.options import OPTIONS

COMMAND = [sys.executable, "-m", "fakestripe_meters"]
HANG_S = 30  # the end takes well under a second; what would hold it up lasts longer than this
KEY = ("sk_test_fakestripe", "")


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its URL."""
    command = [*COMMAND, "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            match = re.fullmatch(r"fakestripe-meters listening on (http://\S+)\n", process.stdout.readline())
            assert match, process.stderr.read() if process.stderr else ""
            yield process, match[1]
        finally:
            process.kill()


def refusal(*arguments: str) -> str:
    """The one line on standard error of a command that must fail."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode not in (0, -signal.SIGTERM)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    return line


# Serving


@pytest.mark.parametrize("interruption", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_interrupted_and_exits_promptly(interruption: signal.Signals) -> None:
    with serving() as (process, url), requests.Session() as session:
        assert session.post(f"{url}/v1/customers", auth=KEY, timeout=30).status_code == 200
        process.send_signal(interruption)
        assert process.wait(HANG_S) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "base"), [((), "http://127.0.0.1:{}"), (("--public-url", "http://there:80/"), "http://there:80")]
)
def test_its_second_line_has_the_address_for_a_browser(arguments: tuple[str, ...], base: str) -> None:
    with serving(*arguments) as (process, url):
        assert process.stdout is not None
        page = base.format(url.rpartition(":")[2])
        assert process.stdout.readline() == f"open {page}/_fakestripe/ in a browser\n"


def test_who_reads_only_the_first_line_does_not_end_it() -> None:
    with serving() as (process, url):
        assert process.stdout is not None
        process.stdout.close()
        assert requests.get(f"{url}/_fakestripe/health", timeout=30).status_code == 200


SERVED = r"fakestripe-meters listening on http://\S+\nopen \S+ in a browser\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (("serve",), SERVED),
        (("serve", "--tls", "0"), rf"{SERVED}fakestripe-meters listening on https://.+\nSSL_CERT_FILE=.+\n"),
        (("record", "--out", "recorded.json"), r"fakestripe-meters listening on \S+, recording to recorded\.json\n"),
    ],
    ids=["serve", "serve --tls", "record"],
)
def test_its_first_lines_are_one_write_so_that_no_reader_can_leave_between_them(
    arguments: tuple[str, ...], first: str, unbuffered: str, tmp_path: Path
) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)  # one message for each write
    command = [*COMMAND, *arguments, "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with ours, subprocess.Popen(command, stdout=theirs.fileno(), env=environment, cwd=tmp_path) as process:
        theirs.close()
        ours.settimeout(HANG_S)
        try:
            assert re.fullmatch(first, ours.recv(10_000).decode())
        finally:
            process.kill()


# The log


def test_each_request_is_a_line_of_the_log() -> None:
    with serving("--now", "2025-01-01", "--log") as (process, url):
        made = requests.post(f"{url}/v1/customers", auth=KEY, timeout=30)
        requests.get(f"{url}/v1/customers/cus_none", auth=("sk_test_a_longer_key_1234", ""), timeout=30)
        requests.get(f"{url}/v1/customers", timeout=30)
        requests.get(f"{url}/v1/%1b%5b31mred%0aforged", auth=KEY, timeout=30)
        requests.get(f"{url}/_fakestripe/journal", timeout=30)
        requests.post(
            f"{url}/_fakestripe/faults", json={"method": "GET", "path": "/v1/customers", "close": True}, timeout=30
        )
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/v1/customers", auth=KEY, timeout=30)
        process.terminate()
        assert process.stderr is not None
        created, missing, keyless, forged, dropped = process.stderr.read().splitlines()
    at = "2025-01-01T00:00:00Z"
    assert created == f"{at} POST /v1/customers → 200 [{made.headers['Request-Id']}, sk_test_******ripe]"
    assert re.fullmatch(
        rf"{at} GET /v1/customers/cus_none → 404 resource_missing: No such customer: 'cus_none' "
        r"\[req_\w+, sk_test_\*+1234\]",
        missing,
    )
    assert keyless.startswith(f"{at} GET /v1/customers → 401: You did not provide an API key.")
    assert "[" not in keyless
    assert forged.startswith(rf"{at} GET /v1/\x1b[31mred\nforged → 404")
    assert dropped.startswith(f"{at} GET /v1/customers → ")


def test_a_log_that_nobody_reads_is_no_reason_to_fail() -> None:
    with serving("--log") as (process, url):
        assert process.stderr is not None
        process.stderr.close()
        for _ in range(2):
            assert requests.get(f"{url}/v1/customers", auth=KEY, timeout=30).status_code == 200


# Fixtures


@pytest.mark.parametrize("world", ["llm_tokens", "api_calls", "metered_business"])
def test_a_ready_made_world_is_found_by_its_name(world: str) -> None:
    with serving("--now", "2025-02-01", "--fixtures", world) as (_, url):
        assert requests.get(f"{url}/v1/billing/meters", auth=KEY, timeout=30).json()["data"]


def test_a_file_comes_before_a_world_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "llm_tokens").write_text('{"fixtures": []}', "utf-8")
    command = [*COMMAND, "serve", "--port", "0", "--fixtures", "llm_tokens"]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        assert requests.get(f"{url}/v1/customers", auth=KEY, timeout=30).json()["data"] == []
        process.terminate()


def test_an_answer_that_is_held_up_does_not_hold_up_the_end() -> None:
    with serving() as (process, url):
        fault = {"method": "GET", "path": "/v1/customers", "delay": 60}
        requests.post(f"{url}/_fakestripe/faults", json=fault, timeout=30)
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=30) as late:
            late.sendall(b"GET /v1/customers HTTP/1.1\r\nAuthorization: Bearer sk_test_fakestripe\r\n\r\n")
            while requests.get(f"{url}/_fakestripe/faults", timeout=30).json()["data"]:
                pass
            process.terminate()
            assert process.wait(HANG_S) == 0


def test_a_move_of_the_clock_does_not_hold_up_the_end() -> None:
    seat = {"currency": "usd", "unit_amount": 100, "product_data[name]": "Seat", "recurring[interval]": "day"}
    with serving("--now", "2025-01-01") as (process, url), ThreadPoolExecutor(1) as pool:

        def made(path: str, **params: object) -> str:
            created: str = requests.post(f"{url}/v1/{path}", params, auth=KEY, timeout=30).json()["id"]
            return created

        made("subscriptions", customer=made("customers"), **{"items[0][price]": made("prices", **seat)})
        wish = {"advance": 50_000 * 86_400}
        move = pool.submit(requests.post, f"{url}/_fakestripe/clock", json=wish, timeout=60)
        while requests.get(f"{url}/_fakestripe/clock", timeout=30).json()["now"] == 1735689600:
            pass
        process.terminate()
        assert process.wait(HANG_S) == 0
    error = {"message": "the clock was stopped on its way: the fake is closed", "param": "advance"}
    assert (move.result().status_code, move.result().json()) == (409, {"error": error})


@pytest.mark.parametrize("when", ["2025-01-01T00:00:00Z", "1735689600", "2025-01-01"])
def test_now_freezes_the_clock(when: str) -> None:
    with serving("--now", when) as (_, url):
        clock = requests.get(f"{url}/_fakestripe/clock", timeout=30).json()
    assert clock == {"now": 1735689600, "frozen": True}


def test_options_are_the_settings_at_the_start_and_after_a_reset() -> None:
    flags = ("--async-validation", "--relaxed", "--async-clocks", "--no-analytics")
    numbers = ("--lag", "2.5", "--seed", "7", "--finalization-grace", "60")
    retries = ("--retries", "3,5,7", "--after-retries", "unpaid")
    with serving("--limits", "sandbox", *numbers, *retries, *flags, "--webhook-host", "hooks.test") as (_, url):
        requests.put(f"{url}/_fakestripe/lag", json={"seconds": 0}, timeout=30)
        requests.post(f"{url}/_fakestripe/reset", timeout=30)
        limits = requests.get(f"{url}/_fakestripe/limits", timeout=30).json()
        lag = requests.get(f"{url}/_fakestripe/lag", timeout=30).json()
        settings = requests.get(f"{url}/_fakestripe/snapshot", timeout=30).json()["settings"]
        clock = requests.get(f"{url}/_fakestripe/clock", timeout=30).json()
    assert (limits["global"], lag, clock["frozen"]) == (25, {"seconds": 2.5}, False)
    assert settings["async_validation"] is settings["relaxed"] is settings["async_clocks"] is True
    assert settings["analytics"] is False
    assert settings["finalization_grace_s"] == 60
    assert (settings["retries"], settings["after_retries"]) == ([3, 5, 7], "unpaid")
    assert settings["webhook_hosts"] == ["hooks.test"]


def test_test_clocks_may_take_some_seconds() -> None:
    with serving("--async-clocks", "2.5") as (_, url):
        settings = requests.get(f"{url}/_fakestripe/snapshot", timeout=30).json()["settings"]
    assert settings["async_clocks"] == 2_500_000_000


def test_a_seed_makes_the_same_ids_every_time() -> None:
    ids = set()
    for _ in range(2):
        with serving("--seed", "7", "--now", "0") as (_, url):
            ids.add(requests.post(f"{url}/v1/customers", auth=KEY, timeout=30).json()["id"])
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("arguments", "base"),
    [
        ((), r"http://127\.0\.0\.1:\d+"),
        (("--host", "0.0.0.0"), r"http://127\.0\.0\.1:\d+"),
        (("--public-url", "http://localhost:8080/"), r"http://localhost:8080"),
    ],
)
def test_pages_are_where_a_browser_reaches_the_server(arguments: tuple[str, ...], base: str) -> None:
    with serving(*arguments) as (_, url):
        asked = url.replace("0.0.0.0", "127.0.0.1")
        customer = requests.post(f"{asked}/v1/customers", auth=KEY, timeout=30).json()["id"]
        made = requests.post(f"{asked}/v1/invoices", {"customer": customer}, auth=KEY, timeout=30).json()["id"]
        invoice = requests.post(f"{asked}/v1/invoices/{made}/finalize", auth=KEY, timeout=30).json()
    assert re.fullmatch(rf"{base}/_fakestripe/page/invoices/{made}", invoice["hosted_invoice_url"])


def test_an_address_that_others_can_reach_is_warned_of() -> None:
    with serving("--host", "0.0.0.0") as (process, _):
        process.terminate()
        assert process.stderr is not None
        (line,) = process.stderr.read().splitlines()
    assert "other machines can reach 0.0.0.0" in line


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_loopback_is_not_warned_of(host: str) -> None:
    with serving("--host", host) as (process, url):
        assert requests.get(f"{url}/_fakestripe/health", timeout=30).status_code == 200
        process.terminate()
        assert process.stderr is not None
        assert process.stderr.read() == ""


# Refusing


def test_a_port_in_use_is_one_clear_line() -> None:
    with serving() as (_, url):
        port = url.rpartition(":")[2]
        assert refusal("serve", "--port", port) == (
            f"fakestripe-meters: cannot listen on 127.0.0.1:{port}: Address already in use"
        )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--now", "soon"], "a time must be ISO 8601 or Unix seconds, not 'soon'"),
        (["serve", "--now", "4000-01-01"], "outside the years"),
        (["serve", "--limits", "quick"], "documented, live, sandbox, or off"),
        (["serve", "--lag", "-1"], "lag"),
        (["serve", "--lag", "nan"], "lag"),
        (["serve", "--lag", "x"], "--lag"),
        (["serve", "--retries", "3,x"], "argument --retries: invalid list of days value: '3,x'"),
        (["serve", "--now", "2024"], "an instant needs a year, a month and a day, such as 2024-01-01, not '2024'"),
        (["serve", "--tick", "100000"], "tick must be a number of seconds from 0 to 86400, not 100000"),
        (["serve", "--retries", "3,0"], "retries must be a whole number from 1 to 60, not 0"),
        (["serve", "--after-retries", "pause"], "after_retries must be past_due, unpaid, or cancel"),
        (["serve", "--finalization-grace", "259201"], "finalization_grace must be a whole number from 0 to 259200"),
        (["serve", "--grace-for", "licensed"], "grace_for must be all or metered, not 'licensed'"),
        (["serve", "--port", "65536"], "invalid port value: '65536'"),
        (["serve", "--port", "x"], "invalid port value: 'x'"),
        (["serve", "--host", "256.0.0.1"], "cannot listen on 256.0.0.1"),
        (["serve", "--unicorn"], "--unicorn"),
        (["serve", "--fixtures", "no/such/file.json"], "no/such/file.json"),
        (["serve", "--fixtures", "."], "."),
        (
            ["serve", "--fixtures", "llm_token"],
            "llm_token is neither a file nor a ready-made world: use api_calls, llm_tokens, or metered_business",
        ),
        (["unicorn"], "unicorn"),
        ([], "COMMAND"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(arguments: list[str], words: str) -> None:
    assert words in refusal(*arguments)


def test_a_fixture_file_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text("{", "utf-8")
    assert "world.json" in refusal("serve", "--port", "0", "--fixtures", str(tmp_path / "world.json"))


# Telling


def test_the_module_and_the_console_command_agree() -> None:
    script = Path(sys.executable).with_name("fakestripe-meters")
    by_name = "import sys; from importlib.metadata import entry_points; sys.argv[0] = 'fakestripe-meters'; "
    by_name += "sys.exit(next(iter(entry_points(name='fakestripe-meters', group='console_scripts'))).load()())"
    console = [str(script)] if script.exists() else [sys.executable, "-c", by_name]
    for arguments in (["--help"], ["serve", "--help"], ["run"], ["serve", "--unicorn"], ["--version"], []):
        outcomes = [
            subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
            for command in (COMMAND, console)
        ]
        one, other = ((done.returncode, done.stdout, done.stderr) for done in outcomes)
        assert one == other
        assert "__main__" not in f"{one}"


def test_it_tells_its_version() -> None:
    told = subprocess.run([*COMMAND, "--version"], capture_output=True, check=True, text=True).stdout
    assert told == f"fakestripe-meters {fakestripe_meters.__version__}\n"


def test_help_lists_every_option_with_its_sentences_and_default() -> None:
    told = subprocess.run([*COMMAND, "serve", "--help"], capture_output=True, check=True, text=True).stdout
    words = " ".join(told.split())
    for name, option in (SERVE_ONLY | OPTIONS).items():
        assert re.search(rf"^  {option.spelled(name)}\b", told, re.MULTILINE)
        assert option.about in words
    for flag in ("--now WHEN", "--finalization-grace SECONDS", "--analytics, --no-analytics", "--tls [PORT]"):
        assert f"\n  {flag} " in told or f"\n  {flag}\n" in told
    assert "(default: 3600)" in words


def test_the_demo_runs_without_arguments_or_network() -> None:
    environment = os.environ | {"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}
    done = subprocess.run([*COMMAND, "demo"], capture_output=True, check=False, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "429" in done.stdout
