"""The oracle is what stripe-python's source says, and its changes are told readably."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conformance.oracle import base
from tests.conformance.oracle import load
from tests.conformance.oracle import previews
from tests.conformance.oracle import served_objects
from tests.conformance.oracle import served_routes
from tests.conformance.regenerate import as_json
from tests.conformance.regenerate import report
from tests.conformance.sdk_types import Oracle
from tests.conformance.sdk_types import Sdk
from tests.conformance.sdk_types import changed
from tests.conformance.sdk_types import difference

METER = """
class Meter(StripeObject):
    OBJECT_NAME: ClassVar[Literal["billing.meter"]] = (
        "billing.meter"
    )

    class Settings(StripeObject):
        key: str

    created: Optional[int]
    formula: Union[Literal["count", "sum"], str]
    settings: Settings
    metadata: Dict[str, str]
    shares: List["Settings"]
    customer: ExpandableField["Meter"]
    others: ListObject["Meter"]
    value: Decimal
"""
SERVICE = """
from stripe.params._meter_create_params import MeterCreateParams

class MeterService(StripeService):
    def create(self, params: "MeterCreateParams", options=None):
        return cast("Meter", self._request("post", "/v1/billing/meters", params=params))

    def pause(self, meter: str, params: Optional["MeterCreateParams"] = None):
        return self._request("post", "/v1/billing/meters/{meter}/pause".format(meter=sanitize_id(meter)), params=params)
"""
PARAMS = """
class MeterCreateParams(TypedDict):
    name: str
    window: NotRequired["Literal['']|Literal['day', 'hour']|str"]
"""


@pytest.fixture
def sdk(tmp_path: Path) -> Sdk:
    root = tmp_path / "stripe"
    root.mkdir()
    (root / "_version.py").write_text('VERSION = "99.0.0"\n')
    (root / "_api_version.py").write_text('class _ApiVersion:\n    CURRENT = "2027-01-01.new"\n')
    (root / "_meter.py").write_text(METER)
    (root / "_meter_service.py").write_text(SERVICE)
    (root / "params").mkdir()
    (root / "params" / "_meter_create_params.py").write_text(PARAMS)
    return Sdk(root)


def test_the_oracle_is_what_the_installed_sdk_declares() -> None:
    spec = find_spec("stripe")
    assert spec is not None
    assert spec.origin is not None
    assert Sdk(Path(spec.origin).parent).oracle(served_objects(), served_routes()) == load(base())


def test_previews_are_kept_as_what_they_change() -> None:
    general = load(base())
    for sdk in previews():
        preview = load(sdk)
        assert changed(general.objects, difference(general.objects, preview.objects)) == preview.objects
        assert preview.api_version.endswith(".preview")


def test_annotations_become_short_types(sdk: Sdk) -> None:
    oracle = sdk.oracle(["billing.meter"], ["POST /v1/billing/meters"])
    assert (oracle.sdk, oracle.api_version) == ("99.0.0", "2027-01-01.new")
    assert oracle.objects == {
        "billing.meter": {
            "created": "int?",
            "customer": "str|object:billing.meter",
            "formula": "enum(count,sum)",
            "settings": "hash",
            "settings.key": "str",
            "metadata": "map",
            "metadata{}": "str",
            "others": "list:billing.meter",
            "shares": "array",
            "shares[]": "hash",
            "shares[].key": "str",
            "value": "decimal",
        }
    }
    assert oracle.endpoints == {"POST /v1/billing/meters": {"name": "str!", "window": '""|enum(day,hour)'}}
    assert oracle.elsewhere == ["POST /v1/billing/meters/{}/pause"]


def test_what_a_newer_release_changed_is_told_a_line_each() -> None:
    old = Oracle("1", "a", {"plan": {"id": "str", "gone": "int"}}, {"GET /v1/plans": {}})
    new = replace(old, sdk="2", objects={"plan": {"id": "int", "more": "bool"}}, elsewhere=["GET /v1/plans/search"])
    assert list(report(old, new)) == [
        "1 → 2 (a)",
        "  object plan changed",
        "    - gone: int→",
        "    ~ id: str→int",
        "    + more: →bool",
        "  unserved GET /v1/plans/search added",
    ]
    assert list(report(None, old)) == ["1 (a): new"]
    assert as_json(new, old)["objects"] == {"plan": {"gone": None, "id": "int", "more": "bool"}}
