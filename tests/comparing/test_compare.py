"""`compare`: a fake stands for Stripe, the conversation is had with it, and what differs is found and named."""

import json
import os
import signal
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from fakestripe_meters import FakeStripe
from fakestripe_meters import __version__
from fakestripe_meters.__main__ import main
from fakestripe_meters.commands.flags import COMPARE
from fakestripe_meters.commands.flags import RECORD
from fakestripe_meters.comparing import command
from fakestripe_meters.comparing.chapters import CHAPTERS
from fakestripe_meters.comparing.neutral import Neutral
from fakestripe_meters.comparing.sides import Pace
from fakestripe_meters.comparing.steps import VERSION
from fakestripe_meters.doors.server import Server
from tests.conformance.oracle import base
from tests.conformance.oracle import load
from tests.pages import Page

Json = Any
Alter = Callable[[Json], Json]
KEY = "rk_test_ofSomebodyWhoTriesIt"
STEPS = [(chapter.name, step) for chapter in CHAPTERS for step in chapter.steps]


class Moved(Pace):
    """Time that passes in the stand-in, and takes none: a wait advances its clock."""

    def __init__(self, stand_in: FakeStripe) -> None:
        super().__init__()
        self._stand_in = stand_in
        self.waits = 0
        self.waited_s = 0.0

    def now(self) -> float:
        return self._stand_in.clock.now_ns() / 1_000_000_000

    def wait(self, seconds: float) -> None:
        self.waits += 1
        self.waited_s += seconds
        super().wait(0)
        self._stand_in.clock.advance(round(seconds, 3))


