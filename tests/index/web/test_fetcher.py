"""Fetching from sites on loopback: what is refused unconnected, and what a page becomes."""

import contextlib
import gzip
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from index.errors import (
    AddressRefused,
    FetchFailed,
    NotFetched,
    SourceError,
    SourceTooLarge,
    UnsupportedType,
)
from index.settings import IndexSettings
from index.types import Document, Link, Source
from index.web.addresses import Allowed
from index.web.client import MOST_REDIRECTS, USER_AGENT
from index.web.fetcher import Fetcher
from tests.sites import PAGE, Internet, Site, bomb, canary, drip, page, redirect, site

PUBLIC = "93.184.216.34"
NAMES: dict[str, Sequence[Sequence[str]]] = {
    "example.org": [[PUBLIC]],
    "www.example.org": [[PUBLIC]],
    "other.example": [["1.1.1.1"]],
    "rebinding.example": [[PUBLIC], ["127.0.0.1"]],
    "loopback.example": [["127.0.0.1"]],
    "half.example": [[PUBLIC, "10.0.0.1"]],
    "six.example": [["::1"]],
    "nat64.example": [["64:ff9b::7f00:1"]],
    "mapped.example": [["::ffff:127.0.0.1"]],
    "metadata.example": [["169.254.169.254"]],
    "nowhere.example": [[]],
    "localhost": [["127.0.0.1"]],
}

FORMS = Path(__file__).parents[2] / "data" / "private_addresses.txt"
PRIVATE = FORMS.read_text(encoding="utf-8").splitlines()
"""Addresses of what is private, in every spelling known; ``{port}`` is where a canary listens."""


def settings(**given: Any) -> IndexSettings:
    return IndexSettings(**{"fetch_seconds": 5, **given})


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as found:
        found.pages["/"] = page()
        yield found


@pytest.fixture
def internet(web: Site) -> Internet:
    return Internet(web.port, NAMES)


@pytest.fixture
def fetcher(internet: Internet) -> Fetcher:
    """Fetches from the small internet, and from nothing that is private."""
    return Fetcher(settings(), resolve=internet.resolve, backend=internet)


def test_there_are_enough_forms() -> None:
    assert len(set(PRIVATE)) >= 80


@pytest.mark.parametrize("form", PRIVATE)
def test_no_spelling_reaches_what_is_private(form: str) -> None:
    with canary() as port:
        # Were it let, it would connect.
        fetcher = Fetcher(settings(), resolve=Internet(port, NAMES).resolve)
        with pytest.raises(AddressRefused):
            fetcher.fetch(Link(form.format(port=port)))


def test_the_systems_resolver_reaches_nothing_private_either() -> None:
    with canary() as port, pytest.raises(AddressRefused, match="localhost is on a private network"):
        Fetcher(settings()).fetch(Link(f"http://localhost:{port}/"))


def test_a_port_of_another_service_is_refused(fetcher: Fetcher, internet: Internet) -> None:
    for port in (22, 25, 1023):
        with pytest.raises(AddressRefused, match=f"port {port} of example.org"):
            fetcher.fetch(Link(f"http://example.org:{port}/"))
    assert internet.connected == []
    fetcher.fetch(Link("http://example.org:1024/"))


def test_a_page_becomes_a_source(fetcher: Fetcher, web: Site) -> None:
    web.pages["/birds/heron.html?x=1"] = page(
        ETag='"v1"', Last_Modified="Mon, 02 Mar 2026 10:00:00 GMT"
    )
    link = Link("HTTP://Example.org/birds/heron.html?x=1#top", "Herons", {"k": "v", "etag": "mine"})
    source = fetcher.fetch(link)
    assert (source.data, source.media_type) == (PAGE, "text/html; charset=utf-8")
    assert (source.name, source.title) == ("example.org/heron.html", "Herons")
    assert source.url == "http://example.org/birds/heron.html?x=1"
    assert source.metadata.pop("fetched_at").endswith("Z")  # type: ignore[attr-defined]
    assert source.metadata == {
        "k": "v",
        "fetched_from": "http://example.org/birds/heron.html?x=1",
        "etag": '"v1"',
        "last_modified": "Mon, 02 Mar 2026 10:00:00 GMT",
    }
    _, headers = web.requests[-1]
    assert (headers["Host"], headers["User-Agent"]) == ("example.org", USER_AGENT)
    assert not {"Cookie", "Authorization", "Referer"} & headers.keys()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "example.org/"),
        ("/a/", "example.org/a"),
        ("/a/b%20c.md", "example.org/b c.md"),
        ("/a%2Fb", "example.org/b"),
        ("/%00%E2%80%AEx", "example.org/x"),
    ],
)
def test_a_page_is_called_by_its_host_and_the_end_of_its_path(
    fetcher: Fetcher, web: Site, path: str, name: str
) -> None:
    web.pages[path] = page()
    assert fetcher.fetch(Link(f"http://example.org{path}")).name == name


