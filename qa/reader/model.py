"""The reader's network: a question and passages in, logits out."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import regex
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.disk import sha256_of
from index.errors import ModelError
from index.inference import CompiledModel, Encoded
from qa.errors import WeightsError
from qa.reader.decode import Reading

WEIGHTS = Path(__file__).parent / "weights"
MAX_TOKENS = 512
"""The positions the network has: question, passage and three special tokens."""
_MAX_QUESTION_TOKENS = 128
_CLS, _SEP = 101, 102  # the marks that BERT's vocabulary sets around question and passage
_BLANK_LINE = re.compile(r"\n[^\S\n]*\r?\n")
_MARKS = r"[\p{M}\u200d\U000e0020-\U000e007f]"  # the last are the letters of a flag's region
_WHOLE = regex.compile(rf"\d+(?:[.,:．，：٫٬]\d+)+{_MARKS}*|\S{_MARKS}+")
"""What BERT's tokenizer takes apart: a number with marks in it, a letter with marks on it."""


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
        manifest = read_manifest(weights)
        try:
            digest = _checked(weights / "reader.onnx", manifest.model_sha256)
            _checked(weights / "tokenizer.json", manifest.tokenizer_sha256)
            self._tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
        except (OSError, ValueError, TypeError) as error:
            raise _unreadable(weights, error) from error
        self.fingerprint = digest
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        # "[SEP]" in an article is five letters, not the network's own mark.
        self._tokenizer.encode_special_tokens = True
        try:
            self._model = CompiledModel(
                weights / "reader.onnx", threads=threads, cache=cache, sha256=digest
            )
        except ModelError as error:
            raise WeightsError(str(error)) from error

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One reading a passage, in order, from one sorted batch.

        What is over the network's length is not read: passages are built to fit, and a
        question beyond 128 tokens is cut.
        """
        asked = self._tokenizer.encode(question, add_special_tokens=False)
        asked.truncate(_MAX_QUESTION_TOKENS)
        head = [_CLS, *asked.ids, _SEP]
        encodings = self._tokenizer.encode_batch(list(passages), add_special_tokens=False)
        bodies = [encoding.ids[: MAX_TOKENS - len(head) - 1] for encoding in encodings]
        inputs = [
            Encoded([*head, *body, _SEP], [0] * len(head) + [1] * (len(body) + 1))
            for body in bodies
        ]
        outputs = self._model.run(inputs, per_token=True)
        return [
            _reading(passage, encoding, len(head), (start, end))
            for passage, encoding, (start, end) in zip(passages, encodings, outputs, strict=True)
        ]


def read_manifest(weights: Path) -> WeightsManifest:
    """What a weights folder says of its files, which are not looked at. Raises WeightsError."""
    try:
        return WeightsManifest(**json.loads((weights / "manifest.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(weights, error) from error


def _unreadable(weights: Path, error: Exception) -> WeightsError:
    return WeightsError(
        f"the reader's weights in {weights} can't be read ({error}); reinstall Pincite"
    )


def _checked(path: Path, expected: str) -> str:
    """The file's SHA-256. Raises WeightsError where it is not the one expected."""
    digest = sha256_of(path)
    if digest != expected:
        raise WeightsError(
            f"{path} is not the file its manifest names (SHA-256 {digest}); reinstall Pincite"
        )
    return digest


def _reading(
    passage: str,
    encoding: Encoding,
    before: int,
    logits: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> Reading:
    """The logits with what they are of: ``before`` tokens, the passage's, and one more."""
    start, end = logits
    offsets = np.zeros((len(start), 2), np.int32)
    words = np.full(len(start), -1, np.int32)
    paragraphs = np.full(len(start), -1, np.int32)
    if encoding.ids:
        own = slice(before, len(start) - 1)
        tokens = len(start) - 1 - before
        ranges, numbers = np.array(encoding.offsets, np.int32), np.array(encoding.word_ids)
        _keep_whole(passage, ranges, numbers)
        if tokens < len(numbers):  # the word at the network's limit is not read to its end
            numbers[numbers == numbers[tokens]] = -1
        offsets[own], words[own] = ranges[:tokens], numbers[:tokens]
        breaks = [match.start() for match in _BLANK_LINE.finditer(passage)]
        paragraphs[own] = np.searchsorted(breaks, offsets[own, 0])
    return Reading(start, end, offsets, words, paragraphs)


def _keep_whole(passage: str, ranges: NDArray[np.int32], words: NDArray[np.int64]) -> None:
    """Make one word of what BERT's tokenizer parts, and give it back the marks it drops.

    "£3.4bn" comes as three words, of which a quote of one would be wrong, and "é" written as
    two characters loses its accent. Changes the tokens' ``ranges`` and ``words``.
    """
    for match in _WHOLE.finditer(passage):
        touched = np.flatnonzero((ranges[:, 0] < match.end()) & (ranges[:, 1] > match.start()))
        if touched.size:
            first, last = words[touched[0]], words[touched[-1]]
            words[(first <= words) & (words <= last)] = first
            ranges[touched[-1], 1] = max(ranges[touched[-1], 1], match.end())
