"""Hosts, origins and keys: that no page and no stranger can drive the server."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx
import pytest
from litestar import Litestar

from index.settings import IndexSettings
from index.web.fetcher import Fetcher
from qa.errors import InvalidSetting
from server.app import create_app
from server.errors import Problem
from server.guard import Guard, is_loopback
from server.process import address, listen
from server.settings import ServerSettings
from tests.fakes import FakeService
from tests.server.conftest import openai_error, problem, serving

KEY = "schlüssel-0123456789"
OPEN = {"/", "/health/live", "/health/ready", "/metrics"}


def is_open(path: str) -> bool:
    return path in OPEN or path.startswith(("/schema", "/page/"))


def routes() -> list[tuple[str, str]]:
    """Every method and path of the application, however a route came into it."""
    fetcher = Fetcher(IndexSettings())
    front = create_app(FakeService, ServerSettings(), data=Path(), fetcher=fetcher)
    app = cast(Litestar, front.app)
    return sorted((method, route.path) for route in app.routes for method in route.methods)  # type: ignore[union-attr]


def turned_away(response: httpx.Response, status: int, path: str) -> None:
    """Check an error, in OpenAI's shape where its protocol is spoken."""
    openai = path.startswith(("/v1/chat/", "/v1/models"))
    openai_error(response, status) if openai else problem(response, status)


def test_every_route_is_either_open_by_name_or_needs_the_key() -> None:
    paths = {path for _, path in routes()}
    assert paths >= {"/v1/ask", "/v1/documents/{document_id:str}/text", "/schema", *OPEN}
    assert all(path.startswith("/v1/") or path == "/mcp" or is_open(path) for path in paths)


@pytest.fixture(scope="module")
def guarded() -> Iterator[httpx.Client]:
    with serving(FakeService, key=KEY) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), routes())
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer wrong",
        f"Bearer {KEY[:-1]}".encode(),
        f"Bearer {KEY}x".encode(),
        f"Bearer {KEY}".encode("latin-1"),
        f"Basic {KEY}".encode(),
        KEY.encode(),
        "Bearer 🔑".encode(),
        b"Bearer \xff\xfe",
    ],
)
def test_every_route_asks_for_the_key(
    guarded: httpx.Client, method: str, path: str, authorization: bytes | None
) -> None:
    headers = {} if authorization is None else {b"authorization": authorization}
    response = guarded.request(method, path.replace(":str", ""), headers=headers)
    if is_open(path):
        assert response.status_code != 401
    else:
        turned_away(response, 401, path)
        assert response.headers["www-authenticate"].startswith("Bearer")


def test_an_unknown_route_asks_for_it_too(guarded: httpx.Client) -> None:
    for path in (
        "/nope",
        "/v1",
        "//v1/documents",
        "/V1/documents",
        "/v1//documents",
        "/v2/x",
        "/%76%31/ask",
    ):
        problem(guarded.get(path), 401)


def test_the_description_needs_none(guarded: httpx.Client) -> None:
    for path in ("/schema", "/schema/openapi.json", "/schema/start.js"):
        assert guarded.get(path).status_code == 200


def test_the_key_opens(guarded: httpx.Client) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = {b"authorization": f"{scheme} {KEY}".encode()}
        assert guarded.get("/v1/documents", headers=headers).status_code == 200


def test_two_authorizations_are_none(guarded: httpx.Client) -> None:
    header = (b"authorization", f"Bearer {KEY}".encode())
    problem(guarded.get("/v1/documents", headers=[header, header]), 401)


