import io
import struct
import zipfile
from pathlib import Path

import pytest

from index.errors import SourceTooLarge, UnreadableSource
from index.formats import extract
from index.formats.archive import MOST_BYTES, MOST_MEMBERS, Archive, beside
from index.types import Source
from tests.index.files import docx, epub, paragraph, zipped

ENTITIES = "".join(
    f'<!ENTITY e{at} "{f"&e{at - 1};" * 10 if at else "herons "}">' for at in range(12)
)


def archive(data: bytes) -> Archive:
    return Archive(Source(data, "heron.zip"), kind="DOCX")


def test_members_are_read() -> None:
    found = archive(zipped({"a/b.xml": "<x>They came.</x>"}))
    assert "a/b.xml" in found
    assert found.xml("a/b.xml").text == "They came."
    with pytest.raises(UnreadableSource, match=r"a/c\.xml is missing"):
        found.read("a/c.xml")


def test_so_many_members_are_read_and_no_more() -> None:
    names = {str(at): "" for at in range(MOST_MEMBERS)}
    assert archive(zipped(names)).read("7") == b""
    with pytest.raises(SourceTooLarge, match=r"archive of 2,001 files; DOCX is read up to 2,000"):
        archive(zipped(names | {"more": ""}))


def test_what_unpacks_to_many_times_its_size_is_refused() -> None:
    with pytest.raises(SourceTooLarge, match="more than 100 times its size"):
        archive(zipped({"a": bytes(50_000_000)})).read("a")
    assert len(archive(zipped({"a": bytes(1_000_000)})).read("a")) == 1_000_000


def test_a_size_that_lies_is_not_believed() -> None:
    data = bytearray(zipped({"a": bytes(50_000_000)}))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rfind(mark) + place
        data[at : at + 4] = struct.pack("<I", 1_000)
    with pytest.raises((SourceTooLarge, UnreadableSource)):
        archive(bytes(data)).read("a")


def test_unpacked_bytes_are_counted_over_all_members() -> None:
    found = archive(zipped({"a": bytes(1_000_000)}))
    for _ in range(MOST_BYTES // 1_000_000):
        found.read("a")
    with pytest.raises(SourceTooLarge, match="more than 200,000,000 bytes"):
        found.read("a")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_bounded_too(method: int) -> None:
    with pytest.raises(SourceTooLarge):
        archive(zipped({"a": bytes(50_000_000)}, method=method)).read("a")


def test_overlapping_members_are_no_bomb() -> None:
    data = bytearray(zipped({f"{at:03}": bytes(900_000) if not at else b"" for at in range(99)}))
    at, entries = 0, []
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        entries.append(at)
        at += 4
    for entry in entries:  # each is said to be the first
        data[entry + 16 : entry + 28] = data[entries[0] + 16 : entries[0] + 28]
        data[entry + 42 : entry + 46] = bytes(4)
    found = archive(bytes(data))
    with pytest.raises(UnreadableSource):
        found.read("098")


def test_archives_within_it_are_not_opened() -> None:
    inner = b"They came."
    for _ in range(50):
        inner = zipped({"a.zip": inner})
    data = docx(paragraph("They came."), more={"word/embeddings/a.zip": inner})
    assert extract(Source(data, "a.docx")).text == "They came."


def test_entities_are_not_unfolded() -> None:
    bomb = f"<!DOCTYPE x [{ENTITIES}]><x a='y'>They &e11;came.</x>"
    attribute = f"<!DOCTYPE x [{ENTITIES}]><x a='&e11;'/>"
    for text in (bomb, attribute):
        with pytest.raises(UnreadableSource, match="no whole DOCX"):
            archive(zipped({"a.xml": text})).xml("a.xml")
    one = "<!DOCTYPE x [<!ENTITY e 'herons'>]><x>They &e; came.</x>"
    assert archive(zipped({"a.xml": one})).xml("a.xml").text == "They "


def test_files_that_entities_name_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for kind in ("", "% "):
        bomb = f'<!DOCTYPE x [<!ENTITY {kind}e SYSTEM "file://{secret}">]><x>&e;</x>'
        try:
            root = archive(zipped({"a.xml": bomb})).xml("a.xml")
        except UnreadableSource:
            continue
        assert "secret" not in "".join(map(str, root.itertext()))


def test_names_that_lead_outside_write_nothing_and_find_nothing(tmp_path: Path) -> None:
    odd = {f"../../{tmp_path.name}/a": "x", f"{tmp_path}/b": "x", "..\\..\\c": "x", "/etc/d": "x"}
    data = epub({"a.xhtml": "<p>They came.</p>"}, more=odd)
    assert extract(Source(data, "a.epub")).text.endswith("They came.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("base", "target", "member"),
    [
        ("word/document.xml", "styles.xml", "word/styles.xml"),
        ("word/document.xml", "/word/styles.xml", "word/styles.xml"),
        ("OPS/book.opf", "text/a%20b.xhtml#c", "OPS/text/a b.xhtml"),
        ("OPS/book.opf", "../a.xhtml", "a.xhtml"),
        ("", "word/document.xml", "word/document.xml"),
    ],
)
def test_members_are_named_from_where_they_are_named(base: str, target: str, member: str) -> None:
    assert beside(base, target) == member


def test_an_encrypted_member_is_said_to_be() -> None:
    data = bytearray(zipped({"a": "They came."}))
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.find(mark) + place] |= 1
    with pytest.raises(UnreadableSource, match="is encrypted"):
        archive(bytes(data)).read("a")


def test_no_archive_at_all_is_said_to_be_none() -> None:
    with pytest.raises(UnreadableSource, match=r"'heron\.zip' is no whole DOCX file"):
        archive(io.BytesIO(b"PK\x03\x04").getvalue())
