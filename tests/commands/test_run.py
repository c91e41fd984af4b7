"""`fakestripe-meters run -- COMMAND`: the calls of a command and of its children to Stripe go to a fake."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fakestripe_meters.commands.child import sitecustomize
from fakestripe_meters.doors.stripe_hosts import DOMAIN
from fakestripe_meters.doors.stripe_hosts import HOSTS

FAKE = [sys.executable, "-m", "fakestripe_meters"]
HANG_S = 60
URL = "https://api.stripe.com/v1/customers"
SETUP = """
import asyncio, json, os, socket, sys
KEY = {"Authorization": "Bearer sk_test_run"}
URL = "https://api.stripe.com/v1/customers"
"""
CALLS = {
    "requests": "import requests; print(requests.get(URL, headers=KEY).json()['url'])",
    "requests over a proxy": (
        "import requests; proxies = {'https': 'http://127.0.0.1:9'}\n"
        "print(requests.get(URL, headers=KEY, proxies=proxies).json()['url'])"
    ),
    "httpx": "import httpx; print(httpx.get(URL, headers=KEY).json()['url'])",
    "httpx over a proxy": "import httpx; print(httpx.get(URL, headers=KEY, proxy='http://127.0.0.1:9').json()['url'])",
    "httpx2": "import httpx2; print(httpx2.get(URL, headers=KEY).json()['url'])",
    "httpx, async": (
        "import httpx\n"
        "async def ask():\n"
        "    async with httpx.AsyncClient() as client:\n"
        "        print((await client.get(URL, headers=KEY)).json()['url'])\n"
        "asyncio.run(ask())"
    ),
    "urllib3": "import urllib3; print(urllib3.PoolManager().request('GET', URL, headers=KEY).json()['url'])",
    "urllib": (
        "from urllib.request import Request, urlopen; print(json.load(urlopen(Request(URL, headers=KEY)))['url'])"
    ),
    "http.client, without a limit": (
        "from http.client import HTTPSConnection; there = HTTPSConnection('API.Stripe.com.', timeout=None)\n"
        "there.request('GET', '/v1/customers', headers=KEY); print(json.load(there.getresponse())['url'])"
    ),
    "aiohttp": (
        "import aiohttp\n"
        "async def ask():\n"
        "    async with aiohttp.ClientSession() as there, there.get(URL, headers=KEY) as answer:\n"
        "        print((await answer.json())['url'])\n"
        "asyncio.run(ask())"
    ),
    "the SDK": "import stripe; stripe.api_key = 'sk_test_run'; print(stripe.Customer.list().url)",
    "the SDK, async": (
        "import stripe; stripe.api_key = 'sk_test_run'\nprint(asyncio.run(stripe.Customer.list_async()).url)"
    ),
    "the SDK over urllib": (
        "import stripe; stripe.api_key = 'sk_test_run'; stripe.default_http_client = stripe.UrllibClient()\n"
        "print(stripe.Customer.list().url)"
    ),
}


def run(
    *words: str | Path, flags: tuple[str, ...] = (), cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What `run` comes to."""
    return subprocess.run(
        [*FAKE, "run", *flags, "--", *map(str, words)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_S,
    )


def python(code: str, *, flags: tuple[str, ...] = (), **environment: str) -> str:
    """What a Python program prints below `run`; it must succeed."""
    done = run(sys.executable, "-c", SETUP + code, flags=flags, cwd=None, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


# Calls


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    """What each library was answered, in one program."""
    return dict(line.split(": ") for line in python("\n".join(map(told, CALLS))).splitlines())


def told(library: str) -> str:
    """The code that calls by a library, and prints its name before what it is answered."""
    return f"print({library!r}, end=': ')\n{CALLS[library]}"


@pytest.mark.parametrize("library", CALLS)
def test_the_calls_of_a_library_go_to_the_fake(answers: dict[str, str], library: str) -> None:
    assert answers[library] == "/v1/customers"


def test_a_program_knows_where_the_fake_is() -> None:
    address = "os.environ['FAKESTRIPE_URL'] + '/_fakestripe/health'"
    code = f"from urllib.request import urlopen; print(urlopen({address}).status)"
    assert python(code) == "200\n"


def test_what_one_process_makes_another_one_sees() -> None:
    make = "import requests; requests.post(URL, {'name': 'Ada'}, headers=KEY)"
    look = "import requests; print(requests.get(URL, headers=KEY).json()['data'][0]['name'])"
    code = (
        f"import subprocess\nfor code in ({make!r}, {look!r}): subprocess.run([sys.executable, '-c', {SETUP!r} + code])"
    )
    assert python(code) == "Ada\n"


def test_a_process_that_was_forked_calls_the_fake_too() -> None:
    assert python(f"import requests\nif not os.fork():\n    {CALLS['requests']}\nelse: os.wait()") == "/v1/customers\n"


def test_a_suite_calls_the_fake(tmp_path: Path) -> None:
    test = f"import requests\n\ndef test_it():\n    assert requests.get({URL!r}, auth=('sk_test_run', '')).ok\n"
    (tmp_path / "test_it.py").write_text(test, "utf-8")
    without = ("-p", "no:cacheprovider", "-p", "no:pytest-responses")  # which refuses every call without a mock
    done = run(sys.executable, "-m", "pytest", "-q", *without, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_a_fake_of_the_process_itself_answers_before() -> None:
    code = (
        "import requests\nfrom fakestripe_meters import FakeStripe\n"
        "with FakeStripe() as fake, fake.intercept():\n"
        "    requests.post(URL, headers=KEY)\n"
        "print(len(requests.get(URL, headers=KEY).json()['data']))"
    )
    assert python(code) == "0\n"


def test_other_hosts_are_called_as_ever() -> None:
    code = """
import threading, requests
from http.server import BaseHTTPRequestHandler, HTTPServer

class Other(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204); self.end_headers()
    def log_message(self, *_): pass

there = HTTPServer(("127.0.0.1", 0), Other)
threading.Thread(target=there.serve_forever, daemon=True).start()
print(requests.get(f"http://localhost:{there.server_port}/").status_code)
"""
    assert python(code) == "204\n"


@pytest.mark.parametrize("host", ["api.stripe.com", "dashboard.stripe.com", "stripe.com"])
def test_a_way_to_stripe_that_does_not_lead_to_the_fake_is_refused(host: str) -> None:
    code = f"try: socket.create_connection(({host!r}, 443))\nexcept OSError as error: print(error)"
    assert f"fakestripe-meters run: {host} is Stripe's" in python(code)


def test_the_same_hosts_are_answered_for_as_elsewhere() -> None:
    assert set(HOSTS) == sitecustomize.HOSTS
    assert sitecustomize.DOMAIN == DOMAIN


def test_a_library_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "httpx.py").write_text("there = True\n", "utf-8")
    assert (
        python("import httpx; print(httpx.there)", PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path])) == "True\n"
    )


