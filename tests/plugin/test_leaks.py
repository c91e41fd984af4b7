"""In a test with the fixture no connection to the real Stripe is made, unless the test allows it."""

import pytest

from tests.plugin.conftest import Run

pytest_plugins = ("pytester",)

BEGIN = """
import ssl
import urllib.request
import pytest

def download():
    return urllib.request.urlopen("https://pay.stripe.com/invoice/x/pdf")

def begin_tls():
    ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="api.stripe.com")
"""
SENTENCE = "E *Misuse: urllib.request connects to pay.stripe.com (in test_*, line *), which the fake does not serve: *"


def test_a_leak_fails_at_the_line_that_made_the_call(run: Run) -> None:
    result = run(f"{BEGIN}\ndef test_it(fakestripe):\n    download()")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">*download()", ">*urllib.request.urlopen(*", SENTENCE, "test_*.py:6: Misuse"])
    result.stdout.no_fnmatch_line("*create_connection*")


def test_a_leak_that_the_code_under_test_swallows_fails_the_test_once(run: Run) -> None:
    result = run(
        f"""{BEGIN}
def test_it(fakestripe):
    for _ in range(3):
        try:
            download()
        except ValueError:
            pass
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([SENTENCE])
    result.stdout.no_fnmatch_line("*more exceptions*")


def test_a_test_may_allow_it_and_the_next_one_has_to_again(run: Run) -> None:
    result = run(
        f"""{BEGIN}
@pytest.mark.fakestripe(leaks="allow")
def test_allowed(fakestripe):
    begin_tls()

def test_refused(fakestripe):
    with pytest.raises(ValueError) as refusal:
        begin_tls()
    fakestripe.forget_failures_in(refusal.value)

def test_within(fakestripe):
    with fakestripe.intercept(leaks="allow"):
        begin_tls()

def test_without():
    begin_tls()
"""
    )
    result.assert_outcomes(passed=4)


def test_another_word_is_a_misuse_at_the_marker(run: Run) -> None:
    result = run(f'{BEGIN}\n@pytest.mark.fakestripe(leaks="no")\ndef test_it(fakestripe): pass')
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([">*leaks=*", "E *Misuse: leaks must be refuse or allow, not 'no'"])


@pytest.mark.parametrize("order", ["fakestripe, socket_disabled", "socket_disabled, fakestripe"])
def test_beside_pytest_socket_each_is_put_back(run: Run, order: str) -> None:
    result = run(
        f"""{BEGIN}
import socket
import pytest_socket

real = dict(vars(socket))

def test_disabled({order}):
    with pytest.raises(pytest_socket.SocketBlockedError), pytest.warns(UserWarning):
        socket.getaddrinfo("localhost", 80)

@pytest.mark.allow_hosts(["127.0.0.1"])
def test_some(fakestripe):
    with pytest.raises(ValueError) as refusal:
        socket.socket().connect(("api.stripe.com", 443))
    fakestripe.forget_failures_in(refusal.value)
    urllib.request.urlopen(f"{{fakestripe.url}}/_fakestripe/health").close()

def test_after():
    assert dict(vars(socket)) == real
""",
        "-p",
        "pytest_socket",
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(passed=3)