@dataclass
class Altered:
    """A WSGI application in front of a fake: its answers are altered, or its requests are not let through."""

    fake: FakeStripe
    alter: Alter
    refuse: Callable[[str, str], int] = lambda _method, _path: 0

    def __call__(self, environ: Json, start_response: Json) -> Json:
        if status := self.refuse(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            body = json.dumps({"error": {"message": f"Refused for {KEY}", "type": "invalid_request_error"}}).encode()
            start_response(f"{status} No", [("Content-Length", str(len(body)))])
            return [body]
        answer = Response.from_app(self.fake.wsgi_app, environ)
        answer.data = json.dumps(self.alter(json.loads(answer.data))).encode()
        return answer(environ, start_response)


@contextmanager
def served(app: Json) -> Iterator[str]:
    server = Server(app)
    try:
        yield server.url
    finally:
        server.close()


@dataclass
class Outcome:
    """What a run has come to."""

    status: int
    out: str
    err: str
    file: Json


@dataclass
class Runner:
    """Runs the command against a stand-in, as the command line would."""

    capsys: pytest.CaptureFixture[str]
    file: Path

    def __call__(self, stand_in: FakeStripe, *only: str, url: str = "", pace: Pace | None = None) -> Outcome:
        against, pace = url or stand_in.url, pace or Moved(stand_in)
        status = command.run(against=against, out=self.file, only=only, pace=pace)
        captured = self.capsys.readouterr()
        return Outcome(status, captured.out, captured.err, json.loads(self.file.read_text("utf-8")))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv(command.VARIABLE, KEY)
    return Runner(capsys, tmp_path / "compared.json")


@pytest.fixture
def stand_in() -> Iterator[FakeStripe]:
    with FakeStripe(seed=1, limits="sandbox", async_clocks=True) as fake:
        fake.api_key = KEY
        yield fake


def left_in(fake: FakeStripe) -> dict[str, list[str]]:
    """The ids of everything that is still there or active."""

    def is_open(grant: Json) -> bool:
        return not grant["voided_at"] and (grant["expires_at"] is None or grant["expires_at"] > fake.clock.now())

    def listed(path: str, **query: str) -> list[Json]:
        found: list[Json] = []
        target = "&".join(f"{name}={value}" for name, value in (query | {"limit": "100"}).items())
        answer = fake.wsgi_app.test_client().get(f"{path}?{target}", headers={"Authorization": f"Bearer {KEY}"})
        found += answer.json["data"]  # type: ignore[index]  # a list of Stripe's
        return found

    fake.control.set_limits({"profile": "off"})
    return {
        "meters": [each["id"] for each in listed("/v1/billing/meters", status="active")],
        "customers": [each["id"] for each in listed("/v1/customers")],
        "prices": [each["id"] for each in listed("/v1/prices", active="true")],
        "products": [each["id"] for each in listed("/v1/products", active="true")],
        "clocks": [each["id"] for each in listed("/v1/test_helpers/test_clocks")],
        "grants": [each["id"] for each in listed("/v1/billing/credit_grants") if is_open(each)],
        "alerts": [each["id"] for each in listed("/v1/billing/alerts") if each["status"] != "archived"],
    }


KINDS = ("meters", "customers", "prices", "products", "clocks", "grants", "alerts")
NOTHING: dict[str, list[str]] = {kind: [] for kind in KINDS}


# The whole


def test_two_fakes_agree_and_nothing_is_left_behind(stand_in: FakeStripe, run: Runner) -> None:
    outcome = run(stand_in)
    assert outcome.status == 0, outcome.out
    assert f"{len(STEPS)} exchanges, {len(STEPS)} same, 0 different, 0 not compared" in outcome.out
    assert left_in(stand_in) == NOTHING
    assert all(each.status != 429 for each in stand_in.journal)
    lines = outcome.err.splitlines()
    assert [line for line in lines if f"/{len(STEPS)} " in line] == [
        f"fakestripe-meters: {STEPS.index((chapter.name, chapter.steps[0])) + 1}/{len(STEPS)} {chapter.name}: "
        f"{chapter.steps[0].name}"
        for chapter in CHAPTERS
    ]


def test_it_speaks_the_version_of_the_newest_sdk() -> None:
    assert load(base()).api_version == VERSION


def test_each_step_has_one_name_and_each_open_question_says_what_it_asks() -> None:
    for chapter in CHAPTERS:
        names = [step.name for step in chapter.steps]
        assert len(names) == len(set(names))
    asked = [step.asks for _, step in STEPS if step.asks]
    assert len(asked) > 80
    assert all(len(each.split()) >= 3 for each in asked)


def test_the_file_says_what_was_compared_and_has_stripes_answer_to_each_open_question(
    stand_in: FakeStripe, run: Runner
) -> None:
    outcome = run(stand_in, "events")
    file = outcome.file
    assert (file["fakestripe_meters"], file["stripe_version"]) == (__version__, VERSION)
    assert file["compared_with"] in stand_in.url
    assert file["ended_early"] is None
    assert len(file["at"]) == len("2026-01-01")
    answers = {each["name"]: each["stripe"] for each in file["exchanges"]}
    assert answers["events/words"]["status"] == 400
    assert "many" in answers["events/words"]["body"]["error"]["message"]
    assert set(answers) == {f"{name}/{step.name}" for name, step in STEPS if name == "events" and step.asks}
    assert "attach it to an issue" in outcome.out


def test_a_terminal_has_one_line_of_progress(
    stand_in: FakeStripe, run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    outcome = run(stand_in, "adjustments")
    steps = len([name for name, _ in STEPS if name == "adjustments"])
    assert outcome.err.count("\r\033[K") == steps + 1
    assert outcome.err.count("\n") == 1


# What differs


def in_customers(**changes: Json) -> Alter:
    return lambda tree: tree | changes if tree.get("object") == "customer" and "name" in tree else tree


def without_balance(tree: Json) -> Json:
    return {name: value for name, value in tree.items() if name != "balance"}


def reordered(tree: Json) -> Json:
    return dict(sorted(tree.items(), reverse=True)) if tree.get("object") == "customer" else tree


def other_sentence(tree: Json) -> Json:
    if "error" in tree:
        tree["error"]["message"] = tree["error"]["message"].replace("No such customer", "There is no customer")
    return tree


@pytest.mark.parametrize(
    ("alter", "difference"),
    [
        (in_customers(balance=None), ("null", "balance", None, 0)),
        (in_customers(balance="0"), ("type", "balance", "0", 0)),
        (in_customers(balance=5), ("value", "balance", 5, 0)),
        (in_customers(colour="red"), ("missing", "colour", "red", None)),
        (in_customers(preferred_locales=["en"]), ("length", "preferred_locales", 1, 0)),
        (without_balance, ("extra", "balance", None, 0)),
        (
            other_sentence,
            ("value", "error.message", "There is no customer: 'cus_none'", "No such customer: 'cus_none'"),
        ),
    ],
    ids=["null", "type", "value", "missing", "length", "extra", "sentence"],
)
def test_a_difference_is_found_and_named(
    stand_in: FakeStripe, run: Runner, alter: Alter, difference: tuple[str, str, Json, Json]
) -> None:
    kind, place, stripe, fake = difference
    with served(Altered(stand_in, alter)) as url:
        outcome = run(stand_in, "common", url=url)
    assert outcome.status == 1
    differences = [each for exchange in outcome.file["exchanges"] for each in exchange["differences"]]
    assert {"kind": kind, "place": place, "stripe": stripe, "fake": fake} in differences
    assert {each["kind"] for each in differences} == {kind}
    assert f"  {kind} {place}\n    Stripe: {json.dumps(stripe)}\n    fake:   {json.dumps(fake)}\n" in outcome.out


def test_another_order_of_keys_is_a_difference(stand_in: FakeStripe, run: Runner) -> None:
    with served(Altered(stand_in, reordered)) as url:
        outcome = run(stand_in, "common", url=url)
    (first, *_) = [each for each in outcome.file["exchanges"] if each["differences"]]
    assert first["name"] == "common/customer"
    assert [each["kind"] for each in first["differences"]] == ["order"]


def test_another_status_is_told_with_both_answers(stand_in: FakeStripe, run: Runner) -> None:
    def refuse(method: str, path: str) -> int:
        return 418 if (method, path) == ("GET", "/v1/customers/cus_none") else 0

    with served(Altered(stand_in, lambda tree: tree, refuse)) as url:
        outcome = run(stand_in, "common", url=url)
    assert outcome.status == 1
    assert "DIFFERENT common/no_customer: GET /v1/customers/cus_none\n  Stripe: 418 " in outcome.out
    assert "  fake: 404 " in outcome.out


def test_a_link_to_another_object_is_a_difference(stand_in: FakeStripe, run: Runner) -> None:
    def alter(tree: Json) -> Json:
        return tree | {"id": "cus_ABCDEFGHIJKLMN"} if tree.get("deleted") else tree

    with served(Altered(stand_in, alter)) as url:
        outcome = run(stand_in, "common", url=url)
    assert '  value id\n    Stripe: "<gone>"\n    fake:   "<customer>"\n' in outcome.out


def test_ids_times_and_numbers_of_invoices_are_no_difference(stand_in: FakeStripe, run: Runner) -> None:
    stand_in.clock.advance(40)
    outcome = run(stand_in, "credits", "prices")
    assert outcome.status == 0, outcome.out


def test_what_another_step_needs_is_not_compared_if_that_was_refused(stand_in: FakeStripe, run: Runner) -> None:
    def refuse(method: str, path: str) -> int:
        return 400 if (method, path) == ("POST", "/v1/products") else 0

    with served(Altered(stand_in, lambda tree: tree, refuse)) as url:
        outcome = run(stand_in, "prices", url=url)
    assert "DIFFERENT prices/product: " in outcome.out
    assert "NOT COMPARED prices/per_unit: POST /v1/prices\n  needs `product`, which was refused" in outcome.out


def test_an_open_question_that_is_answered_otherwise_is_not_listed_as_agreed(stand_in: FakeStripe, run: Runner) -> None:
    def alter(tree: Json) -> Json:
        if "many" in tree.get("error", {}).get("message", ""):
            tree["error"]["message"] = "Not a number: many"
        return tree

    with served(Altered(stand_in, alter)) as url:
        outcome = run(stand_in, "events", url=url)
    agreed = outcome.out.partition("OPEN QUESTIONS")[2]
    assert "DIFFERENT events/words: " in outcome.out
    assert "  events/exponent: " in agreed
    assert "  events/words: " not in agreed


# Accounts that cannot do everything, and usage that arrives late


def test_an_account_without_the_preview_of_analytics_is_no_difference(run: Runner) -> None:
    with FakeStripe(analytics=False) as stand_in:
        outcome = run(stand_in, "analytics")
    assert outcome.status == 0
    assert "NOT COMPARED analytics/all: GET /v1/billing/analytics/meter_usage\n  the account is not in" in outcome.out


def test_what_a_restricted_key_may_not_do_is_no_difference(stand_in: FakeStripe, run: Runner) -> None:
    def refuse(_method: str, path: str) -> int:
        return 403 if path.startswith("/v1/billing/alerts") else 0

    with served(Altered(stand_in, lambda tree: tree, refuse)) as url:
        outcome = run(stand_in, "alerts", url=url)
    assert outcome.status == 0
    assert "NOT COMPARED alerts/alert: POST /v1/billing/alerts\n  the key has no permission for it" in outcome.out


def test_summaries_are_waited_for(run: Runner) -> None:
    with FakeStripe(lag=54) as stand_in:
        outcome = run(stand_in, "summaries")
    assert outcome.status == 0, outcome.out
    assert "waiting for `data.0.aggregated_value` to be 32.5 (0 s)" in outcome.err


def test_a_summary_that_does_not_come_is_not_compared(run: Runner) -> None:
    with FakeStripe(lag=3_600) as stand_in:
        pace = Moved(stand_in)
        outcome = run(stand_in, "summaries", pace=pace)
    assert 300 <= pace.waited_s < 330
    assert "NOT COMPARED summaries/all: " in outcome.out
    assert "after 300 s, `data.0.aggregated_value` was not 32.5 yet" in outcome.out


def test_a_429_is_tried_again(stand_in: FakeStripe, run: Runner) -> None:
    stand_in.fail_next("POST /v1/customers", status=429, times=3)
    assert run(stand_in, "adjustments").status == 0


def test_a_429_again_and_again_ends_the_conversation(stand_in: FakeStripe, run: Runner) -> None:
    stand_in.fail_next("POST /v1/billing/meters", status=429, times=100)
    outcome = run(stand_in, "adjustments")
    assert outcome.status == 2
    assert "answers 429 again and again: " in outcome.err
    assert left_in(stand_in) == NOTHING


# What is never sent, and never told


@pytest.mark.parametrize("key", ["sk_live_1234567890", "rk_live_1234567890", "pk_test_1234567890", "1234567890"])
def test_no_other_key_than_a_test_key_is_sent(
    stand_in: FakeStripe, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(command.VARIABLE, key)
    assert main(["compare", "--against", stand_in.url]) == 2
    assert len(stand_in.journal) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "STRIPE_TEST_KEY must be a test key" in err
    assert key not in err


def test_without_a_key_nothing_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(command.VARIABLE, raising=False)
    assert main(["compare"]) == 2
    assert "STRIPE_TEST_KEY is not set" in capsys.readouterr().err


def test_live_mode_ends_it_at_the_first_answer(stand_in: FakeStripe, run: Runner) -> None:
    with served(Altered(stand_in, lambda tree: tree | {"livemode": True})) as url:
        outcome = run(stand_in, "meters", url=url)
    assert outcome.status == 2
    assert "answers in live mode" in outcome.err
    assert [each.method for each in stand_in.journal] == ["POST"]


def test_a_key_that_is_refused_ends_it(stand_in: FakeStripe, run: Runner) -> None:
    with served(Altered(stand_in, lambda tree: tree, lambda _method, _path: 401)) as url:
        outcome = run(stand_in, url=url)
    assert (outcome.status, outcome.out) == (2, "")
    assert "refuses the key: Refused for rk_test_***" in outcome.err


def test_nothing_leaks(stand_in: FakeStripe, run: Runner) -> None:
    secrets = ["Grace Hopper Ltd", "grace@hopper.test", "acct_1GraceGraceGrace", "GRACE42", "+1 555 0100", KEY[-6:]]

    made: list[str] = []

    def alter(tree: Json) -> Json:
        made.append(tree.get("id") or "")
        text = f"Not for {KEY} or {KEY[:8]}***{KEY[-4:]} of acct_1GraceGraceGrace; write to grace@hopper.test"
        if "error" in tree:
            tree["error"]["message"] = text
            tree["error"]["request_log_url"] = "https://dashboard.stripe.com/acct_1GraceGraceGrace/test/logs"
        if tree.get("object") == "customer" and "deleted" not in tree:
            tree |= {"description": text, "invoice_prefix": "GRACE42"}
        if tree.get("object") == "invoice":
            tree |= {"account_name": "Grace Hopper Ltd", "number": "GRACE42-1", "footer": "+1 555 0100"}
        return tree

    with served(Altered(stand_in, alter)) as url:
        outcome = run(stand_in, "common", "meters", "billing", url=url)
    assert outcome.status == 1
    told = outcome.out + outcome.err + json.dumps(outcome.file, ensure_ascii=False)
    assert "Not for <key> or <key> of <acct_…>; write to <email>" in told
    assert [secret for secret in secrets if secret in told] == []
    ids = [each for each in made if each]
    assert len(ids) > 30
    assert [each for each in ids if each in told] == []


@pytest.mark.parametrize(
    "address",
    [
        "https://checkout.stripe.com/c/pay/cs_test_a1#fid",
        "https://billing.stripe.com/p/session/test_1",
        "http://127.0.0.1:12111/_fakestripe/checkout/cs_test_a1",
        "https://fake.dev.example/_fakestripe/portal/bps_1",
    ],
)
def test_where_a_page_is_does_not_differ(address: str) -> None:
    assert Neutral("run", 0).tree({"url": address}) == {"url": "<page>"}
    assert Neutral("run", 0).tree({"url": "https://hooks.example/_fake"}) == {"url": "https://hooks.example/_fake"}


def test_a_key_of_any_form_is_left_out() -> None:
    neutral = Neutral("run", 0, ("rk_test_with-a.dash",))
    assert neutral.text("Invalid API Key provided: rk_test_with-a.dash") == "Invalid API Key provided: <key>"


# Endings


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_removes_what_it_made(stand_in: FakeStripe, run: Runner, number: signal.Signals) -> None:
    class Ended(Moved):
        def wait(self, seconds: float) -> None:
            if self.waits == 15:
                os.kill(os.getpid(), number)
            super().wait(seconds)

    before = signal.getsignal(number)
    outcome = run(stand_in, "prices", "credits", pace=Ended(stand_in))
    assert outcome.status == 2
    assert outcome.file["ended_early"] == "interrupted"
    assert "removing what was made" in outcome.err
    assert left_in(stand_in) == NOTHING
    assert signal.getsignal(number) == before


def test_customers_of_a_test_clock_go_with_it(stand_in: FakeStripe, run: Runner) -> None:
    stand_in.fail_next("POST /v1/subscriptions", close=True)
    assert run(stand_in, "billing").status == 2
    removed = [each.path.split("/")[2] for each in stand_in.journal if each.method == "DELETE"]
    assert removed == ["test_helpers"]
    assert left_in(stand_in) == NOTHING


def test_what_is_gone_already_is_no_problem(stand_in: FakeStripe, run: Runner) -> None:
    def refuse(method: str, _path: str) -> int:
        return 404 if method == "DELETE" else 0

    with served(Altered(stand_in, lambda tree: tree, refuse)) as url:
        outcome = run(stand_in, "alerts", url=url)
    assert "could not remove" not in outcome.err


def test_a_second_interruption_says_what_is_left(stand_in: FakeStripe, run: Runner) -> None:
    class Ended(Moved):
        def wait(self, seconds: float) -> None:
            if self.waits in {15, 16}:
                self.ended.set()
            super().wait(seconds)

    outcome = run(stand_in, "prices", pace=Ended(stand_in))
    left = [each for several in left_in(stand_in).values() for each in several]
    assert left
    assert all(f"could not remove {each}: interrupted" in outcome.err for each in left)


def test_a_lost_connection_removes_what_was_made(stand_in: FakeStripe, run: Runner) -> None:
    stand_in.fail_next("POST /v1/products", close=True)
    outcome = run(stand_in, "prices")
    assert outcome.status == 2
    assert "cannot reach 127.0.0.1:" in outcome.err
    assert outcome.file["ended_early"].startswith("cannot reach 127.0.0.1:")
    assert left_in(stand_in) == NOTHING


def test_what_cannot_be_removed_is_told(stand_in: FakeStripe, run: Runner) -> None:
    def refuse(method: str, _path: str) -> int:
        return 400 if method == "DELETE" else 0

    with served(Altered(stand_in, lambda tree: tree, refuse)) as url:
        outcome = run(stand_in, "alerts", url=url)
    (customer,) = left_in(stand_in)["customers"]
    assert f"could not remove {customer}: Refused for rk_test_" in outcome.err
    assert KEY not in outcome.err


def test_a_server_that_is_no_stripe_ends_it(stand_in: FakeStripe, run: Runner) -> None:
    with served(Altered(stand_in, lambda _tree: "hello")) as url:
        outcome = run(stand_in, url=url)
    assert outcome.status == 2
    assert "does not answer as Stripe does" in outcome.err


def test_a_file_that_is_there_is_kept(stand_in: FakeStripe, run: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    run.file.write_text("mine", "utf-8")
    assert main(["compare", "--against", stand_in.url, "--out", str(run.file)]) == 2
    assert run.file.read_text("utf-8") == "mine"
    assert "is there already" in capsys.readouterr().err
    assert len(stand_in.journal) == 0


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--against", "stripe"], "--against must be a URL such as https://api.stripe.com, not 'stripe'"),
        (["--against", "ftp://api.stripe.com"], "--against must be a URL"),
        (["--against", "http://host:port"], "--against must be a URL"),
        (["--only", "weather"], "--only must be common, meters, "),
        (["--out", "/nowhere/at/all"], "No such file or directory"),
    ],
)
def test_a_wrong_flag_is_one_clear_line(
    run: Runner, capsys: pytest.CaptureFixture[str], flags: list[str], says: str
) -> None:
    assert run.file.parent.exists()
    assert main(["compare", *flags]) == 2
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert (out, says in line) == ("", True)


@pytest.mark.skipif(command.VARIABLE not in os.environ, reason=f"{command.VARIABLE} names no sandbox")
def test_the_real_stripe_agrees() -> None:
    assert main(["compare"]) == 0


@pytest.mark.parametrize("name", [*COMPARE, *RECORD])
def test_each_flag_is_in_the_documentation(name: str) -> None:
    assert f"--{name}" in Page("docs/fidelity.md").text
