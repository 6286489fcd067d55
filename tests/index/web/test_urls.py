"""Web addresses: what each is taken for, and what is refused as none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import AddressRefused
from index.web.urls import host_name, parse


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://example.org", "https://example.org/"),
        ("  HTTPS://Example.ORG/A?b=C#d \n", "https://example.org/A?b=C"),
        ("http://example.org:80/", "http://example.org/"),
        ("http://example.org:8080", "http://example.org:8080/"),
        ("https://example.org:/x", "https://example.org/x"),
        ("https://example.org./x", "https://example.org/x"),
        ("https://bücher.example/é?ü=ß", "https://xn--bcher-kva.example/%C3%A9?%C3%BC=%C3%9F"),
        ("https://xn--bcher-kva.example/a%20b", "https://xn--bcher-kva.example/a%20b"),
        ("https://ＥＸＡＭＰＬＥ．org/", "https://example.org/"),
        ("https://example.org/a b|c\\d", "https://example.org/a%20b%7Cc%5Cd"),
        ("https://under_score.example.org/", "https://under_score.example.org/"),
        ("http://8.8.8.8/x", "http://8.8.8.8/x"),
        ("http://８.８。８.８/x", "http://8.8.8.8/x"),
        ("http://[2606:2800:220:1:0:0:0:1]:81/", "http://[2606:2800:220:1::1]:81/"),
    ],
)
def test_an_address_is_read_in_one_way(given: str, read: str) -> None:
    assert str(parse(given)) == read
    assert str(parse(read)) == read


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("/b", "http://example.org:81/b"),
        ("b?c", "http://example.org:81/a/b?c"),
        ("//other.example/b", "http://other.example/b"),
        ("https://other.example", "https://other.example/"),
    ],
)
def test_an_address_may_be_relative_to_another(given: str, read: str) -> None:
    assert str(parse(given, base=parse("http://example.org:81/a/x"))) == read


@pytest.mark.parametrize(
    "given",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "data:text/html,hello",
        "javascript:alert(1)",
        "http:///path",
        "http://",
        "http:example.org",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://@example.org/",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:-1/",
        "http://example.org:８０/",
        "http://example.org:80:80/",
        "http://exam ple.org/",
        "http://example..org/",
        "http://example.org../",
        "http://.example.org/",
        "http://exa%6Dple.org/",
        "http://example.org\x00.evil.example/",
        "http://example.org/\r\nHost: evil",
        "http://example.org/\ud800",
        "http://[::1/",
        "http://[::1]x/",
        "http://[example.org]/",
        "http://[fe80::1%25eth0]/",
        "http://" + "a" * 64 + ".org/",
        "http://" + "a." * 130 + "org/",
        "http://example.org/" + "a" * 8_000,
        "http://℀.org/",
    ],
)
def test_what_is_no_web_address_is_refused(given: str) -> None:
    with pytest.raises(AddressRefused, match=r"^the address '.*; give one like https://"):
        parse(given)


@pytest.mark.parametrize(
    "name",
    [
        "2130706433",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "0x7f000001",
        "127.0.0.01",
        "1.2.3.256",
        "a.0x",
    ],
)
def test_a_number_is_spelled_in_one_way_only(name: str) -> None:
    with pytest.raises(ValueError):
        host_name(name)
    with pytest.raises(AddressRefused):
        parse(f"http://{name}/")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"http://{text}", f"http://example.org/{text}"):
        try:
            url = parse(whole)
        except AddressRefused:
            continue
        assert str(url).isascii()
        assert str(url).isprintable()
        assert parse(str(url)) == url
