"""Whatever is sent: never a 500, and every error is a problem."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.conftest import problem

MESSAGES = "/v1/conversations/conversation-1/messages"
ROUTES = (
    *("/v1/ask", "/v1/search", "/v1/verify", "/v1/documents"),
    *(MESSAGES, "/v1/conversations", "/v1/feedback"),
)
FIELDS = (
    "question", "query", "limit", "document_ids", "filter", "min_confidence",
    "document_id", "start", "end", "quote", "sha256", "text", "title", "url", "metadata",
    "resolve", "history", "answer_id", "verdict", "expected",
)  # fmt: skip
ANY_TEXT = st.text(alphabet=st.characters(), max_size=30)  # lone surrogates and NUL included
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3)
)
LIKELY = {
    "limit": st.integers(-1, 22),
    "min_confidence": st.floats(-0.1, 1.1),
    "document_ids": st.lists(ANY_TEXT, max_size=2),
    "filter": st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2),
    "metadata": st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2),
    "resolve": st.booleans(),
    "history": st.lists(
        st.dictionaries(st.sampled_from(["question", "answer", "x"]), ANY_TEXT | st.none()),
        max_size=3,
    ),
    "verdict": st.sampled_from(["right", "wrong", "maybe"]),
    "start": st.integers(-1, 10),
    "end": st.integers(-1, 10),
}
BODIES = st.fixed_dictionaries(
    {}, optional={name: LIKELY.get(name, ANY_TEXT) | VALUES for name in FIELDS}
)
KNOWN = {
    "/v1/ask": FIELDS[:1] + FIELDS[2:6] + FIELDS[15:17],
    MESSAGES: FIELDS[:1] + FIELDS[2:6] + FIELDS[15:16],
    "/v1/conversations": (),
    "/v1/feedback": FIELDS[17:],
    "/v1/search": FIELDS[1:5],
    "/v1/verify": FIELDS[6:11],
    "/v1/documents": FIELDS[11:15],
}


@pytest.fixture(scope="module", autouse=True)
def _conversation(shared: httpx.Client) -> None:
    """So that some messages find the conversation that they are for."""
    shared.post("/v1/conversations")


def check(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        problem(response, response.status_code)


@pytest.mark.parametrize("route", ROUTES)
@given(body=BODIES)
def test_json_of_any_shape(shared: httpx.Client, route: str, body: dict[str, object]) -> None:
    for sent in (body, {name: body[name] for name in KNOWN[route] if name in body}):
        content = json.dumps(sent).encode()
        headers = {"Content-Type": "application/json"}
        for accept in ("*/*", "text/event-stream"):
            check(shared.post(route, content=content, headers={**headers, "Accept": accept}))


@pytest.mark.parametrize("route", ROUTES)
@given(body=st.binary(max_size=100))
def test_bytes_of_any_kind(shared: httpx.Client, route: str, body: bytes) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x"):
        check(shared.post(route, content=body, headers={"Content-Type": kind}))


@given(
    path=st.text(alphabet=st.characters(codec="ascii", min_codepoint=33), max_size=30),
    method=st.sampled_from(["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT"]),
)
def test_addresses_of_any_kind(shared: httpx.Client, path: str, method: str) -> None:
    path = path.replace("#", "").replace("%", "%25")
    for prefix in ("/", "/v1/", "/v1/documents/", "/v1/conversations/"):
        try:
            url = httpx.URL(f"{shared.base_url}").copy_with(raw_path=(prefix + path).encode())
        except httpx.InvalidURL:
            continue
        response = shared.request(method, url)
        if method == "HEAD":
            assert response.status_code < 500
        else:
            check(response)