def test_the_sdk_over_pycurl_is_led_by_its_address(tmp_path: Path) -> None:
    (tmp_path / "stripe").mkdir()
    (tmp_path / "stripe" / "__init__.py").write_text("from stripe._http_client import PycurlClient\n", "utf-8")
    client = """
class HTTPClient:
    INITIAL_DELAY = 0.5

class PycurlClient(HTTPClient):
    def request(self, method, url, headers, post_data=None):
        print(url.replace(__import__("os").environ["FAKESTRIPE_URL"], "fake"), self.INITIAL_DELAY)
    request_stream = request
"""
    (tmp_path / "stripe" / "_http_client.py").write_text(client, "utf-8")
    code = "import stripe; client = stripe.PycurlClient()\n"
    code += (
        "client.request('GET', URL + '?limit=1', {}); client.request_stream('GET', 'https://files.stripe.com', {})\n"
    )
    code += "client.request('GET', 'https://example.com/v1', {})"
    told = python(code, PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    assert told == "fake/v1/customers?limit=1 0\nfake 0\nhttps://example.com/v1 0\n"


# The start of a Python


def test_a_sitecustomize_of_ones_own_is_run_and_the_path_is_as_without() -> None:
    show = "print([each for each in sys.path if 'commands' in each])"
    assert python(show) == "[]\n"


def test_what_stands_behind_our_sitecustomize_is_imported(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.own = 'mine'\n", "utf-8")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    code = "print(sys.own, sys.modules['sitecustomize'].__file__)\n" + CALLS["requests"]
    assert python(code, PYTHONPATH=path) == f"mine {tmp_path / 'sitecustomize.py'}\n/v1/customers\n"


def test_a_sitecustomize_that_fails_fails_as_without(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import there_is_none\n", "utf-8")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = run(sys.executable, "-c", "print('on')", PYTHONPATH=path)
    assert done.stdout == "on\n"
    assert "there_is_none" in done.stderr


def test_at_its_start_a_python_imports_nothing_more() -> None:
    show = [sys.executable, "-c", "import sys; print(*sys.modules)"]
    usual = subprocess.run(show, capture_output=True, text=True, check=True).stdout.split()
    assert set(run(*show).stdout.split()) - set(usual) <= {"sitecustomize", "__future__"}


# Status and signals


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill $$", 143)])
def test_the_status_is_that_of_the_command(script: str, status: int) -> None:
    done = run("sh", "-c", script)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


def test_an_unknown_command_is_said_so() -> None:
    done = run("there-is-none")
    assert (done.returncode, done.stderr) == (127, "fakestripe-meters: there is no command there-is-none\n")


def test_a_command_that_cannot_be_run_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = run(tmp_path / "file")
    assert done.returncode == 126
    assert f"cannot run {tmp_path / 'file'}: Permission denied" in done.stderr


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("python", ["python", "app.py"]),
        ("pytest", ["--seed", "1", "pytest", "-q"]),
        ("npm", ["npm", "test", "--", "--watch"]),
    ],
)
def test_who_forgets_the_dashes_is_told_where_they_belong(command: str, arguments: list[str]) -> None:
    done = subprocess.run([*FAKE, "run", *arguments], capture_output=True, text=True, check=False, timeout=HANG_S)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"fakestripe-meters: write -- before {command}: fakestripe-meters run [options] -- COMMAND ... (see --help)"
    ]


