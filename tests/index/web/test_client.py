"""Replies, read without a network."""

import gzip
import tracemalloc

import httpcore
import pytest

from index.errors import SourceTooLarge
from index.web.client import Reply
from index.web.urls import parse

URL = parse("http://example.org/")


def reply(content: bytes, **headers: str) -> Reply:
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Reply(URL, httpcore.Response(200, headers=given, content=content))


def test_a_bomb_is_never_unpacked_at_once() -> None:
    bomb = reply(gzip.compress(bytes(100_000_000)), Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(SourceTooLarge):
            bomb.body(1_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


@pytest.mark.parametrize("length", ["21", "99999999999999999999", "020"])
def test_a_body_that_is_said_to_be_too_large_is_not_begun(length: str) -> None:
    if int(length) > 20:
        with pytest.raises(SourceTooLarge):
            reply(b"", Content_Length=length).body(20)
    else:
        assert reply(b"x", Content_Length=length).body(20) == b"x"


@pytest.mark.parametrize(
    ("value", "read"), [(b"/a", "/a"), ("/ü".encode(), "/ü"), ("/ü".encode("latin-1"), "/ü")]
)
def test_a_header_is_utf_8_or_latin_1(value: bytes, read: str) -> None:
    response = httpcore.Response(302, headers=[(b"location", value)])
    assert Reply(URL, response).redirect == read
