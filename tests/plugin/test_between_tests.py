"""Between two tests nothing is answered or sent, so that what is left of one test does not reach the next."""

from tests.plugin.conftest import Run

pytest_plugins = ("pytester",)

KEPT = """
import pytest
import requests
import stripe

KEPT = {}
KEY = ("sk_test_any", "")


def refused(answer):
    error = answer.json()["error"]
    assert answer.status_code == 503
    assert set(error) == {"message", "param"}
    assert "no test is running" in error["message"]
    return True


@pytest.fixture(autouse=True)
def outlasts():
    yield
    if "url" in KEPT:
        url = KEPT["url"]
        session = requests.Session()
        session.trust_env = False
        assert refused(session.post(f"{url}/v1/customers", auth=KEY))
        assert refused(session.get(f"{url}/v1/nowhere"))
        assert refused(session.post(f"{url}/v2/billing/meter_event_stream", json={}))
        assert refused(session.get(f"{url}/_fakestripe/journal"))
        assert refused(session.get(f"{url}/_fakestripe/nowhere"))
        assert refused(session.put(f"{url}/_fakestripe/snapshot", json={}))
        assert refused(session.post(f"{url}/_fakestripe/reset"))
        assert session.get(f"{url}/_fakestripe/health").json()["status"] == "ok"
        KEPT["outlasted"] = KEPT.get("outlasted", 0) + 1
"""


def test_the_server_answers_for_no_world_until_the_next_test_begins(run: Run) -> None:
    result = run(
        KEPT
        + """

def test_first(fakestripe):
    KEPT["url"] = fakestripe.url
    assert requests.post(f"{fakestripe.url}/v1/customers", auth=KEY).status_code == 200

def test_without_the_fixture():
    assert refused(requests.get(f"{KEPT['url']}/v1/customers", auth=KEY))

def test_last(fakestripe):
    assert KEPT["outlasted"] == 2
    assert fakestripe.url == KEPT["url"]
    assert fakestripe.journal == []
    assert requests.get(f"{fakestripe.url}/v1/customers", auth=KEY).json()["data"] == []
"""
    )
    result.assert_outcomes(passed=3)


def test_a_thread_that_is_left_over_writes_into_no_other_test(run: Run) -> None:
    result = run(
        KEPT
        + """
import threading

over, done = threading.Event(), threading.Event()

def test_first(fakestripe):
    client = stripe.StripeClient("sk_test_any", http_client=fakestripe.http_client())
    client.v1.customers.create({"name": "in time"})

    def work():
        over.wait(30)
        try:
            client.v1.customers.create({"name": "late"})
        except stripe.APIError as error:
            KEPT["late"] = str(error)
        done.set()

    threading.Thread(target=work, daemon=True).start()

def test_second(fakestripe):
    over.set()
    assert done.wait(30)
    assert "a test that is over" in KEPT["late"]
    client = stripe.StripeClient("sk_test_any", http_client=fakestripe.http_client())
    assert client.v1.customers.list().data == []
    assert len(fakestripe.journal) == 1
"""
    )
    result.assert_outcomes(passed=2)


def test_an_interception_that_outlasts_its_test_is_refused_and_leads_to_no_real_stripe(run: Run) -> None:
    result = run(
        KEPT
        + """
def test_first(fakestripe):
    KEPT["interception"] = fakestripe.intercept()
    KEPT["interception"].__enter__()

def test_second():
    assert refused(requests.get("https://api.stripe.com/v1/customers", auth=KEY))
    with pytest.raises(stripe.APIError, match="no test is running"):
        stripe.StripeClient("sk_test_any").v1.customers.create({})

def test_third(fakestripe):
    KEPT["interception"].__exit__(None, None, None)
    assert requests.get("https://api.stripe.com/v1/customers", auth=KEY).json()["data"] == []
"""
    )
    result.assert_outcomes(passed=3)


def test_webhooks_of_a_test_that_is_over_are_not_delivered(run: Run) -> None:
    result = run(
        KEPT
        + """
RECEIVED = []

def receive(notification):
    RECEIVED.append(notification)
    return 500

def test_first(fakestripe):
    fakestripe.webhooks.deliver_to(receive)
    client = stripe.StripeClient(fakestripe.api_key, http_client=fakestripe.http_client())
    client.v1.customers.create({"name": "to be tried again"})
    assert len(RECEIVED) == 1
    fakestripe.webhooks.hold()
    client.v1.customers.create({"name": "held"})
    assert len(fakestripe.webhooks.held) == 1
    fakestripe.webhooks.failures.clear()
    KEPT.update(world=fakestripe.engine.world, webhooks=fakestripe.webhooks)

def test_second():
    KEPT["webhooks"].release()
    KEPT["world"].clock.advance(4 * 3600)
    assert len(RECEIVED) == 1

def test_third(fakestripe):
    KEPT["world"].clock.advance(4 * 24 * 3600)
    assert len(RECEIVED) == 1
    assert fakestripe.webhooks.tries == []
"""
    )
    result.assert_outcomes(passed=3)


def test_the_journal_of_a_test_can_be_read_until_the_next_begins(run: Run) -> None:
    result = run(
        KEPT
        + """
def test_first(fakestripe):
    KEPT["fake"] = fakestripe
    requests.get("https://api.stripe.com/v1/customers", auth=KEY)

def test_second():
    assert [each.path for each in KEPT["fake"].journal] == ["/v1/customers"]
"""
    )
    result.assert_outcomes(passed=2)


def test_a_test_that_closes_its_fake_closes_no_other_tests(run: Run) -> None:
    result = run(
        """
        import requests

        def test_first(fakestripe):
            requests.get("https://api.stripe.com/v1/customers", auth=("sk_test_any", ""))
            fakestripe.close()
            assert len(fakestripe.journal) == 1

        def test_second(fakestripe):
            assert requests.get(f"{fakestripe.url}/v1/customers", auth=("sk_test_any", "")).status_code == 200
        """
    )
    result.assert_outcomes(passed=2)


def test_a_marker_that_makes_no_sense_leaves_the_server_without_a_world(run: Run) -> None:
    result = run(
        KEPT
        + """
def test_first(fakestripe):
    KEPT["url"] = fakestripe.url

@pytest.mark.fakestripe(freeze_process=True, now=None)
def test_second(fakestripe):
    pass

def test_third():
    assert KEPT["outlasted"] == 2
"""
    )
    result.assert_outcomes(passed=2, errors=1)
