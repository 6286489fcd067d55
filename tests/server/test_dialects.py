"""Errors as each kind of client expects them."""

import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dialects import openai_error, told
from server.errors import Fault, Problem, invalid, unavailable
from server.settings import ServerSettings
from tests.fakes import FakeService
from tests.server.conftest import openai_error as error
from tests.server.conftest import problem, serving
from tests.server.test_fuzz import ANY_TEXT, VALUES

CHAT = "/v1/chat/completions"
MODELS = ("/v1/models", "/v1/models/pincite")
BODY = {"model": "pincite", "messages": [{"role": "user", "content": "Who?"}]}


@pytest.fixture(scope="module")
def guarded() -> Iterator[httpx.Client]:
    with serving(FakeService, key="k3y") as client:
        yield client


def test_without_a_key(guarded: httpx.Client) -> None:
    for response in (guarded.post(CHAT, json=BODY), *map(guarded.get, MODELS)):
        assert error(response, 401)["code"] == "invalid_api_key"
        assert response.headers["www-authenticate"].startswith("Bearer")
    problem(guarded.get("/v1/documents"), 401)


def test_what_is_no_json(shared: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        error(shared.post(CHAT, content=body, headers=headers), 400)
    for body in (b"[]", b"1e999"):
        error(shared.post(CHAT, content=body, headers=headers), 400)


def test_what_is_wrong_is_a_400_that_names_the_field(shared: httpx.Client) -> None:
    said = [{"role": "user", "content": "Who?"}, {"role": "user", "content": 5}]
    found = error(shared.post(CHAT, json={"messages": said}), 400)
    assert (found["param"], found["code"]) == ("messages[1].content", "invalid_request")
    assert "null" in str(found["message"])
    found = error(shared.post(CHAT, json={**BODY, "n": 3}), 400)
    assert found["param"] == "n"


def test_other_errors(shared: httpx.Client) -> None:
    error(shared.post(CHAT, content=b"x", headers={"Content-Type": "text/plain"}), 415)
    error(shared.post(CHAT, json={**BODY, "x": "x" * 1_000_000}), 413)
    error(shared.get("/v1/models/gpt"), 404)
    error(shared.get("/v1/chat/nothing"), 404)
    response = shared.get(CHAT)
    error(response, 405)
    assert response.headers["allow"]
    unknown = {**BODY, "pincite": {"document_ids": ["x"]}}
    assert error(shared.post(CHAT, json=unknown), 404)["code"] == "document_not_found"
    error(shared.post(CHAT, json=BODY, headers={"Origin": "https://evil.example"}), 403)
    error(shared.get("/v1/models", headers={"Host": "evil.example"}), 421)


MESSAGES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "role": st.sampled_from(["user", "assistant", "system"]) | VALUES,
            "content": ANY_TEXT | st.lists(st.fixed_dictionaries({"type": VALUES})) | VALUES,
        },
    )
)
FIELDS = ("messages", "model", "stream", "stream_options", "n", "pincite", "temperature")


@given(
    body=st.fixed_dictionaries(
        {},
        optional={name: VALUES | (MESSAGES if name == "messages" else VALUES) for name in FIELDS},
    )
)
def test_json_of_any_shape(shared: httpx.Client, body: dict[str, object]) -> None:
    headers = {"Content-Type": "application/json"}
    response = shared.post(CHAT, content=json.dumps(body).encode(), headers=headers)
    if response.status_code != 200:
        error(response, 404 if "document_not_found" in response.text else 400)


def test_while_it_loads() -> None:
    def never() -> FakeService:
        raise RuntimeError

    with serving(never, ServerSettings(), wait=False) as client:
        response = client.post(CHAT, json=BODY)
        assert error(response, 503)["code"] == "not_ready"
        assert response.headers["retry-after"] == "1"


def test_the_path_alone_decides() -> None:
    wrong = invalid(Fault("is missing", pointer="#/messages"))
    assert told(wrong, CHAT).status == 400
    assert told(wrong, "/v1/chatter").media_type == "application/problem+json"
    assert told(wrong, "/v1/ask").status == 422
    assert json.loads(told(wrong, "/v1/models").body)["error"]["param"] == "messages"


def test_a_problem_of_no_kind_has_no_code() -> None:
    assert openai_error(Problem(404, "no")).error.code is None
    full = unavailable("full", kind="overloaded", seconds=1)
    assert openai_error(full).error.type == "server_error"
