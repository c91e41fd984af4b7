"""A shop whose usage comes in files."""

import csv
import json
from collections.abc import Iterable
from typing import Any
from typing import Literal

from stripe import StripeClient

from fakestripe_meters import FakeStripe
from fakestripe_meters import Import

Source = Literal["s3", "dashboard"]
NOW = 1_738_281_600
"""2025-01-31, midnight in UTC."""
HEADER = "identifier,timestamp,event_name,payload_stripe_customer_id,payload_value"


class Shop:
    """A fake with a meter `tokens` and a customer."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  those of a fake
        self.fake = FakeStripe(now=NOW, seed=1, **options)
        self.client = StripeClient(self.fake.api_key, http_client=self.fake.http_client())
        self.meter = self.add_meter("tokens")
        self.ann = self.client.v1.customers.create({"name": "Ann"}).id

    def add_meter(self, name: str, **more: object) -> str:
        given: Any = {"display_name": name, "event_name": name, "default_aggregation": {"formula": "sum"}, **more}
        return self.client.v1.billing.meters.create(given).id

    @property
    def used(self) -> int:
        return int(self.fake.usage("tokens", self.ann))

    def csv(self, *rows: str, header: str = HEADER, name: str = "usage.csv", source: Source = "s3") -> Import:
        """Import a CSV file; `ANN` in a row is the customer."""
        text = "".join(f"{row}\n" for row in (header, *rows)).replace("ANN", self.ann)
        return self.fake.import_usage(text.encode(), filename=name, source=source)

    def record(self, value: object = 5, **more: object) -> dict[str, Any]:
        """A good record, or one that differs in something."""
        payload = {"stripe_customer_id": self.ann, "value": value}
        return {"timestamp": NOW - 60, "event_name": "tokens", "payload": payload, **more}

    def json(self, records: object) -> Import:
        return self.fake.import_usage(json.dumps(records).encode(), filename="usage.json")

    def lines(self, records: Iterable[object]) -> Import:
        text = "".join(each if isinstance(each, str) else f"{json.dumps(each)}\n" for each in records)
        return self.fake.import_usage(text.encode(), filename="usage.jsonl")

    def refused(self, imported: Import) -> list[list[str]]:
        """The rows of an import's error file."""
        headers = {"Authorization": f"Bearer {self.fake.api_key}"}
        answer = self.fake.wsgi_app.test_client().get(f"/v1/files/{imported['error_file']}/contents", headers=headers)
        assert answer.status_code == 200, answer.text
        return list(csv.reader(answer.text.splitlines(keepends=True)))[1:]
