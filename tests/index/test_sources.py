import os
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceTooLarge, UndecodableText, UnreadableSource
from index.sources import clean_name, read_path, read_stdin, read_text, read_upload, walk


def test_a_file_is_read_whole_under_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "heron.txt"
    file.write_bytes(b"\xef\xbb\xbfThey came.\r\n")
    source = read_path(file, max_bytes=100)
    assert (source.data, source.name) == (b"\xef\xbb\xbfThey came.\r\n", "heron.txt")


@pytest.mark.parametrize("name", ["missing.txt", "no/such/folder.txt", "nul\x00l.txt", "x" * 300])
def test_what_cannot_be_opened_is_unreadable_and_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableSource, match="can't be read"):
        read_path(tmp_path / name, max_bytes=100)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="is a folder"):
        read_path(tmp_path, max_bytes=100)


def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("x")
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(UnreadableSource, match="Permission denied"):
        read_path(file, max_bytes=100)


def test_the_limit_is_the_largest_size_that_is_read(tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_bytes(b"a" * 11)
    assert len(read_path(file, max_bytes=11).data) == 11
    with pytest.raises(SourceTooLarge, match=r"'long.txt' is larger than the 10 bytes"):
        read_path(file, max_bytes=10)
    with pytest.raises(SourceTooLarge):
        read_stdin(BytesIO(b"a" * 11), max_bytes=10)
    with pytest.raises(SourceTooLarge):
        read_upload(b"a" * 11, name="long.txt", media_type=None, max_bytes=10)


def test_standard_input_is_read_to_its_end() -> None:
    source = read_stdin(BytesIO(b"They came."), max_bytes=100)
    assert (source.data, source.name, source.media_type) == (b"They came.", "stdin", None)


def test_closed_standard_input_is_unreadable() -> None:
    closed = BytesIO()
    closed.close()
    with pytest.raises(UnreadableSource, match="standard input"):
        read_stdin(closed, max_bytes=100)


def test_a_text_becomes_its_utf_8() -> None:
    source = read_text("Héron 🦩", name="note", max_bytes=100)
    assert source.data.decode() == "Héron 🦩"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UndecodableText, match=r"U\+D83E\) at character 1"):
        read_text("a\ud83e", name="note", max_bytes=100)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\heron.txt", "heron.txt"),
        ("heron\x00\x1b[31m.txt", "heron[31m.txt"),
        ("heron\u202etxt.exe", "herontxt.exe"),
        ("  a \n b.txt ", "a b.txt"),
        ("..", "unnamed"),
        ("folder/", "folder"),
        ("", "unnamed"),
        ("Reiher – März.md", "Reiher – März.md"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
    ],
)
def test_a_name_keeps_its_last_part_and_nothing_that_is_not_seen(given: str, kept: str) -> None:
    assert clean_name(given) == kept
    assert read_upload(b"x", name=given, media_type=None, max_bytes=9).name == kept


@given(st.text())
def test_no_name_holds_a_folder_or_a_control_character(name: str) -> None:
    kept = clean_name(name)
    assert kept.strip() == kept != ""
    assert not {"/", "\\", "\n", "\x00"} & set(kept)
    assert kept not in (".", "..")


def test_a_folder_gives_its_readable_files_in_order(tmp_path: Path) -> None:
    names = ["b.md", "a.TXT", "sub/c.html", "sub/image.png", ".hidden.txt", ".git/d.txt", "~$e.txt"]
    for name in names:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("x")
    (tmp_path / "pipe.txt").symlink_to(tmp_path / "nowhere")
    found = [path.relative_to(tmp_path).as_posix() for path in walk(tmp_path)]
    assert found == ["a.TXT", "b.md", "sub/c.html"]


def test_a_file_is_given_as_it_is_and_a_missing_one_is_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "image.png"
    file.write_text("x")
    assert list(walk(file)) == [file]
    with pytest.raises(UnreadableSource, match="does not exist"):
        list(walk(tmp_path / "missing"))
