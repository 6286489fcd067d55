"""A file that is not exactly what was saved is not used, whatever happened to it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vector_file import Identity, load, save
from index.vectors import VectorIndex

IDENTITY = Identity(generation=7, token="ab12", fingerprint="fake-1", dimension=4)


def small() -> VectorIndex:
    index = VectorIndex(4)
    index.add(np.array([1, 2, 3]), np.eye(3, 4, dtype=np.float32))
    return index


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vectors") / "vectors.faiss"
    save(path, small(), IDENTITY)
    return path


def test_what_was_saved_is_loaded(saved: Path) -> None:
    index = load(saved, IDENTITY)
    assert index is not None
    query = np.array([0, 1, 0, 0], dtype=np.float32)
    assert index.search(query, limit=3) == small().search(query, limit=3)


@pytest.mark.parametrize(
    "other",
    [
        replace(IDENTITY, generation=8),
        replace(IDENTITY, token="cd34"),
        replace(IDENTITY, fingerprint="fake-2"),
        replace(IDENTITY, dimension=8),
    ],
)
def test_another_state_or_embedder_is_not_loaded(saved: Path, other: Identity) -> None:
    assert load(saved, other) is None


def test_a_missing_file_and_a_folder_are_not_loaded(tmp_path: Path) -> None:
    assert load(tmp_path / "none", IDENTITY) is None
    assert load(tmp_path, IDENTITY) is None


@given(data=st.data())
def test_a_changed_file_is_not_loaded(saved: Path, data: st.DataObject) -> None:
    whole = saved.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    match data.draw(st.sampled_from(["flip", "cut", "zero", "longer"])):
        case "flip":
            flipped = whole[place] ^ (1 << data.draw(st.integers(0, 7)))
            changed = whole[:place] + bytes([flipped]) + whole[place + 1 :]
        case "cut":
            changed = whole[:place]
        case "zero":
            changed = whole[:place] + bytes(len(whole) - place)
        case _:
            changed = whole + b"\0"
    if changed == whole:  # the end was zero already
        return
    path = saved.with_name("changed")
    path.write_bytes(changed)
    assert load(path, IDENTITY) is None
