from tests.conftest import Call


def test_x(call: Call) -> None:
    assert call.create("/v1/customers", {"email": "a@b.c"})["email"] == "a@b.c"