def test_a_name_is_looked_up_once_and_its_checked_address_connected_to(
    fetcher: Fetcher, internet: Internet
) -> None:
    """A name that leads to loopback from its second look-up on."""
    assert fetcher.fetch(Link("http://rebinding.example/")).data == PAGE
    assert internet.connected == [PUBLIC, PUBLIC]  # for robots.txt and for the page
    with pytest.raises(AddressRefused, match="private network"):
        fetcher.fetch(Link("http://rebinding.example/"))
    assert internet.connected == [PUBLIC, PUBLIC]


def test_an_unknown_host_fails(fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match=r"the host missing\.example can't be found"):
        fetcher.fetch(Link("http://missing.example/"))
    with pytest.raises(FetchFailed, match=r"nowhere\.example has no address"):
        fetcher.fetch(Link("http://nowhere.example/"))


def test_a_proxy_of_the_environment_is_not_asked(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with canary() as port:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
            monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{port}")
        assert fetcher.fetch(Link("http://example.org/")).data == PAGE


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(fetcher: Fetcher, web: Site, status: int) -> None:
    web.pages["/old"] = redirect("/new?a=ü", status)
    web.pages["/new?a=%C3%BC"] = redirect("http://www.example.org/", status)
    source = fetcher.fetch(Link("http://example.org/old"))
    assert source.url == source.metadata["fetched_from"] == "http://www.example.org/"


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "http://loopback.example:{port}/",
        "http://[::1]:{port}/",
        "http://2130706433:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://user:pass@example.org/",
        "http://example.org:22/",
        "http://[",
    ],
)
def test_each_redirect_is_checked_again(
    fetcher: Fetcher, internet: Internet, web: Site, to: str
) -> None:
    with canary() as port:
        web.pages["/old"] = redirect(to.format(port=port))
        with pytest.raises(AddressRefused):
            fetcher.fetch(Link("http://example.org/old"))
    assert web.asked == ["/old"]
    assert set(internet.connected) == {PUBLIC}


def test_redirects_end_after_five(fetcher: Fetcher, web: Site) -> None:
    web.pages["/0"] = page()
    for number in range(1, MOST_REDIRECTS + 2):
        web.pages[f"/{number}"] = redirect(f"/{number - 1}")
    fetcher.fetch(Link(f"http://example.org/{MOST_REDIRECTS}"))
    with pytest.raises(FetchFailed, match="one redirect more than the 5"):
        fetcher.fetch(Link(f"http://example.org/{MOST_REDIRECTS + 1}"))
    web.pages["/loop"] = redirect("/loop")
    with pytest.raises(FetchFailed, match="redirect"):
        fetcher.fetch(Link("http://example.org/loop"))


# Bodies


def test_a_packed_page_is_unpacked(fetcher: Fetcher, web: Site) -> None:
    web.pages["/"] = page(gzip.compress(PAGE), Content_Encoding="gzip")
    assert fetcher.fetch(Link("http://example.org/")).data == PAGE


def test_a_bomb_stops_at_the_limit(fetcher: Fetcher, web: Site) -> None:
    web.pages["/"] = bomb
    small = Fetcher(
        settings(max_bytes=1_000_000), resolve=fetcher._resolve, backend=fetcher._backend
    )
    with pytest.raises(SourceTooLarge, match="larger than the 1,000,000 bytes"):
        small.fetch(Link("http://example.org/"))


