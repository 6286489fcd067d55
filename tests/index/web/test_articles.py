"""The articles of feeds, on sites of loopback: what is followed, and how politely."""

from collections.abc import Iterator
from typing import Any

import pytest

from index.errors import AddressRefused, EmptySource, FetchFailed, SourceTooLarge, UnsupportedType
from index.settings import IndexSettings
from index.types import Link
from index.web.addresses import Allowed
from index.web.articles import MOST_SITEMAPS, Articles
from index.web.fetcher import Fetcher
from tests.sites import PAGE, Answer, Site, canary, page, redirect, site


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as found:
        yield found


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def articles(waited: list[float]) -> Articles:
    return reader(waited)


def reader(waited: list[float], **settings: Any) -> Articles:
    fetcher = Fetcher(IndexSettings(fetch_allow=Allowed("127.0.0.1"), **settings))
    return Articles(fetcher, wait=waited.append)


def rss(*paths: str) -> Answer:
    items = "".join(f"<item><link>{path}</link></item>" for path in paths)
    return page(f"<rss><channel>{items}</channel></rss>".encode(), kind="application/rss+xml")


def sitemaps(*paths: str) -> Answer:
    listed = "".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in paths)
    return page(f"<sitemapindex>{listed}</sitemapindex>".encode(), kind="text/xml")


def names(feed: str) -> Answer:
    link = f'<link rel="alternate" type="application/atom+xml" href="{feed}">'
    return page(f"<!doctype html><head>{link}</head>".encode())


def test_a_feed_where_it_moved_to_and_no_more_than_asked_for(web: Site, articles: Articles) -> None:
    web.pages["/feed"] = redirect("/blog/feed")
    web.pages["/blog/feed"] = rss("a", "b", "a", "c")
    found = articles.listed(f"{web.url}/feed", limit=2)
    assert found == (f"{web.url}/blog/a", f"{web.url}/blog/b")


def test_a_page_that_names_its_feed_is_followed_once(web: Site, articles: Articles) -> None:
    web.pages |= {"/": names("/feed"), "/feed": rss("/a"), "/two": names("/")}
    assert articles.listed(web.url, limit=5) == (f"{web.url}/a",)
    with pytest.raises(UnsupportedType, match="page again"):
        articles.listed(f"{web.url}/two", limit=5)


def test_an_index_is_read_until_there_are_enough(web: Site, articles: Articles) -> None:
    web.pages |= {"/index": sitemaps("/1", "/2", "/3"), "/1": rss("/a"), "/2": rss("/b", "/c")}
    assert len(articles.listed(f"{web.url}/index", limit=3)) == 3
    assert web.asked == ["/index", "/1", "/2"]
    with pytest.raises(FetchFailed, match="/3 answered 404"):
        articles.listed(f"{web.url}/index", limit=4)


def test_an_index_of_itself_has_an_end(web: Site, articles: Articles) -> None:
    web.pages["/index"] = sitemaps("/index", *(f"/index?{n}" for n in range(100)))
    web.pages |= {f"/index?{n}": web.pages["/index"] for n in range(100)}
    with pytest.raises(EmptySource, match="lists no article"):
        articles.listed(f"{web.url}/index", limit=5)
    assert len(web.asked) == 1 + MOST_SITEMAPS


def test_a_feed_is_guarded_as_pages_are(web: Site, articles: Articles, waited: list[float]) -> None:
    with canary() as port:
        private = f"http://127.0.0.2:{port}/"
        web.pages |= {"/": names(private), "/index": sitemaps(private), "/to": redirect(private)}
        for address in (private, web.url, f"{web.url}/index", f"{web.url}/to", "file:///etc/hosts"):
            with pytest.raises(AddressRefused):
                articles.listed(address, limit=5)
    web.pages["/feed"] = rss("/a")
    with pytest.raises(SourceTooLarge):
        reader(waited, max_bytes=10).listed(f"{web.url}/feed", limit=5)
    with pytest.raises(AddressRefused, match="PINCITE_FETCH"):
        reader(waited, fetch=False).listed(f"{web.url}/feed", limit=5)


def test_robots_txt_counts_for_feeds_and_articles(web: Site, articles: Articles) -> None:
    web.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /private", kind="text/plain")
    web.pages |= {"/feed": rss("/private/a"), "/private/a": page()}
    (found,) = articles.listed(f"{web.url}/feed", limit=5)
    for ask in (lambda: articles.fetch(Link(found)), lambda: articles.listed(found, limit=5)):
        with pytest.raises(AddressRefused, match=r"robots\.txt"):
            ask()
    assert web.asked == ["/feed"]


@pytest.mark.parametrize(
    ("asked", "pause"), [("2", 2.0), ("3600", 5.0), ("-1", None), ("nan", None)]
)
def test_the_pause_a_site_asks_for_is_made(
    web: Site, articles: Articles, waited: list[float], asked: str, pause: float | None
) -> None:
    robots = f"User-agent: *\nCrawl-delay: {asked}\nDisallow: /x"
    web.pages["/robots.txt"] = page(robots.encode(), kind="text/plain")
    web.pages |= {"/feed": rss("/a", "/b"), "/a": page(), "/b": page()}
    for found in articles.listed(f"{web.url}/feed", limit=5):
        assert articles.fetch(Link(found)).data == PAGE
    assert waited == ([pause, pause] if pause else [])


def test_no_pause_where_none_is_asked_for(
    web: Site, articles: Articles, waited: list[float]
) -> None:
    web.pages |= {"/feed": rss("/a"), "/a": page()}
    articles.fetch(Link(*articles.listed(f"{web.url}/feed", limit=5)))
    assert waited == []