def test_a_flag_that_there_is_not_is_named() -> None:
    done = subprocess.run(
        [*FAKE, "run", "--nonsense", "--", "true"], capture_output=True, text=True, check=False, timeout=HANG_S
    )
    assert (done.returncode, done.stderr) == (2, "fakestripe-meters: unrecognized arguments: --nonsense (see --help)\n")


@pytest.mark.parametrize("arguments", [["run"], ["run", "--"], ["run", "--seed", "1", "--"]])
def test_without_a_command_it_is_said_how_to_name_one(arguments: list[str]) -> None:
    done = subprocess.run([*FAKE, *arguments], capture_output=True, text=True, check=False, timeout=HANG_S)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "fakestripe-meters: run needs a command after --: fakestripe-meters run [options] -- COMMAND ..."
    ]


def test_what_is_wrong_with_an_option_is_said_and_nothing_is_run(tmp_path: Path) -> None:
    done = run("touch", tmp_path / "made", flags=("--now", "soon"))
    assert done.returncode == 1
    assert "a time must be" in done.stderr
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_passed_on_and_nothing_is_left(number: signal.Signals) -> None:
    script = "trap 'echo told; exit 3' INT TERM HUP; echo $FAKESTRIPE_URL; while :; do read line < \"$0\"; done"
    command = [*FAKE, "run", "--", "sh", "-c", script, os.devnull]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        process.send_signal(number)
        assert process.stdout.read() == "told\n"
        assert process.wait(HANG_S) == 3
    assert subprocess.run(["curl", "-s", url], check=False, capture_output=True).returncode == 7  # nobody listens


def test_ctrl_c_in_a_terminal_reaches_the_command_once() -> None:
    counting = """
import signal, sys
seen = []
signal.signal(signal.SIGINT, lambda *_: (seen.append(1), print("told", flush=True)))
print("ready", flush=True)
sys.stdin.readline()
print("seen", len(seen), flush=True)
"""
    in_a_terminal = [sys.executable, "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"]
    command = [*in_a_terminal, *FAKE, "run", "--", sys.executable, "-c", counting]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for said, typed in ((b"ready", b"\x03"), (b"told", b"q\n"), (b"seen 1", b"")):
            while said not in process.stdout.readline():
                assert process.poll() is None
            process.stdin.write(typed)
            process.stdin.flush()
        process.stdin.close()
        assert process.wait(HANG_S) == 0


def test_a_signal_that_ends_the_command_ends_run() -> None:
    command = [*FAKE, "run", "--", "sh", "-c", "echo on; exec sleep 600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.terminate()
        assert process.wait(HANG_S) == 128 + signal.SIGTERM


# Options


def test_the_options_are_those_of_serve() -> None:
    code = "import stripe; stripe.api_key = 'sk_test_fakestripe'; print(len(stripe.Customer.list().data))"
    flags = ("--now", "2025-02-01", "--fixtures", "llm_tokens", "--log", "--seed", "1")
    done = run(sys.executable, "-c", code, flags=flags)
    assert done.stdout == "2\n"
    (line,) = done.stderr.splitlines()
    assert line.startswith("2025-02-01T00:00:00Z GET /v1/customers → 200 [req_")


def test_a_command_may_have_dashes_of_its_own() -> None:
    assert run("echo", "--", "--port", "x").stdout == "-- --port x\n"


def test_with_tls_programs_trust_what_they_did_and_the_authority(tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_text("# mine\n", "utf-8")
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    code = f"print(*{{os.environ[name] for name in {names}}}); print(open(os.environ['SSL_CERT_FILE']).read())"
    told = python(
        code, flags=("--tls", "0", "--tls-ca", str(tmp_path / "ca.pem")), SSL_CERT_FILE=str(tmp_path / "own.pem")
    )
    bundle, _, text = told.partition("\n")
    assert not Path(bundle).exists()
    assert "# mine" in text
    assert (tmp_path / "ca.pem").read_text("utf-8").strip() in text