@pytest.mark.parametrize("key", ["", " ", "\t"])
def test_a_blank_key_is_no_key(key: str) -> None:
    with pytest.raises(InvalidSetting, match="PINCITE_API_KEY"):
        Guard(key=key, allowed_hosts=frozenset())


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8080",
        "localhost.",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.1.2.3:99",
        "[::1]",
        "[::1]:8080",
        "pincite.example:80",
        "PINCITE.example",
        "10.1.2.3:8080",
    ],
)
def test_its_own_names_pass(host: str) -> None:
    guard = Guard(key=None, allowed_hosts=frozenset({"pincite.example"}))
    guard.check("POST", "/v1/ask", {b"host": [host.encode()]}, reached_at="10.1.2.3")


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"evil.com",
        b"evil.com:80",
        b"127.0.0.1.evil.com",
        b"localhost.evil.com",
        b"localhost@evil.com",
        b"evil.com#localhost",
        b"notlocalhost",
        b"localhost..",
        b"localhost:80:80",
        b"localhost:x",
        b"127.1",
        b"2130706433",
        b"0x7f.0.0.1",
        b"0.0.0.0",
        b"10.0.0.1",
        b"169.254.169.254",
        b"[::]",
        b"[::ffff:10.0.0.1]",
        b"::1",
        b"127\xe3\x80\x820\xe3\x80\x820\xe3\x80\x821",
        b"\xff",
        b"local host",
    ],
)
def test_other_names_do_not(host: bytes) -> None:
    with pytest.raises(Problem) as caught:
        Guard(key=None, allowed_hosts=frozenset({"pincite.example"})).check(
            "GET", "/", {b"host": [host]}, reached_at="127.0.0.1"
        )
    assert caught.value.status == 421


def test_no_host_or_two_do_not() -> None:
    guard = Guard(key=None, allowed_hosts=frozenset())
    for hosts in ([], [b"localhost", b"localhost"]):
        with pytest.raises(Problem):
            guard.check("GET", "/", {b"host": hosts} if hosts else {}, reached_at="127.0.0.1")


def test_a_wrong_host_is_421_on_every_route(shared: httpx.Client) -> None:
    for method, path in routes():
        turned_away(shared.request(method, path, headers={"Host": "evil.com"}), 421, path)
    problem(shared.get("/schema", headers={"Host": "evil.com"}), 421)


def test_an_allowed_name_passes() -> None:
    settings = ServerSettings(allowed_hosts=" Pincite.Example, other.example")
    with serving(FakeService, settings) as client:
        for host in ("pincite.example", "pincite.example:8080", "OTHER.example"):
            assert client.get("/v1/documents", headers={"Host": host}).status_code == 200
        problem(client.get("/v1/documents", headers={"Host": "third.example"}), 421)


FOREIGN = [
    {"Origin": "http://evil.com"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://localhost:1"},
    {"Origin": "http://localhost.evil.com"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "CROSS-SITE"},
    {"Origin": "http://evil.com", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_changes_nothing(shared: httpx.Client, headers: dict[str, str]) -> None:
    for method, path in routes():
        if method in {"POST", "DELETE"}:
            turned_away(shared.request(method, path, headers=headers), 403, path)


def test_a_page_of_its_own_may(shared: httpx.Client) -> None:
    own = str(shared.base_url).rstrip("/")
    headers = {"Origin": own, "Sec-Fetch-Site": "same-origin"}
    assert shared.post("/v1/ask", json={"question": "Who?"}, headers=headers).status_code == 200


def test_default_ports_need_not_be_named() -> None:
    guard = Guard(key=None, allowed_hosts=frozenset({"pincite.example"}))
    for origin in (b"https://pincite.example", b"https://pincite.example:443"):
        headers = {b"host": [b"pincite.example"], b"origin": [origin]}
        guard.check("POST", "/v1/ask", headers, reached_at=None)


def test_reading_is_not_changed_by_an_origin(shared: httpx.Client) -> None:
    response = shared.get("/v1/documents", headers={"Origin": "http://evil.com"})
    assert response.status_code == 200
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_a_preflight_is_granted_nothing(shared: httpx.Client) -> None:
    response = shared.options(
        "/v1/ask",
        headers={"Origin": "http://evil.com", "Access-Control-Request-Method": "POST"},
    )
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("x", False),
    ],
)
def test_loopback(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_a_socket_knows_its_url() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert address(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