def test_a_page_over_the_limit_is_not_read(internet: Internet, web: Site) -> None:
    small = Fetcher(settings(max_bytes=len(PAGE)), resolve=internet.resolve, backend=internet)
    assert small.fetch(Link("http://example.org/")).data == PAGE
    web.pages["/"] = page(PAGE + b" ")
    with pytest.raises(SourceTooLarge):
        small.fetch(Link("http://example.org/"))


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "nonsense"])
def test_a_packing_that_was_not_asked_for_is_refused(
    fetcher: Fetcher, web: Site, encoding: str
) -> None:
    web.pages["/"] = page(PAGE, Content_Encoding=encoding)
    with pytest.raises(FetchFailed, match="was not asked for"):
        fetcher.fetch(Link("http://example.org/"))


@pytest.mark.parametrize("body", [b"", PAGE, gzip.compress(PAGE)[:-9], b"\x1f\x8b" + bytes(30)])
def test_a_damaged_packing_fails(fetcher: Fetcher, web: Site, body: bytes) -> None:
    web.pages["/"] = page(body, Content_Encoding="gzip")
    with pytest.raises(FetchFailed, match="gzip"):
        fetcher.fetch(Link("http://example.org/"))


def test_a_page_that_comes_too_slowly_is_given_up(internet: Internet, web: Site) -> None:
    web.pages["/"] = drip
    hasty = Fetcher(settings(fetch_seconds=0.3), resolve=internet.resolve, backend=internet)
    with pytest.raises(FetchFailed, match=r"did not answer in full within 0\.3 s"):
        hasty.fetch(Link("http://example.org/"))


def test_a_resolver_that_hangs_is_given_up(internet: Internet, web: Site) -> None:
    never = threading.Event()

    def hanging(_: str) -> Sequence[str]:
        never.wait()
        return ()

    hasty = Fetcher(settings(fetch_seconds=0.2), resolve=hanging, backend=internet)
    with pytest.raises(FetchFailed, match="did not answer in full"):
        hasty.fetch(Link("http://example.org/"))
    never.set()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503, 599, 304, 300])
def test_an_error_is_told_and_its_page_not_kept(fetcher: Fetcher, web: Site, status: int) -> None:
    web.pages["/"] = page(status=status)
    with pytest.raises(FetchFailed, match=rf"http://example\.org/ answered {status}"):
        fetcher.fetch(Link("http://example.org/"))


def test_nobody_listening_fails(internet: Internet) -> None:
    with site() as gone:
        pass
    nobody = Internet(gone.port, NAMES)
    with pytest.raises(FetchFailed, match="can't be read"):
        Fetcher(settings(), resolve=nobody.resolve, backend=nobody).fetch(
            Link("http://example.org/")
        )


def test_what_is_no_http_fails(fetcher: Fetcher, web: Site) -> None:
    web.pages["/"] = lambda request: request.wfile.write(b"220 mail.example ESMTP\r\n")  # type: ignore[func-returns-value]
    with pytest.raises(FetchFailed, match="can't be read"):
        fetcher.fetch(Link("http://example.org/"))


def test_https_with_nobody_to_speak_it_fails(fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match="can't be read"):
        fetcher.fetch(Link("https://example.org/"))


@pytest.mark.parametrize("kind", ["image/png", "application/json", "text/css", "video/mp4", "x"])
def test_a_type_that_is_not_read_is_refused(fetcher: Fetcher, web: Site, kind: str) -> None:
    web.pages["/"] = page(kind=kind)
    with pytest.raises(UnsupportedType, match=f"is {kind}, which is not read; read are plain text"):
        fetcher.fetch(Link("http://example.org/"))


@pytest.mark.parametrize(
    "kind", ["text/html", "TEXT/HTML;charset=x", "text/plain", "text/markdown", "application/pdf"]
)
def test_types_that_are_read_are_fetched(fetcher: Fetcher, web: Site, kind: str) -> None:
    web.pages["/"] = page(kind=kind)
    assert fetcher.fetch(Link("http://example.org/")).media_type == kind


