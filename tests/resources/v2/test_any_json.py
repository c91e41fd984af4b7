"""Whatever JSON is sent anywhere below /v2: an answer in v2's envelope, and never a failure of ours."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestripe_meters import FakeStripe
from fakestripe_meters import resources
from tests.conftest import DOORS
from tests.conftest import Call
from tests.resources.v2.conftest import post
from tests.resources.v2.conftest import token

ENDPOINTS = [each for each in resources.registry().endpoints() if each.rule.startswith("/v2/")]
NAMES = sorted({field for each in ENDPOINTS for field in each.params.__annotations__} | {"url", "identifier", "value"})
WORDS = ["", "cancel", "calls", "thin", "webhook_endpoint", "http://127.0.0.1:9/", "2025-01-01T00:00:00Z", "@self", "*"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(WORDS) | st.text()
KEYS = st.sampled_from(NAMES) | st.text(max_size=5)
TREES = st.recursive(SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=6))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.name)
@given(data=st.data())
def test_any_json_gets_an_answer(session_fake: FakeStripe, endpoint: Any, data: st.DataObject) -> None:  # noqa: ANN401  an Endpoint
    session_fake.reset()
    call = Call(DOORS["engine"], session_fake)
    bearer = token(call)
    tree = data.draw(st.dictionaries(KEYS, TREES, max_size=6) | TREES)
    path = endpoint.rule.replace("<event_id>", "evt_x").replace("<destination_id>", "ed_x")
    key = bearer if endpoint.resource.in_session else "sk_test_fakestripe"
    if endpoint.method == "POST":
        answer = post(call, path, json.dumps(tree).encode(), key=key)
    else:
        answer = call.request(endpoint.method, path, query=tree if isinstance(tree, dict) else None, key=key)
    assert answer.status in (200, 400, 404, 501)
    if answer.status != 200:
        assert {"code", "message"} <= set(answer.error)
    json.dumps(session_fake.control.journal(), default=float)
