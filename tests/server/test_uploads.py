"""Uploaded files: names, parts, and everything that is wrong with them."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.conftest import problem

BOUNDARY = "x1y2"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(disposition: str, content: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"--{BOUNDARY}", f"Content-Disposition: {disposition}", *headers])
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


FILE = part('form-data; name="file"; filename="a.txt"', b"An article.")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\boot.ini", "..", "a%0Ab", '"; x="', "a" * 999]
)
def test_an_odd_name_is_stored_harmlessly(shared: httpx.Client, name: str) -> None:
    response = shared.post(
        "/v1/documents", files={"file": (name, f"An article by {name}".encode())}
    )
    assert response.status_code == 201
    assert not {"/", "\\", "\0", "\n"} & set(response.json()["name"])


MALFORMED = {
    "nothing": b"",
    "no boundary in it": b"abc",
    "cut short": FILE,
    "no disposition": f"--{BOUNDARY}\r\nX: y\r\n\r\nabc\r\n--{BOUNDARY}--\r\n".encode(),
    "a name that is no UTF-8": form(part('form-data; name="file"; filename="\udcff"', b"x")),
    "a wrong length": form(part('form-data; name="file"', b"x", "Content-Length: 99")),
    "a title that is no UTF-8": form(FILE, part('form-data; name="title"', b"\xff")),
    "metadata that is no JSON": form(FILE, part('form-data; name="metadata"', b"a=b")),
    "metadata that is no UTF-8": form(FILE, part('form-data; name="metadata"', b'{"a":"\xff"}')),
    "nested metadata": form(FILE, part('form-data; name="metadata"', b"[" * 100_000)),
    "empty metadata": form(FILE, part('form-data; name="metadata"', b"")),
    "too many parts": form(*[part(f'form-data; name="p{n}"', b"") for n in range(100)]),
    "a long header": form(part(f'form-data; name="{"n" * 9000}"', b"")),
}

WRONG = {
    "no file": form(part('form-data; name="title"', b"Godwits")),
    "two files": form(FILE, FILE),
    "an unknown part": form(FILE, part('form-data; name="titel"', b"Godwits")),
    "a part without a name": form(FILE, part("form-data", b"Godwits")),
    "a number in metadata": form(FILE, part('form-data; name="metadata"', b'{"a": 1}')),
    "metadata that is a list": form(FILE, part('form-data; name="metadata"', b"[]")),
    "metadata with NUL": form(FILE, part('form-data; name="metadata"', rb'{"a": "\u0000"}')),
    "metadata with half a pair": form(
        FILE, part('form-data; name="metadata"', rb'{"a": "\ud800"}')
    ),
    "a title with NUL": form(FILE, part('form-data; name="title"', b"a\0b")),
    "an empty file": form(part('form-data; name="file"; filename="a.txt"', b"")),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_malformed_forms_are_400(shared: httpx.Client, body: bytes) -> None:
    problem(shared.post("/v1/documents", content=body, headers=FORM), 400)


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_wrong_forms_are_422(shared: httpx.Client, body: bytes) -> None:
    problem(shared.post("/v1/documents", content=body, headers=FORM), 422)


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=ü", f"; boundary={'b' * 300}"])
def test_a_form_needs_its_boundary(shared: httpx.Client, boundary: str) -> None:
    headers = {b"Content-Type": f"multipart/form-data{boundary}".encode()}
    problem(shared.post("/v1/documents", content=form(FILE), headers=headers), 400)


def test_a_file_part_need_not_have_a_name(shared: httpx.Client) -> None:
    body = form(part('form-data; name="file"', b"A nameless article."))
    response = shared.post("/v1/documents", content=body, headers=FORM)
    assert (response.status_code, response.json()["name"]) == (201, "upload")


def test_a_charset_that_does_not_exist_harms_nothing(shared: httpx.Client) -> None:
    disposition = 'form-data; name="file"; filename="a.txt"'
    body = form(
        part(disposition, b"A strange article.", "Content-Type: text/plain; charset=klingon")
    )
    assert shared.post("/v1/documents", content=body, headers=FORM).status_code in {201, 422}


@given(content=st.binary(max_size=200), disposition=st.text(max_size=60))
def test_no_form_is_a_500(shared: httpx.Client, content: bytes, disposition: str) -> None:
    bodies = (
        form(part(disposition, content)),
        form(part('form-data; name="file"', content), part('form-data; name="metadata"', content)),
        f"--{BOUNDARY}\r\n".encode() + content,
    )
    for body in bodies:
        response = shared.post("/v1/documents", content=body, headers=FORM)
        assert response.status_code in {200, 201, 400, 413, 415, 422}
        assert response.status_code < 400 or json.loads(response.content)["detail"]
