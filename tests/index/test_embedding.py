"""The compiled embedder says what sentence-transformers says, and says clearly when it can't."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.embedding import (
    DEFAULT_MODEL,
    CompiledEmbedder,
    Embedder,
    compile_embedder,
    model_path,
    open_embedder,
)
from index.errors import ModelError
from index.settings import IndexSettings
from tests.index.builders import ROOT

CACHE = IndexSettings().cache
TEXTS = [
    "The grey whale came into the harbour in the morning.",
    "A large sea animal was seen in the port at dawn.",
    "Two ships left for the north that evening, carrying salt and timber.",
    "In 1911 the town council voted eleven to four for a new bridge.",
    "Who wrote this, and when?",
    "Die Brücke über den Fluss wurde im Mai eröffnet.",
    "東京タワーは1958年に完成した。",
    "The committee met again in October. " * 30,
]
ODD = [
    "",
    " ",
    "\n\t",
    "\0",
    "🙂",
    "e\u0301" * 50,
    "a" * 100_000,
    "x " * 20_000,
    "שלום",
    "[MASK] [SEP]",
]


@pytest.fixture(scope="module")
def embedder() -> CompiledEmbedder:
    """The default, from the folder that Pincite itself uses; compiled there if need be."""
    return open_embedder(DEFAULT_MODEL, cache=CACHE, threads=2)


@pytest.fixture
def compiled(embedder: CompiledEmbedder, tmp_path: Path) -> Path:
    """A copy of the default's compiled form, to be damaged."""
    (folder,) = CACHE.glob(f"{DEFAULT_MODEL}-*")
    return Path(shutil.copytree(folder, tmp_path / "compiled"))


def cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = (one * other).sum(axis=1)
    return found


# Vectors


def test_vectors_are_unit_rows_of_the_dimension_stated(embedder: Embedder) -> None:
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimension) == (len(TEXTS), 384)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


@pytest.mark.parametrize("text", ODD, ids=[f"{text[:8]!r}" for text in ODD])
def test_any_text_has_a_vector(embedder: Embedder, text: str) -> None:
    (row,) = embedder.embed([text])
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)
    assert embedder.count(text) >= 2


def test_texts_of_one_meaning_are_closest(embedder: Embedder) -> None:
    rows = embedder.embed(TEXTS[:5])
    closeness = rows @ rows[0]
    assert np.argsort(-closeness)[:2].tolist() == [0, 1]
    assert closeness[1] > closeness[2:].max() + 0.1


def test_a_vector_hardly_depends_on_order_and_neighbours(embedder: Embedder) -> None:
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    together = embedder.embed(TEXTS)
    reverse = embedder.embed(TEXTS[::-1])[::-1]
    crowded = embedder.embed([*TEXTS, *("word " * length for length in range(1, 60))])
    for rows in (together, reverse, crowded[: len(TEXTS)]):
        assert np.abs(rows - alone).max() < 1e-2


def test_the_same_texts_give_the_same_vectors(embedder: Embedder) -> None:
    assert (embedder.embed(TEXTS) == embedder.embed(TEXTS)).all()


def test_many_threads_get_what_one_gets(embedder: Embedder) -> None:
    expected, start = [embedder.embed([text]) for text in TEXTS], threading.Barrier(4)

    def embed(_: int) -> bool:
        start.wait()
        return all(
            (embedder.embed([text]) == rows).all()
            for text, rows in zip(TEXTS * 3, expected * 3, strict=True)
        )

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(embed, range(4)))


def test_what_is_over_the_length_is_not_read(embedder: Embedder) -> None:
    words = ["whale"] * (embedder.max_tokens - 2)
    full = " ".join(words)
    assert embedder.count(full) == embedder.max_tokens == 256
    assert embedder.count(full + " ships") == 257
    (row, longer) = embedder.embed([full, full + " ships" * 50])
    assert np.abs(row - longer).max() < 1e-2
    (shorter,) = embedder.embed([" ".join([*words[:-100], *["ships"] * 100])])
    assert np.abs(row - shorter).max() > 2e-2


