"""The n8n workflow that bills a product's usage every hour, as its file states it: each request, branch and wait.

n8n itself is not run here. `workflows.py` reads the file's nodes and does what they say.
"""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.request import Request

import pytest

from fakestripe_meters import FakeStripe
from fixtures.n8n import product as products
from fixtures.n8n.product import Product
from tests.contract import workflows
from tests.contract.workflows import Run
from tests.contract.workflows import StoppedError
from tests.pages import ROOT
from tests.pages import Page

FOLDER = ROOT / "fixtures" / "n8n"
PAGE = Page("fixtures/n8n/README.md")
WORKFLOW = workflows.read(FOLDER / "usage_to_stripe.json")
NODES = {node["name"]: node for node in WORKFLOW["nodes"]}
NOW = 1735732800
"""Noon, on the first day of 2025."""
TYPES = {  # of n8n 1.123
    "scheduleTrigger": 1.2,
    "manualTrigger": 1,
    "httpRequest": 4.2,
    "splitInBatches": 3,
    "set": 3.4,
    "if": 2.2,
    "wait": 1.1,
    "stopAndError": 1,
}
TRIGGERS = {"Every hour", "By hand"}
METER_EVENTS = "POST /v1/billing/meter_events"


class Shop:
    """The product with its usage, and the Stripe that bills it."""

    def __init__(self, fake: FakeStripe, product: Product) -> None:
        self.fake = fake
        self.product = product
        self.stripe = products.Stripe(fake.url, fake.api_key)

    def run(self) -> Run:
        """Let the hour come once."""
        run = self.ready()
        run.execute()
        return run

    def ready(self) -> Run:
        """A run that has not begun."""
        environment = {"STRIPE_URL": self.fake.url, "STRIPE_SECRET_KEY": self.fake.api_key}
        return Run(WORKFLOW, {**environment, "PRODUCT_URL": self.product.url}, self.fake.clock.advance)

    @property
    def used(self) -> dict[str, int]:
        """What the product measured, by customer."""
        used: dict[str, int] = {}
        for report in self.product.reports:
            customer = str(report["customer"])
            used[customer] = used.get(customer, 0) + int(str(report["requests"]))
        return used

    @property
    def counted(self) -> dict[str, int]:
        """What Stripe counts of it."""
        return {customer: int(self.fake.usage("api_request", customer)) for customer in self.used}

    @property
    def unreported(self) -> set[object]:
        """The reports that the product thinks nobody has billed."""
        return {report["id"] for report in self.product.reports} - self.product.reported

    def invoiced(self) -> dict[str, int]:
        """What each customer's invoice of the month says, in cents."""
        self.fake.clock.freeze("2025-02-01T13:00:00Z")
        return {customer: self.total(customer) for customer in self.used}

    def total(self, customer: str) -> int:
        headers = {"Authorization": f"Bearer {self.stripe.key}"}
        request = Request(f"{self.stripe.url}/v1/invoices?customer={customer}", headers=headers)
        with workflows.OPENER.open(request, timeout=30) as answer:
            (invoice,) = json.load(answer)["data"]
        return int(invoice["total"])


