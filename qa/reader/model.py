"""The reader's network: a question and passages in, logits out."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.errors import ModelError
from index.inference import CompiledModel, Encoded
from qa.errors import WeightsError
from qa.reader.decode import Reading

WEIGHTS = Path(__file__).parent / "weights"
MAX_TOKENS = 512
"""The positions the network has: question, passage and three special tokens."""
_MAX_QUESTION_TOKENS = 128
_BLANK_LINE = re.compile(r"\n[^\S\n]*\r?\n")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)+")


class Reader(Protocol):
    """Reads passages with a question."""

    fingerprint: str

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One reading a passage, in order."""
        ...


@dataclass(frozen=True, slots=True)
class WeightsManifest:
    """What the weights are: their files' SHA-256, and where they came from."""

    model_sha256: str
    tokenizer_sha256: str
    trained: str
    source: str


class SpanReader:
    """The shipped reader: int8 ONNX weights, run by OpenVINO."""

    def __init__(
        self, weights: Path = WEIGHTS, *, threads: int = 2, cache: Path | None = None
    ) -> None:
        """Load a weights folder. Raises WeightsError where it is missing or changed."""
        try:
            manifest = WeightsManifest(**json.loads((weights / "manifest.json").read_text()))
            digest = _checked(weights / "reader.onnx", manifest.model_sha256)
            _checked(weights / "tokenizer.json", manifest.tokenizer_sha256)
            self._tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
        except (OSError, ValueError, TypeError) as error:
            raise WeightsError(
                f"the reader's weights in {weights} can't be read ({error}); reinstall Pincite"
            ) from error
        self.fingerprint = digest
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        try:
            self._model = CompiledModel(weights / "reader.onnx", threads=threads, cache=cache)
        except ModelError as error:
            raise WeightsError(str(error)) from error

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One reading a passage, in order, from one sorted batch.

        What is over the network's length is not read: passages are built to fit, and a
        question beyond 128 tokens is cut.
        """
        asked = self._tokenizer.encode(question, add_special_tokens=False)
        asked.truncate(_MAX_QUESTION_TOKENS)
        head = [101, *asked.ids, 102]
        encodings = self._tokenizer.encode_batch(list(passages), add_special_tokens=False)
        for encoding in encodings:
            encoding.truncate(MAX_TOKENS - len(head) - 1)
        inputs = [
            Encoded(
                [*head, *encoding.ids, 102],
                [0] * len(head) + [1] * (len(encoding.ids) + 1),
            )
            for encoding in encodings
        ]
        outputs = self._model.run(inputs, per_token=True)
        return [
            _reading(passage, encoding, (start, end))
            for passage, encoding, (start, end) in zip(passages, encodings, outputs, strict=True)
        ]


def _checked(path: Path, expected: str) -> str:
    """The file's SHA-256. Raises WeightsError where it is not the one expected."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != expected:
        raise WeightsError(
            f"{path} is not the file its manifest names (SHA-256 {digest}); reinstall Pincite"
        )
    return digest


def _reading(
    passage: str, encoding: Encoding, logits: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> Reading:
    start, end = logits
    offsets = np.zeros((len(start), 2), np.int32)
    words = np.full(len(start), -1, np.int32)
    paragraphs = np.full(len(start), -1, np.int32)
    tokens = len(encoding.ids)
    if tokens:
        own = slice(len(start) - 1 - tokens, len(start) - 1)
        offsets[own] = encoding.offsets
        words[own] = _words(passage, encoding)
        breaks = [match.start() for match in _BLANK_LINE.finditer(passage)]
        paragraphs[own] = np.searchsorted(breaks, offsets[own, 0])
    return Reading(start, end, offsets, words, paragraphs)


def _words(passage: str, encoding: Encoding) -> list[int]:
    """The number of each token's word; a number written with marks (3.4, 10:30) is one word.

    BERT's tokenizer parts "3.4" into three words, and a quote of "3" would be wrong.
    """
    words = [-1 if word is None else word for word in encoding.word_ids]
    for match in _NUMBER.finditer(passage):
        inside = [
            i
            for i, (start, end) in enumerate(encoding.offsets)
            if start >= match.start() and end <= match.end()
        ]
        for i in inside:
            words[i] = words[inside[0]]
    return words
