"""The chat page's files: served as they are, small, and able to load nothing from elsewhere."""

import re

import httpx
import pytest

from server.routes.page import FOLDER, POLICY
from tests.server.conftest import problem

FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
DECLARED = r"(?:async )?(?:function\*?|const|class)"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg"}


def test_the_page_is_at_the_root(shared: httpx.Client) -> None:
    response = shared.get("/")
    assert response.headers["content-type"].startswith("text/html")
    assert response.content == (FOLDER / "index.html").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_with_the_policy(shared: httpx.Client, name: str) -> None:
    response = shared.get(f"/page/{name}")
    assert response.content == (FOLDER / name).read_bytes()
    assert response.headers["content-type"].startswith(TYPES[name[name.rindex(".") :]])
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


def test_a_browser_that_has_a_file_is_told_so(shared: httpx.Client) -> None:
    etag = shared.get("/page/app.js").headers["etag"]
    again = shared.get("/page/app.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    other = shared.get("/page/app.js", headers={"If-None-Match": '"another"'})
    assert other.status_code == 200


@pytest.mark.parametrize("name", ["missing.js", "../app.py", "..%2fapp.py", "%2e%2e/app.py", ""])
def test_nothing_else_is_served(shared: httpx.Client, name: str) -> None:
    problem(shared.get(f"/page/{name}"), 404)


def test_the_whole_page_is_small(shared: httpx.Client) -> None:
    sent = sum(int(shared.get(f"/page/{name}").headers["content-length"]) for name in FILES)
    assert sent < 80_000


def test_a_client_that_unpacks_nothing_gets_a_file_as_it_is(shared: httpx.Client) -> None:
    plain = shared.get("/page/app.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == (FOLDER / "app.js").read_bytes()


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_scripts_never_make_html_of_text(name: str) -> None:
    source = (FOLDER / name).read_text()
    risky = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    assert not re.findall(risky, source)
    assert not re.findall(r"https?://(?!www\.w3\.org/)[\w.]+", source)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_what_a_script_imports_is_there_and_used(name: str) -> None:
    source = (FOLDER / name).read_text()
    for names, path in re.findall(r'^import \{([^}]+)\} from "([^"]+)";$', source, re.M):
        exporting = (FOLDER / name).parent.joinpath(path).resolve().read_text()
        for imported in (one.strip() for one in names.split(",") if one.strip()):
            declared = rf"^export ({DECLARED} {imported}\b|\{{.*\b{imported}\b)"
            assert re.search(declared, exporting, re.M), f"{path} exports no {imported}"
            assert len(re.findall(rf"\b{imported}\b", source)) > 1, f"{imported} is not used"


def test_every_export_is_used_elsewhere() -> None:
    sources = {name: (FOLDER / name).read_text() for name in FILES if name.endswith(".js")}
    for name, source in sources.items():
        for one in re.findall(rf"^export {DECLARED} (\w+)", source, re.M):
            others = (text for other, text in sources.items() if other != name)
            assert any(re.search(rf"\b{one}\b", text) for text in others), f"{name}: {one}"