@pytest.mark.slow
def test_it_agrees_with_sentence_transformers(embedder: Embedder) -> None:
    from sentence_transformers import SentenceTransformer  # seconds to import

    original = SentenceTransformer(str(model_path(DEFAULT_MODEL)), device="cpu")
    expected = original.encode(TEXTS, normalize_embeddings=True)
    found = embedder.embed(TEXTS)
    assert cosines(found, expected).min() >= 0.99
    assert nearest(found) == nearest(expected)
    # Of the shortest texts little is averaged, so that what 8 bits lose shows most.
    brief = ["No.", "When?", "1911", "Staff writer"]
    expected = original.encode(brief, normalize_embeddings=True)
    assert cosines(embedder.embed(brief), expected).min() >= 0.97
    for text in TEXTS[:-1]:
        assert embedder.count(text) == len(original.tokenizer(text)["input_ids"])


def nearest(rows: NDArray[np.float32]) -> list[int]:
    """For each row the place of the closest other one."""
    closeness = rows @ rows.T
    np.fill_diagonal(closeness, -1)
    places: list[int] = closeness.argmax(axis=1).tolist()
    return places


# Without torch


def test_embedding_from_the_cache_imports_no_torch(embedder: Embedder) -> None:
    program = f"""
import sys
from pathlib import Path
from index.embedding import open_embedder
embedder = open_embedder({DEFAULT_MODEL!r}, cache=Path({str(CACHE)!r}), threads=1)
assert embedder.embed(["The whale came."]).shape == (1, 384)
heavy = {{"torch", "transformers", "sentence_transformers", "onnx"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# What is not whole


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def replace_manifest(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "unknown": 1}))


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("model.onnx", flip),
        ("model.onnx", cut),
        ("model.onnx", Path.unlink),
        ("tokenizer.json", flip),
        ("tokenizer.json", cut),
        ("tokenizer.json", Path.unlink),
        ("manifest.json", cut),
        ("manifest.json", replace_manifest),
        ("manifest.json", Path.unlink),
    ],
)
def test_a_damaged_compiled_form_is_refused(
    compiled: Path, file: str, damage: Callable[[Path], None]
) -> None:
    damage(compiled / file)
    with pytest.raises(ModelError, match=r"compiled embedder in .*delete the folder"):
        CompiledEmbedder(compiled, threads=1)


def test_a_damaged_form_in_the_cache_is_reported_and_not_used(compiled: Path) -> None:
    cache = compiled.parent
    (original,) = CACHE.glob(f"{DEFAULT_MODEL}-*")
    compiled.rename(cache / original.name)
    assert open_embedder(DEFAULT_MODEL, cache=cache, threads=1).dimension == 384
    flip(cache / original.name / "model.onnx")
    with pytest.raises(ModelError, match="delete the folder"):
        open_embedder(DEFAULT_MODEL, cache=cache, threads=1)


# What can't be compiled


@pytest.mark.parametrize("name", ["no-such-model", "sentence-transformers/x", "/no/folder"])
def test_an_unknown_name_says_what_to_give(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=f"give {DEFAULT_MODEL} or the folder"):
        open_embedder(name, cache=tmp_path, threads=1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_weights_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.safetensors; give the folder"):
        open_embedder(str(tmp_path), cache=tmp_path / "cache", threads=1)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_can_not_be_written_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for cache in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(ModelError, match="PINCITE_CACHE"):
            open_embedder(DEFAULT_MODEL, cache=cache, threads=1)


def test_only_the_pinned_weights_are_compiled(tmp_path: Path) -> None:
    changed = Path(shutil.copytree(model_path(DEFAULT_MODEL), tmp_path / "changed"))
    flip(changed / "model.safetensors")
    with pytest.raises(ModelError, match=r"not the pinned ones \(SHA-256 \w+\); reinstall"):
        compile_embedder(DEFAULT_MODEL, tmp_path / "cache" / "model", source=changed)
    assert not (tmp_path / "cache").exists()


def test_the_default_is_the_package_whatever_lies_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DEFAULT_MODEL).mkdir()
    (tmp_path / DEFAULT_MODEL / "model.safetensors").touch()
    monkeypatch.chdir(tmp_path)
    assert model_path(DEFAULT_MODEL).is_absolute()
    assert not model_path(DEFAULT_MODEL).is_relative_to(tmp_path)
