"""HTTPS: the certificate has to be the name's, though the connection is to a checked address."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import FetchFailed
from index.settings import IndexSettings
from index.types import Link
from index.web.fetcher import Fetcher
from tests.sites import PAGE, Internet, Site, page, site

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="makes its certificate with openssl")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of its own authority for example.org, with its key."""
    assert OPENSSL
    file = tmp_path / "example.pem"
    names = "subjectAltName=DNS:example.org"
    made = [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    made += ["-subj", "/CN=example.org", "-addext", names, "-keyout", str(file), "-out", "-"]
    done = subprocess.run(made, check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + done.stdout)
    return file


@pytest.fixture
def asked_for() -> list[str]:
    return []


@pytest.fixture
def web(certificate: Path, asked_for: list[str]) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _, name, __: asked_for.append(name)
    with site(tls=context) as found:
        found.pages["/"] = page()
        yield found


@pytest.fixture
def fetcher(web: Site) -> Fetcher:
    names = {"example.org": [["93.184.216.34"]], "www.example.org": [["93.184.216.34"]]}
    internet = Internet(web.port, names)
    return Fetcher(IndexSettings(), resolve=internet.resolve, backend=internet)


def test_the_name_is_asked_for_and_its_certificate_taken(
    fetcher: Fetcher,
    web: Site,
    certificate: Path,
    asked_for: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetcher.fetch(Link("https://example.org/")).data == PAGE
    assert set(asked_for) == {"example.org"}
    assert web.requests[-1][1]["Host"] == "example.org"


def test_a_certificate_of_another_name_or_of_nobody_known_is_refused(
    fetcher: Fetcher, web: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FetchFailed, match="certificate verify failed"):
        fetcher.fetch(Link("https://example.org/"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(FetchFailed, match=r"not valid for 'www\.example\.org'"):
        fetcher.fetch(Link("https://www.example.org/"))
    assert web.requests == []
