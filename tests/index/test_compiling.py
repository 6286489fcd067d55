"""Any sentence-transformers model is compiled once, from the weights that are there now."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.embedding import CompiledEmbedder, Embedder, open_embedder
from index.errors import ModelError
from tests.index.builders import ROOT

pytestmark = pytest.mark.slow  # sentence-transformers takes seconds to import, exporting more

TEXTS = ["the whale came in to the harbour.", "ship north, salt", "timber?"]
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the whale came in to harbour ship north salt timber . , ?"
WIDTH, LENGTH = 64, 32


def saved(folder: Path, *, kind: str = "bert", pooling: str = "mean", seed: int = 0) -> Path:
    """A tiny model with random weights, saved as sentence-transformers saves its own."""
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    torch.manual_seed(seed)
    words = folder.parent / "vocab.txt"
    words.write_text("\n".join(WORDS.split()))
    config = {
        "bert": transformers.BertConfig,
        "mpnet": transformers.MPNetConfig,
    }[kind](
        vocab_size=len(WORDS.split()),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=LENGTH + 2,
    )
    inner = folder.parent / "inner"
    transformers.AutoModel.from_config(config).save_pretrained(inner)
    transformers.BertTokenizerFast(str(words)).save_pretrained(inner)
    layers = [
        modules.Transformer(str(inner), max_seq_length=LENGTH),
        modules.Pooling(WIDTH, pooling_mode=pooling),
    ]
    SentenceTransformer(modules=layers, device="cpu").save(str(folder))
    shutil.rmtree(inner)
    return folder


def original(folder: Path, texts: Sequence[str]) -> NDArray[np.float32]:
    from sentence_transformers import SentenceTransformer

    found = SentenceTransformer(str(folder), device="cpu").encode(
        list(texts), normalize_embeddings=True
    )
    assert isinstance(found, np.ndarray)
    return found


def opened(name: str, cache: Path) -> CompiledEmbedder:
    return open_embedder(name, cache=cache, threads=1)


def check_agrees(embedder: Embedder, folder: Path) -> None:
    cosines = (embedder.embed(TEXTS) * original(folder, TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.99


@pytest.mark.parametrize(
    ("kind", "pooling"), [("bert", "mean"), ("bert", "cls"), ("mpnet", "mean")]
)
def test_a_model_is_compiled_with_its_own_pooling(tmp_path: Path, kind: str, pooling: str) -> None:
    folder = saved(tmp_path / "model", kind=kind, pooling=pooling)
    embedder = opened(str(folder), tmp_path / "cache")
    assert (embedder.dimension, embedder.max_tokens) == (WIDTH, LENGTH)
    assert embedder.name == str(folder)
    check_agrees(embedder, folder)


def test_a_model_is_compiled_again_when_its_weights_change(tmp_path: Path) -> None:
    folder, cache = saved(tmp_path / "model"), tmp_path / "cache"
    first = opened(str(folder), cache)
    (made,) = cache.iterdir()
    before = (made / "manifest.json").stat().st_mtime_ns
    assert opened(str(folder), cache).fingerprint == first.fingerprint
    assert (made / "manifest.json").stat().st_mtime_ns == before

    shutil.rmtree(folder)
    saved(folder, seed=1)
    second = opened(str(folder), cache)
    assert second.fingerprint != first.fingerprint
    check_agrees(second, folder)
    assert list(cache.iterdir()) == [made]


def test_a_relative_path_means_the_model_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprints = set()
    for seed in (0, 1):
        place = tmp_path / str(seed)
        place.mkdir()
        saved(place / "model", seed=seed)
        monkeypatch.chdir(place)
        fingerprints.add(opened("model", tmp_path / "cache").fingerprint)
    assert len(fingerprints) == 2
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_two_processes_may_compile_at_once(tmp_path: Path) -> None:
    folder, cache = saved(tmp_path / "model"), tmp_path / "cache"
    program = (
        "import sys; from pathlib import Path; from index.embedding import open_embedder\n"
        "embedder = open_embedder(sys.argv[1], cache=Path(sys.argv[2]), threads=1)\n"
        "assert embedder.embed(['the whale']).shape == (1, 64)"
    )
    command = [sys.executable, "-c", program, str(folder), str(cache)]
    both = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    errors = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"no weights at all"])
def test_a_folder_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = saved(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="can't be loaded as a sentence-transformers model"):
        opened(str(folder), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_weights_without_their_configuration_are_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match="can't be loaded as a sentence-transformers model"):
        opened(str(folder), tmp_path / "cache")
