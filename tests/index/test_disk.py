"""Files are replaced whole or not at all, and kept space is given back."""

from pathlib import Path

import pytest

from index.disk import Reserve, make_folder, replace_file
from index.errors import StoreUnwritable


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_replacement_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").touch()
    with pytest.raises(OSError, match="irectory"):
        replace_file(tmp_path / "taken", b"data")
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_the_reserve_takes_its_space_and_gives_it_back(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", size=3_000_000)
    reserve.keep()
    assert (tmp_path / "reserve").stat().st_size == 3_000_000
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 3_000_000
    reserve.release()
    reserve.release()
    assert not list(tmp_path.iterdir())


def test_a_reserve_cut_short_is_filled_up(tmp_path: Path) -> None:
    (tmp_path / "reserve").write_bytes(b"short")
    Reserve(tmp_path / "reserve", size=10_000).keep()
    assert (tmp_path / "reserve").stat().st_size == 10_000


def test_folders_are_made_with_their_parents(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_file_where_a_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnwritable, match="file"):
        make_folder(tmp_path / "file" / "folder")
    with pytest.raises(StoreUnwritable, match="file"):
        make_folder(tmp_path / "file")
