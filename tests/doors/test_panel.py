"""The page `/_fakestripe/` over HTTP: who finds it, who may use it, where its forms lead, and what it never shows."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest
from werkzeug.test import Client
from werkzeug.test import TestResponse

from fakestripe_meters import FakeStripe
from fakestripe_meters.core.limits import KINDS
from fakestripe_meters.core.limits import REASONS
from fakestripe_meters.doors import pages
from tests.conftest import DOORS
from tests.conftest import NOW
from tests.conftest import Call

START = 1735689600
HOME, LIMITS = "/_fakestripe/", "/_fakestripe/page/limits"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m'\"&"
KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
NAVIGATION = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
OTHERS = ("/page/changes", "/page/why")
"""Has no frame, and needs to know of which usage."""
PANELS = sorted(
    path for path, (_, methods) in pages.PAGES.items() if "GET" in methods and "<" not in path and path not in OTHERS
)
"""The panels that need no id."""
FORMS = sorted(path for path, (_, methods) in pages.PAGES.items() if "POST" in methods and path.startswith("/page/"))


class Visitor:
    """A browser, as far as HTTP goes."""

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.client = Client(fake.wsgi_app, use_cookies=False)
        self.call = Call(DOORS["engine"], fake)

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        return self.client.get(path, headers={"Accept": BROWSER, **(headers or {})})

    def post(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> TestResponse:
        return self.client.post(path, data=form, headers={"Accept": BROWSER, **(headers or {})})

    def changes(self) -> str:
        return self.get("/_fakestripe/page/changes").text

    @property
    def now(self) -> int:
        return self.fake.clock.now()


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    with FakeStripe(now=NOW) as fake:
        yield Visitor(fake)
        fake.check()


@pytest.mark.parametrize("path", ["/", "/_fakestripe"])
@pytest.mark.parametrize("accept", [BROWSER, "text/html", "application/json, TEXT/HTML;q=0.5"])
def test_a_browser_is_led_to_the_page(visitor: Visitor, path: str, accept: str) -> None:
    response = visitor.get(path, {"Accept": accept})
    assert (response.status_code, response.headers["Location"]) == (303, HOME)
    assert visitor.get(HOME, {"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "text/*", "text/html;q=0", "text/html; q=0.000", "", "text/htmlx"]
)
def test_other_programs_get_what_they_got_before(visitor: Visitor, accept: str) -> None:
    root = visitor.get("/", {"Accept": accept})
    assert (root.status_code, root.json and root.json["error"]["type"]) == (401, "invalid_request_error")
    page = visitor.get(HOME, {"Accept": accept})
    assert (page.status_code, page.mimetype) == (404, "application/json")
    assert page.json
    assert page.json["error"]["message"] == "the control plane has no call GET /_fakestripe/"


def test_a_client_with_a_key_is_not_led_to_the_page(visitor: Visitor) -> None:
    response = visitor.get("/", {"Authorization": f"Bearer {visitor.fake.api_key}"})
    assert (response.status_code, response.mimetype) == (404, "application/json")


@pytest.mark.parametrize("path", ["/", HOME])
def test_a_form_that_is_sent_to_the_first_page_is_refused_as_before(visitor: Visitor, path: str) -> None:
    assert visitor.post(path, {}).mimetype == "application/json"


def test_a_fake_that_is_paused_shows_no_page(visitor: Visitor) -> None:
    visitor.fake.engine.pause("no test is running")
    response = visitor.get(HOME)
    assert (response.status_code, response.mimetype) == (503, "text/html")
    visitor.fake.begin(now=NOW)


@pytest.mark.parametrize("path", PANELS)
def test_a_panel_lets_nothing_in_but_its_own_style_and_its_one_script(visitor: Visitor, path: str) -> None:
    response = visitor.get(f"/_fakestripe{path}")
    assert response.status_code == 200
    (style,) = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    (script,) = re.findall("<script>(.*?)</script>", response.text, re.DOTALL)
    given = dict(each.partition(" ")[::2] for each in response.headers["Content-Security-Policy"].split("; "))
    assert given == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "style-src": f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'",
        "img-src": "data:",
        "form-action": "'self'",
        "script-src": f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'",
        "connect-src": "'self'",
    }
    assert response.headers["Cache-Control"] == "no-store"
    assert script.strip().count("\n") < 20
    assert not re.search(r"\sstyle=|\son\w+=|(src|href|action)=\"(https?:)?//", response.text)


@pytest.mark.parametrize("path", PANELS)
def test_a_panel_says_where_one_is(visitor: Visitor, path: str) -> None:
    text = visitor.get(f"/_fakestripe{path}").text
    assert text.count('aria-current="page"') == 1
    assert f'data-clock-now="{START}"' in text
    assert 'button class="quiet" name="advance" value="86400"' in text


@pytest.mark.parametrize("path", PANELS)
def test_looking_at_a_panel_changes_nothing(visitor: Visitor, path: str) -> None:
    visitor.call.create("/v1/customers", {"name": "Ada"})
    before, changes = visitor.fake.snapshot(), visitor.changes()
    assert visitor.get(f"/_fakestripe{path}").status_code == 200
    assert visitor.fake.snapshot() == before
    assert visitor.changes() == changes
    assert len(visitor.fake.journal) == 1


@pytest.mark.parametrize("path", PANELS)
def test_hostile_names_and_keys_do_nothing_on_a_panel(visitor: Visitor, path: str) -> None:
    visitor.call.create("/v1/customers", {"name": HOSTILE, "email": "a@b.c"}, key=KEY)
    visitor.call.create("/v1/customers", {"name": HOSTILE})
    visitor.call.post(f"/v1/{HOSTILE}")
    for query in ("", f"?account={HOSTILE}", f"?customer={HOSTILE}&meter={HOSTILE}&back={HOSTILE}"):
        text = visitor.get(f"/_fakestripe{path}{query}").text
        assert text.count("<script") == 1
        assert "<img" not in text
        assert "\x1b" not in text
        assert KEY not in text
        assert visitor.fake.api_key not in text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
)
@pytest.mark.parametrize("path", [*PANELS, "/page/changes"])
def test_no_other_site_reads_a_panel(visitor: Visitor, path: str, headers: dict[str, str]) -> None:
    assert visitor.get(f"/_fakestripe{path}", headers).status_code == 403


@pytest.mark.parametrize("path", PANELS)
def test_a_link_of_another_site_leads_to_a_panel(visitor: Visitor, path: str) -> None:
    assert visitor.get(f"/_fakestripe{path}", NAVIGATION).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}, NAVIGATION],
)
@pytest.mark.parametrize("path", FORMS)
def test_no_other_site_sends_a_form(visitor: Visitor, path: str, headers: dict[str, str]) -> None:
    visitor.call.create("/v1/customers")
    before = visitor.fake.snapshot()
    form = {"advance": "3600", "reset": "everything", "do": "forget_faults", "back": LIMITS}
    at = f"/_fakestripe{path.replace('<identifier>', 'in_1')}"
    assert visitor.post(at, form, headers).status_code == 403
    assert visitor.fake.snapshot() == before


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/_fakestripe/",
        "/\\evil.example",
        "/_fakestripe/\\evil",
        "/_fakestripe/page/../../evil",
        "/_fakestripe/page/limits\r\nSet-Cookie: a=b",
        "/_fakestripe/page/limits\n",
        "javascript:alert(1)",
        "/v1/customers",
        "/_fakestripe/reset",
        "/_fakestripe/page/limits?a=<script>",
        "",
        "é",
    ],
)
def test_a_form_leads_back_to_pages_of_ours_only(visitor: Visitor, back: str) -> None:
    response = visitor.post("/_fakestripe/page/clock", {"advance": "1", "back": back})
    assert (response.status_code, response.headers["Location"]) == (303, HOME)


@pytest.mark.parametrize(
    "back", [LIMITS, f"{LIMITS}?account=acct_1", f"{HOME}?meter=mtr_1&by=model%20a", f"{LIMITS}#faults"]
)
def test_a_form_leads_back_to_where_it_was(visitor: Visitor, back: str) -> None:
    response = visitor.post("/_fakestripe/page/clock", {"advance": "1", "back": back})
    assert (response.status_code, response.headers["Location"]) == (303, back)
    assert visitor.now == START + 1


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("clock", {"advance": "-1"}),
        ("clock", {"advance": "soon"}),
        ("clock", {"advance": "9" * 13}),
        ("clock", {"to": ""}),
        ("clock", {"to": "2024-01-01T00:00:00Z"}),
        ("clock", {"to": "9999999999999"}),
        ("clock", {"to": "2025-13-01T00:00"}),
        ("clock", {"advance_test_clock": "month", "test_clock": "clock_1"}),
        ("clock", {}),
        ("checkpoints", {}),
        ("checkpoints", {"rewind": "chk_gone"}),
        ("checkpoints", {"forget": "chk_gone"}),
        ("reset", {}),
        ("reset", {"reset": "account", "account": "acct_nobody"}),
        ("limits", {}),
        ("limits", {"do": "nothing"}),
        ("limits", {"do": "profile", "profile": "fast"}),
        ("limits", {"do": "limits"}),
        ("limits", {"do": "limits", "global": "7", "for": "account", "account": "acct_nobody"}),
        ("limits", {"do": "lag", "seconds": "-1"}),
        ("limits", {"do": "lag"}),
        ("limits", {"do": "plan_fault", "method": "POST", "path": "/v1/customers"}),
        ("limits", {"do": "plan_fault", "path": "/v1/customers", "status": "429"}),
        ("limits", {"do": "plan_fault", "method": "POST", "path": "/v1/customers", "status": "two"}),
        ("limits", {"do": "plan_fault", "method": "POST", "path": "/v1/customers", "status": "429", "times": "0"}),
        ("limits", {"do": "plan_fault", "method": "POST", "path": "/v1/customers", "delay": "61"}),
        (
            "limits",
            {"do": "plan_fault", "method": "POST", "path": "/v1/prices", "status": "500", "kind": "global-rate"},
        ),
        (
            "limits",
            {"do": "plan_fault", "method": "POST", "path": "/v1/prices", "status": "402", "kind": "lock_timeout"},
        ),
        ("limits", {"do": "plan_fault", "method": "POST", "path": "/v1/customers", "status": "429", "kind": "rate"}),
        ("limits", {"do": "limits", "endpoint": "0"}),
        ("limits", {"do": "limits", "object_concurrency": "one"}),
        ("limits", {"do": "start_chaos", "seed": "1", "rate": "0.1"}),
        ("limits", {"do": "start_chaos", "seed": "1", "rate": "2", "statuses": "429"}),
        ("limits", {"do": "start_chaos", "seed": "1", "rate": "0.1", "statuses": "429 many"}),
        ("limits", {"do": "start_chaos", "seed": "1", "rate": "0.1", "statuses": "429", "path": "/v1/custommers"}),
        ("limits", {"do": "start_chaos", "seed": "1", "rate": "0.1", "statuses": "429", "path": "/v1/a b"}),
        ("limits", {"do": "plan_stub", "method": "POST", "path": "/v1/quotes", "json": "NaN"}),
        ("limits", {"do": "plan_stub", "method": "POST", "path": "/v1/quotes", "headers": "[]"}),
        ("limits", {"do": "plan_stub", "method": "POST", "path": "/v1/quotes", "json": "[" * 20_000}),
    ],
    ids=str,
)
def test_a_wrong_form_is_answered_by_a_sentence_on_its_page(visitor: Visitor, path: str, form: dict[str, str]) -> None:
    visitor.call.create("/v1/customers")
    before = visitor.fake.snapshot(), visitor.fake.control.faults(), visitor.fake.control.stubs()
    response = visitor.post(f"/_fakestripe/page/{path}", {"back": LIMITS, **form})
    assert (response.status_code, response.mimetype) == (400, "text/html")
    (refusal,) = re.findall("data-refusal>(.*?)</p>", response.text)
    assert re.fullmatch(r"[A-Z'&].*[.!?]", refusal)
    assert "<h1>Limits &amp; faults</h1>" in response.text
    assert (visitor.fake.snapshot(), visitor.fake.control.faults(), visitor.fake.control.stubs()) == before


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "/_fakestripe/page/reset", "/_fakestripe/page/invoices/in_1"]
)
def test_a_wrong_form_that_names_no_page_of_ours_is_refused_in_html(visitor: Visitor, back: str) -> None:
    response = visitor.post("/_fakestripe/page/clock", {"advance": "soon", "back": back})
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert "Enter by how many seconds" in response.text


def test_what_was_typed_is_shown_again_without_keys(visitor: Visitor) -> None:
    form = {"do": "plan_fault", "method": "POST", "path": f"/v1/{KEY}/{HOSTILE}", "status": "two", "back": LIMITS}
    text = visitor.post(LIMITS, form).text
    assert 'value="two"' in text
    assert "/v1/sk_test_********************p7dc/" in text
    assert KEY not in text
    assert text.count("<script") == 1


def test_a_form_of_any_size_is_taken_only_where_a_file_is_loaded(visitor: Visitor) -> None:
    large = {"back": LIMITS, "to": "x" * 70_000}
    assert visitor.post("/_fakestripe/page/clock", large).status_code == 413
    assert visitor.post("/_fakestripe/page/load", large | {"state": "{}"}).status_code == 400


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"what is this"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="state"; filename="a"\r\n\r\n\xff\r\n--x--',
        ),
        ("text/plain", b"{}"),
    ],
)
def test_a_form_with_a_file_that_cannot_be_read_is_refused(visitor: Visitor, content_type: str, body: bytes) -> None:
    before = visitor.fake.snapshot()
    response = visitor.client.post("/_fakestripe/page/load", data=body, content_type=content_type)
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert visitor.fake.snapshot() == before


def test_what_happens_changes_what_an_open_page_asks_for(visitor: Visitor) -> None:
    seen = [visitor.changes()]

    def happened() -> bool:
        seen.append(visitor.changes())
        return seen[-1] not in seen[:-1]

    assert not happened()
    seen.pop()
    visitor.call.get("/v1/customers")
    assert happened()
    visitor.call.get("/v1/customers", key=None)
    assert happened()
    visitor.fake.clock.advance(1)
    assert happened()
    visitor.fake.fail_next("POST /v1/customers", status=500)
    assert happened()
    visitor.call.post("/v1/customers")
    assert happened()
    visitor.fake.control.set_limits({"profile": "off"})
    assert happened()
    visitor.fake.control.set_lag(5)
    assert happened()
    visitor.fake.control.hold_webhooks()
    assert happened()
    visitor.fake.stub("POST /v1/quotes", json={})
    assert happened()


def test_of_time_that_passes_each_minute_is_something_that_happens() -> None:
    with FakeStripe() as fake:
        visitor = Visitor(fake)
        seen = {visitor.changes() for _ in range(3)}
        assert len(seen) < 3
        fake.clock.advance(60)
        assert visitor.changes() not in seen


def test_every_limit_and_every_kind_of_429_can_be_set_on_the_page(visitor: Visitor) -> None:
    visitor.post(LIMITS, {"do": "limits", **{name: str(number) for number, name in enumerate(KINDS, 1)}})
    assert visitor.fake.control.limits() == {name: number for number, name in enumerate(KINDS, 1)}
    text = visitor.get(LIMITS).text
    for name in KINDS:
        assert f'data-bucket="{name}"' in text
        assert f'name="{name}"' in text
    visitor.fake.control.set_limits({"profile": "off"})
    for kind in (*REASONS, "lock_timeout"):
        fault = {"do": "plan_fault", "method": "POST", "path": "/v1/customers", "status": "429", "kind": kind}
        visitor.post(LIMITS, fault)
        assert f"429 {kind}" in visitor.get(LIMITS).text
        answer = visitor.call.post("/v1/customers")
        told = answer.headers.lookup("stripe-rate-limited-reason") or answer.error["code"]
        assert (answer.status, told) == (429, kind)


def test_the_page_shows_the_most_that_was_used_of_a_limit(visitor: Visitor) -> None:
    for _ in range(3):
        visitor.call.get("/v1/customers")
    row = visitor.get(LIMITS).text.partition('data-bucket="endpoint"')[2].partition("</tr>")[0]
    assert '<td class="num" data-peak>3</td>' in row


def test_forms_of_the_page_need_no_key_and_are_in_no_journal(visitor: Visitor) -> None:
    for _ in range(3):
        assert visitor.post("/_fakestripe/page/clock", {"advance": "1", "back": LIMITS}).status_code == 303
    assert len(visitor.fake.journal) == 0


def test_accounts_do_not_mix(visitor: Visitor) -> None:
    visitor.call.create("/v1/customers")
    visitor.call.create("/v1/customers", key=KEY)
    mine = visitor.call.get("/v1/account").json["id"]
    other = visitor.call.get("/v1/account", key=KEY).json["id"]
    form = {"do": "limits", "global": "7", "for": "account", "account": other, "back": f"{LIMITS}?account={other}"}
    assert visitor.post(LIMITS, form).status_code == 303
    assert "7 of 7" in visitor.get(f"{LIMITS}?account={other}").text
    assert "7 of 7" not in visitor.get(f"{LIMITS}?account={mine}").text
    visitor.post("/_fakestripe/page/reset", {"reset": "account", "account": other})
    assert visitor.call.get("/v1/customers", key=KEY).json["data"] == []
    assert len(visitor.call.get("/v1/customers").json["data"]) == 1