# What the page and the site say


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (
            '<link rel="canonical" href="https://www.example.org/a?b=1&amp;c=2">',
            "https://www.example.org/a?b=1&c=2",
        ),
        ("<LINK HREF='/own' REL='Canonical nofollow'/>", "http://example.org/own"),
        ("<link href=/own rel=canonical>", "http://example.org/own"),
        ('<link rel="canonical" href="https://other.example/a">', "http://example.org/"),
        ('<link rel="canonical" href="javascript:alert(1)">', "http://example.org/"),
        ('<link rel="canonical" href="">', "http://example.org/"),
        ('<link rel="stylesheet" href="/own">', "http://example.org/"),
        ("<link " * 3, "http://example.org/"),
        ("", "http://example.org/"),
    ],
)
def test_the_pages_own_address_is_taken_where_it_is_of_the_same_site(
    fetcher: Fetcher, web: Site, link: str, url: str
) -> None:
    web.pages["/"] = page(PAGE.replace(b"<head>", b"<head>" + link.encode()))
    source = fetcher.fetch(Link("http://example.org/"))
    assert source.url == url
    assert source.metadata["fetched_from"] == "http://example.org/"


def robots(web: Site, text: str, **headers: Any) -> None:
    web.pages["/robots.txt"] = page(text.encode(), kind="text/plain", **headers)


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\nDisallow: /",
        "User-agent: pincite\nDisallow: /birds",
        "User-agent: *\nAllow: /\n\nUser-agent: Pincite\nDisallow: /*.html$",
        "\ufeffUser-Agent: a\nuser-agent: *\nDisallow: /birds/",
    ],
)
def test_a_site_is_asked_and_obeyed(fetcher: Fetcher, web: Site, text: str) -> None:
    web.pages["/birds/heron.html"] = page()
    robots(web, text)
    with pytest.raises(AddressRefused, match=r"asks programs not to fetch /birds/heron\.html"):
        fetcher.fetch(Link("http://example.org/birds/heron.html"))
    assert web.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "User-agent: *\nDisallow:",
        "User-agent: other\nDisallow: /",
        "User-agent: *\nDisallow: /\n\nUser-agent: pincite\nAllow: /",
        "User-agent: *\nDisallow: /cats\nDisallow: /*.pdf$",
        "\0\xff: nonsense",
    ],
)
def test_a_site_that_has_nothing_against_it_is_fetched_from(
    fetcher: Fetcher, web: Site, text: str
) -> None:
    robots(web, text)
    assert fetcher.fetch(Link("http://example.org/")).data == PAGE


def test_a_site_is_asked_once_in_a_while(fetcher: Fetcher, web: Site) -> None:
    robots(web, "User-agent: *\nDisallow: /no")
    for _ in range(3):
        fetcher.fetch(Link("http://example.org/"))
    assert [path for path, _ in web.requests].count("/robots.txt") == 1


def test_a_site_that_cannot_say_is_left_alone(fetcher: Fetcher, web: Site) -> None:
    robots(web, "", status=503)
    with pytest.raises(FetchFailed, match=r"robots\.txt answered 503"):
        fetcher.fetch(Link("http://example.org/"))
    robots(web, "#" * 600_000)
    with pytest.raises(FetchFailed, match=r"robots\.txt is too large"):
        fetcher.fetch(Link("http://example.org/"))
    assert web.asked == []


def test_where_a_redirect_leads_is_asked_too(fetcher: Fetcher, web: Site) -> None:
    web.pages["/old"] = redirect("/private")
    robots(web, "User-agent: *\nDisallow: /private")
    with pytest.raises(AddressRefused, match="not to fetch /private"):
        fetcher.fetch(Link("http://example.org/old"))