@pytest.fixture
def shop() -> Iterator[Shop]:
    with FakeStripe(now=NOW) as fake:
        customers = products.subscribe_customers(products.Stripe(fake.url, fake.api_key))
        with Product(list(products.reports_of(customers, NOW))) as product:
            thread = threading.Thread(target=product.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield Shop(fake, product)
            product.shutdown()
            thread.join()


# What it does


def test_a_run_bills_everything_that_the_product_measured(shop: Shop) -> None:
    run = shop.run()
    assert shop.counted == shop.used
    assert shop.unreported == set()
    assert run.pauses == []
    assert shop.invoiced() == {customer: 2 * requests for customer, requests in shop.used.items()}


def test_a_run_asks_the_product_once_and_sends_each_report_with_its_identifier(shop: Shop) -> None:
    run = shop.run()
    reports = shop.product.reports
    asked, *rest = run.sent
    assert (asked.method, asked.full_url) == ("GET", f"{shop.product.url}/usage?reported=false")
    assert [request.full_url for request in rest[::2]] == [f"{shop.fake.url}/v1/billing/meter_events"] * len(reports)
    assert [request.full_url for request in rest[1::2]] == [
        f"{shop.product.url}/usage/{report['id']}/reported" for report in reports
    ]
    events = [each for each in shop.fake.journal if each.path == "/v1/billing/meter_events"]
    assert [each.params for each in events] == [
        {
            "event_name": "api_request",
            "identifier": report["id"],
            "timestamp": str(report["timestamp"]),
            "payload": {"stripe_customer_id": report["customer"], "request_count": str(report["requests"])},
        }
        for report in reports
    ]


def test_a_second_run_finds_nothing_left_to_bill(shop: Shop) -> None:
    shop.run()
    run = shop.run()
    assert len(run.sent) == 1
    assert shop.counted == shop.used


def test_each_429_is_tried_again_after_twice_as_long_and_all_is_billed_once(shop: Shop) -> None:
    shop.fake.fail_next(METER_EVENTS, status=429, times=4)
    run = shop.run()
    assert run.pauses == [1, 2, 4, 8]
    assert shop.counted == shop.used
    assert shop.unreported == set()


def test_a_rate_limit_below_the_number_of_reports_is_met_and_waited_for(shop: Shop) -> None:
    shop.fake.control.set_limits({"meter_events": 5})
    run = shop.run()
    assert set(run.pauses) == {1}
    assert [each.status for each in shop.fake.journal if each.path.endswith("/meter_events")].count(429) >= 6
    assert shop.counted == shop.used


@pytest.mark.parametrize("accident", [{"status": 500}, {"close": True}, {"after_commit": True, "close": True}])
def test_an_error_or_a_lost_answer_is_tried_again_and_counts_once(shop: Shop, accident: dict[str, Any]) -> None:
    shop.fake.fail_next(METER_EVENTS, times=2, **accident)
    run = shop.run()
    assert run.pauses == [1, 2]
    assert shop.counted == shop.used
    assert shop.unreported == set()


def test_usage_that_stripe_has_and_the_product_did_not_hear_of_counts_once(shop: Shop) -> None:
    shop.run()
    shop.product.reported.clear()
    run = shop.run()
    assert run.pauses == []
    assert shop.unreported == set()
    assert shop.counted == shop.used


def test_a_report_that_stripe_refuses_holds_up_no_other_and_ends_the_run_with_an_error(shop: Shop) -> None:
    shop.product.reports.insert(0, {"id": "use_wrong", "customer": "cus_gone", "requests": 1, "timestamp": NOW})
    with pytest.raises(StoppedError, match="use_wrong: No such customer: 'cus_gone'"):
        shop.run()
    assert shop.unreported == {"use_wrong"}
    shop.product.reports.pop(0)
    assert shop.counted == shop.used


def test_a_stripe_that_is_down_is_given_up_after_a_minute_and_the_next_run_bills_the_rest(shop: Shop) -> None:
    shop.product.reports = shop.product.reports[:2]
    shop.fake.fail_next(METER_EVENTS, status=503, times=7)
    with pytest.raises(StoppedError, match="use_"):
        shop.run()
    assert len(shop.unreported) == 1
    run = shop.run()
    assert run.pauses == []
    assert shop.unreported == set()
    assert shop.counted == shop.used


# What it is made of


def test_every_node_is_run_by_these_tests(shop: Shop) -> None:
    shop.product.reports.insert(0, {"id": "use_wrong", "customer": "cus_gone", "requests": 1, "timestamp": NOW})
    shop.fake.fail_next(METER_EVENTS, status=429)
    run = shop.ready()
    with pytest.raises(StoppedError):
        run.execute()
    assert run.visited | TRIGGERS == NODES.keys()


def test_nodes_have_the_types_of_n8n_and_names_and_ids_of_their_own() -> None:
    assert len(NODES) == len(WORKFLOW["nodes"]) == len({node["id"] for node in WORKFLOW["nodes"]})
    for node in WORKFLOW["nodes"]:
        assert node["typeVersion"] == TYPES[node["type"].removeprefix("n8n-nodes-base.")]
    assert not WORKFLOW["active"]  # n8n imports it switched off


def test_every_hour_and_by_hand_the_same_happens() -> None:
    assert NODES["Every hour"]["parameters"]["rule"] == {"interval": [{"field": "hours", "hoursInterval": 1}]}
    assert WORKFLOW["connections"]["Every hour"] == WORKFLOW["connections"]["By hand"]


def test_connections_lead_from_and_to_nodes_that_are_there() -> None:
    assert WORKFLOW["connections"].keys() <= NODES.keys()
    followers = {
        each["node"] for outputs in WORKFLOW["connections"].values() for output in outputs["main"] for each in output
    }
    assert followers == NODES.keys() - TRIGGERS


def test_a_refusal_and_no_answer_both_lead_to_the_wait_and_back_to_stripe() -> None:
    run = Run(WORKFLOW, {}, lambda _seconds: None)
    assert run.followers("Send to Stripe", 1) == run.followers("Accepted?", 1) == ["Try again?"]
    assert NODES["Send to Stripe"]["onError"] == "continueErrorOutput"
    way = ["Try again?"]
    while way[-1] != "Send to Stripe":
        way += run.followers(way[-1], 0)
    assert way == ["Try again?", "Wait", "Back off", "Report", "Send to Stripe"]


def test_without_an_address_the_workflow_speaks_to_stripe() -> None:
    run = Run(WORKFLOW, {"STRIPE_SECRET_KEY": "sk_test_x"}, lambda _seconds: None)
    url = run.value(NODES["Send to Stripe"]["parameters"]["url"], workflows.Item({}))
    assert url == "https://api.stripe.com/v1/billing/meter_events"


# What is written about it


def test_the_page_names_every_node_file_and_variable() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.is_file()} - {"README.md"}
    text = json.dumps(WORKFLOW) + (FOLDER / "product.py").read_text("utf-8")
    variables = set(re.findall(r"\$env\.(\w+)", text)) | set(re.findall(r'environ\.get\("(\w+)"', text))
    for name in {*files, *NODES, *variables}:
        assert f"`{name}`" in PAGE.text or f"**{name}**" in PAGE.text, name


def test_links_of_the_page_lead_to_files_and_headings() -> None:
    for link in PAGE.links:
        target, _, anchor = link.partition("#")
        if not target.startswith("https://"):
            file = (PAGE.path.parent / target).resolve()
            assert file.is_file(), link
            assert not anchor or anchor in Page(file.relative_to(ROOT).as_posix()).anchors, link
