"""Feeds and sitemaps: what each kind lists, in which order, and what hostile ones can't do."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from index.errors import FetchFailed, SourceError, SourceTooLarge, UnsupportedType
from index.web.feeds import Holds, Listing, newest, read
from index.web.urls import parse

URL = parse("https://example.org/blog/feed.xml")
LIMIT = 20_000_000

RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>News & more&nbsp;</title><link>https://example.org/</link>
<atom:link rel="self" href="https://example.org/blog/feed.xml"/>
<image><url>https://example.org/logo.png</url><link>https://example.org/</link></image>
<item><link> https://example.org/old </link><pubDate>Mon, 03 Feb 2020 10:00:00 GMT</pubDate></item>
<item><link/><guid>https://example.org/undated</guid></item>
<item><atom:link rel="self" href="/self"/><link><![CDATA[/new?a=1&b=2]]></link>
<source url="https://elsewhere.example/"><link>https://elsewhere.example/</link></source>
<pubDate>Tue, 4 Feb 2020 01:00:00 +0200</pubDate></item>
<item><guid isPermaLink="false">https://example.org/no</guid></item>
<item><link>javascript:alert(1)</link></item><item><link>file:///etc/passwd</link></item>
<item><link>https://example.org/old#again</link></item>
</channel></rss>"""

RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<item><link>https://example.org/old</link><dc:date>2020-02-03</dc:date></item>
<item><link>https://example.org/new</link><dc:date>2020-02-04T00:00:00Z</dc:date></item>
</rdf:RDF>"""

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://example.org/"/>
<entry><link rel="edit" href="/edit"/><link href="old"/><published>2020-02-03T10:00:00Z</published>
<updated>2024-01-01T00:00:00Z</updated></entry>
<entry><source><link href="https://elsewhere.example/"/></source>
<link rel="alternate" href="https://example.org/new"/><updated>2020-02-04T00:00:00+01:00</updated>
</entry></feed>"""

SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:xhtml="http://www.w3.org/1999/xhtml" xmlns:image="http://example.org/image">
<url><xhtml:link rel="alternate" hreflang="de" href="https://example.org/de"/>
<image:image><image:loc>https://example.org/a.png</image:loc></image:image>
<loc>https://example.org/old</loc><lastmod>2020-02-03</lastmod></url>
<url><loc>https://example.org/new</loc><lastmod>2020-02-03T12:00:00+00:00</lastmod></url></urlset>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {"url": "https://example.org/old", "date_published": "2020-02-03T10:00:00Z"},
            {"url": None, "external_url": "https://example.org/new", "date_modified": "2021-01-01"},
            {"id": "1"},
        ],
    }
).encode()


def listed(data: bytes, limit: int = 100) -> list[str]:
    return [str(url) for url in newest(listing(data).entries, limit)]


def listing(data: bytes) -> Listing:
    return read(data, URL, max_bytes=LIMIT)


def test_rss_lists_its_items_newest_first_and_those_without_a_date_last() -> None:
    assert listed(RSS) == [
        "https://example.org/new?a=1&b=2",
        "https://example.org/old",
        "https://example.org/undated",
    ]
    assert listed(RSS, 1) == ["https://example.org/new?a=1&b=2"]


@pytest.mark.parametrize("data", [RDF, SITEMAP, JSON, b"\xef\xbb\xbf" + JSON])
def test_other_kinds_do_too(data: bytes) -> None:
    assert listed(data) == ["https://example.org/new", "https://example.org/old"]
    assert listed(gzip.compress(data)) == listed(data)


def test_atom_goes_by_when_it_was_published_and_links_are_relative_to_it() -> None:
    assert listed(ATOM) == ["https://example.org/new", "https://example.org/blog/old"]


def test_an_index_lists_sitemaps() -> None:
    found = listing(b"<sitemapindex><sitemap><loc>/a.xml</loc></sitemap></sitemapindex>")
    assert found.holds is Holds.SITEMAPS
    assert [str(one.url) for one in found.entries] == ["https://example.org/a.xml"]


def test_a_page_names_its_feeds() -> None:
    found = listing(
        b"""<!doctype html><link rel="alternate" hreflang="de" href="/de">
        <link rel="Alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2">"""
    )
    assert found.holds is Holds.FEEDS
    assert [str(one.url) for one in found.entries] == ["https://example.org/feed?a=1&b=2"]


@pytest.mark.parametrize(
    "data",
    [b"", b"Just text.", b"<svg/>", b"<html><p>No feed.</html>", b'{"version": "1", "items": []}'],
)
def test_what_lists_nothing_is_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedType, match=r"https://example\.org/blog/feed\.xml is"):
        listing(data)


@pytest.mark.parametrize(
    "data", [b"{", b'{"version": 1}', b"{\xff}", b"[" * 9, gzip.compress(RSS)[:-9], b"\x1f\x8b??"]
)
def test_what_is_damaged_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError):
        listing(data)


def test_deep_json_is_refused() -> None:
    deep = b"[" * 1_000_000
    with pytest.raises(FetchFailed):
        listing(b'{"version": "https://jsonfeed.org/version/1", "items": [], "a":' + deep)


def test_a_bomb_is_never_unpacked_at_once() -> None:
    bomb = gzip.compress(bytes(200_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(SourceTooLarge, match="unpacks to more than the 1,000 bytes"):
            read(bomb, URL, max_bytes=1_000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_no_file_is_read_for_an_entity(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    dtd = f'<!DOCTYPE rss [<!ENTITY f SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    item = "<rss><item><link>/a&f;</link></item></rss>"
    assert listed((dtd + item).encode()) == ["https://example.org/a"]


def test_entities_are_not_multiplied() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    dtd = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}]>'
    text = f"{dtd}<rss><item><link>/a&l9;</link></item></rss>"
    within = f'{dtd}<feed><entry><link href="/a&l9;"/></entry></feed>'
    tracemalloc.start()
    try:
        for data in (text, within):
            assert all(len(url) < 10_000 for url in listed(data.encode()))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_very_deep_or_very_long_list_is_read_as_far_as_it_goes() -> None:
    assert listed(b"<rss>" + b"<a>" * 100_000 + b"<item>") == []
    many = b"<urlset>" + b"<url><loc>/a</loc></url>" * 60_000
    assert len(listing(many).entries) == 50_000