def test_robots_with_very_many_groups_costs_little(fetcher: Fetcher, web: Site) -> None:
    """Ten thousand groups of a thousand rules each: read one by one, they take many seconds."""
    groups = "".join(f"User-agent: bot{number}\n" for number in range(10_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(1_000))
    robots(web, f"{groups}User-agent: *\n{rules}")
    assert fetcher.fetch(Link("http://example.org/")).data == PAGE


# Settings


def test_a_private_host_can_be_named(web: Site) -> None:
    allowed = Fetcher(settings(fetch_allow=Allowed("127.0.0.1")))
    assert allowed.fetch(Link(f"{web.url}/")).url == f"{web.url}/"
    with canary() as port, pytest.raises(AddressRefused):
        allowed.fetch(Link(f"http://127.0.0.2:{port}/"))


def test_fetching_can_be_switched_off(internet: Internet) -> None:
    off = Fetcher(settings(fetch=False), resolve=internet.resolve, backend=internet)
    with pytest.raises(AddressRefused, match=r"switched off here \(PINCITE_FETCH\)"):
        off.fetch(Link("http://example.org/"))
    assert internet.connected == []


# Fetching again


def document(source: Source) -> Document:
    return Document(
        id="d1",
        name=source.name,
        title=None,
        author=None,
        published=None,
        url=source.url,
        media_type="text/html",
        sha256="",
        characters=0,
        chunks=1,
        created_at="",
        metadata=source.metadata,
    )


def test_what_says_that_it_is_unchanged_is_not_read(fetcher: Fetcher, web: Site) -> None:
    web.pages["/"] = page(ETag='"v1"', Last_Modified="yesterday")
    known = document(fetcher.fetch(Link("http://example.org/")))
    web.pages["/"] = page(b"", status=304)
    assert fetcher.refetch(known) is None
    _, headers = web.requests[-1]
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"v1"', "yesterday")


def test_what_has_changed_keeps_what_was_said_of_it(fetcher: Fetcher, web: Site) -> None:
    web.pages["/"] = page(ETag='"v1"')
    known = document(fetcher.fetch(Link("http://example.org/", metadata={"k": "v"})))
    web.pages["/"] = page(PAGE + b"more", Last_Modified="today")
    source = fetcher.refetch(known)
    assert source is not None
    assert source.data == PAGE + b"more"
    assert (source.metadata["k"], source.metadata["last_modified"]) == ("v", "today")
    assert "etag" not in source.metadata


def test_the_question_whether_it_changed_is_not_put_to_another_page(
    fetcher: Fetcher, web: Site
) -> None:
    web.pages["/"] = page(ETag='"v1"')
    known = document(fetcher.fetch(Link("http://example.org/")))
    web.pages |= {"/": redirect("/new"), "/new": page()}
    assert fetcher.refetch(known) is not None
    assert "If-None-Match" not in web.requests[-1][1]


def test_a_page_that_is_gone_fails(fetcher: Fetcher, web: Site) -> None:
    known = document(fetcher.fetch(Link("http://example.org/")))
    web.pages["/"] = page(status=410)
    with pytest.raises(FetchFailed, match="410"):
        fetcher.refetch(known)


def test_what_did_not_come_from_the_web_is_not_fetched(fetcher: Fetcher) -> None:
    with pytest.raises(NotFetched, match=r"'a\.txt' was not fetched from the web"):
        fetcher.refetch(document(Source(b"", "a.txt", url="http://example.org/")))


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "ü", "", "x" * 501, "\0"])
def test_metadata_of_the_senders_reach_no_header(fetcher: Fetcher, web: Site, value: str) -> None:
    known = document(fetcher.fetch(Link("http://example.org/")))
    known = replace(known, metadata={**known.metadata, "etag": value})
    assert fetcher.refetch(known) is not None
    assert not {"If-None-Match", "X-Evil"} & web.requests[-1][1].keys()


@pytest.mark.parametrize("place", ["http://127.0.0.1:1/", "file:///etc/passwd", "nonsense", ""])
def test_metadata_of_the_senders_reach_nothing_private(
    fetcher: Fetcher, internet: Internet, place: str
) -> None:
    forged = document(Source(b"", "a.txt", metadata={"fetched_from": place}))
    with pytest.raises(SourceError):
        fetcher.refetch(forged)
    assert internet.connected == []


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: " + "9" * 5_000,
        "Content-Length: -1",
        "Content-Length: 1, 2",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Location: http://[",
        "X: " + "y" * 200_000,
        ": empty",
        "Sp ace: x",
        "X: \x00",
        "Content-Type: \xff\xfe; charset=\xff",
        "Content-Encoding: \xff",
        "ETag: \xff",
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "302 Found", "100 Continue", "999 x", "20 x", "x"])
def test_whatever_a_server_sends_is_a_page_or_refused(
    fetcher: Fetcher, web: Site, head: str, status: str
) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        sent = f"HTTP/1.1 {status}\r\n{head}\r\nConnection: close\r\n\r\nabc"
        request.wfile.write(sent.encode("latin-1"))

    web.pages["/"] = answer
    with contextlib.suppress(SourceError):
        assert fetcher.fetch(Link("http://example.org/")).data
