"""What tells of an import: events, webhooks, reports of dropped usage, and the files of Stripe's Files API."""

from typing import Any

import pytest
import requests
import stripe
from stripe import StripeClient

from tests.conftest import Call
from tests.importing.files import NOW
from tests.importing.files import Shop

ROWS = (
    "a,1738281000,tokens,ANN,5",
    "a,1738281000,tokens,ANN,5",
    "b,yesterday,tokens,ANN,5",
    "c,1738281000,tokens,ANN,many",
    "d,1738281000,nothing,ANN,5",
)


def test_the_event_shows_the_import_set(shop: Shop) -> None:
    imported = shop.csv(*ROWS)
    (event,) = shop.client.v1.events.list({"type": "data_management.import_set.succeeded"}).data
    assert event.data.object.to_dict() == {
        "id": imported["id"],
        "object": "data_management.import_set",
        "created": NOW,
        "failed_reason": None,
        "file": None,
        "livemode": False,
        "result": {
            "errors": {"file": imported["error_file"], "row_count": 1},
            "objects_created": 3,
            "rows_processed": 5,
            "skipped_by_filter": {"row_count": 0},
            "skipped_duplicates": {"row_count": 1},
            "successes": {"row_count": 3},
        },
        "status": "succeeded_with_errors",
    }
    assert event.request is not None
    assert event.request.id is None
    path = f"/v1/data_management/import_sets/{imported['id']}"
    assert shop.client.raw_request("get", path).data == event.data.object.to_dict()


def test_an_unknown_import_set_and_an_unknown_file_are_404(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such import set: 'impset_no'"):
        shop.client.raw_request("get", "/v1/data_management/import_sets/impset_no")
    with pytest.raises(stripe.InvalidRequestError, match="No such file upload: 'file_no'") as error:
        shop.client.v1.files.retrieve("file_no")
    assert error.value.http_status == 404


def test_webhooks_tell_of_the_end_of_an_import(shop: Shop) -> None:
    inbox = shop.fake.webhooks.collect("data_management.*")
    shop.csv(*ROWS)
    shop.csv(header="nonsense")
    assert [each.type for each in inbox] == [
        "data_management.import_set.succeeded",
        "data_management.import_set.failed",
    ]


def test_a_webhook_endpoint_may_ask_for_these_types(shop: Shop) -> None:
    types: Any = ["data_management.import_set.failed", "data_management.import_set.succeeded"]
    made = shop.client.v1.webhook_endpoints.create({"url": "https://shop.example/hook", "enabled_events": types})
    assert made.enabled_events == types


def test_dropped_records_are_reported_as_those_of_the_api_without_validation_are(shop: Shop) -> None:
    inbox = shop.fake.webhooks.collect("v1.billing.meter.*", thin=True)
    shop.csv(*ROWS)
    shop.fake.clock.advance(15)
    assert sorted(each.type for each in inbox) == [
        "v1.billing.meter.error_report_triggered",
        "v1.billing.meter.no_meter_found",
    ]
    report = shop.client.v2.core.events.list({"types": ["v1.billing.meter.error_report_triggered"]}).data[0]
    data: Any = shop.client.v2.core.events.retrieve(report.id).to_dict()["data"]
    assert data["reason"]["error_types"][0]["code"] == "meter_event_invalid_value"


def test_error_files_are_files(shop: Shop) -> None:
    first, second = shop.csv(*ROWS), shop.csv(*ROWS)
    assert [each.id for each in shop.client.v1.files.list().data] == [second["error_file"], first["error_file"]]
    assert len(shop.client.v1.files.list({"purpose": "finance_report_run", "created": NOW, "limit": 1}).data) == 1
    assert shop.client.v1.files.list({"purpose": "dispute_evidence"}).data == []
    assert shop.client.v1.files.list({"created": {"gt": NOW}}).data == []
    file = shop.client.v1.files.retrieve(first["error_file"] or "")
    assert file.to_dict() == {
        "id": first["error_file"],
        "object": "file",
        "created": NOW,
        "expires_at": None,
        "filename": f"{first['id']}_errors.csv",
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={file.id}"},
        "purpose": "finance_report_run",
        "size": file.size,
        "title": None,
        "type": "csv",
        "url": f"https://files.stripe.com/v1/files/{file.id}/contents",
    }


def test_contents_are_at_stripes_host_where_calls_are_intercepted(shop: Shop) -> None:
    imported = shop.csv(*ROWS)
    with shop.fake.intercept():
        client = StripeClient(shop.fake.api_key)
        file = client.v1.files.retrieve(imported["error_file"] or "")
        assert file.url == f"https://files.stripe.com/v1/files/{file.id}/contents"
        answer = requests.get(file.url, auth=(shop.fake.api_key, ""), timeout=10)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file.filename}"'
    assert len(answer.content) == file.size
    assert answer.text.startswith("row,error,record\n4,The timestamp 'yesterday' is not")


def test_contents_are_at_the_fakes_address_where_a_server_listens(shop: Shop) -> None:
    imported = shop.csv(*ROWS)
    address = shop.fake.url
    file = shop.client.v1.files.retrieve(imported["error_file"] or "")
    assert file.url == f"{address}/v1/files/{file.id}/contents"
    assert requests.get(file.url, auth=(shop.fake.api_key, ""), timeout=10).status_code == 200
    assert requests.get(file.url, timeout=10).status_code == 401
    assert requests.get(file.url, auth=("sk_test_other", ""), timeout=10).status_code == 404
    assert shop.fake.journal[-3].answer.startswith("row,error,record")


def test_every_door_has_the_contents(call: Call) -> None:
    imported = call.fake.import_usage(b"timestamp,event_name,payload_stripe_customer_id\n1,2\n", filename="a.csv")
    path = f"/v1/files/{imported['error_file']}/contents"
    answer = call.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.body == (b'row,error,record\n2,"The row has 2 cells, and the header 3.","[""1"", ""2""]"\n')
    assert call.get(path, "nonsense=1").error["code"] == "parameter_unknown"


def test_an_upload_is_not_served(shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {shop.fake.api_key}"}
    answer = shop.fake.wsgi_app.test_client().post("/v1/files", data={"purpose": "dispute_evidence"}, headers=headers)
    assert answer.status_code == 501
    assert answer.json is not None
    assert answer.json["error"]["code"] == "fakestripe_not_served"
